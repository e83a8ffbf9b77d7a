"""However long the exchange runs, what it keeps stays within its limits."""

from decimal import Decimal as D
from functools import partial
from itertools import pairwise

import pytest
from venues import START_MS, limit

from tui.domain.order_terms import Side
from tui.domain.product import Product
from tui.exchange import amending, candle_memory, order_registry, tape
from tui.exchange.accounts.names import DEMO
from tui.exchange.amending import Change
from tui.exchange.candles import MINUTE_MS
from tui.exchange.clock import ManualClock
from tui.exchange.exchange import Exchange
from tui.exchange.spot.order import SpotEntry
from tui.exchange.tape import Tape

PRINTS, SECONDS, ORDERS, AMENDMENTS = 60, 300, 10, 15
STEPS, STEP_MS = 1_200, 2_000
#: The rolling day needs its minutes, so this limit cannot be made small.
BARS = 1_450


class Recording:
    """Hands the prints of a venue to its tape, as the publisher does."""

    def __init__(self, kept: Tape) -> None:
        self.on_trade = kept.record
        self.on_level = self.on_order = self.on_account = lambda change: None


@pytest.fixture(scope="module")
def long_run(tmp_path_factory):
    """An exchange after forty minutes with an account that trades, and its tapes; limits are small."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tape, "KEPT_PRINTS", PRINTS)
        patch.setattr(candle_memory, "KEPT_BARS", BARS)
        patch.setattr(candle_memory, "KEPT_SECONDS", SECONDS)
        patch.setattr(order_registry, "REMEMBERED", ORDERS)
        patch.setattr(amending, "KEPT_AMENDMENTS", AMENDMENTS)
        path = tmp_path_factory.mktemp("state") / "exchange.sqlite"
        clock = ManualClock(START_MS)
        exchange = Exchange(seed=3, state_path=path, clock=clock)
        tapes = {product: listen(exchange, product) for product in exchange.venues}
        tapes[Product.SPOT]["BTCUSDT"].series("1s", clock.now_ms())
        tapes[Product.SPOT]["BTCUSDT"].series("4h", clock.now_ms())
        for kept in tapes[Product.USDM].symbols.values():
            kept.day(clock.now_ms())
        for number in range(STEPS):
            exchange.step()
            clock.advance(STEP_MS)
            if number % 20 == 0:
                come_and_go(exchange)
        exchange.keep()
        for kept in (kept for tape_ in tapes.values() for kept in tape_.symbols.values()):
            kept.day(clock.now_ms())
        yield exchange, tapes
        exchange.close()


def listen(exchange: Exchange, product: Product) -> Tape:
    venue = exchange.venues[product]
    kept = Tape(venue.listings, partial(exchange.history, product), exchange.seed)
    venue.add_listener(Recording(kept))
    return kept


def come_and_go(exchange: Exchange) -> None:
    """An order of either product is placed, changed where that is possible, and cancelled."""
    spot, usdm = exchange.venues[Product.SPOT], exchange.venues[Product.USDM]
    entry = SpotEntry("BTCUSDT", Side.BUY, "LIMIT", "GTC", D("0.01"), None, D(50_000), strategy_id=7)
    spot.cancel(DEMO, "BTCUSDT", spot.place(DEMO, entry).order_id, None)
    order = usdm.place(DEMO, limit(Side.BUY, "1", "2000", symbol="ETHUSDT"))
    usdm.modify(DEMO, Change("ETHUSDT", order.order_id, None, order.side, D(1), D(2_001)))
    usdm.cancel(DEMO, "ETHUSDT", order.order_id, None)
    exchange.keep()


def test_prints_and_aggregates_stay_within_their_limit(long_run) -> None:
    _, tapes = long_run
    counts = [(len(kept.trades), len(kept.aggregates)) for tape_ in tapes.values() for kept in tape_.symbols.values()]
    assert max(counts) == (PRINTS, PRINTS)
    assert tapes[Product.SPOT]["BTCUSDT"].trades[0].trade_id > PRINTS


def test_candles_stay_within_their_limits_and_have_no_holes(long_run) -> None:
    exchange, tapes = long_run
    now = exchange.clock.now_ms()
    charted = tapes[Product.SPOT]["BTCUSDT"]
    assert len(charted.series("1s", now).bars) == SECONDS
    assert all(len(kept.minutes().bars) == BARS for kept in tapes[Product.USDM].symbols.values())
    before = len(charted.minutes().bars)
    for interval in ("1m", "3m", "4h", "12h", "1d", "1w"):
        bars = charted.series(interval, now).bars
        assert all(later.open_ms == earlier.close_ms + 1 for earlier, later in pairwise(bars)), interval
    assert len(charted.minutes().bars) == before == charted.minutes().capacity


def test_the_far_past_adjoins_minutes_that_have_moved_on(long_run) -> None:
    exchange, tapes = long_run
    now = exchange.clock.now_ms()
    late = tapes[Product.USDM]["ETHUSDT"]
    first = late.minutes().bars[0].open_ms
    found = late.candles("1m", now, 1_000, end_ms=first + 10 * MINUTE_MS)
    assert len(found) == 1_000
    assert all(later.open_ms == earlier.close_ms + 1 for earlier, later in pairwise(found))


def test_closed_orders_and_what_belongs_to_them_are_forgotten_in_memory_and_on_disk(long_run) -> None:
    exchange, _ = long_run
    spot, usdm = exchange.venues[Product.SPOT], exchange.venues[Product.USDM]
    assert len(spot.orders(DEMO)) == len(usdm.orders(DEMO)) == ORDERS
    assert len(usdm.amendments.of(DEMO, "ETHUSDT")) == AMENDMENTS
    assert exchange._state is not None
    rows = exchange._state._file.execute("SELECT product, count(*) FROM orders GROUP BY product").fetchall()
    assert dict(rows) == {"spot": ORDERS, "usdm": ORDERS}
    kinds = dict(exchange._state._file.execute("SELECT kind, count(*) FROM documents GROUP BY kind").fetchall())
    assert kinds["spot_order"] == ORDERS
    assert kinds["amendment"] == AMENDMENTS
    assert [venue.documents.take_changes() for venue in exchange.venues.values()] == [[], [], []]


def test_books_hold_only_what_rests_in_them(long_run) -> None:
    exchange, _ = long_run
    for venue in exchange.venues.values():
        for book in venue.books.values():
            resting = sum(1 for side in (book.book.bids, book.book.asks) for level in side.outwards() for _ in level)
            assert len(book.book.orders) == resting
            assert resting < 2_000
