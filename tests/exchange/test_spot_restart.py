"""Spot orders of every kind continue after a restart where they were."""

from decimal import Decimal as D

import pytest
from venues import START_MS, limit, market

from tui.domain.order_terms import Side
from tui.domain.product import Product
from tui.exchange.clock import ManualClock
from tui.exchange.exchange import Exchange
from tui.exchange.orders import OrderState
from tui.exchange.spot.order import Peg, SpotEntry
from tui.exchange.venue import Venue

BUY, SELL = Side.BUY, Side.SELL
FIELDS = (
    *("order_id", "client_order_id", "type", "state", "lots", "filled_lots", "price_ticks", "stop_ticks", "list_id"),
    *("trailing_delta", "extreme_ticks", "strategy_id", "strategy_type", "peg", "stated_ticks", "working_ms"),
    *("is_waiting", "lacks_quantity", "iceberg_lots", "prevented_lots", "preventions", "changes"),
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "exchange.sqlite"


def opened(path) -> tuple[Exchange, Venue]:
    exchange = Exchange(seed=5, state_path=path, clock=ManualClock(START_MS))
    return exchange, exchange.venues[Product.SPOT]


def entry(side: Side, kind: str, quantity: str | None = "0.01", **more: object) -> SpotEntry:
    return SpotEntry("BTCUSDT", side, kind, quantity=None if quantity is None else D(quantity), **more)


def trade_everything(venue: Venue) -> None:
    """Orders of every kind, far enough from the market to wait."""
    pair = [entry(SELL, "LIMIT_MAKER", price=D(99000)), entry(SELL, "STOP_LOSS", stop_price=D(80000))]
    working = SpotEntry.of(limit(BUY, "0.02", "80500"))
    venue.place("demo", entry(BUY, "STOP_LOSS", stop_price=D(99000), strategy_id=7, strategy_type=1_000_000))
    venue.place("demo", entry(SELL, "TAKE_PROFIT", trailing_delta=900))
    venue.place("demo", entry(BUY, "LIMIT_MAKER", "0.2", price=D(81000), iceberg_quantity=D("0.01")))
    pegged = entry(BUY, "LIMIT", time_in_force="GTC", peg=Peg("PRIMARY_PEG", "PRICE_LEVEL", 5))
    amended = venue.place("demo", pegged)
    venue.spot_orders.amending.amend(amended, D("0.005"), "smaller")
    venue.spot_orders.lists.place("demo", "OCO", "pair", pair)
    venue.spot_orders.lists.place("demo", "OTOCO", "chain", [working, *pair])
    sized = [entry(SELL, "LIMIT_MAKER", None, price=D(99500))]
    venue.place("demo", market(BUY, "0.1"))
    # A partly filled working order holds what it has bought.
    listing, (price, lots) = venue.listings["BTCUSDT"], venue.best("BTCUSDT")[1]
    best = limit(BUY, str(listing.step.value(lots + 900)), str(listing.tick.value(price)))
    opo = venue.spot_orders.lists.place("demo", "OPO", "sized", [SpotEntry.of(best), *sized])
    assert opo.orders[0].state is OrderState.PARTIALLY_FILLED
    assert opo.orders[0].proceeds.amount > 0


def picture(venue: Venue) -> object:
    orders = [tuple(getattr(order, name) for name in FIELDS) for order in venue.orders("demo")]
    lists = [
        (found.list_id, found.kind, found.client_list_id, found.is_done, [order.order_id for order in found.orders])
        for found in venue.spot_orders.lists.memory.lists("demo")
    ]
    return orders, lists, venue.spot.balances("demo"), venue.spot_orders.trading.preventions.of("demo", "BTCUSDT")


def test_orders_of_every_kind_survive_a_restart(path):
    exchange, venue = opened(path)
    trade_everything(venue)
    before = picture(venue)
    exchange.close()
    again, venue = opened(path)
    assert picture(venue) == before
    resting = [order for order in venue.books["BTCUSDT"].book.orders.values() if order.owner == "demo"]
    assert {order.lots for order in resting if order.hidden} == {1_000}
    venue.cancel_all("demo", "BTCUSDT")
    assert {locked for _, locked in venue.spot.balances("demo").values()} == {0}
    assert venue.spot_orders.lists.memory.active == {}
    again.close()


def test_lists_go_on_working_after_a_restart(path):
    exchange, venue = opened(path)
    best = venue.listings["BTCUSDT"].tick.value(venue.best("BTCUSDT")[1][0])
    working = SpotEntry.of(limit(BUY, "0.01", str(best - 20)))
    pair = [entry(SELL, "LIMIT_MAKER", price=best + 3000), entry(SELL, "STOP_LOSS", stop_price=best - 900)]
    venue.spot_orders.lists.place("demo", "OTOCO", None, [working, *pair])
    exchange.close()
    again, venue = opened(path)
    venue.spot.deposit("other", "BTC", D(50_000))
    tick = venue.listings["BTCUSDT"].tick
    lots = sum(lots for price, lots in venue.depth("BTCUSDT", 5000)[1] if tick.value(price) >= best - 20)
    venue.place("other", market(SELL, str(venue.listings["BTCUSDT"].step.value(lots))))
    found = venue.spot_orders.lists.memory.lists("demo")[0]
    assert [order.state for order in found.orders] == [OrderState.FILLED, OrderState.NEW, OrderState.NEW]
    assert found.orders[2].is_waiting
    again.close()


def test_what_an_opo_sells_is_locked_once_after_a_restart(path):
    exchange, venue = opened(path)
    best = limit(BUY, "0.01", str(venue.listings["BTCUSDT"].tick.value(venue.best("BTCUSDT")[1][0])))
    sized = entry(SELL, "LIMIT_MAKER", None, price=D(99500))
    venue.spot_orders.lists.place("demo", "OPO", None, [SpotEntry.of(best), sized])
    before = venue.spot.balances("demo")
    assert before["BTC"][1] == D("0.00999")
    exchange.close()
    again, venue = opened(path)
    assert venue.spot.balances("demo") == before
    again.close()
