"""Keys of the panes of orders, positions, fills, alerts and algos: what is asked for, reviewed, and sent."""

from dataclasses import replace
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import pytest
from fake_desk import NOW_MS, PERP, SPOT, FakeDesk
from market_screen import market_pane, press, said

from tui.domain.account import Balance, MarginLevel
from tui.domain.order import OrderChange
from tui.domain.order_terms import Side
from tui.domain.product import Product
from tui.engine.alerts.alert import Alert, AlertKind, AlertRequest, Told
from tui.engine.algos.plan import Algo, AlgoState, TwapPlan
from tui.engine.commands import Command, Origin
from tui.engine.commands.automation import RemoveAlert, StopAlgo
from tui.engine.commands.orders import CancelOrders, ChangeOrder, Protect, ReversePosition
from tui.engine.commands.views import FollowSymbols, ShowOrderHistory
from tui.engine.order_history import Noted, OrderHistory, OrderKey
from tui.engine.store import TradingState
from tui.ui.lines import plain


@pytest.fixture
def armed() -> FakeDesk:
    return FakeDesk(trading=TradingState.ARMED)


def sent(desk: FakeDesk, kind: type[Command]) -> list[Any]:
    return [command for command in desk.commands if isinstance(command, kind)]


async def test_an_order_is_changed_where_it_stands_and_reviewed(desk: FakeDesk) -> None:
    async with market_pane(desk, "orders") as (orders, pilot):
        await press(pilot, "m", "6", "4", "2", "0", "0", "tab", "down")
        assert orders.is_typing
        await press(pilot, "enter")
        assert "CHANGE BUY" in said(pilot)
        assert "end of the queue" in said(pilot)
        assert not sent(desk, ChangeOrder)
        await press(pilot, "enter")
    change = OrderChange(D(64_200), D("0.099"))
    assert sent(desk, ChangeOrder) == [ChangeOrder("btui-1", change, reviewed=True)]


async def test_escape_leaves_an_edit_without_asking_for_anything(desk: FakeDesk) -> None:
    async with market_pane(desk, "orders") as (orders, pilot):
        await press(pilot, "m", "1", "escape")
        assert orders.edit is None
        assert not sent(desk, ChangeOrder)


@pytest.mark.parametrize(
    ("key", "price"),
    [("comma", "64210.4"), ("full_stop", "64210.6"), ("less_than_sign", "64209.5"), ("greater_than_sign", "64211.5")],
)
async def test_armed_keys_move_an_order_by_ticks_at_once(armed: FakeDesk, key: str, price: str) -> None:
    async with market_pane(armed, "orders") as (_, pilot):
        await press(pilot, key)
    assert sent(armed, ChangeOrder) == [ChangeOrder("btui-1", OrderChange(D(price)))]


async def test_a_stop_is_moved_by_its_trigger_and_always_reviewed(armed: FakeDesk) -> None:
    async with market_pane(armed, "orders") as (_, pilot):
        await press(pilot, "down", "down", "full_stop")
        assert not sent(armed, ChangeOrder)
        await press(pilot, "enter")
    [command] = sent(armed, ChangeOrder)
    assert command.change == OrderChange(trigger_price=D("63400.1"))


async def test_an_order_joins_the_best_price_of_its_side(armed: FakeDesk) -> None:
    tick = armed.store.instruments[PERP].tick
    best = armed.store.market(PERP).book.view(1).best_bid
    async with market_pane(armed, "orders") as (_, pilot):
        await press(pilot, "r")
    assert sent(armed, ChangeOrder) == [ChangeOrder("btui-1", OrderChange(tick.value(best)))]


async def test_marked_orders_are_cancelled_together(armed: FakeDesk) -> None:
    async with market_pane(armed, "orders") as (orders, pilot):
        await press(pilot, "space", "space", "x")
        assert not orders.marked
    assert sent(armed, CancelOrders) == [CancelOrders(("btui-1", "btui-2"))]


async def test_the_filter_of_orders_is_named_in_the_border(desk: FakeDesk) -> None:
    async with market_pane(desk, "orders") as (orders, pilot):
        await press(pilot, "f", "f", "f")
        assert {row.order.side for row in orders.rows()} == {"SELL"}
        assert "sells" in str(orders.border_title)


async def test_a_position_is_turned_round_after_a_review_even_when_armed(armed: FakeDesk) -> None:
    async with market_pane(armed, "positions") as (_, pilot):
        await press(pilot, "v")
        assert "REVERSE LONG 0.250" in said(pilot)
        assert not sent(armed, ReversePosition)
        await press(pilot, "enter")
    assert sent(armed, ReversePosition) == [ReversePosition(PERP, reviewed=True, held=D("0.250"))]


async def test_the_stop_goes_to_break_even(desk: FakeDesk) -> None:
    async with market_pane(desk, "positions") as (_, pilot):
        await press(pilot, "e", "enter")
    [command] = sent(desk, Protect)
    assert command == Protect(PERP, desk.store.positions[PERP].entry_price, reviewed=True)


async def test_stop_and_target_are_edited_in_the_row(desk: FakeDesk) -> None:
    async with market_pane(desk, "positions") as (positions, pilot):
        await press(pilot, "m", "tab", *"65200", "enter", "enter")
        assert positions.edit is None
    assert sent(desk, Protect) == [Protect(PERP, None, D(65_200), reviewed=True)]


async def test_leverage_and_margin_open_the_command_line(desk: FakeDesk) -> None:
    async with market_pane(desk, "positions") as (_, pilot):
        await press(pilot, "l")
        assert pilot.app.row.edit.text == f"lev 10 {PERP}"
        await press(pilot, "escape", "a")
        assert "only isolated" in said(pilot)
        held = desk.store.positions[PERP]
        desk.store.positions = {PERP: replace(held, is_isolated=True)}
        await press(pilot, "a")
        assert pilot.app.row.edit.text.startswith("margin +10")


async def test_listed_fills_are_written_to_a_file(desk: FakeDesk, tmp_path: Path) -> None:
    async with market_pane(desk, "fills") as (fills, pilot):
        pilot.app.view.exports_folder = tmp_path
        await press(pilot, "f", "e")
        listed = len(fills.rows())
        assert f"{listed} fills written to" in pilot.app.row.said
    assert [len(path.read_text().splitlines()) for path in tmp_path.glob("*")] == [listed + 1]  # noqa: ASYNC240


async def test_fills_say_when_some_were_not_read(desk: FakeDesk) -> None:
    async with market_pane(desk, "fills") as (fills, _):
        desk.store.unread = {PERP: 1, SPOT: 1}
        heading = plain(fills.lines(160, 10)[0])
        assert f"NOT READ: fills of {PERP} +1" in heading
        desk.store.unread = {}
        assert "NOT READ" not in plain(fills.lines(160, 10)[0])


@pytest.mark.parametrize(("name", "which"), [("fills", ("btui-40", 7_100)), ("orders", ("btui-1", 7_001))])
async def test_enter_shows_the_whole_history_of_an_order_and_escape_leads_back(
    desk: FakeDesk, name: str, which: tuple[str, int]
) -> None:
    async with market_pane(desk, name) as (listed, pilot):
        row = listed.chosen()
        symbol = listed.symbol_of(row)
        await press(pilot, "enter")
        wanted = OrderKey(symbol, *which)
        assert sent(desk, ShowOrderHistory) == [ShowOrderHistory(wanted)]
        assert pilot.app.view.symbol == symbol
        history = pilot.app.panes["history"]
        assert pilot.app.focused is history
        order = desk.store.orders["btui-1"]
        told = tuple(Noted(NOW_MS + number, "cancel", "") for number in range(100))
        desk.store.order_history = OrderHistory(wanted, (order,), told, is_read=True)
        size = history.content_size
        shown = [plain(line) for line in history.lines(*size)]
        assert shown[-1].endswith("more")
        await press(pilot, "end")
        assert "+99 ms" in plain(history.lines(*size)[-1])
        await press(pilot, "home", "j")
        assert [plain(line) for line in history.lines(*size)][:5] == shown[1:6]
        await press(pilot, "escape")
        assert pilot.app.focused is listed


async def test_alerts_are_added_by_the_line_and_removed_by_a_key(desk: FakeDesk) -> None:
    desk.store.alerts = {4: Alert(4, AlertRequest(AlertKind.PRICE_ABOVE, PERP, D(65_000)), NOW_MS)}
    async with market_pane(desk, "alerts") as (_, pilot):
        await press(pilot, "i")
        assert pilot.app.row.edit.text == f"alert {PERP} > "
        await press(pilot, "escape", "d")
        assert "alert removed" in pilot.app.row.said
    assert desk.sent[-1] == (RemoveAlert(4), Origin.KEY)


async def test_an_alert_was_told_where_nobody_looked(desk: FakeDesk) -> None:
    async with market_pane(desk, "ladder") as (_, pilot):
        app, header = pilot.app, pilot.app.board.header
        desk.store.told.appendleft(Told(1, 4, NOW_MS, f"{PERP} is at or above 65,000.0: 65,001.2"))
        app.paint()
        assert said(pilot).rstrip() == f" ! ALERT 4: {PERP} is at or above 65,000.0: 65,001.2"
        assert "! 1 alert " in plain(header.lines(200, 2)[1])
        assert " !1 " in plain(header.lines(80, 2)[1])
        assert app.panes["alerts"].tab_text == "Alerts (0) !1"
        await press(pilot, "g", "n")
        app.paint()
        assert "alert" not in plain(header.lines(200, 2)[1])
        assert app.panes["alerts"].tab_text == "Alerts (0)"


async def test_a_running_algo_is_stopped_at_once_and_an_ended_one_left_alone(desk: FakeDesk) -> None:
    plan = TwapPlan(PERP, Side.BUY, D(1), 1800, 30)
    desk.store.algos = {
        "twap-1": Algo("twap-1", plan, AlgoState.RUNNING, NOW_MS),
        "twap-0": Algo("twap-0", plan, AlgoState.DONE, NOW_MS - 1),
    }
    async with market_pane(desk, "algos") as (_, pilot):
        await press(pilot, "x", "down", "x")
        assert "no running algo" in pilot.app.row.said
    assert sent(desk, StopAlgo) == [StopAlgo("twap-1")]


async def test_wallets_that_hold_and_owe_nothing_have_no_margin_level_to_show(desk: FakeDesk) -> None:
    product = Product.ISOLATED_MARGIN
    desk.store.margin_levels = {
        (product, pair): MarginLevel(product, None, D(0), D(0), "USDT", pair) for pair in ("BTCUSDT", "ETHUSDT")
    }
    held = Balance(product, "USDT", D(500), D(0), NOW_MS, pair="BTCUSDT")
    desk.store.balances = {**desk.store.balances, held.key: held}
    async with market_pane(desk, "account") as (account, _):
        shown = "\n".join(plain(line) for line in account.lines(60, 20))
        assert "Isolated margin BTCUSDT" in shown
        assert "Isolated margin ETHUSDT" not in shown


async def test_a_balance_and_a_message_are_shown_in_full(desk: FakeDesk) -> None:
    async with market_pane(desk, "account") as (_, pilot):
        await press(pilot, "enter")
        assert " free, " in pilot.app.row.said
        pilot.app.board.navigation.go("messages")
        await pilot.pause()
        log = pilot.app.panes["messages"]
        first = log.messages()[0]
        desk.store.messages[0] = replace(first, text="word " * 60)
        before = len(log.lines(*log.content_size))
        await press(pilot, "enter")
        shown = [plain(line).strip() for line in log.lines(*log.content_size)]
        assert len(shown) > before or shown[1].startswith("word")


async def test_escape_leaves_the_ticket_although_a_search_came_back_to_it(desk: FakeDesk) -> None:
    async with market_pane(desk, "ladder") as (_, pilot):
        await press(pilot, "f2", "escape", "f2", "tab", "left", "slash", "escape", "f2", "escape")
        assert pilot.app.board.navigation.current != "ticket"


async def test_a_capital_letter_was_lost_in_the_ticket_and_made_2r_a_price_of_2(desk: FakeDesk) -> None:
    async with market_pane(desk, "ladder") as (_, pilot):
        await press(pilot, "f2", "tab", "tab", "tab", "tab", "1", "percent_sign", "tab", "2", "R")
        form = pilot.app.panes["ticket"].form
        assert (form.text("stop"), form.text("target")) == ("1%", "2R")
        assert "TP" in pilot.app.panes["ticket"].judged().words


async def test_a_colon_was_typed_into_the_price_instead_of_opening_the_command_line(desk: FakeDesk) -> None:
    async with market_pane(desk, "ladder") as (_, pilot):
        await press(pilot, "f2", "colon", "a")
        ticket, row = pilot.app.panes["ticket"], pilot.app.row
        assert (ticket.form.text("size"), row.is_open, row.edit.text) == ("p1", True, "a")


async def test_a_session_that_looks_on_named_keys_that_it_does_not_have() -> None:
    desk = FakeDesk(read_only=True)
    async with market_pane(desk, "positions") as (positions, pilot):
        pilot.app.panes["orders"].paint()
        assert "close" not in str(positions.border_title)
        assert "⏎ show" in str(positions.border_title)
        assert "cancel" not in str(pilot.app.panes["orders"].border_title)
        header = plain(pilot.app.board.header.lines(200, 2)[1])
        assert "READ-ONLY" in header
        assert "to arm" not in header


async def test_what_had_not_been_read_yet_was_shown_as_nothing(desk: FakeDesk) -> None:
    store = desk.store
    store.orders, store.positions, store.accounts = {}, {}, {Product.SPOT: True, Product.USDM: False}
    store.fills.clear()
    async with market_pane(desk, "positions") as (_, pilot):
        shown = {}
        for name in ("orders", "positions", "fills"):
            listed = pilot.app.panes[name]
            shown[name] = plain(listed.lines(160, 5)[-1]).strip()
        assert set(shown.values()) == {"not known yet: USD-M Futures"}
        assert (pilot.app.panes["orders"].tab_text, pilot.app.panes["positions"].tab_text) == (
            "6 Orders (—)",
            "5 Positions (—)",
        )
        assert "read so far" in plain(pilot.app.panes["account"].lines(60, 8)[-1])
        store.accounts = {Product.SPOT: False, Product.USDM: True}
        assert "flat" in plain(pilot.app.panes["positions"].lines(160, 5)[-1]), "spot holds no positions"
        store.accounts = {}
        assert "market data only" in plain(pilot.app.panes["orders"].lines(160, 5)[-1])
        assert pilot.app.panes["orders"].account_note() == ""
        store.accounts = {Product.SPOT: True, Product.USDM: True}
        assert pilot.app.panes["orders"].tab_text == "6 Orders (0)"


async def test_the_book_of_a_symbol_named_in_a_line_was_waited_for_in_vain(desk: FakeDesk) -> None:
    async with market_pane(desk, "ladder") as (_, pilot):
        await press(pilot, "colon", *"b", "space", *"1", "space", *"ETHUSDT", "space", *"mkt")
        assert FollowSymbols(("ETHUSDT",)) in desk.commands
        assert desk.commands.count(FollowSymbols(("ETHUSDT",))) == 1
