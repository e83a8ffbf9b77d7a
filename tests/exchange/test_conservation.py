"""Matching moves money and coins, and never makes or loses any."""

from decimal import Decimal as D

from hypothesis import given, settings
from hypothesis import strategies as st
from venues import futures_venue, spot_venue

from tui.domain.order_terms import Side
from tui.exchange.accounts.funding import charge_funding
from tui.exchange.accounts.names import FEES, HOUSE, INSURANCE, ROUNDING
from tui.exchange.orders import OrderEntry
from tui.exchange.rejection import Rejection
from tui.exchange.venue import Venue

ACCOUNTS = ("ann", "bob", "cleo")
KINDS = [("LIMIT", "GTC"), ("LIMIT", "GTC"), ("LIMIT", "IOC"), ("LIMIT", "FOK"), ("MARKET", None)]

entries = st.builds(
    lambda *choices: choices,
    st.sampled_from(Side),
    st.sampled_from(KINDS),
    st.integers(1, 60),
    st.integers(-8, 8),
    st.sampled_from(["NONE", "EXPIRE_MAKER", "EXPIRE_TAKER", "EXPIRE_BOTH"]),
    st.booleans(),
    st.booleans(),
)
operations = st.lists(
    st.tuples(st.sampled_from(ACCOUNTS), st.one_of(entries, st.sampled_from(["cancel", "cancel_all", "funding"]))),
    max_size=40,
)


def play(venue: Venue, steps, symbol: str, middle: D, tick: D, lot: D, after) -> None:
    for account, step in steps:
        try:
            if step == "cancel":
                open_orders = venue.open_orders(account, symbol)
                if open_orders:
                    venue.cancel(account, symbol, open_orders[0].order_id, None)
            elif step == "funding":
                if venue.futures is not None:
                    charge_funding(venue.futures, symbol, D("0.00031"))
            elif step == "cancel_all":
                venue.cancel_all(account, symbol)
            else:
                side, (kind, tif), lots, offset, prevention, by_quote, reduce_only = step
                quantity, quote = lots * lot, None
                if kind == "MARKET" and by_quote and not venue.product.is_futures:
                    quantity, quote = None, lots * lot * middle
                price = middle + offset * tick if kind == "LIMIT" else None
                venue.place(
                    account,
                    OrderEntry(
                        symbol,
                        side,
                        kind,
                        tif,
                        quantity,
                        quote,
                        price,
                        reduce_only=reduce_only,
                        self_trade_prevention=prevention,
                    ),
                )
        except Rejection:
            pass
        after()


@settings(max_examples=120, deadline=None)
@given(operations, st.sets(st.sampled_from(ACCOUNTS)))
def test_spot_conserves_base_quote_and_fees(steps, in_bnb):
    venue, _ = spot_venue(*ACCOUNTS)
    ledger = venue.spot
    assert ledger is not None
    ledger.pays_fees_in_bnb |= in_bnb

    def totals() -> dict[str, D]:
        sums: dict[str, D] = {}
        for account in (*ACCOUNTS, FEES):
            for asset, (free, locked) in ledger.balances(account).items():
                assert free >= 0
                assert locked >= 0
                sums[asset] = sums.get(asset, D(0)) + free + locked
        return sums

    before = totals()

    def check() -> None:
        assert totals() == before
        for account in ACCOUNTS:
            held = {"USDT": D(0), "BTC": D(0)}
            for order in venue.open_orders(account, None):
                listing, quantity = order.listing, order.listing.step.value(order.leaves)
                if order.side is Side.BUY:
                    held["USDT"] += quantity * listing.tick.value(order.price_ticks)
                else:
                    held["BTC"] += quantity
            assert {asset: ledger.locked(account, asset) for asset in held} == held

    play(venue, steps, "BTCUSDT", D("91234.50"), D("0.01"), D("0.01"), check)


@settings(max_examples=120, deadline=None)
@given(operations)
def test_futures_conserve_wallets_profit_and_fees(steps):
    venue, _ = futures_venue(*ACCOUNTS)
    ledger, fund = venue.futures, D(1_000)
    assert ledger is not None
    ledger.credit(INSURANCE, "USDT", fund)

    def check() -> None:
        wallets = -fund + sum(
            ledger.wallet(account, "USDT") for account in (*ACCOUNTS, FEES, INSURANCE, HOUSE, ROUNDING)
        )
        unrealized = sum(ledger.unrealized_profit(account, "BTCUSDT") for account in ACCOUNTS)
        assert wallets + unrealized == 300_000
        assert sum(ledger.quantity(account, "BTCUSDT") for account in ACCOUNTS) == 0
        for account in ACCOUNTS:
            expected = [D(0), D(0)]
            for order in venue.open_orders(account, None):
                if order.reduce_only:
                    position = ledger.quantity(account, "BTCUSDT")
                    assert order.listing.step.value(order.leaves) <= abs(position)
                    assert (position > 0) == (order.side is Side.SELL)
                    continue
                value = order.listing.step.value(order.leaves) * order.listing.tick.value(order.price_ticks)
                expected[0 if order.side is Side.BUY else 1] += value
            assert list(ledger.open_notional(account, "BTCUSDT")) == expected

    play(venue, steps, "BTCUSDT", D("91220.10"), D("0.1"), D("0.003"), check)


@settings(max_examples=60, deadline=None)
@given(operations)
def test_the_book_is_the_replay_of_its_level_changes_at_every_update_id(steps):
    venue, told = spot_venue(*ACCOUNTS)
    sides: dict[Side, dict[int, int]] = {Side.BUY: {}, Side.SELL: {}}
    seen = 0

    def check() -> None:
        nonlocal seen
        for change in told.levels[seen:]:
            seen += 1
            assert change.update_id == seen
            sides[change.side][change.price_ticks] = change.lots
            if not change.lots:
                del sides[change.side][change.price_ticks]
        update_id, bids, asks = venue.depth("BTCUSDT", 5000)
        assert update_id == seen
        assert bids == sorted(sides[Side.BUY].items(), reverse=True)
        assert asks == sorted(sides[Side.SELL].items())
        assert not bids or not asks or bids[0][0] < asks[0][0]

    play(venue, steps, "BTCUSDT", D("91234.50"), D("0.01"), D("0.01"), check)
