"""Keeping a book true from a snapshot and a stream of changes, without any I/O.

Rules: Binance spot WebSocket streams, "How to manage a local order book correctly" (recipe of 2025-11-12), and the
USD-M and COIN-M pages of the same name. Spot chains updates by `U == previous u + 1`, futures by `pu == previous u`.
"""

from collections import deque
from dataclasses import dataclass
from enum import StrEnum

from tui.domain.market import BookChange, BookSnapshot

#: Changes kept while a snapshot is awaited; older ones are dropped, which makes the next snapshot "too old".
BUFFERED = 10_000
#: Price levels in them, for the same reason; one change may hold thousands.
BUFFERED_LEVELS = 500_000


class SyncState(StrEnum):
    """Whether the book is known to be true."""

    SYNCING = "syncing"
    LIVE = "live"


class Step(StrEnum):
    """What the keeper of the book must do with a change."""

    APPLY = "apply"
    #: Already contained in the book, or kept until a snapshot arrives.
    NOTHING = "nothing"
    #: Something is missing: blank the book and fetch a snapshot.
    GAP = "gap"


#: By a name of its own, because looking into an enumeration for every message takes longer than judging it.
_APPLY = Step.APPLY


@dataclass(frozen=True, slots=True)
class Bridge:
    """A snapshot and the buffered changes that follow it without a gap."""

    snapshot: BookSnapshot
    changes: list[BookChange]


class BookSync:
    """Decides which changes a book may take. Changes and snapshots go in, decisions come out.

    `needs_snapshot` is true from the start, after `restart`, after a gap and after a snapshot that was too old.
    """

    def __init__(self, capacity: int = BUFFERED) -> None:
        self.state = SyncState.SYNCING
        self.update_id = 0
        self._chained = False
        self._buffer: deque[BookChange] = deque(maxlen=capacity)
        self._buffered_levels = 0

    @property
    def needs_snapshot(self) -> bool:
        """Whether the book cannot go on without a new snapshot."""
        return self.state is SyncState.SYNCING

    def restart(self) -> None:
        """Forget everything, as after a reconnect."""
        self._buffer.clear()
        self._buffered_levels = 0
        self._lose()

    def on_change(self, change: BookChange) -> Step:
        """Judge a change that has just arrived."""
        # Nearly every message continues the chain, and is judged by one comparison.
        previous = change.previous_id
        before = change.first_id - 1 if previous is None else previous
        if self._chained and before == self.update_id < change.final_id:
            self.update_id = change.final_id
            return _APPLY
        if self.state is SyncState.SYNCING:
            self._keep(change)
            return Step.NOTHING
        if self._is_covered(change):
            return Step.NOTHING
        if self._follows(change):
            self._take(change)
            return Step.APPLY
        self._buffer.clear()
        self._buffered_levels = 0
        self._keep(change)
        self._lose()
        return Step.GAP

    def on_snapshot(self, snapshot: BookSnapshot) -> Bridge | None:
        """Join a snapshot with what was buffered; None when there is a hole between them and another is needed.

        With nothing newer buffered the snapshot alone is the book; the next change shows whether it was in time.
        """
        self._chained = False
        self.update_id = snapshot.update_id
        changes: list[BookChange] = []
        while self._buffer:
            change = self._buffer[0]
            if not self._is_covered(change):
                if not self._follows(change):
                    self._lose()
                    return None
                self._take(change)
                changes.append(change)
            self._buffer.popleft()
        self.state = SyncState.LIVE
        return Bridge(snapshot, changes)

    def _keep(self, change: BookChange) -> None:
        """Buffer a change; when too much is buffered everything before it is dropped."""
        self._buffered_levels += len(change.bids) + len(change.asks)
        if self._buffered_levels > BUFFERED_LEVELS:
            self._buffer.clear()
            self._buffered_levels = len(change.bids) + len(change.asks)
        self._buffer.append(change)

    def _lose(self) -> None:
        self.state = SyncState.SYNCING
        self.update_id = 0
        self._chained = False

    def _take(self, change: BookChange) -> None:
        self.update_id = change.final_id
        self._chained = True

    def _is_covered(self, change: BookChange) -> bool:
        """Whether the book already contains the change. Futures keep `u == L`: it may be the one that bridges."""
        if change.previous_id is not None and not self._chained:
            return change.final_id < self.update_id
        return change.final_id <= self.update_id

    def _follows(self, change: BookChange) -> bool:
        if change.previous_id is None:
            return change.first_id <= self.update_id + 1 <= change.final_id
        if change.previous_id == self.update_id:
            return True
        return not self._chained and change.first_id <= self.update_id <= change.final_id
