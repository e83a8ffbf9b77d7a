"""Open interest: of the contract in focus, at once and then rarely, never in the way of anything."""

from decimal import Decimal
from types import SimpleNamespace

import pytest
from fake_client import PERP, SPOT, FakeClient

from tui.binance.errors import RefusedError
from tui.domain.market import OpenInterest
from tui.domain.product import Product
from tui.engine.feeds.open_interest import OpenInterestFeed
from tui.engine.store import Link, LinkHealth, Session, Store

D = Decimal
SECOND = 10**9


@pytest.fixture
def feed():
    store = Store(Session("demo", "main", False, False))
    for one in (SPOT, PERP):
        store.instruments[one.symbol] = one
        store.links[one.product] = LinkHealth(Link.LIVE)
    clock = SimpleNamespace(ns=10**12)
    clock.monotonic_ns = lambda: clock.ns
    client = FakeClient(PERP)
    asked = []

    async def told(one):
        asked.append(one.symbol)
        if isinstance(client.interest, Exception):
            raise client.interest
        return client.interest

    client.open_interest = told
    client.interest = OpenInterest(D("82100.5"), 5)
    made = OpenInterestFeed(store, {Product.SPOT: FakeClient(SPOT), Product.USDM: client}, clock)
    return SimpleNamespace(store=store, clock=clock, client=client, asked=asked, look=made.bring_up_to_date)


async def test_it_is_asked_for_with_the_focus_and_then_every_15_seconds(feed) -> None:
    await feed.look()
    feed.store.focus = SPOT.symbol
    await feed.look()
    assert feed.asked == []
    feed.store.focus = PERP.symbol
    for seconds in (0, 7, 7):
        feed.clock.ns += seconds * SECOND
        await feed.look()
    assert len(feed.asked) == 1
    feed.clock.ns += SECOND
    await feed.look()
    assert len(feed.asked) == 2
    told = feed.store.market(PERP.symbol).open_interest
    assert (told.value, told.revision, told.source_ms) == (OpenInterest(D("82100.5"), 5), 2, 5)
    assert told.age_ms(feed.clock.ns) == 0


async def test_it_is_not_asked_for_while_the_link_is_down_and_a_failure_keeps_the_old_one(feed) -> None:
    feed.store.focus = PERP.symbol
    feed.store.links[Product.USDM] = LinkHealth(Link.DOWN)
    await feed.look()
    assert feed.asked == []
    feed.store.links[Product.USDM] = LinkHealth(Link.LIVE)
    await feed.look()
    feed.clock.ns += 20 * SECOND
    feed.client.interest = RefusedError("too busy")
    await feed.look()
    assert len(feed.asked) == 2
    assert feed.store.market(PERP.symbol).open_interest.age_ms(feed.clock.ns) == 20_000
