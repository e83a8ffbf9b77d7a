"""A session in the test's own loop, over scripted clients."""

import asyncio
import time
from decimal import Decimal

from fake_client import PERP, SPOT, FakeClient

from tui.config import Settings
from tui.domain.order import OrderRequest
from tui.domain.order_terms import OrderType, Side
from tui.engine.clock import Clock
from tui.engine.commands import Origin
from tui.engine.commands.orders import SubmitOrder
from tui.engine.commands.views import FocusSymbol
from tui.engine.guards import Bench
from tui.engine.journal import Journal
from tui.engine.messages import Messages
from tui.engine.orders.floor import Patience
from tui.engine.session import Parts, TradingSession
from tui.engine.store import Link, Session, Store

D = Decimal
SOON = Patience(delays_s=(0.01,), denials=3, window_ms=50)


async def until(condition, timeout=30.0):
    """Wait until something becomes true; fails by name when it does not."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        await asyncio.sleep(0.005)


def limit(price="99.5", quantity="0.1", side=Side.BUY, symbol="BTCUSDT", **changes) -> OrderRequest:
    return OrderRequest(symbol, side, OrderType.LIMIT, D(quantity), D(price), **changes)


class Table:
    """A running session with what a test wants to look at."""

    def __init__(
        self, journal_path, settings: Settings, session: Session, *, patience=SOON, spot=None, perp=None
    ) -> None:
        self.store = Store(session)
        self.clock = Clock()
        self.messages = Messages(self.store, self.clock)
        self.bench = Bench(self.store, settings.limits, self.clock)
        self.journal = Journal(journal_path, session.environment, session.account, self.clock)
        self.spot, self.perp = spot or FakeClient(SPOT), perp or FakeClient(PERP)
        parts = Parts(self.store, settings, self.bench, self.journal, self.clock, self.messages)
        self.session = TradingSession([self.spot, self.perp], parts, patience)

    async def start(self, symbol="BTCUSDT") -> None:
        await self.session.start()
        await until(lambda: self.store.focus is not None)
        await self.focus(symbol)
        await until(lambda: all(link.user is Link.LIVE for link in self.store.links.values()))

    async def focus(self, symbol) -> None:
        await self.do(FocusSymbol(symbol))
        await until(lambda: self.store.market(symbol).book.is_live)
        product = self.store.instruments[symbol].product
        await until(lambda: self.store.links[product].market is Link.LIVE)

    async def do(self, command, origin=Origin.KEY):
        return await self.session.handle(command, origin)

    async def submit(self, request, reviewed=True):
        return await self.do(SubmitOrder(request, reviewed))

    def order(self, client_order_id):
        return self.store.orders[client_order_id]

    def said(self, words) -> bool:
        return any(words in message.text for message in self.store.messages)
