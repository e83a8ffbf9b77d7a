"""What an incoming order does to the book."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from tui.exchange.matching.book import MatchingBook, RestingOrder

#: Self-trade prevention modes (Binance spot API docs, FAQ "STP", 2026-07-21); the taker's mode decides.
PREVENTION_MODES = ("NONE", "EXPIRE_MAKER", "EXPIRE_TAKER", "EXPIRE_BOTH")


class Stop(Enum):
    """Why matching ended."""

    FILLED = auto()
    PRICE = auto()
    EMPTY = auto()
    PREVENTED = auto()


@dataclass(slots=True)
class Incoming:
    """An order on its way into the book; `lots` and `budget` shrink while it matches.

    `limit` is None for market orders. `budget`, in ticks times lots, also bounds what may be spent or received.
    """

    owner: str
    is_bid: bool
    lots: int
    limit: int | None = None
    budget: int | None = None
    prevention: str = "NONE"
    stop: Stop = Stop.FILLED


@dataclass(frozen=True, slots=True)
class Match:
    """Lots that traded against one resting order; `is_prevented` when it expired instead, being of the same owner."""

    maker: RestingOrder
    price: int
    lots: int
    is_prevented: bool = False


def match(book: MatchingBook, incoming: Incoming) -> Iterator[Match]:
    """Trade against the other side in price-time priority, one match at a time.

    The book is already changed when a match is yielded. The caller may change other resting orders between matches.
    `incoming.stop` says at the end why it stopped.
    """
    side = book.side(not incoming.is_bid)
    while incoming.lots > 0:
        level = side.best
        if level is None or level.first is None:
            incoming.stop = Stop.EMPTY
            return
        if not _reaches(incoming, level.price):
            incoming.stop = Stop.PRICE
            return
        maker = level.first
        if maker.owner == incoming.owner and incoming.prevention != "NONE":
            if incoming.prevention != "EXPIRE_TAKER":
                lots = maker.lots
                book.remove(maker)
                yield Match(maker, level.price, lots, is_prevented=True)
            if incoming.prevention != "EXPIRE_MAKER":
                incoming.stop = Stop.PREVENTED
                return
            continue
        lots = _tradable(incoming, maker)
        if lots == 0:
            incoming.stop = Stop.FILLED
            return
        incoming.lots -= lots
        if incoming.budget is not None:
            incoming.budget -= lots * level.price
        book.reduce(maker, lots)
        yield Match(maker, level.price, lots)
    incoming.stop = Stop.FILLED


def _reaches(incoming: Incoming, price: int) -> bool:
    if incoming.limit is None:
        return True
    return incoming.limit >= price if incoming.is_bid else incoming.limit <= price


def _tradable(incoming: Incoming, maker: RestingOrder) -> int:
    lots = min(incoming.lots, maker.lots)
    return lots if incoming.budget is None else min(lots, incoming.budget // maker.price)


def crosses(book: MatchingBook, is_bid: bool, limit: int) -> bool:
    """Whether an order at this price would take."""
    best = book.side(not is_bid).best
    return best is not None and (limit >= best.price if is_bid else limit <= best.price)


@dataclass(frozen=True, slots=True)
class Reach:
    """What an incoming order would trade at once: lots, and their cost in ticks times lots."""

    lots: int
    cost: int


def reach(book: MatchingBook, incoming: Incoming) -> Reach:
    """How far an order would get without touching the book; orders of the same owner count only without prevention."""
    lots = cost = 0
    for level in book.side(not incoming.is_bid).outwards():
        if not _reaches(incoming, level.price):
            break
        for maker in level:
            if maker.owner == incoming.owner and incoming.prevention != "NONE":
                continue
            part = min(incoming.lots - lots, maker.lots)
            if incoming.budget is not None:
                part = min(part, (incoming.budget - cost) // level.price)
            lots += part
            cost += part * level.price
            if part < maker.lots:
                return Reach(lots, cost)
    return Reach(lots, cost)
