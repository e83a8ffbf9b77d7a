"""One table of what lies below the screen, each figure a ratio or a size taken in this run: `python3 dev.py bench`."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
from depth_stream import DepthStream
from journal_load import events_a_second, open_seconds
from lab import Lab, resident_mb
from peer_books import Frame, microseconds
from scaling import OpenBook, books_us, follow_us, ticker_us
from startup import starts

from tui.domain.product import Product

#: Messages of one stream; a book read at the paint clock of ten frames a second is read once in 200 of them.
MESSAGES = 6_000
READ_EVERY = 200
ROWS_READ = 20

MODEL = """
import sys; sys.path.insert(0, {folder!r})
import tui.ui.app, tui.cli.session, tui.binance.products
from scaling import memory_model
kept = memory_model({books}, {watched})
print(open("/proc/self/status").read().split("VmRSS:")[1].split()[0])
"""


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table: what was measured, what came out, what was to be reached; None where nothing was set."""

    what: str
    reached: str
    wanted: str = ""
    holds: bool | None = None

    @classmethod
    def at_most(cls, what: str, value: float, limit: float, unit: str) -> "Figure":
        return cls(what, f"{value:.2f}{unit}", f"≤ {limit:g}{unit}", value <= limit)

    @classmethod
    def at_least(cls, what: str, value: float, limit: float, unit: str) -> "Figure":
        return cls(what, f"{value:,.1f}{unit}", f"≥ {limit:,.0f}{unit}", value >= limit)


def depth_figures(product: Product, peers: Path | None) -> Iterator[Figure]:
    """A depth message of one product against the decoding alone and against other projects' books."""
    stream = DepthStream(product, MESSAGES)
    floor = microseconds(lambda: msgspec.json.Decoder(Frame).decode, stream.frames)
    each, at_clock = (
        microseconds(lambda every=every: reader(stream, every), stream.frames) for every in (1, READ_EVERY)
    )
    name = f"{product.label}: depth message"
    yield Figure(f"{name}, decoding alone (the floor)", f"{floor:.1f} µs")
    yield Figure.at_most(f"{name}, decode, apply, best 20 each time", each / floor, 4, "x floor")
    yield Figure.at_most(f"{name}, read at the paint clock", at_clock / floor, 3, "x floor")
    yield from peer_figures(name, stream, each / floor, peers)


def reader(stream: DepthStream, every: int):
    """A fresh book fed with frames and read at each so many of them; checks itself at the end of the stream."""
    book, left, final = OpenBook(stream), len(stream.frames), stream.final

    def read(frame: bytes) -> None:
        nonlocal left
        book.take(frame)
        left -= 1
        if left % every == 0:
            view = book.keeper.view(ROWS_READ)
            if left == 0:
                assert [list(view.bids), list(view.asks)] == [side[:ROWS_READ] for side in final]

    return read


def peer_figures(name: str, stream: DepthStream, ours: float, peers: Path | None) -> Iterator[Figure]:
    """How many times faster than each peer, both as multiples of the floor in their own process."""
    wanted = {"ccxt": 4, "nautilus_trader": 8}
    if peers is None:
        for peer in wanted:
            yield Figure(f"{name}, against {peer}", "not measured")
        return
    start = [stream.bids, stream.asks, stream.first_id, stream.instrument.product.is_futures]
    words = json.dumps(start).encode() + b"\n" + b"\n".join(stream.frames)
    script = Path(__file__).with_name("peer_books.py")
    said = json.loads(subprocess.run([peers, script], input=words, stdout=subprocess.PIPE, check=True).stdout)
    for peer, times in wanted.items():
        if peer in said["missing"]:
            yield Figure(f"{name}, against {peer}", "not measured")
        else:
            yield Figure.at_least(f"{name}, against {peer}", said[peer] / said["floor"] / ours, times, "x faster")


def growth_figures() -> Iterator[Figure]:
    """What a message costs as books get deeper and more, and as more symbols are watched."""
    deep, shallow = (
        min(books_us([DepthStream(Product.SPOT, 2_000, levels=count)]) for _ in range(3)) for count in (5_000, 500)
    )
    yield Figure.at_most("depth message, 5,000 levels a side against 500", deep / shallow, 1.3, "x")
    streams = [DepthStream(Product.SPOT, 800, seed=seed) for seed in range(10)]
    yield from curve("µs a depth message, open books", lambda books: books_us(streams[:books]), (1, 3, 10))
    for what, cost in (("a ticker, watched symbols", ticker_us), ("a symbol to begin, watched symbols", follow_us)):
        yield from curve(f"µs {what}", cost, (30, 300, 3_000))


def curve(what: str, cost: Callable[[int], float], sizes: tuple[int, ...]) -> Iterator[Figure]:
    """What each costs where there are more of them, drawn: the whole grows in a straight line where the bars are even.

    The sizes take turns, and the least of some rounds counts, so that what else runs falls on all of them.
    """
    rounds = [[cost(size) for size in sizes] for _ in range(5)]
    costs = [min(taken) for taken in zip(*rounds, strict=True)]
    for size, reached in zip(sizes, costs, strict=True):
        bar = "█" * round(20 * reached / max(costs))
        name = f"{what}: {size:>5,} {bar}"
        if size == sizes[-1]:
            yield Figure(name, f"{reached:.1f}", f"≤ 1.5 x {costs[0]:.1f}", reached <= 1.5 * costs[0])
        else:
            yield Figure(name, f"{reached:.1f}")


def journal_figures(folder: Path) -> Iterator[Figure]:
    """Order events written down, and a long past taken up."""
    yield Figure.at_least("journal, order events a second", events_a_second(folder), 5_000, "")
    yield Figure.at_most("journal, open with 100,000 old events", open_seconds(folder), 1.5, " s")


def process_figures(folder: Path) -> Iterator[Figure]:
    """The program in a pseudo-terminal: how soon it shows itself, and how much memory it takes."""
    taken = starts(folder / "start")
    yield Figure.at_most(
        "start to first paint, against a minimal Textual app", taken["first paint"] / taken["minimal"], 1.3, "x"
    )
    yield Figure("start to the first whole screen", f"{taken['first screen']:.2f} s")
    yield Figure.at_most("start to first live book, exchange running", taken["live book"], 1.5, " s")
    with Lab(folder / "memory") as lab:
        screen = lab.run(screen_settings='symbol = "BTCUSDT-PERP"\nwatchlist = ["BTCUSDT-PERP"]')
        screen.seconds_until(r"\d+t · ")
        time.sleep(10)
        one = resident_mb(screen.process.pid)
    yield Figure.at_most("memory, one symbol", one, 90, " MB")
    more = one + model_mb(10, 100) - model_mb(1, 1)
    yield Figure.at_most("memory, with 10 books of 5,000 levels, 100 watched, 3,000 listed", more, 150, " MB")
    yield Figure("memory, growth in an hour of demo at --speed 20", "python3 dev.py bench soak", "< 3 %")


def model_mb(books: int, watched: int) -> float:
    """Memory of a process with everything imported and a store of that size, without a screen, in megabytes."""
    code = MODEL.format(folder=str(Path(__file__).parent), books=books, watched=watched)
    return int(subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, check=True).stdout) / 1024


def figures(peers: Path | None) -> Iterator[Figure]:
    """Every figure, one after another."""
    for product in (Product.SPOT, Product.USDM):
        yield from depth_figures(product, peers)
    yield from growth_figures()
    with tempfile.TemporaryDirectory() as place:
        for name in ("start", "memory"):
            (Path(place) / name).mkdir()
        yield from journal_figures(Path(place))
        yield from process_figures(Path(place))


def main() -> None:
    """Print the table as it comes; the interpreter with the peers is named by PEERS_PYTHON."""
    named = os.environ.get("PEERS_PYTHON")
    for figure in figures(Path(named) if named else None):
        mark = {True: "yes", False: "NO", None: ""}[figure.holds]
        print(f"{figure.what:<72} {figure.reached:>22}  {figure.wanted:<14} {mark}", flush=True)


if __name__ == "__main__":
    main()
