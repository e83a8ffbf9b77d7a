"""What is held is left in several market orders where the exchange takes no single one of that size."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest
from engine_table import until
from fake_client import REFUSED, SPOT, fill_of, position, report
from hypothesis import given
from hypothesis import strategies as st
from test_brackets import bracket
from test_positions_and_lists import LONG, PERP, hedged

from tui.binance.errors import OutcomeUnknownError, RefusedError
from tui.domain.account import Balance
from tui.domain.order import OrderRequest, OrderStatus
from tui.domain.order_terms import OrderType, Side
from tui.domain.product import Product
from tui.engine.commands.answers import Result
from tui.engine.commands.orders import ClosePosition, Flatten, ReversePosition, SubmitOrder, SubmitOrderList
from tui.engine.commands.safety import Halt
from tui.engine.market_pieces import cut
from tui.engine.preview import preview

D = Decimal
CLOSE = ClosePosition(PERP, reviewed=True)
SELL = OrderRequest("BTCUSDT", Side.SELL, OrderType.MARKET, D(120))


def filled(order):
    return report(order, OrderStatus.FILLED, order.quantity, average_price=D(100))


def quantities(client):
    return [order.quantity for order in client.placed]


@given(count=st.integers(1, 10**6), most=st.integers(1, 10**6))
def test_pieces_are_the_whole_and_none_is_larger_than_allowed(count, most) -> None:
    if count > 1_000 * most:
        count = count % (1_000 * most) + 1
    pieces = cut(SPOT.step.value(count), SPOT.step, SPOT.step.value(most))
    assert sum(pieces) == SPOT.step.value(count)
    assert max(pieces) <= SPOT.step.value(most)
    assert max(pieces) - min(pieces) <= SPOT.step.size, "none is too small to be taken"
    assert len(pieces) == -(-count // most)


async def test_a_position_larger_than_the_largest_market_order_could_not_be_closed(open_table) -> None:
    async with open_table(PERP) as table:
        table.perp.place_script.extend([filled] * 3)
        table.perp.user.on_positions([position("120.001")])
        outcome = await table.do(CLOSE)
        assert outcome.result is Result.DONE, outcome.text
        assert "3 orders" in outcome.text
        assert quantities(table.perp) == [D("40.001"), D(40), D(40)]
        assert all(order.reduce_only and order.side is Side.SELL for order in table.perp.placed)
        for order in table.perp.placed:
            assert table.journal.has(order.client_order_id)


async def test_hedged_positions_are_closed_in_pieces_on_their_own_side(open_table) -> None:
    async with open_table(PERP) as table:
        await hedged(table)
        table.perp.user.on_positions([replace(position("100"), position_side=LONG)])
        table.perp.place_script.extend([filled] * 2)
        assert (await table.do(CLOSE)).result is Result.DONE
        assert [(one.quantity, one.position_side, one.reduce_only) for one in table.perp.placed] == [
            (D(50), LONG, False)
        ] * 2


@pytest.mark.parametrize(
    ("second", "result", "words"),
    [
        (RefusedError("ReduceOnly Order is rejected.", -2022), Result.REFUSED, "rejected"),
        (OutcomeUnknownError("no answer in time"), Result.UNKNOWN, "unconfirmed"),
        (lambda order: report(order, OrderStatus.EXPIRED, "1", average_price=D(100)), Result.REFUSED, "expired"),
    ],
    ids=["refused", "unknown", "partly"],
)
async def test_pieces_end_with_the_first_that_does_not_fill_and_say_what_was_closed(
    open_table, second, result, words
) -> None:
    async with open_table(PERP) as table:
        table.perp.place_script.extend([filled, second])
        table.perp.user.on_positions([position("-120")])
        outcome = await table.do(CLOSE)
        assert outcome.result is result
        assert ("41.000 of 120.000" if words == "expired" else "40.000 of 120.000") in outcome.text
        assert words in outcome.text
        assert "the rest was not sent" in outcome.text
        assert len(table.perp.placed) == 2
        assert {order.side for order in table.perp.placed} == {Side.BUY}


async def test_one_piece_follows_the_end_of_the_other(open_table) -> None:
    async with open_table(PERP) as table:
        ended = asyncio.Event()

        def slowly(order):
            async def end():
                await ended.wait()
                table.perp.user.on_order_report(filled(order))

            table.slow = asyncio.create_task(end())
            return report(order)

        table.perp.place_script.extend([slowly, filled])
        table.perp.user.on_positions([position("100")])
        closing = asyncio.create_task(table.do(CLOSE))
        await until(lambda: len(table.perp.placed) == 1)
        again = await table.do(CLOSE)
        assert again.result is Result.REFUSED, "it is being closed already"
        ended.set()
        assert (await closing).result is Result.DONE
        assert quantities(table.perp) == [D(50), D(50)]


async def test_a_position_that_shrank_between_two_pieces_is_not_closed_twice(open_table) -> None:
    """A stop may fill meanwhile, and orders need not be reduce-only (execution.use_reduce_only)."""
    async with open_table(PERP) as table:

        def beside_a_stop(order):
            table.perp.user.on_positions([position("20")])
            return filled(order)

        table.perp.place_script.extend([beside_a_stop, filled, filled])
        table.perp.user.on_positions([position("120")])
        outcome = await table.do(CLOSE)
        assert quantities(table.perp) == [D(40), D(20)]
        assert outcome.result is Result.DONE
        assert "60.000 of 120.000" in outcome.text


async def test_a_halt_lets_reviewed_pieces_go_on(open_table) -> None:
    async with open_table(PERP) as table:

        async def halting(order):
            await table.do(Halt())
            return filled(order)

        table.perp.place_script.extend([halting, filled])
        table.perp.user.on_positions([position("100")])
        assert (await table.do(CLOSE)).result is Result.DONE


async def test_flatten_left_what_was_larger_than_one_market_order(open_table) -> None:
    async with open_table(PERP) as table:
        table.perp.place_script.extend([filled, REFUSED])
        table.perp.user.on_positions([position("100")])
        outcome = await table.do(Flatten(reviewed=True))
        assert outcome.result is Result.REFUSED
        assert "50.000 of 100.000" in outcome.text


async def test_what_cannot_be_opened_at_once_is_not_turned_round(open_table) -> None:
    async with open_table(PERP) as table:
        table.perp.user.on_positions([position("100")])
        outcome = await table.do(ReversePosition(PERP, reviewed=True))
        assert outcome.refusal.rule == "FILTER_MARKET_LOT_SIZE"
        assert table.perp.placed == []


def holding(table, free):
    table.spot.user.on_balances([Balance(Product.SPOT, "BTC", D(free), D(0), 2)])


async def test_coins_are_sold_out_in_pieces_and_never_more_than_is_held(open_table) -> None:
    async with open_table(max_order_notional=D(10**9), max_order_quantity=D(10**9), slippage_percent=D(0)) as table:
        holding(table, "120")
        seen = preview(SELL, table.store, table.bench)
        assert seen.refusal is None
        assert any("3 market orders" in note for note in seen.notes)

        def elsewhere(order):
            holding(table, "50")
            return filled(order)

        table.spot.place_script.extend([elsewhere, filled, filled])
        outcome = await table.submit(SELL)
        assert quantities(table.spot) == [D(40), D(40), D(10)]
        assert outcome.result is Result.DONE
        assert "90.000 of 120.000" in outcome.text


async def test_coins_that_are_not_held_are_not_sold_in_pieces(open_table) -> None:
    async with open_table(max_order_notional=D(0), max_order_quantity=D(0), slippage_percent=D(0)) as table:
        holding(table, "119")
        assert (await table.submit(SELL)).refusal.rule == "FILTER_MARKET_LOT_SIZE"
        assert (await table.submit(replace(SELL, side=Side.BUY))).refusal.rule == "FILTER_MARKET_LOT_SIZE"
        assert table.spot.placed == []


async def test_pieces_are_no_way_round_the_traders_own_largest_order(open_table) -> None:
    async with open_table(max_order_quantity=D(100), max_order_notional=D(0), slippage_percent=D(0)) as table:
        holding(table, "120")
        assert preview(SELL, table.store, table.bench).refusal.rule == "max-quantity"
        assert (await table.do(SubmitOrder(SELL, True))).refusal.rule == "max-quantity"
        assert table.spot.placed == []


async def test_a_passed_stop_of_more_than_one_market_order_closes_in_several(open_table) -> None:
    """Without a position stated since the entry filled: what a bracket closes it has bought itself."""
    async with open_table(PERP, max_order_notional=D(0), max_order_quantity=D(0), max_position_notional=D(0)) as table:
        plain = bracket(quantity="60")
        [profit, stop] = plain.legs
        limited = replace(stop, type=OrderType.STOP_LIMIT, price=D("97.9"))
        outcome = await table.do(SubmitOrderList(replace(plain, legs=(profit, limited)), reviewed=True))
        assert outcome.result is Result.DONE, outcome.text
        passed = RefusedError("Order would immediately trigger.", -2021)
        table.perp.place_script.extend([passed, filled, filled])
        entry = table.order(outcome.client_order_id)
        table.perp.user.on_order_report(report(entry, OrderStatus.FILLED, "60", fill=fill_of(entry, 7, "60")))
        await until(lambda: len(table.perp.placed) == 4)
        assert quantities(table.perp)[2:] == [D(30), D(30)]
        await until(lambda: not table.journal.open_brackets())
        assert not table.said("UNPROTECTED")
