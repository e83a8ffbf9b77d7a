"""The tape: takers merged, holes named, liquidations among the prints."""

from dataclasses import replace
from decimal import Decimal as D

from fake_desk import NOW_MS, PERP, instrument
from hypothesis import given
from hypothesis import strategies as st

from tui.domain.market import Liquidation, Trade
from tui.domain.order_terms import Side
from tui.ui.lines import plain
from tui.ui.tape.lines import share_line, tape_lines
from tui.ui.tape.prints import (
    Liquidated,
    Missed,
    Print,
    at_least,
    buy_share,
    entries_of,
    prints_among,
    with_liquidations,
)


def trade(number: int, price: str, quantity: str, side: Side, time_ms: int) -> Trade:
    return Trade(number, D(price), D(quantity), side, time_ms)


TRADES = [
    trade(4, "100.0", "1", Side.BUY, 1_000),
    trade(3, "100.0", "2", Side.BUY, 950),
    trade(2, "100.0", "4", Side.SELL, 940),
    trade(1, "100.0", "8", Side.SELL, 500),
]


def lost(price: str, time_ms: int, side: Side = Side.SELL) -> Liquidation:
    return Liquidation(side, D("1.250"), D(price), D(price), D("1.250"), time_ms)


def test_the_tape_merges_one_taker_and_keeps_two_apart() -> None:
    prints = prints_among(entries_of(TRADES, is_merging=True))
    assert [(each.quantity, each.aggressor, each.time_ms, each.count) for each in prints] == [
        (D(3), Side.BUY, 1_000, 2),
        (D(4), Side.SELL, 940, 1),
        (D(8), Side.SELL, 500, 1),
    ]
    assert buy_share(prints) == 20
    assert [each.quantity for each in prints_among(at_least(prints, D(350), instrument(PERP)))] == [D(4), D(8)]


def test_without_merging_each_trade_has_its_line() -> None:
    prints = entries_of(TRADES, is_merging=False)
    assert [each.quantity for each in prints_among(prints)] == [D(1), D(2), D(4), D(8)]


def test_trades_that_never_came_are_named_where_they_are_missing() -> None:
    entries = entries_of([TRADES[0], TRADES[3]], is_merging=True)
    assert entries[1] == Missed(2, 500)
    text = [plain(line) for line in tape_lines(entries, instrument(PERP), 26, 5)]
    assert text[2] == "┄┄┄┄ 2 trades missed ┄┄┄┄┄"
    assert "?" in plain(tape_lines([Missed(12_345_678, 0)], instrument(PERP), 12, 2)[1])


def test_a_hole_between_trades_of_one_taker_is_not_merged_away() -> None:
    entries = entries_of([trade(9, "100.0", "1", Side.BUY, 50), trade(7, "100.0", "1", Side.BUY, 50)], is_merging=True)
    assert [type(each) for each in entries] == [Print, Missed, Print]


def test_a_threshold_keeps_holes_because_nobody_knows_what_is_in_them() -> None:
    entries = entries_of([TRADES[0], TRADES[3]], is_merging=True)
    assert at_least(entries, D(10_000), instrument(PERP)) == [Missed(2, 500)]


def test_liquidations_stand_among_the_prints_by_time() -> None:
    entries = with_liquidations(
        entries_of(TRADES, is_merging=True), [lost("99.0", 945), lost("98.0", 100), lost("101.0", 2_000, Side.BUY)]
    )
    assert [type(each) for each in entries] == [Liquidated, Print, Liquidated, Print, Print]
    text = [plain(line) for line in tape_lines(entries, instrument(PERP), 26, 8)]
    assert text[1].startswith("00:02▲")
    assert "LIQ 1.250" in text[1]
    assert text[3].startswith("00:00▼")
    assert with_liquidations([], [lost("99.0", 945)]) == []


def test_a_small_tape_word_for_word() -> None:
    prints = entries_of(
        [trade(2, "64213.2", "2.400", Side.BUY, NOW_MS), trade(1, "64211.7", "0.050", Side.SELL, NOW_MS - 1_000)],
        is_merging=True,
    )
    assert [plain(line) for line in tape_lines(prints, instrument(PERP), 25, 4)] == [
        " 98% buy ▲▲▲▲▲▲▲▲▲▲▲▲▲▲▲ ",
        "03:22▲ 64,213.2     2.400",
        "03:21▼ 64,211.7     0.050",
    ]
    assert "STALE" in plain(tape_lines(prints, instrument(PERP), 25, 4, "STALE link")[0])
    assert plain(share_line(None, 20)).strip() == "no prints yet"


@given(
    st.lists(st.tuples(st.integers(1, 10**7), st.integers(1, 10**9), st.booleans(), st.integers(1, 3)), max_size=40),
    st.integers(12, 60),
    st.integers(1, 20),
    st.booleans(),
)
def test_every_line_has_the_width(
    shapes: list[tuple[int, int, bool, int]], width: int, height: int, is_merging: bool
) -> None:
    made, number = [], 10_000
    for price, size, is_buy, step in shapes:
        number -= step
        side = Side.BUY if is_buy else Side.SELL
        of = instrument(PERP)
        made.append(Trade(number, of.tick.value(price), of.step.value(size), side, NOW_MS + number * 10))
    losses = [replace(lost("64000.0", NOW_MS + number * 10 + 5))]
    entries = with_liquidations(entries_of(made, is_merging=is_merging), losses)
    lines = tape_lines(entries, instrument(PERP), width, height)
    assert 1 <= len(lines) <= height
    assert all(len(plain(line)) == width for line in lines)


def test_prices_stand_below_each_other_whatever_their_sizes() -> None:
    prints = [Print(D("64212.4"), D(size), Side.BUY, 0, 1) for size in ("0.5", "1234.567", "123456.789")]
    for width in (22, 24, 26, 30):
        lines = [plain(line) for line in tape_lines(prints, instrument(PERP), width, 9)[1:]]
        assert len({line.index("64,212.4") for line in lines}) == 1, lines
