"""Changing working orders: in place where the exchange does that, otherwise by one that takes the order's place."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

import msgspec

from tui.binance.client import Changed
from tui.binance.errors import BinanceError, OutcomeUnknownError, RefusedError
from tui.domain.order import ChangeKind, LegRole, Order, OrderChange, OrderReport, OrderStatus
from tui.engine.commands import Origin
from tui.engine.commands.answers import Refusal, Result
from tui.engine.journal import JournalError
from tui.engine.orders.canceller import Canceller
from tui.engine.orders.floor import Floor
from tui.engine.orders.ledger import IN_FLIGHT
from tui.engine.orders.outcome import Outcome, refused, together
from tui.engine.orders.renewal import changed_request, replacing_request
from tui.engine.orders.resolver import Resolver
from tui.engine.orders.sender import Asked, OrderSender
from tui.engine.persistence import pause_s
from tui.engine.protection import guards_coins

logger = logging.getLogger(__name__)

#: The order is not there, or the change would change nothing, or a post-only order that would take was cancelled by it:
#: ask how it stands (error lists, spot and derivatives).
_GONE_CODES = frozenset({-2011, -2013, -5022, -5027})

#: Futures hold one order a side that closes a whole position.
_SECOND_CLOSE_CODE = "-4130"

Answer = Changed | RefusedError | OutcomeUnknownError


@dataclass(frozen=True, slots=True)
class _InPlace:
    """A change of a working order that the exchange makes in place."""

    order: Order
    change: OrderChange
    kind: ChangeKind


class Changer:
    """Changes orders; says what became of their place in the queue. The guards judge a change like a new order."""

    def __init__(self, floor: Floor, sender: OrderSender, canceller: Canceller, resolver: Resolver) -> None:
        self._floor = floor
        self._sender = sender
        self._canceller = canceller
        self._resolver = resolver

    async def change(self, name: str, change: OrderChange, reviewed: bool, origin: Origin) -> Outcome:
        """Change one order."""
        ready = self._judged(name, change, reviewed, origin)
        if isinstance(ready, Outcome):
            return ready
        if ready.kind is not ChangeKind.REPLACES:
            return await self._in_place(ready)
        if ready.order.product.is_futures:
            return await self.replace(
                ready.order, change, Asked(changed_request(ready.order, change), reviewed, origin)
            )
        return await self._by_exchange(ready.order, change, reviewed, origin)

    async def change_many(self, changes: Sequence[tuple[str, OrderChange]], reviewed: bool, origin: Origin) -> Outcome:
        """Change several orders, those that stay where they are in batches; each is judged and answered apart."""
        outcomes: list[Outcome] = []
        together_: dict[object, list[_InPlace]] = {}
        for name, change in changes:
            ready = self._judged(name, change, reviewed, origin)
            if isinstance(ready, Outcome):
                outcomes.append(ready)
            elif ready.kind is ChangeKind.REPLACES:
                outcomes.append(await self.change(name, change, reviewed, origin))
            else:
                together_.setdefault(ready.order.product, []).append(ready)
        for group in together_.values():
            size = max(1, self._floor.client(group[0].order).batch_size)
            for first in range(0, len(group), size):
                outcomes += await self._batch(group[first : first + size])
        return together(outcomes, "changed") if outcomes else refused(Refusal("empty", "There is no order to change"))

    async def replace(self, old: Order, change: OrderChange, asked: Asked) -> Outcome:
        """A conditional order in place of another, which no exchange changes.

        One that protects is cancelled only when the new one is there; one that would open a position is cancelled
        first, so that never both can.
        """
        asked = replace(asked, request=replacing_request(old, change), group=old.group, role=old.role, replaces=old)
        if not old.is_protective:
            return await self._in_turn(old, change, asked)
        outcome = await self._sender.submit(asked)
        if outcome.result is Result.REFUSED and _SECOND_CLOSE_CODE in outcome.text:
            sized = replace(asked.request, close_position=False, reduce_only=True)
            outcome = await self._sender.submit(replace(asked, request=sized))
        if outcome.result is not Result.DONE:
            return Outcome(outcome.result, f"{outcome.text}; the old one stays", outcome.refusal)
        gone = await self._canceller.cancel(old)
        return Outcome(gone.result, f"Replaced: {outcome.text}, then {gone.text}", None, outcome.client_order_id)

    async def _in_turn(self, old: Order, change: OrderChange, asked: Asked) -> Outcome:
        """The new order is judged and written down before the old one goes, and sent once that is gone.

        So nothing is cancelled for what may not be sent, and a bracket never sees itself without an entry.
        """
        written = self._sender.write_down([asked])
        if isinstance(written, Refusal):
            return refused(written)
        [new], ledger = written, self._floor.ledger
        gone = await self._canceller.cancel(old)
        if gone.result is not Result.DONE:
            ledger.mark(
                new.client_order_id, OrderStatus.REJECTED, "not sent: the order before it is not known to be gone"
            )
            return gone
        after = ledger.get(old.client_order_id) or old
        if after.filled == old.filled:
            return await self._sender.place(new)
        ledger.mark(new.client_order_id, OrderStatus.REJECTED, "not sent: the order before it traded on its way out")
        return await self._submit_rest(after, change, asked)

    async def _submit_rest(self, gone: Order, change: OrderChange, asked: Asked) -> Outcome:
        """Send what an order left to trade."""
        request = replacing_request(gone, change)
        if request.quantity is None or request.quantity <= 0:
            text = f"{self._floor.describe(gone)} filled before it could be replaced: nothing more is sent"
            return Outcome(Result.REFUSED, text)
        return await self._sender.submit(replace(asked, request=request, replaces=gone))

    def new_one_settled(self, new: Order) -> None:
        """An order that takes another's place is known to be there: the old one must go."""
        old = self._floor.ledger.get(new.replaces)
        if old is not None and new.status.is_working and old.status.is_working and not old.cancel_requested:
            self._floor.tasks.spawn(f"end of {old.client_order_id}", self._end(old))

    async def _end(self, old: Order) -> None:
        now = self._floor.ledger.get(old.client_order_id)
        if now is None or now.status.is_closed or now.cancel_requested:
            return  # who replaced it has seen to it
        outcome = await self._canceller.cancel(old)
        self._floor.messages.info(outcome.text)

    def _judged(self, name: str, change: OrderChange, reviewed: bool, origin: Origin) -> _InPlace | Outcome:
        order = self._floor.ledger.get(name)
        if order is None:
            return refused(Refusal("unknown-order", f"There is no order {name}"))
        if not order.status.is_working:
            state = order.status.value.lower()
            return refused(Refusal("closed-order", f"The order is {state}: only a working order can be changed"))
        if self._is_changing(order):
            what = "canceled" if order.cancel_requested else "changed"
            text = f"{self._floor.describe(order)} is being {what} already: wait until that is known"
            return refused(Refusal("change", text))
        if change.quantity is not None and change.quantity <= order.spent:
            text = f"{order.spent:f} of it cannot trade any more: give a larger total, or cancel the rest"
            return refused(Refusal("quantity", text))
        if change.quantity is not None and self._has_exits_waiting(order):
            text = (
                f"{self._floor.describe(order)}: its exits wait at the exchange in their own size and would not follow:"
                " cancel the list and place it anew"
            )
            return refused(Refusal("change", text))
        try:
            kind = self._floor.client(order).change_kind(order, change)
        except RefusedError as error:
            return refused(Refusal("change", error.text))
        if kind is not ChangeKind.REPLACES:
            wanted = changed_request(order, change)
            refusal = self._sender.judge(Asked(wanted, reviewed, origin, role=order.role, replaces=order))
            if refusal is not None:
                return refused(refusal)
        return _InPlace(order, change, kind)

    def _is_changing(self, order: Order) -> bool:
        """Whether it is going, a change of it has no answer yet, or another has its place: two would come to stand."""
        is_replaced = any(one.replaces == order.client_order_id for one in self._floor.store.open_orders(order.symbol))
        return order.change_requested or order.cancel_requested or is_replaced

    def _has_exits_waiting(self, order: Order) -> bool:
        """Whether it is the entry of a list that the exchange holds: its exits enter the book once it has filled."""
        if order.list_id is None or order.awaits_entry or order.role.is_exit:
            return False
        beside = [one for one in self._floor.store.open_orders(order.symbol) if one.product is order.product]
        waiting = any(one.awaits_entry and one.list_id == order.list_id for one in beside)
        # The entry may be told of before the answer about its list.
        return waiting or any(order.group and one.group == order.group and one.status in IN_FLIGHT for one in beside)

    async def _in_place(self, wanted: _InPlace) -> Outcome:
        refusal = self._begin(wanted)
        if refusal is not None:
            return refused(refusal)
        try:
            changed = await self._floor.client(wanted.order).change(wanted.order, wanted.change, self._sender.new_id())
        except (RefusedError, OutcomeUnknownError) as error:
            return await self._answered(wanted, error)
        except Exception as error:  # the request may have left: a crash is never taken for "not sent"
            logger.error("changing %s failed", wanted.order.client_order_id, exc_info=error)
            return await self._answered(wanted, _crash(error))
        return await self._answered(wanted, changed)

    async def _batch(self, group: Sequence[_InPlace]) -> list[Outcome]:
        if len(group) == 1:
            return [await self._in_place(group[0])]
        refusals = [self._begin(wanted) for wanted in group]
        if any(refusals):
            group = [wanted for wanted, refusal in zip(group, refusals, strict=True) if refusal is None]
            outcomes = [refused(refusal) for refusal in refusals if refusal is not None]
            return outcomes + (await self._sent(group) if group else [])
        return await self._sent(group)

    async def _sent(self, group: Sequence[_InPlace]) -> list[Outcome]:
        asked = [(wanted.order, wanted.change, self._sender.new_id()) for wanted in group]
        answers: Sequence[Answer]
        try:
            answers = await self._floor.client(group[0].order).change_many(asked)
        except (RefusedError, OutcomeUnknownError) as error:
            answers = [error] * len(group)
        except Exception as error:  # the request may have left: a crash is never taken for "not sent"
            logger.error("changing %d orders failed", len(group), exc_info=error)
            answers = [_crash(error)] * len(group)
        return [await self._answered(wanted, answer) for wanted, answer in zip(group, answers, strict=True)]

    def _begin(self, wanted: _InPlace) -> Refusal | None:
        """Write a change down before it is sent; what protects is changed although the journal fails."""
        order, words = wanted.order, msgspec.json.encode(wanted.change).decode()
        try:
            self._floor.journal.write_event("change", order.client_order_id, words)
        except JournalError as error:
            self._floor.messages.error(str(error))
            if not order.is_protective:
                return Refusal("journal", str(error))
        self._floor.ledger.change_began(order.client_order_id)
        return None

    async def _answered(self, wanted: _InPlace, answer: Answer) -> Outcome:
        order, ledger, what = wanted.order, self._floor.ledger, self._floor.describe(wanted.order)
        if isinstance(answer, OutcomeUnknownError):
            self._floor.tasks.spawn(f"change of {order.client_order_id}", self._follow_up(wanted))
            return Outcome(Result.UNKNOWN, f"Change of {what} unconfirmed: {answer.text}; asking the exchange")
        ledger.change_ended(order.client_order_id)
        if isinstance(answer, RefusedError):
            if answer.code in _GONE_CODES:
                self._resolver.verify(order)
            return Outcome(Result.REFUSED, f"{what} not changed: {answer}")
        after = ledger.apply(answer.order)
        if after.status is OrderStatus.CANCELED:
            return Outcome(Result.REFUSED, f"{what} was canceled by the change: {after.reason or 'it could not stand'}")
        text = f"{what} is now {self._floor.describe(after)}; it {wanted.kind.value}"
        return Outcome(Result.DONE, text, None, after.client_order_id)

    async def _by_exchange(self, order: Order, change: OrderChange, reviewed: bool, origin: Origin) -> Outcome:
        """The exchange cancels and sends anew in one request; either half may fail."""
        asked = Asked(replacing_request(order, change), reviewed, origin, group=order.group, role=order.role)
        written = self._sender.write_down([replace(asked, replaces=order)])
        if isinstance(written, Refusal):
            return refused(written)
        new, ledger = written[0], self._floor.ledger
        self._begin(_InPlace(order, change, ChangeKind.REPLACES))
        ledger.mark(new.client_order_id, OrderStatus.SUBMITTED)
        try:
            with self._resolver.sending([new]):
                changed = await self._floor.client(order).change(order, change, new.client_order_id)
        except RefusedError as error:
            ledger.change_ended(order.client_order_id)
            return self._sender.refused_by_exchange(new, error)
        except OutcomeUnknownError as error:
            return self._replacement_in_doubt(order, new, change, error)
        except Exception as error:  # the request may have left: a crash is never taken for "not sent"
            logger.error("replacing %s failed", order.client_order_id, exc_info=error)
            return self._replacement_in_doubt(order, new, change, _crash(error))
        ledger.change_ended(order.client_order_id)
        ledger.apply(changed.order)
        return self._replaced(order, new, changed)

    def _replacement_in_doubt(self, order: Order, new: Order, change: OrderChange, error: BinanceError) -> Outcome:
        wanted = _InPlace(order, change, ChangeKind.REPLACES)
        self._floor.tasks.spawn(f"change of {order.client_order_id}", self._follow_up(wanted))
        return self._sender.unknown(new, error.text)

    def _replaced(self, order: Order, new: Order, changed: Changed) -> Outcome:
        if changed.replacement is not None:
            outcome = self._sender.accepted(new, changed.replacement)
            kind = ChangeKind.REPLACES.value
            return Outcome(
                outcome.result, f"{self._floor.describe(order)} {kind}: {outcome.text}", None, new.client_order_id
            )
        refusal = changed.refusal or RefusedError("the exchange did not say why")
        self._sender.refused_by_exchange(new, refusal)
        text = f"{self._floor.describe(order)} was canceled, and what was to take its place was refused: {refusal}"
        is_bare = order.role is LegRole.STOP_LOSS or guards_coins(order, self._floor.store)
        self._floor.messages.error(f"UNPROTECTED {order.symbol}: {text}" if is_bare else text)
        return Outcome(Result.REFUSED, text, None, order.client_order_id)

    async def _follow_up(self, wanted: _InPlace) -> None:
        """Ask until the order is seen changed or closed, or seen unchanged after the change can no longer land."""
        floor, order = self._floor, wanted.order
        started_ms, wait = floor.clock.now_ms(), 0.0
        for delay in floor.patience.delays():
            await asyncio.sleep(max(delay, wait))
            wait = 0.0
            try:
                report = await floor.client(order).find_order(order)
            except BinanceError as error:
                wait = pause_s(error, 0, floor.clock)
                continue
            after = floor.ledger.confirm(report) if report is not None else floor.ledger.get(order.client_order_id)
            is_over = floor.clock.now_ms() - started_ms >= floor.patience.window_ms
            if after is None or after.status.is_closed or is_over or (report and _is_made(wanted.change, report)):
                break
        floor.ledger.change_ended(order.client_order_id)
        current = floor.ledger.get(order.client_order_id)
        if current is not None and wanted.kind is not ChangeKind.REPLACES:
            floor.messages.warning(f"The change is resolved: the order is {floor.describe(current)}")


def _crash(error: Exception) -> OutcomeUnknownError:
    return OutcomeUnknownError(f"{type(error).__name__}: {error}")


def _is_made(change: OrderChange, report: OrderReport) -> bool:
    return change.price in (None, report.price) and change.quantity in (None, report.quantity)
