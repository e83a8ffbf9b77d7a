"""Signed REST over one warm connection pool; every failure is told apart into refused and unknown."""

import asyncio
import logging
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from tui.binance.bounds import Time
from tui.binance.call import Call as Call
from tui.binance.call import Priority, is_clock_error, may_retry
from tui.binance.clock import ClockSample, ServerClock
from tui.binance.environment import is_loopback
from tui.binance.errors import (
    TOO_MANY_ORDERS_CODE,
    BinanceError,
    RateLimitedError,
    RefusedError,
    failure,
)
from tui.binance.limits import RateLimits, clock_text, limited_until_ms
from tui.binance.signing import Credentials, Parameters, encode, sign_query
from tui.binance.tap import Tap
from tui.binance.wire import UNDECODABLE

if TYPE_CHECKING:
    from tui.binance.http_session import HttpSession

_log = logging.getLogger(__name__)

_CLOCK_SAMPLES = 5
#: Longer than the ten seconds after which the exchange itself gives up (-1007).
_ANSWER_S = 12.0
#: Nothing sent for this long lets a request for the time keep the connection open.
_KEEP_WARM_S = 20.0
#: Connections kept open: while one waits for a long answer, an order must not wait for another to be made.
_KEPT_WARM = 2
_BANNED, _FORBIDDEN = 418, 403
#: How long nothing is sent after the firewall blocked a request; twice as long each time in a row.
_FIREWALL_MS, _LONGEST_FIREWALL_MS = 60_000, 900_000


class _TimeAnswer(msgspec.Struct):
    serverTime: Time


class _ErrorAnswer(msgspec.Struct):
    code: int = 0
    msg: str = ""


_TIME = msgspec.json.Decoder(_TimeAnswer)
_ERROR = msgspec.json.Decoder(_ErrorAnswer)


@dataclass(frozen=True, slots=True)
class Retries:
    """How often a request is sent again, and how long is waited before each time, in seconds."""

    most: int = 0
    first_s: float = 1.0
    longest_s: float = 10.0

    def pause_s(self, attempt: int) -> float:
        """Twice as long each time, with jitter; `attempt` counts from zero."""
        return float(min(self.first_s * 2 ** min(attempt, 20), self.longest_s) * random.uniform(0.5, 1.0))


class RestTransport:
    """Requests to one host. Nothing it raises or logs holds a key, a signature or a full address."""

    def __init__(
        self,
        base_url: str,
        time_path: str,
        limits: RateLimits,
        credentials: Credentials | None = None,
        recv_window_ms: int = 5_000,
        answer_s: float = _ANSWER_S,
        retries: Retries | None = None,
        proxy_url: str = "",
    ) -> None:
        self.limits = limits
        self.clock = ServerClock()
        self.latency_ms: float | None = None
        #: Told of every answer that holds market data; None while nothing is recorded.
        self.tap: Tap | None = None
        self._base_url = base_url
        self._time = Call("GET", time_path, weight=1)
        self._credentials = credentials
        self._recv_window_ms = recv_window_ms
        #: How long an answer may take; read when the first request is made.
        self.answer_s = answer_s
        self._session: HttpSession | None = None
        self._warmth: asyncio.Task[None] | None = None
        self._retries = retries or Retries()
        self._proxy_url = "" if is_loopback(base_url) else proxy_url
        self._blocks_in_a_row = 0

    @property
    def has_credentials(self) -> bool:
        """Whether signed requests can be made."""
        return self._credentials is not None

    async def open(self) -> None:
        """Connect, measure the exchange's clock, and keep connections warm from now on."""
        await self.measure_clock()
        if self._warmth is None:
            self._warmth = asyncio.create_task(self._keep_warm(), name="keep REST connections warm")

    async def close(self) -> None:
        """Close every connection; may be opened again."""
        if self._warmth is not None:
            self._warmth.cancel()
            await asyncio.gather(self._warmth, return_exceptions=True)
            self._warmth = None
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def measure_clock(self) -> None:
        """Ask for the exchange's time a few times; raises as any request does."""
        self.clock.take([await self._clock_sample() for _ in range(_CLOCK_SAMPLES)])

    async def _clock_sample(self) -> ClockSample:
        sent_ms = time.time_ns() / 1e6
        body = await self._once(self._time, {})
        received_ms = time.time_ns() / 1e6
        try:
            return ClockSample(sent_ms, received_ms, _TIME.decode(body).serverTime)
        except UNDECODABLE:
            raise RefusedError(f"{self._time.path} did not answer with a time; is this a Binance address?") from None

    async def _keep_warm(self) -> None:
        samples: list[ClockSample] = []
        while True:
            await asyncio.sleep(_KEEP_WARM_S)
            try:
                told = await asyncio.gather(*(self._clock_sample() for _ in range(_KEPT_WARM)))
                samples = [*samples, *told][-_CLOCK_SAMPLES:]
            except BinanceError as error:
                _log.info("keeping connections warm failed: %s", error)
                continue
            if len(samples) == _CLOCK_SAMPLES:
                self.clock.take(samples)

    async def request(self, call: Call, parameters: Parameters | None = None) -> bytes:
        """The body of a 2xx answer; raises RefusedError (RateLimitedError) or OutcomeUnknownError.

        A wrong clock is measured again; the request is then repeated once where that is as good as asking once. What
        else is repeated, and how often, the retries say.
        """
        is_resynced, attempt = False, 0
        while True:
            if call.priority is Priority.HISTORY:
                await self._wait_for_room(call)
            try:
                return await self._once(call, parameters or {})
            except BinanceError as error:
                if is_clock_error(error):
                    await self._remeasure_clock()
                    if call.is_repeatable and not is_resynced:
                        is_resynced = True
                        continue
                if attempt >= self._retries.most or not may_retry(call, error):
                    raise
                pause_s = self._pause_s(error, attempt)
                if pause_s is None:
                    raise
                _log.info("%s %s is tried again in %.1f s: %s", call.method, call.path, pause_s, error)
                attempt += 1
                await asyncio.sleep(pause_s)

    def _pause_s(self, error: BinanceError, attempt: int) -> float | None:
        """How long to wait before trying again; None where a limit lasts longer than any retry waits."""
        pause_s = self._retries.pause_s(attempt)
        if not isinstance(error, RateLimitedError):
            return pause_s
        limited_s = error.until_ms / 1000 - time.time()
        return None if limited_s > self._retries.longest_s else max(pause_s, limited_s)

    async def _wait_for_room(self, call: Call) -> None:
        """Let what asks for the past wait its turn."""
        room_at_ms = self.limits.room_at_ms(call, self.clock.now_ms())
        if room_at_ms is not None:
            await asyncio.sleep(max(0.05, (room_at_ms - self.clock.now_ms()) / 1000))
            await self._wait_for_room(call)

    async def _remeasure_clock(self) -> None:
        try:
            await self.measure_clock()
        except BinanceError as error:
            _log.warning("the exchange's clock could not be measured again: %s", error)

    async def _once(self, call: Call, parameters: Parameters) -> bytes:
        query, headers = self._signed(call, parameters)
        now_ms = self.clock.now_ms()
        try:
            self.limits.spend(call, now_ms)
        except RateLimitedError as error:
            raise RateLimitedError(error.text, error.until_ms - self.clock.offset_ms) from None
        address = f"{self._base_url}{call.path}{'?' if query else ''}{query}"
        status, answer_headers, body = await self._send(call, address, headers)
        self.limits.take_headers(answer_headers, self.clock.now_ms())
        if 200 <= status < 300:
            self._blocks_in_a_row = 0
            if self.tap is not None and not (call.signed or call.keyed or call is self._time):
                self.tap("rest", address, body)
            return body
        raise self._failure(status, answer_headers, body)

    def _signed(self, call: Call, parameters: Parameters) -> tuple[str, dict[str, str]]:
        if not call.signed and not call.keyed:
            return encode(parameters), {}
        if self._credentials is None:
            raise RefusedError("no API key: only market data can be asked for")
        if self._credentials.only_reads and call.signed and call.method != "GET":
            raise RefusedError("read-only: nothing is placed, changed or cancelled")
        headers = {"X-MBX-APIKEY": self._credentials.api_key}
        if not call.signed:
            return encode(parameters), headers
        timed = {**parameters, "recvWindow": self._recv_window_ms, "timestamp": self.clock.now_ms()}
        return sign_query(self._credentials, encode(timed)), headers

    async def _send(self, call: Call, address: str, headers: dict[str, str]) -> tuple[int, Mapping[str, str], bytes]:
        if self._session is None:
            # aiohttp loads for a tenth of a second: the engine's thread does it, while the screen shows already.
            from tui.binance.http_session import HttpSession

            self._session = HttpSession(self._base_url, self.answer_s, self._proxy_url)
        started = time.perf_counter()
        answer = await self._session.send(call.method, call.path, address, headers)
        self.latency_ms = (time.perf_counter() - started) * 1000
        return answer

    def _failure(self, status: int, headers: Mapping[str, str], body: bytes) -> BinanceError:
        code, text = _error_of(body)
        error = failure(status, code, text)
        now_ms = self.clock.now_ms()
        if isinstance(error, RateLimitedError):
            until_ms = limited_until_ms(headers, text, now_ms)
            if code == TOO_MANY_ORDERS_CODE:
                # A full order window stops orders only; reads, and above all cancels, go on.
                self.limits.block_orders(until_ms)
            else:
                why = "this address is banned" if status == _BANNED else "the exchange's request limit is used up"
                self.limits.block(until_ms, why)
            words = f"{text or error.text} (until {clock_text(until_ms)})" if status == _BANNED else text
            error = failure(status, code, words, until_ms - self.clock.offset_ms)
        elif status == _FORBIDDEN and code is None:
            # The firewall: every further request makes it worse.
            self._blocks_in_a_row += 1
            pause_ms = min(_FIREWALL_MS * 2 ** (self._blocks_in_a_row - 1), _LONGEST_FIREWALL_MS)
            self.limits.block(now_ms + pause_ms, "the exchange's firewall blocks this address")
        if code is not None:
            error.body = body
        return error


def _error_of(body: bytes) -> tuple[int | None, str]:
    """Binance's code and words; of a body that is no JSON only short plain text is kept, never a page of HTML."""
    try:
        answer = _ERROR.decode(body)
    except UNDECODABLE:
        text = body[:200].decode(errors="replace")
        return None, "" if "<" in text else text
    return answer.code or None, answer.msg
