"""Every fault on every product, over REST, streams and the WebSocket API, in general and on one connection."""

import asyncio
import json
import time
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import aiohttp
import pytest
from exchange_caller import Caller


@dataclass(frozen=True)
class Place:
    """One product's addresses, and an order that rests far below the market."""

    product: str
    root: str
    symbol: str
    quantity: str

    @property
    def stream(self) -> str:
        return f"{self.symbol.lower()}@silence"

    def order(self, caller: Caller, client_id: str = "", away: int = 500) -> dict[str, str]:
        price = Decimal(caller.best(self.product, self.symbol)[0]) - away
        entry = {
            "symbol": self.symbol, "side": "BUY", "type": "LIMIT", "timeInForce": "GTC",
            "quantity": self.quantity, "price": str(price),
        }  # fmt: skip
        return entry | ({"newClientOrderId": client_id} if client_id else {})

    async def place(self, caller: Caller, client_id: str = "") -> tuple[int, Any]:
        return await caller.ask("POST", self.product, self.root + "order", **self.order(caller, client_id))

    async def open_ids(self, caller: Caller) -> list[str]:
        _, rows = await caller.ask("GET", self.product, self.root + "openOrders", symbol=self.symbol)
        return [row["clientOrderId"] for row in rows]

    def say(self, caller: Caller, *numbers: int) -> None:
        server = next(server for server in caller.servers if server.desk.product.value == self.product)
        for number in numbers:
            server.publisher.deliver(self.stream, {"n": number})


PLACES = [
    Place("spot", "/api/v3/", "BTCUSDT", "0.001"),
    Place("usdm", "/fapi/v1/", "BTCUSDT", "0.001"),
    Place("coinm", "/dapi/v1/", "BTCUSD_PERP", "1"),
]
everywhere = pytest.mark.parametrize("place", PLACES, ids=lambda place: place.product)


async def fault(caller: Caller, place: Place, **order: Any) -> int:
    async with caller.session.post(caller.ready[place.product]["rest"] + "/fault", json=order) as response:
        assert response.status == 200
        return (await response.json())["connections"]


async def hear(socket: Any, count: int) -> list[Any]:
    return [json.loads(await socket.receive_str(timeout=30))["n"] for _ in range(count)]


@everywhere
async def test_frames_of_one_connection_or_of_all(caller: Caller, place: Place) -> None:
    path = f"/ws/{place.stream}"
    async with caller.stream(place.product, path) as one, caller.stream(place.product, path) as two:
        async with caller.session.get(caller.ready[place.product]["rest"] + "/fault") as response:
            number = min(row["connection"] for row in await response.json())
        for kind, heard in (("gap", [2, 3]), ("duplicate", [1, 1, 2, 3]), ("reorder", [2, 1, 3])):
            assert await fault(caller, place, connection=number, **{kind: 1}) == 1
            place.say(caller, 1, 2, 3)
            assert (await hear(one, len(heard)), await hear(two, 3)) == (heard, [1, 2, 3])
        assert await fault(caller, place, gap=1) == 2
        place.say(caller, 1, 2)
        assert (await hear(one, 1), await hear(two, 1)) == ([2], [2])
        await fault(caller, place, stream=place.stream, corrupt=1)
        place.say(caller, 1)
        for socket in (one, two):
            with pytest.raises(json.JSONDecodeError):
                await hear(socket, 1)


@everywhere
async def test_silence_slowness_shutdown_and_cut(caller: Caller, place: Place) -> None:
    path = f"/ws/{place.stream}"
    async with caller.stream(place.product, path) as socket:
        await fault(caller, place, stall_ms=60_000)
        place.say(caller, 1)
        await fault(caller, place, stall_ms=0)
        place.say(caller, 2)
        assert await hear(socket, 1) == [2]
        await fault(caller, place, slow_ms=60)
        started = time.monotonic()
        place.say(caller, 3)
        assert (await hear(socket, 1), time.monotonic() - started >= 0.05) == ([3], True)
        await fault(caller, place, slow_ms=0, shutdown_ms=30)
        told = json.loads(await socket.receive_str(timeout=30))
        assert (told if place.product == "spot" else told["event"])["e"] == "serverShutdown"
        assert (await socket.receive(timeout=30)).type is not aiohttp.WSMsgType.TEXT
    async with caller.calls(place.product) as calls:
        await fault(caller, place, cut=True)
        assert (await calls.receive(timeout=30)).type is not aiohttp.WSMsgType.TEXT


@everywhere
async def test_a_snapshot_that_is_older_than_the_book(caller: Caller, place: Place) -> None:
    await fault(caller, place, stale_depth=1)
    order = place.order(caller, away=5)
    assert (await caller.ask("POST", place.product, place.root + "order", **order))[0] == 200
    snapshots = [(await caller.get(place.product, place.root + "depth", symbol=place.symbol))[1] for _ in range(2)]
    assert snapshots[0]["lastUpdateId"] < snapshots[1]["lastUpdateId"]


@everywhere
async def test_refusals_of_requests(caller: Caller, place: Place) -> None:
    ping = ("GET", place.product, place.root + "ping")
    await fault(caller, place, too_many=1)
    status, body, headers = await caller.ask_with_headers(*ping, signed=False)
    assert (status, body["code"], "Retry-After" in headers) == (429, -1003, True)
    await fault(caller, place, errors=1)
    assert (await caller.ask(*ping, signed=False))[0] == 500
    await fault(caller, place, ban_ms=30_000)
    assert (await caller.ask(*ping, signed=False))[0] == 418
    await fault(caller, place, ban_ms=0, rest_delay_ms=60)
    started = time.monotonic()
    assert (await caller.ask(*ping, signed=False))[0] == 200
    assert time.monotonic() - started >= 0.06
    await fault(caller, place, rest_delay_ms=0, clock_skew_ms=20_000)
    status, body = await place.place(caller)
    assert (status, body["code"]) == (400, -1021)


@everywhere
@pytest.mark.parametrize("way", ["rest", "calls"])
async def test_orders_that_fail_with_and_without_having_been_executed(caller: Caller, place: Place, way: str) -> None:
    async def place_order(client_id: str) -> tuple[int, Any]:
        if way == "rest":
            return await place.place(caller, client_id)
        async with caller.calls(place.product) as socket:
            wanted = caller.call_parameters("HMAC", **place.order(caller, client_id))
            await socket.send_json({"id": 1, "method": "order.place", "params": wanted})
            answer = await socket.receive_json(timeout=0.2)
            return answer["status"], answer.get("result") or answer["error"]

    await fault(caller, place, order_errors=1, order_errors_executed=1)
    assert (await place_order("lost"))[1]["code"] == -1008
    status, body = await place_order("unanswered")
    assert (status, body["code"]) == (503, -1007)
    assert await place.open_ids(caller) == ["unanswered"]
    await fault(caller, place, order_timeouts=1, order_timeouts_executed=1)
    for client_id in ("ignored", "swallowed"):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(place_order(client_id), 0.7)
    assert await place.open_ids(caller) == ["unanswered", "swallowed"]
    assert (await place_order("fine"))[0] == 200


@pytest.mark.parametrize("place", PLACES[1:], ids=lambda place: place.product)
async def test_a_listen_key_that_runs_out_leaves_its_socket_open_and_silent(caller: Caller, place: Place) -> None:
    _, made = await caller.ask("POST", place.product, place.root + "listenKey")
    async with caller.stream(place.product, f"/ws/{made['listenKey']}") as socket:
        await fault(caller, place, expire_listen_keys=True)
        told = json.loads(await socket.receive_str(timeout=30))
        assert (told["e"], told["listenKey"]) == ("listenKeyExpired", made["listenKey"])
        await place.place(caller)
        with pytest.raises(TimeoutError):
            await socket.receive(timeout=0.2)
        assert not socket.closed
    assert (await caller.ask("PUT", place.product, place.root + "listenKey"))[1]["code"] == -1125


async def test_a_listen_token_that_runs_out_ends_its_subscription(caller: Caller) -> None:
    _, token = await caller.ask("POST", "spot", "/sapi/v1/userListenToken")
    async with caller.calls("spot") as socket:
        wanted = {"listenToken": token["token"]}
        await socket.send_json({"id": 1, "method": "userDataStream.subscribe.listenToken", "params": wanted})
        assert (await socket.receive_json(timeout=30))["status"] == 200
        await fault(caller, PLACES[0], expire_listen_keys=True)
        assert (await socket.receive_json(timeout=30))["event"]["e"] == "eventStreamTerminated"
