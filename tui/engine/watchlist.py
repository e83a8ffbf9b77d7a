"""Which symbols are looked at when nobody has chosen yet."""

from collections.abc import Iterable
from decimal import Decimal

from tui.domain.instrument import Instrument, TradingStatus
from tui.domain.product import Product
from tui.engine.store import Store

#: Quote assets whose turnover can be compared.
_DOLLARS = frozenset({"USDT", "USDC", "FDUSD", "USD", "BUSD"})

_EACH = 8


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
