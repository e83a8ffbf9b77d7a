"""One trading session inside the event loop: products, orders, guards, and what each command does."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tui.binance.client import ProductClient
from tui.config import Settings
from tui.domain.instrument import Instrument
from tui.domain.order import Order, OrderStatus
from tui.domain.product import Product
from tui.engine.arming import Arming
from tui.engine.clock import Clock
from tui.engine.commands import (
    Arm,
    CancelEntries,
    CancelOrder,
    ClosePosition,
    Command,
    ConfirmEnvironment,
    FocusSymbol,
    Halt,
    Lock,
    Origin,
    RebuildBook,
    Refusal,
    ResolveOrder,
    Result,
    SetLimit,
    ShowCandles,
    SubmitOrder,
    WatchSymbols,
)
from tui.engine.feeds.market_feed import Interest
from tui.engine.guards import Bench
from tui.engine.journal import Journal, JournalError
from tui.engine.limit_names import with_limit
from tui.engine.messages import Messages
from tui.engine.orders.announcements import announcement
from tui.engine.orders.canceller import Canceller
from tui.engine.orders.ledger import IN_FLIGHT, Ledger
from tui.engine.orders.outcome import Outcome, refused
from tui.engine.orders.resolver import Patience, Resolver
from tui.engine.orders.sender import OrderSender
from tui.engine.product_desk import ProductDesk
from tui.engine.store import Store
from tui.engine.tasks import Tasks
from tui.engine.watchlist import busiest

logger = logging.getLogger(__name__)

_HEALTH_EVERY_S = 0.25
_FIRST_CHOICE_AFTER_S = 3.0

#: Candle intervals in Binance's words (kline intervals, spot and futures API docs).
INTERVALS = ("1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d", "3d", "1w", "1M")


@dataclass(frozen=True, slots=True)
class Parts:
    """What a session is made of; the store and the bench are read by other threads as well."""

    store: Store
    settings: Settings
    bench: Bench
    journal: Journal
    clock: Clock
    messages: Messages


class TradingSession:
    """Everything that happens in the engine's loop. `start`, then `handle` commands, then `close`."""

    def __init__(
        self,
        clients: Sequence[ProductClient],
        parts: Parts,
        patience: Patience | None = None,
        with_account: bool = True,
    ) -> None:
        self._store, self._bench, self._journal = parts.store, parts.bench, parts.journal
        self._clock, self._messages = parts.clock, parts.messages
        self._clients = {client.product: client for client in clients}
        self._tasks = Tasks(parts.messages)
        self._arming = Arming(parts.store, parts.bench.limits, parts.clock, parts.messages)
        self._ledger = Ledger(parts.store, self._order_changed)
        asked = patience or Patience(
            window_ms=5_000 + parts.settings.options_of(parts.store.session.environment).execution.recv_window_ms
        )
        self._resolver = Resolver(self._clients, self._ledger, self._tasks, parts.clock, asked, self._order_settled)
        self._sender = OrderSender(
            self._clients,
            parts.store,
            parts.bench,
            self._ledger,
            parts.journal,
            self._resolver,
            parts.clock,
            parts.messages,
            self._order_settled,
        )
        self._canceller = Canceller(
            self._clients,
            parts.store,
            self._ledger,
            parts.journal,
            self._tasks,
            parts.clock,
            parts.messages,
            asked,
        )
        self._desks = [self._desk(client, with_account) for client in clients]
        self._interest = Interest(watched=parts.settings.screen.watchlist)
        self._wish = parts.settings.screen.symbol
        self._has_chosen_list = bool(parts.settings.screen.watchlist)

    async def start(self) -> None:
        """Take up what the journal left open, then start every product in the background."""
        for order in self._journal.unfinished():
            known = replace(order, status=OrderStatus.UNKNOWN) if order.status in IN_FLIGHT else order
            self._ledger.add(known)
        if self._store.session.hosts:
            self._messages.info(f"{self._store.session.environment} is {', '.join(self._store.session.hosts)}")
        for desk in self._desks:
            desk.show_health(self._bench.limits.stale_after_ms)
            self._tasks.spawn(f"start of {desk.client.product}", desk.start())
        self._tasks.keep("health", self._watch_health)
        self._tasks.spawn("first choice", self._choose_first())

    async def close(self) -> None:
        """Stop every task and close every connection; orders stay as they are."""
        await self._tasks.close()
        await asyncio.gather(*(client.close() for client in self._clients.values()), return_exceptions=True)
        for desk in self._desks:
            desk.show_down()

    async def handle(self, command: Command, origin: Origin) -> Outcome:
        """Do what was asked; everything up to the first request happens before this yields."""
        if origin is not Origin.SCRIPT and isinstance(
            command, SubmitOrder | CancelOrder | CancelEntries | ClosePosition
        ):
            self._arming.expire()
            self._arming.touch()
        if self._store.focus is not None and isinstance(command, SubmitOrder | ClosePosition | Arm):
            # Whoever is about to trade means the symbol that is shown; another one must not take its place.
            self._wish = ""
        match command:
            case SubmitOrder():
                return await self._sender.submit(command.request, command.reviewed, origin)
            case ClosePosition():
                return await self._sender.close(command, origin)
            case CancelOrder():
                return await self._cancel(command.client_order_id)
            case CancelEntries():
                return await self._cancel_entries(command)
            case Halt():
                return await self._halt()
            case ResolveOrder():
                return self._resolve(command.client_order_id)
            case _:
                return self._adjust(command)

    def _adjust(self, command: Command) -> Outcome:
        """Commands that send nothing."""
        match command:
            case FocusSymbol():
                return self._focus(command.symbol)
            case WatchSymbols():
                return self._watch(command.symbols)
            case ShowCandles():
                return self._show_candles(command)
            case Arm():
                why_not = self._arming.arm()
                return refused(Refusal("read-only", why_not)) if why_not else Outcome(Result.DONE, "Armed")
            case Lock():
                self._arming.lock(command.why)
                return Outcome(Result.DONE, "Locked")
            case RebuildBook():
                for desk in self._desks:
                    desk.market.rebuild_book()
                return Outcome(Result.DONE, "The book is being rebuilt")
            case SetLimit():
                return self._set_limit(command)
            case ConfirmEnvironment():
                return self._confirm(command.name)
        return refused(Refusal("unsupported", f"{type(command).__name__} cannot be done in this session"))

    def _desk(self, client: ProductClient, with_account: bool) -> ProductDesk:
        return ProductDesk(
            client,
            self._store,
            self._ledger,
            self._journal,
            self._resolver,
            self._tasks,
            self._clock,
            self._messages,
            self._product_ready,
            with_account,
        )

    async def _cancel(self, client_order_id: str) -> Outcome:
        order = self._ledger.get(client_order_id)
        if order is None:
            return refused(Refusal("unknown-order", f"There is no order {client_order_id}"))
        if order.status.is_closed:
            return refused(Refusal("closed-order", f"The order is already {order.status.value.lower()}"))
        return self._no_trading(order.product) or await self._canceller.cancel(order)

    async def _cancel_entries(self, command: CancelEntries) -> Outcome:
        if command.symbol is not None and command.symbol not in self._store.instruments:
            return refused(_unknown_symbol(command.symbol))
        orders = [
            order
            for order in self._store.open_orders(command.symbol)
            if order.product in self._clients and (command.include_protective or not order.is_protective)
        ]
        refusal = self._no_trading(orders[0].product) if orders else None
        return refusal or await self._canceller.cancel_all(orders)

    async def _halt(self) -> Outcome:
        self._arming.halt("entries are being canceled, new orders are refused until armed again")
        outcome = await self._cancel_entries(CancelEntries(None))
        return Outcome(outcome.result, f"HALTED. {outcome.text}", outcome.refusal)

    def _resolve(self, client_order_id: str) -> Outcome:
        order = self._ledger.get(client_order_id)
        if order is None or order.status not in IN_FLIGHT:
            return Outcome(Result.DONE, "The outcome of this order is known")
        self._resolver.watch(order)
        return Outcome(Result.DONE, "Asking the exchange")

    def _no_trading(self, product: Product) -> Outcome | None:
        if self._store.session.read_only:
            return refused(
                Refusal("read-only", "This session is read-only: start without --read-only to cancel orders")
            )
        return None

    def _focus(self, symbol: str) -> Outcome:
        instrument = self._store.instruments.get(symbol)
        if instrument is None:
            if self._is_starting():
                self._wish = symbol
                return Outcome(Result.DONE, f"{symbol} will be shown once the exchange has been reached")
            return refused(_unknown_symbol(symbol))
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
            return refused(_unknown_symbol(unknown[0]))
        self._has_chosen_list = True
        self._interest = replace(self._interest, watched=symbols)
        self._choose_list()
        return Outcome(Result.DONE, f"{len(symbols)} symbols watched")

    def _show_candles(self, command: ShowCandles) -> Outcome:
        if command.interval not in INTERVALS:
            text = f"There are no candles of {command.interval}: choose one of {', '.join(INTERVALS)}"
            return refused(Refusal("interval", text))
        self._interest = replace(self._interest, interval=command.interval)
        if command.symbol not in ("", self._store.focus):
            return self._focus(command.symbol)
        self._follow(self._interest)
        return Outcome(Result.DONE, f"{command.symbol} {command.interval}")

    def _set_limit(self, command: SetLimit) -> Outcome:
        try:
            limits = with_limit(self._bench.limits, command.name, command.value)
        except ValueError as error:
            return refused(Refusal("limit", str(error)))
        self._bench.limits = self._arming.limits = limits
        self._messages.warning(f"{command.name} is {command.value:f} for this session")
        return Outcome(Result.DONE, f"{command.name} set to {command.value:f}")

    def _confirm(self, name: str) -> Outcome:
        session = self._store.session
        if name != session.environment:
            return refused(Refusal("unconfirmed", f"{name!r} is not this environment, {session.environment!r} is"))
        self._store.session = replace(session, awaits_confirmation=False)
        self._store.revision += 1
        self._messages.warning(f"REAL MONEY on {name} was confirmed: orders can be sent")
        return Outcome(Result.DONE, f"{name} confirmed for this start")

    def _is_starting(self) -> bool:
        return not all(desk.ready.is_set() for desk in self._desks)

    def _follow(self, interest: Interest) -> None:
        self._interest = interest
        for desk in self._desks:
            desk.follow(interest)

    def _product_ready(self) -> None:
        """A product has become known: its share of the watchlist and its streams can start."""
        if self._store.focus is not None:
            self._choose_list()
            if self._wish in self._store.instruments:
                self._look_at(self._store.instruments[self._wish])
        self._follow(self._interest)

    async def _choose_first(self) -> None:
        """Look at something as soon as all products are known, or some of them after a while."""
        waiting = [asyncio.ensure_future(desk.ready.wait()) for desk in self._desks]
        try:
            await asyncio.wait(waiting, timeout=_FIRST_CHOICE_AFTER_S)
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for waiter in waiting:
                waiter.cancel()
        self._choose_list()
        if self._store.focus is None:
            candidates = [self._wish, *self._store.watched, *self._store.instruments]
            known = self._store.instruments
            self._look_at(next(known[symbol] for symbol in candidates if symbol in known))

    def _choose_list(self) -> None:
        listed = self._interest.watched if self._has_chosen_list else busiest(self._store, self._clients)
        known = tuple(symbol for symbol in listed if symbol in self._store.instruments)
        self._store.watched = known
        self._interest = replace(self._interest, watched=listed)
        self._follow(self._interest)

    async def _watch_health(self) -> None:
        while True:
            for desk in self._desks:
                desk.show_health(self._bench.limits.stale_after_ms)
            self._arming.expire()
            held = frozenset(self._store.positions)
            if held != self._interest.held:
                self._follow(replace(self._interest, held=held))
            await asyncio.sleep(_HEALTH_EVERY_S)

    def _order_changed(self, before: Order | None, after: Order) -> None:
        if not after.is_foreign and before is not None:
            try:
                self._journal.write_known(after)
            except JournalError as error:
                self._messages.error(str(error))
        line = announcement(before, after, self._store.instruments.get(after.symbol))
        if line is not None:
            self._messages.say(*line)

    def _order_settled(self, order: Order) -> None:
        """An order's outcome is known: cancel it if that was asked for meanwhile, fetch executions that passed by."""
        if order.cancel_requested and order.status.is_working:
            self._tasks.spawn(f"late cancel of {order.client_order_id}", self._cancel_late(order))
        if order.filled > 0:
            for desk in self._desks:
                if desk.client.product is order.product and desk.user is not None:
                    desk.user.refresh_account()

    async def _cancel_late(self, order: Order) -> None:
        outcome = await self._canceller.cancel(order)
        self._messages.info(outcome.text)


def _unknown_symbol(symbol: str) -> Refusal:
    return Refusal("unknown-symbol", f"{symbol} is not a symbol of this exchange")
