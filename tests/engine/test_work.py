"""Long work is shown once it is long, can be given up, and never leaves the account looking truer than it is."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest
from engine_table import limit, until
from fake_client import PERP, SPOT, fill_of, instrument, report

from tui.binance.client import LinkState
from tui.binance.errors import RefusedError
from tui.domain.market import Candle
from tui.domain.order import OrderStatus, order_from_request
from tui.domain.product import Product
from tui.engine import work as work_module
from tui.engine.commands.answers import Result
from tui.engine.commands.views import FocusSymbol, LoadEarlierCandles, StopWork
from tui.engine.store import Link, Session, Store, Work
from tui.engine.work import LongWork

D = Decimal
ETH = instrument(Product.USDM, "ETHUSDT-PERP", native="ETHUSDT", base="ETH")
SOL = instrument(Product.USDM, "SOLUSDT-PERP", native="SOLUSDT", base="SOL")


@pytest.fixture
def store() -> Store:
    return Store(Session("demo", "main", False, False))


@pytest.fixture
def at_once(monkeypatch) -> None:
    """Work is long from the beginning."""
    monkeypatch.setattr(work_module, "SHOWN_AFTER_S", 0.0)


async def test_short_work_never_flickers(store) -> None:
    shown = [store.work]

    async def do(job) -> None:
        for _ in range(3):
            job.advance()
            await asyncio.sleep(0)
            shown.append(store.work)

    assert await LongWork(store).run("candles", do, 3)
    assert all(each is shown[0] for each in shown)
    assert store.work == {}


async def test_long_work_shows_how_far_it_is_and_goes_when_it_is_over(store, at_once) -> None:
    gate = asyncio.Event()

    async def do(job) -> None:
        job.advance(2)
        await gate.wait()

    running = asyncio.create_task(LongWork(store).run("orders", do, 5))
    await until(lambda: store.work)
    assert store.work == {1: Work(1, "orders", 2, 5)}
    gate.set()
    assert await running
    assert store.work == {}


async def test_what_is_given_up_ends_and_the_rest_goes_on(store, at_once) -> None:
    works = LongWork(store)

    async def do(job) -> None:
        await asyncio.Event().wait()

    first, second = (asyncio.create_task(works.run(title, do)) for title in ("one", "two"))
    await until(lambda: len(store.work) == 2)
    assert works.stop(1) == "one"
    assert not await first
    assert list(store.work) == [2]
    assert works.stop(1) == "", "it is over"
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    assert store.work == {}


async def test_cancelling_the_caller_is_not_taken_for_giving_up(store) -> None:
    works, started = LongWork(store), asyncio.Event()

    async def do(job) -> None:
        started.set()
        await asyncio.Event().wait()

    running = asyncio.create_task(works.run("one", do))
    await started.wait()
    works.stop(1)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_an_error_is_passed_on(store) -> None:
    async def do(job) -> None:
        raise RefusedError("no")

    with pytest.raises(RefusedError):
        await LongWork(store).run("one", do)


class Gate:
    """Answers of a client that wait until they are let through; `asked` says for what."""

    def __init__(self, answer) -> None:
        self._answer = answer
        self.open = asyncio.Event()
        self.asked: list[str] = []

    async def __call__(self, one, *arguments):
        self.asked.append(one.symbol)
        if not self.lets_through(one):
            await self.open.wait()
        return await self._answer(one, *arguments)

    def lets_through(self, one) -> bool:
        return False


def bar(minute: int) -> Candle:
    opened = minute * 300_000
    return Candle(opened, opened + 299_999, D(1), D(1), D(1), D(1), D(1), D(1), 1, True)


async def test_earlier_candles_can_be_given_up_and_asked_for_again(open_table, at_once) -> None:
    async with open_table(start=False) as table:
        gates: list[asyncio.Event] = []

        async def candles(one, interval, count, end_ms=None):
            if interval == "5m" and end_ms is not None:
                gates.append(asyncio.Event())
                await gates[-1].wait()
                return [bar(98), bar(99)]
            return [bar(100), bar(101)] if interval == "5m" else []

        table.spot.candles = candles
        await table.start()
        market = table.store.market("BTCUSDT")
        await until(lambda: "5m" in market.series)
        await table.do(LoadEarlierCandles("BTCUSDT", "5m"))
        await until(lambda: table.store.work)
        [under_way] = table.store.work.values()
        assert under_way.title == "earlier candles of BTCUSDT"
        outcome = await table.do(StopWork(under_way.number))
        assert (outcome.result, outcome.text) == (Result.DONE, "Stopped: earlier candles of BTCUSDT")
        await until(lambda: not table.store.work)
        assert len(market.series["5m"].value.candles) == 2
        assert (await table.do(StopWork(under_way.number))).result is Result.REFUSED

        async def asked_again() -> bool:
            return "being fetched" in (await table.do(LoadEarlierCandles("BTCUSDT", "5m"))).text

        assert await asked_again()
        await until(lambda: len(gates) == 2)
        gates[1].set()
        await until(lambda: len(market.series["5m"].value.candles) == 4)


@pytest.fixture
async def gap(open_table, at_once):
    """A live USD-M account with orders in three contracts, connected again; the past of all but the first hangs."""
    async with open_table(PERP.symbol, start=False) as table:

        async def listed():
            return [PERP, ETH, SOL]

        table.perp.instruments = listed
        resting = [
            order_from_request(limit(symbol=one.symbol), Product.USDM, f"web_{number}", table.clock.now_ms())
            for number, one in enumerate((ETH, SOL))
        ]
        table.perp.working = [report(replace(one, order_id=70 + number)) for number, one in enumerate(resting)]
        await table.start(PERP.symbol)
        gate = table.perp.past_orders = Gate(table.perp.past_orders)
        gate.lets_through = lambda one: one.symbol == PERP.symbol
        table.gate = gate
        table.perp.user_link.say(LinkState.DOWN, "cut")
        table.perp.user_link.say(LinkState.LIVE, "")
        await until(lambda: len(gate.asked) == 2 and table.store.work)
        yield table


def link(table) -> Link:
    return table.store.links[Product.USDM].user


async def stop(table) -> None:
    [under_way] = table.store.work.values()
    assert under_way == Work(under_way.number, "orders and fills of USD-M Futures", 1, 3)
    assert (await table.do(StopWork(under_way.number))).result is Result.DONE


async def test_nothing_is_sent_while_the_past_is_read(gap) -> None:
    assert link(gap) is Link.SYNCING
    assert (await gap.submit(limit(symbol=PERP.symbol))).result is Result.REFUSED


async def test_giving_up_the_past_says_what_was_not_read_and_reads_the_account(gap) -> None:
    gap.perp.working = []
    gap.perp.state = replace(gap.perp.state, balances=[replace(gap.perp.state.balances[0], free=D(7))])
    await stop(gap)
    await until(lambda: link(gap) is Link.LIVE)
    assert gap.store.balances[Product.USDM, "USDT"].free == 7
    assert set(gap.store.unread) == {ETH.symbol, SOL.symbol}
    said = gap.store.messages[0].text
    assert "Open orders, balances and positions agree" in said
    assert "were not read and may be missing" in said
    assert all(symbol in said for symbol in gap.store.unread)


async def test_what_was_given_up_is_not_begun_again_when_the_account_fails(gap) -> None:
    gap.perp.account_script.append(RefusedError("overloaded", -1008, 503))
    await stop(gap)
    await until(lambda: link(gap) is Link.LIVE)
    assert len(gap.gate.asked) == 2
    assert len(gap.store.unread) == 2


async def test_what_is_owed_is_read_with_the_next_connection(gap) -> None:
    await stop(gap)
    await until(lambda: link(gap) is Link.LIVE)
    since = dict(gap.store.unread)
    asked_since = []

    async def past(one, since_ms, count=500):
        asked_since.append((one.symbol, since_ms))
        return []

    gap.perp.past_orders = past
    gap.perp.user_link.say(LinkState.DOWN, "cut")
    gap.perp.user_link.say(LinkState.LIVE, "")
    await until(lambda: link(gap) is Link.LIVE)
    assert gap.store.unread == {}
    assert {symbol: told for symbol, told in asked_since if symbol in since} == since


async def test_showing_a_symbol_reads_what_it_is_owed(gap) -> None:
    await stop(gap)
    await until(lambda: link(gap) is Link.LIVE)
    missed = order_from_request(limit(symbol=ETH.symbol), Product.USDM, "web_9", gap.clock.now_ms())
    gap.perp.past = [report(replace(missed, order_id=99), OrderStatus.FILLED, "0.1")]
    gap.perp.trades_done = [fill_of(replace(missed, order_id=99), 5, "0.1")]
    gap.gate.open.set()
    await gap.do(FocusSymbol(ETH.symbol))
    await until(lambda: list(gap.store.unread) == [SOL.symbol])
    assert gap.order("web_9").status is OrderStatus.FILLED
    assert [fill.trade_id for fill in gap.store.fills] == [5]


async def test_unread_executions_of_coins_make_the_day_unknown(open_table) -> None:
    async with open_table() as table:
        summary = table.session._summary
        await until(lambda: table.store.summary is not None and table.store.summary.day_result is not None)
        table.store.unread = {PERP.symbol: 1}
        assert summary.summary({}).day_result is not None, "contracts tell their day themselves"
        table.store.unread = {SPOT.symbol: 1}
        assert summary.summary({}).day_result is None
