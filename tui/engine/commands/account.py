"""How the account is set up, loans and transfers."""

from dataclasses import dataclass
from decimal import Decimal

from tui.domain.order_terms import PositionSide
from tui.domain.product import Product


@dataclass(frozen=True, slots=True)
class SetLeverage:
    """Change the leverage of a contract."""

    symbol: str
    leverage: int
    reviewed: bool = False


@dataclass(frozen=True, slots=True)
class SetIsolated:
    """Hold a contract's margin isolated, or across positions."""

    symbol: str
    isolated: bool
    reviewed: bool = False


@dataclass(frozen=True, slots=True)
class AddMargin:
    """Add to an isolated position's margin, or take from it where negative."""

    symbol: str
    amount: Decimal
    position_side: PositionSide = PositionSide.BOTH
    reviewed: bool = False


@dataclass(frozen=True, slots=True)
class SetHedgeMode:
    """Hold long and short of one contract apart, or net."""

    product: Product
    hedge: bool
    reviewed: bool = False


@dataclass(frozen=True, slots=True)
class SetMultiAssets:
    """Let all assets of a futures wallet serve as margin, or each contract's own alone."""

    product: Product
    multi: bool
    reviewed: bool = False


@dataclass(frozen=True, slots=True)
class Borrow:
    """Borrow an asset on margin; `pair` is the program symbol of an isolated wallet, empty for cross."""

    asset: str
    amount: Decimal
    pair: str = ""
    reviewed: bool = False


@dataclass(frozen=True, slots=True)
class Repay:
    """Pay back borrowed assets."""

    asset: str
    amount: Decimal
    pair: str = ""
    reviewed: bool = False


@dataclass(frozen=True, slots=True)
class Transfer:
    """Move an asset between the spot and a margin wallet."""

    asset: str
    amount: Decimal
    into_margin: bool
    pair: str = ""
    reviewed: bool = False


#: How the account is set up, and loans.
AccountCommand = SetLeverage | SetIsolated | AddMargin | SetHedgeMode | SetMultiAssets | Borrow | Repay | Transfer
