"""How many printable keys the terminal's thread read in one piece, told to each of them.

Keys of one piece reach the app one after another, and on a busy machine the first may be dealt with long before the
second arrives: a paste is known for what it is only where it is read.
"""

import contextlib
from collections.abc import Iterable

from textual import events
from textual._xterm_parser import XTermParser
from textual.message import Message

_NAME = "read_together"


class PieceParser(XTermParser):
    """Textual's parser of the terminal's bytes, a piece at a time."""

    def feed(self, data: str) -> Iterable[Message]:
        """The messages of one piece, each key marked with how many printable ones are in it."""
        messages = list(super().feed(data))
        keys = [message for message in messages if isinstance(message, events.Key)]
        count = sum(key.is_printable for key in keys)
        for key in keys:
            setattr(key, _NAME, count)
        return messages


def install() -> None:
    """Have the driver read by pieces; where there is no such driver, keys stay unmarked."""
    with contextlib.suppress(ImportError):
        from textual.drivers import linux_driver

        linux_driver.XTermParser = PieceParser  # type: ignore[attr-defined]


def read_together(key: events.Key) -> int:
    """How many printable keys came in one piece with this one; 1 where that is not known."""
    count: int = getattr(key, _NAME, 1)
    return count
