"""The ticket's form and its lines."""

from decimal import Decimal as D

import pytest
from fake_desk import PERP, SPOT, FakeDesk, instrument

from tui.domain.order import OrderType, Side, TimeInForce
from tui.engine.commands import Refusal
from tui.ui.lines import plain
from tui.ui.ticket.form import TicketForm, judge, nudge, prefilled
from tui.ui.ticket.lines import TicketView, ticket_lines
from tui.ui.view_state import ViewState


@pytest.fixture
def view(desk: FakeDesk) -> ViewState:
    return ViewState(symbol=PERP, clock=desk.clock, size_presets=(D(100), D(5000)))


def form(price="bid", size="0.1", **changes):
    made = TicketForm(**changes)
    made.price.text, made.size.text = price, size
    return made


def drawn(the_form, desk, view, width=51, height=14, *, is_focused=True, blocked=""):
    around = TicketView(desk.store.instruments[view.symbol], "DEMO", is_focused, blocked)
    return [plain(line) for line in ticket_lines(the_form, judge(the_form, desk, view), around, width, height)]


def test_a_form_becomes_an_order(desk, view):
    request = judge(form("bid-1t", "500$", reduce_only=True), desk, view).request
    assert request is not None
    assert (request.price, request.quantity, request.post_only, request.reduce_only) == (
        D("64211.9"),
        D("0.007"),
        True,
        True,
    )


def test_a_market_form_has_no_price_no_post_only_and_no_tif(desk, view):
    the_form = form("nonsense", "0.1", type=OrderType.MARKET, tif=TimeInForce.IOC)
    request = judge(the_form, desk, view).request
    assert request is not None
    assert (request.type, request.price, request.post_only, request.time_in_force) == (
        OrderType.MARKET,
        None,
        False,
        TimeInForce.GTC,
    )


def test_spot_has_no_reduce_only(desk, view):
    view.symbol = SPOT
    assert not judge(form(reduce_only=True), desk, view).request.reduce_only


@pytest.mark.parametrize(
    ("price", "size", "field", "says"),
    [
        ("64,212", "0.1", "price", "has a comma"),
        ("", "0.1", "price", "not a plain number"),
        ("bid", "", "size", "not a plain number"),
        ("bid", "10%", "size", "of what?"),
        ("0.1", "64200", "size", "looks like a price"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(desk, view, price, size, field, says):
    the_form = form(price, size)
    assert says in judge(the_form, desk, view).errors[field]
    row = next(line for line in drawn(the_form, desk, view, 90) if line.lstrip().startswith(field))
    assert says in row


def test_a_guards_refusal_stands_beside_its_field(desk, view):
    desk.refusal = Refusal("price distance", "12% from mid is over 5%: set price.distance 12")
    row = next(line for line in drawn(form("50000"), desk, view, 90) if line.lstrip().startswith("price"))
    assert "12% from mid" in row


def test_ticks_move_the_price_and_steps_the_size(desk, view):
    traded = instrument(PERP)
    the_form = form("bid", "0.100", at="price")
    for ticks, text in ((1, "bid+1t"), (-1, "bid"), (-2, "bid-2t")):
        nudge(the_form, ticks, traded, desk, view)
        assert the_form.price.text == text
    the_form.price.text = "64212.0"
    nudge(the_form, -1, traded, desk, view)
    assert the_form.price.text == "64211.9"
    the_form.at = "size"
    nudge(the_form, -1, traded, desk, view)
    assert the_form.size.text == "0.099"
    the_form.size.text = "0.001"
    nudge(the_form, -1, traded, desk, view)
    assert the_form.size.text == "0.001"


def test_turning_the_side_lets_a_joining_price_follow():
    the_form = form("bid", at="side")
    the_form.toggle()
    assert (the_form.side, the_form.price.text) == (Side.SELL, "ask")
    the_form.price.text = "64000"
    the_form.toggle()
    assert (the_form.side, the_form.price.text) == (Side.BUY, "64000")


def test_fields_that_mean_nothing_are_passed_over():
    the_form = form(type=OrderType.MARKET, at="size")
    seen = []
    for _ in range(3):
        the_form.step(1, is_futures=False)
        seen.append(the_form.at)
    assert seen == ["side", "type", "size"]


def test_post_only_and_immediate_exclude_each_other():
    the_form = form(at="tif")
    the_form.toggle()
    assert (the_form.tif, the_form.post_only) == (TimeInForce.IOC, False)
    the_form.at = "post_only"
    the_form.toggle()
    assert (the_form.tif, the_form.post_only) == (TimeInForce.GTC, True)


def test_prefilled_with_a_price_and_a_size(view):
    made = prefilled(Side.SELL, D("64212.5"), D("0.05"), instrument(PERP), view)
    assert (made.price.text, made.size.text, made.side) == ("64212.5", "0.050", Side.SELL)


@pytest.mark.parametrize("height", [7, 8, 11, 14])
def test_it_fits_where_rows_are_few(desk, view, height):
    rows = drawn(form(), desk, view, height=height)
    text = "\n".join(rows[:height])
    for word in ("side", "price", "size", "flags", "guards"):
        assert word in text


def test_why_nothing_can_be_traded_is_said(desk, view):
    assert any("✗ halted" in row for row in drawn(form(), desk, view, blocked="halted: press t"))


def test_the_environment_is_named_where_it_sends(desk, view):
    assert any("Enter send (DEMO)" in row for row in drawn(form(), desk, view))
