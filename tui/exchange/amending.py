"""Changing an open futures limit order: it keeps its ids and loses its place (futures reference, 6.7)."""

from collections import deque
from dataclasses import dataclass
from decimal import Decimal

import msgspec
from msgspec.structs import replace

from tui.domain.order_terms import Side
from tui.exchange.documents import Documents
from tui.exchange.filters import Surroundings, check_futures
from tui.exchange.futures_entry import check_price_match, complete
from tui.exchange.matching.match import Incoming, crosses
from tui.exchange.orders import ExchangeOrder, OrderEntry, OrderState
from tui.exchange.rejection import Rejection, missing
from tui.exchange.symbol_book import SymbolBook

MOST_AMENDMENTS = 9_999
#: Changes kept of one venue.
KEPT_AMENDMENTS = 5_000
_KIND = "amendment"


@dataclass(frozen=True, slots=True)
class Change:
    """A modification as a client sent it; `modify_id` is echoed and means nothing else."""

    symbol: str
    order_id: int | None
    client_order_id: str | None
    side: Side
    quantity: Decimal | None
    price: Decimal | None
    price_match: str = "NONE"
    reduce_only: bool = False
    modify_id: str = ""


class Amendment(msgspec.Struct, frozen=True):
    """One change of one order: values before and after, in ticks and lots."""

    amendment_id: int
    account_id: str
    symbol: str
    order_id: int
    client_order_id: str
    time_ms: int
    price_before: int
    price_after: int
    lots_before: int
    lots_after: int
    count: int
    modify_id: str


class AmendmentLog:
    """The changes made last, oldest first."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._log: deque[Amendment] = deque()

    def restore(self) -> None:
        """Take the changes of a former run."""
        self._log.extend(self._documents.found(_KIND, Amendment))
        self._trim()

    def of(self, account_id: str, symbol: str) -> list[Amendment]:
        """The changes of an account's orders, oldest first."""
        return [entry for entry in self._log if entry.account_id == account_id and entry.symbol == symbol]

    def note(self, before: ExchangeOrder, after: ExchangeOrder) -> None:
        """Write down a change."""
        number = self._log[-1].amendment_id + 1 if self._log else 1
        amendment = Amendment(
            number,
            after.account_id,
            after.listing.symbol,
            after.order_id,
            after.client_order_id,
            after.updated_ms,
            before.price_ticks,
            after.price_ticks,
            before.lots,
            after.lots,
            after.amendments,
            after.modify_id,
        )
        self._log.append(amendment)
        self._documents.put(_KIND, number, amendment)
        self._trim()

    def _trim(self) -> None:
        while len(self._log) > KEPT_AMENDMENTS:
            self._documents.drop(_KIND, self._log.popleft().amendment_id)


def check_change(change: Change, order: ExchangeOrder) -> None:
    """Hold a change to the order it is for: Rejection -1102, -5025, -5026, -5037, -5047, -1106 or -1130."""
    if order.type != "LIMIT":
        raise Rejection(-5025, "Only limit order is supported.")
    if change.side is not order.side:
        raise Rejection(-1130, "Data sent for parameter 'side' is not valid.")
    if order.amendments >= MOST_AMENDMENTS:
        raise Rejection(-5026, "Exceed maximum modify order limit.")
    if change.reduce_only and not order.reduce_only:
        raise Rejection(-5047, "The original order is not a reduce-only order.")
    check_price_match(change.price_match, has_price=change.price is not None, is_priced_type=True)
    if change.quantity is None:
        raise missing("quantity")
    if change.price is None and change.price_match == "NONE":
        raise missing("price")


def changed_order(change: Change, order: ExchangeOrder, book: SymbolBook, mark: Decimal, now_ms: int) -> ExchangeOrder:
    """A copy of the order as it is to be; raises the refusals of the filters, -5027 and -5029."""
    listing, is_buy = order.listing, order.side is Side.BUY
    # A reduce-only order is spared the notional only when the change says so once more.
    spared = order.reduce_only and change.reduce_only
    entry = OrderEntry(
        change.symbol, order.side, "LIMIT", None, change.quantity, None, change.price,
        reduce_only=spared, price_match=change.price_match,
    )  # fmt: skip
    entry = complete(entry, listing, book.book, is_buy, now_ms)
    try:
        check_futures(entry, listing, Surroundings(mark, 0))
    except Rejection as refused:
        if refused.code != -4164:
            raise
        raise Rejection(-5029, f"Order's notional must be no smaller than {listing.min_notional:f}") from None
    assert entry.price is not None
    assert entry.quantity is not None
    price, lots = listing.tick.count_of(entry.price), listing.step.count_of(entry.quantity)
    if (price, lots) == (order.price_ticks, order.lots):
        raise Rejection(-5027, "No need to modify the order.")
    return replace(
        order,
        price_ticks=price,
        lots=lots,
        price_match=change.price_match,
        modify_id=change.modify_id,
        amendments=order.amendments + 1,
        updated_ms=now_ms,
    )


def ends_the_order(wanted: ExchangeOrder, book: SymbolBook) -> bool:
    """Whether a change cancels instead: everything asked for is traded already, or a post-only order would take."""
    if wanted.leaves <= 0:
        return True
    return wanted.time_in_force == "GTX" and crosses(book.book, wanted.side is Side.BUY, wanted.price_ticks)


def incoming_of(order: ExchangeOrder, group: int) -> Incoming:
    """The rest of a changed order as the matching sees it; `group` is the trade group of its account."""
    is_buy, prevention = order.side is Side.BUY, order.self_trade_prevention
    return Incoming(order.account_id, is_buy, order.leaves, order.price_ticks, prevention=prevention, group=group)


def apply_change(order: ExchangeOrder, wanted: ExchangeOrder) -> None:
    """Let the order be what the copy is."""
    for name in ("price_ticks", "lots", "price_match", "modify_id", "amendments", "updated_ms"):
        setattr(order, name, getattr(wanted, name))
    order.state = OrderState.PARTIALLY_FILLED if order.filled_lots else OrderState.NEW
