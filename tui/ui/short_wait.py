"""Waits shorter than an event loop's timers can measure."""

import asyncio
import time
from collections.abc import Callable

#: The loop rounds its timers up to whole milliseconds: below this a wait would come out half as long again.
_TOO_SHORT_S = 0.002

#: Turns from a key's reading in the terminal's thread to its handling (into the loop, a task, the app's queue, the
#: app), and as many again.
_TURNS = 10


def call_after(seconds: float, call: Callable[[], None]) -> None:
    """Call back in the running loop after so many seconds; a very short wait turns the loop until it is over.

    Turning lets everything that is ready, and other threads, go on meanwhile. However late it is, there are so many
    turns that a key which another thread has read by now arrives first.
    """
    loop = asyncio.get_running_loop()
    if seconds >= _TOO_SHORT_S:
        loop.call_later(seconds, call)
    else:
        _turn(loop, time.monotonic() + seconds, _TURNS, call)


def _turn(loop: asyncio.AbstractEventLoop, until: float, turns: int, call: Callable[[], None]) -> None:
    if turns <= 0 and time.monotonic() >= until:
        call()
    else:
        loop.call_soon(_turn, loop, until, turns - 1, call)
