"""What can be traded, and the rules an order for it must keep."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from tui.domain.increment import Increment
from tui.domain.order_terms import OrderType, SelfTradePrevention
from tui.domain.product import Product

#: What a symbol carries inside the program on margin, where it has the same native name as on spot.
MARGIN_SUFFIXES = {Product.MARGIN: "-X", Product.ISOLATED_MARGIN: "-I"}


class ContractKind(StrEnum):
    """What kind of claim one unit is."""

    COIN = "coin"
    PERPETUAL = "perpetual"
    DELIVERY = "delivery"


class TradingStatus(StrEnum):
    """Whether orders are taken; Binance's many words folded to what a trader can do. Only TRADING takes orders."""

    TRADING = "trading"
    CANCEL_ONLY = "cancel_only"
    PRE_OPEN = "pre_open"
    POST_CLOSE = "post_close"
    PRE_CLOSE = "pre_close"
    CLOSED = "closed"
    HALT = "halted"
    PAUSE = "paused"
    CROSS = "auction"
    SUSPENDED = "suspended"
    #: Not listed any more.
    NOT_AVAILABLE = "not_available"
    #: A word that is not known here; `Instrument.raw_status` has it.
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Permits:
    """What one symbol takes beyond its price and size rules; empty sets and zeros stand for "not said".

    Trailing bounds are basis points: `above` holds for BUY stops and SELL take-profits, `below` for the others
    (spot filter TRAILING_DELTA).
    """

    order_types: frozenset[OrderType] = frozenset()
    self_trade_preventions: frozenset[SelfTradePrevention] = frozenset()
    iceberg: bool = True
    iceberg_parts: int = 0
    trailing: bool = True
    trailing_above: tuple[int, int] = (0, 0)
    trailing_below: tuple[int, int] = (0, 0)
    peg: bool = True
    oco: bool = True
    oto: bool = True
    max_notional: Decimal | None = None
    #: How many orders of the account may wait for a trigger at a time.
    max_conditional: int = 0


@dataclass(frozen=True, slots=True)
class Instrument:
    """One symbol with its trading rules.

    `symbol` is unique inside the program (`BTCUSDT`, `BTCUSDT-PERP`); `native` is what Binance calls it.
    Quantities are in base units, or in contracts where `contract_size` is not one.
    """

    product: Product
    symbol: str
    native: str
    base: str
    quote: str
    margin_asset: str
    tick: Increment
    step: Increment
    min_quantity: Decimal
    max_quantity: Decimal
    max_market_quantity: Decimal
    min_notional: Decimal
    kind: ContractKind = ContractKind.COIN
    contract_size: Decimal = Decimal(1)
    status: TradingStatus = TradingStatus.TRADING
    #: A price may be at most this many times the reference price, and at least that many; None is unbounded.
    price_up: Decimal | None = None
    price_down: Decimal | None = None
    quote_quantity_allowed: bool = False
    maker_fee: Decimal | None = None
    taker_fee: Decimal | None = None
    permits: Permits = Permits()
    #: The status as the exchange says it.
    raw_status: str = ""
    #: Hours between two fundings of a perpetual contract; None where there are none or it is not known.
    funding_hours: int | None = None

    @property
    def is_inverse(self) -> bool:
        """Whether profit is paid in the coin itself; decided by product, never by the symbol's ending."""
        return self.product is Product.COINM

    @property
    def unit(self) -> str:
        """What sizes are counted in, as a word behind a number: the coin, or contracts."""
        return "contracts" if self.is_inverse else self.base

    def notional(self, price: Decimal, quantity: Decimal) -> Decimal:
        """Value in quote units (USD for inverse contracts)."""
        if self.is_inverse:
            return self.contract_size * quantity
        return price * quantity

    def traded_value(self, volume: Decimal, turnover: Decimal) -> Decimal:
        """What was traded, in quote units: inverse contracts state their turnover in the coin."""
        return self.contract_size * volume if self.is_inverse else turnover

    def price_text(self, price: Decimal) -> str:
        """The price with the decimals of its tick."""
        return self.tick.format(price)

    def quantity_text(self, quantity: Decimal) -> str:
        """The quantity with the decimals of its step."""
        return self.step.format(quantity)


def program_symbol(product: Product, native: str, kind: ContractKind) -> str:
    """The name a symbol carries inside the program; the inverse is the instrument's `native`, or `native_coin_symbol`.

    `BTCUSDT` spot stays, on cross margin it is `BTCUSDT-X`, on isolated margin `BTCUSDT-I`; `BTCUSDT` perpetual becomes
    `BTCUSDT-PERP`, `BTCUSD_PERP` becomes `BTCUSD-PERP`, delivery contracts stay.
    """
    if not product.is_futures:
        return native + MARGIN_SUFFIXES.get(product, "")
    if kind is not ContractKind.PERPETUAL:
        return native
    return native.removesuffix("_PERP") + "-PERP"


def native_coin_symbol(product: Product, symbol: str) -> str:
    """What Binance calls a symbol of spot or margin."""
    return symbol.removesuffix(MARGIN_SUFFIXES.get(product, ""))
