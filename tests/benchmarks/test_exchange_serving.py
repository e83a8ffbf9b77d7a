"""What serving costs: 50 symbols of 100 ms depth, trades and book tickers to five clients, as a part of one core.

`python -m pytest tests/benchmarks/test_exchange_serving.py --benchmark-only` prints it; nothing is asserted on a clock.
At tenfold speed every book changes in every tenth of a second, as those of a busy day do.
"""

import asyncio
import multiprocessing
import resource
import time
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import Any

import aiohttp
import pytest

from tui.domain.product import Product
from tui.exchange.catalogue import listings
from tui.exchange.exchange import Exchange
from tui.exchange.run import serving

SYMBOLS, CLIENTS, SECONDS, WARM_UP_S = 50, 5, 10.0, 3.0


def fifty(product: Product, *further: Any) -> list[Any]:
    """The catalogue, with copies of its busiest symbols until there are fifty of spot."""
    found = listings(product, *further)
    if product is not Product.SPOT:
        return found
    copies = [replace(found[n % 10], symbol=f"C{n}{found[n % 10].quote}", base=f"C{n}") for n in range(SYMBOLS)]
    return (found + copies)[:SYMBOLS]


def listen(address: str, names: list[str], pipe: Connection) -> None:
    """Clients in a process of their own, so that only the exchange is measured; they count what they hear."""

    async def one(heard: list[int]) -> None:
        async with aiohttp.ClientSession() as session, session.ws_connect(address + "/stream") as socket:
            await socket.send_json({"id": 1, "method": "SUBSCRIBE", "params": names})
            async for _ in socket:
                heard[0] += 1

    async def all_of_them() -> None:
        heard = [0]
        tasks = [asyncio.create_task(one(heard)) for _ in range(CLIENTS)]
        await asyncio.to_thread(pipe.recv)
        start = heard[0]
        await asyncio.to_thread(pipe.recv)
        pipe.send(heard[0] - start)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(all_of_them())


def processor_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def measure(speed: float) -> tuple[float, float]:
    """Part of a core the exchange used, and messages a second it said."""
    exchange = Exchange(seed=7, speed=speed)
    symbols = [symbol.lower() for symbol in exchange.venues[Product.SPOT].listings]
    names = [f"{symbol}@{kind}" for symbol in symbols for kind in ("depth@100ms", "trade", "bookTicker")]
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    async with serving(exchange) as (ready, _):
        market = asyncio.create_task(exchange.run())
        process = context.Process(target=listen, args=(ready["spot"]["ws"], names, theirs))
        process.start()
        await asyncio.sleep(WARM_UP_S)
        ours.send("begin")
        before, started = processor_s(), time.monotonic()
        await asyncio.sleep(SECONDS)
        used, passed = processor_s() - before, time.monotonic() - started
        ours.send("end")
        heard = await asyncio.to_thread(ours.recv)
        market.cancel()
        await asyncio.gather(market, return_exceptions=True)
    await asyncio.to_thread(process.join)
    return used / passed, heard / passed


@pytest.mark.timeout(90)
@pytest.mark.parametrize("speed", [1.0, 10.0])
def test_serving_five_clients(speed: float, benchmark: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.exchange.exchange.listings", fifty)
    core, messages = benchmark.pedantic(lambda: asyncio.run(measure(speed)), rounds=1)
    benchmark.extra_info |= {"part_of_a_core": round(core, 3), "messages_a_second": round(messages)}
    said = f"{messages:.0f} messages a second to {CLIENTS} clients, {SYMBOLS} symbols, {speed:.0f}x"
    print(f"\n{core:.0%} of a core for {said}")
    assert messages > 0
