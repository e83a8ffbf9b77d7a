"""Whatever happens on futures, linear or inverse: nothing is made or lost, and nobody is left owing."""

import random
from contextlib import suppress
from decimal import Decimal as D

import pytest
from contracts import Pit, under_water

from tui.domain.order_terms import Side
from tui.domain.product import Product
from tui.exchange.accounts.funding import charge_funding
from tui.exchange.accounts.names import FEES, HOUSE, INSURANCE, ROUNDING
from tui.exchange.insurance import unwind
from tui.exchange.liquidation import lots_to_reduce
from tui.exchange.orders import OrderEntry
from tui.exchange.rejection import Rejection
from tui.exchange.risk import deliver, liquidate, update_marks

USERS = ("ann", "bob", "cleo")
EVERYBODY = (*USERS, HOUSE, FEES, INSURANCE, ROUNDING)


def a_step(chance: random.Random) -> tuple[object, ...]:
    """Something a trader, the market or the clock does; leverage and swings are what ruins accounts."""
    user = chance.choice(USERS)
    kinds = {
        "order": 12, "move": 6, "leverage": 2, "isolate": 1, "margin": 1, "funding": 1, "risk": 4, "deliver": 0.15
    }  # fmt: skip
    kind = chance.choices(list(kinds), list(kinds.values()))[0]
    more: dict[str, tuple[object, ...]] = {
        "order": (
            user,
            chance.choice(list(Side)),
            chance.randint(1, 1_500),
            chance.randint(-30, 30),
            chance.random() < 0.7,
            chance.random() < 0.2,
        ),
        "move": (D(chance.gauss(0, 5)).quantize(D("0.01")), chance.choice([1, 5, 50, 3_000])),
        "leverage": (user, chance.choice([5, 20, 75, 125])),
        "isolate": (user, chance.random() < 0.5),
        "margin": (user, chance.randint(-500, 500)),
        "funding": (chance.randint(-700, 700),),
    }
    return kind, *more.get(kind, ())


class Life:
    """Plays random steps on one product."""

    def __init__(self, product: Product, fund: str, wealth: int = 1) -> None:
        wallet = D(20_000) if product is Product.USDM else D("0.25")
        self.pit = Pit(product, *USERS, wallet=str(wallet * wealth), fund=fund)
        self.unit = (D("0.001") if product is Product.USDM else D(1)) * wealth
        self.amount = D(1) if product is Product.USDM else D("0.00001")
        self.symbol = self.pit.dated
        # A day earlier positions may still be opened.
        self.pit.clock.advance(-86_400_000)
        self.total = self.reckoned()

    def reckoned(self) -> D:
        """All wallets less what all positions were worth when entered: no trade can change it."""
        ledger, asset = self.pit.ledger, self.pit.asset
        wallets = sum(ledger.wallet(account, asset) for account in EVERYBODY)
        return wallets - sum(held.cost for account in EVERYBODY for _, _, held in ledger.configurations(account))

    def check(self) -> None:
        ledger, asset = self.pit.ledger, self.pit.asset
        assert self.reckoned() == self.total
        for symbol in self.pit.venue.listings:
            sizes = [ledger.quantity(account, symbol) for account in EVERYBODY]
            assert sum(sizes) == 0
            assert ledger.open_interest(symbol) == sum(size for size in sizes if size > 0)
        for account in (*USERS, INSURANCE):
            assert ledger.wallet(account, asset) >= 0
            assert ledger.wallet(account, asset) == ledger.wallet(account, asset).quantize(D("0.00000001"))
        assert abs(ledger.wallet(ROUNDING, asset)) < D("0.00001")

    def play(self, step) -> None:
        kind, *values = step
        with suppress(Rejection):
            getattr(self, kind)(*values)
        self.check()

    def order(self, user, side, lots, offset, is_market, reduces) -> None:
        tick = self.pit.venue.listings[self.symbol].tick
        price = tick.round(self.pit.marks[self.symbol].values.mark) + offset * tick.size
        self.pit.venue.place(
            user,
            OrderEntry(
                self.symbol,
                side,
                "MARKET" if is_market else "LIMIT",
                None if is_market else "GTC",
                lots * self.unit,
                None,
                None if is_market else price,
                reduce_only=reduces,
            ),
        )

    def move(self, percent, lots) -> None:
        self.pit.quote(self.symbol, self.pit.marks[self.symbol].values.mark * (100 + percent) / 100, lots)

    def leverage(self, user, leverage) -> None:
        self.pit.ledger.set_leverage(user, self.symbol, leverage)

    def isolate(self, user, isolated) -> None:
        self.pit.ledger.set_margin_type(user, self.symbol, isolated)

    def margin(self, user, amount) -> None:
        self.pit.ledger.move_margin(user, self.symbol, "BOTH", amount * self.amount)

    def funding(self, rate) -> None:
        charge_funding(self.pit.ledger, self.symbol, D(rate).scaleb(-6))

    def risk(self) -> None:
        liquidate(self.pit.venue)
        for user in USERS:
            assert under_water(self.pit.ledger, user) == []
        self.check()
        unwind(self.pit.venue)

    def drain(self, user) -> None:
        """Take from an account to the house so much that its positions are barely under water."""
        ledger, asset = self.pit.ledger, self.pit.asset
        for legs in ledger.pools(user):
            gap = ledger.equity(user, legs) - ledger.needed(user, legs) + self.amount
            if 0 < gap < ledger.wallet(user, asset) and not ledger.held(user, *legs[0]).is_isolated:
                taken = gap.quantize(D("0.00000001"), "ROUND_UP")
                ledger.credit(user, asset, -taken)
                ledger.credit(HOUSE, asset, taken)

    def deliver(self) -> None:
        deliver(self.pit.venue, self.symbol)
        assert all(self.pit.ledger.quantity(account, self.symbol) == 0 for account in EVERYBODY)
        assert self.pit.ledger.open_interest(self.symbol) == 0


@pytest.mark.parametrize("product", [Product.USDM, Product.COINM])
@pytest.mark.parametrize("fund", ["0", "3", "1000000"])
def test_nothing_is_made_or_lost_and_nobody_owes(product, fund):
    met: set[str] = set()
    for seed in range(25):
        chance, life = random.Random(f"{seed}/{fund}"), Life(product, fund)
        for _ in range(120):
            life.play(a_step(chance))
        met |= {
            order.client_order_id.partition("-")[0]
            for account in life.pit.venue.registry.accounts()
            for order in life.pit.venue.orders(account)
            if order.is_forced
        }
    expected = {"autoclose", "delivery_autoclose" if product is Product.COINM else "settlement_autoclose"}
    assert expected <= met
    # An empty fund takes nothing over; a full one leaves nobody to be deleveraged.
    assert fund != "0" or "adl_autoclose" in met
    assert fund != "1000000" or ("adl_autoclose" not in met and "insurance_fund" in met)


@pytest.mark.parametrize("product", [Product.USDM, Product.COINM])
def test_nothing_is_made_or_lost_where_large_positions_are_reduced(product, monkeypatch):
    reduced: list[int] = []

    def noting(*asked):
        reduced.append(lots_to_reduce(*asked))
        return reduced[-1]

    monkeypatch.setattr("tui.exchange.liquidation.lots_to_reduce", noting)
    for seed in range(12):
        chance, life = random.Random(f"{seed}/large"), Life(product, "100000", wealth=500)
        for _ in range(150):
            kind, *values = a_step(chance)
            if kind == "move":
                values = [values[0] / 20, 2_000_000]
            life.play((kind, *values))
            if chance.random() < 0.1:
                life.drain(chance.choice(USERS))
            life.risk()
    assert sum(lots > 0 for lots in reduced) > 3


def test_an_update_without_marks_charges_nothing():
    pit = Pit(Product.COINM, "ann", wallet="1")
    before = pit.ledger.wallet("ann", "BTC")
    update_marks(pit.venue, pit.clock.now_ms())
    assert pit.ledger.wallet("ann", "BTC") == before
