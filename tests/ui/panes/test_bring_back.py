"""`u` writes the last order that came to nothing into the command line and sends nothing."""

from dataclasses import replace
from decimal import Decimal as D

import pytest
from fake_desk import NOW_MS, PERP, FakeDesk, order
from market_screen import market_pane, press, said

from tui.domain.order import Order, OrderStatus
from tui.domain.order_terms import OrderType, SelfTradePrevention, Side, Terms, TimeInForce
from tui.ui.command.bring_back import last_ended, line_again

ENDED = OrderStatus.CANCELED


def keep(desk: FakeDesk, *orders: Order) -> None:
    desk.store.orders = {each.client_order_id: each for each in orders}


def test_the_newest_that_came_to_nothing_comes_back() -> None:
    old = order(1, PERP, Side.BUY, "64210.5", "0.100", status=OrderStatus.REJECTED, updated_ms=NOW_MS - 9)
    new = order(2, PERP, Side.SELL, "64217.5", "0.050", status=ENDED, updated_ms=NOW_MS - 5)
    done = order(3, PERP, Side.SELL, "64217.5", "0.050", status=OrderStatus.FILLED, filled=D("0.050"))
    works = order(4, PERP, Side.SELL, "64217.5", "0.050")
    assert last_ended([old, new, done, works]) == new
    assert last_ended([done, works]) is None


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"post_only": True}, "b 0.1 BTCUSDT-PERP @ 64210.5 po"),
        ({"filled": D("0.025")}, "b 0.075 BTCUSDT-PERP @ 64210.5"),
        ({"time_in_force": TimeInForce.IOC, "reduce_only": True}, "b 0.1 BTCUSDT-PERP @ 64210.5 ro ioc"),
        (
            {"type": OrderType.STOP_MARKET, "price": None, "terms": Terms(trigger_price=D("65000.0"))},
            "b 0.1 BTCUSDT-PERP mkt stop 65000",
        ),
        (
            {"terms": Terms(self_trade_prevention=SelfTradePrevention.EXPIRE_MAKER)},
            "b 0.1 BTCUSDT-PERP @ 64210.5",
        ),
        ({"terms": Terms(display_quantity=D("0.010"))}, ""),
        ({"close_position": True}, ""),
    ],
)
def test_a_line_asks_again_for_what_was_not_filled_or_there_is_none(changes: dict[str, object], line: str) -> None:
    asked = order(1, PERP, Side.BUY, "64210.5", "0.100", status=ENDED)
    assert line_again(replace(asked, **changes)) == line  # type: ignore[arg-type]


async def test_the_line_is_open_and_nothing_is_sent(desk: FakeDesk) -> None:
    keep(desk, order(1, PERP, Side.BUY, "64210.5", "0.100", status=ENDED, post_only=True))
    async with market_pane(desk, "orders") as (_, pilot):
        await press(pilot, "u")
        assert said(pilot).startswith(": b 0.1 BTCUSDT-PERP @ 64210.5 po")
        assert desk.orders_sent == []
        await press(pilot, "enter")
        assert [sent.request.price for sent in desk.orders_sent] == [D("64210.5")]


@pytest.mark.parametrize("terms", [None, Terms(display_quantity=D("0.010"))])
async def test_it_is_said_why_nothing_comes_back(desk: FakeDesk, terms: Terms | None) -> None:
    keep(desk, replace(order(1, PERP, Side.BUY, "64210.5", "0.100"), status=ENDED, terms=terms or Terms()))
    if terms is None:
        keep(desk)
    async with market_pane(desk, "ladder") as (_, pilot):
        await press(pilot, "u")
        assert "nothing to bring back: no" in said(pilot)


def test_numbers_of_the_exchange_come_back_as_one_would_type_them() -> None:
    told = order(1, PERP, Side.SELL, "90900.00000000", "20.00000000", status=ENDED, filled=D("5.00000000"))
    assert line_again(told) == "s 15 BTCUSDT-PERP @ 90900"
