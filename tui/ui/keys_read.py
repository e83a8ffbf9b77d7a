"""How keys reach the app: what is known of each where it is read, and the short way from there.

Keys of one piece reach the app one after another, and on a busy machine the first may be dealt with long before the
second arrives: a paste is known for what it is only where it is read. So the terminal's thread says how many printable
keys came together, and whether one was followed by nothing. The app asks the reader whether a key is on its way, and
lets a frame wait for it.
"""

import os
import select
import time
from collections.abc import Iterable

from textual import events
from textual._xterm_parser import XTermParser
from textual.driver import Driver
from textual.message import Message

from tui.ui.key_gate import ALONE_NS

#: A key that has not arrived by then is not waited for any more.
_LOST_AFTER_NS = 50_000_000

_TOGETHER, _READ_NS, _READER = "read_together", "read_ns", "read_by"


class PieceParser(XTermParser):
    """Textual's parser of the terminal's bytes, a piece at a time."""

    def feed(self, data: str) -> Iterable[Message]:
        """The messages of one piece, each key marked with how many printable ones are in it, and when it was read."""
        read_ns = time.monotonic_ns()
        messages = list(super().feed(data))
        keys = [message for message in messages if isinstance(message, events.Key)]
        count = sum(key.is_printable for key in keys)
        for key in keys:
            setattr(key, _TOGETHER, count)
            setattr(key, _READ_NS, read_ns)
        return messages


class Reader:
    """What the terminal's thread knows of its keys; asked by the app's thread."""

    def __init__(self, fileno: int) -> None:
        self._terminal = [fileno]
        #: Which key was read last, and when.
        self._last: tuple[events.Key | None, int] = (None, 0)
        self._arrived: events.Key | None = None

    def read(self, key: events.Key) -> None:
        """A key was read, and will arrive."""
        self._last = (key, getattr(key, _READ_NS, time.monotonic_ns()))
        setattr(key, _READER, self)

    def is_alone(self, key: events.Key) -> bool:
        """Whether no other key came with this one, or since; waits until a moment has gone by since it was read."""
        last, read_ns = self._last
        if last is not key or read_together(key) > 1:
            return False
        left_ns = read_ns + ALONE_NS - time.monotonic_ns()
        return not self._has_more(max(0, left_ns) / 1e9) and self._last[0] is key

    def is_key_coming(self) -> bool:
        """Whether something waits to be read, or a key was read a moment ago and has not arrived."""
        last, read_ns = self._last
        is_under_way = last is not self._arrived and time.monotonic_ns() - read_ns < _LOST_AFTER_NS
        return is_under_way or self._has_more(0)

    def arrived(self, key: events.Key) -> None:
        """The app has a key."""
        if key is self._last[0]:
            self._arrived = key

    def _has_more(self, within_s: float) -> bool:
        return bool(select.select(self._terminal, (), (), within_s)[0])


def driver_class() -> type[Driver] | None:
    """A driver that reads so; None where Textual has none that could."""
    if os.name != "posix":
        return None
    from textual.drivers import linux_driver

    linux_driver.XTermParser = PieceParser  # type: ignore[attr-defined]

    class KeyDriver(linux_driver.LinuxDriver):
        """Textual's driver, with a reader of keys."""

        def start_application_mode(self) -> None:
            self.reader = Reader(self.fileno)
            super().start_application_mode()  # type: ignore[no-untyped-call]

        def process_message(self, message: Message) -> None:
            if isinstance(message, events.Key):
                self.reader.read(message)
            super().process_message(message)

        def send_message(self, message: Message) -> None:
            # Textual's own makes a task of each message, which takes two turns of the loop more.
            self._app.post_message(message)

    return KeyDriver


def reader_of(driver: Driver | None) -> Reader | None:
    """The reader of a driver made here, else None."""
    return getattr(driver, "reader", None)


def read_together(key: events.Key) -> int:
    """How many printable keys came in one piece with this one; 1 where that is not known."""
    count: int = getattr(key, _TOGETHER, 1)
    return count


def came_alone(key: events.Key) -> bool:
    """Whether it is known that no other key came with this one, or since."""
    reader: Reader | None = getattr(key, _READER, None)
    return reader is not None and reader.is_alone(key)
