"""Brackets, lists and hedge mode over real sockets, against the exchange's own record."""

import time
from dataclasses import replace
from decimal import Decimal

import pytest
from exchange_process import ExchangeProcess
from trader import SIZES, Trader, wait

from tui.config import Limits, Settings
from tui.domain.order import LegRole, OrderChange, OrderListRequest, OrderRequest, OrderStatus
from tui.domain.order_terms import OrderType, PositionSide, Side, Terms
from tui.domain.product import Product
from tui.engine.commands.account import SetHedgeMode
from tui.engine.commands.answers import Result
from tui.engine.commands.orders import (
    CancelEntries,
    CancelOrder,
    ClosePosition,
    Flatten,
    Protect,
    ReversePosition,
    SetCountdown,
    SubmitOrderList,
)
from tui.engine.orders.floor import Patience

D = Decimal
QUICK = Patience(delays_s=(0.1,), denials=3, window_ms=1_000)
FUTURES = ["BTCUSDT-PERP", "BTCUSD-PERP"]


class Place:
    """An exchange with one journal, and the program that trades on it, which can be started anew."""

    def __init__(self, folder) -> None:
        self.exchange = ExchangeProcess(folder / "exchange.sqlite", roomy=True)
        self.journal = folder / "journal.sqlite"
        self.begin()

    def begin(self) -> None:
        settings = Settings(limits=Limits(duplicate_window_ms=0))
        self.trader = Trader(self.exchange, self.journal, settings=settings, patience=QUICK)
        self.trader.runtime.start()
        self.trader.wait_for_focus()

    def open_there(self, symbol):
        """What the exchange lists as open, asked for by a client of its own."""

        async def ask(client):
            return [report for report in await client.open_orders() if report.symbol == symbol]

        return self.trader.outside(symbol, ask)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    one = Place(tmp_path_factory.mktemp("dependent"))
    yield one
    assert one.trader.runtime.stop()
    one.exchange.kill()


@pytest.fixture(autouse=True)
def clean(place):
    yield
    place.trader.ask(CancelEntries(None, include_protective=True))
    if place.trader.store.positions:
        place.trader.ask(Flatten(reviewed=True))
        wait(lambda: not place.trader.store.positions)
    place.trader.ask(CancelEntries(None, include_protective=True))


def bracket(trader, symbol, away):
    """A long entry with a stop 3 % below and a target 3 % above the middle."""
    entry, instrument = trader.limit(symbol, Side.BUY, away), trader.store.instruments[symbol]
    low, high = trader.limit(symbol, Side.SELL, "-0.03").price, trader.limit(symbol, Side.SELL, "0.03").price
    size = entry.quantity
    stop_type = OrderType.STOP_MARKET if instrument.product.is_futures else OrderType.STOP_LIMIT
    stop_price = None if instrument.product.is_futures else low - instrument.tick.size * 10
    stop = OrderRequest(symbol, Side.SELL, stop_type, size, stop_price, terms=Terms(trigger_price=low))
    return OrderListRequest(entry, (OrderRequest(symbol, Side.SELL, OrderType.LIMIT, size, high), stop))


def exits(place, symbol):
    """The exits that the exchange holds: by order id where it is in the book, by number where it waits."""
    found = place.open_there(symbol)
    return sorted(report.type.value for report in found)


@pytest.mark.parametrize("symbol", FUTURES)
def test_a_bracket_is_placed_with_its_fill_and_goes_with_its_position(place, symbol) -> None:
    trader = place.trader
    trader.focus(symbol)
    reply = trader.ask(SubmitOrderList(bracket(trader, symbol, "0.01"), reviewed=True))
    assert reply.result is Result.DONE, reply.text
    assert "app-managed" in reply.text
    wait(lambda: len(trader.store.open_orders(symbol)) == 2)
    wait(lambda: exits(place, symbol) == ["LIMIT", "STOP_MARKET"])
    roles = {order.role: order for order in trader.store.open_orders(symbol)}
    assert roles[LegRole.STOP_LOSS].close_position
    assert roles[LegRole.TAKE_PROFIT].reduce_only
    assert trader.ask(ClosePosition(symbol, reviewed=True)).result is Result.DONE
    wait(lambda: exits(place, symbol) == [])
    wait(lambda: trader.store.open_orders(symbol) == [])


@pytest.mark.parametrize("symbol", FUTURES)
def test_an_entry_that_filled_while_the_program_was_dead_is_protected_at_its_next_start(place, symbol) -> None:
    trader = place.trader
    trader.focus(symbol)
    reply = trader.ask(SubmitOrderList(bracket(trader, symbol, "-0.02"), reviewed=True))
    entry = wait(lambda: (order := trader.store.orders[reply.client_order_id]).order_id and order)
    through = trader.limit(symbol, Side.BUY, "0.01").price
    assert trader.runtime.stop()

    async def fill_it(client):
        await client.change(entry, OrderChange(price=through), "")

    place.trader.outside(symbol, fill_it)
    assert exits(place, symbol) == []
    place.begin()
    wait(lambda: exits(place, symbol) == ["LIMIT", "STOP_MARKET"])
    groups = {order.group for order in place.trader.store.open_orders(symbol)}
    assert groups == {entry.group}


@pytest.mark.parametrize("symbol", FUTURES)
def test_a_target_that_trades_takes_the_stop_away(place, symbol) -> None:
    trader = place.trader
    trader.focus(symbol)
    trader.ask(SubmitOrderList(bracket(trader, symbol, "0.01"), reviewed=True))
    target = wait(
        lambda: [
            order for order in trader.store.open_orders(symbol) if order.role is LegRole.TAKE_PROFIT and order.order_id
        ]
    )[0]
    through = trader.limit(symbol, Side.SELL, "-0.01").price

    async def fill_it(client):
        await client.change(target, OrderChange(price=through), "")

    place.trader.outside(symbol, fill_it)
    wait(lambda: trader.store.orders[target.client_order_id].status is OrderStatus.FILLED)
    wait(lambda: exits(place, symbol) == [])
    wait(lambda: symbol not in trader.store.positions)


@pytest.mark.parametrize("symbol", FUTURES)
def test_a_position_is_protected_moved_and_turned_round(place, symbol) -> None:
    trader = place.trader
    trader.focus(symbol)
    trader.submit(OrderRequest(symbol, Side.BUY, OrderType.MARKET, SIZES[symbol]))
    wait(lambda: trader.store.positions.get(symbol))
    low = trader.limit(symbol, Side.SELL, "-0.03").price
    assert trader.ask(Protect(symbol, stop_price=low, reviewed=True)).result is Result.DONE
    wait(lambda: exits(place, symbol) == ["STOP_MARKET"])
    higher = low + trader.store.instruments[symbol].tick.size * 100
    moved = trader.ask(Protect(symbol, stop_price=higher, reviewed=True))
    assert moved.result is Result.DONE, moved.text
    wait(lambda: [report.terms.trigger_price for report in place.open_there(symbol)] == [higher])
    assert trader.ask(Protect(symbol, stop_price=D(0), reviewed=True)).result is Result.DONE
    wait(lambda: exits(place, symbol) == [])
    turned = trader.ask(ReversePosition(symbol, reviewed=True))
    assert turned.result is Result.DONE, turned.text
    wait(lambda: (held := trader.store.positions.get(symbol)) and held.quantity == -SIZES[symbol])


def test_a_spot_bracket_is_held_by_the_exchange_and_goes_as_a_whole(place) -> None:
    trader = place.trader
    trader.focus("BTCUSDT")
    reply = trader.ask(SubmitOrderList(bracket(trader, "BTCUSDT", "-0.02"), reviewed=True))
    assert reply.result is Result.DONE, reply.text
    orders = wait(lambda: len(found := trader.store.open_orders("BTCUSDT")) == 3 and found)
    assert {order.role for order in orders} == {LegRole.ENTRY, LegRole.TAKE_PROFIT, LegRole.STOP_LOSS}
    assert sum(order.awaits_entry for order in orders) == 2
    assert trader.ask(CancelOrder(reply.client_order_id)).result is Result.DONE
    wait(lambda: trader.store.open_orders("BTCUSDT") == [])
    assert place.open_there("BTCUSDT") == []


def test_what_a_cancelled_spot_entry_had_bought_keeps_its_exits(place) -> None:
    """The exchange drops the exits of a list with an entry that has filled in part."""
    trader, symbol = place.trader, "BTCUSDT"
    trader.focus(symbol)
    instrument, asked = trader.store.instruments[symbol], bracket(trader, symbol, "0")
    for _ in range(20):
        [(price, lots)] = wait(lambda: [ask for ask in trader.store.market(symbol).book.view(1).asks if ask[1] > 100])
        size = instrument.step.value(lots) + D("0.3")
        entry = replace(asked.entry, price=instrument.tick.value(price), quantity=size)
        legs = tuple(replace(leg, quantity=size) for leg in asked.legs)
        reply = trader.ask(SubmitOrderList(OrderListRequest(entry, legs), reviewed=True))
        assert reply.result is Result.DONE, reply.text
        trader.ask(CancelOrder(reply.client_order_id))
        wait(lambda name=reply.client_order_id: trader.store.orders[name].status.is_closed)
        bought = trader.order(reply).filled
        if 0 < bought < size:
            break
        trader.ask(CancelEntries(symbol, include_protective=True))
    assert 0 < bought < size, "was never filled in part"
    exits = wait(lambda: len(found := trader.store.open_orders(symbol)) == 2 and found)
    assert {order.role for order in exits} == {LegRole.STOP_LOSS, LegRole.TAKE_PROFIT}
    assert all(bought * D("0.99") - instrument.step.size <= order.quantity <= bought for order in exits)
    wait(lambda: sorted(report.quantity for report in place.open_there(symbol)) == [exits[0].quantity] * 2)


def test_two_spot_exits_of_which_one_is_cancelled_are_both_gone(place) -> None:
    trader = place.trader
    trader.focus("BTCUSDT")
    legs = bracket(trader, "BTCUSDT", "0").legs
    reply = trader.ask(SubmitOrderList(OrderListRequest(None, legs), reviewed=True))
    assert reply.result is Result.DONE, reply.text
    orders = wait(lambda: len(found := trader.store.open_orders("BTCUSDT")) == 2 and found)
    trader.ask(CancelOrder(orders[0].client_order_id))
    wait(lambda: trader.store.open_orders("BTCUSDT") == [])


def test_the_exchange_cancels_what_a_program_leaves_behind_that_no_longer_feeds_its_countdown(
    place, monkeypatch
) -> None:
    monkeypatch.setattr("tui.engine.orders.countdown._SHORTEST_MS", 1)
    trader, symbol = place.trader, "BTCUSDT-PERP"
    trader.focus(symbol)
    working = trader.submit(trader.limit(symbol, Side.BUY, "-0.02"))
    assert trader.ask(SetCountdown(symbol, 800)).result is Result.DONE
    time.sleep(1.2)
    assert trader.order(working).status is OrderStatus.NEW, "a countdown that is fed cancels nothing"
    assert trader.runtime.stop()
    wait(lambda: place.open_there(symbol) == [])
    place.begin()
    wait(place.trader.is_live)
    wait(lambda: place.trader.store.orders[working.client_order_id].status is OrderStatus.CANCELED)


def test_long_and_short_are_held_and_closed_apart_in_hedge_mode(place) -> None:
    trader, symbol = place.trader, "BTCUSDT-PERP"
    trader.focus(symbol)
    assert trader.ask(SetHedgeMode(Product.USDM, True, reviewed=True)).result is Result.DONE
    wait(lambda: Product.USDM in trader.store.hedge_modes)
    try:
        for side in (Side.BUY, Side.SELL):
            sent = trader.submit(OrderRequest(symbol, side, OrderType.MARKET, SIZES[symbol]))
            assert sent.result is Result.DONE, sent.text
        wait(lambda: set(trader.store.positions) == {f"{symbol}-LONG", f"{symbol}-SHORT"})
        unclear = trader.ask(ClosePosition(symbol, reviewed=True))
        assert unclear.refusal.rule == "position-side"
        closed = trader.ask(ClosePosition(symbol, reviewed=True, position_side=PositionSide.SHORT))
        assert closed.result is Result.DONE, closed.text
        wait(lambda: set(trader.store.positions) == {f"{symbol}-LONG"})
        low = trader.limit(symbol, Side.SELL, "-0.03").price
        guarded = trader.ask(Protect(symbol, stop_price=low, position_side=PositionSide.LONG, reviewed=True))
        assert guarded.result is Result.DONE, guarded.text
        assert [report.terms.position_side for report in place.open_there(symbol)] == [PositionSide.LONG]
    finally:
        trader.ask(CancelEntries(None, include_protective=True))
        trader.ask(Flatten(reviewed=True))
        wait(lambda: not trader.store.positions)
        wait(lambda: trader.ask(SetHedgeMode(Product.USDM, False, reviewed=True)).result is Result.DONE)
        wait(lambda: Product.USDM not in trader.store.hedge_modes)
