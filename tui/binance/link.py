"""A WebSocket that stays: connects, reconnects, is renewed without a gap, and says how it is."""

import asyncio
import logging
import random
from abc import abstractmethod

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import WebSocketException

from tui.binance.client import LinkState
from tui.binance.connection import CONNECTION, Connection, Conversation, explain
from tui.binance.connection import LinkRefusedError as LinkRefusedError
from tui.binance.connection import LinkTiming as LinkTiming
from tui.binance.connection import ReconnectNow as ReconnectNow
from tui.binance.connection import RenewLink as RenewLink
from tui.binance.environment import is_loopback
from tui.binance.errors import CREDENTIAL_CODES, KEY_REFUSED, BinanceError
from tui.binance.tap import Tap
from tui.domain.text import clean
from tui.keys.redaction import redact

_log = logging.getLogger(__name__)


class _Line:
    """A connection with the task that runs it."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.task = asyncio.create_task(connection.run(), name="WebSocket")

    async def close(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


class SocketLink(Conversation):
    """A conversation that goes on from one connection to the next.

    A connection that will end soon (the daily cut, an announced restart, `RenewLink`) is replaced while it lasts: the
    next one is opened, and once it is `live` both are listened to for a moment before the old one is closed. Nothing is
    missed, some messages come twice, and the state stays LIVE. Whoever takes messages drops duplicates by their ids.
    """

    def __init__(self, timing: LinkTiming) -> None:
        self.last_message_ns = 0
        self.state = LinkState.CONNECTING
        self.malformed = 0
        #: How often a connection was replaced without a gap.
        self.renewals = 0
        #: Told of every frame; None while nothing is recorded.
        self.tap: Tap | None = None
        #: What every connection but those to this machine goes through; empty for what the environment says.
        self.proxy_url = ""
        self._timing = timing
        self._lines: list[_Line] = []
        self._was_live = False

    @abstractmethod
    def report(self, state: LinkState, detail: str) -> None:
        """Tell the owner."""

    def live(self) -> None:
        """To be called by the subclass once messages flow on the connection it is serving."""
        connection = CONNECTION.get(None)
        if connection is not None:
            connection.is_ready.set()
        self._was_live = True
        if self.state is not LinkState.LIVE:
            self._say(LinkState.LIVE, "")

    def heard(self, now_ns: int) -> None:
        """A sign of life came."""
        self.last_message_ns = now_ns

    def note_malformed(self, error: Exception) -> None:
        """Count a message that could not be read and report it, at most once a hundred."""
        self.malformed += 1
        if self.malformed % 100 == 1:
            _log.warning(
                "unreadable message (%d so far): %s", self.malformed, clean(f"{type(error).__name__}: {error}")
            )

    @property
    def _socket(self) -> ClientConnection | None:
        """The connection to speak on: the newest that is ready."""
        ready = [line.connection for line in self._lines if line.connection.is_ready.is_set()]
        return ready[-1].socket if ready else None

    @property
    def _sockets(self) -> list[ClientConnection]:
        """Every open connection, two while one takes over from the other."""
        return [line.connection.socket for line in self._lines if line.connection.socket is not None]

    async def run(self) -> None:
        """Stay connected until cancelled."""
        failures = 0
        while True:
            self._was_live = False
            self._say(LinkState.CONNECTING, "")
            longest_s = self._timing.backoff_longest_s
            try:
                detail = await self._stay_connected()
            except ReconnectNow as reason:
                detail, longest_s = str(reason), self._timing.backoff_first_s
            except LinkRefusedError as reason:
                detail, failures = str(reason), max(failures, 5)
                longest_s = self._timing.refused_s
            except BinanceError as error:
                detail = f"{KEY_REFUSED}: {error}" if error.code in CREDENTIAL_CODES else str(error)
            except (OSError, WebSocketException) as error:
                detail = explain(error)
            failures = 0 if self._was_live else failures + 1
            self._say(LinkState.DOWN, detail)
            await asyncio.sleep(self._pause_s(failures, longest_s))

    def _pause_s(self, failures: int, longest_s: float) -> float:
        return min(self._timing.backoff_first_s * 2.0 ** min(failures, 16), longest_s) * random.uniform(0.5, 1.0)

    def _say(self, state: LinkState, detail: str) -> None:
        self.state = state
        self.report(state, clean(redact(detail)))

    async def _stay_connected(self) -> str:
        """Go on from one connection to the next as long as each is ready in time; returns or raises what broke it."""
        try:
            line = self._open_line()
            while True:
                ending = asyncio.create_task(line.connection.is_ending.wait())
                try:
                    await asyncio.wait({line.task, ending}, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    ending.cancel()
                if line.task.done():
                    return line.task.result()
                line = await self._hand_over(line)
        finally:
            lines, self._lines = self._lines, []
            await asyncio.gather(*(line.close() for line in lines))

    def _open_line(self) -> _Line:
        line = _Line(Connection(self, self._timing, self.tap, self.proxy_url))
        self._lines.append(line)
        return line

    async def _hand_over(self, old: _Line) -> _Line:
        """Open the next connection before the old one goes; returns the one that goes on."""
        _log.info("next connection: %s", old.connection.why_ending)
        failures = 0
        while True:
            new = self._open_line()
            ready = asyncio.create_task(new.connection.is_ready.wait())
            try:
                await asyncio.wait(
                    {ready, new.task, old.task},
                    timeout=self._timing.handover_s,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                if ready.done():
                    await asyncio.wait({old.task, new.task}, timeout=self._timing.overlap_s)
            finally:
                ready.cancel()
            if new.connection.is_ready.is_set() and not new.task.done():
                self.renewals += 1
                await self._drop(old)
                return new
            if old.task.done():
                return await self._after_cut(old, new)
            await self._drop(new)
            failures += 1
            await asyncio.wait({old.task}, timeout=self._pause_s(failures, self._timing.backoff_longest_s))
            if old.task.done():
                return old

    async def _after_cut(self, old: _Line, new: _Line) -> _Line:
        """The old connection went before the new one was ready: what comes in between is missing."""
        failure = old.task.exception()
        self._say(LinkState.DOWN, old.task.result() if failure is None else explain(failure))
        self._say(LinkState.CONNECTING, "")
        await self._drop(old)
        return new

    async def _drop(self, line: _Line) -> None:
        await line.close()
        self._lines = [other for other in self._lines if other is not line]


def timing_for(url: str, *, quiet_s: float = 0.0) -> LinkTiming:
    """Patience for an address: on this machine a lost exchange is looked for every second."""
    if is_loopback(url):
        return LinkTiming(silence_s=3.0, quiet_s=quiet_s, backoff_first_s=0.1, backoff_longest_s=1.0, refused_s=2.0)
    return LinkTiming(quiet_s=quiet_s)
