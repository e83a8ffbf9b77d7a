"""The header as a widget."""

from tui.ui.header.lines import header_lines
from tui.ui.line_pane import LinePane
from tui.ui.lines import Line


class HeaderPane(LinePane, can_focus=False):
    """Two rows that are always there."""

    CONTEXT = "header"

    def lines(self, width: int, height: int) -> list[Line]:
        """Market and you."""
        return header_lines(self.desk.store, self.view, width)
