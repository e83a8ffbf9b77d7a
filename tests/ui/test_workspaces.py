"""Workspaces: what is kept, what damage does, and the screen that comes back."""

import asyncio
import json
from pathlib import Path

import pytest
from fake_desk import PERP, SPOT, FakeDesk
from hypothesis import given
from hypothesis import strategies as st

from tui.config import Screen, Settings
from tui.engine.commands.views import FocusSymbol, FollowSymbols, ShowCandles
from tui.ui.app import STATE, TradingApp
from tui.ui.chart.look import ChartLook
from tui.ui.command.history import LineHistory
from tui.ui.layout.composition import Composition
from tui.ui.layout.places import PANE_ORDER
from tui.ui.state_file import StateFile
from tui.ui.surroundings import Surroundings
from tui.ui.workspaces.shelf import MOST, Shelf, WorkspaceError
from tui.ui.workspaces.workspace import BUILT_IN, Workspace, is_name, workspace_of

DAY = Workspace(
    "day",
    Composition(("ladder", "ladder3"), ("chart2",)),
    SPOT,
    {"chart": ChartLook("1h", 3, "", True), "chart2": ChartLook("4h", 0, "xb")},
    ("chart", "ladder"),
    "chart",
    {SPOT: 50},
    {"ladder": (PERP,)},
    "majors",
)


def app_over(desk: FakeDesk, folder: Path | None) -> TradingApp:
    settings = Settings(screen=Screen(frames_per_second=1))
    return TradingApp(desk, settings, desk.clock, surroundings=Surroundings(state_folder=folder))


def test_a_workspace_reads_back():
    assert workspace_of(json.loads(json.dumps(DAY.as_json()))) == DAY


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30) | st.floats(allow_nan=False),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from([*DAY.as_json(), "x"]), inner, max_size=6)
    ),
    max_leaves=20,
)


@given(JSON)
def test_nothing_that_is_written_breaks_the_reading(value):
    found = workspace_of(value)
    if found is not None:
        assert is_name(found.name)
        assert len(found.composition.panes) > 1
        assert set(found.recent) <= set(PANE_ORDER)
        assert workspace_of(found.as_json()) == found


@pytest.mark.parametrize("name", ["", " ", "a b", "x" * 25, "a/b", "\x1b[31m", "é"])
def test_what_is_no_name(name):
    assert not is_name(name)
    with pytest.raises(WorkspaceError):
        Shelf(StateFile()).keep(Workspace(name))


def test_the_shelf_has_room_for_some_and_forgets_none_that_is_shown():
    shelf = Shelf(StateFile())
    assert shelf.names == tuple(each.name for each in BUILT_IN)
    with pytest.raises(WorkspaceError, match="shown"):
        shelf.drop(shelf.current)
    for number in range(MOST - len(BUILT_IN)):
        shelf.keep(Workspace(f"w{number}"))
    with pytest.raises(WorkspaceError, match="drop"):
        shelf.keep(Workspace("more"))
    shelf.drop("w0")
    assert "w0" not in shelf.names


def kept(*workspaces: Workspace, built_in: list[str] | None = None) -> StateFile:
    """A state with these workspaces, as an older version wrote it unless it says which built-in ones it knew."""
    state = StateFile()
    known = {} if built_in is None else {"built_in": built_in}
    state.put("workspaces", {"current": "trade", "list": [each.as_json() for each in workspaces], **known})
    return state


def test_built_in_workspaces_made_later_join_those_that_were_kept():
    mine = Workspace("charts", symbol=SPOT)
    shelf = Shelf(kept(Workspace("trade"), mine, DAY))
    assert shelf.names == ("trade", "charts", "day", "wall"), "ladders was dropped, and stays so"
    assert shelf.get("charts") == mine
    shelf.drop("wall")
    assert "wall" not in Shelf(shelf._state).names
    names = [each.name for each in BUILT_IN]
    assert Shelf(kept(DAY, built_in=names)).names == ("day",)
    assert Shelf(kept(DAY, built_in=[name for name in names if name != "charts"])).names == ("day", "charts")


def test_built_in_workspaces_push_none_of_the_traders_off_a_full_shelf():
    full = [Workspace(f"w{number}") for number in range(MOST)]
    assert Shelf(kept(*full)).names == tuple(each.name for each in full)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"\xff\xfe", b'"x"', b"[" * 5_000, b"0" * 1_100_000],
    ids=["empty", "torn", "list", "bytes", "text", "deep", "large"],
)
async def test_a_damaged_state_file_is_said_kept_and_the_screen_starts(desk, tmp_path: Path, content: bytes):
    (tmp_path / STATE).write_bytes(content)
    app = app_over(desk, tmp_path)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        assert "cannot be read" in app.row.said
        assert app.focused is app.panes["ladder"]
    assert (tmp_path / f"{STATE}.unread").read_bytes() == content
    assert (tmp_path / STATE).stat().st_mode & 0o777 == 0o600


async def test_the_screen_comes_back_as_it_was_left(tmp_path: Path):
    one = FakeDesk()
    app = app_over(one, tmp_path)
    async with app.run_test(size=(200, 50)) as pilot:
        await pilot.pause()
        app.board.trading.focus_symbol(SPOT)
        app.board.trading.show_interval("1h")
        app.view.ticks_per_group = 50
        app.board.composer.lay_out("ladders")
        app.board.trading.pin("ladder2", (PERP,))
        app.panes["watchlist"].lists.begin("majors")
        app.panes["watchlist"].lists.add(SPOT)
        app.board.arranger.save("day")
        app.board.navigation.go("fills")
    other = FakeDesk()
    again = app_over(other, tmp_path)
    async with again.run_test(size=(200, 50)) as pilot:
        await pilot.pause()
        again.paint()
        assert again.board.arranger.name == "day"
        assert (again.view.symbol, again.view.interval, again.view.ticks_per_group) == (SPOT, "1h", 50)
        assert "ladder2" in again.board.area.visible_panes()
        assert again.focused is again.panes["fills"]
        assert FocusSymbol(SPOT) in other.commands
        assert ShowCandles(SPOT, "1h") in other.commands
        assert FollowSymbols((PERP,)) in other.commands
        assert again.view.pinned("ladder2") == (PERP,)
        assert again.panes["watchlist"].list_name() == "majors"


async def test_two_ladders_are_pinned_apart(desk):
    app = app_over(desk, None)
    async with app.run_test(size=(200, 50)) as pilot:
        await pilot.pause()
        app.board.composer.lay_out("ladders")
        app.board.navigation.go("ladder2")
        await pilot.pause()
        app.paint()
        await pilot.press("p")
        app.board.trading.focus_symbol(SPOT)
        app.paint()
        assert app.panes["ladder2"].acting_symbol() == PERP
        assert app.panes["ladder"].acting_symbol() == SPOT
        assert FollowSymbols((PERP,)) in desk.commands


async def test_f5_goes_round_and_each_is_kept_as_it_was_left(desk):
    app = app_over(desk, None)
    async with app.run_test(size=(200, 50)) as pilot:
        await pilot.pause()
        first = app.board.arranger.name
        app.board.trading.show_interval("15m")
        await pilot.press("f5")
        assert app.board.arranger.name == "ladders"
        assert "ladder2" in app.board.area.visible_panes()
        app.board.trading.show_interval("4h")
        await pilot.press("f5")
        assert {"chart", "chart2"} <= set(app.board.area.visible_panes())
        await pilot.press("f5")
        assert {"chart2", "ladder", "book2", "ladder3"} <= set(app.board.area.visible_panes())
        await pilot.press("f5")
        assert app.board.arranger.name == first
        assert app.view.interval == "15m"
        assert "ladder2" not in app.board.area.visible_panes()


async def test_what_is_not_listed_yet_is_kept_by_an_early_end(tmp_path: Path):
    """Products come one after another: an end before the last of them must not forget what was pinned on it."""
    StateFile(tmp_path / STATE).put("workspaces", {"current": "day", "list": [DAY.as_json()]})
    desk = FakeDesk()
    listed = dict(desk.store.instruments)
    desk.store.instruments.clear()
    app = app_over(desk, tmp_path)
    async with app.run_test(size=(200, 50)) as pilot:
        await pilot.pause()
        desk.store.instruments[SPOT] = listed[SPOT]
        app.paint()
        assert app.view.symbol == SPOT
        assert not app.view.pinned("ladder")
        app.board.arranger.keep()
    found = workspace_of(StateFile(tmp_path / STATE).section("workspaces")["list"][0])
    assert (found.symbol, found.pins) == (SPOT, {"ladder": (PERP,)})
    desk.store.instruments.update(listed)
    again = app_over(desk, tmp_path)
    async with again.run_test(size=(200, 50)) as pilot:
        await pilot.pause()
        assert again.view.pinned("ladder") == (PERP,)


async def test_a_choice_of_the_traders_is_not_undone_by_what_is_listed_later(tmp_path: Path):
    wanted = {"current": "day", "list": [Workspace("day", symbol=SPOT, pins={"ladder": (SPOT,)}).as_json()]}
    StateFile(tmp_path / STATE).put("workspaces", wanted)
    desk = FakeDesk()
    listed = dict(desk.store.instruments)
    del desk.store.instruments[SPOT]
    app = app_over(desk, tmp_path)
    async with app.run_test(size=(200, 50)) as pilot:
        await pilot.pause()
        app.board.trading.focus_symbol(PERP)
        app.board.trading.pin("ladder", (PERP,))
        desk.store.instruments.update(listed)
        app.paint()
        assert (app.view.symbol, app.view.pinned("ladder")) == (PERP, (PERP,))


async def test_the_arrangement_outlives_a_program_that_is_killed(tmp_path: Path, monkeypatch):
    monkeypatch.setattr("tui.ui.app._KEPT_EVERY_S", 0.05)
    app = app_over(FakeDesk(), tmp_path)
    async with app.run_test(size=(200, 50)) as pilot:
        await pilot.pause()
        app.board.composer.add("book", SPOT)
        async with asyncio.timeout(30):
            while not (found := Shelf(StateFile(tmp_path / STATE)).get(app.board.arranger.name)).pins:
                await pilot.pause(0.05)
    assert "ladder2" in found.composition
    assert found.pins == {"ladder2": (SPOT,)}


async def test_a_symbol_that_is_listed_later_is_waited_for(tmp_path: Path):
    StateFile(tmp_path / STATE).put("workspaces", {"current": "day", "list": [DAY.as_json()]})
    desk = FakeDesk()
    listed = dict(desk.store.instruments)
    del desk.store.instruments[SPOT]
    app = app_over(desk, tmp_path)
    async with app.run_test(size=(200, 50)) as pilot:
        await pilot.pause()
        assert app.view.symbol == PERP
        desk.store.instruments.update(listed)
        app.paint()
        assert app.view.symbol == SPOT


def test_history_is_kept_across_starts_once_each_and_never_grows_without_end(tmp_path: Path):
    path = tmp_path / STATE
    history = LineHistory(StateFile(path))
    for number in range(250):
        history.add(f"group {number}")
    history.add("group 100")
    again = LineHistory(StateFile(path))
    assert len(again.lines) == 200
    assert again.recall(-1) == "group 100"
    assert again.recall(-1) == "group 249"
    assert again.recall(1) == "group 100"
    assert again.recall(1) == ""
    assert LineHistory(StateFile()).recall(-1) is None
