"""What only futures orders may ask for: a price matched to the book, and a day until which they are good."""

from msgspec.structs import replace

from tui.domain.product import Product
from tui.exchange.listing import Listing
from tui.exchange.matching.book import MatchingBook
from tui.exchange.orders import OrderEntry
from tui.exchange.rejection import Rejection, missing, not_required

#: Whether a mode looks at the opposite side, and which of its levels it takes (futures reference, 6.10).
_MATCHES = {
    f"{name}{suffix}": (name == "OPPONENT", level)
    for name in ("OPPONENT", "QUEUE")
    for suffix, level in (("", 1), ("_5", 5), ("_10", 10), ("_20", 20))
}
_GOOD_AT_LEAST_MS = 600_000
_GOOD_AT_MOST_MS = 253_402_300_799_000


def check_price_match(mode: str, *, has_price: bool, is_priced_type: bool) -> None:
    """Hold `priceMatch` to the order around it: Rejection -5037, -5038 or -1106."""
    if mode == "NONE":
        return
    if mode not in _MATCHES:
        raise Rejection(-5037, "Invalid price match")
    if not is_priced_type:
        raise Rejection(-5038, "Price match only supports order type: LIMIT, STOP AND TAKE_PROFIT")
    if has_price:
        raise not_required("price")


def matched_price(book: MatchingBook, is_buy: bool, mode: str) -> int:
    """The price in ticks that a mode finds on the book; Rejection -5041 when there is no such level."""
    is_opposite, level = _MATCHES[mode]
    found = book.side(is_buy != is_opposite).depth(level)
    if len(found) < level:
        raise Rejection(-5041, "No depth matches this BBO order")
    return found[-1][0]


def check_good_till(time_in_force: str | None, good_till_ms: int, now_ms: int) -> int:
    """When an order is to expire, in whole seconds; 0 for other times in force. Rejection -1102 or -5040."""
    if time_in_force != "GTD":
        return 0
    if not good_till_ms:
        raise missing("goodTillDate")
    if not now_ms + _GOOD_AT_LEAST_MS < good_till_ms < _GOOD_AT_MOST_MS:
        raise Rejection(
            -5040,
            "The goodTillDate timestamp must be greater than the current time plus 600 seconds and smaller than "
            f"{_GOOD_AT_MOST_MS}",
        )
    return good_till_ms // 1000 * 1000


def complete(entry: OrderEntry, listing: Listing, book: MatchingBook, is_buy: bool, now_ms: int) -> OrderEntry:
    """The entry with its matched price and its whole-second expiry; Rejection -1102, -1115, -5040 or -5041."""
    if entry.time_in_force == "GTD" and listing.product is Product.COINM:
        raise Rejection(-1115, "Invalid timeInForce.")
    if entry.price_match != "NONE":
        entry = replace(entry, price=listing.tick.value(matched_price(book, is_buy, entry.price_match)))
    good_till_ms = check_good_till(entry.time_in_force, entry.good_till_ms, now_ms)
    return entry if good_till_ms == entry.good_till_ms else replace(entry, good_till_ms=good_till_ms)
