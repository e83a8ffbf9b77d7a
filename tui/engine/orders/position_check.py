"""Whether the executions heard of explain the positions that the exchange states."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from tui.config import ReconciliationOptions
from tui.domain.account import Position
from tui.domain.product import Product
from tui.engine.orders.floor import Floor
from tui.engine.orders.inference import expected_quantity, explanation
from tui.engine.store import FILLS_KEPT

#: Differences smaller than this share of the position are rounding.
_TOLERANCE = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class _Agreed:
    """A position as it was last explained."""

    position: Position
    as_of_ms: int
    #: How often in a row the exchange has said something else since.
    misses: int = 0


class PositionCheck:
    """Compares each answer about the account with the last; a lasting difference is made up for, and told.

    `symbols` of `differing` are to be asked for executions before the next look.
    """

    def __init__(self, product: Product, floor: Floor, options: ReconciliationOptions) -> None:
        self.differing: set[str] = set()
        self._product = product
        self._floor = floor
        self._options = options
        self._agreed: dict[str, _Agreed] | None = None
        self._first_ms = 0

    def look(self, positions: Mapping[str, Position], asked_ms: int) -> None:
        """Take the positions of this product by key, asked for at this moment of the exchange's clock."""
        if self._options.filter_position_reports:
            return
        self.differing = set()
        known = self._agreed
        if known is None:
            self._first_ms = asked_ms
            self._agreed = {key: _settled(position, asked_ms) for key, position in positions.items()}
            return
        flat = {key: _flat(agreed.position) for key, agreed in known.items() if key not in positions}
        self._agreed = {
            key: self._compared(known.get(key), position, asked_ms) for key, position in {**positions, **flat}.items()
        }

    def _compared(self, agreed: _Agreed | None, position: Position, asked_ms: int) -> _Agreed:
        if agreed is None:  # it was flat when everything was first looked at
            agreed = _Agreed(_flat(position), self._first_ms)
        if self._is_moving(position, asked_ms):
            return agreed
        if self._has_forgotten(agreed):
            return _settled(position, asked_ms)
        fills = [fill for fill in self._floor.store.fills if fill.product is self._product]
        side = position.position_side
        expected = expected_quantity(agreed.position.quantity, fills, position.symbol, side, agreed.as_of_ms, asked_ms)
        difference = abs(position.quantity - expected)
        if difference <= _TOLERANCE * max(abs(position.quantity), abs(expected)):
            return _Agreed(position, asked_ms)
        self.differing.add(position.symbol)
        if agreed.misses + 1 < max(1, self._options.position_check_retries):
            return _Agreed(agreed.position, agreed.as_of_ms, agreed.misses + 1)
        self._explain(agreed, position, expected, asked_ms)
        return _settled(position, asked_ms)

    def _explain(self, agreed: _Agreed, position: Position, expected: Decimal, asked_ms: int) -> None:
        price = self._price(position, agreed.position)
        text = f"{position.symbol}: the exchange holds {position.quantity:f}, executions explain {expected:f}"
        if not self._options.generate_missing_orders or price is None:
            self._floor.messages.error(text)
            return
        order, fill = explanation(position, expected, price, agreed.as_of_ms, asked_ms)
        if self._floor.ledger.get(order.client_order_id) is None:
            self._floor.messages.error(f"{text}; an order tagged RECONCILIATION stands for the difference")
            self._floor.ledger.add(order)
            self._floor.ledger.add_fills([fill])

    def _price(self, position: Position, before: Position) -> Decimal | None:
        """What the difference traded at, as far as anybody can tell: mark, last price, entry."""
        market = self._floor.store.markets.get(position.symbol)
        mark = market.mark.value.mark if market is not None and market.mark is not None else position.mark_price
        last = market.last_price() if market is not None else None
        return mark or last or position.entry_price or before.entry_price or None

    def _is_moving(self, position: Position, asked_ms: int) -> bool:
        """Whether the position traded too lately for answer and executions to be of the same moment."""
        fills = (fill for fill in self._floor.store.fills if fill.symbol == position.symbol and fill.trade_id >= 0)
        newest = max((fill.time_ms for fill in fills), default=0)
        return newest > asked_ms - self._options.position_check_threshold_ms

    def _has_forgotten(self, agreed: _Agreed) -> bool:
        """Whether executions since the last agreement may have made room for newer ones."""
        fills = self._floor.store.fills
        return len(fills) >= FILLS_KEPT and fills[-1].time_ms > agreed.as_of_ms


def _settled(position: Position, asked_ms: int) -> _Agreed:
    """The position as it is; it may have traded between being asked for and being read."""
    return _Agreed(position, max(asked_ms, position.time_ms))


def _flat(position: Position) -> Position:
    return replace(position, quantity=Decimal(0))
