"""A grid of styled cells that becomes lines."""

from itertools import groupby

from tui.ui.lines import Line, Span

#: Bits of the dots of a cell in braille, by row and column.
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
_BRAILLE, _BRAILLE_END = 0x2800, 0x28FF


class Canvas:
    """Cells addressed by column and row from the top left; writing outside is ignored."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._text = [[" "] * width for _ in range(height)]
        self._style = [[""] * width for _ in range(height)]
        #: The rows as they were last asked for.
        self.drawn: list[Line] = []

    def copy(self) -> "Canvas":
        """The same cells once more, to be drawn on."""
        made = Canvas(0, 0)
        made.width, made.height = self.width, self.height
        made._text, made._style = [row[:] for row in self._text], [row[:] for row in self._style]
        return made

    def put(self, x: int, y: int, char: str, style: str) -> None:
        """Write one cell."""
        if 0 <= x < self.width and 0 <= y < self.height:
            self._text[y][x], self._style[y][x] = char, style

    def under(self, x: int, y: int, char: str, style: str) -> None:
        """Write one cell only where nothing is yet."""
        if 0 <= x < self.width and 0 <= y < self.height and self._text[y][x] == " " and not self._style[y][x]:
            self._text[y][x], self._style[y][x] = char, style

    def dot(self, x: int, y: int, style: str) -> None:
        """Set one of the two by four dots of a cell, where nothing but dots is; the last style is the cell's."""
        column, row = x // 2, y // 4
        if not (0 <= column < self.width and 0 <= row < self.height):
            return
        held = ord(self._text[row][column])
        if held == 0x20 and not self._style[row][column]:
            held = _BRAILLE
        if _BRAILLE <= held <= _BRAILLE_END:
            self._text[row][column] = chr(held | _DOTS[y % 4][x % 2])
            self._style[row][column] = style

    def write(self, x: int, y: int, text: str, style: str) -> None:
        """Write text from a cell to the right."""
        for offset, char in enumerate(text):
            self.put(x + offset, y, char, style)

    def spans(self, x: int, y: int, spans: Line) -> int:
        """Write spans from a cell to the right, and return the column after them."""
        for text, style in spans:
            self.write(x, y, text, style)
            x += len(text)
        return x

    def ground(self, x: int, y: int, style: str) -> None:
        """Lay a style over what a cell shows."""
        if 0 <= x < self.width and 0 <= y < self.height:
            self._style[y][x] = f"{self._style[y][x]} {style}".strip()

    def lines(self, before: "Canvas | None" = None) -> list[Line]:
        """The rows, neighbouring cells of one style joined; those that are as they were in `before` are taken over."""
        kept = before.drawn if before is not None and before.width == self.width else []
        self.drawn = [
            kept[y]
            if before is not None
            and y < len(kept)
            and self._text[y] == before._text[y]
            and self._style[y] == before._style[y]
            else self._line(y)
            for y in range(self.height)
        ]
        return list(self.drawn)

    def _line(self, y: int) -> Line:
        text, start = "".join(self._text[y]), 0
        spans: list[Span] = []
        for style, cells in groupby(self._style[y]):
            stop = start + len(list(cells))
            spans.append(Span(text[start:stop], style))
            start = stop
        return tuple(spans)
