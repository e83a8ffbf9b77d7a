"""Every action of the table, pressed as a key on the running screen: nothing is without effect, nothing sends unasked.

An action that is new in the table fails here until it has a visible effect; one that may move money, until it stands in
`COMES_OF` with the command it leads to.
"""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal as D

import pytest
from fake_desk import NOW_MS, PERP, FakeDesk
from textual import events

from tui.config import Screen, Settings
from tui.domain.order import Side
from tui.engine.alerts.alert import Alert, AlertKind, AlertRequest
from tui.engine.algos.plan import Algo, AlgoState, TwapPlan
from tui.engine.commands import (
    WRITES,
    Arm,
    CancelEntries,
    CancelOrder,
    ChangeOrder,
    ClosePosition,
    Halt,
    Protect,
    ReversePosition,
    StopAlgo,
    SubmitOrder,
)
from tui.engine.store import Message, Severity, TradingState, Work
from tui.ui.actions import ACTIONS, BY_ID, GLOBAL, PANE_CONTEXTS, ROWS, Action, Danger, in_context
from tui.ui.app import TradingApp
from tui.ui.keymap import build_keymap
from tui.ui.keys.key_desk import KeyDesk, KeyRow, Told

#: What a key that may move money leads to after every Enter it asks for: a command, or what opens instead.
COMES_OF: dict[str, type | str] = {
    "trade.arm": Arm,
    "trade.buy": "ticket",
    "trade.sell": "ticket",
    "cancel.symbol": CancelEntries,
    "cancel.account": CancelEntries,
    "trade.halt": Halt,
    "trade.halt_chord": Halt,
    "ladder.buy": SubmitOrder,
    "ladder.sell": SubmitOrder,
    "ladder.join_bid": SubmitOrder,
    "ladder.join_ask": SubmitOrder,
    "ladder.ticket": "ticket",
    "ladder.cancel": CancelOrder,
    "ladder.close": ClosePosition,
    "ladder.reverse": ReversePosition,
    "ladder.nudge_down": ChangeOrder,
    "ladder.nudge_up": ChangeOrder,
    "ladder.nudge_down_ten": ChangeOrder,
    "ladder.nudge_up_ten": ChangeOrder,
    "ladder.buy_market": SubmitOrder,
    "ladder.sell_market": SubmitOrder,
    "orders.cancel": CancelOrder,
    "orders.edit": "orders",
    "orders.nudge_down": ChangeOrder,
    "orders.nudge_up": ChangeOrder,
    "orders.nudge_down_ten": ChangeOrder,
    "orders.nudge_up_ten": ChangeOrder,
    "orders.at_best": ChangeOrder,
    "positions.close": "command",
    "positions.reverse": ReversePosition,
    "positions.break_even": Protect,
    "positions.protect": "positions",
    "positions.leverage": "command",
    "positions.margin": "positions",
    "algos.stop": StopAlgo,
    "ticket.review": SubmitOrder,
}

#: Those that act at once even while LOCKED: they only take entries back.
AT_ONCE = {"cancel.symbol", "cancel.account", "trade.halt", "trade.halt_chord", "algos.stop"}

TWICE = {"cancel.account", "trade.halt_chord"}

#: Keys pressed before, so that there is something to go back from.
BEFORE = {
    "rows.up": ["down"],
    "rows.page_up": ["end"],
    "rows.first": ["end"],
    "chart.newer": ["h", "h", "h"],
    "chart.live": ["h", "h", "h"],
    "trade.disarm": ["z"],
    "watchlist.higher": ["down"],
    "tape.less": ["plus"],
    "ladder.finer": ["plus"],
    "ladder.size_1": ["2"],
    "ladder.centre": ["down"],
    "book.finer": ["plus", "plus", "plus"],
    "ticket.change": ["shift+tab", "shift+tab"],
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


def seen(app: TradingApp) -> list[object]:
    """Everything that a press can change."""
    board = app.board
    panes = [pane for pane in (*app.panes.values(), *board.rows) if pane.content_size.height and pane.is_on_screen]
    shown = [(pane.id, pane.lines(*pane.content_size), str(pane.border_title)) for pane in panes]
    return [shown, app.focused, app.clipboard, list(app.desk.commands), app._exit]


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
async def test_every_key_has_an_effect_and_none_sends_unasked(context: str) -> None:
    async with screen() as (app, pilot):
        for action in in_context(context):
            await begin(app, action)
            for key in BEFORE.get(action.id, []):
                await press(app, key)
            app.paint()
            before = seen(app)
            await press(app, *[key_of(action)] * (2 if action.id in TWICE else 1))
            app.paint()
            assert seen(app) != before, f"{action.id} has no visible effect"
            writing = [command for command in app.desk.commands if isinstance(command, WRITES)]
            assert not writing or action.id in AT_ONCE, f"{action.id} sends without review"
            if action.danger is not Danger.VIEW:
                await comes_of(app, pilot, action)
            await press(app, *AFTER.get(action.id, []), "escape", "escape")


async def comes_of(app: TradingApp, pilot, action: Action) -> None:
    wanted = COMES_OF[action.id]
    if isinstance(wanted, str):
        assert app.focused is not None
        assert app.focused.id == wanted, action.id
        return
    if app.row.reviews.waiting is not None:
        app.paint()
        await pilot.pause()
        await press(app, "enter")
    assert isinstance(app.desk.commands[-1], wanted), (action.id, app.desk.commands, app.row.said)


def test_whatever_may_move_money_is_in_the_table_of_what_comes_of_it() -> None:
    assert set(COMES_OF) == {action.id for action in ACTIONS if action.danger is not Danger.VIEW}
    assert set(BY_ID) >= BEFORE.keys() | AT_ONCE | TWICE
