"""Small records of a venue that must survive a restart: JSON by kind and number, remembered until they are saved."""

from collections.abc import Callable, Iterable
from typing import TypeVar

import msgspec

T = TypeVar("T")


def _tell_nobody() -> None:
    """Without a state file nobody waits for changes."""


class Documents:
    """JSON texts by kind and number; `changed` is called whenever one is written or dropped."""

    def __init__(self) -> None:
        self.changed: Callable[[], None] = _tell_nobody
        self._found: dict[str, list[str]] = {}
        self._unsaved: dict[tuple[str, int], str | None] = {}

    def put(self, kind: str, number: int, record: object, *, urgent: bool = True) -> None:
        """Write a record, in place of the one that had this number; one that is not urgent waits for the next save."""
        self._unsaved[kind, number] = msgspec.json.encode(record).decode()
        if urgent:
            self.changed()

    def drop(self, kind: str, number: int) -> None:
        """Forget a record."""
        self._unsaved[kind, number] = None
        self.changed()

    def found(self, kind: str, record_type: type[T]) -> list[T]:
        """The records of a former run, ascending numbers; ValueError when one does not fit its type. Given once."""
        return [msgspec.json.decode(body, type=record_type) for body in self._found.pop(kind, [])]

    def restore(self, rows: Iterable[tuple[str, int, str]]) -> None:
        """Take what a state file holds."""
        for kind, _, body in sorted(rows, key=lambda row: row[1]):
            self._found.setdefault(kind, []).append(body)

    def take_changes(self) -> list[tuple[str, int, str | None]]:
        """Kind, number and text (None when dropped) of everything not saved yet."""
        changes = [(kind, number, body) for (kind, number), body in self._unsaved.items()]
        self._unsaved.clear()
        return changes
