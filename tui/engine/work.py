"""What takes long: how far it is, for the screen, and given up when the trader wants."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from itertools import count
from typing import Any

from tui.engine.store import Store, Work

#: What is over sooner is not shown at all: a line that flickers tells nobody anything.
SHOWN_AFTER_S = 0.5


class Job:
    """One piece of long work under way."""

    def __init__(self, work: Work, changed: Callable[[], None]) -> None:
        self.work = work
        self.is_stopped = False
        self.is_shown = False
        self.task: asyncio.Task[None] | None = None
        self._changed = changed

    def advance(self, steps: int = 1) -> None:
        """So much more is done."""
        self.work = replace(self.work, done=self.work.done + steps)
        self._changed()


class LongWork:
    """Numbers what is under way and keeps `store.work` true of it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._numbers = count(1)
        self._jobs: dict[int, Job] = {}

    async def run(self, title: str, do: Callable[[Job], Coroutine[Any, Any, None]], total: int | None = None) -> bool:
        """Do it to the end; returns whether it came there, False when the trader gave it up on the way.

        `total` is how often `Job.advance` will be called. Raises what `do` raises. Whoever cancels the caller cancels
        the work.
        """
        number = next(self._numbers)
        job = self._jobs[number] = Job(Work(number, title, 0, total), self._show)
        job.task = asyncio.get_running_loop().create_task(do(job), name=title)
        timer = asyncio.get_running_loop().call_later(SHOWN_AFTER_S, self._begin_to_show, job)
        try:
            return await _ended(job.task, job)
        finally:
            timer.cancel()
            del self._jobs[number]
            self._show()

    def stop(self, number: int) -> str:
        """Give up what is under way under this number; returns its title, empty when there is no such work any more."""
        job = self._jobs.get(number)
        if job is None or job.task is None:
            return ""
        job.is_stopped = True
        job.task.cancel()
        return job.work.title

    def _begin_to_show(self, job: Job) -> None:
        job.is_shown = True
        self._show()

    def _show(self) -> None:
        shown = {number: job.work for number, job in self._jobs.items() if job.is_shown}
        if shown != self._store.work:
            self._store.work = shown


async def _ended(task: Awaitable[None], job: Job) -> bool:
    """Whether the task came to its end by itself; being cancelled from outside is passed on."""
    try:
        await task
    except asyncio.CancelledError:
        caller = asyncio.current_task()
        if not job.is_stopped or (caller is not None and caller.cancelling()):
            raise
        return False
    return True
