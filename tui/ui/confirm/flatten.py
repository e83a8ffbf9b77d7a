"""The row that a second HALT brings: every position at market, for the word `flat`."""

from tui.engine.commands import Desk, Origin
from tui.engine.commands.orders import Flatten
from tui.ui.confirm.word_row import WordRow
from tui.ui.lines import Span
from tui.ui.view_state import ViewState
from tui.ui.words import flatten_words


class FlattenRow(WordRow):
    """Offers to close everything; Esc, or any other word, closes nothing."""

    CONTEXT = "flatten"

    def __init__(self, desk: Desk, view: ViewState) -> None:
        super().__init__(desk, view)
        self._is_offered = False

    @property
    def is_wanted(self) -> bool:
        """Whether it was offered, also when there is nothing to close (any more): the word must not become keys."""
        return self._is_offered

    @property
    def word(self) -> str:
        """Short, and never typed by accident."""
        return "flat"

    def offer(self) -> None:
        """Ask now."""
        self._is_offered = True
        self.edit.text = ""

    def drop(self) -> None:
        """Ask no longer."""
        self._is_offered = False

    def asked(self, width: int) -> list[Span]:
        """What would be closed."""
        words = flatten_words(self.desk.store, most=4 if width >= 160 else 2 if width >= 100 else 0)
        asked = f" {words} at market? type {self.word}: " if words else " no position is open, nothing to close "
        return [Span(" FLATTEN ", "halted"), Span(asked, "warn")]

    def obey(self) -> None:
        """Send it, once, where there is something to close."""
        self.drop()
        if flatten_words(self.desk.store):
            self.desk.send(Flatten(reviewed=True), Origin.KEY)
