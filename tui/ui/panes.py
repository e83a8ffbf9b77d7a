"""The panes of the screen, made by id.

A pane is `tui.ui.ID.pane.IDPane(desk, view)`, a `LinePane` whose CONTEXT is its id; NUMBER and LABEL are in its border.
"""

from importlib import import_module

from tui.engine.commands import Desk
from tui.ui.help.pane import HelpPane
from tui.ui.line_pane import LinePane
from tui.ui.lines import Line
from tui.ui.pane_names import PANES
from tui.ui.search.pane import SearchPane
from tui.ui.view_state import ViewState


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
    panes["search"] = SearchPane(desk, view)
    panes["help"] = HelpPane(desk, view)
    return panes
