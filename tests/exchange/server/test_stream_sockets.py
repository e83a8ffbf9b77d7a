"""Market streams over real sockets: forms of address, commands, payloads, slow readers."""

import asyncio
import json
from typing import Any

import pytest
from aiohttp import ClientError, WSMsgType, web
from exchange_caller import Caller

from tui.exchange.server.connection import accept
from tui.exchange.server.outbox import MOST_BYTES, Outbox


async def hear(socket: Any, wanted: Any = lambda message: True) -> Any:
    """The next frame that is wanted."""
    async with asyncio.timeout(30):
        while True:
            message = json.loads(await socket.receive_str())
            if wanted(message):
                return message


async def trade(caller: Caller, product: str) -> None:
    path = "/api/v3/order" if product == "spot" else "/fapi/v1/order"
    entry = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.010"}
    assert (await caller.ask("POST", product, path, **entry))[0] == 200


@pytest.mark.parametrize(
    ("product", "stream", "keys"),
    [
        ("spot", "btcusdt@trade", "e E s t p q T m M"),
        ("spot", "btcusdt@aggTrade", "e E s a p q f l T m M"),
        ("spot", "btcusdt@depth@100ms", "e E s U u b a"),
        ("spot", "btcusdt@depth5@100ms", "lastUpdateId bids asks"),
        ("spot", "btcusdt@bookTicker", "u s b B a A"),
        ("spot", "btcusdt@miniTicker", "e E s c o h l v q"),
        ("spot", "btcusdt@ticker", "e E s p P w x c Q b B a A o h l v q O C F L n"),
        ("spot", "btcusdt@kline_1s", "e E s k"),
        ("usdm", "btcusdt@trade", "e E T s ps t p q X m st"),
        ("usdm", "btcusdt@aggTrade", "e E s a p q nq f l T m st"),
        ("usdm", "btcusdt@depth", "e E T s ps U u pu b a st"),
        ("usdm", "btcusdt@depth@0ms", "e E T s ps U u pu b a st"),
        ("usdm", "btcusdt@depth10", "e E T s ps U u pu b a st"),
        ("usdm", "btcusdt@bookTicker", "e u E T s ps b B a A st"),
        ("usdm", "btcusdt@miniTicker", "e E s c o h l v q ps st"),
        ("usdm", "btcusdt@ticker", "e E s p P w c Q o h l v q O C F L n ps st"),
        ("usdm", "btcusdt@kline_1m", "e E s k st"),
        ("usdm", "btcusdt_perpetual@continuousKline_1m", "e E ps ct k st"),
        ("usdm", "btcusdt@markPrice@1s", "e E s p ap i P r T st"),
    ],
)
async def test_payload_keys(caller: Caller, product: str, stream: str, keys: str) -> None:
    async with caller.stream(product, "/ws/" + stream) as socket:
        await trade(caller, product)
        payload = await hear(socket)
    assert set(payload) == set(keys.split())


@pytest.mark.parametrize(
    ("product", "stream"),
    [("spot", "!miniTicker@arr"), ("usdm", "!miniTicker@arr"), ("usdm", "!ticker@arr"), ("usdm", "!markPrice@arr@1s")],
)
async def test_arrays_of_all_symbols(caller: Caller, product: str, stream: str) -> None:
    async with caller.stream(product, f"/stream?streams={stream}") as socket:
        message = await hear(socket)
    assert message["stream"] == stream
    assert len({row["s"] for row in message["data"]}) >= 8


@pytest.mark.parametrize("prefix", ["", "/public", "/market", "/private"])
async def test_every_route_serves_every_stream(caller: Caller, prefix: str) -> None:
    async with caller.stream("usdm", f"{prefix}/stream?streams=btcusdt@bookTicker/btcusdt@markPrice@1s") as socket:
        assert await hear(socket, lambda message: message["stream"] == "btcusdt@markPrice@1s")


async def test_several_raw_streams_in_one_address(caller: Caller) -> None:
    async with caller.stream("spot", "/ws/btcusdt@bookTicker/ethusdt%40bookTicker") as socket:
        assert {(await hear(socket))["s"], (await hear(socket))["s"]} == {"BTCUSDT", "ETHUSDT"}


async def test_commands(caller: Caller) -> None:
    async with caller.stream("spot", "/ws") as socket:

        async def command(**body: Any) -> Any:
            await socket.send_json(body)
            return await hear(socket, lambda message: "id" in message)

        names = ["btcusdt@trade", "ethusdt@trade"]
        assert await command(method="SUBSCRIBE", params=names, id="a-1") == {"result": None, "id": "a-1"}
        assert await command(method="LIST_SUBSCRIPTIONS", id=2) == {"result": names, "id": 2}
        assert await command(method="UNSUBSCRIBE", params=names[:1], id=3) == {"result": None, "id": 3}
        assert await command(method="SET_PROPERTY", params=["combined", True], id=4) == {"result": None, "id": 4}
        assert await command(method="GET_PROPERTY", params=["combined"], id=None) == {"result": True, "id": None}


@pytest.mark.parametrize(
    ("sent", "code", "words"),
    [
        ('{"method":"FOO","id":1}', 2, "unknown variant `FOO`"),
        ('{"id":1}', 2, "missing field `method`"),
        ('{"method":"SUBSCRIBE","params":[1],"id":1}', 2, "invalid stream"),
        ('{"method":"SUBSCRIBE","params":["white space"],"id":1}', 2, "invalid stream"),
        ('{"method":"GET_PROPERTY","params":["speed"],"id":1}', 0, "Unknown property"),
        ('{"method":"GET_PROPERTY","params":[1],"id":1}', 2, "must be a string"),
        ('{"method":"SET_PROPERTY","params":["combined",1],"id":1}', 1, "expected Boolean"),
        ('{"method":"SET_PROPERTY","params":["combined",true,1],"id":1}', 2, "too many parameters"),
    ],
)
async def test_command_errors_are_nested(caller: Caller, sent: str, code: int, words: str) -> None:
    async with caller.stream("usdm", "/ws") as socket:
        await socket.send_str(sent)
        answer = await hear(socket)
    assert (answer["id"], answer["error"]["code"]) == (1, code)
    assert words in answer["error"]["msg"]


@pytest.mark.parametrize("wrong", ["1.5", "true", "{}", '"' + "x" * 37 + '"', "9223372036854775808"])
async def test_spot_refuses_ids_that_are_none_and_futures_repeat_them(caller: Caller, wrong: str) -> None:
    sent = '{"method":"LIST_SUBSCRIPTIONS","id":' + wrong + "}"
    async with caller.stream("spot", "/ws") as spot, caller.stream("usdm", "/ws") as usdm:
        await spot.send_str(sent)
        refused = await hear(spot)
        assert (refused["id"], refused["error"]["code"]) == (None, 2)
        assert "request ID" in refused["error"]["msg"]
        await usdm.send_str(sent)
        assert await hear(usdm) == {"result": [], "id": json.loads(wrong)}


async def test_broken_json_has_no_id(caller: Caller) -> None:
    async with caller.stream("spot", "/ws") as socket:
        await socket.send_str("{")
        assert (await hear(socket))["error"]["code"] == 3


async def test_unknown_streams_are_acknowledged_and_silent(caller: Caller) -> None:
    async with caller.stream("spot", "/ws/!ticker@arr/nosuch@trade/btcusdt@depth@0ms") as socket:
        await socket.send_json({"method": "SUBSCRIBE", "params": ["btcusdt@nothing", "btcusdt@bookTicker"], "id": 1})
        assert await hear(socket) == {"result": None, "id": 1}
        assert set(await hear(socket)) == set("usbBaA")


async def test_too_many_messages_end_the_connection(caller: Caller) -> None:
    async with caller.stream("spot", "/ws") as socket:
        for number in range(12):
            await socket.send_json({"method": "LIST_SUBSCRIPTIONS", "id": number})
        async with asyncio.timeout(30):
            while (message := await socket.receive()).type is WSMsgType.TEXT:
                pass
        assert message.type is WSMsgType.CLOSE
        assert socket.close_code == 1008


async def test_nothing_is_kept_for_streams_nobody_hears(caller: Caller) -> None:
    publisher = caller.servers[0].publisher
    async with caller.stream("spot", "/ws/btcusdt@depth/btcusdt@trade") as socket:
        await trade(caller, "spot")
        await hear(socket)
        assert len(publisher._channels) == 2
        await socket.send_json({"method": "UNSUBSCRIBE", "params": ["btcusdt@depth", "btcusdt@trade"], "id": 1})
        await hear(socket, lambda message: "id" in message)
        assert not publisher._channels
        assert not publisher._by_symbol["BTCUSDT"]


async def test_pings_are_answered(caller: Caller) -> None:
    async with caller.session.ws_connect(caller.ready["spot"]["ws"] + "/ws", autoping=False) as socket:
        await socket.ping(b"are you there")
        message = await socket.receive(timeout=30)
        assert (message.type, message.data) == (WSMsgType.PONG, b"are you there")


async def test_a_stalled_reader_loses_its_connection(caller: Caller) -> None:
    server = caller.servers[0]
    address = caller.ready["spot"]["rest"].rpartition(":")
    reader, writer = await asyncio.open_connection("127.0.0.1", int(address[2]), limit=1024)
    writer.write(
        b"GET /ws/btcusdt@trade HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    assert b"101" in await reader.readuntil(b"\r\n\r\n")
    async with caller.stream("spot", "/ws/btcusdt@trade") as lively:
        for number in range(60):
            server.publisher.deliver("btcusdt@trade", {"number": number, "padding": "x" * 500_000})
            assert (await hear(lively))["number"] == number
        assert len(server._connections) == 1
    writer.close()


async def test_who_is_gone_before_the_upgrade_is_answered_is_no_error(caller: Caller, monkeypatch, caplog) -> None:
    async def hang_up_and_accept(request: web.Request) -> web.WebSocketResponse:
        request.transport.abort()
        return await accept(request)

    monkeypatch.setattr("tui.exchange.server.app.accept", hang_up_and_accept)
    with pytest.raises(ClientError):
        async with caller.stream("spot", "/ws/btcusdt@trade"):
            pass
    monkeypatch.undo()
    async with caller.stream("spot", "/ws/btcusdt@trade"):
        assert len(caller.servers[0]._connections) == 1
    assert not caplog.records


class _Transport:
    aborted = False

    def abort(self) -> None:
        self.aborted = True


def test_a_reader_that_stalls_is_cut_off() -> None:
    transport = _Transport()
    outbox = Outbox(None, transport)  # type: ignore[arg-type]
    frame = b"x" * 1024
    for _ in range(MOST_BYTES // len(frame)):
        outbox.push(frame)
    assert not transport.aborted
    outbox.push(frame)
    assert transport.aborted
    outbox.push(frame)
    assert not outbox._frames
