"""Alerts as a table: what is watched for, how far away it is, what was told."""

from dataclasses import dataclass
from decimal import Decimal

from tui.domain.instrument import Instrument
from tui.engine.alerts.alert import Alert, AlertKind, AlertRequest
from tui.ui.figures import UNKNOWN, amount, grouped, moment, near_price, signed
from tui.ui.lines import Span
from tui.ui.table import Column


@dataclass(frozen=True, slots=True)
class AlertRow:
    """One alert with its market; `middle` is None where no live price is known."""

    alert: Alert
    instrument: Instrument | None
    middle: Decimal | None
    now_ms: int


def alert_words(request: AlertRequest, instrument: Instrument | None) -> str:
    """What is watched for: `> 65,000.0`, `moves 2% in 15 min`, `a print of 500,000 USDT`."""
    level = request.level
    match request.kind:
        case AlertKind.PRICE_ABOVE | AlertKind.PRICE_BELOW:
            sign = ">" if request.kind is AlertKind.PRICE_ABOVE else "<"
            text = near_price(instrument.tick, level) if instrument else grouped(f"{level.normalize():f}")
            return f"{sign} {text}"
        case AlertKind.MOVE:
            return f"moves {level.normalize():f}% in {_span(request.window_s)}"
        case AlertKind.PRINT:
            return f"a print of {amount(level, 0)}{f' {instrument.quote}' if instrument else ''}"
        case AlertKind.FUNDING:
            return f"funding of {level.normalize():f}%"
        case AlertKind.ORDER:
            return "an order filled, rejected or expired"
        case AlertKind.LINK:
            return "a link went down or stale"


def _span(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{minutes} min" if minutes and not rest else f"{seconds} s"


def _distance(row: AlertRow) -> Span:
    is_price = row.alert.request.kind in (AlertKind.PRICE_ABOVE, AlertKind.PRICE_BELOW)
    if not is_price or not row.middle or not row.alert.is_active:
        return Span("" if not is_price else UNKNOWN, "dim")
    return Span(signed((row.alert.request.level - row.middle) / row.middle * 100, 2, "%"))


def _state(row: AlertRow) -> Span:
    alert = row.alert
    if alert.told_ms is None:
        return Span("! waits", "accent")
    times = f" ×{alert.times_told}" if alert.times_told > 1 else ""
    words = f"told {moment(alert.told_ms, row.now_ms)}{times}"
    return Span(f"! {words}, waits again" if alert.is_active else f"✓ {words}", "accent" if alert.is_active else "dim")


COLUMNS: tuple[Column[AlertRow], ...] = (
    Column("#", lambda row: Span(str(row.alert.number), "dim"), 2, is_right=True),
    Column("symbol", lambda row: Span(row.alert.request.symbol or "any", "strong"), 8),
    Column("when", lambda row: Span(alert_words(row.alert.request, row.instrument)), 12),
    Column("dist", _distance, 7, is_right=True, priority=2),
    Column("times", lambda row: Span("↻ every time" if row.alert.request.repeats else "once", "dim"), 5, priority=3),
    Column("set", lambda row: Span(moment(row.alert.created_ms, row.now_ms), "dim"), 8, priority=4),
    Column("state", _state, 8, is_cut=True),
)
