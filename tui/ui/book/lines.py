"""The order book as lines: bids and asks side by side, best at the top, sizes summed outwards, bars behind them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import accumulate

from tui.domain.book import BookView
from tui.domain.instrument import Instrument
from tui.domain.market import Level
from tui.domain.order_terms import Side
from tui.ui.figures import fitted, grouped, rounded, separated
from tui.ui.ladder.bars import eighths, filled, scale_for
from tui.ui.ladder.lines import common_decimals
from tui.ui.ladder.picture import OwnLevel
from tui.ui.lines import Line, Span, fit

#: Lines that are no levels: what is shown and the spread, and the names of the columns.
FIXED_LINES = 2

#: Cells beside the price from which sizes and sums both have room.
_WITH_SUMS = 12


@dataclass(frozen=True, slots=True)
class BookPicture:
    """Plain values of one frame of one book. `levels` is grouped, `touch` the exact best levels; sizes in lots.

    `told` says what book it is, where it is not the whole ordinary one. With `is_cumulative` bars show the sums, which
    stand in place of the sizes where there is no room for both.
    """

    instrument: Instrument
    ticks_per_group: int
    levels: BookView
    touch: BookView
    own: Mapping[int, tuple[OwnLevel, ...]] = field(default_factory=dict)
    told: str = ""
    is_cumulative: bool = False


def book_lines(picture: BookPicture, width: int, height: int, *, is_named: bool) -> list[Line]:
    """The spread, the names of the columns, then levels from the best outwards; each line exactly `width` cells.

    `is_named` puts the symbol before the spread, for one book of several.
    """
    rows = max(0, height - FIXED_LINES)
    half = max(1, (width - 1) // 2)
    shown = picture.levels.bids[:rows], picture.levels.asks[:rows]
    longest = max((len(_price_text(picture, price)) for levels in shown for price, _ in levels), default=6)
    has_sums = min(half, width - half - 1) - longest - 2 >= _WITH_SUMS
    bids = _Side(picture, shown[0], half, Side.BUY, has_sums=has_sums)
    asks = _Side(picture, shown[1], width - half - 1, Side.SELL, has_sums=has_sums)
    scale = scale_for(max(bids.largest, asks.largest, 1))
    lines = [_spread(picture, width, is_named=is_named), fit((*bids.names(), Span("│", "faint"), *asks.names()), width)]
    middle = Span("│", "faint")
    lines += [fit((*bids.row(row, scale), middle, *asks.row(row, scale)), width) for row in range(rows)]
    return lines[:height]


def _spread(picture: BookPicture, width: int, *, is_named: bool) -> Line:
    """Symbol, spread in price and basis points, and the share of bids in the best ten levels."""
    bid, ask = picture.touch.best_bid, picture.touch.best_ask
    name = f" {picture.instrument.symbol}" if is_named else ""
    name += f" {picture.told}" if picture.told else ""
    if bid is None or ask is None:
        words = "no asks" if bid is not None else "no bids" if ask is not None else "no orders"
    else:
        points = Decimal((ask - bid) * 20_000) / Decimal(ask + bid)
        bids = sum(size for _, size in picture.touch.bids)
        asks = sum(size for _, size in picture.touch.asks)
        share = round(100 * bids / (bids + asks)) if bids + asks else 50
        words = f"{grouped(picture.instrument.tick.text(ask - bid))} = {ask - bid}t · {points:.2f}bp"
        words += f" · imb {share}/{100 - share}" if width >= 40 else f" · {share}/{100 - share}"
        if len(name) + len(words) + 2 > width:
            words = f"{ask - bid}t · {share}/{100 - share}"
    left = Span(name, "strong")
    room = max(0, width - len(name) - len(words) - 1)
    return fit((left, Span(" " * room), Span(words, "spread")), width)


class _Side:
    """One half: price nearest to the middle, then size, then the sum from the touch where there is room."""

    def __init__(
        self, picture: BookPicture, levels: Sequence[Level], cells: int, side: Side, *, has_sums: bool
    ) -> None:
        self.picture, self.levels, self.cells, self.side = picture, levels, cells, side
        self.style = "bid" if side is Side.BUY else "ask"
        self.sums = list(accumulate(size for _, size in levels))
        known_to = picture.levels.bids_known_to if side is Side.BUY else picture.levels.asks_known_to
        #: Rows that are known whole; in those after them there may be more.
        self.whole = sum(known_to is None or self._is_known(price, known_to) for price, _ in levels)
        self.prices = [_price_text(picture, price) for price, _ in levels]
        self.price_cells = min(cells, max((len(text) for text in self.prices), default=6))
        room = max(0, cells - self.price_cells - 2)
        #: One cell tells own orders from others'.
        self.size_cells = room // 2 if has_sums else room
        self.sum_cells = room - self.size_cells
        sizes = [size for _, size in levels]
        #: What the bars are long by, and what the one column shows where there are not two.
        self.drawn = self.sums if picture.is_cumulative else sizes
        self.largest = max(self.drawn, default=0)
        self.sizes = sizes if self.sum_cells else self.drawn
        spare = 1 if self.whole == len(levels) else 2
        step = picture.instrument.step
        self.size_decimals = common_decimals(step, max([1, *self.sizes]), max(1, self.size_cells - spare))
        self.sum_decimals = common_decimals(step, max([1, *self.sums[-1:]]), max(1, self.sum_cells - spare))

    def names(self) -> tuple[Span, ...]:
        """The names of the columns, in their places."""
        name = "bids" if self.side is Side.BUY else "asks"
        size = "sum" if self.sizes is self.sums else "size"
        return self._placed(name, size, "sum" if self.sum_cells else "", ("heading",) * 3, " ")

    def row(self, row: int, scale: int) -> tuple[Span, ...]:
        """One level; blank beyond the last."""
        if row >= len(self.levels):
            return (Span(" " * self.cells),)
        price = self.levels[row][0]
        size = self._number(self.sizes[row], self.size_cells, self.size_decimals)
        total = self._number(self.sums[row], self.sum_cells, self.sum_decimals) if self.sum_cells else ""
        if row >= self.whole:
            size, total = _at_least(size, self.size_cells), _at_least(total, self.sum_cells)
        own = self.picture.own.get(price // self.picture.ticks_per_group, ())
        is_own = any(level.side is self.side for level in own)
        mark = ("B" if self.side is Side.BUY else "S") if is_own else " "
        spans = self._placed(self.prices[row], size, total, (self.style, self.style, "dim"), mark)
        return self._on_ground(spans, eighths(self.drawn[row], scale, self.cells) + 7 >> 3)

    def _is_known(self, price: int, known_to: int) -> bool:
        """Whether all of a group is nearer than the farthest known price; a bid's group reaches up, an ask's down."""
        return price >= known_to if self.side is Side.BUY else price <= known_to

    def _number(self, lots: int, cells: int, decimals: int | None) -> str:
        """A size with the decimals that all of its column have room for."""
        text = self.picture.instrument.step.text(lots)
        room = max(1, cells - 1)
        shown = fitted(text, room) if decimals is None else rounded(text, decimals)
        return separated(shown, room) if shown[0].isdigit() and shown[-1].isdigit() else fitted(text, room)

    def _placed(self, price: str, size: str, total: str, styles: tuple[str, ...], mark: str) -> tuple[Span, ...]:
        """The parts side by side; asks are the mirror of bids."""
        own = Span(mark, "own_buy" if mark == "B" else "own_sell" if mark == "S" else "")
        if self.side is Side.BUY:
            parts = (
                Span(total.rjust(self.sum_cells), styles[2]),
                Span(size.rjust(self.size_cells), styles[1]),
                own,
                Span(price.rjust(self.price_cells + 1), styles[0]),
            )
        else:
            parts = (
                Span(price.ljust(self.price_cells + 1), styles[0]),
                own,
                Span(size.rjust(self.size_cells), styles[1]),
                Span(total.rjust(self.sum_cells), styles[2]),
            )
        return fit(parts, self.cells)

    def _on_ground(self, spans: tuple[Span, ...], length: int) -> tuple[Span, ...]:
        """Lay the bar behind the half, growing away from the middle."""
        fill = "fill_bid" if self.side is Side.BUY else "fill_ask"
        made: list[Span] = []
        start = 0 if self.side is Side.SELL else self.cells
        for span in spans if self.side is Side.SELL else reversed(spans):
            cells = len(span.text)
            near = start if self.side is Side.SELL else self.cells - start
            covered = 0 if span.style.startswith("own_") else max(0, min(cells, length - near))
            made.extend(_split(span, covered, fill, from_right=self.side is Side.BUY))
            start += cells if self.side is Side.SELL else -cells
        return tuple(made) if self.side is Side.SELL else tuple(reversed(made))


def _price_text(picture: BookPicture, price: int) -> str:
    return grouped(picture.instrument.tick.text(price))


def _split(span: Span, covered: int, fill: str, *, from_right: bool) -> list[Span]:
    parts = list(filled(span.text, covered, span.style, fill, from_right=from_right)) if covered else [span]
    styled = [Span(text, style.strip()) for text, style in parts]
    return list(reversed(styled)) if from_right else styled


def _at_least(number: str, cells: int) -> str:
    """A size that may be greater, where there is room to say so."""
    return f"≥{number}" if len(number) + 1 < cells else number
