"""Lines for the log pane."""

from itertools import count

from tui.domain.text import clean
from tui.engine.clock import Clock
from tui.engine.store import Message, Severity, Store
from tui.keys.redaction import redact


class Messages:
    """Writes numbered lines to the store, newest first, without control characters and without secrets."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._numbers = count(1)

    def say(self, severity: Severity, text: str) -> None:
        """Add one line."""
        line = Message(next(self._numbers), self._clock.now_ms(), severity, clean(redact(text)))
        self._store.messages.appendleft(line)
        self._store.revision += 1

    def info(self, text: str) -> None:
        """Something worth knowing."""
        self.say(Severity.INFO, text)

    def success(self, text: str) -> None:
        """Something the trader wanted has happened."""
        self.say(Severity.SUCCESS, text)

    def warning(self, text: str) -> None:
        """Something the trader should look at."""
        self.say(Severity.WARNING, text)

    def error(self, text: str) -> None:
        """Something that failed."""
        self.say(Severity.ERROR, text)
