"""Finding out what became of an order whose outcome is not known. It is asked for, never sent again."""

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from tui.binance.client import ProductClient
from tui.binance.errors import BinanceError
from tui.domain.order import Order, OrderStatus
from tui.domain.product import Product
from tui.engine.clock import Clock
from tui.engine.orders.ledger import NEVER_REACHED, Ledger
from tui.engine.persistence import pause_s
from tui.engine.tasks import Tasks

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to go on asking. A request on its way may land until the exchange's receive window is over.

    `delays_s` are the waits before each question, the last one repeating; an order is given up after `denials` answers
    "does not exist", and not before `window_ms` after it was written down.
    """

    delays_s: tuple[float, ...] = (1.0, 1.0, 2.0, 3.0, 4.0, 5.0, 10.0)
    denials: int = 3
    window_ms: int = 10_000

    def delays(self) -> Iterator[float]:
        """Waits without end."""
        yield from self.delays_s
        while True:
            yield self.delays_s[-1]


class Resolver:
    """Queries orders in flight by client id until the exchange, its stream or its denials settle them.

    `on_settled` is called with the order once it is no longer in flight.
    """

    def __init__(
        self,
        clients: Mapping[Product, ProductClient],
        ledger: Ledger,
        tasks: Tasks,
        clock: Clock,
        patience: Patience,
        on_settled: Callable[[Order], None],
    ) -> None:
        self._clients = clients
        self._ledger = ledger
        self._tasks = tasks
        self._clock = clock
        self._patience = patience
        self._on_settled = on_settled
        self._watched: dict[str, asyncio.Event] = {}

    def watch(self, order: Order) -> None:
        """Settle this order in the background; watching twice is once, and hastens the next question."""
        hurry = self._watched.get(order.client_order_id)
        if hurry is not None:
            hurry.set()
        elif order.product in self._clients:
            self._watched[order.client_order_id] = asyncio.Event()
            self._tasks.spawn(f"resolution of {order.client_order_id}", self._settle(order))

    async def _settle(self, order: Order) -> None:
        try:
            await self._ask_until_known(order)
        finally:
            self._watched.pop(order.client_order_id, None)
        settled = self._ledger.get(order.client_order_id)
        if settled is not None:
            self._on_settled(settled)

    async def _ask_until_known(self, order: Order) -> None:
        client = self._clients[order.product]
        hurry = self._watched[order.client_order_id]
        denied, wait = 0, 0.0
        for delay in self._patience.delays():
            await _sleep(max(delay, wait), hurry)
            if not self._ledger.in_flight(order.client_order_id):
                return
            wait = 0.0
            try:
                report = await client.find_order(order)
            except BinanceError as error:
                logger.info("%s: no answer yet: %s", order.client_order_id, error)
                wait = pause_s(error, 0, self._clock)
                continue
            if report is not None:
                self._ledger.apply(report)
                return
            denied += 1
            age_ms = self._clock.now_ms() - order.created_ms
            if denied >= self._patience.denials and age_ms >= self._patience.window_ms:
                self._ledger.mark(order.client_order_id, OrderStatus.REJECTED, NEVER_REACHED)
                return


async def _sleep(seconds: float, hurry: asyncio.Event) -> None:
    """Wait, but not once somebody is in a hurry."""
    hurry.clear()
    try:
        await asyncio.wait_for(hurry.wait(), seconds)
    except TimeoutError:
        return
