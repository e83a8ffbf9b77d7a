"""Orders as a table: what works now with its number, what ended lately below it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from tui.domain.instrument import Instrument
from tui.domain.order import Order, OrderStatus, OrderType, Side
from tui.ui.figures import UNKNOWN, duration, fitted, grouped, near_price, price, signed
from tui.ui.lines import Span
from tui.ui.symbols import short_symbol
from tui.ui.table import Column

#: Orders that ended, kept below the open ones.
CLOSED_SHOWN = 20

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


def order_rows(
    orders: Sequence[Order],
    instruments: Mapping[str, Instrument],
    middles: Mapping[str, Decimal | None],
    now_ms: int,
) -> list[OrderRow]:
    """Open orders as the command line counts them, then the last ones that ended, newest first."""
    opened = [order for order in orders if not order.status.is_closed]
    closed = sorted((o for o in orders if o.status.is_closed), key=lambda o: o.updated_ms, reverse=True)
    rows = [
        OrderRow(order, instruments.get(order.symbol), number, middles.get(order.symbol), now_ms)
        for number, order in enumerate(opened, 1)
    ]
    rows += [OrderRow(order, instruments.get(order.symbol), None, None, now_ms) for order in closed[:CLOSED_SHOWN]]
    return rows


def state_words(row: OrderRow) -> Span:
    """Where the order stands, in words; an unknown outcome is loud."""
    order = row.order
    reason = f": {order.reason}" if order.reason else ""
    if order.cancel_requested and not order.status.is_closed:
        return Span("× cancel on its way", "warn")
    match order.status:
        case OrderStatus.INTENT:
            return Span("… sending", "warn")
        case OrderStatus.SUBMITTED:
            return Span("… sent, no answer yet", "warn")
        case OrderStatus.UNKNOWN:
            return Span("? UNKNOWN, asking", "error")
        case OrderStatus.NEW:
            return Span("● armed at exchange" if order.trigger_price is not None else "● working", "ok")
        case OrderStatus.PARTIALLY_FILLED:
            share = round(100 * order.filled / order.quantity) if order.quantity else 0
            return Span(f"◐ {share}% filled", "ok")
        case OrderStatus.FILLED:
            at = near_price(row.instrument.tick, order.average_price) if row.instrument and order.average_price else ""
            return Span(f"✓ filled {at}".rstrip(), "dim")
        case OrderStatus.CANCELED:
            return Span(f"− canceled{reason}", "dim")
        case OrderStatus.EXPIRED:
            return Span(f"− expired{reason}", "dim")
        case OrderStatus.REJECTED:
            return Span(f"✗ rejected{reason}", "error")


def _short_state(row: OrderRow) -> Span:
    text, style = state_words(row)
    return Span(text.removesuffix(" at exchange"), style)


def _number(row: OrderRow) -> Span:
    return Span("" if row.number is None else str(row.number), "dim")


def _symbol(row: OrderRow) -> Span:
    return Span(row.order.symbol, "" if row.instrument else "dim")


def _short_symbol(row: OrderRow) -> Span:
    return Span(short_symbol(row.order.symbol, row.instrument), "" if row.instrument else "dim")


def _side(row: OrderRow) -> Span:
    return Span(row.order.side.value, "bid" if row.order.side is Side.BUY else "ask")


def _type(row: OrderRow) -> Span:
    return Span(_TYPES[row.order.type])


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
    return _money(row, row.order.trigger_price)


def _distance(row: OrderRow) -> Span:
    at = row.order.price if row.order.trigger_price is None else row.order.trigger_price
    if at is None or not row.middle:
        return Span(UNKNOWN, "dim")
    return Span(signed((at - row.middle) / row.middle * 100, 2, "%"))


def _flags(row: OrderRow) -> Span:
    order = row.order
    flags = (("PO", order.post_only), ("RO", order.reduce_only), ("CP", order.close_position))
    return Span(" ".join(flag for flag, is_set in flags if is_set), "accent")


def _force(row: OrderRow) -> Span:
    return Span(row.order.time_in_force.value if row.order.type is not OrderType.MARKET else "", "dim")


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
    Column("state", state_words, 19, is_cut=True),
)


def columns_for(width: int) -> tuple[Column[OrderRow], ...]:
    """The columns; without room for a trigger column the price column shows the trigger, marked as one."""
    if width >= 100:
        return COLUMNS
    narrow = {
        "symbol": Column("sym", _short_symbol, 5),
        "price": Column("price", _either_price, 9, is_right=True),
        "state": Column("state", _short_state, 12, is_cut=True),
    }
    return tuple(narrow.get(column.name, column) for column in COLUMNS if column.name != "trigger")


def _either_price(row: OrderRow) -> Span:
    if row.order.trigger_price is None:
        return _price(row)
    return Span(f"▸{_trigger(row).text}", "warn")
