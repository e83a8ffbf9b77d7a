"""A book kept from diffs is the exchange's book, whatever happens on the way."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.domain.book import OrderBook
from tui.domain.market import BookChange, BookSnapshot
from tui.engine.feeds.book_sync import BookSync, Step, SyncState


class Exchange:
    """A model exchange: it knows its book at every update id and cuts its history into chained changes."""

    def __init__(self, futures: bool) -> None:
        self.futures = futures
        self.update_id = 0
        self.bids: dict[int, int] = {}
        self.asks: dict[int, int] = {}
        self.history: dict[int, tuple[dict[int, int], dict[int, int]]] = {0: ({}, {})}
        self.last_final = 0

    def change(self, edits: list[tuple[bool, int, int]], skipped: int) -> BookChange:
        """Apply edits, one update id each; futures may skip ids that belong to other symbols."""
        previous = self.last_final
        if self.futures:
            self._advance(skipped)
        first = self.update_id + 1
        bids: dict[int, int] = {}
        asks: dict[int, int] = {}
        for is_bid, price, size in edits:
            side, said = (self.bids, bids) if is_bid else (self.asks, asks)
            price = price if is_bid else price + 100
            if size:
                side[price] = size
            else:
                side.pop(price, None)
            said[price] = size
            self._advance(1)
        self.last_final = self.update_id
        previous_id = previous if self.futures else None
        return BookChange(first, self.update_id, previous_id, list(bids.items()), list(asks.items()), 0)

    def snapshot(self, update_id: int) -> BookSnapshot:
        bids, asks = self.history[update_id]
        return BookSnapshot(update_id, list(bids.items()), list(asks.items()))

    def _advance(self, count: int) -> None:
        for _ in range(count):
            self.update_id += 1
            self.history[self.update_id] = (dict(self.bids), dict(self.asks))


EDITS = st.lists(st.tuples(st.booleans(), st.integers(1, 20), st.integers(0, 5)), min_size=1, max_size=4)
EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("change"), EDITS, st.integers(0, 3)),
        st.tuples(st.sampled_from(["lose", "swap", "repeat", "reconnect"]), st.just([]), st.just(0)),
        st.tuples(st.just("snapshot"), st.just([]), st.integers(0, 12)),
    ),
    max_size=60,
)


class Reader:
    """A book as the engine keeps it, compared with the truth after every step."""

    def __init__(self, exchange: Exchange, capacity: int) -> None:
        self.exchange, self.sync, self.book = exchange, BookSync(capacity), OrderBook()

    def hear(self, change: BookChange) -> None:
        if self.sync.on_change(change) is Step.APPLY:
            self.book.apply(change)
        self.check()

    def ask(self, age: int) -> None:
        """A snapshot that may be older than what the stream has already said."""
        if not self.sync.needs_snapshot:
            return
        bridge = self.sync.on_snapshot(self.exchange.snapshot(max(0, self.exchange.update_id - age)))
        if bridge is not None:
            self.book.load(bridge.snapshot)
            for change in bridge.changes:
                self.book.apply(change)
        self.check()

    def check(self) -> None:
        if self.sync.state is not SyncState.LIVE:
            return
        assert self.sync.update_id == self.book.update_id
        bids, asks = self.exchange.history[self.book.update_id]
        assert self.book.bids.sizes == bids
        assert self.book.asks.sizes == asks


@settings(max_examples=300, deadline=None)
@given(futures=st.booleans(), events=EVENTS, capacity=st.sampled_from([3, 100]))
def test_a_live_book_is_the_exchanges_book_at_its_update_id(futures, events, capacity) -> None:
    exchange = Exchange(futures)
    reader = Reader(exchange, capacity)
    on_the_way: list[BookChange] = []
    heard: list[BookChange] = []
    for kind, edits, number in events:
        if kind == "change":
            on_the_way.append(exchange.change(edits, number))
        elif kind == "lose" and on_the_way:
            on_the_way.pop(0)
        elif kind == "swap" and len(on_the_way) > 1:
            on_the_way[0], on_the_way[1] = on_the_way[1], on_the_way[0]
        elif kind == "repeat" and heard:
            reader.hear(heard[-1])
        elif kind == "reconnect":
            reader.sync.restart()
            on_the_way.clear()
        elif kind == "snapshot":
            reader.ask(number)
        if kind == "change" and len(on_the_way) > 2:
            heard.append(on_the_way.pop(0))
            reader.hear(heard[-1])
    for change in on_the_way:
        reader.hear(change)
    reader.ask(0)
    reader.ask(0)
    last = exchange.change([(True, 1, 7)], 0)
    reader.hear(last)
    reader.ask(0)
    assert reader.sync.state is SyncState.LIVE
    assert reader.book.update_id == exchange.update_id


def spot(first: int, final: int) -> BookChange:
    return BookChange(first, final, None, [(first, 1)], [], 0)


def futures(first: int, final: int, previous: int) -> BookChange:
    return BookChange(first, final, previous, [(first, 1)], [], 0)


def snapshot(update_id: int) -> BookSnapshot:
    return BookSnapshot(update_id, [], [])


@pytest.mark.parametrize(
    ("buffered", "snapshot_id", "applied"),
    [
        ([spot(1, 5), spot(6, 10)], 5, [6]),
        ([spot(1, 5), spot(6, 10)], 7, [6]),
        ([spot(1, 5), spot(6, 10)], 10, []),
        ([spot(6, 10)], 4, None),
        ([spot(1, 5), spot(7, 10)], 3, None),
        ([futures(1, 5, 0), futures(8, 10, 5)], 5, [1, 8]),
        ([futures(8, 10, 5)], 5, [8]),
        ([futures(8, 10, 6)], 5, None),
        ([futures(8, 10, 5), futures(13, 15, 10)], 9, [8, 13]),
        ([futures(8, 10, 5), futures(13, 15, 11)], 9, None),
    ],
)
def test_a_snapshot_is_joined_only_without_a_hole(buffered, snapshot_id, applied) -> None:
    sync = BookSync()
    for change in buffered:
        assert sync.on_change(change) is Step.NOTHING
    bridge = sync.on_snapshot(snapshot(snapshot_id))
    if applied is None:
        assert bridge is None
        assert sync.needs_snapshot
    else:
        assert [change.first_id for change in bridge.changes] == applied


def test_a_gap_keeps_the_change_that_revealed_it_for_the_next_snapshot() -> None:
    sync = BookSync()
    sync.on_snapshot(snapshot(5))
    assert sync.on_change(spot(6, 8)) is Step.APPLY
    assert sync.on_change(spot(10, 12)) is Step.GAP
    assert sync.needs_snapshot
    bridge = sync.on_snapshot(snapshot(10))
    assert [change.first_id for change in bridge.changes] == [10]


def test_what_the_book_already_holds_is_no_gap() -> None:
    sync = BookSync()
    sync.on_snapshot(snapshot(5))
    assert sync.on_change(spot(6, 8)) is Step.APPLY
    assert sync.on_change(spot(6, 8)) is Step.NOTHING
    assert sync.on_change(spot(2, 4)) is Step.NOTHING
    assert sync.on_change(spot(9, 9)) is Step.APPLY


def test_an_overflowing_buffer_makes_the_snapshot_too_old() -> None:
    sync = BookSync(capacity=2)
    for first in (1, 2, 3):
        sync.on_change(spot(first, first))
    assert sync.on_snapshot(snapshot(0)) is None
    assert sync.on_snapshot(snapshot(1)) is not None
