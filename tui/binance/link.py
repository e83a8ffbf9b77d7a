"""A WebSocket that stays: connects, watches for silence, reconnects, and says how it is."""

import asyncio
import logging
import random
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from tui.binance import bounds
from tui.binance.client import LinkState
from tui.binance.environment import is_loopback
from tui.binance.errors import BinanceError, reason_of
from tui.binance.tap import Tap
from tui.binance.wire import MALFORMED
from tui.domain.text import clean
from tui.keys.redaction import redact

_log = logging.getLogger(__name__)
# The library logs addresses and frames when asked to; both can hold keys, so it is never asked.
_library_log = logging.getLogger(f"{__name__}.websockets")
_library_log.setLevel(logging.WARNING)


class _Connect(connect):
    """Connects to the address it is given and to no other: a redirect could lead anywhere, also out of TLS."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        """Take a redirect for the refusal it is."""
        return exc


class ReconnectNow(Exception):
    """The connection is to be replaced; the text says why, for the user."""


class LinkRefusedError(Exception):
    """The exchange turned the link down; the text says why. Tried again more slowly than a lost connection."""


@dataclass(frozen=True, slots=True)
class LinkTiming:
    """How patient a link is, in seconds.

    `ping_s` after the last sign of life the exchange is asked for one; `silence_s` without any the connection is
    given up; `quiet_s` without a message, pongs apart, it is given up too (0: never).
    """

    ping_s: float = 1.0
    silence_s: float = 10.0
    quiet_s: float = 0.0
    backoff_first_s: float = 0.5
    backoff_longest_s: float = 30.0
    refused_s: float = 15.0
    #: The exchange cuts connections after 24 hours; we go first.
    rotate_s: float = 23 * 3600.0
    tick_s: float = 0.25


class SocketLink(ABC):
    """One connection with its own idea of address, opening words and messages."""

    def __init__(self, timing: LinkTiming) -> None:
        self.last_message_ns = 0
        self.state = LinkState.CONNECTING
        self.malformed = 0
        #: Told of every frame; None while nothing is recorded.
        self.tap: Tap | None = None
        self._timing = timing
        self._socket: ClientConnection | None = None
        self._last_data_ns = 0
        self._was_live = False

    @abstractmethod
    async def address(self) -> str:
        """Where to connect; asked before each connection. Raises BinanceError when it cannot be learnt."""

    @abstractmethod
    async def opened(self, socket: ClientConnection) -> None:
        """Send what must be said first."""

    @abstractmethod
    def received(self, frame: bytes) -> None:
        """Take one message; raises ReconnectNow, LinkRefusedError, or what `wire.MALFORMED` lists for a bad one."""

    @abstractmethod
    def report(self, state: LinkState, detail: str) -> None:
        """Tell the owner."""

    async def tick(self, socket: ClientConnection) -> None:  # noqa: B027 - most links have nothing to do
        """Called a few times a second while connected."""

    def live(self) -> None:
        """To be called by the subclass once messages flow."""
        self._was_live = True
        self._say(LinkState.LIVE, "")

    def note_malformed(self, error: Exception) -> None:
        """Count a message that could not be read and report it, at most once a hundred."""
        self.malformed += 1
        if self.malformed % 100 == 1:
            _log.warning(
                "unreadable message (%d so far): %s", self.malformed, clean(f"{type(error).__name__}: {error}")
            )

    async def run(self) -> None:
        """Stay connected until cancelled."""
        failures = 0
        while True:
            self._was_live = False
            self._say(LinkState.CONNECTING, "")
            longest_s = self._timing.backoff_longest_s
            try:
                detail = await self._connection()
            except ReconnectNow as reason:
                detail, longest_s = str(reason), self._timing.backoff_first_s
            except LinkRefusedError as reason:
                detail, failures = str(reason), max(failures, 5)
                longest_s = self._timing.refused_s
            except BinanceError as error:
                detail = str(error)
            except (OSError, WebSocketException) as error:
                detail = _explain(error)
            failures = 0 if self._was_live else failures + 1
            self._say(LinkState.DOWN, detail)
            pause_s = min(self._timing.backoff_first_s * 2 ** min(failures, 16), longest_s)
            await asyncio.sleep(pause_s * random.uniform(0.5, 1.0))

    def _say(self, state: LinkState, detail: str) -> None:
        self.state = state
        self.report(state, clean(redact(detail)))

    async def _connection(self) -> str:
        """One connection from beginning to end; returns why it ended."""
        url = await self.address()
        local = is_loopback(url)
        async with _Connect(
            url,
            compression=None,
            max_size=bounds.FRAME_BYTES,
            max_queue=bounds.FRAMES_WAITING,
            ping_interval=None,
            open_timeout=10,
            close_timeout=1,
            proxy=None if local else True,
            logger=_library_log,
        ) as socket:
            self.last_message_ns = self._last_data_ns = time.monotonic_ns()
            self._socket = socket
            watch = asyncio.create_task(self._watch(socket), name="watch WebSocket")
            try:
                await self.opened(socket)
                await self._receive(socket, url)
            except ConnectionClosed as closed:
                # What the watch decided is the cause; the closing is only its effect.
                if watch.done() and not watch.cancelled() and (cause := watch.exception()):
                    raise cause from None
                return _explain(closed)
            finally:
                self._socket = None
                watch.cancel()
                await asyncio.gather(watch, return_exceptions=True)
        return "connection ended"

    async def _receive(self, socket: ClientConnection, url: str) -> None:
        tap = self.tap
        while True:
            frame = await socket.recv(decode=False)
            self.last_message_ns = self._last_data_ns = time.monotonic_ns()
            if tap is not None:
                tap("ws", url, frame)
            try:
                self.received(frame)
            except MALFORMED as error:
                self.note_malformed(error)

    async def _watch(self, socket: ClientConnection) -> None:
        """Ask for signs of life, and end a connection that gives none; what ends it is this task's exception."""
        try:
            await self._keep_watching(socket)
        except (ReconnectNow, LinkRefusedError, BinanceError, OSError):
            socket.transport.abort()
            raise

    async def _keep_watching(self, socket: ClientConnection) -> None:
        timing = self._timing
        opened = time.monotonic()
        asked_ns = 0
        while True:
            await asyncio.sleep(timing.tick_s)
            now_ns = time.monotonic_ns()
            idle_s = (now_ns - self.last_message_ns) / 1e9
            if idle_s > timing.silence_s:
                raise ReconnectNow(f"nothing heard for {idle_s:.0f} s")
            if timing.quiet_s and (now_ns - self._last_data_ns) / 1e9 > timing.quiet_s:
                raise ReconnectNow("connected, but no data")
            if time.monotonic() - opened > timing.rotate_s:
                raise ReconnectNow("connection renewed before the exchange's daily cut")
            if idle_s > timing.ping_s and now_ns - asked_ns > timing.ping_s * 1e9:
                asked_ns = now_ns
                asyncio.ensure_future(await socket.ping()).add_done_callback(self._heard_pong)
            await self.tick(socket)

    def _heard_pong(self, pong: "asyncio.Future[float]") -> None:
        if not pong.cancelled() and pong.exception() is None:
            self.last_message_ns = time.monotonic_ns()


def _explain(error: Exception) -> str:
    """Why a connection failed, without its address."""
    if isinstance(error, InvalidStatus):
        return f"refused with HTTP status {error.response.status_code}"
    if isinstance(error, ConnectionClosed):
        frame = error.rcvd
        return f"closed by the exchange ({frame.code} {frame.reason})".strip() if frame else "connection lost"
    return reason_of(error)


def timing_for(url: str, *, quiet_s: float = 0.0) -> LinkTiming:
    """Patience for an address: on this machine a lost exchange is looked for every second."""
    if is_loopback(url):
        return LinkTiming(silence_s=3.0, quiet_s=quiet_s, backoff_first_s=0.1, backoff_longest_s=1.0, refused_s=2.0)
    return LinkTiming(quiet_s=quiet_s)
