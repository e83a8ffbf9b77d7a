"""What stands in a border: as much as there is room for, what matters more to the last."""

from rich.cells import cell_len

from tui.ui.pane_names import PANES
from tui.ui.panes import PANE_TYPES
from tui.ui.titles import Tab, Title, tab_at

TABS = (Tab("2 Chart", True, "chart", "gc"), Tab("Chart II", False, "chart2", "gC"), Tab("4 Tape", False, "tape", "gt"))


def drawn(title: Title, room: int) -> str:
    return "".join(part.text for part in title.parts(room))


def test_the_right_end_goes_before_the_detail_does():
    title = Title("Ladder", detail="ETHUSDT", right="follow")
    assert drawn(title, 30) == "Ladder · ETHUSDT ────── follow"
    assert drawn(title, 20) == "Ladder · ETHUSDT"


def test_covered_tabs_shrink_to_their_keys_before_anything_is_lost():
    title = Title("Chart", TABS, "BTCUSDT", "1m [5m] 15m", kept="[5m]")
    assert drawn(title, 60).startswith("▸2 Chart  Chart II  4 Tape · BTCUSDT ─")
    assert drawn(title, 38) == "▸2 Chart gC gt · BTCUSDT ─ 1m [5m] 15m"
    assert drawn(title, 36) == "▸2 Chart gC gt · [5m] BTCUSDT"
    assert drawn(title, 35) == "▸2 Chart gC gt · [5m] BTCUSDT"


def test_names_of_tabs_are_worth_more_than_hints_at_the_right_end():
    lists = Title("Orders", TABS, right="x cancel")
    assert drawn(lists, 33) == "▸2 Chart  Chart II  4 Tape"
    assert drawn(lists, 24) == "▸2 Chart gC gt"


def test_what_must_be_kept_stands_before_the_detail():
    assert drawn(Title("2 Chart", detail="BTCUSDT", right="3m [5m] 15m", kept="[5m]"), 25) == "2 Chart · [5m] BTCUSDT"


def test_the_letter_of_the_jump_comes_first():
    assert drawn(Title("Tape", letter="t"), 20) == " t  Tape"


def test_a_tab_is_under_each_of_its_cells_and_under_no_other():
    parts = Title("Chart", TABS).parts(60)
    text = "".join(part.text for part in parts)
    for tab in TABS:
        at = text.index(tab.text)
        assert tab_at(parts, 3 + at) == tab
        assert tab_at(parts, 3 + at + cell_len(tab.text) - 1) == tab
    assert tab_at(parts, 3 + text.index("Chart II") - 2) is None
    assert tab_at(parts, 200) is None


def test_no_pane_is_called_by_the_number_of_another() -> None:
    numbers = {number for _, number, _, _ in PANES if number}
    for pane_id, _, _, name in PANES:
        assert not numbers & set(name), f"{pane_id} is called {name!r}"
    shown = [f"{number} {name}".strip() for _, number, _, name in PANES]
    assert len(set(shown)) == len(shown)
    labels = {pane_type.LABEL for pane_type in PANE_TYPES}
    assert labels >= {"Ladder", "Ladder II", "Ladder III", "Chart II", "Book III"}
