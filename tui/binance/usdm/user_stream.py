"""The account's events of USD-M, by listen key (derivatives docs, November 2026, "User Data Streams").

A key lives 60 minutes and is renewed well before; when it expires the socket stays open and silent, so the announcement
of it, a failed renewal and an unknown key all end in a new key and a new connection.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Mapping

import msgspec
from websockets.asyncio.client import ClientConnection

from tui.binance.client import AccountState, LinkState, UserListener
from tui.binance.environment import ProductUrls
from tui.binance.errors import NO_SUCH_LISTEN_KEY_CODE, BinanceError
from tui.binance.http import Call, RestTransport
from tui.binance.link import LinkTiming, ReconnectNow, SocketLink, timing_for
from tui.binance.refetch import Refetch
from tui.binance.usdm import events, wire
from tui.binance.wire import decode_answer
from tui.domain.product import Product

_log = logging.getLogger(__name__)

_START = Call("POST", "/fapi/v1/listenKey", weight=1, keyed=True)
_RENEW = Call("PUT", "/fapi/v1/listenKey", weight=1, keyed=True)
_RENEW_EVERY_S = 25 * 60.0
_RENEW_AGAIN_S = 30.0
_MAX_FAILED_RENEWALS = 3
#: Balances are asked for after events, two requests of weight 5 each.
_REFETCH_EVERY_S = 2.0

_LISTEN_KEY = msgspec.json.Decoder(wire.ListenKey)


class ListenKeySession(SocketLink):
    """A socket under a listen key, which is created, renewed and replaced as needed. The key is never logged."""

    def __init__(
        self,
        rest: RestTransport,
        urls: ProductUrls,
        deliver: Callable[[bytes], None],
        report_state: Callable[[LinkState, str], None],
        timing: LinkTiming,
        renew_every_s: float = _RENEW_EVERY_S,
    ) -> None:
        super().__init__(timing)
        self.tap = rest.tap
        self._rest = rest
        self._base = urls.ws_private
        self._deliver = deliver
        self._report_state = report_state
        self._renew_every_s = renew_every_s
        self._renew_at_s = 0.0
        self._failed_renewals = 0

    async def address(self) -> str:
        """The private address under a valid key; asking again while one is valid gives the same."""
        body = await self._rest.request(_START)
        return f"{self._base}/ws/{decode_answer(_LISTEN_KEY, body, _START.path).listenKey}"

    async def opened(self, socket: ClientConnection) -> None:
        """Events flow as soon as the socket is open."""
        self._failed_renewals = 0
        self._renew_in(self._renew_every_s * random.uniform(0.9, 1.0))
        self.live()

    async def tick(self, socket: ClientConnection) -> None:
        """Renew the key when it is time."""
        if asyncio.get_running_loop().time() < self._renew_at_s:
            return
        try:
            await self._rest.request(_RENEW)
        except BinanceError as error:
            self._failed_renewals += 1
            _log.warning("the listen key was not renewed: %s", error)
            if error.code == NO_SUCH_LISTEN_KEY_CODE or self._failed_renewals >= _MAX_FAILED_RENEWALS:
                raise ReconnectNow("the listen key could not be renewed") from None
            self._renew_in(min(_RENEW_AGAIN_S, self._renew_every_s))
            return
        self._failed_renewals = 0
        self._renew_in(self._renew_every_s)

    def _renew_in(self, seconds: float) -> None:
        self._renew_at_s = asyncio.get_running_loop().time() + seconds

    def received(self, frame: bytes) -> None:
        """Take one event."""
        self._deliver(frame)

    def report(self, state: LinkState, detail: str) -> None:
        """Pass it on."""
        self._report_state(state, detail)


class UsdmUserStream:
    """The account's events of USD-M. See `client.UserStream`.

    Events name what changed but neither free margin nor liquidation price, so the account is read again after them.
    `leverages` by program symbol are those last read.
    """

    def __init__(
        self,
        rest: RestTransport,
        urls: ProductUrls,
        read_account: Callable[[], Awaitable[AccountState]],
        leverages: Mapping[str, int],
        listener: UserListener,
        timing: LinkTiming | None = None,
    ) -> None:
        self._listener = listener
        self._read_account = read_account
        self._leverages = leverages
        self._refetch = Refetch(self._tell_account, _REFETCH_EVERY_S)
        self._changes = 0
        self._session = ListenKeySession(rest, urls, self._delivered, self._report_state, timing or timing_for(urls.ws))

    async def run(self) -> None:
        """Stay connected until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._session.run(), name="USD-M user events")
            group.create_task(self._refetch.run(), name="USD-M account")

    @property
    def last_message_ns(self) -> int:
        """`time.monotonic_ns` of the last sign of life."""
        return self._session.last_message_ns

    @property
    def malformed(self) -> int:
        """Events that could not be read so far."""
        return self._session.malformed

    def _delivered(self, event: bytes) -> None:
        if not events.deliver(event, self._listener, self._leverages):
            self._changes += 1
            self._refetch.want()

    async def _tell_account(self) -> None:
        changes = self._changes
        state = await self._read_account()
        self._listener.on_balances(state.balances)
        # Positions read while events came in may be older than what the events said; the next reading tells.
        if changes == self._changes:
            self._listener.on_positions(state.positions)

    def _report_state(self, state: LinkState, detail: str) -> None:
        self._listener.on_user_link(Product.USDM, state, detail)
