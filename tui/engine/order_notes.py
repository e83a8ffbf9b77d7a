"""What a trader should know of an order before it is sent, though nothing stops it."""

from collections.abc import Iterator

from tui.binance.order_parameters import CONDITIONAL_TYPES
from tui.domain.instrument import Instrument
from tui.domain.order import OrderListRequest, OrderRequest
from tui.domain.order_terms import OrderType, Side, TimeInForce, WorkingType
from tui.engine.orders.announcements import price_text
from tui.engine.product_rules import Setting, exchange_keeps_gtd
from tui.engine.store import Market

_TOUCHED = frozenset({OrderType.MARKET_IF_TOUCHED, OrderType.LIMIT_IF_TOUCHED})


def order_notes(request: OrderRequest, instrument: Instrument, market: Market, setting: Setting) -> tuple[str, ...]:
    """Everything worth saying of one order, in a sentence each."""
    return tuple(_notes(request, instrument, market, setting))


def list_notes(request: OrderListRequest, instrument: Instrument) -> tuple[str, ...]:
    """Everything worth saying of orders that depend on each other."""
    if instrument.product.is_futures:
        return ("app-managed: sl and tp are kept from here, active only while this program runs",)
    notes = []
    if any(leg.type is OrderType.LIMIT and not leg.post_only for leg in request.legs):
        notes.append("the profit leg is sent post-only (LIMIT_MAKER)")
    if request.entry is not None and request.entry.type is not OrderType.LIMIT:
        notes.append("app-managed: the exchange starts lists with a limit order only, active only while this runs")
    return tuple(notes)


def _notes(request: OrderRequest, instrument: Instrument, market: Market, setting: Setting) -> Iterator[str]:
    yield from _triggers_at_once(request, instrument, market)
    if request.time_in_force is TimeInForce.GTD and not exchange_keeps_gtd(instrument, setting):
        yield f"GTD (local): {instrument.product.label} holds it as GTC, and it is cancelled from here when time is up"
    if request.terms.price_match is not None and request.price is not None:
        yield "the exchange takes the price itself; yours is only what it is judged by here"
    bid, ask = market.touch()
    touch = ask if request.side is Side.BUY else bid
    if request.post_only and request.price is not None and touch is not None and request.type is OrderType.LIMIT:
        crosses = request.price >= touch if request.side is Side.BUY else request.price <= touch
        if crosses:
            yield "post-only, and it would take now: the exchange will refuse it"
    if request.terms.working_type is WorkingType.MARK_PRICE and request.type not in CONDITIONAL_TYPES:
        yield "mark says which price triggers, and this order has no trigger"


def _triggers_at_once(request: OrderRequest, instrument: Instrument, market: Market) -> Iterator[str]:
    """Execution semantics 4.4: a stop fires beyond its price, an if-touched order on the near side of it."""
    terms = request.terms
    by_mark = terms.working_type is WorkingType.MARK_PRICE
    now = market.mark.value.mark if by_mark and market.mark is not None else market.last_price()
    trigger = terms.trigger_price
    if now is None:
        return
    if trigger is not None and request.type in CONDITIONAL_TYPES:
        rises = (request.side is Side.BUY) is not (request.type in _TOUCHED)
        if now >= trigger if rises else now <= trigger:
            what = "mark" if by_mark else "last"
            at = f"{price_text(trigger, instrument)} ({what} price {price_text(now, instrument)})"
            yield f"would trigger at once at {at}: the exchange may refuse it"
    start = terms.activation_price
    if start is not None and (start >= now if request.side is Side.BUY else start <= now):
        way = "below" if request.side is Side.BUY else "above"
        yield f"trailing would start at once: its start must be {way} {price_text(now, instrument)} here"
