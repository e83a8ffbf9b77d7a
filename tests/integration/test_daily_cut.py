"""Connections end after 24 hours, the market's and the account's: nobody notices, and nothing is missed."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest
from market_watch import TIMING, until, watching

from tui.binance.client import LinkState
from tui.binance.connection import Connection
from tui.binance.futures import user_stream as futures_stream
from tui.binance.margin import user_stream as margin_stream
from tui.binance.spot import client as spot_client
from tui.domain.order import OrderRequest, OrderStatus, order_from_request
from tui.domain.order_terms import OrderType, Side
from tui.domain.product import Product
from tui.engine.feeds.market_feed import Interest
from tui.exchange.server.heartbeat import Heartbeat

PRODUCTS = [Product.SPOT, Product.MARGIN, Product.USDM, Product.COINM]

#: A day of this exchange, and when the program renews its connections.
_DAY_S = 8.0
_RENEWED_S = 1.2


class Account:
    """What the account's stream told."""

    def __init__(self):
        self.links, self.reports = [], []

    def on_user_link(self, product, state, detail):
        self.links.append(state)

    def on_order_report(self, report):
        self.reports.append((report.client_order_id, report.status))

    def ignore(self, *_):
        """Nothing of it matters here."""

    on_balances = on_positions = on_symbol_config = on_margin_call = ignore


@pytest.fixture
def opened(monkeypatch):
    """Days pass quickly; the addresses of all connections that were opened."""
    timing = replace(TIMING, quiet_s=0.0, silence_s=5.0, rotate_s=_RENEWED_S, overlap_s=0.3)
    for module in (futures_stream, margin_stream, spot_client):
        monkeypatch.setattr(module, "timing_for", lambda url: timing)
    monkeypatch.setattr("market_watch.TIMING", timing)
    monkeypatch.setattr(Heartbeat, "is_old", lambda self, now_s, speed: now_s - self._opened >= _DAY_S)
    addresses, open_one = [], Connection._opened

    async def noted(self, url):
        addresses.append(url)
        return await open_one(self, url)

    monkeypatch.setattr(Connection, "_opened", noted)
    return addresses


@pytest.mark.parametrize("product", PRODUCTS)
async def test_days_end_without_a_break_in_books_or_account(product, monkeypatch, opened) -> None:
    async with watching(product, monkeypatch) as watch:
        first, second = watch.symbols(2)
        watch.feed.follow(Interest(focus=first, followed=(second,)))
        if watch.client.margin is not None:
            await watch.client.margin.transfer("USDT", Decimal(1_000), into_margin=True)
        account = Account()
        running = asyncio.create_task(watch.client.user_stream(account).run())
        try:
            await until(lambda: all(watch.book(symbol).is_live for symbol in (first, second)))
            await until(lambda: LinkState.LIVE in account.links)
            states, begun = len(watch.link_states), len(opened)
            sent = 0
            while watch.stream.renewals < 2 or len(opened) < begun + 6:
                sent += 1
                await order_comes_and_goes(watch, account, first, f"btui-day-{sent}")
                await asyncio.sleep(0.2)
            assert account.links == [LinkState.CONNECTING, LinkState.LIVE]
            assert watch.link_states[states:] == []
            assert watch.gaps() == 0
            await watch.same_books([first, second])
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def order_comes_and_goes(watch, account, symbol, name) -> None:
    """An order far from the market, placed and cancelled; both are heard."""
    instrument, ticks = watch.store.instruments[symbol], watch.book(symbol).view(1).best_bid
    price = instrument.tick.round(instrument.tick.value(ticks) * Decimal("0.98"))
    size = Decimal(1) if instrument.is_inverse else instrument.step.round(200 / price, "up")
    request = OrderRequest(symbol, Side.BUY, OrderType.LIMIT, size, price)
    order = order_from_request(request, watch.product, name, 1)
    report = await watch.client.place(order)
    await until(lambda: (name, OrderStatus.NEW) in account.reports)
    await watch.client.cancel(replace(order, order_id=report.order_id))
    await until(lambda: (name, OrderStatus.CANCELED) in account.reports)
