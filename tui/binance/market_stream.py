"""All market streams of one product, on as many connections as its routes and its limits need."""

import asyncio
from collections.abc import Callable

from tui.binance.client import LinkState, MarketListener, StreamKind, Subscription
from tui.binance.environment import ProductUrls
from tui.binance.link import LinkTiming, timing_for
from tui.binance.market_events import Handler, handler_for
from tui.binance.stream_names import StreamNames, route_of
from tui.binance.streams import MarketConnection
from tui.binance.subscriptions import MAX_STREAMS, MAX_STREAMS_FUTURES
from tui.binance.tap import Tap
from tui.config import DataOptions
from tui.domain.product import Product

#: Connected and subscribed, a market that says nothing for this long may have lost its subscriptions.
_QUIET_S = 20.0


class _Route:
    """The connections of one route: a stream stays where it is carried, and a full connection is joined by another."""

    def __init__(self, open_connection: Callable[[], MarketConnection], capacity: int) -> None:
        self.connections = [open_connection()]
        self._open_connection = open_connection
        self._capacity = capacity
        self._places: dict[str, int] = {}

    def want(self, handlers: dict[str, Handler]) -> list[MarketConnection]:
        """Carry these streams from now on; returns the connections made for it."""
        self._places = {name: number for name, number in self._places.items() if name in handlers}
        load = [0] * len(self.connections)
        for number in self._places.values():
            load[number] += 1
        made = []
        for name in handlers:
            if name in self._places:
                continue
            number = next((number for number, held in enumerate(load) if held < self._capacity), len(load))
            if number == len(load):
                load.append(0)
                made.append(self._open_connection())
                self.connections.append(made[-1])
            load[number] += 1
            self._places[name] = number
        for number, connection in enumerate(self.connections):
            connection.want({name: handlers[name] for name, place in self._places.items() if place == number})
        return made


class ProductMarketStream:
    """All market streams of one product. See `client.MarketStream`."""

    def __init__(
        self,
        product: Product,
        urls: ProductUrls,
        listener: MarketListener,
        options: DataOptions | None = None,
        timing: LinkTiming | None = None,
        tap: Tap | None = None,
        capacity: int | None = None,
    ) -> None:
        options = options or DataOptions()
        self.names = StreamNames(product, options.book_interval_ms, options.use_agg_trade_ticks)
        self._product = product
        self._listener = listener
        self._route_of = route_of if urls.routed else _no_route
        self._said: tuple[LinkState, str] | None = None
        self._group: asyncio.TaskGroup | None = None
        #: Connections that were lost and have not been live since.
        self._lost: set[MarketConnection] = set()
        timing = timing or timing_for(urls.ws, quiet_s=_QUIET_S)
        capacity = capacity or (MAX_STREAMS_FUTURES if product.is_futures else MAX_STREAMS)

        def opener(route: str) -> Callable[[], MarketConnection]:
            def open_connection() -> MarketConnection:
                connection = MarketConnection(f"{urls.ws}{route}/stream", self._state_changed, timing)
                connection.tap, connection.proxy_url = tap, options.proxy_url
                return connection

            return open_connection

        routes = sorted({self._route_of(kind) for kind in StreamKind})
        self._routes = {route: _Route(opener(route), capacity) for route in routes}

    def subscribe(self, subscriptions: set[Subscription]) -> None:
        """Make this the wanted set; raises RefusedError for a stream that the product lacks."""
        wanted: dict[str, dict[str, Handler]] = {route: {} for route in self._routes}
        hears_all = any(one.kind is StreamKind.ALL_LIQUIDATIONS for one in subscriptions)
        for subscription in subscriptions:
            if hears_all and subscription.kind is StreamKind.LIQUIDATIONS:
                continue
            name = self.names(subscription)
            handler = handler_for(subscription, self._listener, self._product, name)
            wanted[self._route_of(subscription.kind)][name] = handler
        for route, handlers in wanted.items():
            for connection in self._routes[route].want(handlers):
                self._start(route, connection)

    async def run(self) -> None:
        """Stay connected until cancelled."""
        async with asyncio.TaskGroup() as group:
            self._group = group
            for route, held in self._routes.items():
                for connection in held.connections:
                    self._start(route, connection)

    def _start(self, route: str, connection: MarketConnection) -> None:
        if self._group is not None:
            self._group.create_task(connection.run(), name=f"{self._product} market stream {route}")

    @property
    def _connections(self) -> list[MarketConnection]:
        return [connection for route in self._routes.values() for connection in route.connections]

    @property
    def last_message_ns(self) -> int:
        """`time.monotonic_ns` of the last sign of life of the connection that has been silent longest."""
        heard = (link.last_message_ns for link in self._connections if link.is_used)
        return min((at_ns for at_ns in heard if at_ns), default=0)

    @property
    def malformed(self) -> int:
        """Messages that could not be read so far."""
        return sum(link.malformed for link in self._connections)

    @property
    def renewals(self) -> int:
        """Connections that were replaced without a gap so far."""
        return sum(link.renewals for link in self._connections)

    def _state_changed(self, changed: MarketConnection, state: LinkState, detail: str) -> None:
        """Live is said when all used connections are, and again after each of them reconnected.

        A further connection that is being opened for more streams is nothing to speak of.
        """
        is_live = self._said is not None and self._said[0] is LinkState.LIVE
        if state is LinkState.DOWN:
            self._lost.add(changed)
        elif is_live and changed not in self._lost:
            return
        others = [link.state for link in self._connections if link.is_used]
        if state is LinkState.LIVE:
            self._lost.discard(changed)
            if any(other is not LinkState.LIVE for other in others):
                return
        if state is LinkState.CONNECTING and LinkState.DOWN in others:
            state, detail = LinkState.DOWN, self._said[1] if self._said else ""
        if (state, detail) == self._said and state is not LinkState.LIVE:
            return
        self._said = (state, detail)
        self._listener.on_market_link(self._product, state, detail)


def _no_route(_kind: StreamKind) -> str:
    return ""
