"""Order lists: placing them, and what the fate of one order does to the others."""

from collections import deque
from collections.abc import Callable
from decimal import Decimal

from tui.exchange.accounts.spot import InsufficientBalanceError
from tui.exchange.admission import make_client_order_id
from tui.exchange.orders import ExchangeOrder, OrderState
from tui.exchange.rejection import Rejection
from tui.exchange.spot.filters import (
    EXCHANGE_MAX_NUM_ORDER_LISTS,
    MAX_NUM_ORDER_LISTS,
    check_notional,
    check_quantity,
    failure,
)
from tui.exchange.spot.list_memory import ListMemory
from tui.exchange.spot.list_rules import check_list, check_relation
from tui.exchange.spot.order import SpotEntry, SpotOrder, spot_order
from tui.exchange.spot.order_list import ListChanged, OrderList
from tui.exchange.spot.settlement import Hold, insufficient
from tui.exchange.spot.trading import SpotTrading


class Lists:
    """The order lists of one venue. Refusals are raised as Rejection in Binance's words."""

    def __init__(self, trading: SpotTrading) -> None:
        self.listeners: list[Callable[[ListChanged], None]] = []
        self._trading = trading
        self._floor = trading.floor
        self.memory = ListMemory(trading.floor)
        self._due: deque[OrderList] = deque()
        trading.next_task = self._activate_next
        trading.on_trigger = self._triggered
        trading.floor.dealer.after_event = self._after_event

    def place(self, account_id: str, kind: str, client_list_id: str | None, entries: list[SpotEntry]) -> OrderList:
        """Take a list through all checks; `entries` begin with the working order, a pair is above and below."""
        orders = self._admit(account_id, kind, client_list_id, entries)
        made = OrderList(
            self.memory.next_id(),
            account_id,
            orders[0].listing,
            kind,
            client_list_id or make_client_order_id(),
            self._floor.clock.now_ms(),
            orders,
        )
        for order in orders:
            order.list_id = made.list_id
        self.memory.add(made)
        self._trading.accept(orders)
        self._tell(made, "EXEC_STARTED")
        self._trading.enter(made.working or orders[0])
        if kind == "OCO" and orders[1].state.is_open:
            self._trading.enter(orders[1])
        self._trading.settle_down()
        return made

    def _admit(
        self, account_id: str, kind: str, client_list_id: str | None, entries: list[SpotEntry]
    ) -> list[SpotOrder]:
        check_list(kind, entries)
        if client_list_id is not None and self.memory.is_active(account_id, client_list_id):
            raise Rejection(-2010, "Duplicate order sent.")
        names = [entry.client_order_id for entry in entries if entry.client_order_id is not None]
        if len(set(names)) != len(names):
            raise Rejection(-2010, "Duplicate order sent.")
        by_proceeds = kind in ("OPO", "OPOCO")
        orders = [
            self._trading.admit(account_id, entry, len(entries), is_sized=not by_proceeds or not number)
            for number, entry in enumerate(entries)
        ]
        if self.memory.count_active(account_id, entries[0].symbol) >= MAX_NUM_ORDER_LISTS:
            raise failure("MAX_NUM_ORDER_LISTS")
        if self.memory.count_all_active(account_id) >= EXCHANGE_MAX_NUM_ORDER_LISTS:
            raise failure("EXCHANGE_MAX_NUM_ORDER_LISTS")
        if kind == "OCO":
            check_relation(orders, self._trading.book(orders[0]).last_ticks)
            self._judge_pair(orders)
            return sorted(orders, key=lambda order: order.type == "LIMIT_MAKER")
        self._trading.judge(orders[0])
        for order in orders[1:]:
            order.state = OrderState.PENDING_NEW
            order.lacks_quantity = order.lots == 0
        if by_proceeds:
            orders[0].proceeds = Hold(account_id, orders[0].listing.base)
        return orders

    def _judge_pair(self, orders: list[SpotOrder]) -> None:
        for order in orders:
            self._trading.judge(order, with_funds=False)
        hold = Hold(orders[0].account_id, "", orders=orders)
        ledger = self._floor.settlement
        if hold.need() > ledger.affordable(orders[0]):
            raise insufficient()

    def cancel(self, found: OrderList, new_client_order_id: str) -> None:
        """Cancel every open order of a list."""
        found.is_closing = True
        for order in found.orders:
            if order.state.is_open:
                self._trading.cancel(order, new_client_order_id)
        self._finish(found)

    def of(self, order: SpotOrder) -> OrderList | None:
        """The list an order belongs to, while that is active."""
        return self.memory.active.get(order.list_id)

    def tell_renamed(self, order: SpotOrder) -> None:
        """Tell that a member has another client id."""
        found = self.of(order)
        if found is not None:
            found.time_ms = self._floor.clock.now_ms()
            self._tell(found, "UPDATED")

    # Consequences

    def _after_event(self, changed: ExchangeOrder, execution_type: str) -> None:
        order = spot_order(changed)
        found = self.of(order)
        if found is None or found.is_closing:
            return
        if order is found.working:
            if order.state is OrderState.FILLED:
                self._due.append(found)
            elif not order.state.is_open:
                self._end(found, found.pending, "OTO_PHASE_ONE_EXPIRED")
            else:
                self.memory.note(found)
        elif execution_type == "TRADE" or not order.state.is_open:
            others = [other for other in found.pair if other is not order and other.state.is_open]
            if others:
                self._end(found, others, "OCO_TRIGGER")
            elif not order.state.is_open:
                self._finish(found)

    def _triggered(self, order: SpotOrder) -> None:
        found = self.of(order)
        others = [other for other in found.pair if other is not order and other.state.is_open] if found else []
        if found is not None and others:
            self._end(found, others, "OCO_TRIGGER")

    def _end(self, found: OrderList, orders: list[SpotOrder], reason: str) -> None:
        """Expire what is left of a list, which is done by that."""
        found.is_closing = True
        for order in orders:
            if order.state.is_open:
                self._trading.end(order, OrderState.EXPIRED, "EXPIRED", reason)
        self._finish(found)

    def _finish(self, found: OrderList) -> None:
        if found.working is not None:
            self._floor.settlement.hand_over(found.working)
        found.is_done = True
        found.time_ms = self._floor.clock.now_ms()
        self.memory.finish(found)
        self._tell(found, "ALL_DONE")

    def _activate_next(self) -> bool:
        if not self._due:
            return False
        found = self._due.popleft()
        if not found.is_done:
            self._activate(found)
        return True

    def _activate(self, found: OrderList) -> None:
        """The working order is filled: the pending ones take their turn, or expire where they cannot."""
        assert found.working is not None
        amount = self._floor.settlement.hand_over(found.working)
        self.memory.note(found)
        now = self._floor.clock.now_ms()
        try:
            if found.sizes_by_proceeds:
                self._size(found, amount)
            if len(found.pending) > 1:
                check_relation(found.pending, self._trading.book(found.working).last_ticks)
            self._trading.place_pending(found.pending)
        except (Rejection, InsufficientBalanceError):
            self._end(found, found.pending, "REJECTED")
            return
        for order in found.pending:
            order.state, order.updated_ms = OrderState.NEW, now
            order.working_ms = -1 if order.is_waiting else now
            self._floor.dealer.emit_order(order, "NEW")
        self._trading.tell_account(found.pending[0])
        for order in found.pending:
            if order.state.is_open:
                self._trading.enter(order)

    def _size(self, found: OrderList, amount: Decimal) -> None:
        step = found.listing.step
        lots = int(amount / step.size)
        quantity = step.value(lots)
        for order in found.pending:
            check_quantity(quantity, found.listing, is_market=order.type == "MARKET")
            price = found.listing.tick.value(order.lock_ticks or self._trading.book(order).last_ticks)
            check_notional(price * quantity, found.listing, is_market=order.type == "MARKET")
            order.lots, order.lacks_quantity = lots, False

    def _tell(self, found: OrderList, status_type: str) -> None:
        self.memory.note(found)
        change = ListChanged(found, status_type, found.time_ms)
        for listener in self.listeners:
            listener(change)
