"""What an incoming order does to the book."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

import msgspec

from tui.exchange.matching.book import MatchingBook, PriceLevel, RestingOrder

#: Self-trade prevention modes of every product (Binance spot API docs, FAQ "STP", 2026-07-21); the taker's decides.
PREVENTION_MODES = ("NONE", "EXPIRE_MAKER", "EXPIRE_TAKER", "EXPIRE_BOTH")
#: Modes that only spot knows. TRANSFER moves what is prevented between two accounts of one trade group, when both
#: orders ask for it; otherwise it is DECREMENT.
SPOT_PREVENTION_MODES = (*PREVENTION_MODES, "DECREMENT", "TRANSFER")
_DECREMENTS = ("DECREMENT", "TRANSFER")


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
    #: The trade group of the owner; -1 is none.
    group: int = -1
    stop: Stop = Stop.FILLED

    def reaches(self, price: int) -> bool:
        """Whether the order would trade at this price."""
        if self.limit is None:
            return True
        return self.limit >= price if self.is_bid else self.limit <= price

    def meets_itself(self, maker: RestingOrder) -> bool:
        """Whether a match with this order would be one with itself, and is to be prevented."""
        if self.prevention == "NONE":
            return False
        return maker.owner == self.owner or (self.group >= 0 and maker.group == self.group)

    def transfers_to(self, maker: RestingOrder) -> bool:
        """Whether what is prevented with this order goes from one account to the other."""
        if self.prevention != "TRANSFER" or maker.owner == self.owner or maker.order is None:
            return False
        return maker.order.self_trade_prevention == "TRANSFER"


class Match(msgspec.Struct, frozen=True, gc=False):
    """Lots that traded against one resting order.

    With `is_prevented` nothing traded, both being of one owner or trade group; instead the two orders lost `maker_lots`
    and `taker_lots` to self-trade prevention in this `mode`.
    """

    maker: RestingOrder
    price: int
    lots: int
    is_prevented: bool = False
    maker_lots: int = 0
    taker_lots: int = 0
    mode: str = "NONE"


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
        if not incoming.reaches(level.price):
            incoming.stop = Stop.PRICE
            return
        maker = level.first
        if incoming.meets_itself(maker):
            yield _prevented(book, incoming, maker)
            if incoming.stop is Stop.PREVENTED:
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


def _prevented(book: MatchingBook, incoming: Incoming, maker: RestingOrder) -> Match:
    """Take off both orders what the incoming one's mode says; ends an incoming order that has nothing left."""
    mode, price, whole = incoming.prevention, maker.price, maker.lots + maker.hidden
    if mode in _DECREMENTS:
        lots = min(incoming.lots, whole)
        if incoming.budget is not None:
            lots = min(lots, incoming.budget // price)
            incoming.budget -= lots * price
        incoming.lots -= lots
        if lots < whole:
            book.cut(maker, lots)
        else:
            book.remove(maker)
        if lots == 0 or not incoming.lots:
            incoming.stop = Stop.PREVENTED
        effective = "TRANSFER" if incoming.transfers_to(maker) else "DECREMENT"
        return Match(maker, price, lots, is_prevented=True, maker_lots=lots, taker_lots=lots, mode=effective)
    maker_lots = whole if mode != "EXPIRE_TAKER" else 0
    taker_lots = incoming.lots if mode != "EXPIRE_MAKER" else 0
    if maker_lots:
        book.remove(maker)
    if taker_lots:
        incoming.lots, incoming.stop = 0, Stop.PREVENTED
    return Match(maker, price, maker_lots or taker_lots, True, maker_lots, taker_lots, mode)


def _tradable(incoming: Incoming, maker: RestingOrder) -> int:
    lots = min(incoming.lots, maker.lots)
    return lots if incoming.budget is None else min(lots, incoming.budget // maker.price)


def crosses(book: MatchingBook, is_bid: bool, limit: int) -> bool:
    """Whether an order at this price would take."""
    best = book.side(not is_bid).best
    return best is not None and (limit >= best.price if is_bid else limit <= best.price)


class Reach(msgspec.Struct, frozen=True, gc=False):
    """What an incoming order would trade at once: lots, and their cost in ticks times lots.

    `lacking` are lots that its budget would buy beyond, at the last price seen, were there more within its limit.
    """

    lots: int
    cost: int
    lacking: int = 0


def reach(book: MatchingBook, incoming: Incoming) -> Reach:
    """How far an order would get without touching the book; orders of the same owner count only without prevention.

    What would be transferred between two accounts costs, and is not traded.
    """
    lots = cost = prevented = prevented_cost = transferred = price = 0
    for level in book.side(not incoming.is_bid).outwards():
        price = level.price
        if not incoming.reaches(price):
            break
        for maker, part_lots in _in_turn(level, incoming):
            is_own = incoming.meets_itself(maker)
            if is_own and incoming.prevention == "EXPIRE_MAKER":
                continue
            if is_own and incoming.prevention not in _DECREMENTS:
                return Reach(lots, cost + transferred)
            part = min(incoming.lots - lots - prevented, part_lots)
            if incoming.budget is not None:
                part = min(part, (incoming.budget - cost - prevented_cost) // price)
            if is_own:
                prevented += part
                prevented_cost += part * price
                transferred += part * price if incoming.transfers_to(maker) else 0
            else:
                lots += part
                cost += part * price
            if part < part_lots:
                return Reach(lots, cost + transferred)
    lacking = 0 if incoming.budget is None or not price else (incoming.budget - cost - prevented_cost) // price
    return Reach(lots, cost + transferred, lacking)


def _in_turn(level: PriceLevel, incoming: Incoming) -> Iterator[tuple[RestingOrder, int]]:
    """What a taker meets on a level: everything shown, then what icebergs hide; own orders it decrements as a whole."""
    hiding, decrements = [], incoming.prevention in _DECREMENTS
    for maker in level:
        lots = maker.lots
        if maker.hidden:
            if decrements and incoming.meets_itself(maker):
                lots += maker.hidden
            else:
                hiding.append(maker)
        yield maker, lots
    for maker in hiding:
        yield maker, maker.hidden
