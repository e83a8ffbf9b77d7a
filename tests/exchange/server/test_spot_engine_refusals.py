"""What spot tells when its engine refuses, and what it counts and weighs around orders that change."""

from decimal import Decimal
from typing import Any

import pytest
from exchange_caller import Caller
from test_ws_api_server import Talk

SYMBOL = "BTCUSDT"
COUNT = "X-MBX-ORDER-COUNT-10S"


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ({"type": "LIMIT_MAKER", "price": 5}, "WOULD_MATCH_IMMEDIATELY"),
        ({"type": "STOP_LOSS", "stopPrice": -500}, "STOP_PRICE_WOULD_TRIGGER_IMMEDIATELY"),
        ({"type": "LIMIT", "price": -500, "timeInForce": "GTC", "quantity": "90"}, "INSUFFICIENT_BALANCES"),
    ],
)
async def test_an_order_the_engine_refuses_is_reported_as_rejected(
    caller: Caller, entry: dict[str, Any], reason: str
) -> None:
    market = Decimal(caller.best("spot")[1])
    prices = {name: str(market + entry[name]) for name in ("price", "stopPrice") if name in entry}
    wanted = {"side": "BUY", "quantity": "0.01", "newClientOrderId": "mine"} | entry | prices
    async with caller.calls("spot") as socket:
        talk = Talk(socket)
        await talk.ask("userDataStream.subscribe.signature", caller.call_parameters("HMAC"))
        status, body = await caller.ask("POST", "spot", "/api/v3/order", symbol=SYMBOL, **wanted)
        assert (status, body["code"]) == (400, -2010)
        await talk.ask("ping")
        (report,) = [message["event"] for message in talk.events]
    assert (report["x"], report["X"], report["r"], report["I"]) == ("REJECTED", "REJECTED", reason, -1)
    assert (report["c"], report["z"], report["w"]) == ("mine", "0.00000000", False)
    assert (await caller.ask("GET", "spot", "/api/v3/allOrders", symbol=SYMBOL))[1] == []


async def test_a_filter_refuses_without_a_report(caller: Caller) -> None:
    async with caller.calls("spot") as socket:
        talk = Talk(socket)
        await talk.ask("userDataStream.subscribe.signature", caller.call_parameters("HMAC"))
        wanted = {"side": "BUY", "type": "MARKET", "quantity": "0.0000001"}
        _, body = await caller.ask("POST", "spot", "/api/v3/order", symbol=SYMBOL, **wanted)
        assert body["code"] == -1013
        await talk.ask("ping")
        assert talk.events == []


async def test_a_replacement_tells_the_order_count(caller: Caller) -> None:
    price = str(Decimal(caller.best("spot")[0]) - 500)
    entry = {"symbol": SYMBOL, "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.01", "price": price}
    _, order = await caller.ask("POST", "spot", "/api/v3/order", **entry)
    entry |= {"cancelReplaceMode": "STOP_ON_FAILURE", "cancelOrderId": order["orderId"]}
    status, _, headers = await caller.ask_with_headers("POST", "spot", "/api/v3/order/cancelReplace", **entry)
    assert (status, headers[COUNT]) == (200, "2")


async def test_an_amendment_that_ends_its_order_weighs_nothing(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    _, book = await caller.get("spot", "/api/v3/depth", symbol=SYMBOL, limit=5)
    price, size = book["asks"][0][0], Decimal(book["asks"][0][1])
    entry = {
        "side": "BUY",
        "type": "LIMIT",
        "timeInForce": "GTC",
        "quantity": str(size + Decimal("0.1")),
        "price": price,
    }
    _, order = await caller.ask("POST", "spot", "/api/v3/order", symbol=SYMBOL, **entry)
    assert order["status"] == "PARTIALLY_FILLED", order
    weighed: list[int] = []
    budget = caller.servers[0].desk.budget
    monkeypatch.setattr(budget, "charge", lambda weight, now_ms: weighed.append(weight))
    monkeypatch.setattr(budget.weight, "add", lambda weight, now_ms: weighed.append(weight))
    for quantity, state, weight in ((size + Decimal("0.05"), "PARTIALLY_FILLED", 4), (size, "EXPIRED", 0)):
        weighed.clear()
        wanted = {"symbol": SYMBOL, "orderId": order["orderId"], "newQty": str(quantity)}
        _, body = await caller.ask("PUT", "spot", "/api/v3/order/amend/keepPriority", **wanted)
        assert (body["amendedOrder"]["status"], sum(weighed)) == (state, weight)
