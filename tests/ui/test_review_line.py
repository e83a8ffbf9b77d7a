"""The review line: what Enter sends is readable in full wherever the screen works."""

from decimal import Decimal as D

import pytest
from fake_desk import PERP

from tui.engine.alerts.alert import AlertKind, AlertRequest
from tui.engine.commands import Command, Origin
from tui.engine.commands.automation import AddAlert, RemoveAlert
from tui.engine.commands.orders import CancelEntries
from tui.engine.commands.safety import Arm, Halt, Lock, SetLimit
from tui.ui.command.line_edit import LineEdit
from tui.ui.command.lines import TypedPreview, review_line, review_rest, typed_line
from tui.ui.command.resolve import Intention
from tui.ui.command.review import Review
from tui.ui.lines import plain

ORDERS = (
    "BUY 0.001 BTCUSDT-PERP LIMIT 91,215.8 post-only",
    "CLOSE LONG 0.010 BTCUSDT-PERP at market, reduce-only",
    "SELL 8,810,572 1000PEPEUSDT-PERP LIMIT 0.0113389 post-only",
)


@pytest.mark.parametrize("text", ORDERS)
@pytest.mark.parametrize("width", [80, 120, 200])
def test_an_order_cut_off_at_80_columns_was_offered_for_enter(text: str, width: int) -> None:
    shown = plain(review_line(Review(text, (), Origin.KEY, "≈ 91.22 USDT  margin 4.57"), width))
    assert text in shown
    assert "[Enter] send" in shown
    assert len(shown) <= width


def test_label_and_escape_are_there_where_they_fit() -> None:
    shown = plain(review_line(Review(ORDERS[0], (), Origin.KEY), 120))
    assert "REVIEW" in shown
    assert "[Esc] drop" in shown


BRACKET = "BUY 0.00109 BTCUSDT LIMIT 91,180.29 post-only ≈ 99.39 USDT with TP 93,003.90, SL 90,268.49"


@pytest.mark.parametrize("width", [80, 100, 120, 200])
def test_what_does_not_fit_goes_on_in_the_row_below(width: int) -> None:
    review = Review(BRACKET, (), Origin.KEY, "risk 1.00")
    first, rest = plain(review_line(review, width)), review_rest(review, width)
    shown = first + ("" if rest is None else plain(rest))
    for word in BRACKET.split():
        assert word in shown
    assert "risk 1.00" in shown
    assert "[Enter] send" in first
    assert all(len(row) <= width for row in (first, "" if rest is None else plain(rest)))


def test_nothing_goes_below_where_all_fits() -> None:
    assert review_rest(Review(ORDERS[0], (), Origin.KEY), 80) is None


@pytest.mark.parametrize(
    ("commands", "verb"),
    [
        ((AddAlert(AlertRequest(AlertKind.LINK)),), "set"),
        ((RemoveAlert(1),), "forget"),
        ((SetLimit("max.order.notional", D(20_000)),), "set"),
        ((Arm(),), "arm"),
        ((Lock(),), "lock"),
        ((Halt(),), "HALT"),
        ((CancelEntries(PERP),), "send"),
        ((CancelEntries(PERP), Lock()), "send"),
    ],
)
def test_enter_was_said_to_send_what_only_sets_something_here(commands: tuple[Command, ...], verb: str) -> None:
    shown = plain(typed_line(LineEdit("…"), TypedPreview("…", Intention("text", commands)), 120))
    assert shown.endswith(f"[Enter] {verb} ")
    assert f"[Enter] {verb} " in plain(review_line(Review("text", commands, Origin.KEY), 120))
