"""What is to be done next for orders that depend on each other, state by state."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tui.domain.order import LegRole, Order, OrderListRequest, OrderRequest, OrderStatus, order_from_request
from tui.domain.order_terms import OrderType, Side, Terms
from tui.domain.product import Product
from tui.engine.orders.bracket import (
    Bracket,
    Close,
    GiveUp,
    Leg,
    Place,
    PlaceList,
    Resize,
    TakeBack,
    WriteOff,
    legs_of,
    next_step,
)
from tui.engine.orders.ledger import TURNED_AWAY

D = Decimal
STOP, PROFIT, ENTRY = LegRole.STOP_LOSS, LegRole.TAKE_PROFIT, LegRole.ENTRY
NEW, FILLED, CANCELED, UNKNOWN = OrderStatus.NEW, OrderStatus.FILLED, OrderStatus.CANCELED, OrderStatus.UNKNOWN
REJECTED = OrderStatus.REJECTED


def leg(type_, price=None, trigger=None) -> OrderRequest:
    return OrderRequest("BTCUSDT", Side.SELL, type_, D(10), price, terms=Terms(trigger_price=trigger))


LEGS = (Leg(PROFIT, leg(OrderType.LIMIT, D(102))), Leg(STOP, leg(OrderType.STOP_MARKET, None, D(98))))


def bracket(product=Product.USDM, **changes) -> Bracket:
    return Bracket("b", product, "BTCUSDT", Side.BUY, "entry", LEGS, 1, **changes)


def order(role, status=NEW, filled="0", name="", quantity="10", **changes) -> Order:
    side = Side.BUY if role is ENTRY else Side.SELL
    request = replace(LEGS[role is STOP].request, side=side, quantity=D(quantity))
    made = order_from_request(request, Product.USDM, name or role.value, 1)
    return replace(made, status=status, filled=D(filled), role=role, group="b", **changes)


BOUGHT = order(ENTRY, FILLED, "10")
TARGET, GUARD = order(PROFIT), order(STOP)


def test_coins_are_protected_by_one_list_once_all_is_bought() -> None:
    spot = bracket(Product.SPOT)
    assert next_step(spot, [order(ENTRY, OrderStatus.PARTIALLY_FILLED, "4")], None) is None
    assert next_step(spot, [order(ENTRY, CANCELED, "4")], None) == PlaceList(D(4))
    assert next_step(spot, [order(ENTRY, CANCELED)], None) == Close()
    assert next_step(spot, [], None) == Close(), "the entry itself was never written down"


def test_coins_are_protected_again_only_where_the_exchange_never_had_the_list() -> None:
    spot = bracket(Product.SPOT)
    assert next_step(spot, [BOUGHT, TARGET, order(STOP, UNKNOWN)], None) is None
    assert next_step(spot, [BOUGHT, order(PROFIT, UNKNOWN), GUARD], None) is None
    away = [order(role, REJECTED, reason=f"{TURNED_AWAY}busy") for role in (PROFIT, STOP)]
    assert next_step(spot, [BOUGHT, *away], None) == PlaceList(D(10))
    assert next_step(spot, [BOUGHT, TARGET, GUARD], None) == Close(), "the exchange holds them from here on"
    assert next_step(spot, [BOUGHT, away[0], order(STOP, REJECTED, reason="-2010")], None) == Close()
    ours = bracket(Product.SPOT, taken_back=("stop loss", "take profit"))
    gone = [order(PROFIT, CANCELED), order(STOP, CANCELED)]
    assert next_step(ours, [BOUGHT, *gone], None) == PlaceList(D(10))


def test_nothing_is_done_while_a_stop_is_under_way_and_a_target_waits_for_its_own_alone() -> None:
    assert next_step(bracket(), [BOUGHT, TARGET, order(STOP, UNKNOWN)], D(10)) is None
    assert next_step(bracket(), [BOUGHT, TARGET, order(STOP, change_requested=True)], D(4)) is None
    assert next_step(bracket(), [BOUGHT, order(PROFIT, UNKNOWN), GUARD], D(4)) == Resize(GUARD, D(4))
    assert next_step(bracket(), [BOUGHT, order(PROFIT, UNKNOWN), GUARD], D(10)) is None


def test_the_stop_comes_before_the_target() -> None:
    assert next_step(bracket(), [BOUGHT], D(10)) == Place(STOP, D(10), False)
    assert next_step(bracket(covers_position=True), [BOUGHT], D(10)) == Place(STOP, D(10), True)
    assert next_step(bracket(covers_position=True), [BOUGHT], D(12)) == Place(STOP, D(10), False), "not all is its own"
    assert next_step(bracket(), [BOUGHT, GUARD], D(10)) == Place(PROFIT, D(10), False)
    assert next_step(bracket(), [BOUGHT, GUARD, TARGET], D(10)) is None


def test_an_exit_that_closes_whatever_is_held_is_sized_only_when_more_is_held_than_is_its_own() -> None:
    whole = order(STOP, close_position=True)
    assert next_step(bracket(), [BOUGHT, whole, order(PROFIT, quantity="4")], D(4)) is None
    assert next_step(bracket(), [BOUGHT, whole, TARGET], D(14)) == Resize(whole, D(10))


def test_an_exit_that_goes_already_is_left_alone() -> None:
    going = order(STOP, cancel_requested=True)
    assert next_step(bracket(), [BOUGHT, going, order(PROFIT, quantity="4")], D(4)) is None
    closed = bracket(written_off=D(10))
    assert next_step(closed, [BOUGHT, going, TARGET], D(0)) == TakeBack(TARGET)


def test_what_an_exit_sold_was_written_off_before_it_was_told_and_what_was_bought_later_was_left_bare() -> None:
    some, target, guard = order(ENTRY, filled="5"), order(PROFIT, quantity="5"), order(STOP, quantity="5")
    open_then = ((target.client_order_id, D(0)), (guard.client_order_id, D(0)))
    assert next_step(bracket(), [some, target, guard], D(0)) == WriteOff(D(5), open_then)
    flat = bracket(written_off=D(5), open_then=open_then)
    assert next_step(flat, [some, target, guard], D(0)) == TakeBack(guard)
    mine = replace(flat, taken_back=(guard.client_order_id, target.client_order_id))
    sold, gone = replace(target, status=FILLED, filled=D(5)), replace(guard, status=CANCELED)
    assert next_step(mine, [order(ENTRY, filled="8"), sold, gone], D(3)) == Place(STOP, D(3), False)
    assert next_step(mine, [order(ENTRY, filled="8"), sold, gone], D(0)) == WriteOff(D(3))


def test_the_exits_of_a_closed_position_stayed_for_the_next_one() -> None:
    """Bug: another bracket bought before the first one's exits were gone, and they took its position for their own."""
    some, target, guard = order(ENTRY, filled="5"), order(PROFIT, quantity="5"), order(STOP, quantity="5")
    step = next_step(bracket(), [some, target, guard], D(0))
    assert isinstance(step, WriteOff)
    flat = bracket(written_off=step.quantity, open_then=step.open_then)
    assert next_step(flat, [some, target, guard], D(7)) == TakeBack(guard)


def test_of_two_of_a_role_the_one_that_was_replaced_goes_unless_its_successor_was_refused() -> None:
    later = order(STOP, name="later", replaces=GUARD.client_order_id)
    assert next_step(bracket(), [BOUGHT, GUARD, later, TARGET], D(10)) == TakeBack(GUARD)
    refused = replace(later, status=REJECTED, reason="-2021")
    assert next_step(bracket(), [BOUGHT, GUARD, refused, TARGET], D(10)) is None


@pytest.mark.parametrize("ended", [order(STOP, CANCELED), order(STOP, REJECTED, reason="-2021")])
def test_an_exit_that_ended_by_itself_is_given_up_and_one_taken_back_is_placed_again(ended) -> None:
    assert next_step(bracket(), [BOUGHT, ended, TARGET], D(10)) == GiveUp(STOP, ended)
    assert next_step(bracket(given_up=(STOP,)), [BOUGHT, ended, TARGET], D(10)) is None
    again = bracket(taken_back=(ended.client_order_id,))
    assert next_step(again, [BOUGHT, ended, TARGET], D(10)) == Place(STOP, D(10), False)


def test_it_ends_with_all_sold_or_when_no_exit_can_be_placed_any_more() -> None:
    sold = order(STOP, FILLED, "10")
    assert next_step(bracket(), [BOUGHT, sold, order(PROFIT, CANCELED)], D(0)) == Close()
    assert next_step(bracket(given_up=(STOP, PROFIT)), [BOUGHT], D(10)) == Close()
    assert next_step(bracket(given_up=(STOP, PROFIT)), [order(ENTRY, filled="1")], D(1)) is None, "more may be bought"


EITHER = Bracket("b", Product.USDM, "BTCUSDT", Side.BUY, "", LEGS, 1, is_either=True)


@pytest.mark.parametrize("done", [order(STOP, filled="1"), order(STOP, FILLED, "10"), order(STOP, CANCELED)])
def test_of_two_that_exclude_each_other_the_other_goes_when_one_trades_or_ends(done) -> None:
    assert next_step(EITHER, [TARGET, done], None) == TakeBack(TARGET)
    assert next_step(EITHER, [replace(TARGET, cancel_requested=True), done], None) is None
    assert next_step(EITHER, [replace(TARGET, filled=D(1)), done], None) is None, "both have traded: neither goes"


def test_of_two_that_exclude_each_other_both_stay_until_then() -> None:
    assert next_step(EITHER, [TARGET, GUARD], None) is None
    assert next_step(EITHER, [TARGET, order(STOP, UNKNOWN)], None) is None
    assert next_step(EITHER, [order(PROFIT, CANCELED), order(STOP, FILLED, "10")], None) == Close()


def test_one_that_another_took_the_place_of_has_not_ended() -> None:
    old = order(STOP, CANCELED, name="old")
    assert next_step(EITHER, [TARGET, old, order(STOP, replaces="old")], None) is None
    traded = replace(old, filled=D(1))
    guard = order(STOP, replaces="old")
    assert next_step(EITHER, [TARGET, traded, guard], None) == TakeBack(TARGET)


@pytest.mark.parametrize(
    ("type_", "role"),
    [(OrderType.STOP_LIMIT, STOP), (OrderType.TRAILING_STOP_MARKET, STOP), (OrderType.LIMIT, PROFIT)],
)
def test_a_single_exit_is_told_by_its_type(type_, role) -> None:
    assert [one.role for one in legs_of(OrderListRequest(None, (leg(type_),)))] == [role]
    assert [one.role for one in legs_of(OrderListRequest(None, (leg(OrderType.LIMIT), leg(type_))))] == [PROFIT, STOP]
