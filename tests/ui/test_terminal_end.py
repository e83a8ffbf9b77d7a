"""A terminal that goes away takes nothing with it: the screen can still leave."""

import os
import threading
from contextlib import suppress

import pytest

from tui.ui.terminal import LastingWriter, outlive_terminal


class Broken:
    """A file that fails where it is told to."""

    def __init__(self, fails: str) -> None:
        self._fails = fails

    def write(self, text: str) -> None:
        if self._fails == "write":
            raise OSError(5, "Input/output error")

    def flush(self) -> None:
        if self._fails == "flush":
            raise OSError(5, "Input/output error")


def leaves(file) -> bool:
    """Whether a screen that writes a lot to this file can end its writer."""
    writer = LastingWriter(file)

    def screen() -> None:
        for _ in range(200):
            writer.write("a frame")
        writer.stop()

    writer.start()
    leaving = threading.Thread(target=screen, daemon=True)
    leaving.start()
    leaving.join(5)
    return not leaving.is_alive()


def test_a_terminal_that_vanished_under_a_full_queue_kept_the_program_from_leaving() -> None:
    master, slave = os.openpty()
    terminal = os.fdopen(slave, "w")
    os.close(master)
    try:
        assert leaves(terminal)
    finally:
        with suppress(OSError):
            terminal.close()


@pytest.mark.parametrize("fails", ["write", "flush", "nothing"])
def test_wherever_writing_fails_the_writer_can_be_stopped(fails) -> None:
    assert leaves(Broken(fails))


def test_the_driver_writes_so() -> None:
    from textual.drivers import linux_driver

    outlive_terminal()
    assert linux_driver.WriterThread is LastingWriter
