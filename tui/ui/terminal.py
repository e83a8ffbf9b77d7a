"""The end of the terminal: signals that ask to leave, and a terminal that is no longer there."""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from queue import Empty
from typing import Literal

from textual.app import App
from textual.drivers._writer_thread import WriterThread

_CHECK_S = 3.0
_LAST_TEXT_S = 0.1

_FRAMES_PER_SECOND, _FRAMES_PER_SECOND_REMOTE = 10, 4


class LastingWriter(WriterThread):
    """Textual's writer, which goes on taking text when the terminal has gone.

    Textual's own ends there, and whoever writes next waits for room for ever: a screen that cannot even leave, over an
    engine that goes on.
    """

    _is_stopping = False

    def run(self) -> None:
        """Write until stopped; once the terminal takes nothing more, drop what is written."""
        try:
            super().run()
        except (OSError, ValueError):
            while not (self._is_stopping and self._queue.empty()):
                with suppress(Empty):
                    self._queue.get(timeout=_LAST_TEXT_S)

    def stop(self) -> None:
        """Stop the thread, and block until it finished."""
        self._is_stopping = True
        super().stop()


def outlive_terminal() -> None:
    """Have the driver write so; where there is no such driver, it stays as it is."""
    with suppress(ImportError):
        from textual.drivers import linux_driver

        linux_driver.WriterThread = LastingWriter  # type: ignore[attr-defined]


def watch_terminal(app: App[int]) -> None:
    """Leave in order, with exit code 0, on SIGTERM, on SIGHUP, and when the terminal has gone without a signal."""
    loop = asyncio.get_running_loop()
    for name in ("SIGTERM", "SIGHUP"):
        with suppress(NotImplementedError, AttributeError, ValueError):
            loop.add_signal_handler(getattr(signal, name), app.exit, 0)

    def look() -> None:
        if not is_terminal_there():
            app.exit(0)

    app.set_interval(_CHECK_S, look)


def is_terminal_there() -> bool:
    """Whether standard input is still a terminal that answers."""
    stdin = sys.__stdin__
    return stdin is not None and not stdin.closed and os.isatty(stdin.fileno())


def frames_per_second(wanted: int, *, is_remote: bool) -> int:
    """The setting, or what suits the way to the terminal when it is 0."""
    return wanted or (_FRAMES_PER_SECOND_REMOTE if is_remote else _FRAMES_PER_SECOND)


def is_remote(wanted: Literal["auto", "yes", "no"], variables: Mapping[str, str]) -> bool:
    """Whether the way to the terminal is to be spared: as set, or because this is SSH."""
    return wanted == "yes" or (wanted == "auto" and ("SSH_CONNECTION" in variables or "SSH_TTY" in variables))


def suited_theme(wanted: str, color_system: str | None) -> str:
    """The wished theme; on a terminal of sixteen colours its own palette takes the place of the default one."""
    return "ansi" if wanted == "dark" and color_system == "standard" else wanted
