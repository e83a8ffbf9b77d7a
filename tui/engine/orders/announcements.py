"""What the trader is told when an order changes."""

from decimal import Decimal

from tui.domain.instrument import Instrument
from tui.domain.order import LegRole, Order, OrderRequest, OrderStatus
from tui.domain.order_change import is_conditional
from tui.domain.order_terms import OrderType, Side
from tui.engine.store import Severity

#: Of what is being sent nothing is told before it is answered: words would only make it late.
_UNDER_WAY = frozenset({OrderStatus.INTENT, OrderStatus.SUBMITTED})


def describe(order: Order | OrderRequest, instrument: Instrument | None) -> str:
    """An order in one phrase: `BUY 0.100 BTCUSDT LIMIT @ 64,212.0 post-only`."""
    words = [order.side.value, _size(order, instrument), order.symbol, order.type.value]
    if order.price is not None and order.type is not OrderType.MARKET:
        words.append(f"@ {price_text(order.price, instrument)}")
    if order.post_only:
        words.append("post-only")
    if order.reduce_only:
        words.append("reduce-only")
    if order.type is not OrderType.MARKET and order.time_in_force.value != "GTC":
        words.append(order.time_in_force.value)
    return " ".join(words)


def announcement(
    before: Order | None, after: Order, instrument: Instrument | None, *, post_only_is_warning: bool = True
) -> tuple[Severity, str] | None:
    """The line for the log, or None where nothing a trader cares about happened.

    `post_only_is_warning` is how loud a post-only order is that was refused because it would have taken.
    """
    if after.forced is not None:
        return _forced(before, after, instrument)
    if before is None and after.status.is_closed:
        return None  # it ended before it was heard of
    if after.status in _UNDER_WAY:
        return None
    traded = _told_fill(before, after)
    if traded > 0:
        return Severity.SUCCESS, _fill_text(after, traded, instrument)
    what = describe(after, instrument)
    if before is not None and before.status is after.status:
        return _changed(before, after, what, instrument)
    because = f": {after.reason}" if after.reason else ""
    match after.status:
        case OrderStatus.NEW if before is not None:
            return Severity.INFO, f"{what} {_place_at_exchange(after)}"
        case OrderStatus.UNKNOWN:
            return Severity.WARNING, f"{what} unconfirmed{because}; asking the exchange, it will not be sent again"
        case OrderStatus.REJECTED:
            return _rejection(after, post_only_is_warning), f"{what} rejected{because}"
        case OrderStatus.CANCELED | OrderStatus.EXPIRED:
            severity = Severity.INFO if after.status is OrderStatus.CANCELED else Severity.WARNING
            prevented = f", {after.prevented:f} kept from trading with yourself" if after.prevented else ""
            return severity, f"{what} {after.status.value.lower()}{because}{prevented}"
    return None


def _forced(before: Order | None, after: Order, instrument: Instrument | None) -> tuple[Severity, str] | None:
    """What the exchange itself did to the account, as loud as can be."""
    assert after.forced is not None
    kind, traded = after.forced.value.upper(), _told_fill(before, after) if before is not None else after.filled
    if traded > 0:
        at = f" at {price_text(after.average_price, instrument)}" if after.average_price else ""
        size = instrument.quantity_text(traded) if instrument else f"{traded:f}"
        text = f"{kind}: the exchange made {after.side.value} {size} {after.symbol}{at} for this account"
        return Severity.ERROR, text
    if before is None or before.status is not after.status:
        return Severity.WARNING, f"{kind} is pending: {describe(after, instrument)} ({after.status.value.lower()})"
    return None


def _place_at_exchange(order: Order) -> str:
    """What the exchange does with an order it has taken."""
    if order.awaits_entry:
        return "waits for its entry"
    return "armed at the exchange" if is_conditional(order) and not order.is_triggered else "working"


#: Refused because nothing could be done at that price, or the trigger was already reached (derivatives error list).
_MILD_REFUSALS = ("-5021", "-2021")


def _rejection(order: Order, post_only_is_warning: bool) -> Severity:
    is_mild = order.reason.startswith(_MILD_REFUSALS) or (order.would_take and post_only_is_warning)
    if order.role in (LegRole.STOP_LOSS, LegRole.TAKE_PROFIT):
        is_mild = False  # an exit that is not there leaves what it was to protect
    return Severity.WARNING if is_mild else Severity.ERROR


def _changed(before: Order, after: Order, what: str, instrument: Instrument | None) -> tuple[Severity, str] | None:
    """A change of an order that goes on: triggered, in the book at last, another price or size."""
    if after.status.is_closed:
        return None
    if after.is_triggered and not before.is_triggered:
        return Severity.WARNING, f"{what} triggered"
    if before.awaits_entry and not after.awaits_entry:
        return Severity.INFO, f"{what} working: its entry has filled"
    if after.status is not OrderStatus.NEW and after.status is not OrderStatus.PARTIALLY_FILLED:
        return None
    if before.price != after.price and after.price is not None and not before.change_requested:
        return Severity.INFO, f"{what}: the price is {price_text(after.price, instrument)} now"
    if before.quantity != after.quantity and not before.change_requested:
        return Severity.INFO, f"{what}: the size is {_size(after, instrument)} now"
    return None


def _told_fill(before: Order | None, after: Order) -> Decimal:
    """How much traded that can be told with its price; futures replies state none, the stream adds it at once."""
    if before is None or after.average_price is None:
        return Decimal(0)
    return after.filled - (before.filled if before.average_price is not None else Decimal(0))


def price_text(price: Decimal, instrument: Instrument | None) -> str:
    """A price with its symbol's decimals and separated thousands."""
    text = instrument.price_text(price) if instrument else f"{price:f}"
    return grouped(text)


def grouped(text: str) -> str:
    """Plain number text with separated thousands."""
    whole, point, fraction = text.partition(".")
    return f"{int(whole):,}{point}{fraction}" if whole.isdigit() else text


def _size(order: Order | OrderRequest, instrument: Instrument | None) -> str:
    if order.quantity:
        return instrument.quantity_text(order.quantity) if instrument else f"{order.quantity:f}"
    if order.quote_quantity:
        return f"{order.quote_quantity:,f} {instrument.quote if instrument else 'of quote'} of"
    return "all"


def _fill_text(order: Order, traded: Decimal, instrument: Instrument | None) -> str:
    verb = "Bought" if order.side is Side.BUY else "Sold"
    size = instrument.quantity_text(traded) if instrument else f"{traded:f}"
    average = order.average_price
    at = f" at {price_text(_at_tick(average, instrument), instrument)} on average" if average else ""
    state = "filled" if order.status is OrderStatus.FILLED else f"{order.filled:f} of {order.quantity:f}"
    return f"{verb} {size} {order.symbol}{at} ({state})"


def _at_tick(price: Decimal, instrument: Instrument | None) -> Decimal:
    return instrument.tick.round(price) if instrument else price
