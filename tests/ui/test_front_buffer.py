"""What the terminal shows after differences equals what a full repaint shows, in every state of the screen."""

import asyncio
import re
from queue import Queue
from unicodedata import normalize

import pyte
import pytest
from fake_desk import FakeDesk
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from rich.color import ColorSystem
from textual import events
from textual.app import App
from textual.driver import Driver
from textual.geometry import Size
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widgets import Static

from tui.ui.front_buffer import FrontBuffer
from tui.ui.line_pane import LinePane
from tui.ui.lines import Span
from tui.ui.palette import PALETTE, variables
from tui.ui.themes import FRAME_VARIABLES, load_themes
from tui.ui.view_state import ViewState

SIZES = [(60, 12), (47, 9)]
PANES = ("one", "two", "bare")


class RecordingDriver(Driver):
    """A terminal without a terminal: what is written goes to an emulator."""

    def __init__(self, app, **options):
        super().__init__(app, **options)
        self.written = []
        self.emulator = emulator(*SIZES[0])

    def write(self, data):
        self.written.append(data)
        self.emulator.stream.feed(data)

    def start_application_mode(self):
        self.announce(SIZES[0])

    def announce(self, size):
        self._app.post_message(events.Resize(Size(*size), Size(*size)))

    def disable_input(self):
        pass

    def stop_application_mode(self):
        pass


class Given(LinePane):
    """Shows the lines it is given."""

    def __init__(self, name, desk):
        super().__init__(desk, ViewState())
        self.id, self.shown = name, []
        if name != "bare":
            self.add_class("pane")

    def lines(self, width, height):
        if not self.app.screen_stack[0].query_one("#cover").has_class("up"):
            return self.shown
        # At the edge of what covers a line Textual cuts a letter from its mark, and not always in the same place.
        return [tuple(Span(span.text.replace("\u0301", ""), span.style) for span in line) for line in self.shown]


class Panes(App[int]):
    """Three panes, one of them without a border, a box that may cover some of them, and a row of Textual's own."""

    CSS = """
    Screen { layers: below above; overflow: hidden; }
    Given { layer: below; height: 1fr; background: $background; color: $foreground; }
    Given.pane { border: solid $pane-border; }
    Given.pane:focus { border: heavy $pane-focus; }
    #cover { layer: above; display: none; width: 20; height: 6; offset: 3 2; background: $panel; }
    #cover.up { display: block; }
    .hidden { display: none; }
    """

    def __init__(self):
        super().__init__(driver_class=RecordingDriver)
        desk = FakeDesk()
        self.front = FrontBuffer(self)
        self.panes = [Given(name, desk) for name in PANES]
        for pane in self.panes:
            pane.front = self.front

    def get_theme_variable_defaults(self):
        return variables() | FRAME_VARIABLES

    def compose(self):
        yield from self.panes
        yield Static("covered", id="cover")

    def on_mount(self):
        for theme in load_themes()[0].values():
            self.register_theme(theme)
        self.theme = "dark"

    def paint(self):
        with self.front.frame():
            for pane in self.panes:
                pane.paint()


class Modal(ModalScreen[None]):
    """Something over everything."""

    def compose(self):
        yield Static("modal")


class Terminal(pyte.Screen):
    """Joins a mark to the letter in the last column, as terminals do; pyte alone begins another row for it."""

    def draw(self, data):
        for text in re.split("(\u0301)", data):
            row = self.buffer[self.cursor.y]
            if text == "\u0301" and self.cursor.x == self.columns:
                letter = row[self.columns - 1]
                row[self.columns - 1] = letter._replace(data=normalize("NFC", letter.data + text))
            else:
                super().draw(text)


def emulator(width, height):
    screen = Terminal(width, height)
    screen.stream = pyte.Stream(screen)
    return screen


def cells(screen):
    """Every cell with its letters, colours and weight; the second half of a wide letter is pyte's empty string."""
    return [[screen.buffer[y][x] for x in range(screen.columns)] for y in range(screen.lines)]


def repainted(app):
    """What a terminal shows that gets the whole screen anew."""
    whole = emulator(*app.size)
    update = app.screen._compositor.render_update(full=True, screen_stack=app._background_screens)
    whole.stream.feed(update.render_segments(app.console))
    return whole


async def settled(app):
    """Everything that Textual has to do is done, and the screen has the size of the terminal."""
    terminal = app._driver.emulator
    for turn in range(100):
        done = asyncio.get_running_loop().create_future()
        app.screen.call_after_refresh(done.set_result, None)
        await asyncio.wait_for(done, 30)
        sizes = {tuple(screen._compositor.size) for screen in app.screen_stack}
        if turn > 1 and sizes == {(terminal.columns, terminal.lines)}:
            return


@pytest.fixture(autouse=True)
def fresh_colors(monkeypatch):
    """A style renders itself anew each time: Textual keeps its first rendering for good, whatever the colours then."""

    def render_style(cls, style, text, color_system):
        ansi = cls.render_ansi(style, color_system)
        return f"\x1b[{ansi}m{text}\x1b[0m" if ansi else text

    monkeypatch.setattr(Strip, "render_style", classmethod(render_style))


def drive(steps, colors=ColorSystem.TRUECOLOR):
    """Run the app on an emulator, do the steps, and compare after each; returns the app when it has ended."""
    app = Panes()
    app.console._color_system = colors

    async def play(pilot):
        await settled(app)
        for step in steps:
            step(app)
            app.paint()
            await settled(app)
            assert_same(app)
        app.exit(0)

    asyncio.run(app.run_async(size=SIZES[0], auto_pilot=play))
    return app


def assert_same(app):
    shown, wanted = app._driver.emulator, repainted(app)
    assert shown.display == wanted.display
    assert cells(shown) == cells(wanted)


def show(name, *lines):
    """The step that changes what a pane asks for."""
    return lambda app: setattr(app.panes[PANES.index(name)], "shown", list(lines))


def resize(size):
    def step(app):
        if len(app.screen_stack) > 1:
            return  # Textual repaints what is under a modal screen only in part, with or without differences
        driver = app._driver
        driver.emulator.resize(size[1], size[0])
        driver.announce(size)

    return step


STATES = {
    "theme": lambda app: setattr(app, "theme", "light" if app.theme == "dark" else "dark"),
    "focus": lambda app: app.screen.focus_next(),
    "cover": lambda app: app.screen_stack[0].query_one("#cover").toggle_class("up"),
    "hide": lambda app: app.panes[0].toggle_class("hidden"),
    "title": lambda app: app.panes[1].set_title(f"{app.panes[1]._title.detail}x", "right"),
    "modal": lambda app: app.pop_screen() if len(app.screen_stack) > 1 else app.push_screen(Modal()),
    "refresh": lambda app: app.panes[2].refresh(),
    "wide": resize(SIZES[0]),
    "narrow": resize(SIZES[1]),
    "scroll": lambda app: app.screen.scroll_to(0, 1, animate=False),
}

#: Letters of one cell, of two, and one of two code points.
TEXT = st.lists(st.sampled_from([*"aB0 ─█▁·安币🙂", "e\u0301"]), max_size=14).map("".join)
STYLE = st.lists(st.sampled_from(sorted(PALETTE)), max_size=2).map(" ".join)
LINE = st.lists(st.builds(Span, TEXT, STYLE), max_size=5).map(tuple)
CHANGE = st.builds(lambda name, lines: show(name, *lines), st.sampled_from(PANES), st.lists(LINE, max_size=5))
STEP = st.one_of(CHANGE, CHANGE, st.sampled_from(sorted(STATES)).map(STATES.__getitem__))
COLORS = st.sampled_from([ColorSystem.TRUECOLOR, ColorSystem.EIGHT_BIT, ColorSystem.STANDARD])


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(st.lists(STEP, min_size=3, max_size=12), COLORS)
def test_differences_show_what_a_full_repaint_shows(steps, colors):
    drive(steps, colors)


@pytest.mark.parametrize("state", sorted(STATES))
def test_a_change_before_during_and_after(state):
    first, second = (Span("100.00", "bid"), Span(" 1.5")), (Span("100.01", "bid cursor"), Span(" 2.5", "dim"))
    around = [show(name, first, first) for name in PANES], [show(name, first, second) for name in PANES]
    drive([*around[0], STATES[state], *around[1], STATES[state], *around[0]])


def test_an_accent_in_the_last_column():
    drive(
        [
            STATES["narrow"],
            *(show("bare", (), (Span("安" * 20 + "a" * 6 + last),)) for last in ("e\u0301", "e", "e\u0301")),
        ]
    )


def test_without_colours(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    lines = [(Span("1.5", "bid"), Span(" 2")), (Span("1.6", "bid cursor"), Span(" 2"))]
    app = drive([show("one", each) for each in (*lines, *lines)])
    assert app.no_color


def test_only_the_changed_cells_are_written():
    def change(app):
        del app._driver.written[:]
        app.panes[2].shown = [(Span("100.01", "bid"), Span(" 7.5", "dim"))]
        app.paint()
        assert len(app._driver.written) == 1
        assert len(app._driver.written[0]) < 70

    drive([show("bare", (Span("100.00", "bid"), Span(" 7.4", "dim"))), change])


def test_one_frame_is_one_write():
    def change(app):
        del app._driver.written[:]
        for pane in app.panes:
            pane.shown = [(Span("2"),), (Span("2"),)]
        app.paint()
        assert len(app._driver.written) == 1

    drive([*(show(name, (Span("1"),), (Span("1"),)) for name in PANES), change])


def test_a_covered_pane_is_left_to_textual():
    def change(app):
        del app._driver.written[:]
        app.panes[0].shown = [(Span("2"),)]
        app.paint()
        assert not app._driver.written

    drive([STATES["cover"], show("one", (Span("1"),)), change])


def test_nothing_is_drawn_while_the_terminal_lags_and_everything_afterwards():
    def lag(app):
        app._driver._writer_thread = Lagging()
        app.panes[0].shown = [(Span("2"),)]
        assert app.panes[0].paint() == 0
        app._driver._writer_thread._queue = Queue()

    drive([show("one", (Span("1"),)), lag])


class Lagging:
    """A writer whose terminal takes nothing."""

    def __init__(self):
        self._queue = Queue()
        for _ in range(20):
            self._queue.put("")
