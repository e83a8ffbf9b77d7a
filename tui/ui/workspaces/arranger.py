"""Puts a workspace on the screen, and reads from the screen what a workspace is."""

from collections.abc import Mapping, Sequence
from functools import partial

from tui.engine.commands import Desk, FollowSymbols, Origin
from tui.engine.store import Severity
from tui.ui.finder.entries import Entry
from tui.ui.layout.composition import LAYOUTS
from tui.ui.layout.pane_area import PaneArea
from tui.ui.navigation import Navigation
from tui.ui.trading import Trading
from tui.ui.view_state import ViewState
from tui.ui.watchlist.pane import WatchlistPane
from tui.ui.workspaces.shelf import Shelf, WorkspaceError
from tui.ui.workspaces.workspace import Workspace


class Arranger:
    """Switches between workspaces; each is kept as it was when it was left."""

    def __init__(
        self,
        desk: Desk,
        view: ViewState,
        area: PaneArea,
        navigation: Navigation,
        trading: Trading,
        watchlist: WatchlistPane,
        shelf: Shelf,
    ) -> None:
        self._desk, self._view = desk, view
        self._area, self._navigation, self._trading = area, navigation, trading
        self._watchlist, self._shelf = watchlist, shelf
        self._awaited: Workspace | None = None

    @property
    def name(self) -> str:
        """The workspace that is shown."""
        return self._shelf.current

    def restore(self) -> None:
        """Show the workspace of last time, or the first one."""
        self._put(self._shelf.get(self._shelf.current))
        if self._shelf.complaint:
            self._trading.say(self._shelf.complaint, Severity.WARNING)

    def keep(self) -> None:
        """Write down how the screen is arranged now."""
        self._shelf.keep(self._taken(self._shelf.current))
        if self._shelf.complaint:
            self._trading.say(self._shelf.complaint, Severity.WARNING)

    def next(self) -> None:
        """To the next workspace."""
        self.show(self._shelf.after(self._shelf.current))

    def show(self, name: str) -> None:
        """To a workspace by name."""
        try:
            wanted = self._shelf.get(name)
            self.keep()
            self._shelf.current = name
            self._put(wanted)
            self._shelf.keep(wanted)
        except WorkspaceError as error:
            self._trading.say(str(error), Severity.WARNING)
            return
        self._trading.say(f"workspace {name} · {', '.join(each for each in self._shelf.names if each != name)}")

    def save(self, name: str) -> None:
        """Keep this arrangement under a name, which is then the one shown."""
        try:
            self._shelf.keep(self._taken(name))
            self._shelf.current = name
            self.keep()
        except WorkspaceError as error:
            self._trading.say(str(error), Severity.WARNING)
            return
        self._trading.say(f"workspace {name} saved", Severity.SUCCESS)

    def drop(self, name: str) -> None:
        """Forget a workspace."""
        try:
            self._shelf.drop(name)
        except WorkspaceError as error:
            self._trading.say(str(error), Severity.WARNING)
            return
        self._trading.say(f"workspace {name} dropped")

    def describe(self) -> None:
        """Say which there are."""
        names = ", ".join(f"[{each}]" if each == self.name else each for each in self._shelf.names)
        self._trading.say(f"workspaces: {names} · layouts: {', '.join(LAYOUTS)}")

    def entries(self) -> Sequence[Entry]:
        """What the palette lists of workspaces."""
        return [Entry("workspace", f"workspace {name}", partial(self.show, name)) for name in self._shelf.names]

    def arrive(self) -> None:
        """Show the workspace's symbols as soon as the exchange lists its own; called with each frame."""
        wanted = self._awaited
        if wanted is None or (wanted.symbol and wanted.symbol not in self._desk.store.instruments):
            return
        self._awaited = None
        interval = self._view.interval
        self._view.charts.update(wanted.charts)
        if wanted.symbol and wanted.symbol != self._view.symbol:
            self._trading.focus_symbol(wanted.symbol)
        elif interval != self._view.interval:
            self._trading.show_interval(self._view.interval)
        self._pin(wanted.pins)

    def _taken(self, name: str) -> Workspace:
        view = self._view
        return Workspace(
            name,
            self._area.composition,
            view.symbol,
            dict(view.charts),
            self._area.recent,
            self._area.zoomed,
            view.groupings(),
            dict(view.pins),
            self._watchlist.list_name(),
        )

    def _put(self, wanted: Workspace) -> None:
        view = self._view
        view.group_as(wanted.grouping)
        self._area.restore(wanted.composition, wanted.recent, wanted.zoomed)
        if wanted.recent:
            self._navigation.go(wanted.recent[0])
        if wanted.watchlist:
            self._watchlist.show_list(wanted.watchlist)
        self._awaited = wanted
        self.arrive()

    def _pin(self, pins: Mapping[str, tuple[str, ...]]) -> None:
        """Let panes show the listed symbols of their own, and have the engine keep those true."""
        listed = self._desk.store.instruments
        known = {pane_id: tuple(each for each in symbols if each in listed) for pane_id, symbols in pins.items()}
        if known != self._view.pins:
            self._view.pins.clear()
            self._view.pins.update(known)
            followed = tuple(dict.fromkeys(symbol for symbols in known.values() for symbol in symbols))
            self._desk.send(FollowSymbols(followed), Origin.KEY)
