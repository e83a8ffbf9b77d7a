"""A terminal for tests: runs a program in a real pty and reads its screen through an emulator."""

import fcntl
import os
import pty
import signal
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Callable, Mapping, Sequence

import pyte

KEYS = {"enter": "\r", "escape": "\x1b", "tab": "\t", "up": "\x1b[A", "down": "\x1b[B", "f2": "\x1bOQ", "f3": "\x1bOR"}
KEYS |= {
    "f8": "\x1b[19~",
    "f9": "\x1b[20~",
    "f12": "\x1b[24~",
    "ctrl+q": "\x11",
    "ctrl+u": "\x15",
    "space": " ",
    "backspace": "\x7f",
}


class Terminal:
    """A program on a screen of `columns` x `rows`."""

    def __init__(self, words: Sequence[str], environment: Mapping[str, str], columns: int, rows: int) -> None:
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._drawn = threading.Condition()
        #: Every byte the program has written.
        self.written = bytearray()
        self._ended = False
        self.fd, inside = pty.openpty()
        fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.program = subprocess.Popen(
            words, stdin=inside, stdout=inside, stderr=inside, start_new_session=True, env=dict(environment)
        )
        os.close(inside)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self.fd, 65536)
            except OSError:
                data = b""
            with self._drawn:
                if data:
                    self.written += data
                    # The emulator does not know private-mode replies and keyboard protocol; they draw nothing.
                    self._stream.feed(_without_queries(data))
                self._ended = not data
                self._drawn.notify_all()
            if not data:
                return

    @property
    def text(self) -> str:
        """The screen as text, rows joined by line breaks."""
        with self._drawn:
            return "\n".join(self._screen.display)

    @property
    def title(self) -> str:
        """The window title the program has set; a program that leaves it alone gives ""."""
        return str(self._screen.title)

    def press(self, *keys: str) -> None:
        """Press named keys or type text, one write each, as a person would."""
        for key in keys:
            os.write(self.fd, KEYS.get(key, key).encode())

    def wait(self, what: str | Callable[[str], bool], timeout: float = 45.0) -> str:
        """Wait until the text appears (or the predicate holds) and return the screen; fails showing it otherwise."""
        holds = (lambda screen: what in screen) if isinstance(what, str) else what
        deadline = time.monotonic() + timeout
        with self._drawn:
            while True:
                screen = "\n".join(self._screen.display)
                if holds(screen):
                    return screen
                left = deadline - time.monotonic()
                if left <= 0 or self._ended:
                    raise AssertionError(f"never saw {what!r} on this screen:\n{screen}")
                self._drawn.wait(left)

    def end(self, timeout: float = 30.0) -> int:
        """Wait for the program to end by itself and return its exit status."""
        return self.program.wait(timeout)

    def close(self) -> None:
        """Kill whatever still runs."""
        if self.program.poll() is None:
            os.killpg(self.program.pid, signal.SIGKILL)
            self.program.wait()
        self._reader.join(timeout=30)
        os.close(self.fd)


def _without_queries(data: bytes) -> bytes:
    for query in (b"\x1b[>1u", b"\x1b[<u", b"\x1b[?u", b"\x1b[=1;1u"):
        data = data.replace(query, b"")
    return data
