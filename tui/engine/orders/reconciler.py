"""Making the store agree with the exchange: at start, after each silence, and now and then.

Idempotent: run twice, the second run changes nothing.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal

from tui.binance.client import ProductClient
from tui.domain.order import Order
from tui.engine.account_feed import AccountFeed
from tui.engine.orders.floor import Floor
from tui.engine.orders.ledger import IN_FLIGHT, UNKNOWN_THERE
from tui.engine.orders.resolver import Resolver

_DAY_MS = 86_400_000
_OVERLAP_MS = 60_000
_FILLS_ASKED = 500

#: Times the exchange must deny an order that was working before it is taken off the screen.
_DENIALS = 3
_BETWEEN_DENIALS_S = 0.3

#: Symbols whose executions are asked for in one go.
_SYMBOLS_ASKED = 20


class Reconciler:
    """Asks one product for everything the store shows of the account. Raises BinanceError; the caller tries again."""

    def __init__(self, client: ProductClient, floor: Floor, account: AccountFeed, resolver: Resolver) -> None:
        self._client = client
        self._store, self._ledger, self._clock = floor.store, floor.ledger, floor.clock
        self._account = account
        self._resolver = resolver
        self._asked: set[str] = set()
        self._searched: Counter[int] = Counter()
        self._one_account_at_a_time = asyncio.Lock()

    async def everything(self) -> None:
        """Orders, executions, balances and positions; the account comes last, so that it is the newest."""
        await self.orders()
        await self.fills(self._active_symbols())
        await self.account()

    async def account(self) -> None:
        """Balances and positions."""
        async with self._one_account_at_a_time:
            self._account.hold()
            asked_ms = self._clock.now_ms() + self._client.clock_offset_ms
            try:
                self._account.replace(await self._client.account(), asked_ms)
            finally:
                self._account.release()

    async def orders(self) -> None:
        """Open orders; those we thought open and the exchange does not list are asked for one by one."""
        expected = [order for order in self._own_orders() if not order.status.is_closed]
        reports = await self._client.open_orders()
        listed = {self._ledger.apply(report).client_order_id for report in reports}
        for order in expected:
            if order.status in IN_FLIGHT:
                self._resolver.watch(order)
            elif order.client_order_id not in listed:
                await self._ask_for(order)

    async def fills(self, symbols: Iterable[str]) -> None:
        """Executions of these symbols since the last one known."""
        for symbol in symbols:
            await self._fills_of(symbol)

    async def fills_once(self, symbol: str) -> None:
        """Executions of a symbol that has just come into view, unless they were asked for before."""
        if symbol not in self._asked:
            await self._fills_of(symbol)

    def symbols_missing_fills(self) -> list[str]:
        """Symbols with an order that traded more than the executions we know of; each order is named a few times."""
        counted: dict[int, Decimal] = {}
        for fill in self._store.fills:
            if fill.product is self._client.product:
                counted[fill.order_id] = counted.get(fill.order_id, Decimal(0)) + fill.quantity
        symbols = set()
        for order in self._own_orders():
            number = order.order_id
            if number is None or order.filled <= counted.get(number, Decimal(0)) or self._searched[number] >= _DENIALS:
                continue
            self._searched[number] += 1
            symbols.add(order.symbol)
        return sorted(symbols)

    async def _ask_for(self, order: Order) -> None:
        for _ in range(_DENIALS):
            current = self._ledger.get(order.client_order_id)
            if current is None or not current.status.is_working:
                return
            report = await self._client.find_order(order)
            if report is not None:
                self._ledger.apply(report)
                return
            await asyncio.sleep(_BETWEEN_DENIALS_S)
        self._ledger.forget(order.client_order_id, UNKNOWN_THERE)

    async def _fills_of(self, symbol: str) -> None:
        instrument = self._store.instruments.get(symbol)
        if instrument is None:
            return
        since_ms = self._since_ms(symbol)
        while True:
            fills = await self._client.fills(instrument, since_ms, _FILLS_ASKED)
            self._ledger.add_fills(fills)
            newest = max((fill.time_ms for fill in fills), default=since_ms)
            if len(fills) < _FILLS_ASKED or newest <= since_ms:
                break
            since_ms = newest
        self._asked.add(symbol)

    def _since_ms(self, symbol: str) -> int:
        known = [fill.time_ms for fill in self._store.fills if fill.symbol == symbol]
        if known and symbol in self._asked:
            return max(known) - _OVERLAP_MS
        return self._clock.now_ms() + self._client.clock_offset_ms - _DAY_MS

    def _own_orders(self) -> list[Order]:
        return [order for order in self._store.orders.values() if order.product is self._client.product]

    def _active_symbols(self) -> list[str]:
        """Symbols that may have traded unseen: in focus, with a position, with an order of this session."""
        symbols = {position.symbol: None for position in self._store.positions.values()}
        symbols |= {order.symbol: None for order in reversed(self._own_orders())}
        focus = self._store.focus
        wanted = [focus] if focus is not None else []
        wanted += [symbol for symbol in symbols if symbol != focus]
        instruments = self._store.instruments
        mine = [s for s in wanted if s in instruments and instruments[s].product is self._client.product]
        return mine[:_SYMBOLS_ASKED]
