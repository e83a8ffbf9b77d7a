"""What the clock does to open futures orders: good-till-date orders expire, countdowns cancel all of a symbol."""

from typing import TYPE_CHECKING

import msgspec

from tui.exchange.orders import OrderState

if TYPE_CHECKING:
    from tui.exchange.venue import Venue

_KIND = "countdown"


class _Countdown(msgspec.Struct):
    number: int
    account_id: str
    symbol: str
    due_ms: int


class Deadlines:
    """The deadlines of one venue's orders."""

    def __init__(self, venue: "Venue") -> None:
        self._venue = venue
        self._countdowns: dict[tuple[str, str], _Countdown] = {}

    def restore(self) -> None:
        """Take the countdowns of a former run."""
        for countdown in self._venue.documents.found(_KIND, _Countdown):
            self._countdowns[countdown.account_id, countdown.symbol] = countdown

    def count_down(self, account_id: str, symbol: str, length_ms: int, now_ms: int) -> None:
        """Cancel the symbol's orders unless asked again within `length_ms`; 0 ends the countdown."""
        former = self._countdowns.pop((account_id, symbol), None)
        if former is not None and not length_ms:
            self._venue.documents.drop(_KIND, former.number)
        if length_ms:
            number = former.number if former else self._free_number()
            countdown = _Countdown(number, account_id, symbol, now_ms + length_ms)
            self._countdowns[account_id, symbol] = countdown
            self._venue.documents.put(_KIND, number, countdown)

    def _free_number(self) -> int:
        return 1 + max((countdown.number for countdown in self._countdowns.values()), default=0)

    def turn(self, now_ms: int) -> None:
        """Carry out what has come due."""
        venue = self._venue
        for key, countdown in list(self._countdowns.items()):
            if now_ms >= countdown.due_ms:
                del self._countdowns[key]
                venue.documents.drop(_KIND, countdown.number)
                venue.cancel_all(countdown.account_id, countdown.symbol)
        for order in venue.registry.every_open():
            if order.good_till_ms and now_ms >= order.good_till_ms:
                venue.dealer.end(venue.books[order.listing.symbol], order, OrderState.EXPIRED, "EXPIRED")
