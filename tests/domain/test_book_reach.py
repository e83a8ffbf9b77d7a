"""How far a book is known: no size beyond that passes for all there is."""

from hypothesis import given
from hypothesis import strategies as st

from tui.domain.book import OrderBook, cumulative
from tui.domain.book_side import MOST_LEVELS
from tui.domain.market import BookChange, BookSnapshot


def cut_book(levels=5):
    """A book whose snapshot had as many levels as were asked for."""
    book = OrderBook()
    bids, asks = [(100 - n, 2) for n in range(levels)], [(101 + n, 3) for n in range(levels)]
    book.load(BookSnapshot(1, bids, asks, levels_asked=levels))
    return book


def test_a_book_says_to_which_price_it_is_known() -> None:
    view = cut_book().view(50)
    assert (view.bids_known_to, view.asks_known_to) == (96, 105)
    assert cut_book().view(3, 2).bids_known_to == 96


def test_a_side_with_fewer_levels_than_asked_for_is_whole() -> None:
    book = OrderBook()
    book.load(BookSnapshot(1, [(100, 1)], [(101, 1)] * 1, levels_asked=5))
    assert (book.view(1).bids_known_to, book.view(1).asks_known_to) == (None, None)
    book.load(BookSnapshot(1, [(100, 1)], [(101, 1)]))
    assert book.view(1).bids_known_to is None


def test_levels_beyond_it_that_change_are_held_and_the_reach_stays() -> None:
    book = cut_book()
    book.apply(BookChange(2, 2, None, [(90, 7)], [(120, 8)], 0))
    view = book.view(50)
    assert (90, 7) in view.bids
    assert (120, 8) in view.asks
    assert (view.bids_known_to, view.asks_known_to) == (96, 105)


def test_levels_forgotten_far_away_shorten_the_reach() -> None:
    book = OrderBook()
    book.load(BookSnapshot(1, [(1_000_000, 1)], [(1_000_001, 1)]))
    rows = [(1_000_000 - n, 1) for n in range(MOST_LEVELS + 5_000)]
    book.apply(BookChange(2, 2, None, rows, [], 0))
    view = book.view(1)
    assert view.bids_known_to == 1_000_000 - MOST_LEVELS // 2 + 1
    assert view.asks_known_to is None
    assert min(book.bids.sizes) == view.bids_known_to


def test_clearing_forgets_the_reach() -> None:
    book = cut_book()
    book.clear()
    assert book.view(1).bids_known_to is None


def test_sizes_add_up_from_the_touch() -> None:
    assert cumulative(cut_book().view(3).asks) == (3, 6, 9)
    assert cumulative(()) == ()


@given(st.lists(st.tuples(st.integers(1, 90), st.integers(0, 5)), max_size=60))
def test_within_the_reach_every_level_is_what_was_last_said(rows) -> None:
    """Whatever changes come, the levels down to the reach are the snapshot's with the changes on top."""
    start = dict.fromkeys(range(60, 90), 1)
    book = OrderBook()
    book.load(BookSnapshot(1, list(start.items()), [], levels_asked=len(start)))
    for number, row in enumerate(rows):
        book.apply(BookChange(number, number, None, [row], [], 0))
    truth = {**start, **dict(rows)}
    reach = book.view(1).bids_known_to
    known = {price: size for price, size in book.bids.sizes.items() if price >= reach}
    assert known == {price: size for price, size in truth.items() if price >= reach and size}
