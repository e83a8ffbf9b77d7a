"""Watch the memory of program and exchange for a long time: `python3 dev.py bench soak [minutes] [speed]`.

What both hold depends on the market's time that has gone by: 20 minutes at 60 show what an hour at 20 does.
"""

import sys
import tempfile
import time
from pathlib import Path

from lab import Lab, cpu_seconds, resident_mb

#: Caches, lists of fixed length and the allocator fill up first; growth is counted from here on.
WARM_UP_SHARE = 1 / 6


def soak(minutes: float, speed: float, every_s: float = 20.0) -> None:
    """Run the terminal on an exchange whose time runs `speed` times as fast, and print the growth at the end."""
    samples: list[tuple[float, float, float]] = []
    with tempfile.TemporaryDirectory() as folder, Lab(Path(folder), speed=speed) as lab:
        screen = lab.run(screen_settings='symbol = "BTCUSDT-PERP"')
        begun = time.monotonic()
        while (gone := (time.monotonic() - begun) / 60) < minutes:
            time.sleep(every_s)
            program, exchange = screen.process.pid, lab.exchange.pid
            samples.append((gone, resident_mb(program), resident_mb(exchange)))
            cpu = f"{cpu_seconds(program):.0f} s / {cpu_seconds(exchange):.0f} s"
            print(f"{gone:6.1f} min  {samples[-1][1]:7.1f} MB / {samples[-1][2]:7.1f} MB  {cpu}", flush=True)
    settled = [sample for sample in samples if sample[0] >= minutes * WARM_UP_SHARE]
    for name, column in (("terminal", 1), ("exchange", 2)):
        first, last = settled[0][column], settled[-1][column]
        print(
            f"{name}: {first:.1f} MB -> {last:.1f} MB, {last / first - 1:+.1%} in {minutes:.0f} min at speed {speed:g}"
        )


if __name__ == "__main__":
    words = [float(word) for word in sys.argv[1:]]
    soak(*(words or [60.0, 20.0]))
