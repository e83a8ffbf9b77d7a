"""No number is ever cut so that it reads as another: it fits, is rounded in a way that tells, or ends in …."""

import re
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal as D
from itertools import product

import pytest
from extreme_desk import SYMBOLS, extreme_desk
from fake_desk import NOW_MS, PERP, FakeDesk, instrument
from hypothesis import given
from hypothesis import strategies as st
from market_screen import market_pane, text_of
from rich.cells import cell_len

from tui.domain.book import OrderBook
from tui.domain.increment import Increment
from tui.domain.market import BookSnapshot, Candle
from tui.domain.order_terms import Side
from tui.engine.store import Message, Severity
from tui.ui.book.depth import depth_lines
from tui.ui.chart.lines import chart_lines
from tui.ui.chart.picture import ChartPicture, ChartState, CrossHair
from tui.ui.figures import fitted, moment
from tui.ui.header.lines import header_lines
from tui.ui.ladder.lines import own_spans
from tui.ui.ladder.picture import OwnLevel
from tui.ui.lines import Span, fit, plain, spread
from tui.ui.messages.pane import message_line
from tui.ui.tape.lines import tape_lines
from tui.ui.tape.prints import Print
from tui.ui.view_state import ViewState

SIZES = ((80, 24), (120, 36), (200, 50))

_NUMBER = re.compile(r"(?P<sign>[<≤≥]?)(?P<digits>\d[\d,]*(?:\.\d+)?)(?P<power>[kMBT](?![a-zA-Z]))?(?P<cut>…?)")
_POWERS = {"k": D(10) ** 3, "M": D(10) ** 6, "B": D(10) ** 9, "T": D(10) ** 12}
_COMMAS = re.compile(r"\d{1,3}(,\d{3})*(\.\d+)?|\d+(\.\d+)?")


def numbers(text: str) -> Iterable[tuple[D, D, str]]:
    """Every number of a line: its value, half of its last digit, and its sign; those that say they are cut, not."""
    for found in _NUMBER.finditer(text):
        if found["cut"]:
            continue
        assert _COMMAS.fullmatch(found["digits"]), f"{found[0]!r} in {text!r}"
        value = D(found["digits"].replace(",", ""))
        power = _POWERS.get(found["power"] or "", D(1))
        half = D(1).scaleb(-len(found["digits"].partition(".")[2])) / 2
        yield value * power, half * power if found["power"] or "." in found["digits"] else half, found["sign"]


def is_true(shown: tuple[D, D, str], known: Iterable[D]) -> bool:
    """Whether a number is one of those known, or one of them rounded as far as it says."""
    value, half, sign = shown
    if sign == "<":
        return any(each < value for each in known)
    return any(abs(each - value) <= half for each in known)


@given(st.lists(st.text("1a. 界", max_size=8), max_size=6), st.integers(1, 20))
def test_a_line_is_as_wide_as_asked_and_says_so_where_anything_was_cut(texts: list[str], width: int) -> None:
    shown = plain(fit([Span(text) for text in texts], width))
    assert cell_len(shown) == width
    whole = "".join(texts)
    assert shown.rstrip() == whole.rstrip() or shown.rstrip().endswith("…")


def test_the_left_part_of_a_line_says_where_the_right_part_cut_it() -> None:
    assert plain(spread([Span("filled 0.125")], [Span("STALE")], 15)) == "filled 0.…STALE"


@given(st.decimals(min_value=0, max_value=D("1e16"), places=8), st.integers(1, 12))
def test_a_fitted_size_is_the_size_or_nearly_or_says_that_it_is_not(value: D, cells: int) -> None:
    text = fitted(f"{value:f}", cells)
    assert len(text) <= cells
    for shown in numbers(text):
        assert is_true(shown, [value])
        assert not value or shown[0]
        if text[-1] in _POWERS:
            assert abs(shown[0] - value) <= value / 20


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("symbol", ["PEPEUSDT", "BTCIDR", "1000000MOGUSDT-PERP", "BTCUSD_261225"])
async def test_every_number_of_a_narrow_pane_is_one_of_the_wide_one(symbol: str, size: tuple[int, int]) -> None:
    desk = extreme_desk(symbol)
    async with market_pane(desk, "orders", size) as (_, pilot):
        for name in ("header", "watchlist", "positions", "orders", "fills", "account", "alerts", "ticket", "messages"):
            pane = pilot.app.query_one(f"#{name}") if name == "header" else pilot.app.panes[name]
            width, height = pane.content_size if pane.is_on_screen else (min(60, size[0] - 2), 12)
            whole = [plain(line) for line in pane.lines(500, 60)]
            known = [value for line in whole for value, _, _ in numbers(line)]
            for line in pane.lines(width, height):
                for shown in numbers(plain(fit(line, width))):
                    assert is_true(shown, known), f"{name}: {shown[0]} in {plain(line)!r}"


@pytest.mark.parametrize("symbol", SYMBOLS)
async def test_every_size_and_price_of_ladder_book_and_tape_is_one_of_the_market(symbol: str) -> None:
    desk = extreme_desk(symbol)
    async with market_pane(desk, "ladder", (120, 36)) as (ladder, pilot):
        market = desk.store.market(symbol)
        tick, step = market.instrument.tick, market.instrument.step
        view = market.book.view(100)
        levels = [*view.bids, *view.asks]
        known = [tick.value(price) for price, _ in levels] + [step.value(size) for _, size in levels]
        known += [tick.value(price) for price in range(view.bids[-1][0], view.asks[-1][0])]
        known += [each.price for each in market.trades] + [each.quantity for each in market.trades]
        known += [D(sum(each.quantity for each in market.trades if each.price == price)) for price in set(known)]
        known += [order.leaves for order in desk.store.open_orders(symbol)]
        known += [D(second) for second in range(61)] + [D(view.asks[0][0] - view.bids[0][0])]
        for side in (view.bids, view.asks):
            known += [step.value(sum(size for _, size in side[: count + 1])) for count in range(len(side))]
        for name, width in product(("ladder", "book", "tape"), (30, 32, 35, 45, 60)):
            # The first lines hold shares and differences, and so does that of the spread.
            for line in text_of_width(pilot.app.panes[name], width, 18)[2 if name == "book" else 1 :]:
                for shown in numbers("" if "bp" in line or " · " in line else line):
                    assert is_true(shown, known), f"{name}: {shown[0]} in {line!r}"
            assert name != "ladder" or any("ask" in line for line in text_of_width(ladder, width, 18))


def text_of_width(pane: object, width: int, height: int) -> list[str]:
    return [plain(fit(line, width)) for line in pane.lines(width, height)]  # type: ignore[attr-defined]


def test_own_orders_of_both_sides_at_one_narrow_level_never_have_the_size_zero() -> None:
    levels = (OwnLevel(Side.BUY, D("0.100")), OwnLevel(Side.SELL, D("0.050")))
    for cells in range(2, 12):
        text = "".join(span.text for span in own_spans(levels, Increment(D("0.001")), cells))
        assert len(text) == cells
        assert not re.search(r"[BS]. *0(?![.\d])", text), text


def test_the_count_of_merged_prints_never_runs_into_their_size() -> None:
    listed = instrument(PERP)
    for count in (12, 123, 1_234, 12_345):
        each = Print(D("64212.4"), D("0.502"), Side.BUY, NOW_MS, count)
        for width in range(22, 40):
            text = plain(tape_lines([each], listed, width, 2)[1])
            assert f"×{count} " in text or "×" not in text, text
            assert text.endswith("0.502")


def candles_of(high: str, low: str, volume: str, length_ms: int = 86_400_000) -> list[Candle]:
    return [
        Candle(
            NOW_MS - (3 - i) * length_ms,
            NOW_MS - (2 - i) * length_ms - 1,
            D(low),
            D(high),
            D(low),
            D(high),
            D(volume),
            i < 2,
        )
        for i in range(3)
    ]


@pytest.mark.parametrize(("tick", "high", "low"), [("1", "9999", "9900"), ("0.1", "999.9", "990.0")])
def test_prices_on_the_axis_that_are_longer_than_any_candle_are_not_cut(tick: str, high: str, low: str) -> None:
    listed = replace(instrument(PERP), tick=Increment(D(tick)))
    picture = ChartPicture(listed, candles_of(high, low, "5"), D(low))
    cross = ChartState(cross=CrossHair(NOW_MS, D(high) * 2 - D(low) + 20))
    for state in (ChartState(), cross):
        lines = [plain(line) for line in chart_lines(picture, state, 50, 24)]
        axis = [line.rpartition(mark)[2] for line in lines for mark in "┤◀▸" if mark in line]
        assert axis
        for text in axis:
            assert re.fullmatch(r"\s?\d{1,3}(,\d{3})*(\.\d)?\s*", text), text
    assert any(",000" in line for line in lines)


def test_a_volume_longer_than_the_prices_is_shortened_and_not_cut() -> None:
    listed = replace(instrument(PERP), tick=Increment(D("0.1")))
    picture = ChartPicture(listed, candles_of("9.9", "9.1", "123456789"), D("9.5"))
    lines = [plain(line) for line in chart_lines(picture, ChartState(), 40, 24)]
    assert [line for line in lines if line.rstrip().endswith("┤ 123M")]


@pytest.mark.parametrize(("left_ms", "shown"), [(98_000, "01:38"), (45_296_000, "12h34"), (273_600_000, "3d04h")])
def test_the_time_left_of_a_long_candle_is_shortened_and_not_cut(left_ms: int, shown: str) -> None:
    listed = replace(instrument(PERP), tick=Increment(D("0.1")))
    picture = ChartPicture(listed, candles_of("9.9", "9.1", "5"), D("9.5"), left_ms=left_ms)
    lines = [plain(line) for line in chart_lines(picture, ChartState(), 40, 24)]
    assert any(line.rstrip().endswith(f" {shown}") for line in lines)


def test_the_sums_above_a_narrow_depth_curve_do_not_stand_over_each_other() -> None:
    book = OrderBook()
    book.load(BookSnapshot(1, [(642_120, 123_456_789)], [(642_121, 987_654_321)]))
    for width in range(26, 60):
        head = plain(depth_lines(book.view(10), instrument(PERP), 1, width, 8, 10)[0])[: width - 9]
        assert re.fullmatch(r" (bids )?123457 .*\D987654\D.*", head), head


def test_a_message_longer_than_the_pane_ends_in_a_mark() -> None:
    told = Message(1, NOW_MS, Severity.SUCCESS, "BTCUSDT-PERP filled 0.125 at 64,212.4")
    assert plain(fit(message_line(told, NOW_MS, is_under_cursor=False), 40)).endswith("0.125 a…")


def test_what_happened_on_another_day_says_so() -> None:
    assert moment(NOW_MS, NOW_MS) == "14:03:22"
    assert moment(NOW_MS - 86_400_000, NOW_MS) == "20 Jul 14:03"
    assert moment(NOW_MS - 400 * 86_400_000, NOW_MS) == "16 Jun 2025"


async def test_a_fill_of_yesterday_does_not_pass_for_one_of_today(desk: FakeDesk) -> None:
    desk.store.fills.appendleft(replace(desk.store.fills[0], time_ms=NOW_MS - 86_400_000, trade_id=1))
    async with market_pane(desk, "fills") as (fills, _):
        assert any("20 Jul 14:03" in row for row in text_of(fills))


async def test_profit_and_margin_of_a_coin_margined_contract_name_the_coin() -> None:
    async with market_pane(extreme_desk("BTCUSD-PERP"), "positions") as (positions, pilot):
        row = next(row for row in text_of_width(positions, 200, 12) if "BTCUSD-PERP" in row)
        assert "1,234,567.89000000 BTC" in row
        assert "−2,135.56848666 BTC" in row
        fill = next(row for row in text_of_width(pilot.app.panes["fills"], 200, 20) if "BTCUSD-PERP" in row)
        assert "−1,234,567.89000000 BTC" in fill


async def test_a_profit_in_coin_of_a_contract_no_longer_listed_does_not_read_as_nothing() -> None:
    desk = extreme_desk("BTCUSD-PERP")
    desk.store.fills.appendleft(replace(desk.store.fills[0], symbol="BTCUSD_250627", realized_profit=D("0.0012")))
    async with market_pane(desk, "fills") as (fills, _):
        row = next(row for row in text_of_width(fills, 200, 20) if "BTCUSD_250627" in row)
        assert "+0.00120000" in row


async def test_a_long_symbol_does_not_run_into_its_product_in_the_search() -> None:
    async with market_pane(extreme_desk("BTCUSD-PERP"), "search", (80, 24)) as (search, _):
        assert any("1000000MOGUSDT-PERP " in row for row in text_of(search))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_no_order_is_without_its_trigger_price_for_want_of_room(size: tuple[int, int]) -> None:
    async with market_pane(extreme_desk("BTCUSDT"), "orders", size) as (orders, _):
        for row in text_of_width(orders, orders.content_size.width, 30):
            assert "STOP" not in row or re.search(r"[\d.,]{6} .*(▸| )[\d,]+\.\d+ ", row), row


async def test_no_word_of_the_narrow_ticket_is_cut() -> None:
    async with market_pane(extreme_desk("BTCUSDT"), "ticket", (80, 24)) as (ticket, _):
        assert not [row for row in text_of_width(ticket, ticket.content_size.width, 30) if "…" in row]


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_the_profit_of_the_largest_positions_is_seen_whole(size: tuple[int, int]) -> None:
    async with market_pane(extreme_desk("BTCUSDT"), "positions", size) as (positions, _):
        rows = text_of_width(positions, positions.content_size.width, 12)
        assert not [row for row in rows if "…" in row]
        assert any("−2,135.56848666 BTC" in row for row in rows)
        assert any("−7,924,611.50" in row for row in rows)


def test_a_wallet_of_coins_in_the_header_names_the_coin_and_keeps_its_decimals() -> None:
    desk = extreme_desk("BTCUSD-PERP")
    desk.store.summary = None
    view = ViewState(symbol="BTCUSD-PERP", clock=desk.clock)
    assert "free 12,345.12345678 BTC  uPnL −1,924.99823438 BTC" in plain(header_lines(desk.store, view, 200)[1])
