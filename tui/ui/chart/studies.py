"""The studies a chart offers, which of them are shown, and how they are drawn."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from tui.domain.instrument import Instrument
from tui.domain.market import Candle
from tui.ui.chart.canvas import Canvas
from tui.ui.chart.indicators import (
    Bands,
    ExponentialAverage,
    SimpleAverage,
    Strength,
    Studied,
    Study,
    Values,
    VolumeAverage,
)
from tui.ui.chart.picture import DrawnStudy
from tui.ui.chart.scale import PriceScale
from tui.ui.figures import grouped
from tui.ui.lines import Line, Span


class Offered(NamedTuple):
    """A study by the letter that switches it."""

    letter: str
    label: str
    study: Study
    style: str
    pattern: str
    is_panel: bool = False


OFFERED: tuple[Offered, ...] = (
    Offered("e", "EMA20", ExponentialAverage(20), "study_1", "1111"),
    Offered("x", "EMA50", ExponentialAverage(50), "study_2", "1110"),
    Offered("s", "SMA20", SimpleAverage(20), "study_3", "1010"),
    Offered("m", "SMA200", SimpleAverage(200), "study_4", "1100"),
    Offered("v", "VWAP", VolumeAverage(), "study_5", "1000"),
    Offered("b", "BB20", Bands(), "study_6", "1010"),
    Offered("r", "RSI14", Strength(), "study_1", "1111", is_panel=True),
)

BY_LETTER: Mapping[str, Offered] = {offered.letter: offered for offered in OFFERED}

#: What a chart shows at first.
USUAL = "ev"


def known_letters(letters: str) -> str:
    """Those of the letters that switch a study, each once, in the order offered."""
    return "".join(each.letter for each in OFFERED if each.letter in letters)


class StudyShelf:
    """Counts the chosen studies along the candles of one chart."""

    def __init__(self, letters: str = USUAL) -> None:
        self.letters = known_letters(letters)
        self._counted: dict[str, Studied] = {}

    def toggle(self, letter: str) -> bool:
        """Show a study or hide it; False when no study has that letter."""
        if letter not in BY_LETTER:
            return False
        self.letters = known_letters("".join(set(self.letters) ^ {letter}))
        return True

    def drawn(self, candles: Sequence[Candle]) -> tuple[DrawnStudy, ...]:
        """The chosen studies along these candles."""
        made = []
        for letter in self.letters:
            offered = BY_LETTER[letter]
            counted = self._counted.setdefault(letter, Studied(offered.study))
            values = counted.values(candles)
            made.append(DrawnStudy(offered.label, offered.style, offered.pattern, values, offered.is_panel))
        return tuple(made)

    def menu(self, width: int) -> Line:
        """The letters with what they switch, chosen ones marked."""
        spans = [Span(" show ", "strong")]
        for offered in OFFERED:
            mark = "■" if offered.letter in self.letters else "□"
            spans += [Span(f" {offered.letter}", "key"), Span(f" {mark} {offered.label} ", offered.style)]
        used = sum(len(span.text) for span in spans)
        if used + 14 <= width:
            spans.append(Span("  Enter done", "dim"))
        return tuple(spans)


def draw_study(
    canvas: Canvas, study: DrawnStudy, values: Sequence[Values | None], scale: PriceScale, xs: Sequence[int], top: int
) -> None:
    """A study's lines in dots between the rows from `top`, leaving candles untouched."""
    count = max((len(each) for each in values if each is not None), default=0)
    low, high = top * 4, (top + scale.rows) * 4
    for number in range(count):
        points = [
            (x * 2, top * 4 + int(scale.at(each[number]) * 4))
            for x, each in zip(xs, values, strict=True)
            if each is not None
        ]
        for (x0, y0), (x1, y1) in pairwise(points):
            _stroke(canvas, (x0, y0, x1, y1), study, low, high)


def _stroke(canvas: Canvas, ends: tuple[int, int, int, int], study: DrawnStudy, low: int, high: int) -> None:
    x0, y0, x1, y1 = ends
    if max(y0, y1) < low or min(y0, y1) >= high:
        return
    for x in range(x0, x1):
        if study.pattern[x % 4] == "0":
            continue
        start = y0 + (y1 - y0) * (x - x0) // (x1 - x0)
        stop = y0 + (y1 - y0) * (x + 1 - x0) // (x1 - x0)
        for y in range(min(start, stop), max(start, stop) + (start == stop)):
            if low <= y < high:
                canvas.dot(x, y, study.style)


def legend(studies: Sequence[DrawnStudy], at: int = -1, instrument: Instrument | None = None) -> list[Span]:
    """Each study's name and the dots it is drawn with, and its value at one candle where an instrument is given."""
    spans: list[Span] = []
    for study in studies:
        dots = "".join("⠒" if dot == "1" else " " for dot in study.pattern).rstrip()
        if instrument is None:
            spans.append(Span(f" {dots} {study.label}", study.style))
            continue
        values = study.values[at] if 0 <= at < len(study.values) else None
        decimals = 1 if study.is_panel else instrument.tick.decimals
        shown = "—" if values is None else "/".join(grouped(f"{value:.{decimals}f}") for value in values[-3:])
        spans.append(Span(f" {dots} {study.label} {shown} ", study.style))
    return spans


def fitting_legend(studies: Sequence[DrawnStudy], at: int, instrument: Instrument, room: int) -> list[Span]:
    """The legend in so many cells: the last studies lose their values first, then their names."""
    named, bare = legend(studies, at, instrument), legend(studies)
    for index in reversed(range(len(named))):
        if sum(len(span.text) for span in named) <= room:
            break
        named[index] = bare[index]
    while named and sum(len(span.text) for span in named) > room:
        named.pop()
    return named
