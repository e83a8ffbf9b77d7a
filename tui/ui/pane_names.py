"""What the panes are called: ids, numbers, letters of the `g` jump, names."""

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
    ("alerts", "", "n", "Alerts"),
    ("algos", "", "x", "Algos"),
    ("book", "", "b", "Book"),
    ("keys", "", "k", "API keys"),
    ("settings", "", "s", "Settings"),
    ("ladder2", "", "L", "Ladder II"),
    ("ladder3", "", "D", "Ladder III"),
    ("book2", "", "B", "Book II"),
    ("book3", "", "K", "Book III"),
    ("chart2", "", "C", "Chart II"),
)

NAMES: dict[str, str] = {pane_id: name for pane_id, _, _, name in PANES}
BY_LETTER: dict[str, str] = {letter: pane_id for pane_id, _, letter, _ in PANES}
LETTERS: dict[str, str] = {pane_id: letter for pane_id, _, letter, _ in PANES}
BY_NUMBER: dict[str, str] = {number: pane_id for pane_id, number, _, _ in PANES if number}
