"""GTD where no exchange keeps it: the order works until cancelled, and is cancelled here when its time is up."""

import asyncio

from tui.domain.order import Order
from tui.domain.product import Product
from tui.engine.commands.answers import Result
from tui.engine.orders.canceller import Canceller
from tui.engine.orders.floor import Floor
from tui.engine.tasks import wait

_AGAIN_AFTER_S = 5.0
_LONGEST_S = 60.0


class Expiries:
    """Cancels orders whose time is up; known again after a restart from the orders themselves."""

    def __init__(self, floor: Floor, canceller: Canceller) -> None:
        self._floor = floor
        self._canceller = canceller
        self._changed = asyncio.Event()
        self._tried_ms: dict[str, int] = {}

    def order_changed(self, before: Order | None, after: Order) -> None:
        """A new order may end before all others."""
        if before is None and after.expires_here:
            self._changed.set()

    def product_live(self, product: Product) -> None:
        """What ran out while nobody looked ends now."""
        self._changed.set()

    async def run(self) -> None:
        """Cancel each order at its end, until cancelled."""
        while True:
            self._changed.clear()
            wait_s = _LONGEST_S
            for order in self._floor.store.open_orders():
                if order.expires_here and order.product in self._floor.clients:
                    wait_s = min(wait_s, self._left_s(order))
            await wait(self._changed, wait_s)

    def _left_s(self, order: Order) -> float:
        """Seconds until this order must be looked at again; cancels it where its time is up."""
        now_ms = self._floor.clock.now_ms() + self._floor.client(order).clock_offset_ms
        end_ms = max(order.terms.good_till_ms or 0, self._tried_ms.get(order.client_order_id, 0))
        if now_ms < end_ms:
            return (end_ms - now_ms) / 1_000
        self._tried_ms[order.client_order_id] = now_ms + int(_AGAIN_AFTER_S * 1_000)
        self._floor.tasks.spawn(f"end of {order.client_order_id}", self._end(order))
        return _AGAIN_AFTER_S

    async def _end(self, order: Order) -> None:
        what = self._floor.describe(order)
        self._floor.note("expired here", order.client_order_id)
        outcome = await self._canceller.cancel(order)
        current = self._floor.ledger.get(order.client_order_id)
        if current is None or current.status.is_closed:
            self._tried_ms.pop(order.client_order_id, None)
            self._floor.messages.warning(f"{what}: its time was up")
        elif outcome.result is Result.REFUSED:
            self._floor.messages.error(f"{what}: its time is up, yet {outcome.text}; trying again")
