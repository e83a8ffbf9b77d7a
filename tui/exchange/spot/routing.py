"""Smart order routing: one order, the books of every quote that is worth the same (Binance spot API docs, FAQ "SOR").

The router takes from whichever book has the best price, and hands what it got to the order as allocations: the order's
account pays and receives in the symbol it asked for, the router in the symbol it took from. The router's account is
that of the participants.
"""

from collections.abc import Iterable

from tui.exchange.listing import DOLLARS, Listing
from tui.exchange.matching.match import Incoming, Reach, Stop
from tui.exchange.spot.floor import Floor
from tui.exchange.spot.order import SpotOrder
from tui.exchange.symbol_book import SymbolBook


def routes(listings: Iterable[Listing]) -> dict[str, list[str]]:
    """Symbols between which orders are routed, by base: those of one base whose quotes are interchangeable."""
    found: dict[str, list[str]] = {}
    for listing in listings:
        if listing.quote in DOLLARS:
            found.setdefault(listing.base, []).append(listing.symbol)
    return {base: symbols for base, symbols in found.items() if len(symbols) > 1}


class Router:
    """Routes orders of one venue."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor

    def serves(self, listing: Listing) -> bool:
        """Whether orders of this symbol may be routed."""
        return listing.symbol in routes(self._floor.listings.values()).get(listing.base, ())

    def reach(self, order: SpotOrder, incoming: Incoming) -> Reach:
        """How far an order would get in all its books together."""
        offers: list[tuple[int, int]] = []
        for book in self.books(order):
            found = 0
            for level in book.book.side(not incoming.is_bid).outwards():
                if not incoming.reaches(level.price) or found >= incoming.lots:
                    break
                lots = sum(maker.lots + maker.hidden for maker in level if not incoming.meets_itself(maker))
                offers.append((level.price, lots))
                found += lots
        offers.sort(reverse=not incoming.is_bid)
        left, cost = incoming.lots, 0
        for price, lots in offers:
            taken = min(left, lots)
            left, cost = left - taken, cost + taken * price
        return Reach(incoming.lots - left, cost)

    def deal(self, order: SpotOrder, incoming: Incoming) -> None:
        """Take from the best of the books until the order is filled or none of them reaches its price."""
        books = self.books(order)
        while incoming.lots > 0:
            book = self._best(books, incoming)
            if book is None:
                return
            level = book.book.side(not incoming.is_bid).best
            assert level is not None
            part = Incoming(
                incoming.owner,
                incoming.is_bid,
                incoming.lots,
                level.price,
                None,
                incoming.prevention,
                incoming.group,
            )
            self._floor.dealer.deal(book, part, order, is_routed=True)
            incoming.lots = part.lots
            if part.stop is Stop.PREVENTED:
                incoming.stop = Stop.PREVENTED
                return

    def books(self, order: SpotOrder) -> list[SymbolBook]:
        """The books an order may take from, its own first."""
        own = order.listing.symbol
        symbols = routes(self._floor.listings.values())[order.listing.base]
        return [self._floor.books[symbol] for symbol in sorted(symbols, key=lambda symbol: symbol != own)]

    @staticmethod
    def _best(books: list[SymbolBook], incoming: Incoming) -> SymbolBook | None:
        """The book whose best price is best, the first of equals; notes why there is none."""
        found, best = None, 0
        incoming.stop = Stop.EMPTY
        for book in books:
            level = book.book.side(not incoming.is_bid).best
            if level is None:
                continue
            if not incoming.reaches(level.price):
                incoming.stop = Stop.PRICE
            elif found is None or (level.price < best if incoming.is_bid else level.price > best):
                found, best = book, level.price
        return found
