"""The exchange's clock as seen from here; no I/O."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class ClockSample:
    """One question for the time: local epoch times around it and the exchange's answer, in milliseconds."""

    sent_ms: float
    received_ms: float
    server_ms: int

    @property
    def round_trip_ms(self) -> float:
        """How long the answer took."""
        return self.received_ms - self.sent_ms

    @property
    def offset_ms(self) -> float:
        """Server minus local time, if both ways took equally long."""
        return self.server_ms - (self.sent_ms + self.received_ms) / 2


class ServerClock:
    """Server time minus local time; zero until first measured."""

    __slots__ = ("offset_ms",)

    def __init__(self) -> None:
        self.offset_ms = 0

    def take(self, samples: Iterable[ClockSample]) -> None:
        """Believe the median of the faster half: slow answers are rarely slow in both directions alike."""
        ordered = sorted(samples, key=lambda sample: sample.round_trip_ms)
        fastest = ordered[: (len(ordered) + 1) // 2]
        if fastest:
            self.offset_ms = round(median(sample.offset_ms for sample in fastest))

    def now_ms(self) -> int:
        """The exchange's time now, as epoch milliseconds."""
        return time.time_ns() // 1_000_000 + self.offset_ms
