from decimal import Decimal as D

import pytest
from contracts import under_water
from test_futures_venue import BUY, SELL, quoted, requote
from venues import limit, market

from tui.exchange.orders import OrderState
from tui.exchange.rejection import Rejection
from tui.exchange.risk import liquidate


def hedged(**more: str):
    venue, told = quoted(**more)
    venue.set_hedged("ann", True)
    return venue, told


def test_both_sides_of_a_symbol_stand_side_by_side():
    venue, told = hedged()
    venue.place("ann", market(BUY, "0.5", position_side="LONG"))
    venue.place("ann", market(SELL, "0.2", position_side="SHORT"))
    held = {side: state.quantity for _, side, state in venue.futures.positions("ann")}
    assert held == {"LONG": D("0.5"), "SHORT": D("-0.2")}
    assert [change.sides for change in told.accounts if change.account_id == "ann"] == [("LONG",), ("SHORT",)]


@pytest.mark.parametrize(
    ("side", "position_side", "more", "code"),
    [
        (BUY, "BOTH", {}, -4061),
        (BUY, "LONG", {"reduce_only": True}, -1106),
        (SELL, "LONG", {}, -2022),
        (BUY, "SHORT", {}, -2022),
        (BUY, "UP", {}, -4060),
    ],
)
def test_orders_of_hedge_mode_name_their_side(side, position_side, more, code):
    venue, _ = hedged()
    with pytest.raises(Rejection) as refused:
        venue.place("ann", market(side, "0.1", position_side=position_side, **more))
    assert refused.value.code == code


def test_a_closing_order_is_reduce_only_and_never_turns_its_side():
    venue, _ = hedged()
    venue.place("ann", market(BUY, "0.5", position_side="LONG"))
    with pytest.raises(Rejection, match="-2022"):
        venue.place("ann", limit(SELL, "0.6", "93000", position_side="LONG"))
    resting = venue.place("ann", limit(SELL, "0.5", "93000", position_side="LONG"))
    assert resting.reduce_only
    assert venue.futures.summary("ann").open_order_margin == 0
    venue.place("ann", market(SELL, "0.3", position_side="LONG"))
    assert resting.lots == 200
    venue.place("ann", market(SELL, "0.2", position_side="LONG"))
    assert resting.state is OrderState.EXPIRED
    assert venue.futures.positions("ann") == []


def test_the_mode_changes_only_while_the_account_is_flat():
    venue, _ = quoted()
    with pytest.raises(Rejection, match="-4059"):
        venue.set_hedged("ann", False)
    order = venue.place("ann", limit(BUY, "0.1", "90000"))
    with pytest.raises(Rejection, match="-4067"):
        venue.set_hedged("ann", True)
    venue.cancel("ann", "BTCUSDT", order.order_id, None)
    venue.place("ann", market(BUY, "0.1"))
    with pytest.raises(Rejection, match="-4068"):
        venue.set_hedged("ann", True)
    venue.place("ann", market(SELL, "0.1"))
    venue.set_hedged("ann", True)
    with pytest.raises(Rejection, match="-4061"):
        venue.place("ann", market(BUY, "0.1"))


def test_leverage_and_margin_mode_belong_to_all_sides():
    venue, _ = hedged()
    venue.place("ann", market(BUY, "0.1", position_side="LONG"))
    venue.futures.set_leverage("ann", "BTCUSDT", 5)
    venue.place("ann", market(SELL, "0.1", position_side="SHORT"))
    assert [state.leverage for _, _, state in venue.futures.positions("ann")] == [5, 5]
    with pytest.raises(Rejection, match="-4048"):
        venue.futures.set_margin_type("ann", "BTCUSDT", True)


def test_both_crossed_sides_share_one_liquidation_price():
    venue, _ = hedged(wallet="10000")
    venue.place("ann", market(BUY, "1.6", position_side="LONG"))
    venue.place("ann", market(SELL, "0.3", position_side="SHORT"))
    price = venue.futures.liquidation_price("ann", "BTCUSDT", "LONG")
    assert price == venue.futures.liquidation_price("ann", "BTCUSDT", "SHORT")
    requote(venue, f"{price + 1}", f"{price + D('1.1')}")
    assert under_water(venue.futures, "ann") == []
    requote(venue, f"{price - 1}", f"{price - D('0.9')}")
    assert len(under_water(venue.futures, "ann")) == 2
    liquidate(venue)
    assert venue.futures.quantity("ann", "BTCUSDT", "LONG") == 0
    assert under_water(venue.futures, "ann") == []


def test_open_interest_is_what_all_are_long():
    venue, _ = hedged()
    venue.place("ann", market(BUY, "0.5", position_side="LONG"))
    venue.place("ann", market(SELL, "0.2", position_side="SHORT"))
    venue.place("bob", market(SELL, "0.1"))
    # ann is long 0.5, short 0.2, bob short 0.1: the house is short 0.2.
    assert venue.futures.open_interest("BTCUSDT") == D("0.5")
