"""Many books that begin at once: the requests they cost stay far from the limits, and all of them come."""

import asyncio
from types import SimpleNamespace

import pytest
from fake_client import BOOK, PERP, SPOT

from tui.binance.call import Call
from tui.binance.limits import RateLimits
from tui.binance.spot.client import MARKET as SPOT_CALLS
from tui.binance.usdm.client import MARKET as USDM_CALLS
from tui.domain.product import Product
from tui.engine.book_keeper import BookKeeper
from tui.engine.clock import Clock
from tui.engine.feeds import snapshot_queue
from tui.engine.feeds.book_feed import BookFeed
from tui.engine.feeds.snapshot_queue import SnapshotQueues

BOOKS = 50


class Hours:
    """Time that passes as fast as nobody has anything to do."""

    def __init__(self, monkeypatch):
        self.now_s = 0.0
        monkeypatch.setattr(snapshot_queue.time, "monotonic", lambda: self.now_s)
        monkeypatch.setattr(snapshot_queue, "asyncio", SimpleNamespace(Semaphore=asyncio.Semaphore, sleep=self.sleep))

    async def sleep(self, seconds):
        until_s = self.now_s + seconds
        await asyncio.sleep(0)
        self.now_s = max(self.now_s, until_s)


class Spawned:
    """Tasks of the feeds, awaited by the test."""

    def __init__(self):
        self.tasks = []

    def spawn(self, _name, work):
        self.tasks.append(asyncio.create_task(work))
        return self.tasks[-1]


@pytest.mark.parametrize(
    ("calls", "products", "limit", "levels"),
    [
        (SPOT_CALLS, [Product.SPOT], 6_000, 1_000),
        (SPOT_CALLS, [Product.SPOT], 6_000, 5_000),
        (SPOT_CALLS, [Product.SPOT], 1_200, 1_000),
        (USDM_CALLS, [Product.USDM, Product.COINM], 2_400, 1_000),
        (USDM_CALLS, [Product.USDM, Product.COINM], 1_200, 1_000),
    ],
)
async def test_fifty_books_leave_half_of_each_minute_to_others(monkeypatch, calls, products, limit, levels) -> None:
    hours, queues, limits, spawned = Hours(monkeypatch), SnapshotQueues(), RateLimits(limit), Spawned()
    call, most = calls.depth_call(levels)
    assert most == levels
    asked_s, left = [], []
    trading = Call("POST", "/order", 1, is_order=True)

    async def ask(_):
        now_ms = round(hours.now_s * 1_000)
        limits.spend(call, now_ms)  # raises where there is no room
        asked_s.append(hours.now_s)
        left.append(limits.room_at_ms(trading, now_ms) is None)
        return BOOK

    feeds = []
    for number in range(BOOKS):
        product = products[number % len(products)]
        one = SPOT if product is Product.SPOT else PERP
        feeds.append(
            BookFeed(one, BookKeeper(), ask, spawned, Clock(), lambda: None, queues.of(product), call.weight / limit)
        )
        feeds[-1].restart()
    await asyncio.gather(*spawned.tasks)
    assert all(feed.is_live for feed in feeds)
    assert all(left), "orders have room at every moment"
    busiest = max(sum(start <= at < start + 60 for at in asked_s) for start in asked_s) * call.weight
    assert len(asked_s) == BOOKS
    assert busiest <= limit * 0.6
    assert asked_s[-1] <= 60 * BOOKS * call.weight / (limit / 2), "nobody waits longer than that takes"
    assert asked_s[1] == 0 or call.weight > limit / 20, "the first few need not wait"
