"""The filters of a futures symbol, each at the last value it lets pass and the first it refuses."""

from dataclasses import replace
from decimal import Decimal as D

import pytest
from venues import limit, market

from tui.domain.order_terms import Side
from tui.domain.product import Product
from tui.exchange.catalogue import listings
from tui.exchange.filters import Surroundings, check_futures, futures_quantity, futures_trigger
from tui.exchange.rejection import Rejection

BUY, SELL = Side.BUY, Side.SELL
#: Ticks of 0.1, lots of 0.001, 50 USDT at least, 5 % around the mark.
BTC = next(one for one in listings(Product.USDM) if one.symbol == "BTCUSDT")
MARK = D(90_000)


def code_of(check, *arguments) -> int | None:
    """The code with which a check refuses, None where it lets pass."""
    try:
        check(*arguments)
    except Rejection as rejection:
        return rejection.code
    return None


def order_code(entry, listing=BTC, **around) -> int | None:
    return code_of(check_futures, entry, listing, Surroundings(**{"reference_price": MARK, "open_orders": 0} | around))


@pytest.mark.parametrize(
    ("passes", "refused", "code"),
    [
        (limit(BUY, "0.1", "94500"), limit(BUY, "0.1", "94500.1"), -4016),
        (limit(SELL, "0.1", "85500"), limit(SELL, "0.1", "85499.9"), -4024),
        (limit(SELL, "0.1", "200000"), limit(BUY, "0.1", "200000"), -4016),
        (limit(BUY, "0.1", "60000"), limit(SELL, "0.1", "60000"), -4024),
        (limit(BUY, "0.001", "50000"), limit(BUY, "0.001", "49999.9"), -4164),
        (market(BUY, "0.001"), market(BUY, "0"), -4003),
        (market(BUY, "120"), market(BUY, "120.001"), -4005),
        (limit(BUY, "1000", "90000"), limit(BUY, "1000.001", "90000"), -4005),
        (limit(BUY, "0.001", "10", reduce_only=True), limit(BUY, "0.001", "10"), -4164),
        (limit(SELL, "0.001", "90000", position_side="LONG"), limit(SELL, "0.001", "0", position_side="LONG"), -4001),
    ],
)
def test_the_last_that_passes_and_the_first_that_does_not(passes, refused, code) -> None:
    assert order_code(passes) is None
    assert order_code(refused) == code


def test_a_price_below_the_smallest_and_off_the_tick_is_refused() -> None:
    assert order_code(limit(BUY, "0.1", "1000"), replace(BTC, min_price=D(1_000))) is None
    assert order_code(limit(BUY, "0.1", "999.9"), replace(BTC, min_price=D(1_000))) == -4013
    assert order_code(limit(BUY, "0.1", "90000.05")) == -4014


def test_an_account_has_two_hundred_orders_of_a_symbol_and_market_orders_besides() -> None:
    assert order_code(limit(BUY, "0.1", "90000"), open_orders=199) is None
    assert order_code(limit(BUY, "0.1", "90000"), open_orders=200) == -2025
    assert order_code(market(BUY, "0.1"), open_orders=200) is None


@pytest.mark.parametrize(("side", "near", "far"), [(BUY, "94500", "94500.1"), (SELL, "85500", "85499.9")])
def test_a_market_order_does_not_begin_too_far_from_the_mark(side, near, far) -> None:
    assert order_code(market(side, "0.1"), best_opposite=D(near)) is None
    assert order_code(market(side, "0.1"), best_opposite=D(far)) == -4131
    other = BUY if side is SELL else SELL
    assert order_code(market(other, "0.1"), best_opposite=D(far)) is None, "the other way it is cheap"
    assert order_code(market(side, "0.1"), best_opposite=None) is None


@pytest.mark.parametrize(
    ("price", "code"),
    [("0", -4006), ("-1", -4006), ("0.1", None), ("1000000", None), ("1000000.1", -4007), ("90000.05", -4014)],
)
def test_a_trigger_is_held_to_the_ticks(price, code) -> None:
    assert code_of(futures_trigger, D(price), replace(BTC, max_price=D(1_000_000))) == code


@pytest.mark.parametrize(
    ("size", "code"),
    [("0", -4003), ("0.004", -4004), ("0.005", None), ("2", None), ("2.001", -4005), ("1.0005", -4023)],
)
def test_a_size_is_held_to_the_lots(size, code) -> None:
    assert code_of(futures_quantity, D(size), D(2), replace(BTC, min_quantity=D("0.005"))) == code
