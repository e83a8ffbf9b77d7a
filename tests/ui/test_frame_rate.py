"""How many frames a second the screen draws."""

import pytest

from tui.ui.terminal import frames_per_second, is_remote, suited_theme


@pytest.mark.parametrize(
    ("wanted", "variables", "frames"),
    [(0, {}, 10), (0, {"SSH_CONNECTION": "a 1 b 22"}, 4), (0, {"SSH_TTY": "/dev/pts/1"}, 4), (7, {"SSH_TTY": "x"}, 7)],
)
def test_a_remote_terminal_gets_fewer_frames_unless_the_setting_says_otherwise(wanted, variables, frames):
    assert frames_per_second(wanted, is_remote=is_remote("auto", variables)) == frames


def test_the_setting_decides_whether_a_terminal_is_remote():
    assert is_remote("yes", {})
    assert not is_remote("no", {"SSH_TTY": "/dev/pts/1"})


def test_sixteen_colours_take_the_terminals_own_palette_unless_another_was_chosen():
    assert suited_theme("dark", "standard") == "ansi"
    assert suited_theme("light", "standard") == "light"
    assert suited_theme("dark", "256") == suited_theme("dark", None) == "dark"
