"""An order whose answer was lost and which somebody canceled before it was asked for: it has the id of its cancel."""

from dataclasses import replace

import pytest
from engine_table import limit, until
from fake_client import report

from tui.binance.errors import OutcomeUnknownError, RefusedError
from tui.domain.order import OrderStatus
from tui.engine.orders.ledger import NEVER_REACHED

PERP = "BTCUSDT-PERP"
LOST = OutcomeUnknownError("no answer in time")
CANCEL = "x7Qk0aWeb"


def canceled_elsewhere(order, number=77, filled="0.03", **changes):
    said = report(order, OrderStatus.CANCELED, filled, order.created_ms + 5, client_order_id=CANCEL, order_id=number)
    return replace(said, **changes)


async def lost(table, request=None):
    client = table.spot if request is None else table.perp
    client.place_script.append(LOST)
    outcome = await table.submit(request or limit())
    return table.order(outcome.client_order_id)


async def settled(table, order):
    await until(lambda: table.order(order.client_order_id).status.is_closed)
    return table.order(order.client_order_id)


async def test_a_part_of_an_order_had_traded_that_was_told_to_have_never_reached_the_exchange(open_table) -> None:
    async with open_table() as table:
        order = await lost(table)
        table.spot.past.append(canceled_elsewhere(order))
        ended = await settled(table, order)
        assert (ended.status, str(ended.filled), ended.order_id) == (OrderStatus.CANCELED, "0.03", 77)
        assert len(table.spot.placed) == 1


async def test_it_is_a_strangers_no_longer_where_it_was_heard_of_before(open_table) -> None:
    async with open_table() as table:
        order = await lost(table)
        table.spot.user.on_order_report(canceled_elsewhere(order))
        assert table.store.orders[CANCEL].is_foreign
        table.spot.past.append(canceled_elsewhere(order))
        assert (await settled(table, order)).status is OrderStatus.CANCELED
        assert CANCEL not in table.store.orders


async def test_of_several_alike_the_one_that_traded_is_taken(open_table) -> None:
    async with open_table() as table:
        order = await lost(table)
        table.spot.past += [canceled_elsewhere(order, 76, "0"), canceled_elsewhere(order, 77)]
        assert (await settled(table, order)).order_id == 77


@pytest.mark.parametrize("other", ["price", "quantity", "side", "working", "ours", "older", "known"])
async def test_another_order_is_not_taken_for_it(open_table, other) -> None:
    async with open_table() as table:
        order = await lost(table)
        said = canceled_elsewhere(order)
        match other:
            case "price":
                said = replace(said, price=said.price + 1)
            case "quantity":
                said = replace(said, quantity=said.quantity * 2)
            case "side":
                said = replace(said, side=said.side.opposite)
            case "working":
                said = replace(said, status=OrderStatus.NEW)
            case "ours":
                said = replace(said, client_order_id="btui-another")
            case "older":
                said = replace(said, time_ms=order.created_ms - 1_001)
            case "known":
                twin = table.order((await table.submit(limit("99"))).client_order_id)
                said = replace(said, order_id=twin.order_id)
        table.spot.past.append(said)
        assert (await settled(table, order)).reason == NEVER_REACHED


async def test_it_stays_unknown_until_the_orders_of_its_symbol_can_be_read(open_table) -> None:
    async with open_table() as table:
        order = await lost(table)
        past, table.spot.past_orders = table.spot.past_orders, refused
        await until(lambda: len(table.spot.queried) >= 5)
        assert table.order(order.client_order_id).status is OrderStatus.UNKNOWN
        table.spot.past.append(canceled_elsewhere(order))
        table.spot.past_orders = past
        assert (await settled(table, order)).status is OrderStatus.CANCELED


async def refused(*_asked):
    raise RefusedError("busy")


async def test_a_futures_order_keeps_its_id_and_needs_no_such_question(open_table) -> None:
    async with open_table(PERP) as table:
        order = await lost(table, limit(symbol=PERP))
        table.perp.past.append(canceled_elsewhere(order))
        assert (await settled(table, order)).reason == NEVER_REACHED
