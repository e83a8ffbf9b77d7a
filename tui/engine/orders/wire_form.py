"""What is added to a request before it is judged, and what of an order the exchange is told."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from tui.binance.order_parameters import CONDITIONAL_TYPES
from tui.config import ExecutionOptions
from tui.domain.order import Order, OrderRequest
from tui.domain.order_terms import OrderType, PositionSide, Side, TimeInForce
from tui.domain.product import Product
from tui.engine.commands.answers import Refusal
from tui.engine.store import Store


def completed(
    request: OrderRequest, store: Store, options: ExecutionOptions, *, is_close: bool = False
) -> OrderRequest | Refusal:
    """The request with the position it is for.

    Where long and short are held apart the side and reduce-only tell it, and reduce-only is never sent (-1106 there);
    elsewhere an order is for the one position. A close of a position in view goes without reduce-only where that is
    switched off. For a virtual position reduce-only is said only where the exchange's net position covers the order.
    """
    instrument = store.instruments.get(request.symbol)
    if instrument is None or not instrument.product.is_futures:
        return request
    if instrument.product in store.hedge_modes:
        return _hedged(request)
    if store.is_virtual(instrument.product):
        return _virtual(request, store, options, is_close=is_close)
    if request.reduce_only and not options.use_reduce_only and not is_close:
        text = "reduce-only is switched off (execution.use_reduce_only = false): set it to true, or leave it out"
        return Refusal("reduce-only", text)
    terms = replace(request.terms, position_side=PositionSide.BOTH)
    # What closes a whole position only shrinks it: the exchange takes no reduce-only beside it.
    reduces = request.reduce_only and options.use_reduce_only and not request.close_position
    return replace(request, reduce_only=reduces, terms=terms)


def _virtual(
    request: OrderRequest, store: Store, options: ExecutionOptions, *, is_close: bool
) -> OrderRequest | Refusal:
    """The order for a virtual position; a close that names none is for what is unassigned, or for the whole net."""
    if is_close and request.terms.position_side is PositionSide.BOTH:
        sided: OrderRequest | Refusal = request
    else:
        sided = _hedged(request)
    if isinstance(sided, Refusal):
        return sided
    shrinks = sided.only_shrinks or is_close
    is_sure = is_covered(sided, store) or closes_net(sided, store)
    reduces = options.use_reduce_only and shrinks and not sided.close_position and is_sure
    return replace(sided, reduce_only=reduces)


def closes_net(request: OrderRequest, store: Store) -> bool:
    """Whether an order that is for no virtual position closes all that the exchange holds."""
    net = store.net(request.symbol)
    is_against = request.side is (Side.SELL if net > 0 else Side.BUY)
    return request.terms.position_side is PositionSide.BOTH and is_against and request.quantity == abs(net) != 0


def is_covered(request: OrderRequest, store: Store) -> bool:
    """Whether the exchange's net position is sure to be reduced by all of an order for a virtual position.

    What rests or waits for a trigger meets another net position than today's: the exchange would cut or refuse it.
    """
    rests = request.type is not OrderType.MARKET and request.time_in_force not in (TimeInForce.IOC, TimeInForce.FOK)
    if rests or request.type in CONDITIONAL_TYPES or request.quantity is None:
        return False
    net = store.net(request.symbol)
    same = [order for order in store.open_orders(request.symbol) if order.side is request.side]
    ahead = (one.leaves for one in same if one.is_triggered or one.type not in CONDITIONAL_TYPES)
    needed = request.quantity + sum(ahead, Decimal(0))
    return net >= needed if request.side is Side.SELL else -net >= needed


def _hedged(request: OrderRequest) -> OrderRequest | Refusal:
    opens = PositionSide.LONG if request.side is Side.BUY else PositionSide.SHORT
    said = request.terms.position_side
    shrinks = request.reduce_only or request.close_position
    if shrinks and said is opens:
        text = (
            f"{request.side.value} with position side {said.value} opens: where long and short are held apart a"
            f" {said.value.lower()} position is closed by {request.side.opposite.value} {said.value}"
        )
        return Refusal("position-side", text)
    return replace(request, reduce_only=False, terms=replace(request.terms, position_side=hedged_side(request)))


def hedged_side(request: OrderRequest) -> PositionSide:
    """Which position an order is for where long and short are held apart: what it says, else what its side opens."""
    shrinks = request.reduce_only or request.close_position
    return meant_side(request.side, request.terms.position_side, shrinks=shrinks)


def meant_side(side: Side, said: PositionSide, *, shrinks: bool) -> PositionSide:
    """The position that is said; where none is, the one that the side opens, or closes where it only shrinks."""
    if said is not PositionSide.BOTH:
        return said
    return PositionSide.LONG if (side is Side.BUY) is not shrinks else PositionSide.SHORT


def wire_form(order: Order, *, is_virtual: bool = False) -> Order:
    """The order as the exchange is asked to hold it: until cancelled, where the end of its time is kept here.

    Of virtual positions the exchange is told nothing: there the order is for its one net position.
    """
    if is_virtual and order.position_side is not PositionSide.BOTH:
        order = replace(order, terms=replace(order.terms, position_side=PositionSide.BOTH))
    if not order.expires_here:
        return order
    return replace(order, time_in_force=TimeInForce.GTC, terms=replace(order.terms, good_till_ms=None))


def expires_here(order: Order, options: ExecutionOptions) -> bool:
    """Whether the program must end a GTD order: USD-M alone does it itself, unless that is switched off."""
    is_kept = order.product is Product.USDM and options.use_gtd
    return order.time_in_force is TimeInForce.GTD and not is_kept


def conversion_text(order: Order) -> str:
    """What the trader is told when an order's end is kept here."""
    end = datetime.fromtimestamp((order.terms.good_till_ms or 0) / 1_000, UTC)
    return (
        f"{order.symbol}: the order is sent GTC instead of GTD and is cancelled at {end:%Y-%m-%d %H:%M:%S} UTC by this"
        " program, if it runs then"
    )


def position_mode_words(product: Product, store: Store, options: ExecutionOptions) -> str:
    """What the position mode makes of the settings, "" where there is nothing to say."""
    words = []
    if product in store.hedge_modes and options.use_reduce_only:
        words.append(
            f"{product.label} is in hedge mode while execution.use_reduce_only is true: the exchange takes no"
            " reduce-only there; side and position side say what closes. Set use_reduce_only = false to agree"
        )
    if product in store.hedge_modes and not options.use_position_ids:
        words.append(
            f"{product.label} is in hedge mode: the exchange itself holds long and short apart, so"
            " execution.use_position_ids = false means nothing there"
        )
    if store.is_virtual(product):
        words.append(
            f"{product.label}: long and short are virtual (execution.use_position_ids = false): the exchange knows one"
            " net position and one liquidation price. Stops and targets are not reduce-only there: this program alone"
            " ends them with their position, so keep it running while they work"
        )
    return ". ".join(words)
