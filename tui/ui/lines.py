"""Lines as values: what a pane wants drawn, before any terminal or theme is involved."""

from collections.abc import Iterable
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size


class Span(NamedTuple):
    """Text in one style; `style` is a name from the palette (`bid`, `ask`, `dim`, `own`, ...), "" for plain.

    Several names separated by spaces are laid over each other, the last on top: `bid cursor`.
    """

    text: str
    style: str = ""


#: One row of a pane, left to right.
Line = tuple[Span, ...]

BLANK: Line = ()


def plain(line: Line) -> str:
    """The text of a line without its styles."""
    return "".join(span.text for span in line)


def fit(line: Iterable[Span], width: int) -> Line:
    """The line padded with spaces to exactly `width` terminal cells, or cut to them with … in the last one.

    Only blanks are cut without a mark: half of a number reads as another number.
    """
    spans: list[Span] = []
    room = width
    rest = iter(line)
    for span in rest:
        cells = len(span.text) if span.text.isascii() else cell_len(span.text)
        if cells > room:
            return _cut(spans, span, room, rest)
        spans.append(span)
        room -= cells
    if room > 0:
        spans.append(Span(" " * room))
    return tuple(spans)


def _cut(spans: list[Span], span: Span, room: int, rest: Iterable[Span]) -> Line:
    """The spans that fit, and of the first that does not as much as has room."""
    is_blank = cell_len(span.text.rstrip()) <= room and not any(each.text.strip() for each in rest)
    if is_blank:
        spans.append(Span(set_cell_size(span.text, room), span.style))
    elif room:
        spans.append(Span(f"{set_cell_size(span.text, room - 1)}…", span.style))
    else:
        _end_in_mark(spans)
    return tuple(spans)


def _end_in_mark(spans: list[Span]) -> None:
    """Put the … into the last cell of what is there already."""
    while spans and not spans[-1].text:
        spans.pop()
    if spans:
        text, style = spans[-1]
        spans[-1] = Span(f"{set_cell_size(text, cell_len(text) - 1)}…", style)


def spread(left: Iterable[Span], right: Iterable[Span], width: int) -> Line:
    """Left and right parts pushed to the edges of `width` cells; the right part wins when both do not fit."""
    right = tuple(right)
    room = max(0, width - sum(cell_len(span.text) for span in right))
    return fit((*fit(left, room), *right), width)
