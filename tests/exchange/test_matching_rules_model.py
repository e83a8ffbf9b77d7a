"""Icebergs, self-trade prevention and trade groups in the matching engine, against a model that does one lot at a time.

The rules are Binance's: a shown part that is used up is followed by the next one behind everybody else at its price;
the taker's mode decides what becomes of two orders of one owner (spot API docs, FAQ "STP", 2026-07-21).
"""

from dataclasses import dataclass

from hypothesis import example, given
from hypothesis import strategies as st

from tui.exchange.matching.book import MatchingBook, RestingOrder
from tui.exchange.matching.match import SPOT_PREVENTION_MODES, Incoming, match, reach

OWNERS = {"ann": 7, "bob": 7, "eve": -1}

steps = st.lists(
    st.tuples(
        st.booleans(),
        st.sampled_from(sorted(OWNERS)),
        st.integers(98, 102) | st.none(),
        st.integers(1, 12),
        st.sampled_from([0, 0, 1, 3]),
        st.sampled_from(SPOT_PREVENTION_MODES),
    ),
    max_size=40,
)


@dataclass
class Row:
    """A resting order of the model; `turn` is its place in the queue."""

    number: int
    owner: str
    is_bid: bool
    price: int
    shown: int
    hidden: int
    peak: int
    turn: int


class Model:
    """Every lot looks at every order for the one whose turn it is."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.turns = 0

    def rest(self, number: int, owner: str, is_bid: bool, price: int, lots: int, peak: int) -> None:
        shown = min(lots, peak) if peak else lots
        self.turns += 1
        self.rows.append(Row(number, owner, is_bid, price, shown, lots - shown, peak, self.turns))

    def next_for(self, is_bid: bool, limit: int | None) -> Row | None:
        found = [row for row in self.rows if row.is_bid != is_bid]
        found = [row for row in found if limit is None or (row.price <= limit if is_bid else row.price >= limit)]
        return min(found, key=lambda row: (row.price if is_bid else -row.price, row.turn), default=None)

    def take(self, owner: str, is_bid: bool, limit: int | None, lots: int, mode: str) -> tuple[dict[int, int], int]:
        """What traded with whom, and what of the order is left over."""
        traded: dict[int, int] = {}
        while lots and (row := self.next_for(is_bid, limit)) is not None:
            is_own = mode != "NONE" and (row.owner == owner or OWNERS[row.owner] == OWNERS[owner] >= 0)
            if is_own and mode in ("EXPIRE_TAKER", "EXPIRE_BOTH"):
                if mode == "EXPIRE_BOTH":
                    self.rows.remove(row)
                return traded, 0
            if is_own and mode == "EXPIRE_MAKER":
                self.rows.remove(row)
                continue
            lots -= 1
            if is_own:
                self._shrink(row)
                continue
            traded[row.number] = traded.get(row.number, 0) + 1
            row.shown -= 1
            self._follow(row)
        return traded, lots

    def _shrink(self, row: Row) -> None:
        """Prevention takes what is hidden first, which costs no place."""
        if row.hidden:
            row.hidden -= 1
        else:
            row.shown -= 1
            self._follow(row)

    def _follow(self, row: Row) -> None:
        if row.shown:
            return
        row.shown = min(row.peak, row.hidden)
        row.hidden -= row.shown
        self.turns += 1
        row.turn = self.turns
        if not row.shown:
            self.rows.remove(row)

    def depth(self, is_bid: bool) -> list[tuple[int, int]]:
        sums: dict[int, int] = {}
        for row in self.rows:
            if row.is_bid == is_bid:
                sums[row.price] = sums.get(row.price, 0) + row.shown
        return sorted(sums.items(), reverse=is_bid)


#: An own iceberg in front of a stranger: all of it is prevented before the stranger's turn comes.
OWN_ICEBERG = [
    (True, "ann", 98, 4, 1, "NONE"),
    (True, "eve", 98, 3, 0, "NONE"),
    (False, "ann", None, 5, 0, "DECREMENT"),
]


@given(steps)
@example(OWN_ICEBERG)
def test_icebergs_and_prevention_follow_the_rules(played):
    told: dict[tuple[bool, int], int] = {}
    book, model = MatchingBook(lambda is_bid, price, lots: told.__setitem__((is_bid, price), lots)), Model()
    for number, (is_bid, owner, limit, lots, peak, mode) in enumerate(played, 1):
        incoming = Incoming(owner, is_bid, lots, limit, None, mode, OWNERS[owner])
        expected = reach(book, incoming)
        traded: dict[int, int] = {}
        for found in match(book, incoming):
            if not found.is_prevented:
                traded[found.maker.order_id] = traded.get(found.maker.order_id, 0) + found.lots
        assert (traded, incoming.lots) == model.take(owner, is_bid, limit, lots, mode)
        assert expected.lots == sum(traded.values())
        if limit is not None and incoming.lots:
            book.add(RestingOrder(number, owner, is_bid, limit, incoming.lots, None, peak, OWNERS[owner]))
            model.rest(number, owner, is_bid, limit, incoming.lots, peak)
        for resting in (True, False):
            assert book.side(resting).depth(100) == model.depth(resting)
        assert {key: lots for key, lots in told.items() if lots} == {
            (resting, price): lots for resting in (True, False) for price, lots in model.depth(resting)
        }
