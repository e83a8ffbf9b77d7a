"""Asking again until the exchange answers."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from tui.binance.errors import BinanceError, RateLimitedError
from tui.engine.clock import Clock

T = TypeVar("T")

#: Bad signature, bad key format, key without the right (Binance error codes, spot and futures alike).
_KEY_REFUSED = frozenset({-1022, -2014, -2015})


async def persist(
    ask: Callable[[], Awaitable[T]],
    clock: Clock,
    *,
    first_s: float = 0.25,
    cap_s: float = 3.0,
    on_failure: Callable[[BinanceError], None] | None = None,
) -> T:
    """The first answer to a question without side effects; waits longer each time, and as long as a rate limit says.

    `on_failure` hears each failure before the wait. Raises RefusedError where the API key is at fault: asking again
    with it would only get the address banned.
    """
    delay = first_s
    while True:
        try:
            return await ask()
        except BinanceError as error:
            if on_failure is not None:
                on_failure(error)
            if is_key_refused(error):
                raise
            await asyncio.sleep(pause_s(error, delay, clock))
        delay = min(delay * 2, cap_s)


def is_key_refused(error: BinanceError) -> bool:
    """Whether the exchange does not accept the key, its signature, its address or its rights."""
    return error.code in _KEY_REFUSED or error.http_status == 401


def pause_s(error: BinanceError, delay_s: float, clock: Clock) -> float:
    """Seconds to wait after a failure: the given delay, or until the exchange takes requests again."""
    if isinstance(error, RateLimitedError):
        return max(delay_s, (error.until_ms - clock.now_ms()) / 1000)
    return delay_s
