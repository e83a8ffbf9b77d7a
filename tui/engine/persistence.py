"""Asking again until the exchange answers."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from tui.binance.errors import BinanceError, RateLimitedError
from tui.engine.clock import Clock

T = TypeVar("T")


async def persist(
    ask: Callable[[], Awaitable[T]],
    clock: Clock,
    *,
    first_s: float = 0.25,
    cap_s: float = 3.0,
    on_failure: Callable[[BinanceError], None] | None = None,
) -> T:
    """The first answer to a question without side effects; waits longer each time, and as long as a rate limit says.

    `on_failure` hears each failure before the wait.
    """
    delay = first_s
    while True:
        try:
            return await ask()
        except BinanceError as error:
            if on_failure is not None:
                on_failure(error)
            await asyncio.sleep(pause_s(error, delay, clock))
        delay = min(delay * 2, cap_s)


def pause_s(error: BinanceError, delay_s: float, clock: Clock) -> float:
    """Seconds to wait after a failure: the given delay, or until the exchange takes requests again."""
    if isinstance(error, RateLimitedError):
        return max(delay_s, (error.until_ms - clock.now_ms()) / 1000)
    return delay_s
