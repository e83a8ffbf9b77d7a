"""The ticket's form and its lines: every order type and instruction, judged while it is typed."""

from dataclasses import replace
from decimal import Decimal as D

import pytest
from fake_desk import NOW_MS, PERP, SPOT, FakeDesk

from tui.domain.order_terms import (
    OrderType,
    PegPrice,
    PositionSide,
    PriceMatch,
    SelfTradePrevention,
    Side,
    Terms,
    TimeInForce,
    WorkingType,
)
from tui.domain.product import Product
from tui.engine.algos.plan import IcebergPlan
from tui.engine.commands.answers import Refusal
from tui.engine.commands.automation import StartAlgo
from tui.engine.commands.orders import SubmitOrderList
from tui.ui.lines import plain
from tui.ui.ticket.fields import FIELDS, Kind, Setting, fields_there
from tui.ui.ticket.form import TicketForm, prefilled
from tui.ui.ticket.judging import Judgement, judge, read_till
from tui.ui.ticket.lines import TicketView, ticket_lines
from tui.ui.ticket.nudging import nudge
from tui.ui.view_state import ViewState


@pytest.fixture
def view(desk: FakeDesk) -> ViewState:
    return ViewState(symbol=PERP, clock=desk.clock, size_presets=(D(100), D(5000)))


def form(price: str = "bid", size: str = "0.1", *flags: str, at: str = "size", **filled: str) -> TicketForm:
    """A form with texts and choices by field name; flags are those set."""
    made = TicketForm(at=at, flags=set(flags))
    for name, text in {"price": price, "size": size, **filled}.items():
        if name in made.texts:
            made.texts[name].text = text
        else:
            made.choices[name] = text
    return made


def setting(the_form: TicketForm, desk: FakeDesk, view: ViewState) -> Setting:
    instrument = desk.store.instruments[view.symbol]
    return the_form.setting(instrument, is_hedge=instrument.product in desk.store.hedge_modes)


def judged(the_form: TicketForm, desk: FakeDesk, view: ViewState) -> Judgement:
    return judge(the_form, setting(the_form, desk, view), desk, view)


def drawn(the_form, desk, view, width=51, height=16, *, is_focused=True, blocked=""):
    around = TicketView(setting(the_form, desk, view), "DEMO", is_focused, blocked)
    return [plain(line) for line in ticket_lines(the_form, judged(the_form, desk, view), around, width, height)]


def test_a_form_becomes_an_order(desk, view):
    request = judged(form("bid-1t", "500$", "post_only", "reduce_only"), desk, view).request
    assert (request.price, request.quantity, request.post_only, request.reduce_only) == (
        D("64211.9"),
        D("0.007"),
        True,
        True,
    )


def test_a_market_form_has_no_price_no_post_only_and_no_tif(desk, view):
    the_form = form("nonsense", "0.1", "post_only", type=OrderType.MARKET, tif=TimeInForce.IOC)
    request = judged(the_form, desk, view).request
    assert (request.type, request.price, request.post_only, request.time_in_force) == (
        OrderType.MARKET,
        None,
        False,
        TimeInForce.GTC,
    )


def test_spot_has_no_reduce_only(desk, view):
    view.symbol = SPOT
    assert not judged(form("bid", "0.1", "reduce_only"), desk, view).request.reduce_only


@pytest.mark.parametrize(
    ("filled", "terms"),
    [
        ({"type": "STOP_MARKET", "trigger": "63400"}, Terms(trigger_price=D(63400))),
        (
            {"type": "STOP_LIMIT", "trigger": "63400", "working": "MARK_PRICE"},
            Terms(trigger_price=D(63400), working_type=WorkingType.MARK_PRICE),
        ),
        ({"type": "LIMIT_IF_TOUCHED", "trigger": "65000"}, Terms(trigger_price=D(65000))),
        ({"type": "TRAILING_STOP_MARKET", "trail": "0.25"}, Terms(trailing_bps=25)),
        (
            {"type": "TRAILING_STOP_MARKET", "trail": "1%", "activation": "65000"},
            Terms(trailing_bps=100, activation_price=D(65000)),
        ),
        ({"stp": "EXPIRE_MAKER"}, Terms(self_trade_prevention=SelfTradePrevention.EXPIRE_MAKER)),
        ({"match": "QUEUE_5"}, Terms(price_match=PriceMatch.QUEUE_5)),
        ({"tif": "GTD", "till": "30m"}, Terms(good_till_ms=NOW_MS + 1_800_000)),
    ],
)
def test_every_instruction_reaches_the_order(desk, view, filled, terms):
    verdict = judged(form("64212.0", "0.1", "more", **filled), desk, view)
    assert verdict.errors == {}
    assert verdict.request.terms == terms
    assert verdict.request.type == filled.get("type", "LIMIT")
    assert verdict.request.quantity == D("0.1")


def test_pegs_are_for_spot_alone(desk, view):
    the_form = form("64212.0", "0.1", "more", peg="PRIMARY_PEG")
    assert judged(the_form, desk, view).request.terms.peg_price is None
    view.symbol = SPOT
    assert judged(the_form, desk, view).request.terms.peg_price is PegPrice.PRIMARY_PEG


def test_an_order_that_closes_the_position_has_no_size(desk, view):
    the_form = form("", "nonsense", "close_position", type="STOP_MARKET", trigger="63400")
    request = judged(the_form, desk, view).request
    assert (request.close_position, request.quantity) == (True, None)
    assert "size" not in {each.name for each in fields_there(setting(the_form, desk, view))}


def test_in_hedge_mode_the_position_is_chosen_and_reduce_only_is_gone(desk, view):
    desk.store.hedge_modes = frozenset({Product.USDM})
    the_form = form("bid", "0.1", "reduce_only", position="SHORT", side="SELL")
    request = judged(the_form, desk, view).request
    assert (request.terms.position_side, request.reduce_only) == (PositionSide.SHORT, False)
    assert any("[open short]" in row for row in drawn(the_form, desk, view, 80))


def test_exits_make_a_bracket_by_price_or_by_percent(desk, view):
    verdict = judged(form("64000", "0.1", stop="1%", target="65,200".replace(",", "")), desk, view)
    assert isinstance(verdict.command, SubmitOrderList)
    target, stop = verdict.command.request.legs
    assert (target.type, target.terms.trigger_price) == (OrderType.MARKET_IF_TOUCHED, D(65200))
    assert (stop.type, stop.terms.trigger_price, stop.side, stop.reduce_only) == (
        OrderType.STOP_MARKET,
        D("63360.0"),
        Side.SELL,
        True,
    )
    assert verdict.words.endswith("with TP 65,200.0, SL 63,360.0")


def test_exits_on_the_wrong_side_are_refused(desk, view):
    assert "stands below its entry" in judged(form("64000", "0.1", stop="64500"), desk, view).errors["stop"]


def test_an_iceberg_on_futures_is_sliced_by_the_engine(desk, view):
    verdict = judged(form("64000", "0.1", "more", display="0.02"), desk, view)
    assert verdict.command == StartAlgo(IcebergPlan(PERP, Side.BUY, D("0.1"), D(64000), D("0.02")))
    assert "app-managed" in verdict.words
    view.symbol = SPOT
    assert judged(form("64000", "0.1", "more", display="0.02"), desk, view).request.terms.display_quantity == D("0.02")


@pytest.mark.parametrize(
    ("flags", "filled", "says"),
    [
        ((), {"type": OrderType.STOP_LIMIT, "trigger": "65000"}, "leave out the trigger"),
        ((), {"type": OrderType.LIMIT_IF_TOUCHED, "trigger": "63000"}, "leave out the trigger"),
        ((), {"match": PriceMatch.QUEUE_5}, "leave out the price match"),
        ((), {"tif": TimeInForce.GTD, "till": "30m"}, "leave out GTD"),
        ((), {"stp": SelfTradePrevention.EXPIRE_BOTH}, "leave out the self-trade prevention"),
        (("post_only",), {}, "leave out post-only"),
        ((), {"display": "0.2"}, "not less than the whole"),
    ],
)
def test_an_iceberg_of_the_engine_loses_nothing_that_was_said(desk, view, flags, filled, says):
    """A stop with an iceberg began at once, without its trigger; a price match ended the screen."""
    verdict = judged(form("64000", "0.1", "more", *flags, **{"display": "0.02", **filled}), desk, view)
    assert says in verdict.errors["display"]
    assert verdict.command is None


@pytest.mark.parametrize(
    ("filled", "field", "says"),
    [
        ({"price": "64,212"}, "price", "has a comma"),
        ({"price": ""}, "price", "which price? 64200, bid, ask-2t"),
        ({"size": ""}, "size", "how much?"),
        ({"size": "10%"}, "size", "of what?"),
        ({"price": "0.1", "size": "64200"}, "size", "looks like a price"),
        ({"type": "STOP_MARKET", "trigger": ""}, "trigger", "at which price?"),
        ({"type": "TRAILING_STOP_MARKET", "trail": ""}, "trail", "how far behind?"),
        ({"target": "2R"}, "target", "R is the distance"),
        ({"type": "TRAILING_STOP_MARKET", "trail": "x"}, "trail", "is not a plain number"),
        ({"type": "TRAILING_STOP_MARKET", "trail": "0.001"}, "trail", "basis points"),
        ({"tif": "GTD", "till": "soon"}, "till", "give a time"),
        ({"stop": "x%"}, "stop", "is not a plain number"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(desk, view, filled, field, says):
    the_form = form(**{"price": "bid", "size": "0.1", **filled})
    assert says in judged(the_form, desk, view).errors[field]
    assert any(says in row for row in drawn(the_form, desk, view, 120))


@pytest.mark.parametrize(("trail", "points"), [("0.5", 50), ("0.5%", 50), ("50bp", 50)])
def test_a_trail_is_typed_as_in_the_command_line(desk, view, trail, points):
    made = judged(form("", "0.1", type="TRAILING_STOP_MARKET", trail=trail), desk, view).request
    assert made.terms.trailing_bps == points


def test_close_all_was_cut_off_by_why_there_is_no_post_only(desk, view):
    rows = drawn(form("", "0.1", type="STOP_MARKET", trigger="64300"), desk, view, 51)
    assert any("[ ] close all" in row for row in rows)
    assert any("post-only: limit only" in row for row in drawn(form("", "0.1", type="MARKET"), desk, view, 51))


def test_a_guards_refusal_stands_beside_its_field(desk, view):
    desk.refusal = Refusal("price distance", "12% from mid is over 5%: set price.distance 12")
    row = next(line for line in drawn(form("50000"), desk, view, 90) if line.lstrip().startswith("price"))
    assert "12% from mid" in row


def test_ticks_move_the_price_and_steps_the_size(desk, view):
    the_form = form("bid", "0.100", at="price")
    at = setting(the_form, desk, view)
    for ticks, text in ((1, "bid+1t"), (-1, "bid"), (-2, "bid-2t")):
        nudge(the_form, ticks, at, desk, view)
        assert the_form.text("price") == text
    the_form.texts["price"].text = "64212.0"
    nudge(the_form, -1, at, desk, view)
    assert the_form.text("price") == "64211.9"
    the_form.at = "size"
    nudge(the_form, -1, at, desk, view)
    assert the_form.text("size") == "0.099"
    the_form.texts["size"].text = "0.001"
    nudge(the_form, -1, at, desk, view)
    assert the_form.text("size") == "0.001"


def test_an_empty_price_is_nudged_from_the_middle_and_a_trail_by_tenths(desk, view):
    the_form = form(type="TRAILING_STOP_MARKET", at="trail", trail="0.5")
    at = setting(the_form, desk, view)
    nudge(the_form, 2, at, desk, view)
    assert the_form.text("trail") == "0.7"
    the_form.at = "stop"
    nudge(the_form, 1, at, desk, view)
    assert D(the_form.text("stop")) > 60_000


def test_turning_the_side_lets_a_joining_price_follow():
    the_form = form("bid", at="side")
    the_form.turn(1)
    assert (the_form.side, the_form.text("price")) == (Side.SELL, "ask")
    the_form.texts["price"].text = "64000"
    the_form.turn(1)
    assert (the_form.side, the_form.text("price")) == (Side.BUY, "64000")


def test_parts_fill_the_size_in(desk, view):
    the_form = form(at="part")
    the_form.turn(1)
    assert the_form.text("size") == "25%bal"
    the_form.flags.add("reduce_only")
    the_form.turn(1)
    assert the_form.text("size") == "50%pos"
    the_form.turn(-1)
    the_form.turn(-1)
    assert the_form.text("size") == "p5"


def test_fields_that_mean_nothing_are_passed_over(desk, view):
    the_form = form(type="MARKET", at="size")
    at, seen = setting(the_form, desk, view), []
    for _ in range(5):
        the_form.step(1, at)
        seen.append(the_form.at)
    assert seen == ["part", "reduce_only", "stop", "target", "more"]


@pytest.mark.parametrize("type_", list(OrderType))
@pytest.mark.parametrize("symbol", [PERP, SPOT])
def test_every_field_is_reached_and_drawn_for_every_type(desk, view, type_, symbol):
    view.symbol = symbol
    the_form = form("64000", "0.1", "more", type=type_)
    at = setting(the_form, desk, view)
    names = [each.name for each in fields_there(at)]
    the_form.at, reached = names[0], []
    for _ in names:
        reached.append(the_form.at)
        rows = ticket_lines(the_form, judged(the_form, desk, view), TicketView(at, "DEMO", True), 53, 14)
        assert len(rows) <= 14
        assert any("cursor" in span.style or span.style in ("caret", "field") for row in rows for span in row), (
            the_form.at
        )
        the_form.step(1, at)
    assert reached == names


def test_every_choice_that_is_shown_can_be_made(desk, view):
    for each in FIELDS:
        if each.kind is Kind.CHOICE:
            the_form = form(at=each.name)
            for _ in range(len(each.choices) + 1):
                the_form.turn(1)
                assert the_form.side in ("BUY", "SELL")
                assert the_form.choices[each.name] in each.choices


def test_prefilled_with_a_price_and_a_size(desk, view):
    made = prefilled(Side.SELL, D("64212.5"), D("0.05"), desk.store.instruments[PERP], view)
    assert (made.text("price"), made.text("size"), made.side) == ("64212.5", "0.050", Side.SELL)


@pytest.mark.parametrize(
    ("text", "after_ms"),
    [("45s", 45_000), ("2h", 7_200_000), ("1d", 86_400_000), ("14:30", 1_598_000), ("14:00", 86_400_000 - 202_000)],
)
def test_the_end_of_a_gtd_order(text, after_ms):
    assert read_till(text, NOW_MS) == NOW_MS + after_ms


@pytest.mark.parametrize(
    "text", ["", "m", "0m", "25:00", "12:60", "tomorrow", "-5m", "1.5h", "²m", "²:00", "999999999999d"]
)
def test_what_is_no_end_is_refused(text):
    assert read_till(text, NOW_MS) is None


@pytest.mark.parametrize("height", [7, 8, 11, 14])
def test_it_fits_where_rows_are_few(desk, view, height):
    rows = drawn(form(), desk, view, height=height)
    assert len(rows) <= height
    text = "\n".join(rows)
    assert "size" in text
    assert "guards" in text


def test_what_is_lost_and_won_is_told(desk, view):
    the_form = form("64000", "0.1", stop="1%", target="2%")
    good = judged(the_form, desk, view)
    told = replace(good, verdict=replace(good.verdict, risk=D("64.2"), reward=D("127.9"), liquidation_price=D(58102)))
    rows = ticket_lines(the_form, told, TicketView(setting(the_form, desk, view), "DEMO", True), 53, 16)
    assert any("−64.20 +127.90  R:R 2.0  liq 58,102.0" in plain(row) for row in rows)


def test_why_nothing_can_be_traded_is_said(desk, view):
    assert any("✗ halted" in row for row in drawn(form(), desk, view, blocked="halted: press t"))


def test_the_environment_is_named_where_it_sends(desk, view):
    assert any("Enter send (DEMO)" in row for row in drawn(form(), desk, view))
