"""A terminal that stops reading: the engine trades on, keys are still obeyed, and the screen catches up."""

import fcntl
import sqlite3
import struct
import termios
import time
from pathlib import Path

from test_terminal import exchange as exchange  # the fixture
from test_terminal import is_ready, lab


def unread(fd: int) -> int:
    """Bytes that wait for the reader of the terminal."""
    return struct.unpack("i", fcntl.ioctl(fd, termios.FIONREAD, b"\0\0\0\0"))[0]


def eventually(holds, timeout: float = 15.0) -> None:
    """Wait until something holds that no event announces."""
    deadline = time.monotonic() + timeout
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def intents(folder: Path) -> int:
    """Orders written to the journal."""
    path = next(folder.rglob("journal.sqlite"))
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return connection.execute("SELECT count(*) FROM intents").fetchone()[0]
    finally:
        connection.close()


def test_a_stalled_terminal_stops_neither_engine_nor_keys(exchange, tmp_path: Path) -> None:
    terminal = lab(exchange, tmp_path)
    try:
        terminal.wait(is_ready)
        terminal.press("t")
        terminal.wait("REVIEW")
        terminal.press("enter")
        terminal.wait("ARMED")
        with terminal._drawn:  # the reader waits for it, and so reads no more
            waiting = [unread(terminal.fd)]

            def is_full() -> bool:
                """Ten looks, so several frames, found no byte more."""
                waiting.append(unread(terminal.fd))
                return len(waiting) > 10 and waiting[-10] == waiting[-1] > 1_000

            eventually(is_full)
            for count in (1, 2, 3, 4):
                terminal.press("q")
                eventually(lambda count=count: intents(tmp_path) == count)
                time.sleep(1.1)  # the same order within a second would be a slip
        terminal.wait(lambda screen: screen.count("BUY  LIMIT    0.001") == 4)
        terminal.press("escape")
        terminal.wait("LOCKED")
    finally:
        terminal.close()
