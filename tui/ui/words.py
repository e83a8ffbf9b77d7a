"""Sentences that belong to no pane."""

from collections.abc import Iterable, Sequence

from tui.domain.order import Order
from tui.engine.algos.plan import Algo, AlgoState
from tui.engine.market_pieces import flattening_count
from tui.engine.store import Store
from tui.engine.unattended import left_alone

_MOST = 4


def quit_words(orders: Sequence[Order], algos: Iterable[Algo] = (), alone: int = 0) -> str:
    """What stays behind or ends when the program is left; "" when nothing does.

    `alone` of the orders close virtual positions.
    """
    running = [algo for algo in algos if algo.state is AlgoState.RUNNING]
    parts = [_running_words(running)] if running else []
    if orders:
        listed = ", ".join(f"{o.side} {o.leaves.normalize():f} {o.symbol}" for o in orders[:_MOST])
        more = f" and {len(orders) - _MOST} more" if len(orders) > _MOST else ""
        count = "1 working order stays" if len(orders) == 1 else f"{len(orders)} working orders stay"
        parts.append(f"{count} at the exchange: {listed}{more}")
    if alone:
        one = alone == 1
        what = f"{alone} of them {'closes a virtual position' if one else 'close virtual positions'}"
        parts.append(f"{what}, not reduce-only: nobody cuts {'it' if one else 'them'} meanwhile")
    return f"QUIT: {'; '.join(parts)}" if parts else ""


def leaving_words(store: Store) -> str:
    """Everything that leaving this session means; "" when nothing does."""
    said = quit_words(store.open_orders(), store.algos.values(), virtual_closes(store))
    alone = "; ".join(left_alone(store))
    return f"{said}; {alone}" if said and alone else said or (f"QUIT: {alone}" if alone else "")


def virtual_closes(store: Store) -> int:
    """How many working orders close a virtual position, which this program alone keeps from opening the other way."""
    own = (order for order in store.open_orders() if store.is_virtual(order.product) and not order.is_foreign)
    return sum(order.is_protective and not order.reduce_only for order in own)


def _running_words(running: Sequence[Algo]) -> str:
    names = ", ".join(algo.name for algo in running[:_MOST])
    more = f" and {len(running) - _MOST} more" if len(running) > _MOST else ""
    return f"{len(running)} running {'algo ends' if len(running) == 1 else 'algos end'}: {names}{more}"


def flatten_words(store: Store, most: int = 0) -> str:
    """What flattening would close, naming at most so many; "" when every position is flat."""
    held = [position for position in store.positions.values() if position.quantity]
    if not held and store.virtual:
        return f"close {len(store.virtual)} virtual positions against each other, nothing is sent"
    if not held:
        return ""
    count, orders = "close 1 position" if len(held) == 1 else f"close {len(held)} positions", flattening_count(store)
    count += f" in {orders} orders" if orders > len(held) else ""
    named = [f"{'LONG' if p.quantity > 0 else 'SHORT'} {abs(p.quantity).normalize():f} {p.symbol}" for p in held[:most]]
    return f"{count}: {', '.join(named)}" + (" …" if len(held) > most else "") if named else count
