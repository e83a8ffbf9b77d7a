"""The WebSocket API over real sockets: session, orders, and spot's user data."""

import asyncio
import json
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from exchange_caller import Caller

from tui.exchange.accounts.funding import charge_funding

_ids = count(1)


class Talk:
    """Asks on one socket; events that come between answers are kept."""

    def __init__(self, socket: Any) -> None:
        self.socket = socket
        self.events: list[Any] = []

    async def ask(self, method: str, parameters: dict[str, Any] | None = None) -> Any:
        number = next(_ids)
        await self.socket.send_json({"id": number, "method": method, "params": parameters or {}})
        while True:
            message = await self.hear()
            if message.get("id") == number:
                return message
            self.events.append(message)

    async def hear(self) -> Any:
        async with asyncio.timeout(30):
            return json.loads(await self.socket.receive_str())

    async def next_event(self) -> Any:
        return self.events.pop(0) if self.events else await self.hear()


def order(caller: Caller, product: str, **change: Any) -> dict[str, Any]:
    price = str(Decimal(caller.best(product)[0]) - 500)
    entry = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "price": price}
    return entry | {"quantity": "0.010"} | change


async def test_public_methods_need_no_key(caller: Caller) -> None:
    async with caller.calls("spot") as socket:
        talk = Talk(socket)
        assert (await talk.ask("ping"))["result"] == {}
        book = await talk.ask("depth", {"symbol": "BTCUSDT", "limit": 5})
        assert (book["status"], len(book["result"]["bids"])) == (200, 5)
        assert book["rateLimits"][0]["rateLimitType"] == "REQUEST_WEIGHT"
        prices = await talk.ask("ticker.price", {"symbols": ["BTCUSDT", "ETHUSDT"]})
        assert len(prices["result"]) == 2
        assert "rateLimits" not in await talk.ask("v3/time", {"returnRateLimits": False})
        assert (await talk.ask("depth"))["error"]["code"] == -1102
        assert (await talk.ask("userDataStream.start"))["status"] == 400
        await socket.send_str("no json")
        assert (await talk.hear())["error"]["code"] == -1135


@pytest.mark.parametrize("product", ["spot", "usdm"])
@pytest.mark.parametrize("kind", ["HMAC", "RSA", "ED25519"])
async def test_orders_signed_one_by_one(caller: Caller, product: str, kind: str) -> None:
    async with caller.calls(product) as socket:
        talk = Talk(socket)
        placed = await talk.ask("order.place", caller.call_parameters(kind, **order(caller, product)))
        assert (placed["status"], placed["result"]["status"]) == (200, "NEW")
        wanted = {"symbol": "BTCUSDT", "orderId": placed["result"]["orderId"]}
        found = await talk.ask("order.status", caller.call_parameters(kind, **wanted))
        assert found["result"]["orderId"] == wanted["orderId"]
        gone = await talk.ask("order.cancel", caller.call_parameters(kind, **wanted))
        assert gone["result"]["status"] == "CANCELED"
        again = await talk.ask("order.cancel", caller.call_parameters(kind, **wanted))
        assert (again["status"], again["error"]) == (400, {"code": -2011, "msg": "Unknown order sent."})
        wrong = caller.call_parameters(kind, **wanted) | {"orderId": 1}
        assert (await talk.ask("order.status", wrong))["error"]["code"] == -1022


async def test_a_session_signs_once(caller: Caller) -> None:
    async with caller.calls("spot") as socket:
        talk = Talk(socket)
        assert (await talk.ask("session.status"))["result"]["apiKey"] is None
        assert (await talk.ask("session.logon", caller.call_parameters("HMAC")))["error"]["code"] == -1022
        entered = caller.call_parameters("ED25519")
        status = (await talk.ask("session.logon", entered))["result"]
        assert (status["apiKey"], status["userDataStream"]) == (entered["apiKey"], False)
        stamp = {"timestamp": entered["timestamp"]}
        placed = await talk.ask("order.place", order(caller, "spot") | stamp)
        assert placed["result"]["status"] == "NEW"
        assert [limit["rateLimitType"] for limit in placed["rateLimits"]] == ["REQUEST_WEIGHT", "ORDERS", "ORDERS"]
        assert len((await talk.ask("openOrders.status", stamp))["result"]) == 1
        assert len((await talk.ask("openOrders.cancelAll", stamp | {"symbol": "BTCUSDT"}))["result"]) == 1
        assert (await talk.ask("account.status", {}))["error"]["code"] == -1102
        await talk.ask("session.logout")
        assert (await talk.ask("account.status", stamp))["error"]["code"] == -2014


async def test_spot_events_by_signed_subscription(caller: Caller) -> None:
    async with caller.calls("spot") as socket:
        talk = Talk(socket)
        started = await talk.ask("userDataStream.subscribe.signature", caller.call_parameters("RSA"))
        assert started["result"] == {"subscriptionId": 0}
        again = await talk.ask("userDataStream.subscribe.signature", caller.call_parameters("HMAC"))
        assert again["error"]["code"] == -2035
        assert (await talk.ask("session.subscriptions"))["result"] == [{"subscriptionId": 0}]
        entry = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.001"}
        _, filled = await caller.ask("POST", "spot", "/api/v3/order", **entry)
        new, traded, balances = [await talk.next_event() for _ in range(3)]
        assert {event["subscriptionId"] for event in (new, traded, balances)} == {0}
        assert (new["event"]["x"], new["event"]["X"], new["event"]["t"]) == ("NEW", "NEW", -1)
        assert (traded["event"]["x"], traded["event"]["X"]) == ("TRADE", "FILLED")
        assert traded["event"]["t"] == filled["fills"][0]["tradeId"]
        assert traded["event"]["N"] == "BTC"
        assert balances["event"]["e"] == "outboundAccountPosition"
        assert {"BTC", "USDT"} <= {row["a"] for row in balances["event"]["B"]}
        assert traded["event"]["I"] > new["event"]["I"]
        missing = await talk.ask("userDataStream.unsubscribe", {"subscriptionId": 5})
        assert missing["error"]["code"] == -2036
        assert (await talk.ask("userDataStream.unsubscribe", {"subscriptionId": 0}))["result"] == {}
        assert (await talk.next_event())["event"]["e"] == "eventStreamTerminated"


async def test_a_cancel_names_both_client_ids(caller: Caller) -> None:
    async with caller.calls("spot") as socket:
        talk = Talk(socket)
        await talk.ask("session.logon", caller.call_parameters("ED25519"))
        assert (await talk.ask("userDataStream.subscribe"))["result"] == {"subscriptionId": 0}
        placed = (await talk.ask("order.place", caller.call_parameters("HMAC", **order(caller, "spot"))))["result"]
        wanted = {"symbol": "BTCUSDT", "orderId": placed["orderId"], "newClientOrderId": "my-cancel"}
        await caller.ask("DELETE", "spot", "/api/v3/order", **wanted)
        while (event := (await talk.next_event())["event"]).get("x") != "CANCELED":
            pass
        assert (event["c"], event["C"], event["w"]) == ("my-cancel", placed["clientOrderId"], False)


async def test_subscribing_by_session_needs_one(caller: Caller) -> None:
    async with caller.calls("spot") as socket:
        assert (await Talk(socket).ask("userDataStream.subscribe"))["status"] == 401


async def test_a_gone_socket_hears_nothing_more(caller: Caller) -> None:
    async with caller.calls("spot") as socket:
        await Talk(socket).ask("userDataStream.subscribe.signature", caller.call_parameters("HMAC"))
    entry = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.001"}
    assert (await caller.ask("POST", "spot", "/api/v3/order", **entry))[0] == 200
    assert not caller.servers[0]._receivers["demo"]


async def test_futures_events_by_listen_key(caller: Caller) -> None:
    _, answer = await caller.ask("POST", "usdm", "/fapi/v1/listenKey")
    key = answer["listenKey"]
    async with (
        caller.stream("usdm", f"/private/ws/{key}") as raw,
        caller.stream("usdm", f"/private/ws?listenKey={key}&events=ACCOUNT_UPDATE") as only_account,
        caller.stream("usdm", "/private/stream") as combined,
    ):
        await combined.send_json({"method": "SUBSCRIBE", "params": [key], "id": 1})
        assert json.loads(await combined.receive_str(timeout=30))["id"] == 1
        entry = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.010"}
        await caller.ask("POST", "usdm", "/fapi/v1/order", **entry)
        events = [json.loads(await raw.receive_str(timeout=30)) for _ in range(4)]
        assert [event["e"] for event in events] == [
            "ORDER_TRADE_UPDATE",
            "TRADE_LITE",
            "ORDER_TRADE_UPDATE",
            "ACCOUNT_UPDATE",
        ]
        new, traded, account = events[0]["o"], events[2]["o"], events[3]["a"]
        assert (new["x"], new["X"], traded["x"], traded["X"]) == ("NEW", "NEW", "TRADE", "FILLED")
        assert traded["t"] == events[1]["t"]
        assert (account["m"], account["P"][0]["pa"]) == ("ORDER", "0.010")
        assert "n" not in new
        assert json.loads(await only_account.receive_str(timeout=30)) == events[3]
        wrapped = json.loads(await combined.receive_str(timeout=30))
        assert (wrapped["stream"], wrapped["data"]) == (key, events[0])
        await caller.ask("POST", "usdm", "/fapi/v1/leverage", symbol="ETHUSDT", leverage=3)
        changed = json.loads(await raw.receive_str(timeout=30))
        assert (changed["e"], changed["ac"]) == ("ACCOUNT_CONFIG_UPDATE", {"s": "ETHUSDT", "l": 3})


async def test_a_listen_key_expires(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.exchange.server.listen_keys.VALIDITY_MS", 0)
    _, answer = await caller.ask("POST", "usdm", "/fapi/v1/listenKey")
    async with caller.stream("usdm", f"/ws/{answer['listenKey']}") as socket:
        event = json.loads(await socket.receive_str(timeout=30))
    assert (event["e"], event["listenKey"]) == ("listenKeyExpired", answer["listenKey"])


async def test_funding_is_told_with_its_amount(caller: Caller) -> None:
    entry = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.010"}
    await caller.ask("POST", "usdm", "/fapi/v1/order", **entry)
    _, answer = await caller.ask("POST", "usdm", "/fapi/v1/listenKey")
    venue = caller.servers[1].desk.venue
    assert venue.futures is not None
    async with caller.stream("usdm", f"/ws?listenKey={answer['listenKey']}") as socket:
        await socket.send_json({"method": "LIST_SUBSCRIPTIONS", "id": 1})
        assert json.loads(await socket.receive_str(timeout=30))["result"] == [answer["listenKey"]]
        before = venue.futures.wallet("demo", "USDT")
        charge_funding(venue.futures, "BTCUSDT", Decimal("0.001"))
        venue.dealer.emit_account("demo", "FUNDING_FEE", ("USDT",), (), caller.exchange.clock.now_ms())
        told = json.loads(await socket.receive_str(timeout=30))["a"]
    after = venue.futures.wallet("demo", "USDT")
    assert (told["m"], told["P"]) == ("FUNDING_FEE", [])
    assert Decimal(told["B"][0]["wb"]) == after < before
    assert Decimal(told["B"][0]["bc"]) == after - before
