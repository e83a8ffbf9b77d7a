"""The ladder under keys and clicks: what is sent at once, what is reviewed, what only looks."""

from dataclasses import replace
from decimal import Decimal as D

import pytest
from fake_desk import NOW_MS, PERP, SPOT, FakeDesk, order
from market_screen import click, market_pane, press, row_of, said, text_of
from textual.events import MouseScrollUp

from tui.config import Screen
from tui.domain.market import BookChange
from tui.domain.order import OrderChange
from tui.domain.order_terms import OrderType, PositionSide, Side
from tui.engine.commands import Origin
from tui.engine.commands.orders import CancelEntries, CancelOrder, ChangeOrder, ClosePosition, ReversePosition
from tui.engine.commands.views import FocusSymbol, FollowSymbols
from tui.engine.store import TradingState


@pytest.fixture
def armed() -> FakeDesk:
    return FakeDesk(trading=TradingState.ARMED)


def changes(desk: FakeDesk) -> list[ChangeOrder]:
    return [command for command in desk.commands if isinstance(command, ChangeOrder)]


@pytest.mark.parametrize(
    ("key", "price"),
    [
        ("comma", "64210.4"),
        ("full_stop", "64210.6"),
        ("less_than_sign", "64209.5"),
        ("greater_than_sign", "64211.5"),
    ],
)
async def test_nudging_moves_the_order_under_the_cursor_and_the_cursor_with_it(
    armed: FakeDesk, key: str, price: str
) -> None:
    async with market_pane(armed, "ladder") as (ladder, pilot):
        ladder.cursor_price = D("64210.5")
        await press(pilot, key)
        assert changes(armed) == [ChangeOrder("btui-1", OrderChange(price=D(price)))]
        assert ladder.cursor_price == D(price)


async def test_nudging_is_reviewed_while_locked(desk: FakeDesk) -> None:
    async with market_pane(desk, "ladder") as (ladder, pilot):
        ladder.cursor_price = D("64210.5")
        await press(pilot, "full_stop")
        assert not changes(desk)
        assert "64,210.5 → 64,210.6" in said(pilot)
        assert ladder.cursor_price == D("64210.5")
        await press(pilot, "enter")
        assert changes(desk) == [ChangeOrder("btui-1", OrderChange(price=D("64210.6")), reviewed=True)]


async def test_an_order_that_is_being_moved_is_not_moved_again(armed: FakeDesk) -> None:
    moving = replace(armed.store.orders["btui-1"], change_requested=True)
    armed.store.orders = armed.store.orders | {"btui-1": moving}
    async with market_pane(armed, "ladder") as (ladder, pilot):
        ladder.cursor_price = D("64210.5")
        assert any("B~0.100" in line for line in text_of(ladder))
        await press(pilot, "comma")
        assert not changes(armed)
        assert "moved already" in said(pilot)


async def test_a_stop_at_the_level_is_moved_by_its_trigger_and_always_reviewed(armed: FakeDesk) -> None:
    async with market_pane(armed, "ladder") as (ladder, pilot):
        ladder.cursor_price = D("63400.0")
        assert any("SL S all" in line and "63,400.0" in line for line in text_of(ladder))
        await press(pilot, "full_stop")
        assert not changes(armed)
        await press(pilot, "enter")
        assert changes(armed) == [ChangeOrder("btui-3", OrderChange(trigger_price=D("63400.1")), reviewed=True)]


async def test_nothing_is_moved_on_a_held_picture(armed: FakeDesk) -> None:
    async with market_pane(armed, "ladder") as (ladder, pilot):
        ladder.cursor_price = D("64210.5")
        await press(pilot, "h", "comma")
        assert not changes(armed)
        assert "held" in said(pilot)


async def test_all_orders_of_a_level_go_together_when_armed(armed: FakeDesk) -> None:
    other = order(9, PERP, Side.BUY, "64210.5", "0.010")
    armed.store.orders = armed.store.orders | {other.client_order_id: other}
    armed.store.revision += 1
    async with market_pane(armed, "ladder") as (ladder, pilot):
        ladder.cursor_price = D("64210.5")
        await press(pilot, "comma")
        assert {each.client_order_id for each in changes(armed)} == {"btui-1", "btui-9"}
        ladder.cursor_price = D("64210.5")
        await press(pilot, "x")
    cancelled = {each.client_order_id for each in armed.commands if isinstance(each, CancelOrder)}
    assert cancelled == {"btui-1", "btui-9"}


async def test_reversing_is_always_reviewed(armed: FakeDesk) -> None:
    async with market_pane(armed, "ladder") as (_, pilot):
        await press(pilot, "v")
        assert "REVERSE LONG 0.250 BTCUSDT-PERP: closes it and opens as much, at market" in said(pilot)
        assert not [each for each in armed.commands if isinstance(each, ReversePosition)]
        await press(pilot, "enter")
    assert ReversePosition(PERP, reviewed=True, held=D("0.250")) in armed.commands


async def test_hedged_positions_are_closed_by_side_and_not_reversed(armed: FakeDesk) -> None:
    both = armed.store.positions.pop(PERP)
    for side, quantity in ((PositionSide.LONG, D("0.25")), (PositionSide.SHORT, D("-0.1"))):
        each = replace(both, quantity=quantity, position_side=side)
        armed.store.positions[each.key] = each
    async with market_pane(armed, "ladder") as (ladder, pilot):
        await press(pilot, "v")
        assert "held apart" in said(pilot)
        await press(pilot, "c")
        assert "CLOSE LONG 0.250" in said(pilot)
        assert not [each for each in armed.commands if isinstance(each, ClosePosition)]
        await press(pilot, "enter")
        assert ClosePosition(PERP, reviewed=True, position_side=PositionSide.LONG) in armed.commands
        ladder.cursor_price = D("63880.0")
        assert any("◆+0.250" in line for line in text_of(ladder))


@pytest.mark.parametrize(("action", "side"), [("buy_market", Side.BUY), ("sell_market", Side.SELL)])
async def test_market_orders_have_no_key_but_can_be_bound(armed: FakeDesk, action: str, side: Side) -> None:
    async with market_pane(armed, "ladder") as (ladder, _):
        assert not ladder.view.keymap.keys(f"ladder.{action}")
        ladder.action_act(f"ladder.{action}")
    (sent,) = armed.orders_sent
    assert (sent.request.type, sent.request.side, sent.request.price) == (OrderType.MARKET, side, None)
    locked = FakeDesk()
    async with market_pane(locked, "ladder") as (ladder, pilot):
        ladder.action_act(f"ladder.{action}")
        assert not locked.orders_sent
        assert "MARKET" in said(pilot)


async def test_own_presets_of_a_symbol_are_in_base_units(armed: FakeDesk) -> None:
    screen = Screen(frames_per_second=1, symbol_presets={PERP: (D("0.05"), D("0.1"))})
    async with market_pane(armed, "ladder", screen=screen) as (_, pilot):
        await press(pilot, "2", "q", "5")
        assert "only 2 size presets" in said(pilot)
    (sent,) = armed.orders_sent
    assert sent.request.quantity == D("0.100")


async def test_pinned_the_ladder_stays_and_trades_what_it_shows(armed: FakeDesk) -> None:
    async with market_pane(armed, "ladder") as (ladder, pilot):
        await press(pilot, "down", "down", "p")
        assert FollowSymbols((PERP,)) in armed.commands
        cursor = ladder.cursor_price
        pilot.app.view.intents.focus_symbol(SPOT)
        lines = text_of(ladder)
        assert f"pinned {PERP}" in str(ladder.border_title)
        assert any(line.startswith("»") for line in lines)
        assert ladder.cursor_price == cursor
        await press(pilot, "b")
        await press(pilot, "p")
        text_of(ladder)
        assert FollowSymbols(()) in armed.commands
        assert ladder.cursor_price is None
        assert ladder.acting_symbol() == SPOT
    (sent,) = armed.orders_sent
    assert (sent.request.symbol, sent.request.price) == (PERP, cursor)


async def test_pulled_and_stacked_sizes_are_shown_when_wanted(desk: FakeDesk) -> None:
    async with market_pane(desk, "ladder", (200, 50)) as (ladder, pilot):
        await press(pilot, "z", "l")
        assert "±" in text_of(ladder)[0]
        best = desk.store.market(PERP).book.view(5).bids
        apart = [(best[2][0], best[2][1] + 1_500), (best[3][0], best[3][1] - 1_000)]
        desk.store.market(PERP).book.apply(BookChange(1001, 1001, None, apart, [], NOW_MS))
        text = "\n".join(text_of(ladder))
        assert "△1.5" in text
        assert "▽1.0" in text
        await press(pilot, "l")
        assert "±" not in text_of(ladder)[0]


async def test_a_click_moves_the_cursor_and_sends_nothing(armed: FakeDesk) -> None:
    async with market_pane(armed, "ladder") as (ladder, pilot):
        y = row_of(ladder, "64,211.0")
        await click(pilot, ladder, 20, y)
        assert ladder.cursor_price == D("64211.0")
        assert text_of(ladder)[y].startswith("»")
    assert not armed.orders_sent


async def test_a_click_on_the_level_under_the_cursor_is_its_key(armed: FakeDesk) -> None:
    async with market_pane(armed, "ladder") as (ladder, pilot):
        y = row_of(ladder, "64,211.0")
        await click(pilot, ladder, 14, y)
        armed.clock.advance(1)
        armed.store.links = {
            product: replace(health, market_heard_ns=armed.clock.monotonic_ns())
            for product, health in armed.store.links.items()
        }
        await click(pilot, ladder, 14, y)
        (bought,) = armed.orders_sent
        assert (bought.request.side, bought.request.price) == (Side.BUY, D("64211.0"))
        await click(pilot, ladder, 30, y)
    assert [each.request.side for each in armed.orders_sent] == [Side.BUY, Side.SELL]


async def test_a_click_while_locked_opens_the_review(desk: FakeDesk) -> None:
    async with market_pane(desk, "ladder") as (ladder, pilot):
        ladder.cursor_price = D("64210.5")
        y = row_of(ladder, "64,210.5")
        ladder._focused_ns = 0
        await click(pilot, ladder, 3, y)
        assert "CANCEL BUY 0.100" in said(pilot)
        assert not [each for each in desk.commands if isinstance(each, CancelOrder)]


async def test_a_double_click_is_one_decision_and_only_moves_the_cursor(armed: FakeDesk) -> None:
    async with market_pane(armed, "ladder") as (ladder, pilot):
        ladder._focused_ns = 0
        y = row_of(ladder, "64,211.0")
        await click(pilot, ladder, 14, y, times=2)
        assert ladder.cursor_price == D("64211.0")
    assert not armed.orders_sent


async def test_a_click_that_brings_the_focus_only_looks(armed: FakeDesk) -> None:
    async with market_pane(armed, "tape") as (_, pilot):
        ladder = pilot.app.panes["ladder"]
        ladder.cursor_price = D("64211.0")
        ladder._focused_ns = 0
        await click(pilot, ladder, 14, row_of(ladder, "64,211.0"))
        assert ladder.has_focus
    assert not armed.orders_sent


async def test_a_click_is_refused_where_its_key_is() -> None:
    halted = FakeDesk(trading=TradingState.HALTED)
    async with market_pane(halted, "ladder") as (ladder, pilot):
        ladder.cursor_price = D("64211.0")
        ladder._focused_ns = 0
        await click(pilot, ladder, 14, row_of(ladder, "64,211.0"))
        assert "halted" in said(pilot)
    assert not halted.orders_sent


async def test_the_wheel_scrolls_and_space_comes_back(desk: FakeDesk) -> None:
    async with market_pane(desk, "ladder") as (ladder, pilot):
        await press(pilot, "down")
        cursor, top = ladder.cursor_price, text_of(ladder)[1]
        await pilot._post_mouse_events([MouseScrollUp], ladder, (9, 9))
        await pilot.pause()
        assert ladder.cursor_price == cursor
        assert text_of(ladder)[4] == top
        await press(pilot, "space")
        assert "follow" in str(ladder.border_title)


async def test_the_book_takes_the_ladders_place_and_gives_it_back(desk: FakeDesk) -> None:
    async with market_pane(desk, "ladder") as (_, pilot):
        await press(pilot, "n")
        book = pilot.app.panes["book"]
        assert book.has_focus
        assert "64,212.0│64,212.5" in text_of(book)[2]
        await press(pilot, "n")
        assert pilot.app.panes["ladder"].has_focus


async def test_several_books_stand_side_by_side(desk: FakeDesk) -> None:
    async with market_pane(desk, "book", (200, 50)) as (book, pilot):
        await press(pilot, "a", *"BTCUSDT-PERP", "enter")
        assert FollowSymbols((PERP,)) not in desk.commands, "its own book needs no other"
        pilot.app.view.intents.focus_symbol(SPOT)
        desk.clock.advance(1)
        await press(pilot, "a", *"BTCUSDT-PERP", "enter")
        assert book.has_focus
        assert FollowSymbols((PERP,)) in desk.commands
        assert "z zooms" in said(pilot)
        await press(pilot, "z")
        heading = text_of(book)[0]
        assert " BTCUSDT " in heading
        assert " BTCUSDT-PERP " in heading
        width = book.content_size.width
        assert all(len(line) == width for line in text_of(book))
        await press(pilot, "x")
        assert FollowSymbols(()) in desk.commands
        assert PERP not in text_of(book)[0]


async def test_a_book_stays_with_its_symbol_and_so_does_the_ladder_of_its_place(desk: FakeDesk) -> None:
    async with market_pane(desk, "book") as (book, pilot):
        await press(pilot, "p")
        pilot.app.view.intents.focus_symbol(SPOT)
        assert book.acting_symbol() == PERP
        await press(pilot, "plus")
        assert (book.view.grouping(PERP), book.view.grouping(SPOT)) == (2, 1)
        await press(pilot, "f8")
        assert desk.commands[-1] == CancelEntries(PERP)
        await press(pilot, "n")
        assert pilot.app.focused.acting_symbol() == PERP
        await press(pilot, "n", "p")
        assert book.acting_symbol() == SPOT


async def test_the_book_groups_and_shows_its_curve(desk: FakeDesk) -> None:
    async with market_pane(desk, "book") as (book, pilot):
        await press(pilot, "plus", "plus")
        assert book.view.grouping(PERP) == 5
        await press(pilot, "minus")
        assert book.view.grouping(PERP) == 2
        assert any("bids" in line for line in text_of(book)[3:])
        await press(pilot, "i")
        assert "cum" in str(book.border_title)
        await press(pilot, "d")
        assert not any("bids" in line for line in text_of(book)[3:])


async def test_a_book_that_is_not_believed_shows_no_price(desk: FakeDesk) -> None:
    async with market_pane(desk, "book") as (book, _):
        desk.clock.advance(20)
        text = "\n".join(text_of(book))
        assert "STALE" in text
        assert "64,2" not in text


async def test_trades_come_from_the_ladder(armed: FakeDesk) -> None:
    async with market_pane(armed, "ladder") as (_, pilot):
        await press(pilot, "q")
    assert armed.sent[-1][1] is Origin.LADDER


async def test_a_second_ladder_trades_its_own_symbol_by_key_and_by_click(armed: FakeDesk) -> None:
    async with market_pane(armed, "ladder") as (first, pilot):
        pilot.app.board.composer.lay_out("ladders")
        pilot.app.view.group_as({SPOT: 1})
        pilot.app.board.navigation.go("ladder2")
        await pilot.pause()
        second = pilot.app.panes["ladder2"]
        pilot.app.view.intents.pin("ladder2", (SPOT,))
        assert any("64,212.40" in line for line in text_of(second))
        first.cursor_price = D("64000.0")
        await press(pilot, "down", "b")
        assert first.cursor_price == D("64000.0")
        second._focused_ns = 0
        y = next(y for y, line in enumerate(text_of(second)) if line.startswith("»"))
        await click(pilot, second, 14, y)
    assert {each.request.symbol for each in armed.orders_sent} == {SPOT}
    assert {each.request.price for each in armed.orders_sent} == {D("64212.36")}
    assert len(armed.orders_sent) == 2


async def test_the_ticket_of_a_pinned_ladder_is_for_the_symbol_it_shows(desk: FakeDesk) -> None:
    async with market_pane(desk, "ladder") as (ladder, pilot):
        await press(pilot, "p")
        pilot.app.view.intents.focus_symbol(SPOT)
        ladder.cursor_price = D("64210.5")
        await press(pilot, "enter")
        assert pilot.app.view.symbol == PERP
        assert FocusSymbol(PERP) in desk.commands
        assert pilot.app.panes["ticket"].has_focus


async def test_f8_on_a_pinned_ladder_cancels_what_it_shows(desk: FakeDesk) -> None:
    async with market_pane(desk, "ladder") as (_, pilot):
        await press(pilot, "p")
        pilot.app.view.intents.focus_symbol(SPOT)
        await press(pilot, "f8")
        assert desk.commands[-1] == CancelEntries(PERP)
        await press(pilot, "tab", "f8")
        assert desk.commands[-1] == CancelEntries(SPOT)
