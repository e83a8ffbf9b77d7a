"""Guards at their bounds: what is just allowed, what nobody can judge, and that the remedy named is one."""

import re
from dataclasses import replace
from decimal import Decimal

import pytest
from engine_table import limit
from fake_client import BOOK, PERP, SPOT, instrument, position
from guard_world import World, market_order

from tui.config import Limits
from tui.domain.order import OrderRequest
from tui.domain.order_terms import OrderType, Side
from tui.engine.circumstances import Intent
from tui.engine.limit_names import with_limit
from tui.engine.price_guard import market_average
from tui.engine.store import Link

D = Decimal


def spending(dollars) -> OrderRequest:
    return OrderRequest("BTCUSDT", Side.BUY, OrderType.MARKET, None, quote_quantity=D(dollars))


def tied(**limits):
    """A world of one entry that works and a day that has cost 300."""
    world = World(**limits)
    world.working(limit("99", "0.1"))
    world.day(D(-300))
    return world


@pytest.mark.parametrize(
    ("limits", "order"),
    [
        ({"max_order_quantity": D(3)}, limit("99.5", "4")),
        ({"max_order_notional": D(100)}, limit("99.5", "1.5")),
        ({"max_position_notional": D(100)}, limit("99.5", "1.5")),
        ({"max_open_orders": 1}, limit("99.5", "0.1")),
        ({"day_loss": D(250)}, limit("99.5", "0.1")),
        ({"price_distance_percent": D(5)}, limit("107.4", "0.1")),
        ({"price_distance_percent": D(5)}, limit("92.6", "0.1")),
        ({"slippage_percent": D(1)}, market_order("30")),
    ],
)
def test_the_remedy_named_in_a_refusal_allows_the_order(limits, order) -> None:
    limits = {"max_order_notional": D(0)} | limits
    refusal = tied(**limits).refusal(order)
    name, value = re.search(r"set ([a-z.]+) ([0-9]+)", refusal.text).groups()
    allowed = with_limit(Limits(**limits), name, D(value))
    world = tied()
    world.bench.limits = allowed
    assert world.rule(order) is None


@pytest.mark.parametrize(
    ("rule", "limits", "order", "more"),
    [
        ("max-quantity", {"max_order_quantity": D(3)}, limit("99.5", "3"), limit("99.5", "3.001")),
        ("max-notional", {"max_order_notional": D(199)}, limit("99.5", "2"), limit("99.5", "2.001")),
        ("max-position", {"max_position_notional": D(199)}, limit("99.5", "2"), limit("99.5", "2.001")),
        ("slippage", {"slippage_percent": D("0.2")}, market_order("3"), market_order("4")),
    ],
)
def test_the_largest_is_allowed_and_the_next_is_not(rule, limits, order, more) -> None:
    world = World(**{"max_order_notional": D(0)} | limits)
    assert world.rule(order) is None
    assert world.rule(more) == rule


def test_a_market_that_is_down_refuses_though_it_was_heard_a_moment_ago() -> None:
    world = World()
    world.link(market=Link.DOWN)
    assert "is DOWN" in world.refusal(limit()).text


def test_silence_is_told_in_seconds() -> None:
    world = World(stale_after_ms=2_000)
    world.clock.ns += 12_300_000_000
    world.link(market_heard_ns=world.clock.ns)
    assert "account stream is STALE: not heard for 12.3 s (limits.stale_after_ms 2000)" in world.refusal(limit()).text


@pytest.mark.parametrize(
    ("rule", "order", "limits"),
    [
        ("max-quantity", spending(50), {"max_order_quantity": D(3)}),
        ("max-notional", market_order("1"), {"max_order_notional": D(100)}),
        ("max-position", market_order("1"), {"max_position_notional": D(100)}),
    ],
)
def test_what_has_no_price_is_refused_not_passed(rule, order, limits) -> None:
    """A book that is live and empty, before the first trade of a market."""
    world = World(**{"max_order_notional": D(0)} | limits)
    world.market.book.load(replace(BOOK, bids=[], asks=[]), [])
    world.market.ticker = None
    refusal = world.refusal(order)
    assert refusal.rule == rule
    assert "has no price" in refusal.text


def test_an_order_between_two_equal_ones_does_not_make_the_second_new() -> None:
    world = World()
    world.bench.remember(Intent(limit(), True))
    world.bench.remember(Intent(limit("99.4"), True))
    assert world.rule(limit()) == "duplicate"


def test_an_order_refused_for_something_else_may_be_sent_at_once_when_that_is_mended() -> None:
    world, intent = World(max_order_quantity=D(1)), Intent(limit(quantity="2"), True)
    refusal = world.bench.judge(intent).refusal
    assert refusal.rule == "max-quantity"
    world.bench.renew(intent, refusal)
    world.bench.limits = Limits()
    assert world.rule(limit(quantity="2")) is None


def test_an_amount_of_quote_is_averaged_over_the_levels_it_reaches() -> None:
    """One coin at 100.1, the next at 100.2: 150.2 buy one and a half."""
    world = World()
    assert market_average(spending("100.1"), SPOT, world.market) == D("100.1")
    average = market_average(spending("150.2"), SPOT, world.market)
    assert average == pytest.approx(D("150.2") / D("1.5"), rel=D("1e-5"))
    assert market_average(spending(20_000), SPOT, world.market) is None


def test_an_amount_of_quote_makes_a_position_of_its_value() -> None:
    world = World(max_order_notional=D(0), max_position_notional=D(100))
    assert world.rule(spending(100)) is None
    assert world.rule(spending(101)) == "max-position"


def test_a_turn_through_flat_counts_as_a_position_though_it_is_no_larger() -> None:
    world = World(PERP, max_order_notional=D(0), max_position_notional=D(50))
    held = position("1")
    world.store.positions = {held.key: held}
    turn = limit("99.5", "2", Side.SELL, symbol=PERP.symbol)
    assert world.rule(turn) == "max-position"
    assert world.rule(replace(turn, quantity=D(1))) is None, "flat"
    assert world.rule(replace(turn, quantity=D("1.2"))) is None, "a small position the other way"
    assert world.rule(replace(turn, side=Side.BUY, quantity=D("0.1"))) == "max-position"


@pytest.mark.parametrize(("side", "waits", "pays"), [(Side.SELL, "120", "80"), (Side.BUY, "80", "120")])
def test_a_close_may_wait_far_away_but_not_pay_far_away(side, waits, pays) -> None:
    close = limit(waits, side=side, symbol=PERP.symbol, reduce_only=True)
    assert World(PERP).rule(close) is None
    assert World(PERP).rule(replace(close, price=D(pays))) == "price-distance"


def test_a_price_one_tick_from_the_middle_is_never_too_far() -> None:
    world = World(instrument(min_notional=D(0)))
    world.market.book.load(replace(BOOK, bids=[(1, 10_000)], asks=[(3, 10_000)]), [])
    assert world.rule(limit("0.1")) is None
    assert world.rule(limit("0.4")) == "price-distance"
