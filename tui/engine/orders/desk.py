"""What each order command does."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import assert_never

import msgspec

from tui.domain.order import LegRole, Order, OrderStatus
from tui.domain.product import Product
from tui.engine.commands import Origin
from tui.engine.commands.answers import Refusal, Result
from tui.engine.commands.orders import (
    CancelEntries,
    CancelOrder,
    CancelOrders,
    ChangeOrder,
    ChangeOrders,
    ClosePosition,
    Flatten,
    OrderCommand,
    Protect,
    ResolveOrder,
    ReversePosition,
    SetCountdown,
    SubmitOrder,
    SubmitOrderList,
    SubmitOrders,
)
from tui.engine.journal import AuditNote
from tui.engine.orders.bracket_exits import BracketExits
from tui.engine.orders.bracket_keeper import BracketKeeper
from tui.engine.orders.canceller import Canceller
from tui.engine.orders.changer import Changer
from tui.engine.orders.closing import (
    FLATTEN,
    closing_request,
    flattening_requests,
    held_position,
    not_assigned,
    not_loaded,
    reversing_requests,
)
from tui.engine.orders.conditional_count import ConditionalCount
from tui.engine.orders.contingent import ContingentOrders
from tui.engine.orders.countdown import Countdowns
from tui.engine.orders.cut_lists import CutLists
from tui.engine.orders.expiry import Expiries
from tui.engine.orders.floor import Floor
from tui.engine.orders.ledger import CLOSED_KEPT, IN_FLIGHT
from tui.engine.orders.native_lists import NativeLists
from tui.engine.orders.orphans import Orphans
from tui.engine.orders.outcome import Outcome, refused, side_by_side, together
from tui.engine.orders.pieces import Pieces
from tui.engine.orders.protecting import Protecting
from tui.engine.orders.resolver import Resolver
from tui.engine.orders.sender import Asked, OrderSender
from tui.engine.orders.turning import turn_round
from tui.engine.orders.watchdog import Watchdog
from tui.engine.orders.wire_form import position_mode_words
from tui.engine.protection import PROTECT, guards_coins

#: Commands whose orders are written down one by one, with the guards they passed.
_WRITTEN_AS_INTENTS = (SubmitOrder, SubmitOrders, SubmitOrderList)

_ALL_ENTRIES = CancelEntries(None)


class OrderDesk:
    """Serves every command about orders; each order that leaves goes through the one sender."""

    def __init__(self, floor: Floor, resolver: Resolver) -> None:
        self._floor = floor
        self._resolver = resolver
        #: Orders whose cancel was asked for, or which another was to replace, when the program last ended.
        self._left_over: set[str] = set()
        #: What was said of the position modes.
        self._told_modes: set[str] = set()
        #: Closes virtual positions that cancel out against each other; returns the symbols.
        self.cross_virtual: Callable[[], list[str]] = list
        self.sender = OrderSender(floor, resolver)
        self.pieces = Pieces(floor, self.sender)
        self.canceller = Canceller(floor)
        self.changer = Changer(floor, self.sender, self.canceller, resolver)
        self.protecting = Protecting(floor.store, self.sender, self.canceller)
        lists = NativeLists(floor, self.sender, resolver)
        exits = BracketExits(floor, self.sender, self.pieces, self.canceller, self.changer, lists)
        self.brackets = BracketKeeper(floor, exits)
        orphans = Orphans(floor, self.canceller, lambda: self.brackets.brackets)
        self.contingent = ContingentOrders(floor, self.sender, lists, self.brackets)
        self._expiries = Expiries(floor, self.canceller)
        self._countdowns = Countdowns(floor)
        self._watchdog = Watchdog(floor, resolver, floor.options.reconciliation)
        floor.ledger.groups_at_work.append(lambda: self.brackets.brackets.keys())
        floor.ledger.watchers += [
            self.brackets.order_changed,
            CutLists(floor, self.brackets).order_changed,
            self._expiries.order_changed,
            ConditionalCount(floor.messages).order_changed,
        ]
        floor.news.live += [
            self.brackets.product_live,
            orphans.product_live,
            self._expiries.product_live,
            self._countdowns.product_live,
            self._finish_cancels,
            self._tell_position_mode,
        ]
        floor.news.down += [self.brackets.product_down, orphans.product_down]
        floor.news.positions += [self.brackets.positions_changed, orphans.positions_changed]

    def take_up(self) -> None:
        """Know again the orders that the journal left open, and what holds them together."""
        for order in self._floor.journal.unfinished():
            known = replace(order, status=OrderStatus.UNKNOWN) if order.status in IN_FLIGHT else order
            # What was under way when the program ended is found out by asking, not by waiting for it.
            self._floor.ledger.add(replace(known, change_requested=False))
            if order.cancel_requested:
                self._left_over.add(order.client_order_id)
        # A cancel gives an order of spot another client id there: the number tells whose it was.
        for product in (Product.SPOT, Product.MARGIN):
            for name, symbol, order_id in self._floor.journal.numbers(product, CLOSED_KEPT):
                self._floor.ledger.remember(name, product, symbol, order_id)
        self.brackets.take_up()
        self._floor.tasks.keep("order expiry", self._expiries.run)
        if self._floor.options.reconciliation.inflight_check_interval_ms:
            self._floor.tasks.keep("orders in flight", self._watchdog.run)

    async def handle(self, command: OrderCommand, origin: Origin) -> Outcome:
        """Do what was asked; everything up to the first request happens before this yields."""
        if not isinstance(command, _WRITTEN_AS_INTENTS):
            self._floor.note_asked(AuditNote(origin.value, _words(command), getattr(command, "reviewed", False)))
        match command:
            case SubmitOrder():
                return await self.pieces.submit(self._asked(command, origin))
            case SubmitOrders():
                wanted = [Asked(request, command.reviewed, origin) for request in command.requests]
                return await self._submit_many(wanted)
            case ClosePosition():
                return await self._close(command, origin)
            case ReversePosition():
                return await self._reverse(command, origin)
            case Flatten():
                return _beside(await self._flatten(command, origin), not_loaded(self._floor.store))
            case Protect():
                return await self.protecting.protect(command, origin)
            case CancelOrder():
                return await self._cancel([command.client_order_id])
            case CancelOrders():
                return await self._cancel(command.client_order_ids)
            case CancelEntries():
                return await self.cancel_entries(command)
            case ResolveOrder():
                return self._resolve(command.client_order_id)
            case ChangeOrder():
                return await self.changer.change(command.client_order_id, command.change, command.reviewed, origin)
            case ChangeOrders():
                return await self.changer.change_many(command.changes, command.reviewed, origin)
            case SubmitOrderList():
                return await self.contingent.submit(command, origin)
            case SetCountdown():
                return await self._countdowns.set(command)
        assert_never(command)

    def _asked(self, command: SubmitOrder, origin: Origin) -> Asked:
        """A single order; one that belongs to a position is marked as its stop, to be taken back with it."""
        asked, store, request = Asked(command.request, command.reviewed, origin), self._floor.store, command.request
        position = held_position(store, request.symbol, request.terms.position_side) if command.protects else None
        if position is None or isinstance(position, Refusal) or position.is_virtual:
            return asked
        return replace(asked, group=f"{PROTECT}{position.key}", role=LegRole.STOP_LOSS)

    async def cancel_entries(self, command: CancelEntries, but_of: Collection[str] = ()) -> Outcome:
        """Cancel what may still open or enlarge a position, of one symbol or of all, but for some groups' orders."""
        if command.symbol is not None and command.symbol not in self._floor.store.instruments:
            return refused(Refusal("unknown-symbol", f"{command.symbol} is not a symbol of this exchange"))
        orders = [order for order in self.entries(command) if order.group not in but_of]
        refusal = self._no_trading() if orders else None
        return refusal or await self.canceller.cancel_all(orders)

    def entries(self, command: CancelEntries = _ALL_ENTRIES) -> list[Order]:
        """What works of those that a command takes back."""
        store, all_of_them = self._floor.store, command.include_protective
        return [
            order
            for order in store.open_orders(command.symbol)
            if order.product in self._floor.clients
            and (all_of_them or not (order.is_protective or guards_coins(order, store)))
        ]

    async def _submit_many(self, wanted: Sequence[Asked]) -> Outcome:
        if not wanted:
            return refused(Refusal("empty", "There is no order to send"))
        return await self.sender.submit_many(wanted)

    async def _close(self, command: ClosePosition, origin: Origin) -> Outcome:
        request = closing_request(self._floor.store, command)
        if isinstance(request, Refusal):
            return refused(request)
        # Any part closed twice within the window is a slip, so the size is left out of the comparison.
        return await self.pieces.submit(Asked(request, command.reviewed, origin, is_close=True))

    async def _reverse(self, command: ReversePosition, origin: Origin) -> Outcome:
        position = held_position(self._floor.store, command.symbol, command.position_side)
        if isinstance(position, Refusal):
            return refused(position)
        if command.held is not None and position.quantity != command.held:
            text = f"{command.symbol} holds {position.quantity:f} now, not {command.held:f} as when it was reviewed"
            return refused(Refusal("position-changed", f"{text}: look at it and reverse again"))
        refusal = not_assigned(position, "reversed")
        if refusal is not None:
            return refused(refusal)
        closes, opens = reversing_requests(position)
        first = Asked(closes, command.reviewed, origin, is_close=True)
        return await turn_round(self._floor, self.sender, first, Asked(opens, command.reviewed, origin))

    async def _flatten(self, command: Flatten, origin: Origin) -> Outcome:
        requests = flattening_requests(self._floor.store)
        crossed = self.cross_virtual() if self._floor.store.keeps_virtual and command.reviewed else []
        if not requests and not crossed:
            return refused(Refusal("no-position", "There is no position to close"))
        if not requests:
            text = f"Virtual positions of {', '.join(crossed)} were closed against each other; nothing was sent"
            return Outcome(Result.DONE, text)
        group = FLATTEN if self._floor.store.keeps_virtual else ""
        wanted = [Asked(one, command.reviewed, origin, is_close=True, group=group) for one in requests]
        large = [asked for asked in wanted if self.pieces.sizes(asked)]
        others = [asked for asked in wanted if asked not in large]
        asking = [self.pieces.submit(asked) for asked in large]
        return side_by_side(await asyncio.gather(*([self._submit_many(others)] if others else []), *asking))

    async def _cancel(self, names: Sequence[str]) -> Outcome:
        orders, outcomes = [], []
        for name in names:
            order = self._floor.ledger.get(name)
            if order is None:
                outcomes.append(refused(Refusal("unknown-order", f"There is no order {name}")))
            elif order.status.is_closed:
                text = f"The order is already {order.status.value.lower()}"
                outcomes.append(refused(Refusal("closed-order", text)))
            else:
                orders.append(order)
        if orders:
            outcomes.append(self._no_trading() or await self.canceller.cancel_all(orders))
        return together(outcomes, "canceled") if outcomes else refused(Refusal("empty", "There is no order to cancel"))

    def _resolve(self, client_order_id: str) -> Outcome:
        order = self._floor.ledger.get(client_order_id)
        if order is None or order.status not in IN_FLIGHT:
            return Outcome(Result.DONE, "The outcome of this order is known")
        self._resolver.watch(order)
        return Outcome(Result.DONE, "Asking the exchange")

    def _finish_cancels(self, product: Product) -> None:
        """Where the program ended between being asked and cancelling, or between sending an order and its end."""
        for order in self._floor.store.open_orders():
            if order.product is not product:
                continue
            if order.replaces:
                self.changer.new_one_settled(order)
            if order.client_order_id in self._left_over and order.status.is_working:
                self._left_over.discard(order.client_order_id)
                self._floor.tasks.spawn(f"late cancel of {order.client_order_id}", self._cancel_late(order))

    def _tell_position_mode(self, product: Product) -> None:
        """Say once what the position mode makes of the settings."""
        text = position_mode_words(product, self._floor.store, self._floor.options.execution)
        if text and text not in self._told_modes:
            self._told_modes.add(text)
            self._floor.messages.warning(text)

    def order_settled(self, order: Order) -> None:
        """An order's outcome is known: see to what waited for it."""
        if order.replaces:
            self.changer.new_one_settled(order)
        if order.cancel_requested and order.status.is_working:
            self._floor.tasks.spawn(f"late cancel of {order.client_order_id}", self._cancel_late(order))

    async def _cancel_late(self, order: Order) -> None:
        outcome = await self.canceller.cancel(order)
        self._floor.messages.info(outcome.text)

    def _no_trading(self) -> Outcome | None:
        if self._floor.store.session.read_only:
            text = "This session is read-only: start without --read-only to cancel orders"
            return refused(Refusal("read-only", text))
        return None


def _beside(outcome: Outcome, left: Sequence[str]) -> Outcome:
    """What came of closing everything, with what could not be closed from here: it must not be taken for closed."""
    if not left:
        return outcome
    text = f"{', '.join(left)} cannot be closed here, where its contract is not loaded (load_all, load_ids in [data])"
    result = Result.REFUSED if outcome.result is Result.DONE else outcome.result
    return replace(outcome, result=result, text=f"{outcome.text}; {text}")


def _words(command: OrderCommand) -> str:
    """A command for the audit: its name and what it says."""
    return f"{type(command).__name__} {msgspec.json.encode(command).decode()}"
