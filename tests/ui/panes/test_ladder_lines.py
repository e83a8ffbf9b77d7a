"""The ladder as lines: prices contiguous, sizes where they belong, nothing moving under the cursor."""

from decimal import Decimal as D
from itertools import pairwise

import pytest
from fake_desk import instrument
from hypothesis import given
from hypothesis import strategies as st

from tui.domain.book import BookView, OrderBook
from tui.domain.instrument import Instrument
from tui.domain.market import BookSnapshot, Trade
from tui.domain.order_terms import Side
from tui.ui.figures import grouped
from tui.ui.ladder.bars import eighths, leftward, rightward, scale_for
from tui.ui.ladder.changes import FORGOTTEN_AFTER_NS, SizeChanges
from tui.ui.ladder.columns import column_at, columns, price_rows
from tui.ui.ladder.lines import LadderState, RowsDrawn, ladder_lines, words_lines
from tui.ui.ladder.picture import LadderPicture, LastPrint, LevelMark, OwnLevel, group_of
from tui.ui.ladder.traded import MOST_TICKS, TradedSizes
from tui.ui.ladder.window import LadderWindow, centred, following, pin_between, showing, touch_groups
from tui.ui.lines import plain

PERP = instrument("BTCUSDT-PERP")


def book(bids: dict[int, int], asks: dict[int, int]) -> OrderBook:
    made = OrderBook()
    made.load(BookSnapshot(1, list(bids.items()), list(asks.items())))
    return made


def picture(made: OrderBook, group: int = 1, of: Instrument = PERP, **more: object) -> LadderPicture:
    return LadderPicture(of, group, made.view(200, group), made.view(10), **more)  # type: ignore[arg-type]


def centre(shown: LadderPicture, height: int, **more: object) -> LadderState:
    pin = pin_between(*touch_groups(shown.levels, shown.ticks_per_group))
    assert pin is not None
    return LadderState(centred(pin, price_rows(height)), **more)  # type: ignore[arg-type]


def test_a_small_ladder_word_for_word() -> None:
    made = book({642120: 1400, 642119: 22000, 642117: 800}, {642121: 3100, 642122: 22000})
    own = {642119: (OwnLevel(Side.BUY, D("0.100")),), 642122: (OwnLevel(Side.SELL, D("0.050"), "?"),)}
    shown = picture(made, own=own, last=LastPrint(642121, Side.BUY))
    lines = [plain(line) for line in ladder_lines(shown, centre(shown, 8, cursor=642119), 35, 8)]
    assert lines == [
        " mine        bid    price     ask  ",
        "                 64,212.3          ",
        " S?0.050         64,212.2   22.00  ",
        "›                64,212.1▲   3.10  ",
        "─────── 1t · 0.02bp · 49/51 ───────",
        "›           1.40 64,212.0          ",
        "»B 0.100   22.00 64,211.9          ",
        "                 64,211.8          ",
    ]


def test_prices_beyond_what_is_known_of_a_book_do_not_pass_for_empty() -> None:
    made = OrderBook()
    made.load(BookSnapshot(1, [(642120, 1400), (642118, 800)], [(642121, 3100), (642122, 2200)], levels_asked=2))
    shown = picture(made)
    lines = [plain(line) for line in ladder_lines(shown, centre(shown, 10), 35, 10)]
    assert lines == [
        " mine        bid    price     ask  ",
        "                 64,212.4       ·  ",
        "                 64,212.3       ·  ",
        "                 64,212.2   2.200  ",
        "›                64,212.1   3.100  ",
        "─────── 1t · 0.02bp · 29/71 ───────",
        "›          1.400 64,212.0          ",
        "                 64,211.9          ",
        "           0.800 64,211.8          ",
        "               · 64,211.7          ",
    ]


LEVELS = st.dictionaries(st.integers(0, 60), st.integers(1, 10**9), max_size=40)


@given(LEVELS, LEVELS, st.sampled_from([1, 2, 5, 10, 50]), st.integers(20, 130), st.integers(0, 50), st.booleans())
def test_every_line_has_the_width_and_prices_descend_in_group_steps(
    bids: dict[int, int], asks: dict[int, int], group: int, width: int, height: int, is_cumulative: bool
) -> None:
    made = book({5000 - at: size for at, size in bids.items()}, {5001 + at: size for at, size in asks.items()})
    shown = picture(made, group)
    pin = pin_between(*touch_groups(shown.levels, group)) or 5000 // group
    state = LadderState(centred(pin, price_rows(height)), is_cumulative=is_cumulative)
    lines = ladder_lines(shown, state, width, height)
    assert len(lines) == height
    assert all(len(plain(line)) == width for line in lines)
    if width >= 60 and height > 2:
        rows = [plain(line) for line in lines[1:] if "─" not in plain(line)]
        cells = columns(width, 5)
        start = 1 + cells.own + cells.bar + cells.size + 1
        prices = [D(text) for row in rows if (text := row[start : start + 5].replace(",", "").strip())]
        step = PERP.tick.value(group)
        assert all(a - b == step for a, b in pairwise(prices))


@given(st.integers(-15, 15), st.sampled_from([Side.BUY, Side.SELL]), st.sampled_from([1, 2, 5]))
def test_every_own_order_in_the_window_is_shown_on_its_row(offset: int, side: Side, group: int) -> None:
    made = book({5000: 10}, {5001: 10})
    at = group_of(PERP.tick.value(5000 + offset), side, PERP.tick, group)
    shown = picture(made, group, own={at: (OwnLevel(side, D("0.123")),)})
    height = 20
    state = centre(shown, height)
    texts = [plain(line) for line in ladder_lines(shown, state, 60, height)]
    rows = [text for text in texts if f"{side.value[0]} 0.123" in text]
    if state.window.holds(at, price_rows(height)):
        assert len(rows) == 1
        assert grouped(PERP.tick.text(at * group)) in rows[0]
    else:
        assert not rows
        assert "▲1" in texts[0] or "▼1" in texts[0]


@given(st.integers(0, 10**12), st.integers(0, 10**12), st.integers(1, 40))
def test_bars_are_monotone_and_never_longer_than_their_cells(a: int, b: int, cells: int) -> None:
    scale = scale_for(max(a, b))
    assert scale >= max(a, b)
    low, high = sorted((a, b))
    short, long = eighths(low, scale, cells), eighths(high, scale, cells)
    assert 0 <= short <= long <= cells * 8
    assert (short > 0) == (low > 0)
    for length in (short, long):
        assert len(plain(leftward(length, cells, "bar_bid"))) == cells
        assert len(plain(rightward(length, cells, "bar_ask"))) == cells


@given(st.lists(st.tuples(LEVELS, LEVELS, st.integers(-3, 3), st.booleans()), min_size=1, max_size=6))
def test_a_frame_after_others_is_the_same_as_one_drawn_afresh(
    frames: list[tuple[dict[int, int], dict[int, int], int, bool]],
) -> None:
    drawn = RowsDrawn()
    for bids, asks, cursor, is_cumulative in frames:
        made = book({5000 - at: size for at, size in bids.items()}, {5001 + at: size for at, size in asks.items()})
        own = {5000 + cursor: (OwnLevel(Side.BUY, D("0.1")),)}
        changes = {5000 - cursor: 7, 5001 + cursor: -9} if cursor else None
        shown = picture(made, own=own, changes=changes, traded={5000 + cursor: 5}, last=LastPrint(5000, Side.SELL))
        state = LadderState(centred(5000, 20), cursor=5000 + cursor if cursor else None, is_cumulative=is_cumulative)
        assert ladder_lines(shown, state, 70, 22, drawn) == ladder_lines(shown, state, 70, 22)


def test_sizes_far_above_the_others_stand_out_without_colour() -> None:
    shown = picture(book({5000 - n: 100 for n in range(10)} | {4995: 900}, {5001 + n: 100 for n in range(10)}))
    spans = [span for line in ladder_lines(shown, centre(shown, 24), 70, 24) for span in line]
    assert [span.text for span in spans if "big" in span.style] == ["0.900"]


def test_marks_stand_in_the_own_column_and_give_way_to_orders() -> None:
    made = book({5000: 10}, {5001: 10})
    marks = {
        4999: (LevelMark("SL S all", "¤", "stop_mark"),),
        4998: (LevelMark("◆+0.250", "◆", "entry"), LevelMark("!≥", "!", "alert")),
        5000: (LevelMark("LIQ", "×", "liquidation"),),
    }
    shown = picture(made, marks=marks, own={5000: (OwnLevel(Side.BUY, D("0.100")),)})
    rows = [plain(line) for line in ladder_lines(shown, centre(shown, 12), 45, 12)]
    assert any(row[1:].startswith("SL S all") and "499.9" in row for row in rows)
    assert any(row[1:].startswith("◆+0.250!") and "499.8" in row for row in rows)
    assert any("B 0.100" in row and "×" in row and "500.0" in row for row in rows)


@given(st.integers(20, 160), st.integers(5, 12), st.booleans())
def test_every_cell_of_a_row_belongs_to_a_column(width: int, price_cells: int, has_changes: bool) -> None:
    cells = columns(width, price_cells, has_changes=has_changes)
    names = [column_at(cells, x) for x in range(width)]
    assert names[0] == "own"
    order = [name for n, name in enumerate(names) if n == 0 or name != names[n - 1]]
    assert order == ["own", "bid", "price", "ask", ""][: len(order)]


def view_of(bids: dict[int, int], asks: dict[int, int], update: int) -> BookView:
    return BookView(update, tuple(sorted(bids.items(), reverse=True)), tuple(sorted(asks.items())))


def test_what_is_put_to_a_level_is_stacked_and_what_is_taken_without_trading_is_pulled() -> None:
    changes = SizeChanges()
    assert not changes.take(view_of({100: 5, 99: 9, 98: 1}, {101: 4}, 1), 1, {}, 0)
    net = changes.take(view_of({100: 8, 99: 2, 98: 1}, {101: 4}, 2), 1, {}, 1)
    assert dict(net) == {100: 3, 99: -7}
    net = changes.take(view_of({100: 6, 99: 2, 98: 1}, {101: 4}, 3), 1, {100: 2}, 2)
    assert net[100] == 3, "two lots traded away are not pulled"
    assert not changes.take(view_of({100: 6, 99: 2, 98: 1}, {101: 4}, 3), 1, {100: 2}, FORGOTTEN_AFTER_NS + 3)


def test_levels_that_come_into_sight_are_not_stacked_and_sides_do_not_mix() -> None:
    changes = SizeChanges()
    changes.take(view_of({100: 5, 99: 9}, {101: 4, 102: 4}, 1), 1, {}, 0)
    assert not changes.take(view_of({100: 5, 99: 9, 98: 7}, {101: 4, 102: 4, 103: 9}, 2), 1, {}, 1)
    net = changes.take(view_of({99: 9, 98: 7}, {100: 6, 101: 4, 102: 4, 103: 9}, 3), 1, {}, 2)
    assert net.get(100) == 6
    assert not changes.take(view_of({90: 9}, {110: 6}, 4), 10, {}, 3)


def test_bars_of_both_sides_fill_the_same_cells() -> None:
    assert plain(rightward(13, 3, "x")) == "█▋ "
    left = leftward(13, 3, "x")
    assert plain(left) == " ▍█"
    assert left[1].style == "x reverse"


def test_a_bid_counts_to_the_group_below_and_an_ask_to_the_one_above() -> None:
    tick = PERP.tick
    assert group_of(D("64211.9"), Side.BUY, tick, 5) * 5 == 642115
    assert group_of(D("64212.1"), Side.SELL, tick, 5) * 5 == 642125
    assert group_of(D("64212.0"), Side.SELL, tick, 5) * 5 == 642120


def test_prices_of_a_coin_below_a_cent_are_whole_and_sizes_abbreviated() -> None:
    pepe = instrument("PEPEUSDT")
    shown = picture(book({1342: 120_000_000}, {1343: 4_500_000_000}), of=pepe)
    text = "\n".join(plain(line) for line in ladder_lines(shown, centre(shown, 8), 36, 8))
    assert "0.00001342" in text
    assert "120M" in text
    assert "4.5B" in text or "4.50B" in text


def test_cumulative_sizes_are_summed_outwards() -> None:
    shown = picture(book({100: 1000, 99: 2000, 97: 3000}, {101: 5000, 102: 1000}))
    text = [plain(line) for line in ladder_lines(shown, centre(shown, 10, is_cumulative=True), 40, 10)]
    assert any("6.000" in row and "9.7" in row for row in text)
    assert any("6.000" in row and "10.2" in row for row in text)


def test_the_touch_beyond_the_window_is_told_by_an_arrow() -> None:
    shown = picture(book({100: 5}, {101: 5}))
    above = ladder_lines(shown, LadderState(LadderWindow(50, 45), cursor=48), 40, 12)
    below = ladder_lines(shown, LadderState(LadderWindow(500, 495), cursor=498), 40, 12)
    assert "▲ touch 10.1" in plain(above[0])
    assert "▼ touch 10.0" in plain(below[0])
    assert "touch ▲" in "".join(plain(line) for line in above)


def test_following_keeps_prices_still_while_the_touch_stays_in_the_middle() -> None:
    window = following(None, 1000, 20)
    assert following(window, 1001, 20).top == window.top
    assert following(window, 1001, 20).pin == 1001
    moved = following(window, 1008, 20)
    assert moved.split(20) == 10
    assert moved.pin == 1008


@given(st.integers(1, 10_000), st.integers(1, 60), st.integers(1, 10_000))
def test_showing_a_group_moves_the_window_only_as_far_as_needed(top: int, rows: int, group: int) -> None:
    before = LadderWindow(top, top)
    after = showing(before, group, rows)
    assert after.holds(group, rows)
    if before.holds(group, rows):
        assert after == before


def test_an_empty_side_is_told_in_words() -> None:
    shown = picture(book({100: 5}, {}))
    assert any("no asks" in plain(line) for line in ladder_lines(shown, centre(shown, 8), 40, 8))


def test_words_carry_no_price() -> None:
    lines = words_lines("STALE", "market link silent", 40, 9)
    assert len(lines) == 9
    assert {len(plain(line)) for line in lines} == {40}
    assert "STALE" in "".join(plain(line) for line in lines)


def test_traded_sizes_of_a_day_are_forgotten_far_from_the_last_print() -> None:
    traded = TradedSizes()
    for n in range(3 * MOST_TICKS):
        traded.take([Trade(n, D("64000") + n * D("0.1"), D("0.010"), Side.BUY, n)], PERP)
    kept = traded.by_group(1)
    assert MOST_TICKS // 2 <= len(kept) <= MOST_TICKS
    assert max(kept) == 640_000 + 3 * MOST_TICKS - 1


def test_traded_sizes_count_each_print_once_and_follow_the_grouping() -> None:
    traded = TradedSizes()
    prints = [Trade(n, D("64212.1") + n % 2 * D("0.1"), D("0.010"), Side.BUY, n) for n in range(10, 0, -1)]
    traded.take(prints[5:], PERP)
    traded.take(prints, PERP)
    assert traded.by_group(1) == {642121: 50, 642122: 50}
    assert traded.by_group(10) == {64213: 100}
    traded.take([Trade(11, D("64212.9"), D("0.001"), Side.SELL, 11)], PERP)
    assert traded.by_group(10) == {64213: 100, 64212: 1}


@pytest.mark.parametrize("view", [BookView(1, (), ()), BookView(1, ((5, 1),), ())])
def test_pin_of_a_book_with_an_empty_side(view: BookView) -> None:
    pin = pin_between(*touch_groups(view, 1))
    assert pin == (None if not view.bids else 6)
