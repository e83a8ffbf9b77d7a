"""Orders as a table: what works now with its number, what ended lately below it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from tui.domain.instrument import Instrument
from tui.domain.order import Order
from tui.domain.order_terms import OrderType
from tui.ui.figures import UNKNOWN, duration, fitted, grouped, price, signed
from tui.ui.lines import Span
from tui.ui.order_words import side_span
from tui.ui.orders.state import flags, role, state_words
from tui.ui.symbols import short_symbol
from tui.ui.table import Column, chosen_columns

#: Orders that ended, kept below the open ones.
CLOSED_SHOWN = 20

#: Orders that tell how wide the columns are.
_MEASURED = 40

_TYPES = {
    OrderType.LIMIT: "LIMIT",
    OrderType.MARKET: "MARKET",
    OrderType.STOP_MARKET: "STOP-MKT",
    OrderType.STOP_LIMIT: "STOP-LMT",
    OrderType.MARKET_IF_TOUCHED: "MIT",
    OrderType.LIMIT_IF_TOUCHED: "LIT",
    OrderType.TRAILING_STOP_MARKET: "TRAIL",
}


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order with what is needed to show it; `number` is the command line's, None once closed."""

    order: Order
    instrument: Instrument | None
    number: int | None
    #: Middle of its market, None where that is not known or too old.
    middle: Decimal | None
    now_ms: int
    #: At most so much stands before it in the queue, None where that is not known.
    ahead: Decimal | None = None
    is_marked: bool = False


def order_rows(
    orders: Sequence[Order],
    instruments: Mapping[str, Instrument],
    middles: Mapping[str, Decimal | None],
    now_ms: int,
    ahead: Mapping[str, Decimal] = MappingProxyType({}),
    marked: Collection[str] = (),
) -> list[OrderRow]:
    """Open orders as the command line counts them, then the last ones that ended, newest first."""
    opened = [order for order in orders if not order.status.is_closed]
    closed = sorted((o for o in orders if o.status.is_closed), key=lambda o: o.updated_ms, reverse=True)
    rows = [
        OrderRow(
            order,
            instruments.get(order.symbol),
            number,
            middles.get(order.symbol),
            now_ms,
            ahead.get(order.client_order_id),
            order.client_order_id in marked,
        )
        for number, order in enumerate(opened, 1)
    ]
    rows += [OrderRow(order, instruments.get(order.symbol), None, None, now_ms) for order in closed[:CLOSED_SHOWN]]
    return rows


def _state(row: OrderRow) -> Span:
    text, style = state_words(row.order, row.instrument)
    if row.ahead is not None and row.order.status.is_working:
        return Span(f"{text} ≤{_size(row, row.ahead)} ahead", style)
    return Span(text, style)


def _short_state(row: OrderRow) -> Span:
    text, style = state_words(row.order, row.instrument)
    return Span(text.removesuffix(" at exchange"), style)


def _number(row: OrderRow) -> Span:
    return Span("" if row.number is None else str(row.number), "dim")


def _symbol(row: OrderRow) -> Span:
    return Span(row.order.symbol, "" if row.instrument else "dim")


def _short_symbol(row: OrderRow) -> Span:
    return Span(short_symbol(row.order.symbol, row.instrument), "" if row.instrument else "dim")


def _side(row: OrderRow) -> Span:
    return side_span(row.order.side, row.order.position_side)


def _type(row: OrderRow) -> Span:
    role_word = role(row.order)
    told = row.order.said("type") or _TYPES[row.order.type]
    return Span(f"{role_word} {told}".lstrip(), "accent" if role_word else "")


def _size(row: OrderRow, value: Decimal) -> str:
    text = row.instrument.quantity_text(value) if row.instrument else f"{value.normalize():f}"
    return grouped(text) if len(text) <= 11 else fitted(text, 11)


def _quantity(row: OrderRow) -> Span:
    order = row.order
    if order.close_position:
        return Span("pos")
    if not order.quantity and order.quote_quantity is not None:
        return Span(f"{grouped(f'{order.quote_quantity.normalize():f}')}$")
    return Span(_size(row, order.quantity))


def _filled(row: OrderRow) -> Span:
    return Span(_size(row, row.order.filled), "" if row.order.filled else "dim")


def _money(row: OrderRow, value: Decimal | None) -> Span:
    if value is None:
        return Span(UNKNOWN, "dim")
    return Span(price(row.instrument.tick, value) if row.instrument else f"{value.normalize():f}")


def _price(row: OrderRow) -> Span:
    """The limit price; a conditional order without one shows its trigger here only when there is no trigger column."""
    return _money(row, row.order.price)


def _trigger(row: OrderRow) -> Span:
    terms = row.order.terms
    if terms.trailing_bps is not None and terms.trigger_price is None:
        return Span(f"trail {Decimal(terms.trailing_bps) / 100:.2f}%")
    return _money(row, terms.trigger_price)


def _distance(row: OrderRow) -> Span:
    at = row.order.price if row.order.trigger_price is None else row.order.trigger_price
    if at is None or not row.middle:
        return Span(UNKNOWN, "dim")
    return Span(signed((at - row.middle) / row.middle * 100, 2, "%"))


def _flags(row: OrderRow) -> Span:
    return Span(flags(row.order), "accent")


def _force(row: OrderRow) -> Span:
    order = row.order
    if order.terms.good_till_ms is not None and not order.status.is_closed:
        return Span(f"→{duration(order.terms.good_till_ms - row.now_ms)}", "dim")
    told = order.said("tif") or order.time_in_force.value
    return Span(told if order.type is not OrderType.MARKET else "", "dim")


def _age(row: OrderRow) -> Span:
    return Span(duration(row.now_ms - row.order.created_ms), "dim")


COLUMNS: tuple[Column[OrderRow], ...] = (
    Column("#", _number, 2, is_right=True),
    Column("symbol", _symbol, 8),
    Column("side", _side, 4),
    Column("type", _type, 6),
    Column("qty", _quantity, 7, is_right=True),
    Column("filled", _filled, 7, is_right=True, priority=4),
    Column("price", _price, 9, is_right=True),
    Column("trigger", _trigger, 7, is_right=True, priority=5),
    Column("dist", _distance, 7, is_right=True, priority=2),
    Column("flags", _flags, 5, priority=3),
    Column("tif", _force, 3, priority=6),
    Column("age", _age, 5, is_right=True, priority=1),
    Column("state", _state, 19, is_cut=True),
)


def columns_for(width: int, rows: Sequence[OrderRow] = ()) -> tuple[Column[OrderRow], ...]:
    """The columns; without room for a trigger column the price column shows the trigger, marked as one."""
    other = {"price": Column("price", _either_price, 9, is_right=True)}
    if width >= 100:
        cells = [[column.cell(row) for column in COLUMNS] for row in rows[:_MEASURED]]
        kept, _ = chosen_columns(COLUMNS, cells, width - 2)
        if any(each.name == "trigger" for each in kept):
            return COLUMNS
    else:
        other["symbol"] = Column("sym", _short_symbol, 5)
        other["state"] = Column("state", _short_state, 12, is_cut=True)
    return tuple(other.get(column.name, column) for column in COLUMNS if column.name != "trigger")


def _either_price(row: OrderRow) -> Span:
    if row.order.trigger_price is None and row.order.terms.trailing_bps is None:
        return _price(row)
    return Span(f"▸{_trigger(row).text}", "warn")
