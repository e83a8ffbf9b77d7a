"""Futures accounts over sockets against the embedded exchange: settings, holdings, events and how they end."""

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest
from contract_desk import NATIVE, SIZES, SYMBOLS

from tui.binance.client import LinkState
from tui.binance.errors import RefusedError
from tui.binance.signing import Credentials, HmacSigner
from tui.domain.account import SymbolConfig
from tui.domain.order import OrderStatus
from tui.domain.order_terms import OrderType, PositionSide, Side
from tui.domain.product import Product

D = Decimal
USDM, COINM = Product.USDM, Product.COINM
PRODUCTS = pytest.mark.parametrize("product", [USDM, COINM])


@PRODUCTS
async def test_start_up_learns_contracts_wallets_and_modes(pit, product):
    client = await pit.client(product)
    instrument = pit.instrument(product)
    assert instrument.contract_size == (1 if product is USDM else 100)
    assert instrument.native == NATIVE[product]
    assert {one.product for one in pit.instruments.values()} == {product}
    state = await client.account()
    assert state.can_trade
    assert state.positions == []
    assert {one.asset: one.free for one in state.balances}["USDT" if product is USDM else "BTC"] > 0
    assert client.configs[instrument.symbol].leverage == 20
    tickers = await client.tickers()
    assert set(tickers) == {one.symbol for one in pit.instruments.values()}
    snapshot = await client.book_snapshot(instrument)
    assert snapshot.bids
    assert await client.candles(instrument, "1m", 3)
    assert await client.recent_trades(instrument, 5) is not None


@PRODUCTS
async def test_open_interest_is_counted_as_orders_are(pit, product):
    client = await pit.client(product)
    assert (await client.open_interest(pit.instrument(product))).quantity == 0
    await client.place(pit.order(product, OrderType.MARKET))
    told = await client.open_interest(pit.instrument(product))
    assert told.quantity == SIZES[product]
    assert told.time_ms > 0


async def test_what_is_held_of_a_contract_that_is_not_loaded_is_counted_in_its_coin(pit):
    """Its profit was told as if a contract were a bitcoin: in thousands of what it was."""
    await (await pit.client(COINM)).place(pit.order(COINM, OrderType.MARKET))
    client = await pit.client(COINM, load_ids=("ETHUSD-PERP",))
    (position,) = (await client.account()).positions
    assert (position.symbol, position.contract_size) == (SYMBOLS[COINM], 100)


async def test_what_is_held_is_known_although_its_settings_are_not_told(pit):
    client = await pit.client(USDM)
    await client.place(pit.order(USDM, OrderType.MARKET))

    async def refused():
        raise RefusedError("no such address", http_status=404)

    client.read_configs = refused
    (position,) = (await client.account()).positions
    assert (position.quantity, position.leverage, position.is_isolated) == (SIZES[USDM], None, False)
    del client.read_configs
    (position,) = (await client.account()).positions
    assert position.leverage == 20


async def test_a_setting_that_changed_while_all_were_read_was_not_read_again(pit):
    """Bug: the answer counted as newer than the event that came before it."""
    client = await pit.client(USDM)
    ask = client._ask_configs

    async def asked_while_one_changes():
        found = await ask()
        client.configs_are_stale = True
        return found

    client._ask_configs = asked_while_one_changes
    await client.account()
    assert client.configs_are_stale
    del client._ask_configs
    await client.account()
    assert not client.configs_are_stale


async def test_settings_read_a_moment_ago_are_not_read_again(pit):
    client = await pit.client(USDM)
    await client.futures.configs()
    await client.account_flags()
    before = client.used_weight[0]
    await client.account()
    assert client.used_weight[0] - before == 10


@PRODUCTS
async def test_settings_of_a_contract(pit, product):
    client = await pit.client(product)
    account = await pit.follow(client)
    await client.account()
    settings, instrument = client.futures, pit.instrument(product)
    changed = await settings.set_leverage(instrument, 7)
    assert (changed.symbol, changed.leverage) == (instrument.symbol, 7)
    await account.until(lambda: SymbolConfig(instrument.symbol, 7, False) in account.configs)
    await settings.set_isolated(instrument, True)
    await settings.set_isolated(instrument, True)
    await account.until(lambda: any(one.is_isolated for one in account.configs))
    (config,) = [one for one in await settings.configs() if one.symbol == instrument.symbol]
    assert (config.leverage, config.is_isolated) == (7, True)
    with pytest.raises(RefusedError, match="-4028"):
        await settings.set_leverage(instrument, 126)
    await client.place(pit.order(product, OrderType.MARKET))
    with pytest.raises(RefusedError, match="-4048"):
        await settings.set_isolated(instrument, False)
    (before,) = (await client.account()).positions
    amount = D("0.001") if product is COINM else D(25)
    await settings.add_margin(instrument, PositionSide.BOTH, amount)
    (more,) = (await client.account()).positions
    assert more.is_isolated
    assert abs(more.margin - before.margin - amount) < amount / 10
    await settings.add_margin(instrument, PositionSide.BOTH, -amount / 2)
    (less,) = (await client.account()).positions
    assert before.margin < less.margin < more.margin
    tiers = await settings.brackets(instrument)
    assert (tiers[0].notional_floor, tiers[0].max_leverage) == (0, 125)
    assert all(low.notional_cap == high.notional_floor for low, high in pairwise(tiers))
    rates = await client.commission(instrument)
    assert (rates.maker, rates.taker) == (D("0.0002"), D("0.0005"))


async def test_multi_assets_mode_is_of_usdm_alone(pit):
    usdm, coinm = await pit.client(USDM), await pit.client(COINM)
    await usdm.futures.set_multi_assets(True)
    await usdm.futures.set_multi_assets(True)
    assert await usdm.futures.is_multi_assets()
    assert await coinm.futures.is_multi_assets() is False
    with pytest.raises(RefusedError, match="USD-M"):
        await coinm.futures.set_multi_assets(True)


async def test_position_mode_is_one_for_both_products(pit):
    usdm, coinm = await pit.client(USDM), await pit.client(COINM)
    await usdm.futures.set_hedge_mode(True)
    assert await coinm.futures.is_hedge_mode()
    assert await usdm.futures.is_hedge_mode()


async def test_the_modes_of_usdm_cost_little_weight(pit):
    client = await pit.client(USDM)
    await client.futures.is_hedge_mode()
    before = client.used_weight[0]
    await client.futures.is_hedge_mode()
    await client.futures.is_multi_assets()
    assert client.used_weight[0] - before <= 10, "one address tells both; each mode's own costs 30"


async def test_the_mode_of_coinm_is_told_by_its_positions_at_little_weight(pit):
    client = await pit.client(COINM)
    for hedge in (False, True, False):
        await client.futures.set_hedge_mode(hedge)
        before = client.used_weight[0]
        assert await client.futures.is_hedge_mode() is hedge
        assert client.used_weight[0] - before == 1, "the mode's own address costs 30"


@PRODUCTS
async def test_open_orders_of_one_contract_cost_a_fortieth_of_those_of_all(pit, product):
    client = await pit.client(product)
    waiting, working = pit.stop(product, side=Side.BUY, away="3"), pit.order(product)
    for order in (waiting, working):
        await client.place(order)
    of, costs = pit.instrument(product), []
    for asked in ([of], [of] * 40, None):
        before = client.used_weight[0]
        found = await (client.open_orders() if asked is None else client.open_orders_of(asked))
        assert {one.client_order_id for one in found} == {waiting.client_order_id, working.client_order_id}
        costs.append(client.used_weight[0] - before)
    assert costs == [2, 80, 80]
    other = next(one for one in client.known.values() if one.symbol != of.symbol)
    assert await client.open_orders_of([other]) == []


@pytest.mark.parametrize(("product", "cost"), [(USDM, 46), (COINM, 80)])
async def test_open_orders_are_asked_for_sparingly_and_none_is_missing(pit, product, cost):
    client = await pit.client(product)
    orders = [pit.order(product), pit.stop(product), pit.order(product, side=Side.SELL, away="4")]
    assert await client.open_orders(sparingly=True) == []
    for order in orders:
        await client.place(order)
    before = client.used_weight[0]
    found = await client.open_orders(sparingly=True)
    assert {one.client_order_id for one in found} == {order.client_order_id for order in orders}
    assert client.used_weight[0] - before == cost


@PRODUCTS
async def test_cancelling_all_of_a_contract_and_the_dead_man_s_switch(pit, product):
    client = await pit.client(product)
    account = await pit.follow(client)
    instrument = pit.instrument(product)
    orders = [pit.order(product), pit.stop(product)]
    for order in orders:
        await client.place(order)
    await client.futures.cancel_symbol(instrument)
    for order in orders:
        await account.report(order, status=OrderStatus.CANCELED)
    kept, gone = pit.order(product), pit.order(product)
    await client.place(kept)
    await client.futures.cancel_after(instrument, 60_000)
    await client.futures.cancel_after(instrument, 0)
    await client.place(gone)
    await client.futures.cancel_after(instrument, 1)
    pit.exchange.venues[product].deadlines.turn(client.rest.clock.now_ms() + 10_000)
    await account.report(gone, status=OrderStatus.CANCELED)


@PRODUCTS
async def test_income_is_told_in_the_margin_asset(pit, product):
    client = await pit.client(product)
    for side in (Side.BUY, Side.SELL):
        await client.place(pit.order(product, OrderType.MARKET, side, quantity=SIZES[product] * 100))
    rows = await client.futures.income(1)
    assert {row.kind for row in rows} >= {"COMMISSION", "REALIZED_PNL"}
    assert {(row.asset, row.symbol) for row in rows} == {("USDT" if product is USDM else "BTC", SYMBOLS[product])}
    assert all(row.amount < 0 for row in await client.futures.income(1, kind="COMMISSION"))


@PRODUCTS
async def test_positions_are_told_by_events_and_completed_by_reading(pit, product):
    client = await pit.client(product)
    account = await pit.follow(client)
    key = SYMBOLS[product]
    await client.place(pit.order(product, OrderType.MARKET, Side.SELL))
    await account.until(lambda: key in account.positions and account.positions[key].mark_price is not None)
    held = account.positions[key]
    assert (held.quantity, held.leverage, held.is_isolated) == (-SIZES[product], 20, False)
    assert held.margin > 0
    assert held.liquidation_price is None or held.liquidation_price > held.entry_price
    asset = "USDT" if product is USDM else "BTC"
    assert account.balances[asset].locked > 0
    # Flat at the exchange without an event that was heard: reading tells, too.
    await pit.fault(product, stall_ms=60_000)
    await client.place(pit.order(product, OrderType.MARKET, reduce_only=True))
    await pit.fault(product, stall_ms=0)
    await client.futures.set_leverage(pit.instrument(product), 19)
    await account.until(lambda: account.positions[key].quantity == 0)


@PRODUCTS
async def test_an_expired_listen_key_is_replaced(pit, product):
    client = await pit.client(product)
    account = await pit.follow(client)
    await pit.fault(product, expire_listen_keys=True)
    await account.until(lambda: (LinkState.DOWN, "the listen key expired") in account.links)
    await account.live(times=2)
    order = pit.order(product)
    await client.place(order)
    await account.report(order, status=OrderStatus.NEW)


@PRODUCTS
async def test_an_announced_restart_is_bridged_without_a_gap(pit, product):
    client = await pit.client(product)
    account = await pit.follow(client)
    await pit.fault(product, shutdown_ms=700)
    orders = [pit.order(product, away=f"-{number}") for number in (2, 3, 4)]
    for order in orders:
        await client.place(order)
        await account.report(order, status=OrderStatus.NEW)
    assert [state for state, _ in account.links].count(LinkState.DOWN) == 0


@PRODUCTS
async def test_a_cut_is_told_and_mended(pit, product):
    client = await pit.client(product)
    account = await pit.follow(client)
    await pit.fault(product, cut=True)
    await account.until(lambda: LinkState.DOWN in [state for state, _ in account.links])
    await account.live(times=2)


@PRODUCTS
async def test_a_rejected_signature_says_so_and_places_nothing(pit, product):
    good = pit.credentials()
    client = await pit.client(product, credentials=Credentials(good.api_key, HmacSigner("wrong")))
    for asked in (client.account(), client.place(pit.order(product)), client.open_orders()):
        with pytest.raises(RefusedError, match="-1022"):
            await asked


@PRODUCTS
@pytest.mark.parametrize("skew_ms", [30_000, -30_000])
async def test_a_clock_that_is_off_is_measured_again(pit, product, skew_ms):
    client = await pit.client(product)
    await pit.fault(product, clock_skew_ms=skew_ms)
    assert (await client.account()).balances
    placed = await client.place(pit.order(product))
    assert placed.status is OrderStatus.NEW


@PRODUCTS
@pytest.mark.parametrize("kind", ["HMAC", "RSA", "ED25519"])
async def test_every_type_of_key_trades(pit, product, kind):
    client = await pit.client(product, kind=kind)
    order = pit.order(product)
    assert (await client.place(order)).status is OrderStatus.NEW
    assert (await client.cancel(order)).status is OrderStatus.CANCELED


async def test_the_exchange_s_own_test_of_an_order(pit):
    client = await pit.client(USDM)
    await client.test(pit.order(USDM))
    with pytest.raises(RefusedError, match=r"-4014|-1111"):
        await client.test(pit.order(USDM, price=D("90000.123")))
    with pytest.raises(RefusedError, match="UNSUPPORTED_TEST"):
        await client.test(pit.stop(USDM))
    assert await client.open_orders() == []


@PRODUCTS
async def test_only_reading_means_no_settings_either(pit, product):
    credentials = pit.credentials()
    credentials.only_reads = True
    client = await pit.client(product, credentials=credentials)
    assert (await client.account()).balances
    for asked in (
        client.futures.set_leverage(pit.instrument(product), 3),
        client.futures.set_hedge_mode(True),
        client.futures.cancel_symbol(pit.instrument(product)),
        client.place(pit.order(product)),
    ):
        with pytest.raises(RefusedError, match="read-only"):
            await asked


async def test_the_early_execution_counts_once(pit):
    client = await pit.client(USDM, use_trade_lite=True)
    account = await pit.follow(client)
    order = pit.order(USDM, OrderType.MARKET)
    await client.place(order)
    await account.report(order, status=OrderStatus.FILLED)
    told = [one for one in account.reports if one.client_order_id == order.client_order_id and one.fill]
    assert [(one.is_lite, one.fill.is_estimated) for one in told] == [(True, True), (False, False)]
    assert told[0].fill.trade_id == told[1].fill.trade_id
    known = account.now(replace(order, status=OrderStatus.SUBMITTED))
    assert (known.filled, known.status) == (SIZES[USDM], OrderStatus.FILLED)
