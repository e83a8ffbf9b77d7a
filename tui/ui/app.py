"""The screen's program: wires desk, panes and rows together, and keeps the paint clock."""

from typing import ClassVar

from textual.app import App, ComposeResult

from tui.config import Settings
from tui.engine.commands import Desk
from tui.ui import palette
from tui.ui.layout.pane_area import PaneArea
from tui.ui.layout.places import MID, TALL, WIDE
from tui.ui.line_pane import LinePane
from tui.ui.paint_clock import PaintClock, SystemClock
from tui.ui.panes import build_panes
from tui.ui.themes import FALLBACK, FRAME_VARIABLES, load_themes
from tui.ui.view_state import ViewState


class TradingApp(App[int], inherit_bindings=False):
    """The full screen over one desk."""

    CSS_PATH = "layout/frame.tcss"
    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS: ClassVar[list[tuple[int, str]]] = [(0, "-narrow"), (MID, "-mid"), (WIDE, "-wide")]
    VERTICAL_BREAKPOINTS: ClassVar[list[tuple[int, str]]] = [(0, "-short"), (TALL, "-tall")]

    def __init__(self, desk: Desk, settings: Settings, clock: PaintClock | None = None) -> None:
        super().__init__()
        self.desk = desk
        self.settings = settings
        store = desk.store
        self.view = ViewState(
            symbol=store.focus or settings.screen.symbol or next(iter(store.instruments), ""),
            size_presets=settings.screen.size_presets,
            stale_after_ms=settings.limits.stale_after_ms,
            clock=clock or SystemClock(),
        )
        self.panes = build_panes(desk, self.view)
        self.area = PaneArea(self.panes)
        self.rows: list[LinePane] = []

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The palette in its dark look, so that every name is defined in every theme."""
        return palette.variables() | FRAME_VARIABLES

    def compose(self) -> ComposeResult:
        """Rows and panes, top to bottom."""
        yield self.area

    def on_mount(self) -> None:
        """Put the theme on and start the paint clock."""
        themes, _ = load_themes()
        for theme in themes.values():
            self.register_theme(theme)
        wanted = self.settings.screen.theme
        self.theme = wanted if wanted in themes else FALLBACK
        self.set_interval(1 / self.settings.screen.frames_per_second, self.paint)

    def paint(self) -> None:
        """One frame: ask every visible pane for its lines."""
        for pane in (*self.panes.values(), *self.rows):
            pane.paint()
