"""Every option of the engine changes what the engine does; those with a test of their own elsewhere are not here."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest
from engine_table import limit, until
from fake_client import PERP, fill_of, instrument, position, report

from tui.binance.client import LinkState
from tui.binance.errors import RefusedError
from tui.config import DataOptions, ExecutionOptions, Settings
from tui.domain.account import Commission
from tui.domain.order import OrderStatus, order_from_request
from tui.domain.order_terms import Terms, TimeInForce
from tui.domain.product import Product
from tui.engine.commands.orders import CancelOrder
from tui.engine.fills_export import fill_row, fills_csv
from tui.engine.orders.watchdog import Watchdog
from tui.engine.store import Severity

D = Decimal
S = PERP.symbol


def reconciler(table):
    return next(desk.user._reconciler for desk in table.session._desks if desk.client is table.perp)


async def working(table, *prices) -> list[str]:
    return [(await table.submit(limit(price, symbol=S))).client_order_id for price in prices]


# execution


@pytest.mark.parametrize(("use_gtd", "sent"), [(True, TimeInForce.GTD), (False, TimeInForce.GTC)])
async def test_use_gtd(table_with, use_gtd, sent) -> None:
    table = table_with(Settings(execution=ExecutionOptions(use_gtd=use_gtd)))
    await table.start(S)
    terms = Terms(good_till_ms=table.clock.now_ms() + 700_000)
    outcome = await table.submit(limit(symbol=S, time_in_force=TimeInForce.GTD, terms=terms))
    assert table.perp.placed[0].time_in_force is sent
    assert table.order(outcome.client_order_id).expires_here is not use_gtd
    # Shorter than the exchange keeps it: only what is kept here may be.
    terms = Terms(good_till_ms=table.clock.now_ms() + 60_000)
    short = await table.submit(limit("99.4", symbol=S, time_in_force=TimeInForce.GTD, terms=terms))
    assert (short.refusal is None) is not use_gtd


@pytest.mark.parametrize(("is_warning", "severity"), [(True, Severity.WARNING), (False, Severity.ERROR)])
async def test_log_rejected_due_post_only_as_warning(table_with, is_warning, severity) -> None:
    table = table_with(Settings(execution=ExecutionOptions(log_rejected_due_post_only_as_warning=is_warning)))
    await table.start(S)
    table.perp.place_script.append(RefusedError("Due to the order could not be executed as maker", -5022, 400))
    await table.submit(limit(symbol=S, post_only=True))
    assert [one.severity for one in table.store.messages if "rejected" in one.text and "-5022" in one.text] == [
        severity
    ]


# data


@pytest.mark.parametrize("asks_all", [True, False])
async def test_query_commission_rates(table_with, asks_all) -> None:
    table = table_with(Settings(data=DataOptions(query_commission_rates=asks_all)))
    await table.start("BTCUSDT")
    asked: list[str] = []

    async def commission(one) -> Commission:
        asked.append(one.symbol)
        return Commission(one.symbol, D(0), D(0))

    table.perp.commission = table.spot.commission = commission
    other = instrument(Product.USDM, "ETHUSDT-PERP")
    table.store.instruments = {**table.store.instruments, other.symbol: other}
    table.session._facts._failed_ns.clear()
    missing = table.session._facts.missing()
    assert ("ETHUSDT-PERP" in missing) is asks_all
    for symbol in missing:
        await table.session._facts._ask(table.store.instruments[symbol])
    assert ("ETHUSDT-PERP" in asked) is asks_all


def test_venue_is_told_in_what_is_exported() -> None:
    order = replace(order_from_request(limit(), Product.SPOT, "a", 1), order_id=1)
    assert fill_row(fill_of(order))["venue"] == "BINANCE"
    assert fills_csv([fill_of(order)], "BINANCE_SPOT").splitlines()[1].endswith(",BINANCE_SPOT")


# reconciliation


@pytest.mark.parametrize(("minutes", "expected_ms"), [(0, 7 * 86_400_000), (30, 30 * 60_000)])
async def test_reconciliation_lookback_mins(table_with, minutes, expected_ms) -> None:
    table = table_with(reconciliation_lookback_mins=minutes)
    asked: list[int] = []

    async def fills(_one, since_ms, _limit=500):
        asked.append(since_ms)
        return []

    table.perp.fills = fills
    table.perp.state = replace(table.perp.state, positions=[position("1")])
    await table.start(S)
    await reconciler(table).fills([S])
    assert abs(table.clock.now_ms() - min(asked) - expected_ms) < 120_000


@pytest.mark.parametrize(("delay_s", "is_compared"), [(0, True), (600, False)])
async def test_reconciliation_startup_delay_secs(table_with, delay_s, is_compared, monkeypatch) -> None:
    assert await compared(table_with, monkeypatch, reconciliation_startup_delay_secs=delay_s) == (
        {"orders", "account"} if is_compared else set()
    )


@pytest.mark.parametrize(
    ("off", "left"), [("open_check_interval_secs", {"account"}), ("position_check_interval_secs", {"orders"})]
)
async def test_intervals_of_zero_compare_nothing(table_with, monkeypatch, off, left) -> None:
    assert await compared(table_with, monkeypatch, reconciliation_startup_delay_secs=0, **{off: 0}) == left


async def compared(table_with, monkeypatch, **options) -> set[str]:
    """What is compared within a moment, a second being no longer than an instant; what waits longer never ends."""
    asked: set[str] = set()
    never, sleep = asyncio.Event(), asyncio.sleep

    async def sleeping(seconds) -> None:
        await (never.wait() if seconds > 100 else sleep(0.001))

    table = table_with(**{"open_check_interval_secs": 1, "position_check_interval_secs": 1} | options)
    await table.start(S)
    link = next(desk.user for desk in table.session._desks if desk.client is table.perp)

    async def note(what) -> None:
        asked.add(what)

    link._reconciler.compare_orders = lambda: note("orders")
    link._reconciler.account = lambda: note("account")
    monkeypatch.setattr("tui.engine.user_link.asyncio.sleep", sleeping)
    checks = [asyncio.create_task(link.check_orders()), asyncio.create_task(link.check_account())]
    for _ in range(50):
        await sleep(0.001)
    monkeypatch.undo()
    for check in checks:
        check.cancel()
    await asyncio.gather(*checks, return_exceptions=True)
    return asked


@pytest.mark.parametrize("retries", [1, 3])
async def test_inflight_check_retries(table_with, retries) -> None:
    table = table_with(inflight_check_interval_ms=0, inflight_check_threshold_ms=0, inflight_check_retries=retries)
    await table.start(S)
    (name,) = await working(table, "99.5")
    table.perp.cancel_script.append(lambda order: asyncio.Event().wait())
    cancelling = asyncio.create_task(table.do(CancelOrder(name)))
    await until(lambda: table.order(name).cancel_requested)
    asked: list[str] = []
    resolver = type("Resolver", (), {"verify": lambda _, order: asked.append(order.client_order_id)})()
    watchdog = Watchdog(table.session._floor, resolver, table.session._floor.options.reconciliation)
    start_ms = table.clock.now_ms()
    for number in range(6):
        table.clock.now_ms = lambda number=number: start_ms + number
        watchdog.look()
    del table.clock.now_ms
    assert asked == [name] * retries
    cancelling.cancel()


@pytest.mark.parametrize(("open_only", "lookback_mins"), [(True, 60), (False, 60), (False, 5)])
async def test_open_check_open_only_and_its_lookback(table_with, open_only, lookback_mins) -> None:
    table = table_with(open_check_open_only=open_only, open_check_lookback_mins=lookback_mins)
    await table.start(S)
    await working(table, "99.5")
    table.perp.working = [report(order) for order in table.store.orders.values()]
    asked: list[int] = []

    async def past_orders(_one, since_ms, _limit=500):
        asked.append(since_ms)
        return []

    table.perp.past_orders = past_orders
    await reconciler(table).compare_orders()
    assert (asked == []) is open_only
    if asked:
        assert abs(table.clock.now_ms() - asked[0] - lookback_mins * 60_000) < 30_000


@pytest.mark.parametrize(("threshold_ms", "is_asked"), [(0, True), (60_000, False)])
async def test_open_check_threshold_ms(table_with, threshold_ms, is_asked) -> None:
    """An order that the list lacks, and that changed just now."""
    table = table_with(open_check_threshold_ms=threshold_ms)
    await table.start(S)
    (name,) = await working(table, "99.5")
    table.perp.working = []
    await reconciler(table).compare_orders()
    assert (name in [order.client_order_id for order in table.perp.queried]) is is_asked


async def test_max_single_order_queries_per_cycle_and_the_delay_between_them(table_with, monkeypatch) -> None:
    table = table_with(
        max_single_order_queries_per_cycle=2,
        single_order_query_delay_ms=70,
        open_check_missing_retries=2,
        open_check_threshold_ms=0,
    )
    await table.start(S)
    await working(table, "99.5", "99.4", "99.3")
    table.perp.working, table.perp.known = [], {}
    waits: list[float] = []

    async def sleep(seconds) -> None:
        waits.append(seconds)

    monkeypatch.setattr("tui.engine.orders.reconciler.asyncio.sleep", sleep)
    await reconciler(table).compare_orders()
    assert len({order.client_order_id for order in table.perp.queried}) == 2
    assert waits == [0.07] * 4


@pytest.mark.parametrize(("threshold_ms", "is_told"), [(0, True), (600_000, False)])
async def test_position_check_threshold_ms(table_with, threshold_ms, is_told) -> None:
    """A difference in a position that traded just now."""
    table = table_with(position_check_threshold_ms=threshold_ms, position_check_retries=1)
    await table.start(S)
    (name,) = await working(table, "99.5")
    fill = fill_of(table.order(name), 3, "0.1")
    table.perp.user.on_order_report(report(table.order(name), OrderStatus.FILLED, "0.1", fill=fill))
    table.perp.state = replace(table.perp.state, positions=[position("0.7")])
    await reconciler(table).account()
    assert table.said("executions explain") is is_told


@pytest.mark.parametrize("filters", [True, False])
async def test_filter_position_reports(table_with, filters) -> None:
    table = table_with(filter_position_reports=filters, position_check_retries=1)
    await table.start(S)
    table.perp.state = replace(table.perp.state, positions=[position("0.7")])
    await reconciler(table).account()
    assert table.said("executions explain") is not filters
    assert table.store.positions[S].quantity == D("0.7"), "what the exchange holds is shown either way"


@pytest.mark.parametrize(("allows", "filled"), [(True, D("0.15")), (False, D(0))])
async def test_allow_overfills(table_with, allows, filled) -> None:
    table = table_with(allow_overfills=allows)
    await table.start(S)
    (name,) = await working(table, "99.5")
    order = table.order(name)
    table.perp.known = {name: report(order)}
    too_much = report(order, OrderStatus.FILLED, "0.15", fill=fill_of(order, 5, "0.15"), quantity=D("0.1"))
    table.perp.user.on_order_report(too_much)
    assert table.order(name).filled == filled
    assert table.said("which cannot be") is not allows


@pytest.mark.parametrize("reconciles", [True, False])
async def test_reconciliation_after_a_break(table_with, reconciles) -> None:
    table = table_with(reconciliation=reconciles)
    await table.start(S)
    elsewhere = order_from_request(limit(symbol=S), Product.USDM, "web_7", 1)
    table.perp.working = [report(elsewhere)]
    table.perp.user_link.say(LinkState.DOWN, "cut")
    table.perp.user_link.say(LinkState.LIVE, "")
    await until(lambda: table.said("account is live"))
    await until(lambda: table.store.links[Product.USDM].user.value == "live")
    assert ("web_7" in table.store.orders) is reconciles
