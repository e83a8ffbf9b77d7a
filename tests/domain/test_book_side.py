"""A side of a book is its levels, whatever is near, far or not yet placed, and however its prices are spelt."""

from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.domain import book_side
from tui.domain.book_side import BookSide
from tui.domain.increment import Increment

ROWS = st.lists(st.tuples(st.integers(1, 60), st.integers(0, 3)), max_size=40)
STEPS = st.one_of(
    ROWS.map(lambda rows: ("apply", rows)),
    st.integers(0, 70).map(lambda count: ("best", count)),
    st.tuples(st.integers(0, 61), st.integers(0, 61)).map(lambda ends: ("between", ends)),
    st.just(("sizes", None)),
)
INCREMENTS = st.sampled_from([("0.01", "0.001"), ("0.25", "1"), ("5", "0.1"), ("0.00000001", "1000"), None])


@pytest.fixture(autouse=True)
def _little_room(monkeypatch) -> None:
    """So few levels are near and so many swept that every way of a level is taken by sixty of them."""
    for name, value in (("_NEAR", 4), ("_SPARE", 1), ("_SPARE_MOST", 3), ("_SWEPT_FROM", 60), ("_MANY", 3)):
        monkeypatch.setattr(book_side, name, value)


def side_of(is_bid: bool, sizes: tuple[str, str] | None, rows: list[tuple[int, int]]):
    """A side that holds these ticks and lots, and what makes doubles of others."""
    increments = None if sizes is None else tuple(Increment(Decimal(size)) for size in sizes)

    def doubles(levels):
        if increments is None:
            return levels
        tick, step = increments
        return [(float(tick.text(price)), float(step.text(size))) for price, size in levels]

    side = BookSide(is_bid)
    side.replace(doubles(rows), increments)
    return side, doubles


@given(st.booleans(), INCREMENTS, ROWS, st.lists(STEPS, max_size=25))
def test_whatever_is_read_in_between_a_side_is_its_last_sizes(is_bid, sizes, start, steps) -> None:
    side, doubles = side_of(is_bid, sizes, start)
    model = dict(start)
    for step, of in steps:
        ranked = sorted(((p, s) for p, s in model.items() if s), reverse=is_bid)
        if step == "apply":
            side.apply(doubles(of))
            model.update(of)
        elif step == "best":
            assert side.best(of) == tuple(ranked[:of])
        elif step == "between":
            assert side.between(*of) == [level for level in ranked if of[0] <= level[0] < of[1]]
        else:
            assert side.sizes == dict(ranked)
    assert side.best(60) == tuple(sorted(((p, s) for p, s in model.items() if s), reverse=is_bid))


@given(st.booleans(), st.integers(0, 2**32))
def test_a_long_life_leaves_the_last_sizes(is_bid, seed) -> None:
    """Many levels, much taken away, read at every depth: levels wander between near and far."""
    dice = Random(seed)
    side, doubles = side_of(is_bid, ("0.01", "0.001"), [])
    model: dict[int, int] = {}
    for _ in range(60):
        rows = [(dice.randint(1, 60), dice.choice((0, 1, 2))) for _ in range(dice.randint(0, 15))]
        side.apply(doubles(rows))
        model.update(rows)
        ranked = sorted(((p, s) for p, s in model.items() if s), reverse=is_bid)
        depth, low = dice.choice((0, 1, 2, 3, 5, 20, 60)), dice.randint(1, 60)
        assert side.best(depth) == tuple(ranked[:depth])
        if dice.random() < 0.3:
            assert side.between(low, low + 9) == [level for level in ranked if low <= level[0] < low + 9]


@given(st.booleans(), st.lists(st.tuples(ROWS, st.integers(0, 5)), min_size=1, max_size=25))
def test_a_touch_that_runs_away_is_followed(is_bid, steps) -> None:
    """Prices move on by ten ticks a message, so that what was far comes near and what was near is put away."""
    side, doubles = side_of(is_bid, ("0.01", "0.001"), [])
    model: dict[int, int] = {}
    for number, (rows, depth) in enumerate(steps):
        moved = [(price + 10 * number, size) for price, size in rows]
        side.apply(doubles(moved))
        model.update(moved)
        assert list(side.best(depth)) == sorted(((p, s) for p, s in model.items() if s), reverse=is_bid)[:depth]


@given(st.integers(1, 10**15 - 1), st.integers(0, 8), st.booleans())
def test_every_price_of_fifteen_digits_is_read_as_it_was_written(digits, decimals, is_bid) -> None:
    tick = Increment(Decimal(1).scaleb(-decimals))
    side = BookSide(is_bid)
    side.replace([(float(tick.text(digits)), 2.0)], (tick, Increment(Decimal(1))))
    assert side.best(1) == ((digits, 2),)
    assert side.between(digits, digits + 1) == [(digits, 2)]
    side.apply([(float(tick.text(digits) + ("0" if decimals else "")), 0.0)])
    assert side.best(1) == ()


@given(st.integers(1, 10**15 - 1), st.integers(0, 8))
def test_every_size_of_fifteen_digits_is_read_as_it_was_written(digits, decimals) -> None:
    """Also where it is read a second time, by the short way."""
    step = Increment(Decimal(1).scaleb(-decimals))
    side = BookSide(is_bid=True)
    side.replace([(7.0, 1.0)], (Increment(Decimal(1)), step))
    assert side.best(1) == ((7, 10**decimals),)
    side.apply([(7.0, float(step.text(digits)))])
    assert side.best(1) == ((7, digits),)


def test_a_price_between_two_ticks_is_left_out_and_a_size_between_two_lots_is_the_greater() -> None:
    side = BookSide(is_bid=False)
    rows = [(64000.01, 1.0), (64000.1, 0.00015), (64000.2, 3.0)]
    side.replace(rows, (Increment(Decimal("0.1")), Increment(Decimal("0.001"))))
    assert side.best(5) == ((640_001, 1), (640_002, 3_000))
    side.apply([(64000.1, 0.0021)])
    assert side.best(1) == ((640_001, 3),)


@given(st.booleans(), INCREMENTS, ROWS, st.lists(ROWS, max_size=25), st.integers(0, 30))
def test_the_best_read_after_each_change_are_the_best(is_bid, sizes, start, changes, depth) -> None:
    side, doubles = side_of(is_bid, sizes, start)
    model = dict(start)
    for rows in changes:
        side.apply(doubles(rows))
        model.update(rows)
        ranked = sorted(((p, s) for p, s in model.items() if s), reverse=is_bid)
        assert side.best(depth) == tuple(ranked[:depth])
    assert side.sizes == {price: size for price, size in model.items() if size}


@given(st.booleans(), INCREMENTS, ROWS, st.lists(st.tuples(ROWS, ROWS), max_size=25), st.integers(0, 30))
def test_the_best_read_after_every_second_change_are_the_best(is_bid, sizes, start, changes, depth) -> None:
    side, doubles = side_of(is_bid, sizes, start)
    model = dict(start)
    for first, second in changes:
        for rows in (first, second):
            side.apply(doubles(rows))
            model.update(rows)
        ranked = sorted(((p, s) for p, s in model.items() if s), reverse=is_bid)
        assert side.best(depth) == tuple(ranked[:depth])


def test_what_came_to_a_side_that_was_read_while_it_was_empty_is_there() -> None:
    side = BookSide(is_bid=True)
    assert side.best(5) == ()
    side.apply([(7.0, 0.0)])
    side.apply([(8.0, 2.0)])
    assert side.best(5) == ((8, 2),)


def test_what_is_off_its_increment_is_shown_likewise_where_it_comes_to_levels_that_are_read_each_time() -> None:
    side = BookSide(is_bid=False)
    side.replace([(64000.1, 1.0), (64000.3, 3.0)], (Increment(Decimal("0.1")), Increment(Decimal("0.001"))))
    assert side.best(5) == ((640_001, 1_000), (640_003, 3_000))
    side.apply([(64000.05, 1.0), (64000.2, 0.00015), (64000.3, 0.0021)])
    assert side.best(5) == ((640_001, 1_000), (640_002, 1), (640_003, 3))
    side.apply([(64000.05, 0.0), (64000.2, 0.0)])
    assert side.best(5) == ((640_001, 1_000), (640_003, 3))


def test_a_size_too_large_to_be_counted_as_a_double_is_counted_exactly() -> None:
    side = BookSide(is_bid=True)
    side.replace([(7.0, 1.0)], (Increment(Decimal(1)), Increment(Decimal("0.00000001"))))
    assert side.best(1) == ((7, 10**8),)
    side.apply([(7.0, 123_456_789_012_345.0)])
    assert side.best(1) == ((7, 12_345_678_901_234_500_000_000),)


def test_read_prices_are_not_remembered_for_ever() -> None:
    """Neither where the touch leaves them behind nor where it takes them away one after the other."""
    side, doubles = side_of(True, ("0.01", "0.001"), [])
    for price in range(9, 2_000):
        side.apply(doubles([(price, 1), (price - 8, 0)]))
        assert side.best(2)[0] == (price, 1)
    for price in range(2_000, 9, -1):
        side.apply(doubles([(price, 0), (price - 8, 1)]))
        assert side.best(2)[0] == (price - 1, 1)
    assert max(map(len, (side._ticks, side._held, side._near, side._far, side._late))) < 200
