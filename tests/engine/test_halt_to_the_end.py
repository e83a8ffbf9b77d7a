"""A halt that was lost: on an account not known yet, on a cancel that never left, behind a name not typed yet."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest
from engine_table import limit, until
from fake_client import position, report

from tui.binance.client import LinkState
from tui.binance.errors import OutcomeUnknownError, RateLimitedError, UnsentError
from tui.domain.order import OrderStatus, order_from_request
from tui.domain.order_terms import Side
from tui.domain.product import Product
from tui.engine.commands.answers import Result
from tui.engine.commands.orders import CancelOrder, Flatten
from tui.engine.commands.safety import Arm, Halt
from tui.engine.store import Link

D = Decimal
PERP = "BTCUSDT-PERP"


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr("tui.engine.halt._AGAIN_S", (0.02,))


async def test_a_halt_before_the_account_was_known_cancelled_nothing(open_table) -> None:
    async with open_table(start=False) as table:
        elsewhere = order_from_request(limit(), Product.SPOT, "web_1", 1)
        stop = replace(order_from_request(limit("110", side=Side.SELL, symbol=PERP), Product.USDM, "s", 1))
        table.spot.working = [report(elsewhere, time_ms=1)]
        table.perp.working = [report(replace(stop, reduce_only=True), time_ms=1)]
        answer = asyncio.Event()

        async def slowly(_):
            await answer.wait()
            return table.spot.state

        table.spot.account_script.append(slowly)
        await table.session.start()
        outcome = await table.do(Halt())
        assert outcome.result is Result.UNKNOWN
        assert "Spot" in outcome.text
        answer.set()
        await until(lambda: [order.client_order_id for order in table.spot.cancelled] == ["web_1"])
        assert table.perp.cancelled == [], "what protects stays"


@pytest.mark.parametrize("error", [UnsentError("no connection"), RateLimitedError("not sent: used up", 0)])
async def test_a_halt_whose_cancel_never_left_was_over(open_table, error) -> None:
    async with open_table() as table:
        placed = await table.submit(limit())
        table.spot.cancel_script.extend([error, error])
        table.spot.find_script.append(error)
        assert (await table.do(Halt())).result is not Result.DONE
        await until(lambda: table.order(placed.client_order_id).status is OrderStatus.CANCELED)
        await until(lambda: table.said("seen through"))


async def test_a_halt_was_over_while_a_cancel_before_it_was_still_on_its_way(open_table) -> None:
    """It never arrived, and the entry worked on under the halt."""
    async with open_table() as table:
        placed = await table.submit(limit())
        name = placed.client_order_id
        table.spot.cancel_script.extend([OutcomeUnknownError("no answer"), OutcomeUnknownError("no answer")])
        assert (await table.do(CancelOrder(name))).result is Result.UNKNOWN
        assert table.order(name).cancel_requested
        await table.do(Halt())
        await until(lambda: table.order(name).status is OrderStatus.CANCELED)
        await until(lambda: table.said("seen through"))


async def test_a_halt_is_not_seen_through_once_armed_again(open_table) -> None:
    async with open_table() as table:
        placed = await table.submit(limit())
        table.spot.user_link.say(LinkState.DOWN, "cut")
        table.spot.cancel_script.extend([UnsentError("no connection")] * 2)
        table.spot.find_script.append(UnsentError("no connection"))
        await table.do(Halt())
        await table.do(Arm())
        seen = len(table.spot.cancelled)
        table.spot.user_link.say(LinkState.LIVE, "")
        await until(lambda: table.store.links[Product.SPOT].user is Link.LIVE)
        later = await table.submit(limit("99.3"))
        await asyncio.sleep(0.1)
        assert len(table.spot.cancelled) == seen
        assert table.order(later.client_order_id).status is OrderStatus.NEW
        assert table.order(placed.client_order_id).status is OrderStatus.NEW


async def test_orders_placed_elsewhere_after_a_halt_are_left_alone(open_table) -> None:
    async with open_table() as table:
        await table.submit(limit())
        table.spot.cancel_script.extend([UnsentError("no connection")] * 2)
        table.spot.find_script.append(UnsentError("no connection"))
        await table.do(Halt())
        after = order_from_request(limit("98"), Product.SPOT, "web_9", 1)
        table.spot.user.on_order_report(report(after, time_ms=table.clock.now_ms() + 5_000))
        await until(lambda: table.said("seen through"))
        assert "web_9" not in {order.client_order_id for order in table.spot.cancelled}
        assert table.order("web_9").status is OrderStatus.NEW


async def test_flatten_left_a_position_of_a_symbol_not_loaded_without_a_word(open_table) -> None:
    async with open_table(PERP) as table:
        table.perp.user.on_positions([position("1"), replace(position("2"), symbol="XYZUSDT-PERP")])
        outcome = await table.do(Flatten(reviewed=True))
        assert len(table.perp.placed) == 1
        assert outcome.result is Result.REFUSED
        assert "XYZUSDT-PERP cannot be closed here" in outcome.text
