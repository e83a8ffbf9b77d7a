"""A pane with a typed line above and what it finds below; letters narrow the list, Enter takes the row."""

from collections.abc import Sequence
from typing import Generic, TypeVar

from textual import events

from tui.engine.commands import Desk
from tui.ui.command.line_edit import LineEdit
from tui.ui.line_pane import LinePane
from tui.ui.lines import BLANK, Line, Span, fit, spread
from tui.ui.view_state import ViewState

T = TypeVar("T")


class PickerPane(LinePane, Generic[T]):
    """Subclasses say what is found, how a row looks, and what choosing it does."""

    PROMPT = " > "
    NOTHING = " nothing has these letters in this order"
    #: Lines under the list that explain the chosen row.
    DETAIL_ROWS = 0

    def __init__(self, desk: Desk, view: ViewState) -> None:
        super().__init__(desk, view)
        self.query_line = LineEdit()
        self._cursor = 0
        self._top = 0

    @property
    def is_typing(self) -> bool:
        """Printable keys are always the query."""
        return True

    def found(self) -> Sequence[T]:
        """What the typed letters mean, best first."""
        raise NotImplementedError

    def row(self, item: T, width: int) -> Line:
        """One found thing in `width` cells."""
        raise NotImplementedError

    def detail(self, item: T, width: int) -> list[Line]:
        """More of the chosen thing, DETAIL_ROWS lines at most."""
        return []

    def choose(self, item: T) -> None:
        """Do what Enter means for it."""
        raise NotImplementedError

    def begin(self, query: str = "") -> None:
        """Start with this typed."""
        self.query_line.text = query
        self._cursor = self._top = 0
        self.paint()

    @property
    def chosen(self) -> T | None:
        """What the cursor is on."""
        found = self.found()
        return found[min(self._cursor, len(found) - 1)] if found else None

    def lines(self, width: int, height: int) -> list[Line]:
        """The query, what it finds, and more of the chosen row."""
        found = self.found()
        rows = max(1, height - 2 - self.DETAIL_ROWS)
        self._cursor = max(0, min(self._cursor, len(found) - 1))
        self._top = max(0, min(self._top, self._cursor), self._cursor - rows + 1)
        shown = [
            self._marked(self.row(item, width - 3), self._top + y == self._cursor, width)
            for y, item in enumerate(found[self._top : self._top + rows])
        ]
        shown = shown or [(Span(self.NOTHING, "warn"),)]
        shown += [BLANK] * (rows - len(shown))
        first = [Span(self.PROMPT, "key"), *self.query_line.spans("strong")]
        more = self.detail(found[self._cursor], width)[: self.DETAIL_ROWS] if found else []
        return [spread(first, [Span(f"{len(found)} found ", "dim")], width), BLANK, *shown, *more]

    def _marked(self, line: Line, is_chosen: bool, width: int) -> Line:
        spans = fit((Span(" ▶ " if is_chosen else "   ", "key"), *line), width)
        return tuple(Span(text, f"{style} cursor".strip()) for text, style in spans) if is_chosen else spans

    def take_key(self, event: events.Key) -> bool:
        """Letters narrow the list, arrows move in it, Enter chooses."""
        match event.key:
            case "up" | "down" | "tab" | "shift+tab":
                self._cursor += -1 if event.key in ("up", "shift+tab") else 1
            case "pageup" | "pagedown":
                self._cursor += -10 if event.key == "pageup" else 10
            case "enter":
                if (item := self.chosen) is not None:
                    self.choose(item)
            case _:
                if not self.query_line.press(event.key, event.character):
                    return False
                self._cursor = 0
        self.paint()
        return True

    def on_paste(self, event: events.Paste) -> None:
        """Pasted letters are letters."""
        event.stop()
        self.query_line.insert(event.text.partition("\n")[0])
        self.paint()

    def point(self, x: int, y: int) -> None:
        """The cursor on the row that was clicked."""
        if 2 <= y < self.content_size.height - self.DETAIL_ROWS:
            self._cursor = self._top + y - 2

    def action_up(self) -> None:
        """A row up, by the wheel."""
        self._cursor = max(0, self._cursor - 1)

    def action_down(self) -> None:
        """A row down, by the wheel."""
        self._cursor += 1
