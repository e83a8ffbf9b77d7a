"""Several orders of one futures product in one request: up to five new or changed ones, up to ten cancels.

The exchange answers element by element. Conditional orders do not go into batches; they are sent beside them.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import msgspec

from tui.binance.bounds import Id
from tui.binance.call import Call
from tui.binance.client import Changed, OrderAnswer
from tui.binance.errors import OutcomeUnknownError, RefusedError, failure
from tui.binance.futures import reports, requests, wire
from tui.binance.futures.requests import Parameters
from tui.binance.futures.trading import Trading
from tui.binance.order_parameters import DeniedError
from tui.domain.order import ChangeKind, Order, OrderChange, OrderReport

#: Orders of one request (-4082), and cancels of one (-4032).
PLACED_AT_ONCE = 5
CANCELLED_AT_ONCE = 10
#: Requests on their way at the same time.
_SIDE_BY_SIDE = 5


class _Element(msgspec.Struct):
    """Any element of an answer: an order, or why there is none."""

    orderId: Id | None = None
    code: int | None = None
    msg: str = ""


_ELEMENTS = msgspec.json.Decoder(list[msgspec.Raw])
_ELEMENT = msgspec.json.Decoder(_Element)
_ORDER = msgspec.json.Decoder(wire.OrderAnswer)

Settled = TypeVar("Settled")
Failure = RefusedError | OutcomeUnknownError


class Batches(Trading):
    """Several orders at once; see `client.ProductClient` for what each method promises."""

    @property
    def batch_size(self) -> int:
        """How many orders go into one request."""
        return PLACED_AT_ONCE

    async def place_many(self, orders: Sequence[Order]) -> list[OrderAnswer]:
        """Send several orders, those that can go together five at a time, conditional ones beside them."""
        answers: dict[int, OrderAnswer] = {}
        batch: list[tuple[int, Order, Parameters]] = []
        alone: list[tuple[int, Order]] = []
        for index, order in enumerate(orders):
            try:
                parameters = requests.placement(order, self.dialect, self.rest.clock.now_ms())
            except DeniedError as error:
                answers[index] = error
                continue
            if self.waits(order):
                alone.append((index, order))
            else:
                batch.append((index, order, parameters))
        parts = [batch[first : first + PLACED_AT_ONCE] for first in range(0, len(batch), PLACED_AT_ONCE)]
        told = await asyncio.gather(
            *(self._place_part(part) for part in parts),
            *(self._placed_alone(index, order) for index, order in alone),
        )
        for part in told:
            answers |= part
        return [answers[index] for index in range(len(orders))]

    async def _placed_alone(self, index: int, order: Order) -> dict[int, OrderAnswer]:
        return {index: await _outcome(self.place(order))}

    async def _place_part(self, part: list[tuple[int, Order, Parameters]]) -> dict[int, OrderAnswer]:
        call = self.dialect.place_batch("POST").reducing(all(order.is_protective for _, order, _ in part))
        named = [(index, order) for index, order, _ in part]
        items = requests.batch([parameters for _, _, parameters in part])
        return await self._elements(call, items, named, self._report)

    def _report(self, answer: wire.OrderAnswer, order: Order) -> OrderReport:
        return reports.report(answer, self.names, order)

    async def change_many(
        self, changes: Sequence[tuple[Order, OrderChange, str]]
    ) -> list[Changed | RefusedError | OutcomeUnknownError]:
        """Change several orders, those in place five at a time, answers in their order."""
        answers: dict[int, Changed | Failure] = {}
        batch: list[tuple[int, Order, Parameters]] = []
        alone: list[tuple[int, Awaitable[Changed]]] = []
        for index, (order, change, name) in enumerate(changes):
            try:
                if self.change_kind(order, change) is ChangeKind.REPLACES:
                    alone.append((index, self.change(order, change, name)))
                else:
                    batch.append((index, order, requests.modification(order, change, self.dialect)))
            except RefusedError as error:
                answers[index] = error
        for index, awaited in alone:
            answers[index] = await _outcome(awaited)
        for first in range(0, len(batch), PLACED_AT_ONCE):
            part = batch[first : first + PLACED_AT_ONCE]
            items = requests.batch([parameters for _, _, parameters in part])
            named = [(index, order) for index, order, _ in part]
            answers |= await self._elements(self.dialect.place_batch("PUT"), items, named, self.changed)
        return [answers[index] for index in range(len(changes))]

    async def cancel_many(self, orders: Sequence[Order]) -> list[OrderAnswer]:
        """Cancel several orders, ten of one symbol in a request, conditional ones one by one; as `place_many`."""
        answers: dict[int, OrderAnswer] = {}
        groups: dict[tuple[str, bool], list[tuple[int, Order]]] = {}
        alone: list[tuple[int, Order]] = []
        for index, order in enumerate(orders):
            if self.waits(order):
                alone.append((index, order))
            else:
                groups.setdefault((order.symbol, bool(order.order_id)), []).append((index, order))
        slots = asyncio.Semaphore(_SIDE_BY_SIDE)

        async def in_turn(part: Awaitable[dict[int, OrderAnswer]]) -> None:
            async with slots:
                answers.update(await part)

        parts = [
            group[first : first + CANCELLED_AT_ONCE]
            for group in groups.values()
            for first in range(0, len(group), CANCELLED_AT_ONCE)
        ]
        await asyncio.gather(
            *(in_turn(self._cancel_part(part)) for part in parts),
            *(in_turn(self._cancelled_alone(index, order)) for index, order in alone),
        )
        return [answers[index] for index in range(len(orders))]

    async def _cancelled_alone(self, index: int, order: Order) -> dict[int, OrderAnswer]:
        return {index: await _outcome(self.cancel(order))}

    async def _cancel_part(self, part: list[tuple[int, Order]]) -> dict[int, OrderAnswer]:
        """Orders of one symbol, either all with the exchange's numbers or all without."""
        if len(part) == 1:
            return await self._cancelled_alone(*part[0])
        first = part[0][1]
        parameters: Parameters = {"symbol": self.names.native(first.symbol)}
        if first.order_id:
            parameters["orderIdList"] = msgspec.json.encode([order.order_id for _, order in part]).decode()
        else:
            names = [order.client_order_id for _, order in part]
            parameters["origClientOrderIdList"] = msgspec.json.encode(names).decode()
        return await self._elements(self.dialect.cancel("/v1/batchOrders"), parameters, part, self._report)

    async def _elements(
        self,
        call: Call,
        parameters: Parameters,
        part: list[tuple[int, Order]],
        parse: Callable[[wire.OrderAnswer, Order], Settled],
    ) -> dict[int, Settled | Failure]:
        """What each element of one request came to; the request's own failure counts for all."""

        def read(rows: list[msgspec.Raw]) -> dict[int, Settled | Failure]:
            if len(rows) != len(part):
                raise ValueError(f"{len(rows)} answers to {len(part)} orders")
            return {index: _element(row, order, parse) for row, (index, order) in zip(rows, part, strict=True)}

        try:
            return await self.ask(call, parameters, _ELEMENTS, read)
        except (RefusedError, OutcomeUnknownError) as error:
            return {index: error for index, _ in part}


def _element(row: msgspec.Raw, order: Order, parse: Callable[[wire.OrderAnswer, Order], Settled]) -> Settled | Failure:
    head = _ELEMENT.decode(row)
    if head.orderId is None and head.code is None:
        # Neither an order nor a refusal: it proves nothing, and must not be taken for "not sent".
        return OutcomeUnknownError("its part of the answer says nothing")
    if head.orderId is None:
        return failure(400, head.code, head.msg)
    return parse(_ORDER.decode(row), order)


async def _outcome(asked: Awaitable[Settled]) -> Settled | Failure:
    try:
        return await asked
    except (RefusedError, OutcomeUnknownError) as error:
        return error
