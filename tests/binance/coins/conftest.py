"""Clients of the spot and margin accounts of an embedded exchange."""

import pytest
from coin_desk import CoinDesk


@pytest.fixture
async def desk(monkeypatch, served_exchange):
    monkeypatch.setattr("tui.binance.margin.user_stream._REFETCH_EVERY_S", 0.05)
    async with served_exchange() as (exchange, ready, servers):
        desk = CoinDesk(exchange, ready, servers)
        try:
            yield desk
        finally:
            await desk.close()
