"""Spot's account events through every break, and orders over the WebSocket API, against the embedded exchange."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import aiohttp
import pytest
from coin_desk import Account, known, until

from tui.binance.client import LinkState
from tui.binance.environment import ProductUrls
from tui.binance.errors import OutcomeUnknownError, RefusedError
from tui.binance.products import open_client
from tui.binance.signing import Credentials, DroppedSigner, HmacSigner
from tui.domain.order import LegRole, OrderChange, OrderStatus
from tui.domain.order_terms import OrderType, Side, Terms
from tui.domain.product import Product

D = Decimal


async def test_a_cut_is_seen_and_the_events_come_back(desk):
    client = await desk.client(kind="ED25519")
    account = await desk.follow(client)
    await desk.fault(cut=True)
    await account.live(times=2)
    assert LinkState.DOWN in [state for state, _ in account.links]
    order = desk.order(price=desk.price(-3))
    await client.place(order)
    await account.report(order, "NEW")


async def test_an_announced_restart_is_bridged_without_a_break(desk):
    client = await desk.client()
    account = await desk.follow(client)
    await desk.fault(shutdown_ms=4_000)
    order = desk.order(price=desk.price(-3))
    standing = known(order, await client.place(order))
    await account.report(order, "NEW")
    async with aiohttp.ClientSession() as session:

        async def has(number):
            async with session.get(desk.urls.rest + "/fault") as answer:
                return len(await answer.json()) == number

        # The new connection is asked for the account's events before the old one is let go.
        await until(lambda: has(2))
        await until(lambda: has(1))
    await client.cancel(standing)
    await account.report(order, "CANCELED")
    assert [state for state, _ in account.links] == [LinkState.CONNECTING, LinkState.LIVE]


async def test_a_rejected_signature_says_so_and_is_never_live(desk):
    good = desk.credentials()
    client = await desk.client()
    wrong = open_client(Product.SPOT, desk.urls, Credentials(good.api_key, HmacSigner("not the secret")))
    account = Account()
    stream = wrong.user_stream(account)
    running = asyncio.create_task(stream.run())
    try:
        detail = await account.until(lambda: next((d for state, d in account.links if state is LinkState.DOWN), None))
        assert "API key refused" in detail
        assert LinkState.LIVE not in [state for state, _ in account.links]
        with pytest.raises(RefusedError):
            await wrong.account()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await wrong.close()
    assert (await client.account()).can_trade


async def test_a_transfer_tells_a_difference_and_the_balance_is_read_again(desk):
    client, margin = await desk.client(), await desk.client(Product.MARGIN)
    account = await desk.follow(client)
    before = {one.asset: one.free for one in (await client.account()).balances}
    await margin.margin.transfer("USDT", before["USDT"], into_margin=True)
    await account.until(lambda: "USDT" in account.balances and account.balances["USDT"].free == 0)


@pytest.mark.parametrize("kind", ["HMAC", "ED25519"])
async def test_orders_over_the_websocket_api_end_as_over_rest(desk, kind):
    client = await desk.client(kind=kind, use_ws_trading=True)
    account = await desk.follow(client)
    await until(lambda: client.route.is_fast)
    order = desk.order(price=desk.price(-3), quantity="0.1")
    standing = known(order, await client.place(order))
    assert client.used_orders[0] >= 1
    changed = await client.change(standing, OrderChange(quantity=D("0.05")), "tui-a")
    assert changed.order.quantity == D("0.05")
    changed = await client.change(replace(standing, quantity=D("0.05")), OrderChange(price=desk.price(-2)), "tui-b")
    assert changed.replacement.client_order_id == "tui-b"
    half = replace(known(order, changed.replacement), client_order_id="tui-b", price=desk.price(-2), post_only=True)
    lost = await client.change(half, OrderChange(price=desk.price(2)), "tui-c")
    assert (lost.order.status, lost.replacement) == (OrderStatus.CANCELED, None)
    with pytest.raises(RefusedError) as refused:
        await client.cancel(half)
    assert refused.value.code == -2011
    legs = [
        desk.order(side=Side.SELL, price=desk.price(3), role=LegRole.TAKE_PROFIT),
        desk.order(type_=OrderType.STOP_MARKET, side=Side.SELL, terms=Terms(desk.price(-3)), role=LegRole.STOP_LOSS),
    ]
    first, _ = await client.lists.place(legs, "tui-list", sized_from_entry=False)
    await client.lists.cancel(first.list_id, desk.instruments["BTCUSDT"])
    await account.report(legs[1], "CANCELED")


async def test_an_order_whose_socket_is_lost_is_unknown_and_not_sent_again(desk):
    client = await desk.client(use_ws_trading=True)
    await until(lambda: client.route.is_fast)
    order = desk.order(price=desk.price(-3))
    await desk.fault(order_timeouts_executed=1)
    placing = asyncio.create_task(client.place(order))
    watcher = await desk.client()
    found = await until(watcher.open_orders)
    await desk.fault(cut=True)
    with pytest.raises(OutcomeUnknownError):
        await placing
    assert [one.client_order_id for one in found] == [order.client_order_id]
    assert len(await watcher.open_orders()) == 1


async def test_orders_go_over_rest_before_the_socket_stands_and_after_it_fell(desk):
    nowhere = ProductUrls(desk.urls.rest, desk.urls.ws, "ws://127.0.0.1:1/ws-api/v3")
    client = await desk.client(urls=nowhere, use_ws_trading=True)
    assert not client.route.is_fast
    order = desk.order(price=desk.price(-3))
    assert (await client.place(order)).status is OrderStatus.NEW


async def test_a_locked_screen_sends_nothing_on_a_session_that_was_logged_on(desk):
    credentials = desk.credentials("ED25519")
    client = await desk.client(credentials=credentials, use_ws_trading=True)
    await until(lambda: client.route.is_fast)
    credentials.drop()
    assert isinstance(credentials.signer, DroppedSigner)
    with pytest.raises(RefusedError, match="locked"):
        await client.place(desk.order(price=desk.price(-3)))
    assert await (await desk.client()).open_orders() == []


async def test_a_read_only_session_places_nothing_over_the_websocket_api(desk):
    credentials = desk.credentials()
    client = await desk.client(credentials=credentials, use_ws_trading=True)
    await until(lambda: client.route.is_fast)
    credentials.only_reads = True
    with pytest.raises(RefusedError, match="read-only"):
        await client.place(desk.order(price=desk.price(-3)))
    assert await client.open_orders() == []


@pytest.mark.parametrize("skew_ms", [-30_000, 30_000])
@pytest.mark.parametrize("over_ws", [False, True])
async def test_a_clock_that_is_off_is_measured_again_and_no_order_sent_twice(desk, skew_ms, over_ws):
    client = await desk.client(use_ws_trading=over_ws)
    account = await desk.follow(client)
    if over_ws:
        await until(lambda: client.route.is_fast)
    await desk.fault(clock_skew_ms=skew_ms)
    refused, order = desk.order(price=desk.price(-3)), desk.order(price=desk.price(-3))
    with pytest.raises(RefusedError) as error:
        await client.place(refused)
    assert error.value.code == -1021
    assert (await client.place(order)).status is OrderStatus.NEW
    assert [one.client_order_id for one in await client.open_orders()] == [order.client_order_id]
    await desk.fault(cut=True)
    await account.live(times=2)
