"""The market panes in every state they can be in, as text that a person has looked at.

`pytest --snapshot-update` writes them anew; look at the difference before it is kept.
"""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal as D

import fake_desk
import pytest
from fake_desk import NOW_MS, PERP, SPOT, FakeDesk
from market_screen import market_pane
from syrupy.assertion import SnapshotAssertion

from tui.domain.increment import Increment
from tui.domain.market import Liquidation
from tui.domain.order import PositionSide, Side
from tui.domain.product import Product
from tui.engine.alerts.alert import Alert, AlertKind, AlertRequest
from tui.engine.store import Link, Store, TradingState
from tui.ui.lines import plain

#: Pane, width and height; as large as it takes to see everything once.
SIZES = {"ladder": (64, 18), "book": (45, 26), "chart": (84, 20), "tape": (26, 10), "watchlist": (56, 8)}

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


@pytest.mark.parametrize("state", STATES)
async def test_the_market_panes_look_as_they_were_looked_at(state: str, snapshot: SnapshotAssertion) -> None:
    async with market_pane(STATES[state](), "tape") as (tape, pilot):
        drawn = []
        for name, (width, height) in SIZES.items():
            pane = pilot.app.panes[name]
            lines = [plain(line) for line in pane.lines(width, height)]
            assert all(len(line) == width for line in lines), name
            drawn.append("\n".join([f"── {name}", *(line.rstrip() for line in lines)]))
        assert tape.view.symbol == (tape.desk.store.focus or "")
    assert "\n".join(drawn) == snapshot


async def test_a_held_cursor_of_the_ladder_is_drawn_the_same_in_every_state() -> None:
    for state in ("live", "halted", "read_only"):
        async with market_pane(STATES[state](), "ladder") as (ladder, _):
            ladder.cursor_price = D("64212.0")
            rows = [plain(line) for line in ladder.lines(64, 18)]
            assert sum(row.startswith("»") for row in rows) == 1
