"""A replacement is not left too large by what its forerunner traded on the way out."""

from decimal import Decimal

import pytest

from tui.binance.errors import OutcomeUnknownError, RefusedError
from tui.binance.spot.changes import _trim
from tui.domain.order import OrderRequest, OrderStatus, order_from_request
from tui.domain.order_terms import OrderType, Side
from tui.domain.product import Product

D = Decimal


class Orders:
    """An account whose amendments end as told."""

    def __init__(self, error) -> None:
        self.error, self.cancelled = error, []

    async def send(self, *what):
        raise self.error

    async def cancel(self, order):
        self.cancelled.append(order.client_order_id)
        return "cancelled"


@pytest.mark.parametrize("error", [RefusedError("no", -2038), OutcomeUnknownError("no answer in time")])
async def test_a_replacement_whose_trimming_is_in_doubt_stayed_too_large(error) -> None:
    request = OrderRequest("BTCUSDT", Side.BUY, OrderType.LIMIT, D(1), D(100))
    wanted = order_from_request(request, Product.SPOT, "new", 1)
    placed = type("Placed", (), {"order_id": 7, "filled": D(0), "status": OrderStatus.NEW})()
    orders = Orders(error)
    assert await _trim(orders, wanted, placed, D("0.4")) == "cancelled"
    assert orders.cancelled == ["new"]


async def test_a_replacement_that_filled_before_it_was_trimmed_was_called_refused() -> None:
    """Neither amended nor cancelled any more: it is there, and what it traded must not be lost."""
    request = OrderRequest("BTCUSDT", Side.BUY, OrderType.LIMIT, D(1), D(100))
    wanted = order_from_request(request, Product.SPOT, "new", 1)
    placed = type("Placed", (), {"order_id": 7, "filled": D(0), "status": OrderStatus.NEW})()

    class Filled(Orders):
        async def cancel(self, order):
            raise RefusedError("Unknown order sent.", -2011)

        async def find_order(self, order):
            return None if self.error is None else f"{order.client_order_id} filled"

    assert await _trim(Filled(RefusedError("no", -2038)), wanted, placed, D("0.4")) == "new filled"
    assert await _trim(Filled(None), wanted, placed, D(1)) is placed
