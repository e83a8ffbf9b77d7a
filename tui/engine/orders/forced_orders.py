"""Liquidations and the like of a gap: orders the exchange made itself, which no order of ours leads to."""

import logging
from collections.abc import Iterable

from tui.binance.client import ProductClient
from tui.binance.errors import RefusedError
from tui.domain.instrument import Instrument
from tui.domain.order import Order
from tui.engine.journal import JournalError
from tui.engine.orders.floor import Floor

logger = logging.getLogger(__name__)

#: A gap too short for a position to be opened elsewhere, and liquidated, without more to see of it; and contracts whose
#: liquidations are asked for one by one, which weighs less (20 each) than asking for those of all (50).
_SHORT_GAP_MS = 10 * 60_000
_ONE_BY_ONE = 2


class ForcedOrders:
    """Asks one product for them and tells the ledger."""

    def __init__(self, client: ProductClient, floor: Floor) -> None:
        self._client = client
        self._store, self._ledger, self._journal = floor.store, floor.ledger, floor.journal

    async def read(self, since_ms: int, gap_ms: int | None) -> None:
        """Those since a time; after a short gap only of contracts that could be liquidated, where they are few.

        `gap_ms` is None at the start, when contracts count that were ever traded here: what became of those that only
        others traded is in their fills, once they are looked at. Raises OutcomeUnknownError.
        """
        account = self._client.futures
        if account is None:
            return
        exposed = self._exposed(since_ms, gap_ms)
        asked = [*exposed] if exposed is not None and len(exposed) <= _ONE_BY_ONE else [None]
        try:
            for instrument in asked:
                for report in await account.forced_orders(since_ms, instrument):
                    self._ledger.apply(report)
        except RefusedError as error:
            logger.info("%s: forced orders are not told: %s", self._client.product.label, error)

    def _exposed(self, since_ms: int, gap_ms: int | None) -> list[Instrument] | None:
        """Contracts with a position, or with an order that is open or was lately and may have made one.

        At the start those ever traded here as well; None where any contract may have been liquidated.
        """
        product = self._client.product
        symbols: list[str] = []
        if gap_ms is None:
            try:
                symbols += self._journal.traded(product)
            except JournalError:  # said by whoever writes to it
                return None
        elif gap_ms >= _SHORT_GAP_MS:
            return None
        symbols += [one.symbol for one in self._store.positions.values() if one.product is product]
        symbols += lively_symbols((one for one in self._store.orders.values() if one.product is product), since_ms)
        known = (self._store.instruments.get(symbol) for symbol in dict.fromkeys(symbols))
        return [one for one in known if one is not None]


def lively_symbols(orders: Iterable[Order], since_ms: int) -> list[str]:
    """Symbols of orders that were open at this time, or to which anything happened since."""
    return [order.symbol for order in orders if not order.status.is_closed or order.updated_ms >= since_ms]
