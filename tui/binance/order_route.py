"""The way order requests take: over the WebSocket API while it is connected and wished for, else over REST.

The choice is made before anything is sent. A request whose answer did not come is never sent the other way.
"""

import asyncio

from tui.binance.call import Call
from tui.binance.http import RestTransport
from tui.binance.signing import Parameters
from tui.binance.ws_calls import WsCalls


class OrderRoute:
    """Sends order requests of one product. `calls` is None where orders go over REST alone."""

    def __init__(self, rest: RestTransport, calls: WsCalls | None = None) -> None:
        self._rest = rest
        self._calls = calls
        self._running: asyncio.Task[None] | None = None

    @property
    def is_fast(self) -> bool:
        """Whether the next request would go over the WebSocket API."""
        return self._calls is not None and self._calls.is_open

    def start(self) -> None:
        """Connect in the background, where that is wished for; does nothing when already done."""
        if self._calls is not None and self._running is None:
            self._running = asyncio.create_task(self._calls.run(), name="orders over the WebSocket API")

    async def close(self) -> None:
        """Close the connection; may be started again."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
            self._running = None
        if self._calls is not None:
            self._calls.give_up()

    async def request(self, call: Call, method: str, parameters: Parameters) -> bytes:
        """The answer to one request; `method` is its name in the WebSocket API, empty where it has none.

        Raises RefusedError or OutcomeUnknownError.
        """
        if self._calls is not None and method and self._calls.is_open:
            return await self._calls.request(call, method, parameters)
        return await self._rest.request(call, parameters)
