"""Margin's end: prices worked out by hand, who is told what, and what becomes of positions."""

from dataclasses import replace
from decimal import Decimal as D

import pytest
from contracts import START_MS, Pit, under_water
from venues import Recorder, limit, market

from tui.domain.order_terms import Side
from tui.domain.product import Product
from tui.exchange.accounts.names import HOUSE, INSURANCE
from tui.exchange.clock import ManualClock
from tui.exchange.conditional import AlgoOrder, AlgoState
from tui.exchange.deleveraging import quantile
from tui.exchange.delivery import contract_status, contract_type, deliveries, delivery_suffix
from tui.exchange.exchange import Exchange
from tui.exchange.liquidation import bankruptcy_ticks
from tui.exchange.orders import OrderState
from tui.exchange.rejection import Rejection
from tui.exchange.risk import deliver, liquidate, watch

BUY, SELL = Side.BUY, Side.SELL
TICK = D("0.1")


def pit(product: Product, wallet: str, **more: str) -> tuple[Pit, Recorder]:
    """Ann and Bob with the same wallet, the contract at 50,000."""
    made = Pit(product, "ann", "bob", wallet=wallet, price="50000", **more)
    told = Recorder()
    made.venue.add_listener(told)
    return made, told


def buy_of_bob(made: Pit, side: Side, quantity: str, price: str, symbol: str) -> None:
    """Ann trades with Bob at exactly this price."""
    other = SELL if side is BUY else BUY
    made.quote(symbol, D(price) + (5 if side is BUY else -5), 0)
    made.venue.place("bob", limit(other, quantity, price, symbol=symbol))
    made.venue.place("ann", market(side, quantity, symbol=symbol))


def test_inverse_profit_and_commission_are_paid_in_the_coin():
    made, _ = pit(Product.COINM, "1")
    symbol = made.perpetual
    buy_of_bob(made, BUY, "10", "50000", symbol)
    # Bought 1,000 dollars at 50,000: 0.02 coins, five ten-thousandths of it commission.
    assert made.ledger.wallet("ann", "BTC") == 1 - D("0.02") * D("0.0005")
    made.quote(symbol, D(55_000))
    assert made.ledger.unrealized_profit("ann", symbol) == D("0.0018181818181818")
    buy_of_bob(made, SELL, "10", "55000", symbol)
    fee = D("0.00001") + D("0.00000909")
    assert made.ledger.wallet("ann", "BTC") == 1 + D("0.00181818") - fee
    assert made.ledger.position("ann", symbol).quantity == 0


def test_inverse_entries_average_harmonically():
    made, _ = pit(Product.COINM, "1")
    for price in ("50000", "40000"):
        buy_of_bob(made, BUY, "10", price, made.perpetual)
    assert made.ledger.position("ann", made.perpetual).entry_price == D("44444.44444444")


def test_the_liquidation_price_of_an_inverse_position_worked_by_hand():
    made, _ = pit(Product.COINM, "0.1")
    symbol = made.perpetual
    made.ledger.set_leverage("ann", symbol, 50)
    made.ledger.set_margin_type("ann", symbol, True)
    buy_of_bob(made, BUY, "100", "50000", symbol)
    # 10,000 dollars at 50,000 are 0.2 coins, a fiftieth of them is the margin: (100 × 1.004) / (0.004/100 + 100/50000)
    assert made.ledger.position("ann", symbol).isolated_wallet == D("0.004")
    assert made.ledger.liquidation_price("ann", symbol) == D("49215.7")
    # The margin is gone at 100 / (0.004/100 + 100/50000).
    assert bankruptcy_ticks(made.venue, symbol, D(100), made.ledger.equity("ann", [(symbol, "BOTH")])) == 490_197


def test_the_liquidation_price_of_a_linear_position_worked_by_hand():
    made, _ = pit(Product.USDM, "1000")
    buy_of_bob(made, BUY, "0.2", "50000", made.perpetual)
    # 10,000 at 0.4 %: (1000 − 5 − 0.2 × 50000) / (0.2 × (0.004 − 1))
    assert made.ledger.liquidation_price("ann", made.perpetual) == D("45205.8")


@pytest.mark.parametrize("product", [Product.USDM, Product.COINM])
@pytest.mark.parametrize("side", [BUY, SELL])
@pytest.mark.parametrize("isolated", [True, False])
def test_liquidation_happens_at_the_liquidation_price(product, side, isolated):
    made, _ = pit(product, "10000" if product is Product.USDM else "0.2", fund="1000000")
    symbol = made.perpetual
    if isolated:
        made.ledger.set_margin_type("ann", symbol, True)
    buy_of_bob(made, side, "2" if product is Product.USDM else "1500", "50000", symbol)
    price = made.ledger.liquidation_price("ann", symbol)
    assert price > 0
    safe = TICK if side is BUY else -TICK
    made.marks[symbol].put(price + safe)
    liquidate(made.venue)
    assert made.ledger.quantity("ann", symbol) != 0
    made.marks[symbol].put(price - safe)
    liquidate(made.venue)
    assert made.ledger.quantity("ann", symbol) == 0


def test_a_liquidation_is_told_step_by_step():
    made, told = pit(Product.COINM, "0.05", fund="100")
    symbol = made.perpetual
    buy_of_bob(made, BUY, "300", "50000", symbol)
    resting = made.venue.place("ann", limit(SELL, "1", "52000", symbol=symbol))
    made.quote(symbol, made.ledger.liquidation_price("ann", symbol) - 1)
    # The quotes of the test cancel what rests; put the order back.
    resting = made.venue.place("ann", limit(SELL, "1", "46900", symbol=symbol))
    told.orders.clear()
    told.accounts.clear()
    liquidate(made.venue)
    mine = [change for change in told.orders if change.order.account_id == "ann"]
    assert (mine[0].order, mine[0].execution_type, resting.expiry_reason) == (resting, "EXPIRED", "5")
    assert {change.execution_type for change in mine[1:]} == {"CALCULATED"}
    order = mine[-1].order
    assert order.client_order_id.startswith("autoclose-")
    assert (order.type, order.time_in_force, order.state, order.side) == ("LIMIT", "IOC", OrderState.FILLED, SELL)
    assert "INSURANCE_CLEAR" in [change.reason for change in told.accounts if change.account_id == "ann"]
    assert {entry.kind for entry in made.venue.life.records.incomes} == {"INSURANCE_CLEAR"}
    assert made.ledger.wallet(INSURANCE, "BTC") > 100


def whale(lots: int) -> tuple[Pit, Recorder, D]:
    """Ann holds fifteen millions' worth and is just under water; the house bids for so many lots."""
    made, told = pit(Product.USDM, "1000000", fund="1000000")
    made.ledger.set_leverage("ann", made.perpetual, 25)
    for _ in range(3):
        buy_of_bob(made, BUY, "100", "50000", made.perpetual)
    made.ledger.credit("ann", "USDT", D(-800_000))
    mark = made.ledger.liquidation_price("ann", made.perpetual) - 1
    made.quote(made.perpetual, mark, lots)
    return made, told, mark


def test_a_large_position_is_first_reduced_to_a_lower_bracket():
    made, told, mark = whale(1_000_000)
    resting = made.venue.place("ann", limit(SELL, "0.1", "52000"))
    told.orders.clear()
    liquidate(made.venue)
    kept = made.ledger.quantity("ann", made.perpetual)
    assert kept == (12_000_000 / mark).quantize(D("0.001"), "ROUND_DOWN")
    order = made.venue.orders("ann")[-1]
    assert (order.state, order.lots, resting.expiry_reason) == (OrderState.FILLED, int((300 - kept) * 1_000), "5")
    fee = next(entry.amount for entry in made.venue.life.records.incomes if entry.kind == "INSURANCE_CLEAR")
    assert fee == -(order.filled_quote * D("0.0125")).quantize(D("0.00000001"))
    assert under_water(made.ledger, "ann") == []
    liquidate(made.venue)
    assert made.ledger.quantity("ann", made.perpetual) == kept


def test_where_the_fee_is_dearer_than_the_margin_it_frees_a_position_goes_whole():
    made, _ = pit(Product.USDM, "100000", fund="1000000")
    made.ledger.set_leverage("ann", made.perpetual, 75)
    buy_of_bob(made, BUY, "16.5", "50000", made.perpetual)
    made.ledger.credit("ann", "USDT", D(-95_000))
    made.quote(made.perpetual, made.ledger.liquidation_price("ann", made.perpetual) - 1)
    liquidate(made.venue)
    assert made.ledger.quantity("ann", made.perpetual) == 0


def test_what_the_market_does_not_buy_of_a_reduction_is_liquidated_whole():
    made, _, _ = whale(10)
    liquidate(made.venue)
    reduction, rest = [order for order in made.venue.orders("ann") if order.is_forced]
    assert (reduction.state, reduction.filled_lots, reduction.expiry_reason) == (OrderState.EXPIRED, 10, "2")
    assert (rest.state, made.ledger.quantity("ann", made.perpetual)) == (OrderState.FILLED, 0)
    assert made.ledger.quantity(INSURANCE, made.perpetual) > 0


def test_what_the_book_cannot_take_goes_to_the_fund_which_sells_it_later():
    made, _ = pit(Product.USDM, "1000", fund="1000000")
    symbol = made.perpetual
    buy_of_bob(made, BUY, "0.2", "50000", symbol)
    made.quote(symbol, D(45_100), 50)
    told = Recorder()
    made.venue.add_listener(told)
    watch(made.venue, START_MS)
    states = [(change.execution_type, change.state) for change in told.orders if change.order.account_id == "ann"]
    assert states == [
        ("CALCULATED", "PARTIALLY_FILLED"), ("CALCULATED", "NEW_INSURANCE"), ("CALCULATED", "FILLED"),
    ]  # fmt: skip
    # 50 lots of the house were there at the price; the rest was taken over and cannot be sold yet.
    assert made.ledger.quantity("ann", symbol) == 0
    assert made.ledger.quantity(INSURANCE, symbol) == D("0.150")
    made.quote(symbol, D(45_100), 1_000)
    watch(made.venue, START_MS)
    assert made.ledger.quantity(INSURANCE, symbol) == 0


def test_an_empty_fund_leaves_it_to_the_most_profitable_trader_on_the_other_side():
    made = Pit(Product.USDM, "ann", "bob", "cleo", wallet="1000", price="50000")
    told = Recorder()
    made.venue.add_listener(told)
    symbol = made.perpetual
    made.quote(symbol, D(50_500), 0)
    made.venue.place("bob", limit(SELL, "0.1", "50000", symbol=symbol))
    made.venue.place("cleo", limit(SELL, "0.1", "50300", symbol=symbol))
    made.venue.place("ann", market(BUY, "0.2", symbol=symbol))
    made.quote(symbol, D(40_000), 0)
    leg = (symbol, "BOTH")
    assert quantile(made.venue, "cleo", leg) > quantile(made.venue, "bob", leg)
    liquidate(made.venue)
    assert all(made.ledger.quantity(name, symbol) == 0 for name in ("ann", "bob", "cleo"))
    forced = [change for change in told.orders if change.order.client_order_id == "adl_autoclose"]
    assert [change.order.account_id for change in forced] == ["cleo", "bob"]
    assert {change.execution_type for change in forced} == {"CALCULATED"}
    assert "NEW_ADL" in [change.state for change in told.orders if change.order.account_id == "ann"]
    assert made.ledger.wallet(INSURANCE, "USDT") < 1
    assert made.ledger.wallet(HOUSE, "USDT") == 10**9


def test_a_margin_call_is_sent_once_and_again_after_calm():
    made, told = pit(Product.USDM, "1000")
    symbol = made.perpetual
    buy_of_bob(made, BUY, "0.2", "50000", symbol)

    def calls() -> int:
        return [change.reason for change in told.accounts].count("MARGIN_CALL")

    near = made.ledger.liquidation_price("ann", symbol) + 20
    for price, expected in ((near, 1), (near + 1, 1), (D(50_000), 1), (near, 2)):
        made.marks[symbol].put(price)
        liquidate(made.venue)
        assert calls() == expected


def test_funding_is_told_with_its_symbol_and_remembered():
    made, told = pit(Product.COINM, "1")
    symbol = made.perpetual
    buy_of_bob(made, BUY, "10", "50000", symbol)
    made.marks[symbol].put(D(50_000))
    made.marks[symbol].values = replace(made.marks[symbol].values, next_funding_ms=START_MS)
    watch(made.venue, START_MS)
    change = next(change for change in told.accounts if change.account_id == "ann" and change.reason == "FUNDING_FEE")
    assert (change.about, change.symbols) == (symbol, ())
    entries = {entry.account_id: entry.amount for entry in made.venue.life.records.incomes}
    assert entries["ann"] == -entries["bob"] == D("-0.0000062")


def test_margin_is_added_and_taken_within_bounds():
    made, _ = pit(Product.USDM, "1000")
    symbol = made.perpetual
    move = made.ledger.move_margin
    with pytest.raises(Rejection, match="-4049"):
        move("ann", symbol, "BOTH", D(1))
    made.ledger.set_margin_type("ann", symbol, True)
    with pytest.raises(Rejection, match="-4054"):
        move("ann", symbol, "BOTH", D(1))
    buy_of_bob(made, BUY, "0.1", "50000", symbol)
    made.marks[symbol].put(D(50_000))
    before = made.ledger.liquidation_price("ann", symbol)
    with pytest.raises(Rejection, match="-4050"):
        move("ann", symbol, "BOTH", D(900))
    with pytest.raises(Rejection, match="-4051"):
        move("ann", symbol, "BOTH", D(-1))
    move("ann", symbol, "BOTH", D(100))
    assert made.ledger.liquidation_price("ann", symbol) < before - 900
    move("ann", symbol, "BOTH", D(-100))
    assert made.ledger.liquidation_price("ann", symbol) == before


@pytest.mark.parametrize(
    ("product", "prefix"), [(Product.USDM, "settlement_autoclose-"), (Product.COINM, "delivery_autoclose-")]
)
def test_a_dated_contract_is_settled_and_closed(product, prefix):
    made, told = pit(product, "10000" if product is Product.USDM else "1")
    symbol, listing = made.dated, made.venue.listings[made.dated]
    made.clock.advance(-3_600_000)
    quantity = "0.1" if product is Product.USDM else "10"
    buy_of_bob(made, BUY, quantity, "50000", symbol)
    resting = made.venue.place("bob", limit(SELL, quantity, "51000", symbol=symbol))
    made.clock.advance(3_600_000)
    with pytest.raises(Rejection, match="-4140"):
        made.venue.place("ann", limit(BUY, quantity, "49000", symbol=symbol))
    waiting = AlgoOrder(symbol, SELL, "STOP_MARKET", "ann", quantity=D(quantity), trigger_price=D(40_000))
    waiting.reduce_only = True
    made.venue.algos.place(waiting)
    made.marks[symbol].put(D("50123.46"))
    made.clock.advance(listing.delivery_ms - made.clock.now_ms())
    watch(made.venue, made.clock.now_ms())
    assert (resting.state, resting.expiry_reason) == (OrderState.EXPIRED, "7")
    assert waiting.state is AlgoState.EXPIRED
    assert all(made.ledger.quantity(name, symbol) == 0 for name in ("ann", "bob", HOUSE))
    order = made.venue.orders("ann", symbol)[-1]
    assert order.client_order_id.startswith(prefix)
    assert order.executions[-1].price_ticks == 501_235
    assert made.venue.life.delivery_prices[listing.pair] == [(listing.delivery_ms, D("50123.5"))]
    with pytest.raises(Rejection, match="-4141"):
        made.venue.place("ann", limit(BUY, quantity, "49000", symbol=symbol))
    told.orders.clear()
    assert watch(made.venue, made.clock.now_ms() + 120_000) == []
    assert told.orders == []


def test_the_calendar_of_quarters():
    found = deliveries(START_MS, 3)
    assert [delivery_suffix(time) for time in found] == ["261225", "270326", "270625"]
    listing = Pit(Product.USDM, wallet="0").venue.listings["BTCUSDT_261225"]
    assert contract_type(listing, START_MS) == "CURRENT_QUARTER"
    assert contract_type(listing, START_MS - 100 * 86_400_000) == "NEXT_QUARTER"
    stages = [contract_status(listing, found[0] + offset) for offset in (-700_000, -300_000, 0, 60_000)]
    assert stages == ["TRADING", "PRE_DELIVERING", "DELIVERING", "DELIVERED"]


def test_the_next_quarter_is_listed_when_one_is_delivered(monkeypatch):
    monkeypatch.setattr("tui.exchange.exchange.new_keys", lambda account_id: [])
    clock = ManualClock(START_MS)
    exchange = Exchange(seed=2, clock=clock)
    venue = exchange.venues[Product.COINM]
    assert "BTCUSD_270625" not in venue.listings
    venue.place("demo", market(BUY, "1", symbol="BTCUSD_270326"))
    seen: list[str] = []
    venue.life.on_listed.append(lambda listing: seen.append(listing.symbol))
    venue.life.on_stage.append(lambda listing: seen.append(listing.symbol))
    for _ in range(20):
        exchange.step()
    clock.advance(301_000)
    for _ in range(20):
        exchange.step()
    assert {"BTCUSD_261225", "BTCUSD_270625", "ETHUSD_270625"} <= set(seen)
    assert venue.depth("BTCUSD_261225", 5)[1:] == ([], [])
    bids, asks = venue.depth("BTCUSD_270625", 5)[1:]
    assert 910_000 < bids[0][0] < asks[0][0] < 960_000
    assert venue.mark("BTCUSD_270625").mark > venue.mark("BTCUSD_270326").mark
    assert venue.futures.quantity("demo", "BTCUSD_270326") == 1
    deliver(venue, "BTCUSD_270326")
    assert venue.futures.quantity("demo", "BTCUSD_270326") == 0


def test_what_was_delivered_while_the_exchange_was_closed_is_settled_when_it_opens(tmp_path, monkeypatch):
    monkeypatch.setattr("tui.exchange.exchange.new_keys", lambda account_id: [])
    clock = ManualClock(START_MS - 3_600_000)
    exchange = Exchange(seed=2, clock=clock, state_path=tmp_path / "state")
    for product, quantity in ((Product.COINM, "1"), (Product.USDM, "0.01")):
        symbol = "BTCUSD_261225" if product is Product.COINM else "BTCUSDT_261225"
        exchange.venues[product].place("demo", market(BUY, quantity, symbol=symbol))
    exchange.close()
    clock.advance(7 * 86_400_000)
    exchange = Exchange(seed=2, clock=clock, state_path=tmp_path / "state")
    for _ in range(10):
        exchange.step()
    for product, symbol in ((Product.COINM, "BTCUSD_261225"), (Product.USDM, "BTCUSDT_261225")):
        venue = exchange.venues[product]
        assert venue.futures.position("demo", symbol).quantity == 0
        assert "autoclose-" in venue.orders("demo", symbol)[-1].client_order_id
        with pytest.raises(Rejection, match="-4141"):
            venue.place("demo", market(BUY, "1", symbol=symbol))
        assert symbol.replace("261225", "270625") in venue.listings
    exchange.close()
