"""Whether the hosts of a product answer, and what time they think it is."""

import asyncio
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from tui.binance.environment import ProductUrls, is_loopback
from tui.binance.errors import BinanceError, reason_of
from tui.binance.http import RestTransport
from tui.binance.limits import RateLimits
from tui.domain.product import Product

_ANSWER_S = 6.0
_WEIGHT_PER_MINUTE = 2_400
_TIME_PATHS = {Product.USDM: "/fapi/v1/time", Product.COINM: "/dapi/v1/time"}
_SPOT_TIME_PATH = "/api/v3/time"


@dataclass(frozen=True, slots=True)
class HostAnswer:
    """One host; `problem` is empty when it answered. `clock_offset_ms` (server minus local) only from REST."""

    product: Product
    host: str
    purpose: str
    problem: str = ""
    latency_ms: float | None = None
    clock_offset_ms: int | None = None


async def reach(product: Product, urls: ProductUrls) -> list[HostAnswer]:
    """Ask REST for the time and open each kind of socket once; raises nothing, and ends within seconds."""
    asked = [_rest(product, urls.rest), _socket(product, urls.ws + _stream_path(urls), "streams")]
    if urls.ws_api:
        path = "" if urlsplit(urls.ws_api).path else "/ws-api/v3"
        asked.append(_socket(product, urls.ws_api + path, "WebSocket API"))
    return list(await asyncio.gather(*asked))


def _stream_path(urls: ProductUrls) -> str:
    return "/market/ws" if urls.routed else "/ws"


async def _rest(product: Product, url: str) -> HostAnswer:
    limits = RateLimits(_WEIGHT_PER_MINUTE)
    rest = RestTransport(url, _TIME_PATHS.get(product, _SPOT_TIME_PATH), limits, answer_s=_ANSWER_S)
    host = urlsplit(url).netloc
    try:
        await rest.measure_clock()
    except BinanceError as error:
        return HostAnswer(product, host, "REST", str(error))
    finally:
        await rest.close()
    return HostAnswer(product, host, "REST", "", rest.latency_ms, rest.clock.offset_ms)


async def _socket(product: Product, url: str, purpose: str) -> HostAnswer:
    host = urlsplit(url).netloc
    started = time.perf_counter()
    try:
        async with asyncio.timeout(_ANSWER_S):
            async with connect(url, proxy=None if is_loopback(url) else True, close_timeout=1):
                latency_ms = (time.perf_counter() - started) * 1000
    # ImportError: the proxy that the environment names needs a library that is not installed.
    except (OSError, WebSocketException, ImportError) as error:
        return HostAnswer(product, host, purpose, reason_of(error))
    return HostAnswer(product, host, purpose, "", latency_ms)
