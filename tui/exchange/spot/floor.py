"""What spot's orders act upon: one venue's books, accounts and memory."""

from collections.abc import Callable
from dataclasses import dataclass

from tui.exchange.clock import Clock
from tui.exchange.dealing import Dealer
from tui.exchange.documents import Documents
from tui.exchange.listing import Listing
from tui.exchange.order_registry import OrderRegistry
from tui.exchange.rejection import Rejection
from tui.exchange.spot.settlement import SpotSettlement
from tui.exchange.symbol_book import SymbolBook


@dataclass(frozen=True, slots=True)
class Floor:
    """The parts of a spot venue; `next_order_id` numbers orders."""

    clock: Clock
    listings: dict[str, Listing]
    books: dict[str, SymbolBook]
    registry: OrderRegistry
    dealer: Dealer
    settlement: SpotSettlement
    documents: Documents
    next_order_id: Callable[[], int]

    def listing(self, symbol: str) -> Listing:
        """The listing of a symbol; Rejection -1121 when there is none."""
        found = self.listings.get(symbol)
        if found is None:
            raise Rejection(-1121, "Invalid symbol.")
        return found
