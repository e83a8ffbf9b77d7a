"""Holds brackets together while the program runs, and takes them up again from the journal when it starts."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

import msgspec

from tui.domain.order import Fill, LegRole, Order, OrderChange, OrderRequest, OrderStatus, OrderType, Side, Terms
from tui.domain.product import Product
from tui.engine.commands import Origin, Result
from tui.engine.journal import JournalError
from tui.engine.orders.bracket import (
    Bracket,
    Close,
    GiveUp,
    Place,
    PlaceList,
    Resize,
    Step,
    TakeBack,
    WriteOff,
    left_of,
    next_step,
)
from tui.engine.orders.canceller import Canceller
from tui.engine.orders.changer import Changer
from tui.engine.orders.floor import Floor
from tui.engine.orders.native_lists import NativeLists
from tui.engine.orders.outcome import Outcome
from tui.engine.orders.renewal import replacing_request
from tui.engine.orders.sender import Asked, OrderSender

logger = logging.getLogger(__name__)

#: Waits after a step that failed, the last one repeating.
_AFTER_FAILURE_S = (1.0, 2.0, 5.0, 10.0, 30.0)

#: Guards that refuse for a moment alone.
_PASSING_RULES = frozenset({"duplicate", "stale-account", "rate-limit"})

#: Waits for executions of which the order's own answer has told without their fees.
_FOR_EXECUTIONS_S = (0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.5)

#: The price is already beyond the trigger of a stop (derivatives error list): what it protects from has happened.
_WOULD_TRIGGER = "-2021"


@dataclass(slots=True)
class _Watch:
    """One bracket at work."""

    bracket: Bracket
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    failures: int = 0


class BracketKeeper:
    """Does one step after the other for each bracket, whenever an order or position of it changes."""

    def __init__(
        self, floor: Floor, sender: OrderSender, canceller: Canceller, changer: Changer, lists: NativeLists
    ) -> None:
        self._floor = floor
        self._sender = sender
        self._canceller = canceller
        self._changer = changer
        self._lists = lists
        self._watches: dict[str, _Watch] = {}
        self._live: set[Product] = set()
        self._orphans: set[str] = set()

    @property
    def brackets(self) -> Mapping[str, Bracket]:
        """Those that are not closed, by name."""
        return {name: watch.bracket for name, watch in self._watches.items()}

    def take_up(self) -> None:
        """Know again what the journal holds; the orders that are already closed are needed as well."""
        for text in self._floor.journal.open_brackets():
            bracket = msgspec.json.decode(text, type=Bracket)
            for order in self._floor.journal.orders_of(bracket.name):
                if self._floor.ledger.get(order.client_order_id) is None:
                    self._floor.ledger.add(order)
            self._watch(bracket)

    def keep(self, bracket: Bracket) -> None:
        """Hold a new bracket together; it is in the journal when this returns. Raises JournalError."""
        self._floor.journal.write_bracket(bracket.name, _json(bracket), False)
        self._watch(bracket)

    def order_changed(self, before: Order | None, after: Order) -> None:
        """An order changed: its bracket may have something to do."""
        watch = self._watches.get(after.group)
        if watch is not None:
            watch.wake.set()

    def product_live(self, product: Product) -> None:
        """The account agrees with the exchange: steps can be taken again."""
        self._live.add(product)
        self._wake(product)
        self._cancel_orphans(product)

    def product_down(self, product: Product) -> None:
        """Nothing is known for certain until the product is live again."""
        self._live.discard(product)

    def positions_changed(self, product: Product) -> None:
        """What is held changed: exits may be too many."""
        self._wake(product)
        if product in self._live:
            self._cancel_orphans(product)

    def _wake(self, product: Product) -> None:
        for watch in self._watches.values():
            if watch.bracket.product is product:
                watch.wake.set()

    def _watch(self, bracket: Bracket) -> None:
        watch = self._watches[bracket.name] = _Watch(bracket)
        watch.wake.set()
        self._floor.tasks.spawn(f"bracket {bracket.name}", self._work(watch))

    async def _work(self, watch: _Watch) -> None:
        while not watch.bracket.is_closed:
            await watch.wake.wait()
            watch.wake.clear()
            while watch.bracket.product in self._live and not watch.bracket.is_closed:
                step = next_step(watch.bracket, self._orders(watch.bracket), self._held(watch.bracket))
                if step is None:
                    break
                if await self._taken(watch, step):
                    watch.failures = 0
                    continue
                delay = _AFTER_FAILURE_S[min(watch.failures, len(_AFTER_FAILURE_S) - 1)]
                watch.failures += 1
                await asyncio.sleep(delay)
        self._watches.pop(watch.bracket.name, None)

    async def _taken(self, watch: _Watch, step: Step) -> bool:
        """Do one step; what goes wrong unforeseen is told and tried again, for without its keeper nothing protects."""
        try:
            return await self._take(watch, step)
        except Exception as error:
            logger.error("bracket %s: step failed", watch.bracket.name, exc_info=error)
            text = f"Bracket of {watch.bracket.symbol}: {type(error).__name__}: {error}; trying again"
            self._floor.messages.error(text)
            return False

    async def _take(self, watch: _Watch, step: Step) -> bool:
        """Do one step; returns whether it went well, or its outcome will be told by the order itself."""
        match step:
            case Place():
                return await self._place(watch, step)
            case PlaceList():
                return await self._place_list(watch, step)
            case Resize():
                return self._went_well(watch, await self._resize(step))
            case TakeBack():
                taken = (*watch.bracket.taken_back, step.order.client_order_id)
                self._remember(watch, replace(watch.bracket, taken_back=taken))
                return (await self._canceller.cancel(step.order)).result is not Result.REFUSED
            case GiveUp():
                return await self._give_up(watch, step)
            case WriteOff():
                text = f"{watch.bracket.symbol}: the position was closed otherwise; its exits are cancelled"
                self._floor.messages.info(text)
                written_off = watch.bracket.written_off + step.quantity
                self._remember(watch, replace(watch.bracket, written_off=written_off))
            case Close():
                self._remember(watch, replace(watch.bracket, is_closed=True))
        return True

    async def _place(self, watch: _Watch, step: Place) -> bool:
        request = replace(watch.bracket.leg(step.role).request, quantity=step.quantity)
        exit_ = replace(request, close_position=True) if step.closes_all else replace(request, reduce_only=True)
        outcome = await self._sender.submit(self._asked(watch.bracket, exit_, step.role))
        if step.closes_all and outcome.client_order_id is not None and "-4130" in outcome.text:
            sized = replace(request, reduce_only=True)
            self._remember_refused(watch, outcome)
            outcome = await self._sender.submit(self._asked(watch.bracket, sized, step.role))
        if outcome.client_order_id is None:  # a guard refused it: it never became an order
            return self._went_well(watch, outcome)
        return True

    async def _place_list(self, watch: _Watch, step: PlaceList) -> bool:
        bracket = watch.bracket
        await self._executions_told(bracket.entry)
        instrument = self._floor.store.instruments[bracket.symbol]
        entry = self._floor.ledger.get(bracket.entry)
        traded = self._executions([] if entry is None else [entry])
        fees = sum(fill.commission for fill in traded if fill.commission_asset == instrument.base)
        quantity = instrument.step.round(step.quantity - fees, "down")
        wanted = [
            self._asked(bracket, replace(leg.request, quantity=quantity), leg.role)
            for leg in sorted(bracket.legs, key=lambda leg: leg.role is LegRole.STOP_LOSS)
        ]
        outcome = await self._lists.submit(wanted, sized_from_entry=False, name=bracket.name)
        if outcome.refusal is not None and outcome.refusal.rule in _PASSING_RULES:
            return self._went_well(watch, outcome)
        if outcome.result is Result.REFUSED:
            self._floor.messages.error(f"UNPROTECTED {bracket.symbol}: its exits were refused: {outcome.text}")
        if outcome.result is not Result.UNKNOWN:
            self._remember(watch, replace(bracket, is_closed=True))
        return True

    async def _executions_told(self, entry: str) -> None:
        """Wait a little for the fees: exits for coins that went into them would be refused."""
        for delay in _FOR_EXECUTIONS_S:
            order = self._floor.ledger.get(entry)
            if order is None or order.filled <= order.counted_quantity:
                return
            await asyncio.sleep(delay)

    async def _resize(self, step: Resize) -> Outcome:
        order, total = step.order, step.order.filled + step.leaves
        change = OrderChange(quantity=total)
        if not order.close_position:
            return await self._changer.change(order.client_order_id, change, True, Origin.ALGO)
        sized = replace(order, close_position=False, reduce_only=True, quantity=total)
        asked = Asked(replacing_request(sized, change), True, Origin.ALGO)
        return await self._changer.replace(sized, change, asked)

    async def _give_up(self, watch: _Watch, step: GiveUp) -> bool:
        """An exit ended without trading. A stop whose price has passed already does at once what it was there for."""
        bracket, order = watch.bracket, step.ended
        what = self._floor.describe(order)
        self._remember(watch, replace(bracket, given_up=(*bracket.given_up, step.role)))
        is_passed = order.status is OrderStatus.REJECTED and _WOULD_TRIGGER in order.reason
        if step.role is LegRole.STOP_LOSS and is_passed:
            self._floor.messages.error(f"{what}: the price has passed the stop already, the position is closed now")
            side, terms = order.side, Terms(position_side=order.position_side)
            left = left_of(bracket, self._orders(bracket))
            request = OrderRequest(order.symbol, side, OrderType.MARKET, left, reduce_only=True, terms=terms)
            closed = await self._sender.submit(self._asked(bracket, request, LegRole.STOP_LOSS))
            if closed.result is Result.REFUSED:
                self._floor.messages.error(f"UNPROTECTED {bracket.symbol}: {closed.text}; close it by hand")
            await self._stop_entering(bracket)
        elif step.role is LegRole.STOP_LOSS:
            why = order.reason or order.status.value.lower()
            self._floor.messages.error(f"UNPROTECTED {bracket.symbol}: {what} {why}; it is not placed again")
        else:
            self._floor.messages.warning(f"{what} ended ({order.reason or order.status.value.lower()}); the stop stays")
        return True

    async def _stop_entering(self, bracket: Bracket) -> None:
        """What would still fill has no stop to go with it any more."""
        entry = self._floor.ledger.get(bracket.entry)
        if entry is not None and not entry.status.is_closed:
            self._floor.messages.warning((await self._canceller.cancel(entry)).text)

    def _went_well(self, watch: _Watch, outcome: Outcome) -> bool:
        if outcome.result is not Result.REFUSED:
            return True
        if not watch.failures:
            self._floor.messages.error(f"Bracket of {watch.bracket.symbol}: {outcome.text}; trying again")
        return False

    def _asked(self, bracket: Bracket, request: OrderRequest, role: LegRole) -> Asked:
        return Asked(request, True, Origin.ALGO, group=bracket.name, role=role)

    def _remember_refused(self, watch: _Watch, outcome: Outcome) -> None:
        taken = (*watch.bracket.taken_back, outcome.client_order_id or "")
        self._remember(watch, replace(watch.bracket, taken_back=taken))

    def _remember(self, watch: _Watch, bracket: Bracket) -> None:
        """Keep how the bracket stands, in the journal first; protecting goes on when that fails."""
        watch.bracket = bracket
        try:
            self._floor.journal.write_bracket(bracket.name, _json(bracket), bracket.is_closed)
        except JournalError as error:
            self._floor.messages.error(str(error))

    def _orders(self, bracket: Bracket) -> list[Order]:
        return [order for order in self._floor.store.orders.values() if order.group == bracket.name]

    def _held(self, bracket: Bracket) -> Decimal | None:
        """The position on the bracket's side, where it was stated after the last execution of the bracket."""
        orders = self._orders(bracket)
        if any(order.filled != order.counted_quantity for order in orders):
            return None
        traded_ms = max((fill.time_ms for fill in self._executions(orders)), default=0)
        side = bracket.legs[0].request.terms.position_side
        holding = self._floor.holdings.of(bracket.product, bracket.symbol, side)
        if holding is None or holding.as_of_ms <= traded_ms:
            return None
        return max(Decimal(0), holding.quantity if bracket.side is Side.BUY else -holding.quantity)

    def _executions(self, orders: Sequence[Order]) -> list[Fill]:
        """What these orders traded; lists of executions name the exchange's number alone, never our id."""
        names = {order.client_order_id for order in orders}
        numbers = {(order.product, order.symbol, order.order_id) for order in orders if order.order_id}
        return [
            fill
            for fill in self._floor.store.fills
            if fill.client_order_id in names or (fill.product, fill.symbol, fill.order_id) in numbers
        ]

    def _cancel_orphans(self, product: Product) -> None:
        """Exits of this program without a bracket at work and without a position have nothing to protect."""
        for order in self._floor.store.open_orders():
            name = order.client_order_id
            is_exit = order.role.is_exit and order.group and not order.is_foreign and order.list_id is None
            if order.product is not product or not product.is_futures or not is_exit or order.group in self._watches:
                continue
            holding = self._floor.holdings.of(product, order.symbol, order.position_side)
            if holding is None or holding.quantity or holding.as_of_ms <= order.created_ms or name in self._orphans:
                continue
            self._orphans.add(name)
            self._floor.messages.warning(f"{self._floor.describe(order)} protects nothing any more and is cancelled")
            self._floor.tasks.spawn(f"orphan {name}", self._cancel_orphan(order))

    async def _cancel_orphan(self, order: Order) -> None:
        await self._canceller.cancel(order)
        self._orphans.discard(order.client_order_id)


def _json(bracket: Bracket) -> str:
    return msgspec.json.encode(bracket).decode()
