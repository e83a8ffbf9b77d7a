"""What a futures account holds and how it is set up, put together from what each product tells."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace

import msgspec

from tui.binance.client import AccountState
from tui.binance.errors import BinanceError
from tui.binance.futures import parse, wire
from tui.binance.futures.base import FuturesBase
from tui.binance.wire import name, number
from tui.domain.account import Commission, Position, SymbolConfig
from tui.domain.instrument import Instrument
from tui.domain.order_terms import PositionSide

_log = logging.getLogger(__name__)

_ACCOUNT = msgspec.json.Decoder(wire.Account)
_POSITIONS = msgspec.json.Decoder(list[wire.PositionRow])
_CONFIGS = msgspec.json.Decoder(list[wire.SymbolConfigRow])
_FLAGS = msgspec.json.Decoder(wire.AccountConfig)
_QUANTILES = msgspec.json.Decoder(list[wire.AdlRow])
_COMMISSION = msgspec.json.Decoder(wire.Commission)

#: The exchange reckons places in the queue anew this often.
_QUANTILES_EVERY_MS = 30_000
#: Several ask how an account is set up, one after the other, when it is connected.
_FLAGS_GOOD_MS = 2_000


class Holdings(FuturesBase):
    """Balances, positions and settings; see `client.ProductClient` for what each method promises."""

    _can_trade = True
    _quantiles: dict[tuple[str, PositionSide], int] | None = None
    _quantiles_ms = 0
    _flags: wire.AccountConfig | None = None
    _flags_ms = 0

    async def account(self) -> AccountState:
        """All assets held and all open positions, with leverage, margin type and place in the queue."""
        account, rows, _ = await asyncio.gather(
            self.ask(self.dialect.ask(self.dialect.account, 5), {}, _ACCOUNT, lambda answer: answer),
            self._position_rows(),
            self._learn_configs(),
        )
        if not self.dialect.has_symbol_config:
            self._learn_from(account, rows)
        sizes = {symbol: one.contract_size for symbol, one in self.known.items()}
        positions = [parse.position(row, self.names, self.configs, sizes) for row in rows if number(row.positionAmt)]
        balances = parse.balances(account, self.product)
        wallets = {name(row.asset): number(row.walletBalance) for row in account.assets}
        self.wallets = {one.asset: (one, wallets[one.asset]) for one in balances}
        return AccountState(self.by_currency(balances), await self._ranked(positions), can_trade=self._can_trade)

    async def _position_rows(self) -> list[wire.PositionRow]:
        weight = 5 if self.dialect.has_symbol_config else 1
        return await self.ask(self.dialect.ask(self.dialect.positions, weight), {}, _POSITIONS, lambda rows: rows)

    async def position_sides(self) -> set[str]:
        """The sides that positions are told by, empty ones too: BOTH, or LONG and SHORT; none where there are no rows.

        Costs a thirtieth of asking for the position mode where every contract has a row (COIN-M).
        """
        return {row.positionSide for row in await self._position_rows()}

    async def _learn_configs(self) -> None:
        """How contracts and account are set up, where rows of positions do not tell; kept until it changes."""
        if not self.configs_are_stale or not self.dialect.has_symbol_config:
            return
        try:
            await asyncio.gather(self.read_configs(), self.account_flags())
        except BinanceError as error:
            # What is held is worth knowing without it; it is asked for again with the next reading.
            _log.info("%s: settings are not told: %s", self.product.label, error)
            self.configs_are_stale = True

    async def account_flags(self) -> wire.AccountConfig:
        """How the account is set up; several who ask at nearly the same time share one answer."""
        now_ms = self.rest.clock.now_ms()
        if self._flags is None or not 0 <= now_ms - self._flags_ms < _FLAGS_GOOD_MS:
            self._flags = await self.ask(self.dialect.ask("/v1/accountConfig", 5), {}, _FLAGS, lambda answer: answer)
            self._flags_ms, self._can_trade = now_ms, self._flags.canTrade
        return self._flags

    def forget_flags(self) -> None:
        """The account's set-up was changed, or may have been."""
        self._flags, self.configs_are_stale = None, True

    def _learn_from(self, account: wire.Account, rows: Sequence[wire.PositionRow]) -> None:
        """COIN-M tells leverage and margin type with every contract's position."""
        self.configs = {config.symbol: config for config in parse.position_configs(list(rows), self.names)}
        self._can_trade = account.canTrade
        self.configs_are_stale = False

    async def read_configs(self) -> list[SymbolConfig]:
        """How every contract is set up; known from then on until it changes."""
        self.configs_are_stale = False  # what is told from now on may be newer than the answer
        try:
            found = await self._ask_configs()
        except (BinanceError, asyncio.CancelledError):
            self.configs_are_stale = True
            raise
        self.configs = {config.symbol: config for config in found}
        return found

    async def _ask_configs(self) -> list[SymbolConfig]:
        if not self.dialect.has_symbol_config:
            return parse.position_configs(await self._position_rows(), self.names)
        call = self.dialect.ask("/v1/symbolConfig", 5)
        return await self.ask(call, {}, _CONFIGS, lambda rows: [parse.config(row, self.names) for row in rows])

    async def _ranked(self, positions: list[Position]) -> list[Position]:
        """Positions with their place in the queue of deleveraging, asked for where the rows lack it."""
        if all(position.adl_quantile is not None for position in positions):
            return positions
        now_ms = self.rest.clock.now_ms()
        if now_ms - self._quantiles_ms > _QUANTILES_EVERY_MS:
            self._quantiles_ms = now_ms
            self._quantiles = await self._read_quantiles() or self._quantiles
        ranks = self._quantiles or {}
        return [replace(one, adl_quantile=ranks.get((one.symbol, one.position_side))) for one in positions]

    async def _read_quantiles(self) -> dict[tuple[str, PositionSide], int] | None:
        call = self.dialect.ask("/v1/adlQuantile", 5)
        try:
            return await self.ask(call, {}, _QUANTILES, lambda rows: parse.quantiles(rows, self.names))
        except BinanceError as error:
            _log.info("%s: places in the queue are not told: %s", self.product.label, error)
            return None

    async def commission(self, instrument: Instrument) -> Commission:
        """What trading a contract costs."""
        call = self.dialect.past("/v1/commissionRate", 20)
        return await self.ask(
            call, {"symbol": instrument.native}, _COMMISSION, lambda answer: parse.commission(answer, self.names)
        )
