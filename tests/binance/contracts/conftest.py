"""The embedded exchange on loopback, its market standing still, and clients of its futures accounts."""

from functools import cache

import pytest
from contract_desk import ContractDesk

from tui.exchange.exchange import Exchange
from tui.exchange.keys import new_keys
from tui.exchange.run import serving


@cache
def keys_made_once(account_id):
    """Making an RSA key takes longer than most tests."""
    return new_keys(account_id)


@pytest.fixture
async def pit(monkeypatch):
    monkeypatch.setattr("tui.exchange.exchange.new_keys", lambda account_id: list(keys_made_once(account_id)))
    monkeypatch.setattr("tui.binance.futures.user_stream._REFETCH_EVERY_S", 0.05)
    exchange = Exchange(seed=7)
    async with serving(exchange, with_faults=True) as (ready, _servers):
        desk = ContractDesk(exchange, ready)
        try:
            yield desk
        finally:
            await desk.close()
    exchange.close()
