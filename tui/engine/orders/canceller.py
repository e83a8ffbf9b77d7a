"""Taking orders back: one, several, those of a symbol, those of the account."""

import asyncio
import logging
from collections.abc import Iterable, Iterator, Sequence

from tui.binance.client import OrderAnswer
from tui.binance.errors import BinanceError, OutcomeUnknownError, RateLimitedError, RefusedError
from tui.domain.order import Order, OrderReport, OrderStatus
from tui.domain.order_change import is_conditional
from tui.engine.commands.answers import Result
from tui.engine.orders.floor import Floor
from tui.engine.orders.ledger import IN_FLIGHT, UNKNOWN_THERE
from tui.engine.orders.outcome import Outcome, together
from tui.engine.persistence import pause_s

logger = logging.getLogger(__name__)

#: Cancels on their way at the same time, so that "cancel all" does not trip the exchange's limit of open requests.
_AT_ONCE = 5

#: Orders of one symbol that futures cancel in one request (derivatives docs, DELETE batchOrders).
_BATCH = 10


class Canceller:
    """Cancels orders and finds out what became of a cancel whose outcome is not known."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._slots = asyncio.Semaphore(_AT_ONCE)

    async def cancel(self, order: Order) -> Outcome:
        """Cancel one order. An order still in flight is taken back as soon as it is known to have arrived."""
        self._ask(order)
        current = self._floor.ledger.get(order.client_order_id)
        if current is not None and current.status is OrderStatus.INTENT:
            # It waits behind others in this program, and the sender looks before it sends.
            return Outcome(Result.DONE, f"{self._floor.describe(order)} is not sent any more")
        try:
            async with self._slots:
                report = await self._floor.client(order).cancel(order)
        except OutcomeUnknownError as error:
            return self._unknown(order, error)
        except BinanceError as error:
            return await self._refused(order, error)
        except Exception as error:  # the request may have left: a crash is never taken for "not sent"
            logger.error("canceling %s failed", order.client_order_id, exc_info=error)
            return self._unknown(order, OutcomeUnknownError(f"{type(error).__name__}: {error}"))
        return self._canceled(order, report)

    async def cancel_all(self, orders: Iterable[Order]) -> Outcome:
        """Cancel all of these, and no others; the answer says what became of each that was not canceled."""
        groups = list(self._groups(orders))
        if not groups:
            return Outcome(Result.DONE, "No orders to cancel")
        answers = await asyncio.gather(*(self._cancel_group(group) for group in groups))
        return together([outcome for answer in answers for outcome in answer], "canceled")

    def _groups(self, orders: Iterable[Order]) -> Iterator[list[Order]]:
        """Orders that one request can cancel together."""
        alike: dict[tuple[object, str], list[Order]] = {}
        for order in orders:
            waits = is_conditional(order) and not order.is_triggered
            if self._floor.client(order).batch_size == 1 or order.status in IN_FLIGHT or waits:
                yield [order]
            else:
                alike.setdefault((order.product, order.symbol), []).append(order)
        for group in alike.values():
            yield from (group[first : first + _BATCH] for first in range(0, len(group), _BATCH))

    async def _cancel_group(self, orders: Sequence[Order]) -> list[Outcome]:
        if len(orders) == 1:
            return [await self.cancel(orders[0])]
        for order in orders:
            self._ask(order)
        try:
            async with self._slots:
                answers = await self._floor.client(orders[0]).cancel_many(orders)
        except OutcomeUnknownError as error:
            return [self._unknown(order, error) for order in orders]
        except BinanceError as error:
            return [await self._refused(order, error) for order in orders]
        except Exception as error:  # the request may have left: a crash is never taken for "not sent"
            logger.error("canceling %d orders failed", len(orders), exc_info=error)
            lost = OutcomeUnknownError(f"{type(error).__name__}: {error}")
            return [self._unknown(order, lost) for order in orders]
        return [await self._answered(order, answer) for order, answer in zip(orders, answers, strict=True)]

    async def _answered(self, order: Order, answer: OrderAnswer) -> Outcome:
        """What the cancel of one order of several came to."""
        if isinstance(answer, OutcomeUnknownError):
            return self._unknown(order, answer)
        return await self._refused(order, answer) if isinstance(answer, RefusedError) else self._canceled(order, answer)

    def _ask(self, order: Order) -> None:
        self._floor.note("cancel", order.client_order_id)
        self._floor.ledger.cancel_began(order.client_order_id)

    def _canceled(self, order: Order, report: OrderReport) -> Outcome:
        after = self._floor.ledger.apply(report)
        what = self._floor.describe(order)
        if after.status.is_closed and after.filled >= after.quantity > 0:
            return Outcome(Result.REFUSED, f"{what} was already filled")
        return Outcome(Result.DONE, f"{what} canceled")

    def _unknown(self, order: Order, error: BinanceError) -> Outcome:
        self._floor.tasks.spawn(f"cancel of {order.client_order_id}", self._follow_up(order))
        what = self._floor.describe(order)
        return Outcome(Result.UNKNOWN, f"Cancel of {what} unconfirmed: {error.text}; asking the exchange")

    async def _refused(self, order: Order, error: BinanceError) -> Outcome:
        """The exchange did not cancel: ask why, since the order may have been filled or canceled meanwhile."""
        ledger, what = self._floor.ledger, self._floor.describe(order)
        current = ledger.get(order.client_order_id) or order
        if isinstance(error, RateLimitedError):
            ledger.cancel_ended(order.client_order_id)
            return Outcome(Result.REFUSED, f"{what} not canceled: {error}")
        if current.status in IN_FLIGHT:
            return Outcome(Result.UNKNOWN, f"{what} is unconfirmed; it will be canceled when it is found")
        try:
            report = await self._floor.client(order).find_order(order)
        except BinanceError as reason:
            ledger.cancel_ended(order.client_order_id)
            return Outcome(Result.REFUSED, f"{what} not canceled: {error}; and its state is not known: {reason}")
        if report is not None:
            current = ledger.confirm(report)
        elif current.status.is_working:
            # Neither the cancel nor the query finds it: two denials of an order that was open.
            ledger.forget(order.client_order_id, UNKNOWN_THERE)
            return Outcome(Result.REFUSED, f"{what}: {UNKNOWN_THERE}")
        ledger.cancel_ended(order.client_order_id)
        if current.status is OrderStatus.CANCELED and order.list_id is not None:
            # Canceling one leg takes the whole list along, also while the other's cancel is on its way.
            return Outcome(Result.DONE, f"{what} canceled with its list")
        if current.status.is_closed:
            return Outcome(Result.REFUSED, f"{what} was already {current.status.value.lower()}")
        return Outcome(Result.REFUSED, f"{what} not canceled: {error}")

    async def _follow_up(self, order: Order) -> None:
        """Ask until the order is seen closed, or seen still working after the cancel can no longer land."""
        floor = self._floor
        started_ms, wait = floor.clock.now_ms(), 0.0
        for delay in floor.patience.delays():
            await asyncio.sleep(max(delay, wait))
            current = floor.ledger.get(order.client_order_id)
            if current is None or current.status.is_closed:
                return
            wait = 0.0
            try:
                report = await floor.client(order).find_order(order)
            except BinanceError as error:
                wait = pause_s(error, 0, floor.clock)
                continue
            if report is not None and floor.ledger.confirm(report).status.is_closed:
                return
            if report is not None and floor.clock.now_ms() - started_ms >= floor.patience.window_ms:
                floor.ledger.cancel_ended(order.client_order_id)
                what = floor.describe(order)
                floor.messages.error(f"The cancel never reached the exchange: {what} is still working; cancel it again")
                return
