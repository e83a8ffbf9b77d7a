"""Thousands of random operations: hedge mode, changes, conditional orders, funding, liquidation. Nothing is lost."""

import random
from decimal import Decimal as D

import pytest
from venues import futures_venue

from tui.domain.order_terms import Side
from tui.exchange.accounts.funding import charge_funding
from tui.exchange.accounts.names import FEES, HOUSE, INSURANCE, ROUNDING
from tui.exchange.amending import Change
from tui.exchange.conditional import CLOSING, CONDITIONAL_TYPES, PRICED, TRAILING, AlgoOrder, AlgoState
from tui.exchange.market.desk import HouseDesk
from tui.exchange.orders import OrderEntry
from tui.exchange.rejection import Rejection
from tui.exchange.risk import liquidate

USERS = ("ann", "bob", "cleo")
EVERYBODY = (*USERS, HOUSE, FEES, INSURANCE, ROUNDING)
SYMBOL, TICK, LOT, MIDDLE = "BTCUSDT", D("0.1"), D("0.003"), D("91220.0")
STEPS = 4_000


class Player:
    """Does random things to a venue, and checks its laws after each of them."""

    def __init__(self, seed: int, hedged: set[str]) -> None:
        self.venue, self.told = futures_venue(*USERS, wallet="3000")
        self.venue.futures.credit(HOUSE, "USDT", D(10**9))
        self.venue.futures.credit(INSURANCE, "USDT", D(10**6))
        self.total = self.sum_of_all()
        for account in USERS:
            self.venue.futures.set_leverage(account, SYMBOL, 100)
        for account in hedged:
            self.venue.set_hedged(account, True)
        self.chance = random.Random(seed)
        self.desk = HouseDesk(self.venue, SYMBOL)
        self.middle = MIDDLE
        self.done: dict[str, int] = {}

    def sum_of_all(self) -> D:
        ledger = self.venue.futures
        wallets = sum(ledger.wallet(name, "USDT") for name in EVERYBODY)
        positions = [(name, symbol, side) for name in EVERYBODY for symbol, side, _ in ledger.positions(name)]
        return wallets + sum(ledger.unrealized_profit(*position) for position in positions)

    def price(self) -> D:
        return self.middle + self.chance.randint(-600, 600) * TICK

    def side(self, account: str) -> str:
        return self.chance.choice(self.venue.futures.sides(account))

    def step(self) -> None:
        acts = [self.order, self.order, self.order, self.algo, self.algo, self.change, self.cancel, self.cancel_algo,
                self.house, self.house, self.funding, self.time]  # fmt: skip
        act, account = self.chance.choice(acts), self.chance.choice(USERS)
        try:
            act(account)
            self.done[act.__name__] = self.done.get(act.__name__, 0) + 1
        except Rejection:
            pass

    def order(self, account: str) -> None:
        kind, tif = self.chance.choice([("LIMIT", "GTC"), ("LIMIT", "IOC"), ("LIMIT", "GTX"), ("MARKET", None)])
        self.venue.place(
            account,
            OrderEntry(
                SYMBOL,
                self.chance.choice(list(Side)),
                kind,
                tif,
                self.chance.randint(1, 200) * LOT,
                None,
                self.price() if kind == "LIMIT" else None,
                reduce_only=account not in self.venue.futures.hedged and self.chance.random() < 0.3,
                position_side=self.side(account),
                self_trade_prevention=self.chance.choice(["NONE", "EXPIRE_MAKER", "EXPIRE_TAKER", "EXPIRE_BOTH"]),
            ),
        )

    def algo(self, account: str) -> None:
        kind, chance = self.chance.choice(CONDITIONAL_TYPES), self.chance
        closing = kind in CLOSING and chance.random() < 0.5
        trails = kind == TRAILING
        self.venue.algos.place(
            AlgoOrder(
                SYMBOL,
                chance.choice(list(Side)),
                kind,
                account,
                position_side=self.side(account),
                quantity=None if closing else chance.randint(1, 40) * LOT,
                price=self.price() if kind in PRICED else None,
                trigger_price=None if trails else self.price(),
                close_position=closing,
                working_type=chance.choice(["MARK_PRICE", "CONTRACT_PRICE"]),
                callback_rate=D("0.1") if trails else None,
                reduce_only=not closing and account not in self.venue.futures.hedged and chance.random() < 0.5,
            )
        )

    def change(self, account: str) -> None:
        for order in self.venue.open_orders(account)[:1]:
            quantity = self.chance.randint(1, 60) * LOT
            self.venue.modify(account, Change(SYMBOL, order.order_id, None, order.side, quantity, self.price()))

    def cancel(self, account: str) -> None:
        for order in self.venue.open_orders(account)[:2]:
            self.venue.cancel(account, SYMBOL, order.order_id, None)

    def cancel_algo(self, account: str) -> None:
        for order in self.venue.algos.open_orders(account)[:1]:
            self.venue.algos.cancel(account, order.algo_id, None)

    def house(self, account: str) -> None:
        """The participants trade the price somewhere else and quote around it."""
        self.middle += self.chance.randint(-4_000, 4_000) * TICK
        here = self.venue.listings[SYMBOL].tick.count_of(self.middle)
        for is_buy in (True, False):
            for price in list(self.desk.side(is_buy).prices):
                self.desk.withdraw(is_buy, price)
            self.desk.take(is_buy, 10_000, here)
        self.desk.quote(True, here - 5, 400)
        self.desk.quote(False, here + 5, 400)
        self.desk.take(self.chance.random() < 0.5, 1, here + self.chance.choice([-5, 5]))

    def funding(self, account: str) -> None:
        charge_funding(self.venue.futures, SYMBOL, D("0.00031") * self.chance.choice([1, -1]))

    def time(self, account: str) -> None:
        self.venue.clock.advance(1_000)
        self.venue.turn()
        liquidate(self.venue)

    def check(self) -> None:
        ledger = self.venue.futures
        assert self.sum_of_all() == self.total
        legs = [leg for name in EVERYBODY for leg in ledger.positions(name)]
        assert sum(state.quantity for _, _, state in legs) == 0
        for account in USERS:
            assert ledger.wallet(account, "USDT") >= 0
            assert ledger.quantity(account, SYMBOL, "LONG") >= 0
            assert ledger.quantity(account, SYMBOL, "SHORT") <= 0
            self.check_orders(account)
            closing = [
                (order.side, order.position_side, order.type)
                for order in self.venue.algos.open_orders(account)
                if order.close_position
            ]
            assert len(closing) == len(set(closing))

    def check_orders(self, account: str) -> None:
        ledger = self.venue.futures
        expected: dict[str, list[D]] = {side: [D(0), D(0)] for side in ("BOTH", "LONG", "SHORT")}
        for order in self.venue.open_orders(account):
            rest = order.listing.step.value(order.leaves)
            if order.reduce_only:
                position = ledger.quantity(account, SYMBOL, order.position_side)
                assert rest <= abs(position)
                assert (position > 0) == (order.side is Side.SELL)
                continue
            value = rest * order.listing.tick.value(order.price_ticks)
            expected[order.position_side][0 if order.side is Side.BUY else 1] += value
        for side, sums in expected.items():
            assert list(ledger.open_notional(account, SYMBOL, side)) == sums


@pytest.mark.parametrize(("seed", "hedged"), [(1, set()), (2, set(USERS)), (3, {"ann"})])
def test_nothing_is_created_or_lost(seed: int, hedged: set[str]) -> None:
    player = Player(seed, hedged)
    player.house("")
    turned: list[AlgoOrder] = []
    player.venue.algos.listeners.append(lambda order: turned.append(order) if order.state.is_final else None)
    for _ in range(STEPS):
        player.step()
        player.check()
    assert {AlgoState.FINISHED, AlgoState.CANCELED, AlgoState.REJECTED} <= {order.state for order in turned}
    assert len(player.done) == 8
    assert sum(player.done.values()) > STEPS / 4
    assert any(order.is_forced for account in USERS for order in player.venue.orders(account))
    check_children(player, turned)


def check_children(player: Player, ended: list[AlgoOrder]) -> None:
    """Each trigger made one order at most, none twice, and reducing ones never opened anything."""
    children = [order.actual_order_id for order in ended if order.actual_order_id]
    assert len(children) == len(set(children))
    for order in ended:
        if order.state is AlgoState.FINISHED:
            child = player.venue.order(order.account_id, SYMBOL, order.actual_order_id, None)
            assert child.client_order_id == order.client_algo_id
            assert child.reduce_only or not (order.reduce_only or order.close_position)
            assert order.actual_quantity == child.listing.step.value(child.filled_lots)


def test_a_reduce_only_fill_never_turns_a_position() -> None:
    player = Player(4, set())
    player.house("")
    reduced = 0
    for _ in range(STEPS):
        seen = len(player.told.orders)
        running = {account: player.venue.futures.quantity(account, SYMBOL) for account in USERS}
        player.step()
        for change in player.told.orders[seen:]:
            order, execution = change.order, change.execution
            if execution is None:
                continue
            signed = order.listing.step.value(execution.lots if order.side is Side.BUY else -execution.lots)
            held = running[order.account_id]
            if order.reduce_only:
                reduced += 1
                assert held * signed < 0
                assert abs(signed) <= abs(held)
            running[order.account_id] = held + signed
        assert running == {account: player.venue.futures.quantity(account, SYMBOL) for account in USERS}
    assert reduced > 50
