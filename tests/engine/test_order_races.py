"""Orders whose answers, events and questions meet in the worst order."""

import asyncio
from decimal import Decimal

import pytest
from engine_table import limit, until
from fake_client import PERP, position, report
from test_positions_and_lists import Lists, spot_bracket, taken

from tui.binance.errors import OutcomeUnknownError
from tui.domain.order import OrderChange, OrderRequest, OrderStatus
from tui.domain.order_terms import OrderType, Side, Terms
from tui.engine.commands.answers import Result
from tui.engine.commands.orders import ChangeOrder, Protect, SubmitOrderList

D = Decimal
LOST = OutcomeUnknownError("no answer in time")


@pytest.fixture
async def hasty(table_with):
    """A session that looks up orders almost as soon as they were sent."""
    table = table_with(inflight_check_interval_ms=10, inflight_check_threshold_ms=30)
    await table.start()
    return table


async def test_an_order_still_being_tried_was_called_lost_and_then_landed(hasty) -> None:
    """What is refused for a moment is sent again after seconds: the exchange knows nothing of it till then."""
    sent = asyncio.Event()

    async def tried_again(order):
        await sent.wait()
        return report(order)

    hasty.spot.place_script.append(tried_again)
    sending = asyncio.create_task(hasty.submit(limit()))
    await until(lambda: len(hasty.spot.queried) > 8)
    [order] = hasty.store.orders.values()
    assert order.status is OrderStatus.UNKNOWN
    sent.set()
    assert (await sending).result is Result.DONE
    assert hasty.order(order.client_order_id).status is OrderStatus.NEW


async def test_what_may_still_land_was_reckoned_from_before_the_last_try(hasty) -> None:
    ended_ms = []

    async def lost_at_last(order):
        await until(lambda: hasty.clock.now_ms() - order.created_ms > 100)
        ended_ms.append(hasty.clock.now_ms())
        raise LOST

    hasty.spot.place_script.append(lost_at_last)
    assert (await hasty.submit(limit())).result is Result.UNKNOWN
    [order] = hasty.store.orders.values()
    await until(lambda: hasty.order(order.client_order_id).status is OrderStatus.REJECTED)
    assert hasty.clock.now_ms() - ended_ms[0] >= 50, "the window of a request that had just left"


async def test_what_was_kept_from_trading_with_oneself_was_ordered_again_by_a_change(open_table) -> None:
    """Spot's DECREMENT takes away from an order that goes on: origQty - executedQty - preventedQty remains."""
    async with open_table() as table:
        outcome = await table.submit(limit(quantity="1"))
        name = outcome.client_order_id
        cut = report(table.order(name), OrderStatus.PARTIALLY_FILLED, "0.2", prevented=D("0.5"))
        table.spot.user.on_order_report(cut)
        assert table.order(name).leaves == D("0.3")
        assert (await table.do(ChangeOrder(name, OrderChange(price=D("99.4")), reviewed=True))).result is Result.DONE
        new = next(order for order in table.store.orders.values() if order.replaces == name)
        assert new.quantity == D("0.3")


async def test_a_stop_changed_again_while_its_successor_stood_and_it_was_still_going_had_two(open_table) -> None:
    async with open_table(PERP.symbol) as table:
        table.perp.user.on_positions([position("1")])
        terms = Terms(trigger_price=D(95))
        stop = OrderRequest(PERP.symbol, Side.SELL, OrderType.STOP_MARKET, D("0.5"), reduce_only=True, terms=terms)
        name = (await table.submit(stop)).client_order_id
        going = asyncio.Event()

        async def slowly(order):
            await going.wait()
            return report(order, OrderStatus.CANCELED)

        table.perp.cancel_script.append(slowly)
        first = asyncio.create_task(table.do(ChangeOrder(name, OrderChange(trigger_price=D(96)), reviewed=True)))
        await until(lambda: table.perp.cancelled)
        second = await table.do(ChangeOrder(name, OrderChange(trigger_price=D(97)), reviewed=True))
        assert second.result is Result.REFUSED
        going.set()
        assert (await first).result is Result.DONE
        assert [order.trigger_price for order in table.store.open_orders()] == [D(96)]


async def test_exits_of_a_list_stayed_larger_than_its_entry_was_made(open_table, monkeypatch) -> None:
    """The exchange leaves them as they are: once due they would have sold coins that were held before."""
    lists = Lists(taken)
    monkeypatch.setattr("fake_client.FakeClient.lists", property(lambda client: lists), raising=False)
    async with open_table() as table:
        await table.do(SubmitOrderList(spot_bracket(), reviewed=True))
        entry, profit, _ = table.store.open_orders()
        smaller = OrderChange(quantity=D("0.06"))
        outcome = await table.do(ChangeOrder(entry.client_order_id, smaller, reviewed=True))
        assert outcome.result is Result.REFUSED
        assert "its exits" in outcome.text
        assert table.spot.changed == []
        table.spot.user.on_order_report(report(entry, OrderStatus.FILLED, "0.1", list_id=5))
        table.spot.user.on_order_report(report(profit, list_id=5))
        smaller_exit = await table.do(ChangeOrder(profit.client_order_id, smaller, reviewed=True))
        assert smaller_exit.result is Result.DONE, smaller_exit.text


async def test_an_entry_is_not_made_smaller_before_its_list_has_answered(open_table, monkeypatch) -> None:
    lists = Lists(taken)
    monkeypatch.setattr("fake_client.FakeClient.lists", property(lambda client: lists), raising=False)
    answered = asyncio.Event()

    async def slowly(orders, name, *, sized_from_entry):
        await answered.wait()
        return taken(orders)

    lists.place = slowly
    async with open_table() as table:
        sending = asyncio.create_task(table.do(SubmitOrderList(spot_bracket(), reviewed=True)))
        await until(lambda: len(table.store.orders) == 3)
        entry = table.store.open_orders()[0]
        table.spot.user.on_order_report(report(entry, list_id=5))
        smaller = ChangeOrder(entry.client_order_id, OrderChange(quantity=D("0.06")), reviewed=True)
        assert (await table.do(smaller)).result is Result.REFUSED
        answered.set()
        assert (await sending).result is Result.DONE


@pytest.mark.parametrize("asks", ["change", "protect"])
async def test_a_stop_went_for_one_that_had_ended_before_its_answer_came(open_table, asks) -> None:
    """The exchange may end it at once, to keep it from trading with oneself: nothing would protect any more."""
    async with open_table(PERP.symbol) as table:
        table.perp.user.on_positions([position("1")])
        await table.do(Protect(PERP.symbol, stop_price=D(95), reviewed=True))
        [old] = table.store.open_orders()

        def ended(order):
            table.perp.user.on_order_report(report(order, OrderStatus.CANCELED, reason="self-trade prevention"))
            return report(order)

        table.perp.place_script.append(ended)
        change = ChangeOrder(old.client_order_id, OrderChange(trigger_price=D(96)), reviewed=True)
        protect = Protect(PERP.symbol, stop_price=D(96), reviewed=True)
        outcome = await table.do(change if asks == "change" else protect)
        assert outcome.result is Result.REFUSED
        assert table.store.open_orders() == [old]
