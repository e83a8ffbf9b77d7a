from tui.exchange.matching.book import MatchingBook, RestingOrder
from tui.exchange.matching.match import Incoming, Stop, crosses, match, reach


def book_with(*orders: tuple[int, str, bool, int, int]) -> MatchingBook:
    book = MatchingBook(lambda *_: None)
    for order_id, owner, is_bid, price, lots in orders:
        book.add(RestingOrder(order_id, owner, is_bid, price, lots))
    return book


def run(book: MatchingBook, incoming: Incoming) -> list[tuple[int, int, int]]:
    """What traded or was taken off the book: order, price, lots."""
    found = [item for item in match(book, incoming) if item.maker_lots or not item.is_prevented]
    return [(item.maker.order_id, item.price, item.lots) for item in found]


def test_better_price_first_then_older_order():
    book = book_with((1, "a", False, 101, 5), (2, "b", False, 100, 3), (3, "c", False, 100, 4))
    incoming = Incoming("t", True, 10)
    assert run(book, incoming) == [(2, 100, 3), (3, 100, 4), (1, 101, 3)]
    assert incoming.lots == 0
    assert incoming.stop is Stop.FILLED
    assert book.asks.depth(5) == [(101, 2)]


def test_a_partly_filled_maker_keeps_its_place():
    book = book_with((1, "a", True, 50, 5), (2, "b", True, 50, 5))
    run(book, Incoming("t", False, 2))
    assert run(book, Incoming("t", False, 4)) == [(1, 50, 3), (2, 50, 1)]


def test_the_limit_stops_the_taker():
    book = book_with((1, "a", False, 100, 5), (2, "b", False, 102, 5))
    incoming = Incoming("t", True, 9, limit=101)
    assert run(book, incoming) == [(1, 100, 5)]
    assert incoming.stop is Stop.PRICE
    assert incoming.lots == 4


def test_an_exhausted_book_says_empty():
    incoming = Incoming("t", False, 9)
    assert run(book_with((1, "a", True, 100, 5)), incoming) == [(1, 100, 5)]
    assert incoming.stop is Stop.EMPTY


def test_a_budget_buys_whole_lots_and_no_more():
    book = book_with((1, "a", False, 100, 2), (2, "b", False, 110, 5))
    incoming = Incoming("t", True, 1 << 62, budget=435)
    assert reach(book, incoming).lots == 4
    assert run(book, incoming) == [(1, 100, 2), (2, 110, 2)]
    assert incoming.budget == 15


def test_cancel_from_the_middle_of_a_queue():
    book = book_with((1, "a", True, 50, 1), (2, "b", True, 50, 2), (3, "c", True, 50, 3))
    book.remove(book.orders[2])
    assert book.bids.depth(1) == [(50, 4)]
    assert run(book, Incoming("t", False, 4)) == [(1, 50, 1), (3, 50, 3)]
    assert book.bids.prices == []


def test_every_level_change_is_told_with_its_absolute_size():
    told: list[tuple[bool, int, int]] = []
    book = MatchingBook(lambda is_bid, price, lots: told.append((is_bid, price, lots)))
    book.add(RestingOrder(1, "a", True, 50, 5))
    book.add(RestingOrder(2, "a", True, 50, 1))
    list(match(book, Incoming("t", False, 5)))
    book.remove(book.orders[2])
    assert told == [(True, 50, 5), (True, 50, 6), (True, 50, 1), (True, 50, 0)]


def test_expire_maker_takes_own_order_off_and_goes_on():
    book = book_with((1, "me", False, 100, 5), (2, "b", False, 101, 5))
    found = list(match(book, Incoming("me", True, 3, prevention="EXPIRE_MAKER")))
    assert [(item.maker.order_id, item.is_prevented) for item in found] == [(1, True), (2, False)]
    assert book.asks.depth(5) == [(101, 2)]


def test_expire_taker_leaves_own_order():
    book = book_with((1, "b", False, 99, 1), (2, "me", False, 100, 5))
    incoming = Incoming("me", True, 3, prevention="EXPIRE_TAKER")
    assert run(book, incoming) == [(1, 99, 1)]
    assert incoming.stop is Stop.PREVENTED
    assert book.asks.depth(5) == [(100, 5)]


def test_expire_both_ends_both():
    book = book_with((1, "me", False, 100, 5), (2, "me", False, 100, 5))
    incoming = Incoming("me", True, 3, prevention="EXPIRE_BOTH")
    assert [item.is_prevented for item in match(book, incoming)] == [True]
    assert incoming.stop is Stop.PREVENTED
    assert book.asks.depth(5) == [(100, 5)]


def test_without_prevention_an_account_trades_with_itself():
    book = book_with((1, "me", False, 100, 5))
    assert run(book, Incoming("me", True, 3)) == [(1, 100, 3)]


def test_crossing_includes_the_touch():
    book = book_with((1, "a", False, 100, 5), (2, "b", True, 98, 5))
    assert crosses(book, True, 100)
    assert not crosses(book, True, 99)
    assert crosses(book, False, 98)
    assert not crosses(book, False, 99)


def test_reach_counts_own_orders_only_without_prevention():
    book = book_with((1, "me", False, 100, 5), (2, "b", False, 101, 5))
    assert reach(book, Incoming("me", True, 10, prevention="EXPIRE_MAKER")).lots == 5
    assert reach(book, Incoming("me", True, 10)).cost == 1005
