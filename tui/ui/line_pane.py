"""The widget under every pane: asks for lines on the paint clock and repaints only those that differ."""

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tui.ui.lines import Line, Span, fit


class LinePane(Widget, can_focus=True):
    """A pane made of whole lines. Subclasses implement `lines`; nothing else about painting concerns them."""

    #: Palette names this pane uses, each a component class `pane--NAME` styled through theme variables.
    DEFAULT_CSS: ClassVar[str] = ""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._drawn: list[Line] = []
        self._strips: list[Strip] = []
        self._styles_by_name: dict[str, Style] = {}

    def lines(self, width: int, height: int) -> list[Line]:
        """The rows to show in `width` x `height` cells, top first; fewer rows leave the rest blank."""
        raise NotImplementedError

    def paint(self) -> int:
        """Ask for the lines, repaint those that changed, and return how many did."""
        width, height = self.content_size
        if not width or not height or not self.is_on_screen:
            return 0
        wanted = self.lines(width, height)[:height]
        wanted.extend(() for _ in range(height - len(wanted)))
        if len(self._drawn) != height or (self._strips and self._strips[0].cell_length != width):
            self._drawn, self._strips = [], []
        changed = 0
        for y, line in enumerate(wanted):
            if y < len(self._drawn):
                if self._drawn[y] == line:
                    continue
                self._drawn[y], self._strips[y] = line, self._strip(line, width)
            else:
                self._drawn.append(line)
                self._strips.append(self._strip(line, width))
            self.refresh(Region(0, y, width, 1))
            changed += 1
        return changed

    def render_line(self, y: int) -> Strip:
        """One finished row for Textual."""
        width, height = self.content_size
        if len(self._strips) != height or (self._strips and self._strips[0].cell_length != width):
            self._drawn, self._strips = [], []
            self.paint()
        if y < len(self._strips):
            return self._strips[y]
        return Strip.blank(width, self.rich_style)

    def notify_style_update(self) -> None:
        """Forget resolved colours when the theme changes."""
        super().notify_style_update()
        self._styles_by_name.clear()
        self._drawn, self._strips = [], []

    def _strip(self, line: Line, width: int) -> Strip:
        return Strip([Segment(span.text, self._style(span)) for span in fit(line, width)], width)

    def _style(self, span: Span) -> Style:
        style = self._styles_by_name.get(span.style)
        if style is None:
            style = self.rich_style
            if span.style:
                style = style + self.get_component_rich_style(f"pane--{span.style}", partial=True)
            self._styles_by_name[span.style] = style
        return style
