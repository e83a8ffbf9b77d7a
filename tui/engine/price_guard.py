"""How far from the market an order would trade."""

from decimal import Decimal

from tui.domain.instrument import Instrument
from tui.domain.order import OrderRequest
from tui.domain.order_terms import OrderType, Side
from tui.engine.commands.answers import Refusal
from tui.engine.orders.announcements import price_text
from tui.engine.store import Market

RULE = "price-distance"
SLIPPAGE = "slippage"

#: Levels of the book a market order is tried against.
_LEVELS = 1_000

#: An amount of quote counts as spent from here on: dividing it into sizes is not exact.
_SPENT = Decimal("0.999999")


def mid_price(market: Market) -> Decimal | None:
    """Middle between best bid and ask; None while either is missing."""
    bid, ask = market.touch()
    return None if bid is None or ask is None else (bid + ask) / 2


def _reference(market: Market) -> tuple[Decimal | None, str]:
    """What a price is judged by, and its name: the middle of the book, where a side is missing the last price."""
    middle = mid_price(market)
    return (market.last_price(), "the last price") if middle is None else (middle, "the middle")


def _within_a_tick(price: Decimal, middle: Decimal, instrument: Instrument) -> bool:
    """Whether there is no nearer price: a tick may be a large part of what is worth few of them."""
    return abs(price - middle) <= instrument.tick.size


def price_distance(
    request: OrderRequest,
    instrument: Instrument,
    market: Market,
    limit_percent: Decimal,
    *,
    leaves: bool = False,
) -> Refusal | None:
    """Refuse a limit price farther than `limit_percent` from the middle of the book, or from the order's trigger.

    Where the book has one side alone the last price stands for the middle. Orders that only shrink a position
    (`leaves`) are judged where they would pay too much, not where they wait for profit. A price that the exchange
    matches itself is only a reference.
    """
    trigger = request.terms.trigger_price
    middle, base = _reference(market) if trigger is None else (trigger, "its trigger")
    if not limit_percent or not middle or request.price is None or request.terms.price_match is not None:
        return None
    away = (request.price - middle) / middle * 100
    pays = away if request.side is Side.BUY else -away
    if abs(away) <= limit_percent or (leaves and pays < 0) or _within_a_tick(request.price, middle, instrument):
        return None
    remedy = f"limits.price_distance_percent {limit_percent.normalize():f}; set price.distance {abs(away) + 1:.0f}"
    text = (
        f"Price {price_text(request.price, instrument)} is {abs(away):.1f} % from {base}"
        f" {price_text(instrument.tick.round(middle), instrument)} ({remedy} allows it)"
    )
    return Refusal(RULE, text)


def market_slippage(
    request: OrderRequest, instrument: Instrument, market: Market, limit_percent: Decimal
) -> Refusal | None:
    """Refuse a market order whose average would be farther than `limit_percent` from the middle of the book.

    Where the book has one side alone the last price stands for the middle.
    """
    if request.type is not OrderType.MARKET or not limit_percent:
        return None
    middle, base = _reference(market)
    if not middle:
        text = (
            f"{instrument.symbol} has no price to judge it by: use a LIMIT order"
            " (limits.slippage_percent; set slippage 0 is none)"
        )
        return Refusal(SLIPPAGE, text)
    average = market_average(request, instrument, market)
    if average is None:
        text = (
            f"The visible book of {instrument.symbol} is too thin for this size: use a LIMIT order"
            f" (limits.slippage_percent {limit_percent.normalize():f}; set slippage 0 is none)"
        )
        return Refusal(SLIPPAGE, text)
    away = abs(average - middle) / middle * 100
    if away <= limit_percent or _within_a_tick(average, middle, instrument):
        return None
    text = (
        f"This size would trade at about {price_text(instrument.tick.round(average), instrument)}, {away:.1f} % from"
        f" {base} {price_text(instrument.tick.round(middle), instrument)} (limits.slippage_percent"
        f" {limit_percent.normalize():f}; set slippage {away + 1:.0f} allows it)"
    )
    return Refusal(SLIPPAGE, text)


def market_average(request: OrderRequest, instrument: Instrument, market: Market) -> Decimal | None:
    """Average price a market order would get from the book now; None when the book does not hold enough."""
    view = market.book.view(_LEVELS)
    levels = view.asks if request.side is Side.BUY else view.bids
    left, value, taken = request.quantity, Decimal(0), Decimal(0)
    budget = request.quote_quantity
    for ticks, lots in levels:
        price, size = instrument.tick.value(ticks), instrument.step.value(lots)
        if left is not None:
            size = min(size, left - taken)
        elif budget is not None:
            size = min(size, (budget - value) / price)
        value += size * price
        taken += size
        if (left is not None and taken >= left) or (budget is not None and value >= budget * _SPENT):
            break
    else:
        return None
    return value / taken if taken else None
