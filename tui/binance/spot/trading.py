"""Orders of the spot host, the part that spot and margin share: one by one, asked for, and looked back at."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import msgspec

from tui.binance.call import Call
from tui.binance.client import OrderAnswer
from tui.binance.errors import NO_SUCH_ORDER_CODE, BinanceError, OutcomeUnknownError, RefusedError
from tui.binance.http import RestTransport
from tui.binance.limits import RateLimit
from tui.binance.order_route import OrderRoute
from tui.binance.rest_client import MarketCalls, RestClient
from tui.binance.signing import ParameterValue
from tui.binance.spot import parse, wire
from tui.binance.spot.instruments import instrument
from tui.binance.spot.order_fields import Fields
from tui.binance.spot.order_requests import identity, order_parameters
from tui.binance.spot.traits import UNTOLD, SymbolTraits, traits
from tui.binance.untraded import Untraded
from tui.binance.wire import answered
from tui.config import DataOptions
from tui.domain.instrument import Instrument
from tui.domain.order import Fill, Order, OrderReport
from tui.domain.product import Product

_log = logging.getLogger(__name__)

Answer = TypeVar("Answer")
Result = TypeVar("Result")
Asked = TypeVar("Asked")

_ARCHIVED_CODE = -2026
#: Requests on their way at the same time where there are no batches.
_AT_ONCE = 5

_COUNTS = msgspec.json.Decoder(list[wire.OrderCountRow])
_SYMBOL = msgspec.json.Decoder(wire.SymbolInfo)
ORDER = msgspec.json.Decoder(wire.OrderAnswer, strict=False)
CANCEL = msgspec.json.Decoder(wire.CancelAnswer, strict=False)
ORDERS = msgspec.json.Decoder(list[wire.OrderAnswer], strict=False)
TRADES = msgspec.json.Decoder(list[wire.TradeRow], strict=False)


@dataclass(frozen=True, slots=True)
class OrderCalls:
    """Where an account keeps its orders, at what weight, and how many rows and how long a span it tells at once.

    `span_ms` is 0 where a question from a time on is not bounded.
    """

    place: Call
    cancel: Call
    query: Call
    history: Call
    fills: Call
    max_orders: int
    max_fills: int
    span_ms: int = 0


class CoinOrders(RestClient, Untraded):
    """The order half of `client.ProductClient` for one account of the spot host."""

    product: Product

    def __init__(
        self, rest: RestTransport, market: MarketCalls, route: OrderRoute, calls: OrderCalls, data: DataOptions
    ) -> None:
        super().__init__(rest, replace(market, program_name=self._program_name, read_symbol=self._read_symbol), data)
        self.route = route
        self._order_calls = calls
        #: By native symbol, known once the instruments are.
        self._traits: dict[str, SymbolTraits] = {}
        self._has_counted = False

    async def _count_orders(self, rest: RestTransport, call: Call) -> None:
        """Learn once how many orders count against the limits; answers to orders say so later on, where they do."""
        if self._has_counted:
            return
        self._has_counted = True

        def note(rows: list[wire.OrderCountRow]) -> None:
            told = [RateLimit(row.rateLimitType, row.interval, row.intervalNum, row.limit, row.count) for row in rows]
            rest.limits.configure(told, rest.clock.now_ms())

        try:
            answered(_COUNTS, await rest.request(call, self._account_fields()), call.path, note)
        except BinanceError as error:
            _log.info("order counts are not known: %s", error)

    def _account_fields(self) -> Fields:
        """What names the account in each request; nothing for the spot wallet."""
        return {}

    def _place_call(self, order: Order) -> Call:
        """The request that places it; what lowers the risk goes before other orders."""
        return self._order_calls.place.reducing(order.is_protective)

    def _placement(self, order: Order) -> Fields:
        """A placement of this account; raises DeniedError."""
        return order_parameters(order, self.traits_of(order))

    def _program_name(self, native: str) -> str:
        return parse.symbol_of(self.product, native)

    def _read_symbol(self, raw: msgspec.Raw) -> Instrument:
        info = _SYMBOL.decode(raw)
        found = instrument(info, self.product)
        self._traits[found.native] = traits(info)
        return found

    def traits_of(self, order: Order | Instrument) -> SymbolTraits:
        """What a symbol allows, as far as the exchange has said."""
        return self._traits.get(parse.native_of(self.product, order.symbol), UNTOLD)

    async def place(self, order: Order) -> OrderReport:
        """Send an order; the answer holds what filled at once, executions come as events."""
        return await self.send(
            self._place_call(order),
            "order.place",
            self._placement(order),
            ORDER,
            lambda told: parse.report(told, order, self.product),
        )

    async def place_many(self, orders: Sequence[Order]) -> list[OrderAnswer]:
        """Send orders side by side, each in a request of its own."""
        return await one_by_one(orders, self.place)

    async def cancel(self, order: Order) -> OrderReport:
        """Cancel an order by the exchange's id where it is known, else by ours; a leg takes its whole list along."""
        return await self.send(
            self._order_calls.cancel,
            "order.cancel",
            identity(order),
            CANCEL,
            lambda told: parse.cancel_report(told, told.orderReports, order, self.product),
        )

    async def cancel_many(self, orders: Sequence[Order]) -> list[OrderAnswer]:
        """Cancel orders side by side, each in a request of its own: no other order can be touched."""
        return await one_by_one(orders, self.cancel)

    async def find_order(self, order: Order) -> OrderReport | None:
        """The exchange's record of an order; None when the exchange says it does not exist, or no longer."""
        try:
            return await self.send(
                self._order_calls.query,
                "",
                identity(order),
                ORDER,
                lambda told: parse.report(told, order, self.product),
            )
        except RefusedError as error:
            if error.code in (NO_SUCH_ORDER_CODE, _ARCHIVED_CODE):
                return None
            raise

    async def past_orders(self, instrument: Instrument, since_ms: int, limit: int = 500) -> list[OrderReport]:
        """Orders of one symbol from a time on, oldest first; from zero on, the newest. Pages as far as `limit`."""
        calls = self._order_calls
        rows = await self._paged(
            calls.history, instrument, since_ms, limit, calls.max_orders, ORDERS, "orderId", lambda row: row.orderId
        )
        return [parse.report(row, product=self.product) for row in rows]

    async def fills(self, instrument: Instrument, since_ms: int, limit: int = 500) -> list[Fill]:
        """Executions of one symbol from a time on, oldest first; from zero on, the newest. Pages as far as `limit`."""
        calls = self._order_calls
        rows = await self._paged(
            calls.fills, instrument, since_ms, limit, calls.max_fills, TRADES, "fromId", lambda row: row.id
        )
        return [parse.fill(row, self.product) for row in rows]

    async def _paged(
        self,
        call: Call,
        instrument: Instrument,
        since_ms: int,
        limit: int,
        at_once: int,
        decoder: msgspec.json.Decoder[list[Answer]],
        next_name: str,
        number_of: Callable[[Answer], int],
    ) -> list[Answer]:
        """Rows from a time on, then from the number after the last one on, until there are enough or no more."""
        bounds: dict[str, ParameterValue] = {"startTime": since_ms} if since_ms > 0 else {}
        span_ms, now_ms = self._order_calls.span_ms, self.rest.clock.now_ms()
        found: list[Answer] = []
        while True:
            asked = min(limit - len(found), at_once)
            if span_ms and "startTime" in bounds:
                bounds["endTime"] = min(int(bounds["startTime"]) + span_ms, now_ms + 1)
            rows = await self.send(
                call, "", {"symbol": instrument.native, "limit": asked, **bounds}, decoder, lambda told: told
            )
            found += rows
            is_full = len(rows) >= asked
            if since_ms <= 0 or len(found) >= limit:
                return found
            if is_full:
                bounds = {next_name: number_of(rows[-1]) + 1}
            elif "endTime" in bounds and int(bounds["endTime"]) <= now_ms:
                bounds = {"startTime": int(bounds["endTime"]) + 1}
            else:
                return found

    async def send(
        self,
        call: Call,
        method: str,
        parameters: Fields,
        decoder: msgspec.json.Decoder[Answer],
        read: Callable[[Answer], Result],
    ) -> Result:
        """One request about orders of this account, decoded and translated; raises as `ProductClient` says."""
        body = await self.route.request(call, method, {**parameters, **self._account_fields()})
        return answered(decoder, body, call.path, read)


async def one_by_one(
    items: Sequence[Asked], act: Callable[[Asked], Awaitable[Result]]
) -> list[Result | RefusedError | OutcomeUnknownError]:
    """Do this with each, a few at a time; the answers, or what became of the question, in the items' order."""
    slots = asyncio.Semaphore(_AT_ONCE)

    async def one(item: Asked) -> Result | RefusedError | OutcomeUnknownError:
        async with slots:
            try:
                return await act(item)
            except (RefusedError, OutcomeUnknownError) as error:
                return error

    return list(await asyncio.gather(*(one(item) for item in items)))
