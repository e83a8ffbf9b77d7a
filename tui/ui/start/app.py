"""The program of the start screen: shows the ways to begin and ends with the one that was chosen."""

from collections.abc import Sequence
from pathlib import Path

from textual import events
from textual.app import ComposeResult

from tui.config import Settings
from tui.domain.order import OrderListRequest, OrderRequest
from tui.engine.commands import Command, Desk, Origin
from tui.engine.commands.answers import Preview, Reply
from tui.engine.store import Session, Store
from tui.ui import palette
from tui.ui.line_pane import LinePane
from tui.ui.lines import Line
from tui.ui.no_colour import NoColourApp
from tui.ui.start.choices import Choice, OwnEnvironment, StoredAccount, first_choices, key_choices
from tui.ui.start.lines import start_lines
from tui.ui.terminal import suited_theme, watch_terminal
from tui.ui.themes import FALLBACK, FRAME_VARIABLES, load_themes, theme_folders
from tui.ui.view_state import ViewState

_TITLE = "How do you want to begin?"
_KEYS_TITLE = "Which exchange are the keys for?"


class NoDesk(Desk):
    """The engine that is not there yet: an empty store, and nothing is taken."""

    def __init__(self) -> None:
        self.store = Store(Session("", "", is_real_money=False, read_only=True))

    def send(self, command: Command, origin: Origin) -> int:
        """Nothing is taken; raises RuntimeError."""
        raise RuntimeError("there is no engine behind the start screen")

    def replies(self) -> list[Reply]:
        """None."""
        return []

    def preview(self, request: OrderRequest | OrderListRequest) -> Preview:
        """Nothing is judged; raises RuntimeError."""
        raise RuntimeError("there is no engine behind the start screen")


class StartPane(LinePane):
    """The list of ways to begin."""

    CONTEXT = "start"

    def __init__(
        self,
        view: ViewState,
        accounts: Sequence[StoredAccount],
        complaint: str,
        own: Sequence[OwnEnvironment] = (),
    ) -> None:
        super().__init__(NoDesk(), view)
        self._first = first_choices(accounts)
        self._own = own
        self.choices: tuple[Choice, ...] = self._first
        self.cursor = 0
        self._complaint = complaint

    @property
    def title(self) -> str:
        """The question."""
        return _TITLE if self.choices is self._first else _KEYS_TITLE

    def lines(self, width: int, height: int) -> list[Line]:
        """The whole screen."""
        return start_lines(self.choices, self.cursor, self.title, self._complaint, width, height)

    def press(self, key: str) -> Choice | None:
        """What a key leads to: another row, further choices, or the choice to begin with."""
        count = len(self.choices)
        match key:
            case "up" | "k" | "shift+tab":
                self.cursor = (self.cursor - 1) % count
            case "down" | "j" | "tab":
                self.cursor = (self.cursor + 1) % count
            case "escape":
                self.choices, self.cursor = self._first, 0
            case _ if key.isdigit() and 1 <= int(key) <= count:
                self.cursor = int(key) - 1
            case "enter":
                chosen = self.choices[self.cursor]
                if chosen.way:
                    return chosen
                self.choices, self.cursor = key_choices(self._own), 0
        self.paint()
        return None

    def point(self, x: int, y: int) -> None:
        """The cursor on the row that was clicked; Enter begins."""
        if 5 <= y < 5 + len(self.choices):
            self.cursor = y - 5

    def action_up(self) -> None:
        """A row up, by the wheel."""
        self.press("up")

    def action_down(self) -> None:
        """A row down, by the wheel."""
        self.press("down")


class StartApp(NoColourApp[Choice], inherit_bindings=False):
    """Shows the start screen; `return_value` is the choice, None when it was left."""

    TITLE = "binance-tui"
    CSS_PATH = "../layout/frame.tcss"
    ENABLE_COMMAND_PALETTE = False

    def __init__(
        self,
        settings: Settings,
        accounts: Sequence[StoredAccount] = (),
        complaint: str = "",
        themes_folder: Path | None = None,
        own: Sequence[OwnEnvironment] = (),
    ) -> None:
        super().__init__()
        self._settings = settings
        self._themes_folder = themes_folder
        self.pane = StartPane(ViewState(is_ascii=settings.screen.ascii), accounts, complaint, own)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The palette in its dark look, so that every name is defined in every theme."""
        return palette.variables() | FRAME_VARIABLES

    def compose(self) -> ComposeResult:
        """One pane."""
        yield self.pane

    def on_mount(self) -> None:
        """Put the theme on and take the keys."""
        own = self._themes_folder
        themes, _ = load_themes([*theme_folders(), own] if own is not None else None)
        for theme in themes.values():
            self.register_theme(theme)
        colors = None if self.is_headless else self.console.color_system
        wanted = suited_theme(self._settings.screen.theme, colors)
        self.theme = wanted if wanted in themes else FALLBACK
        if not self.is_headless:
            watch_terminal(self)  # type: ignore[arg-type]
        self.screen.set_focus(self.pane)

    async def on_event(self, event: events.Event) -> None:
        """Each key to the list, or out."""
        if isinstance(event, events.Key) and not event.is_forwarded:
            if event.key in ("ctrl+q", "ctrl+c", "q"):
                self.exit(None)
                return
            chosen = self.pane.press(event.key)
            if chosen is not None:
                self.exit(chosen)
            return
        await super().on_event(event)
