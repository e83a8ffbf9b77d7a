"""What a client-side algo is asked to do, and how it stands."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from tui.domain.order_terms import PositionSide, Side


@dataclass(frozen=True, slots=True)
class ScalePlan:
    """Limit orders spread evenly between two prices; `skew` is the last order's size over the first's."""

    symbol: str
    side: Side
    quantity: Decimal
    first_price: Decimal
    last_price: Decimal
    count: int
    skew: Decimal = Decimal(1)
    post_only: bool = False
    reduce_only: bool = False
    position_side: PositionSide = PositionSide.BOTH


@dataclass(frozen=True, slots=True)
class ChasePlan:
    """A post-only order kept at the touch until filled, at most `max_percent` from where it began, for `for_s`."""

    symbol: str
    side: Side
    quantity: Decimal
    max_percent: Decimal = Decimal("0.5")
    for_s: int = 60
    reduce_only: bool = False
    position_side: PositionSide = PositionSide.BOTH


@dataclass(frozen=True, slots=True)
class TwapPlan:
    """Equal market slices over a time."""

    symbol: str
    side: Side
    quantity: Decimal
    over_s: int
    slices: int
    reduce_only: bool = False
    position_side: PositionSide = PositionSide.BOTH


@dataclass(frozen=True, slots=True)
class IcebergPlan:
    """A limit order of which one slice at a time is in the book, where the exchange has no icebergs of its own."""

    symbol: str
    side: Side
    quantity: Decimal
    price: Decimal
    display_quantity: Decimal
    reduce_only: bool = False
    position_side: PositionSide = PositionSide.BOTH


AlgoPlan = ScalePlan | ChasePlan | TwapPlan | IcebergPlan


class AlgoState(StrEnum):
    """Where an algo stands; every state but RUNNING is an end."""

    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Algo:
    """One algo: its plan and what it has reached; `next_ms` is when it acts next, epoch ms of our clock."""

    name: str
    plan: AlgoPlan
    state: AlgoState
    started_ms: int
    filled: Decimal = Decimal(0)
    average_price: Decimal | None = None
    sent: int = 0
    next_ms: int | None = None
    reason: str = ""
