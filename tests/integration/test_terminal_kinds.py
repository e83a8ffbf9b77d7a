"""Terminals as they are: few colours or none, other sizes, hurried signals, keys in pieces, and a first start."""

import fcntl
import os
import re
import signal
import sqlite3
import struct
import termios
from pathlib import Path

import pytest
from exchange_process import ExchangeProcess
from terminal import Terminal
from test_terminal import PROGRAM, environment, is_ready, last_rows, settings, type_line


@pytest.fixture(scope="module")
def exchange(tmp_path_factory: pytest.TempPathFactory):
    process = ExchangeProcess(tmp_path_factory.mktemp("exchange") / "exchange.sqlite", roomy=True)
    yield process
    process.kill()


class Lab:
    """Opens terminals on the exchange and closes what is still open."""

    def __init__(self, exchange: ExchangeProcess, folder: Path) -> None:
        self._exchange, self._folder = exchange, folder
        self._opened: list[Terminal] = []

    def __call__(self, *words: str, size: tuple[int, int] = (120, 36), **variables: str) -> Terminal:
        around = {**environment(self._exchange), **variables}
        options = ["--env", "lab", "--config", str(settings(self._exchange, self._folder))]
        return self.program("run", *options, "--data-dir", str(self._folder / "data"), *words, size=size, around=around)

    def program(self, *words: str, size: tuple[int, int], around: dict[str, str]) -> Terminal:
        shown = Terminal([*PROGRAM, *words], {name: value for name, value in around.items() if value}, *size)
        self._opened.append(shown)
        return shown

    @property
    def intents(self) -> int:
        """Orders written to the journal."""
        path = next(self._folder.rglob("journal.sqlite"))
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            return connection.execute("SELECT count(*) FROM intents").fetchone()[0]
        finally:
            connection.close()

    def close(self) -> None:
        for terminal in self._opened:
            terminal.close()


@pytest.fixture
def lab(exchange: ExchangeProcess, tmp_path: Path):
    opened = Lab(exchange, tmp_path)
    yield opened
    opened.close()


def arm(terminal: Terminal) -> None:
    terminal.wait(is_ready)
    terminal.press("t")
    terminal.wait("REVIEW")
    terminal.press("enter")
    terminal.wait(lambda screen: "▓ ARMED" in screen)


def colours(terminal: Terminal) -> set[tuple[int, ...]]:
    found = re.findall(rb"[34]8;2;(\d+);(\d+);(\d+)[;m]", bytes(terminal.written))
    return {tuple(map(int, each)) for each in found}


def test_sixteen_colours_are_the_terminals_own(lab: Lab) -> None:
    terminal = lab(TERM="xterm", COLORTERM="")
    terminal.wait(is_ready)
    assert not re.search(rb"[34]8;[25];", bytes(terminal.written))
    assert re.search(rb"\x1b\[[0-9;]*9[12]", bytes(terminal.written))


def test_without_colours_everything_is_grey_and_in_words(lab: Lab) -> None:
    terminal = lab(NO_COLOR="1")
    screen = terminal.wait(is_ready)
    assert [each for each in colours(terminal) if max(each) - min(each) > 1] == []
    assert "LOCKED" in screen
    assert "LAB" in screen


def test_without_colours_the_sixteen_are_not_used_either(lab: Lab) -> None:
    """Textual greyed the terminal's own colours to black on black."""
    terminal = lab(NO_COLOR="1", TERM="xterm", COLORTERM="")
    terminal.wait(is_ready)
    written = bytes(terminal.written)
    assert not re.search(rb"\x1b\[(?:[0-9]+;)*(?:[34][0-8]|9[0-7]|10[0-7])(?:;[0-9]+)*m", written)
    assert re.search(rb"\x1b\[[0-9;]*7m", written)


def test_a_terminal_that_knows_ascii_only_gets_nothing_else(lab: Lab) -> None:
    terminal = lab("--ascii", "--no-mouse", size=(80, 24))
    screen = terminal.wait(lambda screen: screen.splitlines()[0].count("* ") == 2 and " ask" in screen)
    assert screen.isascii()
    assert b"?1003h" not in terminal.written


def test_another_size_is_taken_while_running(lab: Lab) -> None:
    terminal = lab()
    terminal.wait(is_ready)
    for columns, rows in ((80, 24), (200, 50), (137, 41)):
        with terminal._drawn:
            terminal._screen.resize(rows, columns)
        fcntl.ioctl(terminal.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        os.kill(terminal.program.pid, signal.SIGWINCH)
        screen = terminal.wait(lambda screen, rows=rows: "F12 HALT" in screen.splitlines()[rows - 1])
        assert all(len(row.rstrip()) <= columns for row in screen.splitlines())
        terminal.wait(lambda screen: "LOCKED" in screen and is_ready(screen))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=["SIGTERM", "SIGHUP"])
def test_a_signal_to_leave_gives_the_terminal_back(lab: Lab, number: signal.Signals) -> None:
    terminal = lab()
    terminal.wait(is_ready)
    os.kill(terminal.program.pid, number)
    assert terminal.end() == 0
    terminal._reader.join(timeout=30)
    assert b"\x1b[?1049l" in terminal.written[-400:]
    assert b"\x1b[?25h" in terminal.written[-400:]


def test_an_arrow_key_in_pieces_locks_and_orders_nothing(lab: Lab) -> None:
    terminal = lab()
    arm(terminal)
    terminal.press("\x1b")
    terminal.wait("LOCKED")
    terminal.press("[", "A", ":")
    terminal.wait(lambda screen: last_rows(screen).lstrip().startswith(":"))
    assert lab.intents == 0


def test_an_unbracketed_paste_while_armed_is_dropped_whole(lab: Lab) -> None:
    terminal = lab()
    arm(terminal)
    os.write(terminal.fd, b"bsqwbsqw")
    terminal.wait(lambda screen: "they were dropped" in last_rows(screen) and "LOCKED" in screen)
    assert lab.intents == 0


def test_a_newcomer_gets_from_the_start_screen_to_a_market_and_back(lab: Lab, tmp_path: Path) -> None:
    around = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    around |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
    (tmp_path / "empty.toml").write_text("")
    words = ["--config", str(tmp_path / "empty.toml"), "--data-dir", str(tmp_path / "home")]
    terminal = lab.program(*words, size=(120, 36), around=around)
    terminal.wait("How do you want to begin?")
    terminal.press("4", "enter")
    terminal.wait("Which exchange are the keys for?")
    terminal.press("escape")
    terminal.wait("play money, offline")
    terminal.press("enter")
    terminal.wait(lambda screen: " DEMO " in screen and screen.splitlines()[0].count("●") == 2)
    terminal.wait("Welcome: ? is the help")

    type_line(terminal, "b 0.01 @ bid-2%", "BUY 0.01")
    terminal.wait(lambda screen: "Orders (1)" in screen and "working" in screen)
    notice = next(tmp_path.rglob("exchange.running.json"))
    assert notice.stat().st_mode & 0o777 == 0o600
    children = Path(f"/proc/{terminal.program.pid}/task/{terminal.program.pid}/children").read_text().split()
    for child in children:
        os.kill(int(child), signal.SIGKILL)
    terminal.wait("the exchange runs again")
    terminal.wait(lambda screen: screen.splitlines()[0].count("●") == 2 and "Orders (1)" in screen)
    terminal.press("ctrl+q")
    terminal.wait("1 working order stays")
    terminal.press("ctrl+q")
    assert terminal.end() == 0
