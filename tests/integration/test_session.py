"""A whole session over real sockets: the engine's thread, the wire, and the exchange as a process that dies."""

import json
import time
import urllib.request
from decimal import Decimal

import pytest
from exchange_process import ExchangeProcess

from tui.binance.environment import ProductUrls
from tui.binance.products import open_client
from tui.binance.signing import Credentials, signer_for
from tui.config import Settings
from tui.domain.order import OrderChange, OrderRequest, OrderStatus, OrderType, Side, Terms
from tui.domain.product import Product
from tui.engine.commands import CancelOrder, ChangeOrder, ClosePosition, FocusSymbol, Origin, Result, SubmitOrder
from tui.engine.runtime import Runtime
from tui.engine.store import Link, Session

D = Decimal
PRODUCTS = (Product.SPOT, Product.USDM, Product.COINM)
SYMBOLS = ["BTCUSDT", "BTCUSDT-PERP", "BTCUSD-PERP"]
DEPTH = {"BTCUSDT": "/api/v3/depth", "BTCUSDT-PERP": "/fapi/v1/depth", "BTCUSD-PERP": "/dapi/v1/depth"}
SIZES = {"BTCUSDT": D("0.01"), "BTCUSDT-PERP": D("0.01"), "BTCUSD-PERP": D(1)}


def wait(condition, timeout=15.0):
    deadline = time.monotonic() + timeout
    while not (met := condition()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)
    return met


class Trader:
    """What a screen would do, in words."""

    def __init__(self, exchange: ExchangeProcess, journal) -> None:
        key = next(key for key in exchange.ready["keys"] if key["type"] == "HMAC")
        credentials = Credentials(key["api_key"], signer_for(key["api_secret"]))
        addresses = {product: ProductUrls(**exchange.ready[product.value]) for product in PRODUCTS}
        factories = [lambda p=p: open_client(p, addresses[p], credentials) for p in PRODUCTS]
        self.exchange = exchange
        self.runtime = Runtime(factories, Settings(), Session("demo", "main", False, False), journal)
        self.store = self.runtime.store

    def ask(self, command):
        number = self.runtime.send(command, Origin.COMMAND_LINE)
        taken = []
        wait(lambda: taken.extend(self.runtime.replies()) or any(one.command_id == number for one in taken))
        return next(one for one in taken if one.command_id == number)

    def focus(self, symbol):
        assert self.ask(FocusSymbol(symbol)).result is Result.DONE
        wait(lambda: self.store.market(symbol).book.is_live and self.is_live())

    def is_live(self) -> bool:
        links = [self.store.links.get(product) for product in PRODUCTS]
        return all(link is not None and link.market is link.user is Link.LIVE for link in links)

    def limit(self, symbol, side, away="0"):
        """A small limit order some way from the middle of the book."""
        instrument, view = self.store.instruments[symbol], self.store.market(symbol).book.view(1)
        middle = instrument.tick.value(view.best_bid + view.best_ask) / 2
        price = instrument.tick.round(middle * (1 + D(away)))
        return OrderRequest(symbol, side, OrderType.LIMIT, SIZES[symbol], price)

    def submit(self, request):
        return self.ask(SubmitOrder(request, reviewed=True))

    def order(self, reply):
        return self.store.orders[reply.client_order_id]

    def same_books(self, symbol) -> bool:
        """Whether the book kept from diffs equals the exchange's own at the moment of a snapshot."""
        instrument = self.store.instruments[symbol]
        address = self.exchange.ready[instrument.product.value]["rest"] + DEPTH[symbol]
        with urllib.request.urlopen(f"{address}?symbol={instrument.native}&limit=100") as answer:
            said = json.load(answer)
        for _ in range(200):
            view = self.store.market(symbol).book.view(100)
            if view.update_id >= said["lastUpdateId"]:
                break
            time.sleep(0.002)
        if view.update_id != said["lastUpdateId"]:
            return False
        for side, levels in (("bids", view.bids), ("asks", view.asks)):
            assert [(instrument.tick.count(p), instrument.step.count(q)) for p, q in said[side]] == list(levels)
        return True


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
