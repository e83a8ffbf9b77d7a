"""Accounts of one trade group: what is prevented between them, and what goes from one to the other."""

from decimal import Decimal as D

import pytest
from venues import futures_venue, limit, market, spot_venue

from tui.domain.order_terms import Side
from tui.exchange.orders import OrderState
from tui.exchange.rejection import Rejection

BUY, SELL = Side.BUY, Side.SELL


def grouped(*accounts: str):
    venue, told = spot_venue("ann", "bob", "cleo")
    for account in accounts:
        venue.dealer.groups.put(account, 7)
    return venue, told


def holdings(venue, account):
    return {asset: sum(amounts) for asset, amounts in venue.spot.balances(account).items() if asset in ("BTC", "USDT")}


def test_transfer_moves_quantity_and_value_between_two_accounts_of_a_group():
    venue, told = grouped("ann", "bob")
    resting = venue.place("ann", limit(SELL, "3", "90000", self_trade_prevention="TRANSFER"))
    taking = venue.place("bob", limit(BUY, "1", "95000", self_trade_prevention="TRANSFER"))
    assert (taking.state, resting.state) == (OrderState.EXPIRED_IN_MATCH, OrderState.NEW)
    assert (taking.filled_lots, resting.filled_lots, told.trades) == (0, 0, [])
    assert resting.leaves == 200_000
    assert holdings(venue, "ann") == {"BTC": D(19), "USDT": D(1_090_000)}
    assert holdings(venue, "bob") == {"BTC": D(21), "USDT": D(910_000)}
    for account in ("ann", "bob"):
        (record,) = venue.spot_orders.trading.preventions.of(account, "BTCUSDT")
        assert (record.mode, record.trade_group, record.taker_lots, record.maker_lots) == ("TRANSFER", 7, 10**5, 10**5)


def test_a_market_order_pays_for_what_is_transferred_to_it():
    venue, _ = grouped("ann", "bob")
    venue.place("ann", limit(SELL, "20", "90000", self_trade_prevention="TRANSFER"))
    with pytest.raises(Rejection, match="insufficient balance"):
        venue.place("bob", market(BUY, "12", self_trade_prevention="TRANSFER"))
    venue.place("bob", market(BUY, "11", self_trade_prevention="TRANSFER"))
    assert holdings(venue, "bob") == {"BTC": D(31), "USDT": D(10_000)}


@pytest.mark.parametrize("maker_mode", ["NONE", "DECREMENT", "EXPIRE_MAKER", "EXPIRE_TAKER", "EXPIRE_BOTH"])
def test_transfer_of_the_taker_alone_only_decrements(maker_mode):
    venue, _ = grouped("ann", "bob")
    resting = venue.place("ann", limit(SELL, "3", "90000", self_trade_prevention=maker_mode))
    venue.place("bob", limit(BUY, "1", "95000", self_trade_prevention="TRANSFER"))
    assert resting.leaves == 200_000
    assert holdings(venue, "ann") == holdings(venue, "bob")
    assert venue.spot_orders.trading.preventions.of("bob", "BTCUSDT")[0].mode == "DECREMENT"


def test_between_orders_of_one_account_nothing_is_transferred():
    venue, _ = grouped("ann")
    for side in (SELL, BUY):
        venue.place("ann", limit(side, "1", "90000", self_trade_prevention="TRANSFER"))
    assert holdings(venue, "ann") == holdings(venue, "bob")
    assert venue.spot_orders.trading.preventions.of("ann", "BTCUSDT")[0].mode == "DECREMENT"


@pytest.mark.parametrize(("mode", "states"), [
    ("EXPIRE_TAKER", (OrderState.NEW, OrderState.EXPIRED_IN_MATCH)),
    ("EXPIRE_MAKER", (OrderState.EXPIRED_IN_MATCH, OrderState.NEW)),
    ("EXPIRE_BOTH", (OrderState.EXPIRED_IN_MATCH, OrderState.EXPIRED_IN_MATCH)),
    ("NONE", (OrderState.FILLED, OrderState.FILLED)),
])  # fmt: skip
def test_every_mode_takes_a_group_for_one_account(mode, states):
    venue, _ = grouped("ann", "bob")
    resting = venue.place("ann", limit(SELL, "1", "90000"))
    taking = venue.place("bob", limit(BUY, "1", "95000", self_trade_prevention=mode))
    assert (resting.state, taking.state) == states


def test_strangers_and_other_groups_trade():
    venue, _ = grouped("ann", "bob")
    venue.dealer.groups.put("bob", 8)
    venue.place("ann", limit(SELL, "1", "90000"))
    venue.place("ann", limit(SELL, "1", "90000"))
    assert venue.place("bob", limit(BUY, "1", "90000")).state is OrderState.FILLED
    assert venue.place("cleo", limit(BUY, "1", "90000")).state is OrderState.FILLED


def test_margin_accounts_are_in_the_group_of_their_owner():
    venue, _ = grouped("ann")
    assert [venue.dealer.groups.of(name) for name in ("ann", "ann:margin", "ann:BTCUSDT", "bob")] == [7, 7, 7, -1]


def test_futures_prevent_within_a_group_too():
    venue, _ = futures_venue()
    for account in ("ann", "bob"):
        venue.dealer.groups.put(account, 7)
    venue.place("cleo", limit(BUY, "1", "90000"))
    venue.place("cleo", limit(SELL, "1", "92000"))
    resting = venue.place("ann", limit(SELL, "1", "91000"))
    taking = venue.place("bob", limit(BUY, "1", "91000"))
    assert (resting.state, taking.state) == (OrderState.EXPIRED_IN_MATCH, OrderState.NEW)
