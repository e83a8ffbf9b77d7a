"""More ladders, books and charts on a workspace: added and closed by line, key and palette, and kept."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from fake_desk import PERP, SPOT, FakeDesk
from textual.content import Content
from textual.pilot import Pilot

from tui.config import Screen, Settings
from tui.engine.commands.orders import CancelEntries
from tui.engine.commands.views import FollowCandles, FollowSymbols
from tui.ui.app import TradingApp
from tui.ui.command.grammar import GrammarError, parse
from tui.ui.command.screen_words import PaneLine
from tui.ui.line_pane import LinePane
from tui.ui.surroundings import Surroundings


@asynccontextmanager
async def screen(
    desk: FakeDesk, size: tuple[int, int] = (200, 50), folder: Path | None = None
) -> AsyncIterator[tuple[TradingApp, Pilot[int]]]:
    settings = Settings(screen=Screen(frames_per_second=1))
    app = TradingApp(desk, settings, desk.clock, surroundings=Surroundings(state_folder=folder))
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        app.paint()
        yield app, pilot


async def typed(app: TradingApp, pilot: Pilot[int], line: str) -> None:
    """A line of the command line, entered; in time after the Enter before, so that it is none held down."""
    app.desk.clock.advance(1)
    app.board.show_line(line)
    async with asyncio.timeout(30):
        while app.row._drawn_preview.text != line:
            app.paint()
            await pilot.pause(0.01)
    await pilot.press("enter")
    await pilot.pause()
    app.paint()


async def press(app: TradingApp, pilot: Pilot[int], *keys: str) -> None:
    await pilot.press(*keys)
    await pilot.pause()
    app.paint()


def drawn_title(pane: LinePane) -> str:
    """The text in a pane's border."""
    return Content.from_markup(str(pane.border_title)).plain


def visible(app: TradingApp) -> set[str]:
    return set(app.board.area.visible_panes())


def followed(desk: FakeDesk) -> tuple[str, ...]:
    return next(each.symbols for each in reversed(desk.commands) if isinstance(each, FollowSymbols))


async def test_two_ladders_a_book_and_two_charts_stand_together(desk: FakeDesk) -> None:
    async with screen(desk) as (app, pilot):
        await typed(app, pilot, f"ladder {SPOT}")
        assert app.focused is app.panes["ladder2"]
        await typed(app, pilot, f"book {PERP.lower()}")
        assert app.focused is app.panes["book3"]
        await typed(app, pilot, f"chart {SPOT} 4h")
        assert app.focused is app.panes["chart2"]
        assert {"chart", "chart2", "ladder", "ladder2", "book3"} <= visible(app)
        assert "tape" not in visible(app)
        assert set(followed(desk)) == {SPOT, PERP}
        assert FollowCandles(((SPOT, "4h"),)) in desk.commands
        assert {
            each: app.panes[each].acting_symbol() for each in ("ladder", "ladder2", "book3", "chart", "chart2")
        } == {
            "ladder": PERP,
            "ladder2": SPOT,
            "book3": PERP,
            "chart": PERP,
            "chart2": SPOT,
        }


async def test_a_pane_that_is_there_is_gone_to_and_a_fourth_is_refused(desk: FakeDesk) -> None:
    async with screen(desk) as (app, pilot):
        await typed(app, pilot, f"ladder {SPOT}")
        app.board.navigation.go("tape")
        await typed(app, pilot, f"ladder {SPOT}")
        assert app.focused is app.panes["ladder2"]
        assert app.board.area.composition.ladders == ("ladder", "ladder2")
        await typed(app, pilot, f"book {SPOT}")
        assert app.board.area.composition.ladders == ("ladder", "ladder2", "ladder3"), "a book beside the ladder of it"
        await typed(app, pilot, "ladder")
        assert "three ladders and books stand already" in app.row.said


async def test_where_all_stand_one_that_follows_the_focus_takes_the_symbol(desk: FakeDesk) -> None:
    async with screen(desk) as (app, pilot):
        app.board.composer.lay_out("wall")
        await typed(app, pilot, f"book {SPOT}")
        assert app.focused is app.panes["book2"]
        await typed(app, pilot, f"ladder {SPOT}")
        assert app.focused is app.panes["ladder3"]
        assert app.panes["ladder3"].acting_symbol() == SPOT
        await typed(app, pilot, f"ladder {PERP}")
        assert "three ladders and books stand already" in app.row.said


async def test_closing_gives_the_room_and_the_streams_back(desk: FakeDesk) -> None:
    async with screen(desk) as (app, pilot):
        await typed(app, pilot, f"book {SPOT}")
        await press(app, pilot, "underscore")
        assert followed(desk) == ()
        assert "ladder2" not in app.board.area.composition
        assert "book2" not in visible(app)
        assert app.focused is app.panes["ladder"]
        await press(app, pilot, "underscore")
        assert "the first ladder stays" in app.row.said
        await typed(app, pilot, "chart off")
        assert "the chart stays" in app.row.said
        await typed(app, pilot, "ladder")
        await typed(app, pilot, "chart off")
        assert "chart" not in visible(app)
        assert {"ladder", "ladder2"} <= visible(app)
        await typed(app, pilot, "chart off")
        assert "no chart is shown" in app.row.said


async def test_a_line_closes_the_pane_in_use_or_that_of_a_symbol(desk: FakeDesk) -> None:
    async with screen(desk) as (app, pilot):
        await typed(app, pilot, f"ladder {SPOT}")
        await typed(app, pilot, "ladder")
        app.board.navigation.go("tape")
        await typed(app, pilot, f"ladder {SPOT} off")
        assert app.board.area.composition.ladders == ("ladder", "ladder3")
        await typed(app, pilot, f"ladder {SPOT} off")
        assert "no ladder stays with" in app.row.said
        await typed(app, pilot, "book off")
        assert "no order book is shown" in app.row.said
        app.board.navigation.go("book3")
        await typed(app, pilot, "book off")
        assert app.board.area.composition.ladders == ("ladder",)


async def test_a_pane_called_over_others_is_closed_too(desk: FakeDesk) -> None:
    async with screen(desk) as (app, pilot):
        await press(app, pilot, "g", "L")
        assert app.focused is app.panes["ladder2"]
        await press(app, pilot, "underscore")
        assert "ladder2" not in visible(app)
        assert "chart" in visible(app)


async def test_the_key_offers_what_may_be_added_and_closed(desk: FakeDesk) -> None:
    async with screen(desk) as (app, pilot):
        await press(app, pilot, "vertical_line")
        assert app.focused is app.panes["palette"]
        await press(app, pilot, *"ook of", "enter")
        assert app.focused is app.panes["search"]
        await press(app, pilot, *"BTCUSDT", "enter")
        assert app.focused is app.panes["book2"]
        assert app.panes["book2"].acting_symbol() == SPOT
        await press(app, pilot, "vertical_line", *"clo bo", "enter")
        assert "book2" not in visible(app)


async def test_keys_in_a_pinned_book_are_about_its_symbol(desk: FakeDesk) -> None:
    async with screen(desk) as (app, pilot):
        await typed(app, pilot, f"book {SPOT}")
        await press(app, pilot, "f8")
        assert CancelEntries(SPOT) in desk.commands
        await press(app, pilot, "n")
        assert app.focused is app.panes["ladder2"]
        assert app.panes["ladder2"].acting_symbol() == SPOT


@pytest.mark.parametrize("size", [(200, 50), (120, 36), (80, 24)], ids=lambda size: "x".join(map(str, size)))
async def test_what_has_no_room_is_one_key_away(desk: FakeDesk, size: tuple[int, int]) -> None:
    async with screen(desk, size) as (app, pilot):
        app.board.composer.lay_out("wall")
        await pilot.pause()
        for letter, pane in (("L", "ladder2"), ("D", "ladder3"), ("K", "book3"), ("C", "chart2"), ("c", "chart")):
            await press(app, pilot, "g", letter)
            assert app.focused is app.panes[pane]
            assert app.panes[pane].is_on_screen
            assert {"ladder", "book"} & visible(app)


async def test_a_layout_shows_what_it_is_for_whatever_stood_over_it(desk: FakeDesk) -> None:
    async with screen(desk, (120, 36)) as (app, pilot):
        await press(app, pilot, "g", "w")
        app.board.navigation.go("ladder")
        app.board.composer.lay_out("ladders")
        assert {"chart", "ladder2", "ladder"} <= visible(app)
        assert "Ladder II" in app.row.said
        assert app.focused is app.panes["ladder"]


async def test_a_tab_is_gone_to_by_a_click_and_keeps_its_key_where_there_is_no_room(desk: FakeDesk) -> None:
    async with screen(desk, (120, 36)) as (app, pilot):
        app.board.composer.lay_out("wall")
        await press(app, pilot, "g", "C")
        chart = app.panes["chart2"]
        title = drawn_title(chart)
        assert title.startswith("gc ▸Chart II gD gt · [1h] BTCUSDT-PERP")
        await pilot.click(chart, offset=(3 + title.index("gD"), 0))
        await pilot.pause()
        assert app.focused is app.panes["ladder3"]
        title = drawn_title(app.panes["ladder3"])
        await pilot.click(app.panes["ladder3"], offset=(4 + title.index("gt"), 0))
        await pilot.pause()
        assert app.focused is app.panes["tape"]
        lists = app.panes["orders"]
        await pilot.click(lists, offset=(4 + drawn_title(lists).index("Fills"), 0))
        await pilot.pause()
        assert app.focused is app.panes["fills"]


async def test_a_composition_comes_back(tmp_path: Path) -> None:
    async with screen(FakeDesk(), folder=tmp_path) as (app, pilot):
        await typed(app, pilot, f"ladder {SPOT}")
        await typed(app, pilot, f"book {PERP}")
        await typed(app, pilot, f"chart {SPOT} 1d")
        before = (visible(app), dict(app.view.pins), app.board.area.composition)
    desk = FakeDesk()
    async with screen(desk, folder=tmp_path) as (app, _):
        pins = {pane: symbols for pane, symbols in app.view.pins.items() if symbols}
        assert (visible(app), pins, app.board.area.composition) == before
        assert app.view.look("chart2").interval == "1d"
        assert set(followed(desk)) == {SPOT, PERP}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("ladder", PaneLine("ladder")),
        ("LADDER btcusdt", PaneLine("ladder", SPOT)),
        ("book BTCUSDT off", PaneLine("book", SPOT, is_off=True)),
        ("book off", PaneLine("book", is_off=True)),
        ("chart 4H", PaneLine("chart", "", "4h")),
        ("chart BTCUSDT 1M", PaneLine("chart", SPOT, "1M")),
    ],
)
def test_how_panes_are_written(text: str, wanted: PaneLine) -> None:
    assert parse(text, {SPOT, PERP}.__contains__) == wanted
    assert wanted.words


@pytest.mark.parametrize(
    "text", ["ladder NOPE", "ladder BTCUSDT 5m", "book BTCUSDT BTCUSDT", "chart 5m off", "chart 5m 1h"]
)
def test_panes_that_are_written_wrong(text: str) -> None:
    with pytest.raises(GrammarError):
        parse(text, {SPOT, PERP}.__contains__)
