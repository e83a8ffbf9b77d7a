"""The two clocks the engine reads, behind one object so that tests can hold them still."""

import time


class Clock:
    """This machine's clocks."""

    def now_ms(self) -> int:
        """Epoch milliseconds; may jump when the machine's clock is set."""
        return time.time_ns() // 1_000_000

    def monotonic_ns(self) -> int:
        """Nanoseconds that only ever rise; for ages and deadlines."""
        return time.monotonic_ns()
