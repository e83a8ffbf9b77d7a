"""Order lists by account: the active ones, and a bounded memory of past ones, which outlives a restart."""

from decimal import Decimal

from tui.exchange.spot.floor import Floor
from tui.exchange.spot.order import spot_order
from tui.exchange.spot.order_list import ListRecord, OrderList
from tui.exchange.spot.settlement import Hold

_KIND = "order_list"
#: Lists kept on the whole.
_REMEMBERED = 1_000


class ListMemory:
    """Finds lists by id and by client id."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._lists: dict[int, OrderList] = {}
        self._last_id = 0
        self.active: dict[int, OrderList] = {}

    def next_id(self) -> int:
        """A number no list had."""
        self._last_id += 1
        return self._last_id

    def add(self, made: OrderList) -> None:
        """Remember a new list; the oldest done ones beyond the memory are forgotten."""
        self._lists[made.list_id] = self.active[made.list_id] = made
        surplus = len(self._lists) - _REMEMBERED
        if surplus <= 0:
            return
        for number in [number for number, found in self._lists.items() if found.is_done][:surplus]:
            del self._lists[number]
            self._floor.documents.drop(_KIND, number)

    def finish(self, found: OrderList) -> None:
        """The list is no longer active."""
        self.active.pop(found.list_id, None)

    def is_active(self, account_id: str, client_list_id: str) -> bool:
        """Whether an active list has this client id."""
        return any(
            (found.account_id, found.client_list_id) == (account_id, client_list_id) for found in self.active.values()
        )

    def count_active(self, account_id: str, symbol: str) -> int:
        """Active lists of an account on a symbol."""
        return sum((found.account_id, found.listing.symbol) == (account_id, symbol) for found in self.active.values())

    def count_all_active(self, account_id: str) -> int:
        """Active lists of an account on all symbols."""
        return sum(found.account_id == account_id for found in self.active.values())

    def find(self, account_id: str, list_id: int | None, client_list_id: str | None) -> OrderList | None:
        """The list of that id, or the latest of that client id."""
        if list_id is not None:
            found = self._lists.get(list_id)
            return found if found is not None and found.account_id == account_id else None
        for found in reversed(self._lists.values()):
            if (found.account_id, found.client_list_id) == (account_id, client_list_id):
                return found
        return None

    def lists(self, account_id: str) -> list[OrderList]:
        """All remembered lists of an account, ascending ids."""
        return [found for found in self._lists.values() if found.account_id == account_id]

    def note(self, found: OrderList) -> None:
        """Write a list down."""
        working = found.working
        proceeds = working.proceeds.amount if working is not None and working.proceeds is not None else Decimal(0)
        record = ListRecord(
            found.list_id,
            found.account_id,
            found.listing.symbol,
            found.kind,
            found.client_list_id,
            found.time_ms,
            [order.order_id for order in found.orders],
            found.is_done,
            str(proceeds),
        )
        self._floor.documents.put(_KIND, found.list_id, record)

    def resume(self) -> None:
        """Take lists back after their orders; what active ones have set aside is locked again."""
        for record in self._floor.documents.found(_KIND, ListRecord):
            self._last_id = max(self._last_id, record.list_id)
            listing, find = self._floor.listings[record.symbol], self._floor.registry.find
            orders = [find(record.account_id, record.symbol, order_id, None) for order_id in record.order_ids]
            if any(order is None for order in orders):
                self._floor.documents.drop(_KIND, record.list_id)
                continue
            made = OrderList(
                record.list_id,
                record.account_id,
                listing,
                record.kind,
                record.client_list_id,
                record.time_ms,
                [spot_order(order) for order in orders if order is not None],
                record.is_done,
            )
            self._lists[made.list_id] = made
            if not made.is_done:
                self.active[made.list_id] = made
            self._lock_again(made, Decimal(record.proceeds))

    def _lock_again(self, made: OrderList, proceeds: Decimal) -> None:
        settlement, working = self._floor.settlement, made.working
        if working is not None and made.sizes_by_proceeds and not made.is_done:
            working.proceeds = Hold(made.account_id, made.listing.base)
            settlement.collect(working, proceeds)
        holding = [order for order in made.orders if order.state.is_open and order.state.value != "PENDING_NEW"]
        if working is not None and working in holding:
            settlement.reserve(working)
            holding.remove(working)
        holding = [order for order in holding if order.lock_ticks]
        if holding:
            settlement.reserve_together(holding)
