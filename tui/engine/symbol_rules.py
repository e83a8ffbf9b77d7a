"""The exchange's rules for one symbol, checked before the exchange has to."""

from dataclasses import replace
from decimal import Decimal

from tui.domain.instrument import Instrument, TradingStatus
from tui.domain.order import OrderRequest, OrderType, Side, TimeInForce
from tui.engine.commands import Refusal
from tui.engine.orders.announcements import grouped, price_text
from tui.engine.store import Market

RULE = "symbol-rules"


def symbol_rules(request: OrderRequest, instrument: Instrument, market: Market) -> Refusal | None:
    """The first rule an order breaks; where rounding would mend it, the refusal offers the rounded order."""
    for rule in (_shape, _status, _tick, _step, _size, _notional, _band):
        refusal = rule(request, instrument, market)
        if refusal is not None:
            return refusal
    return None


def reference_price(request: OrderRequest, instrument: Instrument, market: Market) -> Decimal | None:
    """The price an order would meet first: the opposite touch, else the last trade."""
    view = market.book.view(1)
    touch = view.best_ask if request.side is Side.BUY else view.best_bid
    return market.last_price() if touch is None else instrument.tick.value(touch)


def _no(text: str, offer: OrderRequest | None = None) -> Refusal:
    return Refusal(RULE, text, offer)


def _shape(request: OrderRequest, instrument: Instrument, market: Market) -> Refusal | None:
    """Which fields belong together."""
    if request.type not in (OrderType.LIMIT, OrderType.MARKET):
        return _no(f"{request.type.value} orders cannot be sent yet: use LIMIT or MARKET")
    is_limit = request.type is OrderType.LIMIT
    if is_limit and (request.price is None or request.price <= 0):
        return _no("A LIMIT order needs a price above zero")
    if not is_limit and (request.price is not None or request.post_only):
        return _no("A MARKET order takes whatever the book gives: leave price and post-only out")
    if request.post_only and request.time_in_force is not TimeInForce.GTC:
        return _no(f"post-only and {request.time_in_force.value} contradict each other: choose one")
    if request.time_in_force is TimeInForce.GTD:
        return _no("GTD needs an end time, which cannot be given yet: use GTC, IOC or FOK")
    if request.reduce_only and not instrument.product.is_futures:
        return _no(f"{instrument.symbol} is spot: reduce-only exists on futures alone")
    return _amount(request, instrument)


def _amount(request: OrderRequest, instrument: Instrument) -> Refusal | None:
    if (request.quantity is None) == (request.quote_quantity is None):
        return _no("An order needs either a size or an amount of quote, and not both")
    if request.quote_quantity is not None:
        if request.type is not OrderType.MARKET or not instrument.quote_quantity_allowed:
            return _no(f"An amount of {instrument.quote} is only taken by MARKET orders on spot: give a size")
        if request.quote_quantity <= 0:
            return _no(f"The amount must be above zero, not {request.quote_quantity:f}")
    elif request.quantity is not None and request.quantity <= 0:
        return _no(f"The size must be above zero, not {request.quantity:f}")
    return None


def _status(request: OrderRequest, instrument: Instrument, market: Market) -> Refusal | None:
    if instrument.status is TradingStatus.TRADING:
        return None
    return _no(f"{instrument.symbol} does not take orders now ({instrument.status.value.replace('_', ' ')})")


def _tick(request: OrderRequest, instrument: Instrument, market: Market) -> Refusal | None:
    price = request.price
    if price is None or instrument.tick.fits(price):
        return None
    rounded = instrument.tick.round(price, "down" if request.side is Side.BUY else "up") or instrument.tick.size
    text = (
        f"Price {price:f} is not a multiple of {instrument.symbol}'s tick {_plain(instrument.tick.size)}:"
        f" use {price_text(rounded, instrument)}"
    )
    return _no(text, replace(request, price=rounded))


def _step(request: OrderRequest, instrument: Instrument, market: Market) -> Refusal | None:
    quantity = request.quantity
    if quantity is None or instrument.step.fits(quantity):
        return None
    rounded = max(instrument.step.round(quantity, "down"), instrument.min_quantity)
    text = (
        f"Size {quantity:f} is not a multiple of {instrument.symbol}'s step {_plain(instrument.step.size)}:"
        f" use {instrument.quantity_text(rounded)}"
    )
    return _no(text, replace(request, quantity=rounded))


def _size(request: OrderRequest, instrument: Instrument, market: Market) -> Refusal | None:
    quantity = request.quantity
    if quantity is None:
        return None
    if quantity < instrument.min_quantity:
        least = instrument.quantity_text(instrument.min_quantity)
        text = f"Size {quantity:f} is below {instrument.symbol}'s smallest order of {least}"
        return _no(text, replace(request, quantity=instrument.min_quantity))
    is_market = request.type is OrderType.MARKET
    largest = instrument.max_market_quantity if is_market else instrument.max_quantity
    if quantity > largest > 0:
        what = "market order" if is_market else "order"
        text = f"Size {quantity:f} is above {instrument.symbol}'s largest {what} of {grouped(_plain(largest))}"
        return _no(text, replace(request, quantity=largest))
    return None


def _notional(request: OrderRequest, instrument: Instrument, market: Market) -> Refusal | None:
    """Binance checks the smallest value of reduce-only orders not at all (USD-M -4164)."""
    least = instrument.min_notional
    if request.reduce_only or least <= 0:
        return None
    if request.quote_quantity is not None:
        if request.quote_quantity >= least:
            return None
        text = f"{request.quote_quantity:f} {instrument.quote} is below {instrument.symbol}'s smallest order"
        return _no(f"{text} of {_plain(least)} {instrument.quote}", replace(request, quote_quantity=least))
    price = request.price or reference_price(request, instrument, market)
    if price is None or request.quantity is None or instrument.notional(price, request.quantity) >= least:
        return None
    enough = max(instrument.step.round(least / price, "up"), instrument.min_quantity)
    value = instrument.notional(price, request.quantity)
    text = (
        f"{_plain(request.quantity)} × {price_text(price, instrument)} is {_plain(round(value, 4))} {instrument.quote},"
        f" below {instrument.symbol}'s smallest order of {_plain(least)} {instrument.quote}:"
        f" use {instrument.quantity_text(enough)}"
    )
    return _no(text, replace(request, quantity=enough))


def _band(request: OrderRequest, instrument: Instrument, market: Market) -> Refusal | None:
    """How far from the reference price the exchange takes a price: mark price on futures, last price on spot.

    Futures bound a price only on the side where it would pay too much (USD-M PERCENT_PRICE: -4016 for BUY, -4024 for
    SELL); spot bounds both.
    """
    reference = market.mark.value.mark if market.mark is not None else market.last_price()
    if request.price is None or reference is None:
        return None
    bounds_both = not instrument.product.is_futures
    if instrument.price_up is not None and (bounds_both or request.side is Side.BUY):
        highest = instrument.tick.round(reference * instrument.price_up, "down")
        if request.price > highest:
            return _outside(request, instrument, "above the highest", highest)
    if instrument.price_down is not None and (bounds_both or request.side is Side.SELL):
        lowest = instrument.tick.round(reference * instrument.price_down, "up")
        if request.price < lowest:
            return _outside(request, instrument, "below the lowest", lowest)
    return None


def _outside(request: OrderRequest, instrument: Instrument, how: str, bound: Decimal) -> Refusal:
    assert request.price is not None
    said = price_text(request.price, instrument)
    text = f"Price {said} is {how} that {instrument.symbol} takes now: {price_text(bound, instrument)}"
    return _no(text, replace(request, price=bound))


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"
