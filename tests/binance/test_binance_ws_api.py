"""The account's events of spot over real sockets on this machine."""

import asyncio
import base64
import json
from contextlib import asynccontextmanager
from dataclasses import replace

import msgspec
from binance_listener import Listener
from websockets.asyncio.server import serve
from websockets.protocol import State

from tui.binance.client import LinkState
from tui.binance.clock import ServerClock
from tui.binance.link import LinkTiming, ReconnectNow
from tui.binance.signing import Credentials, HmacSigner, signer_for
from tui.binance.ws_api import UserDataSession

HASTY = LinkTiming(ping_s=0.05, backoff_first_s=0.01, backoff_longest_s=0.02, refused_s=0.02, tick_s=0.02)


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
async def user_session(refusals=(), timing=HASTY, credentials=None):
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
            credentials=credentials or Credentials("simApiKey0001", HmacSigner("secret")),
            clock=ServerClock(),
            recv_window_ms=5_000,
            deliver=deliver,
            report_state=listener.link,
            measure_clock=measure,
            timing=timing,
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
        assert "API key refused" in detail
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


async def test_the_daily_cut_is_forestalled_without_missing_an_event():
    async with user_session(timing=replace(HASTY, rotate_s=0.3, overlap_s=0.05)) as (account, listener, _):
        await listener.until("link", LinkState.LIVE)
        for number in range(60):
            for connection in account.connections:
                if connection.state is State.OPEN:
                    await connection.send(json.dumps({"subscriptionId": 0, "event": {"e": "told", "n": number}}))
            await asyncio.sleep(0.02)
        await listener.until("event", {"e": "told", "n": 59})
        told = [note[1]["n"] for note in listener.notes if note[0] == "event"]
        assert set(told) == set(range(60))
        assert len(account.connections) > 2
        assert [note[1] for note in listener.notes if note[0] == "link"] == [LinkState.CONNECTING, LinkState.LIVE]


async def test_an_ed25519_key_logs_the_session_on():
    seed = base64.b64encode(bytes.fromhex("302e020100300506032b657004220420") + bytes(range(32))).decode()
    async with user_session(credentials=Credentials("simApiKey0001", signer_for(seed))) as (account, listener, _):
        await listener.until("link", LinkState.LIVE)
        logon, subscription = account.requests
        assert (logon["method"], subscription["method"]) == ("session.logon", "userDataStream.subscribe")
        assert len(logon["params"]["signature"]) == 88
        assert subscription["params"] == {}
