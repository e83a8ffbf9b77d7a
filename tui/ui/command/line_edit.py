"""A line of typed text with a caret, as a value's worth of behaviour: no widget, no clipboard."""

from tui.domain.text import clean
from tui.ui.lines import Span

LONGEST = 200


class LineEdit:
    """One editable line; `text` may be set from outside, the caret then goes to its end."""

    def __init__(self, text: str = "") -> None:
        self._text = text
        self.caret = len(text)
        #: The next typed character takes the place of everything, as in a field that was just entered.
        self.is_selected = False

    @property
    def text(self) -> str:
        """What is typed."""
        return self._text

    @text.setter
    def text(self, text: str) -> None:
        self._text = text
        self.caret = len(text)

    def press(self, key: str, character: str | None) -> bool:
        """Take a key; False when it means nothing to a line."""
        was_selected, self.is_selected = self.is_selected, False
        if was_selected and key in ("backspace", "ctrl+h", "delete"):
            self._cut(0, len(self._text))
            return True
        match key:
            case "left":
                self.caret = max(0, self.caret - 1)
            case "right":
                self.caret = min(len(self._text), self.caret + 1)
            case "home":
                self.caret = 0
            case "end":
                self.caret = len(self._text)
            case "backspace" | "ctrl+h":
                self._cut(max(0, self.caret - 1), self.caret)
            case "delete":
                self._cut(self.caret, self.caret + 1)
            case "ctrl+w":
                self._cut(self._text[: self.caret].rstrip().rfind(" ") + 1, self.caret)
            case "ctrl+u":
                self._cut(0, self.caret)
            case _:
                if character is None or not character.isprintable():
                    self.is_selected = was_selected
                    return False
                self.is_selected = was_selected
                self.insert(character)
        return True

    def insert(self, text: str) -> None:
        """Put text at the caret, made harmless and cut to what a line holds."""
        if self.is_selected:
            self._cut(0, len(self._text))
            self.is_selected = False
        text = clean(text)[: max(0, LONGEST - len(self._text))]
        self._text = self._text[: self.caret] + text + self._text[self.caret :]
        self.caret += len(text)

    def spans(self, style: str = "") -> list[Span]:
        """The text with its caret, or wholly under it while it is selected."""
        if self.is_selected and self._text:
            return [Span(self._text, "caret"), Span(" ", style)]
        before, at, after = (
            self._text[: self.caret],
            self._text[self.caret : self.caret + 1],
            self._text[self.caret + 1 :],
        )
        return [Span(before, style), Span(at or " ", "caret"), Span(after, style)]

    def _cut(self, start: int, stop: int) -> None:
        self._text = self._text[:start] + self._text[stop:]
        self.caret = start
