"""Nonsense in every shape gets Binance's error codes: no crash, no hang, never a 500."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from exchange_caller import sign
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from yarl import URL

from tui.exchange.exchange import Exchange
from tui.exchange.keys import new_keys
from tui.exchange.run import Ready, serving
from tui.exchange.server import coinm_rest, spot_rest, usdm_rest
from tui.exchange.server.app import CALL_PATHS

TABLES = {"spot": spot_rest, "usdm": usdm_rest, "coinm": coinm_rest}
SECONDS = 1.0  # for each product and kind of nonsense
quick = settings(
    max_examples=1,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)

NAMES = (
    "symbol", "side", "type", "quantity", "price", "timeInForce", "stopPrice", "orderId", "origClientOrderId",
    "newClientOrderId", "limit", "startTime", "endTime", "fromId", "interval", "pair", "contractType", "period",
    "asset", "amount", "isIsolated", "leverage", "marginType", "positionSide", "reduceOnly", "batchOrders", "symbols",
    "listenKey", "recvWindow", "quoteOrderQty", "algoId", "cancelReplaceMode", "aboveType", "belowType", "workingType",
    "workingSide", "pendingType", "pendingSide", "countdownTime", "dualSidePosition", "priceMatch", "goodTillDate",
    "validity", "assets", "sideEffectType", "windowSize", "timeZone", "orderIdList", "trailingDelta", "icebergQty",
    "activationPrice", "callbackRate", "current", "size", "page", "rows", "permissions", "algoType", "triggerPrice",
)  # fmt: skip
VALUES = st.one_of(
    st.sampled_from(
        ["BTCUSDT", "ETHUSDT", "BTCUSD_PERP", "BTCUSD", "USDT", "BUY", "SELL", "LIMIT", "MARKET", "STOP", "GTC", "1m",
         "TRUE", "false", "0", "-1", "1", "0.001", "91000", "1e5", "NaN", "Infinity", "1e999999", "9" * 19, "9" * 40,
         "-0", "", " ", "[]", "{}", "[1]", '["BTCUSDT"]', '[{"symbol":"BTCUSDT"}]', "[[]]", "null", "%", "\\x00",
         "STOP_LOSS", "TAKE_PROFIT_LIMIT", "STOP_MARKET", "CONDITIONAL", "PERPETUAL", "BORROW", "MAIN_MARGIN", "5m"]
    ),
    st.integers(-(10**20), 10**20).map(str),
    st.decimals(allow_nan=True, allow_infinity=True).map(str),
    st.text(max_size=12),
)  # fmt: skip
PARAMETERS = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=12)


@pytest.fixture(scope="module")
def keys() -> list[Any]:
    return new_keys("demo")


@pytest.fixture
async def ready(monkeypatch: pytest.MonkeyPatch, keys: list[Any]) -> AsyncIterator[Ready]:
    monkeypatch.setattr("tui.exchange.exchange.new_keys", lambda account_id: list(keys))
    exchange = Exchange(seed=7)
    async with serving(exchange) as (ready, servers):
        for server in servers:
            server.desk.budget.charge = lambda weight, now_ms: None  # type: ignore[method-assign]
            server.desk.budget.charge_orders = lambda account, count, now_ms: None  # type: ignore[method-assign]
        yield ready
    exchange.close()


def drawn(strategy: st.SearchStrategy[Any], count: int) -> list[Any]:
    """That many examples at once; hypothesis shapes them, the caller awaits what is done with them."""
    found: list[Any] = []

    @settings(quick, max_examples=count)
    @given(strategy)
    def draw(example: Any) -> None:
        found.append(example)

    draw()
    return found


async def for_a_while(examples: list[Any], act: Callable[[Any], Any]) -> int:
    """Act on the examples until they or the seconds run out; returns how many were done."""
    end, done = time.monotonic() + SECONDS, 0
    for example in examples:
        await asyncio.wait_for(act(example), 30)
        done += 1
        if time.monotonic() > end:
            break
    return done


@pytest.mark.parametrize("product", TABLES)
async def test_no_parameters_make_an_endpoint_fail(ready: Ready, product: str) -> None:
    addresses = sorted(TABLES[product].ENDPOINTS)
    key = next(key for key in ready["keys"] if key["type"] == "HMAC")
    examples = drawn(st.tuples(st.sampled_from(addresses), PARAMETERS, st.booleans()), 160)

    async with aiohttp.ClientSession() as session:

        async def ask(example: Any) -> None:
            (method, path), parameters, in_body = example
            query = urlencode({"timestamp": int(time.time() * 1000)} | parameters, errors="replace")
            signed = f"{query}&signature={sign(key, query)}"
            url = ready[product]["rest"] + path + ("" if in_body else "?" + signed)
            headers = {"X-MBX-APIKEY": key["api_key"], "Content-Type": "application/x-www-form-urlencoded"}
            data = signed if in_body else None
            async with session.request(method, URL(url, encoded=True), headers=headers, data=data) as response:
                body = await response.read()
                assert response.status < 500, (method, path, parameters, body)
                if response.status >= 400:
                    assert json.loads(body)["code"] < 0, (method, path, parameters, body)

        assert await for_a_while(examples, ask)


@pytest.mark.parametrize("product", TABLES)
async def test_raw_bytes_on_sockets_end_nothing_but_their_socket(ready: Ready, product: str) -> None:
    methods = [*TABLES[product].METHODS, "session.logon", "session.logout", "userDataStream.subscribe", "SUBSCRIBE"]
    values = st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8), lambda inner: st.lists(inner)
    )
    names = st.sampled_from((*NAMES, "apiKey", "signature", "timestamp", "listenToken", "subscriptionId"))
    requests = st.fixed_dictionaries(
        {"id": values, "method": st.sampled_from(methods) | st.text(max_size=9)},
        optional={"params": st.dictionaries(names, values | VALUES, max_size=8) | values},
    ).map(lambda request: json.dumps(request).encode())
    call_path = next(path for name, path in CALL_PATHS.items() if name.value == product)
    examples = drawn(st.tuples(st.booleans(), requests | st.binary(max_size=60), st.sampled_from(["", "x"])), 120)
    async with aiohttp.ClientSession() as session:
        base = ready[product]["ws"]

        async def talk(example: Any) -> None:
            to_calls, frame, junk = example
            path = call_path if to_calls else "/stream?streams=btcusdt@trade"
            async with session.ws_connect(base + path) as socket:
                text = frame.decode("utf-8", "replace") + junk
                await socket.send_str(text)
                answered = await socket.receive(timeout=3)
                if answered.type is aiohttp.WSMsgType.TEXT and to_calls:
                    assert json.loads(answered.data)["status"] < 500, (text, answered.data)

        assert await for_a_while(examples, talk)
        async with session.get(ready[product]["rest"] + _time_path(product)) as response:
            assert response.status == 200


@pytest.mark.parametrize("product", TABLES)
async def test_bytes_that_are_no_http_or_no_frames(ready: Ready, product: str) -> None:
    host, port = ready[product]["rest"].removeprefix("http://").split(":")
    upgrade = (
        b"GET /ws/btcusdt@trade HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    examples = drawn(st.tuples(st.sampled_from([b"", upgrade, b"POST /api/v3/order HTTP/1.1\r\n"]), st.binary()), 30)

    async def throw(example: Any) -> None:
        start, junk = example
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(start + junk)
        writer.write_eof()
        with suppress(TimeoutError, ConnectionError):
            await asyncio.wait_for(reader.read(), 0.2)
        writer.transport.abort()

    assert await for_a_while(examples, throw)
    async with aiohttp.ClientSession() as session, session.get(ready[product]["rest"] + _time_path(product)) as answer:
        assert answer.status == 200


def _time_path(product: str) -> str:
    return {"spot": "/api/v3/time", "usdm": "/fapi/v1/time", "coinm": "/dapi/v1/time"}[product]
