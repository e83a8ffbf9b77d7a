"""Prices that follow from the book at the moment an order enters it."""

from tui.domain.order_terms import Side
from tui.exchange.matching.book import MatchingBook
from tui.exchange.rejection import Rejection
from tui.exchange.spot.order import Peg


def pegged_ticks(book: MatchingBook, side: Side, peg: Peg) -> int:
    """The price of a pegged order: the best of its own (PRIMARY_PEG) or the other side, some levels deeper.

    Rejection -2010 when the book does not reach that deep.
    """
    is_buy = side is Side.BUY
    looked_at = book.side(is_buy if peg.price_type == "PRIMARY_PEG" else not is_buy)
    depth = looked_at.depth((peg.offset or 0) + 1)
    if len(depth) <= (peg.offset or 0):
        raise Rejection(-2010, "Order book liquidity is too low for this pegged order.")
    return depth[-1][0]
