"""Editing an order where it stands: new price, size and trigger typed into its row, with what that does to its place
in the queue said before anything is sent."""

from decimal import Decimal

from tui.domain.instrument import Instrument
from tui.domain.order import ChangeKind, Order, OrderChange
from tui.domain.order_change import change_kind
from tui.domain.order_terms import Side
from tui.ui.command.line_edit import LineEdit
from tui.ui.figures import grouped, price
from tui.ui.lines import Line, Span
from tui.ui.row_edit import EditError, RowEdit


def begin_edit(order: Order, instrument: Instrument) -> RowEdit:
    """The fields of this order that can be changed, filled with what they are; raises EditError when none can."""
    if order.status.is_closed:
        raise EditError(f"this order has ended already: {order.status.value}")
    if not order.status.is_working:
        raise EditError("this order cannot be changed before the exchange has answered")
    fields: dict[str, LineEdit] = {}
    if order.price is not None and order.terms.price_match is None:
        fields["price"] = LineEdit(instrument.tick.format(order.price))
    if not order.close_position and order.quantity:
        fields["qty"] = LineEdit(instrument.step.format(order.quantity))
    if order.terms.trigger_price is not None and not order.is_triggered:
        fields["trigger"] = LineEdit(instrument.tick.format(order.terms.trigger_price))
    if not fields:
        raise EditError("nothing of this order can be changed: cancel it and send another")
    return RowEdit(order.client_order_id, fields)


def change_of(edit: RowEdit, order: Order, instrument: Instrument) -> OrderChange:
    """What the fields ask for, on the symbol's tick and step; raises EditError when that is nothing or no sense."""
    new_price = _changed(edit, "price", order.price, instrument)
    new_quantity = _changed(edit, "qty", order.quantity, instrument)
    trigger = _changed(edit, "trigger", order.terms.trigger_price, instrument)
    if new_price is None and new_quantity is None and trigger is None:
        raise EditError("nothing is changed yet")
    if new_quantity is not None and new_quantity <= order.filled:
        done = instrument.quantity_text(order.filled)
        raise EditError(f"{done} has filled already: give more than that, or cancel with x")
    return OrderChange(new_price, new_quantity, trigger)


def _changed(edit: RowEdit, name: str, now: Decimal | None, instrument: Instrument) -> Decimal | None:
    value = edit.value(name, instrument)
    return None if value == now else value


def change_words(order: Order, change: OrderChange, instrument: Instrument) -> str:
    """`CHANGE BUY BTCUSDT-PERP 64,210.5 → 64,212.0, 0.100 → 0.080: goes to the end of the queue`."""
    parts = []
    if change.price is not None:
        parts.append(f"{price(instrument.tick, order.price)} → {price(instrument.tick, change.price)}")
    if change.quantity is not None:
        was, wanted = instrument.quantity_text(order.quantity), instrument.quantity_text(change.quantity)
        parts.append(f"{grouped(was)} → {grouped(wanted)}")
    if change.trigger_price is not None:
        was = price(instrument.tick, order.terms.trigger_price)
        parts.append(f"trigger {was} → {price(instrument.tick, change.trigger_price)}")
    queue = change_kind(order, change).value
    return f"CHANGE {order.side.value} {order.symbol} {', '.join(parts)}: {queue}"


def edit_line(edit: RowEdit, order: Order, instrument: Instrument) -> Line:
    """The row while it is edited: its fields, then what Enter would do or why it cannot."""
    try:
        kind = change_kind(order, change_of(edit, order, instrument))
        meaning = Span(kind.value, "ok" if kind is ChangeKind.KEEPS_QUEUE else "warn")
    except EditError as error:
        meaning = Span(f"· {error}", "dim")
    side = Span(f"{order.side.value} {order.symbol}", "bid" if order.side is Side.BUY else "ask")
    return edit.line(side, meaning)
