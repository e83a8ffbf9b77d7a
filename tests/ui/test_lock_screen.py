"""The locked screen, the one confirmation of real money, and a session that only looks."""

from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from fake_desk import PERP, FakeDesk
from test_app import type_line
from textual import events

from tui.config import Safety, Screen, Settings
from tui.domain.order import LegRole, OrderStatus
from tui.engine.commands import WRITES
from tui.engine.commands.orders import CancelEntries
from tui.engine.commands.safety import ConfirmEnvironment, Halt, Lock
from tui.engine.store import TradingState
from tui.ui.actions import ACTIONS, PANE_CONTEXTS, ROWS, Danger, exists
from tui.ui.app import TradingApp
from tui.ui.command.grammar import COMMANDS, WRITE_WORDS, GrammarError, parse
from tui.ui.command.resolve import resolve
from tui.ui.help.lines import help_lines
from tui.ui.hints.pane import hint_line, line_hints
from tui.ui.keymap import DEFAULT_KEYMAP
from tui.ui.lines import plain


class Door:
    """Opens for one word."""

    question = "The word"

    def __init__(self) -> None:
        self.dropped = 0
        self.tried: list[str] = []

    def drop(self) -> None:
        self.dropped += 1

    def open(self, typed: str) -> str:
        self.tried.append(typed)
        if typed == "boom":
            raise RuntimeError("the word is sesame")
        return "" if typed == "sesame" else "that is not it"


@asynccontextmanager
async def screen(desk, door=None, safety=None):
    settings = Settings(screen=Screen(frames_per_second=1), safety=safety or Safety(lock_after_minutes=1))
    app = TradingApp(desk, settings, desk.clock, unlock=door)
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await pilot.pause()
        yield app, pilot


async def answer(app, pilot, text):
    for character in text:
        app.post_message(events.Key(character, character))
    await pilot.press("enter")
    while app.lock._checking is not None:
        await pilot.pause(0.01)
    app.paint()
    await pilot.pause()


def shown(app):
    return "\n".join(plain(line) for line in app.lock.lines(120, 36))


async def test_idle_time_locks_drops_the_secrets_and_disarms() -> None:
    desk, door = FakeDesk(trading=TradingState.ARMED), Door()
    async with screen(desk, door) as (app, pilot):
        desk.clock.advance(59)
        app.paint()
        assert not app.lock.is_locked
        desk.clock.advance(2)
        app.paint()
        await pilot.pause()
        assert app.lock.is_locked
        assert door.dropped == 1
        assert isinstance(desk.commands[-1], Lock)
        assert not app.board.area.display or app.board.area.region.area == 0
        assert "LONG" not in shown(app)
        assert "64,2" not in shown(app)


async def test_an_entry_filled_behind_a_locked_screen_and_got_no_stop() -> None:
    """Its exits are kept from here, and nothing could be signed any more."""
    desk, door = FakeDesk(), Door()
    store = desk.store
    entry = replace(store.open_orders()[0], group="btui-1", role=LegRole.ENTRY, list_id=None)
    store.orders = {entry.client_order_id: entry}
    store.algos, store.countdowns = {}, {PERP: 1}
    async with screen(desk, door) as (app, _):
        app.board.lock_screen()
        assert app.lock.is_locked
        assert door.dropped == 0
        assert "the keys are kept for 1 bracket, 1 countdown" in shown(app)
        store.countdowns = {}
        app.paint()
        assert door.dropped == 0
        store.orders = {entry.client_order_id: replace(entry, status=OrderStatus.CANCELED)}
        app.paint()
        assert door.dropped == 1
        assert "nothing can be signed" in shown(app)
        app.paint()
        assert door.dropped == 1


async def test_a_locked_screen_takes_no_key_but_the_answer() -> None:
    desk, door = FakeDesk(trading=TradingState.ARMED), Door()
    async with screen(desk, door) as (app, pilot):
        app.board.lock_screen()
        desk.sent.clear()
        for key in ("b", "f12", "f8", "f9", "f9", "ctrl+x", "ctrl+x", "t", "colon", "ctrl+q", "tab", "escape"):
            await pilot.press(key)
        assert not desk.sent
        assert app.lock.is_locked
        app.post_message(events.Paste("sesame\nb 1 mkt\n"))
        await answer(app, pilot, "")
        assert not app.lock.is_locked
        assert door.tried == ["sesame"]
        assert app.focused is app.panes["ladder"]


async def test_wrong_answers_wait_longer_and_longer_and_never_show() -> None:
    desk, door = FakeDesk(), Door()
    async with screen(desk, door) as (app, pilot):
        app.board.lock_screen()
        await answer(app, pilot, "hunter2")
        assert "that is not it" in shown(app)
        await answer(app, pilot, "sesame")
        assert door.tried == ["hunter2"]
        assert "wait" in shown(app)
        desk.clock.advance(1.1)
        await pilot.press("ctrl+u")
        await answer(app, pilot, "boom")
        assert "cannot be read (RuntimeError)" in shown(app)
        assert "sesame" not in shown(app)
        desk.clock.advance(2.1)
        await answer(app, pilot, "sesame")
        assert not app.lock.is_locked


async def test_positions_stay_readable_only_where_that_was_chosen() -> None:
    safety = Safety(show_positions_when_locked=True)
    async with screen(FakeDesk(), Door(), safety) as (app, _):
        app.board.lock_screen()
        assert "BTCUSDT-PERP     LONG" in shown(app)
        assert "+82.5" in shown(app)


async def test_play_money_has_nothing_to_lock() -> None:
    desk = FakeDesk()
    async with screen(desk) as (app, pilot):
        desk.clock.advance(3_600)
        app.paint()
        assert not app.lock.is_locked
        await type_line(pilot, ":away")
        await pilot.press("enter")
        assert "nothing to lock" in app.row.said


async def test_away_locks_at_once_and_forgets_a_waiting_review() -> None:
    desk, door = FakeDesk(), Door()
    async with screen(desk, door) as (app, pilot):
        await type_line(pilot, ":away")
        await pilot.press("enter")
        assert app.lock.is_locked
        assert app.row.reviews.waiting is None
    assert not desk.orders_sent


def real_money() -> FakeDesk:
    desk = FakeDesk()
    session = replace(desk.store.session, environment="live", is_real_money=True, awaits_confirmation=True)
    desk.store.session = session
    return desk


async def test_real_money_asks_for_its_name_before_anything_is_sent() -> None:
    desk = real_money()
    async with screen(desk) as (app, pilot):
        assert "REAL MONEY" in plain(app.board.confirm.lines(120, 1)[0])
        assert app.focused is app.board.confirm
        await type_line(pilot, "life")
        await pilot.press("enter")
        assert not desk.sent
        assert "'life' is not 'live'" in app.row.said
        await pilot.press("escape")
        assert app.focused is app.panes["ladder"]
        for key in ("b", "f2", "t"):
            await pilot.press(key)
            assert app.focused is app.board.confirm, key
            await pilot.press("escape")
        assert not [command for command in desk.commands if isinstance(command, WRITES)]
        await pilot.press("f2")
        await type_line(pilot, "live")
        await pilot.press("enter")
        assert desk.commands[-1] == ConfirmEnvironment("live")
        desk.store.session = replace(desk.store.session, awaits_confirmation=False)
        app.paint()
        await pilot.pause()
        assert app.focused is app.panes["ladder"]
        await pilot.press("f12")
        assert desk.commands[-1] == Halt()


async def test_while_the_name_is_asked_for_no_key_of_the_ladder_is_promised() -> None:
    async with screen(real_money()) as (app, pilot):
        app.paint()
        hints = plain(app.board.hints.lines(120, 1)[0])
        assert "Enter take the word" in hints
        assert "buy" not in hints
        await pilot.press(*["h"] * 40)
        assert plain(app.board.confirm.lines(120, 1)[0]).rstrip().endswith("Esc: not now")
        assert len(app.board.confirm.edit.text) == len("live") + 8
        await pilot.press("escape")
        assert "buy" in plain(app.board.hints.lines(120, 1)[0])


async def test_a_panic_key_waited_for_the_name_of_the_environment() -> None:
    desk = real_money()
    async with screen(desk) as (app, pilot):
        assert app.focused is app.board.confirm
        for keys, command in (
            (["f8"], CancelEntries(app.view.symbol)),
            (["f9", "f9"], CancelEntries(None)),
            (["f12"], Halt()),
        ):
            await pilot.press(*keys)
            assert desk.commands[-1] == command
        assert app.board.confirm.is_wanted


async def test_a_read_only_session_has_no_writing_action_on_any_key_of_any_pane() -> None:
    """Walks the whole action table, each key in each pane that has it."""
    desk = FakeDesk(read_only=True)
    async with screen(desk, safety=Safety(lock_after_minutes=0)) as (app, _):
        for action in ACTIONS:
            if action.danger is Danger.VIEW or not action.keys:
                continue
            owners = [app.panes[action.context]] if action.context in app.panes else [None]
            if action.context == ROWS:
                owners = list(app.panes.values())
            for owner in owners:
                app.row.say("", "info")
                for key in action.keys:
                    app.board.dispatch.press(events.Key(key, key if len(key) == 1 else None), owner)
                assert not desk.sent, action.id
                assert app.row.reviews.waiting is None, action.id
                assert "read-only" in app.row.said, action.id


def test_hints_and_help_of_a_read_only_session_name_no_writing_action() -> None:
    pane = TradingApp(FakeDesk(read_only=True), Settings()).board.header
    situation = pane.situation()
    writing = [action for action in ACTIONS if action.danger is not Danger.VIEW]
    assert writing
    assert not [action for action in writing if exists(action, situation.session)]
    for context in (*PANE_CONTEXTS, ""):
        helped = "\n".join(plain(line) for line in help_lines(context, situation, ""))
        assert not [action.text for action in writing if f" {action.text}" in helped]
        assert not [usage for name, usage, _ in COMMANDS if name in WRITE_WORDS and f" {usage} " in helped]
        hinted = plain(hint_line(context, situation, 400)) + plain(line_hints(120, situation.session))
        assert not [a.id for a in writing if a.hint and f"{DEFAULT_KEYMAP.text(a.id)} {a.hint} " in hinted]
    assert "cancel this order" in "\n".join(
        plain(line) for line in help_lines("orders", replace(situation, session=FakeDesk().store.session), "")
    )


@pytest.mark.parametrize(
    "line", ["b 0.1 mkt", "s 0.1 @ bid", "x 1", "x all", "x buy", "close", "close 50% @ ask", "arm", "halt"]
)
def test_the_command_line_of_a_read_only_session_has_no_writing_word(line) -> None:
    desk = FakeDesk(read_only=True)
    app = TradingApp(desk, Settings())
    app.view.symbol = "BTCUSDT-PERP"
    with pytest.raises(GrammarError, match="read-only"):
        resolve(parse(line, desk.store.instruments.__contains__), desk.store, app.view)


def test_no_key_and_no_word_switches_the_environment() -> None:
    words = " ".join(f"{action.id} {action.text}" for action in ACTIONS) + " ".join(" ".join(row) for row in COMMANDS)
    assert not [word for word in ("environment", "env ", "testnet") if word in words]
