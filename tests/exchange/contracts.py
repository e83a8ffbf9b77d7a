"""Futures venues whose marks are set by the test."""

from dataclasses import replace
from decimal import Decimal

from tui.domain.product import Product
from tui.exchange.accounts.futures import FuturesLedger, Leg
from tui.exchange.accounts.names import HOUSE, INSURANCE
from tui.exchange.catalogue import listings
from tui.exchange.clock import ManualClock
from tui.exchange.mark import MarkValues
from tui.exchange.market.desk import HouseDesk
from tui.exchange.venue import Venue

#: Five minutes before the delivery of December 2026.
START_MS = 1_798_185_600_000 - 300_000
SYMBOLS = {
    Product.USDM: ("BTCUSDT", "BTCUSDT_261225"),
    Product.COINM: ("BTCUSD_PERP", "BTCUSD_261225"),
}
#: Perpetuals that are listed for their index alone.
INDEXED = ("BNBUSDT",)


def under_water(ledger: FuturesLedger, account_id: str) -> list[Leg]:
    """The positions of every pool whose margin is gone."""
    pools = ledger.pools(account_id)
    return [leg for legs in pools if ledger.equity(account_id, legs) <= ledger.needed(account_id, legs) for leg in legs]


class StillMark:
    """A mark that stays where it is put."""

    def __init__(self, price: Decimal) -> None:
        self.values = MarkValues(price, price, price, Decimal("0.00031"), 0, 0)

    def put(self, price: Decimal) -> None:
        self.values = replace(self.values, mark=price, index=price, estimated_settle=price)

    def update(self, now_ms: int) -> None:
        """Nothing moves it."""

    def is_due(self, now_ms: int) -> bool:
        return 0 < self.values.next_funding_ms <= now_ms

    def charged(self, now_ms: int) -> None:
        self.values = replace(self.values, next_funding_ms=0)


class Pit:
    """A venue of one product with two contracts, users, a house and a fund."""

    def __init__(self, product: Product, *users: str, wallet: str, fund: str = "0", price: str = "90000") -> None:
        self.clock = ManualClock(START_MS)
        symbols = SYMBOLS[product]
        listed = [found for found in listings(product, START_MS - 86_400_000) if found.symbol in (*symbols, *INDEXED)]
        self.venue = Venue(product, self.clock, listed)
        self.perpetual, self.dated = symbols
        self.users = users
        assert self.venue.futures is not None
        self.ledger = self.venue.futures
        self.asset = listed[0].margin_asset
        for user in users:
            self.ledger.credit(user, self.asset, Decimal(wallet))
        self.ledger.credit(HOUSE, self.asset, Decimal(10) ** 9)
        self.ledger.credit(INSURANCE, self.asset, Decimal(fund))
        self.marks = {symbol: StillMark(Decimal(price)) for symbol in symbols}
        self.venue.marks |= self.marks  # type: ignore[arg-type]
        for symbol in symbols:
            self.quote(symbol, Decimal(price))

    def quote(self, symbol: str, price: Decimal, lots: int = 100_000) -> None:
        """Mark a contract at a price, and let the house quote around it."""
        desk, tick = HouseDesk(self.venue, symbol), self.venue.listings[symbol].tick
        self.marks[symbol].put(price)
        for is_bid in (True, False):
            for level in list(desk.side(is_bid).prices):
                desk.withdraw(is_bid, level)
        middle = tick.count_of(tick.round(price))
        for order in self.venue.registry.accounts():
            for resting in self.venue.open_orders(order, symbol):
                self.venue.cancel(order, symbol, resting.order_id, None)
        desk.quote(True, middle - 1, lots)
        desk.quote(False, middle + 1, lots)
