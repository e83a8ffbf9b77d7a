"""Exchange time."""

import time


class Clock:
    """Exchange time: the wall clock at the start, then running `speed` times as fast; never goes backwards."""

    def __init__(self, speed: float = 1.0) -> None:
        if not speed > 0:
            raise ValueError(f"speed must be positive, not {speed}")
        self.speed = speed
        self._start_ms = time.time_ns() // 1_000_000
        self._start = time.monotonic()

    def now_ms(self) -> int:
        """Milliseconds since the epoch, as the exchange sees them."""
        return self._start_ms + int((time.monotonic() - self._start) * self.speed * 1000)


class ManualClock(Clock):
    """A clock that moves only when told, for simulations that must repeat exactly."""

    def __init__(self, start_ms: int) -> None:
        super().__init__()
        self._now_ms = start_ms

    def now_ms(self) -> int:
        """The time last set."""
        return self._now_ms

    def advance(self, ms: int) -> None:
        """Move forward."""
        self._now_ms += ms
