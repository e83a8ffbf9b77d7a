"""Waits that a timer cannot measure."""

import asyncio
import time

from tui.ui.short_wait import call_after


async def test_what_another_thread_has_read_arrives_before_a_wait_that_is_over():
    said = []
    arrived = asyncio.Event()
    loop = asyncio.get_running_loop()

    async def key() -> None:
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        said.append("key")

    def release() -> None:
        said.append("release")
        arrived.set()

    call_after(0.0001, release)
    time.sleep(0.003)  # noqa: ASYNC251  (the frame drawn meanwhile)
    asyncio.run_coroutine_threadsafe(key(), loop)
    await arrived.wait()
    assert said == ["key", "release"]


async def test_a_wait_is_as_long_as_asked():
    for seconds in (0.0005, 0.005):
        began, over = time.monotonic(), asyncio.Event()
        call_after(seconds, over.set)
        await over.wait()
        assert time.monotonic() - began >= seconds
