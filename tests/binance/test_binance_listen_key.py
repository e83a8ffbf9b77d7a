"""The account's events of futures over real sockets on this machine: keys are made, renewed and replaced."""

import asyncio
import json
import time
from contextlib import asynccontextmanager
from decimal import Decimal

import pytest
from aiohttp import WSMsgType, web
from binance_listener import Listener

from tui.binance.client import AccountState, LinkState
from tui.binance.environment import ProductUrls
from tui.binance.futures.user_stream import FuturesUserStream, ListenKeySession
from tui.binance.http import RestTransport
from tui.binance.limits import RateLimits
from tui.binance.link import LinkTiming
from tui.binance.signing import Credentials, HmacSigner
from tui.binance.usdm.client import DIALECT, UsdmClient
from tui.domain.account import Balance, Position, SymbolConfig
from tui.domain.product import Product

CREDENTIALS = Credentials("apikey", HmacSigner("secret"))
HASTY = LinkTiming(ping_s=0.05, backoff_first_s=0.01, backoff_longest_s=0.02, refused_s=0.02, tick_s=0.02)


class Exchange:
    """Listen keys and the sockets under them; `renewals` are the answers to come, success once they run out."""

    def __init__(self):
        self.keys = 0
        self.renewed = 0
        self.third_renewal = asyncio.Event()
        self.renewals = []
        self.sockets = []
        self.opened_under = []

    async def start_key(self, request):
        assert request.headers["X-MBX-APIKEY"] == "apikey"
        assert "signature" not in request.query
        self.keys += 1
        return web.json_response({"listenKey": f"key{self.keys}"})

    async def renew(self, _request):
        self.renewed += 1
        if self.renewed == 3:
            self.third_renewal.set()
        if self.renewals:
            status, body = self.renewals.pop(0)
            return web.json_response(body, status=status)
        return web.json_response({})

    async def socket(self, request):
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        self.opened_under.append(request.path)
        self.sockets.append(ws)
        async for message in ws:
            assert message.type is WSMsgType.TEXT
        return ws


@asynccontextmanager
async def exchange():
    served = Exchange()
    app = web.Application()
    app.router.add_post("/fapi/v1/listenKey", served.start_key)
    app.router.add_put("/fapi/v1/listenKey", served.renew)
    app.router.add_get("/ws/{key}", served.socket)
    app.router.add_get("/private/ws/{key}", served.socket)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    rest = RestTransport(f"http://127.0.0.1:{port}", "/time", RateLimits(2_400), CREDENTIALS)
    try:
        yield served, rest, f"ws://127.0.0.1:{port}"
    finally:
        await rest.close()
        await runner.cleanup()


class Heard(Listener):
    """What the account's stream tells as well."""

    def on_order_report(self, report):
        self._note("report", report)

    def on_balances(self, balances):
        self._note("balances", balances)

    def on_positions(self, positions):
        self._note("positions", positions)

    def on_user_link(self, product, state, detail):
        self._note("link", state, detail)


@asynccontextmanager
async def session(renew_every_s=1_000.0, routed=False, most_failures=3):
    async with exchange() as (served, rest, ws):
        heard = Heard()
        urls = ProductUrls(ws.replace("ws", "http", 1), ws, routed=routed)
        link = ListenKeySession(
            rest, urls, DIALECT, lambda frame: None, heard.link, HASTY, most_failures, renew_every_s
        )
        running = asyncio.create_task(link.run())
        try:
            yield served, heard
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def test_key_is_renewed_while_the_connection_stands():
    async with session(renew_every_s=0.05) as (served, heard):
        await heard.until("link", LinkState.LIVE)
        await asyncio.wait_for(served.third_renewal.wait(), 30)
        assert (served.keys, served.opened_under) == (1, ["/ws/key1"])


async def test_key_is_renewed_at_once_after_this_machine_slept(monkeypatch):
    async with session() as (served, heard):
        await heard.until("link", LinkState.LIVE)
        awake = time.time
        monkeypatch.setattr("tui.binance.futures.user_stream.time.time", lambda: awake() + 3_000)
        served.renewals = [(400, {"code": -1125, "msg": "This listenKey does not exist."})]
        await heard.until("link", LinkState.LIVE, times=2)
        assert (served.renewed, served.opened_under) == (1, ["/ws/key1", "/ws/key2"])


async def test_routed_hosts_have_a_private_path():
    async with session(routed=True) as (served, heard):
        await heard.until("link", LinkState.LIVE)
        assert served.opened_under == ["/private/ws/key1"]


async def test_an_unknown_key_is_replaced_at_once():
    async with session(renew_every_s=0.05) as (served, heard):
        served.renewals = [(400, {"code": -1125, "msg": "This listenKey does not exist."})]
        await heard.until("link", LinkState.LIVE, times=2)
        assert served.opened_under == ["/ws/key1", "/ws/key2"]


@pytest.mark.parametrize("most", [1, 3])
async def test_failed_renewals_are_tried_again_before_the_key_is_replaced(most):
    async with session(renew_every_s=0.05, most_failures=most) as (served, heard):
        served.renewals = [(500, {"code": -1000, "msg": "An unknown error occurred."})] * most
        await heard.until("link", LinkState.LIVE, times=2)
        assert served.renewed >= most
        assert served.opened_under == ["/ws/key1", "/ws/key2"]


async def test_no_report_and_no_log_shows_the_key(caplog):
    caplog.set_level("DEBUG")
    async with session() as (served, heard):
        await heard.until("link", LinkState.LIVE)
        await served.sockets[0].close()
        await heard.until("link", LinkState.LIVE, times=2)
        ours = [record.getMessage() for record in caplog.records if record.name.startswith("tui")]
        assert "key1" not in " ".join(ours) + str(heard.notes)


async def test_events_are_delivered_and_the_account_read_again():
    balance = Balance(Product.USDM, "USDT", Decimal(90), Decimal(10), 1)
    position = Position(Product.USDM, "BTCUSDT-PERP", Decimal(1), Decimal(100), 1, leverage=20)
    reads = []

    async def read():
        reads.append(1)
        return AccountState([balance], [position])

    async with exchange() as (served, _, ws):
        heard = Heard()
        client = UsdmClient(ProductUrls(ws.replace("ws", "http", 1), ws), CREDENTIALS)
        client.account = read
        client.configs = {"BTCUSDT-PERP": SymbolConfig("BTCUSDT-PERP", 5, False)}
        stream = FuturesUserStream(client, heard, HASTY)
        running = asyncio.create_task(stream.run())
        await heard.until("link", LinkState.LIVE)
        change = {"m": "ORDER", "B": [], "P": [{"s": "BTCUSDT", "pa": "1", "ep": "100", "ps": "BOTH"}]}
        await served.sockets[0].send_str(json.dumps({"e": "ACCOUNT_UPDATE", "E": 2, "T": 1, "a": change}))
        assert (await heard.until("positions"))[1][0].leverage == 5
        assert (await heard.until("balances"))[1] == [balance]
        assert (await heard.until("positions", times=2))[1] == [position]
        assert len(reads) == 1
        await served.sockets[0].send_str(json.dumps({"e": "listenKeyExpired", "E": 1, "listenKey": "key1"}))
        assert (await heard.until("link", LinkState.DOWN))[2] == "the listen key expired"
        await heard.until("link", LinkState.LIVE, times=2)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await client.close()
