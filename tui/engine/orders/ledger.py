"""All orders and fills of the session, in the store: the one place where a statement about an order is believed."""

import logging
from collections import deque
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace

from tui.domain.client_order_id import PREFIX
from tui.domain.order import Fill, Order, OrderReport, OrderStatus
from tui.domain.order_state import apply_report, fill_alone, objection, order_from_report, reopened
from tui.domain.product import Product
from tui.engine.orders.executions import Executions
from tui.engine.store import Store

logger = logging.getLogger(__name__)

#: Why an order whose outcome was not known is called rejected once the exchange has denied it often enough.
NEVER_REACHED = "never reached the exchange"

#: Begins the reason of an order that was turned away for a moment alone: nothing of it was done.
TURNED_AWAY = "not taken this time: "

#: Why an order that was working is taken off the screen: queries no longer find it.
UNKNOWN_THERE = "the exchange no longer knows this order"

#: Orders of which nothing but the intent is known.
IN_FLIGHT = frozenset({OrderStatus.INTENT, OrderStatus.SUBMITTED, OrderStatus.UNKNOWN})

#: Closed orders beyond this many are forgotten, oldest first.
CLOSED_KEPT = 2_000

#: Orders placed elsewhere are forgotten beyond this many in all; executions of orders not known yet wait among so many.
MOST_ORDERS = 8_000
_MOST_WAITING = 1_000

#: Told of every order that changed: before (None when first heard of) and after.
OrderWatcher = Callable[[Order | None, Order], None]

#: Told of an order and of what was said that contradicts what is known of it.
DoubtWatcher = Callable[[Order, str], None]


class Ledger:
    """Writes `store.orders`; identifies orders, believes each statement once, and doubts those that contradict."""

    def __init__(
        self,
        store: Store,
        *,
        expired_is_canceled: bool = False,
        takes_overfills: bool = False,
        leaves_out_foreign: bool = False,
    ) -> None:
        self.watchers: list[OrderWatcher] = []
        self.on_doubt: DoubtWatcher | None = None
        #: Each says which lists, brackets and algos are at work; what has traded of them is never forgotten.
        self.groups_at_work: list[Callable[[], Collection[str]]] = []
        self.executions = Executions(store)
        self._store = store
        self._expired_is_canceled = expired_is_canceled
        self._takes_overfills = takes_overfills
        self._leaves_out_foreign = leaves_out_foreign
        self._keys: dict[tuple[Product, str, int], str] = {}
        self._algo_keys: dict[tuple[Product, int], str] = {}
        self._waiting: deque[Fill] = deque(maxlen=_MOST_WAITING)

    def add(self, order: Order) -> None:
        """Take an order of ours that is about to be sent, or that the journal remembers."""
        self._index(order.client_order_id, order)
        self._put(order.client_order_id, None, order)

    def remember(self, client_order_id: str, product: Product, symbol: str, order_id: int) -> None:
        """Know an order of ours by the exchange's number, should it ever be told of by another name."""
        self._keys.setdefault((product, symbol, order_id), client_order_id)

    def get(self, client_order_id: str) -> Order | None:
        """What is known of an order."""
        return self._store.orders.get(client_order_id)

    def order_of(self, fill: Fill) -> Order | None:
        """The order that an execution belongs to, None while that is not known."""
        key = self._keys.get((fill.product, fill.symbol, fill.order_id), fill.client_order_id)
        order = self._store.orders.get(key)
        return order if order is not None and (order.product, order.symbol) == (fill.product, fill.symbol) else None

    def of_group(self, group: str) -> list[Order]:
        """All orders of one list, bracket or algo, oldest first."""
        return [order for order in self._store.orders.values() if order.group == group]

    def in_flight(self, client_order_id: str) -> bool:
        """Whether the outcome of sending the order is still open."""
        order = self.get(client_order_id)
        return order is not None and order.status in IN_FLIGHT

    def mark(self, client_order_id: str, status: OrderStatus, reason: str = "", *, would_take: bool = False) -> None:
        """Set what we, not the exchange, say of an order in flight; once the exchange has spoken nothing is changed."""
        order = self.get(client_order_id)
        if order is not None and order.status in IN_FLIGHT and order.status is not status:
            self._put(client_order_id, order, replace(order, status=status, reason=reason, would_take=would_take))

    def sent(self, client_order_id: str, now_ms: int) -> None:
        """An order leaves now: what may still land is reckoned from here, not from when it was written down."""
        order = self.get(client_order_id)
        if order is not None and order.status is OrderStatus.INTENT:
            self._put(client_order_id, order, replace(order, status=OrderStatus.SUBMITTED, created_ms=now_ms))

    def forget(self, client_order_id: str, reason: str) -> None:
        """Close an order that was working and that the exchange no longer knows."""
        order = self.get(client_order_id)
        if order is not None and order.status.is_working:
            self._put(client_order_id, order, replace(order, status=OrderStatus.CANCELED, reason=reason))

    def cancel_began(self, client_order_id: str) -> None:
        """A cancel is under way."""
        order = self._unclosed(client_order_id)
        if order is not None and not order.cancel_requested:
            self._put(client_order_id, order, replace(order, cancel_requested=True))

    def cancel_ended(self, client_order_id: str) -> None:
        """No cancel is under way any more, whatever came of it."""
        order = self._unclosed(client_order_id)
        if order is not None and order.cancel_requested:
            self._put(client_order_id, order, replace(order, cancel_requested=False))

    def change_began(self, client_order_id: str) -> None:
        """A change is under way."""
        order = self._unclosed(client_order_id)
        if order is not None and not order.change_requested:
            self._put(client_order_id, order, replace(order, change_requested=True))

    def change_ended(self, client_order_id: str) -> None:
        """No change is under way any more, whatever came of it."""
        order = self._unclosed(client_order_id)
        if order is not None and order.change_requested:
            self._put(client_order_id, order, replace(order, change_requested=False))

    def _unclosed(self, client_order_id: str) -> Order | None:
        order = self.get(client_order_id)
        return None if order is None or order.status.is_closed else order

    def apply(self, report: OrderReport) -> Order:
        """Take one statement of the exchange, from whichever source and however often it comes.

        What contradicts the order is dropped and told to `on_doubt`, which asks; the answer comes in by `confirm`.
        """
        said = self._as_shown(report)
        before = self._store.orders.get(self._key(said))
        if before is not None and not _is_our_guess(before):
            wrong = objection(before, said)
            if wrong is not None and not (self._takes_overfills and not before.status.is_closed):
                logger.warning("%s: dropped a statement: %s", before.client_order_id, wrong)
                if self.on_doubt is not None:
                    self.on_doubt(before, wrong)
                return before
        return self._believe(said)

    def confirm(self, report: OrderReport) -> Order:
        """Believe the answer to a query about one order, also where it contradicts what was heard."""
        said = self._as_shown(report)
        key = self._key(said)
        before = self._store.orders.get(key)
        if before is not None:
            again = reopened(before, said)
            if again is not before:
                self._put(key, before, again)
        return self._believe(said)

    def is_numbered(self, report: OrderReport) -> bool:
        """Whether the exchange's number of the order told of is that of an order of ours."""
        return self._keys.get((report.product, report.symbol, report.order_id), "").startswith(PREFIX)

    def adopt(self, client_order_id: str, report: OrderReport) -> Order:
        """Believe of an order of ours what the exchange tells under another id: it is no stranger's."""
        number = (report.product, report.symbol, report.order_id)
        stranger = self._keys.get(number)
        self._keys[number] = client_order_id
        if stranger is not None and stranger != client_order_id:
            self._store.orders = {key: order for key, order in self._store.orders.items() if key != stranger}
        return self.confirm(replace(report, client_order_id=client_order_id))

    def add_fills(self, fills: Iterable[Fill]) -> int:
        """Take executions that a query lists, each counted once and to its order; returns how many were new."""
        fresh = self.executions.add(fills)
        for fill in fresh:
            key = self._keys.get((fill.product, fill.symbol, fill.order_id))
            order = self._store.orders.get(key) if key is not None else None
            if key is None or order is None or fill.trade_id < 0:
                continue
            after = apply_report(order, fill_alone(fill, order))
            if after is not order:
                self._put(key, order, after)
        return len(fresh)

    def _believe(self, report: OrderReport) -> Order:
        key = self._key(report)
        before = self._store.orders.get(key)
        if before is None:
            if report.is_lite:
                return self._wait(report)
            if key.startswith(PREFIX) and key != report.client_order_id:
                report = replace(report, client_order_id=key)
            after = replace(order_from_report(report), is_foreign=not report.client_order_id.startswith(PREFIX))
            if after.is_foreign and self._leaves_out_foreign and after.forced is None:
                return after
        else:
            after = apply_report(_revived(before), report)
        self._index(key, after)
        if after is not before:
            self._put(key, before, after)
        # The order first: nobody may see an execution of an order that is not there.
        if report.fill is not None:
            self.executions.add([report.fill])
        return self._take_waiting(key, after) if before is None and self._waiting else after

    def _wait(self, report: OrderReport) -> Order:
        """An execution told alone, of an order not known: nothing can be made of it before more is said."""
        if report.fill is not None and report.fill not in self._waiting:
            self._waiting.append(report.fill)
        return order_from_report(report)

    def _take_waiting(self, key: str, order: Order) -> Order:
        mine = [fill for fill in self._waiting if self._keys.get((fill.product, fill.symbol, fill.order_id)) == key]
        for fill in mine:
            self._waiting.remove(fill)
        self.add_fills(mine)
        return self._store.orders.get(key, order)

    def _as_shown(self, report: OrderReport) -> OrderReport:
        """The statement in the words the trader chose for what has expired."""
        if report.status is not OrderStatus.EXPIRED or not self._expired_is_canceled:
            return report
        return replace(report, status=OrderStatus.CANCELED, reason=report.reason or "expired")

    def _index(self, key: str, order: Order) -> None:
        if order.order_id is not None and order.order_id > 0:
            self._keys[(order.product, order.symbol, order.order_id)] = key
        if order.algo_id is not None:
            self._algo_keys[(order.product, order.algo_id)] = key

    def _key(self, report: OrderReport) -> str:
        """Where the order is kept: by the exchange's own numbers first, then by client id.

        Client ids are unique only among open orders of one product: a second order with a known id gets a longer key.
        """
        known = self._keys.get((report.product, report.symbol, report.order_id))
        if known is None and report.algo_id is not None:
            known = self._algo_keys.get((report.product, report.algo_id))
        if known is not None:
            return known
        number = report.order_id if report.order_id > 0 else report.algo_id or 0
        own_key = f"{report.product}/{report.symbol}/{number}"
        held = self._store.orders.get(report.client_order_id)
        if held is None:
            return report.client_order_id or own_key
        is_same_market = held.product is report.product and held.symbol == report.symbol
        if is_same_market and (held.order_id is None or held.order_id == report.order_id or report.order_id <= 0):
            return report.client_order_id
        return own_key

    def _put(self, key: str, before: Order | None, after: Order) -> None:
        orders = {**self._store.orders, key: after}
        if len(orders) > 2 * CLOSED_KEPT:
            self._forget_some(orders, key)
        self._store.orders = orders
        self._store.revision += 1
        for watcher in self.watchers:
            watcher(before, after)

    def _forget_some(self, orders: dict[str, Order], kept: str) -> None:
        busy = {group for at_work in self.groups_at_work for group in at_work()}
        closed = [
            name
            for name, order in orders.items()
            if order.status.is_closed and name != kept and order.group not in busy
        ]
        foreign = [name for name, order in orders.items() if order.is_foreign and name != kept]
        for name in closed[:CLOSED_KEPT] if closed else foreign[: len(orders) - MOST_ORDERS]:
            gone = orders.pop(name)
            if gone.order_id is not None:
                self._keys.pop((gone.product, gone.symbol, gone.order_id), None)
            if gone.algo_id is not None:
                self._algo_keys.pop((gone.product, gone.algo_id), None)


def may_come_again(order: Order) -> bool:
    """Whether an order ended before it was anything, so that another may be sent for it."""
    is_lost = order.reason == NEVER_REACHED or order.reason.startswith(TURNED_AWAY)
    return order.status is OrderStatus.REJECTED and is_lost


def _is_our_guess(order: Order) -> bool:
    """Whether not the exchange but we closed the order, because it was denied."""
    return order.status.is_closed and order.reason in (NEVER_REACHED, UNKNOWN_THERE)


def _revived(order: Order) -> Order:
    """An order we gave up on, but which the exchange speaks of after all, is in flight again."""
    return replace(order, status=OrderStatus.UNKNOWN, reason="") if _is_our_guess(order) else order
