"""Lists whose exits the exchange dropped although their entry had traded (spot and margin).

The exits of a list enter the book only once its entry has filled wholly (spot API docs 2026-07-21, "Order lists"). What
an entry bought before it was cancelled has none; and those that are due are refused where they are larger than what a
fee has left of the coins. They are placed from here, for what was bought.
"""

from tui.binance.errors import REFUSED_WHEN_DUE
from tui.domain.order import LegRole, Order, OrderChange, OrderStatus
from tui.engine.journal import JournalError
from tui.engine.orders.bracket import Bracket, Leg
from tui.engine.orders.bracket_keeper import BracketKeeper
from tui.engine.orders.floor import Floor
from tui.engine.orders.ledger import UNKNOWN_THERE
from tui.engine.orders.renewal import changed_request
from tui.engine.store import Link, LinkHealth


class CutLists:
    """Has the exits of such lists placed by the keeper of brackets."""

    def __init__(self, floor: Floor, keeper: BracketKeeper) -> None:
        self._floor = floor
        self._keeper = keeper

    def order_changed(self, before: Order | None, after: Order) -> None:
        """An order changed: it may have been the last that a list needed to be left without exits."""
        is_native = after.list_id is not None and not after.product.is_futures and bool(after.group)
        if not is_native or not after.status.is_closed or after.group in self._keeper.brackets:
            return
        if before is None or _is_old_news(before, after):
            return
        orders = self._floor.ledger.of_group(after.group)
        entry = _entry_of(orders) or self._entry_written(after.group)
        legs = [order for order in orders if order.role.is_exit]
        if entry is None or not legs:
            return
        if _ends_short(entry, after, legs) and entry.reason == UNKNOWN_THERE:
            # Denied is not cancelled: it may have filled this moment, and its exits stand.
            text = f"{self._floor.describe(entry)} is not found any more, {entry.filled:f} of it filled"
            self._floor.messages.error(f"UNPROTECTED {entry.symbol}, perhaps: {text}; look whether its exits work")
        elif _ends_short(entry, after, legs):
            self._place_from_here(entry, legs, "and its list with it")
        elif _refused_when_due(entry, legs):
            self._place_from_here(entry, legs, "and its exits were refused when they were due")

    def _entry_written(self, group: str) -> Order | None:
        """An entry that was over before this start, and so was not among the orders of the session."""
        try:
            entry = _entry_of(self._floor.journal.orders_of(group))
        except JournalError as error:
            self._floor.messages.error(str(error))
            return None
        if entry is not None:
            self._floor.ledger.add(entry)
        return entry

    def _place_from_here(self, after: Order, legs: list[Order], what: str) -> None:
        bracket = Bracket(
            after.group,
            after.product,
            after.symbol,
            after.side,
            after.client_order_id,
            tuple(Leg(order.role, changed_request(order, OrderChange())) for order in legs),
            self._floor.clock.now_ms(),
            taken_back=tuple(order.client_order_id for order in legs),
        )
        ended = f"{self._floor.describe(after)} ended with {after.filled:f} filled, {what}"
        if self._floor.store.links.get(after.product, LinkHealth()).user is not Link.LIVE:
            # Whoever took it back elsewhere, while nobody listened here, may have sold what it bought as well.
            self._floor.messages.error(f"UNPROTECTED {after.symbol}: {ended} while the account was not live here")
            return
        self._floor.messages.warning(f"{ended}: exits for that are placed from here")
        try:
            self._keeper.keep(bracket)
        except JournalError as error:
            self._floor.messages.error(f"UNPROTECTED {after.symbol}: {error}")


def _entry_of(orders: list[Order]) -> Order | None:
    return next((order for order in orders if order.role is LegRole.ENTRY), None)


def _ends_short(entry: Order, after: Order, legs: list[Order]) -> bool:
    """Whether it is the entry that has just ended, with a part of it traded, and its exits with it."""
    is_cut = after is entry and entry.status is not OrderStatus.FILLED and entry.filled > 0
    return is_cut and not any(leg.filled or leg.status is OrderStatus.REJECTED for leg in legs)


def _refused_when_due(entry: Order, legs: list[Order]) -> bool:
    """Whether the entry filled, the exchange then refused all exits of its list, and none was placed for them yet."""
    return entry.status is OrderStatus.FILLED and all(
        leg.list_id == entry.list_id and leg.status.is_closed and not leg.filled and REFUSED_WHEN_DUE in leg.reason
        for leg in legs
    )


def _is_old_news(before: Order, after: Order) -> bool:
    """Whether the order was known to have ended so."""
    return before.status.is_closed and (before.filled > 0 or before.filled == after.filled)
