"""While one connection takes over from another, both say the same: no book loses or doubles anything."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.domain.book import OrderBook
from tui.domain.market import BookChange, BookSnapshot
from tui.engine.feeds.book_sync import BookSync, Step

ROWS = st.lists(st.tuples(st.integers(1, 30), st.integers(0, 4)), max_size=4)


@st.composite
def chains(draw, is_futures):
    """Changes that continue each other from id 10 on; futures may skip ids, spot may not."""
    changes, at = [], 10
    for rows in draw(st.lists(ROWS, min_size=1, max_size=20)):
        skip = draw(st.integers(0, 3)) if is_futures else 0
        first = at + 1 + skip
        final = first + draw(st.integers(0, 3))
        changes.append(BookChange(first, final, at if is_futures else None, rows, [], 0))
        at = final
    return changes


@pytest.mark.parametrize("is_futures", [False, True], ids=["spot", "futures"])
@given(data=st.data())
def test_a_book_fed_by_two_connections_is_the_book_fed_by_one(is_futures, data):
    changes = data.draw(chains(is_futures))
    # The old connection says everything up to some change, the new one everything from an earlier one on.
    closes = data.draw(st.integers(1, len(changes)))
    opens = data.draw(st.integers(0, closes))
    old, new = list(changes[:closes]), list(changes[opens:])
    sync, book = BookSync(), OrderBook()
    snapshot = BookSnapshot(10, [(5, 1)], [])
    book.load(snapshot)
    assert sync.on_snapshot(snapshot) is not None
    while old or new:
        # The new connection never runs ahead of what the old one has yet to say at that moment by more than it lags.
        takes_new = bool(new) and (not old or (new[0].final_id <= old[0].final_id and data.draw(st.booleans())))
        change = (new if takes_new else old).pop(0)
        step = sync.on_change(change)
        assert step is not Step.GAP
        if step is Step.APPLY:
            book.apply(change)
    truth = OrderBook()
    truth.load(snapshot)
    for change in changes:
        truth.apply(change)
    assert (book.update_id, book.bids.sizes) == (changes[-1].final_id, truth.bids.sizes)
