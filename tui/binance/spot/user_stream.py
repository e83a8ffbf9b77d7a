"""The spot account's events, whichever way the host tells them. See `client.UserStream`."""

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal

import msgspec

from tui.binance.client import LinkState, UserListener
from tui.binance.link import SocketLink
from tui.binance.refetch import Refetch
from tui.binance.spot import events
from tui.domain.account import Balance
from tui.domain.product import Product

#: Balances are asked for after an event that tells only a difference, at most so often.
_REFETCH_EVERY_S = 2.0

Deliver = Callable[[bytes | msgspec.Raw], None]
ReportState = Callable[[LinkState, str], None]


class SpotUserStream:
    """Events of the spot wallet on a link that `make_link` gives; balances that an event leaves out are read again.

    `read_balances` answers with every asset, empty ones too: one that was held before may have become so.
    """

    def __init__(
        self,
        make_link: Callable[[Deliver, ReportState], SocketLink],
        read_balances: Callable[[], Awaitable[list[Balance]]],
        listener: UserListener,
    ) -> None:
        self._listener = listener
        self._read_balances = read_balances
        self._changes = 0
        self._refetch = Refetch(self._tell_balances, _REFETCH_EVERY_S)
        self._link = make_link(self._deliver, self._report_state)

    async def run(self) -> None:
        """Stay connected until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._link.run(), name="spot user events")
            group.create_task(self._refetch.run(), name="spot balances")

    @property
    def last_message_ns(self) -> int:
        """`time.monotonic_ns` of the last sign of life."""
        return self._link.last_message_ns

    @property
    def malformed(self) -> int:
        """Events that could not be read so far."""
        return self._link.malformed

    def _deliver(self, event: bytes | msgspec.Raw) -> None:
        if not events.deliver(event, self._listener, balance_of=self._told):
            self._refetch.want()

    def _told(self, asset: str, free: Decimal, locked: Decimal, time_ms: int) -> Balance:
        self._changes += 1
        return events.spot_balance(asset, free, locked, time_ms)

    async def _tell_balances(self) -> None:
        changes = self._changes
        balances = await self._read_balances()
        if changes == self._changes:
            self._listener.on_balances(balances)
        else:  # the answer may be older than what events said meanwhile
            self._refetch.want()

    def _report_state(self, state: LinkState, detail: str) -> None:
        self._listener.on_user_link(Product.SPOT, state, detail)
