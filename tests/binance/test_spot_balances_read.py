"""Balances of spot that are read again, beside events that tell of them."""

import asyncio
import json
from decimal import Decimal
from types import SimpleNamespace

from tui.binance.spot.events import spot_balance
from tui.binance.spot.user_stream import SpotUserStream

D = Decimal


def told(free: str) -> bytes:
    row = {"a": "USDT", "f": free, "l": "0"}
    return json.dumps({"e": "outboundAccountPosition", "E": 2, "u": 2, "B": [row]}).encode()


async def test_an_answer_older_than_an_event_took_its_place_until_the_next_reading(monkeypatch) -> None:
    """Bug: what an order had locked while a deposit was read was free again for a minute."""
    monkeypatch.setattr("tui.binance.spot.user_stream._REFETCH_EVERY_S", 0.01)
    heard, asked, is_whole = [], [], asyncio.Event()

    def hear(balances) -> None:
        heard.extend(balances)
        if len(heard) == 2:
            is_whole.set()

    async def read():
        asked.append(len(asked))
        if len(asked) == 1:
            stream._deliver(told("40"))  # meanwhile
            return [spot_balance("USDT", D(100), D(0), 1)]
        return [spot_balance("USDT", D(40), D(60), 2)]

    async def silent():
        await asyncio.Event().wait()

    stream = SpotUserStream(lambda deliver, say: SimpleNamespace(run=silent), read, SimpleNamespace(on_balances=hear))
    running = asyncio.create_task(stream.run())
    stream._deliver(b'{"e": "balanceUpdate", "E": 1, "a": "USDT", "d": "1", "T": 1}')
    await asyncio.wait_for(is_whole.wait(), 30)
    running.cancel()
    assert [(one.free, one.locked) for one in heard] == [(40, 0), (40, 60)]
