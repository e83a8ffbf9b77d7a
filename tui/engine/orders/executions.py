"""The executions of the session, in the store: each counted once, whoever tells of it and however often."""

from collections import deque
from collections.abc import Callable, Iterable
from itertools import islice

from tui.domain.order import Fill, Order
from tui.domain.product import Product
from tui.engine.store import FILLS_KEPT, Store

#: Executions are told apart among this many.
MOST_COUNTED = 50_000

#: An order, and an execution of one.
OrderNumber = tuple[Product, str, int]
Key = tuple[Product, str, int, int]


class Executions:
    """Writes `store.fills`. The first statement about an execution counts, a fuller one corrects it.

    Executions that were inferred carry negative numbers; they give way to whatever is told of the same order later.
    """

    def __init__(self, store: Store) -> None:
        #: Told of each execution that is new or corrected, and of each that was taken back.
        self.on_known: Callable[[Fill], None] | None = None
        self.on_gone: Callable[[Fill], None] | None = None
        self._store = store
        #: By key: whether all of it is known, the fee too.
        self._counted: dict[Key, bool] = {}
        #: Orders with inferred executions.
        self._inferred: set[OrderNumber] = set()

    def add(self, fills: Iterable[Fill]) -> list[Fill]:
        """Take executions, newest first in the store; returns those that were new."""
        fresh, fuller = [], []
        for fill in fills:
            key = fill.key
            is_whole = self._counted.get(key)
            if is_whole is None:
                fresh.append(fill)
            elif not is_whole and not fill.is_estimated:
                fuller.append(fill)
            else:
                continue
            self._counted[key] = not fill.is_estimated
        if len(self._counted) > MOST_COUNTED:
            self._counted = dict(islice(self._counted.items(), MOST_COUNTED // 2, None))
        if fresh or fuller:
            self._write(fresh, fuller)
        return fresh

    def of(self, orders: Iterable[Order]) -> list[Fill]:
        """What these orders traded; lists of executions name the exchange's number alone, never our id."""
        known = tuple(orders)
        names = {order.client_order_id for order in known}
        numbers = {(order.product, order.symbol, order.order_id) for order in known if order.order_id}
        return [
            fill
            for fill in self._store.fills
            if fill.client_order_id in names or (fill.product, fill.symbol, fill.order_id) in numbers
        ]

    def _write(self, fresh: list[Fill], fuller: list[Fill]) -> None:
        held = self._store.fills
        gone = self._inferred_before(fresh)
        if len(fresh) == 1 and not fuller and not gone and (not held or fresh[0].time_ms >= held[0].time_ms):
            held.appendleft(fresh[0])
        else:
            replaced = {fill.key for fill in (*fuller, *gone)}
            kept = [fill for fill in held if fill.key not in replaced]
            newest = sorted([*kept, *fuller, *fresh], key=lambda fill: (fill.time_ms, fill.trade_id), reverse=True)
            self._store.fills = deque(newest[:FILLS_KEPT], maxlen=FILLS_KEPT)
        self._store.revision += 1
        for fill in gone:
            self._counted.pop(fill.key, None)
            if self.on_gone is not None:
                self.on_gone(fill)
        for fill in (*fresh, *fuller):
            if self.on_known is not None:
                self.on_known(fill)

    def _inferred_before(self, fresh: list[Fill]) -> list[Fill]:
        """Executions that were inferred for orders of which others have come now: real ones, or all inferred anew."""
        told = {(fill.product, fill.symbol, fill.order_id) for fill in fresh} & self._inferred
        self._inferred -= told
        self._inferred |= {(fill.product, fill.symbol, fill.order_id) for fill in fresh if fill.trade_id < 0}
        if not told:
            return []
        return [f for f in self._store.fills if f.trade_id < 0 and (f.product, f.symbol, f.order_id) in told]
