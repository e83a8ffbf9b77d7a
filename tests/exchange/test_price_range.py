"""Reference prices, and takers that are kept within the range around them."""

from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st
from venues import START_MS, limit, market, spot_venue

from tui.domain.order_terms import Side
from tui.exchange.orders import OrderEntry, OrderState
from tui.exchange.rejection import Rejection
from tui.exchange.spot.reference_price import BUCKET_COUNT, BUCKET_WIDTH_MS, ReferencePrice

BUY, SELL = Side.BUY, Side.SELL
WINDOW_MS = BUCKET_COUNT * BUCKET_WIDTH_MS


def traded_at(price: str, symbol: str = "BTCUSDT"):
    """A venue whose reference price is this."""
    venue, _ = spot_venue()
    venue.place("bob", limit(SELL, "0.1", price, symbol=symbol))
    venue.place("cleo", limit(BUY, "0.1", price, symbol=symbol))
    return venue


@pytest.mark.parametrize(("side", "price", "state"), [
    (BUY, "105000", OrderState.FILLED),
    (BUY, "105000.01", OrderState.EXPIRED),
    (SELL, "95000", OrderState.FILLED),
    (SELL, "94999.99", OrderState.EXPIRED),
])  # fmt: skip
def test_takers_trade_up_to_the_bound_and_expire_beyond_it(side, price, state):
    venue = traded_at("100000")
    venue.place("bob", limit(SELL if side is BUY else BUY, "1", price))
    order = venue.place("ann", market(side, "1"))
    reason = "NONE" if state is OrderState.FILLED else "EXECUTION_RULE_PRICE_RANGE_EXCEEDED"
    assert (order.state, order.expiry_reason) == (state, reason)


def test_a_market_order_by_quote_amount_stops_at_the_bound():
    venue = traded_at("100000")
    venue.place("bob", limit(SELL, "1", "104000"))
    venue.place("bob", limit(SELL, "1", "106000"))
    order = venue.place("ann", OrderEntry("BTCUSDT", BUY, "MARKET", quote_quantity=D(210_000)))
    assert (order.state, order.filled_quote, order.expiry_reason) == (
        OrderState.EXPIRED, 104_000, "EXECUTION_RULE_PRICE_RANGE_EXCEEDED",
    )  # fmt: skip


def test_the_bound_holds_for_the_whole_taker_phase_and_spares_resting_orders():
    venue = traded_at("100000")
    venue.place("bob", limit(SELL, "1", "104000"))
    venue.place("bob", limit(SELL, "1", "106000"))
    order = venue.place("ann", limit(BUY, "2", "107000"))
    assert (order.state, order.filled_lots, order.expiry_reason) == (
        OrderState.EXPIRED, 100_000, "EXECUTION_RULE_PRICE_RANGE_EXCEEDED",
    )  # fmt: skip
    resting = venue.place("ann", limit(BUY, "1", "105500"))
    assert resting.state is OrderState.NEW


def test_without_a_trade_in_the_window_there_is_no_bound():
    venue = traded_at("100000")
    venue.clock.advance(WINDOW_MS + BUCKET_WIDTH_MS)
    venue.place("bob", limit(SELL, "1", "150000"))
    assert venue.place("ann", market(BUY, "1")).state is OrderState.FILLED


def test_symbols_without_the_rule_have_no_bound():
    venue = traded_at("0.03", "ETHBTC")
    venue.place("bob", limit(SELL, "1", "0.04", symbol="ETHBTC"))
    assert venue.place("ann", market(BUY, "1", symbol="ETHBTC")).state is OrderState.FILLED


def test_percent_price_refers_to_the_reference_price():
    venue = traded_at("400000")
    venue.clock.advance(WINDOW_MS + BUCKET_WIDTH_MS)
    venue.place("bob", limit(SELL, "0.1", "100000"))
    venue.place("cleo", limit(BUY, "0.1", "100000"))
    # Of the average of five minutes it would be less than three times.
    with pytest.raises(Rejection, match="PERCENT_PRICE_BY_SIDE"):
        venue.place("ann", limit(BUY, "0.01", "500000.01"))
    venue.place("ann", limit(BUY, "0.01", "500000"))


@given(st.lists(st.tuples(st.integers(0, 5_000), st.integers(1, 10**7)), max_size=40), st.integers(0, 70_000))
def test_the_mean_is_that_of_the_window_with_the_oldest_bucket_in_part(trades, later):
    kept, now, found = ReferencePrice(), START_MS, []
    for passed, price in trades:
        now += passed
        kept.note(price, now)
        found.append((price, now - now % BUCKET_WIDTH_MS))
    now += later
    cutoff, sums, counts = now - WINDOW_MS, D(0), D(0)
    for price, opened in found:
        inside = D(min(BUCKET_WIDTH_MS, max(0, opened + BUCKET_WIDTH_MS - cutoff)))
        sums += price * inside
        counts += inside
    assert kept.mean(now) == (sums, counts)
