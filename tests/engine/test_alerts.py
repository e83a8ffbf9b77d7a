"""Alerts: what each watches for, told once or each time, by message, telling and command; kept over restarts."""

import sys
from dataclasses import replace
from decimal import Decimal

import pytest
from engine_table import limit, until
from fake_client import PERP, SPOT, TICKER, report

from tui.binance.client import StreamKind
from tui.config import Alerts, Settings
from tui.domain.market import MarkPrice, Trade
from tui.domain.order import OrderStatus
from tui.domain.order_terms import Side
from tui.domain.product import Product
from tui.engine.alerts.alert import AlertKind, AlertRequest
from tui.engine.alerts.hook import Hook
from tui.engine.alerts.watching import Watch
from tui.engine.commands.answers import Result
from tui.engine.commands.automation import AddAlert, RemoveAlert
from tui.engine.store import Link, LinkHealth, Market, Stamped
from tui.keys.environment_variables import without_secrets

D = Decimal
BTC = "BTCUSDT"


def market(last="100", one=SPOT, time_ms=1) -> Market:
    found = Market(one)
    price(found, last, time_ms)
    return found


def price(found: Market, last, time_ms=1) -> None:
    found.ticker = Stamped(replace(TICKER, last=D(last), time_ms=time_ms), 1, time_ms, 1)


def watch(kind, level="0", window_s=0, symbol=BTC) -> Watch:
    return Watch(AlertRequest(kind, symbol, D(level), window_s))


def test_a_price_is_told_when_it_is_reached_and_again_only_after_it_was_left() -> None:
    above, seen = watch(AlertKind.PRICE_ABOVE, "105"), market("100")
    assert not above.market(seen)
    price(seen, "105")
    assert above.market(seen) == "BTCUSDT is at or above 105.0: 105.0"
    assert not above.market(seen)
    price(seen, "104")
    assert not above.market(seen)
    price(seen, "106")
    assert above.market(seen)
    assert watch(AlertKind.PRICE_BELOW, "105").market(market("105"))


def test_the_newer_of_print_and_ticker_is_the_price() -> None:
    above, seen = watch(AlertKind.PRICE_ABOVE, "105"), market("100", time_ms=50)
    seen.trades.appendleft(Trade(1, D(110), D(1), Side.BUY, 40))
    assert not above.market(seen)
    seen.trades.appendleft(Trade(2, D(110), D(1), Side.BUY, 60))
    assert above.market(seen)


def test_a_move_is_measured_from_the_ends_of_its_window() -> None:
    move, seen = watch(AlertKind.MOVE, "2", 60), market("100", time_ms=0)
    assert not move.market(seen)
    price(seen, "99", 10_000)
    assert not move.market(seen)
    price(seen, "101", 20_000)
    assert "+2.02 % within 60 s" in move.market(seen)
    price(seen, "102", 30_000)
    assert not move.market(seen)
    price(seen, "100", 120_000)
    assert not move.market(seen)
    price(seen, "97.9", 130_000)
    assert "-2.10 %" in move.market(seen)


def test_a_print_is_told_by_its_value_and_only_if_it_is_new() -> None:
    large, seen = watch(AlertKind.PRINT, "500"), market()
    seen.trades.appendleft(Trade(1, D(100), D(9), Side.BUY, 1))
    assert not large.market(seen)
    seen.trades.appendleft(Trade(2, D(100), D("4.9"), Side.BUY, 1))
    assert not large.market(seen)
    seen.trades.appendleft(Trade(3, D(100), D(5), Side.SELL, 1))
    seen.trades.appendleft(Trade(4, D(100), D(1), Side.BUY, 1))
    assert large.market(seen) == "BTCUSDT: SELL of 500 USDT at 100.0"
    assert not large.market(seen)


def test_funding_is_told_either_way() -> None:
    seen, paid = market(one=PERP), watch(AlertKind.FUNDING, "0.05", symbol=PERP.symbol)
    assert not paid.market(seen)
    for rate, told in (("0.0004", False), ("0.0005", True), ("0.0006", False), ("0.0001", False), ("-0.0006", True)):
        seen.mark = Stamped(MarkPrice(D(1), D(1), D(rate), 1, 1), 1, 1, 1)
        assert bool(paid.market(seen)) is told, rate


def test_links_are_told_when_they_fall() -> None:
    fallen = watch(AlertKind.LINK, symbol="")
    assert not fallen.links({Product.SPOT: LinkHealth(Link.LIVE, Link.LIVE)})
    assert fallen.links({Product.SPOT: LinkHealth(Link.LIVE, Link.STALE)}) == "Spot is stale"
    assert not fallen.links({Product.SPOT: LinkHealth(Link.LIVE, Link.DOWN)})
    assert not fallen.links({Product.SPOT: LinkHealth(Link.LIVE, Link.LIVE)})
    assert fallen.links({Product.SPOT: LinkHealth(Link.DOWN, Link.LIVE)}) == "Spot is down"


async def test_an_order_that_fills_is_told_in_the_session(open_table) -> None:
    async with open_table() as table:
        await table.do(AddAlert(AlertRequest(AlertKind.ORDER, repeats=True)))
        outcome = await table.submit(limit())
        order = table.order(outcome.client_order_id)
        table.spot.user.on_order_report(report(order, OrderStatus.FILLED, "0.1", average_price=D(100)))
        assert table.said("ALERT 1: BUY 0.1 BTCUSDT LIMIT")
        assert table.store.told[0].text.endswith("filled")
        alert = table.store.alerts[1]
        assert (alert.times_told, alert.is_active) == (1, True)


async def test_one_told_once_stays_listed_and_is_known_again_after_a_restart(open_table) -> None:
    async with open_table() as table:
        first = await table.do(AddAlert(AlertRequest(AlertKind.PRICE_ABOVE, BTC, D(50))))
        assert first.text == "Alert 1 is set; alert off 1 removes it"
        await table.do(AddAlert(AlertRequest(AlertKind.PRICE_ABOVE, BTC, D(500), repeats=True)))
        await table.do(AddAlert(AlertRequest(AlertKind.LINK)))
        again = await table.do(AddAlert(AlertRequest(AlertKind.LINK)))
        assert "watches for that already" in again.text
        await until(lambda: table.said("ALERT 1: BTCUSDT is at or above 50.0"))
        assert not table.store.alerts[1].is_active
        assert (await table.do(RemoveAlert(3))).result is Result.DONE
        assert (await table.do(RemoveAlert(9))).refusal.rule == "unknown-alert"
    async with open_table() as table:
        assert {number: alert.is_active for number, alert in table.store.alerts.items()} == {1: False, 2: True}
        added = await table.do(AddAlert(AlertRequest(AlertKind.ORDER)))
        assert added.text.startswith("Alert 4 ")
        await table.do(RemoveAlert(0))
        assert not table.store.alerts
    async with open_table() as table:
        assert not table.store.alerts


async def test_prices_and_prints_of_what_is_not_looked_at_are_followed(open_table) -> None:
    async with open_table() as table:
        await table.do(AddAlert(AlertRequest(AlertKind.PRINT, PERP.symbol, D(500))))
        await until(
            lambda: (
                {StreamKind.TRADES, StreamKind.TICKER}
                <= {
                    one.kind
                    for one in table.perp.market_link.wanted
                    if one.instrument and one.instrument.symbol == PERP.symbol
                }
            )
        )
        await table.do(RemoveAlert(0))
        await until(lambda: not any(one.kind is StreamKind.TRADES for one in table.perp.market_link.wanted))


@pytest.mark.parametrize(
    ("request_", "says"),
    [
        (AlertRequest(AlertKind.PRICE_ABOVE, BTC, D(0)), "above zero"),
        (AlertRequest(AlertKind.PRICE_ABOVE, BTC, D("NaN")), "above zero"),
        (AlertRequest(AlertKind.PRICE_ABOVE, "NOSUCH", D(1)), "not a symbol"),
        (AlertRequest(AlertKind.MOVE, BTC, D(1), 0), "over 1 s to 1 day"),
        (AlertRequest(AlertKind.FUNDING, BTC, D(1)), "only futures"),
        (AlertRequest(AlertKind.ORDER, "NOSUCH"), "not a symbol"),
    ],
)
async def test_what_cannot_be_watched_is_refused(open_table, request_, says) -> None:
    async with open_table() as table:
        outcome = await table.do(AddAlert(request_))
        assert outcome.result is Result.REFUSED
        assert says in outcome.text


class Told:
    def __init__(self) -> None:
        self.lines: list[str] = []

    def warning(self, text) -> None:
        self.lines.append(text)


WRITE = (
    "import os, sys; open(sys.argv[1], 'w').write('|'.join(sys.argv[2:]) + os.environ.get('BINANCE_API_SECRET', ''))"
)


async def test_the_hook_gets_the_alert_as_arguments_and_none_of_our_secrets(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("BINANCE_API_SECRET", "hush")
    told, out = Told(), tmp_path / "out"
    await Hook((sys.executable, "-c", WRITE, str(out)), 20, told).run("price above", BTC, "$(touch x); `id` \x1b[31m")
    assert out.read_text() == "price above|BTCUSDT|$(touch x); `id` [31m"
    assert not told.lines
    assert without_secrets({"BINANCE_X": "1", "PATH": "2"}) == {"PATH": "2"}


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (("/no/such/program",), "cannot be run"),
        ((sys.executable, "-c", "raise SystemExit(3)"), "status 3"),
        ((sys.executable, "-c", "import time; time.sleep(60)"), "was ended"),
    ],
)
async def test_a_hook_that_goes_wrong_is_told_and_ended(command, says) -> None:
    told = Told()
    timeout = 0.3 if says == "was ended" else 20
    await Hook(command, timeout, told).run("order", "", "text")
    assert says in told.lines[0]


async def test_a_session_runs_the_hook_of_its_settings(tmp_path, table_with) -> None:
    out = tmp_path / "out"
    table = table_with(Settings(alerts=Alerts(command=(sys.executable, "-c", WRITE, str(out)))))
    await table.start()
    await table.do(AddAlert(AlertRequest(AlertKind.PRICE_BELOW, BTC, D(500))))
    await until(lambda: out.exists() and out.read_text())
    assert out.read_text().startswith("price below|BTCUSDT|BTCUSDT is at or below 500.0")
