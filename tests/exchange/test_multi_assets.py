"""Accounts whose assets together keep their positions, and commissions paid in BNB."""

import random
from contextlib import suppress
from decimal import Decimal as D

import pytest
from contracts import Pit, under_water
from venues import Recorder, limit, market

from tui.domain.order_terms import Side
from tui.domain.product import Product
from tui.exchange.accounts.asset_mode import set_multi_assets
from tui.exchange.accounts.collateral import MARGIN_ASSETS
from tui.exchange.accounts.funding import charge_funding
from tui.exchange.accounts.names import FEES, HOUSE, INSURANCE, ROUNDING
from tui.exchange.auto_exchange import balance_all
from tui.exchange.insurance import unwind
from tui.exchange.rejection import Rejection
from tui.exchange.risk import liquidate, watch

BUY, SELL = Side.BUY, Side.SELL


def pit(**assets: str) -> tuple[Pit, Recorder]:
    """Ann with these assets in multi-assets mode, Bitcoin at 50,000, BNB at 800."""
    made = Pit(Product.USDM, "ann", "bob", wallet="0", fund="1000000", price="50000")
    made.venue.marks["BNBUSDT"] = made.marks["BNBUSDT"] = type(made.marks[made.perpetual])(D(800))
    made.ledger.credit("bob", "USDT", D(10_000_000))
    for asset, amount in assets.items():
        made.ledger.credit("ann", asset, D(amount))
    set_multi_assets(made.ledger, "ann", True, has_orders=False)
    told = Recorder()
    made.venue.add_listener(told)
    return made, told


def trade(made: Pit, side: Side, quantity: str, price: str = "50000") -> None:
    """Ann trades with Bob at this price."""
    made.quote(made.perpetual, D(price), 0)
    made.venue.place("bob", limit(SELL if side is BUY else BUY, quantity, price))
    made.venue.place("ann", market(side, quantity))


def test_coins_keep_positions_at_their_discounted_value():
    made, _ = pit(BTC="1")
    whole = made.ledger.summary("ann")
    assert (whole.margin_balance, whole.available) == (47_500, 47_500)
    assert made.ledger.summary("ann", "USDT").available == 47_500
    assert made.ledger.summary("ann", "BTC").available == D("0.95")
    trade(made, BUY, "10")
    # Half a million at 20x leaves 47,500 less 25,000 margin and the commission that is owed now, at 1.0001.
    owed = D(500_000) * D("0.0005")
    assert made.ledger.wallet("ann", "USDT") == -owed
    assert made.ledger.summary("ann").available == 47_500 - owed * D("1.0001") - 25_000
    with pytest.raises(Rejection, match="-2019"):
        made.venue.place("ann", limit(BUY, "10", "50000"))


def test_the_liquidation_price_counts_all_assets():
    made, _ = pit(USDT="1000", BNB="10")
    trade(made, BUY, "1")
    made.ledger.credit("ann", "USDT", D(25))
    price = made.ledger.liquidation_price("ann", made.perpetual)
    # Equity 1,000 × 0.9999 + 10 × 800 × 0.95; maintenance 0.4 %.
    assert price == ((50_000 - D("999.9") - 7_600) / D("0.996")).quantize(D("0.1"))
    made.marks[made.perpetual].put(price + 20)
    liquidate(made.venue)
    assert made.ledger.quantity("ann", made.perpetual) == 1


def test_after_a_liquidation_other_assets_pay_what_is_owed():
    made, told = pit(BNB="10", BTC="0.1")
    trade(made, BUY, "1")
    made.quote(made.perpetual, D(38_800), 2_000)
    watch(made.venue, made.clock.now_ms())
    assert made.ledger.quantity("ann", made.perpetual) == 0
    assert made.ledger.wallet("ann", "USDT") >= 0
    assert made.ledger.wallet("ann", "BNB") < 10
    assert made.ledger.wallet("ann", "BTC") < D("0.1")
    assert "AUTO_EXCHANGE" in [change.reason for change in told.accounts if change.account_id == "ann"]
    kinds = {entry.asset for entry in made.venue.life.records.incomes if entry.kind == "AUTO_EXCHANGE"}
    assert kinds == {"USDT", "BNB", "BTC"}


def test_assets_are_sold_in_proportion_to_their_value_beyond_the_threshold():
    made, _ = pit(BTC="1", BNB="62.5")
    made.ledger.credit("ann", "USDT", D(-9_990))
    trade(made, BUY, "0.001")
    balance_all(made.venue)
    assert made.ledger.wallet("ann", "BTC") == 1
    made.ledger.credit("ann", "USDT", D("-20"))
    balance_all(made.venue)
    # Both are worth 50,000, so each pays half of what is owed, at its price less 2.5 %.
    btc, bnb = 1 - made.ledger.wallet("ann", "BTC"), D("62.5") - made.ledger.wallet("ann", "BNB")
    assert abs(btc * 50_000 - bnb * 800) < D("0.001")
    assert abs(btc * 50_000 * D("0.975") * 2 - D("10010.025") * D("1.001")) < D("0.001")
    assert 0 <= made.ledger.wallet("ann", "USDT") < D("0.001")


def test_a_debt_without_positions_is_paid_when_it_reaches_the_other_assets():
    made, _ = pit(BNB="1")
    made.ledger.credit("ann", "USDT", D(-700))
    balance_all(made.venue)
    assert made.ledger.wallet("ann", "BNB") == 1
    made.ledger.credit("ann", "USDT", D(-100))
    balance_all(made.venue)
    assert (made.ledger.wallet("ann", "BNB"), made.ledger.wallet("ann", "USDT")) == (0, 0)
    # 800 less 2.5 %, over 1.001, went to the debt; the insurance paid the rest.
    assert made.ledger.wallet(INSURANCE, "USDT") == 1_000_000 - 800 + (D(780) / D("1.001")).quantize(
        D("1e-8"), "ROUND_DOWN"
    )


def test_the_mode_changes_only_where_it_can():
    made, _ = pit(USDT="1000", BTC="0.1")
    change = set_multi_assets
    with pytest.raises(Rejection, match="-4171"):
        change(made.ledger, "ann", True, has_orders=False)
    with pytest.raises(Rejection, match="-4170"):
        change(made.ledger, "ann", False, has_orders=True)
    trade(made, BUY, "2")
    with pytest.raises(Rejection, match="-4169"):
        change(made.ledger, "ann", False, has_orders=False)
    made.ledger.credit("ann", "USDT", D(-2_000))
    with pytest.raises(Rejection, match="-4172"):
        change(made.ledger, "ann", False, has_orders=False)
    made.ledger.set_margin_type("bob", made.dated, True)
    with pytest.raises(Rejection, match="-4167"):
        change(made.ledger, "bob", True, has_orders=False)


def test_commissions_are_paid_in_bnb_while_there_is_enough():
    made, _ = pit(USDT="10000", BNB="0.02")
    made.ledger.fee_burners.add("ann")
    trade(made, BUY, "0.5")
    order = made.venue.orders("ann")[-1]
    # 25,000 × 0.05 % less a tenth, in BNB at 800.
    assert (order.executions[0].commission, order.executions[0].commission_asset) == (D("0.01406250"), "BNB")
    assert made.ledger.wallet("ann", "USDT") == 10_000
    trade(made, SELL, "0.5")
    last = made.venue.orders("ann")[-1]
    assert (last.executions[0].commission, last.executions[0].commission_asset) == (D("12.5"), "USDT")
    assert made.ledger.wallet(FEES, "BNB") == D("0.01406250")


USERS = ("ann", "bob", "cleo")
EVERYBODY = (*USERS, HOUSE, FEES, INSURANCE, ROUNDING)


class Life:
    """Users with several assets trade, burn fees and are ruined; nothing may be made or lost of any asset."""

    def __init__(self, chance: random.Random, fund: str) -> None:
        self.chance = chance
        self.pit = Pit(Product.USDM, *USERS, wallet="8000", fund=fund)
        self.pit.marks["BNBUSDT"] = type(self.pit.marks[self.pit.perpetual])(D(800))
        self.pit.venue.marks["BNBUSDT"] = self.pit.marks["BNBUSDT"]
        for user, coin, amount in (("ann", "BTC", "0.2"), ("bob", "BNB", "15"), ("cleo", "USDC", "4000")):
            self.pit.ledger.credit(user, coin, D(amount))
        self.before = self.totals()

    def totals(self) -> dict[str, D]:
        ledger = self.pit.ledger
        sums = {asset: sum((ledger.wallet(name, asset) for name in EVERYBODY), D(0)) for asset in MARGIN_ASSETS}
        costs = (held.cost for name in EVERYBODY for _, _, held in ledger.configurations(name))
        return sums | {"USDT": sums["USDT"] - sum(costs, D(0))}

    def play(self) -> None:
        chance, made = self.chance, self.pit
        user, symbol = chance.choice(USERS), made.perpetual
        kind = chance.choice(["order"] * 8 + ["move"] * 5 + ["mode", "burn", "leverage", "funding", "risk", "risk"])
        mark = made.marks[symbol].values.mark
        with suppress(Rejection):
            if kind == "order":
                side, lots = chance.choice([BUY, SELL]), chance.randint(1, 2_500)
                made.venue.place(user, market(side, str(lots * D("0.001"))))
            elif kind == "move":
                made.quote(
                    symbol, mark * (1 + D(chance.gauss(0, 0.05)).quantize(D("0.0001"))), chance.choice([5, 3_000])
                )
                made.marks["BNBUSDT"].put(D(chance.randint(300, 1_200)))
            elif kind == "mode":
                set_multi_assets(made.ledger, user, user not in made.ledger.multi_assets, has_orders=False)
            elif kind == "burn":
                made.ledger.fee_burners.symmetric_difference_update({user})
            elif kind == "leverage":
                made.ledger.set_leverage(user, symbol, chance.choice([5, 20, 75, 125]))
            elif kind == "funding":
                charge_funding(made.ledger, symbol, D(chance.randint(-700, 700)).scaleb(-6))
            else:
                liquidate(made.venue)
                assert [name for name in USERS if under_water(made.ledger, name)] == []
                balance_all(made.venue)
                unwind(made.venue)
        assert self.totals() == self.before
        for name in (*USERS, INSURANCE):
            if name not in made.ledger.multi_assets:
                assert all(made.ledger.wallet(name, asset) >= 0 for asset in MARGIN_ASSETS)
            elif not made.ledger.touched(name) and kind == "risk":
                assert made.ledger.summary(name).margin_balance >= 0


@pytest.mark.parametrize("fund", ["0", "1000000"])
def test_nothing_is_made_or_lost_of_any_asset(fund):
    exchanged = burnt = 0
    for seed in range(20):
        life = Life(random.Random(f"{seed}/{fund}/assets"), fund)
        for _ in range(150):
            life.play()
        exchanged += any(entry.kind == "AUTO_EXCHANGE" for entry in life.pit.venue.life.records.incomes)
        burnt += life.pit.ledger.wallet(FEES, "BNB") > 0
    assert exchanged > 3
    assert burnt > 3
