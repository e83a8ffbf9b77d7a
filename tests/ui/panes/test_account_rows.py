"""Positions, alerts, algos, fills and balances in rows: figures, words, and what an edit asks for."""

from dataclasses import replace
from decimal import Decimal as D

import pytest
from fake_desk import NOW_MS, PERP, FakeDesk, order

from tui.domain.account import Balance, MarginLevel, Position
from tui.domain.instrument import Instrument
from tui.domain.order import LegRole, Order, OrderStatus
from tui.domain.order_terms import OrderType, PositionSide, Side, Terms
from tui.domain.product import Product
from tui.engine.alerts.alert import Alert, AlertKind, AlertRequest
from tui.engine.algos.plan import Algo, AlgoState, ChasePlan, IcebergPlan, ScalePlan, TwapPlan
from tui.engine.commands.orders import Protect
from tui.engine.protection import bare
from tui.engine.store import AccountSummary
from tui.ui.account.lines import balance_rows, detail_words, level_words, sum_words, summary_lines
from tui.ui.alerts.lines import COLUMNS as ALERT_COLUMNS
from tui.ui.alerts.lines import AlertRow, alert_words
from tui.ui.algos.lines import COLUMNS as ALGO_COLUMNS
from tui.ui.algos.lines import AlgoRow, plan_words
from tui.ui.fills.lines import passes
from tui.ui.lines import plain
from tui.ui.order_words import side_span
from tui.ui.positions.lines import COLUMNS as POSITION_COLUMNS
from tui.ui.positions.lines import PositionRow, protection, trailing
from tui.ui.positions.protecting import begin_protection, break_even, protect_words, protection_of
from tui.ui.row_edit import EditError


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


@pytest.fixture
def perp(desk: FakeDesk) -> Instrument:
    return desk.store.instruments[PERP]


@pytest.fixture
def row(desk: FakeDesk, perp: Instrument) -> PositionRow:
    """LONG 0.250 from 63,880.0, stop at 63,400.0."""
    position = desk.store.positions[PERP]
    return PositionRow(position, perp, D("64210.1"), None, D("63400.0"), None, NOW_MS)


def test_hedged_orders_and_fills_name_the_position_they_are_for() -> None:
    assert side_span(Side.SELL, PositionSide.BOTH) == ("SELL", "ask")
    assert side_span(Side.SELL, PositionSide.LONG) == ("SELL LONG", "ask")


def test_the_risk_multiple_counts_the_way_from_entry_to_stop(row: PositionRow) -> None:
    assert row.risk_multiple == D("330.1") / D("480")
    short = replace(row, position=replace(row.position, quantity=D("-0.25")), stop=D("64360.0"))
    assert short.risk_multiple == D("-330.1") / D("480")
    assert replace(row, stop=D("64000.0")).risk_multiple is None
    assert replace(row, stop=None).risk_multiple is None


def test_inverse_profit_is_paid_in_coin() -> None:
    # 100 contracts of 100 USD from 50,000 to 62,500: 10,000 / 50,000 - 10,000 / 62,500 = 0.04 BTC
    held = Position(Product.COINM, "BTCUSD-PERP", D(100), D(50_000), 0, contract_size=D(100))
    assert held.profit(D(62_500)) == D("0.04000")
    assert replace(held, quantity=D(-100)).profit(D(62_500)) == D("-0.04000")


def test_protection_is_told_apart_by_side_of_the_position(row: PositionRow) -> None:
    long_leg = replace(
        order(1, PERP, Side.SELL, "65200.0", "0.250", role=LegRole.TAKE_PROFIT),
        terms=replace(order(1, PERP, Side.SELL, "1", "1").terms, position_side=PositionSide.LONG),
    )
    held = replace(row.position, position_side=PositionSide.LONG)
    assert protection([long_leg], held) == (None, D("65200.0"))
    assert protection([long_leg], replace(held, position_side=PositionSide.SHORT)) == (None, None)


def test_a_stop_in_doubt_or_for_a_part_alone_looked_like_protection(row: PositionRow) -> None:
    held = row.position
    whole = replace(
        order(1, PERP, Side.SELL, "63000.0", "0.250", role=LegRole.STOP_LOSS), type=OrderType.STOP_MARKET, price=None
    )
    whole = replace(whole, terms=replace(whole.terms, trigger_price=D("63000.0")))
    part = replace(whole, quantity=D("0.1"))
    cell = next(column for column in POSITION_COLUMNS if column.name == "SL").cell
    for status in (OrderStatus.INTENT, OrderStatus.SUBMITTED, OrderStatus.UNKNOWN):
        assert protection([replace(whole, status=status)], held) == (None, None)
        assert bare([replace(whole, status=status)], held) == D("0.25")
    assert (protection([whole], held)[0], bare([whole], held)) == (D("63000.0"), D(0))
    assert bare([part], held) == D("0.15")
    assert bare([replace(part, close_position=True, quantity=D(0))], held) == D(0)
    assert cell(replace(row, bare=D("0.15"))).text == "part 63,400.0"
    assert cell(row).text == "63,400.0"


def trail(begins: str = "", **changes: object) -> Order:
    """A stop half a percent behind the price, from 65,000 on where told."""
    terms = Terms(trailing_bps=50, activation_price=D(begins) if begins else None)
    made = order(4, PERP, Side.SELL, "", "0.250", type=OrderType.TRAILING_STOP_MARKET, reduce_only=True, terms=terms)
    return replace(made, **changes)  # type: ignore[arg-type]


def test_a_position_behind_a_trailing_stop_looked_bare(row: PositionRow, perp: Instrument) -> None:
    cell = next(column for column in POSITION_COLUMNS if column.name == "SL").cell
    trailed = replace(row, stop=None, trail=trail(), bare=bare([trail()], row.position, row.mark))
    assert (trailing([trail()], row.position), trailed.bare) == (trail(), D(0))
    assert cell(trailed).text == "trail 0.50%"
    assert cell(replace(trailed, bare=D("0.1"))).text == "part trail 0.50%"
    stop = order(5, PERP, Side.SELL, "", "0.250", type=OrderType.STOP_MARKET, reduce_only=True)
    stop = replace(stop, terms=Terms(trigger_price=D("63000.0")))
    assert protection([stop, trail()], row.position)[0] == D("63000.0"), "a trailing stop hid the fixed one"
    words = protect_words(trailed, perp, Protect(PERP, D("63400.0")))
    assert words == f"PROTECT LONG 0.250 {PERP}: SL 63,400.0, instead of trail 0.50%"


def test_a_trailing_stop_that_waits_for_its_start_protects_from_nothing_yet(row: PositionRow) -> None:
    cell = next(column for column in POSITION_COLUMNS if column.name == "SL").cell
    waiting = trail("65000.0")
    assert bare([waiting], row.position, row.mark) == D("0.250")
    shown = cell(replace(row, stop=None, trail=waiting, bare=D("0.250")))
    assert (shown.text, shown.style) == ("0.50% from 65,000.0", "warn")
    assert bare([waiting], row.position, D(65_001)) == D(0)
    begun = trail("65000.0", is_trailing=True)
    assert bare([begun], row.position, row.mark) == D(0), "it began before, and the price has come back"
    assert bare([trail("65000.0", is_triggered=True)], row.position, row.mark) == D(0)
    assert cell(replace(row, stop=None, trail=begun)).text == "trail 0.50%"


def test_of_two_stops_the_one_met_first_is_shown(row: PositionRow) -> None:
    far, near = (
        order(n, PERP, Side.SELL, "", "0.1", type=OrderType.STOP_MARKET, reduce_only=True, terms=Terms(D(at)))
        for n, at in ((1, "63000"), (2, "63500"))
    )
    assert protection([near, far], row.position)[0] == D(63_500)
    assert protection([far, near], row.position)[0] == D(63_500)


def test_editing_protection_asks_for_what_differs_alone(row: PositionRow, perp: Instrument) -> None:
    edit = begin_protection(row, perp)
    with pytest.raises(EditError, match="nothing is changed"):
        protection_of(edit, row, perp)
    edit.fields["TP"].text = "65,200"
    assert protection_of(edit, row, perp) == Protect(PERP, None, D(65_200))
    edit.fields["SL"].text = ""
    command = protection_of(edit, row, perp)
    assert command == Protect(PERP, D(0), D(65_200))
    assert protect_words(row, perp, command) == f"PROTECT LONG 0.250 {PERP}: SL removed, TP 65,200.0"


def test_stop_and_target_of_a_row_are_typed_as_distances_too(row: PositionRow, perp: Instrument) -> None:
    edit = begin_protection(row, perp)
    edit.fields["SL"].text, edit.fields["TP"].text = "1%", "+2%"
    # 63,880 less a hundredth is 63,241.2; two hundredths more 65,157.6.
    assert protection_of(edit, row, perp) == Protect(PERP, D("63241.2"), D("65157.6"))
    edit.fields["SL"].text, edit.fields["TP"].text = "200t", ""
    assert protection_of(edit, row, perp) == Protect(PERP, D("63860.0"), None)
    short = replace(row, position=replace(row.position, quantity=D("-0.25")), stop=None, mark=D(63_800))
    edit.fields["SL"].text = "1%"
    assert protection_of(edit, short, perp) == Protect(PERP, D("64518.8"), None)
    edit.fields["SL"].text = "x%"
    with pytest.raises(EditError, match="is not a plain number"):
        protection_of(edit, row, perp)


@pytest.mark.parametrize(("field", "text"), [("SL", "64300"), ("TP", "64000")])
def test_protection_on_the_wrong_side_of_the_mark_is_refused(
    row: PositionRow, perp: Instrument, field: str, text: str
) -> None:
    edit = begin_protection(row, perp)
    edit.fields[field].text = text
    with pytest.raises(EditError, match=r"belongs (below|above) the mark 64,210\.1"):
        protection_of(edit, row, perp)


def test_break_even_is_rounded_to_where_nothing_is_lost(row: PositionRow, perp: Instrument) -> None:
    held = replace(row, position=replace(row.position, break_even_price=D("63905.52")))
    assert break_even(held, perp) == D("63905.6")
    short = replace(held, position=replace(held.position, quantity=D("-0.25")), mark=D(63_000))
    assert break_even(short, perp) == D("63905.5")
    with pytest.raises(EditError, match="would fire now"):
        break_even(replace(held, mark=D(63_000)), perp)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (AlertRequest(AlertKind.PRICE_ABOVE, PERP, D(65_000)), "> 65,000.0"),
        (AlertRequest(AlertKind.PRICE_BELOW, PERP, D(60_000)), "< 60,000.0"),
        (AlertRequest(AlertKind.MOVE, PERP, D(2), 900), "moves 2% in 15 min"),
        (AlertRequest(AlertKind.PRINT, PERP, D(500_000)), "a print of 500,000 USDT"),
        (AlertRequest(AlertKind.FUNDING, PERP, D("0.05")), "funding of 0.05%"),
        (AlertRequest(AlertKind.ORDER, PERP), "an order filled, rejected or expired"),
        (AlertRequest(AlertKind.LINK), "a link went down or stale"),
    ],
)
def test_every_alert_has_words(asked: AlertRequest, words: str, perp: Instrument) -> None:
    assert alert_words(asked, perp) == words


def test_an_alert_says_how_far_it_is_and_what_it_told(perp: Instrument) -> None:
    alert = Alert(3, AlertRequest(AlertKind.PRICE_ABOVE, PERP, D(65_000)), NOW_MS)
    cells = {column.name: column.cell(AlertRow(alert, perp, D(62_500), NOW_MS)).text for column in ALERT_COLUMNS}
    assert (cells["dist"], cells["times"], cells["state"]) == ("+4.00%", "once", "! waits")
    told = replace(alert, told_ms=NOW_MS, times_told=2, request=replace(alert.request, repeats=True))
    state = ALERT_COLUMNS[-1].cell(AlertRow(told, perp, None, NOW_MS)).text
    assert state == "! told 14:03:22 ×2, waits again"


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (ScalePlan(PERP, Side.BUY, D(1), D(64_000), D(63_500), 6, D("1.3")), "64,000.0 … 63,500.0 in 6, skew 1.3"),
        (ChasePlan(PERP, Side.BUY, D(1), D("0.1"), 30), "at the touch, at most 0.1% away, for 00:30"),
        (TwapPlan(PERP, Side.BUY, D(1), 1800, 30), "30 slices over 30:00"),
        (IcebergPlan(PERP, Side.BUY, D(1), D(64_000), D("0.1")), "at 64,000.0, 0.100 shown"),
    ],
)
def test_every_algo_says_how_it_works(plan: TwapPlan, words: str, perp: Instrument) -> None:
    assert plan_words(plan, perp) == words
    algo = Algo("twap-1", plan, AlgoState.RUNNING, NOW_MS, filled=D("0.5"), next_ms=NOW_MS + 61_000)
    cells = [column.cell(AlgoRow(algo, perp, NOW_MS)).text for column in ALGO_COLUMNS]
    assert "0.500/1.000" in cells
    assert ("BUY" in cells, "BUY LONG" in cells) == (True, False)
    assert "BUY LONG" in [column.cell(AlgoRow(algo, perp, NOW_MS, is_hedged=True)).text for column in ALGO_COLUMNS]
    assert any(cell.endswith("50%") for cell in cells)
    assert cells[-1] == "● running, next in 01:01"
    failed = replace(algo, state=AlgoState.FAILED, reason="stale book")
    assert ALGO_COLUMNS[-1].cell(AlgoRow(failed, perp, NOW_MS)).text == "✗ failed: stale book"


def test_fills_are_filtered(desk: FakeDesk) -> None:
    fills = list(desk.store.fills)
    assert fills
    first = fills[0]
    assert passes("", first, "other", 0)
    assert passes("this symbol", first, first.symbol, 0)
    assert not passes("this symbol", first, "other", 0)
    assert not passes("today (UTC)", first, "", first.time_ms + 1)


def test_balances_tell_of_loans() -> None:
    held = Balance(Product.MARGIN, "BTC", D("0.5"), D("0.1"), NOW_MS, D("0.2"), D("0.0001"))
    assert detail_words(held) == (
        "BTC in Cross margin: 0.5 free, 0.1 used, 0.2 borrowed, 0.0001 interest, 0.3999 net, as of 14:03:22 UTC"
    )
    level = MarginLevel(Product.MARGIN, D("1.2"), D(12), D(10), "BTC")
    assert (level_words(level).text, level_words(level).style) == ("✗ level 1.20", "error")
    assert level_words(replace(level, level=None)).text == "nothing owed"


def test_a_sum_without_prices_looked_like_the_whole() -> None:
    held = [Balance(Product.SPOT, asset, D(1), D(0), NOW_MS) for asset in ("USDT", "BNB", "BTC", "ETH")]
    assert sum_words(balance_rows(held, {"BNB": D(600), "BTC": D(60_000), "ETH": D(3_000)}), True) == "together"
    assert sum_words(balance_rows(held, {"BTC": D(60_000)}), True) == "together, no price of BNB, ETH"
    assert sum_words(balance_rows(held, {}), True) == "together, no price of BNB, BTC and 1 more"
    assert sum_words(balance_rows(held, {}), False) == "read so far"


def test_the_day_is_told_where_it_is_known() -> None:
    summary = AccountSummary("USDT", D("12402.11"), None, None, D("-12.4"), D("3.91"), None, None, NOW_MS)
    shown = [plain(line).split() for line in summary_lines(summary, 36)]
    assert shown == [["equity", "12,402.11"], ["realised", "today", "−12.40"], ["fees", "today", "3.91"]]
    assert summary_lines(None, 36) == []
    partly = replace(summary, unread=(Product.SPOT,))
    assert plain(summary_lines(partly, 36)[0]).split() == ["equity,", "no", "Spot", "yet", "12,402.11"]


def test_what_a_position_brought_today_is_told_with_its_sign(row: PositionRow) -> None:
    cell = next(column.cell for column in POSITION_COLUMNS if column.name == "today")
    assert cell(replace(row, day=D("-12.4"))).text == "−12.40"
    assert (cell(replace(row, day=D(3))).text, cell(row).text) == ("+3.00", "—")
