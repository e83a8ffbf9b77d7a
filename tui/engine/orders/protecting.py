"""A stop or a target for a whole position: the new one first, the old one goes once the new one is there."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from tui.domain.account import Position
from tui.domain.order import LegRole, Order, OrderRequest
from tui.domain.order_terms import OrderType, Terms
from tui.engine.commands import Origin
from tui.engine.commands.answers import Refusal, Result
from tui.engine.commands.orders import Protect
from tui.engine.orders.canceller import Canceller
from tui.engine.orders.closing import held_position, not_assigned
from tui.engine.orders.outcome import Outcome, refused, together
from tui.engine.orders.sender import Asked, OrderSender
from tui.engine.protection import PROTECT, STOPS, TARGETS
from tui.engine.store import Store
from tui.engine.virtual_guard import too_large

_TYPES = {LegRole.STOP_LOSS: OrderType.STOP_MARKET, LegRole.TAKE_PROFIT: OrderType.MARKET_IF_TOUCHED}


class Protecting:
    """Puts the stops and targets of whole positions in place, moves them and takes them away."""

    def __init__(self, store: Store, sender: OrderSender, canceller: Canceller) -> None:
        self._store, self._sender, self._canceller = store, sender, canceller
        #: Orders that are cancelled as soon as those that take their place are there.
        self.going: set[str] = set()

    async def protect(self, command: Protect, origin: Origin) -> Outcome:
        """A price puts an order in place, zero takes the one there away, None leaves it."""
        position = held_position(self._store, command.symbol, command.position_side)
        if isinstance(position, Refusal):
            return refused(position)
        refusal = not_assigned(position, "protected")
        if refusal is not None:
            return refused(refusal)
        outcomes: list[Outcome] = []
        for role, price in ((LegRole.STOP_LOSS, command.stop_price), (LegRole.TAKE_PROFIT, command.target_price)):
            if price is None:
                continue
            old = self._standing(position, role)
            if price > 0:
                request = _request(position, role, price)
                # In doubt, the new one takes the old one's place as soon as it is found.
                successor_of = old[0] if len(old) == 1 else None
                group = f"{PROTECT}{position.key}"
                asked = Asked(request, command.reviewed, origin, role=role, group=group, replaces=successor_of)
                outcomes += await self._put_in_place(asked, position, old)
            elif old and (not outcomes or outcomes[-1].result is Result.DONE):
                outcomes.append(await self._take_away(old))
        if not outcomes:
            return refused(Refusal("nothing", "Give a stop price, a target price, or zero to take one away"))
        return together(outcomes, "done")

    def _standing(self, position: Position, role: LegRole) -> list[Order]:
        """Open stops, or targets, that can only shrink this position; a target may be a plain limit order."""
        is_stop = role is LegRole.STOP_LOSS
        return [
            order
            for order in self._store.open_orders(position.symbol)
            if (order.type in (STOPS if is_stop else TARGETS) or (not is_stop and order.role is LegRole.TAKE_PROFIT))
            and order.is_protective
            and order.side is not position.side
            and order.position_side is position.position_side
        ]

    async def _put_in_place(self, asked: Asked, position: Position, old: Sequence[Order]) -> list[Outcome]:
        """The new order, then the old ones go; of a virtual position only what no other order would close already."""
        names = [order.client_order_id for order in old]
        too_much = too_large(asked.request, self._store, but=names) if position.is_virtual else None
        if too_much is not None:
            return [refused(too_much)]
        self.going.update(names)
        try:
            outcomes = [await self._send(asked, old)]
            if old and outcomes[0].result is Result.DONE:
                outcomes.append(await self._take_away(old))
        finally:
            self.going.difference_update(names)
        return outcomes

    async def _send(self, asked: Asked, old: Sequence[Order]) -> Outcome:
        """Futures hold one order a side that closes a whole position (-4130): beside an old one, its size is given."""
        if not any(order.close_position for order in old):
            outcome = await self._sender.submit(asked)
            if outcome.result is not Result.REFUSED or "-4130" not in outcome.text:
                return outcome
        sized = replace(asked.request, close_position=False, reduce_only=True)
        return await self._sender.submit(replace(asked, request=sized))

    async def _take_away(self, old: Sequence[Order]) -> Outcome:
        return await (self._canceller.cancel(old[0]) if len(old) == 1 else self._canceller.cancel_all(old))


def _request(position: Position, role: LegRole, price: Decimal) -> OrderRequest:
    """The conditional order that closes a whole position, whatever it is by then; a virtual one's is of its size."""
    return OrderRequest(
        position.symbol,
        position.side.opposite,
        _TYPES[role],
        abs(position.quantity),
        reduce_only=position.is_virtual,
        close_position=not position.is_virtual,
        terms=Terms(trigger_price=price, position_side=position.position_side),
    )
