"""Pictures of the whole screen at its three sizes and in its states, over a market that stands still."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from fake_desk import PERP, SPOT, FakeDesk
from textual.pilot import Pilot

from tui.config import Screen, Settings
from tui.engine.store import TradingState
from tui.ui.app import TradingApp
from tui.ui.start.app import StartApp
from tui.ui.start.choices import StoredAccount

SIZES = [(200, 50), (120, 36), (80, 24)]


def app_over(desk: FakeDesk, **looks: Any) -> TradingApp:
    """The app with frames so slow that only the test paints."""
    return TradingApp(desk, Settings(screen=Screen(frames_per_second=1, **looks)), desk.clock)


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


def after(*keys: str) -> Callable[[Pilot[int]], Awaitable[None]]:
    """What is done before the picture is taken."""

    async def before(pilot: Pilot[int]) -> None:
        await pilot.press(*keys)

    return before


@pytest.mark.parametrize(
    ("keys", "size", "looks"),
    [
        (("ctrl+p", "h", "a", "l", "t"), (200, 50), {}),
        (("f4",), (120, 36), {"theme": "light"}),
        (("question_mark",), (120, 36), {"keymap": "scalper"}),
        (("g",), (80, 24), {"theme": "tritan"}),
        (("f12", "f12"), (120, 36), {"theme": "high-contrast"}),
        ((), (80, 24), {"ascii": True, "theme": "red-up"}),
        (("f5",), (200, 50), {"theme": "deutan"}),
    ],
    ids=["palette", "settings", "help", "jump", "flatten", "ascii", "two-ladders"],
)
def test_what_opens(
    snap_compare: Callable[..., bool], keys: tuple[str, ...], size: tuple[int, int], looks: dict[str, Any]
) -> None:
    assert snap_compare(app_over(FakeDesk(), **looks), terminal_size=size, run_before=after(*keys))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))
def test_three_ladders_and_books_beside_two_charts(snap_compare: Callable[..., bool], size: tuple[int, int]) -> None:
    async def before(pilot: Pilot[int]) -> None:
        app = pilot.app
        assert isinstance(app, TradingApp)
        app.view.group_as({SPOT: 10})
        app.board.composer.add("chart", PERP, "15m")
        app.board.composer.add("ladder", SPOT)
        app.board.composer.add("book", PERP)
        await pilot.pause()
        app.paint()

    assert snap_compare(app_over(FakeDesk()), terminal_size=size, run_before=before)


def test_the_start_screen(snap_compare: Callable[..., bool]) -> None:
    accounts = [StoredAccount("testnet", "main", False), StoredAccount("live", "hedge", True)]
    assert snap_compare(StartApp(Settings(), accounts), terminal_size=(80, 24))
