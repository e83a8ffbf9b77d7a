import asyncio
import itertools
import math
from decimal import Decimal as D

import pytest
from venues import START_MS, Recorder, limit, market

from tui.domain.order_terms import Side
from tui.domain.product import Product
from tui.exchange.clock import Clock, ManualClock
from tui.exchange.exchange import Exchange
from tui.exchange.market.history import MINUTE_MS
from tui.exchange.risk import update_marks

MAJORS = ("BTCUSDT", "ETHUSDT")


def lived(seed: int, steps: int) -> tuple[Exchange, dict[Product, Recorder]]:
    """An exchange after some steps, with all it told."""
    clock = ManualClock(START_MS)
    exchange = Exchange(seed=seed, clock=clock)
    told = {product: Recorder() for product in exchange.venues}
    for product, venue in exchange.venues.items():
        venue.add_listener(told[product])
    for _ in range(steps):
        exchange.step()
        clock.advance(100)
    return exchange, told


@pytest.fixture(scope="module")
def minute() -> tuple[Exchange, dict[Product, Recorder]]:
    """One minute of a market."""
    return lived(11, 600)


def books(exchange: Exchange) -> dict[tuple[Product, str], object]:
    return {
        (venue.product, symbol): venue.depth(symbol, 5_000)
        for venue in exchange.venues.values()
        for symbol in venue.listings
    }


def tape(told: dict[Product, Recorder]) -> list[tuple[object, ...]]:
    return [
        (trade.listing.symbol, trade.trade_id, trade.price_ticks, trade.lots, trade.is_buyer_maker)
        for recorder in told.values()
        for trade in recorder.trades
    ]


def test_the_same_seed_gives_the_same_market_and_another_seed_another():
    one, told_one = lived(3, 150)
    two, told_two = lived(3, 150)
    other, told_other = lived(4, 150)
    assert books(one) == books(two)
    assert tape(told_one) == tape(told_two)
    assert books(one) != books(other)
    assert tape(told_one) != tape(told_other)


def test_the_market_does_not_depend_on_the_clock():
    still, _told_still = lived(3, 60)
    racing = Exchange(seed=3, clock=Clock(speed=50))
    for _ in range(60):
        racing.step()
    dated = {(product, symbol) for product, symbol in books(still) if symbol[-6:].isdigit()}
    for key, book in books(still).items():
        # What a dated contract costs depends on the date.
        assert key in dated or books(racing)[key] == book


def test_every_book_is_deep_on_both_sides_and_never_crossed():
    exchange, _ = lived(7, 0)
    for _ in range(300):
        exchange.step()
        for venue in exchange.venues.values():
            for symbol in venue.listings:
                bid, ask = venue.best(symbol)
                assert bid is not None
                assert ask is not None
                assert bid[0] < ask[0]
    for (_, symbol), (_, bids, asks) in books(exchange).items():
        wanted = 500 if symbol in MAJORS else 100
        assert min(len(bids), len(asks)) >= wanted, symbol


def test_spreads_are_a_few_ticks(minute):
    exchange, _ = minute
    spreads = []
    for venue in exchange.venues.values():
        for symbol in venue.listings:
            bid, ask = venue.best(symbol)
            spreads.append(ask[0] - bid[0])
    assert sorted(spreads)[len(spreads) // 2] <= 3


def test_the_pace_is_that_of_a_calm_market(minute):
    exchange, told = minute
    spot = exchange.venues[Product.SPOT].books["BTCUSDT"]
    assert 2 < spot.last_trade_id / 60 < 25
    assert 15 < spot.update_id / 60 < 150
    sizes = sorted(trade.lots for trade in told[Product.SPOT].trades if trade.listing.symbol == "BTCUSDT")
    assert sizes[-1] > 50 * sizes[len(sizes) // 3]


def test_books_are_the_replay_of_what_was_told():
    clock = ManualClock(START_MS)
    exchange = Exchange(seed=9, clock=clock)
    venue = exchange.venues[Product.SPOT]
    update_id, bids, asks = venue.depth("BTCUSDT", 5_000)
    sides = {Side.BUY: dict(bids), Side.SELL: dict(asks)}
    told = Recorder()
    venue.add_listener(told)
    for step in range(200):
        exchange.step()
        if step == 50:
            venue.place("demo", market(Side.BUY, "0.8"))
            venue.place("demo", limit(Side.SELL, "0.8", f"{venue.best('BTCUSDT')[1][0] / 100:.2f}"))
    for change in (change for change in told.levels if change.listing.symbol == "BTCUSDT"):
        update_id += 1
        assert change.update_id == update_id
        sides[change.side][change.price_ticks] = change.lots
        if not change.lots:
            del sides[change.side][change.price_ticks]
    assert venue.depth("BTCUSDT", 5_000) == (
        update_id,
        sorted(sides[Side.BUY].items(), reverse=True),
        sorted(sides[Side.SELL].items()),
    )


def test_an_order_inside_the_spread_is_taken_by_the_participants():
    exchange, _ = lived(5, 50)
    venue = exchange.venues[Product.SPOT]
    bid, _ask = venue.best("BTCUSDT")
    order = venue.place("demo", limit(Side.SELL, "0.01", f"{D(bid[0] + 1) / 100}"))
    for _ in range(600):
        exchange.step()
        if order.leaves == 0:
            break
    assert order.leaves == 0
    assert all(execution.is_maker for execution in order.executions)


def test_contracts_follow_their_coin_and_pay_funding(minute):
    exchange, _ = minute
    venue = exchange.venues[Product.USDM]
    for symbol, listing in venue.listings.items():
        values = venue.mark(symbol)
        if listing.delivery_ms:
            assert D("0.003") < values.mark / values.index - 1 < D("0.03"), symbol
            continue
        assert abs(values.mark / values.index - 1) < D("0.003"), symbol
        assert abs(values.funding_rate) < D("0.001")
        assert values.next_funding_ms % (8 * 3_600_000) == 0
        assert values.next_funding_ms > START_MS


def test_funding_is_charged_once_when_it_comes_due():
    exchange, told = lived(2, 10)
    venue, clock = exchange.venues[Product.USDM], exchange.clock
    venue.place("demo", market(Side.BUY, "0.5"))
    values = venue.mark("BTCUSDT")
    before = venue.futures.wallet("demo", "USDT")
    clock.advance(values.next_funding_ms - clock.now_ms())
    update_marks(venue, clock.now_ms())
    rate, mark = venue.mark("BTCUSDT").funding_rate, venue.mark("BTCUSDT").mark
    update_marks(venue, clock.now_ms())
    assert venue.futures.wallet("demo", "USDT") == pytest.approx(before - D("0.5") * mark * rate, abs=D("0.0000001"))
    charges = [change for change in told[Product.USDM].accounts if change.reason == "FUNDING_FEE"]
    assert [(change.account_id, change.assets) for change in charges] == [("demo", ("USDT",))]
    assert venue.mark("BTCUSDT").next_funding_ms == values.next_funding_ms + 8 * 3_600_000


def test_history_is_whole_and_ends_at_the_opening_price():
    exchange, _ = lived(5, 0)
    for product, venue in exchange.venues.items():
        for symbol, listing in venue.listings.items():
            found = exchange.history(product, symbol)
            assert len(found) >= 1_000
            assert found[-1].close == listing.tick.count_of(listing.start_price)
            assert found[-1].open_ms == START_MS // MINUTE_MS * MINUTE_MS - MINUTE_MS
            assert [bar.open_ms - found[0].open_ms for bar in found] == [i * MINUTE_MS for i in range(len(found))]
            for bar in found:
                assert 0 < bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high
                assert 0 <= bar.taker_buy_lots <= bar.lots
            assert all(after.open == before.close for before, after in itertools.pairwise(found))


def test_history_of_contract_and_coin_agree_and_coins_move_together():
    exchange, _ = lived(5, 0)

    def moves(product: Product, symbol: str) -> list[float]:
        found = exchange.history(product, symbol)
        return [math.log(found[i + 15].close / found[i].close) for i in range(0, len(found) - 15, 15)]

    def correlation(one: list[float], two: list[float]) -> float:
        mean_one, mean_two = sum(one) / len(one), sum(two) / len(two)
        products = sum((a - mean_one) * (b - mean_two) for a, b in zip(one, two, strict=True))
        return products / math.sqrt(sum((a - mean_one) ** 2 for a in one) * sum((b - mean_two) ** 2 for b in two))

    spot = exchange.history(Product.SPOT, "BTCUSDT")
    contract = exchange.history(Product.USDM, "BTCUSDT")
    assert max(abs(a.close / 100 / (b.close / 10) - 1) for a, b in zip(spot, contract, strict=True)) < 0.002
    assert correlation(moves(Product.SPOT, "BTCUSDT"), moves(Product.USDM, "BTCUSDT")) > 0.95
    assert correlation(moves(Product.SPOT, "BTCUSDT"), moves(Product.SPOT, "ETHUSDT")) > 0.5


def test_one_minute_candles_look_like_bitcoins():
    exchange, _ = lived(5, 0)
    ranges = [(bar.high - bar.low) / bar.close for bar in exchange.history(Product.SPOT, "BTCUSDT")]
    assert 0.0003 < sum(ranges) / len(ranges) < 0.002


async def test_run_moves_the_market_and_stops_when_cancelled():
    exchange = Exchange(seed=1, speed=20)
    running = asyncio.create_task(exchange.run())
    async with asyncio.timeout(30):
        while exchange.market.steps <= 5:  # noqa: ASYNC110 - the market tells nobody
            await asyncio.sleep(0.01)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    stopped_at = exchange.market.steps
    await asyncio.sleep(0.05)
    assert exchange.market.steps == stopped_at
