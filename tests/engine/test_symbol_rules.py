"""What the symbol itself takes: the last value it does, the first it does not, and the order that would be taken."""

from dataclasses import replace
from decimal import Decimal

import pytest
from engine_table import limit
from fake_client import BOOK, TICKER, instrument
from guard_world import market_order

from tui.domain.instrument import Permits
from tui.domain.order import OrderRequest
from tui.domain.order_terms import OrderType, PriceMatch, Side, Terms
from tui.domain.product import Product
from tui.engine.store import Market, Stamped
from tui.engine.symbol_rules import reference_price, symbol_rules

D = Decimal
BANDS = {"price_up": D("1.1"), "price_down": D("0.9")}
SPOT = instrument(**BANDS, permits=Permits(max_notional=D(2_000)))
PERP = instrument(Product.USDM, "BTCUSDT-PERP", **BANDS)


def market(one=SPOT) -> Market:
    """A market at 100, between 99.9 and 100.1."""
    shown = Market(one)
    shown.book.load(BOOK, [])
    shown.ticker = Stamped(TICKER, 1, 1, 1)
    return shown


def refusal(request, one=SPOT):
    return symbol_rules(request, one, market(one))


def spent(quote: str) -> OrderRequest:
    return OrderRequest("BTCUSDT", Side.BUY, OrderType.MARKET, None, quote_quantity=D(quote))


@pytest.mark.parametrize(
    ("taken", "refused", "rule"),
    [
        (limit("100", "0.05"), limit("100", "0.049"), "FILTER_NOTIONAL"),
        (limit("100", "20"), limit("100", "20.001"), "FILTER_NOTIONAL"),
        (limit("20", "100"), limit("20", "100.001"), "FILTER_LOT_SIZE"),
        (limit("110", "1"), limit("110.1", "1"), "FILTER_PERCENT_PRICE"),
        (limit("90", "1"), limit("89.9", "1"), "FILTER_PERCENT_PRICE"),
        (spent("5"), spent("4.99"), "FILTER_NOTIONAL"),
    ],
)
def test_the_last_that_is_taken_and_the_first_that_is_not(taken, refused, rule) -> None:
    one = replace(SPOT, price_down=None) if taken.price == 20 else SPOT
    assert refusal(taken, one) is None
    found = refusal(refused, one)
    assert found.rule == rule
    assert refusal(found.offer, one) is None
    mended = found.offer.quantity or found.offer.quote_quantity
    assert mended == (taken.quantity or taken.quote_quantity) or found.offer.price == taken.price


def test_the_smallest_and_the_largest_size_are_taken() -> None:
    cheap = replace(SPOT, min_notional=D(0), min_quantity=D("0.01"), permits=Permits())
    assert refusal(limit("100", "0.01"), cheap) is None
    assert refusal(limit("100", "0.009"), cheap).offer.quantity == D("0.01")
    assert refusal(market_order("50"), cheap) is None
    assert refusal(market_order("50.001"), cheap).rule == "FILTER_MARKET_LOT_SIZE"
    assert refusal(limit("100", "50.001"), cheap) is None, "the bound of market orders is theirs alone"
    assert refusal(limit("100", "1000"), replace(cheap, max_quantity=D(0))) is None, "no bound is known"


def test_a_visible_size_below_the_step_is_mended_to_a_step() -> None:
    iceberg = replace(SPOT, permits=Permits(iceberg=True))
    found = refusal(limit("100", "1", terms=Terms(display_quantity=D("0.0004"))), iceberg)
    assert found.offer.terms.display_quantity == D("0.001")


def test_futures_bound_a_price_only_where_it_would_pay_too_much() -> None:
    assert refusal(limit("80", symbol=PERP.symbol), PERP) is None
    assert refusal(limit("120", symbol=PERP.symbol), PERP).rule == "FILTER_PERCENT_PRICE"
    assert refusal(limit("120", side=Side.SELL, symbol=PERP.symbol), PERP) is None
    assert refusal(limit("80", side=Side.SELL, symbol=PERP.symbol), PERP).rule == "FILTER_PERCENT_PRICE"


def test_a_price_that_works_once_triggered_is_compared_with_its_trigger() -> None:
    stop = replace(limit("131"), type=OrderType.STOP_LIMIT)
    assert refusal(replace(stop, terms=Terms(trigger_price=D(130)))) is None
    assert refusal(replace(stop, terms=Terms(trigger_price=D(115)))).rule == "FILTER_PERCENT_PRICE"


def test_a_price_that_the_exchange_matches_has_no_bound() -> None:
    matched = limit("120", symbol=PERP.symbol, terms=Terms(price_match=PriceMatch.OPPONENT))
    assert refusal(matched, PERP) is None


def test_an_order_meets_its_trigger_else_the_other_side_else_the_last_trade() -> None:
    shown = market()
    assert reference_price(market_order(), SPOT, shown) == D("100.1")
    assert reference_price(market_order(side=Side.SELL), SPOT, shown) == D("99.9")
    stop = replace(market_order(), type=OrderType.STOP_MARKET, terms=Terms(trigger_price=D(130)))
    assert reference_price(stop, SPOT, shown) == D(130)
    trailing = replace(stop, terms=Terms(trailing_bps=50))
    assert reference_price(trailing, SPOT, shown) == D("100.1")
    shown.book.load(replace(BOOK, bids=[], asks=[]), [])
    assert reference_price(market_order(), SPOT, shown) == D(100)
