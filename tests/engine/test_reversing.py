"""A position is turned round without ever opening more than was reviewed."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest
from engine_table import until
from fake_client import position, report
from test_positions_and_lists import LONG, PERP, SHORT, hedged

from tui.binance.errors import OutcomeUnknownError, RefusedError
from tui.domain.order import OrderStatus
from tui.domain.order_terms import OrderType, Side
from tui.engine.commands.answers import Result
from tui.engine.commands.orders import ReversePosition
from tui.engine.commands.safety import Halt

D = Decimal


def filled(order):
    return report(order, OrderStatus.FILLED, order.quantity, average_price=D(100))


def cut(order):
    """The exchange shrinks a reduce-only order to what is held."""
    return report(order, OrderStatus.FILLED, "0.1", quantity=D("0.1"), average_price=D(100))


def killed(order):
    return report(order, OrderStatus.EXPIRED, "0.1", average_price=D(100), reason="rest of a market order")


async def reversed_(table, held="0.3", **values):
    table.perp.user.on_positions([position(held)])
    return await table.do(ReversePosition(PERP, reviewed=True, **values))


async def test_it_is_closed_first_and_opened_once_that_has_filled(open_table) -> None:
    async with open_table(PERP) as table:
        table.perp.place_script.extend([filled, filled])
        outcome = await reversed_(table)
        assert outcome.result is Result.DONE, outcome.text
        told = [(order.side, order.type, order.quantity, order.reduce_only) for order in table.perp.placed]
        sold = (Side.SELL, OrderType.MARKET, D("0.3"))
        assert told == [(*sold, True), (*sold, False)]


async def test_a_position_that_shrank_meanwhile_was_turned_into_more_than_was_reviewed(open_table) -> None:
    async with open_table(PERP) as table:
        table.perp.place_script.extend([cut, filled])
        assert (await reversed_(table)).result is Result.DONE
        assert table.perp.placed[1].quantity == D("0.3")


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        (RefusedError("ReduceOnly Order is rejected.", -2022), Result.REFUSED),
        (OutcomeUnknownError("no answer in time"), Result.UNKNOWN),
        (killed, Result.REFUSED),
    ],
    ids=["gone", "unknown", "partly"],
)
async def test_nothing_is_opened_where_the_position_may_still_be_there_or_is_gone(open_table, answer, result) -> None:
    async with open_table(PERP) as table:
        table.perp.place_script.append(answer)
        outcome = await reversed_(table)
        assert outcome.result is result
        assert "nothing was opened" in outcome.text
        assert len(table.perp.placed) == 1


async def test_a_close_that_ends_a_moment_after_its_answer_is_waited_for(open_table) -> None:
    async with open_table(PERP) as table:

        def slowly(order):
            asyncio.get_running_loop().call_later(0.03, table.perp.user.on_order_report, filled(order))
            return report(order)

        table.perp.place_script.extend([slowly, filled])
        assert (await reversed_(table)).result is Result.DONE
        assert len(table.perp.placed) == 2


async def test_a_halt_between_both_steps_leaves_it_closed(open_table) -> None:
    async with open_table(PERP) as table:
        done = asyncio.Event()

        async def slowly(order):
            await done.wait()
            return filled(order)

        table.perp.place_script.append(slowly)
        turning = asyncio.create_task(reversed_(table))
        await until(lambda: table.perp.placed)
        await table.do(Halt())
        done.set()
        outcome = await turning
        assert (outcome.result, outcome.refusal.rule) == (Result.REFUSED, "halted")
        assert "Closed, but not turned round" in outcome.text
        assert len(table.perp.placed) == 1


async def test_what_may_not_open_is_not_closed_either(open_table) -> None:
    async with open_table(PERP, max_order_notional=D(20)) as table:
        outcome = await reversed_(table)
        assert outcome.refusal.rule == "max-notional"
        assert table.perp.placed == []


async def test_in_hedge_mode_the_other_side_was_opened_though_the_close_was_refused(open_table) -> None:
    async with open_table(PERP, duplicate_window_ms=0) as table:
        await hedged(table)
        table.perp.user.on_positions([replace(position("0.3"), position_side=LONG)])
        table.perp.place_script.append(RefusedError("ReduceOnly Order is rejected.", -2022))
        assert (await table.do(ReversePosition(PERP, LONG, reviewed=True))).result is Result.REFUSED
        assert len(table.perp.placed) == 1
        table.perp.place_script.extend([filled, filled])
        assert (await table.do(ReversePosition(PERP, LONG, reviewed=True))).result is Result.DONE
        assert [order.position_side for order in table.perp.placed[1:]] == [LONG, SHORT]
