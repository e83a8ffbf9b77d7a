"""What the screen costs: processor and bytes on the demo's market, keys and orders under a flood; one line a figure.

The program runs at 200x50 in a pseudo-terminal, all panes live, on the embedded exchange. Times that a key or an order
took are measured from outside, from the write of the key to the bytes on the terminal or at the exchange's door, so
they hold the pseudo-terminal, the socket and the scheduler too.
"""

import json
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from below_the_screen_table import Figure
from order_door import Floor, OrderDoor
from screen_recorder import Recorder, ScreenLab, frames
from screen_smallest import Replay, ratio

SECONDS = 15.0
#: The flooded book's middle; near enough to the demo's price that guards on the distance to the mark pass.
MIDDLE = 90_000
KEYS, ORDERS = 300, 200
_ROW = re.compile(r"(?:(\d+\.\d+) )?(\d\d,\d{3}\.\d)(?: +(\d+\.\d+))?")


class Gateway:
    """The flooding gateway as a process."""

    def __init__(self, lab: ScreenLab) -> None:
        words = [sys.executable, str(Path(__file__).with_name("screen_flood.py")), json.dumps(lab.ready), str(MIDDLE)]
        self._process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        lab.ready |= json.loads(self._process.stdout.readline())

    def ask(self, line: str) -> Any:
        """Give one command and return the answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.communicate()


class Probe:
    """How late this machine wakes a process that sleeps a millisecond: below it no time of the program can fall."""

    def __init__(self) -> None:
        self._late: list[float] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        while not self._ended.is_set():
            begun = time.perf_counter()
            time.sleep(0.001)
            self._late.append((time.perf_counter() - begun) * 1e3 - 1)
            time.sleep(0.01)

    def figure(self, name: str) -> Figure:
        """Stop, and say it."""
        self._ended.set()
        self._thread.join()
        late = " / ".join(f"{percentile(self._late, percent):.2f}" for percent in (50, 99))
        return Figure(f"{name}, a sleeping process woken late meanwhile, p50 / p99", f"{late} ms")


def calm_figures(folder: Path, *, ssh: bool) -> Iterator[Figure]:
    """The demo's market as it is."""
    name = "SSH profile" if ssh else "screen 200x50"
    with ScreenLab(folder) as lab:
        screen = lab.record(ssh=ssh)
        time.sleep(6)
        before = len(screen.chunks)
        cost = screen.cost_of(SECONDS, lab.exchange.pid)
        chunks = list(screen.chunks)
    yield Figure(f"{name}, frames a second", f"{cost.frames_per_second:.1f}")
    yield Figure.at_most(f"{name}, bytes written", cost.bytes_per_second / 1e3, 12 if ssh else 40, " KB/s")
    if ssh:
        return
    yield Figure.at_most(f"{name}, UI thread", cost.ui_thread * 100, 5, " % of a core")
    yield Figure.at_most(f"{name}, whole process without the exchange", cost.process * 100, 10, " % of a core")
    written, smallest = ratio(frames(chunks[:before]), frames(chunks[before:]))
    yield Figure.at_most(f"{name}, bytes against the smallest diff of the same screens", written / smallest, 1.6, "x")


def flood_figures(folder: Path) -> Iterator[Figure]:
    """Ten thousand messages a second of one book, and keys meanwhile."""
    with ScreenLab(folder) as lab:
        gateway = Gateway(lab)
        try:
            screen = lab.record()
            time.sleep(3)
            gateway.ask("rate 10000")
            time.sleep(2)
            sent = gateway.ask("rate 10000")
            cost = screen.cost_of(SECONDS / 2, lab.exchange.pid)
            rate = (gateway.ask("rate 10000") - sent) / cost.seconds
            probe = Probe()
            keys = key_times(screen)
            delay = probe.figure("flood")
            gateway.ask("rate 0")
            drained = seconds_until_still(screen)
            wrong = differing_rows(screen, gateway.ask("book"))
        finally:
            gateway.close()
    yield Figure("flood, messages a second that the gateway could send", f"{rate:,.0f}")
    yield Figure.at_most("flood, whole process without the exchange", cost.process * 100, 50, " % of a core")
    yield delay
    yield Figure.at_most("flood, key to its bytes on the terminal, p50", percentile(keys, 50), 12, " ms")
    yield Figure.at_most("flood, key to its bytes on the terminal, p99", percentile(keys, 99), 12, " ms")
    yield Figure.at_most("flood, from its end until the book stands still", drained, 1, " s")
    yield Figure("flood, rows of the ladder that differ from the book sent", str(wrong), "0", wrong == 0)


def order_figures(folder: Path) -> Iterator[Figure]:
    """From the hotkey to the order at the exchange's door, with two thousand messages a second."""
    with ScreenLab(folder) as lab:
        gateway = Gateway(lab)
        door, floor = OrderDoor(lab.ready["usdm"]["rest"]), Floor()
        lab.ready["usdm"] = lab.ready["usdm"] | {"rest": door.url}
        try:
            screen = lab.record()
            time.sleep(3)
            gateway.ask("rate 2000")
            screen.press(b"t")
            screen.seconds_until("REVIEW")
            time.sleep(0.3)
            screen.press(b"\r")
            screen.seconds_until("Esc locks")
            door.orders()
            times, bare = [], []
            for _ in range(ORDERS):
                bare.append(floor.seconds() * 1e3)
                pressed = screen.press(b"q")  # joins the bid
                time.sleep(0.12)
                times += [(arrived - pressed) * 1e3 for arrived in door.orders()]
        finally:
            floor.close()
            door.close()
            gateway.close()
    yield Figure("order key, orders sent", str(len(times)), str(ORDERS), len(times) == ORDERS)
    least = " / ".join(f"{percentile(bare, percent):.2f}" for percent in (50, 99))
    yield Figure("order key of a bare program that sends a fixed order meanwhile, p50 / p99", f"{least} ms")
    yield Figure.at_most("order key to its bytes on the socket, 2,000 messages/s, p50", percentile(times, 50), 2, " ms")
    yield Figure.at_most("order key to its bytes on the socket, 2,000 messages/s, p99", percentile(times, 99), 8, " ms")


def key_times(screen: Recorder) -> list[float]:
    """Milliseconds from a cursor key to the mark of the cursor on the terminal."""
    times = []
    for press in range(KEYS):
        seen = len(screen.chunks)
        pressed = screen.press(b"\x1b[A" if press // 10 % 2 else b"\x1b[B")
        time.sleep(0.05)
        shown = [when for when, data in screen.chunks[seen:] if "»".encode() in data]
        times += [(shown[0] - pressed) * 1e3] if shown else []
    return times


def seconds_until_still(screen: Recorder) -> float:
    """Seconds from now until the ladder has shown the last price that changes; at most five."""
    begun, last = time.perf_counter(), time.perf_counter()
    while time.perf_counter() - begun < 5:
        seen = len(screen.chunks)
        time.sleep(0.1)
        if any(re.search(rb"\d,\d{3}\.0", data) for _, data in screen.chunks[seen:]):
            last = time.perf_counter()
        elif time.perf_counter() - last > 0.5:
            break
    return last - begun


def differing_rows(screen: Recorder, book: dict[str, Any]) -> int:
    """Ladder rows whose size is not the book's at that price; all rows when the ladder is empty."""
    replay = Replay()
    for frame in frames(list(screen.chunks)):
        replay.feed(frame)
    sizes = {side: {Decimal(price): Decimal(size) for price, size in book[side]} for side in ("bids", "asks")}
    compared = wrong = 0
    for row in replay.display[3:33]:
        ladder = row[row.index("┃") : row.rindex("┃")] if row.count("┃") >= 2 else ""
        found = _ROW.search(ladder)
        if found is None:
            continue
        bid, price, ask = found.groups()
        for shown, side in ((bid, "bids"), (ask, "asks")):
            if shown is not None:
                compared += 1
                kept = sizes[side].get(Decimal(price.replace(",", "")), Decimal(-1))
                wrong += abs(kept - Decimal(shown)) > Decimal("0.0051")
    return wrong if compared else len(replay.display)


def percentile(values: list[float], percent: int) -> float:
    """The value that this percentage stays under or at."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)] if ordered else float("inf")


def figures(place: Path) -> Iterator[Figure]:
    """Every figure, one after another."""
    for name in ("calm", "ssh", "flood", "orders"):
        (place / name).mkdir()
    yield from calm_figures(place / "calm", ssh=False)
    yield from calm_figures(place / "ssh", ssh=True)
    yield from flood_figures(place / "flood")
    yield from order_figures(place / "orders")


def main() -> None:
    """Print the table as it comes."""
    with tempfile.TemporaryDirectory() as place:
        for figure in figures(Path(place)):
            mark = {True: "yes", False: "NO", None: ""}[figure.holds]
            print(f"{figure.what:<72} {figure.reached:>22}  {figure.wanted:<14} {mark}", flush=True)


if __name__ == "__main__":
    main()
