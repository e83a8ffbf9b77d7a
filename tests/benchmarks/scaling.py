"""How the engine's cost grows with open books and watched symbols: feeds in process, frames of every symbol in turn."""

import time
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import partial

import msgspec
from depth_stream import DepthStream, instrument

from tui.binance.client import StreamKind, Subscription
from tui.binance.market_events import Handler, handler_for
from tui.domain.market import BookChange, BookSnapshot, Candle
from tui.domain.product import Product
from tui.engine.book_keeper import BookKeeper
from tui.engine.clock import Clock
from tui.engine.feeds.book_feed import BookFeed
from tui.engine.feeds.market_feed import Interest, MarketFeed
from tui.engine.store import Session, Store

Symbol = str


class OpenBook:
    """One book kept true by its feed, from frames on; `keeper` is what a pane reads."""

    def __init__(self, stream: DepthStream) -> None:
        of = stream.instrument
        self.keeper = BookKeeper()
        self._feed = BookFeed(of, self.keeper, None, None, Clock(), lambda: None)
        snapshot = BookSnapshot(stream.first_id, doubles(stream.bids), doubles(stream.asks), 1, (of.tick, of.step))
        bridge = self._feed._sync.on_snapshot(snapshot)
        self.keeper.load(bridge.snapshot, bridge.changes)
        self.take: Handler = handler_for(Subscription(StreamKind.BOOK, of), self)

    def on_book_change(self, _instrument: object, change: BookChange) -> None:
        self._feed.on_change(change)


def doubles(rows: list[tuple[str, str]]) -> list[tuple[float, float]]:
    """Rows as the decoder would give them."""
    return [(float(price), float(size)) for price, size in rows]


class Nothing:
    """Stands for the client, its stream and the tasks of a feed that is fed by hand."""

    product = Product.SPOT
    last_message_ns = 0

    def market_stream(self, _listener: object) -> "Nothing":
        return self

    def subscribe(self, _subscriptions: set[Subscription]) -> None: ...

    def spawn(self, _name: str, work: object) -> None:
        work.close()


def watching(symbols: int) -> list[Callable[[], None]]:
    """A market feed with that many watched symbols; each call takes one ticker of the next symbol."""
    store = Store(Session("bench", "main", False, True))
    base = instrument(Product.SPOT)
    for number in range(symbols):
        name = f"COIN{number}USDT"
        store.instruments[name] = replace(base, symbol=name, native=name)
    feed = MarketFeed(Nothing(), store, Nothing(), Clock(), lambda: None)
    feed.follow(Interest(watched=tuple(store.instruments)))
    calls = []
    for name, of in store.instruments.items():
        take = handler_for(Subscription(StreamKind.TICKER, of), feed)
        calls.append(partial(take, ticker_frame(name)))
    return calls


def ticker_frame(name: Symbol) -> bytes:
    """A `24hrTicker` message as the exchange sends it every second."""
    numbers = {"p": "-94.9", "P": "-0.15", "w": "64100.1", "x": "64100.0", "c": "64000.01", "Q": "0.1", "b": "64000.0"}
    numbers |= {"B": "2.1", "a": "64000.01", "A": "1.2", "o": "64094.9", "h": "65000.0", "l": "63000.0"}
    numbers |= {"v": "8913.3", "q": "571234567.1"}
    ids = {"O": 1, "C": 2, "F": 0, "L": 18150, "n": 18151}
    data = {"e": "24hrTicker", "E": 1_795_400_000_202, "s": name, **numbers, **ids}
    return msgspec.json.encode({"stream": f"{name.lower()}@ticker", "data": data})


def follow_us(symbols: int, messages: int = 9_000) -> float:
    """Microseconds a symbol to look at that many, as when the watchlist changes, and to take the first ticker of each.

    So that each figure is taken from as many symbols, fewer are looked at more often.
    """
    rounds, begun = max(1, messages // symbols), time.process_time()
    for _ in range(rounds):
        for call in watching(symbols):
            call()
    return (time.process_time() - begun) / (rounds * symbols) * 1e6


def ticker_us(symbols: int, messages: int = 9_000) -> float:
    """Microseconds of one ticker message with that many watched symbols, each of which has had its first."""
    calls = watching(symbols)
    for call in calls:
        call()
    rounds, begun = max(1, messages // symbols), time.process_time()
    for _ in range(rounds):
        for call in calls:
            call()
    return (time.process_time() - begun) / (rounds * symbols) * 1e6


def books_us(streams: list[DepthStream]) -> float:
    """Microseconds of one depth message with one open book for each stream, read ten times a second of the stream."""
    books = [OpenBook(stream) for stream in streams]
    begun = time.process_time()
    frames = 0
    for turn in zip(*(stream.frames for stream in streams), strict=True):
        for book, frame in zip(books, turn, strict=True):
            book.take(frame)
        frames += len(turn)
        if frames % (200 * len(books)) == 0:
            for book in books:
                book.keeper.view(20)
    return (time.process_time() - begun) / frames * 1e6


def memory_model(books: int, watched: int, listed: int = 3_000) -> list[object]:
    """A store with that many listed instruments, watched symbols, and open books with prints and candles."""
    store = Store(Session("bench", "main", False, True))
    base = instrument(Product.SPOT)
    for number in range(listed):
        name = f"COIN{number}USDT"
        store.instruments[name] = replace(base, symbol=name, native=name)
    feed = MarketFeed(Nothing(), store, Nothing(), Clock(), lambda: None)
    feed.follow(Interest(watched=tuple(store.instruments)[:watched]))
    for name in tuple(store.instruments)[:watched]:
        handler_for(Subscription(StreamKind.TICKER, store.instruments[name]), feed)(ticker_frame(name))
    kept: list[object] = [feed, store]
    for number in range(books):
        stream = DepthStream(Product.SPOT, 200, levels=5_000, seed=number)
        book = OpenBook(stream)
        for frame in stream.frames:
            book.take(frame)
            book.keeper.view(50)
        kept += [book, [_candle(minute, number) for minute in range(1_500)]]
    return kept


def _candle(minute: int, number: int) -> Candle:
    price = Decimal(64_000 + minute + number)
    values = (price, price + 10, price - 10, price + 5, Decimal(minute))
    return Candle(minute * 60_000, minute * 60_000 + 59_999, *values, closed=True)
