"""The frame under keys: palette, settings, help, jump, copy, flatten, themes, ASCII, mouse, account change, notices."""

from collections import deque
from contextlib import asynccontextmanager
from decimal import Decimal as D
from pathlib import Path

import msgspec
import pytest
from fake_desk import NOW_MS, PERP, FakeDesk
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual import events
from textual.keys import _character_to_key

from tui.config import Limits, Screen, Settings, load_settings
from tui.domain.order_terms import Side
from tui.engine.algos.plan import Algo, AlgoState, TwapPlan
from tui.engine.commands import WRITES, Origin
from tui.engine.commands.orders import Flatten
from tui.engine.commands.safety import Halt, Lock, SetLimit
from tui.engine.commands.views import StopWork
from tui.engine.store import AccountSummary, Message, Severity, TradingState, Work
from tui.ui.app import TradingApp
from tui.ui.ascii_look import in_ascii, span_in_ascii, title_in_ascii
from tui.ui.layout.places import PANE_ORDER
from tui.ui.lines import Span, plain
from tui.ui.pane_names import LETTERS
from tui.ui.surroundings import Surroundings

WIDE = (200, 50)


@asynccontextmanager
async def screen(desk, size=WIDE, settings=None, around=None):
    """The app with slow frames: tests paint when they want to."""
    settings = settings or Settings(screen=Screen(frames_per_second=1))
    app = TradingApp(desk, settings, desk.clock, surroundings=around)
    async with app.run_test(size=size, notifications=True) as pilot:
        await pilot.pause()
        yield app, pilot


async def type_text(pilot, text):
    for character in text:
        key = character if character.isalnum() else _character_to_key(character)
        pilot.app.post_message(events.Key(key, character))
    await pilot.pause()


def shown(app, name):
    pane = app.panes[name]
    return "\n".join(plain(line).rstrip() for line in pane.lines(*pane.content_size))


# the palette


async def test_the_palette_finds_an_action_by_scattered_letters_and_does_it(desk):
    async with screen(desk) as (app, pilot):
        await pilot.press("ctrl+p")
        await type_text(pilot, "zoompane")
        assert "zoom the pane, and back" in shown(app, "palette")
        await pilot.press("enter")
        assert app.board.area.zoomed


async def test_nothing_in_the_palette_sends(desk):
    desk = FakeDesk(trading=TradingState.ARMED)
    async with screen(desk) as (app, pilot):
        for entry in app.panes["palette"].entries():
            action = next((each for each in app.board.dispatch.handlers if each == entry.name), None)
            if action == "app.quit" or entry.reason or entry.kind in ("account",):
                continue
            entry.run()
        await pilot.pause()
        assert not [command for command in desk.commands if isinstance(command, WRITES)]


async def test_the_palette_says_which_key_halts(desk):
    desk = FakeDesk(trading=TradingState.ARMED)
    async with screen(desk) as (app, pilot):
        await pilot.press("ctrl+p")
        await type_text(pilot, "HALT: cancel")
        await pilot.press("enter")
        assert "F12" in app.row.said
        assert desk.store.session.trading is TradingState.ARMED


async def test_the_palette_says_why_an_action_is_off(desk):
    desk.store.session = FakeDesk(read_only=True).store.session
    async with screen(desk) as (app, pilot):
        await pilot.press("ctrl+p")
        await type_text(pilot, "buy ticket")
        assert "read-only" in shown(app, "palette")
        await pilot.press("enter")
        assert "read-only" in app.row.said
        assert app.focused is app.panes["palette"]


async def test_the_palette_begins_a_line_and_finds_settings_and_themes(desk):
    async with screen(desk) as (app, pilot):
        await pilot.press("ctrl+p")
        await type_text(pilot, "theme light")
        await pilot.press("enter")
        assert app.theme == "light"
        await pilot.press("ctrl+p")
        await type_text(pilot, "max_order_notional")
        await pilot.press("enter")
        assert app.focused is app.panes["settings"]


# settings


async def test_a_guards_limit_is_set_at_once_and_written(desk, tmp_path: Path):
    file = tmp_path / "config.toml"
    file.write_text("# mine\n[limits]\nmax_order_notional = 9 # small\n")
    settings = replace_screen(load_settings(file))
    async with screen(desk, settings=settings, around=Surroundings(config_file=file)) as (app, pilot):
        await pilot.press("f4")
        await type_text(pilot, "max_order_notional")
        assert "file config.toml" in shown(app, "settings")
        await pilot.press("enter")
        await type_text(pilot, "2500")
        await pilot.press("enter")
        assert desk.commands[-1] == SetLimit("max.order.notional", D(2500))
        assert "set here" in shown(app, "settings")
    assert file.read_text() == "# mine\n[limits]\nmax_order_notional = 2500 # small\n"


def replace_screen(settings: Settings) -> Settings:
    return msgspec.structs.replace(settings, screen=Screen(frames_per_second=1))


async def test_a_wrong_value_is_said_beside_it_and_nothing_is_written(desk, tmp_path: Path):
    file = tmp_path / "config.toml"
    async with screen(desk, around=Surroundings(config_file=file)) as (app, pilot):
        await pilot.press("f4")
        await type_text(pilot, "armed_for")
        await pilot.press("enter")
        await type_text(pilot, "0")
        await pilot.press("enter")
        assert "at least 1 second" in shown(app, "settings")
        await pilot.press("escape", "escape")
        assert app.focused is app.panes["ladder"]
    assert not file.exists()
    assert not desk.sent


async def test_choices_are_gone_through_with_tab_and_a_theme_is_put_on_at_once(desk, tmp_path: Path):
    async with screen(desk, around=Surroundings(config_file=tmp_path / "config.toml")) as (app, pilot):
        await pilot.press("f4")
        await type_text(pilot, "screen.theme")
        await pilot.press("enter", "tab", "enter")
        assert app.theme == load_settings(tmp_path / "config.toml").screen.theme == "deutan"


async def test_what_a_flag_set_is_named(desk):
    around = Surroundings(origins={"screen.theme": "--theme"})
    async with screen(desk, around=around) as (app, pilot):
        await pilot.press("f4")
        await type_text(pilot, "screen.theme")
        assert "--theme" in shown(app, "settings")


# keys


async def test_keys_of_the_traders_own_work_everywhere_they_are_named(desk):
    settings = Settings(screen=Screen(frames_per_second=1), keys={"trade.arm": "f7", "ladder.cancle": "x"})
    async with screen(desk, settings=settings) as (app, pilot):
        assert "F7 to arm" in plain(app.board.header.lines(200, 2)[1])
        assert "F7 arm" in plain(app.board.hints.lines(400, 1)[0])
        await pilot.press("t")
        assert app.row.reviews.waiting is None
        await pilot.press("f7")
        assert "ARM DEMO" in app.row.reviews.waiting.text
        await pilot.press("escape", "question_mark")
        assert "did you mean ladder.cancel" in shown(app, "help")
        await pilot.press(*"zoom")
        assert "zoom the pane" in shown(app, "help")
        assert "did you mean" not in shown(app, "help"), "what is looked for is not below what was wrong"
        app._say_notices()
        assert "ladder.cancle" in app.row.said


async def test_another_key_than_escape_locks_as_well(desk):
    desk = FakeDesk(trading=TradingState.ARMED)
    settings = Settings(screen=Screen(frames_per_second=1), keys={"trade.disarm": "f7"})
    async with screen(desk, settings=settings) as (app, pilot):
        await pilot.press("f7")
        assert isinstance(desk.commands[-1], Lock)
        assert app.view.disarmed


async def test_a_limit_that_was_set_is_shown_by_the_header(desk):
    desk.store.summary = AccountSummary("USDT", D(1), D(1), D(0), D(-1), D(0), D(0), None, NOW_MS)
    async with screen(desk) as (app, _):
        for limit in (SetLimit("day.loss", D(40)), SetLimit("stale.after", D(9_000))):
            app.board.trading.send((limit,), Origin.KEY, "set")
        assert "day −1.00/−40" in plain(app.board.header.lines(200, 2)[1])
        assert app.view.stale_after_ms == 9_000


async def test_a_preset_says_in_the_help_what_differs(desk):
    async with screen(desk, settings=Settings(screen=Screen(frames_per_second=1, keymap="scalper"))) as (app, pilot):
        await pilot.press("question_mark")
        assert "never closes a position" in shown(app, "help")


# jump and copy


async def test_every_pane_shows_its_letter_while_one_is_waited_for(desk):
    async with screen(desk) as (app, pilot):
        await pilot.press("g")
        for name in app.board.area.visible_panes():
            assert f" {LETTERS[name]} " in str(app.panes[name].border_title), name
        await pilot.press("k")
        assert app.focused is app.panes["keys"]
        assert " c " not in str(app.panes["chart"].border_title)


def test_every_pane_that_stays_has_a_letter():
    assert set(PANE_ORDER) - set(LETTERS) <= {"search", "help", "history", "palette"}
    assert len(set(LETTERS.values())) == len(LETTERS)


async def test_a_row_is_copied_with_tabs_between_its_columns(desk):
    async with screen(desk) as (app, pilot):
        await pilot.press("g", "o", "y")
        assert app.clipboard.split("\t")[1:4] == ["BTCUSDT-PERP", "BUY", "LIMIT"]
        await pilot.press("g", "c", "y")
        assert "nothing to copy" in app.row.said


# halt, flatten, quit


async def test_halt_again_offers_to_flatten_and_only_the_word_does_it(desk):
    async with screen(desk) as (app, pilot):
        await pilot.press("f12")
        app.paint()
        assert app.focused is app.panes["ladder"]
        await pilot.press("f12")
        assert app.focused is app.board.flatten
        assert "close 1 position: LONG 0.25 BTCUSDT-PERP" in plain(app.board.flatten.lines(200, 1)[0])
        await type_text(pilot, "yes")
        await pilot.press("enter")
        assert Flatten not in map(type, desk.commands)
        assert "nothing is sent" in app.row.said
        await type_text(pilot, "flat")
        await pilot.press("enter", "enter", "enter")
        assert [type(command) for command in desk.commands] == [Halt, Halt, Flatten]
        assert desk.commands[-1].reviewed
        assert app.focused is app.panes["ladder"]


async def test_escape_takes_the_offer_to_flatten_away(desk):
    async with screen(desk) as (app, pilot):
        await pilot.press("f12", "f12", "escape")
        app.paint()
        assert not app.screen.has_class("-flatten")
        await type_text(pilot, "flat")
        await pilot.press("enter")
    assert Flatten not in map(type, desk.commands)


async def test_flat_typed_where_there_was_nothing_to_close_armed(desk):
    desk.store.positions = {}
    async with screen(desk) as (app, pilot):
        await pilot.press("f12", "f12")
        app.paint()
        assert "nothing to close" in plain(app.board.flatten.lines(200, 1)[0])
        await type_text(pilot, "flat")
        await pilot.press("enter", "enter")
        assert [type(command) for command in desk.commands] == [Halt, Halt]
        assert app.focused is app.panes["ladder"]


async def test_quitting_lists_running_algos(desk):
    plan = TwapPlan(PERP, Side.BUY, D("0.5"), 600, 10)
    desk.store.algos = {"twap-1": Algo("twap-1", plan, AlgoState.RUNNING, NOW_MS)}
    desk.store.orders = {}
    async with screen(desk) as (app, pilot):
        await pilot.press("ctrl+q")
        assert app.row.reviews.waiting.text == "QUIT: 1 running algo ends: twap-1"
        await pilot.press("ctrl+q")
    assert app.return_code == 0


# work, header, notices, accounts


async def test_long_work_is_shown_and_given_up(desk):
    desk.store.work = {7: Work(7, "candles of BTCUSDT", 3, 12)}
    async with screen(desk) as (app, pilot):
        app.paint()
        assert "candles of BTCUSDT 25% F6 stops" in plain(app.row.lines(200, 1)[0])
        await pilot.press("f6")
        assert desk.commands[-1] == StopWork(7)
        desk.store.work = {}
        await pilot.press("f6")
        assert "nothing long" in app.row.said


@pytest.mark.parametrize(
    ("result", "tone", "sign"),
    [("-12.40", "down", ""), ("-210", "warn", "!"), ("-250", "error", " over"), ("3", "up", "")],
)
async def test_the_header_has_the_days_result_against_its_limit(desk, result, tone, sign):
    desk.store.summary = AccountSummary(
        "USDT", D("12402.11"), D("9880.40"), D("83.20"), D(result), D(1), D(0), D(12), NOW_MS
    )
    settings = Settings(screen=Screen(frames_per_second=1), limits=Limits(day_loss=D(250)))
    async with screen(desk, settings=settings) as (app, _):
        row = app.board.header.lines(200, 2)[1]
        assert "eq 12,402.11  uPnL +83.20  day " in plain(row)
        assert f"/−250{sign}  free 9,880.40  margin 12%" in plain(row)
        assert next(span.style for span in row if "/−250" in span.text) == tone
        assert "margin" not in plain(app.board.header.lines(80, 2)[1])


async def test_a_liquidation_is_seen_whatever_pane_is_looked_at(desk):
    """It stood in the log alone, behind the tab of another pane."""
    async with screen(desk) as (app, pilot):
        told = "LIQUIDATION: the exchange made SELL 0.157 BTCUSDT-PERP"
        desk.store.messages.appendleft(Message(90, NOW_MS, Severity.ERROR, told))
        desk.store.messages.appendleft(Message(91, NOW_MS, Severity.INFO, "something else"))
        app.paint()
        assert app.row.said == told
        assert "8 Log !1" in str(app.panes["orders"].border_title)
        app.row.say("armed", Severity.SUCCESS)
        app.paint()
        assert app.row.said == "armed"
        await pilot.press("g", "m")
        app.paint()
        assert "8 Log !" not in str(app.panes["messages"].border_title)


async def test_what_others_have_to_say_is_said(desk):
    around = Surroundings(notices=deque(["the exchange runs again"]))
    async with screen(desk, around=around) as (app, _):
        app._say_notices()
        app.paint()
        assert app.row.said == "the exchange runs again"


async def test_the_account_is_changed_locked_and_after_enter(desk):
    desk = FakeDesk(trading=TradingState.ARMED)
    async with screen(desk, around=Surroundings(accounts=("hedge",))) as (app, pilot):
        await pilot.press("colon")
        await type_text(pilot, "acct nobody")
        await pilot.press("enter")
        assert "no account 'nobody'" in app.row.said
        await pilot.press("colon")
        await type_text(pilot, "acct hedge")
        await pilot.press("enter")
        assert isinstance(desk.commands[-1], Lock)
        assert "leave main, open hedge; 4 working orders stay" in app.row.reviews.waiting.text
        app.paint()
        await pilot.pause()
        await pilot.press("enter")
    assert app.board.accounts.wanted == "hedge"


async def test_no_account_is_left_by_escape(desk):
    async with screen(desk, around=Surroundings(accounts=("hedge",))) as (app, pilot):
        await type_text(pilot, ":acct hedge")
        await pilot.press("enter", "escape")
        assert app.board.accounts.wanted == ""
        assert app.is_running


# the mouse


async def test_a_click_chooses_a_row_and_the_wheel_moves_and_nothing_is_sent(desk):
    desk = FakeDesk(trading=TradingState.ARMED)
    async with screen(desk) as (app, pilot):
        app.paint()
        orders = app.panes["orders"]
        await pilot.click("#orders", offset=(10, 3))
        assert app.focused is orders
        assert orders.chosen().order.client_order_id == "btui-2"
        orders._turn("action_down", events.MouseScrollDown(orders, 0, 0, 0, 1, 0, False, False, False))
        assert orders.chosen().order.client_order_id == "btui-3"
        for name in app.board.area.visible_panes():
            region = app.panes[name].content_region
            for x, y in ((1, 1), (region.width // 2, region.height // 2)):
                await pilot.click(f"#{name}", offset=(x, y))
        assert not [command for command in desk.commands if isinstance(command, WRITES)]


# ASCII


@pytest.mark.parametrize("size", [WIDE, (120, 36), (80, 24)], ids=str)
async def test_a_screen_in_ascii_is_ascii_and_as_wide(desk, size):
    settings = Settings(screen=Screen(frames_per_second=1, ascii=True))
    async with screen(desk, size, settings) as (app, pilot):
        for keys in ([], ["ctrl+p"], ["escape", "f4"], ["escape", "question_mark"], ["escape", "g"]):
            await pilot.press(*keys)
            app.paint()
            await pilot.pause()
            compositor = app.screen._compositor
            for strip in compositor.render_strips():
                assert strip.text.isascii(), strip.text
                assert len(strip.text) == size[0]


@pytest.mark.parametrize(
    "text", ["BTC·P −1.24% ▲", "█▉▊▋▌▍▎▏", "▁▂▃▄▅▆▇", "⣀⠤⠒⠉", "é ß Å", "币安", "🙂", "─│┌┐╌", "…—–"]
)
def test_ascii_keeps_the_width(text):
    assert in_ascii(text).isascii()
    assert len(in_ascii(text)) == cell_len(text)


@given(st.text(alphabet="≥≤ a1.", max_size=20))
def test_signs_of_two_letters_never_widen_a_row(text):
    shown = span_in_ascii(Span(text)).text
    assert shown.isascii()
    assert len(shown) == len(text)


@pytest.mark.parametrize(
    ("drawn", "letters"),
    [
        (" !≥ 99,000.0 ", " !>=99,000.0 "),
        ("working ≤0.135 ahead", "working <0.135 ahead"),
        ("!≥ 1 !≤ 2", "!>=1 !<=2"),
        ("≤0.135 ahead   x", "<=0.135 ahead  x"),
    ],
)
def test_at_least_is_not_above(drawn, letters):
    assert span_in_ascii(Span(drawn)).text == letters


def test_borders_in_ascii_name_keys_and_signs_in_full():
    assert title_in_ascii("≥0 single · ⏎ show · ␣ centre") == ">=0 single . Enter show . Space centre"


def test_a_broken_cell_drawn_in_reverse_is_the_other_part_in_ascii():
    """Letters in reverse made a short bar of bids look like a full one."""
    assert span_in_ascii(Span("▉", "bar_bid reverse")) == ("|", "bar_bid")
    assert span_in_ascii(Span("▏", "bar_bid reverse cursor")) == ("#", "bar_bid cursor")


def test_a_bar_in_ascii_still_tells_full_from_empty():
    assert in_ascii("█ ░ ▏") == "# : |"
