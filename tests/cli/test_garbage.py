"""When Python looks for garbage: not while the screen is being loaded, and again once it shows."""

import gc

import pytest

from tui.cli import screen


class _Runtime:
    is_released = False

    def release(self) -> None:
        self.is_released = True


@pytest.fixture(autouse=True)
def collecting_as_before():
    """Give the collector back as it was."""
    before = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)
    gc.enable()


def test_garbage_is_looked_for_again_once_the_screen_shows() -> None:
    gc.disable()
    runtime = _Runtime()
    screen.go_on(runtime)
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0
    assert runtime.is_released
