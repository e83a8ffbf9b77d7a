"""Spot, cross and isolated margin in one session over real sockets: money moved, borrowed, traded, kept apart."""

from decimal import Decimal

import pytest
from exchange_process import ExchangeProcess
from trader import wait

from tui.binance.products import open_client
from tui.cli.places import place_of_demo
from tui.config import Settings
from tui.domain.order import LegRole, OrderListRequest, OrderRequest, OrderStatus
from tui.domain.order_terms import OrderType, Side, Terms
from tui.domain.product import Product
from tui.engine.commands import Origin
from tui.engine.commands.account import Borrow, Repay, Transfer
from tui.engine.commands.answers import Result
from tui.engine.commands.orders import CancelEntries, SubmitOrder, SubmitOrderList
from tui.engine.commands.views import FocusSymbol
from tui.engine.runtime import Runtime
from tui.engine.store import Link, Session

D = Decimal
PRODUCTS = (Product.SPOT, Product.MARGIN, Product.ISOLATED_MARGIN)
CROSS_USDT = (Product.MARGIN, "USDT")


class Desk:
    """What a screen would do, in words."""

    def __init__(self, place, journal) -> None:
        factories = [
            lambda product=product: open_client(product, place.urls[product], place.credentials[product])
            for product in place.urls
        ]
        self.runtime = Runtime(factories, Settings(), Session("demo", "main", False, False), journal)
        self.store = self.runtime.store

    def ask(self, command):
        number = self.runtime.send(command, Origin.COMMAND_LINE)
        taken = []
        wait(lambda: taken.extend(self.runtime.replies()) or any(one.command_id == number for one in taken))
        return next(one for one in taken if one.command_id == number)

    def focus(self, symbol):
        assert self.ask(FocusSymbol(symbol)).result is Result.DONE
        wait(lambda: self.store.market(symbol).book.is_live)

    def price(self, symbol, away):
        view, instrument = self.store.market(symbol).book.view(1), self.store.instruments[symbol]
        return instrument.tick.round(instrument.tick.value(view.best_bid) * (100 + D(away)) / 100)

    def owed(self):
        return self.store.balances[CROSS_USDT].borrowed if CROSS_USDT in self.store.balances else D(0)


@pytest.fixture
def desk(tmp_path):
    exchange = ExchangeProcess(tmp_path / "exchange.sqlite")
    one = Desk(place_of_demo(exchange.ready, "demo", PRODUCTS), tmp_path / "journal.sqlite")
    one.runtime.start()
    try:
        wait(lambda: one.store.focus)
        wait(lambda: [one.store.links[each].user for each in PRODUCTS] == [Link.LIVE] * 3)
        yield one
    finally:
        assert one.runtime.stop()
        exchange.kill()


def test_spot_and_margin_side_by_side(desk) -> None:
    store = desk.store
    assert {"BTCUSDT", "BTCUSDT-X", "BTCUSDT-I"} <= store.instruments.keys()
    refused = desk.ask(Transfer("USDT", D(3_000), into_margin=True))
    assert (refused.result, refused.refusal.rule) == (Result.REFUSED, "review")
    assert desk.ask(Transfer("USDT", D(3_000), into_margin=True, reviewed=True)).result is Result.DONE
    wait(lambda: CROSS_USDT in store.balances and store.balances[CROSS_USDT].free == 3_000)
    assert desk.ask(Borrow("USDT", D(1_000), reviewed=True)).result is Result.DONE
    wait(lambda: desk.owed() == 1_000)
    level = wait(lambda: store.margin_levels.get((Product.MARGIN, "")))
    wait(lambda: store.margin_levels[Product.MARGIN, ""].level)
    assert level.asset == "BTC"

    desk.focus("BTCUSDT-X")
    bought = desk.ask(SubmitOrder(OrderRequest("BTCUSDT-X", Side.BUY, OrderType.MARKET, D("0.01")), reviewed=True))
    assert bought.result is Result.DONE
    order = wait(lambda: (one := store.orders[bought.client_order_id]).status is OrderStatus.FILLED and one)
    assert order.product is Product.MARGIN
    wait(lambda: {fill.symbol for fill in store.fills if fill.order_id == order.order_id} == {"BTCUSDT-X"})

    legs = (
        OrderRequest("BTCUSDT-X", Side.SELL, OrderType.LIMIT, D("0.005"), desk.price("BTCUSDT-X", 3)),
        OrderRequest("BTCUSDT-X", Side.SELL, OrderType.STOP_MARKET, D("0.005"),
                     terms=Terms(trigger_price=desk.price("BTCUSDT-X", -3))),
    )  # fmt: skip
    placed = desk.ask(SubmitOrderList(OrderListRequest(None, legs), reviewed=True))
    assert placed.result is Result.DONE
    wait(lambda: len(store.open_orders("BTCUSDT-X")) == 2)
    assert {one.role for one in store.open_orders("BTCUSDT-X")} == {LegRole.TAKE_PROFIT, LegRole.STOP_LOSS}
    assert len({one.list_id for one in store.open_orders("BTCUSDT-X")}) == 1
    assert store.open_orders("BTCUSDT") == store.open_orders("BTCUSDT-I") == []
    gone = desk.ask(CancelEntries("BTCUSDT-X", include_protective=True))
    assert (gone.result, gone.text) == (Result.DONE, "2 of 2 orders canceled")
    wait(lambda: not store.open_orders("BTCUSDT-X"))

    assert desk.ask(Repay("USDT", D(1_000), reviewed=True)).result is Result.DONE
    wait(lambda: desk.owed() < 1)
    no_pair = desk.ask(Borrow("USDT", D(1), "BTCUSDT-I", reviewed=True))
    assert no_pair.result is Result.REFUSED
