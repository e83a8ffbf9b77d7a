"""Virtual positions on the screen: below the exchange's net, named where they are closed."""

from dataclasses import replace
from decimal import Decimal as D

import pytest
from fake_desk import PERP, FakeDesk, order
from market_screen import market_pane, press, text_of

from tui.domain.order_terms import PositionSide, Side, Terms
from tui.engine.commands.orders import ClosePosition
from tui.ui.ladder.picture import own_marks
from tui.ui.lines import plain
from tui.ui.lock.lines import position_lines
from tui.ui.view_state import ViewState
from tui.ui.words import flatten_words, quit_words, virtual_closes

LONG, SHORT, BOTH = PositionSide.LONG, PositionSide.SHORT, PositionSide.BOTH


@pytest.fixture
def desk() -> FakeDesk:
    """Net long 0.250, of which a long of 0.400, a short of 0.200, and 0.050 that nothing explains."""
    desk = FakeDesk()
    net = replace(desk.store.positions[PERP], liquidation_price=D(51000), margin=D(800))
    plain_one = replace(net, liquidation_price=None, margin=None, is_virtual=True, realized=D(3))
    held = [(LONG, "0.4"), (SHORT, "-0.2"), (BOTH, "0.05")]
    mine = [replace(plain_one, position_side=side, quantity=D(size)) for side, size in held]
    desk.store.keeps_virtual = True
    desk.store.positions = {PERP: net}
    desk.store.virtual = {one.key: one for one in mine}
    return desk


async def test_virtual_positions_stand_below_the_net_that_alone_has_a_liquidation_price(desk: FakeDesk) -> None:
    async with market_pane(desk, "positions", (220, 50)) as (positions, _):
        head, net, *mine = text_of(positions)[:5]
        assert "realised" in head
        assert net.split()[1:5] == [PERP, "net", "LONG", "0.250"]
        assert "51,000.0" in net
        assert [line.split()[:3] for line in mine] == [
            ["virtual", "LONG", "0.400"],
            ["virtual", "SHORT", "0.200"],
            ["unassigned", "LONG", "0.050"],
        ]
        assert not any("51,000.0" in line for line in mine)
        assert positions.tab_text.endswith("(3)")


async def test_the_net_is_shown_flat_where_opposites_cancel_out(desk: FakeDesk) -> None:
    desk.store.positions = {}
    async with market_pane(desk, "positions") as (positions, _):
        assert text_of(positions)[1].split()[1:4] == [PERP, "net", "flat"]


@pytest.mark.parametrize(
    ("downs", "words", "side", "unassigned"),
    [(1, "long", LONG, False), (2, "short", SHORT, False), (3, "unassigned", BOTH, True)],
)
async def test_each_is_closed_by_its_own_name(desk: FakeDesk, downs, words, side, unassigned) -> None:
    async with market_pane(desk, "positions") as (_, pilot):
        await press(pilot, *["down"] * downs, "c")
        assert f"close 100% {PERP} {words}" in plain(pilot.app.row.lines(200, 1)[0])
        await press(pilot, "enter")
    assert [each for each in desk.commands if isinstance(each, ClosePosition)] == [
        ClosePosition(PERP, D(1), None, True, side, unassigned)
    ]


async def test_the_net_itself_is_not_closed(desk: FakeDesk) -> None:
    async with market_pane(desk, "positions") as (_, pilot):
        await press(pilot, "c")
        assert "choose one of those below it" in desk_said(pilot)


def desk_said(pilot) -> str:
    return " ".join(plain(line) for line in pilot.app.row.lines(200, 2))


async def test_in_hedge_mode_closing_from_the_list_named_no_symbol(desk: FakeDesk) -> None:
    """The line held `SYMBOL-LONG`, which no exchange lists."""
    real = [replace(one, is_virtual=False) for one in desk.store.virtual.values() if one.position_side is not BOTH]
    desk.store.keeps_virtual, desk.store.virtual = False, {}
    desk.store.positions = {one.key: one for one in real}
    async with market_pane(desk, "positions") as (_, pilot):
        await press(pilot, "down", "c", "enter")
    assert [each.position_side for each in desk.commands if isinstance(each, ClosePosition)] == [SHORT]


def test_the_ladder_marks_each_entry_and_the_one_liquidation_price(desk: FakeDesk) -> None:
    marks = own_marks(desk.store, desk.store.instruments[PERP])
    assert [mark.size for mark in marks if mark.style == "entry"] == ["+0.400", "−0.200", "+0.050"]
    assert [mark.price for mark in marks if mark.style == "liquidation"] == [D(51000)]


def test_flattening_names_what_is_sent_and_what_is_only_booked(desk: FakeDesk) -> None:
    assert flatten_words(desk.store) == "close 1 position"
    desk.store.positions = {}
    assert "against each other, nothing is sent" in flatten_words(desk.store)


def test_the_lock_screen_tells_virtual_positions_apart(desk: FakeDesk) -> None:
    shown = [plain(line) for line in position_lines(desk.store, ViewState(symbol=PERP, clock=desk.clock), 100)]
    assert [("virtual" in line, "unassigned" in line) for line in shown] == [
        (True, False),
        (True, False),
        (False, True),
    ]


def test_leaving_says_what_nobody_cuts_meanwhile(desk: FakeDesk) -> None:
    stop = replace(order(1, PERP, Side.SELL, "60000.0", "0.400"), terms=Terms(position_side=LONG))
    entry = order(2, PERP, Side.BUY, "60000.0", "0.400")
    desk.store.orders = {"a": stop, "b": replace(entry, terms=Terms(position_side=LONG))}
    assert virtual_closes(desk.store) == 1
    words = quit_words(desk.store.open_orders(), (), virtual_closes(desk.store))
    assert words.endswith("1 of them closes a virtual position, not reduce-only: nobody cuts it meanwhile")
    desk.store.keeps_virtual = False
    assert virtual_closes(desk.store) == 0
