"""A row above the command row that does nothing until a word is typed whole, and then does it once."""

from textual import events

from tui.engine.commands import Desk
from tui.engine.store import Severity
from tui.ui.command.line_edit import LineEdit
from tui.ui.line_pane import LinePane
from tui.ui.lines import Line, Span, spread
from tui.ui.view_state import ViewState

#: More letters than the word has by so many are not taken: the end of what is typed stays in sight.
_SPARE = 8


class WordRow(LinePane):
    """Subclasses say when it is wanted, which word it waits for, what it asks, and what the word does."""

    def __init__(self, desk: Desk, view: ViewState) -> None:
        super().__init__(desk, view)
        self.edit = LineEdit()

    @property
    def is_wanted(self) -> bool:
        """Whether the word is waited for."""
        raise NotImplementedError

    @property
    def word(self) -> str:
        """What must be typed."""
        raise NotImplementedError

    def asked(self, width: int) -> list[Span]:
        """The question."""
        raise NotImplementedError

    def obey(self) -> None:
        """Do what the word means."""
        raise NotImplementedError

    @property
    def is_typing(self) -> bool:
        """Printable keys are always text here."""
        return True

    def lines(self, width: int, height: int) -> list[Line]:
        """The question with what has been typed."""
        keys = [Span(" [Enter] ", "key"), Span("Esc: not now ", "dim")]
        return [spread([*self.asked(width), *self.edit.spans("strong")], keys if width >= 80 else [], width)]

    def take_key(self, event: events.Key) -> bool:
        """Text and Enter; Escape and function keys go on."""
        if event.key == "escape" or (event.key.startswith("f") and event.key[1:].isdigit()):
            return False
        if event.key == "enter":
            self._enter()
        elif not event.is_printable or len(self.edit.text) < len(self.word) + _SPARE:
            self.edit.press(event.key, event.character)
        self.paint()
        return True

    def _enter(self) -> None:
        if self.edit.text.strip() == self.word:
            self.obey()
            self.view.intents.leave()
        elif self.edit.text:
            self.view.intents.say(f"{self.edit.text!r} is not {self.word!r}: nothing is sent", Severity.WARNING)
        self.edit.text = ""
