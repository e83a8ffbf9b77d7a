"""The participants' hands on one symbol: they quote and take like everybody else, without asking for funds."""

from tui.exchange.accounts.names import HOUSE
from tui.exchange.listing import Listing
from tui.exchange.matching.book import RestingOrder, RestingSide
from tui.exchange.matching.match import Incoming
from tui.exchange.venue import Venue


class HouseDesk:
    """Quotes and takes on one symbol for the house account."""

    def __init__(self, venue: Venue, symbol: str) -> None:
        self._venue = venue
        self._book = venue.books[symbol]

    @property
    def listing(self) -> Listing:
        """The symbol."""
        return self._book.listing

    def side(self, is_bid: bool) -> RestingSide:
        """The book's levels, for looking at."""
        return self._book.book.side(is_bid)

    def best(self, is_bid: bool) -> int | None:
        """Best price of a side in ticks."""
        prices = self._book.book.side(is_bid).prices
        return prices[-1 if is_bid else 0] if prices else None

    def quote(self, is_bid: bool, price: int, lots: int) -> None:
        """Rest lots at a price; a price that would cross is left alone."""
        opposite = self.best(not is_bid)
        if lots <= 0 or price <= 0 or (opposite is not None and (price >= opposite if is_bid else price <= opposite)):
            return
        self._venue.last_order_id += 1
        self._book.book.add(RestingOrder(self._venue.last_order_id, HOUSE, is_bid, price, lots))

    def withdraw(self, is_bid: bool, price: int) -> None:
        """Take every house quote off one level."""
        level = self._book.book.side(is_bid).levels.get(price)
        for order in level or ():
            if order.owner == HOUSE:
                self._book.book.remove(order)

    def resize(self, is_bid: bool, price: int, lots: int) -> None:
        """Bring a level towards this size: by the house quote last in its queue, which keeps at least one lot."""
        level = self._book.book.side(is_bid).levels[price]
        change, order = lots - level.lots, level.last
        if change > 0 and order is not None and order.owner == HOUSE:
            self._book.book.grow(order, change)
        elif change > 0:
            self.quote(is_bid, price, change)
        while order is not None and order.owner != HOUSE:
            order = order.before
        if change < 0 and order is not None and order.lots > 1:
            self._book.book.reduce(order, min(-change, order.lots - 1))

    def take(self, is_buy: bool, lots: int, limit: int) -> int:
        """Trade up to lots at the limit or better, immediately; returns the lots traded."""
        incoming = Incoming(HOUSE, is_buy, lots, limit)
        self._venue.dealer.deal(self._book, incoming, None)
        return lots - incoming.lots
