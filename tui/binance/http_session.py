"""One pool of warm HTTP connections; what failed is told apart into never sent and outcome unknown."""

from collections.abc import Mapping

import aiohttp
from aiohttp.helpers import get_env_proxy_for_url
from yarl import URL

from tui.binance import bounds
from tui.binance.environment import is_loopback
from tui.binance.errors import OutcomeUnknownError, UnsentError, reason_of

_CONNECT_S = 5.0
#: Longer than any pause between two requests of a transport that keeps itself warm.
_KEPT_ALIVE_S = 40.0
_MOST_CONNECTIONS = 16


class HttpSession:
    """Requests to one host, each answered within `answer_s`; lives in the event loop that made it."""

    def __init__(self, base_url: str, answer_s: float, proxy_url: str = "") -> None:
        proxy, proxy_auth = _proxy(base_url, proxy_url)
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=answer_s, connect=min(_CONNECT_S, answer_s)),
            connector=aiohttp.TCPConnector(keepalive_timeout=_KEPT_ALIVE_S, limit=_MOST_CONNECTIONS),
            proxy=proxy,
            proxy_auth=proxy_auth,
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def send(
        self, method: str, path: str, address: str, headers: dict[str, str]
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Status, headers and body of the answer to a request for exactly this address; errors name the path alone.

        Raises UnsentError or OutcomeUnknownError. A DELETE, never a POST, is repeated by aiohttp when a kept-alive
        connection proves dead. A cancel that was executed the first time is then answered with -2011, so a cancel
        refused with that code has to be looked up.
        """
        name, url = f"{method} {path}", URL(address, encoded=True)
        try:
            async with self._session.request(method, url, headers=headers, allow_redirects=False) as response:
                body = await _whole(response, name)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise UnsentError(f"{name}: no connection ({reason_of(error)})") from None
        except TimeoutError:
            raise OutcomeUnknownError(f"{name}: no answer in time") from None
        except (aiohttp.ClientError, OSError) as error:
            raise OutcomeUnknownError(f"{name}: connection lost ({reason_of(error)})") from None
        return response.status, response.headers, body

    async def close(self) -> None:
        """Close every connection."""
        await self._session.close()


def _proxy(base_url: str, proxy_url: str) -> tuple[URL | None, aiohttp.BasicAuth | None]:
    """The proxy to go by: the one given, else what the environment names for this host; none on this machine.

    Looked up once. With `trust_env` aiohttp reads the netrc file before each request, in another thread: an order would
    leave a good while later, and with whatever password that file holds for the exchange's host.
    """
    if proxy_url or is_loopback(base_url):
        return URL(proxy_url) if proxy_url else None, None
    try:
        return get_env_proxy_for_url(URL(base_url))
    except LookupError:
        return None, None


async def _whole(response: aiohttp.ClientResponse, name: str) -> bytes:
    """The body, unpacked, as long as it is not larger than anything Binance sends; raises OutcomeUnknownError."""
    parts, length = [], 0
    async for part in response.content.iter_any():
        parts.append(part)
        length += len(part)
        if length > bounds.BODY_BYTES:
            response.close()
            raise OutcomeUnknownError(f"{name}: the answer is larger than {bounds.BODY_BYTES >> 20} MB")
    return b"".join(parts)
