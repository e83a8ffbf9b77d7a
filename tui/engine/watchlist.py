"""Which symbols are looked at when nobody has chosen yet."""

from collections.abc import Iterable
from decimal import Decimal

import msgspec

from tui.domain.instrument import Instrument, TradingStatus
from tui.domain.product import Product
from tui.engine.journal import JournalError
from tui.engine.orders.floor import Floor
from tui.engine.store import Store

_KIND = "busiest"
#: A list older than this is made anew.
_REMEMBERED_MS = 7 * 86_400_000

#: Quote assets whose turnover can be compared.
_DOLLARS = frozenset({"USDT", "USDC", "FDUSD", "USD", "BUSD"})

_EACH = 8


class _Note(msgspec.Struct, frozen=True):
    """The list of one product, as it was at a time."""

    product: Product
    time_ms: int
    symbols: tuple[str, ...]


class Busiest:
    """The symbols of each product with the largest turnover, remembered from one start to the next.

    To know them anew weighs more than half of what else is asked at a start.
    """

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._notes = self._read()

    def _read(self) -> dict[Product, _Note]:
        oldest_ms = self._floor.clock.now_ms() - _REMEMBERED_MS
        try:
            notes = [self._floor.journal.decoded(text, _Note) for text in self._floor.journal.latest(_KIND)]
        except JournalError:  # whoever writes to it says so
            return {}
        return {note.product: note for note in notes if note.time_ms >= oldest_ms and note.symbols}

    def remembers(self, product: Product) -> bool:
        """Whether a product's are known without its tickers."""
        return product in self._notes

    def remember(self, product: Product) -> None:
        """Write down which they are by the tickers of now; what was remembered holds until the next start."""
        note = _Note(product, self._floor.clock.now_ms(), busiest(self._floor.store, [product]))
        self._floor.note(_KIND, product.value, msgspec.json.encode(note).decode())

    def symbols(self, products: Iterable[Product]) -> tuple[str, ...]:
        """Those of these products, one product after the other."""
        chosen: list[str] = []
        for product in products:
            note = self._notes.get(product)
            chosen += note.symbols if note is not None else busiest(self._floor.store, [product])
        return tuple(chosen)


def busiest(store: Store, products: Iterable[Product]) -> tuple[str, ...]:
    """The symbols of each product with the largest turnover of the last day."""
    chosen: list[str] = []
    for product in products:
        rows = [
            (_turnover(store, instrument), symbol)
            for symbol, instrument in store.instruments.items()
            if instrument.product is product
            and instrument.quote in _DOLLARS
            and instrument.status is TradingStatus.TRADING
        ]
        rows.sort(key=lambda row: (-row[0], row[1]))
        chosen += [symbol for _, symbol in rows[:_EACH]]
    return tuple(chosen)


def _turnover(store: Store, instrument: Instrument) -> Decimal:
    ticker = store.market(instrument.symbol).ticker
    if ticker is None:
        return Decimal(0)
    return instrument.traded_value(ticker.value.volume, ticker.value.turnover)
