"""A mirrored market: the book follows, prints are printed, an order of ours is filled when the market reaches it."""

import asyncio
import json
from decimal import Decimal as D

import pytest
from venues import limit

from tui.domain.order_terms import Side
from tui.domain.product import Product
from tui.exchange.accounts.names import DEMO
from tui.exchange.exchange import Exchange
from tui.exchange.market.mirror.mirror import Mirror
from tui.exchange.market.mirror.reflection import Reflection
from tui.exchange.market.mirror.source import Address, SourceError
from tui.exchange.market.mirror.start import prepared
from tui.exchange.run import serving

BTC = "BTCUSDT"


def depth(first, last, bids=(), asks=(), previous=None):
    event = {"e": "depthUpdate", "s": BTC, "U": first, "u": last, "b": list(bids), "a": list(asks)}
    return event if previous is None else {**event, "pu": previous}


def snapshot(last, bids, asks):
    return {"lastUpdateId": last, "bids": bids, "asks": asks}


class Listener:
    """Keeps the prints of a venue."""

    def __init__(self, prints):
        self.on_trade = prints.append
        self.on_level = self.on_order = self.on_account = lambda change: None


@pytest.fixture
def mirrored():
    """An exchange whose spot BTCUSDT mirrors a source that says what the test says."""
    mirror = Mirror({Product.SPOT: Address("http://nowhere", "ws://nowhere")})
    mirror._prices[Product.SPOT] = {BTC: D("100.00")}
    exchange = Exchange(seed=1, mirror=mirror)
    return exchange, mirror


def hear(exchange, mirror, *events):
    for event in events:
        mirror._heard.append((Product.SPOT, event))
    exchange.step()


def show(exchange, mirror, bids, asks, last=10):
    mirror._reflections[Product.SPOT, BTC].on_snapshot(snapshot(last, bids, asks))
    exchange.step()


def best(exchange):
    bid, ask = exchange.venues[Product.SPOT].best(BTC)
    return bid, ask


def trade(price, quantity, *, seller_takes):
    return {"e": "trade", "s": BTC, "p": price, "q": quantity, "m": seller_takes}


def test_the_book_is_the_live_one(mirrored):
    exchange, mirror = mirrored
    show(exchange, mirror, [["99.99", "2"], ["99.98", "1"]], [["100.01", "3"]])
    assert best(exchange) == ((9_999, 200_000), (10_001, 300_000))
    hear(exchange, mirror, depth(11, 12, [["99.99", "0"], ["99.98", "1.5"]], [["100.00", "0.5"]]))
    assert best(exchange) == ((9_998, 150_000), (10_000, 50_000))


def test_a_market_that_jumps_leaves_no_crossed_quotes(mirrored):
    exchange, mirror = mirrored
    show(exchange, mirror, [["99.99", "2"]], [["100.01", "3"]])
    hear(exchange, mirror, depth(11, 12, [["99.99", "0"], ["105.00", "1"]], [["100.01", "0"], ["105.01", "1"]]))
    assert best(exchange) == ((10_500, 100_000), (10_501, 100_000))


def test_a_print_is_printed_at_its_price(mirrored):
    exchange, mirror = mirrored
    prints = []
    exchange.venues[Product.SPOT].add_listener(Listener(prints))
    show(exchange, mirror, [["99.99", "2"]], [["100.01", "3"]])
    hear(exchange, mirror, trade("100.01", "0.25", seller_takes=False))
    assert [(p.price_ticks, p.lots, p.is_buyer_maker) for p in prints] == [(10_001, 25_000, False)]


def own(exchange, side, price):
    return exchange.venues[Product.SPOT].place(DEMO, limit(side, "0.5", price))


@pytest.mark.parametrize(
    ("event", "filled"),
    [
        (trade("99.50", "0.2", seller_takes=True), "0.2"),
        (trade("99.51", "0.2", seller_takes=True), "0"),
        (trade("99.40", "2", seller_takes=True), "0.5"),
        (depth(11, 12, [["99.99", "0"]], [["99.45", "0.3"]]), "0.3"),
        (depth(11, 12, [["99.99", "0"]], [["99.51", "0.3"]]), "0"),
    ],
)
def test_an_order_of_ours_is_filled_when_the_market_reaches_it(mirrored, event, filled):
    exchange, mirror = mirrored
    show(exchange, mirror, [["99.99", "2"]], [["100.01", "3"]])
    order = own(exchange, Side.BUY, "99.50")
    hear(exchange, mirror, event)
    assert order.listing.step.value(order.filled_lots) == D(filled)


def test_quotes_that_stood_first_are_traded_first(mirrored):
    exchange, mirror = mirrored
    show(exchange, mirror, [["99.99", "2"]], [["100.01", "3"]])
    order = own(exchange, Side.BUY, "99.99")
    hear(exchange, mirror, trade("99.99", "2", seller_takes=True))
    assert order.filled_lots == 0
    hear(exchange, mirror, depth(11, 12, [["99.99", "0"]]), trade("99.99", "0.1", seller_takes=True))
    assert order.filled_lots == 10_000


def test_a_gap_and_a_lost_link_empty_the_book(mirrored):
    exchange, mirror = mirrored
    show(exchange, mirror, [["99.99", "2"]], [["100.01", "3"]])
    hear(exchange, mirror, depth(20, 21, [["99.97", "1"]]))
    exchange.step()
    assert best(exchange) == (None, None)
    assert mirror._reflections[Product.SPOT, BTC].needs_snapshot


def test_what_was_traded_away_here_comes_back(mirrored):
    exchange, mirror = mirrored
    show(exchange, mirror, [["99.99", "2"]], [["100.01", "3"]])
    mirror._desks[Product.SPOT, BTC].take(True, 300_000, 10_001)
    assert best(exchange)[1] is None
    for _ in range(5):
        exchange.step()
    assert best(exchange)[1] == (10_001, 300_000)


def test_a_snapshot_older_than_the_changes_is_not_taken():
    reflection = Reflection(Exchange(seed=1).venues[Product.SPOT].listings[BTC])
    reflection.on_depth(depth(30, 31, [["99.99", "1"]]))
    reflection.on_snapshot(snapshot(10, [["99.98", "1"]], []))
    assert reflection.needs_snapshot
    reflection.on_snapshot(snapshot(30, [["99.98", "1"]], []))
    assert reflection.bids == {9_998: 100_000, 9_999: 100_000}


def test_futures_changes_follow_by_the_previous_id():
    reflection = Reflection(Exchange(seed=1).venues[Product.USDM].listings[BTC])
    reflection.on_snapshot(snapshot(10, [["99.9", "1"]], []))
    reflection.on_depth(depth(5, 14, [["99.8", "1"]], previous=10))
    reflection.on_depth(depth(15, 16, [["99.7", "1"]], previous=14))
    assert set(reflection.bids) == {999, 998, 997}
    reflection.on_depth(depth(18, 19, previous=17))
    assert reflection.needs_snapshot


def test_prices_between_ticks_are_never_better_here():
    reflection = Reflection(Exchange(seed=1).venues[Product.USDM].listings[BTC])
    reflection.on_snapshot(snapshot(1, [["99.97", "1"]], [["100.03", "1"]]))
    assert set(reflection.bids) == {999}
    assert set(reflection.asks) == {1001}


@pytest.mark.parametrize("text", ["", "{", '{"moon": {"rest": "x", "ws": "y"}}', '{"spot": {"rest": 1, "ws": ""}}'])
def test_a_source_that_means_nothing_is_a_sentence(text):
    with pytest.raises(SourceError, match="--mirror cannot be read"):
        prepared(text)


def test_a_source_that_cannot_be_reached_is_a_sentence():
    hosts = {"spot": {"rest": "http://127.0.0.1:9", "ws": "ws://127.0.0.1:9"}}
    with pytest.raises(SourceError, match=r"127\.0\.0\.1:9.*cannot be reached"):
        prepared(json.dumps(hosts))


async def test_one_exchange_mirrors_another_over_the_wire():
    source = Exchange(seed=3)
    async with serving(source) as (ready, _):
        addresses = {
            product: Address(ready[product.value]["rest"], ready[product.value]["ws"])
            for product in (Product.SPOT, Product.USDM)
        }
        mirror = Mirror(addresses)
        await mirror.prepare({product: [BTC] for product in addresses})
        paper = Exchange(seed=1, mirror=mirror)
        assert len(paper.history(Product.SPOT, BTC)) == 1_000
        tasks = [asyncio.create_task(work) for work in (source.run(), mirror.run(), paper.run())]
        try:
            async with asyncio.timeout(20):
                for product in addresses:
                    books = paper.venues[product], source.venues[product]
                    while books[0].depth(BTC, 20)[1:] != books[1].depth(BTC, 20)[1:]:  # noqa: ASYNC110
                        await asyncio.sleep(0.01)  # nothing announces that two books agree
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
