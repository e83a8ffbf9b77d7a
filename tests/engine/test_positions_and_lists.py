"""Orders that leave, turn and protect positions, one-way and hedged; lists that the exchange holds."""

import asyncio
from dataclasses import replace
from decimal import Decimal
from functools import partial

import pytest
from engine_table import limit, until
from fake_client import REFUSED, fill_of, position, report

from tui.binance.client import LinkState
from tui.binance.errors import OutcomeUnknownError, RefusedError
from tui.domain.account import Balance
from tui.domain.order import LegRole, OrderListRequest, OrderRequest, OrderStatus
from tui.domain.order_terms import OrderType, PositionSide, Side, Terms
from tui.domain.product import Product
from tui.engine.circumstances import Intent
from tui.engine.commands.answers import Result
from tui.engine.commands.orders import (
    CancelOrder,
    ClosePosition,
    Flatten,
    Protect,
    ReversePosition,
    SubmitOrder,
    SubmitOrderList,
)
from tui.engine.commands.safety import Halt
from tui.engine.store import AccountSummary, Link

D = Decimal
PERP = "BTCUSDT-PERP"
LONG, SHORT = PositionSide.LONG, PositionSide.SHORT


async def hedged(table) -> None:
    table.perp.futures.hedge = True
    table.perp.user_link.say(LinkState.LIVE, "")
    await until(lambda: Product.USDM in table.store.hedge_modes)
    await until(lambda: table.store.links[Product.USDM].user is Link.LIVE)


async def test_hedge_mode_never_asks_for_reduce_only_and_says_so_once(open_table) -> None:
    async with open_table(PERP) as table:
        await hedged(table)
        await until(lambda: table.said("execution.use_reduce_only is true"))
        await hedged(table)
        assert sum("use_reduce_only is true" in message.text for message in table.store.messages) == 1
        table.perp.user.on_positions([replace(position("1"), position_side=LONG)])
        for request, side in (
            (limit(symbol=PERP), LONG),
            (limit("100.5", side=Side.SELL, symbol=PERP), SHORT),
            (limit("100.6", side=Side.SELL, symbol=PERP, reduce_only=True), LONG),
        ):
            outcome = await table.submit(request)
            assert outcome.result is Result.DONE, outcome.text
            sent = table.perp.placed[-1]
            assert (sent.position_side, sent.reduce_only) == (side, False)
        assert table.order(table.perp.placed[-1].client_order_id).is_protective


async def test_in_hedge_mode_a_side_that_would_open_is_no_reduction(open_table) -> None:
    async with open_table(PERP) as table:
        await hedged(table)
        wrong = limit(symbol=PERP, reduce_only=True, terms=Terms(position_side=LONG))
        assert (await table.submit(wrong)).refusal.rule == "position-side"
        assert table.perp.placed == []


async def test_long_and_short_of_one_symbol_are_closed_apart_and_together(open_table) -> None:
    async with open_table(PERP) as table:
        await hedged(table)
        both = [replace(position("1"), position_side=LONG), replace(position("-2"), position_side=SHORT)]
        table.perp.user.on_positions(both)
        assert set(table.store.positions) == {f"{PERP}-LONG", f"{PERP}-SHORT"}
        assert (await table.do(ClosePosition(PERP, reviewed=True))).refusal.rule == "position-side"
        assert (await table.do(ClosePosition(PERP, reviewed=True, position_side=SHORT))).result is Result.DONE
        sent = table.perp.placed[-1]
        assert (sent.side, sent.quantity, sent.position_side) == (Side.BUY, D(2), SHORT)
        assert (await table.do(Flatten(reviewed=True))).result is Result.REFUSED, "the short is being closed already"
        assert {order.position_side for order in table.perp.placed} == {LONG, SHORT}


async def test_a_position_that_changed_after_the_review_was_turned_round_all_the_same(open_table) -> None:
    """Turned meanwhile by a stop, the reviewed sale would have become a purchase."""
    async with open_table(PERP) as table:
        for now in ("-0.3", "0.5"):
            table.perp.user.on_positions([position(now)])
            outcome = await table.do(ReversePosition(PERP, reviewed=True, held=D("0.3")))
            assert outcome.refusal.rule == "position-changed"
        assert table.perp.placed == []


async def test_a_stop_of_the_ticket_that_closes_all_was_asked_for_its_size(open_table) -> None:
    async with open_table(PERP) as table:
        table.perp.user.on_positions([position("1")])
        terms = Terms(trigger_price=D(95))
        asked = OrderRequest(PERP, Side.SELL, OrderType.STOP_MARKET, None, close_position=True, terms=terms)
        assert table.session._floor.bench.judge(Intent(asked, reviewed=True)).refusal is None
        outcome = await table.submit(asked)
        assert outcome.result is Result.DONE, outcome.text
        assert "SELL all BTCUSDT-PERP STOP_MARKET" in outcome.text
        [sent] = table.perp.placed
        assert (sent.close_position, sent.reduce_only) == (True, False)


async def test_protection_is_replaced_by_the_new_one_first(open_table) -> None:
    async with open_table(PERP) as table:
        table.perp.user.on_positions([position("1")])
        assert (await table.do(Protect(PERP, D(98), D(103), reviewed=True))).result is Result.DONE
        stop, target = table.store.open_orders()
        assert (stop.role, stop.close_position, stop.trigger_price) == (LegRole.STOP_LOSS, True, D(98))
        assert (target.role, target.type) == (LegRole.TAKE_PROFIT, OrderType.MARKET_IF_TOUCHED)
        outcome = await table.do(Protect(PERP, stop_price=D(99), reviewed=True))
        assert outcome.result is Result.DONE, outcome.text
        moved = next(order for order in table.store.open_orders() if order.role is LegRole.STOP_LOSS)
        assert (moved.trigger_price, moved.close_position, moved.reduce_only) == (D(99), False, True)
        assert table.order(stop.client_order_id).status is OrderStatus.CANCELED
        assert table.order(target.client_order_id).status is OrderStatus.NEW


async def test_moving_a_stop_that_closes_all_no_longer_shows_a_refusal_that_was_to_be_expected(open_table) -> None:
    async with open_table(PERP) as table:
        table.perp.user.on_positions([position("1")])
        await table.do(Protect(PERP, stop_price=D(98), reviewed=True))
        await table.do(Protect(PERP, stop_price=D(99), reviewed=True))
        assert [order.close_position for order in table.perp.placed] == [True, False]


async def test_beside_a_closing_order_placed_elsewhere_protection_is_of_the_positions_size(open_table) -> None:
    async with open_table(PERP) as table:
        table.perp.user.on_positions([position("1")])
        table.perp.place_script.append(RefusedError("An open stop order with closePosition is existing.", -4130))
        assert (await table.do(Protect(PERP, stop_price=D(98), reviewed=True))).result is Result.DONE
        [stop] = table.store.open_orders()
        assert (stop.quantity, stop.close_position, stop.reduce_only) == (D(1), False, True)


async def test_protection_in_doubt_left_the_old_one_beside_it(open_table) -> None:
    async with open_table(PERP) as table:
        table.perp.user.on_positions([position("0.3")])
        await table.do(Protect(PERP, stop_price=D(95), reviewed=True))
        [old] = table.store.open_orders()
        table.perp.place_script.append(OutcomeUnknownError("no answer in time"))
        table.perp.find_script.append(lambda order: report(order, order_id=77))
        assert (await table.do(Protect(PERP, stop_price=D(96), reviewed=True))).result is Result.UNKNOWN
        await until(lambda: [order.trigger_price for order in table.store.open_orders()] == [D(96)])
        assert table.order(old.client_order_id).status is OrderStatus.CANCELED


async def test_a_trailing_stop_outlived_its_position_and_would_have_closed_the_next(open_table) -> None:
    async with open_table(PERP) as table:
        table.perp.user.on_positions([position("0.3")])
        terms = Terms(trailing_bps=50)
        asked = OrderRequest(PERP, Side.SELL, OrderType.TRAILING_STOP_MARKET, D("0.3"), reduce_only=True, terms=terms)
        trailing = await table.do(SubmitOrder(asked, reviewed=True, protects=True))
        alone = await table.submit(replace(asked, quantity=D("0.2")))
        gone = replace(position("0"), time_ms=table.clock.now_ms() + 5_000)
        table.perp.user.on_positions([gone])
        await until(lambda: table.order(trailing.client_order_id).status is OrderStatus.CANCELED)
        assert table.order(alone.client_order_id).status is OrderStatus.NEW, "what was sent for itself stays"


async def test_protection_that_is_refused_leaves_the_old_one(open_table) -> None:
    async with open_table(PERP) as table:
        table.perp.user.on_positions([position("1")])
        await table.do(Protect(PERP, D(98), reviewed=True))
        table.perp.place_script.append(RefusedError("Order would immediately trigger.", -2021))
        outcome = await table.do(Protect(PERP, D("99.8"), reviewed=True))
        assert outcome.result is Result.REFUSED
        assert [order.trigger_price for order in table.store.open_orders()] == [D(98)]


async def test_a_cancel_asked_for_when_the_program_died_is_sent_at_its_next_start(open_table) -> None:
    async with open_table() as table:
        outcome = await table.submit(limit())
        name = outcome.client_order_id
        table.session._floor.ledger.cancel_began(name)
        order = table.order(name)
    async with open_table(start=False) as after:
        after.spot.working = [report(order)]
        await after.start()
        await until(lambda: after.order(name).status is OrderStatus.CANCELED)
        assert len(after.spot.cancelled) == 1


class Lists:
    """Order lists whose answers are scripted."""

    def __init__(self, answer) -> None:
        self.answer = answer
        self.sent = []

    async def place(self, orders, list_client_id, *, sized_from_entry):
        self.sent.append((list(orders), list_client_id, sized_from_entry))
        return self.answer(orders)

    async def cancel(self, list_id, instrument):
        return []


def taken(orders):
    return [
        report(order, order_id=900 + index, list_id=5, awaits_entry=order.role.is_exit)
        for index, order in enumerate(orders)
    ]


def lost(orders):
    raise OutcomeUnknownError("no answer in time")


def denied(orders):
    raise REFUSED


def spot_bracket():
    target = limit("105", "0.1", Side.SELL)
    stop = OrderRequest(
        "BTCUSDT", Side.SELL, OrderType.STOP_LIMIT, D("0.1"), D("97.9"), terms=Terms(trigger_price=D(98))
    )
    return OrderListRequest(limit(), (target, stop))


@pytest.fixture
def with_lists(open_table, monkeypatch):
    def opened(answer, **limits):
        lists = Lists(answer)
        monkeypatch.setattr("fake_client.FakeClient.lists", property(lambda client: lists), raising=False)
        return open_table(**limits), lists

    return opened


async def test_a_spot_bracket_goes_as_one_list_and_each_order_is_known(with_lists) -> None:
    opened, lists = with_lists(taken)
    async with opened as table:
        outcome = await table.do(SubmitOrderList(spot_bracket(), reviewed=True))
        assert outcome.result is Result.DONE, outcome.text
        [(orders, name, _)] = lists.sent
        assert [order.role for order in orders] == [LegRole.ENTRY, LegRole.TAKE_PROFIT, LegRole.STOP_LOSS]
        held = table.store.open_orders()
        assert {order.group for order in held} == {name}
        assert [order.awaits_entry for order in held] == [False, True, True]
        assert table.spot.placed == []


async def test_a_list_without_an_answer_leaves_each_of_its_orders_to_be_asked_for(with_lists) -> None:
    opened, lists = with_lists(lost)
    async with opened as table:
        outcome = await table.do(SubmitOrderList(spot_bracket(), reviewed=True))
        assert outcome.result is Result.UNKNOWN
        for order in table.store.open_orders():
            assert order.status is OrderStatus.UNKNOWN
            table.spot.known[order.client_order_id] = report(order, order_id=950 + len(table.spot.known))
        await until(lambda: all(order.status is OrderStatus.NEW for order in table.store.open_orders()))
        assert len(lists.sent) == 1


async def test_a_list_that_is_refused_leaves_nothing_open(with_lists) -> None:
    opened, _ = with_lists(denied)
    async with opened as table:
        assert (await table.do(SubmitOrderList(spot_bracket(), reviewed=True))).result is Result.REFUSED
        assert [order.status for order in table.store.orders.values()] == [OrderStatus.REJECTED] * 3


async def test_a_list_with_one_impossible_order_sends_none(with_lists) -> None:
    opened, lists = with_lists(taken)
    async with opened as table:
        request = spot_bracket()
        broken = replace(request, legs=(replace(request.legs[0], price=D("105.123")), request.legs[1]))
        assert (await table.do(SubmitOrderList(broken, reviewed=True))).refusal is not None
        assert lists.sent == []
        assert table.store.orders == {}


MARKET = OrderRequest("BTCUSDT", Side.BUY, OrderType.MARKET, D("0.1"))


def bought_at_market(table, fee="0", asset="USDT", after_s=0.0, trade_id=77):
    """The answer to a market order, and its execution with the fee, which the stream tells a moment later."""

    def answer(order):
        told = report(order, OrderStatus.FILLED, "0.1", average_price=D(100), price=None)
        fill = replace(fill_of(order, trade_id, "0.1"), commission=D(fee), commission_asset=asset)
        tell = partial(table.spot.user.on_order_report, replace(told, fill=fill))
        asyncio.get_running_loop().call_later(after_s, tell)
        return told

    return answer


async def test_exits_of_a_spot_entry_were_sent_before_its_fee_in_coins_was_known(with_lists) -> None:
    opened, lists = with_lists(taken)
    async with opened as table:
        table.spot.place_script.append(bought_at_market(table, "0.0001", "BTC", after_s=0.1))
        await table.do(SubmitOrderList(replace(spot_bracket(), entry=MARKET), reviewed=True))
        await until(lambda: lists.sent)
        [(orders, _, _)] = lists.sent
        assert {order.quantity for order in orders} == {D("0.099")}


async def test_a_halt_took_the_exits_from_coins_that_were_bought(with_lists) -> None:
    opened, lists = with_lists(taken)
    async with opened as table:
        table.spot.place_script.append(bought_at_market(table, after_s=0.1))
        await table.do(SubmitOrderList(replace(spot_bracket(), entry=MARKET), reviewed=True))
        await table.do(Halt())
        await until(lambda: lists.sent)
        assert (await table.do(SubmitOrderList(oco(Side.BUY), reviewed=True))).refusal.rule == "halted"
        assert (await table.do(SubmitOrderList(spot_bracket(), reviewed=True))).refusal.rule == "halted"
        assert len(lists.sent) == 1


async def test_the_second_of_two_equal_spot_brackets_got_no_exits(with_lists, monkeypatch) -> None:
    """Its exits were taken for a slip, since those of the first had just been sent."""
    monkeypatch.setattr("tui.engine.orders.bracket_keeper._AFTER_FAILURE_S", (0.3,))
    opened, lists = with_lists(taken, duplicate_window_ms=150)
    async with opened as table:
        for number in (77, 78):
            slow = bought_at_market(table, after_s=0.25 if number == 77 else 0.02, trade_id=number)
            table.spot.place_script.append(slow)
            await table.do(SubmitOrderList(replace(spot_bracket(), entry=MARKET), reviewed=True))
            await asyncio.sleep(0.2 if number == 77 else 0)
        await until(lambda: len(lists.sent) == 2)
        assert not table.said("UNPROTECTED")


async def test_the_fee_of_a_spot_entry_learnt_from_a_list_was_not_taken_off_its_exits(with_lists) -> None:
    opened, lists = with_lists(taken)
    async with opened as table:

        def answer(order):
            told = report(order, OrderStatus.FILLED, "0.1", average_price=D(100), price=None)
            fill = replace(
                fill_of(order, 77, "0.1"), commission=D("0.0001"), commission_asset="BTC", client_order_id=""
            )
            asyncio.get_running_loop().call_later(0.05, table.session._floor.ledger.add_fills, [fill])
            return told

        table.spot.place_script.append(answer)
        await table.do(SubmitOrderList(replace(spot_bracket(), entry=MARKET), reviewed=True))
        await until(lambda: lists.sent)
        assert {order.quantity for order in lists.sent[0][0]} == {D("0.099")}


async def test_exits_of_a_spot_entry_that_never_reached_the_exchange_were_forgotten(with_lists) -> None:
    opened, lists = with_lists(lost, duplicate_window_ms=0)
    async with opened as table:
        table.spot.place_script.append(bought_at_market(table))
        await table.do(SubmitOrderList(replace(spot_bracket(), entry=MARKET), reviewed=True))
        await until(lambda: lists.sent)
        lists.answer = taken
        await until(lambda: len(lists.sent) == 2)
        await until(lambda: len(table.store.open_orders()) == 2)
        await until(lambda: not table.journal.open_brackets())
        assert len(lists.sent) == 2


async def test_a_program_killed_before_it_sent_the_exits_of_a_spot_entry_left_it_bare(with_lists, open_table) -> None:
    def killed(orders):
        raise asyncio.CancelledError

    opened, lists = with_lists(killed)
    async with opened as table:
        table.spot.place_script.append(bought_at_market(table))
        await table.do(SubmitOrderList(replace(spot_bracket(), entry=MARKET), reviewed=True))
        await until(lambda: lists.sent)
        known = dict(table.spot.known)
    lists.answer = taken
    async with open_table(start=False) as after:
        after.spot.known = known
        await after.start()
        await until(lambda: len(lists.sent) == 2)
        await until(lambda: len(after.store.open_orders()) == 2)


async def test_a_spot_entry_at_market_gets_its_exits_as_a_list_of_what_it_bought(with_lists) -> None:
    opened, lists = with_lists(taken)
    async with opened as table:
        table.spot.place_script.append(bought_at_market(table))
        request = replace(spot_bracket(), entry=MARKET)
        outcome = await table.do(SubmitOrderList(request, reviewed=True))
        assert "app-managed" in outcome.text
        await until(lambda: lists.sent)
        [(orders, _, _)] = lists.sent
        assert [order.role for order in orders] == [LegRole.TAKE_PROFIT, LegRole.STOP_LOSS]
        assert {order.quantity for order in orders} == {D("0.1")}


def oco(side, quantity="0.1"):
    profit, stop = ("105", "98") if side is Side.SELL else ("95", "102")
    terms = Terms(trigger_price=D(stop))
    return OrderListRequest(
        None,
        (
            limit(profit, quantity, side),
            OrderRequest("BTCUSDT", side, OrderType.STOP_MARKET, D(quantity), terms=terms),
        ),
    )


@pytest.mark.parametrize("limits", [{"max_position_notional": D(5)}, {"day_loss": D(1)}, {"max_open_orders": 1}])
async def test_an_oco_that_buys_went_past_the_guards_as_if_it_were_an_exit(with_lists, limits, monkeypatch) -> None:
    lost = AccountSummary("USDT", D(1000), D(900), D(0), D(-5), D(0), D(0), D(0), 1)
    monkeypatch.setattr("tui.engine.account.summary.Summary.summary", lambda summary: lost)
    opened, lists = with_lists(taken, **limits)
    async with opened as table:
        if "max_open_orders" in limits:
            await table.submit(limit())
        buying = await table.do(SubmitOrderList(oco(Side.BUY), reviewed=True))
        assert buying.refusal is not None
        assert buying.refusal.rule in ("max-position", "day-loss", "max-open-orders")
        table.spot.user.on_balances([Balance(Product.SPOT, "BTC", D("0.1"), D(0), 1)])
        assert (await table.do(SubmitOrderList(oco(Side.SELL, "0.2"), reviewed=True))).refusal is not None
        assert lists.sent == []
        assert (await table.do(SubmitOrderList(oco(Side.SELL), reviewed=True))).result is Result.DONE
        assert [order.role.is_exit for order in table.store.open_orders()][-2:] == [True, True]


async def test_exits_of_a_position_that_is_not_there_were_said_to_be_placed(open_table) -> None:
    def exits(side):
        profit, stop = ("105", "98") if side is Side.SELL else ("95", "102")
        terms = Terms(trigger_price=D(stop))
        target = limit(profit, "0.1", side, PERP, reduce_only=True)
        leg = OrderRequest(PERP, side, OrderType.STOP_MARKET, D("0.1"), reduce_only=True, terms=terms)
        return SubmitOrderList(OrderListRequest(None, (target, leg)), reviewed=True)

    async with open_table(PERP) as table:
        assert (await table.do(exits(Side.SELL))).refusal.rule == "no-position"
        table.perp.user.on_positions([position("0.3")])
        wrong = await table.do(exits(Side.BUY))
        assert wrong.refusal.rule == "no-position"
        assert "no short position" in wrong.text
        assert (await table.do(exits(Side.SELL))).result is Result.DONE
        await until(lambda: len(table.store.open_orders()) == 2)


async def test_of_two_futures_entries_the_one_that_trades_cancels_the_other(open_table) -> None:
    async with open_table(PERP) as table:
        buy = OrderRequest(PERP, Side.BUY, OrderType.STOP_MARKET, D("0.1"), terms=Terms(trigger_price=D(102)))
        sell = OrderRequest(PERP, Side.SELL, OrderType.STOP_MARKET, D("0.1"), terms=Terms(trigger_price=D(98)))
        outcome = await table.do(SubmitOrderList(OrderListRequest(None, (buy, sell)), reviewed=True))
        assert outcome.result is Result.DONE, outcome.text
        first, second = table.store.open_orders()
        table.perp.user.on_order_report(report(first, OrderStatus.FILLED, "0.1"))
        await until(lambda: table.order(second.client_order_id).status is OrderStatus.CANCELED)
        await until(lambda: not table.journal.open_brackets())


async def test_of_two_futures_entries_one_cancelled_by_hand_takes_the_other_along(open_table) -> None:
    async with open_table(PERP) as table:
        orders = (limit("98", symbol=PERP), limit("102", side=Side.SELL, symbol=PERP))
        await table.do(SubmitOrderList(OrderListRequest(None, orders), reviewed=True))
        first, _ = table.store.open_orders()
        await table.do(CancelOrder(first.client_order_id))
        await until(lambda: table.store.open_orders() == [])
