"""Subscribing to many streams through an official SDK, which waits half a second with each."""

import asyncio
from collections.abc import Coroutine
from typing import Any


async def hear_each(subscriptions: dict[str, Coroutine[Any, Any, Any]], *, at_once: int) -> dict[str, Any]:
    """The first message of every stream, by name; a connection is cut when it says too much in a second."""
    first: dict[str, asyncio.Future[Any]] = {name: asyncio.get_running_loop().create_future() for name in subscriptions}

    def hearing(name: str) -> Any:
        return lambda message: None if first[name].done() else first[name].set_result(message)

    names_of_all = list(subscriptions)
    for start in range(0, len(names_of_all), at_once):
        names = names_of_all[start : start + at_once]
        streams = await asyncio.gather(*(subscriptions[name] for name in names))
        for name, stream in zip(names, streams, strict=True):
            stream.on("message", hearing(name))
    async with asyncio.timeout(20):
        return dict(zip(first, await asyncio.gather(*first.values()), strict=True))
