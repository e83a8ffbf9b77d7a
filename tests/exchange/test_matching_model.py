"""The matching engine against the plainest model of price-time priority: one list, sorted."""

from hypothesis import given
from hypothesis import strategies as st

from tui.exchange.matching.book import MatchingBook, RestingOrder
from tui.exchange.matching.match import Incoming, match, reach

actions = st.lists(
    st.one_of(
        st.tuples(st.just("limit"), st.booleans(), st.integers(95, 105), st.integers(1, 9)),
        st.tuples(st.just("market"), st.booleans(), st.just(0), st.integers(1, 25)),
        st.tuples(st.just("budget"), st.booleans(), st.just(0), st.integers(1, 2_500)),
        st.tuples(st.just("cancel"), st.booleans(), st.integers(0, 30), st.just(0)),
        st.tuples(st.just("reduce"), st.booleans(), st.integers(0, 30), st.integers(1, 9)),
    ),
    max_size=60,
)


class Model:
    """Orders as rows `[is_bid, price, number, lots]`; everything is found by looking at all of them."""

    def __init__(self) -> None:
        self.rows: list[list[int]] = []

    def take(self, is_bid: bool, limit: int | None, lots: int, budget: int | None) -> list[tuple[int, int, int]]:
        fills = []
        for row in sorted(
            (row for row in self.rows if row[0] != is_bid), key=lambda row: (row[1] if is_bid else -row[1], row[2])
        ):
            if limit is not None and (row[1] > limit if is_bid else row[1] < limit):
                break
            part = min(lots, row[3]) if budget is None else min(lots, row[3], budget // row[1])
            if not part:
                break
            fills.append((row[2], row[1], part))
            lots -= part
            budget = None if budget is None else budget - part * row[1]
            row[3] -= part
        self.rows = [row for row in self.rows if row[3]]
        return fills

    def depth(self, is_bid: bool) -> list[tuple[int, int]]:
        sums: dict[int, int] = {}
        for side, price, _, lots in self.rows:
            if side == is_bid:
                sums[price] = sums.get(price, 0) + lots
        return sorted(sums.items(), reverse=is_bid)


@given(actions)
def test_matching_is_price_time_priority(steps):
    book, model = MatchingBook(lambda *_: None), Model()
    for number, (kind, is_bid, where, lots) in enumerate(steps, 1):
        if kind in ("cancel", "reduce"):
            resting = book.orders.get(where)
            if resting is None:
                continue
            row = next(row for row in model.rows if row[2] == where)
            if kind == "cancel":
                book.remove(resting)
                row[3] = 0
            else:
                book.reduce(resting, lots)
                row[3] = max(0, row[3] - lots)
            model.rows = [row for row in model.rows if row[3]]
        else:
            limit = where if kind == "limit" else None
            budget = lots if kind == "budget" else None
            incoming = Incoming("taker", is_bid, 1 << 40 if budget else lots, limit, budget)
            expected = reach(book, incoming)
            fills = [(found.maker.order_id, found.price, found.lots) for found in match(book, incoming)]
            assert fills == model.take(is_bid, limit, 1 << 40 if budget else lots, budget)
            assert expected.lots == sum(part for _, _, part in fills)
            assert expected.cost == sum(price * part for _, price, part in fills)
            if kind == "limit" and incoming.lots:
                book.add(RestingOrder(number, "somebody", is_bid, where, incoming.lots))
                model.rows.append([is_bid, where, number, incoming.lots])
        assert book.bids.depth(100) == model.depth(True)
        assert book.asks.depth(100) == model.depth(False)
        assert book.bids.prices == sorted(book.bids.levels)
