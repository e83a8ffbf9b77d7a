"""Market and account streams over real sockets on this machine."""

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal

import msgspec
import pytest
from websockets.asyncio.server import serve

from tui.binance.client import LinkState, StreamKind, Subscription
from tui.binance.clock import ServerClock
from tui.binance.environment import ProductUrls
from tui.binance.link import LinkTiming, ReconnectNow
from tui.binance.market_events import stream_name
from tui.binance.signing import Credentials, HmacSigner
from tui.binance.streams import ProductMarketStream
from tui.binance.usdm.client import route_of
from tui.binance.ws_api import UserDataSession
from tui.domain.increment import Increment
from tui.domain.instrument import Instrument
from tui.domain.order import Side
from tui.domain.product import Product

HASTY = LinkTiming(
    ping_s=0.05, silence_s=5.0, backoff_first_s=0.01, backoff_longest_s=0.02, refused_s=0.02, tick_s=0.02
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


BTC = instrument()
BOOK = Subscription(StreamKind.BOOK, BTC)
TRADES = Subscription(StreamKind.TRADES, BTC)
MARK = Subscription(StreamKind.MARK_PRICE, BTC)


class Listener:
    """A market and user listener whose notes can be awaited."""

    def __init__(self):
        self.notes = []
        self._more = asyncio.Event()

    def _note(self, *note):
        self.notes.append(note)
        self._more.set()

    def on_book_change(self, instrument, change):
        self._note("book", instrument.symbol, change)

    def on_trade(self, instrument, trade):
        self._note("trade", instrument.symbol, trade)

    def on_ticker(self, instrument, ticker):
        self._note("ticker", instrument.symbol, ticker)

    def on_quote(self, instrument, quote):
        self._note("quote", instrument.symbol, quote)

    def on_candle(self, instrument, interval, candle):
        self._note("candle", interval, candle)

    def on_mark_price(self, instrument, mark):
        self._note("mark", instrument.symbol, mark)

    def on_market_link(self, product, state, detail):
        self._note("link", state, detail)

    def link(self, state, detail):
        self._note("link", state, detail)

    def event(self, raw):
        self._note("event", json.loads(bytes(raw)))

    async def until(self, kind, value=None, times=1):
        """Wait until a note of this kind (and second item) was made that often; returns the last of them."""

        async def wait():
            while True:
                found = [note for note in self.notes if note[0] == kind and value in (None, note[1])]
                if len(found) >= times:
                    return found[-1]
                self._more.clear()
                await self._more.wait()

        return await asyncio.wait_for(wait(), 10)


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

        await asyncio.wait_for(wait(), 10)


@asynccontextmanager
async def market_stream(timing=HASTY, routed=False, product=Product.SPOT):
    market, listener = Market(), Listener()
    async with serve(market.serve, "127.0.0.1", 0, ping_interval=None) as server:
        port = server.sockets[0].getsockname()[1]
        urls = ProductUrls(f"http://127.0.0.1:{port}", f"ws://127.0.0.1:{port}", routed=routed)
        stream = ProductMarketStream(product, urls, listener, stream_name, route_of, timing)
        running = asyncio.create_task(stream.run())
        try:
            yield market, listener, stream
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


def depth(first=1, final=2, stream="btcusdt@depth@100ms", **extra):
    data = {"e": "depthUpdate", "E": 5, "s": "BTCUSDT", "U": first, "u": final, "b": [["100.01", "0.5"]], "a": []}
    return {"stream": stream, "data": {**data, **extra}}


async def test_subscribes_reports_live_once_confirmed_and_delivers_in_ticks_and_lots():
    async with market_stream() as (market, listener, stream):
        stream.subscribe({BOOK, TRADES})
        await listener.until("link", LinkState.LIVE)
        assert market.paths == ["/stream"]
        assert market.commands[0]["params"] == ["btcusdt@aggTrade", "btcusdt@depth@100ms"]
        await market.say(depth(pu=0, T=9))
        _, symbol, change = await listener.until("book")
        assert (symbol, change.first_id, change.final_id, change.previous_id) == ("BTCUSDT", 1, 2, 0)
        assert (change.bids, change.asks, change.time_ms) == ([(10001, 500)], [], 9)
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


async def test_a_socket_that_gives_no_sign_of_life_is_replaced():
    async with market_stream(replace(HASTY, ping_s=10.0, silence_s=0.15)) as (market, listener, stream):
        stream.subscribe({BOOK})
        await listener.until("link", LinkState.LIVE)
        assert "nothing heard" in (await listener.until("link", LinkState.DOWN))[2]
        await listener.until("link", LinkState.LIVE, times=2)
        assert len(market.connections) >= 2


async def test_pongs_keep_a_quiet_socket():
    async with market_stream(replace(HASTY, ping_s=0.03, silence_s=0.3)) as (market, listener, stream):
        stream.subscribe({BOOK})
        await listener.until("link", LinkState.LIVE)
        heard = stream.last_message_ns
        await asyncio.sleep(0.8)
        assert stream.last_message_ns > heard
        assert len(market.connections) == 1


async def test_pongs_without_data_do_not_pass_for_a_market():
    async with market_stream(replace(HASTY, ping_s=0.03, quiet_s=0.15)) as (_, listener, stream):
        stream.subscribe({BOOK})
        await listener.until("link", LinkState.LIVE)
        assert (await listener.until("link", LinkState.DOWN))[2] == "connected, but no data"


@pytest.mark.parametrize(
    "farewell",
    [{"e": "serverShutdown", "E": 1}, {"stream": "!serverShutdown", "data": {"e": "serverShutdown", "E": 1}}],
)
async def test_an_announced_restart_reconnects_at_once(farewell):
    async with market_stream() as (market, listener, stream):
        stream.subscribe({BOOK})
        await listener.until("link", LinkState.LIVE)
        await market.say(farewell)
        assert (await listener.until("link", LinkState.DOWN))[2] == "the exchange is restarting"
        await listener.until("link", LinkState.LIVE, times=2)


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


class Account:
    """A WebSocket API server that knows one method."""

    def __init__(self, refusals=()):
        self.requests = []
        self.refusals = list(refusals)
        self.connections = []

    async def serve(self, connection):
        self.connections.append(connection)
        async for raw in connection:
            request = json.loads(raw)
            self.requests.append(request)
            if self.refusals:
                code, text = self.refusals.pop(0)
                answer = {"id": request["id"], "status": 400, "error": {"code": code, "msg": text}}
            else:
                answer = {"id": request["id"], "status": 200, "result": {"subscriptionId": 0}, "rateLimits": []}
            await connection.send(json.dumps(answer))


@asynccontextmanager
async def user_session(refusals=()):
    account, listener = Account(refusals), Listener()
    measured = []

    async def measure():
        measured.append(1)

    def deliver(raw):
        listener.event(raw)
        if msgspec.json.decode(raw)["e"] == "eventStreamTerminated":
            raise ReconnectNow("ended")

    async with serve(account.serve, "127.0.0.1", 0, ping_interval=None) as server:
        port = server.sockets[0].getsockname()[1]
        session = UserDataSession(
            url=f"ws://127.0.0.1:{port}",
            credentials=Credentials("simApiKey0001", HmacSigner("secret")),
            clock=ServerClock(),
            recv_window_ms=5_000,
            deliver=deliver,
            report_state=listener.link,
            measure_clock=measure,
            timing=HASTY,
        )
        running = asyncio.create_task(session.run())
        try:
            yield account, listener, measured
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def test_account_events_flow_after_a_signed_subscription():
    async with user_session() as (account, listener, _):
        await listener.until("link", LinkState.LIVE)
        request = account.requests[0]
        assert account.connections[0].request.path == "/ws-api/v3"
        assert request["method"] == "userDataStream.subscribe.signature"
        params = request["params"]
        payload = f"apiKey=simApiKey0001&recvWindow=5000&timestamp={params['timestamp']}"
        assert params["signature"] == HmacSigner("secret").sign(payload)
        event = {"subscriptionId": 0, "event": {"e": "balanceUpdate", "E": 1}}
        await account.connections[0].send(json.dumps(event))
        assert (await listener.until("event"))[1] == {"e": "balanceUpdate", "E": 1}


async def test_the_end_of_account_events_subscribes_again():
    async with user_session() as (account, listener, _):
        await listener.until("link", LinkState.LIVE)
        await account.connections[0].send('{"event":{"e":"eventStreamTerminated","E":1},"subscriptionId":0}')
        await listener.until("link", LinkState.LIVE, times=2)
        assert len(account.connections) == 2


async def test_a_refused_subscription_says_why_and_is_tried_again():
    async with user_session([(-2015, "Invalid API-key, IP, or permissions for action.")]) as (_, listener, measured):
        detail = (await listener.until("link", LinkState.DOWN))[2]
        assert "check the API key" in detail
        await listener.until("link", LinkState.LIVE)
        assert measured == []


async def test_a_wrong_clock_is_measured_before_trying_again():
    async with user_session([(-1021, "Timestamp for this request is outside of the recvWindow.")]) as (
        _,
        listener,
        measured,
    ):
        await listener.until("link", LinkState.LIVE)
        assert measured == [1]
