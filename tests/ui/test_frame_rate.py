"""How many frames a second the screen draws."""

import pytest

from tui.ui.terminal import frames_per_second


@pytest.mark.parametrize(
    ("wanted", "variables", "frames"),
    [(0, {}, 10), (0, {"SSH_CONNECTION": "a 1 b 22"}, 4), (0, {"SSH_TTY": "/dev/pts/1"}, 4), (7, {"SSH_TTY": "x"}, 7)],
)
def test_a_remote_terminal_gets_fewer_frames_unless_the_setting_says_otherwise(wanted, variables, frames):
    assert frames_per_second(wanted, variables) == frames
