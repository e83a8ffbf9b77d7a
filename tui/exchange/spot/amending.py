"""Making an order smaller while it keeps its place (Binance spot API docs, FAQ "Order amend", 2026-07-21)."""

from decimal import Decimal

from tui.exchange.admission import make_client_order_id
from tui.exchange.orders import OrderState
from tui.exchange.rejection import Rejection
from tui.exchange.spot.admission import check_client_id
from tui.exchange.spot.filters import MAX_NUM_ORDER_AMENDS, check_notional, check_quantity
from tui.exchange.spot.lists import Lists
from tui.exchange.spot.order import Amendment, SpotOrder
from tui.exchange.spot.trading import SpotTrading


class Amending:
    """Amends orders of one venue."""

    def __init__(self, trading: SpotTrading, lists: Lists) -> None:
        self._trading = trading
        self._lists = lists

    def amend(self, order: SpotOrder, quantity: Decimal, new_client_order_id: str | None) -> Amendment:
        """Reduce an open order to a new whole quantity; both orders of an active pair shrink together.

        Raises Rejection -2010, -2038, -1013 or -1100.
        """
        check_client_id(new_client_order_id, "newClientOrderId")
        self._check(order, quantity, new_client_order_id)
        lots = order.listing.step.count_of(quantity)
        found = self._lists.of(order)
        twins = [other for other in found.pair if other.state.is_open] if found and order in found.pair else []
        for other in twins:
            if other is not order and lots < other.lots:
                self._shrink(other, lots, None)
        return self._shrink(order, lots, new_client_order_id)

    def _check(self, order: SpotOrder, quantity: Decimal, new_client_order_id: str | None) -> None:
        listing = order.listing
        if order.lacks_quantity:
            raise Rejection(-2038, "Order amend (pending OPO order) is not supported.")
        check_quantity(quantity, listing, is_market=order.type == "MARKET")
        if quantity == listing.step.value(order.lots):
            raise Rejection(-2038, "The requested action would change no state; rejecting.")
        if quantity > listing.step.value(order.lots):
            raise Rejection(-2038, "Order amend (quantity increase) is not supported.")
        if len(order.changes) >= MAX_NUM_ORDER_AMENDS:
            raise Rejection(-2038, "Filter failure: MAX_NUM_ORDER_AMENDS")
        if order.lock_ticks:
            check_notional(listing.tick.value(order.lock_ticks) * quantity, listing, is_market=False)
        if new_client_order_id in (None, order.client_order_id):
            return
        known = self._trading.floor.registry.find(order.account_id, listing.symbol, None, new_client_order_id)
        if known is not None and known.state.is_open:
            raise Rejection(-2010, "Duplicate order sent.")

    def _shrink(self, order: SpotOrder, lots: int, new_client_order_id: str | None) -> Amendment:
        floor, now = self._trading.floor, self._trading.floor.clock.now_ms()
        name = new_client_order_id or make_client_order_id()
        amendment = Amendment(next(floor.execution_ids), order.client_order_id, name, order.lots, lots, now)
        gone = order.lots - order.leaves
        cut = min(order.leaves, order.lots - lots)
        floor.settlement.release(order, cut)
        order.lots = max(lots, gone)
        order.updated_ms = now
        order.changes.append(amendment)
        floor.registry.rename(order, name)
        resting = self._trading.book(order).book.orders.get(order.order_id)
        if resting is not None:
            self._trading.book(order).book.cut(resting, cut)
        floor.dealer.emit_order(order, "REPLACED")
        self._trading.tell_account(order)
        self._lists.tell_renamed(order)
        if not order.leaves and order.state.is_open:
            self._trading.end(order, OrderState.EXPIRED, "EXPIRED")
        return amendment
