"""Whatever spot orders do to each other, nothing is created or lost, and every lock has an open order behind it."""

import random
from contextlib import suppress
from decimal import Decimal as D

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from venues import spot_venue

from tui.domain.order_terms import Side
from tui.exchange.accounts.names import FEES
from tui.exchange.matching.match import SPOT_PREVENTION_MODES
from tui.exchange.orders import OrderState
from tui.exchange.rejection import Rejection
from tui.exchange.spot.open_orders import OpenOrders
from tui.exchange.spot.order import Peg, SpotEntry, spot_order
from tui.exchange.venue import Venue

ACCOUNTS = ("ann", "bob")
SYMBOL, TICK, LOT, MIDDLE = "BTCUSDT", D("0.01"), D("0.01"), D("91234.50")
TYPES = ("LIMIT", "LIMIT", "MARKET", "LIMIT_MAKER", "STOP_LOSS", "STOP_LOSS_LIMIT", "TAKE_PROFIT", "TAKE_PROFIT_LIMIT")
LIMITS = ("LIMIT", "STOP_LOSS_LIMIT", "TAKE_PROFIT_LIMIT")

CHOICES = {
    "account": ACCOUNTS,
    "do": ["place"] * 16 + ["OCO", "OTO", "OTOCO", "OPO", "OPOCO", "cancel", "cancel", "amend", "amend", "clear"],
    "side": list(Side),
    "type": TYPES,
    "tif": ["GTC", "GTC", "GTC", "IOC", "FOK"],
    "lots": range(1, 41),
    "offset": range(-6, 7),
    "stop": range(-6, 7),
    "trailing": [None, None, 10, 50],
    "shown": [None, None, 1, 3],
    "peg": [None, None, None, Peg("PRIMARY_PEG"), Peg("MARKET_PEG", "PRICE_LEVEL", 1)],
    "mode": SPOT_PREVENTION_MODES,
    "by_quote": [True, False],
    "distance": range(1, 9),
}
steps = st.lists(
    st.fixed_dictionaries({name: st.sampled_from(values) for name, values in CHOICES.items()}), min_size=5, max_size=45
)


def entry(step, **change) -> SpotEntry:
    kind, quantity = step["type"], step["lots"] * LOT
    is_stop, is_limit = kind.startswith(("STOP", "TAKE")), kind in (*LIMITS, "LIMIT_MAKER")
    by_quote = kind == "MARKET" and step["by_quote"]
    shown = step["shown"] if is_limit and step["tif"] == "GTC" and step["peg"] is None else None
    fields = {
        "symbol": SYMBOL,
        "side": step["side"],
        "type": kind,
        "time_in_force": step["tif"] if kind in LIMITS else None,
        "quantity": None if by_quote else quantity,
        "quote_quantity": quantity * MIDDLE if by_quote else None,
        "price": MIDDLE + step["offset"] * TICK if is_limit else None,
        "self_trade_prevention": step["mode"],
        "stop_price": MIDDLE + step["stop"] * TICK if is_stop else None,
        "trailing_delta": step["trailing"] if is_stop else None,
        "iceberg_quantity": None if shown is None else shown * LOT,
        "peg": step["peg"] if is_limit else None,
    }
    return SpotEntry(**(fields | change))


def pair(step, side: Side, quantity: D | None) -> list[SpotEntry]:
    far, stop = MIDDLE + step["distance"] * TICK, MIDDLE - step["distance"] * TICK
    below = SpotEntry(SYMBOL, side, "STOP_LOSS", quantity=quantity, stop_price=stop, self_trade_prevention=step["mode"])
    above = SpotEntry(SYMBOL, side, "LIMIT_MAKER", quantity=quantity, price=far, self_trade_prevention=step["mode"])
    if side is Side.BUY:
        below = SpotEntry(SYMBOL, side, "LIMIT_MAKER", quantity=quantity, price=stop)
        above = SpotEntry(
            SYMBOL, side, "STOP_LOSS_LIMIT", "GTC", quantity, price=far + step["offset"] * TICK, stop_price=far
        )
    return [above, below]


def carry_out(venue: Venue, step) -> None:
    account, kind = step["account"], step["do"]
    orders, open_orders = venue.spot_orders, venue.open_orders(step["account"], SYMBOL)
    assert orders is not None
    if kind == "place":
        venue.place(account, entry(step))
    elif kind == "clear":
        venue.cancel_all(account, SYMBOL)
    elif kind in ("cancel", "amend"):
        if open_orders:
            chosen = open_orders[step["lots"] % len(open_orders)]
            if kind == "cancel":
                venue.cancel(account, SYMBOL, chosen.order_id, None)
            else:
                orders.amending.amend(spot_order(chosen), LOT * (chosen.lots // 1000 or 1) / 2 // LOT * LOT, None)
    elif kind == "OCO":
        orders.lists.place(account, kind, None, pair(step, step["side"], step["lots"] * LOT))
    else:
        buys = kind.startswith("OPO")
        working = entry(
            step,
            type="LIMIT",
            side=Side.BUY if buys else step["side"],
            time_in_force="GTC",
            quantity=step["lots"] * LOT,
            quote_quantity=None,
            price=MIDDLE + step["offset"] * TICK,
            stop_price=None,
            trailing_delta=None,
        )
        side = Side.SELL if buys else Side.BUY if step["side"] is Side.SELL else Side.SELL
        quantity = None if buys else step["lots"] * LOT
        pending = pair(step, side, quantity)
        orders.lists.place(account, kind, None, [working, *(pending if kind.endswith("CO") else pending[:1])])


def check_locks(venue: Venue) -> None:
    """Locked is what the holds of open orders say, and each hold is what its orders need."""
    for account in ACCOUNTS:
        holds = {}
        for order in map(spot_order, venue.open_orders(account, None)):
            for hold in (order.hold, order.proceeds):
                if hold is not None:
                    holds[id(hold)] = hold
            if order.hold is not None:
                assert order.hold.amount == order.hold.need()
        locked = {"USDT": D(0), "BTC": D(0)}
        for hold in holds.values():
            locked[hold.asset] += hold.amount
        assert {asset: venue.spot.locked(account, asset) for asset in locked} == locked


def check_counts(venue: Venue) -> None:
    """What is counted as orders come and go is what counting anew finds."""
    for account in ACCOUNTS:
        counted = venue.spot_orders.trading.counts.of(account, venue.listings[SYMBOL])
        found = venue.open_orders(account)
        stops = sum(order.type.startswith(("STOP", "TAKE")) for order in found)
        icebergs = sum(order.iceberg_lots > 0 for order in found)
        buying = sum(order.leaves for order in found if order.side is Side.BUY) * venue.listings[SYMBOL].step.size
        assert counted == OpenOrders(len(found), stops, icebergs, len(found), stops, icebergs, D(buying))


def check_lists(venue: Venue) -> None:
    """Of a pair only one order ever trades; nothing rests or waits that is closed."""
    for account in ACCOUNTS:
        for found in venue.spot_orders.lists.memory.lists(account):
            if len(found.pair) == 2:
                assert sum(order.filled_lots > 0 for order in found.pair) <= 1
                if any(order.filled_lots for order in found.pair):
                    assert sum(order.state.is_open for order in found.pair) <= 1
            if found.is_done:
                assert OrderState.PENDING_NEW not in {order.state for order in found.orders}
            elif found.working is None:
                assert all(order.state.is_open for order in found.orders)
        for order in venue.orders(account):
            assert order.filled_lots + order.prevented_lots <= order.lots
            assert sum(execution.lots for execution in order.executions) == order.filled_lots
    for resting in venue.books[SYMBOL].book.orders.values():
        assert resting.order is not None
        assert resting.order.state in (OrderState.NEW, OrderState.PARTIALLY_FILLED)
        assert resting.lots + resting.hidden == resting.order.leaves
        assert resting.lots > 0
        assert not resting.order.iceberg_lots or resting.lots <= resting.order.iceberg_lots


class Watched:
    """A venue with two accounts whose laws are checked after every step."""

    def __init__(self, *, in_bnb: bool, grouped: bool = False) -> None:
        self.venue, self.told = spot_venue(*ACCOUNTS)
        for account in ACCOUNTS if grouped else ():
            self.venue.dealer.groups.put(account, 7)
        self.ledger = self.venue.spot
        if in_bnb:
            self.ledger.pays_fees_in_bnb.add("ann")
        self.before = self.totals()
        self.sides: dict[Side, dict[int, int]] = {Side.BUY: {}, Side.SELL: {}}
        self.seen = 0

    def totals(self) -> dict[str, D]:
        sums: dict[str, D] = {}
        for account in (*ACCOUNTS, FEES):
            for asset, amounts in self.ledger.balances(account).items():
                assert min(amounts) >= 0
                sums[asset] = sums.get(asset, D(0)) + sum(amounts)
        return sums

    def step(self, step) -> None:
        with suppress(Rejection):
            carry_out(self.venue, step)
        assert self.totals() == self.before
        check_locks(self.venue)
        check_counts(self.venue)
        self.check_replay()

    def check_replay(self) -> None:
        for change in self.told.levels[self.seen :]:
            self.seen += 1
            assert change.update_id == self.seen
            self.sides[change.side][change.price_ticks] = change.lots
        _, bids, asks = self.venue.depth(SYMBOL, 5000)
        assert bids == sorted(((price, lots) for price, lots in self.sides[Side.BUY].items() if lots), reverse=True)
        assert asks == sorted((price, lots) for price, lots in self.sides[Side.SELL].items() if lots)
        assert not bids or not asks or bids[0][0] < asks[0][0]

    def end(self) -> None:
        check_lists(self.venue)
        for account in ACCOUNTS:
            if self.venue.open_orders(account):
                self.venue.cancel_all(account, SYMBOL)
            assert {locked for _, locked in self.ledger.balances(account).values()} == {0}
        assert self.totals() == self.before


@settings(max_examples=60, deadline=None)
@given(steps, st.booleans(), st.booleans())
def test_every_kind_of_spot_order_conserves_what_there_is(played, in_bnb, grouped):
    watched = Watched(in_bnb=in_bnb, grouped=grouped)
    for step in played:
        watched.step(step)
        check_lists(watched.venue)
    watched.end()


@pytest.mark.parametrize("seed", range(4))
def test_thousands_of_random_operations_conserve_what_there_is(seed):
    chance, watched = random.Random(seed), Watched(in_bnb=seed % 2 == 0, grouped=seed > 1)
    for number in range(2_500):
        watched.step({name: chance.choice(values) for name, values in CHOICES.items()})
        if number % 50 == 0:
            check_lists(watched.venue)
    watched.end()
    reasons = {order.expiry_reason for account in ACCOUNTS for order in watched.venue.orders(account)}
    assert {"OCO_TRIGGER", "OTO_PHASE_ONE_EXPIRED", "UNFILLED_IOC_QUANTITY_EXPIRED"} <= reasons
    preventions = watched.venue.spot_orders.trading.preventions.of("ann", SYMBOL)
    assert ("TRANSFER" in {record.mode for record in preventions}) == (seed > 1)
    assert {"TRADE", "REPLACED", "TRADE_PREVENTION"} <= {change.execution_type for change in watched.told.orders}
