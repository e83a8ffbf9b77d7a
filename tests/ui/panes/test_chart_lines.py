"""The chart as lines: geometry, axes, marks."""

from decimal import Decimal as D

from fake_desk import PERP, FakeDesk, instrument
from hypothesis import given
from hypothesis import strategies as st

from tui.domain.market import Candle
from tui.ui.chart.lines import ChartPicture, ChartState, Mark, chart_lines, visible
from tui.ui.chart.scale import PriceScale, round_prices, time_label, time_step_ms
from tui.ui.lines import plain


def candle(n: int, opened: str, high: str, low: str, closed: str, volume: str = "5") -> Candle:
    return Candle(n * 60_000, n * 60_000 + 59_999, D(opened), D(high), D(low), D(closed), D(volume), closed=True)


def picture(desk: FakeDesk, **more: object) -> ChartPicture:
    market = desk.store.market(PERP)
    assert market.candles is not None
    return ChartPicture(
        market.instrument,
        market.candles.value.candles,
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
    lines = chart_lines(shown, ChartState(zoom=1), 20, 12)
    assert [plain(line) for line in lines] == [
        "        ╷           ",
        "        │ ╷         ",
        "        ▃ ┼ ▃       ",
        "        █ │ █       ",
        "        █ │ █       ",
        "·   · █ █ │ █ ┤ 10.0",
        "      █ █   █       ",
        "┄┄┄┄┄┄▅┄▅┄┄┄▁┄◀7.5  ",
        "      │     ╵       ",
        "      ╵             ",
        "      ▄ █ ▂ ▅       ",
        "   01 Jan           ",
    ]


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
    text = [plain(line) for line in chart_lines(picture(desk, marks=marks), ChartState(), 85, 29)]
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
