"""The life of an order from key to outcome, through the session, over scripted answers."""

import asyncio
from dataclasses import replace
from decimal import Decimal

from engine_table import limit, until
from fake_client import REFUSED, fill_of, position, report

from tui.binance.client import AccountState, LinkState
from tui.binance.errors import OutcomeUnknownError, RefusedError
from tui.config import ReconciliationOptions
from tui.domain.account import Balance
from tui.domain.order import OrderRequest, OrderStatus, order_from_request
from tui.domain.order_terms import OrderType, Side, Terms
from tui.domain.product import Product
from tui.engine.commands.answers import Result
from tui.engine.commands.orders import (
    CancelEntries,
    CancelOrder,
    ClosePosition,
    ResolveOrder,
    SubmitOrder,
    SubmitOrders,
)
from tui.engine.commands.safety import Halt
from tui.engine.orders.floor import Patience
from tui.engine.orders.ledger import NEVER_REACHED
from tui.engine.store import Link, TradingState

D = Decimal
LOST = OutcomeUnknownError("no answer in time")


async def test_an_order_is_written_down_before_it_is_sent_once(open_table) -> None:
    async with open_table() as table:
        written = []
        table.spot.place_script.append(lambda order: written.extend(table.journal.unfinished()) or report(order))
        outcome = await table.submit(limit())
        assert outcome.result is Result.DONE
        assert [order.client_order_id for order in written] == [outcome.client_order_id]
        assert len(table.spot.placed) == 1
        assert table.order(outcome.client_order_id).status is OrderStatus.NEW


async def test_a_refused_order_is_rejected_with_the_exchanges_words(open_table) -> None:
    async with open_table() as table:
        table.spot.place_script.append(REFUSED)
        outcome = await table.submit(limit())
        assert outcome.result is Result.REFUSED
        order = table.order(outcome.client_order_id)
        assert order.status is OrderStatus.REJECTED
        assert "insufficient balance" in order.reason
        assert table.journal.unfinished() == []


async def test_an_unknown_outcome_is_resolved_by_asking_and_never_by_sending(open_table) -> None:
    async with open_table() as table:
        table.spot.place_script.append(LOST)
        table.spot.find_script.extend(
            [RefusedError("busy"), None, lambda order: report(order, OrderStatus.FILLED, "0.1")]
        )
        outcome = await table.submit(limit())
        assert outcome.result is Result.UNKNOWN
        assert table.order(outcome.client_order_id).status is OrderStatus.UNKNOWN
        await until(lambda: table.order(outcome.client_order_id).status is OrderStatus.FILLED)
        assert len(table.spot.placed) == 1


async def test_an_order_the_exchange_keeps_denying_never_reached_it(open_table) -> None:
    async with open_table() as table:
        table.spot.place_script.append(LOST)
        outcome = await table.submit(limit())
        await until(lambda: table.order(outcome.client_order_id).status is OrderStatus.REJECTED)
        assert table.order(outcome.client_order_id).reason == NEVER_REACHED
        assert len(table.spot.queried) >= 3
        assert len(table.spot.placed) == 1


async def test_an_order_given_up_that_lands_after_all_is_shown_working(open_table) -> None:
    async with open_table() as table:
        table.spot.place_script.append(LOST)
        outcome = await table.submit(limit())
        await until(lambda: table.order(outcome.client_order_id).status is OrderStatus.REJECTED)
        table.spot.user.on_order_report(report(table.spot.placed[0]))
        assert table.order(outcome.client_order_id).status is OrderStatus.NEW


async def test_a_crash_while_placing_counts_as_unknown(open_table) -> None:
    async with open_table() as table:
        table.spot.place_script.append(KeyError("orderId"))
        outcome = await table.submit(limit())
        assert outcome.result is Result.UNKNOWN


async def test_the_stream_may_speak_before_the_reply(open_table) -> None:
    async with open_table() as table:

        def filled_first(order):
            fill = fill_of(order, 7, "0.1")
            table.spot.user.on_order_report(report(order, OrderStatus.FILLED, "0.1", fill=fill))
            return report(order)

        table.spot.place_script.append(filled_first)
        outcome = await table.submit(limit())
        order = table.order(outcome.client_order_id)
        assert (order.status, order.filled) == (OrderStatus.FILLED, D("0.1"))
        assert "filled" in outcome.text


async def test_repeated_reports_count_once(open_table) -> None:
    async with open_table() as table:
        outcome = await table.submit(limit(quantity="1"))
        order = table.order(outcome.client_order_id)
        said = report(order, OrderStatus.PARTIALLY_FILLED, "0.5", fill=fill_of(order))
        for _ in range(3):
            table.spot.user.on_order_report(said)
        assert table.order(outcome.client_order_id).filled == D("0.5")
        assert len(table.store.fills) == 1
        table.spot.user.on_order_report(report(order))
        assert table.order(outcome.client_order_id).status is OrderStatus.PARTIALLY_FILLED


async def test_orders_placed_elsewhere_are_shown_and_can_be_cancelled(open_table) -> None:
    async with open_table() as table:
        outcome = await table.submit(limit())
        foreign = replace(table.order(outcome.client_order_id), client_order_id="web_1", order_id=77)
        table.spot.user.on_order_report(report(foreign))
        assert table.order("web_1").is_foreign
        assert (await table.do(CancelOrder("web_1"))).result is Result.DONE
        assert table.order("web_1").status is OrderStatus.CANCELED


async def test_a_client_id_used_again_elsewhere_is_another_order(open_table) -> None:
    async with open_table() as table:
        outcome = await table.submit(limit())
        ours = table.order(outcome.client_order_id)
        table.spot.user.on_order_report(report(ours, OrderStatus.CANCELED))
        table.spot.user.on_order_report(report(replace(ours, order_id=999)))
        assert table.order(outcome.client_order_id).status is OrderStatus.CANCELED
        assert [order.order_id for order in table.store.open_orders()] == [999]


async def test_a_cancel_that_comes_too_late_says_what_happened(open_table) -> None:
    async with open_table() as table:
        outcome = await table.submit(limit())
        order = table.order(outcome.client_order_id)
        table.spot.known[order.client_order_id] = report(order, OrderStatus.FILLED, "0.1")
        table.spot.cancel_script.append(RefusedError("Unknown order sent.", -2011))
        late = await table.do(CancelOrder(order.client_order_id))
        assert late.result is Result.REFUSED
        assert "already filled" in late.text
        assert table.order(order.client_order_id).status is OrderStatus.FILLED


async def test_an_unknown_cancel_is_resolved_by_asking(open_table) -> None:
    async with open_table() as table:
        outcome = await table.submit(limit())
        order = table.order(outcome.client_order_id)
        table.spot.known[order.client_order_id] = report(order, OrderStatus.CANCELED)
        table.spot.cancel_script.append(LOST)
        assert (await table.do(CancelOrder(order.client_order_id))).result is Result.UNKNOWN
        assert table.order(order.client_order_id).cancel_requested
        await until(lambda: table.order(order.client_order_id).status is OrderStatus.CANCELED)


async def test_a_cancel_that_never_arrived_is_told(open_table) -> None:
    async with open_table() as table:
        outcome = await table.submit(limit())
        table.spot.cancel_script.append(LOST)
        await table.do(CancelOrder(outcome.client_order_id))
        await until(lambda: table.said("still working"))
        assert not table.order(outcome.client_order_id).cancel_requested


async def test_an_order_cancelled_in_flight_is_cancelled_once_it_is_found(open_table) -> None:
    async with open_table() as table:
        table.spot.place_script.append(LOST)
        table.spot.find_script.extend([LOST, LOST, LOST, lambda order: report(order, order_id=5)])
        outcome = await table.submit(limit())
        table.spot.cancel_script.append(RefusedError("Unknown order sent.", -2011))
        assert (await table.do(CancelOrder(outcome.client_order_id))).result is Result.UNKNOWN
        await until(lambda: table.order(outcome.client_order_id).status is OrderStatus.CANCELED)


async def test_cancel_all_keeps_protection_unless_it_is_named(open_table) -> None:
    async with open_table("BTCUSDT-PERP") as table:
        entry = await table.submit(limit(symbol="BTCUSDT-PERP"))
        stop = await table.submit(limit("101", side=Side.SELL, symbol="BTCUSDT-PERP", reduce_only=True))
        assert (await table.do(CancelEntries("BTCUSDT-PERP"))).result is Result.DONE
        assert table.order(entry.client_order_id).status is OrderStatus.CANCELED
        assert table.order(stop.client_order_id).status is OrderStatus.NEW
        await table.do(CancelEntries(None, include_protective=True))
        assert table.store.open_orders() == []


async def test_cancel_all_took_the_stops_of_coins_that_are_held(open_table) -> None:
    """Spot has no reduce-only: a stop placed here or elsewhere, and a list it belongs to, are known by the coins."""
    async with open_table() as table:
        table.spot.user.on_balances([Balance(Product.SPOT, "BTC", D("0.1"), D("0.1"), 1)])

        def elsewhere(name, side, type_, quantity, price, trigger=None, list_id=None):
            terms = Terms(trigger_price=trigger and D(trigger))
            request = OrderRequest("BTCUSDT", side, type_, D(quantity), price and D(price), terms=terms)
            order = replace(order_from_request(request, Product.SPOT, name, 1), order_id=len(table.store.orders) + 7)
            table.spot.user.on_order_report(report(order, terms=terms, list_id=list_id))

        elsewhere("stop", Side.SELL, OrderType.STOP_MARKET, "0.1", None, "90")
        elsewhere("target of a list", Side.SELL, OrderType.LIMIT, "0.1", "120", list_id=5)
        elsewhere("stop of a list", Side.SELL, OrderType.STOP_LIMIT, "0.1", "89", "90", list_id=5)
        elsewhere("entry", Side.BUY, OrderType.LIMIT, "0.1", "95")
        elsewhere("way in", Side.BUY, OrderType.STOP_MARKET, "0.1", None, "110")
        elsewhere("more than is held", Side.SELL, OrderType.STOP_MARKET, "0.5", None, "90")
        elsewhere("sale", Side.SELL, OrderType.LIMIT, "0.1", "130")
        assert (await table.do(CancelEntries("BTCUSDT"))).result is Result.DONE
        left = {name for name, order in table.store.orders.items() if order.status is OrderStatus.NEW}
        assert left == {"stop", "target of a list", "stop of a list"}
        await table.do(CancelEntries("BTCUSDT", include_protective=True))
        assert table.store.open_orders() == []


async def test_a_halt_took_the_stops_of_coins_whose_symbol_is_not_loaded(open_table) -> None:
    """`load_ids` names what is followed; an account may hold more, and its stops."""
    async with open_table() as table:

        def elsewhere(name, side, type_, price, trigger=None, list_id=None):
            terms = Terms(trigger_price=trigger and D(trigger))
            request = OrderRequest("XMRUSDT", side, type_, D("0.1"), price and D(price), terms=terms)
            order = replace(order_from_request(request, Product.SPOT, name, 1), order_id=len(table.store.orders) + 7)
            table.spot.user.on_order_report(report(order, terms=terms, list_id=list_id))

        elsewhere("stop", Side.SELL, OrderType.STOP_LIMIT, "89", "90")
        elsewhere("target of a list", Side.SELL, OrderType.LIMIT, "120", list_id=5)
        elsewhere("stop of a list", Side.SELL, OrderType.STOP_MARKET, None, "90", list_id=5)
        elsewhere("entry", Side.BUY, OrderType.LIMIT, "95")
        elsewhere("way in", Side.BUY, OrderType.STOP_MARKET, None, "110")
        await table.do(Halt())
        left = {name for name, order in table.store.orders.items() if order.status is OrderStatus.NEW}
        assert left == {"stop", "target of a list", "stop of a list"}


async def test_a_position_is_closed_in_whole_steps_by_a_reduce_only_order(open_table) -> None:
    async with open_table("BTCUSDT-PERP") as table:
        table.perp.user.on_positions([position("-0.333")])
        outcome = await table.do(ClosePosition("BTCUSDT-PERP", D("0.5"), reviewed=True))
        assert outcome.result is Result.DONE
        sent = table.perp.placed[0]
        assert (sent.side, sent.type, sent.quantity) == (Side.BUY, OrderType.MARKET, D("0.166"))
        assert sent.reduce_only
        again = await table.do(ClosePosition("BTCUSDT-PERP", D("0.25"), reviewed=True))
        assert again.refusal.rule == "duplicate"


async def test_spot_has_no_position_to_close(open_table) -> None:
    async with open_table() as table:
        outcome = await table.do(ClosePosition("BTCUSDT", reviewed=True))
        assert outcome.refusal.rule == "no-position"
        assert "sell the coins" in outcome.text


async def test_halt_cancels_entries_everywhere_and_refuses_until_armed(open_table) -> None:
    async with open_table() as table:
        spot = await table.submit(limit())
        await table.focus("BTCUSDT-PERP")
        perp = await table.submit(limit(symbol="BTCUSDT-PERP"))
        outcome = await table.do(Halt())
        assert outcome.result is Result.DONE
        assert table.store.session.trading is TradingState.HALTED
        for placed in (spot, perp):
            assert table.order(placed.client_order_id).status is OrderStatus.CANCELED
        refused = await table.submit(limit("99.1", symbol="BTCUSDT-PERP"))
        assert refused.refusal.rule == "halted"


async def test_a_restart_asks_for_what_was_sent_without_an_answer(open_table) -> None:
    async with open_table() as table:
        table.spot.place_script.append(lambda order: asyncio.Event().wait())
        sending = asyncio.create_task(table.do(SubmitOrder(limit(), True)))
        await until(lambda: table.spot.placed)
        sending.cancel()
    sent = table.spot.placed[0]
    async with open_table(start=False) as after:
        after.spot.known[sent.client_order_id] = report(sent, OrderStatus.FILLED, "0.1")
        await after.start()
        await until(lambda: after.order(sent.client_order_id).status is OrderStatus.FILLED)
        assert after.spot.placed == []
    async with open_table() as later:
        assert sent.client_order_id not in later.store.orders


async def test_an_intent_that_was_never_sent_is_given_up_after_asking(open_table) -> None:
    async with open_table(start=False) as table:
        order = order_from_request(limit(), Product.SPOT, "btui-killed-1", table.clock.now_ms())
        table.journal.write_intent(order, "key", True, ())
        await table.start()
        assert table.order("btui-killed-1").status in (OrderStatus.UNKNOWN, OrderStatus.REJECTED)
        await until(lambda: table.order("btui-killed-1").reason == NEVER_REACHED)
        assert table.spot.placed == []


async def test_the_account_is_live_only_after_it_agrees_with_the_exchange(open_table) -> None:
    async with open_table() as table:
        outcome = await table.submit(limit())
        order = table.order(outcome.client_order_id)
        table.spot.user_link.say(LinkState.DOWN, "cut")
        assert table.store.links[table.spot.product].user is Link.DOWN
        refused = await table.submit(limit("99.2"))
        assert refused.refusal.rule == "stale-account"
        table.spot.known[order.client_order_id] = report(order, OrderStatus.FILLED, "0.1")
        table.spot.trades_done = [fill_of(order, 3, "0.1")]
        answered = asyncio.Event()

        async def slowly(_):
            await answered.wait()
            return table.spot.state

        table.spot.account_script.append(slowly)
        table.spot.user_link.say(LinkState.LIVE, "")
        await until(lambda: table.order(order.client_order_id).status is OrderStatus.FILLED)
        assert table.store.links[table.spot.product].user is Link.SYNCING
        answered.set()
        await until(lambda: table.store.links[table.spot.product].user is Link.LIVE)
        assert [fill.trade_id for fill in table.store.fills] == [3]


async def test_positions_heard_while_asking_are_newer_than_the_answer(open_table) -> None:
    async with open_table("BTCUSDT-PERP") as table:
        answered = asyncio.Event()

        async def old_answer(_):
            await answered.wait()
            return AccountState([], [position("1")])

        table.perp.account_script.append(old_answer)
        table.perp.user.on_positions([position("1")])
        await until(lambda: not table.perp.account_script)
        table.perp.user.on_positions([position("0")])
        assert "BTCUSDT-PERP" in table.store.positions
        answered.set()
        await until(lambda: "BTCUSDT-PERP" not in table.store.positions)


async def test_an_order_lost_from_the_open_list_is_asked_for(open_table) -> None:
    async with open_table() as table:
        outcome = await table.submit(limit())
        order = table.order(outcome.client_order_id)
        table.spot.known[order.client_order_id] = report(order, OrderStatus.EXPIRED)
        table.spot.user_link.say(LinkState.LIVE, "")
        await until(lambda: table.order(order.client_order_id).status is OrderStatus.EXPIRED)


async def test_an_order_the_exchange_has_lost_leaves_the_screen(open_table) -> None:
    async with open_table() as table:
        outcome = await table.submit(limit())
        table.spot.known.clear()
        table.spot.user_link.say(LinkState.LIVE, "")
        await until(lambda: table.order(outcome.client_order_id).status is OrderStatus.CANCELED)
        assert "no longer knows" in table.order(outcome.client_order_id).reason
        assert len(table.spot.queried) == ReconciliationOptions().open_check_missing_retries


async def test_a_fill_is_told_with_its_price_once(open_table) -> None:
    async with open_table("BTCUSDT-PERP") as table:
        unpriced = {"status": OrderStatus.FILLED, "filled": "0.1", "average_price": None}
        table.perp.place_script.append(lambda order: report(order, **unpriced))
        await table.submit(limit(symbol="BTCUSDT-PERP"))
        assert not table.said("Bought")
        sent = table.order(table.perp.placed[0].client_order_id)
        for _ in range(2):
            table.perp.user.on_order_report(report(sent, OrderStatus.FILLED, "0.1", average_price=D("99.5")))
        told = [message.text for message in table.store.messages if "Bought" in message.text]
        assert told == ["Bought 0.100 BTCUSDT-PERP at 99.5 on average (filled)"]


async def test_a_refused_key_is_told_once_and_not_tried_again(open_table) -> None:
    async with open_table() as table:
        table.spot.account_script.append(RefusedError("Invalid API-key", -2015, 401))
        table.spot.user_link.say(LinkState.LIVE, "")
        await until(lambda: table.said("refuses this API key"))
        assert table.store.links[table.spot.product].user is Link.DOWN
        assert not table.spot.account_script


async def test_an_account_that_cannot_be_read_yet_is_tried_again(open_table) -> None:
    async with open_table() as table:
        table.spot.account_script.extend([LOST])
        table.spot.user_link.say(LinkState.LIVE, "")
        await until(lambda: table.said("not known yet"))
        assert table.store.links[table.spot.product].user is Link.SYNCING
        await until(lambda: table.store.links[table.spot.product].user is Link.LIVE)


async def test_halt_takes_back_an_order_that_is_still_on_its_way(open_table) -> None:
    async with open_table() as table:
        arrived = asyncio.Event()

        async def slowly(order):
            await arrived.wait()
            return report(order)

        table.spot.place_script.append(slowly)
        table.spot.cancel_script.append(RefusedError("Unknown order sent.", -2011))
        sending = asyncio.create_task(table.submit(limit()))
        await until(lambda: table.spot.placed)
        assert (await table.do(Halt())).result is Result.UNKNOWN
        arrived.set()
        outcome = await sending
        await until(lambda: table.order(outcome.client_order_id).status is OrderStatus.CANCELED)
        assert len(table.spot.cancelled) == 2


async def test_orders_waiting_behind_others_were_sent_after_a_halt(open_table) -> None:
    async with open_table("BTCUSDT-PERP") as table:
        table.perp.batch_size, arrived = 2, asyncio.Event()

        async def slowly(orders):
            await arrived.wait()
            return [report(order, order_id=71 + index) for index, order in enumerate(orders)]

        table.perp.batch_script.append(slowly)
        requests = tuple(limit(f"99.{digit}", symbol="BTCUSDT-PERP") for digit in range(1, 6))
        sending = asyncio.create_task(table.do(SubmitOrders(requests, reviewed=True)))
        await until(lambda: table.perp.batches)
        halting = asyncio.create_task(table.do(Halt()))
        await until(lambda: all(order.cancel_requested for order in table.store.open_orders()))
        arrived.set()
        await halting
        outcome = await sending
        assert "canceled before it was sent" in outcome.text
        assert table.perp.batches == [2], "what waited is not sent"
        assert table.perp.placed == []
        rejected = [order for order in table.store.orders.values() if order.status is OrderStatus.REJECTED]
        assert len(rejected) == 3


async def test_a_cancel_waited_for_ever_where_the_stream_told_of_an_order_whose_answer_was_lost(open_table) -> None:
    async with open_table() as table:
        arrived = asyncio.Event()

        async def told_by_the_stream_alone(order):
            await arrived.wait()
            table.spot.user.on_order_report(report(order))
            raise LOST

        table.spot.place_script.append(told_by_the_stream_alone)
        table.spot.cancel_script.append(RefusedError("Unknown order sent.", -2011))
        sending = asyncio.create_task(table.submit(limit()))
        await until(lambda: table.spot.placed)
        [order] = table.store.open_orders()
        assert (await table.do(CancelOrder(order.client_order_id))).result is Result.UNKNOWN
        arrived.set()
        assert (await sending).result is Result.DONE
        await until(lambda: table.order(order.client_order_id).status is OrderStatus.CANCELED, timeout=1.0)


async def test_the_trader_can_hasten_the_question(open_table, monkeypatch) -> None:
    monkeypatch.setattr("engine_table.SOON", Patience(delays_s=(60.0,)))
    async with open_table() as table:
        table.spot.place_script.append(LOST)
        table.spot.find_script.append(lambda order: report(order))
        outcome = await table.submit(limit())
        await asyncio.sleep(0)
        assert table.spot.queried == []
        assert (await table.do(ResolveOrder(outcome.client_order_id))).result is Result.DONE
        await until(lambda: table.order(outcome.client_order_id).status is OrderStatus.NEW)


async def test_read_only_sends_and_cancels_nothing(open_table) -> None:
    async with open_table(read_only=True) as table:
        assert (await table.submit(limit())).refusal.rule == "read-only"
        foreign = order_from_request(limit(), Product.SPOT, "web_1", 1)
        table.spot.user.on_order_report(report(foreign))
        assert (await table.do(CancelOrder("web_1"))).refusal.rule == "read-only"
        assert (await table.do(CancelEntries(None))).refusal.rule == "read-only"
        assert table.spot.placed == table.spot.cancelled == []


async def test_an_account_is_known_to_be_read_only_once_it_was(open_table) -> None:
    async with open_table(start=False) as table:
        go_on = asyncio.Event()

        async def slowly(_):
            await go_on.wait()
            return table.perp.state

        table.perp.account_script.append(slowly)
        await table.session.start()
        await until(lambda: table.store.accounts == {Product.SPOT: True, Product.USDM: False}, 30)
        go_on.set()
        await until(lambda: table.store.accounts == {Product.SPOT: True, Product.USDM: True}, 30)
        table.perp.user_link.say(LinkState.DOWN, "cut")
        await until(lambda: table.store.links[Product.USDM].user is not Link.LIVE, 30)
        assert table.store.accounts[Product.USDM], "what is old is not unknown"
