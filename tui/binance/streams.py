"""Market streams of one product: combined connections whose streams change while they run."""

import asyncio
import logging
import time
from collections.abc import Callable

import msgspec
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from tui.binance.client import LinkState, MarketListener, StreamKind, Subscription
from tui.binance.environment import ProductUrls
from tui.binance.link import LinkTiming, ReconnectNow, SocketLink, timing_for
from tui.binance.market_events import Handler, handler_for
from tui.binance.subscriptions import SubscriptionSet
from tui.binance.tap import Tap
from tui.domain.product import Product
from tui.domain.text import clean

_log = logging.getLogger(__name__)

_STREAM_KEY = b'{"stream":"'
#: Connected and subscribed, a market that says nothing for this long has lost its subscriptions.
_QUIET_S = 60.0


class _ErrorBody(msgspec.Struct):
    code: int | None = None
    msg: str = ""


class _Other(msgspec.Struct):
    """Any frame whose beginning is not the usual one: answers, errors, events without a stream."""

    stream: str = ""
    id: int | str | None = None
    event: str = msgspec.field(name="e", default="")
    error: _ErrorBody | None = None
    msg: str | None = None


_OTHER = msgspec.json.Decoder(_Other)


class MarketConnection(SocketLink):
    """One combined connection. `report_state` hears of its state, LIVE only once every stream is confirmed."""

    def __init__(self, url: str, report_state: Callable[[LinkState, str], None], timing: LinkTiming) -> None:
        super().__init__(timing)
        self._url = url
        self._report_state = report_state
        self._subscriptions = SubscriptionSet()
        self._handlers: dict[bytes, Handler] = {}
        self._changed = asyncio.Event()

    @property
    def is_used(self) -> bool:
        """Whether any stream is wanted here."""
        return bool(self._subscriptions.wanted)

    def want(self, handlers: dict[str, Handler]) -> None:
        """Carry these streams from now on; raises TooManyStreamsError."""
        self._subscriptions.want(frozenset(handlers))
        self._handlers = {name.encode(): handler for name, handler in handlers.items()}
        self._changed.set()

    async def address(self) -> str:
        """The combined address; streams are subscribed to live."""
        while not self.is_used:
            self._changed.clear()
            await self._changed.wait()
        return self._url

    async def opened(self, socket: ClientConnection) -> None:
        """Begin to send subscriptions."""
        self._subscriptions.connected()
        await self._send_commands(socket)
        self._live_if_settled()

    async def tick(self, socket: ClientConnection) -> None:
        """Send what the pace held back."""
        if self._subscriptions.is_pending:
            await self._send_commands(socket)

    async def run(self) -> None:
        """Stay connected, and send changes of the wanted streams the moment they are wanted."""
        sender = asyncio.create_task(self._send_changes(), name="market subscriptions")
        try:
            await super().run()
        finally:
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)

    async def _send_changes(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            if self._socket is not None and self.state is LinkState.LIVE:
                try:
                    await self._send_commands(self._socket)
                except ConnectionClosed:
                    continue

    async def _send_commands(self, socket: ClientConnection) -> None:
        while (command := self._subscriptions.next_command(time.monotonic())) is not None:
            await socket.send(command, text=True)

    def received(self, frame: bytes) -> None:
        """Route one frame by its stream name, without decoding more than its stream needs."""
        if frame.startswith(_STREAM_KEY):
            name = frame[len(_STREAM_KEY) : frame.index(b'"', len(_STREAM_KEY))]
            handler = self._handlers.get(name)
            if handler is not None:
                handler(frame)
                return
        self._other(frame)

    def _other(self, frame: bytes) -> None:
        other = _OTHER.decode(frame)
        if "serverShutdown" in (other.event, other.stream.removeprefix("!")):
            raise ReconnectNow("the exchange is restarting")
        handler = self._handlers.get(other.stream.encode())
        if handler is not None:
            handler(frame)
            return
        if other.stream:
            # Streams just unsubscribed still trickle in.
            return
        streams = self._subscriptions.answered(other.id)
        if other.error is not None or other.msg is not None:
            words = other.error.msg if other.error else other.msg or ""
            _log.warning("streams refused: %s (%s)", ", ".join(streams), clean(words))
        self._live_if_settled()

    def _live_if_settled(self) -> None:
        if self.state is not LinkState.LIVE and self._subscriptions.is_settled:
            self.live()

    def report(self, state: LinkState, detail: str) -> None:
        """Pass it on."""
        self._report_state(state, detail)


class ProductMarketStream:
    """All market streams of one product, on one connection or one for each route. See `client.MarketStream`."""

    def __init__(
        self,
        product: Product,
        urls: ProductUrls,
        listener: MarketListener,
        stream_name: Callable[[Subscription], str],
        route_of: Callable[[StreamKind], str],
        timing: LinkTiming | None = None,
        tap: Tap | None = None,
    ) -> None:
        self._product = product
        self._listener = listener
        self._stream_name = stream_name
        self._route_of = route_of if urls.routed else _no_route
        self._said: tuple[LinkState, str] | None = None
        timing = timing or timing_for(urls.ws, quiet_s=_QUIET_S)
        routes = sorted({self._route_of(kind) for kind in StreamKind})
        self._connections = {
            route: MarketConnection(f"{urls.ws}{route}/stream", self._state_changed, timing) for route in routes
        }
        for connection in self._connections.values():
            connection.tap = tap

    def subscribe(self, subscriptions: set[Subscription]) -> None:
        """Make this the wanted set; raises TooManyStreamsError beyond what a connection may carry."""
        wanted: dict[str, dict[str, Handler]] = {route: {} for route in self._connections}
        for subscription in subscriptions:
            handler = handler_for(subscription, self._listener)
            wanted[self._route_of(subscription.kind)][self._stream_name(subscription)] = handler
        for route, handlers in wanted.items():
            self._connections[route].want(handlers)

    async def run(self) -> None:
        """Stay connected until cancelled."""
        async with asyncio.TaskGroup() as group:
            for route, connection in self._connections.items():
                group.create_task(connection.run(), name=f"{self._product} market stream {route}")

    @property
    def last_message_ns(self) -> int:
        """`time.monotonic_ns` of the last sign of life of the connection that has been silent longest."""
        return min((link.last_message_ns for link in self._connections.values() if link.is_used), default=0)

    @property
    def malformed(self) -> int:
        """Messages that could not be read so far."""
        return sum(link.malformed for link in self._connections.values())

    def _state_changed(self, state: LinkState, detail: str) -> None:
        """Live is said when all used connections are, and again after each of them reconnected."""
        others = [link.state for link in self._connections.values() if link.is_used]
        if state is LinkState.LIVE and any(other is not LinkState.LIVE for other in others):
            return
        if state is LinkState.CONNECTING and LinkState.DOWN in others:
            state, detail = LinkState.DOWN, self._said[1] if self._said else ""
        if (state, detail) == self._said and state is not LinkState.LIVE:
            return
        self._said = (state, detail)
        self._listener.on_market_link(self._product, state, detail)


def _no_route(_kind: StreamKind) -> str:
    return ""
