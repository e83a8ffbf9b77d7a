"""Spot's orders over the wire: shapes, refusals, events."""

import time
from decimal import Decimal
from typing import Any

import pytest
from exchange_caller import Caller
from test_ws_api_server import Talk

from tui.domain.product import Product
from tui.exchange.limits import RateLimitedRejection

SYMBOL = "BTCUSDT"


def away(caller: Caller, distance: int) -> str:
    """A price that far above (or, negative, below) the market."""
    bid, ask = (Decimal(price) for price in caller.best("spot"))
    return str((ask if distance > 0 else bid) + distance)


async def post(caller: Caller, path: str, **parameters: Any) -> Any:
    status, body = await caller.ask("POST", "spot", "/api/v3/" + path, symbol=SYMBOL, **parameters)
    assert status == 200, body
    return body


def oco(caller: Caller) -> dict[str, Any]:
    return {
        "side": "SELL",
        "quantity": "0.01",
        "aboveType": "LIMIT_MAKER",
        "abovePrice": away(caller, 500),
        "belowType": "STOP_LOSS_LIMIT",
        "belowStopPrice": away(caller, -500),
        "belowPrice": away(caller, -510),
        "belowTimeInForce": "GTC",
    }


async def test_a_stop_is_acknowledged_and_asked_for(caller: Caller) -> None:
    entry = {"side": "BUY", "type": "STOP_LOSS_LIMIT", "timeInForce": "GTC", "quantity": "0.01"}
    entry |= {"price": away(caller, 510), "stopPrice": away(caller, 500), "strategyId": 3, "icebergQty": "0.001"}
    placed = await post(caller, "order", **entry)
    assert set(placed) == {"symbol", "orderId", "orderListId", "clientOrderId", "transactTime"}
    _, found = await caller.ask("GET", "spot", "/api/v3/order", symbol=SYMBOL, orderId=placed["orderId"])
    assert (found["isWorking"], found["workingTime"], found["strategyId"]) == (False, -1, 3)
    assert (Decimal(found["stopPrice"]), found["icebergQty"]) == (Decimal(entry["stopPrice"]), "0.00100000")


async def test_conditional_fields_of_a_pegged_and_a_trailing_order(caller: Caller) -> None:
    peg = {"pegPriceType": "PRIMARY_PEG", "pegOffsetType": "PRICE_LEVEL", "pegOffsetValue": 3}
    pegged = await post(caller, "order", side="BUY", type="LIMIT", timeInForce="GTC", quantity="0.01", **peg)
    assert (pegged["price"], pegged["pegOffsetValue"]) == ("0.00000000", 3)
    assert 0 < Decimal(pegged["peggedPrice"]) < Decimal(caller.best("spot")[0])
    trailing = {"side": "SELL", "type": "TAKE_PROFIT", "quantity": "0.01", "trailingDelta": 100}
    result = await post(caller, "order", newOrderRespType="RESULT", **trailing)
    assert (result["trailingDelta"], result["trailingTime"], result["workingTime"]) == (100, -1, -1)


async def test_an_oco_in_its_shapes(caller: Caller) -> None:
    made = await post(caller, "orderList/oco", listClientOrderId="pair", **oco(caller))
    assert (made["contingencyType"], made["listStatusType"], made["listOrderStatus"]) == (
        "OCO",
        "EXEC_STARTED",
        "EXECUTING",
    )
    assert [report["type"] for report in made["orderReports"]] == ["STOP_LOSS_LIMIT", "LIMIT_MAKER"]
    assert "fills" not in made["orderReports"][0]
    _, found = await caller.ask("GET", "spot", "/api/v3/orderList", origClientOrderId="pair")
    assert "orderReports" not in found
    assert found["orders"] == made["orders"]
    single = {"side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.01", "price": away(caller, -500)}
    await post(caller, "order", **single)
    _, gone = await caller.ask("DELETE", "spot", "/api/v3/openOrders", symbol=SYMBOL)
    assert [item.get("listOrderStatus", item.get("status")) for item in gone] == ["ALL_DONE", "CANCELED"]
    assert (await caller.ask("GET", "spot", "/api/v3/openOrderList"))[1] == []
    _, unknown = await caller.ask("DELETE", "spot", "/api/v3/orderList", symbol=SYMBOL, listClientOrderId="pair")
    assert unknown["code"] == -2011


async def test_a_cancelled_leg_answers_with_the_list(caller: Caller) -> None:
    made = await post(caller, "orderList/oco", **oco(caller))
    wanted = {"symbol": SYMBOL, "orderId": made["orders"][0]["orderId"]}
    _, gone = await caller.ask("DELETE", "spot", "/api/v3/order", **wanted)
    assert (gone["orderListId"], gone["listStatusType"]) == (made["orderListId"], "ALL_DONE")
    assert {report["status"] for report in gone["orderReports"]} == {"CANCELED"}


async def test_pending_orders_answer_as_pending_even_when_they_work_already(caller: Caller) -> None:
    working = {"workingType": "LIMIT", "workingSide": "BUY", "workingTimeInForce": "GTC", "workingQuantity": "0.01"}
    pending = {"pendingType": "LIMIT_MAKER", "pendingSide": "SELL", "pendingPrice": away(caller, 500)}
    price = {"workingPrice": away(caller, 50)}
    made = await post(caller, "orderList/oto", **working, **price, **pending, pendingQuantity="0.005")
    first, second = made["orderReports"]
    assert (first["status"], second["status"], second["workingTime"]) == ("FILLED", "PENDING_NEW", -1)
    _, found = await caller.ask("GET", "spot", "/api/v3/order", symbol=SYMBOL, orderId=second["orderId"])
    assert found["status"] == "NEW"
    made = await post(caller, "orderList/opo", **working, workingPrice=away(caller, -500), **pending)
    assert "origQty" not in made["orderReports"][1]
    refused = {**working, **price, **pending, "pendingQuantity": "0.005"}
    status, body = await caller.ask("POST", "spot", "/api/v3/orderList/opo", symbol=SYMBOL, **refused)
    assert (status, body["code"]) == (400, -1225)


async def test_the_old_oco_wants_its_time_in_force(caller: Caller) -> None:
    entry = {"side": "SELL", "quantity": "0.01", "price": away(caller, 500), "stopPrice": away(caller, -500)}
    entry["stopLimitPrice"] = away(caller, -510)
    status, body = await caller.ask("POST", "spot", "/api/v3/order/oco", symbol=SYMBOL, **entry)
    assert (status, body["code"]) == (400, -1128)
    made = await post(caller, "order/oco", **entry, stopLimitTimeInForce="GTC")
    assert [report["type"] for report in made["orderReports"]] == ["STOP_LOSS_LIMIT", "LIMIT_MAKER"]


REPLACEMENTS = [
    ("STOP_ON_FAILURE", True, True, False, (200, None, "SUCCESS", "SUCCESS")),
    ("STOP_ON_FAILURE", False, True, False, (400, -2022, "FAILURE", "NOT_ATTEMPTED")),
    ("STOP_ON_FAILURE", True, False, False, (409, -2021, "SUCCESS", "FAILURE")),
    ("STOP_ON_FAILURE", False, True, True, (429, -2022, "FAILURE", "NOT_ATTEMPTED")),
    ("STOP_ON_FAILURE", True, True, True, (429, -2021, "SUCCESS", "FAILURE")),
    ("ALLOW_FAILURE", True, True, False, (200, None, "SUCCESS", "SUCCESS")),
    ("ALLOW_FAILURE", False, False, False, (400, -2022, "FAILURE", "FAILURE")),
    ("ALLOW_FAILURE", False, True, False, (409, -2021, "FAILURE", "SUCCESS")),
    ("ALLOW_FAILURE", True, False, False, (409, -2021, "SUCCESS", "FAILURE")),
    ("ALLOW_FAILURE", False, True, True, (400, -2022, "FAILURE", "FAILURE")),
    ("ALLOW_FAILURE", True, True, True, (409, -2021, "SUCCESS", "FAILURE")),
]


@pytest.mark.parametrize(("mode", "can_cancel", "can_place", "too_many", "expected"), REPLACEMENTS)
async def test_every_way_a_replacement_can_go(
    caller: Caller,
    monkeypatch: pytest.MonkeyPatch,
    mode: str,
    can_cancel: bool,
    can_place: bool,
    too_many: bool,
    expected: tuple[Any, ...],
) -> None:
    common = {"side": "BUY", "type": "LIMIT", "timeInForce": "GTC"}
    order = await post(caller, "order", quantity="0.01", price=away(caller, -500), **common)
    entry = common | {"price": away(caller, -600), "quantity": "0.01" if can_place else "50"}
    entry |= {"cancelReplaceMode": mode, "cancelOrderId": order["orderId"] + (0 if can_cancel else 999)}
    if too_many:

        def refuse(account_id: str, count: int, now_ms: int) -> None:
            raise RateLimitedRejection(-1015, "Too many new orders.", now_ms + 1000)

        monkeypatch.setattr(caller.servers[0].desk.budget, "charge_orders", refuse)
        status, body = await caller.ask("POST", "spot", "/api/v3/order/cancelReplace", symbol=SYMBOL, **entry)
        assert (status, body["code"]) == (429, -1015)
        entry["orderRateLimitExceededMode"] = "CANCEL_ONLY"
    status, body = await caller.ask("POST", "spot", "/api/v3/order/cancelReplace", symbol=SYMBOL, **entry)
    data = body.get("data", body)
    assert (status, body.get("code"), data["cancelResult"], data["newOrderResult"]) == expected
    assert (data["newOrderResponse"] is None) is (data["newOrderResult"] == "NOT_ATTEMPTED")
    _, left = await caller.ask("GET", "spot", "/api/v3/openOrders", symbol=SYMBOL)
    assert len(left) == (not can_cancel) + (data["newOrderResult"] == "SUCCESS")


async def test_filters_come_before_the_cancel(caller: Caller) -> None:
    common = {"side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "price": away(caller, -500)}
    order = await post(caller, "order", quantity="0.01", **common)
    entry = common | {"quantity": "0.000001", "cancelReplaceMode": "ALLOW_FAILURE", "cancelOrderId": order["orderId"]}
    status, body = await caller.ask("POST", "spot", "/api/v3/order/cancelReplace", symbol=SYMBOL, **entry)
    assert (status, body) == (400, {"code": -1013, "msg": "Filter failure: LOT_SIZE"})
    assert len((await caller.ask("GET", "spot", "/api/v3/openOrders"))[1]) == 1


async def test_an_amendment_in_its_shape(caller: Caller) -> None:
    entry = {"side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.01", "price": away(caller, -500)}
    order = await post(caller, "order", newClientOrderId="before", **entry)
    wanted = {"symbol": SYMBOL, "orderId": order["orderId"], "newQty": "0.004", "newClientOrderId": "after"}
    status, body = await caller.ask("PUT", "spot", "/api/v3/order/amend/keepPriority", **wanted)
    assert status == 200
    told = body["amendedOrder"]
    assert (told["origClientOrderId"], told["clientOrderId"], told["qty"]) == ("before", "after", "0.00400000")
    assert "cumulativeQuoteQty" in told
    rows = (await caller.ask("GET", "spot", "/api/v3/order/amendments", symbol=SYMBOL, orderId=order["orderId"]))[1]
    assert [(row["origQty"], row["newQty"], row["executionId"]) for row in rows] == [
        ("0.01000000", "0.00400000", body["executionId"])
    ]
    mismatch = {"symbol": SYMBOL, "orderId": order["orderId"], "origClientOrderId": "other"}
    assert (await caller.ask("GET", "spot", "/api/v3/order", **mismatch))[1]["code"] == -2039


async def test_self_trade_prevention_is_told_and_remembered(caller: Caller) -> None:
    price = away(caller, 50)
    book = caller.exchange.venues[Product.SPOT].books[SYMBOL].book
    for resting in [resting for resting in book.orders.values() if not resting.is_bid]:
        book.remove(resting)
    sale = await post(caller, "order", side="SELL", type="LIMIT", timeInForce="GTC", quantity="0.01", price=price)
    entry = {"side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.004", "price": price}
    taken = await post(caller, "order", **entry, selfTradePreventionMode="DECREMENT")
    assert (taken["status"], taken["preventedQuantity"]) == ("EXPIRED_IN_MATCH", "0.00400000")
    assert taken["preventedMatches"][0]["makerOrderId"] == sale["orderId"]
    wanted = {"symbol": SYMBOL, "preventedMatchId": taken["preventedMatchId"]}
    rows = (await caller.ask("GET", "spot", "/api/v3/myPreventedMatches", **wanted))[1]
    assert rows[0]["makerPreventedQuantity"] == "0.00400000"
    assert (await caller.ask("GET", "spot", "/api/v3/myPreventedMatches", symbol=SYMBOL))[1]["code"] == -1128


async def test_events_of_lists_and_stops(caller: Caller) -> None:
    async with caller.calls("spot") as socket:
        talk = Talk(socket)
        await talk.ask("session.logon", caller.call_parameters("ED25519"))
        await talk.ask("userDataStream.subscribe")
        stamp = {"timestamp": int(time.time() * 1000), "symbol": SYMBOL}
        made = await talk.ask("orderList.place.oco", oco(caller) | stamp)
        assert made["status"] == 200
        listed = {"orderListId": made["result"]["orderListId"]}
        await talk.ask("orderList.cancel", stamp | listed)
        events = [message["event"] for message in talk.events]
        assert [(event["l"], event["L"]) for event in events if event["e"] == "listStatus"] == [
            ("EXEC_STARTED", "EXECUTING"),
            ("ALL_DONE", "ALL_DONE"),
        ]
        reports = [event for event in events if event["e"] == "executionReport"]
        assert [(report["x"], report["w"]) for report in reports] == [
            ("NEW", False),
            ("NEW", True),
            ("CANCELED", False),
            ("CANCELED", False),
        ]
        assert ["W" in report for report in reports] == [False, True, False, True]
        assert all(report["g"] == listed["orderListId"] for report in reports)
        assert [report["I"] for report in reports] == sorted({report["I"] for report in reports})


async def test_the_order_router_allocates(caller: Caller) -> None:
    entry = {"side": "BUY", "type": "MARKET", "quantity": "0.01"}
    routed = await post(caller, "sor/order", **entry)
    assert (routed["usedSor"], routed["workingFloor"]) == (True, "SOR")
    assert {(fill["matchType"], fill["tradeId"]) for fill in routed["fills"]} == {("ONE_PARTY_TRADE_REPORT", -1)}
    rows = (await caller.ask("GET", "spot", "/api/v3/myAllocations", symbol=SYMBOL))[1]
    assert [row["allocationId"] for row in rows] == [fill["allocId"] for fill in routed["fills"]]
    assert (await caller.ask("GET", "spot", "/api/v3/myTrades", symbol=SYMBOL))[1] == []
    status, body = await caller.ask(
        "POST", "spot", "/api/v3/sor/order/test", symbol=SYMBOL, **entry | {"type": "STOP_LOSS"}
    )
    assert (status, body["code"]) == (400, -1116)


async def test_an_amendment_and_its_report_share_a_number(caller: Caller) -> None:
    entry = {"side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.01", "price": away(caller, -500)}
    async with caller.calls("spot") as socket:
        talk = Talk(socket)
        await talk.ask("userDataStream.subscribe.signature", caller.call_parameters("HMAC"))
        order = await post(caller, "order", **entry)
        wanted = {"symbol": SYMBOL, "orderId": order["orderId"], "newQty": "0.004"}
        _, body = await caller.ask("PUT", "spot", "/api/v3/order/amend/keepPriority", **wanted)
        await talk.ask("ping")
        reports = [message["event"] for message in talk.events if message["event"]["e"] == "executionReport"]
        assert [report["x"] for report in reports] == ["NEW", "REPLACED"]
        assert (reports[1]["I"], reports[1]["C"]) == (body["executionId"], order["clientOrderId"])
        assert reports[0]["I"] < reports[1]["I"]
