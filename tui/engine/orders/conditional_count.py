"""How near futures are to the most conditional orders that the exchange holds for an account."""

from tui.binance.order_parameters import CONDITIONAL_TYPES
from tui.domain.order import Order
from tui.domain.product import Product
from tui.engine.messages import Messages
from tui.engine.store import Store

#: Conditional orders of an account, over all symbols of a product (derivatives docs 2025-12-29, in place of the filter
#: MAX_NUM_ALGO_ORDERS), and how many of them are worth a warning.
MOST, WARN_AT = 200, 190


class ConditionalCount:
    """Warns once whenever the waiting orders of a product have come near the most there may be."""

    def __init__(self, messages: Messages) -> None:
        self._messages = messages
        self._waiting: dict[Product, set[str]] = {}
        self._warned: set[Product] = set()

    def order_changed(self, before: Order | None, after: Order) -> None:
        """An order began or ceased to wait for its trigger."""
        product = after.product
        if not product.is_futures or after.type not in CONDITIONAL_TYPES:
            return
        waiting = self._waiting.setdefault(product, set())
        if waits(after):
            waiting.add(f"{after.symbol} {after.client_order_id}")
        else:
            waiting.discard(f"{after.symbol} {after.client_order_id}")
        if len(waiting) < WARN_AT:
            self._warned.discard(product)
        elif product not in self._warned:
            self._warned.add(product)
            self._messages.warning(f"{nearness(product, len(waiting))}: cancel what is not needed any more")


def waits(order: Order) -> bool:
    """Whether the exchange holds an order that has not triggered, or is about to."""
    return order.type in CONDITIONAL_TYPES and not order.is_triggered and not order.status.is_closed


def conditional_note(product: Product, store: Store) -> tuple[str, ...]:
    """What is worth saying before another conditional order of a product is sent."""
    if not product.is_futures:
        return ()
    count = sum(waits(order) for order in store.open_orders() if order.product is product)
    return (nearness(product, count),) if count >= WARN_AT else ()


def nearness(product: Product, count: int) -> str:
    """`USD-M Futures hold 190 of at most 200 conditional orders`."""
    return f"{product.label} hold {count} of at most {MOST} conditional orders, those of all symbols counted"
