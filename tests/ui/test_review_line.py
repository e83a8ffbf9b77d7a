"""The review line: what Enter sends is readable in full wherever the screen works."""

import pytest

from tui.engine.commands import Origin
from tui.ui.command.lines import review_line, review_rest
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
