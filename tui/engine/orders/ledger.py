"""All orders and fills of the session, in the store: the one place where a statement about an order is believed."""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import islice

from tui.domain.client_order_id import PREFIX
from tui.domain.order import Fill, Order, OrderReport, OrderStatus
from tui.domain.order_state import apply_report, order_from_report
from tui.domain.product import Product
from tui.engine.store import FILLS_KEPT, Store

#: Why an order whose outcome was not known is called rejected once the exchange has denied it often enough.
NEVER_REACHED = "never reached the exchange"

#: Why an order that was working is taken off the screen: queries no longer find it.
UNKNOWN_THERE = "the exchange no longer knows this order"

#: Orders of which nothing but the intent is known.
IN_FLIGHT = frozenset({OrderStatus.INTENT, OrderStatus.SUBMITTED, OrderStatus.UNKNOWN})

#: Closed orders beyond this many are forgotten, oldest first.
CLOSED_KEPT = 2_000

#: Orders placed elsewhere are forgotten beyond this many in all, and executions are told apart among this many.
MOST_ORDERS = 8_000
MOST_COUNTED = 50_000

#: Told of every order that changed: before (None when first heard of) and after.
OrderWatcher = Callable[[Order | None, Order], None]


class Ledger:
    """Writes `store.orders` and `store.fills`; identifies orders, counts each execution once."""

    def __init__(self, store: Store, watcher: OrderWatcher) -> None:
        self._store = store
        self._watcher = watcher
        self._keys: dict[tuple[Product, str, int], str] = {}
        self._counted: dict[tuple[Product, str, int], None] = {}

    def add(self, order: Order) -> None:
        """Take an order of ours that is about to be sent, or that the journal remembers."""
        if order.order_id is not None:
            self._keys[(order.product, order.symbol, order.order_id)] = order.client_order_id
        self._put(order.client_order_id, None, order)

    def get(self, client_order_id: str) -> Order | None:
        """What is known of an order."""
        return self._store.orders.get(client_order_id)

    def in_flight(self, client_order_id: str) -> bool:
        """Whether the outcome of sending the order is still open."""
        order = self.get(client_order_id)
        return order is not None and order.status in IN_FLIGHT

    def mark(self, client_order_id: str, status: OrderStatus, reason: str = "") -> None:
        """Set what we, not the exchange, say of an order in flight; once the exchange has spoken nothing is changed."""
        order = self.get(client_order_id)
        if order is not None and order.status in IN_FLIGHT and order.status is not status:
            self._put(client_order_id, order, replace(order, status=status, reason=reason))

    def forget(self, client_order_id: str, reason: str) -> None:
        """Close an order that was working and that the exchange no longer knows."""
        order = self.get(client_order_id)
        if order is not None and order.status.is_working:
            self._put(client_order_id, order, replace(order, status=OrderStatus.CANCELED, reason=reason))

    def want_cancel(self, client_order_id: str, wanted: bool) -> None:
        """Remember whether a cancel is under way."""
        order = self.get(client_order_id)
        if order is not None and not order.status.is_closed and order.cancel_requested is not wanted:
            self._put(client_order_id, order, replace(order, cancel_requested=wanted))

    def apply(self, report: OrderReport) -> Order:
        """Believe one statement of the exchange, from whichever source and however often it comes."""
        if report.fill is not None:
            self.add_fills([report.fill])
        key = self._key(report)
        before = self._store.orders.get(key)
        if before is None:
            first = order_from_report(report)
            after = replace(first, is_foreign=not report.client_order_id.startswith(PREFIX))
        else:
            after = apply_report(_revived(before, report), report)
        if report.order_id > 0:
            self._keys[(report.product, report.symbol, report.order_id)] = key
        if after is not before:
            self._put(key, before, after)
        return after

    def confirm(self, report: OrderReport) -> Order:
        """Believe the answer to a query about one order, also where it contradicts what was heard."""
        return self.apply(report)

    def add_fills(self, fills: Iterable[Fill]) -> int:
        """Take executions not counted yet, newest first in the store; returns how many were new."""
        fresh = []
        for fill in fills:
            key = (fill.product, fill.symbol, fill.trade_id)
            if key not in self._counted:
                self._counted[key] = None
                fresh.append(fill)
        if len(self._counted) > MOST_COUNTED:
            self._counted = dict(islice(self._counted.items(), MOST_COUNTED // 2, None))
        if not fresh:
            return 0
        held = self._store.fills
        if len(fresh) == 1 and (not held or fresh[0].time_ms >= held[0].time_ms):
            held.appendleft(fresh[0])
        else:
            newest = sorted([*held, *fresh], key=lambda fill: (fill.time_ms, fill.trade_id), reverse=True)
            self._store.fills = deque(newest[:FILLS_KEPT], maxlen=FILLS_KEPT)
        self._store.revision += 1
        return len(fresh)

    def _key(self, report: OrderReport) -> str:
        """Where the order is kept: by the exchange's own number first, then by client id.

        Client ids are unique only among open orders of one product: a second order with a known id gets a longer key.
        """
        known = self._keys.get((report.product, report.symbol, report.order_id))
        if known is not None:
            return known
        held = self._store.orders.get(report.client_order_id)
        if held is None:
            return report.client_order_id or f"{report.product}/{report.symbol}/{report.order_id}"
        is_same_market = held.product is report.product and held.symbol == report.symbol
        if is_same_market and (held.order_id is None or held.order_id == report.order_id or report.order_id <= 0):
            return report.client_order_id
        return f"{report.product}/{report.symbol}/{report.order_id}"

    def _put(self, key: str, before: Order | None, after: Order) -> None:
        orders = {**self._store.orders, key: after}
        if len(orders) > 2 * CLOSED_KEPT:
            self._forget_some(orders, key)
        self._store.orders = orders
        self._store.revision += 1
        self._watcher(before, after)

    def _forget_some(self, orders: dict[str, Order], kept: str) -> None:
        closed = [name for name, order in orders.items() if order.status.is_closed and name != kept]
        foreign = [name for name, order in orders.items() if order.is_foreign and name != kept]
        for name in closed[:CLOSED_KEPT] if closed else foreign[: len(orders) - MOST_ORDERS]:
            gone = orders.pop(name)
            if gone.order_id is not None:
                self._keys.pop((gone.product, gone.symbol, gone.order_id), None)


def _revived(order: Order, report: OrderReport) -> Order:
    """An order we gave up on, but which the exchange speaks of after all, is in flight again."""
    if order.status is OrderStatus.REJECTED and order.reason == NEVER_REACHED:
        return replace(order, status=OrderStatus.UNKNOWN, reason="")
    return order
