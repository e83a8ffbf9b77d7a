"""Depth messages and journal entries as pytest-benchmark sees them: `pytest tests/benchmarks --benchmark-only`."""

from itertools import cycle

import msgspec
import pytest
from below_the_screen_table import READ_EVERY, reader
from depth_stream import DepthStream
from journal_load import an_order
from peer_books import Frame

from tui.domain.product import Product
from tui.engine.clock import Clock
from tui.engine.journal import Journal

#: Frames taken in one round, so that a round is long enough to be timed.
BLOCK = 200


@pytest.fixture(scope="module", params=[Product.SPOT, Product.USDM])
def stream(request) -> DepthStream:
    return DepthStream(request.param, 2_000)


def blocks(stream: DepthStream, fresh):
    """Something that takes the next block of frames each time it is called, beginning anew with a fresh book."""
    steps = cycle(range(0, len(stream.frames), BLOCK))
    read = None

    def take() -> None:
        nonlocal read
        start = next(steps)
        read = fresh() if start == 0 else read
        for frame in stream.frames[start : start + BLOCK]:
            read(frame)

    return take


def test_decoding_alone(benchmark, stream) -> None:
    benchmark(blocks(stream, lambda: msgspec.json.Decoder(Frame).decode))


def test_a_depth_message_read_each_time(benchmark, stream) -> None:
    benchmark(blocks(stream, lambda: reader(stream, 1)))


def test_a_depth_message_read_at_the_paint_clock(benchmark, stream) -> None:
    benchmark(blocks(stream, lambda: reader(stream, READ_EVERY)))


def test_an_intent_is_written(benchmark, tmp_path) -> None:
    numbers = iter(range(10**9))
    with Journal(tmp_path / "journal.sqlite", "demo", "main", Clock()) as journal:
        benchmark(lambda: journal.write_intent(an_order(next(numbers)), "ladder", False, ("locked",)))
