"""A recording being written: one line of JSON a frame, by a thread of its own.

A line is `{"t": receive time in ns, "product": …, "kind": "ws" or "rest", "url": …, "data": the frame as received}`; a
frame that is no JSON is a string. Lines are written whole and in order, without any secret.
"""

import os
import stat
import threading
import time
from collections import deque
from functools import partial
from pathlib import Path

import msgspec

from tui.binance.scrub import scrub_frame, scrub_url
from tui.binance.tap import FrameKind, Tap
from tui.domain.product import Product

#: Bytes that may wait to be written; what comes beyond is lost, counted and told, and the feeds go on.
WAITING_BYTES = 64 << 20
_BATCH = 256


class RecordingError(Exception):
    """A recording that cannot be written or read; the text names the file and why."""


class Recorder:
    """Writes what its taps hear. Raises RecordingError when the file cannot be made, or holds something already."""

    def __init__(self, path: Path, waiting_bytes: int = WAITING_BYTES) -> None:
        self.written = 0
        #: Frames lost because the file could not be written as fast as they came.
        self.lost = 0
        #: Why writing ended before it was asked to; empty while it goes on.
        self.failure = ""
        self._path = path
        self._waiting_bytes = waiting_bytes
        self._bytes = 0
        self._frames: deque[tuple[int, Product, FrameKind, str, bytes]] = deque()
        self._changed = threading.Condition()
        self._closing = False
        self._file = _new_file(path)
        self._thread = threading.Thread(target=self._run, name="recording", daemon=True)
        self._thread.start()

    def tap(self, product: Product) -> Tap:
        """What records the frames of one product."""
        return partial(self._take, product)

    def close(self) -> None:
        """Write what waits, then close the file."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def _take(self, product: Product, kind: FrameKind, url: str, frame: bytes) -> None:
        now_ns = time.time_ns()
        with self._changed:
            if self.failure or self._closing or self._bytes + len(frame) > self._waiting_bytes:
                self.lost += 1
                return
            self._bytes += len(frame)
            self._frames.append((now_ns, product, kind, url, frame))
            self._changed.notify()

    def _run(self) -> None:
        try:
            while batch := self._next_batch():
                _write(self._file, b"".join(_line(*entry) for entry in batch))
                with self._changed:
                    self.written += len(batch)
                    self._bytes -= sum(len(entry[-1]) for entry in batch)
        except OSError as error:
            with self._changed:
                self.failure = f"{self._path} cannot be written: {error.strerror}"
        finally:
            os.close(self._file)

    def _next_batch(self) -> list[tuple[int, Product, FrameKind, str, bytes]]:
        """The frames that wait, a few at most; none once it is closing and all are written."""
        with self._changed:
            while not self._frames and not self._closing:
                self._changed.wait()
            return [self._frames.popleft() for _ in range(min(_BATCH, len(self._frames)))]


def _new_file(path: Path) -> int:
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    except OSError as error:
        raise RecordingError(f"{path} cannot be written: {error.strerror}") from None
    found = os.fstat(file)
    if found.st_size:
        os.close(file)
        raise RecordingError(f"{path} holds something already; choose another name, or remove it")
    if stat.S_ISREG(found.st_mode):  # a device or a pipe is not ours to close
        os.fchmod(file, 0o600)
    return file


def _line(time_ns: int, product: Product, kind: FrameKind, url: str, frame: bytes) -> bytes:
    head = f'{{"t":{time_ns},"product":"{product.value}","kind":"{kind}","url":'.encode()
    return b"".join((head, msgspec.json.encode(scrub_url(url)), b',"data":', scrub_frame(frame), b"}\n"))


def _write(file: int, lines: bytes) -> None:
    rest = memoryview(lines)
    while rest:
        rest = rest[os.write(file, rest) :]
