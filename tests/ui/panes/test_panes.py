"""The panes under keys: what moves, what stays still, what is intended and what is sent."""

from dataclasses import replace
from decimal import Decimal as D

import pytest
from fake_desk import NOW_MS, PERP, SPOT, FakeDesk, order
from market_screen import market_pane, press, text_of

from tui.domain.market import BookChange, BookSnapshot, Trade
from tui.domain.order import OrderStatus
from tui.domain.order_terms import OrderType, Side
from tui.domain.product import Product
from tui.engine.commands import Origin
from tui.engine.commands.orders import CancelOrder, ClosePosition
from tui.engine.commands.views import FocusSymbol, ShowCandles
from tui.engine.store import Link, TradingState
from tui.ui.ladder.pane import LadderPane
from tui.ui.lines import plain


@pytest.fixture
def armed() -> FakeDesk:
    return FakeDesk(trading=TradingState.ARMED)


def shift_book(desk: FakeDesk, ticks: int) -> None:
    """Let the whole book of the perpetual jump."""
    market = desk.store.market(PERP)
    view = market.book.view(200)
    market.book.load(
        BookSnapshot(
            view.update_id + 1,
            [(at + ticks, size) for at, size in view.bids],
            [(at + ticks, size) for at, size in view.asks],
        ),
        [],
    )


def price_column(lines: list[str]) -> list[str]:
    return [next((word.rstrip("▲▼") for word in line.split() if word.startswith("64,")), "") for line in lines[1:]]


async def test_prices_stand_still_under_the_cursor_whatever_the_book_does(desk: FakeDesk) -> None:
    async with market_pane(desk, "ladder") as (ladder, pilot):
        await press(pilot, "down", "down")
        before = text_of(ladder)
        row = next(y for y, line in enumerate(before) if line.startswith("»"))
        for ticks in (1, -2, 5, 40, -300, 3):
            shift_book(desk, ticks)
            after = text_of(ladder)
            assert price_column(after) == price_column(before)
            assert after[row].startswith("»")
        assert "touch" in after[0]


async def test_space_centres_and_follows_again(desk: FakeDesk) -> None:
    async with market_pane(desk, "ladder") as (ladder, pilot):
        await press(pilot, "pagedown", "pagedown")
        assert any(line.startswith("»") for line in text_of(ladder))
        shift_book(desk, 100)
        assert "▲ touch" in text_of(ladder)[0]
        await press(pilot, "space")
        lines = text_of(ladder)
        assert ladder.view.cursor_price is None
        assert not any(line.startswith("»") for line in lines)
        middle = next(y for y, line in enumerate(lines) if "─" in line)
        assert abs(middle - len(lines) / 2) <= 1
        shift_book(desk, 7)
        assert any("64,223.2" in line for line in text_of(ladder))


async def test_locked_b_proposes_and_sends_nothing(desk: FakeDesk) -> None:
    async with market_pane(desk, "ladder") as (ladder, pilot):
        await press(pilot, "down", "b")
        assert desk.orders_sent == []
        assert "BUY" in plain(pilot.app.row.lines(200, 1)[0])
        assert "64,212.0" in plain(pilot.app.row.lines(200, 1)[0])
        del ladder


@pytest.mark.parametrize(
    ("keys", "side", "price"),
    [
        (("down", "b"), Side.BUY, "64212.0"),
        (("down", "down", "down", "b"), Side.BUY, "64211.8"),
        (("up", "s"), Side.SELL, "64212.5"),
        (("up", "up", "s"), Side.SELL, "64212.6"),
        (("q",), Side.BUY, "64212.0"),
        (("w",), Side.SELL, "64212.5"),
        (("b",), Side.BUY, "64212.0"),
        (("s",), Side.SELL, "64212.5"),
        (("equals_sign", "equals_sign", "down", "down", "b"), Side.BUY, "64211.5"),
    ],
)
async def test_armed_keys_send_exactly_one_order_at_the_price(
    armed: FakeDesk, keys: tuple[str, ...], side: Side, price: str
) -> None:
    async with market_pane(armed, "ladder") as (_, pilot):
        await press(pilot, *keys)
        await pilot.pause()
    (sent,) = armed.orders_sent
    request = sent.request
    assert (request.symbol, request.side, request.type, request.price) == (PERP, side, OrderType.LIMIT, D(price))
    assert request.post_only
    assert not request.reduce_only
    assert request.quantity is not None
    assert request.quantity % D("0.001") == 0


async def test_size_post_only_and_reduce_only_go_into_the_order(armed: FakeDesk) -> None:
    async with market_pane(armed, "ladder") as (_, pilot):
        await press(pilot, "4", "o", "a", "q")
    (sent,) = armed.orders_sent
    assert sent.request.quantity == D("0.077")
    assert sent.request.reduce_only
    assert not sent.request.post_only


async def test_nothing_is_sent_against_a_stale_book_and_no_number_is_shown(armed: FakeDesk) -> None:
    async with market_pane(armed, "ladder") as (ladder, pilot):
        health = armed.store.links[Product.USDM]
        armed.store.links[Product.USDM] = replace(health, market=Link.DOWN)
        text = "\n".join(text_of(ladder))
        assert "STALE" in text
        assert "64,2" not in text
        await press(pilot, "q", "b")
    assert armed.orders_sent == []


async def test_a_held_picture_stands_still_and_sends_nothing(armed: FakeDesk) -> None:
    async with market_pane(armed, "ladder") as (ladder, pilot):
        await press(pilot, "h")
        before = text_of(ladder)
        shift_book(armed, 50)
        assert text_of(ladder) == before
        await press(pilot, "b")
        assert armed.orders_sent == []
        await press(pilot, "h")
        assert text_of(ladder) != before


async def test_x_on_the_ladder_cancels_what_works_at_the_level(armed: FakeDesk) -> None:
    async with market_pane(armed, "ladder") as (_, pilot):
        await press(pilot, "x")
        assert not [each for each in armed.commands if isinstance(each, CancelOrder)]
        pilot.app.view.cursor_price = D("64210.5")
        await press(pilot, "x")
    cancels = [each for each in armed.sent if isinstance(each[0], CancelOrder)]
    assert cancels == [(CancelOrder("btui-1"), Origin.LADDER)]


async def test_grouping_keeps_the_cursor_on_its_row_and_sums_own_orders(desk: FakeDesk) -> None:
    async with market_pane(desk, "ladder") as (ladder, pilot):
        await press(pilot, "down", "down", "down")
        row = next(y for y, line in enumerate(text_of(ladder)) if line.startswith("»"))
        await press(pilot, "plus", "plus", "plus")
        lines = text_of(ladder)
        assert ladder.view.ticks_per_group == 10
        assert next(y for y, line in enumerate(lines) if line.startswith("»")) == row
        assert any("B 0.100" in line and "64,210.0" in line for line in lines)
        assert any("S 0.050" in line and "64,218.0" in line for line in lines)
        await press(pilot, "minus")
        assert ladder.view.ticks_per_group == 5


async def test_c_closes_the_position_reduce_only(armed: FakeDesk) -> None:
    async with market_pane(armed, "ladder") as (_, pilot):
        await press(pilot, "c")
    assert ClosePosition(PERP) in armed.commands


async def test_an_escape_that_melted_with_the_next_key_disarms_and_swallows_it(armed: FakeDesk) -> None:
    async with market_pane(armed, "ladder") as (ladder, pilot):
        await press(pilot, "alt+c", "c")
        assert not ladder.view.is_armed(armed.store)
    assert not [each for each in armed.commands if isinstance(each, ClosePosition)]


async def test_switching_the_symbol_forgets_cursor_and_window(desk: FakeDesk) -> None:
    async with market_pane(desk, "ladder") as (ladder, pilot):
        await press(pilot, "down", "h")
        pilot.app.view.group_as({SPOT: 1})
        pilot.app.view.symbol = SPOT
        lines = text_of(ladder)
        assert ladder.view.cursor_price is None
        assert any("64,212.40" in line for line in lines)


async def test_only_changed_rows_of_the_ladder_are_painted(desk: FakeDesk) -> None:
    async with market_pane(desk, "ladder") as (ladder, _):
        assert isinstance(ladder, LadderPane)
        ladder.paint()
        assert ladder.paint() == 0
        best = desk.store.market(PERP).book.view(5).bids[3]
        desk.store.market(PERP).book.apply(BookChange(1001, 1001, None, [(best[0], best[1] + 1_000)], [], NOW_MS))
        assert 1 <= ladder.paint() <= 2


async def test_x_in_the_list_cancels_its_row_armed_and_reviews_locked(armed: FakeDesk) -> None:
    async with market_pane(armed, "orders") as (_, pilot):
        await press(pilot, "down", "x")
    assert (CancelOrder("btui-2"), Origin.ORDERS) in armed.sent
    locked = FakeDesk()
    async with market_pane(locked, "orders") as (_, pilot):
        await press(pilot, "x")
        assert not [each for each in locked.commands if isinstance(each, CancelOrder)]
        await pilot.pause()
        await press(pilot, "enter")
        await pilot.pause()
    assert [each for each in locked.commands if isinstance(each, CancelOrder)] == [CancelOrder("btui-1")]


async def test_an_order_that_protects_is_not_cancelled_without_review(armed: FakeDesk) -> None:
    async with market_pane(armed, "orders") as (_, pilot):
        await press(pilot, "down", "down", "x")
        assert "protects a position" in plain(pilot.app.row.lines(200, 1)[0])
    assert not [each for each in armed.commands if isinstance(each, CancelOrder)]


async def test_an_order_that_comes_first_does_not_slide_under_the_cursor(armed: FakeDesk) -> None:
    async with market_pane(armed, "orders") as (orders, pilot):
        await press(pilot, "down")
        new = order(8, PERP, Side.BUY, "64000.0", "0.300")
        armed.store.orders = {new.client_order_id: new} | armed.store.orders
        marked = next(line for line in text_of(orders) if line.startswith("▶"))
        assert "64,217.5" in marked
        await press(pilot, "x")
    assert (CancelOrder("btui-2"), Origin.ORDERS) in armed.sent


async def test_ended_orders_hid_the_open_ones_while_nobody_looked(desk: FakeDesk) -> None:
    async with market_pane(desk, "orders") as (orders, pilot):
        await press(pilot, "down")
        pilot.app.board.navigation.go("ladder")
        await pilot.pause()
        text_of(orders)
        chosen = orders.cursor.key
        ended = {
            f"btui-{number}": replace(order(number, PERP, Side.BUY, "64000.0", "0.300"), status=OrderStatus.CANCELED)
            for number in range(20, 60)
        }
        filled = replace(desk.store.orders[chosen], status=OrderStatus.FILLED)
        desk.store.orders = ended | desk.store.orders | {chosen: filled}
        shown = text_of(orders)
        assert shown[1].split()[0] == "1"
        assert shown[2].split()[0] == "2"


async def test_closing_from_the_list_is_always_reviewed(armed: FakeDesk) -> None:
    async with market_pane(armed, "positions") as (_, pilot):
        await press(pilot, "c")
        shown = plain(pilot.app.row.lines(200, 1)[0])
        assert f"close 100% {PERP}" in shown
        assert "CLOSE 100%" in shown
        assert not [each for each in armed.commands if isinstance(each, ClosePosition)]
        await press(pilot, "enter")
    assert [each for each in armed.commands if isinstance(each, ClosePosition)] == [
        ClosePosition(PERP, D(1), None, True)
    ]


async def test_enter_on_a_row_shows_its_symbol(desk: FakeDesk) -> None:
    async with market_pane(desk, "watchlist") as (_, pilot):
        await press(pilot, "down", "down", "enter")
        assert pilot.app.view.symbol == "ETHUSDT"
    assert FocusSymbol("ETHUSDT") in desk.commands


async def test_old_account_state_says_so(desk: FakeDesk) -> None:
    desk.store.links[Product.USDM] = replace(desk.store.links[Product.USDM], user=Link.STALE)
    async with market_pane(desk, "orders") as (_, pilot):
        for name in ("orders", "positions", "fills", "account"):
            pilot.app.board.navigation.go(name)
            await pilot.pause()
            assert "STALE" in text_of(pilot.app.panes[name])[0]


async def test_the_tape_filters_and_holds(desk: FakeDesk) -> None:
    async with market_pane(desk, "tape") as (tape, pilot):
        everything = text_of(tape)
        await press(pilot, *["plus"] * 6)
        assert "≥50k" in str(tape.border_title)
        assert 1 < len(text_of(tape)) < len(everything)
        await press(pilot, *["minus"] * 6)
        assert text_of(tape) == everything
        await press(pilot, "h")
        before = text_of(tape)
        market = desk.store.market(PERP)
        market.trades.appendleft(Trade(90_001, D("64212.4"), D(50), Side.BUY, NOW_MS))
        market.trades_revision += 1
        assert text_of(tape) == before
        await press(pilot, "h")
        assert "50.502" in text_of(tape)[1]


async def test_the_chart_changes_interval_zoom_and_moment(desk: FakeDesk) -> None:
    async with market_pane(desk, "chart") as (chart, pilot):
        live = text_of(chart)
        await press(pilot, "h")
        past = text_of(chart)
        assert past != live
        await press(pilot, "0")
        assert text_of(chart) == live
        await press(pilot, "plus")
        assert text_of(chart) != live
        await press(pilot, "right_square_bracket")
    assert ShowCandles(PERP, "15m") in desk.commands


@pytest.mark.parametrize("size", [(200, 50), (120, 36), (80, 24)])
async def test_every_pane_draws_whole_lines_at_every_size(size: tuple[int, int]) -> None:
    async with market_pane(FakeDesk(), "ladder", size) as (_, pilot):
        for name in ("ladder", "chart", "tape", "watchlist", "orders", "positions", "fills", "account"):
            pilot.app.board.navigation.go(name)
            await pilot.pause()
            shown = pilot.app.panes[name]
            width, height = shown.content_size
            lines = text_of(shown)
            assert width
            assert 1 <= len(lines) <= height, name
            assert all(len(line) == width for line in lines), name
            assert any(line.strip() for line in lines), name
