"""Lines typed before, also those of earlier starts; a line is kept once, where it was typed last."""

from collections.abc import Sequence

from tui.ui.state_file import StateFile, texts

SECTION = "history"
KEPT = 200
_LONGEST = 160


class LineHistory:
    """What ↑ brings back; kept in the state file, which holds nothing secret because no line does."""

    def __init__(self, state: StateFile) -> None:
        self._state = state
        self._lines = texts(state.section(SECTION), KEPT, _LONGEST)[-KEPT:]
        self._at = len(self._lines)

    @property
    def lines(self) -> Sequence[str]:
        """Oldest first."""
        return self._lines

    def add(self, line: str) -> None:
        """Remember a line that was entered."""
        self._lines = [*(each for each in self._lines if each != line), line][-KEPT:]
        self._state.put(SECTION, list(self._lines))
        self.begin()

    def begin(self) -> None:
        """Stand behind the newest line again."""
        self._at = len(self._lines)

    def recall(self, step: int) -> str | None:
        """The line so many steps on (older when negative), "" behind the newest, None when there is none at all."""
        if not self._lines:
            return None
        self._at = max(0, min(len(self._lines), self._at + step))
        return self._lines[self._at] if self._at < len(self._lines) else ""
