"""Requests over the WebSocket API: the same parameters, answers and failures as over REST, on a socket that stays open.

An Ed25519 key logs the session on once; any other signs each request. The same outcomes hold as over REST: what was
refused did not happen, what was not answered may have happened (execution semantics 15.1).
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from itertools import count

import msgspec
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from tui.binance.call import Call, is_clock_error
from tui.binance.client import LinkState
from tui.binance.clock import ServerClock
from tui.binance.errors import (
    TOO_MANY_ORDERS_CODE,
    BinanceError,
    OutcomeUnknownError,
    RateLimitedError,
    RefusedError,
    UnsentError,
    failure,
)
from tui.binance.limits import RateLimit, RateLimits, limited_until_ms
from tui.binance.link import LinkRefusedError, LinkTiming, SocketLink
from tui.binance.signing import Credentials, DroppedSigner, Parameters, sign_ws_parameters
from tui.binance.wire import UNDECODABLE
from tui.binance.ws_api import ANSWER_S, MESSAGE, ErrorBody, Message, can_log_on, request_frame, ws_api_url
from tui.domain.text import clean

_log = logging.getLogger(__name__)

_LOGON_ID = "logon"
_OK, _REVOKED = 200, 401


class _Until(msgspec.Struct):
    retryAfter: int = 0


_UNTIL = msgspec.json.Decoder(_Until)


class WsCalls(SocketLink):
    """One session for requests, run by its owner. `limits` are those of the same host over REST."""

    def __init__(
        self,
        url: str,
        credentials: Credentials,
        clock: ServerClock,
        limits: RateLimits,
        recv_window_ms: int,
        measure_clock: Callable[[], Awaitable[None]],
        timing: LinkTiming,
        answer_s: float = ANSWER_S,
    ) -> None:
        super().__init__(timing)
        self._url = ws_api_url(url)
        self._credentials = credentials
        self._clock = clock
        self._limits = limits
        self._recv_window_ms = recv_window_ms
        self._measure_clock = measure_clock
        self._answer_s = answer_s
        self._numbers = count(1)
        self._waiting: dict[str, asyncio.Future[Message]] = {}
        self._logged_on: set[ClientConnection] = set()
        self.detail = ""

    @property
    def is_open(self) -> bool:
        """Whether a request can be sent now."""
        return self._socket is not None and self.state is LinkState.LIVE

    async def request(self, call: Call, method: str, parameters: Parameters) -> bytes:
        """The result of one request, as REST would answer it; raises RefusedError or OutcomeUnknownError.

        To be asked only while `is_open`. Never sent twice.
        """
        socket = self._socket
        if socket is None:
            raise UnsentError(f"{method}: the WebSocket API is not connected")
        signed = self._signed(socket, call, parameters)
        try:
            self._limits.spend(call, self._clock.now_ms())
        except RateLimitedError as error:
            raise RateLimitedError(error.text, error.until_ms - self._clock.offset_ms) from None
        number = str(next(self._numbers))
        answer: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        try:
            await socket.send(request_frame(number, method, signed), text=True)
            async with asyncio.timeout(self._answer_s):
                message = await answer
        except TimeoutError:
            raise OutcomeUnknownError(f"{method}: no answer in time") from None
        except (ConnectionClosed, OSError):
            raise OutcomeUnknownError(f"{method}: connection lost") from None
        finally:
            self._waiting.pop(number, None)
        return await self._result(method, message)

    def _signed(self, socket: ClientConnection, call: Call, parameters: Parameters) -> dict[str, str | int | bool]:
        if self._credentials.only_reads and (call.is_order or call.is_cancel):
            raise RefusedError("read-only: nothing is placed, changed or cancelled")
        timed = {**parameters, "timestamp": self._clock.now_ms(), "recvWindow": self._recv_window_ms}
        # A session that was logged on goes on without the secret; a locked screen must not.
        if socket in self._logged_on and not isinstance(self._credentials.signer, DroppedSigner):
            return timed
        return sign_ws_parameters(self._credentials, timed)

    async def _result(self, method: str, message: Message) -> bytes:
        if message.status == _OK and message.error is None:
            return bytes(message.result)
        error = self._failure(message.status or 0, message.error or ErrorBody())
        if is_clock_error(error):
            with contextlib.suppress(BinanceError):
                await self._measure_clock()
        _log.info("%s was refused: %s", method, error)
        raise error

    def _failure(self, status: int, body: ErrorBody) -> BinanceError:
        code = body.code or None
        error = failure(status, code, body.msg)
        if isinstance(error, RateLimitedError):
            until_ms = self._until_ms(body)
            if code == TOO_MANY_ORDERS_CODE:
                self._limits.block_orders(until_ms)
            else:
                self._limits.block(until_ms, "the exchange's request limit is used up")
            error = failure(status, code, body.msg, until_ms - self._clock.offset_ms)
        error.body = msgspec.json.encode(body)
        return error

    def _until_ms(self, body: ErrorBody) -> int:
        """Until when a limit lasts: here an absolute time of the exchange's, where it is told."""
        now_ms = self._clock.now_ms()
        try:
            told = _UNTIL.decode(body.data).retryAfter
        except UNDECODABLE:
            told = 0
        return told if told > now_ms else limited_until_ms({}, body.msg, now_ms)

    # The link

    async def address(self) -> str:
        """The WebSocket API."""
        return self._url

    async def opened(self, socket: ClientConnection) -> None:
        """Log on where the key can; else requests can be sent at once."""
        if not can_log_on(self._credentials):
            self.live()
            return
        signed = sign_ws_parameters(
            self._credentials, {"timestamp": self._clock.now_ms(), "recvWindow": self._recv_window_ms}
        )
        # Counted as logged on before the answer: no request is sent here until it has come.
        self._logged_on = {other for other in self._logged_on if other in self._sockets} | {socket}
        await socket.send(request_frame(_LOGON_ID, "session.logon", signed), text=True)

    def received(self, frame: bytes) -> None:
        """Hand an answer to whoever waits for it."""
        message = MESSAGE.decode(frame)
        self._note_limits(message)
        if message.id == _LOGON_ID:
            self._logon_answered(message)
        elif message.id is None and message.status == _REVOKED:
            raise LinkRefusedError("the exchange ended the session of this API key")
        elif (waiting := self._waiting.get(str(message.id))) is not None and not waiting.done():
            waiting.set_result(message)

    def _logon_answered(self, message: Message) -> None:
        if message.error is not None:
            raise LinkRefusedError(clean(f"{message.error.code} {message.error.msg}"))
        self.live()

    def _note_limits(self, message: Message) -> None:
        told = [
            RateLimit(row.rateLimitType, row.interval, row.intervalNum, row.limit, row.count)
            for row in message.rateLimits or ()
        ]
        self._limits.configure(told, self._clock.now_ms())

    def report(self, state: LinkState, detail: str) -> None:
        """With the connection goes the outcome of everything that was asked on it."""
        self.detail = detail
        if state is LinkState.DOWN:
            if detail:
                _log.info("orders go over REST: %s", detail)
            self.give_up()

    def give_up(self) -> None:
        """Nothing that was asked will be answered any more."""
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(OutcomeUnknownError("connection lost before the answer"))
