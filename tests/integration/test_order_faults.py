"""Faults of the exchange over real sockets: whatever is lost on the way, every order ends as exactly one, or none."""

import asyncio
import json
import time
import urllib.request
from decimal import Decimal

import pytest
from exchange_process import ExchangeProcess
from trader import PRODUCTS, SYMBOLS, Trader, wait

from tui.config import ReconciliationOptions, Settings
from tui.domain.order import OrderChange, OrderStatus
from tui.domain.order_terms import Side
from tui.domain.product import Product
from tui.engine.commands import Origin
from tui.engine.commands.answers import Result
from tui.engine.commands.orders import CancelEntries, CancelOrder, ChangeOrder, SubmitOrder, SubmitOrders
from tui.engine.orders.floor import Patience
from tui.engine.orders.ledger import NEVER_REACHED

D = Decimal

#: Shorter than any person would wait, longer than a request on its way can take here.
QUICK = Patience(delays_s=(0.1, 0.1, 0.2), denials=3, window_ms=2_000)


@pytest.fixture(scope="module")
def trader(tmp_path_factory):
    folder = tmp_path_factory.mktemp("faults")
    exchange = ExchangeProcess(folder / "exchange.sqlite", roomy=True)
    checks = ReconciliationOptions(
        reconciliation_startup_delay_secs=0, open_check_interval_secs=1, open_check_threshold_ms=500
    )
    settings = Settings(reconciliation=checks)
    one = Trader(exchange, folder / "journal.sqlite", settings=settings, answer_s=0.6, patience=QUICK)
    one.runtime.start()
    try:
        wait(lambda: one.store.focus)
        yield one
        assert one.runtime.stop()
    finally:
        exchange.kill()


@pytest.fixture(params=SYMBOLS)
def symbol(trader, request):
    trader.focus(request.param)
    yield request.param
    trader.ask(CancelEntries(None, include_protective=True))


def product_of(trader, symbol) -> Product:
    return trader.store.instruments[symbol].product


def fault(trader, symbol, **what) -> None:
    address = trader.exchange.ready[product_of(trader, symbol).value]["rest"] + "/fault"
    body = json.dumps(what).encode()
    request = urllib.request.Request(address, body, {"Content-Type": "application/json"}, method="POST")
    urllib.request.urlopen(request).close()


def at_the_exchange(trader, symbol, names):
    """What the exchange itself lists of these orders, open or not, asked for by a client of its own."""

    async def ask():
        client = trader.client(product_of(trader, symbol))
        client.rest.answer_s = 60.0
        try:
            await client.open()
            await client.instruments()
            past = await client.past_orders(trader.store.instruments[symbol], int(time.time() * 1_000) - 600_000)
            return [report for report in past if report.client_order_id in names]
        finally:
            await client.close()

    return asyncio.run(ask())


def ended(trader, name, status):
    """Wait until an order is in this state, then say how often the exchange has it."""
    wait(lambda: trader.store.orders[name].status is status)
    return trader.store.orders[name]


def sent(trader, request):
    """Send without waiting for the reply; the order as soon as it is known."""
    before = set(trader.store.orders)
    trader.runtime.send(SubmitOrder(request, True), Origin.KEY)
    return wait(lambda: set(trader.store.orders) - before).pop()


def test_an_order_executed_and_never_answered_is_there_once(trader, symbol) -> None:
    fault(trader, symbol, order_timeouts_executed=1)
    name = sent(trader, trader.limit(symbol, Side.BUY, "-0.02"))
    ended(trader, name, OrderStatus.NEW)
    time.sleep(0.8)  # past the end of the client's wait, where a careless program would send again
    assert trader.store.orders[name].status is OrderStatus.NEW
    assert [report.client_order_id for report in at_the_exchange(trader, symbol, {name})] == [name]


def test_an_order_executed_and_answered_with_an_error_is_there_once(trader, symbol) -> None:
    fault(trader, symbol, order_errors_executed=1)
    reply = trader.submit(trader.limit(symbol, Side.BUY, "-0.021"))
    assert reply.result is not Result.REFUSED  # known already where the stream was faster
    ended(trader, reply.client_order_id, OrderStatus.NEW)
    assert len(at_the_exchange(trader, symbol, {reply.client_order_id})) == 1


def test_an_order_that_never_arrived_is_given_up_and_not_sent_again(trader, symbol) -> None:
    fault(trader, symbol, order_timeouts=1)
    name = sent(trader, trader.limit(symbol, Side.BUY, "-0.022"))
    assert ended(trader, name, OrderStatus.REJECTED).reason == NEVER_REACHED
    assert at_the_exchange(trader, symbol, {name}) == []


def test_an_order_refused_by_a_busy_exchange_is_not_there(trader, symbol) -> None:
    fault(trader, symbol, order_errors=1)
    reply = trader.submit(trader.limit(symbol, Side.BUY, "-0.023"))
    assert reply.result is Result.REFUSED
    assert trader.order(reply).status is OrderStatus.REJECTED
    assert at_the_exchange(trader, symbol, {reply.client_order_id}) == []


def test_a_batch_executed_and_never_answered_is_there_once_each(trader, symbol) -> None:
    before = set(trader.store.orders)
    fault(trader, symbol, order_errors_executed=1)
    requests = tuple(trader.limit(symbol, Side.BUY, f"-0.03{digit}") for digit in range(3))
    assert trader.ask(SubmitOrders(requests, reviewed=True)).result is not Result.REFUSED
    names = set(trader.store.orders) - before
    assert len(names) == 3
    for name in names:
        ended(trader, name, OrderStatus.NEW)
    assert sorted(report.client_order_id for report in at_the_exchange(trader, symbol, names)) == sorted(names)


def test_a_cancel_executed_and_never_answered_is_found_out(trader, symbol) -> None:
    reply = trader.submit(trader.limit(symbol, Side.BUY, "-0.024"))
    fault(trader, symbol, order_timeouts_executed=1)
    trader.ask(CancelOrder(reply.client_order_id))
    ended(trader, reply.client_order_id, OrderStatus.CANCELED)


def test_a_cancel_that_never_arrived_is_told_and_can_be_repeated(trader, symbol) -> None:
    reply = trader.submit(trader.limit(symbol, Side.BUY, "-0.025"))
    fault(trader, symbol, order_timeouts=1)
    assert trader.ask(CancelOrder(reply.client_order_id)).result is Result.UNKNOWN
    wait(lambda: any("never reached the exchange" in message.text for message in trader.store.messages))
    assert trader.order(reply).status is OrderStatus.NEW
    assert trader.ask(CancelOrder(reply.client_order_id)).result is Result.DONE


def test_a_change_executed_and_answered_with_an_error_is_made_once(trader, symbol) -> None:
    request = trader.limit(symbol, Side.BUY, "-0.026")
    reply = trader.submit(request)
    fault(trader, symbol, order_errors_executed=1)
    price = request.price - trader.store.instruments[symbol].tick.size * 10
    change = ChangeOrder(reply.client_order_id, OrderChange(price=price), reviewed=True)
    assert trader.ask(change).result is Result.UNKNOWN

    def open_prices():
        return [order.price for order in trader.store.open_orders(symbol) if order.status is OrderStatus.NEW]

    wait(lambda: open_prices() == [price])
    wait(lambda: not any(order.change_requested for order in trader.store.open_orders(symbol)))
    names = {order.client_order_id for order in trader.store.open_orders(symbol)} | {reply.client_order_id}
    open_there = [r for r in at_the_exchange(trader, symbol, names) if not r.status.is_closed]
    assert [report.price for report in open_there] == [price]


def test_a_cut_between_order_and_answer_loses_nothing(trader, symbol) -> None:
    fault(trader, symbol, rest_delay_ms=400)
    name = sent(trader, trader.limit(symbol, Side.BUY, "-0.027"))
    fault(trader, symbol, cut=True)
    fault(trader, symbol, rest_delay_ms=0)
    ended(trader, name, OrderStatus.NEW)
    wait(trader.is_live, timeout=30)
    assert len(at_the_exchange(trader, symbol, {name})) == 1


def test_an_end_lost_on_a_silent_account_stream_is_found_by_comparing(trader, symbol) -> None:
    reply = trader.submit(trader.limit(symbol, Side.BUY, "-0.028"))
    order = trader.order(reply)
    fault(trader, symbol, stall_ms=2_500)

    async def cancel_elsewhere():
        client = trader.client(order.product)
        client.rest.answer_s = 60.0
        try:
            await client.open()
            await client.instruments()
            await client.cancel(order)
        finally:
            await client.close()

    asyncio.run(cancel_elsewhere())
    ended(trader, order.client_order_id, OrderStatus.CANCELED)
    wait(trader.is_live, timeout=30)


def test_all_products_are_meant(trader) -> None:
    assert {product_of(trader, name) for name in SYMBOLS} == set(PRODUCTS)
