"""Every action of the table, pressed as a key on the running screen: each does what it is for, none sends unasked.

An action that is new in the table fails here until `action_effects.EFFECTS` says what comes of it.
"""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal as D

import pytest
from action_effects import EFFECTS, NEARBY, SETUP
from fake_desk import NOW_MS, PERP, FakeDesk
from textual import events

from tui.config import Screen, Settings
from tui.domain.order_terms import Side
from tui.engine.alerts.alert import Alert, AlertKind, AlertRequest
from tui.engine.algos.plan import Algo, AlgoState, TwapPlan
from tui.engine.commands import WRITES
from tui.engine.store import Message, Severity, TradingState, Work
from tui.ui.actions import ACTIONS, BY_ID, GLOBAL, PANE_CONTEXTS, ROWS, Action, Danger, in_context
from tui.ui.app import TradingApp
from tui.ui.chart.look import FIRST_LOOKS
from tui.ui.keymap import build_keymap
from tui.ui.keys.key_desk import KeyDesk, KeyRow, Told
from tui.ui.rows_pane import RowsPane

#: Those that act at once even while LOCKED: they only take entries back.
AT_ONCE = {"cancel.symbol", "cancel.account", "trade.halt", "trade.halt_chord", "algos.stop"}

TWICE = {"cancel.account", "trade.halt_chord"}

#: Those that open a form or a line in which the order is still to be filled in.
FORMS = {
    "trade.buy",
    "trade.sell",
    "trade.restore",
    "ladder.ticket",
    "orders.edit",
    "positions.close",
    "positions.protect",
    "positions.leverage",
    "positions.margin",
}

#: Keys pressed afterwards, because what was switched would hide what the next actions do.
AFTER = {"chart.depth": ["f7"], "tape.merge": ["f7"], "tape.more": ["minus"]}


class OneKey(KeyDesk):
    """A desk of keys that has one and tells nothing more."""

    def rows(self) -> list[KeyRow]:
        return [KeyRow("testnet", "main", "ED25519", "abcd…wxyz", "all", "file", public_key="PEM")]

    def environments(self) -> tuple[str, ...]:
        return ("testnet",)

    def refusal(self, wanted) -> str:
        return ""

    def set_default(self, row) -> None:
        """Take it."""

    def check(self, row, passphrase) -> list[Told]:
        return [Told("accepted")]

    def forget(self) -> None:
        """Nothing is open."""


def full_desk(trading: TradingState = TradingState.LOCKED) -> FakeDesk:
    """The frozen desk with an algo, an alert and long work as well."""
    desk = FakeDesk(trading=trading)
    plan = TwapPlan(PERP, Side.BUY, D("0.5"), 600, 10)
    desk.store.algos = {"twap-1": Algo("twap-1", plan, AlgoState.RUNNING, NOW_MS - 60_000)}
    desk.store.alerts = {1: Alert(1, AlertRequest(AlertKind.PRICE_ABOVE, PERP, D(65_000)), NOW_MS - 60_000)}
    desk.store.messages.appendleft(Message(99, NOW_MS, Severity.ERROR, "a long story " * 30))
    desk.store.work = {1: Work(1, "candles", 3, 10)}
    return desk


@asynccontextmanager
async def screen():
    """The app over a full desk; frames are painted by the tests."""
    desk = full_desk()
    app = TradingApp(desk, Settings(screen=Screen(frames_per_second=1)), desk.clock, key_desk=OneKey())
    async with app.run_test(size=(200, 50)) as pilot:
        await pilot.pause()
        yield app, pilot


async def begin(app: TradingApp, action: Action) -> None:
    """As after a start, with the action on F7, its pane in focus and the cursor on an order of its own."""
    fresh, navigation = full_desk(), app.board.navigation
    for name in ("session", "orders", "positions", "algos", "alerts", "work"):
        setattr(app.desk.store, name, getattr(fresh.store, name))
    app.desk.sent.clear()
    app.desk.clock.advance(5)
    app.row.dismiss()
    app.row.edit.text = ""
    app.board.area.zoom("")
    app.view.pins.clear()
    app.view.symbol, app.view.reduce_only, app.view.post_only = PERP, False, True
    app.view.charts.update(FIRST_LOOKS)
    app.panes["chart"].action_live()
    for pane in app.panes.values():
        if isinstance(pane, RowsPane):
            pane.cursor.release()
    app.view.keymap, _ = build_keymap("default", {action.id: "f7"})
    app.view.disarmed, app.view.ticks_per_group, app.view.preset = False, 1, 0
    context = {GLOBAL: "ladder", ROWS: "orders"}.get(action.context, action.context)
    navigation.openers.get(context, lambda: navigation.go(context))()
    app.view.cursor_price = D("64210.5")
    if action.id == "row.copy":
        navigation.go("orders")
    if action.id == "pane.number_3":
        navigation.go("chart")
    if action.context == "ticket":
        app.board.trading.open_ticket(Side.BUY, D("64000"), D("0.1"))
    app.board.trading.say("")
    laid_out = asyncio.Event()
    app.screen.call_after_refresh(laid_out.set)
    await laid_out.wait()
    for product, health in app.desk.store.links.items():
        app.desk.store.links[product] = replace(
            health, market_heard_ns=app.desk.clock.monotonic_ns(), user_heard_ns=app.desk.clock.monotonic_ns()
        )
    app.paint()


async def press(app: TradingApp, *keys: str) -> None:
    """Keys as the terminal hands them in, each dealt with whole."""
    for key in keys:
        app.post_message(events.Key(key, key if len(key) == 1 else None))
    done = asyncio.Event()
    app.call_later(done.set)
    await done.wait()


def key_of(action: Action) -> str:
    return "escape" if action.id == "trade.disarm" else "f7"


@pytest.mark.parametrize("context", [GLOBAL, *PANE_CONTEXTS])
async def test_every_key_does_what_it_is_there_for_and_none_sends_unasked(context: str) -> None:
    async with screen() as (app, pilot):
        for action in in_context(context):
            effect = EFFECTS[action.id]
            await begin(app, action)
            SETUP.get(action.id, lambda app: None)(app)
            await press(app, *NEARBY.get(action.id, []))
            app.paint()
            before = effect.see(app)
            await press(app, *[key_of(action)] * (2 if action.id in TWICE else 1))
            app.paint()
            writing = [command for command in app.desk.commands if isinstance(command, WRITES)]
            assert bool(writing) is (action.id in AT_ONCE), f"{action.id}: {writing}"
            if action.danger is not Danger.VIEW and app.row.reviews.waiting is not None:
                await pilot.pause()
                await press(app, "enter")
            after = effect.see(app)
            assert effect.came(before, after), f"{action.id}: {before!r} became {after!r}; said {app.row.said!r}"
            await press(app, *AFTER.get(action.id, []), "escape", "escape")


def test_every_action_of_the_table_says_what_comes_of_it() -> None:
    assert set(EFFECTS) == set(BY_ID)
    assert set(BY_ID) >= NEARBY.keys() | SETUP.keys() | AFTER.keys() | AT_ONCE | TWICE


def test_whatever_may_move_money_ends_in_a_command_of_its_own_or_a_form() -> None:
    """What a dangerous key does is never judged by words alone."""
    for action in ACTIONS:
        if action.danger is not Danger.VIEW and action.id not in FORMS:
            assert isinstance(EFFECTS[action.id].then, tuple), action.id
            assert all(isinstance(command, WRITES) for command in EFFECTS[action.id].then), action.id


def test_an_action_without_its_effect_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    fresh = Action("ladder.fresh", ("f7",), "something new")
    monkeypatch.setitem(BY_ID, fresh.id, fresh)
    with pytest.raises(AssertionError):
        test_every_action_of_the_table_says_what_comes_of_it()


@pytest.mark.parametrize(("done", "instead"), [("chart.left", "chart.right"), ("ladder.buy", "ladder.sell")])
async def test_an_action_that_does_what_another_is_for_is_found_out(done: str, instead: str) -> None:
    async with screen() as (app, pilot):
        await begin(app, BY_ID[instead])
        await press(app, *NEARBY.get(done, []))
        app.paint()
        before = EFFECTS[done].see(app)
        await press(app, "f7")
        app.paint()
        if app.row.reviews.waiting is not None:
            await pilot.pause()
            await press(app, "enter")
        assert not EFFECTS[done].came(before, EFFECTS[done].see(app))
