"""Where a position would be liquidated after one more trade, against arithmetic by hand.

Maintenance is 1 % and every mark 100 unless said: a long of Q from E with W behind it is liquidated at
(W − Q × E) / (Q × (0.01 − 1)), a short at (W + Q × E) / (Q × (0.01 + 1)).
"""

from dataclasses import replace
from decimal import Decimal

import pytest
from fake_client import PERP, position
from test_exposure import OTHER, TIERS, store_with

from tui.domain.account import Balance, SymbolConfig
from tui.domain.liquidation import Stake, hedged_liquidation_price
from tui.domain.order_terms import PositionSide
from tui.domain.product import Product
from tui.engine.account.exposure import liquidation_after, mark_of, stake_of, unrealized

D = Decimal
BOTH, LONG, SHORT = PositionSide.BOTH, PositionSide.LONG, PositionSide.SHORT


def after(store, traded, price="100", side=BOTH, fee="0"):
    return liquidation_after(store, PERP, side, D(traded), D(price), D(fee))


@pytest.mark.parametrize(
    ("held", "traded", "price", "over", "under"),
    [
        (None, "1", "100", 50 - 100, "-0.99"),
        (None, "-1", "100", 50 + 100, "1.01"),
        ("2", "1", "85", 50 - 285, "-2.97"),
        ("2", "-1", "90", 50 - 10 - 100, "-0.99"),
        ("-2", "1", "90", 50 + 10 + 100, "1.01"),
        ("1", "-3", "110", 50 + 10 + 220, "2.02"),
    ],
)
def test_a_cross_position_has_the_wallet_and_what_the_trade_realises(held, traded, price, over, under) -> None:
    store = store_with(*([position(held)] if held else []), wallet="50")
    assert after(store, traded, price) == D(over) / D(under)


def test_the_fee_of_the_trade_is_gone() -> None:
    assert after(store_with(wallet="50"), "1", fee="2") == D(48 - 100) / D("-0.99")


def test_other_cross_positions_bring_their_profit_and_take_their_maintenance() -> None:
    other = position("1", OTHER.symbol)
    assert after(store_with(other, wallet="50", mark="90"), "1") == (50 - 10 - D("0.9") - 100) / D("-0.99")
    told = replace(other, maintenance_margin=D(3))
    assert after(store_with(told, wallet="50", mark="90"), "1") == D(50 - 10 - 3 - 100) / D("-0.99")
    apart = replace(other, is_isolated=True, isolated_wallet=D(20))
    assert after(store_with(apart, wallet="50", mark="90"), "1") == D(50 - 20 - 100) / D("-0.99")


def test_what_is_not_known_is_not_foreseen() -> None:
    store = store_with(position("1"), wallet="50")
    assert after(store, "-1") is None, "flat"
    store.balances = {(Product.USDM, "USDT"): Balance(Product.USDM, "USDT", D(0), D(0), 1)}
    assert after(store, "1") is None, "a wallet that nobody stated"
    store.balances = {}
    assert after(store, "1") is None
    store = store_with(wallet="50")
    store.brackets = {}
    assert after(store, "1") is None


def apart(quantity: str, wallet: str, leverage: int | None = 10):
    return replace(position(quantity), is_isolated=True, isolated_wallet=D(wallet), leverage=leverage)


@pytest.mark.parametrize(
    ("held", "traded", "price", "over", "under"),
    [
        (apart("2", "20"), "1", "110", 20 + 11 - 310, "-2.97"),
        (apart("2", "20"), "-1", "110", 10 - 100, "-0.99"),
        (apart("1", "10"), "-3", "100", 20 + 200, "2.02"),
        (apart("-2", "20"), "-1", "100", 30 + 300, "3.03"),
    ],
)
def test_an_isolated_position_has_its_own_wallet_and_the_margin_of_what_is_added(
    held, traded, price, over, under
) -> None:
    assert after(store_with(held), traded, price) == pytest.approx(D(over) / D(under), rel=D("1e-20"))


def test_an_isolated_position_that_is_to_begin_has_the_margin_of_its_leverage() -> None:
    store = store_with()
    store.configs = {PERP.symbol: SymbolConfig(PERP.symbol, 20, True)}
    assert after(store, "2") == D(10 - 200) / D("-1.98")
    unknown = store_with(apart("1", "10", leverage=None))
    assert after(unknown, "1") is None, "of what leverage nobody knows"
    assert after(unknown, "-0.5") == D(5 - 50) / D("-0.495")


@pytest.mark.parametrize(("side", "traded"), [(LONG, "1"), (SHORT, "-1")])
def test_long_and_short_of_hedge_mode_are_liquidated_together(side, traded) -> None:
    long = replace(position("3"), position_side=LONG)
    short = replace(position("-1"), position_side=SHORT)
    store = store_with(long, short, wallet="50")
    longs, shorts = (D(4), D(-1)) if side is LONG else (D(3), D(-2))
    expected = hedged_liquidation_price(Stake(longs, D(100)), Stake(shorts, D(100)), D(50), TIERS)
    assert expected is not None
    assert after(store, traded, side=side) == expected


def test_a_mark_is_the_stream_s_else_the_position_s_else_the_last_price() -> None:
    held = replace(position("2"), mark_price=D(95))
    store = store_with(held)
    assert (mark_of(store, PERP.symbol), unrealized(store, held)) == (D(100), D(0))
    store.market(PERP.symbol).mark = None
    assert (mark_of(store, PERP.symbol), unrealized(store, held)) == (D(95), D(-10))
    store.positions = {}
    assert mark_of(store, PERP.symbol) is None
    del store.markets[PERP.symbol]
    assert mark_of(store, PERP.symbol) is None
    assert unrealized(store, replace(held, mark_price=None)) is None


def test_only_inverse_contracts_are_counted_in_their_size() -> None:
    inverse = replace(PERP, product=Product.COINM, contract_size=D(100))
    assert stake_of(position("2"), PERP) == Stake(D(2), D(100))
    assert stake_of(position("2"), inverse) == Stake(D(2), D(100), D(100))
    assert stake_of(None, inverse) == Stake(D(0), D(0), D(100))
