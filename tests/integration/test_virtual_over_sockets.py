"""Virtual positions over real sockets, against the exchange's own record of positions, orders and profit."""

import time
from dataclasses import replace
from decimal import Decimal

import pytest
from exchange_process import ExchangeProcess
from trader import SIZES, Trader, wait

from tui.config import ExecutionOptions, Limits, Settings
from tui.domain.order import LegRole, OrderListRequest, OrderRequest, order_from_request
from tui.domain.order_terms import OrderType, PositionSide, Side, Terms
from tui.domain.product import Product
from tui.engine.commands.answers import Result
from tui.engine.commands.orders import ClosePosition, Flatten, Protect, SubmitOrderList
from tui.engine.journal import Journal

D = Decimal
LONG, SHORT = PositionSide.LONG, PositionSide.SHORT
SETTINGS = Settings(limits=Limits(duplicate_window_ms=0), execution=ExecutionOptions(use_position_ids=False))
PRODUCTS = (Product.USDM, Product.COINM)
SYMBOLS = ("BTCUSDT-PERP", "BTCUSD-PERP")


class Place:
    """An exchange with one journal, and the program that trades on it, which can be started anew."""

    def __init__(self, folder) -> None:
        self.exchange = ExchangeProcess(folder / "exchange.sqlite", roomy=True)
        self.journal = folder / "journal.sqlite"
        self.begin()

    def begin(self) -> None:
        self.trader = Trader(self.exchange, self.journal, settings=SETTINGS, products=PRODUCTS)
        self.trader.runtime.start()
        self.trader.wait_for_focus()
        wait(lambda: self.trader.is_live() and all(one in self.trader.store.instruments for one in SYMBOLS), 30)

    def net_there(self, symbol) -> Decimal:
        async def ask(client):
            return sum((one.quantity for one in (await client.account()).positions if one.symbol == symbol), D(0))

        return self.trader.outside(symbol, ask)

    def open_there(self, symbol):
        async def ask(client):
            return [report for report in await client.open_orders() if report.symbol == symbol]

        return self.trader.outside(symbol, ask)

    def phone(self, symbol, side, quantity) -> None:
        """An order of another program."""
        product = self.trader.store.instruments[symbol].product
        request = OrderRequest(symbol, side, OrderType.MARKET, quantity)
        order = order_from_request(request, product, f"phone-{time.time_ns()}", 0)
        self.trader.outside(symbol, lambda client: client.place(order))

    def realised_there(self, symbol) -> Decimal:
        async def ask(client):
            rows = await client.futures.income(0, "REALIZED_PNL")
            return sum((row.amount for row in rows if row.symbol == symbol), D(0))

        return self.trader.outside(symbol, ask)

    def rows(self, symbol) -> dict[str, Decimal]:
        held = self.trader.store.virtual.copy().values()
        return {one.key.removeprefix(f"{symbol}-"): one.quantity for one in held if one.symbol == symbol}

    def market(self, symbol, side, position_side, units):
        terms = Terms(position_side=position_side)
        request = OrderRequest(symbol, side, OrderType.MARKET, SIZES[symbol] * units, terms=terms)
        return self.trader.submit(request)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    there = Place(tmp_path_factory.mktemp("virtual"))
    yield there
    there.trader.runtime.stop()
    there.exchange.kill()


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_virtual_positions_live_over_one_net_position_to_the_last_coin(place, symbol) -> None:
    unit = SIZES[symbol]
    place.trader.focus(symbol)
    assert place.market(symbol, Side.BUY, LONG, 3).result is Result.DONE
    assert place.market(symbol, Side.SELL, SHORT, 1).result is Result.DONE
    wait(lambda: place.rows(symbol) == {"LONG": 3 * unit, "SHORT": -unit})
    assert place.net_there(symbol) == 2 * unit

    # A bracket of the short: what closes it buys, and no order says reduce-only where the net is long.
    view = place.trader.store.market(symbol).book.view(1)
    tick = place.trader.store.instruments[symbol].tick
    bid = tick.value(view.best_bid)
    entry = OrderRequest(symbol, Side.SELL, OrderType.MARKET, unit, terms=Terms(position_side=SHORT))
    legs = (
        OrderRequest(symbol, Side.BUY, OrderType.LIMIT, unit, tick.round(bid * D("0.98"))),
        OrderRequest(
            symbol, Side.BUY, OrderType.STOP_MARKET, unit, terms=Terms(trigger_price=tick.round(bid * D("1.05")))
        ),
    )
    reply = place.trader.ask(SubmitOrderList(OrderListRequest(entry, legs), True))
    assert reply.result is Result.DONE, reply.text
    wait(lambda: len(place.open_there(symbol)) == 2)
    assert not any(report.reduce_only or report.close_position for report in place.open_there(symbol))
    wait(lambda: place.rows(symbol) == {"LONG": 3 * unit, "SHORT": -2 * unit})

    # A stop for the long goes with the long.
    stop = tick.round(bid * D("0.95"))
    assert place.trader.ask(Protect(symbol, stop_price=stop, position_side=LONG, reviewed=True)).result is Result.DONE
    close = ClosePosition(symbol, D(1), reviewed=True, position_side=LONG)
    assert place.trader.ask(close).result is Result.DONE
    wait(lambda: place.rows(symbol) == {"SHORT": -2 * unit})
    wait(lambda: len(place.open_there(symbol)) == 2)
    assert place.net_there(symbol) == -2 * unit

    # Closing the short by hand leaves half of the bracket nothing to do, then all of it.
    half = ClosePosition(symbol, D("0.5"), reviewed=True, position_side=SHORT)
    assert place.trader.ask(half).result is Result.DONE
    wait(lambda: place.rows(symbol) == {"SHORT": -unit})

    # Orders of the phone belong to nobody here.
    place.phone(symbol, Side.BUY, 3 * unit)
    wait(lambda: place.rows(symbol) == {"SHORT": -unit, "UNASSIGNED": 3 * unit})

    # The program ends, the phone trades on, and the program finds all of it again.
    place.trader.runtime.stop()
    place.phone(symbol, Side.SELL, unit)
    place.begin()
    place.trader.focus(symbol)
    wait(lambda: place.rows(symbol) == {"SHORT": -unit, "UNASSIGNED": 2 * unit})
    assert sum(place.rows(symbol).values()) == place.net_there(symbol)
    assert len([o for o in place.trader.store.open_orders(symbol) if o.role is LegRole.STOP_LOSS]) == 1

    # Out of everything: one order there, and nothing is left here or there.
    assert place.trader.ask(Flatten(reviewed=True)).result is Result.DONE
    wait(lambda: place.rows(symbol) == {})
    assert place.net_there(symbol) == 0
    wait(lambda: place.open_there(symbol) == [])
    with Journal(place.journal, "demo", "main", place.trader.runtime._clock) as journal:
        kept = next(one for one in journal.virtual() if one.symbol == symbol)
    size = place.trader.store.instruments[symbol].contract_size or D(1)
    realised = (kept.long.realized + kept.short.realized + kept.unassigned.realized) * size
    assert abs(realised - place.realised_there(symbol)) < D("0.0000001")


def test_an_order_for_a_virtual_position_never_tells_the_exchange_of_it(place) -> None:
    symbol = "BTCUSDT-PERP"
    place.trader.focus(symbol)
    request = place.trader.limit(symbol, Side.BUY, "-0.03")
    reply = place.trader.submit(replace(request, terms=Terms(position_side=LONG)))
    assert reply.result is Result.DONE, reply.text
    (there,) = place.open_there(symbol)
    assert there.terms.position_side is PositionSide.BOTH
    assert place.trader.order(reply).position_side is LONG
