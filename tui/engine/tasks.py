"""Background tasks whose failure is always told."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from tui.engine.messages import Messages
from tui.engine.work import LongWork

logger = logging.getLogger(__name__)

_RESTART_FIRST_S = 0.5
_RESTART_CAP_S = 10.0


class Tasks:
    """Runs coroutines, reports those that crash, restarts those that must not end; `work` shows what takes long."""

    def __init__(self, messages: Messages, work: LongWork) -> None:
        self.work = work
        self._messages = messages
        self._running: set[asyncio.Task[None]] = set()

    def spawn(self, name: str, coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run to the end once; a crash becomes an error message."""
        task = self._start(name, self._reported(name, coroutine))
        # Cancelled before its first step, the task never reached the coroutine, which must be closed all the same.
        task.add_done_callback(lambda _: coroutine.close())
        return task

    def keep(self, name: str, work: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
        """Run for as long as the engine runs; after a crash or an end, start again with growing delays."""
        return self._start(name, self._restarted(name, work))

    async def close(self) -> None:
        """Cancel everything and wait until it has ended."""
        running = tuple(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _start(self, name: str, coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(coroutine, name=name)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def _reported(self, name: str, coroutine: Coroutine[Any, Any, None]) -> None:
        try:
            await coroutine
        except Exception as error:  # noqa: BLE001 - the top of a task, where every crash is reported
            self._report(name, error)

    async def _restarted(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        delay = _RESTART_FIRST_S
        while True:
            try:
                await work()
            except Exception as error:  # noqa: BLE001 - the top of a task, where every crash is reported
                self._report(name, error)
            await asyncio.sleep(delay)
            delay = min(delay * 2, _RESTART_CAP_S)

    def _report(self, name: str, error: Exception) -> None:
        logger.error("%s failed", name, exc_info=error)
        self._messages.error(f"Internal error in {name}: {type(error).__name__}: {error}")


async def wait(event: asyncio.Event, seconds: float | None) -> bool:
    """Wait for an event, but no longer than this, None for ever; returns whether it came.

    `asyncio.wait_for` of Python 3.11 may lose a cancellation that comes together with the event.
    """
    try:
        async with asyncio.timeout(seconds):
            return await event.wait()
    except TimeoutError:
        return False
