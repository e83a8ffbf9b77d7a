"""One WebSocket from its opening to its end: reads, watches for silence, and says when it ought to be replaced."""

import asyncio
import logging
import random
import time
from abc import ABC, abstractmethod
from collections import deque
from contextvars import ContextVar
from dataclasses import dataclass
from socket import gaierror

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tui.binance import bounds
from tui.binance.environment import is_loopback
from tui.binance.errors import BinanceError, reason_of
from tui.binance.tap import Tap
from tui.binance.wire import MALFORMED
from tui.domain.text import clean

_log = logging.getLogger(__name__)
# The library logs addresses and frames when asked to; both can hold keys, so it is never asked.
_library_log = logging.getLogger(f"{__name__}.websockets")
_library_log.setLevel(logging.WARNING)


#: How often the patience with a market that says nothing is doubled.
_MOST_DOUBLINGS = 4


class _Connect(connect):
    """Connects to the address it is given and to no other: a redirect could lead anywhere, also out of TLS."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        """Take a redirect for the refusal it is."""
        return exc


class ReconnectNow(Exception):
    """The connection is of no use any more; the text says why, for the user."""


class RenewLink(ReconnectNow):
    """The connection will end soon: another is to be opened before it is let go; the text says why."""


class LinkRefusedError(Exception):
    """The exchange turned the link down; the text says why. Tried again more slowly than a lost connection."""


@dataclass(frozen=True, slots=True)
class LinkTiming:
    """How patient a link is, in seconds.

    `ping_s` after the last sign of life the exchange is asked for one; `silence_s` without any the connection is
    given up; after `quiet_s` without a message, pongs apart, another one is opened beside it (0: never): of a market
    that really is quiet nothing is lost that way, and a connection that has lost its streams does not stay. Where the
    next one has as little to say, it is left alone twice as long, at most sixteen times.
    """

    ping_s: float = 1.0
    silence_s: float = 10.0
    quiet_s: float = 0.0
    backoff_first_s: float = 0.5
    backoff_longest_s: float = 30.0
    refused_s: float = 15.0
    #: The exchange cuts connections after 24 hours; another is opened before.
    rotate_s: float = 23 * 3600.0
    #: How long a new connection may take to say what the old one says, and how long both are then listened to.
    handover_s: float = 20.0
    overlap_s: float = 2.0
    tick_s: float = 0.25


class ConnectionAttempts:
    """Keeps within the connections that an address may open in five minutes; those that reach nobody do not count."""

    def __init__(self, most: int = 280, within_s: float = 300.0) -> None:
        self._most = most
        self._within_s = within_s
        self._times: deque[float] = deque()

    def wait_s(self, now_s: float) -> float:
        """Seconds until another may be opened; zero when one may be now."""
        while self._times and self._times[0] <= now_s - self._within_s:
            self._times.popleft()
        return self._times[0] + self._within_s - now_s if len(self._times) >= self._most else 0.0

    def note(self, now_s: float) -> None:
        """One is being opened."""
        self._times.append(now_s)

    def take_back(self) -> None:
        """The last one reached nobody."""
        if self._times:
            self._times.pop()


#: Counted by the exchange for each address: 300 in five minutes (spot API docs, "WebSocket limits").
ATTEMPTS = ConnectionAttempts()


class Conversation(ABC):
    """What is said on connections of one kind."""

    #: Connections replaced one after the other because nothing came; to be set to zero when something does.
    quiet_in_a_row = 0

    @abstractmethod
    async def address(self) -> str:
        """Where to connect; asked before each connection. Raises BinanceError when it cannot be learnt."""

    @abstractmethod
    async def opened(self, socket: ClientConnection) -> None:
        """Send what must be said first."""

    @abstractmethod
    def received(self, frame: bytes) -> None:
        """Take one message; raises ReconnectNow, LinkRefusedError, or what `wire.MALFORMED` lists for a bad one."""

    async def tick(self, socket: ClientConnection) -> None:  # noqa: B027 - most have nothing to do
        """Called a few times a second while connected."""

    @abstractmethod
    def heard(self, now_ns: int) -> None:
        """A sign of life came."""

    @abstractmethod
    def note_malformed(self, error: Exception) -> None:
        """A message could not be read."""


class Connection:
    """One socket of a conversation. `is_ready` is set by the conversation, `is_ending` once it should be replaced."""

    def __init__(self, conversation: Conversation, timing: LinkTiming, tap: Tap | None, proxy_url: str) -> None:
        self.socket: ClientConnection | None = None
        self.is_ready = asyncio.Event()
        self.is_ending = asyncio.Event()
        self.why_ending = ""
        self._conversation = conversation
        self._timing = timing
        self._tap = tap
        self._proxy_url = proxy_url
        self._heard_ns = self._data_ns = 0

    def end_soon(self, why: str) -> None:
        """Ask to be replaced while it lasts."""
        self.why_ending = self.why_ending or why
        self.is_ending.set()

    async def run(self) -> str:
        """Connect and read until the end; returns why it ended, or raises what ended it."""
        CONNECTION.set(self)
        url = await self._conversation.address()
        async with await self._opened(url) as socket:
            self._heard_ns = self._data_ns = time.monotonic_ns()
            self._conversation.heard(self._heard_ns)
            self.socket = socket
            watch = asyncio.create_task(self._watch(socket), name="watch WebSocket")
            try:
                await self._conversation.opened(socket)
                await self._receive(socket, url)
            except ConnectionClosed as closed:
                # What the watch decided is the cause; the closing is only its effect.
                if watch.done() and not watch.cancelled() and (cause := watch.exception()):
                    raise cause from None
                return explain(closed)
            finally:
                self.socket = None
                watch.cancel()
                await asyncio.gather(watch, return_exceptions=True)
        return "connection ended"

    async def _opened(self, url: str) -> ClientConnection:
        """A connection, within the number that may be opened."""
        while (wait_s := ATTEMPTS.wait_s(time.monotonic())) > 0:
            _log.warning("too many connections lately: the next is opened in %.0f s", wait_s)
            await asyncio.sleep(wait_s)
        ATTEMPTS.note(time.monotonic())
        try:
            return await _Connect(
                url,
                compression=None,
                max_size=bounds.FRAME_BYTES,
                max_queue=bounds.FRAMES_WAITING,
                ping_interval=None,
                open_timeout=10,
                close_timeout=1,
                proxy=None if is_loopback(url) else (self._proxy_url or True),
                logger=_library_log,
            )
        except (ConnectionRefusedError, gaierror):
            ATTEMPTS.take_back()
            raise

    async def _receive(self, socket: ClientConnection, url: str) -> None:
        tap, conversation = self._tap, self._conversation
        while True:
            frame = await socket.recv(decode=False)
            self._heard_ns = self._data_ns = time.monotonic_ns()
            conversation.heard(self._heard_ns)
            if tap is not None:
                tap("ws", url, frame)
            try:
                conversation.received(frame)
            except RenewLink as ending:
                self.end_soon(str(ending))
            except MALFORMED as error:
                conversation.note_malformed(error)

    async def _watch(self, socket: ClientConnection) -> None:
        """Ask for signs of life, and end a connection that gives none; what ends it is this task's exception."""
        try:
            await self._keep_watching(socket)
        except (ReconnectNow, LinkRefusedError, BinanceError, OSError):
            socket.transport.abort()
            raise

    async def _keep_watching(self, socket: ClientConnection) -> None:
        timing = self._timing
        # Not all at the same moment, where several were opened together.
        renew_at = time.monotonic() + timing.rotate_s * random.uniform(0.97, 1.0)
        asked_ns = 0
        while True:
            await asyncio.sleep(timing.tick_s)
            now_ns = time.monotonic_ns()
            idle_s = (now_ns - self._heard_ns) / 1e9
            if idle_s > timing.silence_s:
                raise ReconnectNow(f"nothing heard for {idle_s:.0f} s")
            self._end_if_quiet((now_ns - self._data_ns) / 1e9)
            if time.monotonic() > renew_at:
                self.end_soon("connection renewed before the exchange's daily cut")
            if idle_s > timing.ping_s and now_ns - asked_ns > timing.ping_s * 1e9:
                asked_ns = now_ns
                asyncio.ensure_future(await socket.ping()).add_done_callback(self._heard_pong)
            try:
                await self._conversation.tick(socket)
            except RenewLink as ending:
                self.end_soon(str(ending))

    def _end_if_quiet(self, without_data_s: float) -> None:
        conversation, quiet_s = self._conversation, self._timing.quiet_s
        if not quiet_s or self.is_ending.is_set():
            return
        if without_data_s > quiet_s * 2 ** min(conversation.quiet_in_a_row, _MOST_DOUBLINGS):
            conversation.quiet_in_a_row += 1
            self.end_soon("connected, but no data")

    def _heard_pong(self, pong: "asyncio.Future[float]") -> None:
        if not pong.cancelled() and pong.exception() is None:
            self._heard_ns = time.monotonic_ns()
            self._conversation.heard(self._heard_ns)


#: The connection on whose behalf something is being done.
CONNECTION: ContextVar[Connection] = ContextVar("CONNECTION")


def explain(error: BaseException) -> str:
    """Why a connection failed, without its address."""
    if isinstance(error, ReconnectNow | LinkRefusedError | BinanceError):
        return str(error)
    if isinstance(error, InvalidStatus):
        return f"refused with HTTP status {error.response.status_code}"
    if isinstance(error, ConnectionClosed):
        frame = error.rcvd
        return clean(f"closed by the exchange ({frame.code} {frame.reason})".strip()) if frame else "connection lost"
    return reason_of(error)
