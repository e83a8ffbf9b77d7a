"""What a line of the command line can mean, before any market is looked at."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from tui.domain.order_terms import (
    MarginEffect,
    PegPrice,
    PositionSide,
    PriceMatch,
    SelfTradePrevention,
    Side,
    TimeInForce,
)
from tui.domain.product import Product
from tui.engine.alerts.alert import AlertRequest
from tui.ui.command.screen_words import ArrangeLine, PaneLine

Unit = Literal["base", "dollars", "balance", "position", "preset", "risk"]
Anchor = Literal["", "bid", "ask", "mid", "mark", "last", "entry", "be"]


@dataclass(frozen=True, slots=True)
class Size:
    """How much: base units, dollars whatever the symbol is quoted in, a percentage, or a preset.

    Percentages are of the free balance, of the position, or of the equity (risk).
    """

    amount: Decimal
    unit: Unit


@dataclass(frozen=True, slots=True)
class Price:
    """Which price: a number (`anchor` empty), or an anchor moved by ticks, percent, and multiples of the risk (R).

    `entry` is the order's own price in its sl and tp, elsewhere the position's; `be` is where a position breaks even.
    Moves without anchor and number count from the entry: plus towards profit, minus towards loss.
    """

    anchor: Anchor
    number: Decimal = Decimal(0)
    ticks: int = 0
    percent: Decimal = Decimal(0)
    risks: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Condition:
    """What an order waits for: a stop or touch price, or a price that trails by basis points."""

    kind: Literal["stop", "touch", "trail"]
    price: Price | None = None
    trailing_bps: int | None = None


@dataclass(frozen=True, slots=True)
class Extras:
    """What an order line may say beyond the usual."""

    at_mark: bool = False
    show: Size | None = None
    match: PriceMatch | None = None
    peg: PegPrice | None = None
    peg_levels: int | None = None
    prevention: SelfTradePrevention | None = None
    protect: bool = False
    position: PositionSide = PositionSide.BOTH
    good_for_s: int | None = None
    effect: MarginEffect | None = None


NO_EXTRAS = Extras()


@dataclass(frozen=True, slots=True)
class OrderLine:
    """`b` or `s`; no price means market, `sl` and `tp` make a bracket."""

    side: Side
    size: Size
    symbol: str | None
    price: Price | None
    post_only: bool = False
    reduce_only: bool = False
    time_in_force: TimeInForce = TimeInForce.GTC
    condition: Condition | None = None
    stop_loss: Price | None = None
    take_profit: Price | None = None
    extras: Extras = NO_EXTRAS


@dataclass(frozen=True, slots=True)
class OcoLine:
    """`oco`: two orders of which one cancels the other, a profit price and a stop price."""

    side: Side
    size: Size
    symbol: str | None
    profit: Price
    stop: Price


@dataclass(frozen=True, slots=True)
class ScaleLine:
    """`scale`: limit orders spread between two prices."""

    side: Side
    size: Size
    symbol: str | None
    first: Price
    last: Price
    count: int
    skew: Decimal = Decimal(1)
    post_only: bool = False
    reduce_only: bool = False
    position: PositionSide = PositionSide.BOTH


@dataclass(frozen=True, slots=True)
class ChaseLine:
    """`chase`: a post-only order kept at the touch."""

    side: Side
    size: Size
    symbol: str | None
    max_percent: Decimal = Decimal("0.5")
    for_s: int = 60
    reduce_only: bool = False
    position: PositionSide = PositionSide.BOTH


@dataclass(frozen=True, slots=True)
class TwapLine:
    """`twap`: equal market slices over a time."""

    side: Side
    size: Size
    symbol: str | None
    over_s: int
    slices: int
    reduce_only: bool = False
    position: PositionSide = PositionSide.BOTH


@dataclass(frozen=True, slots=True)
class IcebergLine:
    """`ice`: a limit order of which one slice at a time is in the book."""

    side: Side
    size: Size
    symbol: str | None
    price: Price
    show: Size
    reduce_only: bool = False
    position: PositionSide = PositionSide.BOTH


@dataclass(frozen=True, slots=True)
class StopLine:
    """`stop`: an algo by its name, or all."""

    name: str = ""


@dataclass(frozen=True, slots=True)
class CancelLine:
    """`x`: one order by its number, entries of a side, of a symbol (None: the focused one), of the account.

    `above` and `below` take the orders beyond a price; `protective` takes those that guard positions as well.
    """

    number: int | None = None
    everything: bool = False
    symbol: str | None = None
    side: Side | None = None
    above: Price | None = None
    below: Price | None = None
    protective: bool = False


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """`m`: another price, size or trigger for order N."""

    number: int
    price: Price | None = None
    size: Size | None = None
    trigger: Price | None = None


@dataclass(frozen=True, slots=True)
class CloseLine:
    """`close`: a fraction of a position, at market or at a price."""

    fraction: Decimal = Decimal(1)
    symbol: str | None = None
    price: Price | None = None
    position: PositionSide = PositionSide.BOTH
    unassigned: bool = False


@dataclass(frozen=True, slots=True)
class ReverseLine:
    """`rev`: the same position the other way round."""

    symbol: str | None = None
    position: PositionSide = PositionSide.BOTH


@dataclass(frozen=True, slots=True)
class ProtectLine:
    """`sl` and `tp`: a stop or a target for a whole position; no price takes it away."""

    kind: Literal["sl", "tp"]
    price: Price | None
    symbol: str | None = None
    position: PositionSide = PositionSide.BOTH


@dataclass(frozen=True, slots=True)
class TrailLine:
    """`ts`: a stop that trails a whole position, at once or from a price on."""

    trailing_bps: int
    symbol: str | None = None
    start: Price | None = None
    position: PositionSide = PositionSide.BOTH


@dataclass(frozen=True, slots=True)
class AlertLine:
    """`alert`: something to be told of; the symbol is the focused one where the request needs one and has none."""

    request: AlertRequest


@dataclass(frozen=True, slots=True)
class AlertOffLine:
    """`alert off`: forget one by its number, zero all."""

    number: int


@dataclass(frozen=True, slots=True)
class LeverageLine:
    """`lev`: leverage of a contract."""

    leverage: int
    symbol: str | None = None


@dataclass(frozen=True, slots=True)
class MarginLine:
    """`margin`: cross or isolated, or an amount added to (taken from, where negative) an isolated position."""

    isolated: bool | None = None
    amount: Decimal | None = None
    symbol: str | None = None
    position: PositionSide = PositionSide.BOTH


@dataclass(frozen=True, slots=True)
class ModeLine:
    """`hedge` and `multi`: how a futures account is held; no product means the focused one's."""

    kind: Literal["hedge", "multi"]
    on: bool
    product: Product | None = None


@dataclass(frozen=True, slots=True)
class LoanLine:
    """`borrow` and `repay` on margin; `pair` names an isolated wallet's symbol."""

    repays: bool
    amount: Decimal
    asset: str
    pair: str = ""


@dataclass(frozen=True, slots=True)
class TransferLine:
    """`transfer`: an asset into or out of a margin wallet."""

    amount: Decimal
    asset: str
    into_margin: bool
    pair: str = ""


@dataclass(frozen=True, slots=True)
class CountdownLine:
    """`dead`: the exchange cancels a symbol's orders unless it hears from here within so many seconds; zero ends it."""

    seconds: int
    symbol: str | None = None


@dataclass(frozen=True, slots=True)
class LimitLine:
    """`set`: a guard's number for this session."""

    name: str
    value: Decimal


@dataclass(frozen=True, slots=True)
class AliasLine:
    """`alias`: a word of one's own for a line; no text forgets it, no name lists them."""

    name: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class SymbolLine:
    """`sym`: look at another symbol."""

    symbol: str


@dataclass(frozen=True, slots=True)
class GroupLine:
    """`group`: ticks in one row of the ladder."""

    ticks: int


@dataclass(frozen=True, slots=True)
class IntervalLine:
    """`tf`: the candles' interval."""

    interval: str


@dataclass(frozen=True, slots=True)
class WordLine:
    """A word that stands alone: arm, lock, halt, flat, away, keys, q; or help with what about."""

    word: Literal["arm", "lock", "halt", "flat", "away", "keys", "help", "q"]
    about: str = ""


#: Lines that send, change or cancel something, or change the account.
WriteLine = (
    OrderLine
    | OcoLine
    | ScaleLine
    | ChaseLine
    | TwapLine
    | IcebergLine
    | StopLine
    | CancelLine
    | ChangeLine
    | CloseLine
    | ReverseLine
    | ProtectLine
    | TrailLine
    | LeverageLine
    | MarginLine
    | ModeLine
    | LoanLine
    | TransferLine
    | CountdownLine
)

#: Lines that only the screen obeys.
ScreenLine = SymbolLine | GroupLine | IntervalLine | WordLine | AliasLine | ArrangeLine | PaneLine

ParsedLine = WriteLine | AlertLine | AlertOffLine | LimitLine | ScreenLine
