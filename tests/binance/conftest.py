"""The embedded exchange on loopback, its market standing still."""

from contextlib import asynccontextmanager
from functools import cache

import pytest

from tui.exchange.exchange import Exchange
from tui.exchange.keys import new_keys
from tui.exchange.run import serving


@cache
def keys_made_once(account_id):
    """Making an RSA key takes longer than most tests."""
    return new_keys(account_id)


@pytest.fixture
def served_exchange(monkeypatch):
    """Serves an exchange: itself, where it is, and its servers."""
    monkeypatch.setattr("tui.exchange.exchange.new_keys", lambda account_id: list(keys_made_once(account_id)))

    @asynccontextmanager
    async def served():
        exchange = Exchange(seed=7)
        async with serving(exchange, with_faults=True) as (ready, servers):
            yield exchange, ready, servers
        exchange.close()

    return served
