"""What is added to a request before it is judged, and what of an order the exchange is told."""

from dataclasses import replace
from datetime import UTC, datetime

from tui.config import ExecutionOptions
from tui.domain.order import Order, OrderRequest, PositionSide, Side, TimeInForce
from tui.domain.product import Product
from tui.engine.commands import Refusal
from tui.engine.store import Store


def completed(
    request: OrderRequest, store: Store, options: ExecutionOptions, *, is_close: bool = False
) -> OrderRequest | Refusal:
    """The request with the position it is for.

    Where long and short are held apart the side and reduce-only tell it, and reduce-only is never sent (-1106 there);
    elsewhere an order is for the one position. A close of a position in view goes without reduce-only where that is
    switched off.
    """
    instrument = store.instruments.get(request.symbol)
    if instrument is None or not instrument.product.is_futures:
        return request
    if instrument.product in store.hedge_modes:
        return _hedged(request)
    if request.reduce_only and not options.use_reduce_only and not is_close:
        text = "reduce-only is switched off (execution.use_reduce_only = false): set it to true, or leave it out"
        return Refusal("reduce-only", text)
    terms = replace(request.terms, position_side=PositionSide.BOTH)
    # What closes a whole position only shrinks it: the exchange takes no reduce-only beside it.
    reduces = request.reduce_only and options.use_reduce_only and not request.close_position
    return replace(request, reduce_only=reduces, terms=terms)


def _hedged(request: OrderRequest) -> OrderRequest | Refusal:
    opens = PositionSide.LONG if request.side is Side.BUY else PositionSide.SHORT
    said = request.terms.position_side
    shrinks = request.reduce_only or request.close_position
    if shrinks and said is opens:
        text = (
            f"{request.side.value} with position side {said.value} opens: in hedge mode a"
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


def wire_form(order: Order) -> Order:
    """The order as the exchange is asked to hold it: until cancelled, where the end of its time is kept here."""
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
