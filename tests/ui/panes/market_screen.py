"""One pane of the running screen under keys and clicks; frames are painted by the tests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fake_desk import FakeDesk
from textual.pilot import Pilot

from tui.config import Screen, Settings
from tui.ui.app import TradingApp
from tui.ui.lines import plain
from tui.ui.surroundings import Surroundings


@asynccontextmanager
async def market_pane(
    desk: FakeDesk,
    name: str,
    size: tuple[int, int] = (200, 50),
    screen: Screen | None = None,
    folder: Path | None = None,
) -> AsyncIterator[tuple[Any, Pilot[int]]]:
    """A pane with the focus on it, a tick to a row; `folder` keeps what the screen remembers."""
    settings = Settings(screen=screen or Screen(frames_per_second=1))
    app = TradingApp(desk, settings, desk.clock, surroundings=Surroundings(state_folder=folder))
    app.view.ticks_per_group = 1
    async with app.run_test(size=size, notifications=True) as pilot:
        app.board.navigation.go(name)
        await pilot.pause()
        yield app.panes[name], pilot


async def press(pilot: Pilot[int], *keys: str) -> None:
    """Keys one by one; while armed each waits until it is known not to be part of a burst."""
    assert isinstance(pilot.app, TradingApp)
    for key in keys:
        await pilot.press(key)
        while pilot.app.board.keyboard._gate:
            await pilot.pause(0.01)
    await pilot.pause()


def text_of(shown: Any) -> list[str]:
    """What a pane shows, without colours."""
    return [plain(line) for line in shown.lines(*shown.content_size)]


def said(pilot: Pilot[int]) -> str:
    """What the command row says or asks."""
    assert isinstance(pilot.app, TradingApp)
    return plain(pilot.app.row.lines(200, 1)[0])


async def click(pilot: Pilot[int], pane: Any, x: int, y: int, times: int = 1) -> None:
    """Click a cell of a pane's content."""
    await pilot.click(pane, offset=(x + pane.gutter.left, y + pane.gutter.top), times=times)
    await pilot.pause()


def row_of(pane: Any, text: str) -> int:
    """The first row of a pane that holds a text."""
    return next(y for y, line in enumerate(text_of(pane)) if text in line)
