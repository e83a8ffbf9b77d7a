"""The chart as lines: geometry, axes, marks."""

import re
from decimal import Decimal as D

import pytest
from fake_desk import PERP, FakeDesk, instrument
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.domain.market import Candle
from tui.domain.order_terms import Side
from tui.ui.ascii_look import in_ascii
from tui.ui.chart.candles import draw_candle, draw_volume
from tui.ui.chart.canvas import Canvas
from tui.ui.chart.lines import LastDrawn, chart_lines
from tui.ui.chart.marks import moved_price
from tui.ui.chart.picture import ZOOMS, ChartPicture, ChartState, CrossHair, FillMark, Mark, visible
from tui.ui.chart.scale import PriceScale, moment_text, round_prices, time_label, time_step_ms
from tui.ui.chart.studies import OFFERED, StudyShelf
from tui.ui.lines import plain


def candle(n: int, opened: str, high: str, low: str, closed: str, volume: str = "5") -> Candle:
    return Candle(n * 60_000, n * 60_000 + 59_999, D(opened), D(high), D(low), D(closed), D(volume), closed=True)


def picture(desk: FakeDesk, **more: object) -> ChartPicture:
    market = desk.store.market(PERP)
    assert market.series
    return ChartPicture(
        market.instrument,
        market.series["5m"].value.candles,
        market.last_price(),
        **more,  # type: ignore[arg-type]
    )


def test_a_small_chart_word_for_word() -> None:
    candles = [
        candle(0, "10.0", "10.0", "6.0", "8.0"),
        candle(1, "8.0", "14.0", "8.0", "12.0", "10"),
        candle(2, "12.0", "13.0", "9.0", "12.1", "2"),
        candle(3, "12.0", "12.0", "7.0", "7.5", "6"),
    ]
    shown = ChartPicture(instrument(PERP), candles, D("7.5"))
    lines = chart_lines(shown, ChartState(zoom=1), 20, 11)
    assert [plain(line) for line in lines] == [
        "        ╷           ",
        "        │ ╷         ",
        "        ╽ ┼ ▅       ",
        "        ┃ │ █       ",
        "·   · ▄ ┃ │ █ ┤ 10.0",
        "      █ ┃ ╵ █       ",
        "      ▃ ╹   █       ",
        "┄┄┄┄┄┄│┄┄┄┄┄▇┄◀7.5  ",
        "      ╵             ",
        "      ▄ ┃ ╻ ▅       ",
        "   01 Jan           ",
    ]


def test_wide_candles_are_outlines_when_they_rise() -> None:
    candles = [candle(0, "8.0", "14.0", "6.0", "12.0"), candle(1, "12.0", "13.0", "7.0", "7.5")]
    shown = ChartPicture(instrument(PERP), candles, D("7.5"))
    lines = [plain(line) for line in chart_lines(shown, ChartState(zoom=2), 20, 11)]
    assert [line[6:13] for line in lines[:9]] == [
        " ╷     ",
        " │   ╷ ",
        "┏┷┓ ▅▅▅",
        "┃ ┃ ███",
        "┃ ┃ ███",
        "┃ ┃ ███",
        "┗┯┛ ███",
        "┄│┄┄▇▇▇",
        " ╵     ",
    ]


@pytest.mark.parametrize("is_ascii", [False, True])
@pytest.mark.parametrize("zoom", range(len(ZOOMS)))
@given(
    st.integers(10, 90),
    st.integers(10, 90),
    st.integers(0, 10),
    st.integers(0, 10),
)
def test_rising_and_falling_candles_differ_without_colours(
    zoom: int, is_ascii: bool, opened: int, closed: int, above: int, below: int
) -> None:
    def drawn(first: int, last: int) -> list[str]:
        high, low = max(first, last) + above, min(first, last) - below
        one = Candle(0, 59_999, D(first), D(high), D(low), D(last), D(5), closed=True)
        canvas, scale = Canvas(9, 16), PriceScale(0, 100, 12)
        draw_candle(canvas, one, scale, 2, ZOOMS[zoom][1], is_ascii=is_ascii)
        draw_volume(canvas, [one], [2], ZOOMS[zoom][1], 12, 10.0)
        shown = [plain(line) for line in canvas.lines()]
        return [in_ascii(line) for line in shown] if is_ascii else shown

    if opened != closed:
        rising, falling = (
            drawn(min(opened, closed), max(opened, closed)),
            drawn(max(opened, closed), min(opened, closed)),
        )
        assert rising[:12] != falling[:12]
        assert rising[12:] != falling[12:]


CANDLES = st.lists(
    st.tuples(*(st.integers(1, 2_000_000) for _ in range(4)), st.integers(0, 10**6)), min_size=1, max_size=60
)


@given(CANDLES, st.integers(1, 120), st.integers(1, 50), st.integers(0, 3), st.integers(0, 80), st.booleans())
def test_every_line_has_the_width_whatever_the_candles(
    shapes: list[tuple[int, int, int, int, int]], width: int, height: int, zoom: int, back: int, is_line: bool
) -> None:
    tick = instrument(PERP).tick
    candles = [
        Candle(
            n * 300_000,
            n * 300_000 + 299_999,
            tick.value(a),
            tick.value(max(a, b, c, d)),
            tick.value(min(a, b, c, d)),
            tick.value(b),
            D(volume),
            closed=True,
        )
        for n, (a, b, c, d, volume) in enumerate(shapes)
    ]
    last = candles[-1].close
    shown = ChartPicture(instrument(PERP), candles, last, (Mark(last, "B 0.1", "bid", "╌"),))
    lines = chart_lines(shown, ChartState(zoom, back, is_line), width, height)
    assert 1 <= len(lines) <= height
    assert all(len(plain(line)) == width for line in lines)


def test_labels_of_marks_on_one_row_stand_beside_each_other(desk: FakeDesk) -> None:
    marks = (Mark(D("64210.5"), "B 0.100", "bid", "╌"), Mark(D("64217.5"), "S 0.050", "ask", "╌"))
    text = [plain(line) for line in chart_lines(picture(desk, marks=marks), ChartState(), 85, 30)]
    assert any(" B 0.100 64,210.5 ╌ S 0.050 64,217.5 " in line for line in text)
    assert any("◀64,212.4" in line for line in text)


def test_what_is_wrong_with_the_candles_is_said(desk: FakeDesk) -> None:
    text = plain(chart_lines(picture(desk, note="STALE market link down"), ChartState(), 85, 29)[0])
    assert "STALE market link down" in text
    empty = ChartPicture(instrument(PERP), (), None, note="loading 5m candles")
    assert "loading 5m candles" in plain(chart_lines(empty, ChartState(), 40, 10)[0])


def test_panning_back_hides_the_newest_candles(desk: FakeDesk) -> None:
    candles = picture(desk).candles
    assert visible(candles, ChartState(zoom=1), 20)[-1] is candles[-1]
    assert visible(candles, ChartState(zoom=1, back=5), 20)[-1] is candles[-6]
    assert len(visible(candles, ChartState(zoom=1, back=10_000), 20)) == 10


@given(st.integers(1, 10**7), st.integers(1, 10**6), st.integers(3, 50))
def test_axis_prices_are_whole_ticks_inside_the_scale(low: int, span: int, rows: int) -> None:
    scale = PriceScale(low / 10, (low + span) / 10, rows)
    prices = round_prices(scale, D("0.1"))
    assert len(prices) <= rows + 1
    assert all(scale.low <= float(price) <= scale.high and price % D("0.1") == 0 for price in prices)


def test_time_labels_are_round_and_days_are_named() -> None:
    assert time_step_ms(300_000, 2, 12) == 1_800_000
    assert time_label(1_784_642_400_000, 1_800_000) == "14:00"
    assert time_label(1_784_592_000_000, 1_800_000) == "21 Jul"


def test_labels_of_seconds_and_months_are_as_exact_as_their_bars() -> None:
    assert time_label(1_784_642_405_000, 10_000) == "14:00:05"
    assert time_label(1_784_642_400_000, 60 * 86_400_000) == "Jul 2026"
    assert moment_text(1_784_642_405_000, 5_000) == "14:00:05"
    assert moment_text(1_784_642_400_000, 300_000) == "21 Jul 14:00"
    assert moment_text(1_784_642_400_000, 7 * 86_400_000) == "21 Jul 2026"


def test_the_legend_spells_out_the_newest_candle_and_the_studies(desk: FakeDesk) -> None:
    shelf = StudyShelf("exv")
    candles = picture(desk).candles
    shown = picture(desk, studies=shelf.drawn(candles))
    line = plain(chart_lines(shown, ChartState(), 140, 30)[0])
    assert "21 Jul 14:00 O 64,212.4" in line
    assert f"C {candles[-1].close:,}" in line
    assert "EMA20 64," in line
    assert "EMA50 6" in line
    assert "VWAP 6" in line


@pytest.mark.parametrize("width", [85, 110, 160, 240])
def test_all_studies_are_named_though_not_all_values_fit(desk: FakeDesk, width: int) -> None:
    shown = picture(desk, studies=StudyShelf("exsmvb").drawn(picture(desk).candles))
    head = "".join(plain(line) for line in chart_lines(shown, ChartState(), width, 30)[:2])
    assert all(f" {offered.label}" in head for offered in OFFERED if offered.letter != "r")
    assert ("BB20 6" in head) is (width == 240)


def test_the_line_of_closes_is_not_that_of_an_average(desk: FakeDesk) -> None:
    """Both were full lines of one dot, in one colour."""
    shown = picture(desk, studies=StudyShelf("e").drawn(picture(desk).candles))
    spans = [span for line in chart_lines(shown, ChartState(is_line=True), 85, 30) for span in line]
    closes = {dot for text, style in spans if style == "strong" for dot in text}
    average = {dot for text, style in spans if style == "study_1" for dot in text if ord(dot) > 0x2800}
    assert closes
    assert average
    assert not closes & average


def test_the_cross_hair_reads_its_candle_and_its_price(desk: FakeDesk) -> None:
    candles = picture(desk).candles
    cross = CrossHair(candles[-10].open_ms, D("64150.0"))
    lines = chart_lines(picture(desk), ChartState(cross=cross), 100, 30)
    text = [plain(line) for line in lines]
    assert f"O {candles[-10].open:,} H {candles[-10].high:,}" in text[0]
    assert any("▸64,150.0" in line and "┼" in line for line in text)
    assert moment_text(cross.open_ms, 300_000) in text[-1]
    assert any(span.style == "cursor" for span in lines[-1])


@pytest.mark.parametrize("width", [44, 60, 100])
def test_the_cross_hair_reads_the_whole_candle_at_80_columns_too(desk: FakeDesk, width: int) -> None:
    candle = picture(desk).candles[-3]
    cross = CrossHair(candle.open_ms, candle.close)
    head = plain(chart_lines(picture(desk), ChartState(cross=cross), width, 13)[0])
    figures = dict(zip("OHLCV", re.findall(r" [OHLCV] ?([0-9,.]+)", head), strict=True))
    said = {name: D(text.replace(",", "")) for name, text in figures.items()}
    assert said == dict(zip("OHLCV", (candle.open, candle.high, candle.low, candle.close, candle.volume), strict=True))


def test_the_cross_hair_moves_by_rows_but_never_off_the_tick() -> None:
    scale = PriceScale(100.0, 110.0, 20)
    assert moved_price(D("105.0"), 1, scale, D("0.1")) == D("105.5")
    assert moved_price(D("105.03"), -2, scale, D("0.1")) == D("104.0")
    assert moved_price(D("0.0005"), -3, PriceScale(0.0004, 0.0006, 4), D("0.0001")) == D("0.0002")
    assert moved_price(D("0.0001"), -3, PriceScale(0.0, 0.0006, 4), D("0.0001")) == D("0.0001")


def test_executions_stand_on_their_candle_told_apart_by_shape(desk: FakeDesk) -> None:
    candles = picture(desk).candles
    fills = (
        FillMark(candles[-3].open_ms + 5, candles[-3].close, Side.BUY),
        FillMark(candles[-8].open_ms + 5, candles[-8].close, Side.SELL),
        FillMark(candles[0].open_ms - 1, candles[0].close, Side.SELL),
    )
    spans = [span for line in chart_lines(picture(desk, fills=fills), ChartState(), 100, 29) for span in line]
    assert [span.text for span in spans if span.style == "own_buy"] == ["▲"]
    assert [span.text for span in spans if span.style == "own_sell"] == ["▼"]


def test_own_prices_out_of_sight_are_named_at_the_edge(desk: FakeDesk) -> None:
    marks = (Mark(D("58102.3"), "LIQ", "liquidation", "━"), Mark(D("70000"), "S 0.1", "ask", "╌"))
    text = [plain(line) for line in chart_lines(picture(desk, marks=marks), ChartState(), 100, 30)]
    assert any("▼ LIQ 58,102.3" in line for line in text)
    assert any("▲ S 0.1 70,000.0" in line for line in text)


def test_the_time_left_of_a_bar_stands_below_the_last_price(desk: FakeDesk) -> None:
    text = [plain(line) for line in chart_lines(picture(desk, left_ms=98_000), ChartState(), 100, 30)]
    row = next(y for y, line in enumerate(text) if "◀64,212.4" in line)
    assert text[row + 1].rstrip().endswith("01:38")
    stale = [plain(line) for line in chart_lines(picture(desk, left_ms=98_000, note="STALE"), ChartState(), 100, 30)]
    assert not any("01:38" in line for line in stale)


def test_a_chart_too_narrow_for_one_line_has_a_second_for_its_studies(desk: FakeDesk) -> None:
    shown = picture(desk, studies=StudyShelf("ev").drawn(picture(desk).candles))
    lines = [plain(line) for line in chart_lines(shown, ChartState(), 84, 24)]
    assert "EMA20" not in lines[0]
    assert "EMA20 64,232.8" in lines[1]
    assert "VWAP 64,492.7" in lines[1]
    low = [plain(line) for line in chart_lines(shown, ChartState(), 84, 14)]
    assert "EMA20" in low[0]


def test_every_study_is_drawn_without_moving_a_candle(desk: FakeDesk) -> None:
    candles = picture(desk).candles
    bare = chart_lines(picture(desk), ChartState(), 130, 40)
    for offered in OFFERED:
        drawn = StudyShelf(offered.letter).drawn(candles)
        lines = chart_lines(picture(desk, studies=drawn), ChartState(), 130, 40)
        assert any(0x2800 < ord(ch) <= 0x28FF for line in lines for ch in plain(line)), offered.label
        assert all(len(plain(line)) == 130 for line in lines)
        if not offered.is_panel:
            for with_study, without in zip(lines[1:], bare[1:], strict=True):
                assert not any(
                    a != b and b not in " ·┄" for a, b in zip(plain(with_study), plain(without), strict=True)
                )


def test_a_study_is_told_from_others_by_its_dots_as_well() -> None:
    lines = [offered for offered in OFFERED if not offered.is_panel]
    assert len({(offered.pattern, offered.style) for offered in lines}) == len(lines)
    assert len({offered.style for offered in lines}) == len(lines)
    assert len({offered.pattern for offered in lines}) >= 4


def test_the_menu_of_studies_marks_what_is_shown() -> None:
    shelf = StudyShelf("e")
    assert "e ■ EMA20" in plain(shelf.menu(120))
    assert "x □ EMA50" in plain(shelf.menu(120))
    assert shelf.toggle("x")
    assert shelf.toggle("e")
    assert not shelf.toggle("q")
    assert shelf.letters == "x"


def test_a_chart_of_a_coin_below_a_cent_keeps_all_its_decimals() -> None:
    pepe = instrument("PEPEUSDT")
    candles = [candle(n, "0.00001340", "0.00001349", "0.00001331", f"0.0000134{n % 10}") for n in range(30)]
    text = [plain(line) for line in chart_lines(ChartPicture(pepe, candles, candles[-1].close), ChartState(), 80, 20)]
    assert any("◀0.00001349" in line for line in text)
    assert "O 0.00001340" in text[0]


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 3), st.booleans()), min_size=1, max_size=12))
def test_a_frame_after_others_is_the_same_as_one_drawn_afresh(frames: list[tuple[int, int, bool]]) -> None:
    last, shelf = LastDrawn(), StudyShelf("exbr")
    candles = [candle(n, "100", "103", "97", f"{100 + n % 3}", str(n % 5 + 1)) for n in range(120)]
    for moved, zoom, is_line in frames:
        close = D(moved) / 10 + 90
        open_bar = Candle(7_200_000, 7_259_999, D(100), max(D(100), close), min(D(100), close), close, D(moved), False)
        bars = [*candles[moved % 3 :], open_bar]
        shown = ChartPicture(instrument(PERP), bars, close, (), "", shelf.drawn(bars))
        state = ChartState(zoom=zoom, is_line=is_line, back=moved % 4)
        assert chart_lines(shown, state, 70, 34, last) == chart_lines(shown, state, 70, 34)
