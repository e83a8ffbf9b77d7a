"""Exits that were lost: to a moment's refusal, to an entry that ended early, to a leg that nothing stood beside."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest
from engine_table import until
from fake_client import fill_of, position, report
from test_brackets import PERP, Trade, bracket, started
from test_positions_and_lists import MARKET, Lists, bought_at_market, spot_bracket, taken

from tui.binance.client import LinkState
from tui.binance.errors import OutcomeUnknownError, RateLimitedError, RefusedError, UnsentError
from tui.config import ExecutionOptions, Settings
from tui.domain.order import LegRole, OrderChange, OrderListRequest, OrderRequest, OrderStatus
from tui.domain.order_terms import OrderType, Side, Terms
from tui.engine.commands.answers import Result
from tui.engine.commands.orders import CancelOrder, ChangeOrder, SubmitOrderList
from tui.engine.commands.safety import Halt

D = Decimal

#: Refusals of a moment: the request never left, the limit is used up, the exchange is overloaded, the clock was wrong.
PASSING = [
    UnsentError("POST /v1/algoOrder: no connection (connection refused)"),
    RateLimitedError("not sent: the exchange's request limit is used up for 1 s", 0),
    RefusedError("Server is currently overloaded with other requests.", -1008, 503),
    RefusedError("Service Unavailable.", None, 503),
    RefusedError("Timestamp for this request is outside of the recvWindow.", -1021, 400),
]


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr("tui.engine.orders.bracket_keeper._AFTER_FAILURE_S", (0.01,))


@pytest.mark.parametrize("error", PASSING, ids=["unsent", "limited", "overloaded", "out-of-service", "clock"])
async def test_a_stop_refused_for_a_moment_was_given_up_for_good(open_table, error) -> None:
    async with open_table(PERP, duplicate_window_ms=0) as table:
        trade = await started(table)
        table.perp.place_script.extend([error, error])
        trade.fill(trade.entry, "1", True, "1")
        await until(lambda: trade.stops and trade.targets)
        assert not table.said("UNPROTECTED")
        assert trade.stops[0].close_position


async def test_a_close_in_place_of_a_passed_stop_refused_for_a_moment_was_given_up(open_table) -> None:
    async with open_table(PERP, duplicate_window_ms=0) as table:
        trade = await started(table)
        table.perp.place_script.extend([RefusedError("Order would immediately trigger.", -2021), PASSING[0]])
        trade.fill(trade.entry, "1", True, "1")
        await until(lambda: [order.type for order in trade.stops] == [OrderType.MARKET])
        assert not table.said("UNPROTECTED")


@pytest.mark.parametrize("error", PASSING[:2], ids=["unsent", "limited"])
async def test_exits_of_coins_refused_for_a_moment_were_forgotten(open_table, monkeypatch, error) -> None:
    def refuses(orders):
        lists.answer = taken
        raise error

    lists = Lists(refuses)
    monkeypatch.setattr("fake_client.FakeClient.lists", property(lambda client: lists), raising=False)
    async with open_table(duplicate_window_ms=0) as table:
        table.spot.place_script.append(bought_at_market(table))
        await table.do(SubmitOrderList(replace(spot_bracket(), entry=MARKET), reviewed=True))
        await until(lambda: len(lists.sent) == 2)
        await until(lambda: len(table.store.open_orders()) == 2)
        await until(lambda: not table.journal.open_brackets())
        assert not table.said("UNPROTECTED")


async def test_a_stop_whose_larger_one_was_refused_was_cancelled_all_the_same(open_table) -> None:
    """The refused one counted as its successor."""
    async with open_table(PERP, duplicate_window_ms=0) as table:
        table.perp.state = replace(table.perp.state, positions=[replace(position("2"), time_ms=5)])
        table.perp.user.on_positions([position("2")])
        trade = await started(table)
        trade.fill(trade.entry, "0.4", False, "2.4")
        await until(lambda: trade.targets)
        [old] = trade.stops
        table.perp.place_script.extend([RefusedError("Margin is insufficient.", -2019)] * 3)
        trade.fill(trade.entry, "1", True, "3")
        await until(lambda: [stop.quantity for stop in trade.stops] == [D(1)])
        refused = [order for order in trade.orders(LegRole.STOP_LOSS) if order.status is OrderStatus.REJECTED]
        assert len(refused) == 3
        assert table.order(old.client_order_id).status is OrderStatus.CANCELED
        assert table.perp.cancelled == [old], "only once the larger one stood"
        assert not table.said("UNPROTECTED")


@pytest.mark.parametrize("is_renamed", [False, True])
async def test_an_entry_whose_stop_the_exchange_ended_went_on_filling(table_with, is_renamed) -> None:
    table = table_with(Settings(execution=ExecutionOptions(treat_expired_as_canceled=is_renamed)))
    await table.start(PERP)
    trade = await started(table)
    trade.fill(trade.entry, "0.4", False, "0.4")
    await until(lambda: trade.stops)
    ended = report(trade.stops[0], OrderStatus.EXPIRED, reason="the symbol was delisted")
    table.perp.user.on_order_report(ended)
    await until(lambda: table.said("UNPROTECTED BTCUSDT-PERP"))
    await until(lambda: table.order(trade.entry).status is OrderStatus.CANCELED)


async def test_an_entry_whose_stop_was_taken_back_by_hand_goes_on(open_table) -> None:
    async with open_table(PERP) as table:
        trade = await started(table)
        trade.fill(trade.entry, "0.4", False, "0.4")
        await until(lambda: trade.stops)
        await table.do(CancelOrder(trade.stops[0].client_order_id))
        await until(lambda: table.said("UNPROTECTED BTCUSDT-PERP"))
        trade.fill(trade.entry, "1", True, "1")
        assert table.order(trade.entry).status is OrderStatus.FILLED


async def test_an_entry_whose_stop_was_refused_went_on_filling(open_table) -> None:
    async with open_table(PERP) as table:
        trade = await started(table)
        table.perp.place_script.append(RefusedError("Reach max stop order limit.", -4045))
        trade.fill(trade.entry, "0.4", False, "0.4")
        await until(lambda: table.said("UNPROTECTED BTCUSDT-PERP"))
        await until(lambda: table.order(trade.entry).status is OrderStatus.CANCELED)


async def test_a_single_exit_of_coins_bought_at_market_was_sent_as_a_list_of_one(open_table, monkeypatch) -> None:
    lists = Lists(taken)
    monkeypatch.setattr("fake_client.FakeClient.lists", property(lambda client: lists), raising=False)
    async with open_table() as table:
        table.spot.place_script.append(bought_at_market(table))
        [_, stop] = spot_bracket().legs
        request = replace(spot_bracket(), entry=MARKET, legs=(stop,))
        await table.do(SubmitOrderList(request, reviewed=True))
        await until(lambda: len(table.spot.placed) == 2)
        assert lists.sent == []
        assert table.spot.placed[1].role is LegRole.STOP_LOSS
        await until(lambda: not table.journal.open_brackets())
        assert not table.said("UNPROTECTED")


@pytest.mark.parametrize("legs", [2, 1], ids=["bracket", "stop"])
async def test_what_a_cancelled_entry_of_a_list_had_bought_was_left_without_exits(
    open_table, monkeypatch, legs
) -> None:
    """The exchange drops the exits of a list whose entry does not fill wholly."""
    lists = Lists(taken)
    monkeypatch.setattr("fake_client.FakeClient.lists", property(lambda client: lists), raising=False)
    async with open_table(duplicate_window_ms=0) as table:
        request = replace(spot_bracket(), legs=spot_bracket().legs[-legs:])
        outcome = await table.do(SubmitOrderList(request, reviewed=True))
        entry = table.order(outcome.client_order_id)
        fill = replace(fill_of(entry, 7, "0.06"), commission=D("0.00006"), commission_asset="BTC")
        partly = report(entry, OrderStatus.PARTIALLY_FILLED, "0.06", fill=fill, list_id=5)
        table.spot.user.on_order_report(partly)
        table.spot.cancel_script.append(lambda order: report(order, OrderStatus.CANCELED, "0.06", list_id=5))
        await table.do(CancelOrder(entry.client_order_id))
        for leg in table.store.open_orders():
            table.spot.user.on_order_report(report(leg, OrderStatus.CANCELED, list_id=5))
        await until(lambda: len(lists.sent) == 2 or table.spot.placed)
        placed = lists.sent[1][0] if legs == 2 else table.spot.placed
        assert [(order.role.is_exit, order.quantity) for order in placed] == [(True, D("0.059"))] * legs
        await until(lambda: not table.journal.open_brackets())
        assert table.said("placed from here")


async def test_what_was_taken_back_elsewhere_in_a_gap_is_told_and_not_sold(open_table, monkeypatch) -> None:
    lists = Lists(taken)
    monkeypatch.setattr("fake_client.FakeClient.lists", property(lambda client: lists), raising=False)
    async with open_table() as table:
        entry = table.order((await table.do(SubmitOrderList(spot_bracket(), reviewed=True))).client_order_id)
        table.spot.user_link.say(LinkState.DOWN, "cut")
        fill = fill_of(entry, 7, "0.06")
        table.spot.past = [report(entry, OrderStatus.CANCELED, "0.06", list_id=5, time_ms=fill.time_ms)]
        table.spot.trades_done = [fill]
        table.spot.user_link.say(LinkState.LIVE, "")
        await until(lambda: table.said("UNPROTECTED BTCUSDT"))
        assert len(lists.sent) == 1
        assert not table.journal.open_brackets()


async def test_exits_of_a_wholly_cancelled_list_are_not_placed(open_table, monkeypatch) -> None:
    lists = Lists(taken)
    monkeypatch.setattr("fake_client.FakeClient.lists", property(lambda client: lists), raising=False)
    async with open_table() as table:
        outcome = await table.do(SubmitOrderList(spot_bracket(), reviewed=True))
        await table.do(CancelOrder(outcome.client_order_id))
        for leg in table.store.open_orders():
            table.spot.user.on_order_report(report(leg, OrderStatus.CANCELED, list_id=5))
        assert len(lists.sent) == 1
        assert not table.journal.open_brackets()


def stop_entry(trigger="101"):
    """A bracket that begins once the price rises."""
    entry = OrderRequest(PERP, Side.BUY, OrderType.STOP_MARKET, D(1), terms=Terms(trigger_price=D(trigger)))
    return replace(bracket(), entry=entry)


async def test_a_bracket_whose_stop_entry_was_moved_forgot_its_exits(open_table) -> None:
    async with open_table(PERP, duplicate_window_ms=0) as table:
        first = (await table.do(SubmitOrderList(stop_entry(), reviewed=True))).client_order_id
        moved = await table.do(ChangeOrder(first, OrderChange(trigger_price=D(102)), reviewed=True))
        assert moved.result is Result.DONE, moved.text
        trade = Trade(table, moved.client_order_id)
        assert table.order(first).status is OrderStatus.CANCELED
        assert table.journal.open_brackets()
        trade.fill(trade.entry, "1", True, "1")
        await until(lambda: trade.stops and trade.targets)
        assert [order.leaves for order in trade.targets] == [D(1)]


async def test_a_stop_entry_that_traded_while_it_was_moved_has_exits_for_all_of_it(open_table) -> None:
    async with open_table(PERP, duplicate_window_ms=0) as table:
        first = (await table.do(SubmitOrderList(stop_entry(), reviewed=True))).client_order_id
        trade = Trade(table, first)

        def partly(order):
            trade.fill(first, "0.4", False, "0.4")
            return report(table.order(first), OrderStatus.CANCELED, "0.4")

        table.perp.cancel_script.append(partly)
        moved = await table.do(ChangeOrder(first, OrderChange(trigger_price=D(102)), reviewed=True))
        assert moved.result is Result.DONE, moved.text
        second = moved.client_order_id
        assert table.order(second).quantity == D("0.6")
        await until(lambda: [order.leaves for order in trade.targets] == [D("0.4")])
        trade.fill(second, "0.6", True, "1")
        await until(lambda: [order.leaves for order in trade.targets] == [D(1)])
        assert len(trade.stops) == 1


async def test_a_stop_entry_was_cancelled_for_one_that_the_guards_refused(open_table) -> None:
    async with open_table(PERP, duplicate_window_ms=0, max_order_notional=D(150)) as table:
        first = (await table.do(SubmitOrderList(stop_entry(), reviewed=True))).client_order_id
        refused = await table.do(ChangeOrder(first, OrderChange(quantity=D(2)), reviewed=True))
        assert refused.refusal.rule == "max-notional"
        assert table.order(first).status is OrderStatus.NEW
        assert table.perp.cancelled == []


async def test_a_stop_entry_that_cannot_be_cancelled_keeps_its_place(open_table) -> None:
    async with open_table(PERP, duplicate_window_ms=0) as table:
        first = (await table.do(SubmitOrderList(stop_entry(), reviewed=True))).client_order_id
        table.perp.cancel_script.append(UnsentError("no connection"))
        outcome = await table.do(ChangeOrder(first, OrderChange(trigger_price=D(102)), reviewed=True))
        assert outcome.result is Result.REFUSED
        assert len(table.perp.placed) == 1
        assert [order.client_order_id for order in table.store.open_orders()] == [first]


async def test_a_halt_while_a_stop_entry_is_moved_sends_none(open_table) -> None:
    async with open_table(PERP, duplicate_window_ms=0) as table:
        first = (await table.do(SubmitOrderList(stop_entry(), reviewed=True))).client_order_id
        gone = asyncio.Event()

        async def slowly(order):
            await gone.wait()
            return report(order, OrderStatus.CANCELED)

        table.perp.cancel_script.append(slowly)
        moving = asyncio.create_task(table.do(ChangeOrder(first, OrderChange(trigger_price=D(102)), reviewed=True)))
        await until(lambda: table.perp.cancelled)
        halting = asyncio.create_task(table.do(Halt()))
        await until(lambda: all(order.cancel_requested for order in table.store.open_orders()))
        gone.set()
        await halting
        assert (await moving).result is Result.REFUSED
        assert len(table.perp.placed) == 1
        assert table.store.open_orders() == []


async def test_moving_one_of_two_entries_took_both_away(open_table) -> None:
    async with open_table(PERP, duplicate_window_ms=0) as table:
        high, low = (
            OrderRequest(PERP, side, OrderType.STOP_MARKET, D("0.1"), terms=Terms(trigger_price=D(trigger)))
            for side, trigger in ((Side.BUY, 102), (Side.SELL, 98))
        )
        await table.do(SubmitOrderList(OrderListRequest(None, (high, low)), reviewed=True))
        first, second = table.store.open_orders()
        moved = await table.do(ChangeOrder(first.client_order_id, OrderChange(trigger_price=D(103)), reviewed=True))
        assert moved.result is Result.DONE, moved.text
        await asyncio.sleep(0.02)
        names = [order.client_order_id for order in table.store.open_orders()]
        assert names == [second.client_order_id, moved.client_order_id]
        table.perp.user.on_order_report(report(table.order(moved.client_order_id), OrderStatus.FILLED, "0.1"))
        await until(lambda: table.order(second.client_order_id).status is OrderStatus.CANCELED)
        await until(lambda: not table.journal.open_brackets())


async def test_a_stop_waited_to_grow_because_the_target_was_refused_for_a_moment(open_table, monkeypatch) -> None:
    monkeypatch.setattr("tui.engine.orders.bracket_keeper._AFTER_FAILURE_S", (30.0,))
    async with open_table(PERP, duplicate_window_ms=0) as table:
        table.perp.state = replace(table.perp.state, positions=[replace(position("2"), time_ms=5)])
        table.perp.user.on_positions([position("2")])
        trade = await started(table)
        table.perp.place_script.extend([report, UnsentError("no connection")])
        trade.fill(trade.entry, "0.4", False, "2.4")
        await until(lambda: table.said("trying again"))
        assert [stop.quantity for stop in trade.stops] == [D("0.4")]
        trade.fill(trade.entry, "1", True, "3")
        await until(lambda: [stop.quantity for stop in trade.stops] == [D(1)])
        await until(lambda: [target.quantity for target in trade.targets] == [D(1)])


@pytest.mark.parametrize("how", ["denied twice", "canceled", "never reached"])
async def test_an_entry_that_filled_after_it_was_taken_for_over_was_left_bare(open_table, how) -> None:
    """Its bracket had been closed: nothing seemed to be left of it to do."""
    async with open_table(PERP) as table:
        if how == "never reached":
            table.perp.place_script.append(OutcomeUnknownError("no answer in time"))
            outcome = await table.do(SubmitOrderList(bracket(), reviewed=True))
            await until(lambda: table.order(outcome.client_order_id).status is OrderStatus.REJECTED)
            trade = Trade(table, outcome.client_order_id)
        else:
            trade = await started(table)
            if how == "denied twice":
                table.perp.cancel_script.append(RefusedError("Unknown order sent.", -2011))
                table.perp.find_script.append(None)
            await table.do(CancelOrder(trade.entry))
        assert table.order(trade.entry).status.is_closed
        await until(lambda: not table.journal.open_brackets())
        trade.fill(trade.entry, "1", True, "1")
        await until(lambda: len(trade.stops) == 1 and len(trade.targets) == 1)
        assert (trade.stops[0].side, trade.stops[0].trigger_price) == (Side.SELL, D(98))
        assert table.said("filled after it was taken for over")
