"""The panes of orders and money in every state they can be in, as text that a person has looked at.

`pytest --snapshot-update` writes them anew; look at the difference before it is kept.
"""

from dataclasses import replace
from decimal import Decimal as D

import fake_desk
import pytest
from fake_desk import NOW_MS, PERP, FakeDesk
from market_screen import market_pane
from pane_states import LARGE, SMALL, STATES
from syrupy.assertion import SnapshotAssertion

from tui.domain.account import Position
from tui.domain.order_terms import OrderType, PositionSide, Side, Terms
from tui.domain.product import Product
from tui.engine.store import Link
from tui.ui.lines import fit, plain

#: Pane, width and height; as large as it takes to see everything once.
SIZES = {
    "ticket": (50, 16),
    "orders": (130, 9),
    "positions": (130, 6),
    "fills": (100, 7),
    "account": (50, 10),
    "messages": (100, 7),
    "alerts": (90, 5),
    "algos": (100, 5),
}


def trading(state: str) -> FakeDesk:
    """The desk of a state, whose account trades what the state is about."""
    desk = STATES[state]()
    if state == "stale":
        health = desk.store.links[Product.USDM]
        desk.store.links[Product.USDM] = replace(health, user=Link.STALE)
    elif state == "hedge_mode":
        long = Terms(position_side=PositionSide.LONG)
        close = fake_desk.order(6, PERP, Side.SELL, "64300.0", "0.100", terms=long)
        desk.store.orders[close.client_order_id] = close
    elif state == "sub_cent_coin":
        trade(desk, SMALL, "0.00001340", "12500000", "0.00001290")
    elif state == "eight_digit_price":
        trade(desk, LARGE, "12345678.9", "0.12345", "12000000.0")
    return desk


def trade(desk: FakeDesk, symbol: str, price: str, quantity: str, stop: str) -> None:
    """An entry, its stop, a fill and a position of one symbol."""
    product = desk.store.instruments[symbol].product
    entry = fake_desk.order(6, PERP, Side.BUY, price, quantity, post_only=True)
    exit_ = fake_desk.order(
        7, PERP, Side.SELL, "", quantity, type=OrderType.STOP_MARKET, terms=Terms(trigger_price=D(stop))
    )
    orders = [replace(each, symbol=symbol, product=product) for each in (entry, exit_)]
    desk.store.orders |= {each.client_order_id: each for each in orders}
    desk.store.fills.appendleft(
        replace(desk.store.fills[0], symbol=symbol, product=product, price=D(price), quantity=D(quantity))
    )
    desk.store.positions[symbol] = Position(
        product, symbol, D(quantity), D(price), NOW_MS - 60_000, mark_price=D(price), leverage=5, margin=D(30)
    )


@pytest.mark.parametrize("state", STATES)
async def test_the_trading_panes_look_as_they_were_looked_at(state: str, snapshot: SnapshotAssertion) -> None:
    async with market_pane(trading(state), "orders") as (_, pilot):
        drawn = []
        for name, (width, height) in SIZES.items():
            pane = pilot.app.panes[name]
            lines = [plain(fit(line, width)) for line in pane.lines(width, height)]
            assert len(lines) <= height, name
            drawn.append("\n".join([f"── {name}", *(line.rstrip() for line in lines)]))
    assert "\n".join(drawn) == snapshot
