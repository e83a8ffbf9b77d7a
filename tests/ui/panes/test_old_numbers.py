"""Nothing that has gone old passes for live: each figure says so, or is not there."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal as D

import pytest
from fake_desk import NOW_MS, PERP, FakeDesk
from market_screen import market_pane, said, text_of

from tui.domain.product import Product
from tui.engine.alerts.alert import Alert, AlertKind, AlertRequest
from tui.engine.store import AccountSummary, Link, Severity
from tui.ui.account.lines import BalanceRow, sum_words
from tui.ui.header.lines import header_lines
from tui.ui.lines import Line, plain
from tui.ui.lock.lines import position_lines
from tui.ui.view_state import ViewState

WHOLE = AccountSummary(
    "USDT", D("12402.11"), D("9880.40"), D("83.20"), D("-12.40"), D("3.91"), D("-0.42"), D(12), NOW_MS
)


def silence(desk: FakeDesk) -> None:
    """Let nothing be heard for longer than is believed."""
    desk.clock.advance(5)


def market_down(desk: FakeDesk) -> None:
    desk.store.links[Product.USDM] = replace(desk.store.links[Product.USDM], market=Link.DOWN)


def account_down(desk: FakeDesk) -> None:
    desk.store.links[Product.USDM] = replace(desk.store.links[Product.USDM], user=Link.DOWN)


@pytest.fixture
def view(desk: FakeDesk) -> ViewState:
    desk.store.summary = WHOLE
    return ViewState(symbol=PERP, clock=desk.clock, size_presets=(D(100), D(5000)))


def header(desk: FakeDesk, view: ViewState, width: int = 200) -> list[str]:
    return [plain(line) for line in header_lines(desk.store, view, width)]


@pytest.mark.parametrize("width", [80, 120, 200])
@pytest.mark.parametrize("break_", [silence, market_down])
def test_the_market_row_of_a_silent_market_shows_no_figure_as_live(
    desk: FakeDesk, view: ViewState, break_: Callable[[FakeDesk], None], width: int
) -> None:
    assert " 64,212.4 ▲+1.24%" in header(desk, view, width)[0]
    break_(desk)
    row = header(desk, view, width)[0]
    assert " ?64,212.4  STALE " in row
    for gone in ("▲", "mark 6", "fund", "f+0.0100%", "24h", "vol"):
        assert gone not in row


@pytest.mark.parametrize("break_", [silence, market_down, account_down])
def test_the_money_of_a_silent_account_is_marked_in_the_header(
    desk: FakeDesk, view: ViewState, break_: Callable[[FakeDesk], None]
) -> None:
    assert "eq 12,402.11  uPnL +83.20  day −12.40  free 9,880.40  margin 12%" in header(desk, view)[1]
    break_(desk)
    assert "eq ?12,402.11  uPnL ?+83.20  day ?−12.40  free ?9,880.40  margin ?12%" in header(desk, view)[1]


def test_a_wallet_stands_in_for_the_whole_account_with_the_same_mark(desk: FakeDesk, view: ViewState) -> None:
    desk.store.summary = None
    silence(desk)
    assert "eq ?5,081.64  free ?3,402.11  uPnL ?+82.52" in header(desk, view)[1]


def test_a_size_in_dollars_is_not_worked_out_from_an_old_price(desk: FakeDesk, view: ViewState) -> None:
    assert "size [1] 0.001 BTC ≈ 64.21 USDT" in header(desk, view)[1]
    silence(desk)
    assert "size [1] — BTC ≈ — USDT" in header(desk, view)[1]


def test_a_mark_price_that_comes_no_more_while_all_else_does_is_not_shown_as_live(
    desk: FakeDesk, view: ViewState
) -> None:
    mark = desk.store.market(PERP).mark
    assert mark is not None
    desk.store.market(PERP).mark = replace(mark, received_ns=mark.received_ns - 60_000_000_000)
    row = header(desk, view)[0]
    assert "64,212.4 ▲+1.24%" in row
    assert "mark" not in row
    assert "fund" not in row


async def test_a_position_says_how_old_a_mark_is_that_comes_no_more(desk: FakeDesk) -> None:
    mark = desk.store.market(PERP).mark
    assert mark is not None
    desk.store.market(PERP).mark = replace(mark, received_ns=mark.received_ns - 60_000_000_000)
    async with market_pane(desk, "positions") as (positions, _):
        assert any("64,210.1 01:00 old" in row for row in text_of(positions))


async def test_a_mark_that_came_with_the_account_is_not_shown_once_the_market_is_silent(desk: FakeDesk) -> None:
    desk.store.market(PERP).mark = None
    async with market_pane(desk, "positions") as (positions, _):
        assert any("64,210.1" in row and "+82.52" in row for row in text_of(positions))
        market_down(desk)
        assert not any("64,210.1" in row or "+82.5" in row for row in text_of(positions))


@pytest.mark.parametrize("break_", [silence, market_down])
def test_the_lock_screen_says_how_old_the_profit_is(
    desk: FakeDesk, view: ViewState, break_: Callable[[FakeDesk], None]
) -> None:
    def shown() -> Line:
        return position_lines(desk.store, view, 100)[0]

    assert "mark 64,210.1  +82.52" in plain(shown())
    break_(desk)
    assert " old  +82.52" in plain(shown())
    assert next(span.style for span in shown() if "+82.52" in span.text) == "dim"


async def test_the_search_marks_old_prices(desk: FakeDesk) -> None:
    async with market_pane(desk, "search", (200, 50)) as (search, _):
        assert any(" 64,212.40 " in row and "+1.24%" in row for row in text_of(search))
        silence(desk)
        rows = text_of(search)
        assert any("?64,212.40 " in row for row in rows)
        assert not any("+1.24%" in row for row in rows)


async def test_alerts_that_nobody_watches_for_say_so(desk: FakeDesk) -> None:
    desk.store.alerts[1] = Alert(1, AlertRequest(AlertKind.PRICE_ABOVE, PERP, D(65_000)), NOW_MS)
    async with market_pane(desk, "alerts") as (alerts, _):
        assert "NOT WATCHED" not in text_of(alerts)[0]
        market_down(desk)
        assert "NOT WATCHED: USD-M Futures market link down" in text_of(alerts)[0]


def test_a_sum_without_some_assets_says_so_however_narrow_the_pane_is(desk: FakeDesk) -> None:
    rows = [BalanceRow(balance, None) for balance in desk.store.balances.values()]
    assert sum_words(rows, is_all_read=True) == "together, no price of BNB, BTC and 1 more"
    assert sum_words(rows, is_all_read=True, room=20) == "priced assets alone"


async def test_what_was_said_a_while_ago_has_its_time_beside_it(desk: FakeDesk) -> None:
    async with market_pane(desk, "orders") as (orders, pilot):
        orders.view.intents.say("order 1 accepted in 41 ms", Severity.SUCCESS)
        assert said(pilot).rstrip() == " ✓ order 1 accepted in 41 ms"
        desk.clock.advance(12)
        assert said(pilot).startswith(" ✓ order 1 accepted in 41 ms")
        assert said(pilot).endswith(" 14:03:22Z ")
