"""Futures accounts as they are connected: the mode is read, the settings are applied once, failures bar the symbol."""

from types import SimpleNamespace

import pytest
from fake_client import PERP, FakeClient, FakeFutures

from tui.binance.errors import RefusedError
from tui.config import ExecutionOptions
from tui.domain.product import Product
from tui.engine.account.contract_setup import ContractSetup
from tui.engine.store import Session, Store

S = PERP.symbol


class Connected(FakeClient):
    futures = None


@pytest.fixture
def world():
    client = Connected(PERP)
    client.futures = FakeFutures()
    store = Store(Session("demo", "main", False, False))
    store.instruments = {S: PERP}
    said: list[str] = []
    options = ExecutionOptions(futures_leverages={S: 7}, futures_margin_types={"BTCUSDT": "ISOLATED"})
    floor = SimpleNamespace(
        store=store,
        clients={Product.USDM: client},
        options=SimpleNamespace(execution=options),
        messages=SimpleNamespace(error=said.append, warning=said.append),
    )
    return SimpleNamespace(setup=ContractSetup(floor), store=store, account=client.futures, said=said)


async def test_margin_types_and_leverages_are_set_once_and_the_mode_is_read_each_time(world) -> None:
    """Settings name contracts by the program's symbol or by Binance's."""
    world.account.hedge = True
    await world.setup.agree(Product.USDM)
    await world.setup.agree(Product.USDM)
    assert world.account.margins == [(S, True)]
    assert world.account.leverages == [(S, 7)]
    assert world.store.hedge_modes == {Product.USDM}
    assert world.store.configs[S].leverage == 7
    world.account.hedge = False
    await world.setup.agree(Product.USDM)
    assert not world.store.hedge_modes


async def test_a_margin_type_that_cannot_be_set_bars_its_contract(world) -> None:
    world.account.refuses["margin"] = RefusedError("open orders exist", -4047, 400)
    await world.setup.agree(Product.USDM)
    assert "futures_margin_types" in world.store.barred[S]
    assert "not traded" in world.said[0]


async def test_a_leverage_that_cannot_be_set_is_a_warning(world) -> None:
    world.account.refuses["leverage"] = RefusedError("not valid", -4028, 400)
    await world.setup.agree(Product.USDM)
    assert not world.store.barred
    assert "leverage 7 could not be set" in world.said[0]


async def test_a_session_that_only_looks_changes_nothing(world) -> None:
    world.store.session = Session("demo", "main", False, read_only=True)
    await world.setup.agree(Product.USDM)
    assert not world.account.margins
    assert not world.account.leverages
