"""A whole session over real sockets: the engine's thread, the wire, and the exchange as a process that dies."""

from decimal import Decimal

import pytest
from exchange_process import ExchangeProcess
from trader import SIZES, SYMBOLS, Trader, wait

from tui.domain.order import OrderChange, OrderRequest, OrderStatus
from tui.domain.order_terms import OrderType, Side, Terms
from tui.domain.product import Product
from tui.engine.commands.answers import Result
from tui.engine.commands.orders import CancelOrder, ChangeOrder, ClosePosition
from tui.engine.store import Link

D = Decimal


@pytest.fixture
def exchange(tmp_path):
    process = ExchangeProcess(tmp_path / "exchange.sqlite")
    yield process
    process.kill()


@pytest.fixture
def trader(exchange, tmp_path):
    one = Trader(exchange, tmp_path / "journal.sqlite")
    one.runtime.start()
    wait(lambda: one.store.focus)
    yield one
    assert one.runtime.stop()


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_the_book_on_the_screen_is_the_exchanges_book(trader, symbol) -> None:
    trader.focus(symbol)
    equal = 0
    for _ in range(100):
        equal += trader.same_books(symbol)
        if equal == 5:
            return
    raise AssertionError(f"compared {equal} times only")


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_an_order_works_is_cancelled_and_another_is_filled(trader, symbol) -> None:
    trader.focus(symbol)
    working = trader.submit(trader.limit(symbol, Side.BUY, "-0.02"))
    assert trader.order(working).status is OrderStatus.NEW
    assert trader.ask(CancelOrder(working.client_order_id)).result is Result.DONE
    assert trader.order(working).status is OrderStatus.CANCELED
    taken = trader.submit(trader.limit(symbol, Side.BUY, "0.02"))
    wait(lambda: trader.order(taken).status is OrderStatus.FILLED)
    order = trader.order(taken)
    fills = wait(lambda: [fill for fill in trader.store.fills if fill.order_id == order.order_id])
    wait(lambda: sum(fill.quantity for fill in trader.store.fills if fill.order_id == order.order_id) == SIZES[symbol])
    assert {fill.symbol for fill in fills} == {symbol}


@pytest.mark.parametrize("symbol", SYMBOLS[1:])
def test_a_position_opens_is_protected_and_closes(trader, symbol) -> None:
    trader.focus(symbol)
    size, instrument = SIZES[symbol] * 2, trader.store.instruments[symbol]
    trader.submit(OrderRequest(symbol, Side.SELL, OrderType.MARKET, size))
    position = wait(lambda: trader.store.positions.get(symbol))
    assert position.quantity == -size
    trigger = instrument.tick.round(position.entry_price * D("1.02"))
    stop = OrderRequest(symbol, Side.BUY, OrderType.STOP_MARKET, size, reduce_only=True, terms=Terms(trigger))
    waiting = trader.submit(stop)
    order = wait(lambda: (held := trader.order(waiting)).algo_id and held)
    assert (order.status, order.order_id, order.is_protective) == (OrderStatus.NEW, None, True)
    moved = trader.ask(ChangeOrder(order.client_order_id, OrderChange(trigger_price=trigger + 100), reviewed=True))
    assert moved.result is Result.DONE
    assert [one.trigger_price for one in trader.store.open_orders()] == [trigger + 100]
    (left,) = trader.store.open_orders()
    assert trader.ask(CancelOrder(left.client_order_id)).result is Result.DONE
    assert trader.ask(ClosePosition(symbol, reviewed=True)).result is Result.DONE
    wait(lambda: symbol not in trader.store.positions)
    assert trader.store.open_orders() == []


def test_a_dead_exchange_is_seen_refused_and_recovered_from(trader, exchange) -> None:
    trader.focus("BTCUSDT")
    request = trader.limit("BTCUSDT", Side.BUY, "-0.02")
    exchange.kill()
    wait(lambda: trader.store.links[Product.SPOT].market in (Link.DOWN, Link.STALE))
    assert trader.store.market("BTCUSDT").book.view(1).bids == ()
    refused = trader.submit(request)
    assert (refused.result, refused.refusal.rule) == (Result.REFUSED, "stale-market")
    exchange.start()
    wait(trader.is_live)
    wait(lambda: trader.store.market("BTCUSDT").book.is_live)
    working = trader.submit(trader.limit("BTCUSDT", Side.BUY, "-0.02"))
    assert trader.order(working).status is OrderStatus.NEW


def test_an_order_outlives_the_program_that_placed_it(trader, exchange, tmp_path) -> None:
    trader.focus("BTCUSDT")
    placed = trader.submit(trader.limit("BTCUSDT", Side.BUY, "-0.02"))
    assert trader.runtime.stop()
    again = Trader(exchange, tmp_path / "journal.sqlite")
    again.runtime.start()
    try:
        wait(again.is_live)
        assert [order.client_order_id for order in again.store.open_orders()] == [placed.client_order_id]
        assert not again.order(placed).is_foreign
    finally:
        assert again.runtime.stop()
