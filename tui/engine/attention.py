"""What the trader looks at: the symbol in focus, the watchlist, the candles; and what to look at first."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import assert_never

from tui.binance.client import ProductClient
from tui.config import Screen
from tui.domain.instrument import Instrument
from tui.domain.order import Order
from tui.domain.product import Product
from tui.domain.text import clean
from tui.engine.commands.answers import Refusal, Result
from tui.engine.commands.views import (
    FocusSymbol,
    FollowCandles,
    FollowSymbols,
    LoadEarlierCandles,
    RebuildBook,
    ShowCandles,
    StopWork,
    ViewCommand,
    WatchSymbols,
)
from tui.engine.feeds.market_feed import Interest
from tui.engine.messages import Messages
from tui.engine.orders.outcome import Outcome, refused
from tui.engine.product_desk import ProductDesk
from tui.engine.store import Store
from tui.engine.watchlist import Busiest
from tui.engine.work import LongWork

#: A watchlist of nothing, for who has no use for one.
NO_SYMBOL = "-"

_FIRST_CHOICE_AFTER_S = 3.0

#: Candle intervals in Binance's words (kline intervals, spot and futures API docs).
INTERVALS = ("1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d", "3d", "1w", "1M")


class Attention:
    """Directs the market feeds of all products to what is looked at."""

    def __init__(
        self,
        store: Store,
        clients: Mapping[Product, ProductClient],
        desks: Sequence[ProductDesk],
        screen: Screen,
        work: LongWork,
        busiest: Busiest,
        messages: Messages,
    ) -> None:
        self._store = store
        self._busiest = busiest
        self._clients = clients
        self._desks = desks
        self._work = work
        self._messages = messages
        watched = tuple(dict.fromkeys(symbol.upper() for symbol in screen.watchlist))
        self._interest = Interest(watched=watched, liquidations=True)
        self._wish = screen.symbol.upper()
        self._named = (*watched, self._wish)
        self._has_chosen_list = bool(screen.watchlist)
        self._orders: Mapping[str, Order] = {}
        self._ordered_symbols: frozenset[str] = frozenset()

    def handle(self, command: ViewCommand) -> Outcome:
        """Look at something else."""
        match command:
            case FocusSymbol():
                return self._focus(command.symbol)
            case WatchSymbols():
                return self._watch(command.symbols)
            case ShowCandles():
                return self._show_candles(command)
            case FollowCandles():
                return self._follow_candles(command.wanted)
            case RebuildBook():
                for desk in self._desks:
                    desk.market.rebuild_book()
                return Outcome(Result.DONE, "The book is being rebuilt")
            case FollowSymbols():
                return self._follow_beside(command.symbols)
            case LoadEarlierCandles():
                return self._load_earlier(command)
            case StopWork():
                return self._stop_work(command.number)
        assert_never(command)

    def settle(self) -> None:
        """Whoever is about to trade means the symbol that is shown; another one must not take its place."""
        if self._store.focus is not None:
            self._wish = ""

    def product_ready(self) -> None:
        """A product has become known: its share of the watchlist and its streams can start."""
        self._choose_followed()
        if self._store.focus is not None:
            self._choose_list()
            if self._wish in self._store.instruments:
                self._look_at(self._store.instruments[self._wish])
        self._follow(self._interest)

    def follow_held(
        self,
        alerted: frozenset[str] = frozenset(),
        printed: frozenset[str] = frozenset(),
        traded: frozenset[str] = frozenset(),
        valued: frozenset[str] = frozenset(),
    ) -> None:
        """Follow the prices of what is held or ordered and of what alerts watch, and the books that algos trade on.

        `printed` are symbols whose prints alerts wait for, `valued` those that say what wallets are worth.
        """
        held = alerted | self._ordered() | {position.symbol for position in self._store.positions.values()}
        held |= {position.symbol for position in self._store.virtual.values()}
        interest = replace(self._interest, held=held, printed=printed, traded=traded, valued=valued)
        if interest != self._interest:
            self._follow(interest)

    def _ordered(self) -> frozenset[str]:
        """Symbols with an open order; looked for again only when an order changed."""
        orders = self._store.orders
        if orders is not self._orders:
            self._orders = orders
            self._ordered_symbols = frozenset(one.symbol for one in orders.values() if not one.status.is_closed)
        return self._ordered_symbols

    async def choose_first(self) -> None:
        """Look at something as soon as all products are known, or some of them after a while."""
        waiting = [asyncio.ensure_future(desk.ready.wait()) for desk in self._desks]
        try:
            await asyncio.wait(waiting, timeout=_FIRST_CHOICE_AFTER_S)
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for waiter in waiting:
                waiter.cancel()
        self._choose_list()
        if all(desk.ready.is_set() for desk in self._desks):
            self._tell_unknown()
        if self._store.focus is None:
            candidates = [self._wish, *self._store.watched, *self._store.instruments]
            known = self._store.instruments
            first = next((known[symbol] for symbol in candidates if symbol in known), None)
            if first is not None:  # the settings may leave out every symbol
                self._look_at(first)

    def _tell_unknown(self) -> None:
        known = {"", NO_SYMBOL, *self._store.instruments}
        for symbol in sorted(set(self._named) - known):
            text = unknown_symbol(clean(symbol, 40)).text
            self._messages.warning(f"{text}: correct watchlist and symbol under [screen]")

    def _focus(self, symbol: str) -> Outcome:
        instrument = self._store.instruments.get(symbol)
        if instrument is None:
            if self._is_starting():
                self._wish = symbol
                return Outcome(Result.DONE, f"{symbol} will be shown once the exchange has been reached")
            return refused(unknown_symbol(symbol))
        self._wish = ""
        self._look_at(instrument)
        return Outcome(Result.DONE, f"{symbol} in focus")

    def _look_at(self, instrument: Instrument) -> None:
        """Put a symbol in focus, chosen by the trader or for him; a wish for another one stays."""
        symbol = self._store.focus = instrument.symbol
        if symbol == self._wish:
            self._wish = ""
        self._follow(replace(self._interest, focus=symbol))
        for desk in self._desks:
            if desk.client.product is instrument.product and desk.user is not None:
                desk.user.show_fills(symbol)

    def _watch(self, symbols: tuple[str, ...]) -> Outcome:
        unknown = [symbol for symbol in symbols if symbol not in self._store.instruments]
        if unknown and not self._is_starting():
            return refused(unknown_symbol(unknown[0]))
        self._has_chosen_list = True
        self._interest = replace(self._interest, watched=symbols)
        self._choose_list()
        return Outcome(Result.DONE, "")  # the list that was changed has said so itself

    def _follow_beside(self, symbols: tuple[str, ...]) -> Outcome:
        unknown = [symbol for symbol in symbols if symbol not in self._store.instruments]
        if unknown and not self._is_starting():
            return refused(unknown_symbol(unknown[0]))
        self._interest = replace(self._interest, followed=symbols)
        self._choose_followed()
        self._follow(self._interest)
        return Outcome(Result.DONE, "")  # the pane that was pinned has said so itself

    def _choose_followed(self) -> None:
        known = tuple(symbol for symbol in self._interest.followed if symbol in self._store.instruments)
        self._store.followed = known

    def _load_earlier(self, command: LoadEarlierCandles) -> Outcome:
        loading = [desk.market.load_earlier(command.symbol, command.interval) for desk in self._desks]
        words = "Earlier candles are being fetched" if any(loading) else "There are no earlier candles to fetch"
        return Outcome(Result.DONE, words)

    def _stop_work(self, number: int) -> Outcome:
        title = self._work.stop(number)
        if not title:
            return refused(Refusal("no-work", "That is over already: there is nothing to stop"))
        return Outcome(Result.DONE, f"Stopped: {title}")

    def _show_candles(self, command: ShowCandles) -> Outcome:
        if command.interval not in INTERVALS:
            return refused(unknown_interval(command.interval))
        self._interest = replace(self._interest, interval=command.interval)
        if command.symbol not in ("", self._store.focus):
            return self._focus(command.symbol)
        self._follow(self._interest)
        return Outcome(Result.DONE, f"{command.symbol} {command.interval}")

    def _follow_candles(self, wanted: tuple[tuple[str, str], ...]) -> Outcome:
        for symbol, interval in wanted:
            if interval not in INTERVALS:
                return refused(unknown_interval(interval))
            if symbol not in self._store.instruments and not self._is_starting():
                return refused(unknown_symbol(symbol))
        self._follow(replace(self._interest, charts=frozenset(wanted)))
        return Outcome(Result.DONE, "")  # charts follow what they show by themselves: no key asked for it

    def _is_starting(self) -> bool:
        return not all(desk.ready.is_set() for desk in self._desks)

    def _follow(self, interest: Interest) -> None:
        self._interest = interest
        for desk in self._desks:
            desk.follow(interest)

    def _choose_list(self) -> None:
        listed = self._interest.watched if self._has_chosen_list else self._busiest.symbols(self._clients)
        known = tuple(symbol for symbol in listed if symbol in self._store.instruments)
        self._store.watched = known
        self._interest = replace(self._interest, watched=listed)
        self._follow(self._interest)


def unknown_symbol(symbol: str) -> Refusal:
    """The answer to a symbol that no product lists."""
    return Refusal("unknown-symbol", f"{symbol} is not a symbol of this exchange")


def unknown_interval(interval: str) -> Refusal:
    """The answer to an interval the exchange has no candles of."""
    return Refusal("interval", f"There are no candles of {interval}: choose one of {', '.join(INTERVALS)}")
