"""A trader's day at random, over a real session: what is done, what is restarted, and when all is quiet."""

import asyncio
from collections import Counter
from decimal import Decimal
from random import Random

from engine_table import Table
from exchange_model import ExchangeModel

from tui.config import Limits, ReconciliationOptions, Settings
from tui.domain.order import Order, OrderChange, OrderStatus
from tui.domain.order_terms import OrderType, Side
from tui.engine.commands.orders import CancelOrder, ChangeOrder
from tui.engine.commands.safety import Halt
from tui.engine.orders.floor import Patience
from tui.engine.store import Link, Session

D = Decimal
PATIENCE = Patience(delays_s=(0.01, 0.02), denials=3, window_ms=120)
UNRESOLVED = (OrderStatus.INTENT, OrderStatus.SUBMITTED, OrderStatus.UNKNOWN)
QUICK = ReconciliationOptions(
    inflight_check_interval_ms=20, inflight_check_threshold_ms=60, single_order_query_delay_ms=5
)
ROOMY = Limits(
    duplicate_window_ms=0,
    max_order_notional=D(0),
    max_position_notional=D(0),
    price_distance_percent=D(0),
    slippage_percent=D(0),
)


class TradingDay:
    """What every account has in common; `acts` of the subclass are what may happen, some more often than others."""

    symbol: str
    client: str
    acts: tuple[str, ...]
    #: For how long nothing may change before all is quiet.
    quiet_s = 0.6

    def __init__(self, random: Random, journal_path, exchange: ExchangeModel) -> None:
        self.random = random
        self.exchange = exchange
        #: What each side was asked to open, in base units.
        self.asked: Counter[Side] = Counter()
        self._path = journal_path
        self._tasks: list[asyncio.Task] = []

    async def trade(self) -> list[str]:
        """What of the laws the day broke."""
        await self._begin()
        try:
            self.act("bracket")
            await asyncio.sleep(0.02)
            for _ in range(self.random.randint(10, 30)):
                self.act("restart" if self.random.random() < 0.04 else self.random.choice(self.acts))
                if self._restarts:
                    await self._restart()
                await asyncio.sleep(self.random.choice([0, 0, 0.005, 0.02, 0.05]))
            await asyncio.gather(*self._tasks, return_exceptions=True)
            self.exchange.is_calm = True
            for _ in range(2):
                self.exchange.mend()
                await self._quiet()
            return [*self.exchange.faults, *self.broken()]
        finally:
            await self._end()

    def broken(self) -> list[str]:
        """What of the account's laws does not hold."""
        raise NotImplementedError

    def act(self, name: str) -> None:
        """One thing the trader or the market does, whose method has its name."""
        self._restarts = name == "restart"
        self.exchange.note(name.upper())
        if not self._restarts:
            getattr(self, name)()

    def do(self, command) -> None:
        self._tasks.append(asyncio.create_task(self.table.do(command)))

    def one_of(self, orders) -> list[Order]:
        """One at random, where there is one."""
        orders = list(orders)
        return [self.random.choice(orders)] if orders else []

    @property
    def shown(self) -> list[Order]:
        return self.table.store.open_orders(self.symbol)

    # What may happen on every account.

    def fill(self) -> None:
        limits = [one for one in self.exchange.live if one.type is OrderType.LIMIT and not one.awaits_entry]
        for order in self.one_of(limits):
            self.exchange.trade(order, self.random.choice([D("0.3"), D("0.5"), order.quantity]))

    def cancel(self) -> None:
        for order in self.one_of(self.shown):
            self.do(CancelOrder(order.client_order_id))

    def cancel_elsewhere(self) -> None:
        if self.random.random() < 0.3:
            for order in self.one_of(self.exchange.live):
                self.exchange.end(order)

    def move(self) -> None:
        for order in self.one_of(one for one in self.shown if one.status.is_working and one.price):
            away = D("-0.1") if order.side is Side.BUY else D("0.1")
            self.do(ChangeOrder(order.client_order_id, OrderChange(price=order.price + away), reviewed=True))

    def cut(self) -> None:
        async def back() -> None:
            await asyncio.sleep(self.random.random() * 0.05)
            self.exchange.mend()

        self.exchange.cut()
        self._tasks.append(asyncio.create_task(back()))

    def halt(self) -> None:
        async def halt() -> None:
            await self.table.do(Halt())
            self.exchange.is_halted = True

        if self.random.random() < 0.2:
            self._tasks.append(asyncio.create_task(halt()))

    # How the session is run.

    async def _begin(self) -> None:
        session = Session("demo", "main", False, False)
        settings = Settings(limits=ROOMY, reconciliation=QUICK)
        self.table = Table(self._path, settings, session, patience=PATIENCE, **{self.client: self.exchange})
        say = self.table.messages.say

        def noted(severity, text) -> None:
            self.exchange.note("    SAYS", text)
            say(severity, text)

        self.table.messages.say = noted
        await self.table.start(self.symbol)

    async def _end(self) -> None:
        await self.table.session.close()
        self.table.journal.close()

    async def _restart(self) -> None:
        """The program ends in the middle of it, and the market goes on without it."""
        for task in self._tasks:
            task.cancel()
        self._tasks.clear()
        self.exchange.hang_up()
        await self._end()
        self.exchange.is_halted = False
        for _ in range(2):
            self.fill()
        self.exchange.answer()
        await self._begin()

    async def _quiet(self) -> None:
        """Until nothing has changed for a while, or ever so long."""
        store, unchanged_s, revision = self.table.store, 0.0, -1
        for _ in range(600):
            link = store.links[self.exchange.product].user
            unresolved = any(order.status in UNRESOLVED for order in store.orders.values())
            is_same = store.revision == revision and link is Link.LIVE and not unresolved
            unchanged_s, revision = unchanged_s + 0.02 if is_same else 0.0, store.revision
            if unchanged_s > self.quiet_s:
                return
            await asyncio.sleep(0.02)
