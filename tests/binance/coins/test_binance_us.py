"""Binance US: the interface of 2023 on hosts of its own, played by a front of the embedded exchange and by a script."""

import asyncio
import json
from contextlib import asynccontextmanager
from decimal import Decimal

import aiohttp
import pytest
from aiohttp import web
from coin_desk import Account, known

from tui.binance.client import LinkState
from tui.binance.environment import ProductUrls
from tui.binance.errors import RefusedError
from tui.binance.link import LinkTiming
from tui.binance.products import open_client
from tui.binance.signing import Credentials, HmacSigner
from tui.binance.ws_api import UserDataSession
from tui.config import DataOptions, Options
from tui.domain.order import ChangeKind, LegRole, OrderChange, OrderStatus
from tui.domain.order_terms import OrderType, Side, Terms
from tui.domain.product import Product

D = Decimal

#: What came after 2023 (US docs 2024-06).
_NEWER_PATHS = ("orderList/", "order/amend", "account/commission", "/sapi/")
_NEWER_FIELDS = ("otoAllowed", "opoAllowed", "amendAllowed", "pegInstructionsAllowed", "permissionSets")
_NEWER_PARAMETERS = {"omitZeroBalances", "computeCommissionRates", "pegPriceType"}


class UsFront:
    """Binance US before the embedded exchange: takes away what US lacks, and has listen keys with bare events."""

    def __init__(self, desk):
        self._desk = desk
        self.refused = []
        self.hears = asyncio.Event()

    async def answer(self, request):
        if request.path == "/api/v3/userDataStream":
            return web.json_response({"listenKey": "us-key"} if request.method == "POST" else {})
        if any(path in request.path for path in _NEWER_PATHS):
            self.refused.append(request.path)
            return web.Response(status=404)
        if unknown := _NEWER_PARAMETERS & request.query.keys():
            self.refused.append(unknown)
            return web.json_response({"code": -1101, "msg": "Too many parameters."}, status=400)
        address = f"{self._desk.urls.rest}{request.raw_path}"
        headers = {"X-MBX-APIKEY": request.headers.get("X-MBX-APIKEY", "")}
        async with (
            aiohttp.ClientSession() as session,
            session.request(request.method, address, headers=headers, data=await request.read()) as said,
        ):
            body = await said.json()
        if request.path.endswith("exchangeInfo"):
            for symbol in body["symbols"]:
                for field in _NEWER_FIELDS:
                    symbol.pop(field, None)
        return web.json_response(body, status=said.status)

    async def socket(self, request):
        """The account's events without the wrapper that newer ones have."""
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        client = await self._desk.client()

        def pass_on(event):
            task = asyncio.create_task(socket.send_bytes(bytes(event)))
            told.add(task)

        told = set()
        session = UserDataSession(
            url=self._desk.urls.ws_api,
            credentials=self._desk.credentials(),
            clock=client.rest.clock,
            recv_window_ms=5_000,
            deliver=pass_on,
            report_state=lambda state, _: self.hears.set() if state is LinkState.LIVE else None,
            measure_clock=client.rest.measure_clock,
            timing=LinkTiming(),
        )
        running = asyncio.create_task(session.run())
        async for _ in socket:
            continue
        running.cancel()
        await asyncio.gather(running, *told, return_exceptions=True)
        return socket


@asynccontextmanager
async def served(host):
    """A host on this machine, by its addresses."""
    application = web.Application()
    application.router.add_get("/ws/{key}", host.socket)
    application.router.add_route("*", "/{path:.*}", host.answer)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    try:
        yield ProductUrls(f"http://127.0.0.1:{port}", f"ws://127.0.0.1:{port}", f"ws://127.0.0.1:{port}")
    finally:
        await runner.cleanup()


async def test_from_start_to_order_and_back(desk):
    front = UsFront(desk)
    async with served(front) as urls:
        client = await desk.client(us=True, urls=urls)
        account = await desk.follow(client)
        await front.hears.wait()
        of = desk.instruments["BTCUSDT"]
        assert (await client.account()).can_trade
        assert (await client.book_snapshot(of)).bids
        order = desk.order(price=desk.price(-3))
        placed = known(order, await client.place(order))
        await account.report(order, "NEW")
        assert [one.client_order_id for one in await client.open_orders_of([of])] == [order.client_order_id]
        smaller = OrderChange(quantity=D("0.005"))
        assert client.change_kind(placed, smaller) is ChangeKind.REPLACES, "US cannot amend"
        changed = await client.change(placed, smaller, "tui-smaller")
        assert changed.replacement.quantity == D("0.005")
        await account.report(order, "CANCELED")
        assert (await client.cancel(known(desk.order(), changed.replacement))).status is OrderStatus.CANCELED
        bought = desk.order(type_=OrderType.MARKET)
        await client.place(bought)
        filled = await account.report(bought, "FILLED")
        assert filled.fill is not None
        assert len(await client.fills(of, 0)) == 1
        assert account.links[0][0] is LinkState.CONNECTING
        assert [state for state, _ in account.links].count(LinkState.LIVE) == 1
        assert front.refused == [], "nothing is asked of US that it lacks"


class UsHost:
    """What Binance US says that the embedded exchange does not: fields left blank, its own fee address."""

    def __init__(self):
        self.asked, self.sockets = [], []

    async def answer(self, request):
        self.asked.append((request.method, request.path, dict(request.query)))
        body = {
            "/api/v3/time": {"serverTime": 1_795_400_000_000},
            "/api/v3/userDataStream": {"listenKey": "us-key"},
            "/sapi/v1/asset/query/trading-fee": [
                {"symbol": "BTCUSDT", "makerCommission": "0.004", "takerCommission": "0.006"}
            ],
            "/api/v3/order/oco": {
                "orderListId": 5, "symbol": "BTCUSDT", "orderReports": [
                    {"symbol": "BTCUSDT", "orderId": 1, "clientOrderId": request.query.get("limitClientOrderId", "")},
                    {"symbol": "BTCUSDT", "orderId": 2, "clientOrderId": request.query.get("stopClientOrderId", "")},
                ],
            },
        }  # fmt: skip
        return web.json_response(body[request.path])

    async def socket(self, request):
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.asked.append(("SOCKET", request.path, {}))
        self.sockets.append(socket)
        async for _ in socket:
            continue
        return socket


@asynccontextmanager
async def us_host():
    host = UsHost()
    async with served(host) as urls:
        options = Options(data=DataOptions(us=True))
        client = open_client(Product.SPOT, urls, Credentials("k", HmacSigner("s")), options)
        await client.open()
        try:
            yield client, host
        finally:
            await client.close()


async def test_it_has_listen_keys_and_fields_left_blank(desk):
    async with us_host() as (client, host):
        account = Account()
        running = asyncio.create_task(client.user_stream(account).run())
        try:
            await account.live()
            event = {"e": "executionReport", "E": 1, "s": "BTCUSDT", "c": "", "S": "BUY", "o": "LIMIT", "f": "GTC",
                     "q": "1", "p": "100", "x": "CANCELED", "X": "CANCELED", "i": 7, "z": "0", "T": 2,
                     "C": None, "V": ""}  # fmt: skip
            await host.sockets[0].send_str(json.dumps(event))
            report = await account.until(lambda: account.reports and account.reports[0])
            assert (report.order_id, report.client_order_id, report.terms) == (7, "", Terms())
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
        assert ("SOCKET", "/ws/us-key", {}) in host.asked


async def test_it_tells_fees_elsewhere_and_knows_oco_alone(desk):
    await desk.client()
    async with us_host() as (client, host):
        fee = await client.commission(desk.instruments["BTCUSDT"])
        assert (fee.maker, fee.taker) == (D("0.004"), D("0.006"))
        legs = [
            desk.order(side=Side.SELL, price=desk.price(3), role=LegRole.TAKE_PROFIT),
            desk.order(type_=OrderType.STOP_MARKET, side=Side.SELL, terms=Terms(D(9)), role=LegRole.STOP_LOSS),
        ]
        reports = await client.lists.place(legs, "tui-list", sized_from_entry=False)
        assert [report.order_id for report in reports] == [1, 2]
        entry = desk.order(price=desk.price(-3), role=LegRole.ENTRY)
        with pytest.raises(RefusedError, match="UNSUPPORTED_OCO"):
            await client.lists.place([entry, legs[0]], "tui-list", sized_from_entry=False)
        assert not [path for _, path, _ in host.asked if "orderList/" in path]
