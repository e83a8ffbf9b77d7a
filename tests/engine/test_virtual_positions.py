"""Virtual positions in a session: what is sent, what is booked, and what becomes of it after a restart."""

import asyncio
import time
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from itertools import count, repeat

import msgspec
import pytest
from engine_table import Table, limit, until
from fake_client import PERP, fill_of, position, report
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tui.binance.client import LinkState
from tui.config import ExecutionOptions, Limits, Settings
from tui.domain.market import MarkPrice
from tui.domain.order import (
    Forced,
    LegRole,
    Order,
    OrderChange,
    OrderListRequest,
    OrderRequest,
    OrderStatus,
    order_from_request,
)
from tui.domain.order_terms import OrderType, PositionSide, Side, Terms, TimeInForce
from tui.domain.product import Product
from tui.engine.account import virtual_book
from tui.engine.algos.plan import ScalePlan
from tui.engine.commands.account import AddMargin, SetHedgeMode
from tui.engine.commands.answers import Result
from tui.engine.commands.automation import StartAlgo
from tui.engine.commands.orders import ChangeOrder, ClosePosition, Flatten, Protect, ReversePosition, SubmitOrderList
from tui.engine.commands.safety import Halt
from tui.engine.journal import Journal
from tui.engine.store import Session

D = Decimal
S = PERP.symbol
LONG, SHORT, BOTH = PositionSide.LONG, PositionSide.SHORT, PositionSide.BOTH
_TRADES = count(1)


class Venue:
    """The other end: fills orders and states the net position, the position first as Binance does."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.net = D(0)

    def trades(self, order: Order, price="100", quantity=None) -> None:
        """Fill what is left of an order, or a part."""
        size = order.leaves if quantity is None else D(quantity)
        self.net += size if order.side is Side.BUY else -size
        now_ms = time.time_ns() // 1_000_000
        self.states(price)
        filled = order.filled + size
        done = OrderStatus.FILLED if filled == order.quantity else OrderStatus.PARTIALLY_FILLED
        # What the exchange says of an order knows only the net position.
        plain = replace(order, terms=replace(order.terms, position_side=BOTH))
        fill = replace(fill_of(plain, next(_TRADES), str(size), price), time_ms=now_ms)
        said = report(plain, done, str(filled), time_ms=now_ms, fill=fill, average_price=D(price))
        self.table.perp.user.on_order_report(said)

    def states(self, price="100") -> None:
        held = replace(position(str(self.net)), entry_price=D(price), time_ms=time.time_ns() // 1_000_000)
        self.table.perp.state = replace(self.table.perp.state, positions=[held] if self.net else [])
        self.table.perp.user.on_positions([held])

    def foreign(self, side: Side, quantity: str, price="100", **changes) -> None:
        """An order of the phone, or a liquidation."""
        number = next(_TRADES)
        order = Order(
            Product.USDM,
            S,
            f"web_{number}",
            side,
            OrderType.MARKET,
            TimeInForce.GTC,
            D(quantity),
            None,
            OrderStatus.NEW,
            1,
            1,
            order_id=900_000 + number,
            **changes,
        )
        self.trades(order, price)


async def ordered(table, side, position_side, quantity, price="100", is_open=True) -> Order:
    """A market order for a virtual position, filled."""
    terms = Terms(position_side=position_side)
    request = OrderRequest(S, side, OrderType.MARKET, D(quantity), terms=terms)
    table.bench.limits = replace_limit(table.bench.limits, 0)
    outcome = await table.submit(request)
    assert outcome.result is Result.DONE, outcome.text
    order = table.order(outcome.client_order_id)
    if is_open:
        table.venue.trades(order, price)
    return table.order(outcome.client_order_id)


def replace_limit(limits: Limits, window_ms: int) -> Limits:
    return msgspec.structs.replace(limits, duplicate_window_ms=window_ms)


def rows(table) -> dict[str, Decimal]:
    return {key.removeprefix(f"{S}-"): one.quantity for key, one in table.store.virtual.items()}


@pytest.fixture
def open_virtual(tmp_path, monkeypatch):
    """Opens sessions with virtual positions over one journal, as restarts do."""
    monkeypatch.setattr(virtual_book, "GRACE_S", 0.02)
    path = tmp_path / "state" / "journal.sqlite"

    @asynccontextmanager
    async def opened(net="0", journal=path, **execution):
        options = ExecutionOptions(use_position_ids=False, **execution)
        table = Table(journal, Settings(execution=options), Session("demo", "main", False, False))
        table.venue = Venue(table)
        table.venue.net = D(net)
        if D(net):
            table.perp.state = replace(table.perp.state, positions=[position(net)])
        try:
            await table.start(S)
            yield table
        finally:
            await table.session.close()
            table.journal.close()

    return opened


async def test_long_and_short_are_held_over_one_net_position_and_the_exchange_hears_nothing_of_them(
    open_virtual,
) -> None:
    async with open_virtual() as table:
        await ordered(table, Side.BUY, LONG, "3", "100")
        await ordered(table, Side.SELL, SHORT, "1", "110")
        assert {sent.position_side for sent in table.perp.placed} == {BOTH}
        assert rows(table) == {"LONG": D(3), "SHORT": D(-1)}
        assert table.store.positions[S].quantity == D(2)
        long, short = table.store.virtual[f"{S}-LONG"], table.store.virtual[f"{S}-SHORT"]
        assert (long.entry_price, short.entry_price) == (D(100), D(110))
        assert (long.liquidation_price, long.margin, long.is_virtual) == (None, None, True)
        assert table.said("long and short are virtual")
        with_ids = [order.position_side for order in table.journal.unfinished()] or [
            order.position_side for order in table.store.orders.values()
        ]
        assert with_ids == [LONG, SHORT]


async def test_a_close_realises_its_own_position_alone(open_virtual) -> None:
    async with open_virtual() as table:
        await ordered(table, Side.BUY, LONG, "3", "100")
        await ordered(table, Side.SELL, SHORT, "1", "110")
        done = await table.do(ClosePosition(S, D(1), reviewed=True, position_side=SHORT))
        table.venue.trades(table.order(done.client_order_id), "105")
        assert rows(table) == {"LONG": D(3)}
        assert table.journal.virtual()[0].short.realized == D(5)


async def test_reduce_only_is_said_only_where_the_net_position_covers_the_close(open_virtual) -> None:
    async with open_virtual() as table:
        await ordered(table, Side.BUY, LONG, "3")
        await ordered(table, Side.SELL, SHORT, "1")
        # Net long 2: the short's close would enlarge it, the whole long's would turn it round.
        for side, part, said in ((SHORT, D(1), False), (LONG, D(1), False), (LONG, D("0.5"), True)):
            outcome = await table.do(ClosePosition(S, part, reviewed=True, position_side=side))
            assert outcome.result is Result.DONE, outcome.text
            assert table.perp.placed[-1].reduce_only is said
            table.perp.user.on_order_report(
                report(table.order(outcome.client_order_id), OrderStatus.CANCELED, terms=Terms())
            )
            table.bench.limits = replace_limit(table.bench.limits, 0)
        resting = limit("120", "1", Side.SELL, S, reduce_only=True, terms=Terms(position_side=LONG))
        assert (await table.submit(resting)).result is Result.DONE
        assert table.perp.placed[-1].reduce_only is False


async def test_reduce_only_is_never_said_where_that_is_switched_off(open_virtual) -> None:
    async with open_virtual(use_reduce_only=False) as table:
        await ordered(table, Side.BUY, LONG, "3")
        outcome = await table.do(ClosePosition(S, D("0.5"), reviewed=True, position_side=LONG))
        assert outcome.result is Result.DONE
        assert table.perp.placed[-1].reduce_only is False
        table.venue.trades(table.order(outcome.client_order_id))
        assert (await table.do(Flatten(reviewed=True))).result is Result.DONE


async def test_a_close_never_takes_more_than_its_position_holds(open_virtual) -> None:
    async with open_virtual() as table:
        await ordered(table, Side.BUY, LONG, "3")
        await ordered(table, Side.BUY, LONG, "2", is_open=False)  # works still: not held yet
        sell = OrderRequest(S, Side.SELL, OrderType.MARKET, D(4), terms=Terms(position_side=LONG))
        outcome = await table.submit(sell)
        assert outcome.refusal.rule == "virtual-position"
        assert "3 can be closed" in outcome.text
        assert (await table.submit(replace(sell, quantity=D(2)))).result is Result.DONE
        assert "1 can be closed" in (await table.submit(replace(sell, quantity=D("1.5")))).text
        # What rests for a better price is counted apart from what trades at once.
        rest = limit("120", "3", Side.SELL, S, terms=Terms(position_side=LONG))
        resting = await table.submit(rest)
        assert resting.result is Result.DONE
        more = await table.submit(replace(rest, price=D(121), quantity=D("0.5")))
        assert more.refusal.rule == "virtual-position"


async def test_what_rests_is_cut_when_its_position_shrinks_and_cancelled_when_it_is_gone(open_virtual) -> None:
    async with open_virtual() as table:
        await ordered(table, Side.BUY, LONG, "3")
        resting = await table.submit(limit("120", "3", Side.SELL, S, terms=Terms(position_side=LONG)))
        await ordered(table, Side.SELL, LONG, "1")
        await until(lambda: table.order(resting.client_order_id).quantity == D(2))
        await ordered(table, Side.SELL, LONG, "2")
        await until(lambda: table.order(resting.client_order_id).status is OrderStatus.CANCELED)
        assert table.said("has 2 left for it")


async def test_a_stop_protects_a_virtual_position_with_its_size_and_goes_with_it(open_virtual) -> None:
    async with open_virtual() as table:
        await ordered(table, Side.BUY, LONG, "3")
        await ordered(table, Side.SELL, SHORT, "1")
        outcome = await table.do(Protect(S, stop_price=D(90), position_side=LONG, reviewed=True))
        assert outcome.result is Result.DONE, outcome.text
        stop = table.perp.placed[-1]
        assert (stop.quantity, stop.close_position, stop.reduce_only) == (D(3), False, False)
        await ordered(table, Side.SELL, LONG, "3")
        await until(lambda: [one.client_order_id for one in table.perp.cancelled] == [stop.client_order_id])


async def test_a_target_beside_a_resting_close_was_taken_though_both_closed_too_much(open_virtual) -> None:
    async with open_virtual() as table:
        await ordered(table, Side.BUY, LONG, "3")
        resting = limit("120", "2", Side.SELL, S, terms=Terms(position_side=LONG))
        assert (await table.submit(resting)).result is Result.DONE
        both = Protect(S, stop_price=D(90), target_price=D(130), position_side=LONG, reviewed=True)
        outcome = await table.do(both)
        assert "2 of it spoken for" in outcome.text
        assert [one.type for one in table.store.open_orders(S)] == [OrderType.LIMIT, OrderType.STOP_MARKET]


async def test_the_stop_that_takes_the_place_of_several_is_the_one_that_stays(open_virtual) -> None:
    async with open_virtual() as table:
        await ordered(table, Side.BUY, LONG, "3")
        for price, size in (("90", "1"), ("91", "2")):
            terms = Terms(trigger_price=D(price), position_side=LONG)
            stop = OrderRequest(S, Side.SELL, OrderType.STOP_MARKET, D(size), reduce_only=True, terms=terms)
            assert (await table.submit(stop)).result is Result.DONE
        outcome = await table.do(Protect(S, stop_price=D(95), position_side=LONG, reviewed=True))
        assert outcome.result is Result.DONE, outcome.text
        table.venue.states()
        await asyncio.sleep(0.05)
        assert [(one.trigger_price, one.leaves) for one in table.store.open_orders(S)] == [(D(95), D(3))]


async def test_close_position_orders_are_refused(open_virtual) -> None:
    async with open_virtual() as table:
        await ordered(table, Side.BUY, LONG, "3")
        whole = OrderRequest(
            S, Side.SELL, OrderType.STOP_MARKET, D(3), close_position=True, terms=Terms(trigger_price=D(90))
        )
        assert "the net of all virtual positions" in (await table.submit(whole)).text


async def test_a_long_bought_from_ones_own_short_was_booked_alone(open_virtual, monkeypatch) -> None:
    """Bug: both halves of a trade with oneself have one number; the second was taken for the first told again."""
    async with open_virtual() as table:
        monkeypatch.setattr(f"{__name__}._TRADES", repeat(7))
        await ordered(table, Side.SELL, SHORT, "0.5")
        await ordered(table, Side.BUY, LONG, "0.5")
        assert rows(table) == {"SHORT": D("-0.5"), "LONG": D("0.5")}


async def test_a_foreign_order_and_a_liquidation_are_shown_unassigned(open_virtual) -> None:
    async with open_virtual() as table:
        await ordered(table, Side.BUY, LONG, "3")
        table.venue.foreign(Side.SELL, "2", "105")
        assert rows(table) == {"LONG": D(3), "UNASSIGNED": D(-2)}
        assert table.store.virtual[f"{S}-UNASSIGNED"].entry_price == D(105)
        refused = await table.do(ReversePosition(S, reviewed=True))
        assert refused.refusal.rule == "position-side"
        assert "long and unassigned" in refused.text
        closed = await table.do(ClosePosition(S, D(1), reviewed=True, unassigned=True))
        assert closed.result is Result.DONE, closed.text
        table.venue.trades(table.order(closed.client_order_id), "100")
        assert rows(table) == {"LONG": D(3)}
        assert table.journal.virtual()[0].unassigned.realized == D(10)


async def test_a_liquidation_of_the_net_is_booked_to_none_of_the_virtual_positions(open_virtual) -> None:
    async with open_virtual() as table:
        await ordered(table, Side.BUY, LONG, "3")
        await ordered(table, Side.SELL, SHORT, "1")
        made = order_from_request(limit("90", "2", Side.SELL, S), Product.USDM, "autoclose-1", 1)
        table.venue.net = D(0)
        table.venue.states("90")
        forced = replace(fill_of(replace(made, order_id=71), next(_TRADES), "2", "90"), forced=Forced.LIQUIDATION)
        done = report(made, OrderStatus.FILLED, "2", fill=forced, forced=Forced.LIQUIDATION, order_id=71)
        table.perp.user.on_order_report(done)
        assert rows(table) == {"LONG": D(3), "SHORT": D(-1), "UNASSIGNED": D(-2)}
        table.perp.market.on_mark_price(PERP, MarkPrice(D(90), D(90), D(0), 1, 1))
        assert (await table.do(Flatten(reviewed=True))).result is Result.DONE
        assert rows(table) == {}


async def test_an_algo_closes_no_more_than_is_held_of_its_position(open_virtual) -> None:
    async with open_virtual() as table:
        await ordered(table, Side.BUY, LONG, "3")
        too_much = ScalePlan(S, Side.SELL, D(4), D(120), D(130), 4, position_side=LONG)
        outcome = await table.do(StartAlgo(too_much, True))
        assert outcome.refusal.rule == "virtual-position"
        assert len(table.perp.placed) == 1
        assert (await table.do(StartAlgo(replace(too_much, quantity=D(3)), True))).result is Result.DONE
        await until(lambda: sum(order.leaves for order in table.store.open_orders(S)) == 3)


async def test_what_is_unassigned_is_neither_reversed_nor_protected(open_virtual) -> None:
    async with open_virtual() as table:
        table.venue.foreign(Side.BUY, "2")
        assert "unassigned" in (await table.do(ReversePosition(S, reviewed=True))).text
        assert "unassigned" in (await table.do(Protect(S, stop_price=D(90), reviewed=True))).text


async def test_a_position_change_that_no_execution_explains_becomes_unassigned(open_virtual) -> None:
    async with open_virtual() as table:
        await ordered(table, Side.BUY, LONG, "3")
        table.venue.net = D(1)
        table.venue.states()
        await until(lambda: rows(table) == {"LONG": D(3), "UNASSIGNED": D(-2)})
        assert table.said("-2 is unassigned")


async def test_an_execution_that_is_late_is_waited_for(open_virtual) -> None:
    async with open_virtual() as table:
        opened = await ordered(table, Side.BUY, LONG, "3", is_open=False)
        table.venue.net = D(3)
        table.perp.user.on_order_report(report(opened, OrderStatus.FILLED, "3", average_price=D(100)))
        table.venue.states()
        await asyncio.sleep(0.1)
        assert rows(table) == {}
        fill = fill_of(opened, next(_TRADES), "3", "100")
        table.perp.user.on_order_report(report(opened, OrderStatus.FILLED, "3", fill=fill))
        assert rows(table) == {"LONG": D(3)}
        assert not table.said("is unassigned")


async def test_a_position_event_before_its_execution_is_no_difference(open_virtual) -> None:
    async with open_virtual() as table:
        await ordered(table, Side.BUY, LONG, "3")
        await asyncio.sleep(0.06)
        assert not table.said("is unassigned")


async def test_reversing_a_virtual_long_opens_a_virtual_short(open_virtual) -> None:
    async with open_virtual() as table:
        await ordered(table, Side.BUY, LONG, "3")
        turning = asyncio.create_task(table.do(ReversePosition(S, LONG, reviewed=True)))
        for sent in (2, 3):
            await until(lambda sent=sent: len(table.perp.placed) == sent)
            await until(lambda: table.store.open_orders(S)[-1].status is OrderStatus.NEW)
            table.venue.trades(table.store.open_orders(S)[-1])
        assert (await turning).result is Result.DONE
        assert rows(table) == {"SHORT": D(-3)}


async def test_flatten_closes_the_net_and_books_the_rest_against_each_other(open_virtual) -> None:
    async with open_virtual() as table:
        await ordered(table, Side.BUY, LONG, "3", "100")
        await ordered(table, Side.SELL, SHORT, "1", "110")
        placed = len(table.perp.placed)
        assert (await table.do(Flatten(reviewed=True))).result is Result.DONE
        (sent,) = table.perp.placed[placed:]
        assert (sent.side, sent.quantity, sent.reduce_only) == (Side.SELL, D(2), True)
        again = await table.do(Flatten(reviewed=True))
        assert again.result is Result.REFUSED
        table.venue.trades(table.order(sent.client_order_id), "104")
        assert rows(table) == {}
        kept = table.journal.virtual()[0]
        assert (kept.long.realized, kept.short.realized, kept.unassigned.realized) == (D(12), D(6), D(0))


async def test_flatten_of_more_than_one_market_order_takes_several(open_virtual) -> None:
    async with open_virtual() as table:
        await ordered(table, Side.BUY, LONG, "3", "100")
        await ordered(table, Side.SELL, SHORT, "1", "110")
        table.store.instruments[S] = replace(table.store.instruments[S], max_market_quantity=D(1))
        placed = len(table.perp.placed)
        leaving = asyncio.create_task(table.do(Flatten(reviewed=True)))
        for sent in (placed + 1, placed + 2):
            await until(lambda sent=sent: len(table.perp.placed) == sent or leaving.done())
            await until(lambda: table.store.open_orders(S)[-1].status is OrderStatus.NEW)
            table.venue.trades(table.store.open_orders(S)[-1], "104")
        outcome = await leaving
        assert outcome.result is Result.DONE, outcome.text
        assert [(one.quantity, one.reduce_only) for one in table.perp.placed[placed:]] == [(D(1), True)] * 2
        assert rows(table) == {}


async def test_flatten_sends_nothing_where_the_exchange_holds_nothing(open_virtual) -> None:
    async with open_virtual() as table:
        await ordered(table, Side.BUY, LONG, "2", "100")
        await ordered(table, Side.SELL, SHORT, "2", "110")
        table.perp.market.on_mark_price(PERP, MarkPrice(D(105), D(105), D(0), 1, 1))
        placed = len(table.perp.placed)
        outcome = await table.do(Flatten(reviewed=True))
        assert outcome.result is Result.DONE
        assert "nothing was sent" in outcome.text
        assert (len(table.perp.placed), rows(table)) == (placed, {})


async def test_after_a_halt_a_close_that_enlarges_the_net_is_no_way_out(open_virtual) -> None:
    async with open_virtual() as table:
        await ordered(table, Side.BUY, LONG, "3")
        await ordered(table, Side.SELL, SHORT, "1")
        await table.do(Halt())
        refused = await table.do(ClosePosition(S, reviewed=True, position_side=SHORT))
        assert refused.refusal.rule == "halted"
        assert "enlarges the exchange's net position" in refused.text
        part = await table.do(ClosePosition(S, D("0.5"), reviewed=True, position_side=LONG))
        assert part.result is Result.DONE, part.text
        table.venue.trades(table.order(part.client_order_id))
        assert (await table.do(Flatten(reviewed=True))).result is Result.DONE


async def test_the_largest_position_holds_for_each_virtual_one_and_for_the_net(open_virtual) -> None:
    async with open_virtual() as table:
        await ordered(table, Side.BUY, LONG, "3")
        await ordered(table, Side.SELL, SHORT, "3")
        table.bench.limits = msgspec.structs.replace(table.bench.limits, max_position_notional=D(350))
        more = OrderRequest(S, Side.BUY, OrderType.MARKET, D(1), terms=Terms(position_side=LONG))
        assert (await table.submit(more)).refusal.rule == "max-position"
        await ordered(table, Side.SELL, LONG, "3")  # net -3 now
        more = replace(more, side=Side.SELL, terms=Terms(position_side=SHORT))
        assert (await table.submit(more)).refusal.rule == "max-position"


async def test_a_bracket_protects_its_virtual_position_and_takes_its_exits_back(open_virtual) -> None:
    async with open_virtual() as table:
        await ordered(table, Side.SELL, SHORT, "5")
        entry = OrderRequest(S, Side.BUY, OrderType.LIMIT, D(2), D("99.9"))
        legs = (
            OrderRequest(S, Side.SELL, OrderType.LIMIT, D(2), D(120)),
            OrderRequest(S, Side.SELL, OrderType.STOP_MARKET, D(2), terms=Terms(trigger_price=D(90))),
        )
        outcome = await table.do(SubmitOrderList(OrderListRequest(entry, legs), True))
        assert outcome.result is Result.DONE, outcome.text
        table.venue.trades(table.order(outcome.client_order_id), "99.9")
        exits = lambda: [one for one in table.store.open_orders() if one.role.is_exit]  # noqa: E731
        await until(lambda: len(exits()) == 2)
        assert {(one.position_side, one.quantity, one.close_position) for one in exits()} == {(LONG, D(2), False)}
        assert not any(one.reduce_only for one in table.perp.placed)
        target = next(one for one in exits() if one.role is LegRole.TAKE_PROFIT)
        table.venue.trades(target, "120")
        await until(lambda: not exits())
        assert rows(table) == {"SHORT": D(-5)}


async def test_a_bracket_whose_stop_was_moved_is_not_called_unprotected(open_virtual) -> None:
    async with open_virtual() as table:
        entry = OrderRequest(S, Side.BUY, OrderType.LIMIT, D(2), D("99.9"))
        stop = OrderRequest(S, Side.SELL, OrderType.STOP_MARKET, D(2), terms=Terms(trigger_price=D(90)))
        outcome = await table.do(SubmitOrderList(OrderListRequest(entry, (stop,)), True))
        table.venue.trades(table.order(outcome.client_order_id), "99.9")
        await until(lambda: any(one.role is LegRole.STOP_LOSS for one in table.store.open_orders()))
        await until(lambda: table.store.open_orders()[-1].status is OrderStatus.NEW)
        moved = await table.do(Protect(S, stop_price=D(95), position_side=LONG, reviewed=True))
        assert moved.result is Result.DONE, moved.text
        await until(lambda: table.said("another stop protects"))
        assert not table.said("UNPROTECTED")


async def two_brackets(table):
    """Two filled entries of one virtual long, each with its stop; what tells the stops that are open."""
    for price in ("99.9", "99.8"):
        entry = OrderRequest(S, Side.BUY, OrderType.LIMIT, D(2), D(price))
        stop = OrderRequest(S, Side.SELL, OrderType.STOP_MARKET, D(2), terms=Terms(trigger_price=D(90)))
        outcome = await table.do(SubmitOrderList(OrderListRequest(entry, (stop,)), True))
        table.venue.trades(table.order(outcome.client_order_id), price)
    return lambda: [one for one in table.store.open_orders() if one.role is LegRole.STOP_LOSS]


async def test_a_stop_in_place_of_those_of_brackets_was_cut_before_they_were_gone(open_virtual) -> None:
    """The exchange tells of the new stop by its stream long before it answers."""
    async with open_virtual() as table:
        stops = await two_brackets(table)
        await until(lambda: [one.status for one in stops()] == [OrderStatus.NEW] * 2)

        async def late(order):
            table.perp.user.on_order_report(report(order))
            table.venue.states()
            await asyncio.sleep(0.1)
            return report(order)

        table.perp.place_script.append(late)
        moved = await table.do(Protect(S, stop_price=D(95), position_side=LONG, reviewed=True))
        assert moved.result is Result.DONE, moved.text
        await until(lambda: [(one.trigger_price, one.leaves) for one in stops()] == [(D(95), D(4))])
        await asyncio.sleep(0.05)
        assert [(one.trigger_price, one.leaves) for one in stops()] == [(D(95), D(4))]
        assert not table.said("left for it")


async def test_two_brackets_never_close_more_than_what_is_left_of_their_position(open_virtual) -> None:
    async with open_virtual() as table:
        stops = await two_brackets(table)
        await until(lambda: sum(one.leaves for one in stops()) == 4)
        await ordered(table, Side.SELL, LONG, "3")
        await until(lambda: sum(one.leaves for one in stops() if not one.cancel_requested) == 1, 10)


async def test_a_restart_finds_the_virtual_positions_again(open_virtual) -> None:
    async with open_virtual() as table:
        await ordered(table, Side.BUY, LONG, "3", "100")
        await ordered(table, Side.SELL, SHORT, "1", "110")
        before = dict(table.store.virtual)
    async with open_virtual("2") as table:
        await until(lambda: table.store.virtual)
        assert rows(table) == {key.removeprefix(f"{S}-"): one.quantity for key, one in before.items()}
        assert [one.entry_price for one in table.store.virtual.values()] == [D(100), D(110)]
        assert not table.said("is unassigned")


async def test_what_filled_while_the_program_was_down_is_booked_to_its_order(open_virtual) -> None:
    async with open_virtual() as table:
        outcome = await table.submit(limit("99.5", "1", Side.SELL, S, terms=Terms(position_side=SHORT)))
        resting = table.order(outcome.client_order_id)
    fill = replace(fill_of(resting, next(_TRADES), "1", "99.5"), client_order_id="")
    assert resting.order_id is not None
    options = Settings(execution=ExecutionOptions(use_position_ids=False))
    table = Table(table.journal.path, options, Session("demo", "main", False, False))
    table.perp.state = replace(table.perp.state, positions=[position("-1")])
    table.perp.known = {resting.client_order_id: report(resting, OrderStatus.FILLED, "1")}
    table.perp.past = [report(resting, OrderStatus.FILLED, "1")]
    table.perp.trades_done = [fill]
    try:
        await table.start(S)
        await until(lambda: table.store.virtual)
        assert rows(table) == {"SHORT": D(-1)}
    finally:
        await table.session.close()
        table.journal.close()


async def test_a_lost_journal_leaves_the_whole_position_unassigned(open_virtual, tmp_path) -> None:
    async with open_virtual() as table:
        await ordered(table, Side.BUY, LONG, "3")
    async with open_virtual("3", tmp_path / "new" / "journal.sqlite") as table:
        await until(lambda: table.store.virtual)
        assert rows(table) == {"UNASSIGNED": D(3)}
        assert table.store.virtual[f"{S}-UNASSIGNED"].entry_price == D(100)


async def test_in_hedge_mode_the_setting_means_nothing_and_that_is_said(open_virtual) -> None:
    async with open_virtual() as table:
        table.perp.futures.hedge = True
        table.perp.user_link.say(LinkState.LIVE, "")
        await until(lambda: table.said("use_position_ids = false means nothing there"))
        table.perp.user.on_positions([replace(position("1"), position_side=LONG)])
        assert (table.store.virtual, table.store.held(S)[0].is_virtual) == ({}, False)
        outcome = await table.submit(limit("99.5", "0.1", symbol=S))
        assert outcome.result is Result.DONE
        assert table.perp.placed[-1].position_side is LONG


async def test_the_position_mode_is_not_changed_over_virtual_positions(open_virtual) -> None:
    async with open_virtual() as table:
        await ordered(table, Side.BUY, LONG, "2")
        await ordered(table, Side.SELL, SHORT, "2")
        outcome = await table.do(SetHedgeMode(Product.USDM, True, True))
        assert outcome.refusal is not None
        assert "virtual positions" in outcome.text


async def test_margin_is_added_to_the_net_position_alone(open_virtual) -> None:
    async with open_virtual() as table:
        await ordered(table, Side.BUY, LONG, "2")
        table.store.positions = {S: replace(table.store.positions[S], is_isolated=True)}
        added: list[object] = []

        async def add_margin(one, side, amount) -> None:
            added.append(side)

        table.perp.futures.add_margin = add_margin
        assert (await table.do(AddMargin(S, D(10), LONG, reviewed=True))).result is Result.DONE
        assert added == [BOTH]


async def test_a_close_is_enlarged_no_more_than_its_position(open_virtual) -> None:
    async with open_virtual() as table:
        await ordered(table, Side.BUY, LONG, "3")
        resting = await table.submit(limit("120", "2", Side.SELL, S, terms=Terms(position_side=LONG)))
        more = ChangeOrder(resting.client_order_id, OrderChange(quantity=D(4)), True)
        assert (await table.do(more)).refusal.rule == "virtual-position"
        enough = ChangeOrder(resting.client_order_id, OrderChange(quantity=D(3)), True)
        assert (await table.do(enough)).result is Result.DONE


happenings = st.lists(
    st.tuples(
        st.sampled_from(["long", "short", "close long", "close short", "foreign buy", "foreign sell"]),
        st.integers(1, 30),
        st.integers(990, 1010),
    ),
    max_size=12,
)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(happenings)
async def test_the_journal_gives_back_what_was_live_and_it_adds_up_to_the_net(open_virtual, tmp_path, done) -> None:
    path = tmp_path / f"{next(_TRADES)}" / "journal.sqlite"
    async with open_virtual(journal=path) as table:
        for what, lots, ticks in done:
            await happen(table, what, D(lots) / 10, str(D(ticks) / 10))
            assert sum((one.quantity for one in table.store.virtual.values()), D(0)) == table.venue.net
        live = table.session._virtual.of(S)
    with Journal(path, "demo", "main", table.clock) as journal:
        assert journal.virtual() == ([live] if done and journal.virtual() else [])
        # The executions alone, each with the position its order was for, make the same.
        sides = {one.client_order_id: one.position_side for one in table.store.orders.values() if not one.is_foreign}
        again = type(live)(Product.USDM, S)
        for fill in sorted(journal.fills(), key=lambda one: one.trade_id):
            quantity = fill.quantity if fill.side is Side.BUY else -fill.quantity
            again = again.booked(quantity, fill.price, sides.get(fill.client_order_id, BOTH), fill.time_ms)
        assert again == live


async def happen(table, what, quantity, price) -> None:
    if what.startswith("foreign"):
        table.venue.foreign(Side.BUY if what.endswith("buy") else Side.SELL, str(quantity), price)
        return
    side = LONG if what.endswith("long") else SHORT
    opens = Side.BUY if side is LONG else Side.SELL
    if what.startswith("close"):
        held = abs(rows(table).get(side.value, D(0)))
        if not held:
            return
        await ordered(table, opens.opposite, side, str(min(held, quantity)), price)
    else:
        await ordered(table, opens, side, str(quantity), price)
