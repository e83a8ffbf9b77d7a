"""Leverage, margin, position mode and the dead-man switch of one futures account. See `client.FuturesAccount`."""

from dataclasses import replace
from decimal import Decimal

import msgspec

from tui.binance.errors import RefusedError
from tui.binance.futures import parse, reports, wire
from tui.binance.futures.holdings import Holdings
from tui.binance.futures.trading import ORDERS
from tui.binance.signing import ParameterValue
from tui.binance.wire import plain, positive
from tui.domain.account import Income, LeverageBracket, SymbolConfig
from tui.domain.instrument import Instrument
from tui.domain.order import Forced, OrderReport
from tui.domain.order_terms import PositionSide

#: "Already as asked": margin type, position mode, multi-assets mode.
_NO_CHANGE = frozenset({-4046, -4059, -4171})
_MOST_INCOME = 1_000
_MOST_FORCED = 100
_ADD, _TAKE = 1, 2
#: Sides that only positions held apart have.
_HEDGED = {"LONG", "SHORT"}

_CONFIRMED = msgspec.json.Decoder(wire.Confirmed)
_LEVERAGE = msgspec.json.Decoder(wire.LeverageAnswer)
_BRACKETS = msgspec.json.Decoder(list[wire.Brackets] | wire.Brackets)
_DUAL = msgspec.json.Decoder(wire.DualSide)
_MULTI = msgspec.json.Decoder(wire.MultiAssets)
_INCOME = msgspec.json.Decoder(list[wire.IncomeRow])
_ANYTHING = msgspec.json.Decoder(msgspec.Raw)


class FuturesSettings:
    """The account behind one client; what it changes, the client knows at once."""

    def __init__(self, client: Holdings) -> None:
        self._client = client
        self._dialect = client.dialect
        self._names = client.names

    async def is_hedge_mode(self) -> bool:
        """Whether long and short are held apart; one setting for USD-M and COIN-M."""
        told = await self._told()
        if told is not None and told.dualSidePosition is not None:
            return told.dualSidePosition
        if told is None:
            sides = await self._client.position_sides()
            if sides == {"BOTH"} or sides & _HEDGED:
                return bool(sides & _HEDGED)
        call = self._dialect.ask("/v1/positionSide/dual", 30)
        return await self._client.ask(call, {}, _DUAL, lambda answer: answer.dualSidePosition)

    async def set_hedge_mode(self, hedge: bool) -> None:
        """Change it; the exchange refuses with open orders (-4067) or positions (-4068) on either product."""
        await self._set("/v1/positionSide/dual", {"dualSidePosition": hedge})
        self._client.forget_flags()

    async def is_multi_assets(self) -> bool:
        """Whether all assets keep all positions; COIN-M has no such mode."""
        if not self._dialect.has_multi_assets:
            return False
        told = await self._told()
        if told is not None and told.multiAssetsMargin is not None:
            return told.multiAssetsMargin
        call = self._dialect.ask("/v1/multiAssetsMargin", 30)
        return await self._client.ask(call, {}, _MULTI, lambda answer: answer.multiAssetsMargin)

    async def set_multi_assets(self, multi: bool) -> None:
        """Change it; raises RefusedError on COIN-M."""
        if not self._dialect.has_multi_assets:
            raise RefusedError(f"{self._client.product.label} has no multi-assets mode: it is a setting of USD-M")
        await self._set("/v1/multiAssetsMargin", {"multiAssetsMargin": multi})
        self._client.forget_flags()

    async def _told(self) -> wire.AccountConfig | None:
        """Both modes at a sixth of the weight, where one address tells them; None where none does."""
        if not self._dialect.has_symbol_config:
            return None
        return await self._client.account_flags()

    async def configs(self) -> list[SymbolConfig]:
        """How every contract is set up."""
        return await self._client.read_configs()

    async def set_leverage(self, instrument: Instrument, leverage: int) -> SymbolConfig:
        """Change a contract's leverage."""
        parameters: dict[str, ParameterValue] = {"symbol": instrument.native, "leverage": leverage}
        before = self._client.configs.get(instrument.symbol)

        def read(answer: wire.LeverageAnswer) -> SymbolConfig:
            return SymbolConfig(
                symbol=instrument.symbol,
                leverage=parse.leverage(answer.leverage),
                is_isolated=before.is_isolated if before is not None else False,
                max_notional=positive(answer.maxNotionalValue or answer.maxQty),
            )

        config = await self._client.ask(self._dialect.set("/v1/leverage"), parameters, _LEVERAGE, read)
        self._client.configs = {**self._client.configs, config.symbol: config}
        return config

    async def set_isolated(self, instrument: Instrument, isolated: bool) -> None:
        """Cross or isolated margin; asking for what is set already succeeds."""
        margin_type = "ISOLATED" if isolated else "CROSSED"
        await self._set("/v1/marginType", {"symbol": instrument.native, "marginType": margin_type})
        before = self._client.configs.get(instrument.symbol)
        if before is not None:
            changed = replace(before, is_isolated=isolated)
            self._client.configs = {**self._client.configs, instrument.symbol: changed}

    async def add_margin(self, instrument: Instrument, side: PositionSide, amount: Decimal) -> None:
        """Add to an isolated position's margin, or take from it where negative."""
        parameters: dict[str, ParameterValue] = {
            "symbol": instrument.native,
            "positionSide": side.value,
            "amount": plain(abs(amount)),
            "type": _ADD if amount > 0 else _TAKE,
        }
        await self._client.ask(self._dialect.set("/v1/positionMargin"), parameters, _CONFIRMED, lambda _: None)

    async def brackets(self, instrument: Instrument) -> list[LeverageBracket]:
        """The tiers of one contract, the lowest first; COIN-M's are in coin."""

        def read(answer: list[wire.Brackets] | wire.Brackets) -> list[LeverageBracket]:
            rows = answer if isinstance(answer, list) else [answer]
            own = next((row for row in rows if row.symbol == instrument.native), None)
            if own is None:
                raise ValueError(f"no tiers of {instrument.native}")
            return parse.brackets(own)

        call = self._dialect.ask(self._dialect.brackets, 1)
        return await self._client.ask(call, {"symbol": instrument.native}, _BRACKETS, read)

    async def cancel_after(self, instrument: Instrument, countdown_ms: int) -> None:
        """Have the exchange cancel this contract's orders unless called again in time; zero ends it."""
        parameters: dict[str, ParameterValue] = {"symbol": instrument.native, "countdownTime": countdown_ms}
        call = self._dialect.set("/v1/countdownCancelAll", weight=10)
        await self._client.ask(call, parameters, _ANYTHING, lambda _: None)

    async def cancel_symbol(self, instrument: Instrument) -> None:
        """Cancel every order of one contract, conditional ones and those placed elsewhere included."""
        paths = ["/v1/allOpenOrders", *(["/v1/algoOpenOrders"] if self._dialect.has_algo_service else [])]
        for path in paths:
            call = self._dialect.cancel(path)
            await self._client.ask(call, {"symbol": instrument.native}, _CONFIRMED, lambda _: None)

    async def income(self, since_ms: int, kind: str = "", limit: int = _MOST_INCOME) -> list[Income]:
        """What moved the wallet from a time on, oldest first; zero for the last week."""
        parameters: dict[str, ParameterValue] = {"limit": min(limit, _MOST_INCOME)}
        if since_ms > 0:
            parameters["startTime"] = since_ms
        if kind:
            parameters["incomeType"] = kind
        call = self._dialect.past("/v1/income", self._dialect.income_weight)
        return await self._client.ask(
            call, parameters, _INCOME, lambda rows: [parse.income(row, self._names) for row in rows]
        )

    async def forced_orders(self, since_ms: int, instrument: Instrument | None = None) -> list[OrderReport]:
        """Orders the exchange made itself from a time on, of one contract or of all: liquidations and deleveraging."""
        parameters: dict[str, ParameterValue] = {"limit": _MOST_FORCED}
        call = self._dialect.ask("/v1/forceOrders", 50 if instrument is None else 20)
        if instrument is not None:
            parameters["symbol"] = instrument.native
        if since_ms > 0:
            parameters["startTime"] = since_ms

        def read(rows: list[wire.OrderAnswer]) -> list[OrderReport]:
            found = [reports.report(row, self._names) for row in rows]
            return [replace(one, forced=one.forced or Forced.LIQUIDATION) for one in found]

        return await self._client.ask(call, parameters, ORDERS, read)

    async def _set(self, path: str, parameters: dict[str, ParameterValue]) -> None:
        try:
            await self._client.ask(self._dialect.set(path), parameters, _CONFIRMED, lambda _: None)
        except RefusedError as error:
            if error.code not in _NO_CHANGE:
                raise
