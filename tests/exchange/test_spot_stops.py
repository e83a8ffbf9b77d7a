"""Orders that wait for the last price, and orders priced by the book."""

from decimal import Decimal as D

import pytest
from venues import limit, market, spot_venue

from tui.domain.order_terms import Side
from tui.exchange.orders import OrderState
from tui.exchange.rejection import Rejection
from tui.exchange.spot.order import Peg, SpotEntry

BUY, SELL = Side.BUY, Side.SELL


def entry(side: Side, kind: str, quantity: str = "1", **more: object) -> SpotEntry:
    numbers = {
        name: D(value) if isinstance(value, str) and name.endswith("price") else value for name, value in more.items()
    }
    return SpotEntry("BTCUSDT", side, kind, quantity=D(quantity), **numbers)


def trade(venue, price: str, quantity: str = "0.1") -> None:
    """Somebody trades at a price: the new last price."""
    venue.place("bob", limit(SELL, quantity, price))
    venue.place("cleo", limit(BUY, quantity, price))


@pytest.mark.parametrize(
    ("side", "kind", "stop", "before", "fires_at"),
    [
        (SELL, "STOP_LOSS", "90000", "90000.01", "90000"),
        (BUY, "STOP_LOSS", "92000", "91999.99", "92000"),
        (SELL, "TAKE_PROFIT", "92000", "91999.99", "92000.01"),
        (BUY, "TAKE_PROFIT", "90000", "90000.01", "89999"),
    ],
)
def test_a_stop_fires_on_the_last_price(side, kind, stop, before, fires_at):
    venue, told = spot_venue()
    order = venue.place("ann", entry(side, kind, "0.2", stop_price=stop))
    assert (order.working_ms, order.is_waiting) == (-1, True)
    assert venue.depth("BTCUSDT", 5)[1:] == ([], [])
    trade(venue, before)
    assert order.is_waiting
    venue.place("bob", limit(BUY if side is SELL else SELL, "1", fires_at))
    venue.place("cleo", market(SELL if side is SELL else BUY, "0.1"))
    assert (order.is_waiting, order.state) == (False, OrderState.FILLED)
    changes = [(change.execution_type, change.state) for change in told.orders if change.order is order]
    assert changes == [("NEW", "NEW"), ("NEW", "NEW"), ("TRADE", "FILLED")]


@pytest.mark.parametrize(
    ("side", "kind", "stop"),
    [(SELL, "STOP_LOSS", "91234.50"), (BUY, "STOP_LOSS", "91000"), (SELL, "TAKE_PROFIT", "91000")],
)
def test_a_stop_on_the_wrong_side_is_refused(side, kind, stop):
    venue, told = spot_venue()
    with pytest.raises(Rejection, match="-2010 Order would trigger immediately"):
        venue.place("ann", entry(side, kind, stop_price=stop))
    assert told.orders == []


def test_a_stop_limit_locks_at_its_price_and_rests_when_triggered():
    venue, _ = spot_venue()
    order = venue.place(
        "ann", entry(BUY, "STOP_LOSS_LIMIT", "0.5", price="91900", stop_price="92000", time_in_force="GTC")
    )
    assert venue.spot.locked("ann", "USDT") == D("0.5") * 91_900
    trade(venue, "92000")
    assert (order.state, order.working_ms >= 0) == (OrderState.NEW, True)
    assert venue.depth("BTCUSDT", 5)[1] == [(9_190_000, 50_000)]


def test_a_triggered_market_order_that_cannot_be_paid_expires_as_rejected():
    venue, _ = spot_venue()
    order = venue.place("ann", entry(BUY, "STOP_LOSS", "10", stop_price="92000"))
    venue.place("ann", limit(BUY, "0.8", "89000"))
    venue.place("bob", limit(SELL, "15", "95000"))
    trade(venue, "92000")
    assert (order.state, order.expiry_reason) == (OrderState.EXPIRED, "REJECTED")
    assert venue.spot.locked("ann", "USDT") == D("0.8") * 89_000


def test_a_stop_can_set_off_another():
    venue, _ = spot_venue("ann", "bob", "cleo", "dora")
    first = venue.place("ann", entry(SELL, "STOP_LOSS", stop_price="91000"))
    second = venue.place("dora", entry(SELL, "STOP_LOSS", stop_price="90500"))
    for price, quantity in (("91000", "0.1"), ("90500", "1"), ("90000", "5")):
        venue.place("bob", limit(BUY, quantity, price))
    venue.place("cleo", market(SELL, "0.1"))
    assert [order.state for order in (first, second)] == [OrderState.FILLED, OrderState.FILLED]
    assert second.executions[-1].price_ticks == 9_000_000


def test_a_trailing_stop_follows_the_highest_price_and_fires_on_the_fall():
    venue, _ = spot_venue()
    order = venue.place("ann", entry(SELL, "STOP_LOSS", "0.2", trailing_delta=100))
    assert (order.extreme_ticks, order.trailing_ms) == (0, -1)
    for price in ("91000", "92000", "91500", "91080.01"):
        trade(venue, price)
    assert order.extreme_ticks == 9_200_000
    assert order.is_waiting
    venue.place("bob", limit(BUY, "1", "91080"))
    venue.place("cleo", market(SELL, "0.1"))
    assert order.state is OrderState.FILLED


def test_a_trailing_order_with_a_stop_price_follows_only_from_there():
    venue, _ = spot_venue()
    order = venue.place("ann", entry(BUY, "TAKE_PROFIT", "0.2", stop_price="90000", trailing_delta=100))
    trade(venue, "90500")
    assert order.extreme_ticks == 0
    trade(venue, "90000")
    trade(venue, "89000")
    assert order.extreme_ticks == 8_900_000
    venue.place("bob", limit(SELL, "1", "89890"))
    venue.place("cleo", market(BUY, "0.1"))
    assert order.state is OrderState.FILLED


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        (entry(SELL, "STOP_LOSS"), "-1102 Param 'stopPrice' or 'trailingDelta'"),
        (entry(SELL, "STOP_LOSS", stop_price="90000", price="1"), "-1106 Parameter 'price'"),
        (entry(SELL, "STOP_LOSS_LIMIT", stop_price="90000", price="90000"), "-1102 Mandatory parameter 'timeInForce'"),
        (entry(SELL, "LIMIT_MAKER", price="99000", stop_price="90000"), "-1106 Parameter 'stopPrice'"),
        (entry(SELL, "STOP_LOSS", stop_price="90000.001"), "-1013 Filter failure: PRICE_FILTER"),
        (entry(SELL, "STOP_LOSS", trailing_delta=5), "-1013 Filter failure: TRAILING_DELTA"),
        (entry(SELL, "STOP_LOSS", trailing_delta=3000), "-1013 Filter failure: TRAILING_DELTA"),
        (entry(SELL, "STOP_LOSS", stop_price="90000", strategy_type=5), "-1134"),
        (entry(SELL, "LIMIT_MAKER", price="99000", iceberg_quantity=D("0.001")), "-1013 Filter failure: ICEBERG_PARTS"),
        (entry(SELL, "LIMIT_MAKER", price="99000", iceberg_quantity=D(2)), "-2010 IcebergQty exceeds QTY."),
        (entry(BUY, "MARKET", peg=Peg("PRIMARY_PEG")), "-2010 This order type may not use pegged price."),
        (entry(BUY, "LIMIT_MAKER", peg=Peg("MARKET_PEG")), "-2010 This price peg cannot be used"),
        (entry(BUY, "LIMIT", time_in_force="GTC", peg=Peg("MIDDLE")), "-1210 Invalid pegPriceType."),
        (entry(BUY, "LIMIT", time_in_force="GTC", peg=Peg("MARKET_PEG", "TICKS", 1)), "-1211 Invalid pegOffsetType."),
        (entry(BUY, "LIMIT", time_in_force="GTC", peg=Peg("MARKET_PEG")), "-2010 Order book liquidity is too low"),
    ],
)
def test_refusals(wrong, refusal):
    venue, told = spot_venue()
    with pytest.raises(Rejection) as refused:
        venue.place("ann", wrong)
    assert str(refused.value).startswith(refusal)
    assert told.orders == []


def test_no_more_stops_than_the_filter_allows():
    venue, _ = spot_venue()
    for _ in range(5):
        venue.place("ann", entry(SELL, "STOP_LOSS", "0.1", stop_price="90000"))
    with pytest.raises(Rejection, match="MAX_NUM_ALGO_ORDERS"):
        venue.place("ann", entry(SELL, "STOP_LOSS", "0.1", stop_price="90000"))


def test_a_pegged_order_takes_its_price_from_the_book_once():
    venue, _ = spot_venue()
    for price in ("91000", "90990", "90980"):
        venue.place("bob", limit(BUY, "0.1", price))
    order = venue.place("ann", entry(BUY, "LIMIT", time_in_force="GTC", peg=Peg("PRIMARY_PEG", "PRICE_LEVEL", 2)))
    assert (order.price_ticks, order.stated_ticks) == (9_098_000, 0)
    venue.cancel_all("bob", "BTCUSDT")
    assert order.price_ticks == 9_098_000


def test_an_iceberg_shows_its_part_and_queues_again_for_the_next():
    venue, told = spot_venue()
    ice = venue.place("ann", entry(SELL, "LIMIT_MAKER", "1", price="92000", iceberg_quantity=D("0.2")))
    plain = venue.place("bob", limit(SELL, "0.3", "92000"))
    assert venue.depth("BTCUSDT", 1)[2] == [(9_200_000, 50_000)]
    venue.place("cleo", market(BUY, "0.4"))
    assert [order.filled_lots for order in (ice, plain)] == [20_000, 20_000]
    assert venue.depth("BTCUSDT", 1)[2] == [(9_200_000, 30_000)]
    venue.place("cleo", market(BUY, "0.9"))
    assert [order.state for order in (ice, plain)] == [OrderState.FILLED, OrderState.FILLED]
    assert max(change.lots for change in told.levels) == 50_000
