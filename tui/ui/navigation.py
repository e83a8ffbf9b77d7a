"""Moving between panes: focus, jumps by letter and number, zoom, and the way back."""

from collections.abc import Callable, Mapping

from tui.ui.layout.pane_area import PaneArea
from tui.ui.layout.places import CALLED
from tui.ui.line_pane import LinePane
from tui.ui.pane_names import BY_LETTER, BY_NUMBER, LETTERS


class Navigation:
    """Who has the focus, who had it before, and what shows."""

    def __init__(self, area: PaneArea) -> None:
        self._area = area
        self._before = ""
        self.current = ""
        self.is_jumping = False
        #: How panes that must be made ready are opened, by id.
        self.openers: dict[str, Callable[[], None]] = {}

    def handlers(self) -> dict[str, Callable[..., None]]:
        """The global navigation actions by id."""
        numbers: dict[str, Callable[..., None]] = {
            f"pane.number_{number}": self.number for number in map(str, range(1, 10))
        }
        return numbers | {
            "pane.next": lambda: self.step(1),
            "pane.previous": lambda: self.step(-1),
            "pane.jump": self.begin_jump,
            "pane.zoom": self.zoom,
        }

    @property
    def pane(self) -> LinePane | None:
        """The pane used last."""
        return self._area.panes.get(self.current)

    def go(self, pane_id: str) -> None:
        """Show a pane and give it the focus."""
        if pane_id != self.current and self.current and self.current not in CALLED:
            self._before = self.current
        self.current = pane_id
        self._area.show(pane_id)
        self._area.screen.set_focus(self._area.panes[pane_id], scroll_visible=False)

    def refocus(self) -> None:
        """Give the focus back to the pane used last, after a typed line or a review."""
        if self.pane is not None:
            self._area.screen.set_focus(self.pane, scroll_visible=False)

    def back(self) -> None:
        """Leave a pane that opened over others, or the zoom."""
        if self._area.zoomed:
            self._area.zoom("")
            return
        if self.current in CALLED or self.current == "ticket":
            left = self.current
            self._area.leave(left)
            visible = self._area.visible_panes()
            # A search begun in the ticket came back to it: leaving the ticket then must not lead into it again.
            target = self._before if self._before in visible and self._before != left else "ladder"
            self.current = ""
            self.go(target)

    def step(self, by: int) -> None:
        """To the next visible pane in reading order, or the previous."""
        visible = self._area.visible_panes()
        if not visible or self._area.zoomed:
            return
        at = visible.index(self.current) if self.current in visible else -by
        self.go(visible[(at + by) % len(visible)])

    def number(self, number: str) -> None:
        """To the pane with this number."""
        self.go(BY_NUMBER[number])

    def begin_jump(self) -> None:
        """Show each pane's letter and wait for one."""
        self.is_jumping = True
        self._show_letters(LETTERS)

    def jump(self, character: str | None) -> bool:
        """End the jump with a letter; False when no pane has it."""
        self.is_jumping = False
        self._show_letters({})
        pane_id = BY_LETTER.get(character or "")
        if pane_id is not None:
            self.openers.get(pane_id, lambda: self.go(pane_id))()
        return pane_id is not None

    def _show_letters(self, letters: Mapping[str, str]) -> None:
        for pane_id, pane in self._area.panes.items():
            pane.show_letter(letters.get(pane_id, ""))

    def zoom(self) -> None:
        """Zoom the focused pane, or give all panes their places back."""
        self._area.zoom("" if self._area.zoomed else self.current)
