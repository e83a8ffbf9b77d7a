"""What time it is, for everything drawn: ages, countdowns, the clock of the header, keys that must follow quickly."""

import time
from typing import Protocol


class PaintClock(Protocol):
    """Both clocks of the store's times."""

    def now_ms(self) -> int:
        """Epoch milliseconds, as the exchange counts them."""

    def monotonic_ns(self) -> int:
        """Nanoseconds of the clock that `Stamped.received_ns` is read from."""


class SystemClock:
    """The machine's own clocks."""

    def now_ms(self) -> int:
        """Epoch milliseconds."""
        return time.time_ns() // 1_000_000

    def monotonic_ns(self) -> int:
        """Nanoseconds since an unknown moment, never going back."""
        return time.monotonic_ns()


class FrozenClock:
    """A clock that stands still until it is told to move; for tests and pictures."""

    def __init__(self, epoch_ms: int, monotonic_ns: int = 1_000_000_000_000) -> None:
        self._epoch_ms = epoch_ms
        self._monotonic_ns = monotonic_ns

    def now_ms(self) -> int:
        """Epoch milliseconds, as set."""
        return self._epoch_ms

    def monotonic_ns(self) -> int:
        """Nanoseconds, as set."""
        return self._monotonic_ns

    def advance(self, seconds: float) -> None:
        """Let time pass on both clocks."""
        self._epoch_ms += round(seconds * 1_000)
        self._monotonic_ns += round(seconds * 1e9)
