"""What is asked once for each symbol that is looked at, held or traded: its risk tiers, and what it costs."""

import asyncio
import logging

from tui.binance.errors import BinanceError
from tui.domain.instrument import Instrument
from tui.engine.orders.floor import Floor
from tui.engine.store import Link, TradingState

logger = logging.getLogger(__name__)

_LOOK_EVERY_S = 0.5
#: A symbol that could not be asked for is left alone this long.
_AGAIN_AFTER_NS = 60 * 1_000_000_000


class SymbolFacts:
    """Fills `store.brackets` and `store.commissions` for the symbols that matter now."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._store = floor.store
        self._failed_ns: dict[str, int] = {}

    async def follow(self) -> None:
        """Ask for what is missing, one symbol after the other, until cancelled."""
        while True:
            for symbol in self.missing():
                await self._ask(self._store.instruments[symbol])
            await asyncio.sleep(_LOOK_EVERY_S)

    def missing(self) -> list[str]:
        """Symbols in focus, followed or held, of accounts that are live, with something still to ask.

        With `query_commission_rates` all contracts come after them.
        """
        store, now_ns = self._store, self._floor.clock.monotonic_ns()
        wanted = [store.focus, *store.followed, *(position.symbol for position in store.positions.values())]
        if self._floor.options.data.query_commission_rates:
            wanted += [symbol for symbol, one in store.instruments.items() if one.product.is_futures]
        return [
            symbol
            for symbol in dict.fromkeys(wanted)
            if symbol is not None
            and self._is_live(symbol)
            and now_ns >= self._failed_ns.get(symbol, 0)
            and (self._lacks_rates(symbol) or self._lacks_tiers(symbol))
        ]

    def _is_live(self, symbol: str) -> bool:
        instrument = self._store.instruments.get(symbol)
        link = self._store.links.get(instrument.product) if instrument else None
        return link is not None and link.user is Link.LIVE

    def _lacks_rates(self, symbol: str) -> bool:
        """Whether its own rates are to be asked for; those of the account's tier do until somebody may trade it."""
        store, instrument = self._store, self._store.instruments[symbol]
        if symbol in store.commissions:
            return False
        is_traded = store.session.trading is TradingState.ARMED or bool(store.positions_of(symbol))
        return is_traded or instrument.taker_fee is None or self._floor.options.data.query_commission_rates

    def _lacks_tiers(self, symbol: str) -> bool:
        client = self._floor.clients.get(self._store.instruments[symbol].product)
        return symbol not in self._store.brackets and client is not None and client.futures is not None

    async def _ask(self, instrument: Instrument) -> None:
        store, symbol = self._store, instrument.symbol
        client = self._floor.clients[instrument.product]
        try:
            if client.futures is not None and self._lacks_tiers(symbol):
                store.brackets = {**store.brackets, symbol: tuple(await client.futures.brackets(instrument))}
            if self._lacks_rates(symbol):
                store.commissions = {**store.commissions, symbol: await client.commission(instrument)}
            store.revision += 1
        except BinanceError as error:
            self._failed_ns[symbol] = self._floor.clock.monotonic_ns() + _AGAIN_AFTER_NS
            logger.info("%s: tiers and fees are not told: %s", symbol, error)
