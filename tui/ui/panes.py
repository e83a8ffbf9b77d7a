"""The panes of the screen, made by id.

A pane is `tui.ui.ID.pane.IDPane(desk, view)`, a `LinePane` whose CONTEXT is its id; NUMBER and LABEL are in its border.
"""

from importlib import import_module

from tui.engine.commands import Desk
from tui.ui.line_pane import LinePane
from tui.ui.lines import Line
from tui.ui.view_state import ViewState

#: id, number, letter of the `g` jump, name
PANES: tuple[tuple[str, str, str, str], ...] = (
    ("watchlist", "1", "w", "Watchlist"),
    ("chart", "2", "c", "Chart"),
    ("ladder", "3", "l", "Ladder"),
    ("tape", "4", "t", "Tape"),
    ("positions", "5", "p", "Positions"),
    ("orders", "6", "o", "Orders"),
    ("fills", "7", "f", "Fills"),
    ("messages", "8", "m", "Log"),
    ("ticket", "9", "e", "Ticket"),
    ("account", "", "a", "Account"),
)

BY_LETTER: dict[str, str] = {letter: pane_id for pane_id, _, letter, _ in PANES}
BY_NUMBER: dict[str, str] = {number: pane_id for pane_id, number, _, _ in PANES if number}


class _Blank(LinePane):
    def lines(self, width: int, height: int) -> list[Line]:
        return []


def build_panes(desk: Desk, view: ViewState) -> dict[str, LinePane]:
    """Every pane of the screen by id."""
    panes: dict[str, LinePane] = {}
    for pane_id, number, _, label in PANES:
        try:
            made = getattr(import_module(f"tui.ui.{pane_id}.pane"), f"{pane_id.title()}Pane")
        except (ImportError, AttributeError):
            made = type(f"{label}Blank", (_Blank,), {"CONTEXT": pane_id, "NUMBER": number, "LABEL": label})
        panes[pane_id] = made(desk, view)
    return panes
