"""Exits that protect nothing any more: their bracket is gone and so is their position."""

from collections.abc import Callable, Collection

from tui.domain.order import Order
from tui.domain.order_terms import Side
from tui.domain.product import Product
from tui.engine.orders.canceller import Canceller
from tui.engine.orders.floor import Floor


class Orphans:
    """Cancels exits of this program on futures that are left over; `at_work` names the brackets that look after theirs.

    Orders placed elsewhere, or by another run that this journal does not know, have no group and are left alone.
    """

    def __init__(self, floor: Floor, canceller: Canceller, at_work: Callable[[], Collection[str]]) -> None:
        self._floor = floor
        self._canceller = canceller
        self._at_work = at_work
        self._live: set[Product] = set()
        self._leaving: set[str] = set()

    def product_live(self, product: Product) -> None:
        """The account agrees with the exchange."""
        self._live.add(product)
        self.positions_changed(product)

    def product_down(self, product: Product) -> None:
        """Nothing is known for certain until the product is live again."""
        self._live.discard(product)

    def positions_changed(self, product: Product) -> None:
        """What is held changed, or is known again."""
        if product not in self._live or not product.is_futures:
            return
        for order in self._floor.store.open_orders():
            if order.product is product and order.client_order_id not in self._leaving and self._is_orphan(order):
                self._leaving.add(order.client_order_id)
                self._floor.messages.warning(
                    f"{self._floor.describe(order)} protects nothing any more and is cancelled"
                )
                self._floor.tasks.spawn(f"orphan {order.client_order_id}", self._take_back(order))

    def _is_orphan(self, order: Order) -> bool:
        is_exit = order.role.is_exit and order.group and not order.is_foreign and order.list_id is None
        if not is_exit or order.group in self._at_work():
            return False
        holding = self._floor.holdings.of(order.product, order.symbol, order.position_side)
        # An order is dated by this machine's clock, a holding by the exchange's.
        sent_ms = order.created_ms + self._floor.client(order).clock_offset_ms
        if holding is None or holding.as_of_ms <= sent_ms:
            return False
        # Also where the position was turned round: this order would shrink none any more.
        return holding.quantity <= 0 if order.side is Side.SELL else holding.quantity >= 0

    async def _take_back(self, order: Order) -> None:
        await self._canceller.cancel(order)
        self._leaving.discard(order.client_order_id)
