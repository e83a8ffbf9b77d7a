"""The account in one currency, kept true: equity, what is free, open profit, what the day has brought."""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from decimal import Decimal
from itertools import count

from tui.binance.client import FuturesAccount
from tui.binance.errors import BinanceError
from tui.domain.account import Balance, Income
from tui.domain.order import Fill
from tui.domain.product import Product
from tui.engine.account.day import midnight, of_fills, of_income, together
from tui.engine.account.exposure import unrealized
from tui.engine.account.worth import CURRENCY, Pairs, Prices, worth
from tui.engine.journal import JournalError
from tui.engine.orders.floor import Floor
from tui.engine.store import AccountSummary, DayResult, Link, Store
from tui.engine.tasks import wait
from tui.engine.work import Job

logger = logging.getLogger(__name__)

_EVERY_S = 1.0
#: The income lists are asked for this often, soon after something has filled, and rarely while nothing is held: no
#: funding can come then.
_INCOME_EVERY_NS = 60 * 1_000_000_000
_INCOME_FLAT_EVERY_NS = 10 * 60 * 1_000_000_000
_AFTER_FILL_NS = 3 * 1_000_000_000
#: Reading that the trader stopped begins again after 15 minutes, one of them the ordinary pause.
_AFTER_STOP_NS = 14 * 60 * 1_000_000_000
#: Assets of wallets whose prices are followed, the most valuable.
_MOST_VALUED = 100
_PAGE = 1_000
_MOST_PAGES = 20
#: Income is listed up to so long after its time.
_LATE_MS = 120_000
_ZERO = Decimal(0)

#: What makes a row of the income list one of its own: transaction, kind, symbol.
_RowKey = tuple[int, str, str]


class Summary:
    """Writes `store.summary`; income is asked for again and again, soon after something has filled."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._store = floor.store
        self._income: dict[Product, dict[_RowKey, Income]] = {}
        self._asked_ns: dict[Product, int] = {}
        #: The newest execution that each product's income was asked for after.
        self._asked_after: dict[Product, Fill | None] = {}
        #: Products that held a position when they were asked; what it paid or earned last may be told late.
        self._held_then: set[Product] = set()
        #: Products whose balances and positions have been read at least once.
        self._read: set[Product] = set()
        self._day_ms = 0
        #: Executions of the day, also those that made room for newer ones in the store.
        self._traded: dict[tuple[Product, str, int, int], Fill] = {}
        self._is_journal_silent = False
        self._has_news = asyncio.Event()
        #: Symbols whose prices say what wallets and the day's trades are worth; to be followed.
        self.valued_by: frozenset[str] = frozenset()
        self._pairs = Pairs({})

    def account_live(self, product: Product) -> None:
        """An account was read: the summary is brought up to date now, not at its next turn."""
        self._has_news.set()

    async def follow(self) -> None:
        """Keep the summary true."""
        while True:
            self._has_news.clear()
            await self.bring_up_to_date()
            await wait(self._has_news, _EVERY_S)

    async def bring_up_to_date(self) -> None:
        """Ask for what is missing of the day, then write the summary."""
        self._begin_day(midnight(self._now_ms()))
        self._read |= {product for product, link in self._store.links.items() if link.user is Link.LIVE}
        for product, client in self._floor.clients.items():
            link = self._store.links.get(product)
            if client.futures is not None and link is not None and link.user is Link.LIVE:
                await self._ask_income(product)
        if self._pairs.instruments is not self._store.instruments:
            self._pairs = Pairs(self._store.instruments)
        known = Prices(self._store, self._pairs)
        self._store.summary = self.summary(known)
        self.valued_by = frozenset(symbol for asset in self._valued(known) for symbol in known.by(asset))
        self._store.revision += 1

    def _valued(self, known: Mapping[str, Decimal]) -> set[str]:
        """Assets whose price matters: of wallets the most valuable, and all that is looked at or was traded today."""
        sizes = dict[str, Decimal]()
        for balance in self._store.balances.values():
            size = abs(balance.total) + balance.borrowed + balance.interest
            sizes[balance.asset] = sizes.get(balance.asset, _ZERO) + (worth(size, balance.asset, known) or _ZERO)
        held = sorted(sizes, key=lambda asset: -sizes[asset])
        symbols = {fill.symbol for fill in self._traded.values() if not fill.product.is_futures}
        symbols |= {self._store.focus or "", *self._store.followed}
        instruments = [one for symbol in symbols if (one := self._store.instruments.get(symbol)) is not None]
        return {*held[:_MOST_VALUED], *(one.base for one in instruments), *(one.quote for one in instruments)}

    def summary(self, known: Mapping[str, Decimal]) -> AccountSummary:
        """The figures of this moment; none of money that is only half read."""
        store = self._store
        day = self._day(known)
        balances = () if self._is_being_read() else store.balances.values()
        equity = _sum(known, [(balance.owned, balance.asset) for balance in balances]) if balances else None
        open_profit = self._open_profit(known)
        whole = None if equity is None else equity + (open_profit or _ZERO)
        used = _sum(known, [(one.locked, one.asset) for one in store.balances.values() if one.product.is_futures])
        return AccountSummary(
            currency=CURRENCY,
            equity=whole,
            free=self._free(balances, known) if balances else None,
            unrealized=open_profit,
            day_result=day.result if day else None,
            day_fees=day.fees if day else None,
            day_funding=day.funding if day else None,
            margin_percent=used / whole * 100 if used is not None and whole else None,
            as_of_ms=_newest(store),
            unread=tuple(sorted(self._unread())),
        )

    def _free(self, balances: Iterable[Balance], known: Mapping[str, Decimal]) -> Decimal | None:
        """What nothing holds; where all assets are margin, each of them is told to have all that is free."""
        alone, shared = [], dict[Product, Decimal]()
        for one in balances:
            value = worth(one.free, one.asset, known)
            if one.product not in self._store.multi_assets:
                alone.append((_own_free(one), one.asset))
            elif value is not None:
                shared[one.product] = max(value, shared.get(one.product, value))
        return _sum(known, [*alone, *((value, CURRENCY) for value in shared.values())])

    def _unread(self) -> set[Product]:
        """Products whose account has not been read since the start."""
        return self._floor.clients.keys() & self._store.links.keys() - self._read

    def _is_being_read(self) -> bool:
        """Whether some wallet is read for the first time just now: a sum without it would be wrong."""
        links = self._store.links
        return any(links[product].user is Link.SYNCING for product in self._unread())

    def _open_profit(self, known: Mapping[str, Decimal]) -> Decimal | None:
        """What all positions have won; None before those of every product have been read."""
        store = self._store
        if not store.balances or any(self._floor.clients[product].futures is not None for product in self._unread()):
            return None
        profits = [
            (unrealized(store, one) or _ZERO, store.instruments[one.symbol].margin_asset)
            for one in store.positions.values()
            if one.symbol in store.instruments
        ]
        return _sum(known, profits)

    def _day(self, known: Mapping[str, Decimal]) -> DayResult | None:
        """All of the day, None while income or executions are missing; the store gets each symbol's share."""
        for product, client in self._floor.clients.items():
            if client.futures is not None and product in self._store.links and product not in self._income:
                return None
        if not self._day_ms:
            return None
        self._take_fills()
        rows = [row for kept in self._income.values() for row in kept.values()]
        self._store.results = {
            symbol: together([of_income(told, known), of_fills(traded, self._store.instruments, known)])
            for symbol, (told, traded) in _by_symbol(rows, self._traded.values()).items()
        }
        return None if self._lacks_fills() else together(self._store.results.values())

    def _take_fills(self) -> None:
        """Add what has traded; an execution that was made up gives way to real ones of its order."""
        new = [one for one in tuple(self._store.fills) if one.time_ms >= self._day_ms]
        self._traded |= {one.key: one for one in new}
        told = {(one.product, one.symbol, one.order_id) for one in new if one.trade_id >= 0}
        made_up = [one for one in self._traded.values() if one.trade_id < 0]
        for one in made_up:
            if (one.product, one.symbol, one.order_id) in told:
                del self._traded[one.key]

    def _lacks_fills(self) -> bool:
        """Whether executions were left unread where they alone tell the day: those of coins."""
        left = (self._store.instruments.get(symbol) for symbol in self._store.unread)
        return any(one is not None and not one.product.is_futures for one in left)

    def _begin_day(self, day_ms: int) -> None:
        if day_ms == self._day_ms:
            return
        try:
            self._traded = {one.key: one for one in self._floor.journal.fills(day_ms)}
        except JournalError as error:
            # The day begins once what it has brought so far can be read: a loss that is not seen bounds nothing.
            if not self._is_journal_silent:
                self._floor.messages.error(str(error))
            self._is_journal_silent = True
            return
        self._is_journal_silent, self._day_ms = False, day_ms
        self._income.clear()
        self._asked_ns.clear()

    async def _ask_income(self, product: Product) -> None:
        now_ns = self._floor.clock.monotonic_ns()
        newest = next((fill for fill in tuple(self._store.fills) if fill.product is product), None)
        is_held = any(one.product is product for one in self._store.positions.values())
        is_due_soon = is_held or product in self._held_then or product not in self._income
        pause = _INCOME_EVERY_NS if is_due_soon else _INCOME_FLAT_EVERY_NS
        if newest != self._asked_after.get(product):
            pause = _AFTER_FILL_NS
        asked_ns = self._asked_ns.get(product)
        if asked_ns is not None and now_ns - asked_ns < pause:
            return
        self._asked_ns[product] = now_ns
        self._held_then = self._held_then | {product} if is_held else self._held_then - {product}
        account = self._floor.clients[product].futures
        assert account is not None
        rows = dict(self._income.get(product, {}))
        try:
            if product in self._income:
                await self._read_income(account, rows)
            elif not await self._floor.tasks.work.run(
                f"income of {product.label}", lambda job: self._read_income(account, rows, job)
            ):
                self._put_off(product)
                return
        except BinanceError as error:
            logger.info("%s: the income of the day is not told: %s", product.label, error)
            return
        self._asked_after[product] = newest
        self._income[product] = rows

    async def _read_income(self, account: FuturesAccount, rows: dict[_RowKey, Income], job: Job | None = None) -> None:
        """Add what came after these rows of the day, page after page; the first time (`job`) however many there are."""
        newest_ms = max((row.time_ms for row in rows.values()), default=self._day_ms)
        since_ms = max(self._day_ms, newest_ms - _LATE_MS)
        for _ in range(_MOST_PAGES) if job is None else count():
            page = await account.income(since_ms, limit=_PAGE)
            rows |= {(row.transaction_id, row.kind, row.symbol): row for row in page if row.time_ms >= self._day_ms}
            if job is not None:
                job.advance(len(page))
            if len(page) < _PAGE:
                break
            since_ms = max(since_ms + 1, page[-1].time_ms)

    def _put_off(self, product: Product) -> None:
        """The trader did not want to wait for the income: the day's result stays unknown for a while."""
        self._asked_ns[product] = self._floor.clock.monotonic_ns() + _AFTER_STOP_NS
        self._floor.messages.warning(
            f"{product.label}: its income was not read to the end, so the day's result is not known;"
            " it is asked for again in 15 minutes"
        )

    def _now_ms(self) -> int:
        offsets = [link.clock_offset_ms for link in self._store.links.values()]
        return self._floor.clock.now_ms() + (max(offsets) if offsets else 0)


def _own_free(balance: Balance) -> Decimal:
    """What is free of a balance, less what is owed: borrowed coins are nobody's worth."""
    return balance.free - balance.borrowed - balance.interest


def _sum(known: Mapping[str, Decimal], amounts: list[tuple[Decimal, str]]) -> Decimal | None:
    """All amounts in USDT, without those that have no price; None where none has one."""
    values = [worth(amount, asset, known) for amount, asset in amounts]
    valued = [value for value in values if value is not None]
    return sum(valued, _ZERO) if valued or not values else None


def _newest(store: Store) -> int:
    times = [one.time_ms for one in store.balances.values()] + [one.time_ms for one in store.positions.values()]
    return max(times, default=0)


def _by_symbol(rows: Iterable[Income], fills: Iterable[Fill]) -> dict[str, tuple[list[Income], list[Fill]]]:
    """What is told of each symbol; income that names none is kept under the empty name."""
    found: dict[str, tuple[list[Income], list[Fill]]] = {}
    for row in rows:
        found.setdefault(row.symbol, ([], []))[0].append(row)
    for fill in fills:
        found.setdefault(fill.symbol, ([], []))[1].append(fill)
    return found
