"""Where an order stands, in words: nothing about it is told by colour alone."""

from decimal import Decimal

from tui.domain.instrument import Instrument
from tui.domain.order import LegRole, Order, OrderStatus
from tui.domain.order_change import is_conditional
from tui.domain.order_terms import OrderType
from tui.engine.protection import PROTECT
from tui.ui.figures import near_price
from tui.ui.lines import Span

_ROLES = {LegRole.ENTRY: "entry", LegRole.TAKE_PROFIT: "TP", LegRole.STOP_LOSS: "SL"}


def state_words(order: Order, instrument: Instrument | None) -> Span:
    """Where the order stands; an unknown outcome and an order the exchange made itself are loud."""
    if order.forced is not None:
        return Span(f"! {order.forced.value.upper()} by the exchange", "error")
    if not order.status.is_closed and order.cancel_requested:
        return Span("× cancel on its way", "warn")
    if not order.status.is_closed and order.change_requested:
        return Span("± change on its way", "warn")
    if not order.status.is_closed and order.said("status"):
        return Span(f"? {order.said('status')}", "error")
    match order.status:
        case OrderStatus.INTENT:
            return Span("… sending", "warn")
        case OrderStatus.SUBMITTED:
            return Span("… sent, no answer yet", "warn")
        case OrderStatus.UNKNOWN:
            return Span("? UNKNOWN, asking", "error")
        case OrderStatus.NEW:
            return Span(_working(order), "ok")
        case OrderStatus.PARTIALLY_FILLED:
            share = round(100 * order.filled / order.quantity) if order.quantity else 0
            return Span(f"◐ {share}% filled", "ok")
        case OrderStatus.FILLED:
            at = near_price(instrument.tick, order.average_price) if instrument and order.average_price else ""
            return Span(f"✓ filled {at}".rstrip(), "dim")
        case _:
            return _ended(order)


def _working(order: Order) -> str:
    if order.awaits_entry:
        return "○ waits for the entry"
    if not is_conditional(order):
        return "● working"
    if order.is_triggered:
        return "● triggered, trailing" if order.type is OrderType.TRAILING_STOP_MARKET else "● triggered"
    return "● trails at exchange" if order.is_trailing else "● armed at exchange"


def _ended(order: Order) -> Span:
    parts = [f": {order.reason}" if order.reason else ""]
    if order.prevented:
        parts.append(f" ({order.prevented.normalize():f} not traded with yourself)")
    if order.filled > Decimal(0):
        parts.append(f" ({order.filled.normalize():f} filled)")
    told = "".join(parts)
    if order.status is OrderStatus.REJECTED:
        # A post-only order that would have taken did what it was told to.
        return Span(f"✗ rejected{told}", "warn" if order.would_take else "error")
    return Span(f"− {'canceled' if order.status is OrderStatus.CANCELED else 'expired'}{told}", "dim")


def flags(order: Order) -> str:
    """What is special about an order, in letters; `PO` post-only, `RO` reduce-only, `CP` closes the position, …"""
    terms = order.terms
    special = (
        ("PO", order.post_only),
        ("RO", order.reduce_only),
        ("CP", order.close_position),
        ("ICE", terms.display_quantity is not None),
        ("PM", terms.price_match is not None),
        ("PEG", terms.peg_price is not None),
        ("MK", terms.working_type.value == "MARK_PRICE"),
        ("APP", _is_held_here(order)),
    )
    return " ".join(flag for flag, is_set in special if is_set)


def _is_held_here(order: Order) -> bool:
    """Whether this program, not the exchange, holds the order together with others."""
    is_grouped = bool(order.group) and not order.group.startswith(PROTECT)
    return is_grouped and order.list_id is None and order.role is not LegRole.NONE


def role(order: Order) -> str:
    """What an order is within its bracket or list: `entry`, `TP`, `SL`; "" when it stands alone."""
    return _ROLES.get(order.role, "")
