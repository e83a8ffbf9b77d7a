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
    """The line cut or padded with spaces to exactly `width` terminal cells."""
    spans: list[Span] = []
    room = width
    for span in line:
        if room <= 0:
            break
        cells = len(span.text) if span.text.isascii() else cell_len(span.text)
        if cells > room:
            spans.append(Span(set_cell_size(span.text, room), span.style))
            room = 0
        else:
            spans.append(span)
            room -= cells
    if room > 0:
        spans.append(Span(" " * room))
    return tuple(spans)


def spread(left: Iterable[Span], right: Iterable[Span], width: int) -> Line:
    """Left and right parts pushed to the edges of `width` cells; the right part wins when both do not fit."""
    right = tuple(right)
    room = max(0, width - sum(cell_len(span.text) for span in right))
    return fit((*fit(left, room), *right), width)


def elide(line: Iterable[Span], width: int) -> Line:
    """The line in exactly `width` cells, ending in … where it had to be cut."""
    spans = tuple(line)
    if sum(cell_len(span.text) for span in spans) <= width or width < 2:
        return fit(spans, width)
    return (*fit(spans, width - 1), Span("…", "dim"))
