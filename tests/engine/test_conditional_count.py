"""The warning before futures hold as many conditional orders as there may be."""

from dataclasses import replace
from decimal import Decimal

from engine_table import until
from fake_client import report

from tui.domain.order import Order, OrderRequest, OrderStatus
from tui.domain.order_terms import OrderType, Side, Terms, TimeInForce
from tui.domain.product import Product
from tui.engine.preview import preview

D = Decimal
PERP = "BTCUSDT-PERP"
STOP = OrderRequest(PERP, Side.SELL, OrderType.STOP_MARKET, D("0.1"), terms=Terms(trigger_price=D(90)))


def stops(count: int) -> list[Order]:
    return [
        Order(
            Product.USDM,
            PERP,
            f"web_{number}",
            Side.SELL,
            OrderType.STOP_MARKET,
            TimeInForce.GTC,
            D("0.1"),
            None,
            OrderStatus.NEW,
            1,
            1,
            order_id=10_000 + number,
            terms=Terms(trigger_price=D(90)),
        )
        for number in range(count)
    ]


async def test_two_hundred_conditional_orders_came_without_a_warning_at_190(open_table) -> None:
    async with open_table(PERP) as table:
        held = stops(191)
        for order in held[:189]:
            table.perp.user.on_order_report(report(order, algo_id=order.order_id))
        assert not table.said("conditional orders")
        assert not any("conditional" in note for note in preview(STOP, table.store, table.bench).notes)
        for order in held[189:]:
            table.perp.user.on_order_report(report(order, algo_id=order.order_id))
        assert sum("hold 190 of at most 200" in message.text for message in table.store.messages) == 1
        assert "191 of at most 200" in " ".join(preview(STOP, table.store, table.bench).notes)
        for order in held[:2]:
            table.perp.user.on_order_report(report(order, OrderStatus.CANCELED, algo_id=order.order_id))
        again = replace(held[0], client_order_id="web_again", order_id=99_999)
        table.perp.user.on_order_report(report(again, algo_id=99_999))
        await until(lambda: sum("hold 190 of at" in message.text for message in table.store.messages) == 2)


async def test_a_triggered_order_is_no_longer_counted(open_table) -> None:
    async with open_table(PERP) as table:
        held = stops(190)
        for order in held[:189]:
            table.perp.user.on_order_report(report(order, algo_id=order.order_id))
        table.perp.user.on_order_report(report(held[0], algo_id=held[0].order_id, is_triggered=True))
        table.perp.user.on_order_report(report(held[189], algo_id=held[189].order_id))
        assert not table.said("conditional orders")
