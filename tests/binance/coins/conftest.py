"""The embedded exchange on loopback, its market standing still, and clients of its spot and margin accounts."""

from functools import cache

import pytest
from coin_desk import CoinDesk

from tui.exchange.exchange import Exchange
from tui.exchange.keys import new_keys
from tui.exchange.run import serving


@cache
def keys_made_once(account_id):
    """Making an RSA key takes longer than most tests."""
    return new_keys(account_id)


@pytest.fixture
async def desk(monkeypatch):
    monkeypatch.setattr("tui.exchange.exchange.new_keys", lambda account_id: list(keys_made_once(account_id)))
    monkeypatch.setattr("tui.binance.margin.user_stream._REFETCH_EVERY_S", 0.05)
    exchange = Exchange(seed=7)
    async with serving(exchange, with_faults=True) as (ready, servers):
        desk = CoinDesk(exchange, ready, servers)
        try:
            yield desk
        finally:
            await desk.close()
    exchange.close()
