"""Puts a workspace on the screen, and reads from the screen what a workspace is."""

from collections.abc import Sequence
from functools import partial

from tui.engine.commands import Desk
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
        #: What is shown once it is listed: a symbol, and those of panes with how far they have come.
        self._awaited_symbol = ""
        self._chosen_before = (False, "")
        self._complained = ""
        self._awaited_pins: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}

    @property
    def name(self) -> str:
        """The workspace that is shown."""
        return self._shelf.current

    def restore(self) -> None:
        """Show the workspace of last time, or the first one."""
        self._put(self._shelf.get(self._shelf.current))
        self._complain()

    def keep(self) -> None:
        """Write down how the screen is arranged now."""
        self._shelf.keep(self._taken(self._shelf.current))
        self._complain()

    def _complain(self) -> None:
        """Say once what hinders the keeping."""
        complaint = self._shelf.complaint
        if complaint and complaint != self._complained:
            self._trading.say(complaint, Severity.WARNING)
        self._complained = complaint

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
        """Show the workspace's symbols as soon as the exchange lists them; called with each frame."""
        listed, view = self._desk.store.instruments, self._view
        if self._awaited_symbol and view.has_chosen and (True, view.symbol) != self._chosen_before:
            self._awaited_symbol = ""  # the trader has chosen meanwhile
        if self._awaited_symbol in listed:
            wanted, self._awaited_symbol = self._awaited_symbol, ""
            if wanted != view.symbol:
                self._trading.focus_symbol(wanted)
        if self._awaited_pins:
            self._pin_listed()

    def _pin_listed(self) -> None:
        """Let panes show those of their own symbols that are listed; the others are waited for."""
        listed, view, has_changed = self._desk.store.instruments, self._view, False
        for pane_id, (wanted, given) in list(self._awaited_pins.items()):
            known = tuple(each for each in wanted if each in listed)
            if view.pinned(pane_id) != given or len(known) == len(wanted):
                del self._awaited_pins[pane_id]
            else:
                self._awaited_pins[pane_id] = wanted, known
            if view.pinned(pane_id) == given != known:
                view.pins[pane_id] = known
                has_changed = True
        if has_changed:
            self._trading.follow_pinned()

    def _taken(self, name: str) -> Workspace:
        view = self._view
        awaited = {pane_id: wanted for pane_id, (wanted, given) in self._awaited_pins.items()}
        return Workspace(
            name,
            self._area.composition,
            self._awaited_symbol or view.symbol,
            dict(view.charts),
            self._area.recent,
            self._area.zoomed,
            view.groupings(),
            {pane_id: symbols for pane_id, symbols in {**view.pins, **awaited}.items() if symbols},
            self._watchlist.list_name(),
        )

    def _put(self, wanted: Workspace) -> None:
        view, interval = self._view, self._view.interval
        view.group_as(wanted.grouping)
        view.charts.update(wanted.charts)
        self._area.restore(wanted.composition, wanted.recent, wanted.zoomed)
        if wanted.recent:
            self._navigation.go(wanted.recent[0])
        if wanted.watchlist:
            self._watchlist.show_list(wanted.watchlist)
        if view.interval != interval:
            self._trading.show_interval(view.interval)
        self._awaited_symbol, self._chosen_before = wanted.symbol, (view.has_chosen, view.symbol)
        self._awaited_pins = {pane_id: (symbols, ()) for pane_id, symbols in wanted.pins.items() if symbols}
        if any(view.pins.values()):
            view.pins.clear()
            self._trading.follow_pinned()
        self.arrive()
