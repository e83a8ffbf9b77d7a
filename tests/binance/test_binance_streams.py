"""Market and account streams over real sockets on this machine."""

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal

import pytest
from binance_listener import Listener
from websockets.asyncio.server import serve

from tui.binance.client import LinkState, StreamKind, Subscription
from tui.binance.connection import ConnectionAttempts
from tui.binance.environment import ProductUrls
from tui.binance.link import LinkTiming
from tui.binance.market_stream import ProductMarketStream
from tui.config import DataOptions
from tui.domain.increment import Increment
from tui.domain.instrument import Instrument
from tui.domain.order_terms import Side
from tui.domain.product import Product

HASTY = LinkTiming(
    ping_s=0.05,
    silence_s=5.0,
    backoff_first_s=0.01,
    backoff_longest_s=0.02,
    refused_s=0.02,
    overlap_s=0.1,
    tick_s=0.02,
)


def instrument(native="BTCUSDT", product=Product.SPOT):
    return Instrument(
        product=product,
        symbol=native,
        native=native,
        base="BTC",
        quote="USDT",
        margin_asset="USDT",
        tick=Increment(Decimal("0.01")),
        step=Increment(Decimal("0.001")),
        min_quantity=Decimal("0.001"),
        max_quantity=Decimal(1000),
        max_market_quantity=Decimal(100),
        min_notional=Decimal(5),
    )


AGGREGATES = DataOptions(use_agg_trade_ticks=True)
BTC = instrument()
BOOK = Subscription(StreamKind.BOOK, BTC)
TRADES = Subscription(StreamKind.TRADES, BTC)
MARK = Subscription(StreamKind.MARK_PRICE, BTC)


class Market:
    """A market stream server: answers commands, remembers them, and lets the test speak and cut."""

    def __init__(self):
        self.connections = []
        self.commands = []
        self.paths = []
        self.answering = True
        self._more = asyncio.Event()

    async def serve(self, connection):
        self.connections.append(connection)
        self.paths.append(connection.request.path)
        self._more.set()
        async for raw in connection:
            command = json.loads(raw)
            self.commands.append(command)
            self._more.set()
            if self.answering:
                await connection.send(json.dumps({"result": None, "id": command["id"]}))

    async def say(self, payload, connection=-1):
        text = payload if isinstance(payload, str | bytes) else json.dumps(payload)
        await self.connections[connection].send(text)

    async def until(self, condition):
        async def wait():
            while not condition():
                self._more.clear()
                await self._more.wait()

        await asyncio.wait_for(wait(), 30)


@asynccontextmanager
async def market_stream(timing=HASTY, routed=False, product=Product.SPOT, options=AGGREGATES, capacity=None):
    market, listener = Market(), Listener()
    async with serve(market.serve, "127.0.0.1", 0, ping_interval=None) as server:
        port = server.sockets[0].getsockname()[1]
        urls = ProductUrls(f"http://127.0.0.1:{port}", f"ws://127.0.0.1:{port}", routed=routed)
        stream = ProductMarketStream(product, urls, listener, options, timing, capacity=capacity)
        running = asyncio.create_task(stream.run())
        try:
            yield market, listener, stream
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


def depth(first=1, final=2, stream="btcusdt@depth@100ms", **extra):
    data = {"e": "depthUpdate", "E": 5, "s": "BTCUSDT", "U": first, "u": final, "b": [["100.01", "0.5"]], "a": []}
    return {"stream": stream, "data": {**data, **extra}}


async def test_subscribes_reports_live_once_confirmed_and_delivers():
    async with market_stream() as (market, listener, stream):
        stream.subscribe({BOOK, TRADES})
        await listener.until("link", LinkState.LIVE)
        assert market.paths == ["/stream"]
        assert market.commands[0]["params"] == ["btcusdt@aggTrade", "btcusdt@depth@100ms"]
        await market.say(depth(pu=0))
        _, symbol, change = await listener.until("book")
        assert (symbol, change.first_id, change.final_id, change.previous_id) == ("BTCUSDT", 1, 2, 0)
        assert (change.bids, change.asks, change.time_ms) == ([(100.01, 0.5)], [], 5)
        trade = {
            "e": "aggTrade",
            "E": 1,
            "s": "BTCUSDT",
            "a": 7,
            "p": "1.5",
            "q": "2",
            "f": 1,
            "l": 2,
            "T": 3,
            "m": True,
        }
        await market.say({"stream": "btcusdt@aggTrade", "data": trade})
        print_ = (await listener.until("trade"))[2]
        assert (print_.trade_id, print_.price, print_.aggressor) == (7, Decimal("1.5"), Side.SELL)
        assert stream.last_message_ns > 0


async def test_live_waits_for_the_confirmation():
    async with market_stream() as (market, listener, stream):
        market.answering = False
        stream.subscribe({BOOK})
        await market.until(lambda: market.commands)
        await market.say(depth())
        await listener.until("book")
        assert ("link", LinkState.LIVE, "") not in listener.notes
        await market.say({"result": None, "id": market.commands[0]["id"]})
        await listener.until("link", LinkState.LIVE)


async def test_changes_are_sent_on_the_living_connection():
    async with market_stream() as (market, listener, stream):
        stream.subscribe({BOOK})
        await listener.until("link", LinkState.LIVE)
        stream.subscribe({Subscription(StreamKind.BOOK, instrument("ETHUSDT"))})
        await market.until(lambda: len(market.commands) == 3)
        assert [(one["method"], one["params"]) for one in market.commands[1:]] == [
            ("SUBSCRIBE", ["ethusdt@depth@100ms"]),
            ("UNSUBSCRIBE", ["btcusdt@depth@100ms"]),
        ]
        await market.say(depth())
        await market.say(depth(stream="ethusdt@depth@100ms"))
        assert (await listener.until("book"))[1] == "ETHUSDT"
        assert len(market.connections) == 1
        assert stream.malformed == 0, "a late message of a dropped stream is no fault"


async def test_a_cut_is_reported_and_everything_subscribed_again():
    async with market_stream() as (market, listener, stream):
        stream.subscribe({BOOK})
        await listener.until("link", LinkState.LIVE)
        market.connections[0].transport.abort()
        await listener.until("link", LinkState.DOWN)
        await listener.until("link", LinkState.LIVE, times=2)
        assert market.commands[-1]["params"] == ["btcusdt@depth@100ms"]
        await market.say(depth())
        await listener.until("book")


async def test_a_malformed_message_is_counted_and_kills_nothing(caplog):
    async with market_stream() as (market, listener, stream):
        stream.subscribe({BOOK})
        await listener.until("link", LinkState.LIVE)
        for bad in ("not json", '{"stream":"btcusdt@depth@100ms","data":{"E":1}}', "[]", '{"stream":"', b"\xff\xfe"):
            await market.say(bad)
        await market.say(depth(b=[["NaN", "1"]]))
        await market.say(depth(b=[["100.01", "abc"]]))
        await market.say(depth())
        await listener.until("book")
        assert stream.malformed == 7
        assert len(market.connections) == 1
        assert len([one for one in caplog.records if "unreadable" in one.message]) == 1


def folder(change_ids):
    """Ids of a book's changes that continue each other, duplicates dropped as a book drops them."""
    at, gaps = change_ids[0].final_id, 0
    for change in change_ids[1:]:
        if change.final_id <= at:
            continue
        gaps += change.first_id != at + 1
        at = change.final_id
    return at, gaps


@pytest.mark.parametrize(
    "farewell",
    [
        {"e": "serverShutdown", "E": 1},
        {"stream": "!serverShutdown", "data": {"e": "serverShutdown", "E": 1}},
        {"event": {"e": "serverShutdown", "E": 1}},
    ],
)
async def test_an_announced_restart_opens_the_next_connection_before_the_old_one_goes(farewell):
    async with market_stream() as (market, listener, stream):
        stream.subscribe({BOOK, TRADES})
        await listener.until("link", LinkState.LIVE)
        await market.say(depth(1, 1))
        await market.say(farewell)
        await market.until(lambda: len(market.commands) == 2)
        assert market.commands[1]["params"] == market.commands[0]["params"]
        # While both are open each says the same, the new one from some moment on.
        for number in range(2, 6):
            await market.say(depth(number, number), connection=0)
            if number > 2:
                await market.say(depth(number, number), connection=1)
        await asyncio.wait_for(market.connections[0].wait_closed(), 5)
        await market.say(depth(6, 6), connection=1)
        await listener.until("book", times=9)
        assert folder([note[2] for note in listener.notes if note[0] == "book"]) == (6, 0)
        assert [note[1] for note in listener.notes if note[0] == "link"] == [LinkState.CONNECTING, LinkState.LIVE]
        assert stream.renewals == 1


async def test_the_daily_cut_never_comes_because_connections_are_renewed_before():
    async with market_stream(replace(HASTY, rotate_s=0.3, overlap_s=0.05)) as (market, listener, stream):
        stream.subscribe({BOOK})
        await market.until(lambda: len(market.connections) >= 4)
        assert [note[1] for note in listener.notes if note[0] == "link"] == [LinkState.CONNECTING, LinkState.LIVE]
        assert stream.renewals >= 2


async def test_a_connection_that_goes_before_the_next_is_ready_is_a_break():
    async with market_stream() as (market, listener, stream):
        stream.subscribe({BOOK})
        await listener.until("link", LinkState.LIVE)
        market.answering = False
        await market.say({"e": "serverShutdown", "E": 1})
        await market.until(lambda: len(market.commands) == 2)
        market.connections[0].transport.abort()
        await listener.until("link", LinkState.DOWN)
        await market.say({"result": None, "id": market.commands[1]["id"]}, connection=1)
        await listener.until("link", LinkState.LIVE, times=2)
        assert len(market.connections) == 2, "the one that was being opened goes on"


async def test_a_next_connection_that_does_not_get_ready_is_tried_again_while_the_old_one_lasts():
    async with market_stream(replace(HASTY, handover_s=0.1)) as (market, listener, stream):
        stream.subscribe({BOOK})
        await listener.until("link", LinkState.LIVE)
        market.answering = False
        await market.say({"e": "serverShutdown", "E": 1})
        await market.until(lambda: len(market.connections) >= 3)
        await market.say(depth(7, 7), connection=0)
        await listener.until("book")
        market.answering = True
        await asyncio.wait_for(market.connections[0].wait_closed(), 5)
        assert [note[1] for note in listener.notes if note[0] == "link"] == [LinkState.CONNECTING, LinkState.LIVE]


async def test_changes_while_two_connections_are_open_reach_both():
    async with market_stream(replace(HASTY, overlap_s=0.5)) as (market, listener, stream):
        stream.subscribe({BOOK})
        await listener.until("link", LinkState.LIVE)
        await market.say({"e": "serverShutdown", "E": 1})
        await market.until(lambda: len(market.commands) == 2)
        stream.subscribe({BOOK, TRADES})
        await market.until(lambda: len(market.commands) == 4)
        assert [one["params"] for one in market.commands[2:]] == [["btcusdt@aggTrade"]] * 2


async def test_more_streams_than_a_connection_carries_are_put_on_several():
    async with market_stream(capacity=3) as (market, listener, stream):
        every = {Subscription(StreamKind.TICKER, instrument(f"S{number}USDT")) for number in range(7)}
        stream.subscribe(every)
        await market.until(lambda: len(market.commands) == 3)
        assert sorted(len(one["params"]) for one in market.commands) == [1, 3, 3]
        await listener.until("link", LinkState.LIVE)
        more = every | {Subscription(StreamKind.TICKER, instrument(f"T{number}USDT")) for number in range(3)}
        stream.subscribe(more)
        await market.until(lambda: len(market.connections) == 4)
        await market.until(lambda: len(market.commands) == 5)
        assert [note[1] for note in listener.notes if note[0] == "link"].count(LinkState.DOWN) == 0
        names = [name for one in market.commands for name in one["params"]]
        assert len(names) == len(set(names)) == 10


async def test_connections_are_held_back_once_too_many_were_opened(monkeypatch):
    attempts = ConnectionAttempts(most=3, within_s=0.6)
    monkeypatch.setattr("tui.binance.connection.ATTEMPTS", attempts)
    async with market_stream() as (market, listener, stream):
        stream.subscribe({BOOK})
        for times in range(1, 4):
            await listener.until("link", LinkState.LIVE, times=times)
            market.connections[-1].transport.abort()
            await listener.until("link", LinkState.DOWN, times=times)
        started = asyncio.get_running_loop().time()
        await listener.until("link", LinkState.LIVE, times=4)
        assert asyncio.get_running_loop().time() - started > 0.2


def test_attempts_are_counted_over_five_minutes_and_given_back_where_nobody_was_reached():
    attempts = ConnectionAttempts(most=2, within_s=300.0)
    attempts.note(0.0)
    attempts.note(10.0)
    assert attempts.wait_s(20.0) == 280.0
    attempts.take_back()
    assert attempts.wait_s(20.0) == 0.0
    attempts.note(20.0)
    assert attempts.wait_s(301.0) == 0.0


@pytest.mark.parametrize("form", ["nested", "flat"])
async def test_a_refused_command_is_reported_and_does_not_hold_up_the_rest(form, caplog):
    async with market_stream() as (market, listener, stream):
        market.answering = False
        stream.subscribe({BOOK})
        await market.until(lambda: market.commands)
        words = {"code": 2, "msg": "Invalid request: invalid stream"}
        answer = {"error": words} if form == "nested" else words
        await market.say({**answer, "id": market.commands[0]["id"]})
        await listener.until("link", LinkState.LIVE)
        assert "btcusdt@depth@100ms" in caplog.text
        assert "invalid stream" in caplog.text


async def test_split_hosts_get_a_connection_for_each_route():
    async with market_stream(routed=True, product=Product.USDM) as (market, listener, stream):
        stream.subscribe({BOOK, MARK})
        await listener.until("link", LinkState.LIVE)
        assert sorted(market.paths) == ["/market/stream", "/public/stream"]
        public = market.paths.index("/public/stream")
        mark = {"e": "markPriceUpdate", "E": 1, "s": "BTCUSDT", "p": "5.0", "i": "5.1", "r": "", "T": 0}
        await market.say({"stream": "btcusdt@markPrice@1s", "data": mark}, connection=1 - public)
        heard = (await listener.until("mark"))[2]
        assert (heard.mark, heard.funding_rate, heard.next_funding_ms) == (5, None, 0)
        market.connections[public].transport.abort()
        await listener.until("link", LinkState.DOWN)
        await listener.until("link", LinkState.LIVE, times=2)


async def test_nothing_wanted_connects_nowhere():
    async with market_stream() as (market, _, stream):
        await asyncio.sleep(0.1)
        assert market.connections == []
        assert stream.last_message_ns == 0


async def test_sockets_go_through_the_proxy_of_the_options():
    asked = asyncio.Queue()

    async def proxy(reader, writer):
        asked.put_nowait(await reader.readline())
        writer.write(b"HTTP/1.1 502 Bad Gateway\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(proxy, "127.0.0.1", 0)
    options = DataOptions(proxy_url=f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    urls, listener = ProductUrls("https://api.example.invalid", "wss://stream.example.invalid"), Listener()
    stream = ProductMarketStream(Product.SPOT, urls, listener, options, HASTY)
    stream.subscribe({BOOK})
    running = asyncio.create_task(stream.run())
    assert await asyncio.wait_for(asked.get(), 5) == b"CONNECT stream.example.invalid:443 HTTP/1.1\r\n"
    await listener.until("link", LinkState.DOWN)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    server.close()
