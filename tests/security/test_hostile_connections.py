"""Connections over real sockets on this machine: too much, too slow, elsewhere, or not proven to be who they say."""

import asyncio
import datetime
import gzip
import ipaddress
import ssl
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from websockets.asyncio.server import serve

from tui.binance import bounds
from tui.binance.client import LinkState
from tui.binance.environment import AddressError, ProductUrls
from tui.binance.errors import OutcomeUnknownError, RefusedError
from tui.binance.http import Call, RestTransport
from tui.binance.limits import RateLimits
from tui.binance.link import LinkTiming, SocketLink
from tui.binance.signing import Credentials, HmacSigner
from tui.domain.text import is_clean

HASTY = LinkTiming(
    ping_s=0.05, silence_s=0.4, backoff_first_s=0.01, backoff_longest_s=0.02, refused_s=0.02, tick_s=0.02
)
READ = Call("GET", "/read", weight=1)


class Link(SocketLink):
    """A link that remembers why it went down."""

    def __init__(self, url: str) -> None:
        super().__init__(HASTY)
        self._url = url
        self.down: asyncio.Queue[str] = asyncio.Queue()
        self.frames: list[bytes] = []

    async def address(self) -> str:
        return self._url

    async def opened(self, socket) -> None:
        self.live()

    def received(self, frame: bytes) -> None:
        self.frames.append(frame)

    def report(self, state: LinkState, detail: str) -> None:
        if state is LinkState.DOWN:
            self.down.put_nowait(detail)


async def why_down(url: str) -> tuple[str, Link]:
    link = Link(url)
    running = asyncio.create_task(link.run())
    try:
        return await asyncio.wait_for(link.down.get(), 5), link
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@asynccontextmanager
async def answering(handler, tls: ssl.SSLContext | None = None):
    runner = web.ServerRunner(web.Server(handler, access_log=None))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"
    finally:
        await runner.cleanup()


async def ask(base: str, call: Call = READ, credentials: Credentials | None = None) -> bytes:
    transport = RestTransport(base, "/time", RateLimits(6_000), credentials, answer_s=2.0)
    try:
        return await transport.request(call)
    finally:
        await transport.close()


@pytest.fixture
def self_signed(tmp_path: Path) -> ssl.SSLContext:
    key = generate_private_key(SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .sign(key, SHA256())
    )
    path = tmp_path / "server.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(private + certificate.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


async def test_a_certificate_that_nobody_vouches_for_is_refused_by_rest(self_signed: ssl.SSLContext) -> None:
    asked = []

    async def handle(request):
        asked.append(request.raw_path)
        return web.Response()

    async with answering(handle, self_signed) as base:
        with pytest.raises(RefusedError, match="certificate is not trusted"):
            await ask(base, Call("GET", "/read", 1, signed=True), Credentials("key", HmacSigner("secret")))
    assert not asked


async def test_a_certificate_that_nobody_vouches_for_is_refused_by_sockets(self_signed: ssl.SSLContext) -> None:
    async def handle(socket):
        await socket.send("hello")

    async with serve(handle, "127.0.0.1", 0, ssl=self_signed) as server:
        port = server.sockets[0].getsockname()[1]
        detail, link = await why_down(f"wss://127.0.0.1:{port}/ws/secretListenKey")
    assert "certificate is not trusted" in detail
    assert "secretListenKey" not in detail
    assert not link.frames


@pytest.mark.parametrize(
    "address",
    ["http://example.com", "ws://example.com", "http://10.0.0.1", "ftp://127.0.0.1", "https://u:p@example.com"],
)
def test_addresses_without_tls_are_for_this_machine_alone(address: str) -> None:
    with pytest.raises(AddressError) as refused:
        ProductUrls(address, address.replace("http", "ws"))
    assert "u:p" not in str(refused.value)


async def test_redirects_are_refusals() -> None:
    reached = []

    async def elsewhere(request):
        reached.append(request.raw_path)
        return web.Response(text="{}")

    async with answering(elsewhere) as other:

        async def handle(_request):
            return web.Response(status=302, headers={"Location": other + "/taken"})

        async with answering(handle) as base:
            with pytest.raises(OutcomeUnknownError):
                await ask(base)
            detail, _ = await why_down(base.replace("http", "ws"))
    assert detail == "refused with HTTP status 302"
    assert not reached


@pytest.mark.parametrize("packed", [False, True])
async def test_an_answer_without_end_is_cut_off(monkeypatch: pytest.MonkeyPatch, packed: bool) -> None:
    monkeypatch.setattr(bounds, "BODY_BYTES", 1 << 20)
    body = b" " * (8 << 20)

    async def handle(_request):
        headers = {"Content-Encoding": "gzip"} if packed else {}
        return web.Response(body=gzip.compress(body) if packed else body, headers=headers)

    async with answering(handle) as base:
        with pytest.raises(OutcomeUnknownError, match="larger than 1 MB"):
            await ask(base)


async def test_a_message_larger_than_any_ends_the_connection() -> None:
    async def handle(socket):
        await socket.send(b"x" * (bounds.FRAME_BYTES + 1))
        await socket.wait_closed()

    async with serve(handle, "127.0.0.1", 0, max_size=None) as server:
        port = server.sockets[0].getsockname()[1]
        detail, link = await why_down(f"ws://127.0.0.1:{port}")
    assert detail
    assert not link.frames


async def test_a_message_that_comes_byte_by_byte_is_silence() -> None:
    """Bytes of a frame that never ends are no sign of life."""

    async def handle(request):
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        request.transport.write(b"\x81\x7f\x00\x00\x00\x00\x00\x10\x00\x00")
        for _ in range(100):
            request.transport.write(b"x")
            await asyncio.sleep(0.02)
        return socket

    async with answering(handle) as base:
        detail, link = await why_down(base.replace("http", "ws"))
    assert "nothing heard" in detail
    assert not link.frames


async def test_what_a_closing_says_is_clean() -> None:
    async def handle(socket):
        await socket.close(1008, "\x1b]0;owned\x07 signature=" + "ab" * 20)

    async with serve(handle, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        detail, _ = await why_down(f"ws://127.0.0.1:{port}")
    assert is_clean(detail)
    assert "1008" in detail
    assert "abab" not in detail


@pytest.mark.parametrize(
    "headers",
    [
        {"X-MBX-USED-WEIGHT-1M": "9" * 5_000},
        {"X-MBX-USED-WEIGHT-" + "9" * 3_000 + "M": "5"},
        {f"X-MBX-USED-WEIGHT-{number}S": "1" for number in range(1, 60)},
        {"Retry-After": "9" * 5_000},
    ],
)
async def test_headers_of_any_size_are_no_harm(headers: dict[str, str]) -> None:
    async def handle(_request):
        return web.Response(status=429, text="{}", headers=headers)

    async with answering(handle) as base:
        with pytest.raises((RefusedError, OutcomeUnknownError)):
            await ask(base)


PLACE = Call("POST", "/order", 1, signed=True, is_order=True)
CANCEL = Call("DELETE", "/order", 1, signed=True, is_cancel=True)


@pytest.mark.parametrize("call", [PLACE, CANCEL])
async def test_the_last_line_of_a_read_only_session_signs_no_write(call: Call) -> None:
    asked = []

    async def handle(request):
        asked.append(request.method)
        return web.Response(text="{}")

    credentials = Credentials("key", HmacSigner("secret"))
    credentials.only_reads = True
    async with answering(handle) as base:
        with pytest.raises(RefusedError, match="read-only"):
            await ask(base, call, credentials)
        assert await ask(base, Call("GET", "/order", 1, signed=True), credentials) == b"{}"
    assert asked == ["GET"]


async def test_dropped_credentials_sign_nothing_until_restored() -> None:
    async def handle(request):
        return web.Response(text=request.query.get("signature", ""))

    credentials = Credentials("key", HmacSigner("secret"))
    signed = Call("GET", "/order", 1, signed=True)
    async with answering(handle) as base:
        credentials.drop()
        with pytest.raises(RefusedError, match="locked"):
            await ask(base, signed, credentials)
        credentials.restore(HmacSigner("secret"))
        assert len(await ask(base, signed, credentials)) == 64
