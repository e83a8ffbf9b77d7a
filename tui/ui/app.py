"""The screen's program: wires desk, panes and rows together, and keeps the paint clock."""

import os
from collections import deque
from collections.abc import Callable
from pathlib import Path

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from tui.config import Settings
from tui.engine.commands import Desk
from tui.engine.store import Severity
from tui.ui import keys_read, palette
from tui.ui.alerts.ringing import Ringing
from tui.ui.board import Board
from tui.ui.crash import write_report
from tui.ui.dollars import DollarWorth
from tui.ui.front_buffer import FrontBuffer
from tui.ui.keymap import Keymap, build_keymap
from tui.ui.keys.key_desk import KeyDesk
from tui.ui.layout.places import MID, SMALLEST, TALL, WIDE, is_too_small
from tui.ui.line_pane import LinePane
from tui.ui.lock.unlock import Unlock
from tui.ui.messages.loud import Errors
from tui.ui.no_colour import NoColourApp
from tui.ui.paint_clock import PaintClock, SystemClock
from tui.ui.state_file import StateFile
from tui.ui.surroundings import Surroundings
from tui.ui.terminal import frames_per_second, is_remote, outlive_terminal, suited_theme, watch_terminal
from tui.ui.themes import FALLBACK, FRAME_VARIABLES, load_themes, theme_folders
from tui.ui.view_state import ViewState

#: What is kept of the screen between runs, beside the journal.
STATE = "screen.json"

#: How long the engine's first words stand in the command row before anything else is said there.
_SAID_AFTER_S = 2.0

#: How often the arrangement is kept, so that a start after a crash finds it as well.
_KEPT_EVERY_S = 2.0

#: How long a frame stands back for a key that is on its way.
_KEY_FIRST_S = 0.002


class TradingApp(NoColourApp[int], inherit_bindings=False):
    """The full screen over one desk; exit codes are 0, or 1 after an error of its own."""

    TITLE = "binance-tui"
    CSS_PATH = "layout/frame.tcss"
    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (MID, "-mid"), (WIDE, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-short"), (TALL, "-tall")]  # noqa: RUF012

    def __init__(
        self,
        desk: Desk,
        settings: Settings,
        clock: PaintClock | None = None,
        report_path: Path | None = None,
        unlock: Unlock | None = None,
        when_shown: Callable[[], None] | None = None,
        key_desk: KeyDesk | None = None,
        surroundings: Surroundings | None = None,
    ) -> None:
        super().__init__(driver_class=keys_read.driver_class())
        outlive_terminal()
        self.desk = desk
        self.settings = settings
        self.surroundings = surroundings or Surroundings()
        keymap, self._complaints = build_keymap(settings.screen.keymap, settings.keys)
        self.view = first_view(desk, settings, clock or SystemClock(), keymap)
        folder = self.surroundings.state_folder
        self.view.state = StateFile(folder / STATE if folder is not None else None, is_behind=True)
        self.view.exports_folder = folder / "exports" if folder is not None else None
        self.board = board = Board(self, desk, self.view, settings, unlock, key_desk, self.surroundings)
        self.panes, self.row, self.lock = board.panes, board.row, board.lock
        self.front = FrontBuffer(self)
        for pane in (*self.panes.values(), board.header, board.row, board.hints):
            pane.front = self.front
        self.ringing = Ringing(
            desk.store, settings.alerts, self._write_control, lambda text: board.trading.say(text, Severity.WARNING)
        )
        self._due: deque[LinePane] = deque()
        self._errors = Errors(desk.store)
        self._is_settled = False
        self._report_path = report_path
        self._when_shown = when_shown

    # Textual's side

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The palette in its dark look, so that every name is defined in every theme."""
        return palette.variables() | FRAME_VARIABLES

    def compose(self) -> ComposeResult:
        """Rows and panes, top to bottom."""
        board = self.board
        yield board.header
        yield board.area
        yield board.confirm
        yield board.flatten
        yield board.row
        yield board.hints
        yield board.lock
        yield Static(id="too-small")

    def on_mount(self) -> None:
        """Put the theme on, start the paint clock, and watch for the end of the terminal."""
        self._put_theme_on()
        screen = self.settings.screen
        frames = frames_per_second(screen.frames_per_second, is_remote=is_remote(screen.remote, os.environ))
        self.set_interval(1 / frames, self.paint)
        self.set_interval(_KEPT_EVERY_S, self.board.arranger.keep)
        self.screen.set_class(screen.ascii, "-ascii")
        if not self.is_headless:
            watch_terminal(self)
        self.board.navigation.go("ladder")
        self.board.arranger.restore()
        if self.board.confirm.is_wanted:
            self.screen.add_class("-unconfirmed")
            self.board.ask_to_confirm()
        self.call_after_refresh(self._show_first)

    def _put_theme_on(self) -> None:
        own = self.surroundings.themes_folder
        themes, complaints = load_themes([*theme_folders(), own] if own is not None else None)
        for theme in themes.values():
            self.register_theme(theme)
        colors = None if self.is_headless else self.console.color_system
        wanted = suited_theme(self.settings.screen.theme, colors)
        if wanted not in themes:
            complaints.append(f"there is no theme {wanted!r}: {', '.join(sorted(themes))}")
        self.theme = wanted if wanted in themes else FALLBACK
        self.board.openings.set_up(self.settings, self.surroundings, list(themes), self._change_theme)
        self._complaints += complaints
        self.board.openings.complain(self._complaints)

    def _change_theme(self, name: str) -> None:
        self.theme = name

    def _show_first(self) -> None:
        """Fill the first frame at once, then let whoever waited for it go on."""
        self.paint()
        if self._when_shown is not None:
            self.call_after_refresh(self._when_shown)
        self.set_timer(_SAID_AFTER_S, self._say_notices)

    def _say_notices(self) -> None:
        """What was wrong at the start, once the engine's first words have been read; the help keeps all of it."""
        self._is_settled = True
        if self._complaints:
            first, *more = self._complaints
            rest = f" (and {len(more)} more: {self.view.keymap.text('help.pane')})" if more else ""
            self.board.trading.say(first + rest, Severity.WARNING)

    def on_resize(self, event: events.Resize) -> None:
        """Say so when nothing useful fits."""
        width, height = event.size
        self.screen.set_class(is_too_small(width, height), "-too-small")
        words = f"{width}x{height} is too small: binance-tui needs {SMALLEST[0]}x{SMALLEST[1]}. Enlarge it; ^q quits."
        self.query_one("#too-small", Static).update(Content(words))

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """A pane took the focus, by key or by mouse."""
        widget, board = event.widget, self.board
        has_screen = bool(self.screen_stack)  # none is left while the program ends
        if isinstance(widget, LinePane) and has_screen and widget.id in self.panes and self.focused is widget:
            board.navigation.current = widget.id
            board.row.dismiss()

    async def on_event(self, event: events.Event) -> None:
        """Do each key whole before the next: through the widgets' queues, fast typing would outrun the focus."""
        if isinstance(event, events.Key) and not event.is_forwarded:
            if self._reader is not None:
                self._reader.arrived(event)
            self.app_focus = True
            self._press(event)
            return
        if isinstance(event, events.AppBlur):
            self.board.keyboard.lose_focus()
            self.row.drop_review()
        await super().on_event(event)

    def _press(self, event: events.Key) -> None:
        if self.lock.is_locked:
            self.lock.press(event)
            return
        self.lock.touch()
        focused = self.focused if isinstance(self.focused, LinePane) else None
        if not self.board.keyboard.takes(event, focused is not None and focused.is_typing):
            self.board.dispatch.press(event, focused)
        self.paint_rows()

    async def on_unmount(self) -> None:
        """Keep the arrangement for the next start."""
        self.board.arranger.keep()
        self.view.state.finish()

    def _handle_exception(self, error: Exception) -> None:
        """End with a report that holds no local variables; Textual's own would print them."""
        self._return_code = 1
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        self._exit_renderables.append(Text(write_report(error, self._report_path)))
        self._close_messages_no_wait()

    def _write_control(self, sequence: str) -> None:
        """Put a control sequence on the terminal between two frames."""
        if self._driver is not None and not self.is_headless:
            self._driver.write(sequence)

    # frames

    def paint(self) -> None:
        """One frame: take the engine's replies, then ask every visible pane for its lines."""
        if not self.screen_stack:
            return  # the last tick of a program that is being left
        board, store = self.board, self.desk.store
        for message in self._errors.see()[:1]:
            board.trading.say(message.text, message.severity)
        board.trading.take_replies()
        self.ringing.look()
        if self._is_settled:
            while self.surroundings.notices:
                board.trading.say(self.surroundings.notices.popleft(), Severity.WARNING)
        self.lock.settle()
        if self.lock.is_due():
            board.lock_screen()
        board.show_asked()
        board.arranger.arrive()
        self.view.follow(store.focus)
        board.candles.look()
        market = store.markets.get(self.view.symbol)
        if market is not None:
            self.view.group_usually(market.instrument, market.last_price())
        self._due += [pane for pane in self.panes.values() if pane not in self._due]
        self._paint_due()

    def _paint_due(self) -> None:
        """Paint the panes that are due, a pane at a time: a key on its way goes first, then they follow."""
        with self.front.frame():
            while self._due:
                self._due.popleft().paint()
                if self._reader is not None and self._reader.is_key_coming():
                    self.set_timer(_KEY_FIRST_S, self._paint_due)
                    return
            self.board.area.name_tabs()
            self.paint_rows()

    @property
    def _reader(self) -> keys_read.Reader | None:
        return keys_read.reader_of(self._driver)

    def paint_rows(self) -> None:
        """The rows that answer keys at once."""
        hints, board = self.board.hints, self.board
        self.view.in_use = board.pinned_symbol()
        # Not told by events: those of two changes of the focus may come in either order.
        if isinstance(self.focused, LinePane):
            hints.focused = self.focused
        hints.is_jumping = board.navigation.is_jumping
        hints.in_sight = board.area.visible_panes() if hints.is_jumping else ()
        with self.front.frame():
            for row in board.rows:
                row.paint()


def first_view(desk: Desk, settings: Settings, clock: PaintClock, keymap: Keymap) -> ViewState:
    """How the screen looks at the store when it starts."""
    store = desk.store
    return ViewState(
        symbol=store.focus or "",
        size_presets=settings.screen.size_presets,
        symbol_presets=settings.screen.symbol_presets,
        in_dollars=DollarWorth(store),
        stale_after_ms=settings.limits.stale_after_ms,
        day_loss=settings.limits.day_loss,
        clock=clock,
        keymap=keymap,
        is_ascii=settings.screen.ascii,
    )
