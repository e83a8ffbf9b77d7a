"""The container that holds all panes, and Textual's layout that puts them where `places` says."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.geometry import Offset, Region, Size, Spacing
from textual.layout import Layout, WidgetPlacement
from textual.widget import Widget

from tui.ui.layout.composition import STANDARD, Composition, slot_of
from tui.ui.layout.places import CALLED, PANE_ORDER, Arrangement, arrange
from tui.ui.line_pane import LinePane
from tui.ui.pane_names import LETTERS
from tui.ui.titles import Tab

if TYPE_CHECKING:
    from textual.layout import ArrangeResult


class PlacesLayout(Layout):
    """Puts each child of a `PaneArea` into its rectangle; children without one are not drawn."""

    name = "places"

    def arrange(self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True) -> "ArrangeResult":
        """Placements of the children that show."""
        assert isinstance(parent, PaneArea)
        rects = parent.arranged(size).rects
        return [
            WidgetPlacement(Region(*rects[child.id]), Offset(), Spacing(), child)
            for child in children
            if child.id in rects
        ]


class PaneArea(Widget):
    """All panes; shows those that have a place at this size, and remembers which were used last."""

    def __init__(self, panes: dict[str, LinePane]) -> None:
        super().__init__(id="panes")
        self.panes = panes
        self.zoomed = ""
        self.composition = STANDARD
        self._recent: list[str] = []
        self._places = PlacesLayout()

    def compose(self) -> ComposeResult:
        """Every pane, whether it shows or not."""
        yield from self.panes.values()

    @property
    def layout(self) -> Layout:
        """Always the layout of places, whatever a style sheet says."""
        return self._places

    def arranged(self, size: Size) -> Arrangement:
        """Where the panes are in an area of this size."""
        return arrange(size.width, size.height, self._recent, self.zoomed, self.composition)

    def visible_panes(self) -> list[str]:
        """Ids of the panes that show, in reading order."""
        rects = self.arranged(self.size).rects
        return [pane_id for pane_id in PANE_ORDER if pane_id in rects]

    def show(self, pane_id: str) -> None:
        """Bring a pane to the front of its place; leaves the zoom of another."""
        if self.zoomed and self.zoomed != pane_id:
            self.zoomed = ""
        self._recent = [pane_id, *(other for other in self._recent if other != pane_id)]
        self._arrange_anew()

    def leave(self, pane_id: str) -> None:
        """Let a pane go back behind the others of its place."""
        self.zoomed = ""
        self._recent = [other for other in self._recent if other != pane_id]
        self._arrange_anew()

    def zoom(self, pane_id: str) -> None:
        """Give one pane the whole area; "" gives every pane its place back."""
        self.zoomed = pane_id
        self._arrange_anew()

    @property
    def recent(self) -> tuple[str, ...]:
        """The panes used, the last one first, without those that only stand where they were called to."""
        return tuple(pane_id for pane_id in self._recent if pane_id not in CALLED)

    def front_of(self, ladder: str) -> str:
        """Which shows in a place for ladders, the ladder or the book: the one used last."""
        return next((pane for pane in self._recent if slot_of(pane) == ladder), ladder)

    def has_place(self, pane_id: str) -> bool:
        """Whether a ladder, book or chart is part of the composition, though another may cover it now."""
        return pane_id in self.composition

    def compose_of(self, composition: Composition) -> None:
        """Arrange other ladders, books and charts; what stood over them makes room."""
        self.composition = composition
        used = [pane_id for pane_id in self._recent if pane_id in composition]
        self._recent = list(dict.fromkeys([*used, *composition.panes, *self._recent]))
        self._arrange_anew()

    def restore(self, composition: Composition, recent: Sequence[str], zoomed: str) -> None:
        """Arrange everything as it once was."""
        self.composition, self._recent, self.zoomed = composition, list(recent), zoomed
        self._arrange_anew()

    def on_resize(self) -> None:
        """Name the tabs of the new layout."""
        self.name_tabs()

    def on_mount(self) -> None:
        """Name the tabs of the first layout."""
        self.name_tabs()

    def _arrange_anew(self) -> None:
        # A widget that asks for layout empties the remembered arrangement of its ancestors, not its own.
        for pane in self.panes.values():
            pane.refresh(layout=True)
            break
        self.name_tabs()

    def name_tabs(self) -> None:
        """Say on each border which panes share its place and what they count; draws only what changed."""
        tabs = self.arranged(self.size).tabs
        for pane_id, pane in self.panes.items():
            sharing = tabs.get(pane_id, ())
            pane.show_tabs([self._tab(each, each == pane_id) for each in sharing])

    def _tab(self, pane_id: str, is_shown: bool) -> Tab:
        pane = self.panes[pane_id]
        return Tab(pane.tab_text, is_shown, pane_id, f"{pane.view.keymap.text('pane.jump')}{LETTERS[pane_id]}")
