"""WebSocket API: its address, its messages, and a session that carries the account's events of spot.

`userDataStream.subscribe.signature` works with every type of key; an Ed25519 key logs the session on instead. Events
and answers share the socket. There is no replay: after each break the owner reconciles over REST (Binance spot API docs
2026-07-21, "WebSocket API").
"""

import asyncio
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import msgspec
from websockets.asyncio.client import ClientConnection

from tui.binance.client import LinkState
from tui.binance.clock import ServerClock
from tui.binance.errors import CLOCK_CODE, CREDENTIAL_CODES, KEY_REFUSED
from tui.binance.link import LinkRefusedError, LinkTiming, ReconnectNow, SocketLink
from tui.binance.signing import Credentials, Ed25519Signer, ParameterValue, sign_ws_parameters
from tui.domain.text import clean

_PATH = "/ws-api/v3"
_LOGON_ID = "logon"
_SUBSCRIBE_ID = "subscribe"
#: Longer than the ten seconds after which the exchange gives up itself.
ANSWER_S = 12.0


class ErrorBody(msgspec.Struct):
    """Why a request was refused; `data` holds both halves of a replacement, or until when a limit lasts."""

    code: int = 0
    msg: str = ""
    data: msgspec.Raw = msgspec.Raw()


class LimitCount(msgspec.Struct):
    """One limit that the request touched."""

    rateLimitType: str = ""
    interval: str = ""
    intervalNum: int = 0
    limit: int = 0
    count: int = 0


class Message(msgspec.Struct):
    """An answer (`id`, `status`) or an event (`event`, on the subscription it belongs to)."""

    id: str | int | None = None
    status: int | None = None
    result: msgspec.Raw = msgspec.Raw()
    error: ErrorBody | None = None
    rateLimits: list[LimitCount] | None = None
    subscriptionId: int | None = None
    event: msgspec.Raw = msgspec.Raw()

    @property
    def is_event(self) -> bool:
        """Whether it is news and answers nothing."""
        return bytes(self.event) not in (b"", b"null")


MESSAGE = msgspec.json.Decoder(Message)


def ws_api_url(base: str, path: str = _PATH) -> str:
    """The address of a WebSocket API; its path is added where only the host is given."""
    return base if urlsplit(base).path not in ("", "/") else f"{base.rstrip('/')}{path}"


def request_frame(number: str, method: str, parameters: dict[str, ParameterValue] | None = None) -> bytes:
    """One request as it is sent."""
    return msgspec.json.encode({"id": number, "method": method, "params": parameters or {}})


def can_log_on(credentials: Credentials) -> bool:
    """Whether sessions of this key can be logged on: only Ed25519 keys can."""
    return isinstance(credentials.signer, Ed25519Signer)


class EventSession(SocketLink):
    """A socket of the WebSocket API that carries events; subclasses say how it is asked for them.

    `deliver` takes the bare event and the number of its subscription; `report_state` hears LIVE once all subscriptions
    stand, and again nothing while a connection is renewed without a gap.
    """

    def __init__(
        self,
        url: str,
        clock: ServerClock,
        deliver: Callable[[msgspec.Raw, int | None], None],
        report_state: Callable[[LinkState, str], None],
        measure_clock: Callable[[], Awaitable[None]],
        timing: LinkTiming,
    ) -> None:
        super().__init__(timing)
        self._url = ws_api_url(url)
        self._clock = clock
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

    async def _ask(self, socket: ClientConnection, frame: bytes) -> None:
        self._asked_s = asyncio.get_running_loop().time()
        await socket.send(frame, text=True)

    async def tick(self, socket: ClientConnection) -> None:
        """Give up a subscription that is not answered."""
        waited_s = asyncio.get_running_loop().time() - self._asked_s
        if self.state is not LinkState.LIVE and waited_s > ANSWER_S:
            raise ReconnectNow("the subscription to the account's events was not answered")

    def received(self, frame: bytes) -> None:
        """Take an event or an answer."""
        message = MESSAGE.decode(frame)
        if message.is_event:
            self._deliver(message.event, message.subscriptionId)
        elif message.error is not None:
            self._refused(message.error)
        else:
            self.answered(message)

    def answered(self, message: Message) -> None:
        """Take the answer to a request that succeeded."""
        if message.id == _SUBSCRIBE_ID:
            self.live()

    def _refused(self, error: ErrorBody) -> None:
        text = clean(f"{error.code} {error.msg}")
        self._clock_is_wrong = error.code == CLOCK_CODE
        if self._clock_is_wrong:
            raise ReconnectNow(text)
        if error.code in CREDENTIAL_CODES:
            text = f"{KEY_REFUSED}: {text}"
        raise LinkRefusedError(text)

    def report(self, state: LinkState, detail: str) -> None:
        """Pass it on."""
        self._report_state(state, detail)


class UserDataSession(EventSession):
    """The spot account's events: logged on with an Ed25519 key, asked for by signature with any other."""

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
        super().__init__(url, clock, lambda event, _: deliver(event), report_state, measure_clock, timing)
        self._credentials = credentials
        self._recv_window_ms = recv_window_ms

    async def opened(self, socket: ClientConnection) -> None:
        """Ask for the account's events."""
        signed = sign_ws_parameters(
            self._credentials, {"timestamp": self._clock.now_ms(), "recvWindow": self._recv_window_ms}
        )
        if can_log_on(self._credentials):
            await self._ask(socket, request_frame(_LOGON_ID, "session.logon", signed))
            await self._ask(socket, request_frame(_SUBSCRIBE_ID, "userDataStream.subscribe"))
        else:
            await self._ask(socket, request_frame(_SUBSCRIBE_ID, "userDataStream.subscribe.signature", signed))
