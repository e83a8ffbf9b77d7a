"""REST over real sockets on this machine: how each way of failing is told."""

import asyncio
import socket
import time
from contextlib import asynccontextmanager
from urllib.parse import parse_qsl

import pytest
from aiohttp import web

from tui.binance.errors import Outcome, OutcomeUnknownError, RateLimitedError, RefusedError
from tui.binance.http import Call, RestTransport, Retries
from tui.binance.limits import RateLimit, RateLimits
from tui.binance.signing import Credentials, HmacSigner

SECRET = "topsecret" * 8
KEY = "apikey0123456789"
PLACE = Call("POST", "/order", weight=1, signed=True, is_order=True)
READ = Call("GET", "/order", weight=1, signed=True)
CANCEL = Call("DELETE", "/order", weight=1, signed=True, is_cancel=True)


class Server:
    """Answers from a list, and remembers what was asked."""

    def __init__(self):
        self.answers = []
        self.asked = []
        self.clock_ahead_ms = 0
        self.times_asked = 0

    async def handle(self, request):
        if request.path == "/time":
            self.times_asked += 1
            return web.json_response({"serverTime": time.time_ns() // 1_000_000 + self.clock_ahead_ms})
        self.asked.append((request.method, request.raw_path, dict(request.headers)))
        answer = self.answers.pop(0)
        if callable(answer):
            return await answer(request)
        return answer


@asynccontextmanager
async def serving(answer_s=5.0, credentials=True, time_path="/time", retries=None):
    server = Server()
    runner = web.ServerRunner(web.Server(server.handle, access_log=None))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]
    transport = RestTransport(
        f"http://127.0.0.1:{port}",
        time_path,
        RateLimits(6_000),
        Credentials(KEY, HmacSigner(SECRET)) if credentials else None,
        answer_s=answer_s,
        retries=retries,
    )
    try:
        yield server, transport
    finally:
        await transport.close()
        await runner.cleanup()


def error(status, code, text, **headers):
    return web.json_response({"code": code, "msg": text}, status=status, headers=headers)


async def test_signed_request_is_sent_exactly_as_signed():
    async with serving() as (server, transport):
        server.answers = [web.json_response({"ok": 1}, headers={"X-MBX-USED-WEIGHT-1M": "17"})]
        body = await transport.request(PLACE, {"symbol": "测试USDT", "note": "a b&c"})
        assert body == b'{"ok": 1}'
        method, raw_path, headers = server.asked[0]
        assert method == "POST"
        assert headers["X-MBX-APIKEY"] == KEY
        query = raw_path.partition("?")[2]
        payload, _, signature = query.rpartition("&signature=")
        assert signature == HmacSigner(SECRET).sign(payload)
        assert payload.startswith("symbol=%E6%B5%8B%E8%AF%95USDT&note=a%20b%26c&recvWindow=5000&timestamp=")
        assert transport.limits.used_weight(transport.clock.now_ms())[0] == 17
        assert transport.latency_ms is not None


async def test_clock_and_connection_are_ready_after_open():
    async with serving() as (server, transport):
        server.clock_ahead_ms = 90_000
        await transport.open()
        assert transport.clock.offset_ms == pytest.approx(90_000, abs=500)
        server.answers = [web.json_response({})]
        await transport.request(READ)
        sent = dict(parse_qsl(server.asked[0][1].partition("?")[2]))
        assert int(sent["timestamp"]) == pytest.approx(time.time() * 1000 + 90_000, abs=1_000)


@pytest.mark.parametrize(
    ("answer", "outcome", "code"),
    [
        (lambda: error(400, -2010, "no"), Outcome.REFUSED, -2010),
        (lambda: error(500, -1000, "?"), Outcome.UNKNOWN, -1000),
        (lambda: error(503, -1008, "busy"), Outcome.REFUSED, -1008),
        (lambda: error(400, -1007, "status unknown"), Outcome.UNKNOWN, -1007),
        (lambda: web.Response(status=502, text="<html>secret page</html>"), Outcome.UNKNOWN, None),
        (lambda: web.Response(status=410, text="<html>Gone</html>", content_type="text/html"), Outcome.REFUSED, None),
        (lambda: web.Response(status=302, headers={"Location": "http://127.0.0.1:1/"}), Outcome.UNKNOWN, None),
    ],
)
async def test_error_answers(answer, outcome, code):
    async with serving() as (server, transport):
        server.answers = [answer()]
        with pytest.raises((RefusedError, OutcomeUnknownError)) as caught:
            await transport.request(PLACE)
        assert (caught.value.outcome, caught.value.code) == (outcome, code)
        assert "<" not in caught.value.text
        assert len(server.asked) == 1


async def test_no_answer_in_time_is_unknown():
    async with serving(answer_s=0.2) as (server, transport):
        released = asyncio.Event()

        async def hang(_request):
            await released.wait()
            return web.json_response({})

        server.answers = [hang]
        with pytest.raises(OutcomeUnknownError, match="no answer in time"):
            await transport.request(PLACE)
        released.set()


async def test_a_cut_after_sending_is_unknown_and_an_order_is_never_sent_twice():
    async with serving() as (server, transport):

        async def cut(request):
            request.transport.abort()
            return web.Response()

        # The first request leaves a warm connection: exactly there a library might send again by itself.
        server.answers = [web.json_response({}), cut, cut]
        await transport.request(READ)
        with pytest.raises(OutcomeUnknownError, match="connection lost"):
            await transport.request(PLACE)
        assert [asked[0] for asked in server.asked] == ["GET", "POST"]


async def test_a_cut_in_the_middle_of_the_answer_is_unknown():
    async with serving() as (server, transport):

        async def half(request):
            response = web.StreamResponse(headers={"Content-Length": "1000"})
            await response.prepare(request)
            await response.write(b'{"orderId"')
            request.transport.abort()
            return response

        server.answers = [half]
        with pytest.raises(OutcomeUnknownError):
            await transport.request(PLACE)


async def test_an_order_waited_for_a_connection_while_a_long_answer_had_the_only_one(monkeypatch):
    monkeypatch.setattr("tui.binance.http._KEEP_WARM_S", 0.005)
    async with serving() as (server, transport):
        let_go, peers = asyncio.Event(), []

        async def long_answer(request):
            peers.append(request.transport.get_extra_info("peername"))
            await let_go.wait()
            return web.json_response({})

        await transport.open()
        connector = transport._session._session.connector
        await until(lambda: server.times_asked >= 9 and not connector._acquired)
        transport._warmth.cancel()  # between two rounds, so that no connection goes with it
        kept = {idle.transport.get_extra_info("sockname") for held in connector._conns.values() for idle, _ in held}
        server.answers = [long_answer, long_answer]
        reading, placing = (asyncio.ensure_future(transport.request(call)) for call in (READ, PLACE))
        await until(lambda: len(server.asked) == 2)
        let_go.set()
        await asyncio.gather(reading, placing)
        assert set(peers) == kept


async def test_nobody_listening_is_refused():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    transport = RestTransport(
        f"http://127.0.0.1:{port}", "/time", RateLimits(100), Credentials(KEY, HmacSigner(SECRET))
    )
    with pytest.raises(RefusedError, match="no connection"):
        await transport.request(PLACE)
    await transport.close()


async def test_a_wrong_clock_is_measured_and_a_read_repeated_once():
    async with serving() as (server, transport):
        server.clock_ahead_ms = 60_000
        server.answers = [error(400, -1021, "outside of the recvWindow"), web.json_response({"x": 1})]
        assert await transport.request(READ) == b'{"x": 1}'
        assert transport.clock.offset_ms == pytest.approx(60_000, abs=500)
        assert len(server.asked) == 2
        server.answers = [error(400, -1021, "outside"), error(400, -1021, "outside")]
        with pytest.raises(RefusedError):
            await transport.request(READ)
        assert len(server.asked) == 4


async def test_a_wrong_clock_is_measured_but_an_order_never_repeated():
    async with serving() as (server, transport):
        server.clock_ahead_ms = 60_000
        server.answers = [error(400, -1021, "outside of the recvWindow")]
        with pytest.raises(RefusedError) as caught:
            await transport.request(PLACE)
        assert caught.value.code == -1021
        assert len(server.asked) == 1
        assert transport.clock.offset_ms == pytest.approx(60_000, abs=500)


async def test_a_wrong_clock_does_not_lose_a_cancel():
    async with serving() as (server, transport):
        server.clock_ahead_ms = -60_000
        server.answers = [error(400, -1021, "1000ms ahead of the server's time"), web.json_response({})]
        await transport.request(CANCEL)
        assert transport.clock.offset_ms == pytest.approx(-60_000, abs=500)


QUICK = Retries(most=3, first_s=0.01, longest_s=2.0)


@pytest.mark.parametrize(
    ("call", "answer", "tries"),
    [
        (READ, lambda: error(500, -1000, "?"), 4),
        (READ, lambda: error(503, None, "Service Unavailable."), 4),
        (CANCEL, lambda: error(408, -1007, "status unknown"), 4),
        (CANCEL, lambda: error(503, -1008, "busy"), 4),
        (CANCEL, lambda: error(400, -2011, "Unknown order sent."), 1),
        (PLACE, lambda: error(503, -1008, "busy"), 4),
        (PLACE, lambda: error(503, 0, "Service Unavailable."), 4),
        (PLACE, lambda: error(400, -5028, "too old"), 4),
        (PLACE, lambda: error(503, 0, "Unknown error, please check your request or try again later."), 1),
        (PLACE, lambda: error(408, -1007, "status unknown"), 1),
        (PLACE, lambda: error(400, -2010, "insufficient balance"), 1),
        (PLACE, lambda: error(429, -1015, "Too many new orders", **{"Retry-After": "1"}), 1),
        (READ, lambda: error(400, -1022, "Signature"), 1),
        (READ, lambda: error(401, -2015, "Invalid API-key"), 1),
        (READ, lambda: web.Response(status=403, text="<html>no</html>"), 1),
        (Call("PUT", "/order", weight=1, signed=True, is_order=True), lambda: error(503, -1008, "busy"), 1),
    ],
)
async def test_only_what_certainly_did_nothing_or_may_be_asked_twice_is_tried_again(call, answer, tries):
    async with serving(retries=QUICK) as (server, transport):
        server.answers = [answer() for _ in range(6)]
        with pytest.raises((RefusedError, OutcomeUnknownError)):
            await transport.request(call)
        assert len(server.asked) == tries


async def test_a_try_after_a_limit_waits_for_its_end():
    async with serving(retries=QUICK) as (server, transport):
        server.answers = [error(429, -1003, "Too much", **{"Retry-After": "1"}), web.json_response({})]
        started = time.monotonic()
        await transport.request(PLACE)
        assert time.monotonic() - started >= 0.95
        server.answers = [error(429, -1003, "Too much", **{"Retry-After": "30"})]
        with pytest.raises(RateLimitedError):
            await transport.request(PLACE)


def test_pauses_double_up_to_the_longest_and_scatter():
    pauses = [Retries(9, 1.0, 10.0).pause_s(attempt) for attempt in range(8)]
    assert all(0.5 * bound <= pause <= bound for pause, bound in zip(pauses, [1, 2, 4, 8, 10, 10, 10, 10], strict=True))


async def test_a_ban_stops_the_product_and_says_until_when():
    async with serving() as (server, transport):
        until_ms = (time.time_ns() // 1_000_000 // 1000 + 120) * 1000
        text = f"Way too much request weight used; IP banned until {until_ms}. Please use WebSocket Streams"
        server.answers = [error(418, -1003, text)]
        with pytest.raises(RateLimitedError, match=r"until \d\d:\d\d:\d\d UTC") as caught:
            await transport.request(READ)
        assert caught.value.until_ms == pytest.approx(until_ms, abs=1_000)
        assert caught.value.code == -1003
        with pytest.raises(RateLimitedError, match="this address is banned until"):
            await transport.request(CANCEL)
        assert len(server.asked) == 1


async def test_the_firewall_stops_everything():
    async with serving() as (server, transport):
        server.answers = [web.Response(status=403, text="<html>blocked</html>")]
        with pytest.raises(RefusedError, match="firewall"):
            await transport.request(READ)
        with pytest.raises(RateLimitedError, match="firewall blocks this address until"):
            await transport.request(CANCEL)
        assert len(server.asked) == 1


async def test_the_past_waits_for_room_where_a_question_is_refused():
    async with serving() as (server, transport):
        server.answers = [web.json_response({}, headers={"X-MBX-USED-WEIGHT-1S": "60"}), web.json_response([])]
        transport.limits.configure([RateLimit("REQUEST_WEIGHT", "SECOND", 1, 60)])
        await transport.request(Call("GET", "/read", 1))
        with pytest.raises(RateLimitedError):
            await transport.request(Call("GET", "/read", 1))
        await transport.request(Call("GET", "/past", 1, is_history=True))
        assert [asked[1] for asked in server.asked] == ["/read", "/past"]


async def test_a_proxy_is_asked_for_every_host_but_this_machine():
    asked = asyncio.Queue()

    async def proxy(reader, writer):
        asked.put_nowait(await reader.readline())
        writer.write(b"HTTP/1.1 502 Bad Gateway\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(proxy, "127.0.0.1", 0)
    proxy_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    transport = RestTransport("https://api.example.invalid", "/time", RateLimits(100), proxy_url=proxy_url)
    with pytest.raises((RefusedError, OutcomeUnknownError)):
        await transport.request(Call("GET", "/depth", 1))
    assert await asked.get() == b"CONNECT api.example.invalid:443 HTTP/1.1\r\n"
    await transport.close()
    server.close()
    async with serving() as (own, direct):
        own.answers = [web.json_response([])]
        direct._proxy_url = RestTransport(direct._base_url, "/time", RateLimits(1), proxy_url=proxy_url)._proxy_url
        await direct.request(Call("GET", "/depth", 1))
        assert asked.empty()


async def test_the_proxy_of_the_environment_is_asked_but_not_for_hosts_it_leaves_out(monkeypatch):
    asked = asyncio.Queue()

    async def proxy(reader, writer):
        asked.put_nowait(await reader.readline())
        writer.write(b"HTTP/1.1 502 Bad Gateway\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(proxy, "127.0.0.1", 0)
    monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    monkeypatch.setenv("no_proxy", "left-out.invalid")
    for host in ("api.example.invalid", "left-out.invalid"):
        transport = RestTransport(f"https://{host}", "/time", RateLimits(100))
        with pytest.raises((RefusedError, OutcomeUnknownError)):
            await transport.request(Call("GET", "/depth", 1))
        await transport.close()
    assert asked.get_nowait() == b"CONNECT api.example.invalid:443 HTTP/1.1\r\n"
    assert asked.empty()
    server.close()


async def test_an_order_waited_for_the_netrc_file_and_took_a_password_along(monkeypatch, tmp_path):
    passwords = tmp_path / "netrc"
    passwords.write_text("machine 127.0.0.1 login trader password hunter2\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(passwords))
    monkeypatch.setattr("tui.binance.http_session.is_loopback", lambda url: False)  # as for an exchange far away
    async with serving() as (server, transport):
        server.answers = [web.json_response({}), web.json_response({})]
        await transport.request(PLACE)
        sending = transport.request(PLACE)
        sending.send(None)  # all that happens before it waits for the answer
        await until(lambda: len(server.asked) == 2)
        sending.close()
    assert all("Authorization" not in headers for _, _, headers in server.asked)


async def until(condition):
    """Wait until something becomes true."""
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.005)


async def test_too_many_requests_stop_all_sending_until_the_end():
    async with serving() as (server, transport):
        server.answers = [error(429, -1003, "Too much request weight used", **{"Retry-After": "30"})]
        with pytest.raises(RateLimitedError) as caught:
            await transport.request(READ)
        assert caught.value.until_ms == pytest.approx(time.time() * 1000 + 30_000, abs=2_000)
        with pytest.raises(RateLimitedError, match="not sent"):
            await transport.request(CANCEL)
        assert len(server.asked) == 1


async def test_too_many_orders_stop_no_cancel():
    async with serving() as (server, transport):
        server.answers = [error(429, -1015, "Too many new orders"), web.json_response({})]
        with pytest.raises(RateLimitedError):
            await transport.request(PLACE)
        await transport.request(CANCEL)
        assert len(server.asked) == 2


async def test_without_a_key_nothing_signed_is_sent():
    async with serving(credentials=False) as (server, transport):
        with pytest.raises(RefusedError, match="no API key"):
            await transport.request(READ)
        server.answers = [web.json_response([])]
        assert await transport.request(Call("GET", "/depth", weight=1), {"symbol": "X"}) == b"[]"
        assert "X-MBX-APIKEY" not in server.asked[0][2]


async def test_no_failure_shows_a_secret(caplog):
    caplog.set_level("DEBUG")
    async with serving(answer_s=0.2) as (server, transport):

        async def cut(request):
            request.transport.abort()
            return web.Response()

        async def hang(_request):
            await asyncio.sleep(0.5)
            return web.Response()

        server.answers = [error(400, -1022, "Signature for this request is not valid."), cut, hang]
        seen = []
        for _ in range(3):
            try:
                await transport.request(PLACE)
            except (RefusedError, OutcomeUnknownError) as failed:
                seen.append(f"{failed!r} {failed} {failed.__cause__} {failed.__suppress_context__}")
        assert len(seen) == 3
        text = " ".join(seen) + caplog.text
        assert SECRET not in text
        assert KEY not in text
        assert "signature=" not in text
        await asyncio.sleep(0.4)


async def test_an_address_that_is_no_binance_is_named():
    async with serving(time_path="/hello") as (server, transport):
        server.answers = [web.Response(text="hello")]
        with pytest.raises(RefusedError, match="is this a Binance address"):
            await transport.open()
