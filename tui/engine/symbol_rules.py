"""The exchange's rules for one symbol, checked before the exchange has to."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from tui.binance.order_parameters import CONDITIONAL_TYPES
from tui.domain.instrument import Instrument, TradingStatus
from tui.domain.order import OrderRequest
from tui.domain.order_terms import OrderType, Side
from tui.engine.commands.answers import Refusal
from tui.engine.orders.announcements import grouped, price_text
from tui.engine.product_rules import Setting, denial
from tui.engine.store import Market

MARKET_CLOSED = "MARKET_CLOSED"
FILTER_PRICE = "FILTER_PRICE"
FILTER_LOT_SIZE = "FILTER_LOT_SIZE"
FILTER_MARKET_LOT_SIZE = "FILTER_MARKET_LOT_SIZE"
FILTER_NOTIONAL = "FILTER_NOTIONAL"
FILTER_PERCENT_PRICE = "FILTER_PERCENT_PRICE"

#: Where the prices of an order stand, with their names in a sentence.
_PRICES = (("price", "Price"), ("trigger_price", "Trigger price"), ("activation_price", "Activation price"))


def symbol_rules(
    request: OrderRequest, instrument: Instrument, market: Market, setting: Setting | None = None
) -> Refusal | None:
    """The first rule an order breaks, by its stable code; where rounding would mend it, the refusal offers that."""
    denied = denial(request, instrument, setting or Setting())
    if denied is not None:
        return Refusal(denied[0].value, denied[1])
    for rule in (_status, _tick, _step, _size, _notional, _band):
        refusal = rule(request, instrument, market)
        if refusal is not None:
            return refusal
    return None


def reference_price(request: OrderRequest, instrument: Instrument, market: Market) -> Decimal | None:
    """The price an order would meet first: its trigger, else the opposite touch, else the last trade."""
    if request.type in CONDITIONAL_TYPES and request.terms.trigger_price is not None:
        return request.terms.trigger_price
    bid, ask = market.touch()
    return (ask if request.side is Side.BUY else bid) or market.last_price()


def _status(request: OrderRequest, instrument: Instrument, market: Market) -> Refusal | None:
    if instrument.status is TradingStatus.TRADING:
        return None
    state = instrument.status.value.replace("_", " ")
    return Refusal(MARKET_CLOSED, f"{instrument.symbol} does not take orders now ({state}); cancels work")


def _prices(request: OrderRequest) -> Iterator[tuple[str, str, Decimal]]:
    for field, words in _PRICES:
        value = request.price if field == "price" else getattr(request.terms, field)
        if value is not None:
            yield field, words, value


def _with_price(request: OrderRequest, field: str, value: Decimal) -> OrderRequest:
    match field:
        case "trigger_price":
            return replace(request, terms=replace(request.terms, trigger_price=value))
        case "activation_price":
            return replace(request, terms=replace(request.terms, activation_price=value))
        case _:
            return replace(request, price=value)


def _tick(request: OrderRequest, instrument: Instrument, market: Market) -> Refusal | None:
    for field, words, price in _prices(request):
        if instrument.tick.fits(price):
            continue
        rounded = instrument.tick.round(price, "down" if request.side is Side.BUY else "up") or instrument.tick.size
        text = (
            f"{words} {price:f} is not a multiple of {instrument.symbol}'s tick {_plain(instrument.tick.size)}:"
            f" use {price_text(rounded, instrument)}"
        )
        return Refusal(FILTER_PRICE, text, _with_price(request, field, rounded))
    return None


def _step(request: OrderRequest, instrument: Instrument, market: Market) -> Refusal | None:
    quantity, shown = request.quantity, request.terms.display_quantity
    if quantity is not None and not instrument.step.fits(quantity):
        rounded = max(instrument.step.round(quantity, "down"), instrument.min_quantity)
        text = (
            f"Size {quantity:f} is not a multiple of {instrument.symbol}'s step {_plain(instrument.step.size)}:"
            f" use {instrument.quantity_text(rounded)}"
        )
        return Refusal(FILTER_LOT_SIZE, text, replace(request, quantity=rounded))
    if shown is not None and not instrument.step.fits(shown):
        rounded = max(instrument.step.round(shown, "down"), instrument.step.size)
        text = (
            f"Visible size {shown:f} is not a multiple of {instrument.symbol}'s step {_plain(instrument.step.size)}:"
            f" use {instrument.quantity_text(rounded)}"
        )
        mended = replace(request, terms=replace(request.terms, display_quantity=rounded))
        return Refusal(FILTER_LOT_SIZE, text, mended)
    return None


def _size(request: OrderRequest, instrument: Instrument, market: Market) -> Refusal | None:
    """An order that closes a whole position states no size."""
    quantity = request.quantity
    if quantity is None or request.close_position:
        return None
    if quantity < instrument.min_quantity:
        least = instrument.quantity_text(instrument.min_quantity)
        text = f"Size {quantity:f} is below {instrument.symbol}'s smallest order of {least}"
        return Refusal(FILTER_LOT_SIZE, text, replace(request, quantity=instrument.min_quantity))
    is_market = request.price is None and request.type is not OrderType.LIMIT
    largest = instrument.max_market_quantity if is_market else instrument.max_quantity
    if quantity > largest > 0:
        what = "market order" if is_market else "order"
        text = f"Size {quantity:f} is above {instrument.symbol}'s largest {what} of {grouped(_plain(largest))}"
        code = FILTER_MARKET_LOT_SIZE if is_market else FILTER_LOT_SIZE
        return Refusal(code, text, replace(request, quantity=largest))
    return None


def _notional(request: OrderRequest, instrument: Instrument, market: Market) -> Refusal | None:
    """Binance checks the smallest value of orders that only shrink a position not at all (USD-M -4164)."""
    least, most = instrument.min_notional, instrument.permits.max_notional
    if request.only_shrinks:
        return None
    if request.quote_quantity is not None:
        return _quote_amount(request, instrument)
    price = request.price or reference_price(request, instrument, market)
    if not price or request.quantity is None:
        return None
    value = instrument.notional(price, request.quantity)
    if value < least:
        enough = max(
            instrument.step.round(least / instrument.notional(price, Decimal(1)), "up"), instrument.min_quantity
        )
        text = (
            f"{_plain(request.quantity)} × {price_text(price, instrument)} is {_plain(round(value, 4))}"
            f" {instrument.quote}, below {instrument.symbol}'s smallest order of {_plain(least)} {instrument.quote}:"
            f" use {instrument.quantity_text(enough)}"
        )
        return Refusal(FILTER_NOTIONAL, text, replace(request, quantity=enough))
    if most is not None and value > most:
        fits = instrument.step.round(most / instrument.notional(price, Decimal(1)), "down")
        text = (
            f"{_plain(round(value, 2))} {instrument.quote} is above {instrument.symbol}'s largest order of"
            f" {grouped(_plain(most))} {instrument.quote}: use {instrument.quantity_text(fits)}"
        )
        return Refusal(FILTER_NOTIONAL, text, replace(request, quantity=fits))
    return None


def _quote_amount(request: OrderRequest, instrument: Instrument) -> Refusal | None:
    amount, least = request.quote_quantity, instrument.min_notional
    if amount is None or amount >= least:
        return None
    text = f"{amount:f} {instrument.quote} is below {instrument.symbol}'s smallest order of"
    mended = replace(request, quote_quantity=least)
    return Refusal(FILTER_NOTIONAL, f"{text} {_plain(least)} {instrument.quote}", mended)


def _band(request: OrderRequest, instrument: Instrument, market: Market) -> Refusal | None:
    """How far from the reference price the exchange takes a price: mark price on futures, last price on spot.

    A price that works once triggered is compared with its trigger. Futures bound a price only on the side where it
    would pay too much (USD-M PERCENT_PRICE: -4016 for BUY, -4024 for SELL); spot bounds both.
    """
    reference = market.mark.value.mark if market.mark is not None else market.last_price()
    if request.type in CONDITIONAL_TYPES and request.terms.trigger_price is not None:
        reference = request.terms.trigger_price
    if request.price is None or reference is None or request.terms.price_match is not None:
        return None
    bounds_both = not instrument.product.is_futures
    if instrument.price_up is not None and (bounds_both or request.side is Side.BUY):
        highest = instrument.tick.round(reference * instrument.price_up, "down")
        if request.price > highest:
            return _outside(request, request.price, instrument, "above the highest", highest)
    if instrument.price_down is not None and (bounds_both or request.side is Side.SELL):
        lowest = instrument.tick.round(reference * instrument.price_down, "up")
        if request.price < lowest:
            return _outside(request, request.price, instrument, "below the lowest", lowest)
    return None


def _outside(request: OrderRequest, price: Decimal, instrument: Instrument, how: str, bound: Decimal) -> Refusal:
    said = price_text(price, instrument)
    text = f"Price {said} is {how} that {instrument.symbol} takes now: {price_text(bound, instrument)}"
    return Refusal(FILTER_PERCENT_PRICE, text, replace(request, price=bound))


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"
