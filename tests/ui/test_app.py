"""The whole screen over a frozen desk, driven by keys: what is sent, what is not, and what is said."""

from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal as D

import pytest
from fake_desk import PERP, SPOT, FakeDesk
from textual import events
from textual.content import Content
from textual.keys import _character_to_key

from tui.config import Screen, Settings
from tui.domain.order_terms import OrderType, Side
from tui.engine.commands import Origin
from tui.engine.commands.answers import Refusal, Result
from tui.engine.commands.orders import CancelEntries, CancelOrder, ClosePosition
from tui.engine.commands.safety import Arm, Halt, Lock
from tui.engine.commands.views import FocusSymbol
from tui.engine.store import Severity, TradingState
from tui.ui.app import TradingApp
from tui.ui.lines import plain

WIDE = (200, 50)


@asynccontextmanager
async def screen(desk, size=WIDE):
    """The app with slow frames: tests paint when they want to."""
    app = TradingApp(desk, Settings(screen=Screen(frames_per_second=1)), desk.clock)
    async with app.run_test(size=size, notifications=True) as pilot:
        await pilot.pause()
        yield app, pilot


async def type_line(pilot, text):
    """Printable keys one after the other, without waiting for a frame after each as `press` does."""
    for character in text:
        key = character if character.isalnum() else _character_to_key(character)
        pilot.app.post_message(events.Key(key, character))
    await pilot.pause()


def row_text(app):
    return plain(app.row.lines(app.row.size.width, 1)[0]).rstrip()


async def test_an_order_by_the_command_line(desk):
    async with screen(desk) as (app, pilot):
        await type_line(pilot, ":b 0.1 @ bid po")
        assert "BUY 0.100 BTCUSDT-PERP LIMIT 64,212.0 post-only" in row_text(app)
        assert "[Enter] send" in row_text(app)
        await pilot.press("enter")
    (order,) = desk.orders_sent
    assert order.reviewed
    assert (order.request.side, order.request.price, order.request.quantity) == (Side.BUY, D("64212.0"), D("0.1"))
    assert order.request.post_only
    assert desk.sent[-1][1] is Origin.COMMAND_LINE


async def test_enter_on_the_command_line_sends_once(desk):
    async with screen(desk) as (_, pilot):
        await type_line(pilot, ":b 0.1 @ bid")
        await pilot.press("enter", "enter", "enter")
    assert len(desk.orders_sent) == 1


async def test_a_wrong_line_sends_nothing_and_keeps_its_text(desk):
    async with screen(desk) as (app, pilot):
        await type_line(pilot, ":b 64200 @ 0.1")
        assert "looks like a price" in row_text(app)
        await pilot.press("enter")
        assert not desk.orders_sent
        await pilot.press("tab")
        assert app.row.edit.text == "b 0.1 @ 64200"
        await pilot.press("enter")
    assert desk.orders_sent[0].request.price == D(64200)


async def test_a_dismissed_line_keeps_its_text(desk):
    async with screen(desk) as (app, pilot):
        await type_line(pilot, ":b 0.1 @ bi")
        await pilot.press("escape")
        assert app.focused is app.panes["ladder"]
        await pilot.press("colon")
        assert app.row.edit.text == "b 0.1 @ bi"


async def test_history_on_up(desk):
    async with screen(desk) as (app, pilot):
        await type_line(pilot, ":group 10")
        await pilot.press("enter")
        assert app.view.ticks_per_group == 10
        await pilot.press("colon", "up")
        assert app.row.edit.text == "group 10"


async def test_a_line_is_not_sent_against_a_stale_book(desk):
    async with screen(desk) as (app, pilot):
        await type_line(pilot, ":b 0.1 @ 64000")
        desk.clock.advance(10)
        app.paint()
        await pilot.pause()
        await pilot.press("enter")
        assert not desk.orders_sent
        assert "silent" in row_text(app)


async def test_a_refused_line_is_not_sent(desk):
    async with screen(desk) as (app, pilot):
        desk.refusal = Refusal("max order size", "0.1 is over max.order.quantity 0.05: set max.order.quantity 0.1")
        await type_line(pilot, ":b 0.1 @ bid")
        await pilot.press("enter")
        assert "0.1 is over max.order.quantity" in row_text(app)
    assert not desk.orders_sent


async def test_a_pasted_line_with_its_newline_is_not_sent(desk):
    async with screen(desk) as (app, pilot):
        await pilot.press("colon")
        app.post_message(events.Paste("b 0.1 @ bid\nb 0.2 @ bid\n"))
        await pilot.pause()
        assert app.row.edit.text == "b 0.1 @ bid"
    assert not desk.sent


async def test_an_enter_typed_before_the_preview_was_shown_sends_nothing(desk):
    async with screen(desk) as (app, pilot):
        await type_line(pilot, ":b 0.1 @ bi")
        app.post_message(events.Key("d", "d"))
        app.post_message(events.Key("enter", "\r"))
        await pilot.pause()
        assert app.row.edit.text == "b 0.1 @ bid"
    assert not desk.orders_sent


async def test_an_order_by_the_ticket_needs_two_enters_and_goes_once(desk):
    async with screen(desk) as (app, pilot):
        await pilot.press("f2")

        await type_line(pilot, "0.2")
        await pilot.press("enter")
        assert not desk.orders_sent
        assert "REVIEW" in row_text(app)
        assert "BUY 0.200 BTCUSDT-PERP LIMIT 64,212.0" in row_text(app)
        await pilot.press("enter", "enter")
    (order,) = desk.orders_sent
    assert order.reviewed
    assert (order.request.side, order.request.quantity, order.request.type) == (Side.BUY, D("0.2"), OrderType.LIMIT)
    assert desk.sent[-1][1] is Origin.TICKET


async def test_an_enter_held_in_the_ticket_sent_again_and_again(desk):
    async with screen(desk) as (app, pilot):
        await pilot.press("f2", *["enter"] * 12)
        assert app.board.navigation.current == "ladder"
    assert len(desk.orders_sent) == 1


async def test_a_market_order_by_the_ticket(desk):
    async with screen(desk) as (app, pilot):
        app.board.trading.focus_symbol(SPOT)
        await pilot.press("f3", "shift+tab", "shift+tab", "space")
        assert app.panes["ticket"].form.type is OrderType.MARKET
        await pilot.press("enter", "enter")
    (order,) = desk.orders_sent
    assert (order.request.symbol, order.request.side, order.request.type) == (SPOT, Side.SELL, OrderType.MARKET)
    assert not order.request.post_only


async def test_escape_drops_a_review(desk):
    async with screen(desk) as (app, pilot):
        await pilot.press("f2", "enter")
        await pilot.press("escape")
        assert app.row.reviews.waiting is None
        assert app.focused is app.panes["ticket"]
    assert not desk.orders_sent


async def test_a_ticket_with_a_wrong_size_says_so_beside_it(desk):
    async with screen(desk) as (app, pilot):
        await pilot.press("f2")

        await type_line(pilot, "abc")
        lines = [plain(line) for line in app.panes["ticket"].lines(60, 14)]
        assert any("size" in line and "'abc' is not a plain number" in line for line in lines)
        await pilot.press("enter")
        assert app.row.reviews.waiting is None
    assert not desk.orders_sent


@pytest.mark.parametrize("key", ["b", "s", "q", "w"])
async def test_locked_ladder_keys_send_nothing(desk, key):
    async with screen(desk) as (_, pilot):
        await pilot.press(key)
    assert not desk.orders_sent


async def test_arming_needs_enter_and_then_a_ladder_key_sends_at_once(desk):
    async with screen(desk) as (app, pilot):
        await pilot.press("t")
        assert "ARM DEMO main (play money)" in row_text(app)
        assert not desk.sent
        await pilot.press("enter")
        assert desk.commands == [Arm()]
        await pilot.press("q")
        await pilot.pause(0.12)
    (order,) = desk.orders_sent
    assert not order.reviewed
    assert order.request.price == D("64212.0")


async def test_escape_disarms_before_the_engine_answers(desk):
    desk.store.session = FakeDesk(trading=TradingState.ARMED).store.session
    async with screen(desk) as (app, pilot):
        armed = desk.store.session
        await pilot.press("escape")
        assert isinstance(desk.commands[-1], Lock)
        desk.store.session = armed  # the engine is slow
        assert not app.view.is_armed(desk.store)
        await pilot.press("q")
        await pilot.pause(0.12)
    assert not desk.orders_sent


async def test_a_split_arrow_key_sends_nothing_while_armed(desk):
    desk.store.session = FakeDesk(trading=TradingState.ARMED).store.session
    async with screen(desk) as (app, pilot):
        for key, character in (("q", "q"), ("escape", "\x1b"), ("left_square_bracket", "["), ("A", "A")):
            app.post_message(events.Key(key, character))
        await pilot.pause(0.15)
    assert not desk.orders_sent
    assert isinstance(desk.commands[-1], Lock)


async def test_a_burst_while_armed_is_dropped_whole_and_disarms(desk):
    desk.store.session = FakeDesk(trading=TradingState.ARMED).store.session
    async with screen(desk) as (app, pilot):
        for key in "qwqb":
            app.post_message(events.Key(key, key))
        app.post_message(events.Key("enter", "\r"))
        await pilot.pause(0.15)
        assert not desk.orders_sent
        assert isinstance(desk.commands[-1], Lock)
        assert "dropped" in app.row.said


async def test_a_frame_stands_back_for_a_key_and_is_finished_after_it(desk):
    async with screen(desk) as (app, pilot):
        painted, coming = [], True

        class Hurried:
            arrived = staticmethod(lambda key: None)
            is_key_coming = staticmethod(lambda: coming)

        for name, pane in app.panes.items():
            pane.paint = lambda name=name: painted.append(name)
        app._driver.reader = Hurried()
        app.paint()
        assert len(painted) == 1
        coming = False
        await pilot.press("up")
        while len(painted) < len(app.panes):
            await pilot.pause(0.005)


async def test_why_it_was_locked_stays_when_the_engine_says_that_it_is(desk):
    desk = FakeDesk(trading=TradingState.ARMED)
    async with screen(desk) as (app, pilot):
        await pilot.press("escape")
        desk.reply(Result.DONE, "Locked")
        app.paint()
        assert app.row.said == "LOCKED: Esc"


async def test_armed_was_said_after_escape(desk):
    async with screen(desk) as (app, pilot):
        await pilot.press("t")
        app.paint()
        await pilot.pause()
        await pilot.press("enter")
        armed = len(desk.sent)
        await pilot.press("escape")
        desk.reply(Result.DONE, "Armed", armed)
        app.paint()
        assert app.row.said == "LOCKED: Esc"


async def test_the_rest_of_a_burst_opened_a_review(desk):
    desk = FakeDesk(trading=TradingState.ARMED)
    async with screen(desk) as (app, pilot):
        await type_line(pilot, "bsqwbsqw")
        assert not desk.orders_sent
        assert app.row.reviews.waiting is None
        assert "not typing" in row_text(app)


async def test_losing_the_terminals_focus_disarms_and_drops_the_review(desk):
    desk.store.session = FakeDesk(trading=TradingState.ARMED).store.session
    async with screen(desk) as (app, pilot):
        await pilot.press("f2", "enter")
        assert app.row.reviews.waiting is not None
        app.post_message(events.AppBlur())
        await pilot.pause()
        assert app.row.reviews.waiting is None
        assert isinstance(desk.commands[-1], Lock)


async def test_typing_on_the_command_line_while_armed_is_no_burst(desk):
    desk.store.session = FakeDesk(trading=TradingState.ARMED).store.session
    async with screen(desk) as (app, pilot):
        await pilot.press("colon")
        await pilot.pause(0.1)
        for key in "close":
            app.post_message(events.Key(key, key))
        await pilot.pause()
        assert app.row.edit.text == "close"
        assert not desk.sent


async def test_read_only_keys_say_why(desk):
    desk.store.session = FakeDesk(read_only=True).store.session
    async with screen(desk) as (app, pilot):
        for key in ("f2", "t", "f8", "b", "x"):
            app.row.say("", Severity.INFO)
            await pilot.press(key)
            assert "read-only" in app.row.said, key
    assert not desk.sent


async def test_halt_works_inside_the_command_line(desk):
    async with screen(desk) as (_, pilot):
        await type_line(pilot, ":b 0.1")
        await pilot.press("f12")
    assert desk.commands == [Halt()]


async def test_halt_by_chord_needs_two_presses(desk):
    async with screen(desk) as (app, pilot):
        await pilot.press("ctrl+x")
        assert not desk.sent
        assert "again" in app.row.said
        await pilot.press("ctrl+x")
    assert desk.commands == [Halt()]


async def test_cancel_entries_of_the_symbol_is_immediate_and_of_the_account_needs_two_presses(desk):
    async with screen(desk) as (_, pilot):
        await pilot.press("f8")
        assert desk.commands == [CancelEntries(PERP)]
        await pilot.press("f9")
        assert len(desk.sent) == 1
        desk.clock.advance(3)
        await pilot.press("f9")
        assert len(desk.sent) == 1
        await pilot.press("f9")
    assert desk.commands[-1] == CancelEntries(None)


async def test_cancel_one_and_close_by_the_command_line(desk):
    async with screen(desk) as (_, pilot):
        await type_line(pilot, ":x 2")
        await pilot.press("enter")
        await type_line(pilot, ":close 50%")
        await pilot.press("enter")
    assert desk.commands == [CancelOrder("btui-2"), ClosePosition(PERP, D("0.5"), None, reviewed=True)]


async def test_symbol_search_switches_every_pane_and_leaves(desk):
    async with screen(desk) as (app, pilot):
        await type_line(pilot, "/eth")
        assert app.focused is app.panes["search"]
        assert app.panes["search"].found()[0].symbol == "ETHUSDT"
        await pilot.press("enter")
        assert app.view.symbol == "ETHUSDT"
        assert app.focused is app.panes["ladder"]
        assert "search" not in app.board.area.visible_panes()
    assert FocusSymbol("ETHUSDT") in desk.commands


async def test_replies_are_said_and_refusals_win(desk):
    async with screen(desk) as (app, _):
        desk.reply(Result.REFUSED, "-2010 insufficient [balance]", 1)
        desk.reply(Result.DONE, "order 5 accepted", 2)
        app.paint()
        assert app.row.said == "-2010 insufficient [balance]"


@pytest.mark.parametrize("text", ["bad [/close] tag", "[@click=app.exit]x[/]", "[link=http://x]y[/link]", "[red"])
async def test_markup_in_what_the_exchange_says_is_text(desk, text):
    async with screen(desk) as (app, pilot):
        desk.reply(Result.REFUSED, text, 1)
        app.paint()
        await pilot.pause()
        assert text in row_text(app)
        app.panes["chart"].set_title(text)
        assert text in Content.from_markup(app.panes["chart"].border_title).plain
        await pilot.pause()


async def test_keys_move_between_panes(desk):
    async with screen(desk) as (app, pilot):
        assert app.focused is app.panes["ladder"]
        await pilot.press("tab")
        assert app.focused is app.panes["tape"]
        await pilot.press("shift+tab", "shift+tab")
        assert app.focused is app.panes["chart"]
        await pilot.press("g", "f")
        assert app.focused is app.panes["fills"]
        await pilot.press("6")
        assert app.focused is app.panes["orders"]
        await pilot.press("g", "escape", "g", "y")
        assert app.focused is app.panes["orders"]


async def test_zoom_and_back(desk):
    async with screen(desk) as (app, pilot):
        await pilot.press("g", "c", "z")
        assert app.board.area.visible_panes() == ["chart"]
        assert app.panes["chart"].outer_size.width == 200
        await pilot.press("z")
        assert "ladder" in app.board.area.visible_panes()
        await pilot.press("z", "escape")
        assert "ladder" in app.board.area.visible_panes()


async def test_a_pane_without_a_place_opens_over_others_and_leaves(desk):
    async with screen(desk, (80, 24)) as (app, pilot):
        assert "tape" in app.board.area.visible_panes()
        await pilot.press("f2")
        assert app.focused is app.panes["ticket"]
        assert {"ladder", "ticket"} <= set(app.board.area.visible_panes())
        assert "tape" not in app.board.area.visible_panes()
        await pilot.press("escape")
        assert "tape" in app.board.area.visible_panes()
        assert app.focused is app.panes["ladder"]


async def test_help_is_of_the_pane_it_was_asked_from_and_filters(desk):
    async with screen(desk) as (app, pilot):
        await pilot.press("question_mark")
        text = "\n".join(plain(line) for line in app.panes["help"].lines(100, 300))
        assert text.index("Ladder") < text.index("Everywhere") < text.index("Command line")
        await type_line(pilot, "halt")
        text = "\n".join(plain(line) for line in app.panes["help"].lines(100, 300))
        assert "F12" in text
        assert "join" not in text
        await pilot.press("escape")
        assert app.focused is app.panes["ladder"]


async def test_help_says_why_a_key_is_off(desk):
    desk.store.session = FakeDesk(read_only=True).store.session
    async with screen(desk) as (app, pilot):
        await pilot.press("question_mark")
        assert "(read-only: " in "\n".join(plain(line) for line in app.panes["help"].lines(120, 60))


async def test_quit_lists_working_orders_first(desk):
    async with screen(desk) as (app, pilot):
        await pilot.press("ctrl+q")
        assert "QUIT: 4 working orders stay at the exchange: BUY 0.1 BTCUSDT-PERP" in row_text(app)
        assert app.is_running
        await pilot.press("enter")
    assert app.return_code == 0


async def test_quit_without_orders_is_immediate(desk):
    desk.store.orders = {}
    async with screen(desk) as (app, pilot):
        await pilot.press("ctrl+q")
    assert app.return_code == 0


async def test_a_terminal_too_small_says_so_and_recovers(desk):
    async with screen(desk, (70, 20)) as (app, pilot):
        assert app.query_one("#too-small").display
        assert not app.board.area.display
        assert "70x20 is too small" in str(app.query_one("#too-small").render())
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert app.board.area.display
        assert "ladder" in app.board.area.visible_panes()


async def test_only_changed_lines_are_painted_again(desk):
    async with screen(desk) as (app, pilot):
        app.paint()
        await pilot.pause()
        assert sum(pane.paint() for pane in app.panes.values()) == 0


async def test_a_failure_of_its_own_ends_with_one_line_and_a_report_without_secrets(desk, tmp_path):
    secret = "A" * 64
    report = tmp_path / "logs" / "crash.log"
    app = TradingApp(desk, Settings(), desk.clock, report)

    def explode():
        api_secret = secret
        raise RuntimeError(f"signature {api_secret} refused")

    async def run():
        async with app.run_test(size=WIDE) as pilot:
            app.call_later(explode)
            await pilot.pause()

    with pytest.raises(RuntimeError):
        await run()
    assert app.return_code == 1
    text = report.read_text()
    assert "RuntimeError: signature [removed] refused" in text
    assert secret not in text
    assert report.stat().st_mode & 0o077 == 0


async def test_what_a_guard_offers_is_taken_with_tab(desk):
    async with screen(desk) as (app, pilot):
        await type_line(pilot, ":b 0.12345 @ 64212.05")
        asked = app.row._asked.intention.order
        desk.refusal = Refusal("symbol rules", "0.12345 is no multiple of 0.001", replace(asked, quantity=D("0.123")))
        app.paint()
        await pilot.pause()
        await pilot.press("enter")
        assert not desk.orders_sent
        await pilot.press("tab")
        assert app.row.edit.text == "b 0.123 BTCUSDT-PERP @ 64212.05"


async def test_a_last_tick_of_the_paint_clock_made_an_error_of_leaving(desk):
    """Bug: the screens are taken away before the clock stops, and a slow machine ticks in between."""
    async with screen(desk) as (app, _):
        shown = app._screen_stack[:]
        app._screen_stack.clear()
        app.paint()
        app._screen_stack[:] = shown
