"""Waits shorter than an event loop's timers can measure."""

import asyncio
import time
from collections.abc import Callable

#: The loop rounds its timers up to whole milliseconds: below this a wait would come out half as long again.
_TOO_SHORT_S = 0.002


def call_after(seconds: float, call: Callable[[], None]) -> None:
    """Call back in the running loop after so many seconds; a very short wait turns the loop until it is over.

    Turning lets everything that is ready, and other threads, go on meanwhile.
    """
    loop = asyncio.get_running_loop()
    if seconds >= _TOO_SHORT_S:
        loop.call_later(seconds, call)
    else:
        _turn(loop, time.monotonic() + seconds, call)


def _turn(loop: asyncio.AbstractEventLoop, until: float, call: Callable[[], None]) -> None:
    if time.monotonic() >= until:
        call()
    else:
        loop.call_soon(_turn, loop, until, call)
