"""Brackets that the program holds itself: sized by each fill, mended after a crash, gone with their position."""

import asyncio
from dataclasses import replace
from decimal import Decimal
from functools import partial

from engine_table import limit, until
from fake_client import fill_of, position, report

from tui.binance.errors import RefusedError
from tui.domain.order import LegRole, OrderListRequest, OrderRequest, OrderStatus
from tui.domain.order_terms import OrderType, Side, Terms
from tui.engine.commands.answers import Result
from tui.engine.commands.orders import CancelOrder, SubmitOrderList

D = Decimal
PERP = "BTCUSDT-PERP"


def bracket(entry_price="99.5", quantity="1", stop="98", target="102"):
    exit_ = OrderRequest(PERP, Side.SELL, OrderType.STOP_MARKET, D(quantity), terms=Terms(trigger_price=D(stop)))
    profit = OrderRequest(PERP, Side.SELL, OrderType.LIMIT, D(quantity), D(target))
    return OrderListRequest(limit(entry_price, quantity, symbol=PERP), (profit, exit_))


class Trade:
    """A bracket at work, and what the exchange tells of it."""

    def __init__(self, table, entry) -> None:
        self.table, self.client = table, table.perp
        self.entry = entry
        self.trades = 100

    def orders(self, role):
        return [order for order in self.table.store.orders.values() if order.role is role and order.group]

    def open(self, role):
        return [order for order in self.orders(role) if not order.status.is_closed]

    @property
    def stops(self):
        return self.open(LegRole.STOP_LOSS)

    @property
    def targets(self):
        return self.open(LegRole.TAKE_PROFIT)

    def fill(self, name, filled, done, held) -> None:
        """An execution of an order, and the position it leaves."""
        order = self.table.order(name)
        self.trades += 1
        size = D(filled) - order.filled
        fill = fill_of(order, self.trades, size, order.price or D(98))
        status = OrderStatus.FILLED if done else OrderStatus.PARTIALLY_FILLED
        self.client.user.on_order_report(report(order, status, filled, fill=fill, time_ms=fill.time_ms))
        self.hold(held, fill.time_ms + 1)

    def hold(self, held, time_ms=None) -> None:
        at = time_ms or max(fill.time_ms for fill in self.table.store.fills) + 50
        now = replace(position(held), time_ms=at)
        self.client.state = replace(self.client.state, positions=[now] if D(held) else [])
        self.client.user.on_positions([now])


async def started(table, **values):
    outcome = await table.do(SubmitOrderList(bracket(**values), reviewed=True))
    assert outcome.result is Result.DONE, outcome.text
    assert "app-managed" in outcome.text
    return Trade(table, outcome.client_order_id)


async def test_exits_follow_the_first_fill_the_stop_before_the_target(open_table) -> None:
    async with open_table(PERP) as table:
        trade = await started(table)
        assert len(table.perp.placed) == 1
        trade.fill(trade.entry, "0.4", False, "0.4")
        await until(lambda: trade.targets)
        _, stop, target = table.perp.placed
        assert (stop.role, stop.type, stop.close_position) == (LegRole.STOP_LOSS, OrderType.STOP_MARKET, True)
        assert (target.role, target.quantity, target.reduce_only) == (LegRole.TAKE_PROFIT, D("0.4"), True)
        trade.fill(trade.entry, "1", True, "1")
        await until(lambda: trade.targets[0].quantity == D(1))
        assert len(trade.stops) == 1, "an order that closes whatever is held needs no other size"


async def test_exits_asked_for_as_reduce_only_were_refused_where_they_close_all(open_table) -> None:
    async with open_table(PERP) as table:
        asked = bracket()
        exits = tuple(replace(leg, reduce_only=True) for leg in asked.legs)
        outcome = await table.do(SubmitOrderList(replace(asked, legs=exits), reviewed=True))
        trade = Trade(table, outcome.client_order_id)
        trade.fill(trade.entry, "1", True, "1")
        await until(lambda: trade.targets)
        assert (trade.stops[0].close_position, trade.stops[0].reduce_only) == (True, False)


async def test_beside_another_position_the_stop_is_of_the_brackets_own_size(open_table) -> None:
    async with open_table(PERP) as table:
        table.perp.state = replace(table.perp.state, positions=[replace(position("2"), time_ms=5)])
        table.perp.user.on_positions([position("2")])
        trade = await started(table)
        trade.fill(trade.entry, "0.4", False, "2.4")
        await until(lambda: trade.targets)
        assert (trade.stops[0].close_position, trade.stops[0].quantity) == (False, D("0.4"))
        trade.fill(trade.entry, "1", True, "3")
        await until(lambda: [stop.quantity for stop in trade.stops] == [D(1)])
        await until(lambda: [target.quantity for target in trade.targets] == [D(1)])
        new = trade.stops[0]
        assert table.order(new.replaces).status is OrderStatus.CANCELED, "the old stop goes after the new one is there"


async def test_a_target_that_fills_takes_the_stop_away(open_table) -> None:
    async with open_table(PERP) as table:
        trade = await started(table)
        trade.fill(trade.entry, "1", True, "1")
        await until(lambda: trade.targets)
        trade.fill(trade.targets[0].client_order_id, "1", True, "0")
        await until(lambda: not trade.stops)
        await until(lambda: not table.journal.open_brackets())


async def test_a_stop_that_fills_takes_the_target_away(open_table) -> None:
    async with open_table(PERP) as table:
        trade = await started(table)
        trade.fill(trade.entry, "1", True, "1")
        await until(lambda: trade.targets)
        trade.fill(trade.stops[0].client_order_id, "1", True, "0")
        await until(lambda: not trade.targets)


async def test_a_position_closed_by_hand_takes_both_exits_away(open_table) -> None:
    async with open_table(PERP) as table:
        trade = await started(table)
        trade.fill(trade.entry, "1", True, "1")
        await until(lambda: trade.targets)
        trade.hold("0")
        await until(lambda: not trade.targets and not trade.stops)
        assert table.said("closed otherwise")


async def test_a_position_reduced_by_hand_shrinks_the_exits(open_table) -> None:
    async with open_table(PERP) as table:
        trade = await started(table)
        trade.fill(trade.entry, "1", True, "1")
        await until(lambda: trade.targets)
        trade.hold("0.3")
        await until(lambda: trade.targets[0].leaves == D("0.3"))


async def test_an_entry_that_never_fills_places_no_exit(open_table) -> None:
    async with open_table(PERP) as table:
        trade = await started(table)
        await table.do(CancelOrder(trade.entry))
        await until(lambda: not table.journal.open_brackets())
        assert len(table.perp.placed) == 1


async def test_a_target_cancelled_by_hand_leaves_the_stop(open_table) -> None:
    async with open_table(PERP) as table:
        trade = await started(table)
        trade.fill(trade.entry, "1", True, "1")
        await until(lambda: trade.targets)
        await table.do(CancelOrder(trade.targets[0].client_order_id))
        await until(lambda: table.said("the stop stays"))
        assert len(trade.stops) == 1
        assert len(table.perp.placed) == 3


async def test_a_stop_whose_price_has_passed_closes_at_once(open_table) -> None:
    async with open_table(PERP) as table:
        trade = await started(table)
        table.perp.place_script.append(RefusedError("Order would immediately trigger.", -2021))
        trade.fill(trade.entry, "1", True, "1")
        await until(lambda: any(order.type is OrderType.MARKET for order in table.perp.placed))
        closing = next(order for order in table.perp.placed if order.type is OrderType.MARKET)
        assert (closing.side, closing.quantity, closing.reduce_only) == (Side.SELL, D(1), True)


async def test_what_was_bought_after_a_stop_came_too_late_had_no_stop(open_table) -> None:
    async with open_table(PERP) as table:
        trade = await started(table)
        passed = RefusedError("Order would immediately trigger.", -2021)
        closed = partial(report, status=OrderStatus.FILLED, filled="0.4", average_price=D(98))
        table.perp.place_script.extend([passed, closed])
        table.perp.cancel_script.append(RefusedError("Unknown order sent.", -2011))
        table.perp.find_script.append(lambda entry: report(entry, OrderStatus.FILLED, "1"))
        trade.fill(trade.entry, "0.4", False, "0.4")
        await until(lambda: table.order(trade.entry).status is OrderStatus.FILLED)
        trade.hold("0.6", table.clock.now_ms() + 1_000)
        await until(lambda: [stop.quantity for stop in trade.stops] == [D("0.6")])


async def test_a_stop_that_is_refused_is_told_loudly(open_table) -> None:
    async with open_table(PERP) as table:
        trade = await started(table)
        table.perp.place_script.append(RefusedError("Margin is insufficient.", -2019))
        trade.fill(trade.entry, "1", True, "1")
        await until(lambda: table.said("UNPROTECTED BTCUSDT-PERP"))
        await until(lambda: trade.targets)


async def test_an_entry_filled_while_the_program_was_dead_is_protected_at_its_next_start(open_table) -> None:
    async with open_table(PERP) as table:
        trade = await started(table)
        entry = table.order(trade.entry)
    async with open_table(start=False) as after:
        after.perp.known[entry.client_order_id] = report(entry, OrderStatus.FILLED, "1")
        after.perp.trades_done = [fill_of(entry, 9, "1")]
        after.perp.state = replace(after.perp.state, positions=[position("1")])
        await after.start(PERP)
        again = Trade(after, entry.client_order_id)
        await until(lambda: again.stops and again.targets)
        assert [order.role for order in after.perp.placed] == [LegRole.STOP_LOSS, LegRole.TAKE_PROFIT]
        group = after.order(entry.client_order_id).group
        assert {order.group for order in after.perp.placed} == {group}


async def test_a_crash_between_stop_and_target_places_the_target_alone(open_table) -> None:
    async with open_table(PERP) as table:
        trade = await started(table)
        # The program dies with the stop sent and nothing else.
        table.perp.place_script.append(lambda order: report(order, order_id=5))
        table.perp.place_script.append(lambda order: asyncio.Event().wait())
        trade.fill(trade.entry, "1", True, "1")
        await until(lambda: len(table.perp.placed) == 3)
        entry, stop, target = (table.order(order.client_order_id) for order in table.perp.placed)
    async with open_table(start=False) as after:
        after.perp.working = [report(stop)]
        after.perp.trades_done = [fill_of(entry, 101, "1", "99.5")]
        after.perp.state = replace(after.perp.state, positions=[position("1")])
        await after.start(PERP)
        await until(lambda: after.order(target.client_order_id).status is OrderStatus.REJECTED)
        again = Trade(after, entry.client_order_id)
        await until(lambda: again.targets)
        assert [order.client_order_id for order in again.stops] == [stop.client_order_id]
        assert [order.role for order in after.perp.placed] == [LegRole.TAKE_PROFIT]


async def test_an_exit_without_bracket_and_position_is_cancelled_at_start(open_table, monkeypatch) -> None:
    monkeypatch.setattr("tui.engine.holdings.QUERY_DOUBT_MS", 0)
    async with open_table(PERP) as table:
        trade = await started(table)
        trade.fill(trade.entry, "1", True, "1")
        await until(lambda: trade.targets)
        stop, target = trade.stops[0], trade.targets[0]
        for text in table.journal.open_brackets():
            table.journal.write_bracket(table.order(trade.entry).group, text, True)
        now_ms = table.clock.now_ms()
        assert now_ms >= stop.created_ms
    async with open_table(start=False) as after:
        after.perp.working = [report(stop), report(target)]
        await after.start(PERP)
        await until(lambda: len(after.perp.cancelled) == 2)
        assert after.said("protects nothing any more")


async def test_a_stop_that_came_too_late_and_whose_close_was_refused_was_not_called_unprotected(open_table) -> None:
    async with open_table(PERP) as table:
        trade = await started(table)
        passed = RefusedError("Order would immediately trigger.", -2021)
        table.perp.place_script.extend([passed, RefusedError("Margin is insufficient.", -2019)])
        trade.fill(trade.entry, "0.4", False, "0.4")
        await until(lambda: table.said("UNPROTECTED BTCUSDT-PERP"))
        await until(lambda: table.order(trade.entry).status is OrderStatus.CANCELED)


async def test_a_bracket_whose_keeper_crashed_was_left_alone(open_table, monkeypatch) -> None:
    async with open_table(PERP) as table:
        trade = await started(table)
        monkeypatch.setattr("tui.engine.orders.bracket_keeper._AFTER_FAILURE_S", (0.01,))
        crashes = iter([KeyError("unforeseen")])
        exits = table.session._orders.brackets._exits
        placing = exits.place

        async def crash_once(kept, step):
            for error in crashes:
                raise error
            return await placing(kept, step)

        monkeypatch.setattr(exits, "place", crash_once)
        trade.fill(trade.entry, "1", True, "1")
        await until(lambda: trade.stops and trade.targets)
        assert table.said("unforeseen")


async def test_a_flat_answer_from_just_before_the_entry_filled_took_its_exits_away(open_table) -> None:
    """The moment of a question is only known as well as the exchange's clock."""
    async with open_table(PERP) as table:
        trade = await started(table)
        order = table.order(trade.entry)
        fill = fill_of(order, 300, "1", "99.5")
        told = report(order, OrderStatus.FILLED, "1", fill=fill, time_ms=fill.time_ms)
        table.session._floor.holdings.read(table.perp.product, [], fill.time_ms + 30)
        table.perp.state = replace(table.perp.state, positions=[replace(position("1"), time_ms=fill.time_ms)])
        table.perp.user.on_order_report(told)
        await until(lambda: trade.stops and trade.targets)
        assert not table.said("closed otherwise")


async def test_exits_went_when_the_entrys_executions_were_learnt_from_a_list(open_table) -> None:
    """Lists of executions carry no client id; the last statement about the position was from before them."""
    async with open_table(PERP) as table:
        trade = await started(table)
        order, ledger = table.order(trade.entry), table.session._floor.ledger
        fill = replace(fill_of(order, 300, "1", "99.5"), client_order_id="")
        table.perp.state = replace(table.perp.state, positions=[replace(position("1"), time_ms=fill.time_ms)])
        ledger.confirm(report(order, OrderStatus.FILLED, "1", time_ms=fill.time_ms))
        ledger.add_fills([fill])
        await until(lambda: trade.stops and trade.targets)
        assert not table.said("closed otherwise")
