"""One trading session inside the event loop: products, orders, what is looked at, and who serves which command."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar, assert_never

from tui.binance.client import ProductClient
from tui.config import Options, Settings
from tui.domain.order import Order, OrderStatus
from tui.domain.product import Product
from tui.engine.account.settings_desk import AccountSettings
from tui.engine.account.summary import Summary
from tui.engine.account.symbol_facts import SymbolFacts
from tui.engine.account.virtual_book import VirtualBook
from tui.engine.alerts.alert import AlertKind
from tui.engine.alerts.desk import AlertDesk
from tui.engine.alerts.hook import Hook
from tui.engine.algos.desk import AlgoDesk
from tui.engine.arming import Arming
from tui.engine.attention import Attention
from tui.engine.clock import Clock
from tui.engine.commands import Command, Origin
from tui.engine.commands.account import AccountCommand
from tui.engine.commands.answers import Refusal, Result
from tui.engine.commands.automation import AlertCommand, AlgoCommand
from tui.engine.commands.orders import CancelEntries, OrderCommand, ResolveOrder
from tui.engine.commands.safety import Arm, ConfirmEnvironment, Halt, Lock, SafetyCommand, SetLimit
from tui.engine.commands.views import ShowOrderHistory, ViewCommand
from tui.engine.feeds.open_interest import OpenInterestFeed
from tui.engine.feeds.snapshot_queue import SnapshotQueues
from tui.engine.guards import Bench
from tui.engine.halt import Halts
from tui.engine.journal import Journal, JournalError
from tui.engine.limit_names import with_limit
from tui.engine.loans import LoanCommand, Loans
from tui.engine.messages import Messages
from tui.engine.orders.announcements import announcement, describe
from tui.engine.orders.desk import OrderDesk
from tui.engine.orders.floor import Floor, Patience
from tui.engine.orders.histories import OrderHistories
from tui.engine.orders.ledger import Ledger
from tui.engine.orders.outcome import Outcome, refused
from tui.engine.orders.resolver import Resolver
from tui.engine.orders.virtual_exits import VirtualExits
from tui.engine.product_desk import ProductDesk
from tui.engine.store import Store
from tui.engine.tasks import Tasks
from tui.engine.watchlist import Busiest
from tui.engine.work import LongWork

logger = logging.getLogger(__name__)

T = TypeVar("T")

_HEALTH_EVERY_S = 0.25
_PRUNE_EVERY_S = 60.0
_MERGE_EVERY_S = 2.0

#: Who asks by hand: what they send keeps an armed session armed.
_BY_HAND = frozenset(Origin) - {Origin.SCRIPT, Origin.ALGO}


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
        self._tasks = Tasks(parts.messages, LongWork(parts.store))
        self._arming = Arming(parts.store, parts.bench.limits, parts.clock, parts.messages)
        options = parts.settings.options_of(parts.store.session.environment)
        parts.bench.keeps_gtd = options.execution.use_gtd
        parts.store.keeps_virtual = not options.execution.use_position_ids and not parts.store.session.read_only
        self._floor = Floor(
            clients=self._clients,
            store=parts.store,
            bench=parts.bench,
            ledger=self._ledger(options),
            journal=parts.journal,
            tasks=self._tasks,
            clock=parts.clock,
            messages=parts.messages,
            patience=patience or Patience(window_ms=5_000 + options.execution.recv_window_ms),
            options=options,
            settled=self._order_settled,
        )
        self._resolver = Resolver(self._floor)
        self._orders = OrderDesk(self._floor, self._resolver)
        self._virtual = VirtualBook(self._floor)
        self._orders.cross_virtual = self._virtual.cross
        self._exits = VirtualExits(self._floor, self._orders)
        self._algos = AlgoDesk(self._floor, self._orders.sender, self._orders.canceller)
        told = parts.settings.alerts
        self._alerts = AlertDesk(self._floor, Hook(told.command, told.command_timeout_s, parts.messages))
        self._histories = OrderHistories(self._floor)
        self._loans = Loans(self._floor, self._refresh_account)
        self._settings = AccountSettings(self._floor, self._refresh_account)
        self._floor.news.before_live.append(self._settings.before_live)
        self._summary, self._facts = Summary(self._floor), SymbolFacts(self._floor)
        self._floor.news.live.append(self._summary.account_live)
        queues, busiest = SnapshotQueues(), Busiest(self._floor)
        self._desks = [
            ProductDesk(
                client,
                self._floor,
                self._resolver,
                self._product_ready,
                with_account,
                queues.of(client.product),
                busiest,
            )
            for client in clients
        ]
        accounts = [desk.client.product for desk in self._desks if desk.user is not None]
        self._halts = Halts(self._floor, self._orders.canceller, self._orders.entries, accounts)
        screen = parts.settings.screen
        self._attention = Attention(
            parts.store, self._clients, self._desks, screen, self._tasks.work, busiest, self._messages
        )

    def _ledger(self, options: Options) -> Ledger:
        ledger = Ledger(
            self._store,
            expired_is_canceled=options.execution.treat_expired_as_canceled,
            takes_overfills=options.reconciliation.allow_overfills,
            leaves_out_foreign=options.reconciliation.filter_unclaimed_external_orders,
        )
        ledger.watchers.append(self._order_changed)
        ledger.on_doubt = self._order_doubted
        ledger.executions.on_known = lambda fill: self._written(self._virtual.executed, fill)
        ledger.executions.on_gone = lambda fill: self._written(self._virtual.taken_back, fill)
        return ledger

    async def start(self) -> None:
        """Take up what the journal left open, then start every product in the background."""
        self._orders.take_up()
        self._virtual.take_up()
        if self._store.session.hosts:
            self._messages.info(f"{self._store.session.environment} is {', '.join(self._store.session.hosts)}")
        for desk in self._desks:
            desk.show_health(self._bench.limits.stale_after_ms)
            self._tasks.spawn(f"start of {desk.client.product}", desk.start())
        self._tasks.keep("health", self._watch_health)
        self._tasks.keep("journal pruning", self._prune_journal)
        self._tasks.keep("journal merging", self._merge_journal)
        self._algos.take_up()
        self._tasks.keep("algos", self._algos.run)
        self._alerts.take_up()
        self._tasks.keep("alerts", self._alerts.run)
        self._tasks.keep("account summary", self._summary.follow)
        self._tasks.keep("tiers and fees", self._facts.follow)
        interest = OpenInterestFeed(self._store, self._clients, self._clock)
        self._tasks.keep("open interest", interest.follow)
        self._tasks.spawn("first choice", self._attention.choose_first())

    async def close(self) -> None:
        """Stop every task and close every connection; orders stay as they are."""
        await self._tasks.close()
        await asyncio.gather(*(client.close() for client in self._clients.values()), return_exceptions=True)
        for desk in self._desks:
            desk.show_down()

    async def handle(self, command: Command, origin: Origin) -> Outcome:
        """Have a command done by whoever serves it; everything up to the first request happens before this yields."""
        if isinstance(command, OrderCommand):
            self._trading(command, origin)
            return await self._orders.handle(command, origin)
        if isinstance(command, SafetyCommand):
            return await self._guard(command)
        if isinstance(command, ViewCommand):
            return self._attention.handle(command)
        if isinstance(command, ShowOrderHistory):
            return self._histories.show(command)
        if isinstance(command, LoanCommand):
            return await self._loans.handle(command, origin)
        if isinstance(command, AccountCommand):
            return await self._settings.handle(command, origin)
        if isinstance(command, AlgoCommand):
            self._attention.settle()
            return await self._algos.handle(command, origin)
        if isinstance(command, AlertCommand):
            return await self._alerts.handle(command, origin)
        assert_never(command)

    async def _guard(self, command: SafetyCommand) -> Outcome:
        match command:
            case Arm():
                self._attention.settle()
                why_not = self._arming.arm()
                return refused(Refusal("read-only", why_not)) if why_not else Outcome(Result.DONE, "Armed")
            case Lock():
                self._arming.lock(command.why)
                return Outcome(Result.DONE, "Locked")
            case Halt():
                return await self._halt()
            case SetLimit():
                return self._set_limit(command)
            case ConfirmEnvironment():
                return self._confirm(command.name)
        assert_never(command)

    def _trading(self, command: OrderCommand, origin: Origin) -> None:
        """Somebody trades: an armed session stays armed, and the symbol in focus stays where it is."""
        if origin in _BY_HAND and not isinstance(command, ResolveOrder):
            self._arming.expire()
            self._arming.touch()
        self._attention.settle()

    async def _halt(self) -> Outcome:
        halted_ms = self._clock.now_ms()
        self._arming.halt("entries are being canceled, new orders are refused until armed again")
        # Side by side: no entry waits for the cancel of an algo's order.
        _, outcome = await asyncio.gather(
            self._algos.stop_all("HALT"),
            self._orders.cancel_entries(CancelEntries(None), self._algos.running),
        )
        return self._halts.follow(outcome, halted_ms)

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

    def _product_ready(self) -> None:
        self._attention.product_ready()

    async def _watch_health(self) -> None:
        while True:
            for desk in self._desks:
                desk.show_health(self._bench.limits.stale_after_ms)
            self._arming.expire()
            printed = self._alerts.symbols(frozenset({AlertKind.PRINT}))
            valued = self._summary.valued_by
            self._attention.follow_held(self._alerts.symbols(), printed, self._algos.symbols, valued)
            await asyncio.sleep(_HEALTH_EVERY_S)

    async def _prune_journal(self) -> None:
        """Forget what is old, a little at a time so that no order waits for it."""
        wait_s = _PRUNE_EVERY_S
        while True:
            await asyncio.sleep(wait_s)
            wait_s = _PRUNE_EVERY_S
            try:
                wait_s = _HEALTH_EVERY_S if self._journal.prune() else _PRUNE_EVERY_S
            except JournalError as error:
                self._messages.error(str(error))

    async def _merge_journal(self) -> None:
        """Keep the journal's log short, in a thread of its own."""
        while True:
            await asyncio.sleep(_MERGE_EVERY_S)
            if self._journal.is_merge_due:
                try:
                    await asyncio.to_thread(self._journal.merge)
                except JournalError as error:
                    self._messages.error(str(error))

    def _order_changed(self, before: Order | None, after: Order) -> None:
        # That it was handed to the client says no more than the intent does, and would delay the request.
        if not after.is_foreign and before is not None and after.status is not OrderStatus.SUBMITTED:
            self._written(self._journal.write_known, after)
        if after.status is OrderStatus.REJECTED and "market is closed" in after.reason.lower():
            self._look_at_instruments(after.product)
        is_warning = self._floor.options.execution.log_rejected_due_post_only_as_warning
        instrument = self._store.instruments.get(after.symbol)
        line = announcement(before, after, instrument, post_only_is_warning=is_warning)
        if line is not None:
            self._messages.say(*line)

    def _look_at_instruments(self, product: Product) -> None:
        """What is known of a product's symbols is out of date."""
        for desk in self._desks:
            if desk.client.product is product:
                desk.instruments.look_now()

    def _written(self, write: Callable[[T], None], what: T) -> None:
        """Write down what has happened already: a broken journal is told, and stops new orders alone."""
        try:
            write(what)
        except JournalError as error:
            self._messages.error(str(error))

    def _order_doubted(self, order: Order, why: str) -> None:
        """Something was said of an order that cannot be: ask what is true."""
        what = describe(order, self._store.instruments.get(order.symbol))
        self._messages.warning(f"{what}: the exchange said {why}, which cannot be; asking again")
        self._resolver.verify(order)

    def _order_settled(self, order: Order) -> None:
        """An order's outcome is known: see to what waited for it, and fetch executions that passed by."""
        self._orders.order_settled(order)
        if order.filled > 0:
            self._refresh_account(order.product)

    def _refresh_account(self, product: Product) -> None:
        for desk in self._desks:
            if desk.client.product is product and desk.user is not None:
                desk.user.refresh_account()
