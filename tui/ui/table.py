"""Tables as lines: declared columns that give way by priority, and a cursor that holds on to a row, not a place."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from rich.cells import cell_len

from tui.ui.lines import Line, Span, fit, spread

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Column(Generic[R]):
    """One column. The one with the highest `priority` number goes first when the pane is narrow; 0 always stays.

    `least` is its width unless a cell needs more: numbers are never cut. Only a last column of words may be `is_cut`.
    Numbers of one that `is_pointed` stand with their decimal points below each other, where that costs no column.
    """

    name: str
    cell: Callable[[R], Span]
    least: int
    is_right: bool = False
    priority: int = 0
    is_cut: bool = False
    is_pointed: bool = False


@dataclass(frozen=True, slots=True)
class TableState:
    """The row under the cursor (None: none is marked), the first row shown, and whether rows can be acted on now."""

    cursor: int | None = None
    top: int = 0


def is_headed(width: int, height: int) -> bool:
    """Whether there is room for a heading; in a small pane rows matter more."""
    return height >= (3 if width >= 90 else 6)


def body_rows(width: int, height: int, note: str = "") -> int:
    """How many rows fit under the heading, if one is shown; a note always takes a line."""
    return max(0, height - (1 if note or is_headed(width, height) else 0))


def table_lines(
    columns: Sequence[Column[R]],
    rows: Sequence[R],
    state: TableState,
    width: int,
    height: int,
    *,
    empty: str = "",
    note: str = "",
    is_dim: Callable[[R], bool] = lambda row: False,
    mark: Callable[[R], Span] = lambda row: Span(" "),
    instead: Callable[[R], Line | None] = lambda row: None,
) -> list[Line]:
    """Heading and rows, each exactly `width` cells; `note` says what is wrong with all of it.

    Before the columns stand the cursor and one cell of `mark`; a row for which `instead` has a line is shown as that.
    """
    shown = rows[state.top : state.top + body_rows(width, height, note)]
    cells = _pointed(columns, [[column.cell(row) for column in columns] for row in shown], width - 2)
    chosen, gap = chosen_columns(columns, cells, width - 2)
    lines: list[Line] = []
    if note or is_headed(width, height):
        lines.append(_heading(chosen, gap, width, note))
    if not rows and empty:
        lines.append(fit((Span(f"  {empty}", "dim"),), width))
    for offset, (row, spans) in enumerate(zip(shown, cells, strict=True)):
        other = instead(row)
        if other is not None:
            lines.append(fit(other, width))
            continue
        is_cursor = state.top + offset == state.cursor
        marks = (Span("▶" if is_cursor else " ", "strong" if is_cursor else ""), mark(row))
        lines.append(_row(marks, chosen, gap, spans, width, is_cursor=is_cursor, is_dim=is_dim(row)))
    return lines


#: A number before its decimal point, what follows the point, and its unit.
_PARTS = re.compile(r"(\D*[\d,]*)(\S*)(.*)")


def _pointed(columns: Sequence[Column[R]], cells: list[list[Span]], width: int) -> list[list[Span]]:
    """The cells with blanks behind the numbers of pointed columns, or as they were where that would cost a column."""
    pointed = [index for index, column in enumerate(columns) if column.is_pointed]
    if not pointed or not cells:
        return cells
    made = [list(row) for row in cells]
    for index in pointed:
        for row, text in zip(made, _below_each_other([row[index].text for row in cells]), strict=True):
            row[index] = Span(text, row[index].style)
    if made == cells:
        return cells
    before, after = (chosen_columns(columns, each, width) for each in (cells, made))
    is_wider = sum(each.width for each in after[0]) + after[1] * (len(after[0]) - 1) > width
    return cells if len(after[0]) < len(before[0]) or is_wider else made


def _below_each_other(texts: Sequence[str]) -> list[str]:
    """Numbers with as much behind their points as the longest, then their units."""
    parts = [found.groups() if (found := _PARTS.fullmatch(text)) is not None else (text, "", "") for text in texts]
    behind, unit = (max(len(each[at]) for each in parts) for at in (1, 2))
    return [f"{whole}{each:<{behind}}{name:<{unit}}" for whole, each, name in parts]


@dataclass(frozen=True, slots=True)
class _Placed:
    index: int
    name: str
    width: int
    is_right: bool


def chosen_columns(
    columns: Sequence[Column[R]], cells: Sequence[Sequence[Span]], width: int
) -> tuple[list[_Placed], int]:
    """The columns that fit `width`, in their order, and the gap between them (1 to 3 cells)."""
    widths = [
        max(column.least, len(column.name), *(0 if column.is_cut else cell_len(row[index].text) for row in cells), 0)
        for index, column in enumerate(columns)
    ]
    kept = list(range(len(columns)))
    for priority in sorted({column.priority for column in columns if column.priority}, reverse=True):
        if _total(kept, widths, 1) <= width:
            break
        kept = [index for index in kept if columns[index].priority != priority]
    gap = next((gap for gap in (3, 2) if _total(kept, widths, gap) <= width), 1)
    return [_Placed(i, columns[i].name, widths[i], columns[i].is_right) for i in kept], gap


def _total(kept: Sequence[int], widths: Sequence[int], gap: int) -> int:
    return sum(widths[index] for index in kept) + gap * max(0, len(kept) - 1)


def _heading(chosen: Sequence[_Placed], gap: int, width: int, note: str) -> Line:
    names = (" " * gap).join(_aligned(each.name, each) for each in chosen)
    right = (Span(f" {note} ", "stale"),) if note else ()
    return spread((Span(f"  {names}", "heading"),), right, width)


def _row(
    marks: Sequence[Span],
    chosen: Sequence[_Placed],
    gap: int,
    cells: Sequence[Span],
    width: int,
    *,
    is_cursor: bool,
    is_dim: bool,
) -> Line:
    spans = list(marks)
    for number, each in enumerate(chosen):
        if number:
            spans.append(Span(" " * gap))
        text, style = cells[each.index]
        spans.append(Span(_aligned(text, each), style))
    line = fit(spans, width)
    if is_dim:
        line = tuple(Span(text, "dim" if style not in ("strong", "error", "stale") else style) for text, style in line)
    return tuple(Span(text, f"{style} cursor".strip()) for text, style in line) if is_cursor else line


def _aligned(text: str, column: _Placed) -> str:
    pad = " " * max(0, column.width - cell_len(text))
    return f"{pad}{text}" if column.is_right else f"{text}{pad}"


class RowCursor:
    """A cursor that belongs to a row by its key: rows that come and go do not slide another one under it."""

    def __init__(self) -> None:
        self.key: object = None
        #: Whether the trader chose the row, and not merely its being the first.
        self.is_led = False
        self._index = 0
        self._top = 0
        self._room = 1

    def release(self) -> None:
        """Belong to no row, so that the first ones are shown."""
        self.key, self.is_led, self._index, self._top = None, False, 0, 0

    def place(self, keys: Sequence[object], room: int) -> TableState:
        """Where the cursor stands among these rows, of which `room` are seen; the first time, on the first."""
        self._room = max(1, room)
        if not keys:
            self.key, self._index, self._top = None, 0, 0
            return TableState()
        if self.key in keys:
            self._index = keys.index(self.key)
        else:
            self._index = min(self._index, len(keys) - 1)
            self.key = keys[self._index]
        lowest = max(0, len(keys) - self._room)
        self._top = min(lowest, max(self._index - self._room + 1, min(self._top, self._index)))
        return TableState(self._index, self._top)

    def put(self, key: object) -> None:
        """Belong to this row."""
        self.key, self.is_led = key, True

    def move(self, keys: Sequence[object], rows: int) -> None:
        """Go so many rows down, or up when negative, and stop at the ends."""
        if keys:
            self.place(keys, self._room)
            self._index = min(len(keys) - 1, max(0, self._index + rows))
            self.put(keys[self._index])

    def point(self, keys: Sequence[object], row: int) -> None:
        """Go to a row of those seen, counted from the top; outside of them nothing moves."""
        if 0 <= row < self._room and self._top + row < len(keys):
            self.put(keys[self._top + row])

    def page(self, keys: Sequence[object], pages: int) -> None:
        """Go so many screens of rows."""
        self.move(keys, pages * self._room)

    def last(self, keys: Sequence[object]) -> None:
        """Go to the last row."""
        self.move(keys, len(keys))

    def first(self, keys: Sequence[object]) -> None:
        """Go to the first row."""
        self.move(keys, -len(keys))
