"""The depth curve: sums outwards from the touch, on a scale of its own columns."""

from fake_desk import PERP, SPOT, FakeDesk, instrument
from hypothesis import given
from hypothesis import strategies as st

from tui.domain.book import BookView, OrderBook
from tui.domain.market import BookSnapshot
from tui.ui.book.depth import REACHES, columns_for, depth_lines, group_for, heights
from tui.ui.lines import plain


def test_heights_are_summed_outwards_by_column() -> None:
    assert heights(((100, 5), (99, 1), (97, 3)), 1, 5, -1) == [5, 6, 6, 9, 9]
    assert heights(((100, 5), (110, 1), (140, 3)), 10, 3, 1) == [5, 6, 6]


def test_a_small_curve_word_for_word() -> None:
    made = OrderBook()
    made.load(BookSnapshot(1, [(642120, 2000), (642119, 2000), (642118, 4000)], [(642121, 1000), (642122, 3000)]))
    lines = depth_lines(made.view(50), instrument(PERP), 1, 33, 5, 5)
    assert [plain(line) for line in lines] == [
        "█bids 8███       asks 4 ┤ 8      ",
        "██████████                       ",
        "███████████  ███████████         ",
        "████████████▄███████████┤ 2      ",
        "64,210.8 64,212.0 64,213.3       ",
    ]


def test_a_curve_ends_where_the_book_is_not_known_any_farther() -> None:
    made = OrderBook()
    bids, asks = [(642120, 2000), (642118, 4000)], [(642121, 1000), (642123, 3000)]
    made.load(BookSnapshot(1, bids, asks, levels_asked=2))
    lines = [plain(line) for line in depth_lines(made.view(50), instrument(PERP), 1, 33, 5, 5)]
    assert lines == [
        " bids ≥6 █      asks ≥4 ┤ 6      ",
        "         █    ▅                  ",
        "         █▂▂  █                  ",
        "         ███▅▅█         ┤ 1.5    ",
        "64,210.8 64,212.0 64,213.3       ",
    ]


@given(
    st.dictionaries(st.integers(0, 300), st.integers(1, 10**6), max_size=60),
    st.dictionaries(st.integers(0, 300), st.integers(1, 10**6), max_size=60),
    st.integers(1, 140),
    st.integers(1, 40),
    st.sampled_from(REACHES),
)
def test_every_line_has_the_width(
    bids: dict[int, int], asks: dict[int, int], width: int, height: int, reach: int
) -> None:
    made = OrderBook()
    rows = [(5000 - at, size) for at, size in bids.items()], [(5001 + at, size) for at, size in asks.items()]
    made.load(BookSnapshot(1, *rows))
    group = group_for(5000, reach, columns_for(width))
    lines = depth_lines(made.view(max(1, columns_for(width)), group), instrument(PERP), group, width, height, reach)
    assert 1 <= len(lines) <= height or height < 3
    assert all(len(plain(line)) == width for line in lines)


def test_a_book_without_one_side_has_no_curve() -> None:
    lines = depth_lines(BookView(1, ((5, 1),), ()), instrument(SPOT), 1, 60, 10, 50)
    assert "no orders on one side" in plain(lines[0])


def test_totals_are_those_within_reach() -> None:
    market = FakeDesk().store.market(PERP)
    group = group_for(642_120, 5, columns_for(100))
    view = market.book.view(columns_for(100), group)
    text = "\n".join(plain(line) for line in depth_lines(view, market.instrument, group, 100, 12, 5))
    assert "bids 1569.7" in text
    assert "−0.05%" in text
    assert "64,212.2" in text or "64,212.3" in text or "64,212.4" in text
