"""Where the mirrored markets come from: public REST and streams of a Binance exchange, no key needed.

REST and streams as in the Spot and Derivatives API docs (depth, klines, ticker/price; `<symbol>@depth@100ms`, `@trade`,
futures `@aggTrade`). Streams of Binance's own USD-M hosts are split: books under `/public`, prints under `/market`.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import aiohttp
import msgspec

from tui.domain.product import Product

_REST = {Product.SPOT: "/api/v3", Product.USDM: "/fapi/v1", Product.COINM: "/dapi/v1"}
_AT_ONCE = 6
_TIMEOUT = aiohttp.ClientTimeout(total=20)
_LEVELS = 500
_AGAIN_AFTER_S = 2.0


class SourceError(Exception):
    """The mirrored exchange cannot be asked; the text says what and why."""


class Address(NamedTuple):
    """Base addresses of one product; `routed` where its streams are split into `/public` and `/market`."""

    rest: str
    ws: str
    routed: bool = False


class Source:
    """One product of the mirrored exchange."""

    def __init__(self, product: Product, address: Address, symbols: Iterable[str]) -> None:
        self.product = product
        self._address = address
        self._symbols = tuple(symbols)

    async def prices(self, session: aiohttp.ClientSession) -> dict[str, Decimal]:
        """The last price of every symbol of ours that the source has; raises SourceError."""
        rows = await self._get(session, "/ticker/price", {})
        listed = {str(row["symbol"]): Decimal(str(row["price"])) for row in rows}
        return {symbol: listed[symbol] for symbol in self._symbols if symbol in listed}

    async def minutes(self, session: aiohttp.ClientSession, symbols: Iterable[str], count: int) -> dict[str, list[Any]]:
        """The last so many one-minute candles of each symbol, as klines rows; raises SourceError."""
        gate = asyncio.Semaphore(_AT_ONCE)

        async def one(symbol: str) -> tuple[str, list[Any]]:
            async with gate:
                words = {"symbol": symbol, "interval": "1m", "limit": str(count)}
                return symbol, await self._get(session, "/klines", words)

        return dict(await asyncio.gather(*(one(symbol) for symbol in symbols)))

    async def snapshot(self, session: aiohttp.ClientSession, symbol: str) -> Any:
        """A book as the depth request answers it; raises SourceError."""
        return await self._get(session, "/depth", {"symbol": symbol, "limit": str(_LEVELS)})

    async def listen(
        self,
        session: aiohttp.ClientSession,
        symbols: Sequence[str],
        heard: Callable[[Any], None],
        lost: Callable[[], None],
    ) -> None:
        """Hand on every event of books and prints, connecting again whenever the link ends; until cancelled."""
        prints = "aggTrade" if self.product.is_futures else "trade"
        books = [f"{symbol.lower()}@depth@100ms" for symbol in symbols]
        trades = [f"{symbol.lower()}@{prints}" for symbol in symbols]
        if self._address.routed:
            await asyncio.gather(
                self._link(session, "/public/stream", books, heard, lost),
                self._link(session, "/market/stream", trades, heard, lost),
            )
        else:
            await self._link(session, "/stream", books + trades, heard, lost)

    async def _link(
        self,
        session: aiohttp.ClientSession,
        path: str,
        names: Sequence[str],
        heard: Callable[[Any], None],
        lost: Callable[[], None],
    ) -> None:
        url = f"{self._address.ws}{path}?streams={'/'.join(names)}"
        while True:
            try:
                async with session.ws_connect(url, heartbeat=20, max_msg_size=0) as socket:
                    async for frame in socket:
                        if frame.type is aiohttp.WSMsgType.TEXT:
                            heard(msgspec.json.decode(frame.data)["data"])
            except (aiohttp.ClientError, OSError, msgspec.DecodeError, KeyError, TimeoutError):
                pass  # whatever ended the link, it is made again
            lost()
            await asyncio.sleep(_AGAIN_AFTER_S)

    async def _get(self, session: aiohttp.ClientSession, path: str, words: dict[str, str]) -> Any:
        url = f"{self._address.rest}{_REST[self.product]}{path}"
        try:
            async with session.get(url, params=words, timeout=_TIMEOUT) as answer:
                body = await answer.read()
                if answer.status != 200:
                    raise SourceError(f"{url} answered {answer.status}")
                return msgspec.json.decode(body)
        except (aiohttp.ClientError, OSError, TimeoutError, msgspec.DecodeError) as error:
            raise SourceError(f"{url} cannot be reached: {error or type(error).__name__}") from error
