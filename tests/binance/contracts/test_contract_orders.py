"""Every row of the semantics tables for futures, both products, over sockets against the embedded exchange."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest
from contract_desk import SIZES, SYMBOLS

from tui.binance.errors import OutcomeUnknownError, RefusedError
from tui.domain.order import ChangeKind, Forced, OrderChange, OrderStatus
from tui.domain.order_state import order_from_report
from tui.domain.order_terms import (
    OrderType,
    PositionSide,
    PriceMatch,
    SelfTradePrevention,
    Side,
    Terms,
    TimeInForce,
    WorkingType,
)
from tui.domain.product import Product
from tui.exchange.liquidation import liquidate

D = Decimal
BUY, SELL = Side.BUY, Side.SELL
USDM, COINM = Product.USDM, Product.COINM
PRODUCTS = pytest.mark.parametrize("product", [USDM, COINM])
STOP, TOUCH, TRAIL = OrderType.STOP_MARKET, OrderType.MARKET_IF_TOUCHED, OrderType.TRAILING_STOP_MARKET
STOP_LIMIT, TOUCH_LIMIT = OrderType.STOP_LIMIT, OrderType.LIMIT_IF_TOUCHED


@PRODUCTS
async def test_every_type_and_instruction_is_taken_and_told_back(pit, product):
    client = await pit.client(product)
    account = await pit.follow(client)
    mark = Terms(working_type=WorkingType.MARK_PRICE, price_protect=True)
    orders = [
        pit.order(product),
        pit.order(product, post_only=True),
        pit.order(product, terms=Terms(self_trade_prevention=SelfTradePrevention.EXPIRE_BOTH)),
        pit.order(product, terms=Terms(price_match=PriceMatch.QUEUE_5)),
        pit.stop(product, terms=mark),
        pit.stop(product, away="3", side=BUY, type_=STOP_LIMIT, price=pit.price(product, "3.1")),
        pit.stop(product, away="3", type_=TOUCH),
        pit.stop(product, away="-3", side=BUY, type_=TOUCH_LIMIT, price=pit.price(product, "-3"), post_only=True),
        pit.order(product, TRAIL, SELL, terms=Terms(trailing_bps=150, activation_price=pit.price(product, "1"))),
    ]
    for order in orders:
        placed = await client.place(order)
        assert placed.status is OrderStatus.NEW
        told = await account.report(order, status=OrderStatus.NEW)
        found = await client.find_order(order)
        for report in (placed, told, found):
            assert (report.type, report.side, report.post_only) == (order.type, order.side, order.post_only)
            assert report.terms.trigger_price == order.terms.trigger_price
            assert report.terms.working_type == order.terms.working_type
            assert report.terms.price_match == order.terms.price_match
            # Events tell no callback rate.
            assert report is told or report.terms.trailing_bps == order.terms.trailing_bps
            assert (report.algo_id is None) == (order.type is OrderType.LIMIT)
    opened = {report.client_order_id: report for report in await client.open_orders()}
    assert set(opened) == {order.client_order_id for order in orders}
    answers = await client.cancel_many([order_from_report(report) for report in opened.values()])
    assert {answer.status for answer in answers} == {OrderStatus.CANCELED}
    assert await client.open_orders() == []
    past = await client.past_orders(pit.instrument(product), 0)
    assert sorted(one.client_order_id for one in past) == sorted(opened)


@PRODUCTS
async def test_price_match_takes_the_exchange_s_price_not_ours(pit, product):
    client = await pit.client(product)
    order = pit.order(product, away="-9", terms=Terms(price_match=PriceMatch.QUEUE))
    placed = await client.place(order)
    assert placed.price > pit.price(product, "-1")


async def test_gtd_lives_as_long_as_it_says(pit):
    client = await pit.client(USDM)
    until_ms = client.rest.clock.now_ms() + 700_000
    order = pit.order(USDM, time_in_force=TimeInForce.GTD, terms=Terms(good_till_ms=until_ms))
    placed = await client.place(order)
    assert (placed.time_in_force, placed.terms.good_till_ms) == (TimeInForce.GTD, until_ms // 1_000 * 1_000)


@PRODUCTS
async def test_market_and_immediate_orders_end_at_once(pit, product):
    client = await pit.client(product)
    account = await pit.follow(client)
    bought = pit.order(product, OrderType.MARKET)
    assert (await client.place(bought)).status is OrderStatus.FILLED
    filled = await account.report(bought, status=OrderStatus.FILLED)
    assert (filled.fill.quantity, filled.fill.is_estimated) == (SIZES[product], False)
    assert account.now(bought).average_price == filled.fill.price
    killed = pit.order(product, time_in_force=TimeInForce.IOC)
    assert (await client.place(killed)).status is OrderStatus.EXPIRED
    with pytest.raises(RefusedError, match="-5021"):
        await client.place(pit.order(product, time_in_force=TimeInForce.FOK))
    with pytest.raises(RefusedError, match="-5022"):
        await client.place(pit.order(product, away="1", post_only=True))
    (fill,) = await client.fills(pit.instrument(product), 1)
    assert (fill.trade_id, fill.commission_asset) == (filled.fill.trade_id, "USDT" if product is USDM else "BTC")
    key = SYMBOLS[product]
    await account.until(lambda: key in account.positions and account.positions[key].adl_quantile is not None)
    position = account.positions[key]
    assert (position.quantity, position.entry_price) == (SIZES[product], filled.fill.price)
    assert position.contract_size == (None if product is USDM else 100)
    closed = pit.order(product, OrderType.MARKET, SELL, reduce_only=True)
    await client.place(closed)
    await account.until(lambda: account.positions[key].quantity == 0)
    with pytest.raises(RefusedError, match="-2022"):
        await client.place(replace(closed, client_order_id="btui-again"))


@PRODUCTS
@pytest.mark.parametrize(("kind", "touched"), [(STOP, "-3"), (TOUCH, "3"), (STOP_LIMIT, "-3")])
async def test_a_trigger_makes_one_order_of_two_numbers(pit, product, kind, touched):
    client = await pit.client(product)
    account = await pit.follow(client)
    await client.place(pit.order(product, OrderType.MARKET))
    order = pit.stop(product, away=touched, type_=kind, price=pit.price(product, "-4") if kind is STOP_LIMIT else None)
    placed = await client.place(order)
    pit.touch(product, order.terms.trigger_price)
    done = await account.report(order, status=OrderStatus.FILLED)
    assert done.order_id > 0
    known = account.now(order)
    assert (known.status, known.filled, known.is_triggered) == (OrderStatus.FILLED, SIZES[product], True)
    assert (known.algo_id, known.type) == (placed.algo_id, kind)
    # However little is known of it, it is found.
    for asked in (order, replace(order, algo_id=placed.algo_id), known):
        found = await client.find_order(asked)
        assert (found.status, found.order_id, found.filled) == (OrderStatus.FILLED, done.order_id, SIZES[product])
        assert found.terms.trigger_price == order.terms.trigger_price
    past = [one for one in await client.past_orders(pit.instrument(product), 0) if one.algo_id]
    assert [(one.client_order_id, one.filled) for one in past] == [(order.client_order_id, SIZES[product])]


@PRODUCTS
async def test_what_has_triggered_is_cancelled_as_what_it_became(pit, product):
    client = await pit.client(product)
    account = await pit.follow(client)
    order = pit.stop(product, away="-3", side=SELL, type_=STOP_LIMIT, price=pit.price(product, "2"))
    await client.place(order)
    pit.touch(product, order.terms.trigger_price)
    await account.report(order, is_triggered=True)
    (opened,) = await client.open_orders()
    assert opened.client_order_id == order.client_order_id
    # Nothing of the trigger is known here yet, and it is cancelled all the same.
    gone = await client.cancel(order)
    assert (gone.status, gone.type, gone.is_triggered) == (OrderStatus.CANCELED, STOP_LIMIT, True)
    assert await client.open_orders() == []


@PRODUCTS
async def test_a_triggered_limit_is_changed_in_place(pit, product):
    client = await pit.client(product)
    account = await pit.follow(client)
    order = pit.stop(product, away="-3", type_=STOP_LIMIT, price=pit.price(product, "2"))
    await client.place(order)
    pit.touch(product, order.terms.trigger_price)
    await account.report(order, is_triggered=True)
    known = account.now(order)
    change = OrderChange(price=pit.price(product, "3"))
    assert client.change_kind(known, change) is ChangeKind.LOSES_QUEUE
    changed = await client.change(known, change, "unused")
    assert (changed.order.price, changed.replacement) == (change.price, None)


@PRODUCTS
async def test_a_stop_is_moved_by_another_before_the_first_goes(pit, product):
    client = await pit.client(product)
    account = await pit.follow(client)
    order = pit.stop(product)
    await client.place(order)
    change = OrderChange(trigger_price=pit.price(product, "-2"))
    assert client.change_kind(order, change) is ChangeKind.REPLACES
    changed = await client.change(order, change, "btui-moved")
    assert (changed.order.status, changed.replacement.terms.trigger_price) == (
        OrderStatus.CANCELED,
        change.trigger_price,
    )
    assert [one.client_order_id for one in await client.open_orders()] == ["btui-moved"]
    await account.report(order, status=OrderStatus.CANCELED)
    told = [(one.client_order_id, one.status) for one in account.reports]
    assert told.index(("btui-moved", OrderStatus.NEW)) < told.index((order.client_order_id, OrderStatus.CANCELED))


@PRODUCTS
async def test_a_stop_that_cannot_be_moved_stays(pit, product):
    client = await pit.client(product)
    order = pit.stop(product)
    await client.place(order)
    with pytest.raises(RefusedError, match="-2021"):
        await client.change(order, OrderChange(trigger_price=pit.price(product, "2")), "btui-moved")
    assert [one.client_order_id for one in await client.open_orders()] == [order.client_order_id]


@PRODUCTS
async def test_closing_the_whole_position(pit, product):
    client = await pit.client(product)
    account = await pit.follow(client)
    await client.place(pit.order(product, OrderType.MARKET, quantity=SIZES[product] * 3))
    order = pit.stop(product, close_position=True)
    assert (await client.place(order)).close_position
    pit.touch(product, order.terms.trigger_price)
    await account.until(
        lambda: SYMBOLS[product] in account.positions and not account.positions[SYMBOLS[product]].quantity
    )
    await account.report(order, status=OrderStatus.FILLED)
    assert account.now(order).filled == SIZES[product] * 3


@PRODUCTS
async def test_batches_answer_order_by_order(pit, product):
    client = await pit.client(product)
    good = [pit.order(product, away=f"-{number}") for number in (1, 2, 3)]
    denied = pit.order(product, terms=Terms(display_quantity=D(1)))
    refused = pit.order(product, price=D("0.1"))
    stop = pit.stop(product)
    orders = [good[0], denied, refused, stop, *good[1:]]
    answers = await client.place_many(orders)
    kinds = [answer.status if not isinstance(answer, RefusedError) else answer.code for answer in answers]
    assert kinds == [OrderStatus.NEW, None, answers[2].code, OrderStatus.NEW, OrderStatus.NEW, OrderStatus.NEW]
    assert answers[2].code < 0
    held = [
        replace(order, order_id=answer.order_id) for order, answer in zip(orders, answers, strict=True) if order in good
    ]
    changes = [(order, OrderChange(price=order.price - 1), "unused") for order in held]
    changes[1] = (held[1], OrderChange(), "unused")
    changed = await client.change_many(changes)
    assert changed[0].order.price == held[0].price - 1
    assert isinstance(changed[1], RefusedError)
    assert changed[2].order.is_amendment
    mixed = [held[0], replace(stop, order_id=None), replace(held[1], order_id=999_999), replace(held[2], order_id=None)]
    gone = await client.cancel_many(mixed)
    assert [one.status if not isinstance(one, RefusedError) else one.code for one in gone] == [
        OrderStatus.CANCELED,
        OrderStatus.CANCELED,
        -2011,
        OrderStatus.CANCELED,
    ]


@PRODUCTS
async def test_more_cancels_than_one_request_holds(pit, product):
    client = await pit.client(product)
    orders = [pit.order(product, away=f"-{D(number) / 10 + 1}") for number in range(13)]
    placed = await client.place_many(orders)
    assert len(placed) == 13
    gone = await client.cancel_many([order_from_report(one) for one in placed])
    assert [one.client_order_id for one in gone] == [one.client_order_id for one in orders]
    assert {one.status for one in gone} == {OrderStatus.CANCELED}


@PRODUCTS
async def test_an_order_that_was_executed_and_never_answered_exists_once(pit, product):
    client = await pit.client(product)
    await client.rest.close()
    client.rest.answer_s = 0.3
    for order in (pit.order(product), pit.stop(product)):
        await pit.fault(product, order_timeouts_executed=1)
        with pytest.raises(OutcomeUnknownError):
            await client.place(order)
        found = await client.find_order(order)
        assert (found.status, found.client_order_id) == (OrderStatus.NEW, order.client_order_id)
    orders = [pit.order(product, away="-4"), pit.order(product, away="-5")]
    await pit.fault(product, order_timeouts_executed=1)
    answers = await client.place_many(orders)
    assert {type(answer) for answer in answers} == {OutcomeUnknownError}
    assert len(await client.open_orders()) == 4
    lost = pit.order(product)
    await pit.fault(product, order_timeouts=1)
    with pytest.raises(OutcomeUnknownError):
        await client.place(lost)
    assert await client.find_order(lost) is None
    assert await client.find_order(pit.stop(product)) is None


@PRODUCTS
async def test_hedge_mode_holds_two_positions_of_a_contract(pit, product):
    client = await pit.client(product)
    account = await pit.follow(client)
    await client.futures.set_hedge_mode(True)
    await client.futures.set_hedge_mode(True)
    assert await client.futures.is_hedge_mode()
    with pytest.raises(RefusedError, match="-4061"):
        await client.place(pit.order(product, OrderType.MARKET))
    for side, position in ((BUY, PositionSide.LONG), (SELL, PositionSide.SHORT)):
        await client.place(pit.order(product, OrderType.MARKET, side, terms=Terms(position_side=position)))
    stop = pit.stop(product, terms=Terms(position_side=PositionSide.LONG), close_position=True)
    assert (await client.place(stop)).terms.position_side is PositionSide.LONG
    long, short = f"{SYMBOLS[product]}-LONG", f"{SYMBOLS[product]}-SHORT"
    await account.until(lambda: {long, short} <= set(account.positions))
    state = await client.account()
    assert {one.key: one.quantity for one in state.positions} == {long: SIZES[product], short: -SIZES[product]}
    await client.place(pit.order(product, OrderType.MARKET, BUY, terms=Terms(position_side=PositionSide.SHORT)))
    await account.until(lambda: not account.positions[short].quantity)
    assert account.positions[long].quantity == SIZES[product]
    with pytest.raises(RefusedError, match=r"-406[78]"):
        await client.futures.set_hedge_mode(False)


@PRODUCTS
async def test_a_liquidation_is_told_loudly_and_once(pit, product):
    client = await pit.client(product)
    account = await pit.follow(client)
    wallet = D(50_000) if product is USDM else D("0.05") * pit.price(product)
    size = wallet * 15 / (pit.price(product) if product is USDM else 100)
    quantity = pit.instrument(product).step.round(size, "down")
    await client.place(pit.order(product, OrderType.MARKET, SELL, quantity=quantity))
    venue, native = pit.venue(product), pit.instrument(product).native
    ending = venue.futures.liquidation_price("demo", native)
    marks = venue.marks[native]
    marks.values = marks.values.__class__(ending + 100, ending, ending, D(0), 1 << 60, 0)
    liquidate(venue)
    report = await account.until(lambda: next((one for one in account.reports if one.forced), None))
    assert (report.forced, report.type, report.fill.forced) == (
        Forced.LIQUIDATION,
        OrderType.MARKET,
        Forced.LIQUIDATION,
    )
    assert report.fill.is_maker is False
    executed = [one.fill.trade_id for one in account.reports if one.forced and one.fill]
    assert len(executed) == len(set(executed))
    forced = await client.futures.forced_orders(1)
    assert {one.forced for one in forced} == {Forced.LIQUIDATION}


@pytest.mark.parametrize("kind", ["ED25519", "HMAC"])
async def test_orders_over_the_websocket_api_come_out_the_same(pit, kind):
    client = await pit.client(USDM, kind=kind, use_ws_trading=True)
    account = await pit.follow(client)
    await asyncio.wait_for(opened(client), 5)
    asked = []
    rest_request = client.rest.request

    async def counted(call, parameters=None):
        asked.append(call.path)
        return await rest_request(call, parameters)

    client.rest.request = counted
    order = pit.order(USDM)
    placed = await client.place(order)
    moved = await client.change(order_from_report(placed), OrderChange(price=order.price - 1), "unused")
    assert moved.order.price == order.price - 1
    assert (await client.cancel(order)).status is OrderStatus.CANCELED
    with pytest.raises(RefusedError, match="-2011"):
        await client.cancel(order)
    stop = pit.stop(USDM)
    assert (await client.place(stop)).algo_id
    assert (await client.cancel(stop)).status is OrderStatus.CANCELED
    with pytest.raises(RefusedError, match="-5022"):
        await client.place(pit.order(USDM, away="1", post_only=True))
    assert [path for path in asked if "rder" in path] == []
    await account.report(order, status=OrderStatus.CANCELED)
    # A cut before the answer leaves the outcome open; what is sent next goes over REST.
    await pit.fault(USDM, order_timeouts_executed=1)
    lost = pit.order(USDM)
    placing = asyncio.create_task(client.place(lost))
    await account.report(lost, status=OrderStatus.NEW)
    await pit.fault(USDM, cut=True)
    with pytest.raises(OutcomeUnknownError):
        await placing
    assert (await client.find_order(lost)).status is OrderStatus.NEW
    assert len(await client.open_orders()) == 1


async def opened(client):
    while not client.is_fast:  # noqa: ASYNC110 - nobody is told when it opens
        await asyncio.sleep(0.01)


@PRODUCTS
async def test_where_only_one_may_close_the_position_the_old_order_goes_first(pit, product):
    client = await pit.client(product)
    await client.place(pit.order(product, OrderType.MARKET))
    order = pit.stop(product, close_position=True)
    await client.place(order)
    place, asked = client.place, []

    async def one_at_a_time(wanted):
        asked.append([one.client_order_id for one in await client.open_orders()])
        if len(asked) == 1:
            raise RefusedError("an open stop or take profit order with closePosition exists", -4130, 400)
        return await place(wanted)

    client.place = one_at_a_time
    changed = await client.change(order, OrderChange(trigger_price=pit.price(product, "-2")), "btui-moved")
    assert asked == [[order.client_order_id], []]
    assert (changed.order.status, changed.replacement.client_order_id) == (OrderStatus.CANCELED, "btui-moved")
    moved = order_from_report(changed.replacement)
    asked.clear()
    changed = await client.change(moved, OrderChange(trigger_price=pit.price(product, "3")), "btui-refused")
    assert (changed.replacement, changed.refusal.code) == (None, -2021), "the old one is gone, and it is said"
    assert await client.open_orders() == []


@PRODUCTS
async def test_a_stop_that_triggers_while_it_is_moved_is_told_as_it_is(pit, product):
    client = await pit.client(product)
    account = await pit.follow(client)
    order = pit.stop(product, type_=STOP_LIMIT, price=pit.price(product, "2"))
    await client.place(order)
    place = client.place

    async def triggers_meanwhile(wanted):
        placed = await place(wanted)
        pit.touch(product, order.terms.trigger_price)
        await account.report(order, is_triggered=True)
        await pit.fault(product, order_errors=1)
        return placed

    client.place = triggers_meanwhile
    change = OrderChange(trigger_price=pit.price(product, "-5"))
    changed = await client.change(replace(order, algo_id=None), change, "btui-moved")
    assert changed.replacement.client_order_id == "btui-moved"
    assert (changed.order.status, changed.order.is_triggered) == (OrderStatus.NEW, True)
    assert len(await client.open_orders()) == 2
