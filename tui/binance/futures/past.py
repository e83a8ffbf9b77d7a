"""What happened on one futures product: executions and orders, asked for in the windows the exchange allows."""

import asyncio
from collections.abc import Iterator

import msgspec

from tui.binance.futures import parse, reports, wire
from tui.binance.futures.base import FuturesBase
from tui.binance.futures.trading import ALGOS, ORDERS
from tui.binance.signing import ParameterValue
from tui.domain.instrument import Instrument
from tui.domain.order import Fill, OrderReport

_MAX_ROWS = 1_000
#: One question reaches this far; executions and orders are kept for three months.
_WINDOW_MS = 7 * 86_400_000 - 1
_KEPT_MS = 89 * 86_400_000

_TRADES = msgspec.json.Decoder(list[wire.TradeRow])

Bounds = dict[str, ParameterValue]


class Past(FuturesBase):
    """Executions and orders of the past; see `client.ProductClient` for what each method promises."""

    async def fills(self, instrument: Instrument, since_ms: int, limit: int = 500) -> list[Fill]:
        """Executions of one contract from a time on, oldest first; from zero on, the newest of the last week."""
        wanted = min(limit, _MAX_ROWS)
        found: list[Fill] = []
        for bounds in self._windows(since_ms):
            found += await self._fills({"symbol": instrument.native, **bounds, "limit": wanted - len(found)})
            if len(found) >= wanted:
                break
        return found

    async def _fills(self, parameters: Bounds) -> list[Fill]:
        call = self.dialect.ask("/v1/userTrades", 5)
        return await self.ask(
            call, parameters, _TRADES, lambda rows: [self.credited(parse.fill(row, self.names)) for row in rows]
        )

    async def past_orders(self, instrument: Instrument, since_ms: int, limit: int = 500) -> list[OrderReport]:
        """Orders of one contract from a time on, conditional ones included, oldest first; from zero on, the last week.

        A triggered order stands there once, with its own terms and the life of the order it became.
        """
        wanted = min(limit, _MAX_ROWS)
        found: list[OrderReport] = []
        for bounds in self._windows(since_ms):
            parameters = {"symbol": instrument.native, **bounds, "limit": wanted}
            ordinary, conditional = await asyncio.gather(self._orders(parameters), self._conditional(parameters))
            part = reports.merged(ordinary, conditional, keep_lonely=True)
            found += sorted(part, key=lambda report: (report.time_ms, report.order_id))
            if len(found) >= wanted:
                break
        return found[:wanted] if since_ms > 0 else found[-wanted:]

    async def _orders(self, parameters: Bounds) -> list[OrderReport]:
        call = self.dialect.ask("/v1/allOrders", 5)
        return await self.ask(call, parameters, ORDERS, lambda rows: [reports.report(row, self.names) for row in rows])

    async def _conditional(self, parameters: Bounds) -> list[OrderReport]:
        if not self.dialect.has_algo_service:
            return []
        call = self.dialect.ask("/v1/allAlgoOrders", 5)
        return await self.ask(
            call, parameters, ALGOS, lambda rows: [reports.algo_report(row, self.names) for row in rows]
        )

    def _windows(self, since_ms: int) -> Iterator[Bounds]:
        """Bounds of one question after another, from a time until now; none for the newest of the last week."""
        if since_ms <= 0:
            yield {}
            return
        now_ms = self.rest.clock.now_ms()
        start_ms = max(since_ms, now_ms - _KEPT_MS)
        while start_ms <= now_ms:
            end_ms = start_ms + _WINDOW_MS
            yield {"startTime": start_ms} if end_ms >= now_ms else {"startTime": start_ms, "endTime": end_ms}
            start_ms = end_ms + 1
