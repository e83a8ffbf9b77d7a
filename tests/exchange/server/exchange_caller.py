"""A client of the embedded exchange that signs, for tests over real sockets."""

import base64
import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import aiohttp
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from yarl import URL

from tui.exchange.exchange import Exchange
from tui.exchange.run import Ready
from tui.exchange.server.app import ProductServer


def sign(key: dict[str, Any], payload: str) -> str:
    """A signature with any of the exchange's keys."""
    if key["type"] == "HMAC":
        return hmac.new(key["api_secret"].encode(), payload.encode(), hashlib.sha256).hexdigest()
    private: Any = load_pem_private_key(key["private_key"].encode(), None)
    if key["type"] == "RSA":
        return base64.b64encode(private.sign(payload.encode(), PKCS1v15(), SHA256())).decode()
    return base64.b64encode(private.sign(payload.encode())).decode()


@dataclass
class Caller:
    """Asks one exchange over HTTP and WebSocket."""

    session: aiohttp.ClientSession
    ready: Ready
    exchange: Exchange
    servers: list[ProductServer]

    def key(self, kind: str = "HMAC") -> dict[str, str]:
        return next(key for key in self.ready["keys"] if key["type"] == kind)

    async def get(self, product: str, path: str, **parameters: Any) -> tuple[int, Any]:
        return await self.ask("GET", product, path, signed=False, **parameters)

    async def ask(
        self, method: str, product: str, path: str, *, signed: bool = True, kind: str = "HMAC", **parameters: Any
    ) -> tuple[int, Any]:
        """Status and decoded body."""
        status, body, _ = await self.ask_with_headers(method, product, path, signed=signed, kind=kind, **parameters)
        return status, body

    async def ask_with_headers(
        self, method: str, product: str, path: str, *, signed: bool = True, kind: str = "HMAC", **parameters: Any
    ) -> tuple[int, Any, Any]:
        query, headers = urlencode(parameters), {}
        if signed:
            key = self.key(kind)
            query = urlencode({"timestamp": int(time.time() * 1000)} | parameters)
            query += "&" + urlencode({"signature": sign(key, query)})
            headers["X-MBX-APIKEY"] = key["api_key"]
        url = self.ready[product]["rest"] + path + ("?" + query if query else "")
        # encoded=True: the bytes that were signed are the bytes that are sent.
        async with self.session.request(method, URL(url, encoded=True), headers=headers) as response:
            return response.status, json.loads(await response.read()), response.headers

    def stream(self, product: str, path: str) -> Any:
        return self.session.ws_connect(self.ready[product]["ws"] + path)

    def calls(self, product: str) -> Any:
        return self.session.ws_connect(self.ready[product]["ws_api"])

    def call_parameters(self, kind: str, **parameters: Any) -> dict[str, Any]:
        """Parameters of a WebSocket API request with key, time and signature."""
        key = self.key(kind)
        full = {"apiKey": key["api_key"], "timestamp": int(time.time() * 1000)} | parameters
        payload = "&".join(f"{name}={full[name]}" for name in sorted(full))
        return full | {"signature": sign(key, payload)}

    def best(self, product: str, symbol: str = "BTCUSDT") -> tuple[str, str]:
        """Best bid and ask as texts."""
        venue = next(venue for name, venue in self.exchange.venues.items() if name.value == product)
        bid, ask = venue.best(symbol)
        assert bid is not None
        assert ask is not None
        tick = venue.listings[symbol].tick
        return tick.text(bid[0]), tick.text(ask[0])
