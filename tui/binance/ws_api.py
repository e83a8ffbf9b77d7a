"""WebSocket API: a session that carries the account's events (Binance spot API docs 2026-07-21, "WebSocket API").

`userDataStream.subscribe.signature` works with every type of key and needs no logon; events and answers share the
socket. There is no replay: after each reconnection the owner reconciles over REST.
"""

import asyncio
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import msgspec
from websockets.asyncio.client import ClientConnection

from tui.binance.client import LinkState
from tui.binance.clock import ServerClock
from tui.binance.errors import CLOCK_CODE, CREDENTIAL_CODES
from tui.binance.link import LinkRefusedError, LinkTiming, ReconnectNow, SocketLink
from tui.binance.signing import Credentials, sign_ws_parameters
from tui.domain.text import clean

_PATH = "/ws-api/v3"
_SUBSCRIBE_ID = "subscribe"
#: Longer than the ten seconds after which the exchange gives up itself.
_ANSWER_S = 12.0


class _Error(msgspec.Struct):
    code: int = 0
    msg: str = ""


class _Message(msgspec.Struct):
    """An answer (`id`, `status`) or an event (`event`)."""

    id: str | int | None = None
    status: int | None = None
    error: _Error | None = None
    event: msgspec.Raw = msgspec.Raw()


_MESSAGE = msgspec.json.Decoder(_Message)


def ws_api_url(base: str) -> str:
    """The address of the WebSocket API; its path is added where only the host is given."""
    return base if urlsplit(base).path not in ("", "/") else f"{base.rstrip('/')}{_PATH}"


class UserDataSession(SocketLink):
    """The account's events over the WebSocket API.

    `deliver` takes the bare event; `report_state` hears LIVE once the subscription stands.
    """

    def __init__(
        self,
        url: str,
        credentials: Credentials,
        clock: ServerClock,
        recv_window_ms: int,
        deliver: Callable[[msgspec.Raw], None],
        report_state: Callable[[LinkState, str], None],
        measure_clock: Callable[[], Awaitable[None]],
        timing: LinkTiming,
    ) -> None:
        super().__init__(timing)
        self._url = ws_api_url(url)
        self._credentials = credentials
        self._clock = clock
        self._recv_window_ms = recv_window_ms
        self._deliver = deliver
        self._report_state = report_state
        self._measure_clock = measure_clock
        self._clock_is_wrong = False
        self._asked_s = 0.0

    async def address(self) -> str:
        """The WebSocket API; the clock is measured first where it was found wrong."""
        if self._clock_is_wrong:
            await self._measure_clock()
            self._clock_is_wrong = False
        return self._url

    async def opened(self, socket: ClientConnection) -> None:
        """Ask for the account's events."""
        timed = {"timestamp": self._clock.now_ms(), "recvWindow": self._recv_window_ms}
        request = {
            "id": _SUBSCRIBE_ID,
            "method": "userDataStream.subscribe.signature",
            "params": sign_ws_parameters(self._credentials, timed),
        }
        self._asked_s = asyncio.get_running_loop().time()
        await socket.send(msgspec.json.encode(request), text=True)

    async def tick(self, socket: ClientConnection) -> None:
        """Give up a subscription that is not answered."""
        waited_s = asyncio.get_running_loop().time() - self._asked_s
        if self.state is not LinkState.LIVE and waited_s > _ANSWER_S:
            raise ReconnectNow("the subscription to the account's events was not answered")

    def received(self, frame: bytes) -> None:
        """Take an event or an answer."""
        message = _MESSAGE.decode(frame)
        if bytes(message.event) not in (b"", b"null"):
            self._deliver(message.event)
        elif message.id == _SUBSCRIBE_ID and message.error is None:
            self.live()
        elif message.error is not None:
            self._refused(message.error)

    def _refused(self, error: _Error) -> None:
        text = clean(f"{error.code} {error.msg}")
        self._clock_is_wrong = error.code == CLOCK_CODE
        if self._clock_is_wrong:
            raise ReconnectNow(text)
        if error.code in CREDENTIAL_CODES:
            text = f"{text}; check the API key"
        raise LinkRefusedError(text)

    def report(self, state: LinkState, detail: str) -> None:
        """Pass it on."""
        self._report_state(state, detail)
