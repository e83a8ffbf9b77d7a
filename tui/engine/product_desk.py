"""One product of one session: its client, its market feed, its account link."""

import asyncio
import logging
from collections.abc import Callable

from tui.binance.client import ProductClient
from tui.binance.errors import BinanceError, RefusedError
from tui.domain.product import Product
from tui.engine.feeds.instrument_feed import InstrumentFeed
from tui.engine.feeds.market_feed import Interest, MarketFeed
from tui.engine.feeds.snapshot_queue import SnapshotQueue
from tui.engine.orders.floor import Floor
from tui.engine.orders.resolver import Resolver
from tui.engine.persistence import persist
from tui.engine.store import Link, LinkHealth
from tui.engine.user_link import UserLink
from tui.engine.watchlist import Busiest

logger = logging.getLogger(__name__)

#: The day of all symbols is read this much later where it is not needed to begin with, because it weighs so much.
_TICKERS_AFTER_S = 20.0


class ProductDesk:
    """Starts one product and tells how its links stand. `ready` is set once its instruments are known."""

    def __init__(
        self,
        client: ProductClient,
        floor: Floor,
        resolver: Resolver,
        on_ready: Callable[[], None],
        with_account: bool,
        queue: SnapshotQueue,
        busiest: Busiest,
    ) -> None:
        self.client = client
        self.ready = asyncio.Event()
        self._store, self._tasks, self._clock, self._messages = floor.store, floor.tasks, floor.clock, floor.messages
        self._on_ready = on_ready
        self._busiest = busiest
        self._detail = ""
        self._blocked = ""
        self._stale_after_ms = 0
        self.market = MarketFeed(
            client,
            floor.store,
            floor.tasks,
            floor.clock,
            self._show_health,
            queue=queue,
            options=floor.options.data,
        )
        self.instruments = InstrumentFeed(
            client, floor.store, floor.clock, floor.messages, floor.options.data, on_ready
        )
        self.user: UserLink | None = None
        if with_account:
            self.user = self._user_link(floor, resolver)

    def _user_link(self, floor: Floor, resolver: Resolver) -> UserLink | None:
        """The account's link, where there are keys for this product."""
        try:
            link = UserLink(self.client, floor, resolver, self._show_health)
        except RefusedError as error:
            self._messages.warning(f"{self.client.product.label}: market data only ({error.text})")
            return None
        floor.store.accounts = {**floor.store.accounts, self.client.product: False}
        floor.news.live.append(self._account_read)
        return link

    def _account_read(self, product: Product) -> None:
        """Orders, positions and balances of a product are known from now on, however old they may become."""
        if not self._store.accounts.get(product, True):
            self._store.accounts = {**self._store.accounts, product: True}
            self._store.revision += 1

    async def start(self) -> None:
        """Reach the exchange, learn its instruments, then open the streams; tries until it succeeds."""
        await persist(self._learn, self._clock, first_s=0.5, cap_s=5.0, on_failure=self._not_reached)
        self._detail = ""
        self.ready.set()
        self._on_ready()
        name = self.client.product.value
        self._tasks.spawn(f"{name} day tickers", self._read_tickers())
        self._tasks.keep(f"{name} market stream", self.market.run)
        self._tasks.keep(f"{name} instruments", self.instruments.run)
        if self.user is not None:
            self._tasks.keep(f"{name} account stream", self.user.run)
            self._tasks.keep(f"{name} order check", self.user.check_orders)
            self._tasks.keep(f"{name} order check while down", self.user.check_orders_while_down)
            self._tasks.keep(f"{name} account check", self.user.check_account)

    def follow(self, interest: Interest) -> None:
        """Look at this from now on."""
        if self.ready.is_set():
            self.market.follow(interest)

    def show_health(self, stale_after_ms: int) -> None:
        """Write how the links stand to the store; silence beyond the limit is STALE."""
        self._stale_after_ms = stale_after_ms
        self._show_health()

    def show_down(self) -> None:
        """Write that nothing is connected any more."""
        self._store.links[self.client.product] = LinkHealth(detail="the engine has stopped")

    def _show_health(self) -> None:
        market, user, client = self.market, self.user, self.client
        self._tell_of_block(client.blocked)
        self._store.links[client.product] = LinkHealth(
            market=self._judged(market.link, market.heard_ns),
            user=self._judged(user.link, user.heard_ns) if user else Link.DOWN,
            market_heard_ns=market.heard_ns,
            user_heard_ns=user.heard_ns if user else 0,
            latency_ms=client.latency_ms,
            clock_offset_ms=client.clock_offset_ms,
            weight=client.used_weight,
            orders=client.used_orders,
            detail=self._detail or client.blocked or market.detail or (user.detail if user else ""),
        )

    def _tell_of_block(self, blocked: str) -> None:
        """Say once that nothing can be asked or sent, and once that it can be again."""
        if bool(blocked) != bool(self._blocked):
            label = self.client.product.label
            if blocked:
                self._messages.error(f"{label}: {blocked}; nothing is sent before")
            else:
                self._messages.info(f"{label} takes requests again")
        self._blocked = blocked

    def _judged(self, link: Link, heard_ns: int) -> Link:
        if link is Link.DOWN or not self._stale_after_ms:
            return link
        silent_ms = (self._clock.monotonic_ns() - heard_ns) / 1e6
        return Link.STALE if silent_ms > self._stale_after_ms else link

    async def _learn(self) -> None:
        await self.client.open()
        await self.instruments.learn(with_tickers=not self._busiest.remembers(self.client.product))

    async def _read_tickers(self) -> None:
        """Read the tickers that were not needed at once, and remember who is busiest for the next start."""
        product = self.client.product
        if self._busiest.remembers(product):
            await asyncio.sleep(_TICKERS_AFTER_S)
            await persist(self.instruments.read_tickers, self._clock, on_failure=self._not_told)
        self._busiest.remember(product)

    def _not_told(self, error: BinanceError) -> None:
        logger.info("%s: day tickers are not told: %s", self.client.product.label, error)

    def _not_reached(self, error: BinanceError) -> None:
        label = self.client.product.label
        if not self._detail:
            self._messages.error(f"{label} cannot be reached: {error}; trying again")
        self._detail = f"not reached: {error}"
