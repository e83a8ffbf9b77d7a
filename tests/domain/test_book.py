"""A book equals its levels, however they came, and its groups lose nothing."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tui.domain.book import OrderBook
from tui.domain.book_side import MOST_LEVELS
from tui.domain.increment import Increment
from tui.domain.market import BookChange, BookSnapshot

LEVELS = st.lists(st.tuples(st.integers(1, 60), st.integers(0, 5)), max_size=20)


@given(st.lists(st.tuples(LEVELS, LEVELS), max_size=15))
def test_changes_leave_the_last_size_of_each_level(changes) -> None:
    book, bids, asks = OrderBook(), {}, {}
    for number, (bid_levels, ask_levels) in enumerate(changes, 1):
        raised = [(price + 100, size) for price, size in ask_levels]
        book.apply(BookChange(number, number, None, bid_levels, raised, 0))
        bids.update(bid_levels)
        asks.update(raised)
    view = book.view(1_000)
    assert list(view.bids) == sorted(((p, s) for p, s in bids.items() if s), reverse=True)
    assert list(view.asks) == sorted((p, s) for p, s in asks.items() if s)
    assert view.update_id == len(changes)


@given(
    st.lists(st.tuples(LEVELS, st.sampled_from([0, 1, 3, 60])), max_size=20),
    st.sampled_from([("0.01", "0.001"), ("0.25", "1"), ("5", "0.1"), ("0.00000001", "1000")]),
)
def test_a_book_read_now_and_then_is_the_book_read_at_the_end(changes, sizes) -> None:
    """Texts of any notation go in; whatever was read in between, and however deep, ticks and lots come out exactly."""
    increments = tick, step = tuple(Increment(Decimal(size)) for size in sizes)
    book, model = OrderBook(), {}
    book.load(BookSnapshot(0, [], [], None, increments))
    for number, (levels, depth) in enumerate(changes, 1):
        rows = [
            (float(tick.text(price) + "0" * (number % 3) * ("." in tick.text(price))), float(step.text(size)))
            for price, size in levels
        ]
        book.apply(BookChange(number, number, None, rows, rows, 0))
        model.update(levels)
        rising = sorted((price, size) for price, size in model.items() if size)
        view = book.view(depth)
        assert list(view.asks) == rising[:depth]
        assert list(view.bids) == rising[::-1][:depth]
    assert book.asks.sizes == book.bids.sizes == {price: size for price, size in model.items() if size}


def test_a_flood_of_levels_is_forgotten_far_from_the_touch() -> None:
    book = OrderBook()
    for start in range(0, 60_000, 5_000):
        rows = [(price, 1) for price in range(start + 1, start + 5_001)]
        book.apply(BookChange(1, 1, None, rows, rows, 0))
    assert max(len(book.bids), len(book.asks)) <= MOST_LEVELS + 5_000
    assert (book.view(1).best_bid, book.view(1).best_ask) == (60_000, 1)


def test_levels_taken_away_and_never_read_are_not_kept() -> None:
    book = OrderBook()
    for price in range(10_000, 50_000):
        book.apply(BookChange(1, 1, None, [(price, 1), (price - 10, 0)], [], 0))
    assert len(book.bids._held) < 5_000
    assert book.view(2).bids == ((49_999, 1), (49_998, 1))


@given(LEVELS, LEVELS, st.integers(1, 12))
def test_groups_hold_all_that_levels_hold(bids, asks, width) -> None:
    book = OrderBook()
    book.load(BookSnapshot(1, bids, [(price + 100, size) for price, size in asks]))
    grouped, plain = book.view(1_000, width), book.view(1_000)
    assert sum(size for _, size in grouped.bids) == sum(size for _, size in plain.bids)
    assert sum(size for _, size in grouped.asks) == sum(size for _, size in plain.asks)
    assert all(price % width == 0 for price, _ in (*grouped.bids, *grouped.asks))
    if plain.bids:
        assert grouped.best_bid <= plain.best_bid < grouped.best_bid + width
    if plain.asks:
        assert grouped.best_ask - width < plain.best_ask <= grouped.best_ask


@given(LEVELS, LEVELS, st.integers(2, 12))
def test_a_bid_belongs_to_the_group_below_it_and_an_ask_to_the_one_above(bids, asks, width) -> None:
    book = OrderBook()
    book.load(BookSnapshot(1, bids, asks))
    below, above = {}, {}
    for price, size in dict(bids).items():
        below[price // width * width] = below.get(price // width * width, 0) + size
    for price, size in dict(asks).items():
        above[-(-price // width) * width] = above.get(-(-price // width) * width, 0) + size
    grouped = book.view(1_000, width)
    assert list(grouped.bids) == sorted(((p, s) for p, s in below.items() if s), reverse=True)
    assert list(grouped.asks) == sorted((p, s) for p, s in above.items() if s)


@given(LEVELS, st.integers(1, 12), st.integers(1, 5))
def test_few_groups_are_the_first_of_many(levels, width, count) -> None:
    book = OrderBook()
    book.load(BookSnapshot(1, levels, [(price + 100, size) for price, size in levels]))
    few, many = book.view(count, width), book.view(1_000, width)
    assert few.bids == many.bids[: len(few.bids)]
    assert few.asks == many.asks[: len(few.asks)]
    assert len(few.bids) <= count


def test_an_empty_book_has_no_touch() -> None:
    view = OrderBook().view(10, 5)
    assert (view.best_bid, view.best_ask) == (None, None)


def test_clearing_leaves_nothing() -> None:
    book = OrderBook()
    book.load(BookSnapshot(7, [(1, 1)], [(2, 1)]))
    book.clear()
    assert (book.update_id, len(book.bids), len(book.asks)) == (0, 0, 0)
