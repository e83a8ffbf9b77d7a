"""The row above the command row that asks, once per start, whether real money is meant."""

from textual import events

from tui.engine.commands import ConfirmEnvironment, Desk, Origin
from tui.engine.store import Severity
from tui.ui.command.line_edit import LineEdit
from tui.ui.line_pane import LinePane
from tui.ui.lines import Line, Span, spread
from tui.ui.view_state import ViewState


class ConfirmRow(LinePane):
    """Shown for as long as the session waits for the environment's name; everything but sending works meanwhile."""

    CONTEXT = "confirm"

    def __init__(self, desk: Desk, view: ViewState) -> None:
        super().__init__(desk, view)
        self.edit = LineEdit()

    @property
    def is_wanted(self) -> bool:
        """Whether the session still waits."""
        return self.desk.store.session.awaits_confirmation

    @property
    def is_typing(self) -> bool:
        """Printable keys are always text here."""
        return True

    def lines(self, width: int, height: int) -> list[Line]:
        """The question with what has been typed."""
        session = self.desk.store.session
        name, hosts = session.environment, ", ".join(session.hosts)
        at = f" to {hosts}" if hosts and width >= len(hosts) + 2 * len(name) + 70 else ""
        asked = [Span(" REAL MONEY ", "real_money"), Span(f" nothing is sent{at} until you type {name}: ", "warn")]
        keys = [Span(" [Enter] ", "key"), Span("Esc: look first ", "dim")]
        return [spread([*asked, *self.edit.spans("strong")], keys if width >= 80 else [], width)]

    def take_key(self, event: events.Key) -> bool:
        """Text and Enter; Escape and function keys go on."""
        if event.key == "escape" or (event.key.startswith("f") and event.key[1:].isdigit()):
            return False
        if event.key == "enter":
            self._enter()
        else:
            self.edit.press(event.key, event.character)
        self.paint()
        return True

    def _enter(self) -> None:
        name = self.desk.store.session.environment
        if self.edit.text.strip() == name:
            self.desk.send(ConfirmEnvironment(name), Origin.KEY)
            self.view.intents.leave()
        elif self.edit.text:
            self.view.intents.say(f"{self.edit.text!r} is not {name!r}: nothing is sent yet", Severity.WARNING)
        self.edit.text = ""
