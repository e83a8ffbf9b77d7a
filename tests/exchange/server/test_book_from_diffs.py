"""A book kept from the published diffs is the exchange's own book at every update id, whatever is lost on the way.

The rules for keeping a book are written down here once more, after Binance's own recipes, so that they share nothing
with the program's client.
"""

import json
from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.domain.order_terms import Side
from tui.domain.product import Product
from tui.exchange.auth import Authenticator
from tui.exchange.catalogue import listings
from tui.exchange.clock import ManualClock
from tui.exchange.orders import OrderEntry
from tui.exchange.server.desk import SPOT_LIMITS, Desk
from tui.exchange.server.publisher import Publisher
from tui.exchange.tape import Tape
from tui.exchange.venue import Venue

Book = tuple[dict[str, str], dict[str, str]]
START_MS = 1_795_400_000_000


class Market:
    """One symbol of one venue, its publisher, and every book it ever published."""

    def __init__(self, product: Product) -> None:
        clock = ManualClock(START_MS)
        self.venue = Venue(product, clock, listings(product)[:1])
        self.symbol = next(iter(self.venue.listings))
        tape = Tape(self.venue.listings, lambda symbol: [], 1)
        self.desk = Desk(self.venue, tape, Authenticator([]), SPOT_LIMITS, lambda: (clock.now_ms(),))
        self.now = 0.0
        self.soon: list[Callable[[], None]] = []
        self.publisher = Publisher(self.desk, self.soon.append, lambda: self.now)
        self.venue.add_listener(self.publisher)
        for account in ("a", "b"):
            if self.venue.spot is not None:
                for asset, amount in (("BTC", Decimal(10_000)), ("USDT", Decimal(10) ** 9)):
                    self.venue.spot.deposit(account, asset, amount)
            if self.venue.futures is not None:
                self.venue.futures.credit(account, "USDT", Decimal(10) ** 9)
        self.books: dict[int, Book] = {}
        self.remember()

    def place(self, account: str, is_buy: bool, offset: int, lots: int) -> None:
        listing = self.venue.listings[self.symbol]
        self.venue.place(
            account,
            OrderEntry(
                self.symbol,
                Side.BUY if is_buy else Side.SELL,
                "LIMIT",
                "GTC",
                quantity=listing.step.value(lots),
                price=listing.tick.round(listing.start_price) + listing.tick.value(offset),
            ),
        )

    def cancel(self, account: str, which: int) -> None:
        orders = self.venue.open_orders(account, self.symbol)
        if orders:
            self.venue.cancel(account, self.symbol, orders[which % len(orders)].order_id, None)

    def publish(self) -> None:
        self.remember()
        self.now += 1_000
        self.publisher.tick()
        self.settle()

    def settle(self) -> None:
        """What an event loop does at the end of a turn."""
        self.remember()
        waiting, self.soon[:] = list(self.soon), []
        for act in waiting:
            act()

    def snapshot(self) -> dict[str, Any]:
        self.settle()
        update_id, bids, asks = self.venue.depth(self.symbol, 1000)
        level = self.desk.notations[self.symbol].level
        return {"lastUpdateId": update_id, "bids": [level(bid) for bid in bids], "asks": [level(ask) for ask in asks]}

    def remember(self) -> None:
        update_id, bids, asks = self.venue.depth(self.symbol, 100_000)
        level = self.desk.notations[self.symbol].level
        self.books[update_id] = (dict(map(level, bids)), dict(map(level, asks)))


class Keeper:
    """A client's book by the published recipe; `loses` messages are gone before it sees them."""

    is_combined = False
    in_microseconds = False

    def __init__(self, market: Market, stream: str, is_futures: bool) -> None:
        self.market = market
        self.stream = stream
        self.is_futures = is_futures
        self.loses = 0
        self.buffer: list[dict[str, Any]] = []
        self.book: Book | None = None
        self.book_id = 0
        self.is_first = True
        self.checked = 0
        market.publisher.subscribe(stream, self)

    def push(self, frame: bytes) -> None:
        if self.loses:
            self.loses -= 1
            return
        event = json.loads(frame)
        if self.book is None:
            self.buffer.append(event)
        elif not self.follow(event):
            self.start_over()

    def wants(self, stream: str, event: str) -> bool:
        return True

    def start_over(self) -> None:
        self.buffer, self.book = [], None

    def reconnect(self) -> None:
        self.market.publisher.unsubscribe(self.stream, self)
        self.start_over()
        self.market.publisher.subscribe(self.stream, self)

    def synchronise(self) -> None:
        """Take a snapshot and apply what was buffered; too old a snapshot is thrown away."""
        if self.book is not None or not self.buffer:
            return
        snapshot = self.market.snapshot()
        last = snapshot["lastUpdateId"]
        if self.book is not None or last < self.buffer[0]["U"]:
            return
        self.book = (dict(snapshot["bids"]), dict(snapshot["asks"]))
        self.book_id, self.is_first = last, True
        self.check()
        pending, self.buffer = self.buffer, []
        for event in pending:
            if not self.follow(event):
                self.start_over()
                return

    def follow(self, event: dict[str, Any]) -> bool:
        """Apply one event by the product's rule; False is a gap."""
        first, final = event["U"], event["u"]
        if self.is_first:
            if final < self.book_id or (final == self.book_id and not self.is_futures):
                return True
            bridges = first <= self.book_id <= final if self.is_futures else first <= self.book_id + 1 <= final
            if not bridges:
                return False
        elif self.is_futures:
            if event["pu"] != self.book_id:
                return False
        elif first > self.book_id + 1:
            return False
        self.is_first = False
        assert self.book is not None
        for side, levels in zip(self.book, (event["b"], event["a"]), strict=True):
            for price, size in levels:
                if Decimal(size) == 0:
                    side.pop(price, None)
                else:
                    side[price] = size
        self.book_id = final
        self.check()
        return True

    def check(self) -> None:
        assert self.book == self.market.books[self.book_id]
        self.checked += 1


lots = st.integers(100, 140)
steps = st.one_of(
    st.tuples(st.just("place"), st.sampled_from("ab"), st.booleans(), st.integers(-4, 4), lots),
    st.tuples(st.just("place"), st.sampled_from("ab"), st.booleans(), st.integers(-12, 12), lots),
    st.tuples(st.just("cancel"), st.sampled_from("ab"), st.integers(0, 20)),
    st.tuples(st.just("publish")),
    st.tuples(st.just("settle")),
    st.tuples(st.just("lose"), st.integers(1, 3)),
    st.tuples(st.just("reconnect")),
    st.tuples(st.just("synchronise")),
)


@pytest.mark.parametrize(
    ("product", "speed"),
    [
        (Product.SPOT, ""),
        (Product.SPOT, "@100ms"),
        (Product.USDM, ""),
        (Product.USDM, "@500ms"),
        (Product.USDM, "@0ms"),
    ],
)
@settings(max_examples=40, deadline=None)
@given(script=st.lists(steps, min_size=5, max_size=60))
def test_book_from_diffs_is_the_exchange_book(product: Product, speed: str, script: list[tuple[Any, ...]]) -> None:
    market = Market(product)
    keeper = Keeper(market, f"btcusdt@depth{speed}", product.is_futures)
    for name, *values in script:
        if name == "lose":
            keeper.loses = values[0]
        elif name in ("reconnect", "synchronise"):
            getattr(keeper, name)()
        else:
            getattr(market, name)(*values)
            if name in ("place", "cancel"):
                market.remember()
    # Whatever happened before, a client that synchronises now arrives at the exchange's present book.
    keeper.loses = 0
    for offset in (-20, -21, -22, -23, -24):
        for size in (100, 101):
            market.place("a", True, offset, size)
        market.publish()
        keeper.synchronise()
    assert keeper.book is not None
    assert keeper.book_id == market.venue.depth(market.symbol, 1)[0]
    assert keeper.book == market.books[keeper.book_id]
    assert keeper.checked


def test_two_speeds_have_their_own_chains() -> None:
    market = Market(Product.USDM)
    slow = Keeper(market, "btcusdt@depth@500ms", True)
    fast = Keeper(market, "btcusdt@depth@0ms", True)
    for offset in range(6):
        market.place("a", True, -30 - offset, 100)
        market.settle()
        if offset % 3 == 2:
            market.publish()
    assert len(fast.buffer) == 6
    assert len(slow.buffer) == 2
    for events in (fast.buffer, slow.buffer):
        assert all(later["pu"] == earlier["u"] for earlier, later in pairwise(events))
