"""Tables, numbers and the smaller panes as lines."""

from dataclasses import replace
from decimal import Decimal as D

import pytest
from fake_desk import NOW_MS, PERP, FakeDesk, instrument, order
from hypothesis import given
from hypothesis import strategies as st

from tui.domain.account import Balance
from tui.domain.order import OrderStatus
from tui.domain.order_terms import Side
from tui.domain.product import Product
from tui.engine.store import Link
from tui.ui.account.lines import balance_rows, total_worth
from tui.ui.figures import amount, clock, duration, fitted, grouped, rounded, signed
from tui.ui.lines import Span, plain
from tui.ui.orders.lines import columns_for, order_rows
from tui.ui.orders.state import state_words
from tui.ui.positions.lines import PositionRow, protection
from tui.ui.sparkline import sparkline
from tui.ui.staleness import book_staleness, market_staleness
from tui.ui.table import Column, RowCursor, TableState, table_lines


@pytest.mark.parametrize(
    ("text", "cells", "shown"),
    [
        ("1234567", 7, "1234567"),
        ("1234567", 5, "1.23M"),
        ("12.3456", 6, "12.346"),
        ("0.00012", 5, "<0.01"),
        ("999999", 4, "1.0M"),
        ("150000000", 4, "150M"),
        ("64212.5", 5, "64212"),
    ],
)
def test_a_size_is_as_exact_as_fits(text: str, cells: int, shown: str) -> None:
    assert fitted(text, cells) == shown


@given(st.decimals(min_value=0, max_value=D("1e14"), places=8), st.integers(4, 16))
def test_a_fitted_size_fits_and_never_reads_as_nothing(value: D, cells: int) -> None:
    text = fitted(f"{value:f}", cells)
    assert len(text) <= cells
    if value:
        assert text.strip("0.")


def test_numbers_as_a_trader_reads_them() -> None:
    assert grouped("-1234567.80") == "−1,234,567.80"
    assert signed(D("82.534")) == "+82.53"
    assert signed(D("-12.4"), 2, "%") == "−12.40%"
    assert signed(D("-0.001")) == "0.00"
    assert amount(D("0.001")) == "<0.01"
    assert rounded("0.001", 1) == "<0.1"
    assert [duration(ms) for ms in (14_000, 4_360_000, 273_600_000)] == ["00:14", "01:12:40", "3d 04h"]
    assert clock(NOW_MS) == "14:03:22"


COLUMNS: tuple[Column[str], ...] = (
    Column("name", lambda row: Span(row), 4),
    Column("twice", lambda row: Span(row * 2), 6, is_right=True, priority=2),
    Column("words", lambda row: Span("many words that go on"), 5, priority=1, is_cut=True),
)


@given(st.lists(st.text("abc", max_size=6), max_size=12), st.integers(8, 80), st.integers(1, 12))
def test_every_line_of_a_table_has_the_width(rows: list[str], width: int, height: int) -> None:
    lines = table_lines(COLUMNS, rows, TableState(0, 0), width, height, empty="none", note="")
    assert all(len(plain(line)) == width for line in lines)
    assert len(lines) <= max(height, 2)


MONEY: tuple[Column[str], ...] = (
    Column("coin", lambda row: Span("coin"), 4),
    Column("worth", lambda row: Span(row), 6, is_right=True, is_pointed=True),
    Column("more", lambda row: Span("more"), 4, priority=1),
)


def test_money_stands_with_its_decimal_points_below_each_other() -> None:
    rows = ["1,597.00", "−0.00548108 BTC", "12", "—", "123.46B", "<0.01"]
    shown = [plain(line) for line in table_lines(MONEY, rows, TableState(), 40, 9)][1:]
    points = [line.index(".") for line in shown if "." in line]
    assert len(points) == 4
    assert len(set(points)) == 1
    assert shown[2].index("12") + 2 == points[0]
    assert shown[3].index("—") + 1 == points[0]


def test_no_column_is_given_up_for_decimal_points_below_each_other() -> None:
    rows = ["1,597.00", "−0.00548108 BTC"]
    shown = [plain(line) for line in table_lines(MONEY, rows, TableState(), 28, 7)]
    assert "more" in shown[0]
    assert [line.split() for line in shown[1:3]] == [
        ["coin", "1,597.00", "more"],
        ["coin", "−0.00548108", "BTC", "more"],
    ]


def test_a_narrow_table_drops_columns_by_priority_and_cuts_no_number() -> None:
    wide = table_lines(COLUMNS, ["abcdef"], TableState(), 60, 6)
    narrow = table_lines(COLUMNS, ["abcdef"], TableState(), 20, 6)
    narrowest = table_lines(COLUMNS, ["abcdef"], TableState(), 10, 6)
    assert plain(wide[0]).split() == ["name", "twice", "words"]
    assert plain(narrow[0]).split() == ["name", "words"]
    assert plain(narrowest[1]).split() == ["abcdef"]


def test_the_cursor_stays_on_its_row_when_others_come_and_go() -> None:
    cursor = RowCursor()
    cursor.place(["a", "b", "c"], 3)
    cursor.move(["a", "b", "c"], 1)
    assert cursor.place(["new", "a", "b", "c"], 3) == TableState(2, 0)
    assert cursor.key == "b"
    assert cursor.place(["b", "c"], 3).cursor == 0
    cursor.last([str(n) for n in range(30)])
    assert cursor.place([str(n) for n in range(30)], 5) == TableState(29, 25)
    cursor.page([str(n) for n in range(30)], -1)
    assert cursor.key == "24"
    assert cursor.place([], 5) == TableState()


def test_orders_are_numbered_as_the_command_line_counts_and_closed_ones_follow(desk: FakeDesk) -> None:
    rows = order_rows(list(desk.store.orders.values()), desk.store.instruments, {PERP: D("64212.2")}, NOW_MS)
    assert [(row.number, row.order.client_order_id) for row in rows] == [
        (1, "btui-1"),
        (2, "btui-2"),
        (3, "btui-3"),
        (4, "btui-4"),
        (None, "btui-5"),
    ]
    lines = [plain(line) for line in table_lines(columns_for(145), rows, TableState(), 145, 8)]
    assert " ".join(lines[1].split()) == "1 BTCUSDT-PERP BUY LIMIT 0.100 0.000 64,210.5 — 0.00% PO GTC 00:17 ● working"
    assert "−1.26%" in lines[3]
    assert "armed at exchange" in lines[3]
    narrow = [plain(line) for line in table_lines(columns_for(78), rows, TableState(), 78, 5)]
    assert "▸63,400.0" in narrow[2]
    assert "BTC·P" in narrow[2]


def test_an_unknown_outcome_is_loud(desk: FakeDesk) -> None:
    (row,) = order_rows([order(9, PERP, Side.BUY, "64000.0", "0.1", status=OrderStatus.UNKNOWN)], {}, {}, NOW_MS)
    assert state_words(row.order, row.instrument) == Span("? UNKNOWN, asking", "error")


def test_profit_and_return_of_a_position(desk: FakeDesk) -> None:
    position = desk.store.positions[PERP]
    row = PositionRow(position, instrument(PERP), D("64210.1"), None, None, None, NOW_MS)
    assert row.profit == D("82.525")
    assert row.return_percent is not None
    # 82.525 on a quarter of 64,210.1 at tenfold leverage.
    assert round(row.return_percent, 2) == D("5.14")
    short = replace(row, position=replace(position, quantity=D("-0.250"), margin=None))
    assert short.profit == D("-82.525")
    assert short.margin == D("1597")
    assert protection(desk.store.orders.values(), position) == (D("63400.0"), None)


def test_an_isolated_position_showed_a_return_that_shrank_with_each_margin_added(desk: FakeDesk) -> None:
    """Bug: profit was set against all that is set aside, and that stood still between two readings of the account."""
    position = replace(desk.store.positions[PERP], is_isolated=True, isolated_wallet=D(3000), margin=D(3050))
    row = PositionRow(position, instrument(PERP), D("64210.1"), None, None, None, NOW_MS)
    assert row.margin == D("3082.525")
    assert row.return_percent is not None
    assert round(row.return_percent, 2) == D("5.14")


def test_balances_are_valued_where_a_price_is_known() -> None:
    held = [
        Balance(Product.USDM, "USDT", D(5), D(1), 0),
        Balance(Product.SPOT, "XYZ", D(7), D(0), 0),
        Balance(Product.SPOT, "BTC", D("0.5"), D("0.5"), 0),
        Balance(Product.SPOT, "ETH", D(0), D(0), 0),
    ]
    rows = balance_rows(held, {"BTC": D(64_000)})
    assert [row.balance.asset for row in rows] == ["BTC", "XYZ", "USDT"]
    assert [row.worth for row in rows] == [D(64_000), None, D(6)]
    assert total_worth(rows) == D(64_006)
    assert len(balance_rows(held, {}, with_empty=True)) == 4


def test_a_futures_balance_is_worth_its_wallet_whatever_is_free_of_it() -> None:
    """Bug: what is free of all assets together, told with each of them, was summed up."""
    held = [
        Balance(Product.USDM, "USDT", D(300), D(0), 0, wallet=D(200)),
        Balance(Product.USDM, "BTC", D(3), D(0), 0, wallet=D(1)),
        Balance(Product.USDM, "USDC", D(0), D(0), 0, wallet=D(-5)),
    ]
    assert total_worth(balance_rows(held, {"BTC": D(100)})) == D(295)


@given(st.lists(st.decimals(min_value=1, max_value=1000, places=2), max_size=40), st.integers(1, 12))
def test_a_sparkline_has_its_cells_and_ends_on_the_last_value(values: list[D], cells: int) -> None:
    line = sparkline(values, cells)
    assert len(line) == cells
    if len(values) > 1 and values[-1] == max(values) > min(values[-cells:]) and cells >= len(values):
        assert line[-1] == "█"


def test_staleness_in_words(desk: FakeDesk) -> None:
    store, clock_ns = desk.store, desk.clock.monotonic_ns
    assert market_staleness(store, PERP, clock_ns(), 3_000) == ""
    desk.clock.advance(7)
    assert market_staleness(store, PERP, clock_ns(), 3_000) == "market link silent, last heard 00:07 ago"
    assert market_staleness(store, PERP, clock_ns(), 0) == ""
    store.links[Product.USDM] = replace(store.links[Product.USDM], market=Link.SYNCING)
    assert book_staleness(store, PERP, clock_ns(), 0) == "market link rebuilding"
    store.links[Product.USDM] = replace(store.links[Product.USDM], market=Link.LIVE)
    store.market(PERP).book.blank()
    assert book_staleness(store, PERP, clock_ns(), 0) == "book is being rebuilt"
    del store.links[Product.USDM]
    assert market_staleness(store, PERP, clock_ns(), 3_000) == "market link down"
