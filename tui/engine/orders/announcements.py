"""What the trader is told when an order changes."""

from decimal import Decimal

from tui.domain.instrument import Instrument
from tui.domain.order import Order, OrderRequest, OrderStatus, OrderType, Side
from tui.engine.store import Severity


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


def announcement(before: Order | None, after: Order, instrument: Instrument | None) -> tuple[Severity, str] | None:
    """The line for the log, or None where nothing a trader cares about happened."""
    traded = _told_fill(before, after)
    if traded > 0:
        return Severity.SUCCESS, _fill_text(after, traded, instrument)
    if before is not None and before.status is after.status:
        return None
    what = describe(after, instrument)
    because = f": {after.reason}" if after.reason else ""
    match after.status:
        case OrderStatus.NEW:
            return (Severity.INFO, f"{what} working") if before is not None else None
        case OrderStatus.UNKNOWN:
            return Severity.WARNING, f"{what} unconfirmed{because}; asking the exchange, it will not be sent again"
        case OrderStatus.REJECTED:
            return Severity.ERROR, f"{what} rejected{because}"
        case OrderStatus.CANCELED:
            return Severity.INFO, f"{what} canceled{because}"
        case OrderStatus.EXPIRED:
            return Severity.WARNING, f"{what} expired{because}"
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
