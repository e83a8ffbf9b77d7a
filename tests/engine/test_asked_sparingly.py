"""What the account is asked for again and again stays within a small part of what may be asked, and misses nothing."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import fake_client
import pytest
from engine_table import limit, until
from fake_client import fill_of, position, report

from tui.binance.client import LinkState
from tui.binance.errors import RefusedError
from tui.domain.account import Commission
from tui.domain.order import OrderStatus, order_from_request
from tui.domain.product import Product
from tui.engine import product_desk, user_link, watchlist
from tui.engine.commands.safety import Arm
from tui.engine.orders import forced_orders
from tui.engine.orders import reconciler as reconciler_module
from tui.engine.store import Link

PERP = "BTCUSDT-PERP"


def reconciler(table):
    return next(desk.user._reconciler for desk in table.session._desks if desk.client is table.perp)


def list_contracts(table, *contracts) -> None:
    async def instruments():
        return list(contracts)

    table.perp.instruments = instruments


async def reconnect(table) -> None:
    table.perp.user_link.say(LinkState.DOWN, "cut")
    table.perp.user_link.say(LinkState.LIVE, "")
    await until(lambda: table.store.links[Product.USDM].user is Link.LIVE)


async def test_open_orders_are_compared_where_there_may_be_some_and_rarely_everywhere(open_table, monkeypatch) -> None:
    async with open_table("BTCUSDT") as table:
        compare = reconciler(table).compare_orders
        await compare()
        assert table.perp.asked_orders_of == [], "nothing is known there, and the spot symbol in focus is not its own"
        outcome = await table.submit(limit())
        assert outcome.client_order_id
        await table.focus(PERP)
        await table.submit(limit(symbol=PERP))
        table.perp.user.on_positions([position("0.5")])
        await compare()
        assert table.perp.asked_orders_of == [[PERP]]
        elsewhere = order_from_request(limit(symbol="ETHUSDT-PERP"), Product.USDM, "web_7", 1)
        table.perp.working = [report(elsewhere), *map(report, table.store.open_orders(PERP))]
        await compare()
        assert "web_7" not in table.store.orders
        monkeypatch.setattr(reconciler_module, "_EVERYWHERE_EVERY_MS", 0)
        await compare()
        assert table.order("web_7").is_foreign
        assert table.perp.asked_orders_of == [[PERP], [PERP]]


async def test_an_order_that_ended_unheard_is_found_by_the_small_question_too(open_table) -> None:
    async with open_table(PERP) as table:
        await table.submit(limit(symbol=PERP))
        [order] = table.store.open_orders()
        table.perp.known[order.client_order_id] = report(order, OrderStatus.CANCELED)
        await reconciler(table).orders(everywhere=False)
        assert table.order(order.client_order_id).status is OrderStatus.CANCELED


async def test_orders_are_compared_while_the_account_stream_is_down(open_table, monkeypatch) -> None:
    monkeypatch.setattr(user_link, "_DOWN_CHECK_S", 0.01)
    async with open_table(PERP) as table:
        await table.submit(limit(symbol=PERP))
        [order] = table.store.open_orders()
        table.perp.user_link.say(LinkState.DOWN, "cut")
        table.perp.working = [report(order, OrderStatus.PARTIALLY_FILLED, "0.05")]
        await until(lambda: table.order(order.client_order_id).filled == Decimal("0.05"))
        assert table.store.links[Product.USDM].user is Link.DOWN


async def test_a_refused_key_is_not_asked_with_again(open_table) -> None:
    async with open_table(PERP) as table:
        link = next(desk.user for desk in table.session._desks if desk.client is table.perp)
        assert link._has_agreed
        table.perp.account_script.append(RefusedError("Invalid API-key", -2015, 401))
        table.perp.user_link.say(LinkState.LIVE, "")
        await until(lambda: table.said("refuses this API key"))
        assert not link._has_agreed


@pytest.mark.parametrize("held", [0, 1])
async def test_after_a_short_gap_only_what_could_be_liquidated_is_asked_about(open_table, held) -> None:
    async with open_table("BTCUSDT") as table:
        assert table.perp.futures.asked_forced == [], "nothing is held, and nothing was ever traded"
        if held:
            table.perp.user.on_positions([position("0.5")])
        await reconnect(table)
        assert table.perp.futures.asked_forced == [PERP] * held


async def test_at_the_start_liquidations_are_asked_of_what_was_traded_here(open_table) -> None:
    async with open_table(start=False) as table:
        order = order_from_request(limit(symbol=PERP), Product.USDM, "mine_1", 1)
        table.journal.write_fill(fill_of(order))
        table.journal.write_fill(replace(fill_of(order, 2), product=Product.SPOT, symbol="BTCUSDT"))
        await table.start("BTCUSDT")
        assert table.perp.futures.asked_forced == [PERP]


async def test_liquidations_of_many_contracts_are_asked_for_at_once(open_table) -> None:
    async with open_table(start=False) as table:
        others = [replace(fake_client.PERP, symbol=f"{name}-PERP", native=name) for name in ("AUSDT", "BUSDT", "CUSDT")]
        list_contracts(table, fake_client.PERP, *others)
        for one in others:
            order = order_from_request(limit(symbol=one.symbol), Product.USDM, f"of_{one.native}", 1)
            table.journal.write_fill(fill_of(order))
        await table.start("BTCUSDT")
        assert table.perp.futures.asked_forced == [None]


async def test_after_a_long_gap_liquidations_of_all_contracts_are_asked_for(open_table, monkeypatch) -> None:
    async with open_table("BTCUSDT") as table:
        monkeypatch.setattr(forced_orders, "_SHORT_GAP_MS", 0)
        await reconnect(table)
        assert table.perp.futures.asked_forced == [None]


async def test_the_past_of_a_gap_is_asked_of_symbols_that_may_have_one(open_table) -> None:
    async with open_table("BTCUSDT") as table:
        await table.focus(PERP)
        await table.submit(limit(symbol=PERP))
        [order] = table.store.open_orders()
        await table.focus("BTCUSDT")
        now_ms = table.clock.now_ms()
        assert reconciler(table)._active_symbols(now_ms) == [PERP]
        table.perp.user.on_order_report(report(order, OrderStatus.CANCELED, time_ms=now_ms - 5_000))
        assert reconciler(table)._active_symbols(now_ms - 10_000) == [PERP]
        assert reconciler(table)._active_symbols(now_ms + 10_000) == []


@pytest.mark.parametrize("begin", [Arm(), "hold"])
async def test_a_contract_s_own_rates_are_asked_for_once_it_may_be_traded(open_table, begin) -> None:
    async with open_table(PERP) as table:
        asked = []

        async def commission(one) -> Commission:
            asked.append(one.symbol)
            return Commission(one.symbol, Decimal(0), Decimal(0))

        table.perp.commission = commission
        facts = table.session._facts
        facts._failed_ns.clear()
        await until(lambda: PERP in table.store.brackets)
        assert facts.missing() == [], "those of the account's tier are known"
        if begin == "hold":
            table.perp.user.on_positions([position("0.5")])
        else:
            await table.do(begin)
        await until(lambda: asked == [PERP])
        await until(lambda: facts.missing() == [])


async def test_the_day_of_all_symbols_is_read_later_where_the_busiest_are_remembered(open_table, monkeypatch) -> None:
    monkeypatch.setattr(product_desk, "_TICKERS_AFTER_S", 0.0)
    asked = asyncio.Event()

    async def tickers():
        await asked.wait()
        return {fake_client.PERP.symbol: fake_client.TICKER}

    async with open_table(PERP) as table:
        assert table.perp.tickers_asked == 1
        watched = table.store.watched
    async with open_table(start=False) as table:
        table.perp.tickers = tickers
        await table.start(PERP)
        assert table.store.watched == watched
        market = table.store.market(PERP)
        assert (market.ticker, market.last_price()) == (None, fake_client.TICKER.last)
        asked.set()
        await until(lambda: market.ticker is not None)


async def test_a_list_of_the_busiest_that_is_old_is_made_anew(open_table, monkeypatch) -> None:
    async with open_table(PERP) as table:
        assert table.perp.tickers_asked == 1
    monkeypatch.setattr(watchlist, "_REMEMBERED_MS", -1)
    async with open_table(PERP) as table:
        assert table.perp.tickers_asked == 1
        assert table.store.market(PERP).ticker is not None
