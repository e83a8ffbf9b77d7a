"""Signed REST over one warm connection pool; every failure is told apart into refused and unknown."""

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp
import msgspec
from yarl import URL

from tui.binance import bounds
from tui.binance.bounds import Time
from tui.binance.clock import ClockSample, ServerClock
from tui.binance.environment import is_loopback
from tui.binance.errors import (
    CLOCK_CODE,
    BinanceError,
    OutcomeUnknownError,
    RateLimitedError,
    RefusedError,
    failure,
    reason_of,
)
from tui.binance.limits import RateLimits, limited_until_ms
from tui.binance.signing import Credentials, Parameters, encode, sign_query
from tui.binance.tap import Tap
from tui.binance.wire import UNDECODABLE

_log = logging.getLogger(__name__)

_CLOCK_SAMPLES = 5
#: Longer than the ten seconds after which the exchange itself gives up (-1007).
_ANSWER_S = 12.0
_CONNECT_S = 5.0
#: Nothing sent for this long lets a request for the time keep the connection open.
_KEEP_WARM_S = 20.0


class _TimeAnswer(msgspec.Struct):
    serverTime: Time


class _ErrorAnswer(msgspec.Struct):
    code: int = 0
    msg: str = ""


_TIME = msgspec.json.Decoder(_TimeAnswer)
_ERROR = msgspec.json.Decoder(_ErrorAnswer)


@dataclass(frozen=True, slots=True)
class Call:
    """One REST request; `signed` adds timestamp and signature, `keyed` only the key's header."""

    method: str
    path: str
    weight: int
    signed: bool = False
    keyed: bool = False
    is_order: bool = False
    is_cancel: bool = False

    @property
    def is_repeatable(self) -> bool:
        """Whether asking twice is as good as asking once."""
        return self.method == "GET"


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
        self._timeout = aiohttp.ClientTimeout(total=answer_s, connect=min(_CONNECT_S, answer_s))
        self._session: aiohttp.ClientSession | None = None
        self._warmth: asyncio.Task[None] | None = None
        self._last_request = 0.0

    @property
    def has_credentials(self) -> bool:
        """Whether signed requests can be made."""
        return self._credentials is not None

    async def open(self) -> None:
        """Connect, measure the exchange's clock, and keep the connection warm from now on."""
        await self.measure_clock()
        if self._warmth is None:
            self._warmth = asyncio.create_task(self._keep_warm(), name="keep REST connection warm")

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
                samples = [*samples[-(_CLOCK_SAMPLES - 1) :], await self._clock_sample()]
            except BinanceError as error:
                _log.info("keeping the connection warm failed: %s", error)
                continue
            if len(samples) == _CLOCK_SAMPLES:
                self.clock.take(samples)

    async def request(self, call: Call, parameters: Parameters | None = None) -> bytes:
        """The body of a 2xx answer; raises RefusedError (RateLimitedError) or OutcomeUnknownError.

        A wrong clock is measured again; the request is then repeated once if it is a GET, never otherwise.
        """
        try:
            return await self._once(call, parameters or {})
        except RefusedError as error:
            if error.code != CLOCK_CODE:
                raise
            await self._remeasure_clock()
            if not call.is_repeatable:
                raise
        return await self._once(call, parameters or {})

    async def _remeasure_clock(self) -> None:
        try:
            await self.measure_clock()
        except BinanceError as error:
            _log.warning("the exchange's clock could not be measured again: %s", error)

    async def _once(self, call: Call, parameters: Parameters) -> bytes:
        query, headers = self._signed(call, parameters)
        now_ms = self.clock.now_ms()
        try:
            self.limits.spend(call.weight, now_ms, is_cancel=call.is_cancel, is_order=call.is_order)
        except RateLimitedError as error:
            raise RateLimitedError(error.text, error.until_ms - self.clock.offset_ms) from None
        url = URL(f"{self._base_url}{call.path}{'?' if query else ''}{query}", encoded=True)
        status, answer_headers, body = await self._send(call, url, headers)
        self.limits.take_headers(answer_headers, self.clock.now_ms())
        if 200 <= status < 300:
            if self.tap is not None and not (call.signed or call.keyed or call is self._time):
                self.tap("rest", str(url), body)
            return body
        raise self._failure(status, answer_headers, body)

    def _signed(self, call: Call, parameters: Parameters) -> tuple[str, dict[str, str]]:
        if not call.signed and not call.keyed:
            return encode(parameters), {}
        if self._credentials is None:
            raise RefusedError("no API key: only market data can be asked for")
        if self._credentials.only_reads and (call.is_order or call.is_cancel):
            raise RefusedError("read-only: nothing is placed, changed or cancelled")
        headers = {"X-MBX-APIKEY": self._credentials.api_key}
        if not call.signed:
            return encode(parameters), headers
        timed = {**parameters, "recvWindow": self._recv_window_ms, "timestamp": self.clock.now_ms()}
        return sign_query(self._credentials, encode(timed)), headers

    async def _send(self, call: Call, url: URL, headers: dict[str, str]) -> tuple[int, Mapping[str, str], bytes]:
        name = f"{call.method} {call.path}"
        started = time.perf_counter()
        # aiohttp repeats a DELETE, never a POST, when a kept-alive connection proves dead. A cancel that was executed
        # the first time is then answered with -2011, so a cancel refused with that code has to be looked up.
        try:
            async with self._client().request(call.method, url, headers=headers, allow_redirects=False) as response:
                body = await _whole(response, name)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise RefusedError(f"{name}: no connection ({reason_of(error)})") from None
        except TimeoutError:
            raise OutcomeUnknownError(f"{name}: no answer in time") from None
        except (aiohttp.ClientError, OSError) as error:
            raise OutcomeUnknownError(f"{name}: connection lost ({reason_of(error)})") from None
        self.latency_ms = (time.perf_counter() - started) * 1000
        return response.status, response.headers, body

    def _client(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=self._timeout,
                connector=aiohttp.TCPConnector(keepalive_timeout=_KEEP_WARM_S * 2, limit=16),
                trust_env=not is_loopback(self._base_url),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session

    def _failure(self, status: int, headers: Mapping[str, str], body: bytes) -> BinanceError:
        code, text = _error_of(body)
        error = failure(status, code, text)
        if isinstance(error, RateLimitedError):
            now_ms = self.clock.now_ms()
            until_ms = limited_until_ms(headers, text, now_ms)
            # A full order window stops orders only; reads, and above all cancels, go on.
            if code != -1015:
                self.limits.block(until_ms)
            error = failure(status, code, text, until_ms - self.clock.offset_ms)
        return error


async def _whole(response: aiohttp.ClientResponse, name: str) -> bytes:
    """The body, unpacked, as long as it is not larger than anything Binance sends; raises OutcomeUnknownError."""
    parts, length = [], 0
    async for part in response.content.iter_any():
        parts.append(part)
        length += len(part)
        if length > bounds.BODY_BYTES:
            response.close()
            raise OutcomeUnknownError(f"{name}: the answer is larger than {bounds.BODY_BYTES >> 20} MB")
    return b"".join(parts)


def _error_of(body: bytes) -> tuple[int | None, str]:
    """Binance's code and words; of a body that is no JSON only short plain text is kept, never a page of HTML."""
    try:
        answer = _ERROR.decode(body)
    except UNDECODABLE:
        text = body[:200].decode(errors="replace")
        return None, "" if "<" in text else text
    return answer.code or None, answer.msg
