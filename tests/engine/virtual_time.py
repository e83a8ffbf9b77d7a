"""Time that leaps to the next thing that is due: hours of trading in milliseconds, and the same each time."""

import asyncio
import selectors
import time

_STEP_NS = 2_000
_EPOCH_NS = 1_795_000_000 * 10**9
_BOOT_NS = _EPOCH_NS - 10**15


class VirtualTime:
    """In the place of the `time` module's clocks for as long as `monkeypatch` lasts."""

    def __init__(self, monkeypatch) -> None:
        self.now_ns = _EPOCH_NS
        clocks = {
            "time": lambda: self.now_ns / 1e9,
            "time_ns": lambda: self.now_ns,
            "monotonic": lambda: (self.now_ns - _BOOT_NS) / 1e9,
            "monotonic_ns": lambda: self.now_ns - _BOOT_NS,
        }
        for name, clock in clocks.items():
            monkeypatch.setattr(time, name, clock)
        monkeypatch.setattr("tui.engine.book_keeper.monotonic_ns", clocks["monotonic_ns"])

    @property
    def now_ms(self) -> int:
        return self.now_ns // 1_000_000

    def run(self, main):
        """What the coroutine returns, in a loop of its own, from the same moment each time."""
        self.now_ns = _EPOCH_NS
        with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(_Leaping(self))) as runner:
            return runner.run(main)


class _Leaping(selectors.DefaultSelector):
    """Waits for nothing but other threads; what it was to wait has passed at once."""

    def __init__(self, clock: VirtualTime) -> None:
        super().__init__()
        self._clock = clock

    def select(self, timeout=None):
        ready = super().select(0)
        if ready or timeout == 0:
            self._clock.now_ns += _STEP_NS
            return ready
        if timeout is None:
            return super().select(0.001)
        self._clock.now_ns += int(timeout * 1e9) + _STEP_NS
        return ready
