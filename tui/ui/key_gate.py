"""A burst is not typing: while armed, keys wait a moment, and four printable ones in it are dropped.

A key sends an order at once only when it came alone, so the first key of a paste must not act before the fourth is
seen: each waits out the window. Arrow keys, Enter and the like wait behind a printable one that waits, so that their
order is kept, and pass at once when none does.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")

WINDOW_NS = 50_000_000
BURST = 4


@dataclass(slots=True)
class KeyGate(Generic[T]):
    """Keys that wait, oldest first, each with when it came and whether it prints."""

    _waiting: deque[tuple[int, bool, T]] = field(default_factory=deque)

    def __len__(self) -> int:
        return len(self._waiting)

    def arrive(self, key: T, prints: bool, now_ns: int) -> bool:
        """Let a key wait; False when it may pass at once because it does not print and nothing waits before it."""
        if not prints and not self._waiting:
            return False
        self._waiting.append((now_ns, prints, key))
        return True

    def is_burst(self) -> bool:
        """Whether the keys that wait came too fast to be typing."""
        times = [came for came, prints, _ in self._waiting if prints]
        return any(late - early <= WINDOW_NS for early, late in zip(times, times[BURST - 1 :], strict=False))

    def release(self, now_ns: int) -> list[T]:
        """Keys that have waited long enough, in the order they came."""
        free: list[T] = []
        while self._waiting and now_ns - self._waiting[0][0] >= WINDOW_NS:
            free.append(self._waiting.popleft()[2])
        return free

    def drop(self) -> int:
        """Forget all that wait and say how many there were."""
        count = len(self._waiting)
        self._waiting.clear()
        return count
