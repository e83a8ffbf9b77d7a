"""The states that a pane can be in, as stores of a desk."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal as D

import fake_desk
from fake_desk import NOW_MS, PERP, SPOT, FakeDesk

from tui.domain.increment import Increment
from tui.domain.market import Liquidation
from tui.domain.order_terms import PositionSide, Side
from tui.domain.product import Product
from tui.engine.alerts.alert import Alert, AlertKind, AlertRequest
from tui.engine.store import Link, Store, TradingState

#: Prices of eight digits before the point, and of eight behind it.
LARGE, SMALL = "BTCIDR", "PEPEUSDT"


def live() -> FakeDesk:
    desk = FakeDesk()
    desk.store.alerts[1] = Alert(1, AlertRequest(AlertKind.PRICE_ABOVE, PERP, D("64215.0")), NOW_MS)
    lost = Liquidation(Side.SELL, D(2), D("64100.0"), D("64100.0"), D(2), NOW_MS - 900)
    desk.store.liquidations.append((PERP, lost))
    return desk


def empty() -> FakeDesk:
    desk = FakeDesk()
    session = desk.store.session
    desk.store = Store(session)
    return desk


def stale() -> FakeDesk:
    desk = live()
    health = desk.store.links[Product.USDM]
    desk.store.links[Product.USDM] = replace(health, market=Link.STALE)
    desk.clock.advance(12)
    return desk


def hedge() -> FakeDesk:
    desk = live()
    held = desk.store.positions.pop(PERP)
    for side, quantity, price in ((PositionSide.LONG, "0.250", "64211.8"), (PositionSide.SHORT, "-0.100", "64212.7")):
        each = replace(held, quantity=D(quantity), entry_price=D(price), position_side=side)
        desk.store.positions[each.key] = each
    desk.store.hedge_modes = frozenset({Product.USDM})
    return desk


def of_symbol(symbol: str) -> FakeDesk:
    desk = live()
    if symbol == LARGE:
        listed = replace(fake_desk.instrument(SPOT), symbol=LARGE, native=LARGE, quote="IDR", tick=Increment(D("0.1")))
        desk.store.instruments[LARGE] = listed
        fake_desk._tick_market(desk.store.market(LARGE), 123_456_789, 31)
    fake_desk._deep_market(desk.store.market(symbol), 123_456_789 if symbol == LARGE else 1_342)
    desk.store.watched = (symbol, *desk.store.watched[:3])
    desk.store.focus = symbol
    return desk


STATES: dict[str, Callable[[], FakeDesk]] = {
    "empty": empty,
    "live": live,
    "stale": stale,
    "halted": lambda: FakeDesk(trading=TradingState.HALTED),
    "read_only": lambda: FakeDesk(read_only=True),
    "hedge_mode": hedge,
    "sub_cent_coin": lambda: of_symbol(SMALL),
    "eight_digit_price": lambda: of_symbol(LARGE),
}
