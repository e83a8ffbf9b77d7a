"""A burst is not typing: while armed, printable keys that come together wait, and four within the window are dropped.

A paste arrives in one piece, so its first key is never alone: a key waits a moment to see whether others came with it,
and if so, or if one came within the window before it, it waits out the whole window. A key that came alone passes
after that moment, because an order must not be late. Arrow keys, Enter and the like wait behind a printable one that
waits, so that their order is kept, and pass at once when none does.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")

WINDOW_NS = 50_000_000
BURST = 4

#: Keys read from the terminal in one piece reach the gate within a fraction of this.
ALONE_NS = 250_000


@dataclass(slots=True)
class _Waiting(Generic[T]):
    key: T
    came_ns: int
    due_ns: int


@dataclass(slots=True)
class KeyGate(Generic[T]):
    """Keys that wait, oldest first, and when the printable ones of the last window came."""

    _waiting: deque[_Waiting[T]] = field(default_factory=deque)
    _came_ns: deque[int] = field(default_factory=deque)

    def __len__(self) -> int:
        return len(self._waiting)

    def arrive(self, key: T, prints: bool, now_ns: int, *, came_alone: bool = False) -> bool:
        """Let a key wait; False when it may pass at once because nothing waits before it.

        That is one that does not print, or one that is known to have come alone and has none in the window before it.
        """
        if not prints:
            if self._waiting:
                self._waiting.append(_Waiting(key, now_ns, now_ns))
            return bool(self._waiting)
        while self._came_ns and now_ns - self._came_ns[0] > WINDOW_NS:
            self._came_ns.popleft()
        is_alone = not self._came_ns
        self._came_ns.append(now_ns)
        if is_alone and came_alone and not self._waiting:
            return False
        if not is_alone:
            for other in self._waiting:
                other.due_ns = other.came_ns + WINDOW_NS
        self._waiting.append(_Waiting(key, now_ns, now_ns + (ALONE_NS if is_alone else WINDOW_NS)))
        return True

    def is_burst(self) -> bool:
        """Whether the last printable keys came too fast to be typing, those that have passed included."""
        return len(self._came_ns) >= BURST

    def next_due_ns(self) -> int | None:
        """When the oldest waiting key may pass; None when none waits."""
        return self._waiting[0].due_ns if self._waiting else None

    def release(self, now_ns: int) -> list[T]:
        """Keys that have waited long enough, in the order they came."""
        free: list[T] = []
        while self._waiting and self._waiting[0].due_ns <= now_ns:
            free.append(self._waiting.popleft().key)
        return free

    def drop(self) -> int:
        """Forget all that wait and say how many there were."""
        count = len(self._waiting)
        self._waiting.clear()
        self._came_ns.clear()
        return count
