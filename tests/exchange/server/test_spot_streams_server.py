"""Spot's own streams and queries: windows, zones, microseconds, the end of connections."""

import asyncio
import json
from decimal import Decimal
from typing import Any

import pytest
from exchange_caller import Caller
from test_ws_api_server import Talk

from tui.domain.order_terms import Side
from tui.domain.product import Product
from tui.exchange.candles import DAY_MS
from tui.exchange.orders import OrderEntry
from tui.exchange.server.heartbeat import Heartbeat, Rhythm
from tui.exchange.server.time_units import in_microseconds

HOUR_MS = 3_600_000


async def heard(socket: Any) -> Any:
    async with asyncio.timeout(10):
        return json.loads(await socket.receive_str())


def trade(caller: Caller) -> None:
    """Let the market trade."""
    for _ in range(20):
        caller.exchange.step()


async def test_windows_and_trading_days(caller: Caller) -> None:
    now = caller.exchange.clock.now_ms()
    _, hour = await caller.get("spot", "/api/v3/ticker", symbol="BTCUSDT", windowSize="1h")
    _, week = await caller.get("spot", "/api/v3/ticker", symbols='["BTCUSDT"]', windowSize="7d", type="MINI")
    assert 0 < hour["count"] < week[0]["count"]
    assert (hour["openTime"] % 60_000, week[0]["closeTime"] >= now) == (0, True)
    assert "priceChange" in hour
    assert "priceChange" not in week[0]
    _, day = await caller.get("spot", "/api/v3/ticker/tradingDay", symbol="BTCUSDT", timeZone="-3:30")
    assert (day["openTime"] - 3.5 * HOUR_MS) % DAY_MS == 0
    assert day["closeTime"] == day["openTime"] + DAY_MS - 1
    for path, wrong in (("ticker", {"windowSize": "60m"}), ("ticker/tradingDay", {"timeZone": "+15"})):
        assert (await caller.get("spot", f"/api/v3/{path}", symbol="BTCUSDT", **wrong))[1]["code"] == -1130
    assert (await caller.get("spot", "/api/v3/ticker"))[1]["code"] == -1102


async def test_days_of_another_zone_hold_the_same_trades(caller: Caller) -> None:
    wanted = {"symbol": "BTCUSDT", "interval": "1d", "limit": 5}
    _, rows = await caller.get("spot", "/api/v3/klines", **wanted, timeZone="8")
    assert [(row[0] + 8 * HOUR_MS) % DAY_MS for row in rows] == [0] * 5
    assert [row[6] - row[0] for row in rows] == [DAY_MS - 1] * 5
    _, hours = await caller.get(
        "spot", "/api/v3/klines", symbol="BTCUSDT", interval="1h", startTime=rows[3][0], limit=24
    )
    assert sum(row[8] for row in hours) == rows[3][8]
    assert (hours[0][1], hours[-1][4]) == (rows[3][1], rows[3][4])


async def test_reference_prices_and_their_rules(caller: Caller) -> None:
    async with caller.stream("spot", "/ws/btcusdt@referencePrice") as socket:
        assert (await heard(socket))["r"] is None
        trade(caller)
        while (told := await heard(socket))["r"] is None:
            pass
    assert (told["e"], told["s"], told["t"] > 10**12, set(told)) == ("referencePrice", "BTCUSDT", True, set("esrt"))
    _, now = await caller.get("spot", "/api/v3/referencePrice", symbol="BTCUSDT")
    assert (now["symbol"], now["referencePrice"]) == ("BTCUSDT", told["r"])
    assert (await caller.get("spot", "/api/v3/referencePrice", symbol="ETHBTC"))[1]["code"] == -2043
    _, made = await caller.get("spot", "/api/v3/referencePrice/calculation", symbol="BTCUSDT")
    assert made["calculationType"] == "ARITHMETIC_MEAN"
    _, rules = await caller.get("spot", "/api/v3/executionRules", symbols='["BTCUSDT","ETHBTC"]')
    bounds = {"bidLimitMultUp": "1.0500", "bidLimitMultDown": "0.9500"}
    bounds |= {"askLimitMultUp": "1.0500", "askLimitMultDown": "0.9500"}
    assert rules == {
        "symbolRules": [
            {"symbol": "BTCUSDT", "rules": [{"ruleType": "PRICE_RANGE", **bounds}]},
            {"symbol": "ETHBTC", "rules": []},
        ]
    }


async def test_block_trades(caller: Caller) -> None:
    venue = caller.exchange.venues[Product.SPOT]
    async with caller.stream("spot", "/ws") as socket:
        await socket.send_json({"method": "SUBSCRIBE", "params": ["btcusdt@blockTrade"], "id": 1})
        await heard(socket)
        last = venue.books["BTCUSDT"].last_ticks
        made = venue.blocks.print(venue.listings["BTCUSDT"], 9_100_000, 250_000, True, venue.clock.now_ms())
        told = await heard(socket)
    assert (told["e"], told["t"], told["p"], told["q"]) == ("blockTrade", made.block_id, "91000.00000000", "2.50000000")
    assert venue.books["BTCUSDT"].last_ticks == last
    _, rows = await caller.get("spot", "/api/v3/historicalBlockTrades", symbol="BTCUSDT", fromId=made.block_id)
    assert [(row["id"], row["quoteQty"], row["isBuyerMaker"]) for row in rows] == [(told["t"], "227500.00000000", True)]
    _, rows = await caller.get("spot", "/api/v3/historicalBlockTrades", symbol="BTCUSDT", fromId=1, limit=5)
    assert len(rows) == 5
    assert (await caller.get("spot", "/api/v3/historicalBlockTrades", symbol="BTCUSDT"))[1]["code"] == -1102
    assert venue.blocks.listeners == []


async def test_a_routed_order_takes_from_another_book(caller: Caller) -> None:
    venue = caller.exchange.venues[Product.SPOT]
    venue.spot.deposit("somebody", "BTC", Decimal(1))
    ask = venue.listings["BTCUSDC"].tick.value(min(venue.best("BTCUSDT")[1][0], venue.best("BTCUSDC")[1][0]) - 50)
    caller.exchange.market.drop(venue.listings["BTCUSDC"])
    venue.place("somebody", OrderEntry("BTCUSDC", Side.SELL, "LIMIT", "GTC", Decimal("0.01"), None, ask))
    order = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.01"}
    assert await caller.ask("POST", "spot", "/api/v3/sor/order/test", **order) == (200, {})
    _, made = await caller.ask("POST", "spot", "/api/v3/sor/order", **order)
    assert (made["status"], made["usedSor"], made["workingFloor"]) == ("FILLED", True, "SOR")
    (fill,) = made["fills"]
    assert (fill["matchType"], fill["tradeId"], Decimal(fill["price"])) == ("ONE_PARTY_TRADE_REPORT", -1, ask)
    _, rows = await caller.ask("GET", "spot", "/api/v3/myAllocations", symbol="BTCUSDT")
    assert [(row["allocationId"], row["orderId"]) for row in rows] == [(fill["allocId"], made["orderId"])]
    assert (await caller.ask("GET", "spot", "/api/v3/myTrades", symbol="BTCUSDT"))[1] == []


async def test_streams_of_windows_averages_and_zones(caller: Caller) -> None:
    names = ("btcusdt@ticker_1h", "!ticker_4h@arr", "btcusdt@avgPrice", "btcusdt@kline_1d@+08:00")
    async with caller.stream("spot", "/stream?streams=" + "/".join(names)) as socket:
        trade(caller)
        found: dict[str, Any] = {}
        while len(found) < len(names):
            message = await heard(socket)
            found[message["stream"]] = message["data"]
    assert found[names[0]]["e"] == "1hTicker"
    assert {row["e"] for row in found[names[1]]} == {"4hTicker"}
    assert (found[names[2]]["e"], found[names[2]]["i"]) == ("avgPrice", "5m")
    assert (found[names[3]]["k"]["t"] + 8 * HOUR_MS) % DAY_MS == 0


async def test_microseconds_on_request(caller: Caller) -> None:
    async with caller.stream("spot", "/ws/btcusdt@trade?timeUnit=MICROSECOND") as socket:
        trade(caller)
        event = await heard(socket)
        assert event["T"] > 10**15
        assert event["t"] < 10**9
    async with (
        caller.calls("spot") as plain,
        caller.session.ws_connect(caller.ready["spot"]["ws_api"] + "?timeUnit=microsecond") as fine,
    ):
        assert (await Talk(plain).ask("time"))["result"]["serverTime"] < 10**13
        assert (await Talk(fine).ask("time"))["result"]["serverTime"] > 10**15
    headers = {"X-MBX-TIME-UNIT": "MICROSECOND"}
    address = caller.ready["spot"]["rest"] + "/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=2"
    async with caller.session.get(address, headers=headers) as response:
        first, second = await response.json()
        assert first[6] == second[0] - 1
        assert first[0] > 10**15
    async with caller.session.get(address, headers={"X-MBX-TIME-UNIT": "NANOSECOND"}) as response:
        assert (await response.json())["code"] == -1194


def test_only_times_become_microseconds() -> None:
    body = {"orderId": 12, "time": 1_795_400_000_123, "strategyId": 1_795_400_000_123, "rows": [1, "1795400000123"]}
    told = in_microseconds(body)
    assert told == {**body, "time": 1_795_400_000_123_000}


async def test_everybody_hears_that_the_server_goes(caller: Caller) -> None:
    async with (
        caller.stream("spot", "/ws") as raw,
        caller.stream("spot", "/stream") as combined,
        caller.calls("spot") as calls,
    ):
        await Talk(calls).ask("ping")
        for socket in (raw, combined):
            await socket.send_json({"method": "LIST_SUBSCRIPTIONS", "id": 1})
            await heard(socket)
        server = next(server for server in caller.servers if server.desk.product is Product.SPOT)
        await server.shut_down()
        assert (await heard(raw))["e"] == "serverShutdown"
        told = await heard(combined)
        assert (told["stream"], told["data"]["e"]) == ("!serverShutdown", "serverShutdown")
        event = await heard(calls)
        assert (event["event"]["e"], "subscriptionId" in event) == ("serverShutdown", False)


def test_a_pong_must_echo_its_ping() -> None:
    heart = Heartbeat(Rhythm(20, 60, 5), 0.0)
    assert heart.ping_due(20.0, b"now")
    heart.pong(30.0, b"")
    assert heart.is_dead(81.0)
    heart.pong(30.0, b"now")
    assert not heart.is_dead(81.0)


@pytest.mark.parametrize(("age", "speed", "is_old"), [(86_399, 1, False), (86_400, 1, True), (865, 100, True)])
def test_a_connection_lasts_a_day_of_the_exchange(age: float, speed: float, is_old: bool) -> None:
    assert Heartbeat(Rhythm(20, 60, 5), 0.0).is_old(age, speed) is is_old


async def test_symbols_by_state_and_the_limits_of_each_door(caller: Caller) -> None:
    for path in ("depth", "ticker/price", "ticker/24hr", "ticker/bookTicker", "ticker"):
        wanted = {"symbol": "BTCUSDT", "symbolStatus": "HALT"}
        assert (await caller.get("spot", f"/api/v3/{path}", **wanted))[1]["code"] == -1220
    assert (await caller.get("spot", "/api/v3/ticker/price", symbolStatus="HALT"))[1] == []
    assert (await caller.get("spot", "/api/v3/ticker/price", symbolStatus="ASLEEP"))[1]["code"] == -1122
    assert (await caller.get("spot", "/api/v3/exchangeInfo", symbolStatus="BREAK"))[1]["symbols"] == []
    _, info = await caller.get("spot", "/api/v3/exchangeInfo", symbol="BTCUSDT", showPermissionSets="false")
    assert "permissionSets" not in info["symbols"][0]
    assert info["sors"] == [{"baseAsset": "BTC", "symbols": ["BTCUSDT", "BTCUSDC"]}]
    async with caller.calls("spot") as socket:
        limits = (await Talk(socket).ask("exchangeInfo", {"symbol": "BTCUSDT"}))["result"]["rateLimits"]
    assert [limit["rateLimitType"] for limit in limits] == ["REQUEST_WEIGHT", "ORDERS", "ORDERS", "CONNECTIONS"]
    assert [limit["rateLimitType"] for limit in info["rateLimits"]][-1] == "RAW_REQUESTS"
