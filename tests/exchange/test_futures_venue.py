from decimal import Decimal as D
from types import SimpleNamespace

import pytest
from contracts import under_water
from venues import futures_venue, limit, market

from tui.domain.order_terms import Side
from tui.exchange.accounts.brackets import bracket_at
from tui.exchange.accounts.funding import charge_funding
from tui.exchange.accounts.names import FEES, HOUSE, INSURANCE, ROUNDING
from tui.exchange.accounts.positions import Position
from tui.exchange.market.desk import HouseDesk
from tui.exchange.orders import OrderState
from tui.exchange.rejection import Rejection
from tui.exchange.risk import liquidate
from tui.exchange.server.futures_risk import all_income

BUY, SELL = Side.BUY, Side.SELL
HOUSE_WALLET = D(10_000_000)


def quoted(bid: str = "91000", ask: str = "91000.1", *, wallet: str = "100000"):
    """A venue where the house quotes each side; the mark is in the middle."""
    venue, told = futures_venue("ann", "bob", wallet=wallet)
    venue.futures.credit(HOUSE, "USDT", HOUSE_WALLET)
    requote(venue, bid, ask)
    return venue, told


def requote(venue, bid: str, ask: str) -> None:
    """Move the house's quotes."""
    desk, tick = HouseDesk(venue, "BTCUSDT"), venue.listings["BTCUSDT"].tick
    for is_bid in (True, False):
        for price in list(desk.side(is_bid).prices):
            desk.withdraw(is_bid, price)
    desk.quote(True, tick.count(bid), 50_000)
    desk.quote(False, tick.count(ask), 50_000)


def test_a_trade_opens_a_position_and_costs_its_commission():
    venue, told = quoted()
    order = venue.place("ann", market(BUY, "0.5"))
    position = venue.futures.position("ann", "BTCUSDT")
    assert (position.quantity, position.entry_price) == (D("0.5"), D("91000.1"))
    assert order.executions[0].commission == D("22.750025")
    assert venue.futures.wallet("ann", "USDT") == D(100_000) - D("22.750025")
    assert position.break_even_price == D("91045.60005")
    assert [change.symbols for change in told.accounts if change.account_id == "ann"] == [("BTCUSDT",)]


def test_closing_realizes_profit_and_keeps_the_entry_of_the_rest():
    venue, _ = quoted()
    venue.place("ann", market(BUY, "0.5"))
    requote(venue, "92000", "92000.1")
    order = venue.place("ann", market(SELL, "0.2"))
    assert order.executions[0].realized_profit == D("0.2") * (D(92_000) - D("91000.1"))
    assert venue.futures.position("ann", "BTCUSDT").entry_price == D("91000.1")


def test_both_halves_of_a_trade_with_oneself_had_one_number_in_the_income():
    """Bug: a number is used once for each kind of income, so one of two commissions was taken for the other."""
    venue, _ = futures_venue("ann")
    for side in (BUY, SELL):
        venue.place("ann", limit(side, "0.5", "91000", self_trade_prevention="NONE"))
    rows = all_income(SimpleNamespace(venue=venue), "ann", "BTCUSDT")
    paid = [row for row in rows if row["incomeType"] == "COMMISSION"]
    assert [row["tradeId"] for row in paid] == [paid[0]["tradeId"]] * 2
    assert len({row["tranId"] for row in paid}) == 2


def test_closing_contracts_bit_by_bit_moved_the_entry_of_the_rest():
    """Bug: the cost of so little coin was rounded to twelve decimals with each close."""
    position = Position(contract_size=D(100))
    position.trade(D(7), D("91233.6"), 1)
    for _ in range(6):
        position.trade(D(-1), D("91000.1"), 2)
        assert position.quantity == 0 or position.entry_price == D("91233.6")


def test_a_trade_past_zero_turns_the_position_round():
    venue, _ = quoted()
    venue.place("ann", market(BUY, "0.5"))
    order = venue.place("ann", market(SELL, "0.8"))
    position = venue.futures.position("ann", "BTCUSDT")
    assert (position.quantity, position.entry_price) == (D("-0.3"), D(91_000))
    assert order.executions[0].realized_profit == D("-0.05")


def test_margin_is_value_over_leverage_and_orders_add_what_they_could_grow():
    venue, _ = quoted()
    venue.futures.set_leverage("ann", "BTCUSDT", 10)
    venue.place("ann", market(BUY, "1"))
    mark = venue.mark_price("BTCUSDT")
    summary = venue.futures.summary("ann")
    assert summary.position_margin == mark / 10
    venue.place("ann", limit(SELL, "1", "92000"))
    assert venue.futures.summary("ann").open_order_margin == 0
    venue.place("ann", limit(BUY, "1", "90000"))
    assert venue.futures.summary("ann").open_order_margin == 9_000
    bracket = bracket_at(venue.futures.brackets("BTCUSDT"), mark)
    assert venue.futures.summary("ann").maintenance_margin == mark * bracket.maintenance_rate - bracket.cum


def test_available_balance_bounds_new_orders_but_never_closing_ones():
    venue, _ = quoted(wallet="5000")
    venue.place("ann", market(BUY, "1"))
    with pytest.raises(Rejection, match=r"-2019 Margin is insufficient."):
        venue.place("ann", limit(BUY, "1", "91000"))
    assert venue.place("ann", market(SELL, "1")).state is OrderState.FILLED


def test_a_position_larger_than_its_leverage_allows_is_refused():
    venue, _ = quoted(wallet="10000000")
    venue.futures.set_leverage("ann", "BTCUSDT", 125)
    with pytest.raises(Rejection, match="-2027"):
        venue.place("ann", limit(BUY, "10", "91000"))


def test_reduce_only_is_cut_to_the_position_and_shrinks_with_it():
    venue, told = quoted()
    venue.place("ann", market(BUY, "0.5"))
    order = venue.place("ann", limit(SELL, "2", "93000", reduce_only=True))
    assert order.lots == 500
    venue.place("ann", market(SELL, "0.2"))
    assert (order.lots, order.state) == (300, OrderState.NEW)
    assert dict(venue.depth("BTCUSDT", 10)[2])[930_000] == 300
    venue.place("ann", market(SELL, "0.3"))
    assert (order.state, order.expiry_reason) == (OrderState.EXPIRED, "4")
    assert told.orders[-1].execution_type == "EXPIRED"
    assert 930_000 not in dict(venue.depth("BTCUSDT", 10)[2])


def test_two_reduce_only_orders_hit_at_once_never_turn_the_position():
    venue, _ = quoted(ask="94000")
    venue.place("bob", limit(SELL, "0.5", "91000.1"))
    venue.place("ann", market(BUY, "0.5"))
    for price in ("92000", "92000.1"):
        venue.place("ann", limit(SELL, "0.5", price, reduce_only=True))
    venue.place("bob", limit(BUY, "1", "92001"))
    assert venue.futures.position("ann", "BTCUSDT").quantity == 0
    assert venue.open_orders("ann", None) == []


def test_post_only_and_fill_or_kill_are_refused_outright():
    venue, _ = quoted(wallet="10000000")
    with pytest.raises(Rejection, match="-5022"):
        venue.place("ann", limit(BUY, "1", "91000.1", tif="GTX"))
    with pytest.raises(Rejection, match="-5021"):
        venue.place("ann", limit(BUY, "51", "91000.1", tif="FOK"))


def test_duplicate_client_ids_are_refused():
    venue, _ = quoted()
    venue.place("ann", limit(BUY, "0.1", "90000", client_order_id="x"))
    with pytest.raises(Rejection, match="-4116 clientOrderId is duplicated"):
        venue.place("ann", limit(BUY, "0.1", "90000", client_order_id="x"))


def test_leverage_and_margin_type_say_why_not():
    venue, _ = quoted()
    ledger = venue.futures
    with pytest.raises(Rejection, match="-4028 Leverage 126 is not valid"):
        ledger.set_leverage("ann", "BTCUSDT", 126)
    with pytest.raises(Rejection, match="-4046"):
        ledger.set_margin_type("ann", "BTCUSDT", False)
    order = venue.place("ann", limit(BUY, "0.1", "90000"))
    with pytest.raises(Rejection, match="-4047"):
        ledger.set_margin_type("ann", "BTCUSDT", True)
    venue.cancel("ann", "BTCUSDT", order.order_id, None)
    venue.place("ann", market(BUY, "0.1"))
    with pytest.raises(Rejection, match="-4048"):
        ledger.set_margin_type("ann", "BTCUSDT", True)


def test_funding_moves_from_longs_to_shorts_and_nothing_is_lost():
    venue, _ = quoted()
    venue.place("ann", market(BUY, "2"))
    before = venue.futures.wallet("ann", "USDT"), venue.futures.wallet(HOUSE, "USDT")
    touched = charge_funding(venue.futures, "BTCUSDT", D("0.0001"))
    paid = 2 * venue.mark_price("BTCUSDT") * D("0.0001")
    assert sorted(account for account, _, _ in touched) == ["ann", HOUSE]
    assert venue.futures.wallet("ann", "USDT") == before[0] - paid
    assert venue.futures.wallet(HOUSE, "USDT") == before[1] + paid


def test_what_rounding_of_funding_leaves_is_collected():
    venue, _ = quoted()
    for account in ("ann", "bob"):
        venue.place(account, market(BUY, "0.003"))
    holders = ("ann", "bob", HOUSE, ROUNDING)
    before = sum(venue.futures.wallet(name, "USDT") for name in holders)
    charge_funding(venue.futures, "BTCUSDT", D("0.00031"))
    assert sum(venue.futures.wallet(name, "USDT") for name in holders) == before
    assert venue.futures.wallet(ROUNDING, "USDT") != 0


@pytest.mark.parametrize(("side", "about"), [(BUY, 86_391), (SELL, 95_572)])
def test_the_liquidation_price_is_where_margin_ends(side, about):
    venue, _ = quoted(wallet="10000")
    venue.place("ann", market(side, "2"))
    price, tick = venue.futures.liquidation_price("ann", "BTCUSDT"), D("0.1")
    step = tick if side is BUY else -tick
    requote(venue, f"{price + 2 * step}", f"{price + 2 * step + tick}")
    assert under_water(venue.futures, "ann") == []
    requote(venue, f"{price - 2 * step}", f"{price - 2 * step + tick}")
    assert under_water(venue.futures, "ann") == [("BTCUSDT", "BOTH")]
    assert abs(price - about) < 1


def test_an_account_without_margin_is_closed_and_its_orders_expire():
    venue, _told = quoted(wallet="3000")
    venue.place("ann", market(BUY, "0.6"))
    resting = venue.place("ann", limit(SELL, "0.1", "93000"))
    requote(venue, "86200", "86200.1")
    liquidate(venue)
    assert venue.futures.position("ann", "BTCUSDT").quantity == 0
    assert (resting.state, resting.expiry_reason) == (OrderState.EXPIRED, "5")
    closing = venue.orders("ann", "BTCUSDT")[-1]
    assert closing.client_order_id.startswith("autoclose-")
    assert closing.state is OrderState.FILLED


def test_losses_beyond_the_wallet_are_paid_by_the_insurance_fund():
    venue, _ = quoted(wallet="3000")
    venue.futures.credit(INSURANCE, "USDT", D(1_000_000))
    venue.place("ann", market(BUY, "0.6"))
    requote(venue, "80000", "80000.1")
    liquidate(venue)
    assert venue.futures.wallet("ann", "USDT") == 0
    assert venue.futures.summary(INSURANCE, "USDT").margin_balance < 1_000_000
    total = sum(venue.futures.wallet(name, "USDT") for name in ("ann", "bob", HOUSE, INSURANCE, FEES))
    unrealized = sum(venue.futures.unrealized_profit(name, "BTCUSDT") for name in (HOUSE, INSURANCE))
    assert total + unrealized == 3_000 + 3_000 + HOUSE_WALLET + 1_000_000


def test_an_isolated_position_risks_only_its_own_margin():
    venue, _ = quoted(wallet="20000")
    venue.futures.set_margin_type("ann", "BTCUSDT", True)
    venue.place("ann", market(BUY, "1"))
    position = venue.futures.position("ann", "BTCUSDT")
    assert position.isolated_wallet == D("91000.1") / 20
    requote(venue, "86000", "86000.1")
    assert under_water(venue.futures, "ann") == [("BTCUSDT", "BOTH")]
    assert venue.futures.summary("ann").margin_balance > 10_000


def test_a_reduce_only_order_that_leaves_others_to_turn_the_position_without_margin_is_refused():
    venue, _ = quoted(wallet="4700")
    venue.place("ann", market(BUY, "1"))
    venue.place("ann", limit(SELL, "1", "95500"))
    assert venue.futures.summary("ann").available < 110
    with pytest.raises(Rejection, match=r"^-4118 ReduceOnly Order Failed\."):
        venue.place("ann", limit(SELL, "1", "91100", reduce_only=True))
    assert venue.place("ann", market(SELL, "1", reduce_only=True)).state is OrderState.FILLED


def test_a_reduce_only_order_beside_others_passes_while_margin_lasts():
    venue, _ = quoted(wallet="9000")
    venue.place("ann", market(BUY, "1"))
    venue.place("ann", limit(SELL, "1", "95500"))
    assert venue.place("ann", limit(SELL, "1", "91100", reduce_only=True)).state is OrderState.NEW
