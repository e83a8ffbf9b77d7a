"""Margin creates and loses nothing: what is owed is what the lender misses, through interest and liquidation."""

from contextlib import suppress
from decimal import Decimal as D
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from venues import limit, market, spot_venue

from tui.domain.order_terms import Side
from tui.exchange.accounts.names import DEMO, LENDER
from tui.exchange.clock import ManualClock
from tui.exchange.exchange import Exchange
from tui.exchange.margin import Account, Margin, SideEffect
from tui.exchange.margin_liquidation import MarginWatch
from tui.exchange.rejection import Rejection
from tui.exchange.venue import Venue

HOUR = 3_600_000
ASSETS = ("USDT", "BTC")


def margin_venue() -> tuple[Venue, Margin, MarginWatch, Account]:
    """Ann's cross account with 10,000 USDT; Bob makes a market of plenty around 91234.50."""
    venue, _ = spot_venue("ann", "bob")
    margin = Margin(venue)
    margin.open()
    spread(venue, D("91234.50"))
    account = margin.cross("ann")
    margin.ledger.transfer("USDT", D(10_000), "ann", account.name)
    return venue, margin, MarginWatch(margin), account


def spread(venue: Venue, middle: D) -> None:
    """Bob's orders move to another price, and one trade there makes it the last price."""
    for order in venue.open_orders("bob"):
        venue.cancel("bob", "BTCUSDT", order.order_id, None)
    venue.place("bob", limit(Side.BUY, "3", str(middle - 1)))
    venue.place("bob", limit(Side.SELL, "3", str(middle + 1)))
    venue.place("bob", market(Side.BUY, "0.001", self_trade_prevention="NONE"))


def totals(margin: Margin) -> dict[str, D]:
    sums: dict[str, D] = {}
    for account in margin.spot.accounts():
        for asset, (free, locked) in margin.spot.balances(account).items():
            assert free >= 0
            assert locked >= 0
            sums[asset] = sums.get(asset, D(0)) + free + locked
    return sums


def test_named_pairs_are_open_from_the_start_but_not_those_that_were_closed(tmp_path: Path) -> None:
    for closed in (False, True):
        exchange = Exchange(seed=1, state_path=tmp_path / "state.sqlite")
        exchange.margin.open_pairs(DEMO, ("BTCUSDT", "NOSUCH", "ETHUSDT"))
        setting = exchange.margin.setting(DEMO)
        assert setting.pairs == {"BTCUSDT": not closed, "ETHUSDT": True}
        setting.pairs["BTCUSDT"] = False
        exchange.margin.keep_setting(setting)
        exchange.keep()
        exchange.close()


steps = st.lists(
    st.one_of(
        st.tuples(st.just("borrow"), st.sampled_from(ASSETS), st.integers(1, 5_000)),
        st.tuples(st.just("repay"), st.sampled_from(ASSETS), st.integers(1, 5_000)),
        st.tuples(st.just("order"), st.sampled_from(Side), st.integers(1, 200), st.booleans(), st.booleans()),
        st.tuples(st.just("rest"), st.sampled_from(Side), st.integers(1, 200), st.booleans(), st.booleans()),
        st.tuples(st.just("cancel")),
        st.tuples(st.just("hours"), st.integers(1, 500)),
        st.tuples(st.just("price"), st.integers(40_000, 200_000)),
    ),
    max_size=30,
)


@settings(max_examples=60, deadline=None)
@given(steps)
def test_what_is_owed_is_what_the_lender_misses(script) -> None:
    venue, margin, watch, account = margin_venue()
    ledger, clock = margin.ledger, venue.clock
    assert isinstance(clock, ManualClock)
    before, lent = totals(margin), {asset: margin.spot.free(LENDER, asset) for asset in ASSETS}
    for name, *words in script:
        with suppress(Rejection):
            play(venue, margin, account, name, words)
        watch.look()
        assert totals(margin) == before
        for asset in ASSETS:
            interest = sum(
                (row.interest for row in ledger.movements.values() if (row.kind, row.asset) == ("REPAY", asset)), D(0)
            )
            missing = lent[asset] - margin.spot.free(LENDER, asset)
            assert missing == ledger.debt(account.name, asset)[0] - interest


def play(venue: Venue, margin: Margin, account: Account, name: str, words: list) -> None:
    ledger = margin.ledger
    if name in ("borrow", "repay"):
        asset = words[0]
        amount = D(words[1]) if asset == "USDT" else D(words[1]) / 100_000
        if name == "borrow" and amount <= margin.max_borrowable(account, asset):
            ledger.borrow(account.name, asset, amount, "MANUAL")
        amount = min(amount, ledger.owed(account.name, asset), margin.spot.free(account.name, asset))
        if name == "repay" and amount > 0:
            ledger.repay(account.name, asset, amount, "MANUAL")
    elif name in ("order", "rest"):
        side, lots, repays, at_cancel = words
        quantity = str(D(lots) / 1000)
        margin.start(account, SideEffect(0, repays, at_cancel))
        try:
            away = "90000" if side is Side.BUY else "93000"
            entry = market(side, quantity) if name == "order" else limit(side, quantity, away)
            venue.place(account.name, entry)
        finally:
            margin.finish()
    elif name == "cancel":
        for order in venue.open_orders(account.name)[:1]:
            venue.cancel(account.name, "BTCUSDT", order.order_id, None)
    elif name == "hours":
        venue.clock.advance(words[0] * HOUR)  # type: ignore[attr-defined]
    else:
        spread(venue, D(words[0]))


def test_interest_comes_every_full_hour() -> None:
    venue, margin, watch, account = margin_venue()
    margin.ledger.borrow(account.name, "USDT", D(2_400), "MANUAL")
    first = margin.ledger.debt(account.name, "USDT")[1]
    assert first == D("0.01200000")
    venue.clock.advance(3 * HOUR)  # type: ignore[attr-defined]
    watch.look()
    watch.look()
    assert margin.ledger.debt(account.name, "USDT") == (2_400, 4 * first)


def test_an_account_under_water_is_closed_and_its_debts_are_paid() -> None:
    venue, margin, watch, account = margin_venue()
    told = []
    watch.on_status = lambda changed, level, status: told.append(status)
    margin.ledger.borrow(account.name, "BTC", D("0.15"), "MANUAL")
    venue.place(account.name, market(Side.SELL, "0.15"))
    venue.place(account.name, limit(Side.BUY, "0.01", "80000"))
    for price, level in ((91_000, "NORMAL"), (125_000, "MARGIN_CALL"), (300_000, "FORCE_LIQUIDATION")):
        # The reference price has time to follow.
        venue.clock.advance(120_000)
        spread(venue, D(price))
        watch.look()
        assert told[-1] == level
    assert margin.ledger.debts(account.name) == {}
    assert venue.open_orders(account.name) == []
    assert margin.held(account)["USDT"] < 100
    assert "LIQUIDATION" in {row.kind for row in margin.ledger.movements.values()}


def test_loans_and_settings_outlive_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    first = Exchange(seed=7, state_path=path)
    account = first.margin.cross("demo")
    first.margin.ledger.transfer("USDT", D(1_000), "demo", account.name)
    first.margin.ledger.borrow(account.name, "BTC", D("0.01"), "MANUAL")
    setting = first.margin.setting("demo")
    setting.leverage, setting.pairs = 5, {"ETHUSDT": True}
    first.margin.keep_setting(setting)
    kept = (first.margin.held(account), first.margin.ledger.debt(account.name, "BTC"), totals(first.margin))
    first.close()
    again = Exchange(seed=7, state_path=path)
    assert (again.margin.held(account), again.margin.ledger.debt(account.name, "BTC"), totals(again.margin)) == kept
    assert (again.margin.setting("demo").leverage, again.margin.setting("demo").pairs) == (5, {"ETHUSDT": True})
    assert len(again.margin.ledger.movements) == len(first.margin.ledger.movements)
    again.close()
