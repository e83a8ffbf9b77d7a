"""Faults on single sockets, clocks and replies; bans; and keys that may do less."""

import asyncio
import json
from decimal import Decimal
from typing import Any

import aiohttp
import pytest
from exchange_caller import Caller

from tui.domain.product import Product
from tui.exchange.exchange import Exchange
from tui.exchange.keys import restricted_key
from tui.exchange.limits import FIRST_BAN_MS, PATIENCE, Budget, RateLimit, RateLimitedRejection
from tui.exchange.run import serving


async def order_fault(caller: Caller, **fault: Any) -> int:
    async with caller.session.post(caller.ready["spot"]["rest"] + "/fault", json=fault) as response:
        assert response.status == 200
        return (await response.json())["connections"]


def say(caller: Caller, *numbers: int) -> None:
    for number in numbers:
        caller.servers[0].publisher.deliver("btcusdt@silence", {"n": number})


async def hear(socket: Any, count: int) -> list[Any]:
    found = []
    while len(found) < count:
        message = json.loads(await socket.receive_str(timeout=30))
        if "n" in message:
            found.append(message["n"])
    return found


async def test_frames_of_one_socket_get_lost_doubled_swapped_and_cut_short(caller: Caller) -> None:
    async with (
        caller.stream("spot", "/ws/btcusdt@silence") as one,
        caller.stream("spot", "/ws/btcusdt@silence") as two,
    ):
        async with caller.session.get(caller.ready["spot"]["rest"] + "/fault") as response:
            listed = await response.json()
        assert [row["streams"] for row in listed] == [["btcusdt@silence"]] * 2
        number = listed[0]["connection"]
        for fault, heard in (("gap", [2, 3]), ("duplicate", [1, 1, 2, 3]), ("reorder", [2, 1, 3])):
            assert await order_fault(caller, connection=number, **{fault: 1}) == 1
            say(caller, 1, 2, 3)
            assert await hear(one, len(heard)) == heard
            assert await hear(two, 3) == [1, 2, 3]
        assert await order_fault(caller, stream="btcusdt@silence", corrupt=1) == 2
        say(caller, 1)
        with pytest.raises(json.JSONDecodeError):
            await hear(one, 1)


async def test_a_shutdown_is_announced_before_the_cut(caller: Caller) -> None:
    async with caller.stream("spot", "/ws/btcusdt@silence") as socket:
        await order_fault(caller, shutdown_ms=50)
        assert json.loads(await socket.receive_str(timeout=30))["e"] == "serverShutdown"
        assert (await socket.receive(timeout=30)).type is not aiohttp.WSMsgType.TEXT


async def test_a_clock_that_went_wrong_is_told_by_the_time(caller: Caller) -> None:
    await order_fault(caller, clock_skew_ms=20_000)
    status, body = await caller.ask("GET", "spot", "/api/v3/account")
    assert (status, body["code"]) == (400, -1021)
    _, told = await caller.get("spot", "/api/v3/time")
    status, _ = await caller.ask("GET", "spot", "/api/v3/account", timestamp=told["serverTime"])
    assert status == 200


async def test_a_stale_snapshot_is_older_than_the_book(caller: Caller) -> None:
    await order_fault(caller, stale_depth=1)
    price = str(Decimal(caller.best("spot")[0]) - 5)
    await caller.ask(
        "POST", "spot", "/api/v3/order", symbol="BTCUSDT", side="BUY", type="LIMIT", timeInForce="GTC",
        quantity="0.001", price=price,
    )  # fmt: skip
    ids = [(await caller.get("spot", "/api/v3/depth", symbol="BTCUSDT"))[1]["lastUpdateId"] for _ in range(2)]
    assert ids[0] < ids[1]


@pytest.mark.parametrize(("fault", "count"), [("order_timeouts", 0), ("order_timeouts_executed", 1)])
async def test_an_order_without_an_answer(caller: Caller, fault: str, count: int) -> None:
    await order_fault(caller, **{fault: 1})
    price = str(Decimal(caller.best("spot")[0]) - 500)
    entry = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.001"}
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(caller.ask("POST", "spot", "/api/v3/order", price=price, **entry), 0.3)
    assert len((await caller.ask("GET", "spot", "/api/v3/openOrders"))[1]) == count


async def test_errors_and_bans_on_command(caller: Caller) -> None:
    await order_fault(caller, errors=1)
    assert (await caller.get("spot", "/api/v3/ping"))[0] == 500
    await order_fault(caller, ban_ms=30_000)
    status, body, headers = await caller.ask_with_headers("GET", "spot", "/api/v3/ping", signed=False)
    assert (status, body["code"]) == (418, -1003)
    assert 28 <= int(headers["Retry-After"]) <= 30
    async with caller.calls("spot") as socket:
        await socket.send_json({"id": 1, "method": "ping"})
        answer = await socket.receive_json(timeout=30)
        assert (answer["status"], answer["error"]["code"]) == (418, -1003)
    await order_fault(caller, ban_ms=0)
    assert (await caller.get("spot", "/api/v3/ping"))[0] == 200


def test_who_does_not_heed_429_is_banned_and_longer_each_time() -> None:
    budget = Budget(RateLimit("REQUEST_WEIGHT", "MINUTE", 1, 10), [], RateLimit("RAW_REQUESTS", "MINUTE", 5, 3))
    now = 0
    for doubling in (1, 2, 4):
        for _ in range(PATIENCE):
            with pytest.raises(RateLimitedRejection, match="Too much request weight"):
                budget.charge(11, now)
        with pytest.raises(RateLimitedRejection, match=f"IP banned until {now + doubling * FIRST_BAN_MS}") as banned:
            budget.note_request(now)
        assert banned.value.http == 418
        now += doubling * FIRST_BAN_MS
    for _ in range(3):
        budget.note_request(now)
    with pytest.raises(RateLimitedRejection, match="3 raw requests per 5 MINUTE"):
        budget.note_request(now)


@pytest.mark.parametrize(
    ("rules", "refused"),
    [
        ("read", {"order", "margin", "futures"}),
        ("read,trade", {"margin", "futures"}),
        ("read,margin,futures@127.0.0.1", {"order"}),
        ("read,trade,margin,futures@10.0.0.1", {"account", "order", "margin", "futures"}),
    ],
)
async def test_keys_that_may_do_less(monkeypatch: pytest.MonkeyPatch, rules: str, refused: set[str]) -> None:
    monkeypatch.setattr("tui.exchange.exchange.new_keys", lambda account_id: [])
    calls = {
        "account": ("GET", "spot", "/api/v3/account"),
        "order": ("POST", "spot", "/api/v3/order"),
        "margin": ("POST", "spot", "/sapi/v1/margin/borrow-repay"),
        "futures": ("POST", "usdm", "/fapi/v1/order"),
    }
    exchange = Exchange(seed=7)
    async with serving(exchange, further_keys=[rules]) as (ready, servers), aiohttp.ClientSession() as session:
        caller = Caller(session, ready, exchange, servers)
        codes = {name: (await caller.ask(*call))[1].get("code", 0) for name, call in calls.items()}
        _, told = await caller.ask("GET", "spot", "/sapi/v1/account/apiRestrictions")
    exchange.close()
    assert {name for name, code in codes.items() if code == -2015} == refused
    if "account" not in refused:
        names = {"order": "enableSpotAndMarginTrading", "margin": "enableMargin", "futures": "enableFutures"}
        assert {name for name, field in names.items() if not told[field]} == refused
        assert told["ipRestrict"] is ("@" in rules)


@pytest.mark.parametrize(("rules", "words"), [
    ("read,withdraw", "'withdraw' is no permission; use read, trade, margin, futures"),
    ("second#x:read", "'x' is no trade group; use a whole number"),
    ("a b:read", "'a b' is no name for an account; use letters, digits and _"),
    ("read@300.1.1.1", "'300.1.1.1' is no address; write it as 127.0.0.1"),
    ("read@localhost", "'localhost' is no address"),
])  # fmt: skip
def test_rules_for_a_key_that_make_no_sense_are_named(rules: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        restricted_key("demo", rules)


async def test_another_account_of_a_trade_group_gets_what_is_transferred(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.exchange.exchange.new_keys", lambda account_id: [])
    exchange = Exchange(seed=7)
    rules = ["demo#7:read,trade", "second#7:read,trade@127.0.0.1,::1"]
    async with serving(exchange, further_keys=rules) as (ready, servers), aiohttp.ClientSession() as session:
        first, second = (
            Caller(session, {**ready, "keys": [key]}, exchange, servers) for key in ready["keys"]
        )  # fmt: skip
        low = str(Decimal(first.best("spot")[0]) - 300)
        order = {"symbol": "BTCUSDT", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.5", "price": low}
        post = ("POST", "spot", "/api/v3/order")
        mode = {"selfTradePreventionMode": "TRANSFER"}
        # Nobody else may stand between the two.
        exchange.market.drop(exchange.venues[Product.SPOT].listings["BTCUSDT"])
        await first.ask(*post, **order, **mode, side="BUY")
        status, taken = await second.ask(*post, **order, **mode, side="SELL")
        assert (status, taken["status"], taken["tradeGroupId"]) == (200, "EXPIRED_IN_MATCH", 7)
        _, account = await second.ask("GET", "spot", "/api/v3/account")
        balances = {row["asset"]: row["free"] for row in account["balances"]}
        assert (account["tradeGroupId"], balances["BTC"]) == (7, "0.50000000")
        _, rows = await first.ask("GET", "spot", "/api/v3/myPreventedMatches", symbol="BTCUSDT", preventedMatchId=1)
        assert (rows[0]["selfTradePreventionMode"], rows[0]["tradeGroupId"]) == ("TRANSFER", 7)
    exchange.close()
