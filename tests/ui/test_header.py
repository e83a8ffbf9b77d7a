"""The two header rows: states in words, ages of both links, and nothing that does not fit."""

from dataclasses import replace
from decimal import Decimal as D

import pytest
from fake_desk import NOW_NS, PERP, SPOT, FakeDesk

from tui.domain.market import OpenInterest
from tui.domain.product import Product
from tui.engine.store import AccountSummary, Link, Session, Stamped, TradingState
from tui.ui.header.lines import header_lines
from tui.ui.lines import plain
from tui.ui.view_state import ViewState


@pytest.fixture
def view(desk: FakeDesk) -> ViewState:
    return ViewState(symbol=PERP, clock=desk.clock, size_presets=(D(100), D(5000)), preset=1)


def rows(desk, view, width=200):
    return [plain(line) for line in header_lines(desk.store, view, width)]


@pytest.mark.parametrize("width", [80, 99, 100, 120, 150, 160, 200, 300])
def test_rows_are_as_wide_as_the_screen(desk, view, width):
    for row in rows(desk, view, width):
        assert len(row) == width


def test_the_market_row(desk, view):
    row = rows(desk, view)[0]
    for part in (
        "BTCUSDT·PERP 64,212.4 ▲+1.24%",
        "mark 64,210.1",
        "fund +0.0100% 02:42:12",
        "14:03:22Z",
        "wt 112/2400",
    ):
        assert part in row
    assert "● mkt  38ms ● usr  41ms" in row


def test_you(desk, view):
    row = rows(desk, view)[1]
    assert row.startswith(" DEMO  acct main  eq 5,081.64  free 3,402.11  uPnL +82.52")
    assert "▓ LOCKED ▓ t to arm" in row
    assert "size [2] 0.077 BTC ≈ 4,944.35 USDT" in row


def test_open_profit_was_counted_twice_until_the_whole_account_was_known(desk, view):
    """Bug: what is free and what is held as margin have the profit of crossed positions in them already."""
    wallet = desk.store.balances[Product.USDM, "USDT"]
    desk.store.balances[Product.USDM, "USDT"] = replace(wallet, wallet=D("4916.59"))
    assert "eq 4,999.12  free 3,402.11  uPnL +82.52" in rows(desk, view)[1]


def test_spot_shows_both_assets(desk, view):
    view.symbol = SPOT
    assert "USDT 12,401.40  BTC 0.25000  free 9,880.40" in rows(desk, view)[1]


@pytest.mark.parametrize("width", [80, 120, 200])
def test_every_state_is_a_word_at_every_width(desk, view, width):
    session = desk.store.session
    assert "LOCKED" in rows(desk, view, width)[1]
    desk.store.session = replace(session, trading=TradingState.ARMED, armed_until_ns=NOW_NS + 298 * 10**9)
    assert "ARMED 04:58" in rows(desk, view, width)[1]
    view.disarmed = True
    assert "LOCKED" in rows(desk, view, width)[1]
    desk.store.session = replace(session, trading=TradingState.HALTED)
    text = rows(desk, view, width)[1]
    assert "HALTED" in text
    assert "size" not in text
    assert "[2]" not in text


@pytest.mark.parametrize("width", [80, 120, 200])
def test_the_size_is_that_of_the_pinned_pane_in_use(desk, view, width):
    """A ladder that stays with another symbol sends orders of that symbol: the size must not be another coin's."""
    view.size_presets = (D(1_000),)
    view.preset = 0
    view.in_use = "ETHUSDT"
    assert "[1] 0.2930 ETH" in rows(desk, view, width)[1]
    view.in_use = ""
    assert "ETH" not in rows(desk, view, width)[1]


def test_real_money_and_read_only_are_words(desk, view):
    desk.store.session = Session("LIVE", "main", is_real_money=True, read_only=True)
    assert rows(desk, view)[1].startswith(" LIVE  acct main   READ-ONLY ")


@pytest.mark.parametrize(
    ("link", "words"),
    [(Link.DOWN, "mkt DOWN"), (Link.SYNCING, "mkt sync"), (Link.STALE, "mkt STALE")],
)
def test_a_link_that_is_not_live_says_so(desk, view, link, words):
    desk.store.links[Product.USDM] = replace(desk.store.links[Product.USDM], market=link)
    assert words in rows(desk, view)[0]


def test_a_link_that_stops_speaking_becomes_stale_by_itself(desk, view):
    desk.clock.advance(4)
    assert "mkt STALE  4.0s" in rows(desk, view)[0]


def test_without_a_symbol_it_says_what_to_do(desk, view):
    view.symbol = "NOSUCH"
    assert "press / to find one" in rows(desk, view, 80)[0]


def test_open_interest_stands_in_a_wide_header_until_it_is_old(desk, view):
    market = desk.store.market(PERP)
    assert "OI" not in rows(desk, view)[0]
    market.open_interest = Stamped(OpenInterest(D("82134.512"), 1), 1, 1, NOW_NS - 14 * 10**9)
    assert "OI 82135" in rows(desk, view, 220)[0]
    assert "OI" not in rows(desk, view, 140)[0]
    market.open_interest = replace(market.open_interest, received_ns=NOW_NS - 61 * 10**9)
    assert "OI" not in rows(desk, view, 220)[0]


def test_equity_that_lacks_an_account_bears_a_sign(desk, view):
    whole = AccountSummary("USDT", D(12_402), D(9_000), D(0), D(0), D(0), D(0), None, 1)
    desk.store.summary = whole
    assert "eq 12,402.00  " in rows(desk, view)[1]
    desk.store.summary = replace(whole, unread=(Product.SPOT,))
    assert "eq 12,402.00?" in rows(desk, view)[1]
