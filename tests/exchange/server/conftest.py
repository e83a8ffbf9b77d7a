"""A real exchange on loopback ports, its market standing still."""

from collections.abc import AsyncIterator
from functools import cache

import aiohttp
import pytest
from exchange_caller import Caller

from tui.exchange.exchange import Exchange
from tui.exchange.keys import ApiKey, new_keys
from tui.exchange.run import serving


@cache
def keys_made_once(account_id: str) -> list[ApiKey]:
    """Making an RSA key takes longer than most tests."""
    return new_keys(account_id)


@pytest.fixture
async def caller(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Caller]:
    monkeypatch.setattr("tui.exchange.exchange.new_keys", lambda account_id: list(keys_made_once(account_id)))
    exchange = Exchange(seed=7)
    async with serving(exchange, with_faults=True) as (ready, servers), aiohttp.ClientSession() as session:
        yield Caller(session, ready, exchange, servers)
    exchange.close()
