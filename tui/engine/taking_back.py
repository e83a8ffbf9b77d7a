"""Commands that only take risk away, which nothing may slow down."""

from tui.engine.commands import Command
from tui.engine.commands.automation import StopAlgo
from tui.engine.commands.orders import CancelEntries, CancelOrder, CancelOrders
from tui.engine.commands.safety import Halt
from tui.engine.protection import guards_coins
from tui.engine.store import Store


def takes_back_entries(command: Command, store: Store) -> bool:
    """Whether a command takes back entries and nothing that protects: it needs no name typed before it."""
    match command:
        case Halt() | StopAlgo():
            return True
        case CancelEntries(include_protective=protective):
            return not protective
        case CancelOrder(client_order_id=name):
            return _are_entries((name,), store)
        case CancelOrders(client_order_ids=names):
            return _are_entries(names, store)
    return False


def _are_entries(names: tuple[str, ...], store: Store) -> bool:
    orders = [store.orders.get(name) for name in names]
    return all(order is not None and not (order.is_protective or guards_coins(order, store)) for order in orders)
