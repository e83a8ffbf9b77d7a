"""Nothing is told by colour alone: what differs still differs in letters, signs or weight when all colours are gone."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal as D

import pytest
from fake_desk import NOW_MS, NOW_NS, PERP, SPOT, FakeDesk, instrument, order

from tui.config_options import Option
from tui.domain.account import Balance, MarginLevel
from tui.domain.book import OrderBook
from tui.domain.market import BookSnapshot
from tui.domain.order import Forced, OrderStatus
from tui.domain.order_terms import Side
from tui.domain.product import Product
from tui.engine.alerts.alert import Alert, AlertKind, AlertRequest
from tui.engine.algos.plan import Algo, AlgoState, ChasePlan
from tui.engine.store import AccountSummary, Link, Message, Severity, TradingState
from tui.ui import palette
from tui.ui.account.lines import COLUMNS as BALANCES
from tui.ui.account.lines import BalanceRow, level_words
from tui.ui.alerts.lines import COLUMNS as ALERTS
from tui.ui.alerts.lines import AlertRow
from tui.ui.algos.lines import COLUMNS as ALGOS
from tui.ui.algos.lines import AlgoRow
from tui.ui.ascii_look import in_ascii
from tui.ui.book.lines import BookPicture, book_lines
from tui.ui.chart.lines import chart_lines
from tui.ui.chart.own import marks_of
from tui.ui.chart.picture import ChartPicture, ChartState, FillMark
from tui.ui.command.line_edit import LineEdit
from tui.ui.command.lines import idle_line
from tui.ui.fills.lines import COLUMNS as FILLS
from tui.ui.fills.lines import FillRow
from tui.ui.finder.entries import Entry
from tui.ui.finder.pane import FinderPane
from tui.ui.header.lines import header_lines
from tui.ui.ladder.lines import LadderState, ladder_lines
from tui.ui.ladder.picture import LadderPicture, LastPrint, LevelMark, OwnLevel
from tui.ui.ladder.window import centred
from tui.ui.lines import Line
from tui.ui.messages.pane import message_line
from tui.ui.orders.lines import COLUMNS as ORDERS
from tui.ui.orders.lines import order_rows
from tui.ui.positions.lines import COLUMNS as POSITIONS
from tui.ui.positions.lines import PositionRow
from tui.ui.settings.pane import SettingsPane
from tui.ui.start.choices import StoredAccount, first_choices
from tui.ui.start.lines import start_lines
from tui.ui.table import Column, TableState, table_lines
from tui.ui.tape.lines import tape_lines
from tui.ui.tape.prints import Liquidated, Print
from tui.ui.ticket.form import TicketForm
from tui.ui.ticket.judging import judge
from tui.ui.ticket.lines import TicketView, ticket_lines
from tui.ui.view_state import ViewState
from tui.ui.watchlist.lines import WatchRow, account_mark, columns_for

Draw = Callable[[], Sequence[Line]]

DESK = FakeDesk()
VIEW = ViewState(symbol=PERP, clock=DESK.clock, size_presets=(D(100),))
MARKET = instrument(PERP)


def seen(lines: Sequence[Line], *, is_ascii: bool = False) -> list[tuple[str, frozenset[str]]]:
    """Every cell as a terminal without colours shows it: its letter, and whether it is bold, underlined, reversed."""
    cells = []
    for line in lines:
        for text, style in line:
            weight = frozenset(word for name in style.split() for word in palette.PALETTE[name].weight.split())
            # Bold and underline of a blank are not seen.
            shown = in_ascii(text) if is_ascii else text
            cells += [(letter, weight if letter != " " else weight & {"reverse", "underline"}) for letter in shown]
    return cells


def table(columns: Sequence[Column], *rows: object, width: int = 150, **more: object) -> Draw:
    return lambda: table_lines(columns, rows, TableState(), width, len(rows) + 1, **more)  # type: ignore[arg-type]


def header(change: Callable[[FakeDesk], None], width: int = 200) -> Draw:
    def draw() -> Sequence[Line]:
        desk = FakeDesk()
        change(desk)
        view = ViewState(symbol=PERP, clock=desk.clock, size_presets=(D(100),), stale_after_ms=2_000, day_loss=D(250))
        return header_lines(desk.store, view, width)

    return draw


def linked(**links: Link) -> Callable[[FakeDesk], None]:
    def change(desk: FakeDesk) -> None:
        desk.store.links[Product.USDM] = replace(desk.store.links[Product.USDM], **links)

    return change


def traded(state: TradingState) -> Callable[[FakeDesk], None]:
    def change(desk: FakeDesk) -> None:
        desk.store.session = replace(desk.store.session, trading=state, armed_until_ns=NOW_NS)

    return change


def summed(day: str, margin: str = "10") -> Callable[[FakeDesk], None]:
    def change(desk: FakeDesk) -> None:
        desk.store.summary = AccountSummary("USDT", D(1), D(1), D(0), D(day), D(0), D(0), D(margin), 1)

    return change


def ladder(width: int, cursor: int | None = None, **more: object) -> Draw:
    book = OrderBook()
    levels = {642120 - n: 1_000 for n in range(9)}, {642121 + n: 1_000 for n in range(9)}
    book.load(BookSnapshot(1, list(levels[0].items()), list(levels[1].items())))
    shown = LadderPicture(MARKET, 1, book.view(200, 1), book.view(10), **more)  # type: ignore[arg-type]
    return lambda: ladder_lines(shown, LadderState(centred(642121, 12), cursor), width, 14)


def own(side: Side, mark: str = "") -> dict[int, tuple[OwnLevel, ...]]:
    return {642118: (OwnLevel(side, D("0.1"), mark),)}


def marked(glyph: str, style: str) -> dict[int, tuple[LevelMark, ...]]:
    return {642118: (LevelMark(glyph, glyph, style),)}


def two_books(side: Side) -> Draw:
    book = OrderBook()
    book.load(BookSnapshot(1, [(642120, 5)], [(642121, 5)]))
    at = 642120 if side is Side.BUY else 642121
    shown = BookPicture(MARKET, 1, book.view(9, 1), book.view(9), {at: (OwnLevel(side, D(1)),)})
    return lambda: book_lines(shown, 45, 4, is_named=False)


def tape(*entries: Print | Liquidated, note: str = "") -> Draw:
    return lambda: tape_lines(entries, MARKET, 28, 8, note)


def printed(side: Side, quantity: str = "1") -> Print:
    return Print(D("64212.4"), D(quantity), side, NOW_MS)


def watched(width: int = 48, **changes: object) -> Draw:
    row = WatchRow(SPOT, instrument(SPOT), D(64_212), D("1.24"), (D(1), D(2)), False, False, False, False, D(10**9))
    changed = replace(row, **changes)  # type: ignore[arg-type]
    return lambda: table_lines(columns_for(width, [changed], ""), [changed], TableState(), width, 2, mark=account_mark)


def ordered(**changes: object) -> Draw:
    one = order(1, PERP, **{"side": Side.BUY, "price": "64210.5", "quantity": "0.1", **changes})  # type: ignore[arg-type]
    return table(ORDERS, *order_rows([one], DESK.store.instruments, {PERP: D(64_000)}, NOW_MS))


def placed(size: str = "0.25", mark: str = "64210.1", age: float | None = None) -> Draw:
    held = replace(DESK.store.positions[PERP], quantity=D(size))
    return table(POSITIONS, PositionRow(held, MARKET, D(mark), age, None, None, NOW_MS))


def filled(**changes: object) -> Draw:
    return table(FILLS, FillRow(replace(next(iter(DESK.store.fills)), **changes), MARKET, NOW_MS))  # type: ignore[arg-type]


def alerted(told_ms: int | None, *, repeats: bool = False) -> Draw:
    request = AlertRequest(AlertKind.PRICE_ABOVE, PERP, D(65_000), repeats=repeats)
    return table(
        ALERTS, AlertRow(Alert(1, request, NOW_MS, told_ms, int(told_ms is not None)), MARKET, D(64_000), NOW_MS)
    )


def chased(state: AlgoState) -> Draw:
    plan = ChasePlan(PERP, Side.BUY, D(1), D("0.1"), 30)
    return table(ALGOS, AlgoRow(Algo("1", plan, state, NOW_MS), MARKET, NOW_MS))


def level(value: str) -> Draw:
    return lambda: [(level_words(MarginLevel(Product.MARGIN, D(value), D(12), D(10), "BTC")),)]


def message(severity: Severity, *, is_chosen: bool = False) -> Draw:
    return lambda: [message_line(Message(1, NOW_MS, severity, "a word"), NOW_MS, is_chosen)]


def chart(**more: object) -> Draw:
    candles = DESK.store.market(PERP).series["5m"].value.candles
    shown = ChartPicture(MARKET, candles, candles[-1].close, **more)  # type: ignore[arg-type]
    return lambda: chart_lines(shown, ChartState(), 80, 20)


def charted(side: Side) -> Draw:
    desk = FakeDesk()
    made = order(1, PERP, side, "64210.5", "0.1")
    desk.store.orders, desk.store.positions = {made.client_order_id: made}, {}
    return chart(marks=marks_of(desk.store, MARKET))


def sold(side: Side) -> Draw:
    last = DESK.store.market(PERP).series["5m"].value.candles[-9]
    return chart(fills=[FillMark(last.open_ms, last.close, side)])


def ticket(at: str, *flags: str, side: Side = Side.BUY) -> Draw:
    form = TicketForm(at=at, flags=set(flags))
    form.choices["side"] = side
    view = ViewState(symbol=PERP, clock=DESK.clock, size_presets=(D(100),))
    form.texts["price"].text = form.texts["size"].text = "64000"
    setting = form.setting(MARKET, is_hedge=False)
    around = TicketView(setting, "DEMO", is_focused=True)
    return lambda: ticket_lines(form, judge(form, setting, DESK, view), around, 60, 16)


def began(cursor: int, *, is_real: bool = False) -> Draw:
    choices = first_choices([StoredAccount("lab", "main", is_real)])
    return lambda: start_lines(choices, cursor, "title", "", 100, 24)


def typed(caret: int) -> Draw:
    edit = LineEdit("b 0.1")
    edit.caret = caret
    return lambda: [tuple(edit.spans("strong"))]


def found(reason: str, *, is_chosen: bool = False) -> Draw:
    """A row of the palette."""
    pane = FinderPane(DESK, VIEW)
    entry = Entry("chart", "wider candles", lambda: None, "+", reason)
    return lambda: [pane._marked(pane.row(entry, 57), is_chosen, 60)]


def option(origin: str = "default", *, can_edit: bool = True) -> Draw:
    """A row of the settings."""
    pane = SettingsPane(DESK, VIEW)
    return lambda: [pane.row(Option("screen.theme", "dark", "dark", origin, "", (), "text", can_edit), 60)]


PAIRS: dict[str, tuple[Draw, Draw]] = {
    "palette: cannot be done now": (found(""), found("no position here")),
    "palette: cursor": (found(""), found("", is_chosen=True)),
    "settings: changed by the trader": (option(), option("file config.toml")),
    "settings: only by hand": (option(), option(can_edit=False)),
    "header: market link silent": (header(linked()), header(linked(market=Link.STALE))),
    "header: market link syncing": (header(linked()), header(linked(market=Link.SYNCING))),
    "header: user link down": (header(linked()), header(linked(user=Link.DOWN))),
    "header: user link down, narrow": (header(linked(), 80), header(linked(user=Link.DOWN), 80)),
    "header: armed": (header(traded(TradingState.LOCKED)), header(traded(TradingState.ARMED))),
    "header: halted": (header(traded(TradingState.LOCKED), 80), header(traded(TradingState.HALTED), 80)),
    "header: sign of the day": (header(summed("12")), header(summed("-12"))),
    "ladder: own side": (ladder(45, own=own(Side.BUY)), ladder(45, own=own(Side.SELL))),
    "ladder: own order in doubt": (ladder(45, own=own(Side.BUY)), ladder(45, own=own(Side.BUY, "?"))),
    "ladder: who took last": (
        ladder(45, last=LastPrint(642121, Side.BUY)),
        ladder(45, last=LastPrint(642121, Side.SELL)),
    ),
    "ladder: pulled or stacked": (ladder(60, changes={642118: 50}), ladder(60, changes={642118: -50})),
    "ladder: entry or liquidation": (
        ladder(45, marks=marked("◆", "entry")),
        ladder(45, marks=marked("×", "liquidation")),
    ),
    "ladder: cursor": (ladder(45, 642118), ladder(45, 642117)),
    "book: own orders": (two_books(Side.BUY), two_books(Side.SELL)),
    "tape: side": (tape(printed(Side.BUY)), tape(printed(Side.SELL))),
    "tape: liquidation": (tape(printed(Side.BUY)), tape(Liquidated(D("64212.4"), D(1), Side.BUY, NOW_MS))),
    "tape: stale": (tape(printed(Side.BUY)), tape(printed(Side.BUY), note="STALE")),
    "watchlist: sign": (watched(), watched(change_percent=D("-1.24"))),
    "watchlist: shown in the other panes": (watched(), watched(is_shown=True)),
    "watchlist: stale": (watched(), watched(is_stale=True)),
    "watchlist: stale, narrow": (watched(20), watched(20, is_stale=True)),
    "watchlist: position or order": (watched(has_position=True), watched(has_order=True)),
    "watchlist: alert": (watched(), watched(has_alert=True)),
    "orders: side": (ordered(), ordered(side=Side.SELL)),
    "orders: in doubt": (ordered(), ordered(status=OrderStatus.UNKNOWN)),
    "orders: forced": (ordered(), ordered(forced=Forced.LIQUIDATION)),
    "orders: cancel on its way": (ordered(), ordered(cancel_requested=True)),
    "positions: side": (placed(), placed("-0.25")),
    "positions: sign of profit": (placed(), placed(mark="63000")),
    "positions: old mark": (placed(), placed(age=9_000)),
    "fills: side": (filled(), filled(side=Side.SELL)),
    "fills: sign of profit": (filled(realized_profit=D(5)), filled(realized_profit=D(-5))),
    "fills: forced": (filled(), filled(forced=Forced.ADL)),
    "alerts: told": (alerted(None), alerted(NOW_MS)),
    "alerts: told, and waits again": (alerted(NOW_MS), alerted(NOW_MS, repeats=True)),
    "algos: failed": (chased(AlgoState.RUNNING), chased(AlgoState.FAILED)),
    "algos: stopped": (chased(AlgoState.DONE), chased(AlgoState.STOPPED)),
    "messages: loudness": (message(Severity.INFO), message(Severity.ERROR)),
    "messages: warning": (message(Severity.WARNING), message(Severity.ERROR)),
    "messages: cursor": (message(Severity.ERROR), message(Severity.ERROR, is_chosen=True)),
    "command: severity": (
        lambda: [idle_line(Severity.WARNING, "a word", 40)],
        lambda: [idle_line(Severity.SUCCESS, "a word", 40)],
    ),
    "command: caret": (typed(0), typed(3)),
    "chart: side of an order": (charted(Side.BUY), charted(Side.SELL)),
    "chart: side of a fill": (sold(Side.BUY), sold(Side.SELL)),
    "ticket: side": (ticket("size"), ticket("size", side=Side.SELL)),
    "ticket: flag": (ticket("size"), ticket("size", "post_only")),
    "ticket: cursor on a choice": (ticket("type"), ticket("side")),
    "ticket: cursor on a flag": (ticket("post_only"), ticket("reduce_only")),
    "ticket: cursor on a text": (ticket("price"), ticket("size")),
    "start: cursor": (began(0), began(1)),
    "start: real money": (began(1), began(1, is_real=True)),
}


@pytest.mark.parametrize("is_ascii", [False, True], ids=["drawn", "ascii"])
@pytest.mark.parametrize("what", PAIRS)
def test_both_are_told_apart(what: str, is_ascii: bool) -> None:
    one, other = PAIRS[what]
    assert seen(one(), is_ascii=is_ascii) != seen(other(), is_ascii=is_ascii)


@pytest.mark.parametrize("what", PAIRS)
def test_no_words_are_as_faint_as_rules_and_grids(what: str) -> None:
    spans = [span for draw in PAIRS[what] for line in draw() for span in line]
    assert not [text for text, style in spans if style == "faint" and any(map(str.isalnum, text))]


def signs(draw: Draw) -> str:
    return "".join(letter for letter, _ in seen(draw()))


def test_figures_that_deserve_a_look_have_a_sign() -> None:
    assert "/−250 " in signs(header(summed("-100")))
    assert "/−250! " in signs(header(summed("-210")))
    assert "/−250 over " in signs(header(summed("-250")))
    assert "margin 85%! " in signs(header(summed("0", "85")))
    assert "clk +900ms! " in signs(header(linked(clock_offset_ms=900)))  # type: ignore[arg-type]
    assert "wt 2000/2400! " in signs(header(linked(weight=(2_000, 2_400))))  # type: ignore[arg-type]
    assert [signs(level(value))[0] for value in ("1.1", "1.4", "2")] == ["✗", "!", "✓"]


def test_large_prints_and_sizes_have_weight() -> None:
    crowd = [printed(Side.BUY, "0.1") for _ in range(6)]
    shown = seen(tape(printed(Side.BUY, "9"), *crowd)())
    assert {letter for letter, weight in shown if "bold" in weight} >= {"9"}
    book = OrderBook()
    book.load(
        BookSnapshot(
            1, [(642120 - n, 99_000 if n == 3 else 1_000) for n in range(9)], [(642121 + n, 1_000) for n in range(9)]
        )
    )
    large = LadderPicture(MARKET, 1, book.view(200, 1), book.view(10))
    cells = seen(ladder_lines(large, LadderState(centred(642121, 12)), 45, 14))
    assert "".join(letter for letter, weight in cells if "underline" in weight) == "99.0"


def test_what_is_owed_stands_in_a_column_of_its_own() -> None:
    free = Balance(Product.MARGIN, "BTC", D(1), D(0), NOW_MS)
    owing = replace(free, borrowed=D("0.5"))
    assert seen(table(BALANCES, BalanceRow(free, D(1)))()) != seen(table(BALANCES, BalanceRow(owing, D(1)))())
