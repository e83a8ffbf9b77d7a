"""Pictures of the whole screen at its three sizes and in its states, over a market that stands still."""

from collections.abc import Callable

import pytest
from fake_desk import PERP, FakeDesk
from textual.pilot import Pilot

from tui.config import Screen, Settings
from tui.engine.store import TradingState
from tui.ui.app import TradingApp

SIZES = [(200, 50), (120, 36), (80, 24)]


def app_over(desk: FakeDesk) -> TradingApp:
    """The app with frames so slow that only the test paints."""
    return TradingApp(desk, Settings(screen=Screen(frames_per_second=1)), desk.clock)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))
def test_locked(snap_compare: Callable[..., bool], size: tuple[int, int]) -> None:
    assert snap_compare(app_over(FakeDesk()), terminal_size=size)


def test_armed_with_a_review(snap_compare: Callable[..., bool]) -> None:
    desk = FakeDesk(trading=TradingState.ARMED)

    async def before(pilot: Pilot[int]) -> None:
        await pilot.press("f2", "enter")

    assert snap_compare(app_over(desk), terminal_size=(120, 36), run_before=before)


def test_a_book_that_is_not_believed(snap_compare: Callable[..., bool]) -> None:
    desk = FakeDesk()

    async def before(pilot: Pilot[int]) -> None:
        desk.store.market(PERP).book.blank()
        desk.clock.advance(12)
        app = pilot.app
        assert isinstance(app, TradingApp)
        app.paint()
        await pilot.pause()

    assert snap_compare(app_over(desk), terminal_size=(80, 24), run_before=before)
