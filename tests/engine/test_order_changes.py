"""Orders changed in place, replaced by the exchange, and replaced by the program; several at once."""

import asyncio
from decimal import Decimal

import pytest
from engine_table import limit, until
from fake_client import REFUSED, position, report

from tui.binance.client import Changed
from tui.binance.errors import OutcomeUnknownError, RefusedError
from tui.domain.order import OrderChange, OrderRequest, OrderStatus
from tui.domain.order_terms import OrderType, Side, Terms
from tui.engine.commands.answers import Result
from tui.engine.commands.orders import (
    CancelEntries,
    CancelOrder,
    CancelOrders,
    ChangeOrder,
    ChangeOrders,
    SubmitOrder,
    SubmitOrders,
)

D = Decimal
PERP = "BTCUSDT-PERP"
LOST = OutcomeUnknownError("no answer in time")


async def working(table, symbol, price="99.5", quantity="0.4", **changes):
    outcome = await table.submit(limit(price, quantity, symbol=symbol, **changes))
    assert outcome.result is Result.DONE, outcome.text
    return outcome.client_order_id


async def change(table, name, **values):
    return await table.do(ChangeOrder(name, OrderChange(**values), reviewed=True))


async def test_a_change_in_place_says_what_becomes_of_the_queue(open_table) -> None:
    async with open_table(PERP) as table:
        name = await working(table, PERP)
        outcome = await change(table, name, price=D("99.6"))
        assert outcome.result is Result.DONE
        assert "goes to the end of the queue" in outcome.text
        assert (table.order(name).price, table.order(name).change_requested) == (D("99.6"), False)


async def test_a_smaller_spot_order_keeps_its_place(open_table) -> None:
    async with open_table() as table:
        name = await working(table, "BTCUSDT")
        outcome = await change(table, name, quantity=D("0.2"))
        assert "keeps its place in the queue" in outcome.text
        assert table.order(name).quantity == D("0.2")


async def test_a_replaced_spot_order_carries_its_fills_and_only_what_is_left(open_table) -> None:
    async with open_table() as table:
        name = await working(table, "BTCUSDT")
        partly = report(table.order(name), OrderStatus.PARTIALLY_FILLED, "0.1")
        table.spot.user.on_order_report(partly)
        outcome = await change(table, name, price=D("99.7"))
        assert "sent anew" in outcome.text
        new = table.order(outcome.client_order_id)
        assert table.order(name).status is OrderStatus.CANCELED
        assert (new.replaces, new.filled_before, new.quantity, new.price) == (name, D("0.1"), D("0.3"), D("99.7"))
        assert new.status is OrderStatus.NEW


async def test_an_order_gone_whose_replacement_was_refused_is_told_loudly(open_table) -> None:
    async with open_table() as table:
        name = await working(table, "BTCUSDT")
        gone = report(table.order(name), OrderStatus.CANCELED)
        table.spot.change_script.append(Changed(gone, None, REFUSED))
        outcome = await change(table, name, price=D("99.7"))
        assert outcome.result is Result.REFUSED
        assert "was canceled, and what was to take its place was refused" in outcome.text
        assert table.store.open_orders() == []


async def test_a_change_without_an_answer_is_asked_about_and_not_repeated(open_table) -> None:
    async with open_table(PERP) as table:
        name = await working(table, PERP)
        table.perp.change_script.append(LOST)
        outcome = await change(table, name, price=D("99.6"))
        assert outcome.result is Result.UNKNOWN
        assert table.order(name).change_requested
        table.perp.known[name] = report(table.order(name), price=D("99.6"))
        await until(lambda: not table.order(name).change_requested)
        assert table.order(name).price == D("99.6")
        assert len(table.perp.changed) == 1


async def test_a_replacement_without_an_answer_leaves_neither_order_in_doubt(open_table) -> None:
    async with open_table() as table:
        name = await working(table, "BTCUSDT")
        table.spot.change_script.append(LOST)
        outcome = await change(table, name, price=D("99.7"))
        new = outcome.client_order_id
        assert table.order(new).status is OrderStatus.UNKNOWN
        table.spot.known[name] = report(table.order(name), OrderStatus.CANCELED)
        table.spot.known[new] = report(table.order(new), order_id=88)
        await until(lambda: table.order(new).status is OrderStatus.NEW)
        await until(lambda: table.order(name).status is OrderStatus.CANCELED)


async def test_a_change_is_judged_by_the_guards_like_a_new_order(open_table) -> None:
    async with open_table(PERP, max_order_notional=D(100)) as table:
        name = await working(table, PERP)
        outcome = await change(table, name, quantity=D(5))
        assert outcome.refusal.rule == "max-notional"
        locked = await table.do(ChangeOrder(name, OrderChange(price=D("99.6"))))
        assert locked.refusal.rule == "locked"
        assert table.perp.changed == []


async def test_a_total_that_has_filled_already_is_refused(open_table) -> None:
    async with open_table(PERP) as table:
        name = await working(table, PERP)
        table.perp.user.on_order_report(report(table.order(name), OrderStatus.PARTIALLY_FILLED, "0.2"))
        assert (await change(table, name, quantity=D("0.2"))).refusal.rule == "quantity"


def stop(trigger="98", **changes):
    values = {"reduce_only": True, "terms": Terms(trigger_price=D(trigger))}
    return OrderRequest(PERP, Side.SELL, OrderType.STOP_MARKET, D("0.4"), **(values | changes))


async def test_a_protecting_stop_is_replaced_before_the_old_one_is_cancelled(open_table) -> None:
    async with open_table(PERP) as table:
        table.perp.user.on_positions([position("0.4")])
        old = (await table.submit(stop())).client_order_id
        order_of_events = []
        table.perp.place_script.append(lambda order: order_of_events.append("placed") or report(order, order_id=21))
        table.perp.cancel_script.append(
            lambda order: order_of_events.append("cancelled") or report(order, OrderStatus.CANCELED)
        )
        outcome = await change(table, old, trigger_price=D("98.5"))
        assert outcome.result is Result.DONE, outcome.text
        assert order_of_events == ["placed", "cancelled"]
        new = table.order(outcome.client_order_id)
        assert (new.trigger_price, new.replaces, new.reduce_only) == (D("98.5"), old, True)
        assert table.order(old).status is OrderStatus.CANCELED
        await asyncio.sleep(0)
        assert len(table.perp.cancelled) == 1, "the old one was cancelled a second time, which the exchange refuses"


async def test_the_old_stop_stays_where_the_new_one_is_refused(open_table) -> None:
    async with open_table(PERP) as table:
        table.perp.user.on_positions([position("0.4")])
        old = (await table.submit(stop())).client_order_id
        table.perp.place_script.append(RefusedError("Order would immediately trigger.", -2021))
        outcome = await change(table, old, trigger_price=D("99.9"))
        assert outcome.result is Result.REFUSED
        assert table.order(old).status is OrderStatus.NEW
        assert table.perp.cancelled == []


async def test_the_old_stop_goes_once_a_new_one_in_doubt_is_found(open_table) -> None:
    async with open_table(PERP) as table:
        table.perp.user.on_positions([position("0.4")])
        old = (await table.submit(stop())).client_order_id
        table.perp.place_script.append(LOST)
        table.perp.find_script.append(lambda order: report(order, order_id=31))
        outcome = await change(table, old, trigger_price=D("98.5"))
        assert outcome.result is Result.UNKNOWN
        assert table.order(old).status is OrderStatus.NEW
        await until(lambda: table.order(old).status is OrderStatus.CANCELED)
        assert len(table.perp.placed) == 2


async def test_an_order_changed_again_before_the_answer_came_to_stand_twice(open_table) -> None:
    """The first stop, in doubt, was found later beside the second one that had replaced the same old one."""
    async with open_table(PERP) as table:
        table.perp.user.on_positions([position("0.4")])
        old = (await table.submit(stop())).client_order_id
        table.perp.place_script.append(LOST)
        assert (await change(table, old, trigger_price=D(97))).result is Result.UNKNOWN
        again = await change(table, old, trigger_price=D(96))
        assert again.refusal.rule == "change"
        assert "being changed already" in again.text
        first = table.perp.placed[-1]
        table.perp.known[first.client_order_id] = report(first, order_id=88)
        await until(lambda: [order.trigger_price for order in table.store.open_orders()] == [D(97)])


async def test_a_change_in_place_waits_for_the_one_before(open_table) -> None:
    async with open_table(PERP) as table:
        name = await working(table, PERP)
        table.perp.change_script.append(LOST)
        assert (await change(table, name, price=D("99.6"))).result is Result.UNKNOWN
        assert (await change(table, name, price=D("99.7"))).refusal.rule == "change"
        assert len(table.perp.changed) == 1


async def test_a_post_only_order_cancelled_by_its_change_was_shown_working(open_table) -> None:
    async with open_table(PERP) as table:
        name = await working(table, PERP, post_only=True)
        table.perp.known[name] = report(table.order(name), OrderStatus.CANCELED)
        table.perp.change_script.append(RefusedError("Post Only order will be rejected.", -5022))
        assert (await change(table, name, price=D("99.9"))).result is Result.REFUSED
        await until(lambda: table.order(name).status is OrderStatus.CANCELED)


async def test_an_entry_stop_is_cancelled_before_another_can_trigger(open_table) -> None:
    async with open_table(PERP) as table:
        entry = OrderRequest(PERP, Side.BUY, OrderType.STOP_MARKET, D("0.4"), terms=Terms(trigger_price=D(101)))
        old = (await table.submit(entry)).client_order_id
        outcome = await change(table, old, trigger_price=D(102))
        assert outcome.result is Result.DONE
        assert [order.client_order_id for order in table.perp.cancelled] == [old]
        assert table.order(outcome.client_order_id).trigger_price == D(102)


async def test_the_old_stop_stayed_beside_the_new_one_that_the_stream_told_of(open_table) -> None:
    async with open_table(PERP) as table:
        table.perp.user.on_positions([position("0.4")])
        old = (await table.submit(stop())).client_order_id

        def told_by_the_stream_alone(order):
            table.perp.user.on_order_report(report(order, order_id=31))
            raise LOST

        table.perp.place_script.append(told_by_the_stream_alone)
        outcome = await change(table, old, trigger_price=D("98.5"))
        assert outcome.result is Result.DONE
        await until(lambda: table.order(old).status is OrderStatus.CANCELED, timeout=1.0)
        assert len(table.perp.placed) == 2


@pytest.mark.parametrize(("traded", "sent"), [("0.1", ["0.3"]), ("0.4", [])])
async def test_an_entry_stop_that_traded_while_it_was_replaced_was_bought_twice(open_table, traded, sent) -> None:
    async with open_table(PERP) as table:
        entry = OrderRequest(PERP, Side.BUY, OrderType.STOP_MARKET, D("0.4"), terms=Terms(trigger_price=D(101)))
        old = (await table.submit(entry)).client_order_id
        table.perp.cancel_script.append(lambda order: report(order, OrderStatus.CANCELED, traded))
        outcome = await change(table, old, trigger_price=D(102))
        assert [str(order.quantity) for order in table.perp.placed[1:]] == sent
        assert (outcome.result is Result.DONE) == bool(sent)


async def test_several_orders_go_in_batches_and_are_answered_one_by_one(open_table) -> None:
    async with open_table(PERP) as table:
        table.perp.batch_size = 5
        table.perp.place_script.extend([report, REFUSED])
        requests = tuple(limit(f"99.{digit}", symbol=PERP) for digit in range(1, 8))
        outcome = await table.do(SubmitOrders(requests, reviewed=True))
        assert table.perp.batches == [5, 2]
        assert outcome.result is Result.REFUSED
        assert outcome.text.startswith("6 of 7 orders sent; BUY 0.100 BTCUSDT-PERP LIMIT @ 99.2 rejected: -2010")
        assert len(table.store.open_orders()) == 6


async def test_a_batch_without_an_answer_leaves_each_of_its_orders_to_be_asked_for(open_table) -> None:
    async with open_table(PERP) as table:
        table.perp.batch_size = 5
        table.perp.batch_script.append(LOST)
        outcome = await table.do(SubmitOrders((limit("99.1", symbol=PERP), limit("99.2", symbol=PERP)), reviewed=True))
        assert outcome.result is Result.UNKNOWN
        first, second = table.store.open_orders()
        assert first.status is second.status is OrderStatus.UNKNOWN
        table.perp.known[first.client_order_id] = report(first, order_id=71)
        await until(lambda: table.order(first.client_order_id).status is OrderStatus.NEW)
        await until(lambda: table.order(second.client_order_id).status is OrderStatus.REJECTED)
        assert table.perp.placed == []


async def test_several_orders_are_changed_and_cancelled_together(open_table) -> None:
    async with open_table(PERP) as table:
        table.perp.batch_size = 5
        names = [await working(table, PERP, f"99.{digit}") for digit in (1, 2, 3)]
        changes = tuple((name, OrderChange(price=D("99.5") + index)) for index, name in enumerate(names[:2]))
        assert (await table.do(ChangeOrders(changes, reviewed=True))).text == "2 of 2 orders changed"
        assert [table.order(name).price for name in names] == [D("99.5"), D("100.5"), D("99.3")]
        table.perp.cancel_script.extend([report, RefusedError("Unknown order sent.", -2011)])
        table.perp.cancel_script[0] = lambda order: report(order, OrderStatus.CANCELED)
        table.perp.known[names[1]] = report(table.order(names[1]), OrderStatus.FILLED, "0.4")
        outcome = await table.do(CancelOrders((*names[:2], "btui-none")))
        assert table.perp.batches[-1] == -2
        assert "There is no order btui-none" in outcome.text
        assert "was already filled" in outcome.text
        await table.do(CancelEntries(PERP))
        assert table.store.open_orders() == []


@pytest.mark.parametrize(("code", "words"), [(-4116, "ClientOrderId is duplicated"), (-2010, "Duplicate order sent.")])
async def test_an_order_said_to_be_there_already_is_asked_for(open_table, code, words) -> None:
    async with open_table() as table:
        table.spot.place_script.append(RefusedError(words, code))
        table.spot.find_script.append(lambda order: report(order, order_id=9))
        outcome = await table.do(SubmitOrder(limit(), True))
        assert outcome.result is Result.UNKNOWN
        await until(lambda: table.order(outcome.client_order_id).status is OrderStatus.NEW)


async def test_a_post_only_order_that_would_take_is_a_warning(open_table) -> None:
    async with open_table() as table:
        table.spot.place_script.append(RefusedError("Order would immediately match and take.", -2010))
        outcome = await table.submit(limit(post_only=True))
        assert table.order(outcome.client_order_id).would_take
        said = next(message for message in table.store.messages if "rejected" in message.text)
        assert said.severity.value == "warning"


async def test_a_change_or_cancel_that_crashed_left_its_order_waiting_for_ever(open_table) -> None:
    async with open_table(PERP) as table:
        name = await working(table, PERP)
        table.perp.change_script.append(KeyError("orderId"))
        assert (await change(table, name, price=D("99.4"))).result is Result.UNKNOWN
        await until(lambda: not table.order(name).change_requested)
        table.perp.cancel_script.append(KeyError("orderId"))
        table.perp.find_script.append(lambda order: report(order, OrderStatus.CANCELED))
        assert (await table.do(CancelOrder(name))).result is Result.UNKNOWN
        await until(lambda: table.order(name).status is OrderStatus.CANCELED)
