"""The palette as a pane that opens over the chart: everything by name, with its key, or why it is off."""

from collections.abc import Callable, Sequence

from tui.engine.commands import Desk
from tui.engine.store import Severity
from tui.ui.finder.entries import Entry, ranked
from tui.ui.lines import Line, Span, spread
from tui.ui.picker import PickerPane
from tui.ui.view_state import ViewState

#: Width from which the kind of each entry has a column.
_ROOMY = 70


class FinderPane(PickerPane[Entry]):
    """Chooses what to do; what moves money is only shown, with the key that does it."""

    CONTEXT = "palette"
    LABEL = "Palette"

    def __init__(self, desk: Desk, view: ViewState) -> None:
        super().__init__(desk, view)
        #: Everything there is at this moment; set by who opens the pane.
        self.entries: Callable[[], Sequence[Entry]] = tuple
        self._listed: Sequence[Entry] = ()

    def begin(self, query: str = "", title: str = "", entries: Sequence[Entry] | None = None) -> None:
        """List what there is now, or these entries alone under a title of theirs."""
        self._listed = self.entries() if entries is None else entries
        self.set_title(title)
        super().begin(query)

    def found(self) -> Sequence[Entry]:
        """Entries that hold the letters."""
        return ranked(self._listed, self.query_line.text)

    def row(self, item: Entry, width: int) -> Line:
        """What it does, where, and its keys or why it is off."""
        tone = "dim" if item.reason else ""
        left = [Span(f"{item.kind:<13} ", "dim")] if width >= _ROOMY else []
        right = Span(f" {item.reason} ", "warn") if item.reason else Span(f" {item.keys} ", "key")
        return spread([*left, Span(item.text, tone)], [right], width)

    def choose(self, item: Entry) -> None:
        """Leave and do it, or say why not."""
        if item.reason:
            self.view.intents.say(item.reason, Severity.WARNING)
            return
        self.view.intents.leave()
        item.run()
