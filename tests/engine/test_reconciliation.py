"""After a gap the store is what the exchange says, made so once, and told where nobody explains it."""

from dataclasses import replace
from decimal import Decimal

from engine_table import limit, until
from fake_client import fill_of, position, report

from tui.binance.client import LinkState
from tui.config import ExecutionOptions, Settings
from tui.domain.order import Forced, OrderStatus, order_from_request
from tui.domain.order_terms import Side
from tui.domain.product import Product
from tui.engine.commands.orders import CancelOrder
from tui.engine.store import Link, Severity

D = Decimal
PERP = "BTCUSDT-PERP"


def reconciler(table):
    return next(desk.user._reconciler for desk in table.session._desks if desk.client is table.perp)


async def reconnect(table) -> None:
    table.perp.user_link.say(LinkState.DOWN, "cut")
    table.perp.user_link.say(LinkState.LIVE, "")
    await until(lambda: table.store.links[Product.USDM].user is Link.LIVE)


def everything(table):
    """What the trader sees of orders and executions."""
    return dict(table.store.orders), list(table.store.fills), dict(table.store.positions)


async def test_orders_that_came_and_went_in_a_gap_are_shown_once(open_table) -> None:
    async with open_table(PERP) as table:
        elsewhere = order_from_request(limit(symbol=PERP), Product.USDM, "web_7", table.clock.now_ms())
        filled = report(replace(elsewhere, order_id=70), OrderStatus.FILLED, "0.1")
        table.perp.past = [filled]
        table.perp.trades_done = [fill_of(replace(elsewhere, order_id=70), 5, "0.1")]
        await reconnect(table)
        assert table.order("web_7").is_foreign
        assert table.order("web_7").status is OrderStatus.FILLED
        seen = everything(table)
        assert len(seen[1]) == 1
        await reconnect(table)
        assert everything(table) == seen


async def test_a_canceled_order_was_a_strangers_after_a_restart(open_table) -> None:
    """A cancel gives an order of spot another client id at the exchange; its number is what it is known by."""
    async with open_table() as table:
        name = (await table.submit(limit())).client_order_id
        await until(lambda: table.order(name).order_id)
        await table.do(CancelOrder(name))
        await until(lambda: table.order(name).status is OrderStatus.CANCELED)
        canceled = table.order(name)
    async with open_table(start=False) as again:
        again.spot.past = [report(canceled, OrderStatus.CANCELED, client_order_id="the-cancel-of-it")]
        await again.start()
        again.spot.user_link.say(LinkState.DOWN, "cut")
        again.spot.user_link.say(LinkState.LIVE, "")
        await until(lambda: again.store.orders)
        (order,) = again.store.orders.values()
        assert (order.client_order_id, order.is_foreign) == (name, False)


async def test_orders_placed_elsewhere_can_be_left_out(table_with) -> None:
    table = table_with(filter_unclaimed_external_orders=True)
    await table.start(PERP)
    elsewhere = order_from_request(limit(symbol=PERP), Product.USDM, "web_7", 1)
    table.perp.user.on_order_report(report(elsewhere))
    assert table.store.orders == {}
    table.perp.user.on_order_report(report(elsewhere, client_order_id="autoclose-1", forced=Forced.LIQUIDATION))
    assert list(table.store.orders) == ["autoclose-1"], "what the exchange did to the account is never left out"


async def test_without_reconciliation_the_account_alone_is_read(table_with) -> None:
    table = table_with(reconciliation=False)
    elsewhere = order_from_request(limit(symbol=PERP), Product.USDM, "web_7", 1)
    table.perp.working = [report(elsewhere)]
    await table.start(PERP)
    assert table.store.orders == {}
    assert table.store.balances


async def test_executions_that_nobody_lists_are_inferred_once_and_give_way_to_real_ones(open_table) -> None:
    async with open_table(PERP) as table:
        outcome = await table.submit(limit(symbol=PERP, quantity="0.4"))
        name = outcome.client_order_id
        table.perp.user.on_order_report(report(table.order(name), OrderStatus.FILLED, "0.4", average_price=D("99.4")))
        for _ in range(4):
            await reconciler(table).compare_orders()
        [made_up] = table.store.fills
        assert (made_up.quantity, made_up.price, made_up.is_estimated) == (D("0.4"), D("99.4"), True)
        assert table.said("nobody lists")
        for _ in range(3):
            await reconciler(table).compare_orders()
        assert list(table.store.fills) == [made_up]
        assert table.journal.fills() == [made_up]
        real = fill_of(table.order(name), 8, "0.4", "99.4")
        table.perp.trades_done = [real]
        await reconciler(table).fills([PERP])
        assert list(table.store.fills) == table.journal.fills() == [real]
        assert table.order(name).filled == D("0.4")


async def test_an_inferred_execution_had_the_average_of_all_and_was_added_to_the_one_before(open_table) -> None:
    """Bug: what was missing was priced at the average of the whole order, and each guess counted beside the last."""
    async with open_table(PERP) as table:
        name = (await table.submit(limit(symbol=PERP, quantity="0.8"))).client_order_id
        real = fill_of(table.order(name), 8, "0.2", "90")
        table.perp.user.on_order_report(
            report(table.order(name), OrderStatus.PARTIALLY_FILLED, "0.4", fill=real, average_price=D(95))
        )
        for _ in range(4):
            await reconciler(table).compare_orders()
        made_up = table.store.fills[0]
        assert (made_up.quantity, made_up.price, made_up.is_estimated) == (D("0.2"), D(100), True)
        table.perp.user.on_order_report(report(table.order(name), OrderStatus.FILLED, "0.8", average_price=D(95)))
        for _ in range(4):
            await reconciler(table).compare_orders()
        assert sum(fill.quantity for fill in table.store.fills) == D("0.8")
        assert sum(fill.quantity * fill.price for fill in table.store.fills) == D("0.8") * 95
        assert sorted(table.store.fills, key=lambda fill: fill.trade_id) == sorted(
            table.journal.fills(), key=lambda fill: fill.trade_id
        )


async def test_a_position_that_executions_explain_is_no_difference(open_table) -> None:
    async with open_table(PERP) as table:
        outcome = await table.submit(limit(symbol=PERP, quantity="0.4"))
        order = table.order(outcome.client_order_id)
        an_hour_ago = table.clock.now_ms() - 1_000
        table.perp.user.on_order_report(
            report(order, OrderStatus.FILLED, "0.4", fill=replace(fill_of(order, 3, "0.4"), time_ms=an_hour_ago))
        )
        table.perp.state = replace(table.perp.state, positions=[position("0.4")])
        for _ in range(5):
            await reconciler(table).account()
        assert len(table.store.orders) == 1


async def test_a_position_that_nothing_explains_gets_an_order_that_stands_for_it(open_table) -> None:
    async with open_table(PERP) as table:
        table.perp.state = replace(table.perp.state, positions=[position("0.7")])
        await reconciler(table).account()
        await reconciler(table).account()
        assert table.store.orders == {}, "executions may come late"
        await reconciler(table).account()
        [order] = table.store.orders.values()
        assert (order.side, order.quantity, order.status) == (Side.BUY, D("0.7"), OrderStatus.FILLED)
        assert order.reason.startswith("RECONCILIATION")
        [fill] = table.store.fills
        assert (fill.quantity, fill.is_estimated) == (D("0.7"), True)
        seen = everything(table)
        for _ in range(4):
            await reconciler(table).account()
        assert everything(table) == seen
        table.perp.state = replace(table.perp.state, positions=[])
        for _ in range(3):
            await reconciler(table).account()
        assert [order.side for order in table.store.orders.values()] == [Side.BUY, Side.SELL]
        assert table.said("the exchange holds 0, executions explain 0.7")


async def test_executions_that_may_explain_a_difference_are_sought_as_far_back_as_asked_for(table_with) -> None:
    table = table_with(position_check_lookback_mins=90)
    await table.start(PERP)
    asked: list[int] = []

    async def fills(_instrument, since_ms, _limit=500):
        asked.append(since_ms)
        return []

    table.perp.fills = fills
    table.perp.state = replace(table.perp.state, positions=[position("0.7")])
    for _ in range(2):
        before_ms = table.clock.now_ms()
        await reconciler(table).account()
    assert asked
    assert max(asked) <= before_ms - 90 * 60_000 + 5_000


async def test_a_difference_is_only_told_where_nothing_may_be_made_up(table_with) -> None:
    table = table_with(generate_missing_orders=False, position_check_retries=1)
    await table.start(PERP)
    table.perp.state = replace(table.perp.state, positions=[position("0.7")])
    await reconciler(table).account()
    assert table.said("the exchange holds 0.7, executions explain 0")
    assert table.store.orders == {}


async def test_a_liquidation_is_told_loudly_with_all_that_happened(open_table) -> None:
    async with open_table(PERP) as table:
        made = order_from_request(limit("90", "0.5", Side.SELL, PERP), Product.USDM, "autoclose-9", 1)
        forced = replace(fill_of(replace(made, order_id=90), 44, "0.5", "90"), forced=Forced.LIQUIDATION)
        pending = report(made, OrderStatus.NEW, forced=Forced.LIQUIDATION, order_id=90)
        done = report(made, OrderStatus.FILLED, "0.5", fill=forced, forced=Forced.LIQUIDATION, order_id=90)
        for said in (pending, done, done):
            table.perp.user.on_order_report(said)
        loud = [message for message in table.store.messages if message.severity is Severity.ERROR]
        assert [message.text for message in loud] == [
            "LIQUIDATION: the exchange made SELL 0.500 BTCUSDT-PERP at 90.0 for this account"
        ]
        assert len(table.store.fills) == 1


async def test_a_liquidation_in_a_gap_is_told_as_well(open_table) -> None:
    async with open_table(PERP) as table:
        made = order_from_request(limit("90", "0.5", Side.SELL, PERP), Product.USDM, "autoclose-9", 1)
        past = report(made, OrderStatus.FILLED, "0.5", forced=Forced.LIQUIDATION, order_id=90)

        async def forced_orders(since_ms, of):
            return [past]

        table.perp.user.on_positions([position("0.5")])
        table.perp.futures.forced_orders = forced_orders
        await reconnect(table)
        assert table.said("LIQUIDATION: the exchange made SELL 0.500")


async def test_what_expired_is_shown_as_cancelled_from_every_source_where_that_is_wished(table_with) -> None:
    table = table_with(Settings(execution=ExecutionOptions(treat_expired_as_canceled=True)))
    await table.start(PERP)
    for price in ("99.1", "99.2"):
        await table.submit(limit(price, symbol=PERP))
    heard, asked = table.store.open_orders()
    table.perp.user.on_order_report(report(heard, OrderStatus.EXPIRED, reason="rest of an IOC order"))
    table.perp.known[asked.client_order_id] = report(asked, OrderStatus.EXPIRED)
    table.perp.working = []
    await reconnect(table)
    assert [order.status for order in table.store.orders.values()] == [OrderStatus.CANCELED] * 2
    assert [order.reason for order in table.store.orders.values()] == ["rest of an IOC order", "expired"]


async def test_an_execution_told_early_is_corrected_by_the_full_event(open_table) -> None:
    async with open_table(PERP) as table:
        outcome = await table.submit(limit(symbol=PERP, quantity="0.4"))
        order = table.order(outcome.client_order_id)
        early = replace(fill_of(order, 6, "0.1"), commission=D(0), is_estimated=True)
        table.perp.user.on_order_report(report(order, OrderStatus.NEW, fill=early, is_lite=True))
        assert table.order(order.client_order_id).filled == D("0.1")
        whole = fill_of(order, 6, "0.1")
        table.perp.user.on_order_report(report(order, OrderStatus.PARTIALLY_FILLED, "0.1", fill=whole))
        assert list(table.store.fills) == [whole]
        assert table.order(order.client_order_id).filled == D("0.1")


async def test_an_execution_told_early_of_an_order_not_known_waits_for_it(open_table) -> None:
    async with open_table(PERP) as table:
        elsewhere = replace(order_from_request(limit(symbol=PERP), Product.USDM, "web_7", 1), order_id=77)
        early = replace(fill_of(elsewhere, 6, "0.05"), is_estimated=True)
        table.perp.user.on_order_report(report(elsewhere, fill=early, is_lite=True))
        assert table.store.orders == {}
        assert not table.store.fills
        table.perp.user.on_order_report(report(elsewhere))
        assert table.order("web_7").filled == D("0.05")
        assert len(table.store.fills) == 1


async def test_more_than_was_ordered_is_asked_about_and_believed_when_confirmed(open_table) -> None:
    async with open_table(PERP) as table:
        outcome = await table.submit(limit(symbol=PERP, quantity="0.4"))
        order = table.order(outcome.client_order_id)
        too_much = report(order, OrderStatus.FILLED, "0.6")
        table.perp.find_script.append(too_much)
        table.perp.user.on_order_report(too_much)
        assert table.order(order.client_order_id).filled == 0
        assert table.said("which cannot be")
        await until(lambda: table.order(order.client_order_id).filled == D("0.6"))
