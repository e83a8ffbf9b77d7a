"""Conditional, changed and hedged orders over real sockets."""

import json
from decimal import Decimal
from typing import Any

from exchange_caller import Caller

ALGO = "/fapi/v1/algoOrder"
STOP = {"algoType": "CONDITIONAL", "symbol": "BTCUSDT", "side": "SELL", "type": "STOP_MARKET", "quantity": "0.010"}


def below(caller: Caller, distance: int = 500) -> str:
    return str(Decimal(caller.best("usdm")[0]) - distance)


async def test_a_conditional_order_is_placed_found_and_cancelled(caller: Caller) -> None:
    status, placed = await caller.ask("POST", "usdm", ALGO, **STOP, triggerPrice=below(caller), clientAlgoId="sl-1")
    assert status == 200, placed
    assert (placed["algoStatus"], placed["orderType"], placed["clientAlgoId"]) == ("NEW", "STOP_MARKET", "sl-1")
    assert isinstance(placed["algoId"], int)
    _, found = await caller.ask("GET", "usdm", ALGO, clientAlgoId="sl-1")
    assert (found["algoId"], found["actualOrderId"]) == (placed["algoId"], "")
    _, waiting = await caller.ask("GET", "usdm", "/fapi/v1/openAlgoOrders")
    assert [order["algoId"] for order in waiting] == [placed["algoId"]]
    assert await caller.ask("GET", "usdm", "/fapi/v1/openOrders") == (200, [])
    _, gone = await caller.ask("DELETE", "usdm", ALGO, algoId=placed["algoId"])
    assert gone == {"algoId": placed["algoId"], "clientAlgoId": "sl-1", "code": "200", "msg": "success"}
    assert (await caller.ask("DELETE", "usdm", ALGO, algoId=placed["algoId"]))[1]["code"] == -2011
    assert (await caller.ask("GET", "usdm", ALGO, algoId=1))[1]["code"] == -2013
    assert (await caller.ask("GET", "usdm", ALGO))[1]["code"] == -1102
    _, history = await caller.ask("GET", "usdm", "/fapi/v1/allAlgoOrders", symbol="BTCUSDT")
    assert [order["algoStatus"] for order in history] == ["CANCELED"]
    assert (await caller.ask("DELETE", "usdm", "/fapi/v1/algoOpenOrders", symbol="BTCUSDT"))[1]["code"] == 200


async def events_of(caller: Caller, socket: Any, count: int) -> list[Any]:
    return [json.loads((await socket.receive(timeout=30)).data) for _ in range(count)]


async def test_the_account_hears_every_step_of_a_trigger(caller: Caller) -> None:
    _, key = await caller.ask("POST", "usdm", "/fapi/v1/listenKey")
    async with caller.stream("usdm", "/private/ws/" + key["listenKey"]) as socket:
        entry = STOP | {"side": "BUY", "triggerPrice": str(Decimal(caller.best("usdm")[1]) + 5)}
        _, placed = await caller.ask("POST", "usdm", ALGO, **entry)
        venue = next(venue for name, venue in caller.exchange.venues.items() if name.value == "usdm")
        trigger = venue.listings["BTCUSDT"].tick.count_of(Decimal(entry["triggerPrice"]))
        assert venue.algos is not None
        venue.algos._prices["BTCUSDT"] = [trigger]
        venue.turn()
        told = await events_of(caller, socket, 8)
    names = [event["e"] for event in told]
    states = [event["o"]["X"] for event in told if event["e"] == "ALGO_UPDATE"]
    assert states == ["NEW", "TRIGGERING", "TRIGGERED", "FINISHED"]
    first = names.index("ORDER_TRADE_UPDATE")
    assert (told[first]["o"]["x"], told[first]["o"]["c"]) == ("NEW", placed["clientAlgoId"])
    assert names[:4] == ["ALGO_UPDATE", "ALGO_UPDATE", "ORDER_TRADE_UPDATE", "ALGO_UPDATE"]
    assert names[4:7] == ["TRADE_LITE", "ORDER_TRADE_UPDATE", "ACCOUNT_UPDATE"]
    last = told[7]["o"]
    assert (last["ai"], last["aq"], last["act"]) == (str(told[first]["o"]["i"]), "0.01", "MARKET")


async def test_an_order_is_changed_and_remembers_it(caller: Caller) -> None:
    entry = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.010"}
    _, order = await caller.ask("POST", "usdm", "/fapi/v1/order", **entry, price=below(caller))
    change = {"symbol": "BTCUSDT", "side": "BUY", "orderId": order["orderId"], "quantity": "0.020", "modifyId": 42}
    status, changed = await caller.ask("PUT", "usdm", "/fapi/v1/order", **change, price=below(caller, 600))
    assert status == 200, changed
    assert (changed["origQty"], changed["modifyId"], changed["status"]) == ("0.020", 42, "NEW")
    again = [change | {"price": below(caller, 600)}, change | {"price": below(caller, 700)}]
    again = [{name: str(value) for name, value in item.items()} for item in again]
    _, both = await caller.ask("PUT", "usdm", "/fapi/v1/batchOrders", batchOrders=json.dumps(again))
    assert [item.get("code", item.get("status")) for item in both] == [-5027, "NEW"]
    _, history = await caller.ask("GET", "usdm", "/fapi/v1/orderAmendment", symbol="BTCUSDT")
    assert [row["amendment"]["count"] for row in history] == [2, 1]
    assert history[1]["amendment"]["origQty"] == {"before": "0.010", "after": "0.020"}
    assert history[1]["amendment"]["modifyId"] == 42


async def test_hedge_mode_over_the_wire(caller: Caller) -> None:
    mode = "/fapi/v1/positionSide/dual"
    assert (await caller.ask("POST", "usdm", mode, dualSidePosition="true"))[1] == {"code": 200, "msg": "success"}
    assert await caller.ask("GET", "usdm", mode) == (200, {"dualSidePosition": True})
    entry = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.010"}
    assert (await caller.ask("POST", "usdm", "/fapi/v1/order", **entry))[1]["code"] == -4061
    assert (await caller.ask("POST", "usdm", "/fapi/v1/order", **entry, positionSide="LONG"))[0] == 200
    short = entry | {"side": "SELL", "positionSide": "SHORT"}
    assert (await caller.ask("POST", "usdm", "/fapi/v1/order", **short))[0] == 200
    reducing = short | {"reduceOnly": "true"}
    assert (await caller.ask("POST", "usdm", "/fapi/v1/order", **reducing))[1]["code"] == -1106
    _, rows = await caller.ask("GET", "usdm", "/fapi/v3/positionRisk")
    assert [(row["positionSide"], row["positionAmt"]) for row in rows] == [("LONG", "0.010"), ("SHORT", "-0.010")]
    _, rows = await caller.ask("GET", "usdm", "/fapi/v2/positionRisk", symbol="BTCUSDT")
    assert [row["positionSide"] for row in rows] == ["BOTH", "LONG", "SHORT"]
    assert (await caller.ask("POST", "usdm", mode, dualSidePosition="false"))[1]["code"] == -4068
    _, interest = await caller.get("usdm", "/fapi/v1/openInterest", symbol="BTCUSDT")
    assert interest["openInterest"] == "0.010"


async def test_a_countdown_answers_with_texts(caller: Caller) -> None:
    path = "/fapi/v1/countdownCancelAll"
    assert await caller.ask("POST", "usdm", path, symbol="BTCUSDT", countdownTime=120000) == (
        200,
        {"symbol": "BTCUSDT", "countdownTime": "120000"},
    )
    assert (await caller.ask("POST", "usdm", path, symbol="BTCUSDT"))[1]["code"] == -1102


async def test_conditional_orders_over_the_websocket_api(caller: Caller) -> None:
    async with caller.calls("usdm") as socket:

        async def ask(method: str, **parameters: Any) -> Any:
            await socket.send_json(
                {"id": "1", "method": method, "params": caller.call_parameters("HMAC", **parameters)}
            )
            return json.loads((await socket.receive(timeout=30)).data)

        placed = await ask("algoOrder.place", **STOP, triggerPrice=below(caller))
        assert (placed["status"], placed["result"]["algoStatus"]) == (200, "NEW")
        assert [limit["rateLimitType"] for limit in placed["rateLimits"]] == ["REQUEST_WEIGHT", "ORDERS", "ORDERS"]
        gone = await ask("algoOrder.cancel", algoId=placed["result"]["algoId"])
        assert gone["result"]["code"] == "200"
        refused = await ask("order.place", **STOP)
        assert (refused["status"], refused["error"]["code"]) == (400, -4120)
