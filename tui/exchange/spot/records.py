"""What spot orders carry beyond their row in the state file, as documents."""

import msgspec

from tui.exchange.documents import Documents
from tui.exchange.orders import ExchangeOrder, Prevention
from tui.exchange.spot.order import Amendment, Peg, SpotOrder

_KIND = "spot_order"


class SpotRecord(msgspec.Struct, omit_defaults=True):
    """The fields of `SpotOrder` that a plain limit or market order leaves alone."""

    order_id: int
    stop_ticks: int = 0
    trailing_delta: int | None = None
    trailing_ms: int = -1
    extreme_ticks: int = 0
    strategy_id: int | None = None
    strategy_type: int | None = None
    peg: Peg | None = None
    uses_sor: bool = False
    stated_ticks: int = 0
    lock_ticks: int = 0
    list_id: int = -1
    working_ms: int = -1
    is_waiting: bool = False
    lacks_quantity: bool = False
    iceberg_lots: int = 0
    prevented_lots: int = 0
    preventions: list[Prevention] = []
    changes: list[Amendment] = []


_NAMES = [name for name in SpotRecord.__struct_fields__ if name != "order_id"]


def _is_plain(order: SpotOrder) -> bool:
    """Whether an order is no more than its row tells: no stop, no list, nothing that only some orders have."""
    return not (
        order.is_stop
        or order.list_id >= 0
        or order.iceberg_lots
        or order.prevented_lots
        or order.preventions
        or order.changes
        or order.uses_sor
        or order.peg is not None
        or order.strategy_id is not None
        or order.strategy_type is not None
    )


class SpotRecords:
    """Writes down orders that are more than plain, and gives them back after a restart."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._written: set[int] = set()
        self._former: dict[int, SpotRecord] | None = None

    def note(self, order: SpotOrder) -> None:
        """Keep what an order carries now, unless it is plain and always was."""
        if _is_plain(order) and order.order_id not in self._written:
            return
        self._written.add(order.order_id)
        record = SpotRecord(order.order_id, **{name: getattr(order, name) for name in _NAMES})
        self._documents.put(_KIND, order.order_id, record)

    def forget(self, order: ExchangeOrder) -> None:
        """Let go of what an order carried; it is not kept any more."""
        if order.order_id in self._written:
            self._written.remove(order.order_id)
            self._documents.drop(_KIND, order.order_id)

    def restore(self, order: ExchangeOrder) -> SpotOrder:
        """The spot order an order of the state file was."""
        if self._former is None:
            self._former = {record.order_id: record for record in self._documents.found(_KIND, SpotRecord)}
        found = {name: getattr(order, name) for name in ExchangeOrder.__struct_fields__}
        record = self._former.pop(order.order_id, None)
        if record is None:
            price = order.price_ticks
            more = {"stated_ticks": price, "lock_ticks": price, "working_ms": order.created_ms}
        else:
            self._written.add(order.order_id)
            more = {name: getattr(record, name) for name in _NAMES}
        return SpotOrder(**(found | more))

    def drop_unclaimed(self) -> None:
        """Forget the records of orders that are no longer kept."""
        for order_id in self._former or ():
            self._documents.drop(_KIND, order_id)
        self._former = None
