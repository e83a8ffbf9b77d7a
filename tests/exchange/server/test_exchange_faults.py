"""Faults that tests can order: each does what it says and then is over."""

import json
import time
from decimal import Decimal
from typing import Any

import aiohttp
from aiohttp import WSMsgType
from exchange_caller import Caller

from tui.exchange.exchange import Exchange
from tui.exchange.run import serving


async def order_fault(caller: Caller, product: str, **fault: Any) -> None:
    async with caller.session.post(caller.ready[product]["rest"] + "/fault", json=fault) as response:
        assert response.status == 200


def limit_order(caller: Caller, client_id: str) -> dict[str, str]:
    price = str(Decimal(caller.best("spot")[0]) - 500)
    return {
        "symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.001",
        "price": price, "newClientOrderId": client_id,
    }  # fmt: skip


async def test_without_leave_there_are_no_faults() -> None:
    exchange = Exchange(seed=7)
    async with (
        serving(exchange) as (ready, _),
        aiohttp.ClientSession() as session,
        session.post(ready["spot"]["rest"] + "/fault", json={"cut": True}) as response,
    ):
        assert response.status == 404


async def test_a_malformed_fault_is_refused(caller: Caller) -> None:
    async with caller.session.post(caller.ready["spot"]["rest"] + "/fault", json={"explode": 1}) as response:
        assert response.status == 400


async def test_cut(caller: Caller) -> None:
    async with caller.stream("spot", "/ws/btcusdt@depth") as socket, caller.calls("spot") as calls:
        await order_fault(caller, "spot", cut=True)
        for cut in (socket, calls):
            assert (await cut.receive(timeout=30)).type in (WSMsgType.CLOSED, WSMsgType.ERROR, WSMsgType.CLOSE)


async def test_orders_fail_before_and_after_they_are_done(caller: Caller) -> None:
    await order_fault(caller, "spot", order_errors=1, order_errors_executed=1)
    assert (await caller.ask("POST", "spot", "/api/v3/order", **limit_order(caller, "lost")))[0] == 503
    status, body = await caller.ask("POST", "spot", "/api/v3/order", **limit_order(caller, "unanswered"))
    assert (status, body["code"]) == (503, -1007)
    _, orders = await caller.ask("GET", "spot", "/api/v3/openOrders", symbol="BTCUSDT")
    assert [order["clientOrderId"] for order in orders] == ["unanswered"]
    assert (await caller.ask("POST", "spot", "/api/v3/order", **limit_order(caller, "fine")))[0] == 200


async def test_too_many(caller: Caller) -> None:
    await order_fault(caller, "spot", too_many=1)
    status, _, headers = await caller.ask_with_headers("GET", "spot", "/api/v3/ping", signed=False)
    assert (status, "Retry-After" in headers) == (429, True)
    assert (await caller.get("spot", "/api/v3/ping"))[0] == 200


async def test_slow_rest(caller: Caller) -> None:
    await order_fault(caller, "spot", rest_delay_ms=80)
    started = time.monotonic()
    await caller.get("spot", "/api/v3/ping")
    assert time.monotonic() - started >= 0.08


async def test_a_lost_depth_message_leaves_a_gap(caller: Caller) -> None:
    price = str(Decimal(caller.best("usdm")[0]) - 500)
    entry = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "price": price}
    async with caller.stream("usdm", "/ws/btcusdt@depth@0ms") as socket:
        events = []
        for drops in (0, 1, 0):
            await order_fault(caller, "usdm", drop_depth=drops)
            await caller.ask("POST", "usdm", "/fapi/v1/order", quantity="0.010", **entry)
            if not drops:
                events.append(json.loads(await socket.receive_str(timeout=30)))
    assert events[1]["pu"] > events[0]["u"]


async def test_stalled_streams_stay_open_and_silent(caller: Caller) -> None:
    async with caller.stream("usdm", "/ws/btcusdt@markPrice@1s") as socket:
        await socket.receive_str(timeout=30)
        await order_fault(caller, "usdm", stall_ms=60_000)
        assert caller.servers[1].desk.faults.stalled_until_ms > time.monotonic() * 1000
        caller.servers[1].publisher.deliver("btcusdt@markPrice@1s", {"e": "lost"})
        await order_fault(caller, "usdm", stall_ms=0)
        caller.servers[1].publisher.deliver("btcusdt@markPrice@1s", {"e": "heard"})
        while (event := json.loads(await socket.receive_str(timeout=30)))["e"] == "markPriceUpdate":
            pass
        assert event["e"] == "heard"
