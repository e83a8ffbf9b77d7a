"""Order lists that the exchange holds itself, of spot and of margin."""

from collections.abc import Callable, Mapping, Sequence

import msgspec

from tui.binance.call import Call
from tui.binance.errors import OutcomeUnknownError
from tui.binance.order_parameters import Denial, DeniedError
from tui.binance.spot import parse, wire
from tui.binance.spot.list_requests import ListKind, ListRequest
from tui.binance.spot.order_fields import Fields
from tui.binance.spot.trading import CoinOrders
from tui.domain.instrument import Instrument
from tui.domain.order import Order, OrderReport

_LIST = msgspec.json.Decoder(wire.ListAnswer, strict=False)

#: The request for a list: its orders, its client id, and whether the legs are sized from the entry.
MakeRequest = Callable[[Sequence[Order], str, bool], ListRequest]


class CoinLists:
    """Lists of one account. See `client.OrderLists`. `places` has the call of each kind that the account knows."""

    def __init__(self, orders: CoinOrders, places: Mapping[ListKind, Call], cancel: Call, make: MakeRequest) -> None:
        self._orders = orders
        self._places = places
        self._cancel = cancel
        self._make = make

    async def place(self, orders: Sequence[Order], list_client_id: str, *, sized_from_entry: bool) -> list[OrderReport]:
        """Send a list; the reports stand in the orders' order."""
        request = self._make(orders, list_client_id, sized_from_entry)
        call = self._places.get(request.kind)
        if call is None:
            known = ", ".join(kind.value.upper() for kind in self._places)
            raise DeniedError(Denial.LISTS, f"there is no {request.kind.value.upper()} here; there is {known}")
        return await self._orders.send(
            call.reducing(all(order.is_protective for order in orders)),
            f"orderList.place.{request.kind.value}",
            request.parameters,
            _LIST,
            lambda told: self._reports(told, request.orders),
        )

    async def cancel(self, list_id: int, instrument: Instrument) -> list[OrderReport]:
        """Cancel every order of a list."""
        parameters: Fields = {"symbol": instrument.native, "orderListId": list_id}
        return await self._orders.send(
            self._cancel,
            "orderList.cancel",
            parameters,
            _LIST,
            lambda told: [parse.report(row, product=self._orders.product) for row in told.orderReports],
        )

    def _reports(self, told: wire.ListAnswer, asked: Sequence[Order]) -> list[OrderReport]:
        """The legs' reports, each with the list's number, which margin leaves out of them."""
        rows = {row.clientOrderId: row for row in told.orderReports}
        reports = []
        for order in asked:
            row = rows.get(order.client_order_id)
            if row is None:
                raise OutcomeUnknownError(f"list {told.orderListId}: the answer leaves {order.client_order_id} out")
            row.orderListId = told.orderListId
            reports.append(parse.report(row, order, self._orders.product))
        return reports
