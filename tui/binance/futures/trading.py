"""Orders of one futures product: sent, changed, taken back, asked for.

Conditional orders live in a service of their own until they trigger: it has other addresses and other numbers, and of
the order that a triggered one becomes it knows only the number. That order has the same client id.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import msgspec

from tui.binance.client import Changed
from tui.binance.errors import NO_SUCH_ORDER_CODE, OutcomeUnknownError, RefusedError
from tui.binance.futures import reports, requests, wire
from tui.binance.futures.base import FuturesBase
from tui.binance.order_parameters import Denial, DeniedError
from tui.binance.signing import Parameters
from tui.domain.instrument import Instrument
from tui.domain.order import ChangeKind, Order, OrderChange, OrderReport, OrderStatus
from tui.domain.order_change import change_kind

ORDER = msgspec.json.Decoder(wire.OrderAnswer)
ORDERS = msgspec.json.Decoder(list[wire.OrderAnswer])
ALGO = msgspec.json.Decoder(wire.AlgoAnswer)
ALGOS = msgspec.json.Decoder(list[wire.AlgoAnswer])
_ALGO_CANCELLED = msgspec.json.Decoder(wire.AlgoCancelled)
_ANYTHING = msgspec.json.Decoder(msgspec.Raw)
_ROWS = msgspec.json.Decoder(list[wire.OfSymbol])

#: Weight of either list of open orders, of one contract and of all.
_OPEN_OF_ONE, _OPEN_OF_ALL = 1, 40

#: Answered to a cancel where the order is not there (any more).
_NOT_THERE = frozenset({-2011, NO_SUCH_ORDER_CODE})
#: There is a conditional order already that closes this position.
_CLOSES_ALREADY = -4130


class Trading(FuturesBase):
    """Single orders; see `client.ProductClient` for what each method promises."""

    async def place(self, order: Order) -> OrderReport:
        """Send an order; the answer waits for the end of a market, IOC or FOK order but states no average price."""
        parameters = requests.placement(order, self.dialect, self.rest.clock.now_ms())
        if self.waits(order):
            call, method = self.dialect.place("POST", "/v1/algoOrder"), "algoOrder.place"
            return await self.ask(
                call.reducing(order.is_protective),
                parameters,
                ALGO,
                lambda answer: reports.algo_report(answer, self.names, order),
                method,
            )
        call = self.dialect.place("POST", "/v1/order").reducing(order.is_protective)
        return await self.ask(
            call, parameters, ORDER, lambda answer: reports.report(answer, self.names, order), "order.place"
        )

    async def test(self, order: Order) -> None:
        """Let the exchange judge a limit or market order without taking it; raises DeniedError for others."""
        if not self.dialect.has_test or requests.is_conditional(order):
            raise DeniedError(
                Denial.TEST, f"{self.product.label} cannot try a {order.type.value} order: USD-M tries LIMIT and MARKET"
            )
        parameters = requests.placement(order, self.dialect, self.rest.clock.now_ms())
        await self.ask(self.dialect.set("/v1/order/test", weight=0), parameters, _ANYTHING, lambda _: None)

    def waits(self, order: Order) -> bool:
        """Whether the order, as far as is known, is still with the service for conditional orders."""
        is_there = self.dialect.has_algo_service and requests.is_conditional(order)
        return is_there and not order.is_triggered and not order.order_id

    def change_kind(self, order: Order, change: OrderChange) -> ChangeKind:
        """How the exchange would make this change; raises DeniedError for one it cannot make."""
        requests.check_change(order, change)
        return change_kind(order, change)

    async def change(self, order: Order, change: OrderChange, new_client_order_id: str) -> Changed:
        """Change a limit order in place, or replace a conditional one that has not triggered."""
        if self.change_kind(order, change) is ChangeKind.REPLACES:
            return await self._replace(order, change, new_client_order_id)
        parameters = requests.modification(order, change, self.dialect)
        call = self.dialect.place("PUT", "/v1/order").reducing(order.is_protective)
        return await self.ask(call, parameters, ORDER, lambda answer: self.changed(answer, order), "order.modify")

    def changed(self, answer: wire.OrderAnswer, order: Order) -> Changed:
        """The answer to a change made in place."""
        return Changed(replace(reports.report(answer, self.names, order), is_amendment=True))

    async def _replace(self, order: Order, change: OrderChange, new_client_order_id: str) -> Changed:
        """The new order first, the old one away after: the position is never without it.

        Only where the exchange allows a single one (closing the position, -4130) the old one has to go first.
        """
        successor = _successor(order, change, new_client_order_id)
        requests.placement(successor, self.dialect, self.rest.clock.now_ms())
        try:
            placed = await self.place(successor)
        except RefusedError as error:
            if error.code != _CLOSES_ALREADY:
                raise
            return await self._replace_closing(order, successor)
        return Changed(await self._taken_back(order), placed)

    async def _replace_closing(self, order: Order, successor: Order) -> Changed:
        gone = await self.cancel(order)
        try:
            return Changed(gone, await self.place(successor))
        except RefusedError as error:
            return Changed(gone, refusal=error)

    async def _taken_back(self, order: Order) -> OrderReport:
        """The old order after its replacement stands; one that could not be taken back is told as it is."""
        try:
            return await self.cancel(order)
        except (RefusedError, OutcomeUnknownError) as error:
            why = str(error)
        try:
            found = await self.find_order(order)
        except (RefusedError, OutcomeUnknownError):
            found = None
        return found or reports.of_order(order, OrderStatus.UNKNOWN, self.rest.clock.now_ms(), why)

    async def cancel(self, order: Order) -> OrderReport:
        """Cancel an order by the exchange's id where it is known, else by ours; triggered meanwhile or not."""
        if not self.waits(order):
            return await self._cancel_ordinary(order)
        try:
            return await self._cancel_conditional(order)
        except RefusedError as error:
            if error.code not in _NOT_THERE:
                raise
            return await self._cancel_ordinary(order)

    async def _cancel_ordinary(self, order: Order) -> OrderReport:
        return await self.ask(
            self.dialect.cancel("/v1/order"),
            requests.identity(order, self.dialect),
            ORDER,
            lambda answer: reports.report(answer, self.names, order),
            "order.cancel",
        )

    async def _cancel_conditional(self, order: Order) -> OrderReport:
        return await self.ask(
            self.dialect.cancel("/v1/algoOrder"),
            requests.algo_identity(order),
            _ALGO_CANCELLED,
            lambda _: reports.cancelled(order, self.rest.clock.now_ms()),
            "algoOrder.cancel",
        )

    async def find_order(self, order: Order) -> OrderReport | None:
        """The exchange's record of an order, wherever it is kept; None when it does not exist anywhere."""
        if not self.waits(order):
            found = await self._find_ordinary(order)
            is_lost = found is None and self.dialect.has_algo_service and requests.is_conditional(order)
            return await self._find_conditional(order) if is_lost else found
        algo = await self._find_conditional(order)
        if algo is None:
            return await self._find_ordinary(order)
        if not algo.order_id:
            return algo
        child = await self._find_ordinary(replace(order, order_id=algo.order_id))
        return algo if child is None else reports.joined(algo, child)

    async def _find_ordinary(self, order: Order) -> OrderReport | None:
        call, parameters = self.dialect.ask("/v1/order", 1), requests.identity(order, self.dialect)
        try:
            return await self.ask(call, parameters, ORDER, lambda found: reports.report(found, self.names, order))
        except RefusedError as error:
            if error.code == NO_SUCH_ORDER_CODE:
                return None
            raise

    async def _find_conditional(self, order: Order) -> OrderReport | None:
        call, parameters = self.dialect.ask("/v1/algoOrder", 1), requests.algo_identity(order)
        try:
            return await self.ask(call, parameters, ALGO, lambda found: reports.algo_report(found, self.names, order))
        except RefusedError as error:
            if error.code == NO_SUCH_ORDER_CODE:
                return None
            raise

    async def open_orders(self, *, sparingly: bool = False) -> list[OrderReport]:
        """Every open order of the account, conditional ones that wait included.

        Sparingly, ordinary ones are asked for of the contracts that rows of positions name, where those are the ones
        with a position or an order (USD-M docs, positionRisk v3).
        """
        if not (sparingly and self.dialect.names_contracts_with_orders):
            return await self._open_orders({}, _OPEN_OF_ALL)
        conditional, contracts = await asyncio.gather(self._conditional_open({}, _OPEN_OF_ALL), self._with_orders())
        if len(contracts) * _OPEN_OF_ONE >= _OPEN_OF_ALL:
            ordinary = await self._ordinary({}, _OPEN_OF_ALL)
        else:
            told = await asyncio.gather(*(self._ordinary({"symbol": one}, _OPEN_OF_ONE) for one in contracts))
            ordinary = [order for orders in told for order in orders]
        return reports.merged(ordinary, conditional, keep_lonely=False)

    async def _with_orders(self) -> list[str]:
        """Contracts with an ordinary order, or a position, by Binance's names."""
        call = self.dialect.ask(self.dialect.positions, 5)
        return await self.ask(call, {}, _ROWS, lambda rows: sorted({row.symbol for row in rows}))

    async def open_orders_of(self, instruments: Sequence[Instrument]) -> list[OrderReport]:
        """Every open order of these contracts, one contract after the other unless all at once weigh less."""
        if len(instruments) * _OPEN_OF_ONE >= _OPEN_OF_ALL:
            return await self.open_orders()
        found: list[OrderReport] = []
        for instrument in instruments:
            found += await self._open_orders({"symbol": instrument.native}, _OPEN_OF_ONE)
        return found

    async def _open_orders(self, parameters: Parameters, weight: int) -> list[OrderReport]:
        found, conditional = await asyncio.gather(
            self._ordinary(parameters, weight), self._conditional_open(parameters, weight)
        )
        # One that has triggered is open only as the order it became.
        return reports.merged(found, conditional, keep_lonely=False)

    async def _ordinary(self, parameters: Parameters, weight: int) -> list[OrderReport]:
        call = self.dialect.ask("/v1/openOrders", weight)
        return await self.ask(call, parameters, ORDERS, lambda rows: [reports.report(row, self.names) for row in rows])

    async def _conditional_open(self, parameters: Parameters, weight: int) -> list[OrderReport]:
        if not self.dialect.has_algo_service:
            return []
        call = self.dialect.ask("/v1/openAlgoOrders", weight)
        return await self.ask(
            call, parameters, ALGOS, lambda rows: [reports.algo_report(row, self.names) for row in rows]
        )


def _successor(order: Order, change: OrderChange, client_order_id: str) -> Order:
    """The order that takes the place of a conditional one; nothing of it has traded."""
    return replace(
        order,
        client_order_id=client_order_id,
        price=change.price or order.price,
        quantity=change.quantity or order.quantity,
        terms=replace(order.terms, trigger_price=change.trigger_price or order.terms.trigger_price),
        order_id=None,
        algo_id=None,
    )
