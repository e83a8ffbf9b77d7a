"""What holds after every day of trading, once all is quiet: each law names what breaks it."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from exchange_model import FuturesModel

from tui.domain.order import LegRole

D = Decimal


def screen_is_true(table, exchange) -> Iterator[str]:
    """What is shown is what the exchange has: orders, what of them is filled, and that nothing is under way."""
    shown = table.store.orders
    for name, there in exchange.orders.items():
        here = shown.get(name)
        if here is None:
            yield f"{name} is {there.status.value} there and not shown"
            continue
        if here.status.is_closed != there.status.is_closed:
            yield f"{name} is shown {here.status.value}, it is {there.status.value}"
        if here.filled != there.filled:
            yield f"{name} is shown filled {here.filled}, it is {there.filled}"
        if here.cancel_requested or here.change_requested:
            yield f"{name} still waits for a cancel or a change"
    for name, here in shown.items():
        if name not in exchange.orders and not here.status.is_closed:
            yield f"{name} is shown {here.status.value}, it never was there"


def positions_are_true(table, exchange) -> Iterator[str]:
    shown = {held.position_side: held.quantity for held in table.store.positions.values() if held.quantity}
    held = {side: quantity for side, quantity in exchange.held.items() if quantity}
    if shown != held:
        yield f"positions shown {shown}, held {held}"


def no_more_than_asked(exchange, asked) -> Iterator[str]:
    """`asked` is what each side was to open at most, in base units."""
    for side, most in asked.items():
        opening = [order for order in exchange.orders.values() if order.side is side and exchange.opens(order)]
        opened = sum((order.filled if order.status.is_closed else order.quantity for order in opening), D(0))
        if opened > most:
            yield f"{side.value} {opened} was opened or can be, {most} was asked for"


def successors_are_alone(table) -> Iterator[str]:
    """An order that takes another's place is never beside it, nor beside a second one."""
    open_ones = [order for order in table.store.orders.values() if order.replaces and not order.status.is_closed]
    for name, number in Counter(order.replaces for order in open_ones).items():
        replaced = table.store.orders.get(name)
        if number > 1 or (replaced is not None and not replaced.status.is_closed):
            yield f"{name} is open beside its successor, or has {number}"


def nothing_opens_after_a_halt(exchange) -> Iterator[str]:
    if exchange.is_halted:
        for order in exchange.live:
            if exchange.opens(order):
                yield f"{order.client_order_id} is open after the halt"


def brackets_are_covered(table, exchange: FuturesModel) -> Iterator[str]:
    """Each bracket has one of each exit, no larger than what is left of it, and the stop as large as that.

    An exit that was cancelled by hand is not missed.
    """
    for name, bracket in table.session._orders.brackets.brackets.items():
        group = [order for order in table.store.orders.values() if order.group == name]
        there = [exchange.orders[order.client_order_id] for order in group if order.client_order_id in exchange.orders]
        bought = sum((order.filled for order in there if order.role is LegRole.ENTRY), D(0))
        sold = sum((order.filled for order in there if order.role.is_exit), D(0))
        late = sum((exchange.orders[one].filled - then for one, then in bracket.open_then), D(0))
        unsold = bought - sold - max(D(0), bracket.written_off - late)
        left = max(D(0), min([unsold, *(exchange.room(order) for order in there if order.role.is_exit)]))
        for role in bracket.roles:
            exits = [order for order in there if order.role is role and not order.status.is_closed]
            if left and not exits and role not in bracket.given_up:
                yield f"bracket {name} has no {role.value}, {left} is left"
            if len(exits) > 1:
                yield f"bracket {name} has {len(exits)} times its {role.value}"
            for order in exits:
                rest = order.quantity - order.filled
                if left and not order.close_position and rest != left:
                    yield f"bracket {name} has a {role.value} of {rest}, {left} is left"


def what_was_bought_is_protected(exchange: FuturesModel) -> Iterator[str]:
    """Where nothing but brackets was traded, stops cover all that is held, whatever the program knows of it."""
    held = sum(exchange.held.values(), D(0))
    stops = [order for order in exchange.live if order.role is LegRole.STOP_LOSS]
    covered = sum((held if order.close_position else order.quantity - order.filled for order in stops), D(0))
    if covered < held:
        yield f"{held} is held, the stops are of {covered}"


def exits_have_a_position(table, exchange: FuturesModel) -> Iterator[str]:
    """No exit is left over where nothing is held: it would be there for the next position."""
    for order in exchange.live:
        here = table.store.orders.get(order.client_order_id)
        if here is not None and here.role.is_exit and exchange.room(order) <= 0:
            yield f"{order.client_order_id} is left over, nothing is held that it could close"
