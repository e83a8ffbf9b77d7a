"""The history of an order: everything the journal has of it, read beside the loop, true while the order lives."""

import asyncio
from decimal import Decimal

from engine_table import limit, until
from fake_client import fill_of, report

from tui.domain.order import OrderChange, OrderStatus
from tui.engine.commands import Origin
from tui.engine.commands.orders import CancelOrder, ChangeOrder
from tui.engine.commands.views import ShowOrderHistory
from tui.engine.order_history import Intended, Noted, OrderKey, Stated, read_history

D = Decimal
SCOPE = ("demo", "main")


async def shown(table, name, order_id=0):
    await table.do(ShowOrderHistory(OrderKey("BTCUSDT", name, order_id)))
    await until(lambda: table.store.order_history.is_read, 30)
    return table.store.order_history


async def test_it_tells_who_asked_what_the_guards_said_and_what_came_of_it(open_table) -> None:
    async with open_table() as table:
        name = (await table.submit(limit(quantity="0.4"))).client_order_id
        fill = fill_of(table.order(name), 7, "0.1", "99.5")
        partly = report(table.order(name), OrderStatus.PARTIALLY_FILLED, "0.1", fill=fill, time_ms=fill.time_ms)
        table.spot.user.on_order_report(partly)
        await table.do(CancelOrder(name), Origin.ORDERS)
        history = await shown(table, name)
        first, *rest = history.entries
        assert isinstance(first, Intended)
        assert (first.who, first.reviewed, first.order.quantity) == ("key", True, D("0.4"))
        assert first.passed[0] == "read-only"
        assert [entry.report.filled for entry in rest if isinstance(entry, Stated)] == [D("0.1")]
        noted = [(entry.kind, entry.asked.who if entry.asked else "") for entry in rest if isinstance(entry, Noted)]
        assert noted == [("asked", "orders"), ("cancel", "")]
        assert [order.status for order in history.orders] == [OrderStatus.CANCELED]
        assert [fill.trade_id for fill in history.fills] == [7]


async def test_it_grows_while_the_order_lives(open_table) -> None:
    async with open_table() as table:
        name = (await table.submit(limit(quantity="0.4"))).client_order_id
        history = await shown(table, name)
        fill = fill_of(table.order(name), 8, "0.4", "99.5")
        table.spot.user.on_order_report(report(table.order(name), OrderStatus.FILLED, "0.4", fill=fill))
        await until(lambda: table.store.order_history != history, 30)
        await until(lambda: table.store.order_history.orders[-1].status is OrderStatus.FILLED, 30)
        assert [fill.trade_id for fill in table.store.order_history.fills] == [8]


async def test_orders_that_took_each_others_place_are_one_story(open_table) -> None:
    async with open_table() as table:
        first = (await table.submit(limit("99.5", "0.4"))).client_order_id
        await table.do(ChangeOrder(first, OrderChange(price=D("99.4")), reviewed=True))
        second = next(order for order in table.store.open_orders("BTCUSDT") if order.replaces == first)
        for asked in (first, second.client_order_id):
            history = await shown(table, asked)
            assert [order.client_order_id for order in history.orders] == [first, second.client_order_id]
            assert [entry.kind for entry in history.entries if isinstance(entry, Noted)] == ["asked", "change"]


async def test_orders_of_one_millisecond_stand_in_the_order_they_were_made(open_table, monkeypatch) -> None:
    monkeypatch.setattr("tui.engine.clock.Clock.now_ms", lambda clock: 1_700_000_000_000)
    async with open_table() as table:
        first = (await table.submit(limit("99.5", "0.4"))).client_order_id
        await table.do(ChangeOrder(first, OrderChange(price=D("99.4")), reviewed=True))
        second = next(order for order in table.store.open_orders("BTCUSDT") if order.replaces == first)
        for asked in (first, second.client_order_id):
            history = await shown(table, asked)
            assert [order.client_order_id for order in history.orders] == [first, second.client_order_id]


async def test_an_execution_without_our_id_leads_to_its_order_by_the_exchanges_number(open_table) -> None:
    async with open_table() as table:
        name = (await table.submit(limit(quantity="0.4"))).client_order_id
        number = table.order(name).order_id
        history = await shown(table, "", number)
        assert [order.client_order_id for order in history.orders] == [name]
        assert isinstance(history.entries[0], Intended)


async def test_reading_holds_nothing_up_and_what_cannot_be_read_is_said(open_table, monkeypatch) -> None:
    async with open_table() as table:
        name = (await table.submit(limit())).client_order_id
        begun, go_on = asyncio.Event(), asyncio.Event()
        loop = asyncio.get_running_loop()

        def slow(path, scope, wanted):
            loop.call_soon_threadsafe(begun.set)
            asyncio.run_coroutine_threadsafe(go_on.wait(), loop).result(30)
            return read_history(path.with_name("gone.sqlite"), scope, wanted)

        monkeypatch.setattr("tui.engine.orders.histories.read_history", slow)
        await table.do(ShowOrderHistory(OrderKey("BTCUSDT", name)))
        await asyncio.wait_for(begun.wait(), 30)
        assert (await table.submit(limit("99.4"))).client_order_id
        assert not table.store.order_history.is_read
        go_on.set()
        await until(lambda: table.store.order_history.is_read, 30)
        assert "gone.sqlite cannot be read" in table.store.order_history.problem
        assert [order.client_order_id for order in table.store.order_history.orders] == [name], "what is known stays"


async def test_other_accounts_orders_are_not_told_of(open_table) -> None:
    async with open_table() as table:
        name = (await table.submit(limit())).client_order_id
        path = table.journal.path
    assert read_history(path, SCOPE, OrderKey("BTCUSDT", name)).entries
    assert not read_history(path, ("demo", "other"), OrderKey("BTCUSDT", name)).entries
