"""USD-M's REST over real sockets: shapes, refusals, positions and settings."""

import json
import time
from decimal import Decimal
from typing import Any

import pytest
from exchange_caller import Caller

ORDER = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.010"}


async def test_public_data(caller: Caller) -> None:
    _, info = await caller.get("usdm", "/fapi/v1/exchangeInfo")
    assert len(info["symbols"]) >= 8
    assert {"pricePrecision", "underlyingSubType", "marketTakeBound", "liquidationFee"} <= set(info["symbols"][0])
    _, book = await caller.get("usdm", "/fapi/v1/depth", symbol="BTCUSDT", limit=1000)
    assert len(book["bids"]) >= 500
    assert {"lastUpdateId", "E", "T"} <= set(book)
    _, mark = await caller.get("usdm", "/fapi/v1/premiumIndex", symbol="BTCUSDT")
    assert mark["nextFundingTime"] % 28_800_000 == 0
    _, marks = await caller.get("usdm", "/fapi/v1/premiumIndex")
    assert len(marks) == len(info["symbols"])
    _, bars = await caller.get("usdm", "/fapi/v1/klines", symbol="BTCUSDT", interval="1m", limit=1500)
    assert len(bars) == 1500
    _, same = await caller.get(
        "usdm", "/fapi/v1/continuousKlines", pair="BTCUSDT", contractType="PERPETUAL", interval="1m", limit=1500
    )
    assert same[:-1] == bars[:-1]


@pytest.mark.parametrize(
    ("path", "parameters", "code"),
    [
        ("v1/depth", {"symbol": "BTCUSDT", "limit": 7}, -4021),
        ("v1/klines", {"symbol": "BTCUSDT", "interval": "1m", "limit": 1501}, -1130),
        ("v1/klines", {"symbol": "BTCUSDT", "interval": "1s"}, -1120),
        ("v1/klines", {"symbol": "BTCUSDT", "interval": "1m", "startTime": 2, "endTime": 1}, -1023),
        ("v1/openInterest", {}, -1102),
        ("v1/aggTrades", {"symbol": "BTCUSDT", "startTime": 0, "endTime": 3_600_001}, -1127),
    ],
)
async def test_public_refusals(caller: Caller, path: str, parameters: dict[str, Any], code: int) -> None:
    status, body = await caller.get("usdm", "/fapi/" + path, **parameters)
    assert (status, body["code"]) == (400, code)


async def test_a_position_opens_and_closes(caller: Caller) -> None:
    entry = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.010", "newOrderRespType": "RESULT"}
    _, bought = await caller.ask("POST", "usdm", "/fapi/v1/order", **entry)
    assert (bought["status"], bought["executedQty"], bought["cumQty"]) == ("FILLED", "0.010", "0.010")
    assert "avgPrice" not in bought
    _, found = await caller.ask("GET", "usdm", "/fapi/v1/order", symbol="BTCUSDT", orderId=bought["orderId"])
    assert Decimal(found["avgPrice"]) > 0
    _, positions = await caller.ask("GET", "usdm", "/fapi/v3/positionRisk")
    assert [(row["symbol"], row["positionAmt"]) for row in positions] == [("BTCUSDT", "0.010")]
    _, account = await caller.ask("GET", "usdm", "/fapi/v2/account")
    assert len(account["positions"]) >= 8
    assert Decimal(account["totalPositionInitialMargin"]) > 0
    entry |= {"side": "SELL", "reduceOnly": "true"}
    _, sold = await caller.ask("POST", "usdm", "/fapi/v1/order", **entry)
    assert sold["status"] == "FILLED"
    assert await caller.ask("GET", "usdm", "/fapi/v3/positionRisk") == (200, [])
    assert (await caller.ask("POST", "usdm", "/fapi/v1/order", **entry))[1]["code"] == -2022
    _, trades = await caller.ask("GET", "usdm", "/fapi/v1/userTrades", symbol="BTCUSDT")
    assert {trade["orderId"] for trade in trades} == {bought["orderId"], sold["orderId"]}
    _, income = await caller.ask("GET", "usdm", "/fapi/v1/income", incomeType="COMMISSION")
    assert all(Decimal(row["income"]) < 0 for row in income)
    assert len(income) == len(trades)


async def test_an_ack_knows_no_execution(caller: Caller) -> None:
    entry = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.010"}
    _, placed = await caller.ask("POST", "usdm", "/fapi/v1/order", **entry)
    assert (placed["status"], placed["executedQty"]) == ("NEW", "0.000")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"type": "STOP_MARKET"}, -4120),
        ({"positionSide": "LONG"}, -4061),
        ({"positionSide": "MIDDLE"}, -4060),
        ({"quantity": "0.0001"}, -1111),
        ({"price": "91000.05"}, -4014),
        ({"newClientOrderId": "no spaces"}, -4015),
        ({"newOrderRespType": "FULL"}, -1136),
        ({"reduceOnly": "maybe"}, -1100),
        ({"reduceOnly": "true"}, -2022),
        ({"quantity": "1e-2", "price": "1e8"}, -4002),
    ],
)
async def test_order_refusals(caller: Caller, change: dict[str, str], code: int) -> None:
    bid = Decimal(caller.best("usdm")[0])
    status, body = await caller.ask("POST", "usdm", "/fapi/v1/order", **(ORDER | {"price": str(bid - 500)} | change))
    assert (status, body["code"]) == (400, code), body


async def test_batches_have_an_outcome_each(caller: Caller) -> None:
    price = str(Decimal(caller.best("usdm")[0]) - 500)
    items = [ORDER | {"price": price}, ORDER | {"price": price, "type": "STOP"}, ORDER | {"price": price}]
    _, placed = await caller.ask("POST", "usdm", "/fapi/v1/batchOrders", batchOrders=json.dumps(items))
    assert [item.get("code", item.get("status")) for item in placed] == ["NEW", -4120, "NEW"]
    ids = json.dumps([placed[0]["orderId"], 999, placed[2]["orderId"]])
    _, gone = await caller.ask("DELETE", "usdm", "/fapi/v1/batchOrders", symbol="BTCUSDT", orderidlist=ids)
    assert [item.get("code", item.get("status")) for item in gone] == ["CANCELED", -2011, "CANCELED"]
    too_many = json.dumps(items * 2)
    assert (await caller.ask("POST", "usdm", "/fapi/v1/batchOrders", batchOrders=too_many))[1]["code"] == -4082
    assert (await caller.ask("POST", "usdm", "/fapi/v1/batchOrders", batchOrders="[{"))[1]["code"] == -1130


async def test_cancel_all_succeeds_with_nothing_to_cancel(caller: Caller) -> None:
    status, body = await caller.ask("DELETE", "usdm", "/fapi/v1/allOpenOrders", symbol="BTCUSDT")
    assert (status, body["code"]) == (200, 200)


async def test_settings(caller: Caller) -> None:
    _, changed = await caller.ask("POST", "usdm", "/fapi/v1/leverage", symbol="BTCUSDT", leverage=7)
    assert changed["leverage"] == 7
    _, settings = await caller.ask("GET", "usdm", "/fapi/v1/symbolConfig", symbol="BTCUSDT")
    assert (settings[0]["leverage"], settings[0]["marginType"]) == (7, "CROSSED")
    ask = {"symbol": "BTCUSDT", "marginType": "ISOLATED"}
    assert (await caller.ask("POST", "usdm", "/fapi/v1/marginType", **ask))[0] == 200
    assert (await caller.ask("POST", "usdm", "/fapi/v1/marginType", **ask))[1]["code"] == -4046
    _, rows = await caller.ask("GET", "usdm", "/fapi/v2/positionRisk", symbol="BTCUSDT")
    assert (rows[0]["marginType"], rows[0]["leverage"]) == ("isolated", "7")
    assert (await caller.ask("POST", "usdm", "/fapi/v1/leverage", symbol="BTCUSDT", leverage=500))[1]["code"] == -4028
    mode = "/fapi/v1/positionSide/dual"
    assert (await caller.ask("POST", "usdm", mode, dualSidePosition="false"))[1]["code"] == -4059
    assert await caller.ask("GET", "usdm", mode) == (200, {"dualSidePosition": False})


async def test_microseconds_are_far_ahead_of_a_clock_of_milliseconds(caller: Caller) -> None:
    now_us = int(time.time() * 1_000_000)
    assert (await caller.ask("GET", "usdm", "/fapi/v1/openOrders", timestamp=now_us))[1]["code"] == -1021
    assert (await caller.ask("GET", "spot", "/api/v3/openOrders", timestamp=now_us)) == (200, [])


async def test_listen_keys(caller: Caller) -> None:
    path = "/fapi/v1/listenKey"
    assert (await caller.ask("PUT", "usdm", path))[1]["code"] == -1125
    _, first = await caller.ask("POST", "usdm", path)
    assert await caller.ask("POST", "usdm", path) == (200, first)
    assert await caller.ask("PUT", "usdm", path) == (200, first)
    assert await caller.ask("DELETE", "usdm", path) == (200, {})
    assert (await caller.ask("DELETE", "usdm", path))[1]["code"] == -1125
    assert (await caller.ask("POST", "usdm", path, signed=False))[0] == 401
