"""Taking orders back: one, those of a symbol, those of the account."""

import asyncio
from collections.abc import Iterable, Mapping

from tui.binance.client import ProductClient
from tui.binance.errors import BinanceError, OutcomeUnknownError, RateLimitedError
from tui.domain.order import Order
from tui.domain.product import Product
from tui.engine.clock import Clock
from tui.engine.commands import Result
from tui.engine.journal import Journal, JournalError
from tui.engine.messages import Messages
from tui.engine.orders.announcements import describe
from tui.engine.orders.ledger import IN_FLIGHT, UNKNOWN_THERE, Ledger
from tui.engine.orders.outcome import Outcome
from tui.engine.orders.resolver import Patience
from tui.engine.persistence import pause_s
from tui.engine.store import Store
from tui.engine.tasks import Tasks

#: Cancels on their way at the same time, so that "cancel all" does not trip the exchange's limit of open requests.
_AT_ONCE = 5


class Canceller:
    """Cancels orders and finds out what became of a cancel whose outcome is not known."""

    def __init__(
        self,
        clients: Mapping[Product, ProductClient],
        store: Store,
        ledger: Ledger,
        journal: Journal,
        tasks: Tasks,
        clock: Clock,
        messages: Messages,
        patience: Patience,
    ) -> None:
        self._clients = clients
        self._store = store
        self._ledger = ledger
        self._journal = journal
        self._tasks = tasks
        self._clock = clock
        self._messages = messages
        self._patience = patience
        self._slots = asyncio.Semaphore(_AT_ONCE)

    async def cancel(self, order: Order) -> Outcome:
        """Cancel one order. An order still in flight is taken back as soon as it is known to have arrived."""
        what = describe(order, self._store.instruments.get(order.symbol))
        self._note(order)
        self._ledger.want_cancel(order.client_order_id, True)
        try:
            async with self._slots:
                report = await self._clients[order.product].cancel(order)
        except OutcomeUnknownError as error:
            self._tasks.spawn(f"cancel of {order.client_order_id}", self._follow_up(order))
            return Outcome(Result.UNKNOWN, f"Cancel of {what} unconfirmed: {error.text}; asking the exchange")
        except BinanceError as error:
            return await self._refused(order, what, error)
        after = self._ledger.apply(report)
        if after.status.is_closed and after.filled >= after.quantity > 0:
            return Outcome(Result.REFUSED, f"{what} was already filled")
        return Outcome(Result.DONE, f"{what} canceled")

    async def cancel_all(self, orders: Iterable[Order]) -> Outcome:
        """Cancel all of these, side by side; the answer counts how they ended."""
        outcomes = await asyncio.gather(*(self.cancel(order) for order in orders))
        if not outcomes:
            return Outcome(Result.DONE, "No orders to cancel")
        done = sum(outcome.result is Result.DONE for outcome in outcomes)
        text = f"{done} of {len(outcomes)} orders canceled"
        others = [outcome for outcome in outcomes if outcome.result is not Result.DONE]
        if not others:
            return Outcome(Result.DONE, text)
        unknown = any(outcome.result is Result.UNKNOWN for outcome in others)
        return Outcome(Result.UNKNOWN if unknown else Result.REFUSED, f"{text}; {others[0].text}")

    async def _refused(self, order: Order, what: str, error: BinanceError) -> Outcome:
        """The exchange did not cancel: ask why, since the order may have been filled or canceled meanwhile."""
        current = self._ledger.get(order.client_order_id) or order
        if isinstance(error, RateLimitedError):
            self._ledger.want_cancel(order.client_order_id, False)
            return Outcome(Result.REFUSED, f"{what} not canceled: {error}")
        if current.status in IN_FLIGHT:
            return Outcome(Result.UNKNOWN, f"{what} is unconfirmed; it will be canceled when it is found")
        try:
            report = await self._clients[order.product].find_order(order)
        except BinanceError as reason:
            self._ledger.want_cancel(order.client_order_id, False)
            return Outcome(Result.REFUSED, f"{what} not canceled: {error}; and its state is not known: {reason}")
        if report is not None:
            current = self._ledger.apply(report)
        elif current.status.is_working:
            # Neither the cancel nor the query finds it: two denials of an order that was open.
            self._ledger.forget(order.client_order_id, UNKNOWN_THERE)
            return Outcome(Result.REFUSED, f"{what}: {UNKNOWN_THERE}")
        self._ledger.want_cancel(order.client_order_id, False)
        if current.status.is_closed:
            return Outcome(Result.REFUSED, f"{what} was already {current.status.value.lower()}")
        return Outcome(Result.REFUSED, f"{what} not canceled: {error}")

    async def _follow_up(self, order: Order) -> None:
        """Ask until the order is seen closed, or seen still working after the cancel can no longer land."""
        started_ms, wait = self._clock.now_ms(), 0.0
        for delay in self._patience.delays():
            await asyncio.sleep(max(delay, wait))
            current = self._ledger.get(order.client_order_id)
            if current is None or current.status.is_closed:
                return
            wait = 0.0
            try:
                report = await self._clients[order.product].find_order(order)
            except BinanceError as error:
                wait = pause_s(error, 0, self._clock)
                continue
            if report is not None and self._ledger.apply(report).status.is_closed:
                return
            if report is not None and self._clock.now_ms() - started_ms >= self._patience.window_ms:
                self._ledger.want_cancel(order.client_order_id, False)
                what = describe(order, self._store.instruments.get(order.symbol))
                self._messages.error(f"The cancel never reached the exchange: {what} is still working")
                return

    def _note(self, order: Order) -> None:
        """Write the cancel down; a broken journal must not keep an order from being taken back."""
        try:
            self._journal.write_event("cancel", order.client_order_id, "")
        except JournalError as error:
            self._messages.error(str(error))
