"""Cross and isolated margin over sockets against the embedded exchange: orders, lists, loans, levels, events."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest
from coin_desk import SUFFIX, Account, known, until

from tui.binance.client import LinkState
from tui.binance.errors import OutcomeUnknownError, RefusedError
from tui.binance.margin.user_stream import MarginUserStream
from tui.binance.order_parameters import Denial, DeniedError
from tui.domain.order import ChangeKind, LegRole, OrderChange, OrderStatus
from tui.domain.order_terms import MarginEffect, OrderType, SelfTradePrevention, Side, Terms, TimeInForce
from tui.domain.product import Product

D = Decimal
BUY, SELL = Side.BUY, Side.SELL
CROSS, ISOLATED = Product.MARGIN, Product.ISOLATED_MARGIN
NEW, FILLED, CANCELED, EXPIRED = OrderStatus.NEW, OrderStatus.FILLED, OrderStatus.CANCELED, OrderStatus.EXPIRED
BOTH = pytest.mark.parametrize("product", [CROSS, ISOLATED])


async def funded(desk, product, usdt=5_000):
    """A client of an account that holds some USDT; an isolated pair is opened first."""
    client = await desk.client(product)
    pair = ""
    if product is ISOLATED:
        pair = "BTCUSDT"
        await open_pair(client, pair)
    await client.margin.transfer("USDT", D(usdt), into_margin=True, pair=pair)
    await client.account()
    return client


async def open_pair(client, pair):
    """What the trader does on Binance's pages."""
    from tui.binance.call import Call

    call = Call("POST", "/sapi/v1/margin/isolated/account", weight=20, signed=True, is_order=True, orders=0)
    await client.sapi.request(call, {"symbol": pair})


@BOTH
async def test_instruments_are_the_margin_pairs_under_names_of_their_own(desk, product):
    client = await desk.client(product)
    one = desk.instruments["BTCUSDT" + SUFFIX[product]]
    assert (one.native, one.product, one.base, one.quote) == ("BTCUSDT", product, "BTC", "USDT")
    assert one.symbol in await client.tickers()
    assert (await client.book_snapshot(one)).bids
    spot = await desk.client()
    assert {each.symbol for each in await spot.instruments()}.isdisjoint(
        each.symbol for each in await client.instruments()
    )


def rows(desk, product):
    far, stop, above = desk.price(-3), desk.price(2), desk.price(3)

    def order(**changes):
        return desk.order(product, **changes)

    types = OrderType
    return {
        "market": (order(type_=types.MARKET), FILLED),
        "market by quote": (order(type_=types.MARKET, quantity=None, quote_quantity=D(100)), FILLED),
        "limit": (order(price=far), NEW),
        "post-only": (order(price=far, post_only=True), NEW),
        "IOC": (order(price=far, time_in_force=TimeInForce.IOC), EXPIRED),
        "FOK": (order(price=far, time_in_force=TimeInForce.FOK), EXPIRED),
        "stop": (order(type_=types.STOP_MARKET, terms=Terms(stop)), NEW),
        "stop limit": (order(type_=types.STOP_LIMIT, price=above, terms=Terms(stop)), NEW),
        "if touched": (order(type_=types.MARKET_IF_TOUCHED, terms=Terms(far)), NEW),
        "limit if touched": (order(type_=types.LIMIT_IF_TOUCHED, price=far, terms=Terms(far)), NEW),
        "trailing": (order(type_=types.TRAILING_STOP_MARKET, terms=Terms(trailing_bps=100)), NEW),
        "iceberg": (order(price=far, quantity="0.02", terms=Terms(display_quantity=D("0.005"))), NEW),
        "self-trade prevention": (
            order(price=far, terms=Terms(self_trade_prevention=SelfTradePrevention.EXPIRE_BOTH)),
            NEW,
        ),
    }


@BOTH
async def test_each_row_of_the_tables_on_margin(desk, product):
    client = await funded(desk, product)
    account = await desk.follow(client)
    for name, (order, status) in rows(desk, product).items():
        report = await client.place(order)
        assert (report.status, report.symbol) == (status, order.symbol), name
        event = await account.report(order, status.value)
        found = await client.find_order(known(order, report))
        for told in (event, found):
            assert (told.product, told.symbol, told.type) == (product, order.symbol, order.type), name
            assert told.terms.trigger_price == order.terms.trigger_price, name
        if status is NEW:
            assert [one.order_id for one in await client.open_orders()] == [report.order_id]
            assert (await client.cancel(known(order, report))).status is CANCELED
            await account.report(order, "CANCELED")
    past = await client.past_orders(desk.instruments[order.symbol], 0, 3)
    assert {one.product for one in past} == {product}
    now_ms = client.rest.clock.now_ms()
    fills = await client.fills(desk.instruments[order.symbol], now_ms - 2 * 86_400_000)
    assert {(fill.product, fill.symbol) for fill in fills} == {(product, order.symbol)}


@BOTH
async def test_a_loan_is_taken_told_and_paid_back(desk, product):
    client = await funded(desk, product, 1_000)
    pair = "BTCUSDT" if product is ISOLATED else ""
    account = await desk.follow(client)
    loans = client.margin
    assert await loans.level(pair) == (await client.account()).margin_levels[0]
    assert (await loans.level(pair)).level is None
    assert await loans.max_borrowable("USDT", pair) > 500
    await loans.borrow("USDT", D(500), pair)
    key = f"{pair}:USDT" if pair else "USDT"
    await account.until(lambda: key in account.balances and account.balances[key].borrowed == 500)
    held = next(one for one in (await client.account()).balances if one.key == (product, key))
    assert (held.free, held.borrowed, held.pair) == (1_500, 500, pair)
    assert held.net <= 1_000
    level = await loans.level(pair)
    assert 2 < level.level < 4
    assert level.debts > 0
    await loans.repay("USDT", D(400), pair)
    await account.until(lambda: account.balances[key].borrowed < 200)
    with pytest.raises(RefusedError) as refused:
        await loans.repay("USDT", D(4_000), pair)
    assert refused.value.code == -3015
    with pytest.raises(RefusedError):
        await loans.borrow("USDT", D(0), pair)


@BOTH
async def test_an_order_borrows_what_it_lacks_and_repays(desk, product):
    client = await funded(desk, product, 1_000)
    account = await desk.follow(client)
    buy = desk.order(product, type_=OrderType.MARKET, quantity="0.02",
                     terms=Terms(margin_effect=MarginEffect.AUTO_BORROW_REPAY))  # fmt: skip
    assert (await client.place(buy)).status is FILLED
    key = "BTCUSDT:USDT" if product is ISOLATED else "USDT"
    await account.until(lambda: key in account.balances and account.balances[key].borrowed > 0)
    sell = desk.order(product, type_=OrderType.MARKET, side=SELL, quantity="0.0199",
                      terms=Terms(margin_effect=MarginEffect.AUTO_REPAY))  # fmt: skip
    assert (await client.place(sell)).status is FILLED
    await account.until(lambda: account.balances[key].borrowed == 0)


@BOTH
async def test_a_change_cancels_then_places_what_is_left(desk, product):
    client = await funded(desk, product)
    order = desk.order(product, price=desk.price(-3), post_only=True, quantity="0.02")
    standing = known(order, await client.place(order))
    wish = OrderChange(price=desk.price(-2))
    assert client.change_kind(standing, wish) is ChangeKind.REPLACES
    changed = await client.change(standing, wish, "tui-next")
    assert (changed.order.status, changed.replacement.status) == (CANCELED, NEW)
    new = await client.find_order(replace(order, client_order_id="tui-next", order_id=None))
    assert (new.price, new.post_only, new.quantity) == (desk.price(-2), True, D("0.02"))
    lost = await client.change(known(replace(order, client_order_id="tui-next"), changed.replacement),
                               OrderChange(price=desk.price(2)), "tui-then")  # fmt: skip
    assert lost.replacement is None
    assert "immediately match" in str(lost.refusal)
    assert await client.open_orders() == []


@BOTH
async def test_lists_on_margin(desk, product):
    client = await funded(desk, product)
    account = await desk.follow(client)
    await client.place(desk.order(product, type_=OrderType.MARKET, quantity="0.03"))
    profit = desk.order(product, side=SELL, price=desk.price(3), role=LegRole.TAKE_PROFIT)
    stop = desk.order(product, type_=OrderType.STOP_LIMIT, side=SELL, price=desk.price(-4),
                      terms=Terms(desk.price(-3)), role=LegRole.STOP_LOSS)  # fmt: skip
    first, second = await client.lists.place([profit, stop], "tui-oco", sized_from_entry=False)
    assert first.list_id == second.list_id is not None
    assert (await account.report(stop, "NEW")).list_id == first.list_id
    await client.lists.cancel(first.list_id, desk.instruments[profit.symbol])
    await account.report(profit, "CANCELED")
    for number in (2, 3):
        entry = desk.order(product, price=desk.price(-3), role=LegRole.ENTRY)
        legs = [replace(leg, client_order_id=f"{leg.client_order_id}-{number}") for leg in (profit, stop)][3 - number :]
        reports = await client.lists.place([entry, *legs], f"tui-{number}", sized_from_entry=False)
        assert [report.awaits_entry for report in reports] == [False] + [True] * (number - 1)
        await client.lists.cancel(reports[0].list_id, desk.instruments[profit.symbol])
    assert await client.open_orders() == []


@pytest.mark.parametrize(("product", "cost"), [(Product.SPOT, 6), (CROSS, 10), (ISOLATED, 10)])
async def test_open_orders_of_one_pair_are_asked_for_alone_where_that_weighs_less(desk, product, cost):
    client = await (desk.client() if product is Product.SPOT else funded(desk, product, 2_000))
    order = desk.order(product, price=desk.price(-3))
    await client.place(order)
    of = desk.instruments[order.symbol]
    client._pair_count = 700  # as many as Binance has
    await client.open_orders_of([of])  # the first one may have to ask what accounts there are
    limits = client.rest.limits if product is Product.SPOT else client.sapi.limits
    before = limits.used_weight(client.rest.clock.now_ms())[0]
    assert [one.client_order_id for one in await client.open_orders_of([of])] == [order.client_order_id]
    assert limits.used_weight(client.rest.clock.now_ms())[0] - before == cost
    others = [one for one in desk.instruments.values() if one.product is product and one.symbol != of.symbol]
    assert await client.open_orders_of(others[:2]) == []


async def test_what_margin_lacks_is_denied(desk):
    client = await funded(desk, CROSS)
    order = desk.order(CROSS, price=desk.price(-3))
    with pytest.raises(DeniedError) as denied:
        await client.test(order)
    assert denied.value.rule is Denial.TEST
    standing = known(order, await client.place(order))
    with pytest.raises(DeniedError) as denied:
        client.change_kind(replace(standing, list_id=5), OrderChange(price=desk.price(-2)))
    assert denied.value.rule is Denial.CHANGE
    with pytest.raises(RefusedError, match="name the pair"):
        await (await desk.client(ISOLATED)).margin.borrow("USDT", D(1))
    with pytest.raises(RefusedError, match="no isolated margin account"):
        await (await desk.client(ISOLATED)).margin.level("BTCUSDT")


async def test_a_pair_without_an_account_says_what_to_do(desk):
    client = await desk.client(ISOLATED)
    with pytest.raises(RefusedError, match="open the margin account of BTCUSDT-I on Binance first") as refused:
        await client.place(desk.order(ISOLATED, price=desk.price(-3)))
    assert refused.value.code == -3003
    assert await client.open_orders() == []


async def test_a_read_only_session_borrows_and_transfers_nothing(desk):
    credentials = desk.credentials()
    credentials.only_reads = True
    client = await desk.client(CROSS, credentials=credentials)
    for ask in (client.margin.borrow, client.margin.repay):
        with pytest.raises(RefusedError, match="read-only"):
            await ask("USDT", D(1))
    with pytest.raises(RefusedError, match="read-only"):
        await client.margin.transfer("USDT", D(1), into_margin=True)


async def test_an_order_executed_without_an_answer_is_found_once(desk):
    client = await funded(desk, CROSS)
    order = desk.order(CROSS, price=desk.price(-3))
    await desk.fault(order_errors_executed=1)
    with pytest.raises(OutcomeUnknownError):
        await client.place(order)
    assert (await client.find_order(order)).status is NEW
    assert len(await client.open_orders()) == 1


async def test_spot_and_both_margins_live_side_by_side(desk):
    clients = {Product.SPOT: await desk.client(), CROSS: await funded(desk, CROSS), ISOLATED: None}
    clients[ISOLATED] = await funded(desk, ISOLATED, 2_000)
    accounts = {product: await desk.follow(client) for product, client in clients.items()}
    orders = {product: desk.order(product, price=desk.price(-3)) for product in clients}
    for product, client in clients.items():
        await client.place(orders[product])
    for product, account in accounts.items():
        await account.report(orders[product], "NEW")
        assert {report.symbol for report in account.reports} == {"BTCUSDT" + SUFFIX[product]}
        assert {report.product for report in account.reports} == {product}
        assert [one.client_order_id for one in await clients[product].open_orders()] == [
            orders[product].client_order_id
        ]
    assert all(balance.product is product for product in accounts for balance in accounts[product].balances.values())
    assert len({client.used_orders for client in clients.values()}) >= 1


# Events


@BOTH
async def test_events_come_back_after_a_cut_and_after_tokens_end(desk, product):
    client = await funded(desk, product)
    account = await desk.follow(client)
    await desk.fault(cut=True)
    await account.live(times=2)
    await desk.fault(expire_listen_keys=True)
    await account.live(times=3)
    order = desk.order(product, price=desk.price(-3))
    await client.place(order)
    await account.report(order, "NEW")


async def test_tokens_are_renewed_before_they_run_out(desk):
    client = await funded(desk, CROSS)
    account = Account()
    stream = MarginUserStream(
        CROSS, client.sapi, desk.urls, client.enabled_pairs, client._all_balances, client._owed_of, account,
        client._watch, validity_ms=2_500,
    )  # fmt: skip
    running = asyncio.create_task(stream.run())
    try:
        await account.live()
        tokens = desk.exchange_tokens()
        first = set(tokens._tokens)
        await until(lambda: set(tokens._tokens) - first)
        started = client.rest.clock.now_ms()
        await until(lambda: client.rest.clock.now_ms() - started > 1_800)
        order = desk.order(CROSS, price=desk.price(-3))
        await client.place(order)
        await account.report(order, "NEW")
        assert [state for state, _ in account.links] == [LinkState.CONNECTING, LinkState.LIVE]
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_a_pair_that_is_opened_later_is_heard_without_a_break(desk):
    client = await funded(desk, ISOLATED)
    account = await desk.follow(client)
    await open_pair(client, "ETHUSDT")
    await client.account()
    await client.margin.transfer("USDT", D(100), into_margin=True, pair="ETHUSDT-I")
    await until(lambda: "ETHUSDT:USDT" in account.balances)
    assert account.balances["ETHUSDT:USDT"].free == 100
    assert [state for state, _ in account.links] == [LinkState.CONNECTING, LinkState.LIVE]


async def test_a_level_in_danger_is_called_out_once(desk):
    client = await desk.client(ISOLATED)
    account = Account()
    client.user_stream(account)
    watch = client._watch
    for status in ("NORMAL", "MARGIN_CALL", "MARGIN_CALL", "PRE_LIQUIDATION", "A_NEW_WORD"):
        watch.note(status, "1.2", "BTCUSDT")
    assert account.margin_calls == [
        "BTCUSDT level 1.2: margin call: add collateral or pay back",
        "BTCUSDT level 1.2: about to be liquidated",
    ]


async def test_the_risk_stream_of_the_cross_account_is_heard(desk):
    client = await funded(desk, CROSS)
    account = await desk.follow(client)
    call = {"e": "MARGIN_LEVEL_STATUS_CHANGE", "E": 1, "l": "1.2", "s": "MARGIN_CALL"}
    await until(lambda: desk.tell_risk(call) and account.margin_calls)
    assert account.margin_calls == ["level 1.2: margin call: add collateral or pay back"]
