"""Any number of transfers between all of somebody's wallets: nothing is created or lost, and nothing is overdrawn."""

import random
from collections.abc import Iterator
from decimal import Decimal

import pytest

from tui.domain.product import Product
from tui.exchange.auth import Authenticator
from tui.exchange.exchange import Exchange
from tui.exchange.rejection import Rejection
from tui.exchange.run import _WALLETS, make_desk
from tui.exchange.server import spot_rest, transfers, usdm_rest
from tui.exchange.server.desk import Desk
from tui.exchange.server.endpoints import Call
from tui.exchange.server.parameters import Parameters

SPOT_NAMES = ("demo", "demo:margin", "demo:BTCUSDT", "demo:ETHUSDT")
ASSETS = ("USDT", "BTC", "ETH", "BNB", "USDC", "DOGE")
AMOUNTS = ("0.001", "0.05", "1", "40", "2500", "60000.12345678", "0.00000001")


@pytest.fixture
def desks() -> Iterator[list[Desk]]:
    exchange = Exchange(seed=7)
    made = [make_desk(exchange, venue, Authenticator([])) for venue in exchange.venues.values()]
    made[0].futures = {_WALLETS[desk.product]: desk for desk in made[1:]}
    for _ in range(10):
        exchange.step()
    yield made
    exchange.close()


def ask(desk: Desk, table: object, method: str, path: str, **parameters: str) -> object:
    endpoint = table.ENDPOINTS[(method, path)]  # type: ignore[attr-defined]
    return endpoint.handler(desk, Call(Parameters(parameters), "demo"))


def everything(desks: list[Desk]) -> dict[str, list[Decimal]]:
    """Of each asset what every wallet has."""
    spot = desks[0].venue.spot
    assert spot is not None
    return {
        asset: [spot.free(name, asset) + spot.locked(name, asset) for name in SPOT_NAMES]
        + [transfers.ledger_of(desk).wallet("demo", asset) for desk in desks[1:]]
        for asset in ASSETS
    }


@pytest.mark.parametrize("seed", range(3))
def test_transfers_move_what_there_is(desks: list[Desk], seed: int) -> None:
    chance, spot, usdm = random.Random(seed), *desks[:2]
    assert [desk.product for desk in desks[:2]] == [Product.SPOT, Product.USDM]
    for pair in ("BTCUSDT", "ETHUSDT"):
        ask(spot, spot_rest, "POST", "/sapi/v1/margin/isolated/account", symbol=pair)
    ask(usdm, usdm_rest, "POST", "/fapi/v1/order", symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.5")
    if seed == 2:
        ask(usdm, usdm_rest, "POST", "/fapi/v1/multiAssetsMargin", multiAssetsMargin="true")
    before = {asset: sum(held) for asset, held in everything(desks).items()}
    moved, codes = 0, set[int]()
    for _ in range(600):
        try:
            ask(
                spot, spot_rest, "POST", "/sapi/v1/asset/transfer",
                type=chance.choice(sorted(transfers._TYPES)), asset=chance.choice(ASSETS),
                amount=chance.choice(AMOUNTS), fromSymbol=chance.choice(["BTCUSDT", "ETHUSDT"]),
                toSymbol=chance.choice(["BTCUSDT", "ETHUSDT"]),
            )  # fmt: skip
            moved += 1
        except Rejection as refusal:
            codes.add(refusal.code)
        now = everything(desks)
        assert {asset: sum(held) for asset, held in now.items()} == before
        assert all(amount >= 0 for held in now.values() for amount in held)
    assert moved > 100
    assert codes <= {-1130, -3020, -3027, -3041}
