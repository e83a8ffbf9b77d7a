"""The empty frames before the screen: whole at every size, gone when the screen never comes."""

import io

import pytest
from rich.cells import cell_len

from tui.cli import curtain


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    shown = Terminal()
    monkeypatch.setattr("sys.__stderr__", shown)
    monkeypatch.setenv("TERM", "xterm-256color")
    return shown


def drawn(columns: int, rows: int, lines: str = curtain._LINES) -> list[str]:
    """The cells after the escapes, row by row."""
    cells = [[" "] * columns for _ in range(rows)]
    for part in curtain.frames_text(columns, rows, " binance-tui  DEMO …", lines).split("\x1b[")[1:]:
        numbers, _, text = part.partition("H")
        if ";" not in numbers:
            continue
        row, column = (int(number) - 1 for number in numbers.split(";"))
        for offset, character in enumerate(text):
            cells[row][column + offset] = character
    return ["".join(row) for row in cells]


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (120, 36), (200, 50), (300, 80)])
def test_frames_stand_where_the_panes_will(columns: int, rows: int) -> None:
    screen = drawn(columns, rows)
    assert all(cell_len(row) == columns for row in screen)
    text = "\n".join(screen)
    assert text.count("┌") == text.count("┐") == text.count("└") == text.count("┘") >= 4
    assert "3 Ladder" in text
    assert "6 Orders" in text
    assert "DEMO" in screen[0]


def test_frames_of_ascii_are_ascii() -> None:
    assert "\n".join(drawn(80, 24, curtain._ASCII_LINES)).replace("…", "").isascii()


def test_an_error_before_the_screen_is_said_on_the_terminal_as_it_was(terminal: Terminal) -> None:
    @curtain.behind_curtain
    def fails() -> None:
        curtain.raise_curtain("DEMO")
        raise ValueError("no exchange")

    with pytest.raises(ValueError, match="no exchange"):
        fails()
    assert terminal.getvalue().startswith(curtain._ENTER)
    assert terminal.getvalue().endswith(curtain._LEAVE)


def test_the_screen_gives_the_terminal_back_itself(terminal: Terminal) -> None:
    @curtain.behind_curtain
    def shows() -> None:
        curtain.raise_curtain("DEMO")
        curtain.hand_over()

    shows()
    assert curtain._LEAVE not in terminal.getvalue()


def test_nothing_is_drawn_where_there_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = io.StringIO()
    monkeypatch.setattr("sys.__stderr__", pipe)
    curtain.raise_curtain("DEMO")
    assert pipe.getvalue() == ""


def test_before_the_start_screen_there_are_words_without_frames(terminal: Terminal) -> None:
    curtain.raise_curtain(" binance-tui", has_frames=False)
    curtain.hand_over()
    assert terminal.getvalue() == curtain._ENTER + " binance-tui"
