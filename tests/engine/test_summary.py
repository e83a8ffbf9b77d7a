"""The account in one currency: equity over all products, and what the day has brought."""

import asyncio
from collections import deque
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace

import pytest
from engine_table import limit, until
from fake_client import PERP, SPOT, TICKER, FakeClient, fill_of, position

from tui.domain.account import Balance, Income
from tui.domain.interval import DAY_MS
from tui.domain.order import order_from_request
from tui.domain.order_terms import Side
from tui.domain.product import Product
from tui.engine.account.day import of_fills, of_income
from tui.engine.account.summary import Summary
from tui.engine.account.worth import Prices
from tui.engine.journal import JournalError
from tui.engine.messages import Messages
from tui.engine.store import Link, LinkHealth, Session, Stamped, Store, Work
from tui.engine.work import LongWork

D = Decimal
NOON = 20_000 * DAY_MS + DAY_MS // 2
MIDNIGHT = 20_000 * DAY_MS


class Purse:
    """A futures account that tells its income in pages."""

    def __init__(self, *rows: Income) -> None:
        self.rows = list(rows)
        self.asked: list[int] = []

    async def income(self, since_ms, kind="", limit=1_000) -> list[Income]:
        self.asked.append(since_ms)
        return [row for row in self.rows if row.time_ms >= since_ms][:limit]


def income(kind, amount, number, time_ms=NOON, asset="USDT") -> Income:
    return Income(Product.USDM, kind, PERP.symbol, asset, D(amount), time_ms, number)


class FuturesClient(FakeClient):
    futures = None


@pytest.fixture
def told():
    store = Store(Session("demo", "main", False, False))
    clock = SimpleNamespace(ns=10**12, ms=NOON)
    clock.now_ms, clock.monotonic_ns = lambda: clock.ms, lambda: clock.ns
    for one in (SPOT, PERP):
        store.instruments[one.symbol] = one
        store.market(one.symbol).ticker = Stamped(TICKER, 1, 1, 1)
        store.links[one.product] = LinkHealth(Link.LIVE, Link.LIVE)
    work = LongWork(store)
    futures, purse = FuturesClient(PERP), Purse()
    futures.futures = purse
    journal = SimpleNamespace(fills=lambda since: [])
    floor = SimpleNamespace(
        store=store,
        clock=clock,
        clients={Product.SPOT: FakeClient(SPOT), Product.USDM: futures},
        journal=journal,
        messages=Messages(store, clock),
        tasks=SimpleNamespace(work=work),
    )
    return SimpleNamespace(store=store, clock=clock, purse=purse, journal=journal, work=work, summary=Summary(floor))


def hold(store, *balances) -> None:
    store.balances = {one.key: one for one in balances}


async def test_everything_is_valued_in_one_currency(told) -> None:
    hold(
        told.store,
        Balance(Product.SPOT, "USDT", D(500), D(100), 5),
        Balance(Product.SPOT, "BTC", D(2), D(0), 7),
        Balance(Product.USDM, "USDT", D(800), D(200), 9, wallet=D(950)),
        Balance(Product.MARGIN, "USDT", D(300), D(0), 1, borrowed=D(100), interest=D(1)),
    )
    told.store.positions = {PERP.symbol: replace(position("2"), entry_price=D(90), mark_price=D(100))}
    await told.summary.bring_up_to_date()
    found = told.store.summary
    # 600 + 2 coins at 100 + 950 + 199, and 2 × 10 of open profit.
    assert found.equity == D(600 + 200 + 950 + 199 + 20)
    assert found.unrealized == D(20)
    assert found.free == D(500 + 200 + 800 + 199), "what is borrowed made more free than there is equity"
    assert found.margin_percent == D(200) / found.equity * 100
    assert found.as_of_ms == 9
    assert found.currency == "USDT"


async def test_what_is_free_was_counted_once_for_each_asset_where_all_are_margin(told) -> None:
    """Bug: in multi-assets mode the exchange tells of each asset all that is free of the account, in that asset."""
    told.store.multi_assets = frozenset({Product.USDM})
    hold(
        told.store,
        Balance(Product.SPOT, "USDT", D(7), D(0), 1),
        Balance(Product.USDM, "USDT", D(300), D(0), 1, wallet=D(200)),
        Balance(Product.USDM, "BTC", D(3), D(0), 1, wallet=D(1)),
    )
    await told.summary.bring_up_to_date()
    assert (told.store.summary.equity, told.store.summary.free) == (D(307), D(307))


async def test_the_worth_of_what_is_looked_at_stood_still(told) -> None:
    """Bug: limits are in dollars; those of an order in another currency were reckoned at its price of the start."""
    odd = replace(SPOT, symbol="ABCETH", native="ABCETH", base="ABC", quote="ETH")
    coin = replace(SPOT, symbol="ETHUSDT", native="ETHUSDT", base="ETH")
    for one in (odd, coin):
        told.store.instruments[one.symbol] = one
        told.store.market(one.symbol).ticker = Stamped(TICKER, 1, 1, 1)
    told.store.focus = odd.symbol
    await told.summary.bring_up_to_date()
    assert "ETHUSDT" in told.summary.valued_by


async def test_the_summary_came_a_second_after_the_account(told, monkeypatch) -> None:
    monkeypatch.setattr("tui.engine.account.summary._EVERY_S", 3_600)
    following = asyncio.create_task(told.summary.follow())
    await until(lambda: told.store.summary is not None)
    assert told.store.summary.equity is None
    hold(told.store, Balance(Product.SPOT, "USDT", D(1), D(0), 1))
    told.summary.account_live(Product.SPOT)
    await until(lambda: told.store.summary.equity == D(1))
    following.cancel()


async def test_an_asset_nobody_prices_is_left_out(told) -> None:
    hold(told.store, Balance(Product.SPOT, "DUST", D(9), D(0), 1), Balance(Product.SPOT, "USDT", D(1), D(0), 1))
    await told.summary.bring_up_to_date()
    assert told.store.summary.equity == D(1)
    hold(told.store, Balance(Product.SPOT, "DUST", D(9), D(0), 1))
    await told.summary.bring_up_to_date()
    assert told.store.summary.equity is None


async def test_the_day_is_what_income_and_fills_say(told) -> None:
    told.purse.rows = [
        income("REALIZED_PNL", "-50", 1),
        income("COMMISSION", "-2.5", 2),
        income("FUNDING_FEE", "-0.42", 3),
        income("TRANSFER", "1000", 4),
        income("REALIZED_PNL", "7", 1, MIDNIGHT - 1),
    ]
    await told.summary.bring_up_to_date()
    found = told.store.summary
    assert (found.day_result, found.day_fees, found.day_funding) == (D("-52.92"), D("2.5"), D("-0.42"))
    share = told.store.results[PERP.symbol]
    assert (share.result, share.fees, share.funding) == (D("-52.92"), D("2.5"), D("-0.42"))


async def test_the_day_is_not_known_before_the_income_is(told) -> None:
    told.store.links[Product.USDM] = LinkHealth(Link.LIVE, Link.SYNCING)
    await told.summary.bring_up_to_date()
    assert told.store.summary.day_result is None


async def test_nothing_is_said_of_money_that_has_not_been_read(told) -> None:
    """The open profit read 0.00 before any position was known."""
    told.store.links[Product.USDM] = LinkHealth(Link.LIVE, Link.SYNCING)
    hold(told.store, Balance(Product.SPOT, "USDT", D(500), D(100), 5))
    await told.summary.bring_up_to_date()
    found = told.store.summary
    assert (found.equity, found.free, found.unrealized, found.margin_percent) == (None, None, None, None)

    told.store.links[Product.USDM] = LinkHealth(Link.LIVE, Link.LIVE)
    await told.summary.bring_up_to_date()
    told.store.links[Product.USDM] = LinkHealth(Link.LIVE, Link.SYNCING)
    await told.summary.bring_up_to_date()
    found = told.store.summary
    assert (found.equity, found.free, found.unrealized) == (D(600), D(500), D(0))


async def test_an_account_without_futures_has_its_equity(told) -> None:
    told.store.links[Product.USDM] = LinkHealth(Link.LIVE, Link.DOWN)
    hold(told.store, Balance(Product.SPOT, "USDT", D(500), D(100), 5))
    await told.summary.bring_up_to_date()
    assert (told.store.summary.equity, told.store.summary.unrealized) == (D(600), None)


async def test_equity_without_an_account_that_never_answered_looked_whole(told) -> None:
    told.store.links[Product.USDM] = LinkHealth(Link.LIVE, Link.DOWN)
    hold(told.store, Balance(Product.SPOT, "USDT", D(500), D(100), 5))
    await told.summary.bring_up_to_date()
    assert told.store.summary.unread == (Product.USDM,)
    told.store.links[Product.USDM] = LinkHealth(Link.LIVE, Link.LIVE)
    await told.summary.bring_up_to_date()
    told.store.links[Product.USDM] = LinkHealth(Link.LIVE, Link.DOWN)
    await told.summary.bring_up_to_date()
    assert told.store.summary.unread == ()


async def test_a_new_day_begins_at_midnight(told) -> None:
    told.purse.rows = [income("REALIZED_PNL", "-50", 1)]
    await told.summary.bring_up_to_date()
    assert told.store.summary.day_result == D(-50)
    told.clock.ms = MIDNIGHT + DAY_MS
    await told.summary.bring_up_to_date()
    assert told.store.summary.day_result == D(0)


async def test_income_is_asked_for_each_minute_and_soon_after_a_fill(told) -> None:
    for _ in range(3):
        await told.summary.bring_up_to_date()
    assert len(told.purse.asked) == 1
    told.store.fills.appendleft(fill_of(order_from_request(limit(symbol=PERP.symbol), Product.USDM, "1", 1)))
    told.clock.ns += 4 * 10**9
    await told.summary.bring_up_to_date()
    assert len(told.purse.asked) == 2
    told.store.fills.appendleft(fill_of(order_from_request(limit(), Product.SPOT, "2", 1)))
    told.clock.ns += 4 * 10**9
    await told.summary.bring_up_to_date()
    assert len(told.purse.asked) == 2


async def test_income_is_asked_for_rarely_while_nothing_is_held(told) -> None:
    async def asked_after(seconds) -> int:
        told.clock.ns += seconds * 10**9
        await told.summary.bring_up_to_date()
        return len(told.purse.asked)

    assert [await asked_after(seconds) for seconds in (0, 61, 500, 61)] == [1, 1, 1, 2]
    told.store.positions = {PERP.symbol: position("2")}
    assert [await asked_after(61) for _ in range(2)] == [3, 4]
    told.store.positions = {}
    assert [await asked_after(61) for _ in range(3)] == [5, 5, 5]


async def test_more_income_than_a_page_is_read_to_its_end(told) -> None:
    told.purse.rows = [income("COMMISSION", "-1", number, MIDNIGHT + number) for number in range(2_500)]
    await told.summary.bring_up_to_date()
    assert told.store.summary.day_fees == D(2_500)


async def test_income_that_was_told_late_was_never_read(told) -> None:
    """Bug: funding is listed some time after it was charged, behind fees of trades that came after it."""
    told.purse.rows = [income("COMMISSION", "-1", 1, NOON + 20_000)]
    await told.summary.bring_up_to_date()
    told.purse.rows.insert(0, income("FUNDING_FEE", "-5", 2, NOON))
    told.clock.ns += 11 * 60 * 10**9
    await told.summary.bring_up_to_date()
    assert told.store.summary.day_result == D(-6)


async def test_a_day_of_very_many_trades_was_told_before_it_was_read(told) -> None:
    """Bug: after twenty pages what was still unread counted as nothing, for as many minutes as there were more."""
    told.purse.rows = [income("COMMISSION", "-1", number, MIDNIGHT + number) for number in range(1, 21_501)]
    await told.summary.bring_up_to_date()
    assert told.store.summary.day_result == D(-21_500)


async def test_income_given_up_leaves_the_day_unknown_for_a_quarter_of_an_hour(told, monkeypatch) -> None:
    monkeypatch.setattr("tui.engine.work.SHOWN_AFTER_S", 0.0)
    told.purse.rows = [income("COMMISSION", "-1", number, MIDNIGHT + number) for number in range(2_500)]
    pages, tell = asyncio.Semaphore(1), told.purse.income

    async def slowly(since_ms, kind="", limit=1_000):
        await pages.acquire()
        return await tell(since_ms, kind, limit)

    told.purse.income = slowly
    reading = asyncio.create_task(told.summary.bring_up_to_date())
    await until(lambda: told.store.work and told.store.work[1].done)
    assert told.store.work[1] == Work(1, "income of USD-M Futures", 1_000, None)
    told.work.stop(1)
    await reading
    assert told.store.summary.day_result is None
    assert "the day's result is not known" in told.store.messages[0].text
    for _ in range(9):
        pages.release()
    told.clock.ns += 14 * 60 * 10**9
    await told.summary.bring_up_to_date()
    assert told.store.summary.day_result is None
    told.clock.ns += 61 * 10**9
    await told.summary.bring_up_to_date()
    assert told.store.summary.day_fees == D(2_500)


def test_trades_of_coins_are_valued_at_the_price_of_now() -> None:
    order = order_from_request(limit(), Product.SPOT, "1", 1)
    bought = replace(fill_of(order, 1, "2", "90"), commission=D(1))
    sold = replace(fill_of(order, 2, "1", "95"), side=Side.SELL, commission=D(0))
    day = of_fills([bought, sold], {SPOT.symbol: SPOT}, {"BTC": D(100), "USDT": D(1)})
    # 2 bought 10 below now, 1 sold 5 below now, 1 paid.
    assert (day.result, day.fees) == (D(14), D(1))


def test_income_in_coin_is_valued() -> None:
    day = of_income([income("FUNDING_FEE", "0.01", 1, asset="BTC")], {"BTC": D(100)})
    assert (day.result, day.funding) == (D(1), D(1))


def test_prices_go_over_bitcoin_where_there_is_no_dollar_market() -> None:
    store = Store(Session("demo", "main", False, False))
    pairs = (("BTCUSDT", "BTC", "USDT", 100), ("ABCBTC", "ABC", "BTC", "0.5"))
    for symbol, base, quote, last in pairs:
        store.instruments[symbol] = replace(SPOT, symbol=symbol, base=base, quote=quote)
        store.market(symbol).ticker = Stamped(replace(TICKER, last=D(last)), 1, 1, 1)
    found = Prices(store)
    assert (found["BTC"], found["ABC"], found["USDC"]) == (D(100), D(50), D(1))


async def test_the_days_result_forgot_its_first_trades_among_very_many(told, monkeypatch) -> None:
    """The store keeps the newest executions; what a day has lost on coins is the sum of all of them."""
    told.store.fills = deque(maxlen=3)
    one = fill_of(order_from_request(limit(quantity="1"), Product.SPOT, "a", 1), 1, "1", "110")
    for number in range(1, 6):
        told.store.fills.appendleft(replace(one, trade_id=number, commission=D(0), time_ms=MIDNIGHT + number))
        await told.summary.bring_up_to_date()
    # Five coins bought at 110 are worth 100 each.
    assert told.store.summary.day_result == D(-50)


async def test_an_execution_that_was_made_up_is_forgotten_with_the_real_one(told) -> None:
    one = fill_of(order_from_request(limit(quantity="1"), Product.SPOT, "a", 1), -7, "1", "110")
    told.store.fills.appendleft(replace(one, commission=D(0), time_ms=MIDNIGHT + 1))
    await told.summary.bring_up_to_date()
    assert told.store.summary.day_result == D(-10)
    told.store.fills.clear()
    told.store.fills.appendleft(replace(one, trade_id=7, price=D(105), commission=D(0), time_ms=MIDNIGHT + 1))
    await told.summary.bring_up_to_date()
    assert told.store.summary.day_result == D(-5)


async def test_a_day_whose_trades_could_not_be_read_began_without_its_losses(told) -> None:
    one = fill_of(order_from_request(limit(quantity="1"), Product.SPOT, "a", 1), 1, "1", "110")
    one = replace(one, commission=D(0), time_ms=MIDNIGHT + 1)

    def silent(since):
        raise JournalError("journal x cannot be used (database is locked): another program holds it")

    told.journal.fills = silent
    for _ in range(3):
        await told.summary.bring_up_to_date()
    assert told.store.summary.day_result is None
    assert sum("locked" in message.text for message in told.store.messages) == 1
    told.journal.fills = lambda since: [one]
    await told.summary.bring_up_to_date()
    assert told.store.summary.day_result == D(-10)


async def test_a_summary_that_was_ended_as_news_came_went_on_for_ever(told) -> None:
    """Bug: `asyncio.wait_for` lost the cancellation, and the program could not be left."""
    following = asyncio.create_task(told.summary.follow())
    before = told.store.revision
    await until(lambda: told.store.revision > before)
    told.summary.account_live(Product.SPOT)
    await asyncio.sleep(0)
    following.cancel()
    ended, _ = await asyncio.wait({following}, timeout=30)
    assert ended
