"""The fewest bytes that could have drawn the same screens: replays a recording through an emulator, frame by frame.

Independent of how the program writes: it knows only the screens before and after each frame, as the emulator holds
them, and moves the cursor, changes colours and writes cells by the shortest sequences a terminal understands. Cells are
visited along the rows or pane by pane, whichever is shorter; the marks of synchronised output are not counted.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import pyte
from pyte.screens import Char

#: Queries and keyboard protocol of the start; the emulator would print parts of them.
_NOT_DRAWING = (b"\x1b[>1u", b"\x1b[<u", b"\x1b[?u", b"\x1b[=1;1u", b"\x1b[>4;1m", b"\x1b[?2026$p")
_WEIGHTS = {"bold": ("1", "22"), "italics": ("3", "23"), "underscore": ("4", "24"), "blink": ("5", "25")}
_WEIGHTS |= {"reverse": ("7", "27"), "strikethrough": ("9", "29")}

_PLAIN = Char(" ")

#: What panes end in, to the left and to the right.
_EDGES = frozenset("│┃")

Cells = list[list[Char]]


@dataclass(slots=True)
class _Cursor:
    x: int = -1
    y: int = -1
    look: Char = _PLAIN


class Replay:
    """An emulator that is fed frames and says what each would have cost at least."""

    def __init__(self, columns: int = 200, rows: int = 50) -> None:
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._shown = self._cells()

    def feed(self, frame: bytes) -> int:
        """Show a frame and return the fewest bytes from the last screen to this one."""
        for silent in _NOT_DRAWING:
            frame = frame.replace(silent, b"")
        self._screen.dirty.clear()
        self._stream.feed(frame)
        changed: list[tuple[int, int, int]] = []
        for y in sorted(y for y in self._screen.dirty if y < self._screen.lines):
            row = self._row(y)
            changed += _changed(self._shown[y], row, y)
            self._shown[y] = row
        # Which order is the shortest depends on the frame: along the rows, or down each pane.
        orders = ([(y, x) for _, y, x in changed], [(y, x) for _, y, x in sorted(changed)])
        return min(_cost(self._shown, order) for order in orders)

    @property
    def display(self) -> list[str]:
        """The rows shown, as text."""
        return list(self._screen.display)

    def _row(self, y: int) -> list[Char]:
        line = self._screen.buffer[y]
        return [line[x] for x in range(self._screen.columns)]

    def _cells(self) -> Cells:
        return [self._row(y) for y in range(self._screen.lines)]


def ratio(start: Iterable[bytes], measured: Iterable[bytes]) -> tuple[int, int]:
    """Bytes written in the measured frames, and the fewest possible; `start` are the frames before them."""
    replay = Replay()
    for frame in start:
        replay.feed(frame)
    written = smallest = 0
    for frame in measured:
        written += len(frame)
        smallest += replay.feed(frame)
    return written, smallest


def _changed(old: list[Char], new: list[Char], y: int) -> list[tuple[int, int, int]]:
    """Changed cells of a row as (pane from the left, y, x); the second half of a wide letter comes with the first."""
    found, pane = [], 0
    for x, cell in enumerate(new):
        pane += cell.data in _EDGES
        if cell != old[x] and cell.data:
            found.append((pane, y, x))
    return found


def _cost(shown: Cells, order: list[tuple[int, int]]) -> int:
    """Bytes that write these cells in this order, and put the look back."""
    cost, cursor = 0, _Cursor()
    for y, x in order:
        row, cell = shown[y], shown[y][x]
        cost += _move(cursor, x, y, row) + len(_look(cursor.look, cell)) + len(cell.data.encode())
        wide = x + 1 < len(row) and not row[x + 1].data
        cursor.x, cursor.y, cursor.look = x + 1 + wide, y, cell
    return cost + len(_look(cursor.look, _PLAIN))


def _move(cursor: _Cursor, x: int, y: int, row: list[Char]) -> int:
    if (cursor.x, cursor.y) == (x, y):
        return 0
    ways = [f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H"]
    if cursor.y >= 0 and y >= cursor.y:
        down, right = y - cursor.y, x - cursor.x
        ways.append(_by(down, "B") + _by(right, "C") + _by(-right, "D"))
        ways.append("\r" + _by(down, "B") + _by(x, "C"))
        if not down and right > 0 and all(_same_look(row[between], cursor.look) for between in range(cursor.x, x)):
            ways.append("".join(cell.data for cell in row[cursor.x : x]))
    return min(len(way.encode()) for way in ways)


def _by(count: int, letter: str) -> str:
    return "" if count <= 0 else f"\x1b[{letter}" if count == 1 else f"\x1b[{count}{letter}"


def _same_look(one: Char, other: Char) -> bool:
    return one._replace(data="") == other._replace(data="")


def _look(old: Char, new: Char) -> str:
    """The shortest SGR from one look to another, by difference or from a reset."""
    ways = []
    for reset, base in ((False, old), (True, _PLAIN)):
        codes = ["0"] if reset else []
        for weight, (on, off) in _WEIGHTS.items():
            if getattr(base, weight) != getattr(new, weight):
                codes.append(on if getattr(new, weight) else off)
        codes += [] if base.fg == new.fg else [_color(new.fg, "3")]
        codes += [] if base.bg == new.bg else [_color(new.bg, "4")]
        ways.append(f"\x1b[{';'.join(codes)}m" if codes != ["0"] else "\x1b[m")
    return "" if _same_look(old, new) else min(ways, key=len)


def _color(color: str, ground: str) -> str:
    if len(color) == 6:
        return f"{ground}8;2;" + ";".join(str(int(color[at : at + 2], 16)) for at in (0, 2, 4))
    return f"{ground}9" if color == "default" else f"{ground}1"
