"""A grid of styled cells that becomes lines."""

from tui.ui.lines import Line, Span


class Canvas:
    """Cells addressed by column and row from the top left; writing outside is ignored."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._text = [[" "] * width for _ in range(height)]
        self._style = [[""] * width for _ in range(height)]

    def put(self, x: int, y: int, char: str, style: str) -> None:
        """Write one cell."""
        if 0 <= x < self.width and 0 <= y < self.height:
            self._text[y][x], self._style[y][x] = char, style

    def under(self, x: int, y: int, char: str, style: str) -> None:
        """Write one cell only where nothing is yet."""
        if 0 <= x < self.width and 0 <= y < self.height and self._text[y][x] == " " and not self._style[y][x]:
            self._text[y][x], self._style[y][x] = char, style

    def write(self, x: int, y: int, text: str, style: str) -> None:
        """Write text from a cell to the right."""
        for offset, char in enumerate(text):
            self.put(x + offset, y, char, style)

    def lines(self) -> list[Line]:
        """The rows, neighbouring cells of one style joined."""
        return [self._line(y) for y in range(self.height)]

    def _line(self, y: int) -> Line:
        text, styles = self._text[y], self._style[y]
        spans: list[Span] = []
        start = 0
        for x in range(1, self.width + 1):
            if x == self.width or styles[x] != styles[start]:
                spans.append(Span("".join(text[start:x]), styles[start]))
                start = x
        return tuple(spans)
