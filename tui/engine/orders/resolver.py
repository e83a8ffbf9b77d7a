"""Finding out what became of an order whose outcome is not known. It is asked for, never sent again."""

import asyncio
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tui.binance.errors import BinanceError
from tui.domain.client_order_id import PREFIX
from tui.domain.order import Order, OrderReport, OrderStatus
from tui.engine.orders.floor import Floor
from tui.engine.orders.ledger import NEVER_REACHED
from tui.engine.persistence import pause_s, persist
from tui.engine.tasks import wait

logger = logging.getLogger(__name__)

#: By so much the exchange may have taken an order before it was made by the clock here.
_CLOCKS_DIFFER_MS = 1_000


class Resolver:
    """Queries orders in flight by client id until the exchange, its stream or its denials settle them."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._watched: dict[str, asyncio.Event] = {}
        self._verified: set[str] = set()
        #: Orders whose request is under way, and when one ended without an answer.
        self._under_way: set[str] = set()
        self._left_ms: dict[str, int] = {}

    @contextmanager
    def sending(self, orders: Sequence[Order]) -> Iterator[None]:
        """While a request for orders is under way it may be tried again: no denial says that they will not land."""
        names = {order.client_order_id for order in orders}
        self._under_way |= names
        try:
            yield
        finally:
            self._under_way -= names

    def watch_lost(self, order: Order) -> None:
        """Settle an order whose request has just ended without an answer: what may still land is reckoned from now."""
        self._left_ms[order.client_order_id] = self._floor.clock.now_ms()
        self.watch(order)

    def watch(self, order: Order) -> None:
        """Settle this order in the background; watching twice is once, and hastens the next question.

        One that still waits here to be sent is left alone: the exchange would deny it rightly, and it would be sent all
        the same.
        """
        if order.status is OrderStatus.INTENT:
            return
        hurry = self._watched.get(order.client_order_id)
        if hurry is not None:
            hurry.set()
        elif order.product in self._floor.clients:
            self._watched[order.client_order_id] = asyncio.Event()
            self._floor.tasks.spawn(f"resolution of {order.client_order_id}", self._settle(order))

    def watch_quietly(self, order: Order) -> None:
        """Settle this order in the background, in its own time where that is under way."""
        if order.client_order_id not in self._watched:
            self.watch(order)

    def verify(self, order: Order) -> None:
        """Ask once what is true of an order that is not in flight, and believe it."""
        name = order.client_order_id
        if name not in self._verified and order.product in self._floor.clients:
            self._verified.add(name)
            self._floor.tasks.spawn(f"question about {name}", self._verify(order))

    async def _verify(self, order: Order) -> None:
        floor = self._floor
        try:
            # What is asked is asked after what was said, so that the answer cannot be older.
            report = await persist(lambda: floor.client(order).find_order(order), floor.clock)
            if report is not None:
                floor.settled(floor.ledger.confirm(report))
        except BinanceError as error:
            logger.warning("%s: not verified: %s", order.client_order_id, error)
        finally:
            self._verified.discard(order.client_order_id)

    async def _settle(self, order: Order) -> None:
        try:
            await self._ask_until_known(order)
        finally:
            self._watched.pop(order.client_order_id, None)
            self._left_ms.pop(order.client_order_id, None)
        settled = self._floor.ledger.get(order.client_order_id)
        if settled is not None:
            self._floor.settled(settled)

    async def _ask_until_known(self, order: Order) -> None:
        client, ledger, clock = self._floor.client(order), self._floor.ledger, self._floor.clock
        patience = self._floor.patience
        hurry = self._watched[order.client_order_id]
        denied, pause = 0, 0.0
        for delay in patience.delays():
            hurry.clear()
            await wait(hurry, max(delay, pause))
            if not ledger.in_flight(order.client_order_id):
                return
            pause = 0.0
            try:
                report = await client.find_order(order)
            except BinanceError as error:
                logger.info("%s: no answer yet: %s", order.client_order_id, error)
                pause = pause_s(error, 0, clock)
                continue
            if report is not None:
                ledger.confirm(report)
                return
            if order.client_order_id in self._under_way:
                continue
            denied += 1
            age_ms = clock.now_ms() - max(order.created_ms, self._left_ms.get(order.client_order_id, 0))
            if denied >= patience.denials and age_ms >= patience.window_ms:
                try:
                    renamed = await self._renamed(order)
                except BinanceError as error:
                    logger.info("%s: its symbol's orders cannot be read yet: %s", order.client_order_id, error)
                    pause = pause_s(error, 0, clock)
                    continue
                if not ledger.in_flight(order.client_order_id):
                    return
                if renamed is None:
                    ledger.mark(order.client_order_id, OrderStatus.REJECTED, NEVER_REACHED)
                else:
                    ledger.adopt(order.client_order_id, renamed)
                return

    async def _renamed(self, order: Order) -> OrderReport | None:
        """The exchange's record of an order that is denied because somebody has canceled it meanwhile.

        A canceled spot or margin order has the id of its cancel in place of its own (spot reference 6.4), so that it is
        told by what it asked for; of several such orders, by the one that has traded.
        """
        instrument = self._floor.store.instruments.get(order.symbol)
        if order.product.is_futures or instrument is None:
            return None
        since_ms = order.created_ms - _CLOCKS_DIFFER_MS
        told = await self._floor.client(order).past_orders(instrument, since_ms)
        alike = [report for report in told if is_cancel_of(order, report) and report.time_ms >= since_ms]
        strangers = [report for report in alike if not self._floor.ledger.is_numbered(report)]
        return max(strangers, key=lambda report: report.filled, default=None)


def is_cancel_of(order: Order, report: OrderReport) -> bool:
    """Whether a stranger's record is that of an order that was canceled, by all that it asked for."""
    asked = (order.side, order.type, order.quantity, order.terms.trigger_price)
    told = (report.side, report.type, report.quantity, report.terms.trigger_price)
    # A pegged order is given its price by the exchange.
    is_alike = asked == told and order.price in (None, report.price)
    return is_alike and report.status is OrderStatus.CANCELED and not report.client_order_id.startswith(PREFIX)
