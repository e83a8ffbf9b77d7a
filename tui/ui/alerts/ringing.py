"""The terminal's bell and its desktop notification for each alert that is told."""

from collections.abc import Callable

from tui.config import Alerts
from tui.domain.text import clean
from tui.engine.store import Store

_LONGEST = 200


class Ringing:
    """Looks at what the engine has told since last time; `write` puts control sequences on the terminal.

    `say` shows one line to the trader, whatever stands in front.
    """

    def __init__(
        self, store: Store, settings: Alerts, write: Callable[[str], None], say: Callable[[str], None]
    ) -> None:
        self._store = store
        self._settings = settings
        self._write = write
        self._say = say
        self._last = store.told[0].number if store.told else 0

    def look(self) -> None:
        """Ring once, and notify of each alert told meanwhile."""
        newest = self._store.told[0].number if self._store.told else 0
        if newest <= self._last:
            return
        fresh = [told for told in tuple(self._store.told) if told.number > self._last]
        self._last = newest
        for told in reversed(fresh):
            self._say(f"ALERT {told.alert}: {told.text}")
        if self._settings.notify:
            for told in reversed(fresh):
                self._write(notification(told.text))
        if self._settings.bell:
            self._write("\a")


def notification(text: str) -> str:
    """The sequence by which a terminal shows a desktop notification (OSC 9); it can end nothing but itself."""
    return f"\x1b]9;binance-tui: {clean(text, _LONGEST)}\x1b\\"
