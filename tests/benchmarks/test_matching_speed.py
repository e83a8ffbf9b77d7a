"""Orders a second: through the matching alone, and through the whole spot venue with accounts, filters and events.

Run with `pytest tests/benchmarks/test_matching_speed.py --benchmark-only`; the extra column tells orders a second.
"""

import random
from decimal import Decimal as D
from typing import Any

from tui.domain.order_terms import Side
from tui.domain.product import Product
from tui.exchange.catalogue import listings
from tui.exchange.clock import ManualClock
from tui.exchange.matching.book import MatchingBook, RestingOrder
from tui.exchange.matching.match import Incoming, match
from tui.exchange.orders import OrderEntry
from tui.exchange.rejection import Rejection
from tui.exchange.venue import Venue

ORDERS = 20_000
VENUE_ORDERS = 4_000


def flow(count: int) -> list[tuple[bool, int, int]]:
    """Limit orders around a wandering middle, of which about half take and half rest."""
    chance, middle, made = random.Random(1), 100_000, []
    for _ in range(count):
        middle += chance.choice((-1, 0, 0, 1))
        is_bid = chance.random() < 0.5
        offset = round(chance.gauss(2, 4))
        made.append((is_bid, middle - offset if is_bid else middle + offset, chance.randint(1, 50)))
    return made


def run_matching(orders: list[tuple[bool, int, int]]) -> int:
    """Take every order through the book, cancelling old ones so that it stays the size of a busy market."""
    book, trades = MatchingBook(lambda *_: None), 0
    for number, (is_bid, price, lots) in enumerate(orders):
        incoming = Incoming("account", is_bid, lots, price)
        for _ in match(book, incoming):
            trades += 1
        if incoming.lots:
            book.add(RestingOrder(number, "account", is_bid, price, incoming.lots))
        old = book.orders.get(number - 2_000)
        if old is not None:
            book.remove(old)
    return trades


def test_matching(benchmark: Any) -> None:
    orders = flow(ORDERS)
    trades = benchmark.pedantic(run_matching, args=(orders,), rounds=5, warmup_rounds=1)
    assert trades > ORDERS / 4
    benchmark.extra_info["orders a second"] = round(ORDERS / benchmark.stats.stats.mean)


def make_venue() -> tuple[tuple[Venue, list[OrderEntry]], dict[str, Any]]:
    venue = Venue(Product.SPOT, ManualClock(1_795_400_000_000), listings(Product.SPOT))
    assert venue.spot is not None
    for number in range(8):
        for asset, amount in (("USDT", D(10) ** 9), ("BTC", D(50_000))):
            venue.spot.deposit(f"account {number}", asset, amount)
    tick, step = D("0.01"), D("0.00001")
    entries = [
        OrderEntry(
            "BTCUSDT", Side.BUY if is_bid else Side.SELL, "LIMIT", "GTC", lots * 100 * step, None, price * 90 * tick
        )
        for is_bid, price, lots in flow(VENUE_ORDERS)
    ]
    return (venue, entries), {}


def run_venue(venue: Venue, entries: list[OrderEntry]) -> int:
    taken = 0
    for number, entry in enumerate(entries):
        account = f"account {number % 8}"
        try:
            venue.place(account, entry)
            taken += 1
        except Rejection:
            venue.cancel_all(account, "BTCUSDT")
    return taken


def test_spot_venue(benchmark: Any) -> None:
    taken = benchmark.pedantic(run_venue, setup=make_venue, rounds=5)
    assert taken > VENUE_ORDERS * 0.9
    benchmark.extra_info["orders a second"] = round(VENUE_ORDERS / benchmark.stats.stats.mean)
