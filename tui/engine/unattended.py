"""What this program must still do by itself, for which it needs the keys: nobody else would do it."""

from tui.engine.algos.plan import AlgoState
from tui.engine.store import Store


def still_to_do(store: Store) -> list[str]:
    """In words with their numbers: `2 brackets`, `1 countdown`; empty where the exchange looks after everything."""
    opened = store.open_orders()
    # What protects a position and is held by the exchange whole needs nobody here; a list of the exchange's neither.
    groups = {order.group for order in opened if order.group and order.list_id is None} - store.algos.keys()
    brackets = sum(not group.startswith("protect ") for group in groups)
    running = sum(algo.state is AlgoState.RUNNING for algo in store.algos.values())
    expiring = sum(order.expires_here for order in opened)
    counted = ((brackets, "bracket"), (running, "algo"), (len(store.countdowns), "countdown"), (expiring, "GTD order"))
    return [f"{count} {name}{'' if count == 1 else 's'}" for count, name in counted if count]
