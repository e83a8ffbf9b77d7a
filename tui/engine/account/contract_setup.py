"""How futures accounts are set up when they are connected: read, and once made as the settings want them."""

import asyncio
from collections.abc import Mapping
from typing import TypeVar

from tui.binance.client import FuturesAccount
from tui.binance.errors import BinanceError, RefusedError
from tui.domain.instrument import Instrument
from tui.domain.product import Product
from tui.engine.orders.floor import Floor
from tui.engine.persistence import is_key_refused

Wish = TypeVar("Wish")


class ContractSetup:
    """Position mode, margin types and leverages (execution semantics 12), before an account counts as live."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._made: set[Product] = set()

    async def agree(self, product: Product) -> None:
        """Read the position mode; the first time also set what the settings want, and read it back.

        Raises BinanceError where the exchange could not be asked, or refuses the key: without the position mode no
        order can be given its position.
        """
        client = self._floor.clients.get(product)
        account = client.futures if client is not None else None
        if account is None:
            return
        await self._read_modes(product, account)
        if product in self._made:
            return
        if not self._floor.store.session.read_only:
            await self._set_margin_types(product, account)
            await self._set_leverages(product, account)
        configs = {config.symbol: config for config in await account.configs() if config.leverage >= 1}
        self._floor.store.configs = self._floor.store.configs | configs
        self._floor.store.revision += 1
        self._made.add(product)

    async def _read_modes(self, product: Product, account: FuturesAccount) -> None:
        store = self._floor.store
        hedge = await account.is_hedge_mode()
        store.hedge_modes = store.hedge_modes | {product} if hedge else store.hedge_modes - {product}
        try:
            multi = await account.is_multi_assets()
        except RefusedError as error:  # COIN-M has no such mode
            if is_key_refused(error):
                raise
            multi = False
        store.multi_assets = store.multi_assets | {product} if multi else store.multi_assets - {product}

    async def _set_margin_types(self, product: Product, account: FuturesAccount) -> None:
        """A contract whose margin type cannot be set is not traded, because its risk is not what was asked for."""
        for instrument, wanted in self._mine(product, self._floor.options.execution.futures_margin_types):
            try:
                await account.set_isolated(instrument, wanted == "ISOLATED")
            except RefusedError as error:
                if is_key_refused(error):
                    raise
                why = f"its margin type could not be set to {wanted} (execution.futures_margin_types): {error}"
                self._floor.store.barred = self._floor.store.barred | {instrument.symbol: why}
                self._floor.messages.error(f"{instrument.symbol} is not traded: {why}")

    async def _set_leverages(self, product: Product, account: FuturesAccount) -> None:
        wanted = self._mine(product, self._floor.options.execution.futures_leverages)
        await asyncio.gather(*(self._set_leverage(account, instrument, leverage) for instrument, leverage in wanted))

    async def _set_leverage(self, account: FuturesAccount, instrument: Instrument, leverage: int) -> None:
        try:
            await account.set_leverage(instrument, leverage)
        except BinanceError as error:
            self._floor.messages.warning(f"{instrument.symbol}: leverage {leverage} could not be set: {error}")

    def _mine(self, product: Product, wanted: Mapping[str, Wish]) -> list[tuple[Instrument, Wish]]:
        """The contracts of a product that a setting names, by the program's symbol or Binance's."""
        mine = [one for one in self._floor.store.instruments.values() if one.product is product]
        named = {one.native: one for one in mine} | {one.symbol: one for one in mine}
        return [(named[name], value) for name, value in wanted.items() if name in named]
