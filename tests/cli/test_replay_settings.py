"""A recording holds whole ordinary books; settings that want others would leave panes empty."""

from tui.cli.replay import whole_books
from tui.config import DataOptions, Limits, Settings


def test_books_of_a_replay_are_whole_whatever_the_settings_want() -> None:
    wanted = Settings(limits=Limits(stale_after_ms=77), data=DataOptions(levels_beside=10, rpi_book=True, venue="LAB"))
    played = whole_books(wanted)
    assert (played.data.levels_beside, played.data.rpi_book) == (0, False)
    assert (played.data.venue, played.limits) == ("LAB", wanted.limits)
