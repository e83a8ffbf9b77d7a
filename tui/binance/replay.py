"""A recording in place of an exchange: the same answers and the same streams, in the order they were received.

Streams and answers of one product are played together, so that a book meets its snapshot among the changes it met when
it was recorded. An answer to a subscription marks a new connection, after which books are built afresh.
"""

import asyncio
import logging
import time
from bisect import bisect_left
from collections import deque
from collections.abc import Callable
from pathlib import Path

from tui.binance.client import (
    LinkState,
    MarketListener,
    MarketStream,
    StreamKind,
    Subscription,
    UserListener,
    UserStream,
)
from tui.binance.errors import RefusedError
from tui.binance.http import Call, RestTransport
from tui.binance.limits import RateLimits
from tui.binance.market_events import Handler, handler_for
from tui.binance.replay_file import CALLS, Contents, RecordedFrame, RestKey, read_frames
from tui.binance.rest_client import RestClient
from tui.binance.signing import Parameters
from tui.binance.stream_names import StreamNames, lower
from tui.binance.untraded import Untraded
from tui.binance.wire import MALFORMED
from tui.config import DataOptions
from tui.domain.product import Product

_log = logging.getLogger(__name__)

#: Changes of a book kept for a feed that begins to look at it later, and those from before the snapshot among them.
_HISTORY = 4_000
_BEFORE_SNAPSHOT = 100
#: How long the recording waits for a feed to ask for the snapshot that comes next.
_ASKED_WITHIN_S = 1.0
#: Frames played before other tasks have their turn.
_AT_ONCE = 64
#: A connection that was lost is followed by snapshots within this time.
_SOON_NS = 5_000_000_000


_NOTHING_TO_TRADE_ON = "this is a recording: there is no account, and nothing can be sent"


class Pace:
    """When each frame is due; `speed` 1 is as it was, 0 as fast as it can be. One for all products of a recording."""

    def __init__(self, first_ns: int, speed: float) -> None:
        self._first_ns = first_ns
        self._speed = speed
        self._started: float | None = None

    async def until(self, time_ns: int) -> None:
        """Wait for the moment of a frame."""
        if not self._speed:
            return
        now = time.monotonic()
        if self._started is None:
            self._started = now
        wait_s = self._started + (time_ns - self._first_ns) / 1e9 / self._speed - now
        if wait_s > 0:
            await asyncio.sleep(wait_s)


class Shelf:
    """Recorded answers of one product: the newest of each kind, and those who wait for one that is still to come."""

    def __init__(self, product: Product, contents: Contents) -> None:
        calls = CALLS[product]
        self._depth = calls.depth.path
        #: What is asked for after each connection, to fill the hole before it: an older answer would leave it open.
        self._fresh = {self._depth, calls.trades.path} | ({calls.single_trades.path} if calls.single_trades else set())
        self._left = {key: count for (of, key), count in contents.answers.items() if of is product}
        self._beginnings = {key: body for (of, key), body in contents.beginnings.items() if of is product}
        self._snapshots = {symbol: times for (of, symbol), times in contents.snapshots.items() if of is product}
        self._latest: dict[RestKey, tuple[int, bytes]] = {}
        self._served: dict[RestKey, int] = {}
        self._waiting: dict[RestKey, asyncio.Future[bytes]] = {}
        self._asked = asyncio.Event()

    def begin(self, symbol: str) -> None:
        """A feed begins to look at a book: the newest snapshot is new to it."""
        self._served.pop(RestKey(self._depth, symbol), None)

    def has_snapshot_ahead(self, symbol: str, now_ns: int) -> bool:
        """Whether another snapshot of this book comes soon after this moment of the recording."""
        times = self._snapshots.get(symbol, ())
        at = bisect_left(times, now_ns)
        return at < len(times) and times[at] - now_ns < _SOON_NS

    async def body(self, key: RestKey) -> bytes:
        """The answer: snapshots and prints are given out once while more are to come, all else as often as asked."""
        number, body = self._latest.get(key, (0, self._beginnings.get(key, b"")))
        if body and (key.path not in self._fresh or number > self._served.get(key, 0)):
            self._served[key] = number
            return body
        if not self._left.get(key) and key.path != self._depth:
            return body or b"[]"
        waiting = self._waiting.get(key)
        if waiting is None or waiting.done():
            waiting = self._waiting[key] = asyncio.get_running_loop().create_future()
        self._asked.set()
        return await asyncio.shield(waiting) if key.path != self._depth else await waiting

    async def wait_for_asker(self, key: RestKey) -> None:
        """Give the feed that caused this answer the time to ask for it."""
        await _let_others()
        deadline = time.monotonic() + _ASKED_WITHIN_S
        while (waiting := self._waiting.get(key)) is None or waiting.done():
            self._asked.clear()
            try:
                async with asyncio.timeout(deadline - time.monotonic()):
                    await self._asked.wait()
            except TimeoutError:
                return

    def put(self, key: RestKey, body: bytes) -> None:
        """An answer has been played."""
        number = self._latest.get(key, (0, b""))[0] + 1
        self._latest[key] = number, body
        self._left[key] = self._left.get(key, 1) - 1
        waiting = self._waiting.pop(key, None)
        if waiting is not None and not waiting.done():
            self._served[key] = number
            waiting.set_result(body)


async def _let_others() -> None:
    for _ in range(4):
        await asyncio.sleep(0)


class ReplayTransport(RestTransport):
    """REST without a network: every answer is taken from the shelf."""

    def __init__(self, shelf: Shelf) -> None:
        super().__init__("", "", RateLimits(0))
        self._shelf = shelf

    async def open(self) -> None:
        """Nothing to connect to."""

    async def measure_clock(self) -> None:
        """Nobody to ask for the time."""

    async def request(self, call: Call, parameters: Parameters | None = None) -> bytes:
        """The recorded answer, or an empty list where none was recorded; raises RefusedError for what is signed."""
        if call.signed or call.keyed or call.method != "GET":
            raise RefusedError(_NOTHING_TO_TRADE_ON)
        asked = parameters or {}
        if "endTime" in asked:
            return b"[]"
        return await self._shelf.body(RestKey(call.path, str(asked.get("symbol", "")), str(asked.get("interval", ""))))


class ReplayClient(Untraded, RestClient):
    """One product of a recording; see `client.ProductClient`. Nothing can be placed or cancelled."""

    no_trading = _NOTHING_TO_TRADE_ON

    def __init__(self, product: Product, path: Path, contents: Contents, pace: Pace) -> None:
        self._shelf = Shelf(product, contents)
        aggregates = product not in contents.single_prints
        data = DataOptions(use_agg_trade_ticks=aggregates)
        super().__init__(ReplayTransport(self._shelf), CALLS[product], data)
        self.product = product
        #: Set once every frame has been played.
        self.ended = asyncio.Event()
        self._path = path
        self._pace = pace
        self._names = contents.names(product)

    def market_stream(self, listener: MarketListener) -> MarketStream:
        """The recorded streams, to be run by the caller."""
        return ReplayStream(self._names, self._path, self._shelf, self._pace, listener, self.ended.set)

    def user_stream(self, listener: UserListener) -> UserStream:
        """Raises RefusedError."""
        raise RefusedError(_NOTHING_TO_TRADE_ON)


class ReplayStream:
    """Plays the streams of one product, and puts its answers on the shelf. See `client.MarketStream`."""

    def __init__(
        self,
        names: StreamNames,
        path: Path,
        shelf: Shelf,
        pace: Pace,
        listener: MarketListener,
        when_ended: Callable[[], None],
    ) -> None:
        self.last_message_ns = 0
        #: Frames that could not be read, as there may have been when they were recorded.
        self.malformed = 0
        self._product = names.product
        self._names = names
        self._path = path
        self._shelf = shelf
        self._pace = pace
        self._listener = listener
        self._when_ended = when_ended
        self._wanted: dict[str, Subscription] = {}
        self._handlers: dict[str, Handler] = {}
        self._history: dict[str, deque[bytes]] = {}

    def subscribe(self, subscriptions: set[Subscription]) -> None:
        """Make this the wanted set; a book that is new in it begins with what was played of it."""
        wanted = {self._names(subscription): subscription for subscription in subscriptions}
        for name in self._wanted.keys() - wanted.keys():
            self._handlers.pop(name, None)
        fresh = wanted.keys() - self._wanted.keys()
        self._wanted = wanted
        for name in fresh:
            if wanted[name].kind is StreamKind.BOOK:
                self._shelf.begin(wanted[name].of.native)
                # Later, because whoever subscribes does not listen yet.
                asyncio.get_running_loop().call_soon(self._join, name)
            else:
                self._handlers[name] = handler_for(wanted[name], self._listener, self._product, name)

    def _join(self, name: str) -> None:
        subscription = self._wanted.get(name)
        if subscription is None or name in self._handlers:
            return
        handler = handler_for(subscription, self._listener, self._product, name)
        for frame in self._history.get(subscription.of.native, ()):
            self._handle(handler, frame)
        self._handlers[name] = handler

    async def run(self) -> None:
        """Play the recording once, then stay as it ended until cancelled."""
        self._say_live()
        frames = 0
        for frame in read_frames(self._path):
            if frame.product is not self._product:
                continue
            await self._pace.until(frame.time_ns)
            self.last_message_ns = time.monotonic_ns()
            if frame.key is not None:
                await self._answer(frame.key, frame.data)
            elif frame.stream:
                self._play(frame)
            elif self._is_new_connection(frame.time_ns):
                self._say_live()
                await _let_others()
            frames += 1
            if frames % _AT_ONCE == 0:
                await asyncio.sleep(0)
        await _let_others()
        self._when_ended()
        await asyncio.Event().wait()

    def _say_live(self) -> None:
        self._listener.on_market_link(self._product, LinkState.LIVE, "")

    def _is_new_connection(self, now_ns: int) -> bool:
        """Whether books are built afresh here.

        Streams may also have been added to a connection that stayed, or another one have taken over without a gap.
        """
        books = [one.of.native for one in self._wanted.values() if one.kind is StreamKind.BOOK]
        return all(self._shelf.has_snapshot_ahead(native, now_ns) for native in books)

    async def _answer(self, key: RestKey, body: bytes) -> None:
        if key.path == CALLS[self._product].depth.path:
            if self._book_stream(key.symbol) in self._handlers:
                await self._shelf.wait_for_asker(key)
            kept = self._history.get(key.symbol)
            while kept is not None and len(kept) > _BEFORE_SNAPSHOT:
                kept.popleft()
        self._shelf.put(key, body)
        await _let_others()

    def _play(self, frame: RecordedFrame) -> None:
        native = frame.stream.partition("@")[0].upper()
        if frame.stream == self._book_stream(native):
            self._history.setdefault(native, deque(maxlen=_HISTORY)).append(frame.data)
        handler = self._handlers.get(frame.stream)
        if handler is not None:
            self._handle(handler, frame.data)

    def _book_stream(self, native: str) -> str:
        return f"{lower(native)}@{self._names.book_suffix}"

    def _handle(self, handler: Handler, frame: bytes) -> None:
        try:
            handler(frame)
        except MALFORMED as error:
            self.malformed += 1
            _log.info("a frame of the recording cannot be read: %s", type(error).__name__)
