"""Spot's REST over real sockets: shapes, refusals, and an order's whole life."""

import time
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from exchange_caller import Caller

from tui.exchange.state import StateError

ORDER = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.001"}


async def test_public_data(caller: Caller) -> None:
    assert await caller.get("spot", "/api/v3/ping") == (200, {})
    status, book = await caller.get("spot", "/api/v3/depth", symbol="BTCUSDT", limit=5)
    assert status == 200
    assert len(book["bids"]) == len(book["asks"]) == 5
    assert Decimal(book["bids"][0][0]) > Decimal(book["bids"][1][0])
    assert len(book["asks"][0][0].partition(".")[2]) == 8
    status, bars = await caller.get("spot", "/api/v3/klines", symbol="BTCUSDT", interval="1m", limit=500)
    assert len(bars) == 500
    assert all(later[0] == earlier[6] + 1 for earlier, later in pairwise(bars))
    status, info = await caller.get("spot", "/api/v3/exchangeInfo")
    assert len(info["symbols"]) >= 12
    assert {"filters", "permissions", "permissionSets", "orderTypes"} <= set(info["symbols"][0])


@pytest.mark.parametrize("interval", ["3m", "30m", "1h", "12h", "1d", "1w"])
async def test_every_interval_has_a_past(caller: Caller, interval: str) -> None:
    status, bars = await caller.get("spot", "/api/v3/klines", symbol="ETHUSDT", interval=interval, limit=500)
    assert status == 200
    assert len(bars) == 500
    assert all(later[0] == earlier[6] + 1 for earlier, later in pairwise(bars))
    for bar in bars:
        opened, high, low, closed = (Decimal(text) for text in bar[1:5])
        assert low <= min(opened, closed) <= max(opened, closed) <= high


async def test_one_symbol_is_an_object_and_several_are_a_list(caller: Caller) -> None:
    _, one = await caller.get("spot", "/api/v3/ticker/24hr", symbol="BTCUSDT")
    _, two = await caller.get("spot", "/api/v3/ticker/24hr", symbols='["BTCUSDT","ETHUSDT"]', type="MINI")
    _, every = await caller.get("spot", "/api/v3/ticker/price")
    assert one["symbol"] == "BTCUSDT"
    assert list(one)[:5] == ["symbol", "priceChange", "priceChangePercent", "weightedAvgPrice", "prevClosePrice"]
    assert [row["symbol"] for row in two] == ["BTCUSDT", "ETHUSDT"]
    assert "bidPrice" not in two[0]
    assert len(every) >= 12


@pytest.mark.parametrize(
    ("path", "parameters", "code"),
    [
        ("depth", {}, -1102),
        ("depth", {"symbol": "NOPE"}, -1121),
        ("depth", {"symbol": "btcusdt"}, -1100),
        ("depth", {"symbol": "BTCUSDT", "limit": "x"}, -1100),
        ("klines", {"symbol": "BTCUSDT", "interval": "9m"}, -1120),
        ("ticker/24hr", {"symbol": "BTCUSDT", "type": "HUGE"}, -1139),
        ("ticker/price", {"symbol": "BTCUSDT", "symbols": '["BTCUSDT"]'}, -1128),
        ("ticker/price", {"symbols": '["BTCUSDT","BTCUSDT"]'}, -1151),
        ("ticker/price", {"symbols": "[broken"}, -1100),
        ("executionRules", {"symbol": "BTCUSDT", "symbolStatus": "TRADING"}, -1128),
    ],
)
async def test_public_refusals(caller: Caller, path: str, parameters: dict[str, Any], code: int) -> None:
    status, body = await caller.get("spot", "/api/v3/" + path, **parameters)
    assert (status, body["code"]) == (400, code)


async def test_a_parameter_twice_is_refused(caller: Caller) -> None:
    async with caller.session.get(caller.ready["spot"]["rest"] + "/api/v3/depth?symbol=BTCUSDT&symbol=X") as response:
        assert (await response.json())["code"] == -1101


async def test_unknown_and_removed_addresses(caller: Caller) -> None:
    assert (await caller.get("spot", "/api/v3/nothing"))[0] == 404
    assert (await caller.ask("PUT", "spot", "/api/v3/order", signed=False))[0] == 405
    async with caller.session.post(caller.ready["spot"]["rest"] + "/api/v3/userDataStream") as response:
        assert response.status == 410
        assert response.content_type == "text/html"
    lost, reader = caller.ready["spot"]["rest"] + "/api/v3/nothing", {"Accept": "text/html"}
    async with caller.session.get(lost, headers=reader) as response:
        assert (response.status, response.content_type) == (404, "text/html")


@pytest.mark.parametrize(
    ("accepted", "status"),
    [("application/sbe", 400), ("application/sbe;q=0.9, application/json", 200), ("application/sbe, */*", 200)],
)
async def test_the_binary_encoding_is_refused_not_ignored(caller: Caller, accepted: str, status: int) -> None:
    url = caller.ready["spot"]["rest"] + "/api/v3/time"
    async with caller.session.get(url, headers={"Accept": accepted, "X-MBX-SBE": "3:5"}) as response:
        assert (response.status, response.content_type) == (status, "application/json")
        assert (await response.json()).get("code") == (-1155 if status == 400 else None)
    upgrade = caller.ready["spot"]["ws_api"] + "?responseFormat=sbe&sbeSchemaId=3&sbeSchemaVersion=5"
    with pytest.raises(aiohttp.WSServerHandshakeError, match="400"):
        await caller.session.ws_connect(upgrade)


@pytest.mark.parametrize("kind", ["HMAC", "RSA", "ED25519"])
async def test_an_order_placed_asked_for_and_cancelled(caller: Caller, kind: str) -> None:
    price = str(Decimal(caller.best("spot")[0]) - 500)
    entry = ORDER | {"price": price, "newClientOrderId": f"mine-{kind}"}
    status, placed = await caller.ask("POST", "spot", "/api/v3/order", kind=kind, **entry)
    assert (status, placed["status"], placed["fills"]) == (200, "NEW", [])
    wanted = {"symbol": "BTCUSDT", "origClientOrderId": f"mine-{kind}"}
    _, found = await caller.ask("GET", "spot", "/api/v3/order", kind=kind, **wanted)
    assert found["orderId"] == placed["orderId"]
    _, account = await caller.ask("GET", "spot", "/api/v3/account", kind=kind)
    locked = {row["asset"]: row["locked"] for row in account["balances"]}
    assert Decimal(locked["USDT"]) == Decimal(price) * Decimal("0.001")
    _, cancelled = await caller.ask("DELETE", "spot", "/api/v3/order", kind=kind, **wanted)
    assert (cancelled["status"], cancelled["origClientOrderId"]) == ("CANCELED", f"mine-{kind}")
    assert cancelled["clientOrderId"] != cancelled["origClientOrderId"]
    renamed = {"symbol": "BTCUSDT", "origClientOrderId": cancelled["clientOrderId"]}
    _, found = await caller.ask("GET", "spot", "/api/v3/order", kind=kind, **renamed)
    assert (found["orderId"], found["clientOrderId"]) == (placed["orderId"], cancelled["clientOrderId"])
    assert (await caller.ask("GET", "spot", "/api/v3/order", kind=kind, **wanted))[1]["code"] == -2013
    both = wanted | {"orderId": placed["orderId"]}
    assert (await caller.ask("DELETE", "spot", "/api/v3/order", kind=kind, **both))[1]["code"] == -2011
    status, refused = await caller.ask("DELETE", "spot", "/api/v3/order", kind=kind, **wanted)
    assert (status, refused) == (400, {"code": -2011, "msg": "Unknown order sent."})


async def test_a_market_order_fills_and_is_remembered(caller: Caller) -> None:
    entry = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quoteOrderQty": "500"}
    status, filled = await caller.ask("POST", "spot", "/api/v3/order", **entry)
    assert (status, filled["status"]) == (200, "FILLED")
    assert sum(Decimal(fill["qty"]) for fill in filled["fills"]) == Decimal(filled["executedQty"])
    _, trades = await caller.ask("GET", "spot", "/api/v3/myTrades", symbol="BTCUSDT")
    assert [trade["id"] for trade in trades] == [fill["tradeId"] for fill in filled["fills"]]
    _, aggregates = await caller.get("spot", "/api/v3/aggTrades", symbol="BTCUSDT")
    assert {(row["p"], row["l"] - row["f"]) for row in aggregates if row["l"] == trades[-1]["id"]}
    _, orders = await caller.ask("GET", "spot", "/api/v3/allOrders", symbol="BTCUSDT")
    assert [order["orderId"] for order in orders] == [filled["orderId"]]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"quantity": ""}, -1102),
        ({"price": ""}, -1102),
        ({"timeInForce": ""}, -1102),
        ({"symbol": "NOPE"}, -1121),
        ({"side": "HOLD"}, -1117),
        ({"type": "HOPE"}, -1116),
        ({"type": "STOP_LOSS_LIMIT"}, -1102),
        ({"timeInForce": "GTX"}, -1115),
        ({"quantity": "1e-3"}, -1100),
        ({"quantity": "-1"}, -1100),
        ({"quantity": "0.0000123"}, -1013),
        ({"price": "1.234"}, -1013),
        ({"price": "1000"}, -1013),
        ({"newClientOrderId": "no spaces allowed"}, -1100),
        ({"quantity": "50"}, -2010),
        ({"quantity": "500"}, -1013),
        ({"type": "MARKET"}, -1106),
        ({"newOrderRespType": "LOUD"}, -1130),
    ],
)
async def test_order_refusals(caller: Caller, change: dict[str, str], code: int) -> None:
    entry = ORDER | {"price": str(Decimal(caller.best("spot")[0]) - 500)} | change
    for path in ("/api/v3/order", "/api/v3/order/test"):
        if path.endswith("test") and "newOrderRespType" in change:
            continue
        status, body = await caller.ask("POST", "spot", path, **entry)
        assert (status, body["code"]) == (400, code), body
    assert (await caller.ask("GET", "spot", "/api/v3/allOrders", symbol="BTCUSDT"))[1] == []


async def test_authentication_refusals(caller: Caller) -> None:
    assert await caller.ask("GET", "spot", "/api/v3/account", signed=False) == (
        401,
        {"code": -2014, "msg": "API-key format invalid."},
    )
    now = int(time.time() * 1000)
    for stamp, words in ((now - 6_000, "outside of the recvWindow"), (now + 5_000, "1000ms ahead")):
        status, body = await caller.ask("GET", "spot", "/api/v3/account", timestamp=stamp)
        assert (status, body["code"]) == (400, -1021)
        assert words in body["msg"]
    status, body = await caller.ask("GET", "spot", "/api/v3/account", timestamp="", recvWindow=5)
    assert body["code"] == -1102
    status, body = await caller.ask("GET", "spot", "/api/v3/account", recvWindow=60_001)
    assert body["code"] == -1102
    for window, status in (("4000.123", 200), ("4000.1234", 400)):
        assert (await caller.ask("GET", "spot", "/api/v3/account", recvWindow=window))[0] == status
    caller.ready["keys"][0] = caller.key() | {"api_secret": "wrong"}
    assert (await caller.ask("GET", "spot", "/api/v3/account"))[1]["code"] == -1022
    caller.ready["keys"][0] = caller.key() | {"api_key": "unknown"}
    assert (await caller.ask("GET", "spot", "/api/v3/account"))[0] == 401


async def test_weight_and_order_counts_are_told_and_enforced(caller: Caller) -> None:
    _, _, first = await caller.ask_with_headers("GET", "spot", "/api/v3/exchangeInfo", signed=False)
    entry = ORDER | {"price": str(Decimal(caller.best("spot")[0]) - 500)}
    _, _, placed = await caller.ask_with_headers("POST", "spot", "/api/v3/order", **entry)
    assert placed["X-MBX-ORDER-COUNT-10S"] == "1"
    assert int(placed["X-MBX-USED-WEIGHT-1M"]) <= int(first["X-MBX-USED-WEIGHT-1M"])
    budget = caller.servers[0].desk.budget
    budget.weight.add(6_000, caller.exchange.clock.now_ms())
    status, body, headers = await caller.ask_with_headers("GET", "spot", "/api/v3/ping", signed=False)
    assert (status, body["code"]) == (429, -1003)
    assert 1 <= int(headers["Retry-After"]) <= 60


async def test_calls_clients_make_at_their_start(caller: Caller) -> None:
    _, coins = await caller.ask("GET", "spot", "/sapi/v1/capital/config/getall")
    assert {"BTC", "USDT"} <= {coin["coin"] for coin in coins}
    assert await caller.get("spot", "/sapi/v1/system/status") == (200, {"status": 0, "msg": "normal"})
    _, pairs = await caller.ask("GET", "spot", "/sapi/v1/margin/allPairs")
    assert pairs[0]["symbol"] == "BTCUSDT"
    _, fees = await caller.ask("GET", "spot", "/sapi/v1/asset/tradeFee", symbol="BTCUSDT")
    assert fees == [{"symbol": "BTCUSDT", "makerCommission": "0.001", "takerCommission": "0.001"}]


async def test_what_cannot_be_written_down_is_not_confirmed(caller: Caller) -> None:
    def fail() -> None:
        raise StateError(Path("state.sqlite"), "the disk is full")

    caller.servers[0].desk.keep = fail
    entry = ORDER | {"price": str(Decimal(caller.best("spot")[0]) - 500)}
    status, body = await caller.ask("POST", "spot", "/api/v3/order", **entry)
    assert (status, body["code"]) == (500, -1000)


async def test_my_filters_tell_what_exchange_info_does_not(caller: Caller) -> None:
    _, found = await caller.ask("GET", "spot", "/api/v3/myFilters", symbol="BNBUSDT")
    assert {"filterType": "EXCHANGE_MAX_NUM_ORDER_LISTS", "maxNumOrderLists": 20} in found["exchangeFilters"]
    assert "MAX_POSITION" in [row["filterType"] for row in found["symbolFilters"]]
    assert found["assetFilters"] == [
        {"filterType": "MAX_ASSET", "asset": "BNB", "limit": "5000.00000000"},
        {"filterType": "MAX_ASSET", "asset": "USDT", "limit": "10000000.00000000"},
    ]
    _, public = await caller.get("spot", "/api/v3/exchangeInfo", symbol="BNBUSDT")
    assert {row["filterType"] for row in public["exchangeFilters"]} == {
        "EXCHANGE_MAX_NUM_ORDERS",
        "EXCHANGE_MAX_NUM_ALGO_ORDERS",
    }
