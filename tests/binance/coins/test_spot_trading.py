"""Spot orders over sockets against the embedded exchange: each row of the tables, changes, failures."""

from dataclasses import replace
from decimal import Decimal

import pytest
from coin_desk import known

from tui.binance.call import Call
from tui.binance.client import LinkState
from tui.binance.errors import OutcomeUnknownError, RefusedError
from tui.domain.order import ChangeKind, LegRole, OrderChange, OrderStatus
from tui.domain.order_terms import OrderType, PegPrice, SelfTradePrevention, Side, Terms, TimeInForce
from tui.engine.orders.resolver import is_cancel_of

D = Decimal
BUY, SELL = Side.BUY, Side.SELL
NEW, FILLED, CANCELED, EXPIRED = OrderStatus.NEW, OrderStatus.FILLED, OrderStatus.CANCELED, OrderStatus.EXPIRED


@pytest.mark.parametrize("kind", ["HMAC", "RSA", "ED25519"])
async def test_start_up_with_every_type_of_key(desk, kind):
    client = await desk.client(kind=kind)
    account = await desk.follow(client)
    state = await client.account()
    assert state.can_trade
    assert {"USDT", "BTC"} <= {balance.asset for balance in state.balances}
    assert await client.open_orders() == []
    assert [link[0] for link in account.links][-1] is LinkState.LIVE


def rows(desk):
    """One order for each row of the tables that rests or trades at once, and where it ends."""
    far, stop, above = desk.price(-3), desk.price(2), desk.price(3)
    order, types = desk.order, OrderType
    return {
        "market": (order(type_=types.MARKET), FILLED),
        "market by quote": (order(type_=types.MARKET, quantity=None, quote_quantity=D(100)), FILLED),
        "limit": (order(price=far), NEW),
        "limit that takes": (order(price=above), FILLED),
        "post-only": (order(price=far, post_only=True), NEW),
        "IOC": (order(price=far, time_in_force=TimeInForce.IOC), EXPIRED),
        "FOK": (order(price=far, time_in_force=TimeInForce.FOK), EXPIRED),
        "GTD kept here": (order(price=far, time_in_force=TimeInForce.GTD, terms=Terms(good_till_ms=1)), NEW),
        "stop": (order(type_=types.STOP_MARKET, terms=Terms(stop)), NEW),
        "stop limit": (order(type_=types.STOP_LIMIT, price=above, terms=Terms(stop)), NEW),
        "if touched": (order(type_=types.MARKET_IF_TOUCHED, terms=Terms(far)), NEW),
        "limit if touched": (order(type_=types.LIMIT_IF_TOUCHED, price=far, terms=Terms(far)), NEW),
        "trailing": (order(type_=types.TRAILING_STOP_MARKET, terms=Terms(trailing_bps=100)), NEW),
        "trailing from a price": (
            order(type_=types.TRAILING_STOP_MARKET, terms=Terms(trailing_bps=100, activation_price=far)),
            NEW,
        ),
        "trailing stop limit": (order(type_=types.STOP_LIMIT, price=above, terms=Terms(trailing_bps=100)), NEW),
        "iceberg": (order(price=far, quantity="0.1", terms=Terms(display_quantity=D("0.02"))), NEW),
        "pegged": (order(terms=Terms(peg_price=PegPrice.PRIMARY_PEG, peg_levels=2)), NEW),
        "self-trade prevention": (
            order(price=far, terms=Terms(self_trade_prevention=SelfTradePrevention.EXPIRE_BOTH)),
            NEW,
        ),
    }


async def test_each_row_of_the_tables_is_taken_and_comes_back_as_it_was_said(desk):
    client = await desk.client()
    account = await desk.follow(client)
    for name, (order, status) in rows(desk).items():
        report = await client.place(order)
        assert (report.status, report.client_order_id) == (status, order.client_order_id), name
        event = await account.report(order, status.value)
        found = await client.find_order(known(order, report))
        for told in (event, found):
            assert (told.type, told.side, told.order_id) == (order.type, order.side, report.order_id), name
            assert told.post_only is order.post_only, name
            for term in ("trigger_price", "activation_price", "trailing_bps", "peg_price", "peg_levels"):
                assert getattr(told.terms, term) == getattr(order.terms, term), (name, term)
            if order.terms.display_quantity:
                assert told.terms.display_quantity == order.terms.display_quantity
        if status is NEW:
            cancelled = await client.cancel(known(order, report))
            assert cancelled.status is CANCELED
            assert (await account.report(order, "CANCELED")).order_id == report.order_id


async def test_a_quote_order_spends_its_quote(desk):
    client = await desk.client()
    report = await client.place(desk.order(type_=OrderType.MARKET, quantity=None, quote_quantity=D(100)))
    assert report.quote_quantity == 100
    assert 90 < report.filled * report.average_price <= 100


async def test_executions_come_as_events_and_can_be_asked_for(desk):
    client = await desk.client()
    account = await desk.follow(client)
    order = desk.order(type_=OrderType.MARKET, quantity="0.3")
    await client.place(order)
    await account.report(order, "FILLED")
    told = [report.fill for report in account.reports if report.fill]
    assert sum(fill.quantity for fill in told) == D("0.3")
    asked = await client.fills(desk.instruments["BTCUSDT"], told[0].time_ms, 2)
    assert [fill.trade_id for fill in asked] == [fill.trade_id for fill in told][:2]
    every = await client.fills(desk.instruments["BTCUSDT"], told[0].time_ms)
    assert [(fill.trade_id, fill.commission, fill.is_maker) for fill in every] == [
        (fill.trade_id, fill.commission, fill.is_maker) for fill in told
    ]
    free = (await client.account()).balances
    held = {balance.asset: balance.free for balance in free}
    await account.until(lambda: account.balances.get("BTC") and account.balances["BTC"].free == held["BTC"])


async def test_past_orders_are_paged_oldest_first(desk, monkeypatch):
    client = await desk.client()
    orders = [desk.order(price=desk.price(-3)) for _ in range(5)]
    reports = await client.place_many(orders)
    await client.cancel_many([known(order, report) for order, report in zip(orders, reports, strict=True)])
    monkeypatch.setattr(client, "_order_calls", replace(client._order_calls, max_orders=2))
    past = await client.past_orders(desk.instruments["BTCUSDT"], 1, 5)
    assert sorted(report.order_id for report in reports) == [report.order_id for report in past]
    assert {report.status for report in past} == {CANCELED}
    assert len(await client.past_orders(desk.instruments["BTCUSDT"], 0, 2)) == 2


async def test_an_order_without_a_number_is_found_under_the_id_of_its_cancel(desk):
    """Whatever it was: each row that rests is told by what it asked for, and no other is taken for it."""
    client = await desk.client()
    resting = [order for order, ends in rows(desk).values() if ends is NEW and not order.terms.good_till_ms]
    canceled = {}
    for order in resting:
        report = await client.place(order)
        await client.cancel(known(order, report))
        canceled[report.order_id] = order
        assert await client.find_order(order) is None
    past = [told for told in await client.past_orders(desk.instruments["BTCUSDT"], 0) if told.order_id in canceled]
    assert len(past) == len(resting) > 8
    for told in past:
        assert is_cancel_of(canceled[told.order_id], told)
        others = [order for order in resting if is_cancel_of(order, told)]
        assert canceled[told.order_id] in others
        assert len(others) < len(resting) / 2


async def test_several_orders_end_each_in_its_own_way(desk):
    client = await desk.client()
    good, poor = desk.order(price=desk.price(-3)), desk.order(price=desk.price(-3), quantity="60")
    taken, refused = await client.place_many([good, poor])
    assert taken.status is NEW
    assert isinstance(refused, RefusedError)
    gone, unknown = await client.cancel_many([known(good, taken), poor])
    assert gone.status is CANCELED
    assert isinstance(unknown, RefusedError)
    assert unknown.code == -2011


async def test_one_order_of_several_without_an_answer_leaves_the_others_known(desk):
    client = await desk.client()
    await desk.fault(order_errors_executed=1)
    orders = [desk.order(price=desk.price(-3)) for _ in range(3)]
    answers = await client.place_many(orders)
    assert sorted(type(answer).__name__ for answer in answers) == ["OrderReport", "OrderReport", "OutcomeUnknownError"]
    assert {one.client_order_id for one in await client.open_orders()} == {order.client_order_id for order in orders}


async def test_a_post_only_order_that_would_take_is_refused_in_words(desk):
    client = await desk.client()
    account = await desk.follow(client)
    order = desk.order(price=desk.price(2), post_only=True)
    with pytest.raises(RefusedError, match="immediately match and take"):
        await client.place(order)
    assert (await account.report(order, "REJECTED")).would_take


async def test_a_test_order_costs_nothing_and_says_what_it_would_cost(desk):
    client = await desk.client()
    commission = await client.test(desk.order(price=desk.price(-3)))
    assert commission.taker > 0
    rates = await client.commission(desk.instruments["BTCUSDT"])
    assert (rates.maker, rates.taker) == (commission.maker, commission.taker)
    assert await client.open_orders() == []
    with pytest.raises(RefusedError):
        await client.test(desk.order(price=D("0.01")))


async def test_fees_are_asked_of_an_older_address_where_the_newer_is_missing(desk, monkeypatch):
    client = await desk.client()
    newer = await client.commission(desk.instruments["BTCUSDT"])
    missing = Call("GET", "/api/v3/account/no-such-address", weight=1, signed=True)
    monkeypatch.setattr("tui.binance.spot.fees._COMMISSION", missing)
    older = await client.commission(desk.instruments["BTCUSDT"])
    assert (older.symbol, older.maker, older.taker) == ("BTCUSDT", newer.maker, newer.taker)


async def test_order_counts_are_known_before_the_first_order(desk):
    client = await desk.client()
    await client.place(desk.order(price=desk.price(-3)))
    other = await desk.client()
    assert other.used_orders[0] == 0
    await other.account()
    assert other.used_orders[0] >= 1


# Changes


async def test_a_smaller_size_keeps_order_and_place(desk):
    client = await desk.client()
    account = await desk.follow(client)
    order = desk.order(price=desk.price(-3), quantity="0.1")
    standing = known(order, await client.place(order))
    wish = OrderChange(quantity=D("0.04"))
    assert client.change_kind(standing, wish) is ChangeKind.KEEPS_QUEUE
    changed = await client.change(standing, wish, "tui-never")
    assert changed.replacement is None
    assert (changed.order.order_id, changed.order.quantity) == (standing.order_id, D("0.04"))
    event = await account.until(lambda: next((one for one in account.reports if one.is_amendment), None))
    assert (event.client_order_id, event.quantity, event.status) == (order.client_order_id, D("0.04"), NEW)


async def test_another_price_replaces_the_order_with_all_it_said(desk):
    client = await desk.client()
    account = await desk.follow(client)
    order = desk.order(price=desk.price(-3), post_only=True, quantity="0.1", terms=Terms(display_quantity=D("0.02")))
    standing = known(order, await client.place(order))
    wish = OrderChange(price=desk.price(-2))
    assert client.change_kind(standing, wish) is ChangeKind.REPLACES
    changed = await client.change(standing, wish, "tui-next")
    assert (changed.order.status, changed.order.client_order_id) == (CANCELED, order.client_order_id)
    new = await client.find_order(replace(order, client_order_id="tui-next", order_id=None))
    assert (new.price, new.post_only, new.quantity) == (desk.price(-2), True, D("0.1"))
    assert new.terms.display_quantity == D("0.02")
    await account.report(replace(order, client_order_id="tui-next"), "NEW")
    assert (await account.report(order, "CANCELED")).order_id == standing.order_id


async def test_what_has_traded_is_not_asked_for_again(desk):
    client = await desk.client()
    bid, ask = desk.best()
    offered = desk.offered()
    order = desk.order(price=ask, quantity=str(offered + D("0.1")))
    report = await client.place(order)
    assert report.status is OrderStatus.PARTIALLY_FILLED
    changed = await client.change(known(order, report), OrderChange(price=bid), "tui-next")
    assert changed.replacement.quantity == D("0.1")
    assert changed.order.filled == offered


async def test_a_replacement_is_not_placed_for_an_order_that_is_gone(desk):
    client = await desk.client()
    order = desk.order(price=desk.price(-3))
    standing = known(order, await client.place(order))
    await client.cancel(standing)
    with pytest.raises(RefusedError) as refused:
        await client.change(standing, OrderChange(price=desk.price(-2)), "tui-next")
    assert refused.value.code == -2011
    assert await client.open_orders() == []


async def test_an_order_that_traded_meanwhile_is_not_replaced_too_large(desk):
    client = await desk.client()
    offered = desk.offered()
    order = desk.order(price=desk.best()[1], quantity=str(offered + D("0.1")))
    report = await client.place(order)
    believed = replace(known(order, report), filled=D(0))
    with pytest.raises(RefusedError, match="restrictions"):
        await client.change(believed, OrderChange(price=desk.price(-2)), "tui-next")
    part_known = replace(known(order, report), filled=offered - D("0.05"))
    changed = await client.change(part_known, OrderChange(price=desk.price(-2)), "tui-then")
    assert (changed.replacement.quantity, changed.replacement.status) == (D("0.1"), NEW)


async def test_a_cancelled_order_without_a_replacement_says_why(desk):
    client = await desk.client()
    order = desk.order(price=desk.price(-3), post_only=True)
    standing = known(order, await client.place(order))
    changed = await client.change(standing, OrderChange(price=desk.price(2)), "tui-next")
    assert changed.order.status is CANCELED
    assert changed.replacement is None
    assert "immediately match and take" in str(changed.refusal)


async def test_a_replacement_that_breaks_a_filter_leaves_the_order_alone(desk):
    client = await desk.client()
    order = desk.order(price=desk.price(-3))
    standing = known(order, await client.place(order))
    with pytest.raises(RefusedError) as refused:
        await client.change(standing, OrderChange(price=D("0.01")), "tui-next")
    assert refused.value.code == -1013
    assert [one.order_id for one in await client.open_orders()] == [standing.order_id]


# What goes wrong


async def test_an_order_executed_without_an_answer_is_unknown_and_found_once(desk):
    client = await desk.client()
    account = await desk.follow(client)
    order = desk.order(price=desk.price(-3))
    await desk.fault(order_errors_executed=1)
    with pytest.raises(OutcomeUnknownError):
        await client.place(order)
    await account.report(order, "NEW")
    assert (await client.find_order(order)).status is NEW
    assert len(await client.open_orders()) == 1


async def test_a_replacement_executed_without_an_answer_is_found_by_both_names(desk):
    client = await desk.client()
    order = desk.order(price=desk.price(-3))
    standing = known(order, await client.place(order))
    await desk.fault(order_errors_executed=1)
    with pytest.raises(OutcomeUnknownError):
        await client.change(standing, OrderChange(price=desk.price(-2)), "tui-next")
    assert (await client.find_order(standing)).status is CANCELED
    assert (await client.find_order(replace(order, client_order_id="tui-next"))).status is NEW


async def test_an_overloaded_exchange_did_nothing(desk):
    client = await desk.client()
    order = desk.order(price=desk.price(-3))
    await desk.fault(order_errors=1)
    with pytest.raises(RefusedError):
        await client.place(order)
    assert await client.find_order(order) is None


# Lists


def bracket(desk, *, entry_price, sized=False):
    order, types = desk.order, OrderType
    return [
        order(price=entry_price, role=LegRole.ENTRY),
        order(side=SELL, price=desk.price(3), role=LegRole.TAKE_PROFIT),
        order(type_=types.STOP_LIMIT, side=SELL, price=desk.price(-4), terms=Terms(desk.price(-3)),
              role=LegRole.STOP_LOSS),
    ]  # fmt: skip


@pytest.mark.parametrize("side", [SELL, BUY])
async def test_an_oco_of_either_side(desk, side):
    client = await desk.client()
    account = await desk.follow(client)
    away = 1 if side is SELL else -1
    profit = desk.order(side=side, price=desk.price(3 * away), role=LegRole.TAKE_PROFIT)
    stop = desk.order(type_=OrderType.STOP_MARKET, side=side, terms=Terms(desk.price(-3 * away)),
                      role=LegRole.STOP_LOSS)  # fmt: skip
    first, second = await client.lists.place([profit, stop], "tui-list", sized_from_entry=False)
    assert (first.client_order_id, first.post_only, first.type) == (profit.client_order_id, True, OrderType.LIMIT)
    assert second.type is OrderType.STOP_MARKET
    assert first.list_id == second.list_id is not None
    assert {one.list_id for one in await client.open_orders()} == {first.list_id}
    gone = await client.lists.cancel(first.list_id, desk.instruments["BTCUSDT"])
    assert {(one.client_order_id, one.status) for one in gone} == {
        (profit.client_order_id, CANCELED),
        (stop.client_order_id, CANCELED),
    }
    await account.report(stop, "CANCELED")


async def test_a_leg_that_its_sibling_ended_is_cancelled_by_oco(desk):
    client = await desk.client()
    account = await desk.follow(client)
    desk.give("BTC", 20)
    profit = desk.order(side=SELL, price=desk.price(3), role=LegRole.TAKE_PROFIT)
    stop = desk.order(type_=OrderType.STOP_MARKET, side=SELL, terms=Terms(desk.price("-0.01")), role=LegRole.STOP_LOSS)
    await client.lists.place([profit, stop], "tui-list", sized_from_entry=False)
    await client.place(desk.order(side=SELL, price=desk.price(-1), quantity="20"))
    await account.report(stop, "FILLED")
    ended = await account.report(profit, "CANCELED")
    assert ended.reason == "cancelled by OCO"
    assert (await client.find_order(known(profit, ended))).reason == "cancelled by OCO"


async def test_cancelling_a_leg_takes_the_list_along(desk):
    client = await desk.client()
    entry, profit, stop = bracket(desk, entry_price=desk.price(-3))
    reports = await client.lists.place([entry, profit, stop], "tui-list", sized_from_entry=False)
    assert (await client.cancel(known(stop, reports[2]))).client_order_id == stop.client_order_id
    assert await client.open_orders() == []


@pytest.mark.parametrize("sized", [False, True])
@pytest.mark.parametrize("legs", [1, 2])
async def test_legs_wait_for_their_entry_then_work(desk, sized, legs):
    client = await desk.client()
    account = await desk.follow(client)
    orders = bracket(desk, entry_price=desk.price(-3))[: legs + 1]
    reports = await client.lists.place(orders, "tui-list", sized_from_entry=sized)
    assert [report.awaits_entry for report in reports] == [False] + [True] * legs
    assert [report.status for report in reports] == [NEW] * (legs + 1)
    assert {one.client_order_id for one in await client.open_orders()} == {one.client_order_id for one in orders}
    await client.lists.cancel(reports[0].list_id, desk.instruments["BTCUSDT"])
    await account.report(orders[1], "CANCELED")


@pytest.mark.parametrize("sized", [False, True])
async def test_a_bracket_whose_entry_fills_at_once_arms_both_legs(desk, sized):
    client = await desk.client()
    account = await desk.follow(client)
    entry, profit, stop = bracket(desk, entry_price=desk.price(2))
    reports = await client.lists.place([entry, profit, stop], "tui-list", sized_from_entry=sized)
    assert reports[0].status is FILLED
    await account.until(lambda: [one for one in account.reports
                                 if one.client_order_id == stop.client_order_id and not one.awaits_entry])  # fmt: skip
    found = {one.client_order_id: one for one in await client.open_orders()}
    assert set(found) == {profit.client_order_id, stop.client_order_id}
    expected = D("0.01") if not sized else D("0.00999")
    assert {one.quantity for one in found.values()} == {expected}


async def test_a_list_executed_without_an_answer_is_found_by_its_orders(desk):
    client = await desk.client()
    orders = bracket(desk, entry_price=desk.price(-3))
    await desk.fault(order_errors_executed=1)
    with pytest.raises(OutcomeUnknownError):
        await client.lists.place(orders, "tui-list", sized_from_entry=False)
    assert [(await client.find_order(order)).status for order in orders] == [NEW] * 3
