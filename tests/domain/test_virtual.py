"""Virtual positions: what they add up to, what they have realised, and that none turns round."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.domain.order_terms import PositionSide
from tui.domain.product import Product
from tui.domain.virtual import FLAT, Share, VirtualPositions, worth

D = Decimal
LONG, SHORT, BOTH = PositionSide.LONG, PositionSide.SHORT, PositionSide.BOTH
FUTURES = st.sampled_from([Product.USDM, Product.COINM])

sizes = st.integers(-50, 50).filter(bool).map(lambda lots: D(lots) / 10)
prices = st.integers(900, 1100).map(lambda ticks: D(ticks) / 10)
#: Executions of orders for the long, for the short, and of orders placed elsewhere, liquidations among them.
trades = st.lists(st.tuples(sizes, prices, st.sampled_from([LONG, SHORT, BOTH])), max_size=30)


def booked(product, done) -> VirtualPositions:
    book = VirtualPositions(product, "BTCUSDT-PERP")
    for quantity, price, side in done:
        book = book.booked(quantity, price, side)
    return book


def near(one: Decimal, other: Decimal) -> bool:
    return abs(one - other) < D("1e-18")


@given(FUTURES, trades)
def test_the_sum_of_virtual_positions_is_the_net_of_all_executions(product, done) -> None:
    book = booked(product, done)
    assert book.net == sum((quantity for quantity, _, _ in done), D(0))
    assert book.long.quantity >= 0 >= book.short.quantity


@given(FUTURES, trades, prices)
def test_after_a_round_trip_what_they_realised_is_what_the_net_position_realised(product, done, last) -> None:
    """Closed one after the other at one price, as the trader or the exchange would."""
    book = booked(product, done)
    closing = [(-book.share(side).quantity, last, side) for side in (LONG, SHORT, BOTH)]
    for quantity, price, side in closing:
        book = book.booked(quantity, price, side) if quantity else book
    assert book.is_flat
    net = Share()
    for quantity, price, _ in (*done, *(each for each in closing if each[0])):
        net = net.traded(quantity, worth(product, price))
    assert net.quantity == 0
    assert near(book.long.realized + book.short.realized + book.unassigned.realized, net.realized)


@given(FUTURES, trades, prices, sizes)
def test_settling_gives_the_difference_to_what_is_unassigned(product, done, price, net) -> None:
    before = booked(product, done)
    after = before.settled(net, price)
    assert after.net == net
    assert (after.long, after.short) == (before.long, before.short)
    assert after.settled(net, price) == after


@given(FUTURES, trades, prices)
def test_opposites_are_closed_against_each_other_without_gain_or_loss(product, done, price) -> None:
    book = booked(product, done).settled(D(0), price)
    crossed = book.crossed(price)
    assert crossed.is_flat
    at = worth(product, price)
    worth_before = sum(
        (one.realized + one.quantity * at - one.cost for one in (book.long, book.short, book.unassigned)), D(0)
    )
    assert near(sum((one.realized for one in (crossed.long, crossed.short, crossed.unassigned)), D(0)), worth_before)


@given(FUTURES, trades, sizes, prices)
def test_an_execution_whose_order_is_known_late_ends_where_it_belongs(product, done, quantity, price) -> None:
    late = booked(product, [*done, (quantity, price, BOTH)]).moved(quantity, price, LONG)
    known = booked(product, [*done, (quantity, price, LONG)])
    assert (late.net, late.long) == (known.net, known.long)
    held = booked(product, done).unassigned.quantity
    if held * (held + quantity) > 0 or not held:  # what was closed wholly has no entry to go back to
        assert late.unassigned.quantity == known.unassigned.quantity
        assert near(late.unassigned.cost, known.unassigned.cost)
        assert near(late.unassigned.realized, known.unassigned.realized)


@given(FUTURES, trades, sizes, prices, st.sampled_from([LONG, SHORT, BOTH]))
def test_an_execution_taken_back_leaves_what_was_there_and_no_gain(product, done, quantity, price, side) -> None:
    """Bug: it was booked the other way round, as if closed at its own price: the entry moved and a profit stood."""
    before = booked(product, done)
    after = before.booked(quantity, price, side).taken_back(quantity, price, side)
    assert after.net == before.net
    assert after.long.quantity >= 0 >= after.short.quantity
    at = worth(product, price)
    assert near(*(sum((s.realized + s.quantity * at - s.cost for s in _shares(b)), D(0)) for b in (after, before)))
    held = before.share(side).quantity
    if held * (held + quantity) > 0:
        assert all(near(one.cost, other.cost) for one, other in zip(_shares(after), _shares(before), strict=True))
        assert near(after.share(side).realized, before.share(side).realized)


def _shares(book) -> tuple[Share, Share, Share]:
    return book.long, book.short, book.unassigned


def test_what_would_turn_a_long_round_is_unassigned() -> None:
    book = booked(Product.USDM, [(D(2), D(100), LONG), (D(-3), D(110), LONG)])
    assert book.long == Share(realized=D(20))
    assert (book.unassigned.quantity, book.unassigned.entry_price(Product.USDM)) == (D(-1), D(110))


def test_entries_are_averages_harmonic_where_profit_is_in_coin() -> None:
    buys = [(D(1), D(100), LONG), (D(1), D(50), LONG)]
    assert booked(Product.USDM, buys).long.entry_price(Product.USDM) == D(75)
    assert near(booked(Product.COINM, buys).long.entry_price(Product.COINM), D(200) / 3)
    assert FLAT.entry_price(Product.COINM) == 0


def test_what_does_not_cancel_out_is_not_crossed() -> None:
    with pytest.raises(ValueError, match="holds 1 net"):
        booked(Product.USDM, [(D(1), D(100), LONG)]).crossed(D(100))


@pytest.mark.parametrize("sign", [1, -1])
def test_a_share_that_turns_round_has_realised_the_old_side_and_begins_anew(sign) -> None:
    share = Share().traded(sign * D(1), D(100)).traded(-sign * D(3), D(110))
    assert (share.quantity, share.entry_price(Product.USDM), share.realized) == (-sign * D(2), D(110), sign * D(10))


def test_an_execution_heard_late_does_not_make_positions_older() -> None:
    book = VirtualPositions(Product.USDM, "BTCUSDT-PERP").booked(D(1), D(100), LONG, time_ms=2_000)
    assert book.booked(D(1), D(100), LONG, time_ms=1_000).time_ms == 2_000
