"""Asks about orders that have been waiting for an answer for too long."""

import asyncio

from tui.config import ReconciliationOptions
from tui.domain.order import Order, OrderStatus
from tui.engine.orders.floor import Floor
from tui.engine.orders.ledger import IN_FLIGHT
from tui.engine.orders.resolver import Resolver


class Watchdog:
    """Looks every `inflight_check_interval_ms` for what was asked and not answered.

    An order without an answer is looked up until it is known; a cancel or change without one is looked up so many
    times, then left to the comparison of open orders.
    """

    def __init__(self, floor: Floor, resolver: Resolver, options: ReconciliationOptions) -> None:
        self._floor = floor
        self._resolver = resolver
        self._options = options
        #: When a cancel or change was first seen without an answer, and how often it was asked about.
        self._waiting: dict[str, tuple[int, int]] = {}

    async def run(self) -> None:
        """Look until cancelled; returns at once where it is switched off."""
        every_ms = self._options.inflight_check_interval_ms
        while every_ms:
            await asyncio.sleep(every_ms / 1_000)
            self.look()

    def look(self) -> None:
        """Look once."""
        now_ms, limit_ms = self._floor.clock.now_ms(), self._options.inflight_check_threshold_ms
        waiting: dict[str, tuple[int, int]] = {}
        for order in self._floor.store.open_orders():
            if order.status is OrderStatus.INTENT:
                continue  # it waits behind others in this program: nothing was asked yet
            if order.status in IN_FLIGHT:
                if now_ms - order.created_ms > limit_ms:
                    self._ask(order)
            elif order.cancel_requested or order.change_requested:
                since_ms, asked = self._waiting.get(order.client_order_id, (now_ms, 0))
                if now_ms - since_ms > limit_ms * (asked + 1) and asked < self._options.inflight_check_retries:
                    self._resolver.verify(order)
                    asked += 1
                waiting[order.client_order_id] = (since_ms, asked)
        self._waiting = waiting

    def _ask(self, order: Order) -> None:
        self._floor.ledger.mark(order.client_order_id, OrderStatus.UNKNOWN, "no answer yet")
        current = self._floor.ledger.get(order.client_order_id)
        if current is not None:
            self._resolver.watch_quietly(current)
