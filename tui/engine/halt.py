"""Sees a halt through: an entry that could not be cancelled at once is cancelled as soon as it can be."""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import replace

from tui.domain.order import Order
from tui.domain.product import Product
from tui.engine.commands.answers import Result
from tui.engine.orders.canceller import Canceller
from tui.engine.orders.floor import Floor
from tui.engine.orders.outcome import Outcome
from tui.engine.store import Link, LinkHealth, TradingState

#: Waits between two looks, the last one repeating.
_AGAIN_S = (0.5, 1.0, 2.0, 5.0)


class Halts:
    """Goes on cancelling until no entry of the time of the halt is left, or the trader arms again.

    `accounts` are the products whose orders are known once they are live.
    """

    def __init__(
        self, floor: Floor, canceller: Canceller, entries: Callable[[], list[Order]], accounts: Collection[Product]
    ) -> None:
        self._floor = floor
        self._canceller = canceller
        self._entries = entries
        self._accounts = accounts
        self._going_on: asyncio.Task[None] | None = None

    def follow(self, outcome: Outcome, halted_ms: int) -> Outcome:
        """What to tell of a halt whose cancels came to this; what is left of it is seen to from now on."""
        text, unknown = f"HALTED. {outcome.text}", self._unknown()
        if self._going_on is not None:
            self._going_on.cancel()
        if unknown or self._left(halted_ms):
            self._going_on = self._floor.tasks.spawn("halt", self._see_through(halted_ms))
        if not unknown:
            return replace(outcome, text=text)
        names = ", ".join(product.label for product in unknown)
        text += f"; the orders of {names} are not known yet, its entries are cancelled as soon as they are"
        return replace(outcome, result=Result.UNKNOWN if outcome.result is Result.DONE else outcome.result, text=text)

    async def _see_through(self, halted_ms: int) -> None:
        tries = 0
        while True:
            await asyncio.sleep(_AGAIN_S[min(tries, len(_AGAIN_S) - 1)])
            tries += 1
            if self._floor.store.session.trading is not TradingState.HALTED:
                return
            left = self._left(halted_ms)
            untold = [order for order in left if not order.cancel_requested]
            if untold:
                await self._canceller.cancel_all(untold)
            elif not left and not self._unknown():
                self._floor.messages.info("The halt is seen through: no entry works any more")
                return

    def _unknown(self) -> list[Product]:
        """Accounts whose orders may be others than those shown."""
        links = self._floor.store.links
        known = (Link.LIVE, Link.STALE)
        return [product for product in self._accounts if links.get(product, LinkHealth()).user not in known]

    def _left(self, halted_ms: int) -> list[Order]:
        """Entries of that time; what was placed elsewhere since is none of the halt's.

        Those whose cancel is on its way count too: it may turn out that it never arrived.
        """
        return [order for order in self._entries() if self._is_older(order, halted_ms)]

    def _is_older(self, order: Order, halted_ms: int) -> bool:
        # Our own orders are dated by this machine's clock, others by the exchange's.
        offset_ms = self._floor.client(order).clock_offset_ms if order.is_foreign else 0
        return order.created_ms <= halted_ms + offset_ms
