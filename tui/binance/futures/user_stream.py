"""The account's events of futures, by listen key (derivatives docs, November 2026, "User Data Streams").

A key lives 60 minutes and is renewed well before; when it expires the socket stays open and silent, so the announcement
of it, repeated failures to renew it and an unknown key all end in a new key and a new connection.
"""

import asyncio
import logging
import random
import time
from collections.abc import Callable

import msgspec
from websockets.asyncio.client import ClientConnection

from tui.binance.client import LinkState, UserListener
from tui.binance.environment import ProductUrls
from tui.binance.errors import NO_SUCH_LISTEN_KEY_CODE, BinanceError
from tui.binance.futures import wire
from tui.binance.futures.dialect import Dialect
from tui.binance.futures.holdings import Holdings
from tui.binance.futures.user_events import UserEvents
from tui.binance.http import RestTransport
from tui.binance.link import LinkTiming, ReconnectNow, SocketLink, timing_for
from tui.binance.refetch import Refetch
from tui.binance.wire import decode_answer
from tui.domain.order_terms import PositionSide

_log = logging.getLogger(__name__)

_RENEW_EVERY_S = 25 * 60.0
_RENEW_AGAIN_S = 30.0
#: Balances are asked for after events, a few requests of weight 5 each.
_REFETCH_EVERY_S = 2.0

_LISTEN_KEY = msgspec.json.Decoder(wire.ListenKey)


class ListenKeySession(SocketLink):
    """A socket under a listen key, which is created, renewed and replaced as needed. The key is never logged."""

    def __init__(
        self,
        rest: RestTransport,
        urls: ProductUrls,
        dialect: Dialect,
        deliver: Callable[[bytes], None],
        report_state: Callable[[LinkState, str], None],
        timing: LinkTiming,
        most_failures: int = 3,
        renew_every_s: float = _RENEW_EVERY_S,
    ) -> None:
        super().__init__(timing)
        self.tap = rest.tap
        self._rest = rest
        self._base = urls.ws_private
        self._start, self._renew = dialect.key("POST"), dialect.key("PUT")
        self._deliver = deliver
        self._report_state = report_state
        self._most_failures = most_failures
        self._renew_every_s = renew_every_s
        self._renew_at_s = 0.0
        self._renew_by_s = 0.0
        self._failures = 0

    async def address(self) -> str:
        """The private address under a valid key; asking again while one is valid gives the same, good for longer."""
        body = await self._rest.request(self._start)
        return f"{self._base}/ws/{decode_answer(_LISTEN_KEY, body, self._start.path).listenKey}"

    async def opened(self, socket: ClientConnection) -> None:
        """Events flow as soon as the socket is open."""
        self._failures = 0
        self._renew_in(self._renew_every_s * random.uniform(0.9, 1.0))
        self.live()

    async def tick(self, socket: ClientConnection) -> None:
        """Renew the key when it is time, and at once after this machine slept: only the clock of the day went on."""
        if asyncio.get_running_loop().time() < self._renew_at_s and time.time() < self._renew_by_s:
            return
        try:
            await self._rest.request(self._renew)
        except BinanceError as error:
            self._failures += 1
            _log.warning("the listen key was not renewed: %s", error)
            if error.code == NO_SUCH_LISTEN_KEY_CODE or self._failures >= self._most_failures:
                raise ReconnectNow("the listen key could not be renewed") from None
            self._renew_in(min(_RENEW_AGAIN_S, self._renew_every_s))
            return
        self._failures = 0
        self._renew_in(self._renew_every_s * random.uniform(0.9, 1.0))

    def _renew_in(self, seconds: float) -> None:
        self._renew_at_s = asyncio.get_running_loop().time() + seconds
        self._renew_by_s = time.time() + seconds

    def received(self, frame: bytes) -> None:
        """Take one event."""
        self._deliver(frame)

    def report(self, state: LinkState, detail: str) -> None:
        """Pass it on."""
        self._report_state(state, detail)


class FuturesUserStream:
    """The account's events of one product. See `client.UserStream`.

    Events name what changed but neither free margin nor liquidation price, so the account is read again after them.
    """

    def __init__(self, client: Holdings, listener: UserListener, timing: LinkTiming | None = None) -> None:
        self._client = client
        self._listener = listener
        self._events = UserEvents(client, listener, self._changed)
        self._refetch = Refetch(self._tell_account, _REFETCH_EVERY_S)
        self._changes = 0
        self._told: set[tuple[str, PositionSide]] = set()
        self._session = ListenKeySession(
            client.rest,
            client.urls,
            client.dialect,
            self._events.take,
            self._report_state,
            timing or timing_for(client.urls.ws_private),
            client.options.execution.listen_key_ping_max_failures,
        )
        self._session.proxy_url = client.options.data.proxy_url

    async def run(self) -> None:
        """Stay connected until cancelled."""
        label = self._client.product.label
        async with asyncio.TaskGroup() as group:
            group.create_task(self._session.run(), name=f"{label} user events")
            group.create_task(self._refetch.run(), name=f"{label} account")

    @property
    def last_message_ns(self) -> int:
        """`time.monotonic_ns` of the last sign of life."""
        return self._session.last_message_ns

    @property
    def malformed(self) -> int:
        """Events that could not be read so far."""
        return self._session.malformed

    def _changed(self) -> None:
        self._changes += 1
        self._refetch.want()

    async def _tell_account(self) -> None:
        changes = self._changes
        state = await self._client.account()
        self._listener.on_balances(state.balances)
        # Positions read while events came in may be older than what the events said; the next reading tells.
        if changes == self._changes:
            self._listener.on_positions([*state.positions, *self._events.vanished(state, self._told)])

    def _report_state(self, state: LinkState, detail: str) -> None:
        if state is not LinkState.LIVE:
            # Nobody tells what is changed meanwhile.
            self._client.configs_are_stale = True
        self._listener.on_user_link(self._client.product, state, detail)
