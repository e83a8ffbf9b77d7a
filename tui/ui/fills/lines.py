"""Own executions as a table, newest first."""

from dataclasses import dataclass
from decimal import Decimal

from tui.domain.instrument import Instrument
from tui.domain.order import Fill, Side
from tui.ui.figures import amount, clock, grouped, price, signed
from tui.ui.lines import Span
from tui.ui.table import Column


@dataclass(frozen=True, slots=True)
class FillRow:
    """One execution with its instrument, None for a symbol no longer listed."""

    fill: Fill
    instrument: Instrument | None


def _side(row: FillRow) -> Span:
    return Span(row.fill.side.value, "bid" if row.fill.side is Side.BUY else "ask")


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
    return Span(signed(profit), "up" if profit > 0 else "down")


COLUMNS: tuple[Column[FillRow], ...] = (
    Column("time", lambda row: Span(clock(row.fill.time_ms), "dim"), 8),
    Column("symbol", lambda row: Span(row.fill.symbol), 8),
    Column("side", _side, 4),
    Column("qty", _quantity, 8, is_right=True),
    Column("price", _price, 9, is_right=True),
    Column("value", _value, 9, is_right=True, priority=3),
    Column("fee", _fee, 12, is_right=True, priority=1),
    Column("role", lambda row: Span("maker" if row.fill.is_maker else "taker", "dim"), 5, priority=2),
    Column("realised", _realized, 8, is_right=True, priority=4),
    Column("order", lambda row: Span(row.fill.client_order_id, "faint"), 10, priority=5),
)
