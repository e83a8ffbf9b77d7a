"""Orders that end by the clock: GTD kept here, the dead-man switch, and answers that do not come."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest
from engine_table import limit, until
from fake_client import PERP, report

from tui.binance.errors import OutcomeUnknownError, RefusedError
from tui.config import ExecutionOptions, Settings
from tui.domain.order import OrderStatus
from tui.domain.order_terms import Terms, TimeInForce
from tui.engine.commands.answers import Result
from tui.engine.commands.orders import CancelOrder, SetCountdown, SubmitOrders

D = Decimal
#: Orders are looked up almost as soon as they were sent.
HASTY = {"inflight_check_interval_ms": 10, "inflight_check_threshold_ms": 30}


def gtd(table, lead_ms, **changes):
    end_ms = table.clock.now_ms() + lead_ms
    return limit(time_in_force=TimeInForce.GTD, terms=Terms(good_till_ms=end_ms), **changes)


async def test_gtd_on_spot_is_sent_gtc_told_once_and_cancelled_here_at_its_end(open_table) -> None:
    async with open_table() as table:
        outcome = await table.submit(gtd(table, 300))
        sent = table.spot.placed[0]
        assert (sent.time_in_force, sent.terms.good_till_ms) == (TimeInForce.GTC, None)
        order = table.order(outcome.client_order_id)
        assert (order.time_in_force, order.expires_here) == (TimeInForce.GTD, True)
        assert sum("sent GTC instead of GTD" in message.text for message in table.store.messages) == 1
        await until(lambda: table.order(outcome.client_order_id).status is OrderStatus.CANCELED)
        assert table.said("its time was up")


async def test_gtd_that_usdm_keeps_is_left_to_it(open_table) -> None:
    async with open_table("BTCUSDT-PERP") as table:
        outcome = await table.submit(gtd(table, 700_000, symbol="BTCUSDT-PERP"))
        assert table.perp.placed[0].time_in_force is TimeInForce.GTD
        assert not table.order(outcome.client_order_id).expires_here


async def test_an_end_that_passed_while_the_program_was_off_comes_at_its_start(open_table) -> None:
    async with open_table() as table:
        outcome = await table.submit(gtd(table, 200))
        name = outcome.client_order_id
        order = table.order(name)
    async with open_table(start=False) as after:
        after.spot.working = [report(order)]
        await after.start()
        await until(lambda: after.order(name).status is OrderStatus.CANCELED)
        assert [order.client_order_id for order in after.spot.cancelled] == [name]


async def test_an_end_whose_cancel_fails_is_tried_again(open_table, monkeypatch) -> None:
    monkeypatch.setattr("tui.engine.orders.expiry._AGAIN_AFTER_S", 0.02)
    async with open_table() as table:
        table.spot.cancel_script.append(RefusedError("Internal busy.", -1008))
        outcome = await table.submit(gtd(table, 100))
        table.spot.known[outcome.client_order_id] = report(table.order(outcome.client_order_id))
        await until(lambda: table.order(outcome.client_order_id).status is OrderStatus.CANCELED)
        assert len(table.spot.cancelled) == 2


async def test_a_countdown_is_fed_at_a_quarter_of_its_time_until_ended(open_table, monkeypatch) -> None:
    monkeypatch.setattr("tui.engine.orders.countdown._SHORTEST_MS", 1)
    async with open_table("BTCUSDT-PERP") as table:
        account = table.perp.futures
        outcome = await table.do(SetCountdown("BTCUSDT-PERP", 100))
        assert outcome.result is Result.DONE
        assert "exits too" in outcome.text
        account.countdown_script.append(OutcomeUnknownError("no answer in time"))
        await until(lambda: len(account.countdowns) >= 4)
        assert table.said("could not be fed")
        left_ms = table.store.countdowns["BTCUSDT-PERP"] - table.clock.now_ms()
        assert 0 < left_ms <= 100
        await table.do(SetCountdown("BTCUSDT-PERP", 0))
        assert account.countdowns[-1] == ("BTCUSDT-PERP", 0)
        assert table.store.countdowns == {}


@pytest.mark.parametrize("error", [OutcomeUnknownError("no answer in time"), RefusedError("no connection")])
async def test_a_countdown_whose_answer_was_lost_ran_out_unfed(open_table, monkeypatch, error) -> None:
    """Set or ended without an answer, it may run at the exchange, and would take the exits away."""
    monkeypatch.setattr("tui.engine.orders.countdown._SHORTEST_MS", 1)
    monkeypatch.setattr("tui.engine.orders.countdown._AGAIN_S", 0.01)
    async with open_table("BTCUSDT-PERP") as table:
        account = table.perp.futures
        account.countdown_script.append(OutcomeUnknownError("no answer in time"))
        assert (await table.do(SetCountdown("BTCUSDT-PERP", 100))).result is Result.UNKNOWN
        await until(lambda: len(account.countdowns) >= 3)
        account.countdown_script.append(error)
        assert (await table.do(SetCountdown("BTCUSDT-PERP", 0))).result is Result.UNKNOWN
        await until(lambda: account.countdowns[-2:] == [("BTCUSDT-PERP", 0)] * 2)
        await until(lambda: table.store.countdowns == {})


async def test_a_countdown_that_could_not_be_changed_was_not_fed_any_more(open_table, monkeypatch) -> None:
    monkeypatch.setattr("tui.engine.orders.countdown._SHORTEST_MS", 1)
    async with open_table("BTCUSDT-PERP") as table:
        account = table.perp.futures
        await table.do(SetCountdown("BTCUSDT-PERP", 40))
        account.countdown_script.append(RefusedError("too many requests"))
        assert (await table.do(SetCountdown("BTCUSDT-PERP", 90))).result is Result.REFUSED
        before = len(account.countdowns)
        await until(lambda: ("BTCUSDT-PERP", 40) in account.countdowns[before:])


async def test_a_countdown_is_refused_where_there_is_none(open_table) -> None:
    async with open_table() as table:
        assert (await table.do(SetCountdown("BTCUSDT", 60_000))).refusal.rule == "unsupported"
        assert (await table.do(SetCountdown("BTCUSDT-PERP", 100))).refusal.rule == "countdown"


async def test_a_countdown_of_the_settings_begins_at_the_start(table_with) -> None:
    table = table_with(Settings(execution=ExecutionOptions(countdown_cancel_ms={"BTCUSDT-PERP": 60_000})))
    await table.start("BTCUSDT-PERP")
    await until(lambda: table.perp.futures.countdowns == [("BTCUSDT-PERP", 60_000)])
    await until(lambda: "BTCUSDT-PERP" in table.store.countdowns)


async def test_an_order_whose_request_hangs_is_shown_unknown_and_looked_up(table_with) -> None:
    table = table_with(**HASTY)
    await table.start()
    arrived = asyncio.Event()

    async def hanging(order):
        await arrived.wait()
        return report(order)

    table.spot.place_script.append(hanging)
    table.spot.find_script.extend([None, lambda order: report(replace(order, order_id=4_711))])
    sending = asyncio.create_task(table.submit(limit()))
    await until(lambda: any(order.status is OrderStatus.UNKNOWN for order in table.store.orders.values()))
    await until(lambda: [order.order_id for order in table.store.open_orders()] == [4_711])
    assert len(table.spot.placed) == 1
    sending.cancel()


async def test_an_order_still_waiting_here_was_called_lost_and_then_sent(table_with) -> None:
    table = table_with(**HASTY)
    await table.start()
    arrived = asyncio.Event()

    async def hanging(order):
        await arrived.wait()
        return report(order, order_id=4_712)

    table.spot.place_script.append(hanging)
    sending = asyncio.create_task(table.do(SubmitOrders((limit(), limit("99.4")), reviewed=True)))
    await until(lambda: len(table.spot.queried) >= 3)
    first, second = table.store.orders.values()
    assert {order.client_order_id for order in table.spot.queried} == {first.client_order_id}
    assert second.status is OrderStatus.INTENT
    arrived.set()
    await sending
    assert table.order(second.client_order_id).status is OrderStatus.NEW
    assert table.order(second.client_order_id).created_ms > second.created_ms, "it left later than it was meant"


async def test_a_cancel_that_hangs_is_looked_up(table_with) -> None:
    table = table_with(**HASTY)
    await table.start("BTCUSDT-PERP")
    outcome = await table.submit(limit(symbol=PERP.symbol))
    name = outcome.client_order_id
    table.perp.cancel_script.append(lambda order: asyncio.Event().wait())
    cancelling = asyncio.create_task(table.do(CancelOrder(name)))
    await until(lambda: table.order(name).cancel_requested)
    later_ms = table.clock.now_ms() + 10
    table.perp.known[name] = report(table.order(name), OrderStatus.CANCELED, time_ms=later_ms)
    await until(lambda: table.order(name).status is OrderStatus.CANCELED)
    cancelling.cancel()
