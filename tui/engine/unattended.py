"""What this program must still do by itself, for which it needs the keys: nobody else would do it."""

from tui.domain.order import Order
from tui.engine.algos.plan import AlgoState
from tui.engine.protection import PROTECT
from tui.engine.store import Store


def still_to_do(store: Store) -> list[str]:
    """In words with their numbers: `2 brackets`, `1 countdown`; empty where the exchange looks after everything."""
    opened = store.open_orders()
    running = sum(algo.state is AlgoState.RUNNING for algo in store.algos.values())
    counted = (
        (_brackets(store, opened), "bracket"),
        (running, "algo"),
        (len(store.countdowns), "countdown"),
        (_expiring(opened), "GTD order"),
    )
    return [f"{count} {name}{'' if count == 1 else 's'}" for count, name in counted if count]


def left_alone(store: Store) -> list[str]:
    """What becomes of it when the program ends, in clauses; algos are told of elsewhere."""
    opened = store.open_orders()
    counted = (
        (_brackets(store, opened), "bracket", "without its keeper: what fills gets no exits, no exit ends the other"),
        (len(store.countdowns), "countdown", "runs out: the exchange cancels that symbol's orders, exits too"),
        (_expiring(opened), "GTD order", "works beyond its end"),
    )
    return [f"{count} {name}{'' if count == 1 else 's'} {what}" for count, name, what in counted if count]


def _brackets(store: Store, opened: list[Order]) -> int:
    """Orders held together from here: not by a list of the exchange, no algo's, not what protects a position whole."""
    groups = {order.group for order in opened if order.group and order.list_id is None} - store.algos.keys()
    return sum(not group.startswith(PROTECT) for group in groups)


def _expiring(opened: list[Order]) -> int:
    return sum(order.expires_here for order in opened)
