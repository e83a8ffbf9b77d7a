"""A gateway between terminal and exchange that floods one futures book and notes when orders arrive.

Everything passes through, except the depth of one symbol: its snapshot and messages are made here, thousands a second,
with prices and ids that link as Binance's do. Run as a process; commands come as lines on stdin: `rate N` sets messages
a second, `book` answers with the book as JSON, `orders` with the times of the orders since the last time it was asked.
"""

import asyncio
import json
import random
import sys
import time
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType, web

SYMBOL = "BTCUSDT"
_LEVELS = 500
_PULSE_S = 0.005


class FloodedBook:
    """A book of whole-dollar prices that changes one level a message."""

    def __init__(self, middle: int) -> None:
        self._random = random.Random(7)
        self._middle = middle
        self.last_id = 1_000_000
        self.bids = {middle - 1 - step: self._size() for step in range(_LEVELS)}
        self.asks = {middle + 1 + step: self._size() for step in range(_LEVELS)}

    def _size(self) -> str:
        return f"{self._random.randint(1, 9_999) / 1000:.3f}"

    def change(self) -> dict[str, Any]:
        """Change one level a side, mostly near the touch, and say so as the exchange does."""
        near = min(_LEVELS - 1, int(self._random.expovariate(1 / 12)))
        bid, ask = self._middle - 1 - near, self._middle + 1 + near
        self.bids[bid], self.asks[ask] = self._size(), self._size()
        before, self.last_id = self.last_id, self.last_id + 2
        now = time.time_ns() // 1_000_000
        levels = {"b": [[f"{bid}.00", self.bids[bid]]], "a": [[f"{ask}.00", self.asks[ask]]]}
        ids = {"U": before + 1, "u": self.last_id, "pu": before}
        return {"e": "depthUpdate", "E": now, "T": now, "s": SYMBOL} | ids | levels

    def snapshot(self) -> dict[str, Any]:
        """The body of GET /fapi/v1/depth."""
        now = time.time_ns() // 1_000_000
        bids = [[f"{price}.00", self.bids[price]] for price in sorted(self.bids, reverse=True)]
        asks = [[f"{price}.00", self.asks[price]] for price in sorted(self.asks)]
        return {"lastUpdateId": self.last_id, "E": now, "T": now, "bids": bids, "asks": asks}


class Gateway:
    """Passes one product's traffic through to the exchange."""

    def __init__(self, upstream: str, book: FloodedBook | None) -> None:
        self._upstream = upstream
        self._book = book
        self.rate = 0
        self.orders: list[float] = []
        self.sent = 0

    def application(self) -> web.Application:
        """The server side."""
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self._pass)
        return application

    async def _pass(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._pass_socket(request)
        if request.method == "POST" and request.path.endswith("/order"):
            self.orders.append(time.perf_counter())
        if self._book is not None and request.path == "/fapi/v1/depth" and request.query.get("symbol") == SYMBOL:
            return web.json_response(self._book.snapshot())
        body = await request.read()
        url = f"http://{self._upstream}{request.raw_path}"
        headers = {key: value for key, value in request.headers.items() if key.lower() not in ("host", *_HOP)}
        async with (
            ClientSession(auto_decompress=False) as session,
            session.request(request.method, _exact(url), data=body, headers=headers) as answer,
        ):
            kept = {key: value for key, value in answer.headers.items() if key.lower() not in _HOP}
            return web.Response(body=await answer.read(), status=answer.status, headers=kept)

    async def _pass_socket(self, request: web.Request) -> web.WebSocketResponse:
        here = web.WebSocketResponse(max_msg_size=0)
        await here.prepare(request)
        async with (
            ClientSession() as session,
            session.ws_connect(_exact(f"ws://{self._upstream}{request.raw_path}"), max_msg_size=0) as there,
        ):
            up = asyncio.create_task(self._upwards(here, there))
            try:
                await self._downwards(there, here)
            finally:
                up.cancel()
        return here

    async def _upwards(self, here: web.WebSocketResponse, there: ClientWebSocketResponse) -> None:
        async for message in here:
            if message.type is WSMsgType.TEXT:
                if "order.place" in message.data:
                    self.orders.append(time.perf_counter())
                await there.send_str(message.data)
        await there.close()

    async def _downwards(self, there: ClientWebSocketResponse, here: web.WebSocketResponse) -> None:
        flood: asyncio.Task[None] | None = None
        try:
            async for message in there:
                if message.type is not WSMsgType.TEXT:
                    continue
                if self._book is not None and _is_depth(message.data):
                    if flood is None:
                        flood = asyncio.create_task(self._flood(here, json.loads(message.data)["stream"]))
                else:
                    await here.send_str(message.data)
        finally:
            if flood is not None:
                flood.cancel()

    async def _flood(self, here: web.WebSocketResponse, stream: str) -> None:
        """Send what is due at each pulse: a late pulse sends more, so that the rate holds."""
        assert self._book is not None
        due, last = 1.0, time.perf_counter()
        while not here.closed:
            now = time.perf_counter()
            due, last = due + (now - last) * self.rate, now
            for _ in range(int(due)):
                await here.send_str(json.dumps({"stream": stream, "data": self._book.change()}))
                self.sent += 1
            due -= int(due)
            await asyncio.sleep(_PULSE_S)


_HOP = ("transfer-encoding", "content-length", "connection")


def _exact(url: str) -> Any:
    from yarl import URL

    return URL(url, encoded=True)


def _is_depth(text: str) -> bool:
    return f'"{SYMBOL.lower()}@depth' in text and '"depthUpdate"' in text


async def serve(ready: dict[str, Any]) -> None:
    """Open the gateways, print their addresses, and obey stdin until it ends."""
    book = FloodedBook(int(sys.argv[2]))
    gateways, addresses = {}, {}
    for product in ("spot", "usdm"):
        upstream = ready[product]["rest"].removeprefix("http://")
        gateway = gateways[product] = Gateway(upstream, book if product == "usdm" else None)
        runner = web.AppRunner(gateway.application(), access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host = f"127.0.0.1:{runner.addresses[0][1]}"
        addresses[product] = {name: url.replace(upstream, host) for name, url in ready[product].items()}
    print(json.dumps(addresses), flush=True)
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    futures = gateways["usdm"]
    while line := (await reader.readline()).decode().split():
        if line[0] == "rate":
            futures.rate = int(line[1])
            print(json.dumps(futures.sent), flush=True)
        elif line[0] == "book":
            print(json.dumps(book.snapshot()), flush=True)
        elif line[0] == "orders":
            print(json.dumps(futures.orders), flush=True)
            futures.orders = []


if __name__ == "__main__":
    asyncio.run(serve(json.loads(sys.argv[1])))
