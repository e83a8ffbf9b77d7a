"""Clients of the futures accounts of an embedded exchange."""

import pytest
from contract_desk import ContractDesk


@pytest.fixture
async def pit(monkeypatch, served_exchange):
    monkeypatch.setattr("tui.binance.futures.user_stream._REFETCH_EVERY_S", 0.05)
    async with served_exchange() as (exchange, ready, _servers):
        desk = ContractDesk(exchange, ready)
        try:
            yield desk
        finally:
            await desk.close()
