"""What the account holds, and how it is set up."""

from dataclasses import dataclass
from decimal import Decimal

from tui.domain.order_terms import PositionSide, Side
from tui.domain.product import Product

#: The name of what virtual positions do not explain of the exchange's net position.
UNASSIGNED = "UNASSIGNED"


@dataclass(frozen=True, slots=True)
class Balance:
    """One asset in one wallet; on futures `free` is what new positions may use and `locked` what margin holds.

    `borrowed` and `interest` are owed (margin). `pair` is the native symbol of an isolated margin wallet, else empty.
    `wallet` is a futures wallet without unrealised profit; None where the exchange does not tell it.
    """

    product: Product
    asset: str
    free: Decimal
    locked: Decimal
    time_ms: int
    borrowed: Decimal = Decimal(0)
    interest: Decimal = Decimal(0)
    pair: str = ""
    wallet: Decimal | None = None

    @property
    def total(self) -> Decimal:
        """Free and locked together."""
        return self.free + self.locked

    @property
    def net(self) -> Decimal:
        """What would be left after paying back what is owed."""
        return self.total - self.borrowed - self.interest

    @property
    def owned(self) -> Decimal:
        """What it is worth without the open profit of positions: a futures wallet, else what is left after debts."""
        return self.net if self.wallet is None else self.wallet

    @property
    def key(self) -> tuple[Product, str]:
        """Where the store keeps it: product, and asset, or `PAIR:ASSET` in an isolated wallet."""
        return self.product, f"{self.pair}:{self.asset}" if self.pair else self.asset


@dataclass(frozen=True, slots=True)
class Position:
    """One open contract position; `quantity` is signed, negative when short.

    Quantity is in base units, or in contracts of `contract_size` USD each on COIN-M, whose profit and margin are in
    coin. Money figures are in the margin asset. `realized` counts since the exchange began to count for this position.
    """

    product: Product
    symbol: str
    quantity: Decimal
    entry_price: Decimal
    time_ms: int
    mark_price: Decimal | None = None
    liquidation_price: Decimal | None = None
    leverage: int | None = None
    margin: Decimal | None = None
    is_isolated: bool = False
    position_side: PositionSide = PositionSide.BOTH
    break_even_price: Decimal | None = None
    realized: Decimal | None = None
    maintenance_margin: Decimal | None = None
    #: What is set apart for an isolated position, without its open profit, which `margin` has in it.
    isolated_wallet: Decimal | None = None
    #: Rank in the queue of auto-deleveraging, 0 to 4; 4 goes first.
    adl_quantile: int | None = None
    #: Worth of one contract in USD; None where the contract is linear.
    contract_size: Decimal | None = None
    #: Kept by this program over the exchange's net position; with BOTH it is what no virtual position explains.
    is_virtual: bool = False

    @property
    def is_unassigned(self) -> bool:
        """Whether it is what no virtual position explains of the exchange's."""
        return self.is_virtual and self.position_side is PositionSide.BOTH

    @property
    def side(self) -> Side:
        """BUY when long, SELL when short."""
        return Side.BUY if self.quantity > 0 else Side.SELL

    @property
    def key(self) -> str:
        """Where the store keeps it: the symbol, or `SYMBOL-LONG` and `SYMBOL-SHORT` where they are held apart."""
        if self.is_unassigned:
            return f"{self.symbol}-{UNASSIGNED}"
        return position_key(self.symbol, self.position_side)

    def profit(self, mark_price: Decimal) -> Decimal:
        """Unrealised profit at a mark price, in quote units, or in coin where the contract is inverse."""
        if self.contract_size is None:
            return (mark_price - self.entry_price) * self.quantity
        if not self.entry_price or not mark_price:
            return Decimal(0)
        return self.quantity * self.contract_size * (1 / self.entry_price - 1 / mark_price)


def position_key(symbol: str, side: PositionSide) -> str:
    """The name of a position inside the program."""
    return symbol if side is PositionSide.BOTH else f"{symbol}-{side.value}"


@dataclass(frozen=True, slots=True)
class LeverageBracket:
    """One tier of a contract: up to `notional_cap`, at most `max_leverage`, maintenance at `rate` less `amount`."""

    notional_floor: Decimal
    notional_cap: Decimal
    max_leverage: int
    maintenance_rate: Decimal
    maintenance_amount: Decimal


@dataclass(frozen=True, slots=True)
class SymbolConfig:
    """How one contract is set up in the account; `max_notional` is in quote units, in coin where it is inverse."""

    symbol: str
    leverage: int
    is_isolated: bool
    max_notional: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Commission:
    """What one symbol's trades cost, as fractions of their value; `asset_discount` applies when paid in BNB."""

    symbol: str
    maker: Decimal
    taker: Decimal
    asset_discount: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Income:
    """One change of a futures wallet that is no trade: kind in Binance's words (FUNDING_FEE, COMMISSION, …)."""

    product: Product
    kind: str
    symbol: str
    asset: str
    amount: Decimal
    time_ms: int
    transaction_id: int


@dataclass(frozen=True, slots=True)
class MarginLevel:
    """How far a margin account is from being sold: level is assets over debts; None where nothing is owed."""

    product: Product
    level: Decimal | None
    assets: Decimal
    debts: Decimal
    #: The valuing asset: BTC for cross, the pair's quote for isolated.
    asset: str
    pair: str = ""
    liquidation_price: Decimal | None = None
