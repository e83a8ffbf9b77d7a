"""One product's account link: connected, reconciled, live."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from tui.binance.client import LinkState, ProductClient
from tui.binance.errors import KEY_REFUSED, BinanceError, RefusedError
from tui.domain.product import Product
from tui.engine.account_feed import AccountFeed
from tui.engine.orders.floor import Floor
from tui.engine.orders.reconciler import Reconciler
from tui.engine.orders.resolver import Resolver
from tui.engine.persistence import pause_s, persist
from tui.engine.store import Link

logger = logging.getLogger(__name__)

_SETTLE_S = 0.5
#: Open orders are compared this often while the account stream is down (execution semantics 19.4).
_DOWN_CHECK_S = 5.0

#: Symbols named in one message.
_NAMED = 5


class UserLink:
    """Runs a product's user stream; the link is LIVE only once the account agrees with the exchange."""

    def __init__(self, client: ProductClient, floor: Floor, resolver: Resolver, on_health: Callable[[], None]) -> None:
        self._client = client
        self._tasks, self._clock, self._messages = floor.tasks, floor.clock, floor.messages
        self._news = floor.news
        self._options = floor.options.reconciliation
        self._on_health = on_health
        self._account = AccountFeed(client.product, floor, self._on_link, self.refresh_account)
        self._reconciler = Reconciler(client, floor, self._account, resolver)
        self._stream = client.user_stream(self._account)
        self._reconciling: asyncio.Task[None] | None = None
        self._refreshing: asyncio.Task[None] | None = None
        self._has_agreed = False
        self.link = Link.DOWN
        self.detail = ""

    @property
    def heard_ns(self) -> int:
        """When the stream was last heard, on the monotonic clock."""
        return self._stream.last_message_ns

    async def run(self) -> None:
        """Stay connected until cancelled."""
        await self._stream.run()

    async def check_orders(self) -> None:
        """Compare the open orders now and then, in case an event was lost on a healthy stream."""
        await self._check(self._options.open_check_interval_secs, self._reconciler.compare_orders)

    async def check_orders_while_down(self) -> None:
        """Compare the open orders every few seconds while no event tells of them, once they were known."""
        while True:
            await asyncio.sleep(_DOWN_CHECK_S)
            if self.link is not Link.DOWN or not self._has_agreed:
                continue
            try:
                await self._reconciler.orders(self._options.open_check_threshold_ms, everywhere=False)
            except BinanceError as error:
                logger.info("%s: orders not compared while down: %s", self._client.product.label, error)
                await asyncio.sleep(pause_s(error, 0, self._clock))

    async def check_account(self) -> None:
        """Compare balances and positions now and then."""
        await self._check(self._options.position_check_interval_secs, self._reconciler.account)

    async def _check(self, every_s: int, compare: Callable[[], Awaitable[None]]) -> None:
        await asyncio.sleep(self._options.reconciliation_startup_delay_secs)
        while every_s:
            await asyncio.sleep(every_s)
            if self.link is not Link.LIVE:
                continue
            try:
                await compare()
            except BinanceError as error:
                logger.info("%s: account not compared: %s", self._client.product.label, error)
                await asyncio.sleep(pause_s(error, 0, self._clock))
        await asyncio.Event().wait()

    def show_fills(self, symbol: str) -> None:
        """Ask for a symbol's executions when it comes into view."""
        if self.link is Link.LIVE:
            self._tasks.spawn(f"fills of {symbol}", self._quietly_ask_fills(symbol))

    def refresh_account(self) -> None:
        """Ask for balances and positions soon: events leave out what is free, and liquidation prices."""
        if self._refreshing is None or self._refreshing.done():
            self._refreshing = self._tasks.spawn(f"{self._client.product} account", self._refresh())

    def _on_link(self, state: LinkState, detail: str) -> None:
        if self._reconciling is not None:
            self._reconciling.cancel()
        self.detail = detail
        self._tell(self._news.down)
        if state is LinkState.LIVE:
            self.link = Link.SYNCING
            self._reconciler.connected_again()
            self._reconciling = self._tasks.spawn(f"{self._client.product} reconciliation", self._reconcile())
        else:
            if self.link is not Link.DOWN:
                because = f" ({detail})" if detail else ""
                self._messages.error(
                    f"{self._client.product.label} account stream is down{because}: orders may be stale"
                )
            self.link = Link.DOWN
        self._on_health()

    async def _reconcile(self) -> None:
        label = self._client.product.label

        def note(error: BinanceError) -> None:
            if not self.detail:
                self._messages.warning(f"{label} account is not known yet: {error}")
            self.detail = f"reconciling: {error}"

        try:
            await persist(self._agree, self._clock, first_s=0.5, on_failure=note)
        except RefusedError as error:
            self.link, self.detail = Link.DOWN, f"{KEY_REFUSED}: {error}"
            self._has_agreed = False
            self._messages.error(f"{label}: the exchange refuses this API key ({error}); check it with keys check")
            self._on_health()
            return
        self.link = Link.LIVE
        self.detail = ""
        self._has_agreed = self._options.reconciliation
        self._tell_agreement()
        self._on_health()
        self._tell(self._news.live)

    def _tell_agreement(self) -> None:
        """Say what agrees with the exchange, and what the trader did not want to wait for."""
        live, unread = f"{self._client.product.label} account is live", list(self._reconciler.unread)
        if not unread:
            self._messages.info(f"{live}: orders, fills and balances agree with the exchange")
            return
        names = ", ".join(unread[:_NAMED]) + (f" and {len(unread) - _NAMED} more" if len(unread) > _NAMED else "")
        self._messages.warning(
            f"{live}, stopped by you: ended orders and fills of {names} were not read and may be missing; show a symbol"
            " to read its own. Open orders, balances and positions agree with the exchange"
        )

    async def _agree(self) -> None:
        """How the account is set up comes first: without the position mode no order can be given its position."""
        for learn in self._news.before_live:
            await learn(self._client.product)
        await self._reconciler.everything()

    def _tell(self, who: list[Callable[[Product], None]]) -> None:
        for hear in who:
            hear(self._client.product)

    async def _refresh(self) -> None:
        await asyncio.sleep(_SETTLE_S)
        try:
            await self._reconciler.account()
            await self._reconciler.fills(self._reconciler.symbols_missing_fills())
        except BinanceError as error:
            logger.info("%s: account not refreshed: %s", self._client.product.label, error)

    async def _quietly_ask_fills(self, symbol: str) -> None:
        try:
            await self._reconciler.fills_once(symbol)
        except BinanceError as error:
            logger.info("%s: no fills: %s", symbol, error)
