"""Margin and liquidation arithmetic: the reference's formulas on worked examples, and the laws they keep."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.domain.account import LeverageBracket
from tui.domain.liquidation import (
    Stake,
    bracket_at,
    hedged_liquidation_price,
    largest_notional,
    liquidation_price,
    maintenance_margin,
    realized,
)

D = Decimal


def tiers(*rows) -> tuple[LeverageBracket, ...]:
    """Floor, cap, leverage, rate; amounts follow from `cum_n = floor_n × (mmr_n − mmr_{n−1}) + cum_{n−1}`."""
    made, amount, before = [], D(0), D(0)
    for floor, cap, leverage, rate in rows:
        amount += D(floor) * (D(rate) - before) if made else D(0)
        before = D(rate)
        made.append(LeverageBracket(D(floor), D(cap), leverage, D(rate), amount))
    return tuple(made)


#: The reference's example of `leverageBracket`, and one tier more.
LINEAR = tiers((0, 300_000, 125, "0.004"), (300_000, 800_000, 100, "0.005"), (800_000, 10_000_000, 50, "0.01"))
#: In coin.
INVERSE = tiers((0, 5, 125, "0.004"), (5, 10, 100, "0.005"), (10, 200, 50, "0.01"))


def test_the_amounts_of_the_tiers_are_the_references() -> None:
    assert [tier.maintenance_amount for tier in LINEAR] == [0, D(300), D(4300)]


@pytest.mark.parametrize(
    ("stake", "wallet", "tiers_", "price"),
    [
        # One long of 1 BTC from 90,000 with 9,000 behind it: (9000 − 90000) / (0.004 − 1).
        (Stake(D(1), D(90_000)), D(9_000), LINEAR, "81325.3012"),
        # The short: (9000 + 90000) / (0.004 + 1).
        (Stake(D(-1), D(90_000)), D(9_000), LINEAR, "98605.5777"),
        # 10 BTC long: at 81,7xx the notional is in the third tier, so its rate and amount count.
        (Stake(D(10), D(90_000)), D(90_000), LINEAR, "81383.8384"),
        # 4 BTC long: 325,000 at liquidation is in the second tier.
        (Stake(D(4), D(90_000)), D(36_000), LINEAR, "81331.6583"),
        # 100 contracts of 100 USD long from 50,000 with 0.02 BTC: Q(mmr + 1) / (WB/C + Q/E).
        (Stake(D(100), D(50_000), D(100)), D("0.02"), INVERSE, "45636.3636"),
        # The short of the same: Q(mmr − 1) / (WB/C − Q/E).
        (Stake(D(-100), D(50_000), D(100)), D("0.02"), INVERSE, "55333.3333"),
    ],
)
def test_worked_examples(stake, wallet, tiers_, price) -> None:
    found = liquidation_price(stake, wallet, tiers_)
    assert found is not None
    assert abs(found - D(price)) < D("0.0001")


def test_a_hedge_is_liquidated_by_what_it_is_not_hedged_against() -> None:
    """2 long from 90,000 against 1 short from 91,000 with 9,000: both sides need margin, only one coin moves it."""
    long, short = Stake(D(2), D(90_000)), Stake(D(-1), D(91_000))
    price = hedged_liquidation_price(long, short, D(9_000), LINEAR)
    assert price is not None
    left = D(9_000) + long.profit(price) + short.profit(price)
    needed = sum(maintenance_margin(LINEAR, one.notional(price)) for one in (long, short))
    assert abs(left - needed) < D("0.0001")
    assert D(80_000) < price < D(82_000)


def test_a_whole_hedge_is_liquidated_only_by_its_margin() -> None:
    long, short = Stake(D(1), D(90_000)), Stake(D(-1), D(90_000))
    price = hedged_liquidation_price(long, short, D(2_000), LINEAR)
    # Nothing is won or lost; 2,000 are needed once 2 × notional × 0.004 comes to that.
    assert price == D(250_000)


@pytest.mark.parametrize(
    ("stake", "wallet", "price"),
    [
        (Stake(D(1), D(90_000)), D(9_000), D(81_000)),
        (Stake(D(-1), D(90_000)), D(9_000), D(99_000)),
        (Stake(D(100), D(50_000), D(100)), D("0.02"), D(100) / (D("0.0002") + D("0.002"))),
        (Stake(D(-100), D(50_000), D(100)), D("0.02"), D(-100) / (D("0.0002") - D("0.002"))),
    ],
)
def test_a_position_is_liquidated_before_it_has_lost_its_margin(stake, wallet, price) -> None:
    """`price` leaves nothing of the wallet."""
    assert wallet + stake.profit(price) == pytest.approx(D(0), abs=D("1e-20"))
    tiers_ = LINEAR if stake.contract_size is None else INVERSE
    liquidated = liquidation_price(stake, wallet, tiers_)
    assert liquidated > price if stake.quantity > 0 else liquidated < price


def test_a_position_that_is_covered_is_liquidated_nowhere() -> None:
    assert liquidation_price(Stake(D(1), D(100)), D(1_000), LINEAR) is None
    assert liquidation_price(Stake(D(0), D(0)), D(1_000), LINEAR) is None
    assert liquidation_price(Stake(D(1), D(100)), D(10), ()) is None


def test_tiers_bound_what_a_leverage_may_hold() -> None:
    assert largest_notional(LINEAR, 125) == D(300_000)
    assert largest_notional(LINEAR, 75) == D(800_000)
    assert largest_notional(LINEAR, 126) == 0
    assert largest_notional((), 5) is None
    assert bracket_at(LINEAR, D(10**9)) is LINEAR[-1]
    assert bracket_at(LINEAR, D(300_000)) is LINEAR[1]


def test_entries_average_and_closes_keep_them() -> None:
    long = Stake(D(1), D(100)).after(D(1), D(200))
    assert (long.quantity, long.entry) == (D(2), D(150))
    assert long.after(D(-1), D(500)).entry == D(150)
    turned = long.after(D(-3), D(500))
    assert (turned.quantity, turned.entry) == (D(-1), D(500))
    coin = Stake(D(1), D(100), D(100)).after(D(1), D(300))
    # (Q + q) / (Q/E + q/X) = 2 / (1/100 + 1/300)
    assert coin.entry == D(2) / (1 / D(100) + 1 / D(300))


def test_what_a_close_realises() -> None:
    assert realized(Stake(D(2), D(100)), D(1), D(110)) == D(10)
    assert realized(Stake(D(-2), D(100)), D(1), D(110)) == D(-10)
    assert realized(Stake(D(100), D(50_000), D(100)), D(50), D(40_000)) == D(50) * 100 * (1 / D(50_000) - 1 / D(40_000))


QUANTITIES = st.decimals(D("0.001"), D(50), places=3)
WALLETS = st.decimals(D("0.01"), D(500_000), places=2)


@given(QUANTITIES, st.sampled_from((1, -1)), WALLETS, st.decimals(D(100), D(90_000), places=1))
def test_where_a_position_is_liquidated_its_margin_is_used_up(quantity, sign, wallet, entry) -> None:
    stake = Stake(quantity * sign, entry)
    price = liquidation_price(stake, wallet, LINEAR)
    if price is None:
        return
    left = wallet + stake.profit(price)
    needed = maintenance_margin(LINEAR, stake.notional(price))
    assert abs(left - needed) < D("0.0001")


@given(st.integers(1, 5_000), st.sampled_from((1, -1)), st.decimals(D("0.0001"), D(5), places=4))
def test_the_same_holds_for_coin(contracts, sign, wallet) -> None:
    stake = Stake(D(contracts * sign), D(50_000), D(100))
    price = liquidation_price(stake, wallet, INVERSE)
    if price is None:
        return
    left = wallet + stake.profit(price)
    assert abs(left - maintenance_margin(INVERSE, stake.notional(price))) < D("0.0000001")


@pytest.mark.parametrize(("size", "tiers_"), [(None, LINEAR), (D(100), INVERSE)], ids=["linear", "inverse"])
@given(data=st.data())
def test_a_long_and_a_short_held_apart_of_contracts_in_coin_had_no_liquidation(size, tiers_, data) -> None:
    bought, sold = data.draw(st.integers(1, 900)), data.draw(st.integers(1, 900))
    wallet = data.draw(st.decimals(D("0.001"), D(20), places=3)) * (1 if size else 5_000)
    unit = D(1) if size else D("0.01")
    long, short = Stake(bought * unit, D(50_000), size), Stake(-sold * unit, D(52_000), size)
    price = hedged_liquidation_price(long, short, wallet, tiers_)
    if price is None:
        return
    left = wallet + long.profit(price) + short.profit(price)
    needed = sum(maintenance_margin(tiers_, one.notional(price)) for one in (long, short))
    assert abs(left - needed) < D("0.0001")


def test_what_is_hedged_in_coin_is_liquidated_where_the_rest_of_it_would_be() -> None:
    # 100 contracts long from 50,000 with 0.02 BTC, beside a short so small that it hardly counts.
    long, short = Stake(D(100), D(50_000), D(100)), Stake(D("-0.000001"), D(50_000), D(100))
    price = hedged_liquidation_price(long, short, D("0.02"), INVERSE)
    assert price is not None
    assert round(price, 2) == D("45636.36")


def test_a_short_of_contracts_that_its_margin_covers_was_to_be_liquidated_at_a_trillion() -> None:
    """Bug: a wallet has eight decimals; the last of them alone told it from a position that nothing liquidates."""
    stake = Stake(D(-500), D(50_000), D(100))
    assert liquidation_price(stake, D("0.99999999"), INVERSE) is None
    assert liquidation_price(stake, D("0.9"), INVERSE) == D(498_000)


def test_what_is_liquidated_nowhere_has_no_price() -> None:
    rich, short = Stake(D(1), D(90_000)), Stake(D(-1), D(90_000))
    assert liquidation_price(rich, D(100_000), LINEAR) is None
    assert liquidation_price(Stake(D(0), D(0)), D(1), LINEAR) is None
    assert hedged_liquidation_price(rich, Stake(D(0), D(0)), D(100_000), LINEAR) is None
    free = tiers((0, 10**12, 125, 0))
    assert hedged_liquidation_price(rich, short, D(10), free) is None, "needs no margin and can lose nothing"


@pytest.mark.parametrize(("quantity", "won"), [("0.5", D(4_000)), ("-0.5", D(-4_000)), ("3", D(4_000))])
def test_a_part_closed_wins_what_its_size_wins(quantity, won) -> None:
    assert realized(Stake(D(quantity), D(90_000)), D("0.4"), D(100_000)) == won
