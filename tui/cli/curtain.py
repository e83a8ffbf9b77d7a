"""The empty frames of the screen, drawn before the libraries that fill them are loaded, which takes a while.

They stand where the panes will stand and are dim; nothing in them looks like data. Only the pure layout is needed.
"""

import functools
import os
import shutil
import sys
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

_ENTER, _LEAVE = "\x1b[?1049h\x1b[?25l\x1b[2J", "\x1b[?25h\x1b[?1049l"
_DIM, _PLAIN = "\x1b[2m", "\x1b[0m"

#: Corners and lines: top left, top right, bottom left, bottom right, across, down.
_LINES, _ASCII_LINES = "┌┐└┘─│", "++++-|"

#: Rows above the panes.
_HEADER_ROWS = 2


class _State:
    """Whether the curtain is up: there is one terminal."""

    is_up = False


def raise_curtain(words: str, *, is_ascii: bool = False, has_frames: bool = True) -> None:
    """Draw the empty frames and say in the first row what is happening; nothing where there is no terminal."""
    stream = sys.__stderr__
    if stream is None or not stream.isatty() or os.environ.get("TERM", "dumb") == "dumb":
        return
    columns, rows = shutil.get_terminal_size()
    _State.is_up = True
    frames = frames_text(columns, rows, words, _ASCII_LINES if is_ascii else _LINES) if has_frames else words[:columns]
    stream.write(_ENTER + frames)
    stream.flush()


def hand_over() -> None:
    """The screen itself draws from now on, and leaves the terminal as it found it."""
    _State.is_up = False


def drop_curtain() -> None:
    """Give the terminal back if the screen never came."""
    if _State.is_up and sys.__stderr__ is not None:
        _State.is_up = False
        sys.__stderr__.write(_LEAVE)
        sys.__stderr__.flush()


def behind_curtain(command: Callable[P, R]) -> Callable[P, R]:
    """A command after which, however it ends, the terminal is given back before anything is said on it."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        finally:
            drop_curtain()

    return run


def frames_text(columns: int, rows: int, words: str, lines: str = _LINES) -> str:
    """The escapes that draw the frames of the panes in a terminal of this size."""
    from tui.ui.layout.places import FIXED_ROWS, arrange
    from tui.ui.pane_names import PANES

    labels = {pane: f"{number} {name}".strip() for pane, number, _, name in PANES}
    left_top, right_top, left_low, right_low, across, down = tuple(lines)
    parts = [f"\x1b[1;1H{words[:columns]}{_DIM}"]
    for pane, place in arrange(columns, rows - FIXED_ROWS, ()).rects.items():
        top, left, width = place.y + _HEADER_ROWS + 1, place.x + 1, place.width
        title = f"{across} {labels.get(pane, '')} "[: max(0, width - 2)]
        parts.append(f"\x1b[{top};{left}H{left_top}{title:{across}<{width - 2}}{right_top}")
        inside = range(top + 1, top + place.height - 1)
        parts += [f"\x1b[{row};{left}H{down}\x1b[{row};{left + width - 1}H{down}" for row in inside]
        parts.append(f"\x1b[{top + place.height - 1};{left}H{left_low}{across * (width - 2)}{right_low}")
    return "".join([*parts, _PLAIN])
