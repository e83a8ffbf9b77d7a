"""What is held of each contract and since when that is known, flat positions included."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from tui.domain.account import Position, position_key
from tui.domain.instrument import Instrument
from tui.domain.order import OrderRequest
from tui.domain.order_terms import PositionSide, Side
from tui.domain.product import Product
from tui.engine.store import Store

#: Virtual positions are known as of every moment: the executions that make them are counted as they come.
_ALWAYS = 2**62

#: How far the moment of a question on the exchange's clock may be misjudged, and its answer may lag behind.
QUERY_DOUBT_MS = 200


@dataclass(frozen=True, slots=True)
class Holding:
    """Signed quantity as of a moment of the exchange's clock."""

    quantity: Decimal
    as_of_ms: int


@dataclass(slots=True)
class Holdings:
    """Positions as the exchange last stated them: single ones by its stream, all of a product by a query."""

    _stated: dict[tuple[Product, str], Holding] = field(default_factory=dict)
    _read_ms: dict[Product, int] = field(default_factory=dict)
    #: Signed quantities of virtual positions by key, of the products that have them.
    virtual: dict[Product, dict[str, Decimal]] = field(default_factory=dict)

    def heard(self, position: Position) -> None:
        """Take one statement; an older one than is known changes nothing."""
        key = (position.product, position.key)
        known = self._stated.get(key)
        if known is None or position.time_ms >= known.as_of_ms:
            self._stated[key] = Holding(position.quantity, position.time_ms)

    def read(self, product: Product, positions: Iterable[Position], asked_ms: int) -> None:
        """Take all positions of a product, asked for at this moment; what is not among them is flat.

        An answer counts as a little older than the question, so that it never speaks of an execution it did not see.
        """
        asked_ms -= QUERY_DOUBT_MS
        listed = {position.key: position for position in positions}
        for (owner, key), known in tuple(self._stated.items()):
            if owner is product and key not in listed and known.as_of_ms <= asked_ms:
                self._stated[(owner, key)] = Holding(Decimal(0), asked_ms)
        for key, position in listed.items():
            known = self._stated.get((product, key), Holding(Decimal(0), 0))
            if known.as_of_ms <= asked_ms:
                self._stated[(product, key)] = Holding(position.quantity, max(asked_ms, position.time_ms))
        self._read_ms[product] = max(asked_ms, self._read_ms.get(product, 0))

    def of(self, product: Product, symbol: str, side: PositionSide) -> Holding | None:
        """What is held, None where it was never stated and never asked for."""
        kept = self.virtual.get(product)
        if kept is not None and side is not PositionSide.BOTH:
            return Holding(kept.get(position_key(symbol, side), Decimal(0)), _ALWAYS)
        known = self._stated.get((product, position_key(symbol, side)))
        if known is not None:
            return known
        read_ms = self._read_ms.get(product)
        return None if read_ms is None else Holding(Decimal(0), read_ms)


def leaves_what_is_held(request: OrderRequest, instrument: Instrument, store: Store) -> bool:
    """Whether an order that comes with no entry is a way out: coins held are sold, coins owed are bought back.

    Contracts say it themselves. More than is held or owed is a way in.
    """
    if instrument.product.is_futures:
        return request.only_shrinks
    wallet = store.wallet(instrument, instrument.base)
    net = Decimal(0) if wallet is None else wallet.net
    held = net if request.side is Side.SELL else -net
    return request.quantity is not None and held >= request.quantity > 0
