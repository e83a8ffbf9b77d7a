"""Watchlists as lists and as tables: names, order, columns that give way, and what is kept."""

from decimal import Decimal as D

import pytest
from fake_desk import instrument
from hypothesis import given
from hypothesis import strategies as st

from tui.ui.lines import plain
from tui.ui.state_file import StateFile
from tui.ui.table import TableState, table_lines
from tui.ui.watchlist.lines import WatchCells, WatchRow, columns_for, ordered
from tui.ui.watchlist.lists import MOST_LISTS, MOST_SYMBOLS, ORDERS, WatchlistError, Watchlists


def row(symbol: str, change: str | None = "1.24", turnover: int | None = 10**9, **more: object) -> WatchRow:
    last = {"BTCUSDT": D("64212.40"), "PEPEUSDT": D("0.00001342")}.get(symbol, D("3412.08"))
    shape = tuple(D(n) for n in (1, 3, 2, 5))
    return WatchRow(
        symbol,
        instrument(symbol),
        last,
        None if change is None else D(change),
        shape,
        False,
        False,
        False,
        False,
        None if turnover is None else D(turnover),
        **more,  # type: ignore[arg-type]
    )


def table(rows: list[WatchRow], width: int, order: str = "") -> list[str]:
    lines = table_lines(columns_for(width, rows, order), rows, TableState(), width, 10)
    return [plain(line) for line in lines]


def test_columns_give_way_from_the_right_and_names_shorten_last() -> None:
    rows = [row("BTCUSDT", funding=D("0.0001")), row("PEPEUSDT", "-6.55")]
    assert "fund %" in table(rows, 64)[0]
    assert "fund %" not in table(rows, 48)[0]
    assert "vol" in table(rows, 48)[0]
    assert "24h %" in table(rows, 36)[0]
    assert "PEPEUSDT" in table(rows, 36)[2]
    assert table(rows, 20)[2].split() == ["PEPE", "0.00001342"]
    assert all(len(line) == width for width in (20, 36, 48, 64) for line in table(rows, width))


def test_the_column_of_the_order_is_marked() -> None:
    assert "24h %▼" in table([row("BTCUSDT")], 60, "change")[0]
    assert "vol▼" in table([row("BTCUSDT")], 60, "volume")[0]
    assert "symbol▲" in table([row("BTCUSDT")], 60, "symbol")[0]


def test_what_is_not_known_comes_last_in_every_order() -> None:
    rows = [row("BTCUSDT", None, None), row("ETHUSDT", "0.5", 5), row("SOLUSDT", "-2", 9)]
    assert [each.symbol for each in ordered(rows, "change")] == ["ETHUSDT", "SOLUSDT", "BTCUSDT"]
    assert [each.symbol for each in ordered(rows, "volume")] == ["SOLUSDT", "ETHUSDT", "BTCUSDT"]
    assert [each.symbol for each in ordered(rows, "")] == ["BTCUSDT", "ETHUSDT", "SOLUSDT"]


def test_cells_of_a_new_row_are_never_those_of_the_old_one() -> None:
    cells = WatchCells()
    first, second = row("BTCUSDT"), row("BTCUSDT", "-9.99")
    assert "1.24" in cells.figures(first)[1].text
    assert "9.99" in cells.figures(second)[1].text
    assert cells.figures(second) is cells.figures(second)


def test_the_engines_choice_is_the_list_until_one_is_changed() -> None:
    state = StateFile()
    lists = Watchlists(state)
    lists.adopt(["A", "B"])
    lists.next_order()
    assert not lists.is_own
    assert state.section("watchlists") is None
    lists.adopt(["A", "B", "C"])
    lists.move("A", 1)
    lists.adopt(["X"])
    assert lists.current.symbols == ("B", "A", "C")
    assert Watchlists(state).current == lists.current


@given(
    st.lists(st.sampled_from("ABCDEF"), unique=True, min_size=1),
    st.lists(st.tuples(st.sampled_from("ABCDEF"), st.integers(-9, 9)), max_size=8),
)
def test_moving_rows_loses_and_doubles_none(symbols: list[str], moves: list[tuple[str, int]]) -> None:
    lists = Watchlists(StateFile())
    lists.adopt(symbols)
    for symbol, by in moves:
        lists.move(symbol, by)
    assert sorted(lists.current.symbols) == sorted(symbols)


def test_what_cannot_be_done_to_a_list_is_said() -> None:
    lists = Watchlists(StateFile())
    lists.add("A")
    for change, words in (
        (lambda: lists.add("A"), "already"),
        (lambda: lists.begin(" "), "needs a name"),
        (lambda: lists.begin("main"), "there is a list"),
        (lambda: lists.show("none"), "no list 'none': main"),
        (lists.drop, "last list"),
    ):
        with pytest.raises(WatchlistError, match=words):
            change()
    for number in range(MOST_LISTS - 1):
        lists.begin(f"list {number}")
    with pytest.raises(WatchlistError, match="already"):
        lists.begin("one more")
    for number in range(MOST_SYMBOLS):
        lists.add(str(number))
    with pytest.raises(WatchlistError, match="make another"):
        lists.add("too many")


def test_names_and_symbols_from_the_file_are_made_harmless() -> None:
    state = StateFile()
    listed = [{"name": "a\x1b]0;x\x07", "symbols": ["BTC\x1b[2J", 7, "ETH", "ETH"], "order": "evil"}, {"name": 3}, "x"]
    state.put("watchlists", {"current": "nowhere", "lists": listed})
    lists = Watchlists(state)
    assert lists.names == ("a]0;x",)
    assert lists.current.symbols == ("BTC[2J", "ETH")
    assert lists.current.order in ORDERS
