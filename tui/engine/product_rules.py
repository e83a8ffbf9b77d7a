"""What each product takes at all: order types, instructions, life times; the rest is denied by a stable code.

The codes are `binance.order_parameters.Denial`'s, the tables are those of the spot API docs (2026-07-21) and the
derivatives docs (November 2026). Each sentence says what works instead.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from tui.binance.order_parameters import CONDITIONAL_TYPES, LIMIT_TYPES, Denial
from tui.domain.instrument import Instrument
from tui.domain.order import OrderRequest
from tui.domain.order_terms import (
    OrderType,
    PegPrice,
    PositionSide,
    SelfTradePrevention,
    Side,
    TimeInForce,
    WorkingType,
)
from tui.domain.product import Product

#: A GTD order that the exchange keeps must live longer than this, and end before that (USD-M -5040).
GTD_LEAD_MS = 600_000
GTD_LAST_MS = 253_402_300_799_000

#: Trailing offsets in basis points: USD-M up to 20 % since 2026-10-23, COIN-M up to 10 %.
_FUTURES_TRAILING = {Product.USDM: (10, 2_000), Product.COINM: (10, 1_000)}
_WIDEST_DELTA = 10_000
_MOST_PEG_LEVELS = 100
_FUTURES_STP = frozenset(SelfTradePrevention) - {SelfTradePrevention.DECREMENT, SelfTradePrevention.TRANSFER}
_CLOSES_POSITION = frozenset({OrderType.STOP_MARKET, OrderType.MARKET_IF_TOUCHED})


@dataclass(frozen=True, slots=True)
class Setting:
    """What the rules look at beside the order: the exchange's clock, who keeps the end of GTD, the position mode."""

    now_ms: int = 0
    keeps_gtd: bool = True
    is_hedged: bool = False
    #: The program holds long and short apart; which of them an order may be for is another guard's.
    is_virtual: bool = False


Denied = tuple[Denial, str]


def denial(request: OrderRequest, instrument: Instrument, setting: Setting) -> Denied | None:
    """Why the product does not take this order, None when it does."""
    for rule in _RULES:
        for denied in rule(request, instrument, setting):
            return denied
    return None


def exchange_keeps_gtd(instrument: Instrument, setting: Setting) -> bool:
    """Whether the exchange ends a GTD order itself: USD-M alone, unless switched off; elsewhere the program does."""
    return instrument.product is Product.USDM and setting.keeps_gtd


def _type(request: OrderRequest, instrument: Instrument, _: Setting) -> Iterator[Denied]:
    offered = instrument.permits.order_types
    if offered and request.type not in offered:
        names = ", ".join(sorted(kind.value for kind in offered))
        yield Denial.ORDER_TYPE, f"{instrument.symbol} takes no {request.type.value} orders; it takes {names}"
    if request.type is OrderType.TRAILING_STOP_MARKET and not instrument.permits.trailing:
        yield Denial.ORDER_TYPE, f"{instrument.symbol} has no trailing stops: use STOP_MARKET"


def _amount(request: OrderRequest, instrument: Instrument, _: Setting) -> Iterator[Denied]:
    if request.close_position and request.quantity is None:
        return  # the exchange takes whatever is held by then
    if (request.quantity is None) == (request.quote_quantity is None):
        yield Denial.QUANTITY, "An order needs either a size or an amount of quote, and not both"
    if request.quote_quantity is not None:
        if request.type is not OrderType.MARKET or not instrument.quote_quantity_allowed:
            said = f"An amount of {instrument.quote} is only taken by MARKET orders on spot and margin: give a size"
            yield Denial.QUOTE_QUANTITY, said
        if request.quote_quantity <= 0:
            yield Denial.QUANTITY, f"The amount must be above zero, not {request.quote_quantity:f}"
    elif request.quantity is not None and request.quantity <= 0:
        yield Denial.QUANTITY, f"The size must be above zero, not {request.quantity:f}"


def _price(request: OrderRequest, _: Instrument, __: Setting) -> Iterator[Denied]:
    name, terms = request.type.value, request.terms
    if request.type not in LIMIT_TYPES:
        if request.price is not None:
            yield Denial.PRICE, f"A {name} order takes whatever the book gives: leave the price out"
        return
    is_free = terms.price_match is not None or terms.peg_price is not None
    if request.price is None and not is_free:
        yield Denial.PRICE, f"A {name} order needs a price above zero"
    if request.price is not None and request.price <= 0:
        yield Denial.PRICE, f"A {name} order needs a price above zero, not {request.price:f}"


def _trigger(request: OrderRequest, instrument: Instrument, _: Setting) -> Iterator[Denied]:
    name, terms = request.type.value, request.terms
    if terms.working_type is not WorkingType.CONTRACT_PRICE and not instrument.product.is_futures:
        yield Denial.TRIGGER_TYPE, "Coins trigger on the last price alone: leave the mark price out"
    if request.type is OrderType.TRAILING_STOP_MARKET:
        if terms.trigger_price is not None:
            said = "A trailing stop has no trigger price: give an activation price (from P), or none to start at once"
            yield Denial.TRIGGER_PRICE, said
        yield from _positive(terms.activation_price, "activation price")
        yield from _trailing(request, instrument)
        return
    if terms.activation_price is not None:
        yield Denial.TRIGGER_PRICE, f"A {name} order has no activation price: only TRAILING_STOP_MARKET has one"
    if request.type not in CONDITIONAL_TYPES:
        if terms.trigger_price is not None:
            said = (
                f"A {name} order has no trigger: use STOP_LIMIT or STOP_MARKET, LIMIT_IF_TOUCHED or MARKET_IF_TOUCHED"
            )
            yield Denial.TRIGGER_PRICE, said
        if terms.trailing_bps is not None:
            yield Denial.TRAILING_OFFSET, f"A {name} order does not trail: use TRAILING_STOP_MARKET"
        return
    if terms.trigger_price is None and terms.trailing_bps is None:
        yield Denial.TRIGGER_PRICE, f"A {name} order needs a trigger price above zero"
    yield from _positive(terms.trigger_price, "trigger price")
    if terms.trailing_bps is not None:
        if instrument.product.is_futures:
            yield Denial.TRAILING_OFFSET, f"A {name} order does not trail on futures: use TRAILING_STOP_MARKET"
        yield from _trailing(request, instrument)


def _positive(price: Decimal | None, what: str) -> Iterator[Denied]:
    if price is not None and price <= 0:
        yield Denial.TRIGGER_PRICE, f"The {what} must be above zero, not {price:f}"


def _trailing(request: OrderRequest, instrument: Instrument) -> Iterator[Denied]:
    bps = request.terms.trailing_bps
    least, most = trailing_bounds(request, instrument)
    if bps is None:
        said = f"A trailing stop needs its offset: {least} to {most} basis points here (100 is 1 %)"
        yield Denial.TRAILING_OFFSET, said
    elif not least <= bps <= most:
        said = (
            f"{instrument.symbol} trails by {least} to {most} basis points"
            f" ({least / 100:g} % to {most / 100:g} %), not by {bps}"
        )
        yield Denial.TRAILING_OFFSET, said


def trailing_bounds(request: OrderRequest, instrument: Instrument) -> tuple[int, int]:
    """Least and most basis points that an order may trail by."""
    if instrument.product in _FUTURES_TRAILING:
        return _FUTURES_TRAILING[instrument.product]
    takes_profit = request.terms.activation_price is not None or request.type in (
        OrderType.MARKET_IF_TOUCHED,
        OrderType.LIMIT_IF_TOUCHED,
    )
    is_above = (request.side is Side.BUY) is not takes_profit
    least, most = instrument.permits.trailing_above if is_above else instrument.permits.trailing_below
    return max(1, least), most or _WIDEST_DELTA


def _post_only(request: OrderRequest, instrument: Instrument, setting: Setting) -> Iterator[Denied]:
    if not request.post_only:
        return
    name, tif = request.type.value, request.time_in_force
    if instrument.product.is_futures:
        if request.type not in LIMIT_TYPES:
            yield Denial.POST_ONLY, f"A {name} order takes: post-only works with LIMIT, STOP_LIMIT and LIMIT_IF_TOUCHED"
    elif request.type is not OrderType.LIMIT:
        said = f"A {name} order cannot be post-only here, because it may take once it works: use LIMIT"
        yield Denial.POST_ONLY, said
    if tif in (TimeInForce.IOC, TimeInForce.FOK):
        yield Denial.POST_ONLY, f"post-only and {tif.value} contradict each other: choose one"
    if tif is TimeInForce.GTD and exchange_keeps_gtd(instrument, setting):
        said = "post-only takes the place of GTD here: leave one out, or set execution.use_gtd = false"
        yield Denial.POST_ONLY, said


def _life(request: OrderRequest, instrument: Instrument, setting: Setting) -> Iterator[Denied]:
    tif, end_ms = request.time_in_force, request.terms.good_till_ms
    if tif is not TimeInForce.GTC and request.type is OrderType.MARKET:
        yield Denial.TIME_IN_FORCE, f"A MARKET order trades at once: leave {tif.value} out"
    if tif in (TimeInForce.IOC, TimeInForce.FOK) and request.type not in LIMIT_TYPES:
        yield Denial.TIME_IN_FORCE, f"A {request.type.value} order is GTC or GTD, not {tif.value}"
    if tif is not TimeInForce.GTD:
        if end_ms is not None:
            yield Denial.GOOD_TILL, f"An end belongs to GTD, not to {tif.value}: leave one of them out"
        return
    if end_ms is None:
        yield Denial.GOOD_TILL, "GTD needs an end: gtd 30m, or gtd 16:30 (UTC)"
        return
    if exchange_keeps_gtd(instrument, setting):
        earliest = setting.now_ms + GTD_LEAD_MS
        if end_ms <= earliest:
            at = _clock(earliest + 1_000)
            yield Denial.GOOD_TILL, f"GTD must end more than 600 s from now: at {at} UTC or later, or use GTC"
    elif end_ms <= setting.now_ms:
        yield Denial.GOOD_TILL, f"GTD would have ended at {_clock(end_ms)} UTC: give a later end"
    if end_ms >= GTD_LAST_MS:
        yield Denial.GOOD_TILL, "GTD cannot end after the year 9999: use GTC"


def _clock(epoch_ms: int) -> str:
    seconds = epoch_ms // 1_000 % 86_400
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def _position(request: OrderRequest, instrument: Instrument, setting: Setting) -> Iterator[Denied]:
    side = request.terms.position_side
    if not instrument.product.is_futures:
        if request.reduce_only:
            said = (
                f"{instrument.symbol} is {instrument.product.label}: reduce-only exists on futures alone, sell instead"
            )
            yield Denial.REDUCE_ONLY, said
        if request.close_position:
            yield Denial.CLOSE_POSITION, "close-position exists on futures alone: give a size"
        if side is not PositionSide.BOTH:
            yield Denial.POSITION_SIDE, "LONG and SHORT are positions of futures: leave the side out"
        return
    if setting.is_virtual:
        return
    if setting.is_hedged and side is PositionSide.BOTH:
        yield Denial.POSITION_SIDE, "Long and short are held apart (hedge mode): say long or short"
    if not setting.is_hedged and side is not PositionSide.BOTH:
        said = f"The account holds one net position (one-way mode): leave {side.value.lower()} out, or hedge on"
        yield Denial.POSITION_SIDE, said
    if setting.is_hedged and request.reduce_only:
        said = "reduce-only does not exist in hedge mode: SELL LONG closes a long, BUY SHORT a short"
        yield Denial.REDUCE_ONLY, said
    if request.close_position:
        yield from _close_position(request, setting)


def _close_position(request: OrderRequest, setting: Setting) -> Iterator[Denied]:
    if request.type not in _CLOSES_POSITION:
        said = f"A {request.type.value} order cannot close a whole position: use STOP_MARKET or MARKET_IF_TOUCHED"
        yield Denial.CLOSE_POSITION, said
    if request.reduce_only:
        yield Denial.CLOSE_POSITION, "close-position only shrinks anyway: leave reduce-only out"
    closing = Side.SELL if request.terms.position_side is PositionSide.LONG else Side.BUY
    if setting.is_hedged and request.side is not closing:
        side = request.terms.position_side.value
        yield Denial.CLOSE_POSITION, f"{request.side.value} {side} opens: a {side} is closed by {closing.value} {side}"


def _iceberg(request: OrderRequest, instrument: Instrument, _: Setting) -> Iterator[Denied]:
    shown, whole, permits = request.terms.display_quantity, request.quantity, instrument.permits
    if shown is None:
        return
    if instrument.product.is_futures:
        said = "Futures have no icebergs: ice b SIZE @ PRICE show SIZE shows one slice after the other from here"
        yield Denial.DISPLAY_QUANTITY, said
    if request.type not in LIMIT_TYPES:
        yield Denial.DISPLAY_QUANTITY, f"A {request.type.value} order cannot be an iceberg: use a LIMIT order"
    if request.time_in_force in (TimeInForce.IOC, TimeInForce.FOK):
        yield Denial.DISPLAY_QUANTITY, f"An iceberg rests: it is GTC or GTD, not {request.time_in_force.value}"
    if not permits.iceberg:
        yield Denial.DISPLAY_QUANTITY, f"{instrument.symbol} takes no icebergs: leave the visible size out"
    if shown <= 0:
        yield Denial.DISPLAY_QUANTITY, f"The visible size must be above zero, not {shown:f}"
    if whole is not None and shown >= whole:
        said = f"The visible size {shown:f} must be less than the whole {whole:f}: leave it out to show all"
        yield Denial.DISPLAY_QUANTITY, said
    if whole is not None and permits.iceberg_parts and whole > shown * permits.iceberg_parts:
        least = instrument.step.round(whole / permits.iceberg_parts, "up")
        said = f"{instrument.symbol} cuts an iceberg into {permits.iceberg_parts} parts at most: show {least:f} or more"
        yield Denial.DISPLAY_QUANTITY, said


def _price_match(request: OrderRequest, instrument: Instrument, _: Setting) -> Iterator[Denied]:
    match = request.terms.price_match
    if match is None:
        return
    if not instrument.product.is_futures:
        yield Denial.PRICE_MATCH, "Price match exists on futures alone: peg the order (peg) or give a price"
    if request.type not in LIMIT_TYPES:
        said = f"A {request.type.value} order has no price to match: use LIMIT, STOP_LIMIT or LIMIT_IF_TOUCHED"
        yield Denial.PRICE_MATCH, said
    if request.post_only:
        yield Denial.PRICE_MATCH, "Price match and post-only exclude each other: QUEUE joins the own side anyway"
    if request.terms.display_quantity is not None:
        yield Denial.PRICE_MATCH, "Price match and a visible size exclude each other: choose one"


def _prevention(request: OrderRequest, instrument: Instrument, _: Setting) -> Iterator[Denied]:
    mode = request.terms.self_trade_prevention
    offered = _FUTURES_STP if instrument.product.is_futures else instrument.permits.self_trade_preventions
    if mode is not None and offered and mode not in offered:
        names = ", ".join(sorted(one.value for one in offered))
        yield Denial.SELF_TRADE_PREVENTION, f"{instrument.symbol} does not offer {mode.value}; it offers {names}"


def _protection(request: OrderRequest, instrument: Instrument, _: Setting) -> Iterator[Denied]:
    if not request.terms.price_protect:
        return
    if not instrument.product.is_futures:
        yield Denial.PRICE_PROTECT, "Price protection exists on futures alone: leave it out"
    if request.type not in CONDITIONAL_TYPES:
        yield Denial.PRICE_PROTECT, f"Price protection is about triggers, and a {request.type.value} order has none"


def _peg(request: OrderRequest, instrument: Instrument, _: Setting) -> Iterator[Denied]:
    peg, levels = request.terms.peg_price, request.terms.peg_levels
    if peg is None:
        if levels is not None:
            yield Denial.PEG, "Levels belong to a peg: say PRIMARY_PEG or MARKET_PEG"
        return
    if instrument.product is not Product.SPOT:
        instead = "use price match (match QUEUE)" if instrument.product.is_futures else "give a price"
        yield Denial.PEG, f"Pegs exist on spot alone: {instead}"
    if not instrument.permits.peg:
        yield Denial.PEG, f"{instrument.symbol} takes no pegged orders: give a price"
    if request.type not in LIMIT_TYPES:
        yield Denial.PEG, f"A {request.type.value} order has no price to peg: use a limit type"
    if peg is PegPrice.MARKET_PEG and request.post_only:
        yield Denial.PEG, "A post-only order cannot be pegged to the other side: use PRIMARY_PEG"
    if peg is PegPrice.PRIMARY_PEG and request.time_in_force in (TimeInForce.IOC, TimeInForce.FOK):
        yield Denial.PEG, f"An order pegged to its own side is GTC, not {request.time_in_force.value}"
    if levels is not None and not 1 <= levels <= _MOST_PEG_LEVELS:
        yield Denial.PEG, f"A peg stays 1 to {_MOST_PEG_LEVELS} levels behind, not {levels}"


def _margin_effect(request: OrderRequest, instrument: Instrument, _: Setting) -> Iterator[Denied]:
    if request.terms.margin_effect is not None and instrument.product not in (
        Product.MARGIN,
        Product.ISOLATED_MARGIN,
    ):
        said = f"{instrument.symbol} is {instrument.product.label}: only margin orders borrow and repay"
        yield Denial.MARGIN_EFFECT, said


Rule = Callable[[OrderRequest, Instrument, Setting], Iterator[Denied]]

_RULES: tuple[Rule, ...] = (
    _type,
    _amount,
    _price,
    _trigger,
    _post_only,
    _life,
    _position,
    _iceberg,
    _price_match,
    _prevention,
    _protection,
    _peg,
    _margin_effect,
)
