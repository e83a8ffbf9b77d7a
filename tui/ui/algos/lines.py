"""Algos as a table: what was asked for, how far it is, when it acts next, how it ended."""

from dataclasses import dataclass
from decimal import Decimal
from typing import assert_never

from tui.domain.instrument import Instrument
from tui.domain.order_terms import Side
from tui.engine.algos.plan import Algo, AlgoPlan, AlgoState, ChasePlan, IcebergPlan, ScalePlan, TwapPlan
from tui.engine.orders.wire_form import meant_side
from tui.ui.figures import UNKNOWN, duration, grouped, near_price
from tui.ui.lines import Span
from tui.ui.table import Column

_KINDS: dict[type[AlgoPlan], str] = {
    ScalePlan: "SCALE",
    ChasePlan: "CHASE",
    TwapPlan: "TWAP",
    IcebergPlan: "ICEBERG",
}

_BAR = 8


@dataclass(frozen=True, slots=True)
class AlgoRow:
    """One algo with its instrument; `now_ms` is our clock's, `is_hedged` says that long and short are held apart."""

    algo: Algo
    instrument: Instrument | None
    now_ms: int
    is_hedged: bool = False


def plan_words(plan: AlgoPlan, instrument: Instrument | None) -> str:
    """How it works, in a few words: `64,000.0 … 63,500.0 in 6`, `30 slices over 30:00`."""

    def at(price: Decimal) -> str:
        return near_price(instrument.tick, price) if instrument else grouped(f"{price.normalize():f}")

    match plan:
        case ScalePlan():
            skew = f", skew {plan.skew.normalize():f}" if plan.skew != 1 else ""
            return f"{at(plan.first_price)} … {at(plan.last_price)} in {plan.count}{skew}"
        case ChasePlan():
            return f"at the touch, at most {plan.max_percent.normalize():f}% away, for {duration(plan.for_s * 1000)}"
        case TwapPlan():
            return f"{plan.slices} slices over {duration(plan.over_s * 1000)}"
        case IcebergPlan():
            return f"at {at(plan.price)}, {_size(plan.display_quantity, instrument)} shown"
    assert_never(plan)


def _size(value: Decimal, instrument: Instrument | None) -> str:
    return grouped(instrument.quantity_text(value) if instrument else f"{value.normalize():f}")


def _progress(row: AlgoRow) -> Span:
    algo = row.algo
    share = min(Decimal(1), algo.filled / algo.plan.quantity) if algo.plan.quantity else Decimal(0)
    full = int(share * _BAR)
    return Span(f"{'█' * full}{'░' * (_BAR - full)} {share * 100:3.0f}%", "ok" if full else "dim")


def _state(row: AlgoRow) -> Span:
    algo = row.algo
    reason = f": {algo.reason}" if algo.reason else ""
    match algo.state:
        case AlgoState.RUNNING:
            if algo.next_ms is not None:
                return Span(f"● running, next in {duration(algo.next_ms - row.now_ms)}", "ok")
            return Span("● running", "ok")
        case AlgoState.DONE:
            return Span("✓ done", "dim")
        case AlgoState.STOPPED:
            return Span(f"− stopped{reason}", "dim")
        case AlgoState.FAILED:
            return Span(f"✗ failed{reason}", "error")


def _average(row: AlgoRow) -> Span:
    average = row.algo.average_price
    if average is None:
        return Span(UNKNOWN, "dim")
    return Span(near_price(row.instrument.tick, average) if row.instrument else f"{average:f}")


def _side(row: AlgoRow) -> Span:
    plan = row.algo.plan
    position = meant_side(plan.side, plan.position_side, shrinks=plan.reduce_only)
    words = f"{plan.side.value} {position.value}" if row.is_hedged else plan.side.value
    return Span(words, "bid" if plan.side is Side.BUY else "ask")


def _filled(row: AlgoRow) -> Span:
    return Span(f"{_size(row.algo.filled, row.instrument)}/{_size(row.algo.plan.quantity, row.instrument)}")


COLUMNS: tuple[Column[AlgoRow], ...] = (
    Column("algo", lambda row: Span(_KINDS[type(row.algo.plan)], "accent"), 7),
    Column("symbol", lambda row: Span(row.algo.plan.symbol, "strong"), 8),
    Column("side", _side, 4),
    Column("filled", _filled, 9, is_right=True),
    Column("", _progress, _BAR + 5, priority=2),
    Column("average", _average, 9, is_right=True, priority=3),
    Column("how", lambda row: Span(plan_words(row.algo.plan, row.instrument), "dim"), 14, priority=4),
    Column("sent", lambda row: Span(str(row.algo.sent), "dim"), 4, is_right=True, priority=5),
    Column("age", lambda row: Span(duration(row.now_ms - row.algo.started_ms), "dim"), 5, is_right=True, priority=6),
    Column("state", _state, 10, is_cut=True),
)
