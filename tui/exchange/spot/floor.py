"""What spot's orders act upon: one venue's books, accounts and memory."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count

from tui.exchange.clock import Clock
from tui.exchange.dealing import Dealer
from tui.exchange.documents import Documents
from tui.exchange.listing import Listing
from tui.exchange.order_registry import OrderRegistry
from tui.exchange.rejection import Rejection
from tui.exchange.spot.settlement import SpotSettlement
from tui.exchange.symbol_book import SymbolBook

#: 2020-09-13, before which no execution was numbered.
_EPOCH_MS = 1_600_000_000_000


def execution_ids(now_ms: int) -> Iterator[int]:
    """Numbers that rise across restarts, too small to be taken for times."""
    return count(now_ms - _EPOCH_MS)


@dataclass(frozen=True, slots=True)
class Floor:
    """The parts of a spot venue; `next_order_id` numbers orders, `execution_ids` what becomes of them."""

    clock: Clock
    listings: dict[str, Listing]
    books: dict[str, SymbolBook]
    registry: OrderRegistry
    dealer: Dealer
    settlement: SpotSettlement
    documents: Documents
    next_order_id: Callable[[], int]
    execution_ids: Iterator[int]

    def listing(self, symbol: str) -> Listing:
        """The listing of a symbol; Rejection -1121 when there is none."""
        found = self.listings.get(symbol)
        if found is None:
            raise Rejection(-1121, "Invalid symbol.")
        return found
