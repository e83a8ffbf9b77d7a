"""The log pane: messages of the engine with the time, filtered by how loud they are."""

from textwrap import wrap

from tui.engine.commands import Desk
from tui.engine.store import Message, Severity
from tui.ui.actions import ROWS
from tui.ui.command.lines import SEVERITY_SIGN, SEVERITY_STYLE
from tui.ui.figures import moment
from tui.ui.line_pane import LinePane
from tui.ui.lines import Line, Span
from tui.ui.messages.loud import Errors, kept_messages
from tui.ui.view_state import ViewState

_LOUDNESS = (Severity.INFO, Severity.SUCCESS, Severity.WARNING, Severity.ERROR)


class MessagesPane(LinePane):
    """Messages, newest first; the row under the cursor is shown in full in the command row by moving onto it."""

    CONTEXT = "messages"
    NUMBER = "8"
    LABEL = "Log"

    @property
    def contexts(self) -> tuple[str, ...]:
        """The pane's own actions, then those of rows."""
        return self.CONTEXT, ROWS

    def __init__(self, desk: Desk, view: ViewState) -> None:
        super().__init__(desk, view)
        self.least = Severity.INFO
        self._cursor = 0
        self._rows = 1
        self._is_full = False
        self._errors = Errors(desk.store)

    @property
    def tab_text(self) -> str:
        """Name, and how many errors were told since the pane was looked at."""
        unseen = self._errors.unseen()
        return f"{super().tab_text} !{len(unseen)}" if unseen else super().tab_text

    def messages(self) -> list[Message]:
        """Those loud enough."""
        kept = kept_messages(self.desk.store)
        least = _LOUDNESS.index(self.least)
        return [message for message in kept if _LOUDNESS.index(message.severity) >= least]

    def lines(self, width: int, height: int) -> list[Line]:
        """One row a message."""
        self._errors.see()
        self._rows = height
        if self.has_focus:
            self.view.see_alerts(self.desk.store)
        kept = self.messages()
        self.set_title("" if self.least is Severity.INFO else f"{self.least} and louder", "f severity  ⏎ full text")
        self._cursor = max(0, min(self._cursor, len(kept) - 1))
        top = max(0, self._cursor - height + 1)
        if not kept:
            return [(Span(" nothing happened yet", "dim"),)]
        rows: list[Line] = []
        now_ms = self.view.clock.now_ms()
        for at, message in enumerate(kept[top : top + height], top):
            is_chosen = self.has_focus and at == self._cursor
            if is_chosen and self._is_full:
                rows += full_lines(message, width, now_ms)
            else:
                rows.append(message_line(message, now_ms, is_chosen))
        return rows

    def action_severity(self) -> None:
        """Leave out the quietest kind, and after the loudest start over."""
        self.least = _LOUDNESS[(_LOUDNESS.index(self.least) + 1) % len(_LOUDNESS)]
        self._cursor = 0

    def action_full(self) -> None:
        """Show the whole text under the cursor, over as many rows as it needs, or one row again."""
        self._is_full = not self._is_full

    def action_up(self) -> None:
        """A row up."""
        self._move(-1)

    def action_down(self) -> None:
        """A row down."""
        self._move(1)

    def action_page_up(self) -> None:
        """A page up."""
        self._move(-self._rows)

    def action_page_down(self) -> None:
        """A page down."""
        self._move(self._rows)

    def action_first(self) -> None:
        """The newest."""
        self._cursor = 0

    def action_last(self) -> None:
        """The oldest."""
        self._cursor = 10**9

    def _move(self, rows: int) -> None:
        self._cursor += rows


def full_lines(message: Message, width: int, now_ms: int) -> list[Line]:
    """A message under the cursor with its whole text."""
    first = message_line(message, now_ms, is_under_cursor=True)
    style, start = first[-1].style, sum(len(span.text) for span in first[:-1])
    rows = wrap(message.text, max(10, width - start)) or [""]
    return [(*first[:-1], Span(rows[0], style)), *((Span(f"{' ' * start}{row}", style),) for row in rows[1:])]


def message_line(message: Message, now_ms: int, is_under_cursor: bool) -> Line:
    """Time, sign of how loud, text."""
    ground = " cursor" if is_under_cursor else ""
    return (
        Span(f"{'▶' if is_under_cursor else ' '}{moment(message.time_ms, now_ms)} ", f"dim{ground}"),
        Span(f"{SEVERITY_SIGN[message.severity]} ", f"{SEVERITY_STYLE[message.severity]}{ground}".strip()),
        Span(message.text, f"{SEVERITY_STYLE[message.severity]}{ground}".strip()),
    )
