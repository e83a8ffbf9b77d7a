"""How much may stand before an order in the queue: an upper bound from the public book, never a promise.

What is at the level when the order is first seen there is before it; the level can then only shrink below that by
trades and cancels, of which some were behind the order, so the bound is the smallest size of the others seen since.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from tui.domain.order import Order


@dataclass(slots=True)
class _Seen:
    price: Decimal
    quantity: Decimal
    ahead: Decimal


class QueueWatch:
    """Remembers the bound of each working order for as long as it stands at one price and does not grow."""

    def __init__(self) -> None:
        self._seen: dict[str, _Seen] = {}

    def update(self, orders: list[Order], levels: Mapping[str, Decimal | None]) -> dict[str, Decimal]:
        """Bounds by client order id; `levels` are sizes at the orders' prices, None where the book does not show it."""
        kept: dict[str, _Seen] = {}
        for order in orders:
            level = levels.get(order.client_order_id)
            before = self._seen.get(order.client_order_id)
            if order.price is None or level is None:
                continue
            others = max(Decimal(0), level - order.leaves)
            if before is None or before.price != order.price or order.quantity > before.quantity:
                kept[order.client_order_id] = _Seen(order.price, order.quantity, others)
            else:
                before.ahead, before.quantity = min(before.ahead, others), order.quantity
                kept[order.client_order_id] = before
        self._seen = kept
        return {name: seen.ahead for name, seen in kept.items()}
