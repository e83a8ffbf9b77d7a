"""Reducing orders that keep their place, and self-trade prevention's two sides."""

from decimal import Decimal as D

import pytest
from venues import limit, market, spot_venue

from tui.domain.order_terms import Side
from tui.exchange.orders import OrderState
from tui.exchange.rejection import Rejection
from tui.exchange.spot.order import SpotEntry

BUY, SELL = Side.BUY, Side.SELL


def test_an_amended_order_keeps_its_place_and_frees_its_funds():
    venue, told = spot_venue()
    order = venue.place("ann", limit(BUY, "1", "90000", client_order_id="first"))
    venue.place("bob", limit(BUY, "1", "90000"))
    amendment = venue.spot_orders.amending.amend(order, D("0.4"), "second")
    assert (amendment.old_lots, amendment.new_lots) == (100_000, 40_000)
    assert venue.spot.locked("ann", "USDT") == 36_000
    assert told.orders[-1].execution_type == "REPLACED"
    assert venue.order("ann", "BTCUSDT", None, "second") is order
    with pytest.raises(Rejection, match="-2013"):
        venue.order("ann", "BTCUSDT", None, "first")
    venue.place("cleo", market(SELL, "0.4"))
    assert order.state is OrderState.FILLED


@pytest.mark.parametrize(
    ("quantity", "refusal"),
    [
        ("1.5", "-2038 Order amend (quantity increase) is not supported."),
        ("1", "-2038 The requested action would change no state; rejecting."),
        ("0.000001", "-1013 Filter failure: LOT_SIZE"),
        ("0.00005", "-1013 Filter failure: NOTIONAL"),
    ],
)
def test_amendments_that_are_refused(quantity, refusal):
    venue, _ = spot_venue()
    order = venue.place("ann", limit(BUY, "1", "90000"))
    with pytest.raises(Rejection) as refused:
        venue.spot_orders.amending.amend(order, D(quantity), None)
    assert str(refused.value) == refusal
    assert order.changes == []


def test_no_more_than_ten_amendments():
    venue, _ = spot_venue()
    order = venue.place("ann", limit(BUY, "1", "90000"))
    for tenths in range(9, -1, -1):
        venue.spot_orders.amending.amend(order, D("0.5") + D(tenths) / 100, None)
    with pytest.raises(Rejection, match="MAX_NUM_ORDER_AMENDS"):
        venue.spot_orders.amending.amend(order, D("0.1"), None)


def test_an_order_amended_to_what_it_has_traded_expires():
    venue, _ = spot_venue()
    order = venue.place("ann", limit(BUY, "1", "90000"))
    venue.place("bob", limit(SELL, "0.4", "90000"))
    venue.spot_orders.amending.amend(order, D("0.3"), None)
    assert (order.state, order.lots, venue.spot.locked("ann", "USDT")) == (OrderState.EXPIRED, 40_000, 0)


def test_both_legs_of_a_pair_shrink_together():
    venue, _ = spot_venue()
    found = venue.spot_orders.lists.place(
        "ann",
        "OCO",
        None,
        [
            SpotEntry("BTCUSDT", SELL, "LIMIT_MAKER", quantity=D(1), price=D(93000)),
            SpotEntry("BTCUSDT", SELL, "STOP_LOSS", quantity=D(1), stop_price=D(90000)),
        ],
    )
    venue.spot_orders.amending.amend(found.orders[0], D("0.25"), None)
    assert [order.lots for order in found.orders] == [25_000, 25_000]
    assert venue.spot.locked("ann", "BTC") == D("0.25")


@pytest.mark.parametrize(
    ("mode", "taker", "maker"),
    [
        ("EXPIRE_TAKER", ("EXPIRED_IN_MATCH", 70_000), ("NEW", 0)),
        ("EXPIRE_MAKER", ("NEW", 0), ("EXPIRED_IN_MATCH", 100_000)),
        ("EXPIRE_BOTH", ("EXPIRED_IN_MATCH", 70_000), ("EXPIRED_IN_MATCH", 100_000)),
        ("DECREMENT", ("EXPIRED_IN_MATCH", 70_000), ("NEW", 70_000)),
        ("TRANSFER", ("EXPIRED_IN_MATCH", 70_000), ("NEW", 70_000)),
        ("NONE", ("FILLED", 0), ("PARTIALLY_FILLED", 0)),
    ],
)
def test_prevention_takes_from_each_side_what_its_mode_says(mode, taker, maker):
    venue, told = spot_venue()
    resting = venue.place("ann", limit(SELL, "1", "92000"))
    taking = venue.place("ann", limit(BUY, "0.7", "92000", self_trade_prevention=mode))
    assert (taking.state, taking.prevented_lots) == taker
    assert (resting.state, resting.prevented_lots) == maker
    records = venue.spot_orders.trading.preventions.of("ann", "BTCUSDT")
    assert [record.mode for record in records] == [] if mode == "NONE" else [mode]
    assert (told.trades == []) is (mode != "NONE")
    prevented = [change for change in told.orders if change.execution_type == "TRADE_PREVENTION"]
    assert len(prevented) == (taker[1] > 0) + (maker[1] > 0)
    assert venue.spot.locked("ann", "BTC") == D(resting.leaves if resting.state.is_open else 0) / 100_000
