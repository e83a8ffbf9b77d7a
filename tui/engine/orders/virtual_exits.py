"""Sees to it that no working order closes more of a virtual position than is held of it.

Elsewhere the exchange does that with reduce-only; of virtual positions it knows nothing.
"""

from decimal import Decimal

from tui.domain.order import Order, OrderChange
from tui.domain.order_terms import PositionSide, Side
from tui.domain.product import Product
from tui.engine.commands import Origin
from tui.engine.commands.answers import Result
from tui.engine.orders.desk import OrderDesk
from tui.engine.orders.floor import Floor
from tui.engine.virtual_guard import kind_of

_ZERO = Decimal(0)


class VirtualExits:
    """Cuts or cancels closing orders whenever a virtual position has shrunk; brackets see to their own exits."""

    def __init__(self, floor: Floor, orders: OrderDesk) -> None:
        self._floor, self._orders = floor, orders
        self._live: set[Product] = set()
        self._at_work: set[str] = set()
        floor.news.live.append(self._product_live)
        floor.news.down.append(self._live.discard)
        floor.news.positions.append(self.look)
        floor.ledger.watchers.append(self._order_changed)

    def look(self, product: Product) -> None:
        """What is held changed: cut what would close more."""
        if product not in self._live or not self._floor.store.is_virtual(product):
            return
        for order, size in self._too_large(product):
            if order.client_order_id not in self._at_work:
                self._at_work.add(order.client_order_id)
                self._floor.tasks.spawn(f"cut of {order.client_order_id}", self._cut(order, size))

    def _order_changed(self, before: Order | None, after: Order) -> None:
        """An order that closes has begun to work: others may be too many now."""
        if after.status.is_working and (before is None or not before.status.is_working) and _closes(after):
            self.look(after.product)

    def _product_live(self, product: Product) -> None:
        self._live.add(product)
        self.look(product)

    def _too_large(self, product: Product) -> list[tuple[Order, Decimal]]:
        """Orders that would close more than is left for them, with what is: those of brackets first, then the newest.

        What goes anyway counts for nothing, so that a stop is never cut for the one whose place it takes.
        """
        brackets = self._orders.brackets.brackets
        left: dict[tuple[str, PositionSide, str], Decimal] = {}
        found = []
        newest_first = reversed(self._floor.store.open_orders())
        staying = [order for order in newest_first if order.product is product and self._stays(order)]
        for order in sorted(staying, key=lambda one: one.group not in brackets):
            key = (order.symbol, order.position_side, kind_of(order))
            held = self._floor.holdings.of(product, order.symbol, order.position_side)
            if held is None:
                continue
            rest = left.get(key, abs(held.quantity))
            left[key] = max(_ZERO, rest - order.leaves)
            is_seen_to = order.group in brackets or (order.role.is_exit and not held.quantity)
            is_free = order.status.is_working and not order.change_requested
            if order.leaves > rest and is_free and not is_seen_to:
                found.append((order, rest))
        return found

    def _stays(self, order: Order) -> bool:
        """Whether an order that waits to close goes on doing so as far as anybody knows."""
        name = order.client_order_id
        is_going = order.cancel_requested or name in self._orders.protecting.going
        waits = _closes(order) and kind_of(order) != "at once"
        return waits and not is_going and not self._is_replaced(order)

    def _is_replaced(self, order: Order) -> bool:
        """Whether another order takes its place already."""
        return any(one.replaces == order.client_order_id for one in self._floor.store.open_orders(order.symbol))

    async def _cut(self, order: Order, size: Decimal) -> None:
        """Leave an order no more than is held; one that cannot be cut is cancelled."""
        try:
            what, side = self._floor.describe(order), order.position_side.value.lower()
            text = f"{what}: the virtual {side} has {size:f} left for it"
            if size:
                change = OrderChange(quantity=order.filled + size)
                changer = self._orders.changer
                outcome = await changer.change(order.client_order_id, change, reviewed=True, origin=Origin.ALGO)
                if outcome.result is not Result.REFUSED:
                    self._floor.messages.warning(f"{text}, it was cut to that")
                    return
            outcome = await self._orders.canceller.cancel(order)
            self._floor.messages.warning(f"{text}: {outcome.text}")
        finally:
            self._at_work.discard(order.client_order_id)


def _closes(order: Order) -> bool:
    """Whether an order of ours closes a virtual position."""
    closing = {PositionSide.LONG: Side.SELL, PositionSide.SHORT: Side.BUY}.get(order.position_side)
    return order.side is closing and not order.is_foreign
