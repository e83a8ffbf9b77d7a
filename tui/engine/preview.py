"""What an order would mean if it were sent now."""

from decimal import Decimal

from tui.domain.instrument import Instrument
from tui.domain.order import OrderRequest, OrderType, Side
from tui.engine.circumstances import Intent
from tui.engine.commands import Preview
from tui.engine.guards import Bench
from tui.engine.orders.announcements import describe, price_text
from tui.engine.price_guard import market_average
from tui.engine.store import Market, Store
from tui.engine.symbol_rules import reference_price


def preview(request: OrderRequest, store: Store, bench: Bench) -> Preview:
    """Judge and cost an order against the book of this moment; changes nothing, may be called from any thread.

    Whoever previews is about to review, so LOCKED does not refuse here.
    """
    verdict = bench.judge(Intent(request, reviewed=True))
    instrument = store.instruments.get(request.symbol)
    if instrument is None:
        refusal = verdict.refusal
        text = refusal.text if refusal else ""
        return Preview(request, None, None, None, None, None, refusal, verdict.passed, text)
    market = store.market(request.symbol)
    price = _price(request, instrument, market)
    quantity = _quantity(request, instrument, price)
    notional = instrument.notional(price, quantity) if price is not None and quantity is not None else None
    fee = _fee(request, instrument, market, notional)
    margin = _margin(instrument, notional, store)
    text = _text(request, instrument, price, notional, fee, margin)
    return Preview(request, price, quantity, notional, fee, margin, verdict.refusal, verdict.passed, text)


def _price(request: OrderRequest, instrument: Instrument, market: Market) -> Decimal | None:
    if request.type is not OrderType.MARKET:
        return request.price
    average = market_average(request, instrument, market)
    if average is None:
        return reference_price(request, instrument, market)
    return instrument.tick.round(average, "up" if request.side is Side.BUY else "down")


def _quantity(request: OrderRequest, instrument: Instrument, price: Decimal | None) -> Decimal | None:
    if request.quantity is not None or request.quote_quantity is None or not price:
        return request.quantity
    return instrument.step.round(request.quote_quantity / price, "down")


def _fee(request: OrderRequest, instrument: Instrument, market: Market, notional: Decimal | None) -> Decimal | None:
    rate = instrument.taker_fee if _takes(request, instrument, market) else instrument.maker_fee
    return notional * rate if notional is not None and rate is not None else None


def _takes(request: OrderRequest, instrument: Instrument, market: Market) -> bool:
    if request.price is None:
        return True
    touch = reference_price(request, instrument, market)
    if request.post_only or touch is None:
        return False
    return request.price >= touch if request.side is Side.BUY else request.price <= touch


def _margin(instrument: Instrument, notional: Decimal | None, store: Store) -> Decimal | None:
    """Initial margin on futures, where the leverage is known from an open position."""
    position = store.positions.get(instrument.symbol)
    if notional is None or not instrument.product.is_futures or position is None or not position.leverage:
        return None
    return notional / position.leverage


def _text(
    request: OrderRequest,
    instrument: Instrument,
    price: Decimal | None,
    notional: Decimal | None,
    fee: Decimal | None,
    margin: Decimal | None,
) -> str:
    parts = [describe(request, instrument)]
    if request.type is OrderType.MARKET and price is not None:
        parts.append(f"≈ {price_text(price, instrument)}")
    if notional is not None:
        parts.append(f"value {notional:,.2f} {instrument.quote}")
    if margin is not None:
        parts.append(f"margin {margin:,.2f}")
    if fee is not None:
        parts.append(f"fee {fee:,.4f}")
    return "  ".join(parts)
