"""Previews: what an order costs and risks, where its position would be liquidated, and what is worth knowing."""

from dataclasses import replace
from decimal import Decimal

import pytest
from engine_table import limit
from fake_client import PERP, SPOT, position
from guard_world import World, market_order

from tui.config import ExecutionOptions
from tui.domain.account import Balance, Commission, LeverageBracket, SymbolConfig
from tui.domain.order import OrderListRequest, OrderRequest
from tui.domain.order_terms import OrderType, PositionSide, Side, Terms, TimeInForce
from tui.domain.product import Product
from tui.engine.preview import preview

D = Decimal
TIERS = (LeverageBracket(D(0), D(300_000), 125, D("0.004"), D(0)),)
COIN = replace(
    PERP,
    product=Product.COINM,
    symbol="BTCUSD-PERP",
    quote="USD",
    margin_asset="BTC",
    contract_size=D(100),
    step=PERP.step,
    min_notional=D(0),
)


def perp_world(one=PERP, wallet="1000", leverage=10, **limits) -> World:
    world = World(one, **limits)
    store = world.store
    store.brackets = {one.symbol: TIERS}
    store.configs = {one.symbol: SymbolConfig(one.symbol, leverage, is_isolated=False)}
    balance = Balance(one.product, one.margin_asset, D(wallet), D(0), 1, wallet=D(wallet))
    store.balances = {balance.key: balance}
    return world


def seen(world, request, options=None):
    return preview(request, world.store, world.bench, options or ExecutionOptions())


def bracket(entry, stop, target) -> OrderListRequest:
    leg = replace(
        entry, side=entry.side.opposite, type=OrderType.STOP_MARKET, price=None, reduce_only=True, post_only=False
    )
    legs = (
        replace(leg, type=OrderType.MARKET_IF_TOUCHED, terms=Terms(trigger_price=D(target))),
        replace(leg, terms=Terms(trigger_price=D(stop))),
    )
    return OrderListRequest(entry, legs)


def test_a_bracket_is_judged_whole_with_its_risk_and_reward() -> None:
    world = perp_world()
    world.store.commissions = {PERP.symbol: Commission(PERP.symbol, D("0.0002"), D("0.0005"))}
    entry = limit("99.5", "2", symbol=PERP.symbol, post_only=True)
    found = seen(world, bracket(entry, "98.5", "102.5"))
    assert found.refusal is None
    # One unit lost on each of two coins, 0.0398 paid to enter as maker, 0.0985 to leave as taker.
    assert found.risk == D(2) + D("199") * D("0.0002") + D("197") * D("0.0005")
    assert found.reward == D(6) - D("199") * D("0.0002") - D("205") * D("0.0005")
    assert (found.notional, found.margin, found.fee) == (D(199), D("19.9"), D("0.0398"))
    assert "R:R 2.7" in found.text
    assert any("app-managed" in note for note in found.notes)


def test_a_leg_that_is_off_its_tick_refuses_the_bracket() -> None:
    found = seen(perp_world(), bracket(limit("99.5", "2", symbol=PERP.symbol), "98.55", "102.5"))
    assert found.refusal.rule == "FILTER_PRICE"
    assert found.refusal.text.startswith("stop loss: ")
    assert found.refusal.offer is None


def test_where_the_position_would_be_liquidated() -> None:
    world = perp_world(wallet="100")
    found = seen(world, limit("99.5", "2", symbol=PERP.symbol, post_only=True))
    # (100 − fee − 199) / (2 × (0.004 − 1)), fee 0.199.
    assert found.liquidation_price == D("49.8")
    world.store.positions = {PERP.symbol: replace(position("2"), entry_price=D(100))}
    closing = seen(world, market_order("2", Side.SELL, PERP.symbol, reduce_only=True))
    assert closing.liquidation_price is None
    assert closing.margin == 0
    more = seen(world, limit("99.5", "2", symbol=PERP.symbol, post_only=True))
    assert more.liquidation_price > found.liquidation_price


@pytest.mark.parametrize(
    ("side", "quantity", "margin"), [("SELL", "2", "0"), ("SELL", "5", "9.95"), ("BUY", "1", "9.95")]
)
def test_an_order_against_a_position_was_said_to_need_margin_of_its_own(side, quantity, margin) -> None:
    """Bug: the exchange asks for what the position may grow to, beyond what it has (derivatives reference 7.8)."""
    world = perp_world()
    world.store.positions = {PERP.symbol: position("2")}
    assert seen(world, limit("99.5", quantity, Side(side), PERP.symbol)).margin == D(margin)
    world.store.hedge_modes = frozenset({Product.USDM})
    terms = Terms(position_side=PositionSide.SHORT)
    assert seen(world, limit("99.5", "2", Side.SELL, PERP.symbol, terms=terms)).margin == D("19.9")
    terms = Terms(position_side=PositionSide.LONG)
    assert seen(world, limit("99.5", "2", Side.SELL, PERP.symbol, terms=terms)).margin == 0


def test_an_isolated_position_stands_on_its_own_margin() -> None:
    world = perp_world(wallet="100000")
    world.store.configs = {PERP.symbol: SymbolConfig(PERP.symbol, 10, is_isolated=True)}
    found = seen(world, limit("99.5", "2", symbol=PERP.symbol))
    # (19.9 − 199) / (2 × −0.996) = 89.9
    assert found.liquidation_price == D("89.9")


def test_other_positions_of_the_wallet_count() -> None:
    world = perp_world(wallet="100")
    alone = seen(world, limit("99.5", "2", symbol=PERP.symbol)).liquidation_price
    other = replace(PERP, symbol="ETHUSDT-PERP")
    world.store.instruments[other.symbol] = other
    held = replace(position("1", other.symbol), mark_price=D(80), maintenance_margin=D(1))
    world.store.positions = {other.symbol: held}
    # 20 lost and 1 needed there leave 79 here.
    assert seen(world, limit("99.5", "2", symbol=PERP.symbol)).liquidation_price > alone + 10


def test_long_and_short_held_apart_are_liquidated_together() -> None:
    world = perp_world(wallet="100")
    world.store.hedge_modes = frozenset({Product.USDM})
    short = replace(position("-2"), position_side=PositionSide.SHORT, entry_price=D(100))
    world.store.positions = {short.key: short}
    found = seen(world, limit("99.5", "2", symbol=PERP.symbol))
    # Wholly hedged: only the need for margin at a far higher price liquidates it.
    assert found.liquidation_price > 1_000
    assert found.refusal is None


def test_inverse_contracts_are_costed_in_dollars_and_liquidated_in_coin() -> None:
    world = perp_world(COIN, wallet="10")
    found = seen(world, bracket(limit("99.5", "2", symbol=COIN.symbol, post_only=True), "90.0", "110.0"))
    assert found.notional == D(200)
    # 200 USD × (1/99.5 − 1/90) of coin, at 90 each, and fees.
    lost = 200 * (1 / D("99.5") - 1 / D(90)) * 90
    assert abs(found.risk - (-lost + D("0.2") + D("0.2"))) < D("0.0001")
    assert found.liquidation_price is not None


def test_what_is_worth_knowing_is_said() -> None:
    world = World()
    notes = seen(
        world, OrderRequest("BTCUSDT", Side.BUY, OrderType.STOP_MARKET, D(1), terms=Terms(trigger_price=D(99)))
    )
    assert "would trigger at once" in notes.notes[0]
    touched = OrderRequest("BTCUSDT", Side.BUY, OrderType.MARKET_IF_TOUCHED, D(1), terms=Terms(trigger_price=D(99)))
    assert not seen(world, touched).notes
    assert (
        "GTD (local)"
        in seen(
            world,
            limit(time_in_force=TimeInForce.GTD, terms=Terms(good_till_ms=world.clock.now_ms() + 60_000)),
        ).notes[0]
    )
    assert "would take now" in seen(world, limit("101", post_only=True)).notes[0]
    trailing = OrderRequest(
        "BTCUSDT", Side.SELL, OrderType.TRAILING_STOP_MARKET, D(1), terms=Terms(trailing_bps=50, activation_price=D(99))
    )
    assert "would start at once" in seen(world, trailing).notes[0]


def test_a_spot_bracket_says_that_its_profit_leg_is_a_maker() -> None:
    entry = limit("99.5", "2")
    legs = (
        replace(entry, side=Side.SELL, price=D(102)),
        replace(entry, side=Side.SELL, price=None, type=OrderType.STOP_MARKET, terms=Terms(trigger_price=D(98))),
    )
    found = seen(World(SPOT), OrderListRequest(entry, legs))
    assert found.refusal is None
    assert found.notes == ("the profit leg is sent post-only (LIMIT_MAKER)",)
    both = seen(World(SPOT), OrderListRequest(None, legs))
    assert both.request is legs[0]
    assert both.risk is None


def test_settings_that_rule_an_order_out_are_named() -> None:
    options = ExecutionOptions(use_reduce_only=False)
    found = seen(perp_world(), limit("99.5", "2", symbol=PERP.symbol, reduce_only=True), options)
    assert "use_reduce_only" in found.refusal.text
