"""Making the store agree with the exchange: at start, after each silence, and now and then.

Idempotent: run twice, the second run changes nothing.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from tui.binance.client import ProductClient
from tui.domain.order import Order, OrderReport
from tui.domain.order_terms import PositionSide
from tui.engine.account_feed import AccountFeed
from tui.engine.orders.floor import Floor
from tui.engine.orders.forced_orders import ForcedOrders, lively_symbols
from tui.engine.orders.inference import inferred_fill
from tui.engine.orders.ledger import IN_FLIGHT, UNKNOWN_THERE
from tui.engine.orders.position_check import PositionCheck
from tui.engine.orders.resolver import Resolver
from tui.engine.work import Job

logger = logging.getLogger(__name__)

_DAY_MS = 86_400_000
_OVERLAP_MS = 60_000
#: One question about past orders and executions reaches seven days (derivatives docs, November 2026).
_WIDEST_MS = 7 * _DAY_MS - _OVERLAP_MS
#: Between two comparisons of the open orders of all symbols, while the account stream is whole.
_EVERYWHERE_EVERY_MS = 5 * 60_000
#: And after a connection, when they were asked for where the exchange says that there are any.
_EVERYWHERE_AFTER_MS = 60_000
_FILLS_ASKED = 500
_ORDERS_ASKED = 500

#: Times an order's missing executions are asked for before they are inferred.
_ASKED_FOR_FILLS = 3

#: Symbols whose orders and executions are asked for in one go.
_SYMBOLS_ASKED = 20


class Reconciler:
    """Asks one product for everything the store shows of the account. Raises BinanceError; the caller tries again."""

    def __init__(self, client: ProductClient, floor: Floor, account: AccountFeed, resolver: Resolver) -> None:
        self._client = client
        self._store, self._ledger, self._clock = floor.store, floor.ledger, floor.clock
        self._floor = floor
        self._options = floor.options.reconciliation
        self._account = account
        self._resolver = resolver
        self._forced = ForcedOrders(client, floor)
        self._positions = PositionCheck(client.product, floor, self._options)
        self._asked: set[str] = set()
        self._searched: Counter[str] = Counter()
        self._agreed_ms: int | None = None
        self._asked_everywhere_ms = 0
        #: Whether the trader gave up reading the past since the account was connected.
        self._is_past_given_up = False
        self._one_account_at_a_time = asyncio.Lock()

    @property
    def unread(self) -> dict[str, int]:
        """This product's symbols whose past the trader gave up reading, and since when it is unread."""
        mine = {one.symbol for one in self._store.instruments.values() if one.product is self._client.product}
        return {symbol: since for symbol, since in self._store.unread.items() if symbol in mine}

    def connected_again(self) -> None:
        """A new connection: the past is read although it was given up in the last one."""
        self._is_past_given_up = False

    async def everything(self) -> None:
        """Orders, executions, balances and positions; the account comes last, so that it is the newest.

        The trader may give up the past alone: what is open and held is read in any case.
        """
        begun_ms = self._now_ms()
        if self._options.reconciliation:
            await self.orders(sparingly=True)
            self._asked_everywhere_ms = begun_ms - _EVERYWHERE_EVERY_MS + _EVERYWHERE_AFTER_MS
            await self._past()
            gap_ms = None if self._agreed_ms is None else begun_ms - self._agreed_ms
            await self._forced.read(self._since_agreed_ms(), gap_ms)
            self._infer()
        await self.account()
        self._agreed_ms = begun_ms

    async def account(self) -> None:
        """Balances and positions; what executions do not explain is asked for, in the end made up for."""
        async with self._one_account_at_a_time:
            self._account.hold()
            asked_ms = self._now_ms()
            try:
                state = await self._client.account()
                self._account.replace(state, asked_ms)
            finally:
                self._account.release()
        if self._options.reconciliation and self._client.product.is_futures:
            self._positions.look({held.key: held for held in state.positions if held.quantity}, asked_ms)
            # One that is missing may be older than the last one known.
            since_ms = asked_ms - self._options.position_check_lookback_mins * 60_000
            for symbol in sorted(self._positions.differing):
                await self._fills_of(symbol, since_ms)

    async def orders(self, untouched_for_ms: int = 0, *, everywhere: bool = True, sparingly: bool = False) -> None:
        """Open orders; those we thought open and the exchange does not list are asked for one by one.

        What was changed less than `untouched_for_ms` ago may not be in the list for that reason alone. Where not
        `everywhere`, only symbols are asked about that may have orders as far as we know; `sparingly`, as far as the
        exchange says.
        """
        expected = [order for order in self._own_orders() if not order.status.is_closed]
        until_ms = self._now_ms() - untouched_for_ms
        reports = await (
            self._client.open_orders(sparingly=sparingly) if everywhere else self._orders_where_expected(expected)
        )
        listed = {self._ledger.apply(report).client_order_id for report in reports}
        missing = []
        for order in expected:
            if order.status in IN_FLIGHT:
                self._resolver.watch_quietly(order)
            elif order.client_order_id not in listed and (not untouched_for_ms or order.terms_as_of[0] <= until_ms):
                missing.append(order)
        for order in missing[: self._options.max_single_order_queries_per_cycle]:
            await self._ask_for(order)

    async def _orders_where_expected(self, expected: Iterable[Order]) -> list[OrderReport]:
        """What is open in symbols with an open order or a position, and in the one in focus."""
        symbols = [order.symbol for order in expected]
        symbols += [one.symbol for one in self._store.positions.values() if one.product is self._client.product]
        symbols += [self._store.focus or ""]
        known = (self._store.instruments.get(symbol) for symbol in dict.fromkeys(symbols))
        mine = [one for one in known if one is not None and one.product is self._client.product]
        return await self._client.open_orders_of(mine) if mine else []

    async def compare_orders(self) -> None:
        """Open orders as they are now and then compared, with those that closed lately where that is wanted.

        To ask about all symbols weighs forty times as much as about one (futures), so that is done more rarely: it
        finds nothing but orders placed elsewhere of which the account stream has not told.
        """
        now_ms = self._now_ms()
        everywhere = now_ms - self._asked_everywhere_ms >= _EVERYWHERE_EVERY_MS
        await self.orders(self._options.open_check_threshold_ms, everywhere=everywhere)
        if everywhere:
            self._asked_everywhere_ms = now_ms
        if not self._options.open_check_open_only:
            since_ms = self._now_ms() - self._options.open_check_lookback_mins * 60_000
            await self._past_orders(self._active_symbols(since_ms), since_ms)
        await self.fills(self.symbols_missing_fills())
        self._infer()
        self._agreed_ms = self._now_ms()

    async def fills(self, symbols: Iterable[str]) -> None:
        """Executions of these symbols since the last one known."""
        for symbol in symbols:
            await self._fills_of(symbol)

    async def fills_once(self, symbol: str) -> None:
        """Executions of a symbol that has just come into view, unless they were asked for before.

        Where its past was given up, all of that.
        """
        since_ms = self._store.unread.get(symbol)
        if since_ms is not None:
            await self._read_past([symbol], since_ms)
        elif symbol not in self._asked:
            await self._floor.tasks.work.run(f"fills of {symbol}", lambda job: self._fills_of(symbol))

    def symbols_missing_fills(self) -> list[str]:
        """Symbols with an order that traded more than the executions we know of; each order is named a few times."""
        symbols = set()
        for order in self._own_orders():
            if order.filled <= order.counted_quantity or self._searched[order.client_order_id] >= _ASKED_FOR_FILLS:
                continue
            self._searched[order.client_order_id] += 1
            symbols.add(order.symbol)
        return sorted(symbols)

    def _infer(self) -> None:
        """Make up executions that no list has, once they were asked for often enough."""
        if not self._options.generate_missing_orders:
            return
        for order in self._own_orders():
            if self._searched[order.client_order_id] < _ASKED_FOR_FILLS:
                continue
            known = self._ledger.executions.of([order])
            fill = inferred_fill(order, order.terms_as_of[0] or order.updated_ms, known)
            if fill is not None and self._store.is_virtual(fill.product):
                fill = replace(fill, position_side=PositionSide.BOTH)  # executions are of the one net position
            if fill is not None and self._ledger.add_fills([fill]):
                what = self._floor.describe(order)
                self._floor.messages.warning(
                    f"{what}: {fill.quantity:f} filled that nobody lists; its fee is not known"
                )

    async def _past(self) -> None:
        """What happened since the last comparison, and what is owed from before, unless that was given up already."""
        if not self._is_past_given_up:
            since_ms = self._since_agreed_ms()
            symbols = dict.fromkeys([*self._active_symbols(since_ms), *self.unread])
            await self._read_past(list(symbols), since_ms)

    async def _read_past(self, symbols: list[str], since_ms: int) -> None:
        """Orders and executions, symbol after symbol, until the trader gives it up."""
        left = list(symbols)

        async def read(job: Job) -> None:
            for symbol in symbols:
                await self._past_orders([symbol], min(since_ms, self._store.unread.get(symbol, since_ms)))
                await self._fills_of(symbol)
                left.remove(symbol)
                self._store.unread = {one: since for one, since in self._store.unread.items() if one != symbol}
                job.advance()

        title = f"orders and fills of {symbols[0] if len(symbols) == 1 else self._client.product.label}"
        if not await self._floor.tasks.work.run(title, read, len(symbols)):
            self._is_past_given_up = True
            self._leave_unread(left, since_ms)

    def _leave_unread(self, symbols: Iterable[str], since_ms: int) -> None:
        """Remember what was not read: it is owed, and executions are then asked for from the beginning."""
        owed = {symbol: min(since_ms, self._store.unread.get(symbol, since_ms)) for symbol in symbols}
        self._store.unread = {**self._store.unread, **owed}
        self._asked -= owed.keys()

    async def _past_orders(self, symbols: Iterable[str], since_ms: int) -> None:
        """Orders of these symbols since a time, the closed ones too: what ended while nobody listened."""
        for symbol in symbols:
            instrument = self._store.instruments[symbol]
            for report in await self._client.past_orders(instrument, since_ms, _ORDERS_ASKED):
                self._ledger.apply(report)

    async def _ask_for(self, order: Order) -> None:
        """Ask for an order that is not listed; it is given up once the exchange has denied it often enough."""
        for _ in range(max(1, self._options.open_check_missing_retries)):
            current = self._ledger.get(order.client_order_id)
            if current is None or not current.status.is_working:
                return
            report = await self._client.find_order(order)
            if report is not None:
                self._ledger.confirm(report)
                return
            await asyncio.sleep(self._options.single_order_query_delay_ms / 1_000)
        self._ledger.forget(order.client_order_id, UNKNOWN_THERE)

    async def _fills_of(self, symbol: str, at_least_since_ms: int | None = None) -> None:
        instrument = self._store.instruments.get(symbol)
        if instrument is None:
            return
        since_ms = self._fills_since_ms(symbol)
        if at_least_since_ms is not None:
            since_ms = min(since_ms, at_least_since_ms)
        while True:
            fills = await self._client.fills(instrument, since_ms, _FILLS_ASKED)
            self._ledger.add_fills(fills)
            newest = max((fill.time_ms for fill in fills), default=since_ms)
            if len(fills) < _FILLS_ASKED or newest <= since_ms:
                break
            since_ms = newest
        self._asked.add(symbol)

    def _fills_since_ms(self, symbol: str) -> int:
        known = [fill.time_ms for fill in self._store.fills if fill.symbol == symbol and fill.trade_id >= 0]
        if known and symbol in self._asked:
            return max(known) - _OVERLAP_MS
        return self._now_ms() - self._lookback_ms()

    def _since_agreed_ms(self) -> int:
        """A minute before everything was last compared, or as far back as the settings say."""
        if self._agreed_ms is not None:
            return self._agreed_ms - _OVERLAP_MS
        return self._now_ms() - self._lookback_ms()

    def _lookback_ms(self) -> int:
        minutes = self._options.reconciliation_lookback_mins
        return min(minutes * 60_000, _WIDEST_MS) if minutes else _WIDEST_MS

    def _now_ms(self) -> int:
        """Now on the exchange's clock."""
        return self._clock.now_ms() + self._client.clock_offset_ms

    def _own_orders(self) -> list[Order]:
        return [order for order in self._store.orders.values() if order.product is self._client.product]

    def _active_symbols(self, since_ms: int) -> list[str]:
        """Symbols that may have traded unseen: in focus, with a position, with an order open at that time or later."""
        symbols = {position.symbol: None for position in self._store.positions.values()}
        symbols |= {position.symbol: None for position in self._store.virtual.values()}
        symbols |= dict.fromkeys(reversed(lively_symbols(self._own_orders(), since_ms)))
        focus = self._store.focus
        wanted = [focus] if focus is not None else []
        wanted += [symbol for symbol in symbols if symbol != focus]
        instruments = self._store.instruments
        mine = [s for s in wanted if s in instruments and instruments[s].product is self._client.product]
        return mine[:_SYMBOLS_ASKED]
