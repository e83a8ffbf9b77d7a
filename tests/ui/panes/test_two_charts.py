"""Charts that stay with a symbol, and a second chart: each with symbol, interval, zoom and studies of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from fake_desk import PERP, SPOT, FakeDesk
from textual.pilot import Pilot

from tui.config import Screen, Settings
from tui.engine.commands.orders import CancelEntries
from tui.engine.commands.views import FocusSymbol, FollowCandles, FollowSymbols, LoadEarlierCandles, ShowCandles
from tui.ui.app import TradingApp
from tui.ui.chart.look import FIRST_LOOKS, ChartLook, look_of
from tui.ui.lines import plain
from tui.ui.surroundings import Surroundings


@asynccontextmanager
async def two_charts(desk: FakeDesk, folder: Path | None = None) -> AsyncIterator[tuple[TradingApp, Pilot[int]]]:
    """The layout with two charts, the second one in use."""
    settings = Settings(screen=Screen(frames_per_second=1))
    app = TradingApp(desk, settings, desk.clock, surroundings=Surroundings(state_folder=folder))
    async with app.run_test(size=(200, 50)) as pilot:
        await pilot.pause()
        app.board.composer.lay_out("charts")
        app.board.navigation.go("chart2")
        await pilot.pause()
        app.paint()
        yield app, pilot


def followed(desk: FakeDesk) -> tuple[tuple[str, str], ...]:
    """What the newest command has the engine follow."""
    return next(each.wanted for each in reversed(desk.commands) if isinstance(each, FollowCandles))


def text_of(app: TradingApp, name: str) -> str:
    pane = app.panes[name]
    return "\n".join(plain(line) for line in pane.lines(*pane.content_size))


async def press(app: TradingApp, pilot: Pilot[int], *keys: str) -> None:
    await pilot.press(*keys)
    app.paint()


async def test_each_chart_has_an_interval_zoom_and_studies_of_its_own(desk: FakeDesk) -> None:
    async with two_charts(desk) as (app, pilot):
        assert followed(desk) == ((PERP, "1h"),)
        await press(app, pilot, "right_square_bracket", "plus", "n", "i", "b", "enter")
        assert app.view.look("chart2") == ChartLook("2h", 2, "evb", True)
        assert app.view.look("chart") == FIRST_LOOKS["chart"]
        assert followed(desk) == ((PERP, "2h"),)
        assert not [each for each in desk.commands if isinstance(each, FocusSymbol | ShowCandles)]
        series = desk.store.market(PERP).series
        assert "loading 2h candles" in text_of(app, "chart2")
        assert "loading" not in text_of(app, "chart")
        series["2h"] = series["5m"]
        desk.clock.advance(1)
        assert "loading" not in text_of(app, "chart2")


async def test_a_pinned_chart_stays_with_its_symbol_and_the_other_follows(desk: FakeDesk) -> None:
    async with two_charts(desk) as (app, pilot):
        await press(app, pilot, "p")
        assert FollowSymbols((PERP,)) in desk.commands, "its prints and its book are needed too"
        app.view.intents.focus_symbol(SPOT)
        app.paint()
        assert app.panes["chart2"].acting_symbol() == PERP
        assert app.panes["chart"].acting_symbol() == SPOT
        assert f"{PERP} pinned" in str(app.panes["chart2"].border_title)
        assert followed(desk) == ((PERP, "1h"),)
        await press(app, pilot, "p")
        assert app.panes["chart2"].acting_symbol() == SPOT
        assert followed(desk) == ((SPOT, "1h"),)


async def test_the_main_chart_pinned_keeps_its_series_when_the_focus_moves(desk: FakeDesk) -> None:
    async with two_charts(desk) as (app, pilot):
        app.board.navigation.go("chart")
        await press(app, pilot, "p")
        assert followed(desk) == ((PERP, "1h"), (PERP, "5m"))
        before = text_of(app, "chart")
        app.view.intents.focus_symbol(SPOT)
        app.paint()
        assert text_of(app, "chart") == before
        assert followed(desk) == ((SPOT, "1h"), (PERP, "5m"))
        for _ in range(25):
            app.panes["chart"].action_act("chart.older")
        assert [each for each in desk.commands if isinstance(each, LoadEarlierCandles)] == [
            LoadEarlierCandles(PERP, "5m")
        ]


async def test_keys_pressed_in_a_pinned_chart_are_about_its_symbol(desk: FakeDesk) -> None:
    """The ticket and F8 must not be about a symbol that the trader is not looking at."""
    async with two_charts(desk) as (app, pilot):
        await press(app, pilot, "p")
        app.view.intents.focus_symbol(SPOT)
        await press(app, pilot, "f8")
        assert CancelEntries(PERP) in desk.commands
        assert CancelEntries(SPOT) not in desk.commands
        await press(app, pilot, "f2")
        assert app.focused is app.panes["ticket"]
        assert app.view.symbol == PERP


async def test_a_second_chart_that_nothing_shows_costs_no_stream(desk: FakeDesk) -> None:
    async with two_charts(desk) as (app, pilot):
        await press(app, pilot, "z")
        app.board.navigation.go("ladder")
        app.board.area.zoom("ladder")
        await pilot.pause()
        app.paint()
        assert followed(desk) == ((PERP, "1h"),), "it has a place, and shows again at once"
        app.board.area.zoom("")
        app.board.composer.lay_out("standard")
        app.board.navigation.go("chart")
        await pilot.pause()
        app.paint()
        assert followed(desk) == ()


async def test_bars_of_seconds_need_no_series(desk: FakeDesk) -> None:
    async with two_charts(desk) as (app, _):
        app.view.intents.show_interval("5s", "chart2")
        app.paint()
        assert followed(desk) == ()
        assert "14:03:20 O" in text_of(app, "chart2")
        assert app.view.interval == "5m"


async def test_tf_is_about_the_chart_in_use(desk: FakeDesk) -> None:
    async with two_charts(desk) as (app, pilot):
        await press(app, pilot, "colon", *"tf 4h", "enter")
        assert (app.view.look("chart2").interval, app.view.interval) == ("4h", "5m")
        app.board.navigation.go("ladder")
        await press(app, pilot, "colon", *"tf 1d", "enter")
        assert (app.view.look("chart2").interval, app.view.interval) == ("4h", "1d")


async def test_two_charts_come_back_as_they_were_left(tmp_path: Path) -> None:
    async with two_charts(FakeDesk(), tmp_path) as (app, pilot):
        await press(app, pilot, "p", "minus", "n", "right_square_bracket")
        app.view.intents.focus_symbol(SPOT)
        app.board.navigation.go("chart")
        await press(app, pilot, "plus", "i", "e", "v", "enter")
    desk = FakeDesk()
    again = TradingApp(desk, Settings(), desk.clock, surroundings=Surroundings(state_folder=tmp_path))
    async with again.run_test(size=(200, 50)) as pilot:
        await pilot.pause()
        again.paint()
        assert again.view.look("chart2") == ChartLook("2h", 0, "ev", True)
        assert again.view.look("chart") == ChartLook("5m", 2, "")
        assert {"chart", "chart2"} <= set(again.board.area.visible_panes())
        assert again.panes["chart2"].acting_symbol() == PERP
        assert followed(desk) == ((PERP, "2h"),)


@pytest.mark.parametrize(
    "written",
    [None, [], {"interval": "7m", "zoom": 99, "studies": 4, "line": "yes"}, {"zoom": True}, {"zoom": -1}],
)
def test_a_look_that_means_nothing_is_the_first_one(written) -> None:
    assert look_of(written, FIRST_LOOKS["chart2"]) == FIRST_LOOKS["chart2"]
