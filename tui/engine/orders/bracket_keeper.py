"""Holds brackets together while the program runs, and takes them up again from the journal when it starts."""

import asyncio
import itertools
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from tui.domain.order import LegRole, Order
from tui.domain.order_terms import PositionSide, Side
from tui.domain.product import Product
from tui.engine.journal import JournalError
from tui.engine.orders.bracket import Bracket, Step, left_of, next_step
from tui.engine.orders.bracket_exits import BracketExits, Kept
from tui.engine.orders.bracket_journal import read_brackets, write_bracket
from tui.engine.orders.floor import Floor
from tui.engine.tasks import wait

logger = logging.getLogger(__name__)

#: Waits after a step that failed, the last one repeating.
_AFTER_FAILURE_S = (1.0, 2.0, 5.0, 10.0, 30.0)
#: And at least this long, whatever changes.
_SHORTEST_S = 0.25
#: Closed brackets that are remembered.
_MOST_OVER = 500


@dataclass(slots=True)
class _Watch:
    """One bracket and what wakes whoever looks after it."""

    kept: Kept
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def bracket(self) -> Bracket:
        """How it stands."""
        return self.kept.bracket


class BracketKeeper:
    """Has one step after the other done for each bracket, whenever an order or position of it changes."""

    def __init__(self, floor: Floor, exits: BracketExits) -> None:
        self._floor = floor
        self._exits = exits
        self._watches: dict[str, _Watch] = {}
        #: The last that were closed: an entry taken for over may have filled after all.
        self._over: dict[str, Bracket] = {}
        self._live: set[Product] = set()

    @property
    def brackets(self) -> Mapping[str, Bracket]:
        """Those that are not closed, by name."""
        return {name: watch.bracket for name, watch in self._watches.items()}

    def take_up(self) -> None:
        """Know again what the journal holds; the orders that are already closed are needed as well."""
        for bracket in read_brackets(self._floor.journal):
            for order in self._floor.journal.orders_of(bracket.name):
                if self._floor.ledger.get(order.client_order_id) is None:
                    self._floor.ledger.add(order)
            self._watch(bracket)

    def keep(self, bracket: Bracket) -> None:
        """Hold a new bracket together; it is in the journal when this returns. Raises JournalError."""
        write_bracket(self._floor.journal, bracket)
        self._watch(bracket)

    def order_changed(self, before: Order | None, after: Order) -> None:
        """An order changed: its bracket may have something to do."""
        watch = self._watches.get(after.group)
        if watch is not None:
            watch.wake.set()
        elif before is not None and after.role is LegRole.ENTRY and after.filled > before.filled:
            self._open_again(after)

    def _open_again(self, entry: Order) -> None:
        """An entry that was canceled, or denied, and so was over has filled: a statement about it came late."""
        bracket = self._over.pop(entry.group, None)
        if bracket is None:
            return
        what = self._floor.describe(entry)
        self._floor.messages.warning(f"{what} has filled after it was taken for over: its exits are placed now")
        try:
            self.keep(replace(bracket, is_closed=False))
        except JournalError as error:
            self._floor.messages.error(f"UNPROTECTED {entry.symbol}: {error}")

    def product_live(self, product: Product) -> None:
        """The account agrees with the exchange: steps can be taken again."""
        self._live.add(product)
        self._wake(product)

    def product_down(self, product: Product) -> None:
        """Nothing is known for certain until the product is live again."""
        self._live.discard(product)

    def positions_changed(self, product: Product) -> None:
        """What is held changed: exits may be too many."""
        self._wake(product)

    def _wake(self, product: Product) -> None:
        for watch in self._watches.values():
            if watch.bracket.product is product:
                watch.wake.set()

    def _watch(self, bracket: Bracket) -> None:
        kept = Kept(bracket, lambda now: self._remember(kept, now))
        watch = self._watches[bracket.name] = _Watch(kept)
        watch.wake.set()
        self._floor.tasks.spawn(f"bracket {bracket.name}", self._work(watch))

    async def _work(self, watch: _Watch) -> None:
        while not watch.bracket.is_closed:
            await watch.wake.wait()
            watch.wake.clear()
            while watch.bracket.product in self._live and not watch.bracket.is_closed:
                orders = self._floor.ledger.of_group(watch.bracket.name)
                step = next_step(watch.bracket, orders, self._held(watch.bracket, orders))
                if step is None:
                    break
                if await self._taken(watch.kept, step):
                    watch.kept.failures = 0
                    continue
                delay = _AFTER_FAILURE_S[min(watch.kept.failures, len(_AFTER_FAILURE_S) - 1)]
                watch.kept.failures += 1
                # What changes meanwhile may need another step: the stop's, where the target's has failed.
                watch.wake.clear()
                await asyncio.sleep(min(delay, _SHORTEST_S))
                await wait(watch.wake, max(0.0, delay - _SHORTEST_S))
        self._watches.pop(watch.bracket.name, None)
        self._over[watch.bracket.name] = watch.bracket
        if len(self._over) > _MOST_OVER:
            self._over.pop(next(iter(self._over)))

    async def _taken(self, kept: Kept, step: Step) -> bool:
        """Do one step; what goes wrong unforeseen is told and tried again, for without its keeper nothing protects."""
        try:
            return await self._exits.take(kept, step)
        except Exception as error:
            logger.error("bracket %s: step failed", kept.bracket.name, exc_info=error)
            text = f"Bracket of {kept.bracket.symbol}: {type(error).__name__}: {error}; trying again"
            self._floor.messages.error(text)
            return False

    def _remember(self, kept: Kept, bracket: Bracket) -> None:
        """Keep how the bracket stands, in the journal first; protecting goes on when that fails."""
        kept.bracket = bracket
        try:
            write_bracket(self._floor.journal, bracket)
        except JournalError as error:
            self._floor.messages.error(str(error))

    def _held(self, bracket: Bracket, orders: list[Order]) -> Decimal | None:
        """The position on the bracket's side, where it was stated after the last execution of the bracket."""
        if any(order.filled != order.counted_quantity for order in orders):
            return None
        traded_ms = max((fill.time_ms for fill in self._floor.ledger.executions.of(orders)), default=0)
        side = bracket.legs[0].request.terms.position_side
        holding = self._floor.holdings.of(bracket.product, bracket.symbol, side)
        if holding is None or holding.as_of_ms <= traded_ms:
            return None
        held = holding.quantity if bracket.side is Side.BUY else -holding.quantity
        return max(Decimal(0), held - self._kept_for_others(bracket, side))

    def _kept_for_others(self, bracket: Bracket, side: PositionSide) -> Decimal:
        """What older brackets of the same virtual position close of it: there no order is cut by the exchange."""
        if not self._floor.store.is_virtual(bracket.product):
            return Decimal(0)
        older = (
            watch.bracket
            for watch in itertools.takewhile(lambda each: each.bracket.name != bracket.name, self._watches.values())
        )
        mine = (o for o in older if o.symbol == bracket.symbol and o.legs[0].request.terms.position_side is side)
        return sum((max(Decimal(0), left_of(one, self._floor.ledger.of_group(one.name))) for one in mine), Decimal(0))
