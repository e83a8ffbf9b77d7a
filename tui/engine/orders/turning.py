"""A position turned round in two steps: the second is only sent once nothing of the old one is left.

One order of twice the size would overshoot where a stop or another program shrinks the position at the same moment:
from flat it would open twice as much as anybody reviewed.
"""

import asyncio

from tui.domain.order import Order, OrderStatus
from tui.engine.commands.answers import Result
from tui.engine.orders.floor import Floor
from tui.engine.orders.outcome import Outcome, refused
from tui.engine.orders.sender import Asked, OrderSender

#: Waits for the end of a market order whose answer came before it.
_FOR_END_S = (0.02, 0.05, 0.1, 0.2, 0.4, 0.8)


async def turn_round(floor: Floor, sender: OrderSender, closes: Asked, opens: Asked) -> Outcome:
    """Close, then open as much the other way; what the guards will not let open is not closed either."""
    refusal = sender.judge(opens)
    if refusal is not None:
        return refused(refusal)
    closed = await sender.submit(closes)
    order = await ended(floor, closed)
    if closed.refusal is not None:
        return closed
    if order is None or order.status is not OrderStatus.FILLED:
        result = Result.UNKNOWN if closed.result is Result.UNKNOWN else Result.REFUSED
        return Outcome(result, f"{closed.text}; nothing was opened, the position is not turned round", None, _id(order))
    opened = await sender.submit(opens)
    if opened.result is Result.DONE:
        return Outcome(Result.DONE, f"Turned round: {closed.text}, then {opened.text}", None, opened.client_order_id)
    return Outcome(opened.result, f"Closed, but not turned round: {opened.text}", opened.refusal, _id(order))


async def ended(floor: Floor, outcome: Outcome) -> Order | None:
    """The order as it is once it has ended, or after a moment."""
    order = floor.ledger.get(outcome.client_order_id or "")
    for delay in _FOR_END_S:
        if order is None or order.status.is_closed or outcome.result is Result.UNKNOWN:
            break
        await asyncio.sleep(delay)
        order = floor.ledger.get(order.client_order_id)
    return order


def _id(order: Order | None) -> str | None:
    return None if order is None else order.client_order_id
