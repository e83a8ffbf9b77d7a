"""Lists that the exchange dropped with their entry although a part of it had traded (spot and margin).

The exits of a list enter the book only once its entry has filled wholly (spot API docs 2026-07-21, "Order lists"). What
an entry bought before it was cancelled has none: they are placed from here, for what was bought.
"""

from tui.domain.order import LegRole, Order, OrderChange, OrderStatus
from tui.engine.journal import JournalError
from tui.engine.orders.bracket import Bracket, Leg
from tui.engine.orders.bracket_keeper import BracketKeeper
from tui.engine.orders.floor import Floor
from tui.engine.orders.renewal import changed_request
from tui.engine.store import Link, LinkHealth


class CutLists:
    """Has the exits of such lists placed by the keeper of brackets."""

    def __init__(self, floor: Floor, keeper: BracketKeeper) -> None:
        self._floor = floor
        self._keeper = keeper

    def order_changed(self, before: Order | None, after: Order) -> None:
        """An order changed: it may be an entry that has just ended with a part of it bought."""
        if after.group in self._keeper.brackets or not _has_ended_short(after) or _is_old_news(before):
            return
        legs = [order for order in self._floor.ledger.of_group(after.group) if order.role.is_exit]
        if not legs or any(order.filled or order.status is OrderStatus.REJECTED for order in legs):
            return
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
        ended = f"{self._floor.describe(after)} ended with {after.filled:f} filled, and its list with it"
        if self._floor.store.links.get(after.product, LinkHealth()).user is not Link.LIVE:
            # Whoever took it back elsewhere, while nobody listened here, may have sold what it bought as well.
            self._floor.messages.error(f"UNPROTECTED {after.symbol}: {ended} while the account was not live here")
            return
        self._floor.messages.warning(f"{ended}: exits for that are placed from here")
        try:
            self._keeper.keep(bracket)
        except JournalError as error:
            self._floor.messages.error(f"UNPROTECTED {after.symbol}: {error}")


def _has_ended_short(order: Order) -> bool:
    is_native = order.role is LegRole.ENTRY and order.list_id is not None and not order.product.is_futures
    return is_native and order.status.is_closed and order.status is not OrderStatus.FILLED and order.filled > 0


def _is_old_news(before: Order | None) -> bool:
    """Whether the entry was known to have ended so: first heard of at a start, it was seen to before."""
    return before is None or (before.status.is_closed and before.filled > 0)
