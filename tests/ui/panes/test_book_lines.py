"""The order book side by side: mirrored, summed outwards, each line whole."""

from decimal import Decimal as D

from fake_desk import NOW_MS, PERP, FakeDesk, instrument
from hypothesis import given
from hypothesis import strategies as st
from market_screen import market_pane, text_of

from tui.domain.book import OrderBook
from tui.domain.market import BookSnapshot
from tui.domain.order_terms import Side
from tui.ui.book.lines import BookPicture, book_lines
from tui.ui.figures import fitted, separated
from tui.ui.ladder.picture import OwnLevel
from tui.ui.lines import plain


def picture(
    bids: dict[int, int], asks: dict[int, int], group: int = 1, symbol: str = PERP, **more: object
) -> BookPicture:
    made = OrderBook()
    made.load(BookSnapshot(1, list(bids.items()), list(asks.items())))
    return BookPicture(instrument(symbol), group, made.view(50, group), made.view(10), **more)  # type: ignore[arg-type]


def test_a_small_book_word_for_word() -> None:
    own = {642119: (OwnLevel(Side.BUY, D("0.1")),), 642122: (OwnLevel(Side.SELL, D("0.1")),)}
    shown = picture({642120: 1400, 642119: 22000}, {642121: 3100, 642122: 22000, 642130: 500}, own=own)
    assert [plain(line) for line in book_lines(shown, 45, 5, is_named=False)] == [
        "               0.1 = 1t · 0.02bp · imb 48/52 ",
        "   sum  size      bids│asks        size   sum",
        "  1.40  1.40  64,212.0│64,212.1    3.10  3.10",
        " 23.40 22.00B 64,211.9│64,212.2 S 22.00 25.10",
        "                      │64,213.0    0.50 25.60",
    ]


LEVELS = st.dictionaries(st.integers(0, 60), st.integers(1, 10**9), max_size=40)


@given(LEVELS, LEVELS, st.sampled_from([1, 5, 50]), st.integers(24, 120), st.integers(0, 40), st.booleans())
def test_every_line_has_the_width(
    bids: dict[int, int], asks: dict[int, int], group: int, width: int, height: int, is_named: bool
) -> None:
    shown = picture(
        {5000 - at: lots for at, lots in bids.items()}, {5001 + at: lots for at, lots in asks.items()}, group
    )
    lines = book_lines(shown, width, height, is_named=is_named)
    assert len(lines) == height
    assert all(len(plain(line)) == width for line in lines)


def test_the_best_levels_come_first_on_both_sides(desk: FakeDesk) -> None:
    market = desk.store.market(PERP)
    shown = BookPicture(market.instrument, 1, market.book.view(5), market.book.view(10))
    rows = [plain(line) for line in book_lines(shown, 45, 7, is_named=True)]
    assert rows[0].startswith(" BTCUSDT-PERP")
    assert "64,212.0│64,212.5" in rows[2]
    assert "64,211.6│64,212.9" in rows[6]


def test_bars_grow_away_from_the_middle() -> None:
    shown = picture({100: 10}, {101: 40})
    (line,) = book_lines(shown, 41, 3, is_named=False)[2:]
    filled = [span for span in line if "fill" in span.style]
    assert sum(len(span.text) for span in filled if "fill_bid" in span.style) == 5
    assert sum(len(span.text) for span in filled if "fill_ask" in span.style) == 20
    at = [span.style for span in line].index("faint")
    assert "fill_bid" in line[at - 1].style
    assert "fill_ask" in line[at + 1].style


@given(LEVELS, LEVELS, st.integers(24, 120))
def test_both_sides_have_the_same_columns(bids: dict[int, int], asks: dict[int, int], width: int) -> None:
    """Where one half had a cell more, it alone had room for the sums."""
    shown = picture({5000 - at: lots for at, lots in bids.items()}, {9998 + at: lots for at, lots in asks.items()})
    names = plain(book_lines(shown, width, 4, is_named=False)[1])
    left, _, right = names.partition("│")
    assert left.count("sum") == right.count("sum")


def test_an_empty_side_is_told_in_words() -> None:
    assert "no asks" in plain(book_lines(picture({100: 5}, {}), 45, 6, is_named=False)[0])
    assert "no orders" in plain(book_lines(picture({}, {}), 45, 6, is_named=False)[0])


def test_sums_are_those_of_the_levels_shown() -> None:
    shown = picture({100: 1000, 99: 2000, 97: 3000}, {101: 5000})
    rows = [plain(line) for line in book_lines(shown, 60, 6, is_named=False)]
    assert "6.000" in rows[4]


def test_summed_bars_show_the_sums_and_so_does_the_one_column_of_a_narrow_book() -> None:
    shown = picture({100: 10, 99: 30}, {101: 10, 102: 10}, is_cumulative=True)
    names, first, second = (plain(line) for line in book_lines(shown, 31, 4, is_named=False)[1:])
    assert names.count("sum") == 2
    assert "size" not in names
    assert (first.count("0.010"), second.count("0.040"), second.count("0.020")) == (2, 1, 1)
    wide = book_lines(shown, 61, 4, is_named=False)
    assert plain(wide[1]).count("size") == 2
    bars = [sum(len(span.text) for span in line if "fill_bid" in span.style) for line in wide[2:]]
    assert bars == [8, 30], "a quarter, and the whole half"


async def test_a_book_with_gaps_still_fills_its_rows(desk: FakeDesk) -> None:
    """Groups without an order took rows at the far end: a side of the pane stayed empty over a deep book."""
    symbol = PERP
    levels = {642_120 - 7 * at: 1_000 for at in range(200)}
    desk.store.market(symbol).book.load(BookSnapshot(9, list(levels.items()), [(642_125, 5)], NOW_MS), [])
    async with market_pane(desk, "book", (200, 50)) as (book, pilot):
        pilot.app.view.group_as({symbol: 5})
        rows = [line.partition("│")[0].strip() for line in text_of(book)[2:19]]
        assert all(rows), rows


@given(st.integers(0, 10**13), st.integers(0, 8), st.integers(1, 12))
def test_thousands_stand_apart_only_where_there_is_room(units: int, decimals: int, cells: int) -> None:
    text = f"{D(units).scaleb(-decimals):f}"
    shown = separated(text, cells)
    assert len(shown) <= cells
    assert shown.replace(",", "") == fitted(text, cells)


def test_what_is_not_the_whole_book_says_so_and_its_farthest_sizes_are_the_least_there_may_be() -> None:
    made = OrderBook()
    bids, asks = {642120: 1400, 642112: 500, 642104: 200}, {642121: 3100, 642129: 900, 642138: 400}
    made.load(BookSnapshot(1, list(bids.items()), list(asks.items()), levels_asked=3))
    shown = BookPicture(instrument(PERP), 10, made.view(50, 10), made.view(10), told="top 3 only")
    assert [plain(line) for line in book_lines(shown, 45, 5, is_named=True)] == [
        " BTCUSDT-PERP top 3 only          1t · 32/68 ",
        "   sum  size      bids│asks        size   sum",
        "  1.40  1.40  64,212.0│64,213.0    4.00  4.00",
        "  1.90  0.50  64,211.0│64,214.0   ≥0.40 ≥4.40",
        " ≥2.10 ≥0.20  64,210.0│                      ",
    ]
