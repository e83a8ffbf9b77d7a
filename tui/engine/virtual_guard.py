"""What an order for a virtual position must pass: it opens its own, or closes no more than is held of it.

The exchange knows only the net of all virtual positions, so nothing but this program keeps a close from opening.
"""

from collections.abc import Collection
from decimal import Decimal

from tui.domain.order import Order, OrderRequest
from tui.domain.order_terms import OrderType, PositionSide, Side, TimeInForce
from tui.engine.circumstances import Circumstances, Intent
from tui.engine.commands.answers import Refusal
from tui.engine.orders.wire_form import closes_net
from tui.engine.protection import STOPS
from tui.engine.store import Store

_ZERO = Decimal(0)


def virtual_position(intent: Intent, now: Circumstances) -> Refusal | None:
    """An order where the program keeps long and short apart over one net position; others pass."""
    request = intent.request
    if not now.store.is_virtual(now.instrument.product):
        return None
    if request.close_position:
        text = f"{request.symbol}: close-position would close the net of all virtual positions: give a size"
        return Refusal("virtual-position", text)
    if request.terms.position_side is PositionSide.BOTH:
        return None if intent.is_close and _leaves_all(intent, now.store) else _too_much_unassigned(intent, now.store)
    # Exits of a bracket are judged before their entry has filled; its keeper gives them the size that is held.
    if not request.only_shrinks or intent.role.is_exit:
        return None
    return too_large(request, now.store, but=(intent.changes,)) or _too_small(request, now)


def too_large(request: OrderRequest, store: Store, but: Collection[str] = ()) -> Refusal | None:
    """A close of more than is held of its virtual position and is not spoken for by others of its kind.

    `but` names orders that it takes the place of.
    """
    left = unclaimed(request, store, but)
    if not request.only_shrinks or (request.quantity or _ZERO) <= left:
        return None
    side = request.terms.position_side.value.lower()
    held = abs(_held(request.symbol, request.terms.position_side, store))
    claimed = f", {held - left:f} of it spoken for by orders that work" if left < held else ""
    text = (
        f"{request.symbol}: the virtual {side} holds {held:f}{claimed}: {left:f} can be closed,"
        f" not {request.quantity or _ZERO:f}, which would open the other way at the exchange"
    )
    return Refusal("virtual-position", text)


def enlarges_net(request: OrderRequest, store: Store) -> bool:
    """Whether closing a virtual position leaves the exchange with a larger net position than before."""
    net = store.net(request.symbol)
    quantity = request.quantity or _ZERO
    return abs(net + (quantity if request.side is Side.BUY else -quantity)) > abs(net)


def unclaimed(request: OrderRequest, store: Store, but: Collection[str] = ()) -> Decimal:
    """How much of a virtual position orders like this one may still close.

    Stops, orders that rest for a better price, and orders that trade at once are counted apart: one of a kind that
    trades takes the others' size away.
    """
    side, kind = request.terms.position_side, kind_of(request)
    working = (
        order.leaves
        for order in store.open_orders(request.symbol)
        if not order.is_foreign
        and order.side is request.side
        and order.position_side is side
        and order.client_order_id not in but
        and kind_of(order) == kind
    )
    return max(_ZERO, abs(_held(request.symbol, side, store)) - sum(working, _ZERO))


def _held(symbol: str, side: PositionSide, store: Store) -> Decimal:
    held = (one.quantity for one in store.virtual.values() if one.symbol == symbol and one.position_side is side)
    return next(held, _ZERO)


def kind_of(order: OrderRequest | Order) -> str:
    """What a close waits for: `stop`, `target` (a better price), or nothing, `at once`."""
    if order.type in STOPS:
        return "stop"
    is_at_once = order.type is OrderType.MARKET or order.time_in_force in (TimeInForce.IOC, TimeInForce.FOK)
    return "at once" if is_at_once else "target"


def _leaves_all(intent: Intent, store: Store) -> bool:
    """Whether an order closes the exchange's net position, in several pieces perhaps, and no other is about to."""
    request, net = intent.request, store.net(intent.request.symbol)
    is_against = request.side is (Side.SELL if net > 0 else Side.BUY)
    is_piece = intent.part > 0 and is_against and _ZERO < (request.quantity or _ZERO) <= abs(net)
    return (is_piece or closes_net(request, store)) and not any(
        order.side is request.side and order.position_side is PositionSide.BOTH and kind_of(order) == "at once"
        for order in store.open_orders(request.symbol)
    )


def _too_much_unassigned(intent: Intent, store: Store) -> Refusal | None:
    request = intent.request
    held, quantity = _held(request.symbol, PositionSide.BOTH, store), request.quantity or _ZERO
    is_against = request.side is (Side.SELL if held > 0 else Side.BUY)
    left = unclaimed(request, store, but=(intent.changes,)) if is_against else _ZERO
    if 0 < quantity <= left:
        return None
    text = (
        f"{request.symbol}: {held:+f} is unassigned, {left:f} of it is not being closed yet: an order without a virtual"
        " position can only close that"
    )
    return Refusal("virtual-position", text)


def _too_small(request: OrderRequest, now: Circumstances) -> Refusal | None:
    """The exchange knows no close but reduce-only, which alone may be worth less than its smallest order."""
    price = request.price or now.market.last_price()
    least = now.instrument.min_notional
    if request.reduce_only or not price or not least or request.quantity is None:
        return None
    value = now.instrument.notional(price, request.quantity)
    if value >= least:
        return None
    text = (
        f"{request.symbol}: this close is worth {value:,.2f} {now.instrument.quote}, below the smallest order of"
        f" {least.normalize():f}, and the net position does not cover it as reduce-only: close more at once, or flatten"
    )
    return Refusal("virtual-position", text)
