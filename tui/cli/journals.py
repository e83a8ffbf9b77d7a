"""What was written down of a place: the journal of the screen, and that of commands without one."""

import re
import time
from collections.abc import Iterator

import click

from tui.cli.headless import JOURNAL
from tui.cli.options import Context
from tui.cli.places import Place
from tui.engine.clock import Clock
from tui.engine.journal import Journal

_JOURNALS = ("journal.sqlite", JOURNAL)
_SINCE = re.compile(r"([0-9]{1,4})(h|d|w)\Z", re.ASCII)
_HOURS = {"h": 1, "d": 24, "w": 168}


def journals(context: Context, place: Place) -> Iterator[Journal]:
    """The journals there are, each open until the next is asked for; raises JournalError."""
    folder = context.folders.environment(place.folder or place.name)
    for name in _JOURNALS:
        if (folder / name).exists():
            with Journal(folder / name, place.name, place.account, Clock()) as journal:
                yield journal


def since_ms_of(since: str) -> int:
    """Epoch ms of so long ago: `24h`, `7d`, `4w`; raises click.UsageError for anything else."""
    match = _SINCE.match(since.lower())
    if match is None:
        raise click.UsageError(f"--since {since!r} is no time: write 24h, 7d or 4w")
    return int(time.time() * 1_000) - int(match[1]) * _HOURS[match[2]] * 3_600_000
