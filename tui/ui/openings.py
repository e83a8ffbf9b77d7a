"""What opens over the panes when it is called: search, help, keys, palette, settings."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from tui.config import Settings
from tui.engine.commands import Desk
from tui.engine.store import Severity
from tui.ui.actions import GLOBAL, Action
from tui.ui.dispatch import Dispatch
from tui.ui.finder.entries import Entry, action_entries, command_entries, sends
from tui.ui.finder.pane import FinderPane
from tui.ui.help.pane import HelpPane
from tui.ui.keymap import PRESETS
from tui.ui.keys.pane import KeysPane
from tui.ui.line_pane import LinePane
from tui.ui.navigation import Navigation
from tui.ui.search.pane import SearchPane
from tui.ui.settings.pane import SettingsPane
from tui.ui.surroundings import Surroundings
from tui.ui.view_state import ViewState

P = TypeVar("P", bound=LinePane)


class Openings:
    """Opens the panes that only stand where they were called to."""

    def __init__(self, desk: Desk, view: ViewState, panes: dict[str, LinePane], navigation: Navigation) -> None:
        self._desk, self._view = desk, view
        self._panes, self._navigation = panes, navigation
        #: More that the palette lists, each a function of the moment.
        self.listed: list[Callable[[], Sequence[Entry]]] = []
        self._themes: list[str] = []
        self._put_theme_on: Callable[[str], None] = lambda name: None
        navigation.openers |= {"keys": self.keys, "settings": self.settings, "search": self.search}

    def connect(self, dispatch: Dispatch, open_line: Callable[[str], None]) -> None:
        """Let the palette do global actions and begin lines."""
        read_only = self._desk.store.session.read_only
        self._pane("palette", FinderPane).entries = lambda: [
            *self._action_entries(dispatch),
            *(entry for listed in self.listed for entry in listed()),
            *self._setting_entries(),
            *command_entries(read_only=read_only, open_line=open_line),
        ]

    def set_up(
        self,
        settings: Settings,
        around: Surroundings,
        themes: Sequence[str],
        put_theme_on: Callable[[str], None],
    ) -> None:
        """Tell the settings screen where options come from and what takes effect at once."""
        pane = self._pane("settings", SettingsPane)
        pane.settings, pane.config_file, pane.origins = settings, around.config_file, around.origins
        pane.choices = {"screen.theme": sorted(themes), "screen.keymap": tuple(PRESETS)}
        pane.at_once = {"screen.theme": put_theme_on}
        self._themes, self._put_theme_on = sorted(themes), put_theme_on
        self.listed.append(lambda: [_theme_entry(name, put_theme_on) for name in self._themes])

    def complain(self, complaints: Sequence[str]) -> None:
        """Let the help say what was wrong with keys and themes at the start."""
        self._pane("help", HelpPane).complaints = tuple(complaints)

    def theme(self, name: str) -> None:
        """Other colours, for this run."""
        if name in self._themes:
            self._put_theme_on(name)
        else:
            self._view.intents.say(f"there is no theme {name!r}: {', '.join(self._themes)}", Severity.WARNING)

    def search(self, title: str = "", then: Callable[[str], None] | None = None) -> None:
        """The symbol search; with `then` the choice is handed on instead of being shown."""
        self._navigation.go("search")
        self._pane("search", SearchPane).begin("", title, then)

    def help(self, wanted: str = "") -> None:
        """The help of the pane in use."""
        asked_from = self._asked_from()
        self._pane("help", HelpPane).begin(asked_from.CONTEXT, asked_from.situation(), wanted)
        self._navigation.go("help")

    def keys(self) -> None:
        """The screen for API keys."""
        self._navigation.go("keys")
        self._pane("keys", KeysPane).begin()

    def palette(self, title: str = "", entries: Sequence[Entry] | None = None) -> None:
        """Everything that can be done or set, or what these entries offer."""
        self._pane("palette", FinderPane).begin("", title, entries)
        self._navigation.go("palette")

    def settings(self, wanted: str = "") -> None:
        """The settings."""
        self._pane("settings", SettingsPane).begin(wanted)
        self._navigation.go("settings")

    def _asked_from(self) -> LinePane:
        return self._navigation.pane or self._panes["ladder"]

    def _pane(self, pane_id: str, kind: type[P]) -> P:
        pane = self._panes[pane_id]
        assert isinstance(pane, kind)
        return pane

    def _action_entries(self, dispatch: Dispatch) -> list[Entry]:
        asked_from = self._asked_from()

        def do(action: Action, pane_id: str) -> None:
            if sends(action):
                keys = self._view.keymap.all_text(action.id)
                if action.context != GLOBAL:
                    self._navigation.go(pane_id)
                self._view.intents.say(f"the palette sends nothing: {keys} is the key for it", Severity.WARNING)
            elif action.context == GLOBAL:
                dispatch.act(action.id)
            else:
                self._navigation.go(pane_id)
                dispatch.act_in(self._panes[pane_id], action.id)

        return action_entries(
            asked_from.CONTEXT,
            asked_from.contexts,
            lambda pane_id: self._panes.get(pane_id, asked_from).situation(),
            self._view.keymap,
            do,
        )

    def _setting_entries(self) -> list[Entry]:
        pane = self._pane("settings", SettingsPane)
        return [
            Entry("setting", f"{option.path} = {option.value or '—'}", partial(self.settings, option.path))
            for option in pane.options()
        ]


def _theme_entry(name: str, put_on: Callable[[str], None]) -> Entry:
    return Entry("theme", f"theme {name}", lambda: put_on(name), name="colours palette")
