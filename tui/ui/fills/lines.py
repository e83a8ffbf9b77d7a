"""Own executions as a table, newest first."""

from dataclasses import dataclass
from decimal import Decimal

from tui.domain.instrument import Instrument
from tui.domain.order import Fill
from tui.domain.order_terms import Side
from tui.ui.figures import amount, grouped, moment, price
from tui.ui.lines import Span
from tui.ui.margin_money import profit_text
from tui.ui.order_words import side_span
from tui.ui.table import Column

EVERYTHING = ""

#: What the pane lists, in words for its border.
FILTERS = (EVERYTHING, "this symbol", "today (UTC)", "buys", "sells")

DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class FillRow:
    """One execution with its instrument, None for a symbol no longer listed; `now_ms` is our clock's."""

    fill: Fill
    instrument: Instrument | None
    now_ms: int


def passes(chosen: str, fill: Fill, symbol: str, day_ms: int) -> bool:
    """Whether a fill is listed while `symbol` is in focus and the day began at `day_ms`."""
    match chosen:
        case "this symbol":
            return fill.symbol == symbol
        case "today (UTC)":
            return fill.time_ms >= day_ms
        case "buys":
            return fill.side is Side.BUY
        case "sells":
            return fill.side is Side.SELL
        case _:
            return True


def _side(row: FillRow) -> Span:
    return side_span(row.fill.side, row.fill.position_side)


def _quantity(row: FillRow) -> Span:
    value = row.fill.quantity
    return Span(grouped(row.instrument.quantity_text(value) if row.instrument else f"{value.normalize():f}"))


def _price(row: FillRow) -> Span:
    value = row.fill.price
    return Span(price(row.instrument.tick, value) if row.instrument else grouped(f"{value.normalize():f}"))


def _value(row: FillRow) -> Span:
    worth = row.instrument.notional(row.fill.price, row.fill.quantity) if row.instrument else None
    return Span(amount(worth), "dim")


def _fee(row: FillRow) -> Span:
    fee = row.fill.commission
    text = f"{fee.quantize(Decimal('1e-8')).normalize():f}" if fee else "0"
    return Span(f"{grouped(text)} {row.fill.commission_asset}", "dim")


def _realized(row: FillRow) -> Span:
    profit = row.fill.realized_profit
    if profit is None or not profit:
        return Span("", "dim")
    return Span(profit_text(profit, row.instrument), "up" if profit > 0 else "down")


def _role(row: FillRow) -> Span:
    """Maker or taker; an execution the exchange forced, or one that was inferred, says so."""
    if row.fill.forced is not None:
        return Span(row.fill.forced.value, "error")
    words = "maker" if row.fill.is_maker else "taker"
    return Span(f"{words} ~" if row.fill.is_estimated else words, "dim")


COLUMNS: tuple[Column[FillRow], ...] = (
    Column("time", lambda row: Span(moment(row.fill.time_ms, row.now_ms), "dim"), 8),
    Column("symbol", lambda row: Span(row.fill.symbol), 8),
    Column("side", _side, 4),
    Column("qty", _quantity, 8, is_right=True),
    Column("price", _price, 9, is_right=True),
    Column("value", _value, 9, is_right=True, priority=3, is_pointed=True),
    Column("fee", _fee, 12, is_right=True, priority=1, is_pointed=True),
    Column("role", _role, 5, priority=2),
    Column("realised", _realized, 8, is_right=True, priority=4, is_pointed=True),
    Column("order", lambda row: Span(row.fill.client_order_id, "dim"), 10, priority=5),
)
