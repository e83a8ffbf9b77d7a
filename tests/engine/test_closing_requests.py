"""The orders that leave positions: of which size, which way, and that none of them can open anything."""

from dataclasses import replace
from decimal import Decimal

import pytest
from fake_client import PERP, SPOT, position

from tui.domain.order_terms import OrderType, PositionSide, Side
from tui.engine.commands.answers import Refusal
from tui.engine.commands.orders import ClosePosition
from tui.engine.orders.closing import (
    closing_request,
    flattening_requests,
    held_position,
    not_assigned,
    not_loaded,
    reversing_requests,
)
from tui.engine.store import Session, Store

D = Decimal
BOTH, LONG, SHORT = PositionSide.BOTH, PositionSide.LONG, PositionSide.SHORT


def store_with(*positions) -> Store:
    store = Store(Session("demo", "main", False, False))
    store.instruments = {one.symbol: one for one in (SPOT, PERP)}
    store.positions = {one.key: one for one in positions}
    return store


def close(store, **command):
    return closing_request(store, ClosePosition(PERP.symbol, **command))


@pytest.mark.parametrize(("held", "side"), [("2", Side.SELL), ("-2", Side.BUY)])
def test_a_close_is_of_what_is_held_and_can_only_shrink_it(held, side) -> None:
    request = close(store_with(position(held)))
    assert (request.side, request.type, request.quantity, request.price) == (side, OrderType.MARKET, D(2), None)
    assert request.reduce_only
    assert request.terms.position_side is BOTH
    limited = close(store_with(position(held)), price=D(101))
    assert (limited.type, limited.price, limited.reduce_only) == (OrderType.LIMIT, D(101), True)


@pytest.mark.parametrize(
    ("held", "fraction", "closed"),
    [("2", "0.5", "1"), ("0.003", "0.5", "0.001"), ("0.0035", "1", "0.0035"), ("-0.7", "0.333", "0.233")],
)
def test_a_part_is_rounded_down_to_the_step_and_all_is_all(held, fraction, closed) -> None:
    assert close(store_with(position(held)), fraction=D(fraction)).quantity == D(closed)


@pytest.mark.parametrize(
    ("fraction", "words"),
    [
        ("0", "0 % cannot be closed"),
        ("-0.5", "-50.0 % cannot be closed"),
        ("1.01", "101.00 % cannot be closed"),
        ("0.1", "10 % of 0.005 BTCUSDT-PERP is less than its step 0.001"),
    ],
)
def test_no_part_is_more_than_all_or_less_than_a_step(fraction, words) -> None:
    refusal = close(store_with(position("0.005")), fraction=D(fraction))
    assert isinstance(refusal, Refusal)
    assert words in refusal.text


def test_the_side_must_be_said_where_both_are_held() -> None:
    long, short = replace(position("2"), position_side=LONG), replace(position("-1"), position_side=SHORT)
    store = store_with(long, short)
    assert "held long and short: say which" in close(store).text
    assert close(store, position_side=SHORT).terms.position_side is SHORT
    assert (close(store, position_side=SHORT).side, close(store, position_side=SHORT).quantity) == (Side.BUY, D(1))
    assert "no short position" in close(store_with(long), position_side=SHORT).text
    assert close(store_with(long)).terms.position_side is LONG
    assert "has no position: sell the coins" in held_position(store, "BTCUSDT").text
    assert held_position(store, "NOSUCH").rule == "unknown-symbol"


def test_flat_is_every_position_by_an_order_of_its_own() -> None:
    long, short = replace(position("2"), position_side=LONG), replace(position("-1"), position_side=SHORT)
    strange = position("3", "NOSUCH-PERP")
    store = store_with(long, short, strange)
    requests = flattening_requests(store)
    assert [(one.side, one.quantity, one.terms.position_side) for one in requests] == [
        (Side.SELL, D(2), LONG),
        (Side.BUY, D(1), SHORT),
    ]
    assert all(one.reduce_only and one.type is OrderType.MARKET for one in requests)
    assert not_loaded(store) == ["NOSUCH-PERP"]
    assert flattening_requests(store_with(replace(long, quantity=D(0)))) == []


@pytest.mark.parametrize(
    ("held", "side", "opens_as"),
    [("2", BOTH, BOTH), ("-2", BOTH, BOTH), ("2", LONG, SHORT), ("-2", SHORT, LONG)],
)
def test_turning_round_closes_with_one_order_and_opens_as_much_with_another(held, side, opens_as) -> None:
    closes, opens = reversing_requests(replace(position(held), position_side=side))
    way = Side.SELL if D(held) > 0 else Side.BUY
    assert (closes.side, closes.quantity, closes.reduce_only, closes.terms.position_side) == (way, D(2), True, side)
    assert (opens.side, opens.quantity, opens.reduce_only, opens.terms.position_side) == (way, D(2), False, opens_as)


def test_what_no_virtual_position_explains_is_only_closed() -> None:
    assert not_assigned(position("1"), "reversed") is None
    unassigned = replace(position("1"), is_virtual=True)
    assert "is not reversed: close it" in not_assigned(unassigned, "reversed").text
