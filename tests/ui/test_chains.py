"""A line of several steps: each goes out when the one before it was accepted, the rest is dropped when one was not."""

import pytest
from fake_desk import PERP, FakeDesk

from tui.engine.commands import Origin
from tui.engine.commands.answers import Result
from tui.engine.commands.orders import CancelEntries
from tui.engine.commands.safety import Arm, Lock
from tui.engine.store import Severity
from tui.ui.trading import Trading
from tui.ui.view_state import ViewState

STEPS = (CancelEntries(None), CancelEntries(PERP), Lock("done"))


class SilentFrame:
    """What trading asks of the screen, kept."""

    def __init__(self) -> None:
        self.said: list[tuple[str, Severity]] = []

    def show_said(self, text, severity) -> None:
        self.said.append((text, severity))

    def offer_flatten(self) -> None: ...


@pytest.fixture
def trading(desk: FakeDesk):
    frame = SilentFrame()
    trading = Trading(desk, ViewState(symbol=PERP, clock=desk.clock), frame)
    trading.frame = frame
    return trading


def test_each_step_waits_for_the_one_before_it(desk, trading):
    trading.send(STEPS, Origin.COMMAND_LINE, "three steps")
    assert desk.commands == [STEPS[0]]
    trading.take_replies()
    assert desk.commands == [STEPS[0]]
    desk.reply(Result.DONE, "2 of 2 orders canceled")
    trading.take_replies()
    assert desk.commands == list(STEPS[:2])
    desk.reply(Result.DONE, "No orders to cancel")
    trading.take_replies()
    assert desk.commands == list(STEPS)
    desk.reply(Result.DONE, "Locked")
    trading.take_replies()
    assert desk.commands == list(STEPS)


@pytest.mark.parametrize("result", [Result.REFUSED, Result.UNKNOWN])
def test_the_rest_is_dropped_when_a_step_was_not_accepted(desk, trading, result):
    trading.send(STEPS, Origin.COMMAND_LINE, "three steps")
    desk.reply(result, "no such order")
    trading.take_replies()
    desk.reply(Result.DONE, "late", command_id=1)
    trading.take_replies()
    assert desk.commands == [STEPS[0]]
    text, severity = trading.frame.said[-2]
    assert "step 1 of 3" in text
    assert "no such order" in text
    assert severity is Severity.ERROR


def test_halt_drops_what_waits(desk, trading):
    trading.send((Arm(), *STEPS), Origin.COMMAND_LINE, "four steps")
    trading.halt()
    desk.reply(Result.DONE, "Armed", command_id=1)
    trading.take_replies()
    assert len(desk.commands) == 2
