"""Futures around trading: candles of either product, orders that vanish, the risk of deleveraging."""

from decimal import Decimal

import pytest
from exchange_caller import Caller

from tui.domain.product import Product
from tui.exchange.accounts.names import DEMO, INSURANCE
from tui.exchange.server.shown_orders import is_shown

DAY_MS = 86_400_000


@pytest.mark.parametrize("name", ["klines", "markPriceKlines", "premiumIndexKlines"])
async def test_candles_of_either_product_on_both_hosts(caller: Caller, name: str) -> None:
    for host, root, symbol, neighbour in (
        ("usdm", "fapi", "BTCUSD_PERP", "coinm"),
        ("coinm", "dapi", "BTCUSDT", "usdm"),
    ):
        span = {"interval": "1d", "endTime": 1_790_000_000_000, "limit": 3}
        status, bars = await caller.get(host, f"/{root}/v1/{name}", symbol=symbol, **span)
        assert (status, len(bars)) == (200, 3)
        own_root = {"usdm": "fapi", "coinm": "dapi"}[neighbour]
        assert bars == (await caller.get(neighbour, f"/{own_root}/v1/{name}", symbol=symbol, **span))[1]
        assert (await caller.get(host, f"/{root}/v1/{name}", symbol="NOSUCH", **span))[1]["code"] == -1121


async def test_candles_by_pair_of_either_product(caller: Caller) -> None:
    span = {"interval": "1d", "limit": 2, "pair": "BTCUSD"}
    assert len((await caller.get("usdm", "/fapi/v1/indexPriceKlines", **span))[1]) == 2
    contract = span | {"contractType": "PERPETUAL"}
    assert len((await caller.get("usdm", "/fapi/v1/continuousKlines", **contract))[1]) == 2


async def test_a_cancelled_order_vanishes_after_three_days_and_a_filled_one_after_ninety(caller: Caller) -> None:
    price = str(Decimal(caller.best("usdm")[0]) - 1_000)
    common = {"symbol": "BTCUSDT", "side": "BUY", "quantity": "0.01"}
    limit = common | {"type": "LIMIT", "timeInForce": "GTC", "price": price}
    ids = []
    for entry in (limit, limit, common | {"type": "MARKET"}):
        _, body = await caller.ask("POST", "usdm", "/fapi/v1/order", **entry)
        ids.append(body["orderId"])
    await caller.ask("DELETE", "usdm", "/fapi/v1/order", symbol="BTCUSDT", orderId=ids[0])

    async def shown() -> list[int]:
        rows = (await caller.ask("GET", "usdm", "/fapi/v1/allOrders", symbol="BTCUSDT", orderId=1))[1]
        return [row["orderId"] for row in rows]

    assert await shown() == ids
    venue = caller.exchange.venues[Product.USDM]
    orders = [venue.order(DEMO, "BTCUSDT", number, None) for number in ids]
    now = venue.clock.now_ms()
    assert [is_shown(order, now + 3 * DAY_MS - 60_000) for order in orders] == [True, True, True]
    for days, left in ((4, ids[1:]), (91, ids[1:2])):
        for order in orders:
            order.created_ms = now - days * DAY_MS
        assert await shown() == left
        for number in ids:
            _, body = await caller.ask("GET", "usdm", "/fapi/v1/order", symbol="BTCUSDT", orderId=number)
            assert body.get("code") == (None if number in left else -2013)


async def test_the_risk_of_deleveraging_follows_the_fund(caller: Caller) -> None:
    async def risk(symbol: str) -> str:
        return (await caller.get("usdm", "/fapi/v1/symbolAdlRisk", symbol=symbol))[1]["adlRisk"]

    assert await risk("BTCUSDT") == "low"
    bought = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.5"}
    assert "orderId" in (await caller.ask("POST", "usdm", "/fapi/v1/order", **bought))[1]
    ledger = caller.exchange.venues[Product.USDM].futures
    assert ledger is not None
    needed = ledger.maintenance_margin(DEMO, "BTCUSDT")
    for share, expected in ((Decimal("1.5"), "medium"), (Decimal("0.9"), "high")):
        fund = ledger.summary(INSURANCE, "USDT").margin_balance
        ledger.credit(INSURANCE, "USDT", needed * share - fund)
        assert [await risk("BTCUSDT"), await risk("ETHUSDT")] == [expected, "low"]


async def test_funding_of_all_contracts_does_not_make_the_far_past_of_each(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    monkeypatch.setattr("tui.exchange.candle_memory.past", lambda known, seed: made.append(seed) or iter(([], [], [])))
    status, rows = await caller.get("usdm", "/fapi/v1/fundingRate", limit=1000)
    assert (status, made) == (200, [])
    perpetuals = [
        found.symbol for found in caller.exchange.venues[Product.USDM].listings.values() if not found.delivery_ms
    ]
    assert {row["symbol"] for row in rows} == set(perpetuals)
    assert [row["fundingTime"] for row in rows] == sorted(row["fundingTime"] for row in rows)
