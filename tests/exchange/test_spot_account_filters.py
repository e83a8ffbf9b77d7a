"""Filters that look at all an account has: what it holds, its icebergs, its lists, and assets that are capped."""

from decimal import Decimal as D

import pytest
from msgspec.structs import replace
from venues import limit, market, spot_venue

from tui.domain.order_terms import Side
from tui.exchange.orders import OrderEntry
from tui.exchange.rejection import Rejection
from tui.exchange.spot.order import SpotEntry

BUY, SELL = Side.BUY, Side.SELL
WORDS = "^-1013 Filter failure: {}$"


def test_a_position_grows_no_further_than_max_position():
    venue, _ = spot_venue()
    venue.spot.deposit("ann", "BTC", D(89_979))
    venue.place("ann", limit(BUY, "0.6", "80000"))
    with pytest.raises(Rejection, match=WORDS.format("MAX_POSITION")):
        venue.place("ann", limit(BUY, "0.41", "80000"))
    with pytest.raises(Rejection, match=WORDS.format("MAX_POSITION")):
        venue.place("ann", OrderEntry("BTCUSDT", BUY, "MARKET", quote_quantity=D(60_000)))
    resting = venue.place("ann", limit(SELL, "5", "95000"))
    with pytest.raises(Rejection, match="MAX_POSITION"):
        venue.place("ann", limit(BUY, "0.41", "80000"))
    assert resting.state.is_open
    venue.place("ann", limit(BUY, "0.4", "80000"))


def test_an_order_moves_no_more_of_an_asset_than_max_asset():
    venue, _ = spot_venue()
    for account, asset in (("ann", "BNB"), ("ann", "USDT")):
        venue.spot.deposit(account, asset, D(100_000_000))
    with pytest.raises(Rejection, match=WORDS.format("MAX_ASSET")):
        venue.place("ann", limit(SELL, "5000.001", "900", symbol="BNBUSDT"))
    venue.place("ann", limit(SELL, "5000", "900", symbol="BNBUSDT"))
    with pytest.raises(Rejection, match=WORDS.format("MAX_ASSET")):
        venue.place("ann", market(BUY, "115"))


def test_icebergs_are_counted_over_all_symbols(monkeypatch):
    monkeypatch.setattr("tui.exchange.spot.filters.EXCHANGE_MAX_NUM_ICEBERG_ORDERS", 3)
    venue, _ = spot_venue()
    for number in range(3):
        venue.place("ann", iceberg("BTCUSDT", "0.1", str(80_000 + number)))
    with pytest.raises(Rejection, match=WORDS.format("EXCHANGE_MAX_NUM_ICEBERG_ORDERS")):
        venue.place("ann", iceberg("ETHUSDT", "1", "2800"))
    venue.place("bob", iceberg("ETHUSDT", "1", "2800"))


def iceberg(symbol: str, quantity: str, price: str) -> SpotEntry:
    entry = SpotEntry.of(limit(BUY, quantity, price, symbol=symbol))
    return replace(entry, iceberg_quantity=D(quantity) / 2)


def test_lists_are_counted_over_all_symbols():
    venue, _ = spot_venue()

    def place(symbol: str, price: str) -> None:
        entries = [SpotEntry.of(limit(side, "0.1", price, symbol=symbol)) for side in (BUY, SELL)]
        venue.spot_orders.lists.place("ann", "OTO", None, entries)

    for number in range(10):
        place("BTCUSDT", str(80_000 + number))
        place("ETHUSDT", str(2_800 + number))
    with pytest.raises(Rejection, match=WORDS.format("EXCHANGE_MAX_NUM_ORDER_LISTS")):
        place("BTCUSDT", "80100")
