"""Small venues for the tests of the exchange's core."""

from decimal import Decimal

from tui.domain.order_terms import Side
from tui.domain.product import Product
from tui.exchange.catalogue import listings
from tui.exchange.clock import ManualClock
from tui.exchange.events import AccountChanged, LevelChanged, OrderChanged, PublicTrade
from tui.exchange.orders import OrderEntry
from tui.exchange.venue import Venue

START_MS = 1_795_400_000_000


class Recorder:
    """Remembers everything a venue told."""

    def __init__(self) -> None:
        self.trades: list[PublicTrade] = []
        self.levels: list[LevelChanged] = []
        self.orders: list[OrderChanged] = []
        self.accounts: list[AccountChanged] = []

    def on_trade(self, trade: PublicTrade) -> None:
        self.trades.append(trade)

    def on_level(self, change: LevelChanged) -> None:
        self.levels.append(change)

    def on_order(self, change: OrderChanged) -> None:
        self.orders.append(change)

    def on_account(self, change: AccountChanged) -> None:
        self.accounts.append(change)


def spot_venue(*accounts: str) -> tuple[Venue, Recorder]:
    """A spot venue without participants; every account named gets a lot of USDT, BTC, ETH and some BNB."""
    venue = Venue(Product.SPOT, ManualClock(START_MS), listings(Product.SPOT))
    assert venue.spot is not None
    for account in accounts or ("ann", "bob", "cleo"):
        for asset, amount in {"USDT": "1000000", "BTC": "20", "ETH": "200", "BNB": "50"}.items():
            venue.spot.deposit(account, asset, Decimal(amount))
    recorder = Recorder()
    venue.add_listener(recorder)
    return venue, recorder


def futures_venue(*accounts: str, wallet: str = "100000") -> tuple[Venue, Recorder]:
    """A futures venue without participants; the mark is the middle of the book."""
    venue = Venue(Product.USDM, ManualClock(START_MS), listings(Product.USDM))
    assert venue.futures is not None
    for account in accounts or ("ann", "bob", "cleo"):
        venue.futures.credit(account, "USDT", Decimal(wallet))
    recorder = Recorder()
    venue.add_listener(recorder)
    return venue, recorder


def limit(
    side: Side, quantity: str, price: str, *, symbol: str = "BTCUSDT", tif: str = "GTC", **more: object
) -> OrderEntry:
    """A limit order."""
    return OrderEntry(symbol, side, "LIMIT", tif, Decimal(quantity), None, Decimal(price), **more)  # type: ignore[arg-type]


def market(side: Side, quantity: str, *, symbol: str = "BTCUSDT", **more: object) -> OrderEntry:
    """A market order by quantity."""
    return OrderEntry(symbol, side, "MARKET", None, Decimal(quantity), **more)  # type: ignore[arg-type]
