"""Orders that depend on each other, held by the exchange: OCO, OTO, OTOCO, OPO, OPOCO (spot and margin)."""

import logging
from collections.abc import Sequence

from tui.binance.client import OrderLists
from tui.binance.errors import OutcomeUnknownError, RefusedError
from tui.domain.order import Order, OrderStatus
from tui.engine.commands.answers import Refusal, Result
from tui.engine.orders.floor import Floor
from tui.engine.orders.outcome import Outcome, refused, together
from tui.engine.orders.resolver import Resolver
from tui.engine.orders.sender import Asked, OrderSender
from tui.engine.orders.wire_form import wire_form

logger = logging.getLogger(__name__)


class NativeLists:
    """Sends lists; each order of one is in the journal before, and has an outcome of its own after."""

    def __init__(self, floor: Floor, sender: OrderSender, resolver: Resolver) -> None:
        self._floor = floor
        self._sender = sender
        self._resolver = resolver

    async def submit(self, wanted: Sequence[Asked], *, sized_from_entry: bool, name: str) -> Outcome:
        """Send a list, entry first; all of its orders are judged before any is written down."""
        written = self._sender.write_down(wanted)
        if isinstance(written, Refusal):
            return refused(written)
        lists = self._floor.client(written[0]).lists
        if lists is None:
            outcomes = [self._refuse(order, RefusedError("this product has no order lists")) for order in written]
        else:
            outcomes = await self._place(lists, written, name, sized_from_entry)
        outcome = together(outcomes, "sent as a list that the exchange holds")
        first = written[0].client_order_id
        return Outcome(outcome.result, outcome.text, outcome.refusal, first if outcome.result is Result.DONE else None)

    async def _place(self, lists: OrderLists, orders: Sequence[Order], name: str, sized: bool) -> list[Outcome]:
        for order in orders:
            self._floor.ledger.mark(order.client_order_id, OrderStatus.SUBMITTED)
        try:
            with self._resolver.sending(orders):
                reports = await lists.place([wire_form(order) for order in orders], name, sized_from_entry=sized)
        except RefusedError as error:
            return [self._refuse(order, error) for order in orders]
        except OutcomeUnknownError as error:
            return [self._sender.unknown(order, error.text) for order in orders]
        except Exception as error:  # the request may have left: a crash is never taken for "not sent"
            logger.error("placing list %s failed", name, exc_info=error)
            return [self._sender.unknown(order, f"{type(error).__name__}: {error}") for order in orders]
        told = {report.client_order_id: report for report in reports}
        return [
            self._sender.accepted(order, told[order.client_order_id])
            if order.client_order_id in told
            else self._sender.unknown(order, "the answer does not name it")
            for order in orders
        ]

    def _refuse(self, order: Order, error: RefusedError) -> Outcome:
        return self._sender.refused_by_exchange(order, error)
