"""Orders that depend on each other and that the program holds together itself: what is to be done next.

A bracket is an entry and the orders that leave what it bought. `next_step` looks at the orders as they are known and
names one thing to do, or nothing; done again after each step, and after a restart, it mends whatever was left half
done. Quantities are in base units, or contracts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from tui.domain.order import LegRole, Order, OrderListRequest, OrderRequest, OrderStatus
from tui.domain.order_terms import OrderType, Side
from tui.domain.product import Product
from tui.engine.orders.ledger import IN_FLIGHT, may_come_again

_ROLES = (LegRole.STOP_LOSS, LegRole.TAKE_PROFIT)

#: Orders that can close a whole position, whatever it is when they trigger.
_CAN_CLOSE_ALL = frozenset({OrderType.STOP_MARKET, OrderType.MARKET_IF_TOUCHED})

_STOPS = frozenset({OrderType.STOP_MARKET, OrderType.STOP_LIMIT, OrderType.TRAILING_STOP_MARKET})


@dataclass(frozen=True, slots=True)
class Leg:
    """An exit as it was asked for."""

    role: LegRole
    request: OrderRequest


@dataclass(frozen=True, slots=True)
class Bracket:
    """What must be remembered of a bracket beside its orders, which carry its name as their group.

    `entry` is the entry's client id, empty where there are exits alone. `covers_position` says that nothing else was
    held when it began. `written_off` is what of the entry's fill was closed by other orders; `given_up` names exits
    that are not placed again; `taken_back` the orders that were cancelled on the bracket's own account.
    """

    name: str
    product: Product
    symbol: str
    side: Side
    entry: str
    legs: tuple[Leg, ...]
    created_ms: int
    covers_position: bool = False
    written_off: Decimal = Decimal(0)
    #: Exits that were open when that was found, and what each was known to have sold by then.
    open_then: tuple[tuple[str, Decimal], ...] = ()
    given_up: tuple[LegRole, ...] = ()
    taken_back: tuple[str, ...] = ()
    #: Of these orders one is to trade and the others go; there is no entry.
    is_either: bool = False
    is_closed: bool = False

    @property
    def roles(self) -> list[LegRole]:
        """The exits it has, what protects first."""
        return [role for role in _ROLES if any(leg.role is role for leg in self.legs)]

    def leg(self, role: LegRole) -> Leg:
        """One of its exits."""
        return next(leg for leg in self.legs if leg.role is role)


@dataclass(frozen=True, slots=True)
class Place:
    """Send an exit of this size; `closes_all` lets the exchange close the whole position with it."""

    role: LegRole
    quantity: Decimal
    closes_all: bool


@dataclass(frozen=True, slots=True)
class PlaceList:
    """Send the exits as one list that the exchange holds (spot and margin)."""

    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Resize:
    """Give an exit this much left to trade."""

    order: Order
    leaves: Decimal


@dataclass(frozen=True, slots=True)
class TakeBack:
    """Cancel an order of the bracket."""

    order: Order


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Place an exit no more: it ended otherwise than by trading, and not on the bracket's account."""

    role: LegRole
    ended: Order


@dataclass(frozen=True, slots=True)
class WriteOff:
    """The position is closed: by something else, or by one of the open exits, which is told after that."""

    quantity: Decimal
    open_then: tuple[tuple[str, Decimal], ...] = ()


@dataclass(frozen=True, slots=True)
class Close:
    """Nothing is left to do."""


Step = Place | PlaceList | Resize | TakeBack | GiveUp | WriteOff | Close


def next_step(bracket: Bracket, orders: Sequence[Order], held: Decimal | None) -> Step | None:
    """The one thing to do next, None to wait.

    `orders` are all of the bracket's. `held` is the position on its side, never negative; None where it was not stated
    after the last execution of the bracket, so that nothing is left unprotected on the word of an older statement.
    """
    if bracket.is_either:
        return _either_step(orders)
    entries = [order for order in orders if order.role is LegRole.ENTRY]
    exits = [order for order in orders if order.role.is_exit]
    if bracket.entry and not entries:
        return Close()
    unsettled = [order for order in exits if order.status in IN_FLIGHT or order.change_requested]
    if any(order.role is LegRole.STOP_LOSS for order in unsettled):
        return None
    left = left_of(bracket, orders)
    if not bracket.product.is_futures:
        held = None
    if held == 0 and left > 0:
        still_open = [order for order in exits if not order.status.is_closed]
        gone = left + bracket.written_off - _told_late(bracket, orders)
        return WriteOff(gone, tuple((order.client_order_id, order.filled) for order in still_open))
    remaining = max(Decimal(0), left if held is None else min(left, held))
    entry_is_over = all(entry.status.is_closed for entry in entries)
    if not bracket.product.is_futures:
        mine = [order for order in exits if order.client_order_id not in bracket.taken_back]
        return _spot_step(mine, remaining, entry_is_over)
    for role in bracket.roles:
        mine = [order for order in exits if order.role is role]
        if any(order in unsettled for order in mine):
            return None
        step = _exit_step(bracket, role, mine, remaining, held is not None and held > left)
        if step is not None:
            return step
    is_done = entry_is_over and not remaining and all(order.status.is_closed for order in exits)
    is_helpless = entry_is_over and all(role in bracket.given_up for role in bracket.roles)
    return Close() if is_done or is_helpless else None


def left_of(bracket: Bracket, orders: Sequence[Order]) -> Decimal:
    """What the entry bought, and those whose place it took, and nothing has sold yet."""
    sold = sum((order.filled for order in orders if order.role.is_exit), Decimal(0))
    bought = _bought(bracket, [order for order in orders if order.role is LegRole.ENTRY])
    return bought - sold - bracket.written_off + _told_late(bracket, orders)


def _told_late(bracket: Bracket, orders: Sequence[Order]) -> Decimal:
    """What of the written off was sold by exits, as they told later: it is not to be counted twice."""
    then = dict(bracket.open_then)
    late = (order.filled - then[order.client_order_id] for order in orders if order.client_order_id in then)
    return min(bracket.written_off, sum(late, Decimal(0)))


def _either_step(orders: Sequence[Order]) -> Step | None:
    if any(order.status in IN_FLIGHT for order in orders):
        return None
    if all(order.status.is_closed for order in orders):
        return Close()
    # One that another has taken the place of has not ended: the other goes on for it.
    replaced = {order.replaces for order in orders if order.status is not OrderStatus.REJECTED}
    orders = [order for order in orders if order.client_order_id not in replaced or order.filled]
    if any(order.filled > 0 or order.status.is_closed for order in orders):
        return _take_back(order for order in orders if not order.status.is_closed and not order.filled)
    return None


def _bought(bracket: Bracket, entries: Sequence[Order]) -> Decimal:
    if entries:
        return sum((entry.filled for entry in entries), Decimal(0))
    return max((leg.request.quantity or Decimal(0) for leg in bracket.legs), default=Decimal(0))


def _spot_step(exits: Sequence[Order], remaining: Decimal, entry_is_over: bool) -> Step | None:
    """Spot has no order that can only shrink: the exits go as a list once the entry is over.

    Exits whose outcome is open are waited for; where the exchange never had any of them they are sent again.
    """
    if any(order.status in IN_FLIGHT for order in exits):
        return None
    if not all(may_come_again(order) for order in exits):
        return Close()
    if not entry_is_over:
        return None
    return PlaceList(remaining) if remaining else Close()


def _exit_step(
    bracket: Bracket, role: LegRole, mine: Sequence[Order], remaining: Decimal, is_more_held: bool
) -> Step | None:
    """What one exit needs to be of the size that remains."""
    working = [order for order in mine if not order.status.is_closed]
    # One that was refused took nobody's place: what it was to replace still protects.
    replaced = {order.replaces for order in mine if order.status is not OrderStatus.REJECTED}
    if not remaining:
        return _take_back(working)
    outdated = _take_back(order for order in working if order.client_order_id in replaced)
    if outdated is not None:
        return outdated
    current = [order for order in working if order.client_order_id not in replaced]
    if not current:
        return None if role in bracket.given_up else _anew(bracket, role, mine, replaced, remaining, is_more_held)
    # One that was given up may have landed after all, beside the one that was placed for it.
    order = ([one for one in current if not one.cancel_requested] or current)[-1]
    doubled = _take_back(one for one in current if one is not order)
    if doubled is not None:
        return doubled
    if order.cancel_requested:
        return None
    if order.close_position:
        return Resize(order, remaining) if is_more_held else None
    return Resize(order, remaining) if order.leaves != remaining else None


def _anew(
    bracket: Bracket, role: LegRole, mine: Sequence[Order], replaced: set[str], remaining: Decimal, is_more_held: bool
) -> Step:
    for order in mine:
        ended_alone = order.client_order_id not in replaced and order.client_order_id not in bracket.taken_back
        if ended_alone and order.status is not OrderStatus.FILLED and not may_come_again(order):
            return GiveUp(role, order)
    can_close_all = bracket.leg(role).request.type in _CAN_CLOSE_ALL and role is LegRole.STOP_LOSS
    return Place(role, remaining, can_close_all and bracket.covers_position and not is_more_held)


def _take_back(orders: Iterable[Order]) -> TakeBack | None:
    return next((TakeBack(order) for order in orders if not order.cancel_requested), None)


def legs_of(request: OrderListRequest) -> tuple[Leg, ...]:
    """The exits with their roles: a single one is told by its type, of two the profit comes first."""
    if len(request.legs) == 1:
        role = LegRole.STOP_LOSS if request.legs[0].type in _STOPS else LegRole.TAKE_PROFIT
        return (Leg(role, request.legs[0]),)
    profit, stop = request.legs
    return Leg(LegRole.TAKE_PROFIT, profit), Leg(LegRole.STOP_LOSS, stop)
