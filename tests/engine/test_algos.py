"""Client-side algos: what each sends and when, bound by the guards, stopped by hand, by a halt, by a lost link."""

import time
from dataclasses import replace
from decimal import Decimal

import pytest
from engine_table import until
from fake_client import BOOK, report
from msgspec.structs import replace as replace_limits

from tui.domain.market import BookChange
from tui.domain.order import OrderStatus
from tui.domain.order_terms import OrderType, Side
from tui.domain.product import Product
from tui.engine.algos.desk import AlgoDesk
from tui.engine.algos.plan import Algo, AlgoState, ChasePlan, IcebergPlan, ScalePlan, TwapPlan
from tui.engine.algos.record import read, written
from tui.engine.commands import Origin
from tui.engine.commands.answers import Result
from tui.engine.commands.automation import StartAlgo, StopAlgo
from tui.engine.commands.safety import Halt
from tui.engine.store import Link

D = Decimal
BTC = "BTCUSDT"
BEGIN_MS = 1_800_000_000_000
#: Equal orders may follow each other at once.
QUICK = {"duplicate_window_ms": 0}


class Moved:
    """The machine's clocks, moved on by the test; `set_by_ms` is how far somebody set the one that tells the time."""

    def __init__(self) -> None:
        self.ms, self.set_by_ms = BEGIN_MS, 0

    def now_ms(self) -> int:
        return self.ms + self.set_by_ms

    def monotonic_ns(self) -> int:
        return time.monotonic_ns() + (self.ms - BEGIN_MS) * 1_000_000


class Work:
    """An algo desk of its own over a running session; the test steps it and moves its clock."""

    def __init__(self, table) -> None:
        self.table = table
        self.clock = Moved()
        table.clock.now_ms = self.clock.now_ms
        floor = replace(table.session._floor, clock=self.clock)
        self.desk = AlgoDesk(floor, table.session._orders.sender, table.session._orders.canceller)
        self.client = table.spot
        self.name = ""

    async def start(self, plan):
        outcome = await self.desk.handle(StartAlgo(plan, reviewed=True), Origin.COMMAND_LINE)
        if self.table.store.algos:
            self.name = list(self.table.store.algos)[-1]
        return outcome

    async def step(self, after_ms=0) -> None:
        self.clock.ms += after_ms
        await self.desk.step(self.name)

    @property
    def algo(self) -> Algo:
        return self.table.store.algos[self.name]

    @property
    def placed(self):
        return [(order.type, order.quantity, order.price) for order in self.client.placed]

    def fill(self, order, status=OrderStatus.FILLED, filled=None, price="100") -> None:
        filled = order.quantity if filled is None else D(filled)
        self.client.user.on_order_report(report(order, status, str(filled), average_price=D(price) if filled else None))

    def touch(self, bid_ticks, lots=5_000) -> None:
        """A new best bid."""
        change = BookChange(51, 51, None, [(bid_ticks, lots)], [], 1)
        self.table.store.market(BTC).book.apply(change)


@pytest.fixture
async def work(open_table):
    async with open_table(**QUICK) as table:
        yield Work(table)


async def test_a_scale_spreads_its_size_evenly_or_skewed(work) -> None:
    outcome = await work.start(ScalePlan(BTC, Side.BUY, D("0.6"), D("99.5"), D(98), 4, D(2)))
    assert outcome.result is Result.DONE
    prices = [order.price for order in work.client.placed]
    sizes = [order.quantity for order in work.client.placed]
    assert prices == [D("99.5"), D(99), D("98.5"), D(98)]
    assert sum(sizes) == D("0.6")
    assert sizes == sorted(sizes)
    assert abs(sizes[-1] / sizes[0] - 2) < D("0.05")
    assert {order.group for order in work.client.placed} == {work.name}
    await work.step()
    assert work.algo.state is AlgoState.RUNNING
    for order in work.client.placed:
        work.fill(work.table.order(order.client_order_id))
    await work.step()
    assert (work.algo.state, work.algo.filled, work.algo.average_price) == (AlgoState.DONE, D("0.6"), D(100))


@pytest.mark.parametrize(
    ("plan", "says"),
    [
        (ScalePlan(BTC, Side.BUY, D("0.3"), D("99.5"), D("99.4"), 4), "do not fit"),
        (ScalePlan(BTC, Side.BUY, D("0.003"), D("99.5"), D(98), 4), "without a size"),
        (ScalePlan(BTC, Side.BUY, D("0.1"), D("99.5"), D(98), 4), "smallest order"),
        (ScalePlan(BTC, Side.BUY, D(1000), D("99.5"), D(98), 2), "largest order"),
        (ScalePlan("NOSUCH", Side.BUY, D(1), D(9), D(8), 2), "not a symbol"),
        (ChasePlan(BTC, Side.BUY, D(-1)), "above zero"),
        (TwapPlan(BTC, Side.BUY, D(1), 10, 20), "at least as many seconds"),
        (TwapPlan(BTC, Side.BUY, D("0.01"), 60, 20), "less than the smallest"),
        (IcebergPlan(BTC, Side.BUY, D(1), D(99), D(1)), "less than the whole"),
        (IcebergPlan(BTC, Side.BUY, D(1), D(99), D("0.1005")), "step 0.001: use 0.100"),
        # Its last slice was refused after all others had traded.
        (TwapPlan(BTC, Side.BUY, D("1.0005"), 60, 4), "step 0.001: use 1.000"),
        (ChasePlan(BTC, Side.BUY, D("0.1005")), "step 0.001: use 0.100"),
    ],
)
async def test_a_plan_that_cannot_be_begins_with_nothing(work, plan, says) -> None:
    outcome = await work.start(plan)
    assert outcome.result is Result.REFUSED
    assert says in outcome.text
    assert not work.client.placed
    assert not work.table.store.algos


@pytest.mark.parametrize(
    "plan",
    [
        ScalePlan(BTC, Side.BUY, D("0.6"), D("99.5"), D(98), 4),
        ChasePlan(BTC, Side.BUY, D("0.6")),
        TwapPlan(BTC, Side.BUY, D("0.6"), 30, 3),
        IcebergPlan(BTC, Side.BUY, D("0.6"), D("99.5"), D("0.2")),
    ],
)
async def test_an_algo_began_that_the_largest_position_would_end_half_way(open_table, plan) -> None:
    async with open_table(max_position_notional=D(35), **QUICK) as table:
        outcome = await Work(table).start(plan)
        assert outcome.refusal is not None
        assert outcome.refusal.rule == "max-position"
        assert not table.spot.placed


async def test_of_a_scale_that_a_guard_cut_short_some_orders_worked_on(open_table) -> None:
    """Bug: it was said to run, with as many of its orders as the limits had room for."""
    async with open_table(max_open_orders=3, **QUICK) as table:
        outcome = await Work(table).start(ScalePlan(BTC, Side.BUY, D("0.6"), D("99.5"), D(98), 4))
        assert outcome.result is Result.REFUSED
        assert "max.open.orders 4 allows it" in outcome.text
        assert not table.store.open_orders()


async def test_a_chase_follows_the_touch_up_and_never_back(work) -> None:
    await work.start(ChasePlan(BTC, Side.BUY, D(1), D("0.5"), 60))
    assert work.placed == [(OrderType.LIMIT, D(1), D("99.9"))]
    assert work.client.placed[0].post_only
    await work.step()
    assert len(work.client.placed) == 1
    work.touch(1000)  # 100.0 is bid now
    await work.step()
    assert [order.price for order in work.client.cancelled] == [D("99.9")]
    await work.step()
    assert work.placed[-1] == (OrderType.LIMIT, D(1), D("100.0"))
    work.touch(1000, 0)
    await work.step()
    assert len(work.client.placed) == 2
    assert len(work.client.cancelled) == 1


async def test_a_chase_counts_what_filled_and_ends(work) -> None:
    await work.start(ChasePlan(BTC, Side.BUY, D(1), D("0.5"), 60))
    first = work.table.order(work.client.placed[0].client_order_id)
    work.fill(first, OrderStatus.PARTIALLY_FILLED, "0.4")
    work.client.cancel_script.append(lambda order: report(order, OrderStatus.CANCELED, "0.4"))
    work.touch(1000)
    await work.step()
    await work.step()
    assert work.placed[-1] == (OrderType.LIMIT, D("0.6"), D("100.0"))
    work.fill(work.table.order(work.client.placed[-1].client_order_id))
    await work.step()
    assert (work.algo.state, work.algo.filled) == (AlgoState.DONE, D(1))


async def test_a_chase_stops_at_its_bound_and_at_its_time(work) -> None:
    await work.start(ChasePlan(BTC, Side.BUY, D(1), D("0.05"), 60))
    work.touch(1000)
    await work.step()
    await work.step()
    # 99.9 and 0.05 % of it: no higher than 99.9.
    assert len(work.client.placed) == 1
    await work.step(60_000)
    assert (work.algo.state, work.algo.reason) == (AlgoState.STOPPED, "its 60 s are over")
    assert len(work.client.cancelled) == 1


@pytest.mark.parametrize(("status", "word"), [(OrderStatus.REJECTED, "rejected"), (OrderStatus.CANCELED, "canceled")])
async def test_a_chase_whose_order_was_refused_or_cancelled_by_others_stops(work, status, word) -> None:
    await work.start(ChasePlan(BTC, Side.BUY, D(1), D("0.5"), 60))
    work.fill(work.table.order(work.client.placed[0].client_order_id), status, "0")
    for _ in range(3):
        await work.step()
    assert work.algo.state is AlgoState.STOPPED
    assert word in work.algo.reason
    assert len(work.client.placed) == 1


async def test_a_chase_that_the_market_runs_over_tries_again_but_not_for_ever(work) -> None:
    await work.start(ChasePlan(BTC, Side.BUY, D(1), D("0.5"), 60))
    for _ in range(40):
        last = work.table.order(work.client.placed[-1].client_order_id)
        if not last.status.is_closed:
            work.client.user.on_order_report(report(last, OrderStatus.REJECTED, "0", would_take=True))
        await work.step()
    assert work.algo.state is AlgoState.STOPPED
    assert "ran over 20 orders" in work.algo.reason
    assert len(work.client.placed) == 20


async def test_a_chase_waits_for_an_order_whose_outcome_is_not_known(work) -> None:
    from tui.binance.errors import OutcomeUnknownError

    work.client.place_script.append(OutcomeUnknownError("no answer"))
    work.client.find_script.extend([OutcomeUnknownError("no answer")] * 50)
    await work.start(ChasePlan(BTC, Side.BUY, D(1), D("0.5"), 60))
    work.touch(1000)
    for _ in range(3):
        await work.step()
    assert len(work.client.placed) == 1


async def test_twap_slices_come_at_their_times(work) -> None:
    await work.start(TwapPlan(BTC, Side.SELL, D("0.9"), 30, 3))
    assert work.placed == [(OrderType.MARKET, D("0.3"), None)]
    work.fill(work.table.order(work.client.placed[0].client_order_id))
    await work.step(9_000)
    assert len(work.client.placed) == 1
    await work.step(1_000)
    assert len(work.client.placed) == 2
    # The second never traded: it was expired, and comes with the third.
    work.fill(work.table.order(work.client.placed[1].client_order_id), OrderStatus.EXPIRED, "0")
    await work.step(10_000)
    assert work.placed[-1] == (OrderType.MARKET, D("0.6"), None)
    work.fill(work.table.order(work.client.placed[2].client_order_id))
    await work.step()
    assert (work.algo.state, work.algo.filled, work.algo.reason) == (AlgoState.DONE, D("0.9"), "filled")


async def test_twap_sends_once_what_a_standstill_delayed(work) -> None:
    await work.start(TwapPlan(BTC, Side.SELL, D(1), 100, 10))
    work.fill(work.table.order(work.client.placed[0].client_order_id))
    await work.step(55_000)
    assert work.placed[-1] == (OrderType.MARKET, D("0.5"), None)
    assert work.algo.next_ms == 1_800_000_000_000 + 60_000


async def test_the_last_slice_of_a_twap_was_lost_where_the_one_before_was_too_near(open_table) -> None:
    """Bug: an equal order is not sent twice within a moment; the last slice was counted as sent all the same."""
    async with open_table(duplicate_window_ms=60_000) as table:
        work = Work(table)
        await work.start(TwapPlan(BTC, Side.BUY, D("0.2"), 2, 2))
        work.fill(table.order(work.client.placed[0].client_order_id))
        await work.step(1_000)
        assert len(work.client.placed) == 1, "too near"
        table.bench.limits = replace_limits(table.bench.limits, duplicate_window_ms=0)
        await work.step(100)
        assert [order.quantity for order in work.client.placed] == [D("0.1"), D("0.1")]


async def test_an_iceberg_was_ended_by_the_guard_against_repetition(open_table, monkeypatch) -> None:
    """Bug: an equal slice was held back from when the last was asked for, but refused from when that was judged."""
    async with open_table(duplicate_window_ms=1_000) as table:
        work, ns, delays = Work(table), time.monotonic_ns(), iter([1_000_000])
        submit = work.desk._sender.submit

        async def slowly(asked):
            nonlocal ns
            ns += next(delays, 0)
            return await submit(asked)

        monkeypatch.setattr(work.desk._sender, "submit", slowly)
        table.clock.monotonic_ns = work.clock.monotonic_ns = lambda: ns
        await work.start(IcebergPlan(BTC, Side.BUY, D("0.4"), D("99.5"), D("0.2")))
        work.fill(table.order(work.client.placed[0].client_order_id))
        for _ in range(4):
            ns += 333_166_667
            await work.step()
        assert work.algo.reason == ""
        assert [order.quantity for order in work.client.placed] == [D("0.2"), D("0.2")]


async def test_the_last_slice_of_a_twap_was_lost_while_the_book_was_rebuilt(work) -> None:
    await work.start(TwapPlan(BTC, Side.BUY, D("0.2"), 20, 2))
    work.fill(work.table.order(work.client.placed[0].client_order_id))
    book = work.table.store.market(BTC).book
    book.blank()
    await work.step(10_000)
    await work.step(100)
    assert work.algo.state is AlgoState.RUNNING
    book.load(BOOK, [])
    await work.step(100)
    assert [order.quantity for order in work.client.placed] == [D("0.1"), D("0.1")]


async def test_a_clock_that_was_set_made_a_twap_send_all_at_once(work) -> None:
    """Bug: slices went by the time of day; a machine that woke from sleep sent what was due meanwhile as one order."""
    await work.start(TwapPlan(BTC, Side.SELL, D(1), 100, 10))
    work.fill(work.table.order(work.client.placed[0].client_order_id))
    work.clock.set_by_ms = 3_600_000
    await work.step(5_000)
    assert len(work.client.placed) == 1
    assert abs(work.algo.next_ms - work.clock.now_ms() - 5_000) < 1_000, "when it acts next is told in the time of day"
    await work.step(5_000)
    assert work.placed[1:] == [(OrderType.MARKET, D("0.1"), None)]


async def test_twap_stops_when_the_exchange_refuses_a_slice(work) -> None:
    await work.start(TwapPlan(BTC, Side.SELL, D("0.9"), 30, 3))
    work.fill(work.table.order(work.client.placed[0].client_order_id), OrderStatus.REJECTED, "0")
    await work.step(10_000)
    assert work.algo.state is AlgoState.STOPPED
    assert "slice was rejected" in work.algo.reason
    assert len(work.client.placed) == 1


async def test_an_iceberg_shows_one_slice_after_the_other(work) -> None:
    await work.start(IcebergPlan(BTC, Side.BUY, D("0.5"), D("99.5"), D("0.2")))
    for _ in range(3):
        await work.step()
    assert work.placed == [(OrderType.LIMIT, D("0.2"), D("99.5"))]
    for expected in (D("0.2"), D("0.1")):
        work.fill(work.table.order(work.client.placed[-1].client_order_id))
        await work.step()
        assert work.placed[-1][1] == expected
    work.fill(work.table.order(work.client.placed[-1].client_order_id))
    await work.step()
    assert (work.algo.state, work.algo.filled) == (AlgoState.DONE, D("0.5"))


async def test_an_iceberg_forgot_what_it_had_traded_among_many_orders_and_traded_more(work, monkeypatch) -> None:
    monkeypatch.setattr("tui.engine.orders.ledger.CLOSED_KEPT", 5)
    await work.start(IcebergPlan(BTC, Side.BUY, D("0.4"), D("99.5"), D("0.2")))
    for slice_ in range(2):
        work.fill(work.table.store.open_orders()[0])
        for number in range(30):
            name = f"elsewhere-{slice_}-{number}"
            other = replace(work.client.placed[0], client_order_id=name, order_id=9_000 + 100 * slice_ + number)
            work.client.user.on_order_report(report(other, OrderStatus.CANCELED))
        await work.step(1_100)
    assert work.algo.state is AlgoState.DONE
    assert len(work.placed) == 2


async def test_an_iceberg_whose_slice_was_cancelled_stops(work) -> None:
    await work.start(IcebergPlan(BTC, Side.BUY, D("0.5"), D("99.5"), D("0.2")))
    work.fill(work.table.order(work.client.placed[0].client_order_id), OrderStatus.CANCELED, "0")
    await work.step()
    assert work.algo.state is AlgoState.STOPPED
    assert "canceled" in work.algo.reason


async def test_a_guard_that_refuses_ends_the_algo_with_its_words(work) -> None:
    await work.start(TwapPlan(BTC, Side.SELL, D("0.9"), 30, 3))
    work.fill(work.table.order(work.client.placed[0].client_order_id))
    from msgspec.structs import replace as changed

    work.table.bench.limits = changed(work.table.bench.limits, max_order_notional=D(1))
    await work.step(10_000)
    assert work.algo.state is AlgoState.STOPPED
    assert "max.order.notional" in work.algo.reason
    assert len(work.client.placed) == 1


async def test_stop_ends_it_and_cancels_what_works(work) -> None:
    await work.start(ScalePlan(BTC, Side.BUY, D("0.3"), D("99.5"), D(99), 2))
    outcome = await work.desk.handle(StopAlgo(work.name), Origin.COMMAND_LINE)
    assert outcome.result is Result.DONE
    assert "stopped by hand" in outcome.text
    assert len(work.client.cancelled) == 2
    assert work.algo.state is AlgoState.STOPPED
    await work.step()
    assert len(work.client.placed) == 2
    again = await work.desk.handle(StopAlgo(work.name), Origin.COMMAND_LINE)
    assert again.refusal.rule == "unknown-algo"


async def test_an_algo_that_crashed_left_its_orders_and_stopped_the_others(work, monkeypatch) -> None:
    await work.start(IcebergPlan(BTC, Side.BUY, D("0.4"), D("99.5"), D("0.2")))

    async def crash():
        raise KeyError("unforeseen")

    monkeypatch.setattr(work.desk._running[work.name].worker, "step", crash)
    await work.step()
    assert work.algo.state is AlgoState.FAILED
    assert "unforeseen" in work.algo.reason
    assert work.table.store.open_orders() == []


async def test_a_lost_link_stops_it(work) -> None:
    await work.start(TwapPlan(BTC, Side.SELL, D("0.9"), 30, 3))
    link = work.table.store.links[Product.SPOT]
    work.table.store.links[Product.SPOT] = replace(link, market=Link.DOWN)
    await work.step()
    assert work.algo.state is AlgoState.STOPPED
    assert "market link of Spot is down" in work.algo.reason


@pytest.mark.parametrize("reviewed", [True, False])
async def test_without_review_or_after_a_halt_none_starts(work, reviewed) -> None:
    if reviewed:
        await work.table.do(Halt())
    plan = ScalePlan(BTC, Side.BUY, D("0.3"), D("99.5"), D(99), 2)
    outcome = await work.desk.handle(StartAlgo(plan, reviewed), Origin.KEY)
    assert outcome.refusal.rule == ("halted" if reviewed else "review")


async def test_a_halt_stops_the_sessions_algos_and_cancels_their_orders(open_table) -> None:
    async with open_table(**QUICK) as table:
        plan = ScalePlan(BTC, Side.BUY, D("0.3"), D("99.5"), D(99), 2)
        assert (await table.do(StartAlgo(plan, reviewed=True))).result is Result.DONE
        (name,) = table.store.algos
        await table.do(Halt())
        assert table.store.algos[name].state is AlgoState.STOPPED
        assert len(table.spot.cancelled) == 2
        assert not table.store.open_orders()


async def test_after_a_restart_it_is_shown_stopped_with_what_it_did(open_table) -> None:
    async with open_table(**QUICK) as table:
        await table.do(StartAlgo(ScalePlan(BTC, Side.BUY, D("0.3"), D("99.5"), D(99), 2), reviewed=True))
        (name,) = table.store.algos
        first = table.order(table.spot.placed[0].client_order_id)
        table.spot.user.on_order_report(report(first, OrderStatus.FILLED, str(first.quantity), average_price=D(99)))
        await until(lambda: table.store.orders[first.client_order_id].status is OrderStatus.FILLED)
    async with open_table(**QUICK) as table:
        algo = table.store.algos[name]
        assert algo.state is AlgoState.STOPPED
        assert "the program ended while it ran; 1 of its orders may still work" in algo.reason
        assert (algo.filled, algo.sent) == (first.quantity, 2)
        assert table.said("was stopped")
        assert not table.spot.placed


@pytest.mark.parametrize(
    "plan",
    [
        ScalePlan(BTC, Side.BUY, D("0.3"), D("99.5"), D(98), 4, D(2)),
        ChasePlan(BTC, Side.SELL, D(1)),
        TwapPlan(BTC, Side.SELL, D("0.9"), 30, 3),
        IcebergPlan(BTC, Side.BUY, D(1), D(99), D("0.1"), reduce_only=True),
    ],
)
def test_an_algo_is_read_as_it_was_written(plan) -> None:
    algo = Algo("a-1", plan, AlgoState.DONE, 7, D("0.1"), D(99), 3, None, "filled")
    assert read(written(algo)) == algo
    with pytest.raises(ValueError, match="not an algo"):
        read("{}")
