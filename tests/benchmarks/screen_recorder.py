"""The real program on a terminal that keeps every byte with its time, and what its threads cost meanwhile."""

import os
import re
import time
from dataclasses import dataclass
from pathlib import Path

from lab import PROGRAM, Lab, Screen, cpu_seconds, terminal_variables

#: What Textual asks at start, and the answer of a terminal that can paint a frame at once.
_SYNC_QUERY, _SYNC_ANSWER = b"\x1b[?2026$p", b"\x1b[?2026;2$y"
SYNC_END = b"\x1b[?2026l"

#: Chunks that arrive closer together than this belong to one frame.
_FRAME_GAP_S = 0.03

#: The busiest symbols, and thirty in all for the watchlist.
BUSY = ("BTCUSDT-PERP", "ETHUSDT-PERP", "BTCUSDT")


@dataclass(frozen=True, slots=True)
class Cost:
    """What a stretch of time cost: shares of one core, bytes a second, frames a second."""

    seconds: float
    ui_thread: float
    process: float
    exchange: float
    bytes_per_second: float
    frames_per_second: float


class Recorder(Screen):
    """A terminal that answers the query for synchronised output and keeps all bytes as (time, bytes)."""

    def _read(self) -> None:
        self.chunks: list[tuple[float, bytes]] = []
        while not self._ended:
            try:
                data = os.read(self.fd, 65536)
            except OSError:
                data = b""
            if _SYNC_QUERY in data:
                os.write(self.fd, _SYNC_ANSWER)
            with self._more:
                self.chunks.append((time.perf_counter(), data))
                self._said += data
                del self._said[: -self.KEPT_BYTES]
                self._ended = not data
                self._more.notify_all()

    def press(self, keys: bytes) -> float:
        """Press keys and return when, on the clock of `chunks`."""
        pressed = time.perf_counter()
        os.write(self.fd, keys)
        return pressed

    def cost_of(self, seconds: float, exchange_pid: int) -> Cost:
        """Let the program run, and say what it cost."""
        pid = self.process.pid
        begun, first = time.perf_counter(), len(self.chunks)
        before = (thread_seconds(pid), cpu_seconds(pid), cpu_seconds(exchange_pid))
        time.sleep(seconds)
        after = (thread_seconds(pid), cpu_seconds(pid), cpu_seconds(exchange_pid))
        took = time.perf_counter() - begun
        shares = [(late - early) / took for early, late in zip(before, after, strict=True)]
        written = self.chunks[first:]
        size = sum(len(data) for _, data in written)
        return Cost(took, *shares, size / took, len(frames(written)) / took)


class ScreenLab(Lab):
    """An exchange, and the terminal at 200x50 with all panes live on a busy symbol and thirty symbols watched."""

    def record(self, *, ssh: bool = False, symbol: str = BUSY[0]) -> Recorder:
        """The program on a recording terminal."""
        config = self.folder / "screen.toml"
        watched = ", ".join(f'"{name}"' for name in self.watched())
        lines = ["[limits]", "duplicate_window_ms = 0"]  # the same order again and again is what is measured
        lines += ["[screen]", f'symbol = "{symbol}"', f"watchlist = [{watched}]", *self._environment()]
        config.write_text("\n".join(lines), encoding="utf-8")
        words = [*PROGRAM, "run", "--env", "lab", "--config", str(config), "--data-dir", str(self.folder / "screen")]
        variables = terminal_variables() | self._keys()
        if ssh:
            variables["SSH_CONNECTION"] = "192.0.2.1 50000 192.0.2.2 22"
        screen = Recorder(words, variables)
        self._screens.append(screen)
        screen.seconds_until(r"usr *\d+ms")
        return screen

    @staticmethod
    def watched() -> list[str]:
        """Thirty symbols, the busiest first."""
        from tui.domain.product import Product
        from tui.exchange.catalogue import listings

        perpetuals = [f"{each.symbol}-PERP" for each in listings(Product.USDM)]
        spot = [each.symbol for each in listings(Product.SPOT)]
        return [*perpetuals[:15], *spot[: 30 - len(perpetuals[:15])]]


def thread_seconds(pid: int) -> float:
    """Processor time of a process's first thread, which is the one that runs the screen (Linux)."""
    return int(Path(f"/proc/{pid}/task/{pid}/schedstat").read_text(encoding="ascii").split()[0]) / 1e9


def frames(chunks: list[tuple[float, bytes]]) -> list[bytes]:
    """Bytes joined into frames: whatever the terminal got in one go and without a pause."""
    joined: list[bytearray] = []
    last = -1.0
    for when, data in chunks:
        if joined and (when - last < _FRAME_GAP_S or not re.search(re.escape(SYNC_END), joined[-1])):
            joined[-1] += data
        else:
            joined.append(bytearray(data))
        last = when
    return [bytes(each) for each in joined]
