"""The row that asks, once per start, whether real money is meant."""

from tui.engine.commands import Origin
from tui.engine.commands.safety import ConfirmEnvironment
from tui.ui.confirm.word_row import WordRow
from tui.ui.lines import Span


class ConfirmRow(WordRow):
    """Shown for as long as the session waits for the environment's name; cancels, HALT and looking work meanwhile."""

    CONTEXT = "confirm"

    @property
    def is_wanted(self) -> bool:
        """Whether the session still waits."""
        return self.desk.store.session.awaits_confirmation

    @property
    def word(self) -> str:
        """The environment's name."""
        return self.desk.store.session.environment

    def asked(self, width: int) -> list[Span]:
        """What is at stake, and where orders would go."""
        name, hosts = self.word, ", ".join(self.desk.store.session.hosts)
        at = f" to {hosts}" if hosts and width >= len(hosts) + 2 * len(name) + 70 else ""
        return [Span(" REAL MONEY ", "real_money"), Span(f" no order is sent{at} until you type {name}: ", "warn")]

    def obey(self) -> None:
        """Tell the engine."""
        self.desk.send(ConfirmEnvironment(self.word), Origin.KEY)
