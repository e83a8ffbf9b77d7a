"""Errors that the engine told of by itself: a liquidation must be seen whatever pane is looked at."""

from tui.engine.store import Message, Severity, Store


def kept_messages(store: Store) -> list[Message]:
    """All that are kept, newest first; none in the rare case that the engine never stops adding some."""
    for _ in range(8):
        try:
            return list(store.messages)
        except RuntimeError:  # the engine's thread added one meanwhile
            continue
    return []


class Errors:
    """Errors that were not seen yet; those from before it was made count as seen."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._seen = self._newest()

    def unseen(self) -> list[Message]:
        """The newest first."""
        if self._newest() == self._seen:
            return []
        return self._after(kept_messages(self._store))

    def see(self) -> list[Message]:
        """Those of `unseen`, which are seen from now on."""
        if self._newest() == self._seen:
            return []
        kept = kept_messages(self._store)
        unseen = self._after(kept)
        self._seen = kept[0].number if kept else self._seen
        return unseen

    def _after(self, kept: list[Message]) -> list[Message]:
        return [each for each in kept if each.number > self._seen and each.severity is Severity.ERROR]

    def _newest(self) -> int:
        try:
            return self._store.messages[0].number
        except IndexError:
            return 0
