"""Adds ladders, order books and charts to the workspace that is shown, and closes them."""

from collections.abc import Sequence
from functools import partial

from tui.engine.store import Severity
from tui.ui.finder.entries import Entry
from tui.ui.layout.composition import BOOK_OF, KINDS, LAYOUTS, CompositionError, kind_of, slot_of
from tui.ui.layout.pane_area import PaneArea
from tui.ui.navigation import Navigation
from tui.ui.pane_names import NAMES
from tui.ui.trading import Trading
from tui.ui.view_state import ViewState

_CALLED = {"ladder": "ladder", "book": "order book", "chart": "chart"}


class Composer:
    """What the keys, the palette and the command line do to the composition; says what came of it."""

    def __init__(self, view: ViewState, area: PaneArea, navigation: Navigation, trading: Trading) -> None:
        self._view, self._area = view, area
        self._navigation, self._trading = navigation, trading

    def lay_out(self, layout: str) -> None:
        """The composition of a name."""
        if layout not in LAYOUTS:
            self._trading.say(f"there is no layout {layout!r}: {', '.join(LAYOUTS)}", Severity.WARNING)
            return
        left = [pane for pane in self._area.composition.panes if pane not in LAYOUTS[layout]]
        self._area.compose_of(LAYOUTS[layout])
        for pane in left:
            self._clear(pane)
        self._trading.say(f"layout {layout}: {', '.join(NAMES[pane] for pane in LAYOUTS[layout].panes)}")

    def add(self, kind: str, symbol: str = "", interval: str = "") -> None:
        """One more pane of a kind, pinned to a symbol or linked to the focus.

        Goes to one that shows it already; where there is no room for more, one that follows the focus takes the symbol.
        """
        pane_id = self._showing(kind, symbol)
        if not pane_id:
            try:
                pane_id = self._area.composition.free(kind)
            except CompositionError as error:
                linked = (pane for pane in KINDS[kind][1:] if symbol and not self._view.pinned(slot_of(pane)))
                pane_id = next(linked, "")
                if not pane_id:
                    self._trading.say(str(error), Severity.WARNING)
                    return
            self._trading.pin(slot_of(pane_id), (symbol,) if symbol else ())
            self._area.compose_of(self._area.composition.with_pane(pane_id))
        if interval:
            self._trading.show_interval(interval, pane_id)
        self._navigation.go(pane_id)
        keys = self._view.keymap
        follows = f"stays with {symbol}" if symbol else f"follows the focus; {keys.text(f'{kind}.pin')} pins it"
        self._trading.say(f"{NAMES[pane_id]} {follows}; {keys.text('pane.close')} closes it")

    def close(self, kind: str, symbol: str = "") -> None:
        """Close the pane of a kind that is in use, or that shows a symbol, or the last one."""
        current = self._navigation.current
        if symbol:
            pane_id = self._showing(kind, symbol)
            if not pane_id:
                self._trading.say(f"no {_CALLED[kind]} stays with {symbol}", Severity.WARNING)
                return
        elif current in KINDS[kind]:
            pane_id = current
        else:
            shown = (self._area.front_of(slot) for slot in reversed(self._area.composition.panes))
            pane_id = next((pane for pane in shown if kind_of(pane) == kind), "")
            if not pane_id:
                self._trading.say(f"no {_CALLED[kind]} is shown", Severity.WARNING)
                return
        self.close_pane(pane_id)

    def close_current(self) -> None:
        """Close the pane in use."""
        self.close_pane(self._navigation.current)

    def close_pane(self, pane_id: str) -> None:
        """Close a pane, or say why it stays."""
        slot, area = slot_of(pane_id), self._area
        try:
            if kind_of(pane_id) and slot not in area.composition:
                left = area.composition  # it only stood over others
            else:
                left = area.composition.without(pane_id)
        except CompositionError as error:
            self._trading.say(str(error), Severity.WARNING)
            return
        area.compose_of(left)
        self._clear(slot)
        self._trading.say(f"{NAMES[pane_id]} closed; {self._view.keymap.text('pane.add')} adds another")

    def entries(self) -> Sequence[Entry]:
        """What may be added and closed now, for the palette."""
        return [*self.choices(), *(Entry("layout", f"layout {name}", partial(self.lay_out, name)) for name in LAYOUTS)]

    def choices(self) -> list[Entry]:
        """What may be added and closed now."""
        composition, made = self._area.composition, []
        for kind, name in _CALLED.items():
            if all(pane in composition for pane in KINDS[kind]):
                continue
            made.append(Entry("pane", f"{name} of another symbol …", partial(self._add_chosen, kind), f":{kind}"))
            made.append(Entry("pane", f"{name} that follows the focus", partial(self.add, kind), f":{kind}"))
        for pane_id in reversed(composition.panes):
            if pane_id == "ladder":
                continue
            name, symbol = NAMES[self._area.front_of(pane_id)], next(iter(self._view.pinned(pane_id)), "linked")
            made.append(Entry("pane", f"close {name} · {symbol}", partial(self.close_pane, pane_id)))
        return made

    def _add_chosen(self, kind: str) -> None:
        self._trading.choose_symbol(f"for one more {_CALLED[kind]}", partial(self.add, kind))

    def _showing(self, kind: str, symbol: str) -> str:
        """The pane of a kind that stays with this symbol, "" when none does."""
        slots = [slot for slot in self._area.composition.panes if symbol and self._view.pinned(slot) == (symbol,)]
        return next((pane for pane in map(self._area.front_of, slots) if kind_of(pane) == kind), "")

    def _clear(self, slot: str) -> None:
        """Let a closed place follow the focus again, and show what was in use before it."""
        for pane in (slot, BOOK_OF.get(slot)):
            if pane is None:
                continue
            if self._view.pinned(pane):
                self._trading.pin(pane, ())
            self._area.leave(pane)
            if self._navigation.current == pane:
                self._navigation.go("ladder")
