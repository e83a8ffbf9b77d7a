"""Reads the history of the order that is looked at, beside the loop, and again when the order changes."""

import asyncio
from dataclasses import replace

from tui.domain.order import Order
from tui.engine.commands.answers import Result
from tui.engine.commands.views import ShowOrderHistory
from tui.engine.order_history import OrderHistory, OrderKey, belongs, is_of, read_history, together
from tui.engine.orders.floor import Floor
from tui.engine.orders.outcome import Outcome

#: Between two readings for an order that goes on changing.
_AGAIN_AFTER_S = 0.2


class OrderHistories:
    """Keeps `store.order_history` true of the order that was asked for last; the journal is read beside the loop."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        session = floor.store.session
        self._scope = session.environment, session.account
        self._is_reading = False
        self._is_old = False
        floor.ledger.watchers.append(self._order_changed)

    def show(self, command: ShowOrderHistory) -> Outcome:
        """Read an order's history; it stays true from now on until another is asked for."""
        self._floor.store.order_history = OrderHistory(command.which)
        self._read_soon()
        return Outcome(Result.DONE, "")

    def _order_changed(self, before: Order | None, after: Order) -> None:
        shown = self._floor.store.order_history
        if shown is not None and is_of(shown, after):
            self._read_soon()

    def _read_soon(self) -> None:
        self._is_old = True
        if not self._is_reading:
            self._is_reading = True
            self._floor.tasks.spawn("order history", self._read())

    async def _read(self) -> None:
        try:
            while self._is_old:
                self._is_old = False
                shown = self._floor.store.order_history
                if shown is None:
                    return
                history = await self._history(shown.wanted)
                now = self._floor.store.order_history
                if now is not None and now.wanted == history.wanted:
                    self._floor.store.order_history = history
                if self._is_old:
                    await asyncio.sleep(_AGAIN_AFTER_S)
        finally:
            self._is_reading = False

    async def _history(self, wanted: OrderKey) -> OrderHistory:
        path, history = self._floor.journal.path, OrderHistory(wanted, is_read=True)
        if path is None:
            history = replace(history, problem="this session keeps no journal")
        else:
            history = await asyncio.to_thread(read_history, path, self._scope, wanted)
        known = [order for order in self._floor.store.orders.values() if is_of(history, order)]
        written = {order.client_order_id for order in history.orders}
        orders = (*history.orders, *(order for order in known if order.client_order_id not in written))
        fills = together(history.fills, [one for one in self._floor.store.fills.copy() if belongs(one, orders)])
        return replace(history, orders=orders, fills=fills)
