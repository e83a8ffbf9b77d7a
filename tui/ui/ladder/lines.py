"""The ladder as lines: one row a price group, highest first, the spread line pinned between two of them."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import accumulate
from textwrap import wrap

from tui.domain.increment import Increment
from tui.domain.order_terms import Side
from tui.ui.figures import fitted, grouped, rounded, separated
from tui.ui.ladder.bars import eighths, filled, leftward, rightward, scale_for
from tui.ui.ladder.columns import columns, has_room_for, price_rows
from tui.ui.ladder.picture import LadderPicture, LevelMark, OwnLevel
from tui.ui.ladder.window import LadderWindow, pin_between, touch_groups
from tui.ui.lines import BLANK, Line, Span, fit

#: A level so many times the middle size of those shown stands out.
_BIG = 5

#: Cells of an own size that marks beside it leave to it.
_OWN_LEAST = 4


@dataclass(frozen=True, slots=True)
class LadderState:
    """How the trader looks at the ladder; `cursor` is a price group, None while following the touch."""

    window: LadderWindow
    cursor: int | None = None
    is_cumulative: bool = False


class RowsDrawn:
    """Rows of the frame before: most prices stay as they are from one frame to the next, and are not drawn again."""

    def __init__(self) -> None:
        self._common: object = None
        self._before: dict[int, tuple[object, Line]] = {}
        self._now: dict[int, tuple[object, Line]] = {}

    def begin(self, common: object) -> None:
        """A new frame; what all rows have in common, when other than before, makes all of them anew."""
        self._before = self._now if common == self._common else {}
        self._common, self._now = common, {}

    def row(self, group: int, source: object, draw: Callable[[], Line]) -> Line:
        """The row of a group, drawn only when what is known there is other than in the frame before."""
        held = self._before.get(group)
        line = held[1] if held is not None and held[0] == source else draw()
        self._now[group] = (source, line)
        return line


def ladder_lines(
    picture: LadderPicture, state: LadderState, width: int, height: int, drawn: RowsDrawn | None = None
) -> list[Line]:
    """The heading, the price rows and the spread line, each exactly `width` cells; `drawn` holds the last frame."""
    rows = price_rows(height)
    if rows <= 0 or width <= 0:
        return [fit((), max(0, width)) for _ in range(height)]
    draw = _Drawing(picture, state, width, rows, drawn or RowsDrawn())
    split = state.window.split(rows)
    lines = [draw.heading()]
    lines.extend(draw.row(state.window.top - row) for row in range(split))
    lines.append(draw.spread())
    lines.extend(draw.row(state.window.top - row) for row in range(split, rows))
    return lines


def words_lines(title: str, words: str, width: int, height: int) -> list[Line]:
    """A pane that has nothing true to show says why, in words and without a number of the market."""
    lines: list[Line] = [fit(BLANK, width) for _ in range(height)]
    middle = max(0, height // 2 - 1)
    told = wrap(words, max(8, width - 2))[:3]
    for offset, (text, style) in enumerate([(title, "stale"), *((part, "dim") for part in told)]):
        if middle + offset < height:
            shown = f" {text} " if style == "stale" else text
            left = max(0, (width - len(shown)) // 2)
            lines[middle + offset] = fit((Span(" " * left), Span(shown, style)), width)
    return lines


class _Drawing:
    """One frame: everything the rows have in common, worked out once."""

    def __init__(self, picture: LadderPicture, state: LadderState, width: int, rows: int, drawn: RowsDrawn) -> None:
        self.picture, self.state, self.width, self.rows = picture, state, width, rows
        self.tick, self.step = picture.instrument.tick, picture.instrument.step
        self.group = picture.ticks_per_group
        self.bids, self.asks = _sizes(picture, state.is_cumulative)
        window = state.window
        low = window.top - rows + 1
        shown = [size for side in (self.bids, self.asks) for group, size in side.items() if low <= group <= window.top]
        self.scale = scale_for(max(shown, default=1))
        self.bid_group, self.ask_group = touch_groups(picture.levels, self.group)
        self.pin = pin_between(self.bid_group, self.ask_group)
        bids_to, asks_to = picture.levels.bids_known_to, picture.levels.asks_known_to
        #: The farthest groups of which all is known: a bid's reaches up, an ask's down.
        self.bids_whole = 0 if bids_to is None else -(bids_to // -self.group)
        self.asks_whole = None if asks_to is None else asks_to // self.group
        longest = max((self.tick.text(max(0, group) * self.group) for group in (low, window.top)), key=len)
        #: Whether the thousands of prices have room to stand apart.
        self.is_price_apart = has_room_for(width, len(grouped(longest)))
        price_cells = max(5, len(grouped(longest) if self.is_price_apart else longest))
        self.columns = columns(width, price_cells, has_changes=picture.changes is not None)
        self.decimals = common_decimals(self.step, self.scale, self.columns.size - 1)
        widest = "" if self.decimals is None else _rounded(self.step.text(self.scale), self.decimals)
        #: Whether the thousands of all sizes have room to stand apart.
        self.is_apart = len(grouped(widest)) < self.columns.size
        self.big = 0 if state.is_cumulative or len(shown) < 8 else scale_for(sorted(shown)[len(shown) // 2] * _BIG)
        self.traded_scale = scale_for(
            max((lots for group, lots in picture.traded.items() if low <= group <= window.top), default=1)
        )
        self._own_gap = (Span(" "),) if self.columns.bar else ()
        self._drawn = drawn
        drawn.begin(
            (width, self.columns, self.group, self.tick, self.scale, self.decimals, self.big, self.traded_scale)
        )

    def price_text(self, group: int) -> str:
        text = self.tick.text(group * self.group) if group > 0 else ""
        return _grouped(text) if self.is_price_apart else text

    def size_text(self, lots: int) -> str:
        text = self.step.text(lots)
        if self.decimals is None:
            return _fitted(text, self.columns.size - 1).rjust(self.columns.size)
        shown = _rounded(text, self.decimals)
        return (_grouped(shown) if self.is_apart else shown).rjust(self.columns.size)

    def heading(self) -> Line:
        """Names of the columns, or an arrow to the touch when it has left the window."""
        away = self._away()
        if away:
            return fit((Span(away, "warn"),), self.width)
        own, bar, size, price, volume, change = self.columns
        moved = f"{'±':>{change}}" if change else ""
        text = f" {self._mine():<{own}}{moved}{'':{bar}}{'bid':>{size}} {'price':>{price}}  {'ask':>{size}} {'':{bar}}"
        tail = moved + (f"{'traded' if volume > 6 else 'vol':>{volume}}" if volume else "")
        return fit((Span(text + tail, "heading"),), self.width)

    def _mine(self) -> str:
        """Name of the own column, with how many own levels lie above and below the window."""
        top = self.state.window.top
        above = sum(1 for group in self.picture.own if group > top)
        below = sum(1 for group in self.picture.own if group <= top - self.rows)
        beyond = (f"▲{above}" if above else "") + (f"▼{below}" if below else "")
        return next((name for name in (f"mine{beyond}", beyond, "mine") if name and len(name) <= self.columns.own), "")

    def _away(self) -> str:
        window, pin = self.state.window, self.pin
        if pin is None or window.top - self.rows + 1 <= pin <= window.top + 1:
            return ""
        bid, ask = self.picture.touch.best_bid, self.picture.touch.best_ask
        price = ask if pin > window.top else bid
        arrow = "▲" if pin > window.top else "▼"
        at = f" {_grouped(self.tick.text(price))}" if price is not None else ""
        return f" {arrow} touch{at} · Space centres"

    def spread(self) -> Line:
        """Spread in price, ticks and basis points, and the share of bids in the best ten levels."""
        bid, ask = self.picture.touch.best_bid, self.picture.touch.best_ask
        moved = ""
        if self.pin is not None and self.pin != self.state.window.pin:
            distance = self.pin - self.state.window.pin
            moved = f"touch {'▲' if distance > 0 else '▼'}{abs(distance)} · "
        if bid is None or ask is None:
            text = "no asks" if bid is not None else "no bids" if ask is not None else "no orders"
        else:
            text = self._spread_text(bid, ask, self.width - len(moved) - 6)
        text = f" {moved}{text} "
        left = max(0, (self.width - len(text)) // 2)
        right = max(0, self.width - left - len(text))
        return fit((Span("─" * left, "faint"), Span(text, "spread"), Span("─" * right, "faint")), self.width)

    def _spread_text(self, bid: int, ask: int, room: int) -> str:
        ticks = ask - bid
        points = Decimal(ticks * 20_000) / Decimal(ask + bid)
        bids = sum(size for _, size in self.picture.touch.bids)
        asks = sum(size for _, size in self.picture.touch.asks)
        share = round(100 * bids / (bids + asks)) if bids + asks else 50
        imbalance = f"{share}/{100 - share}"
        forms = (
            f"spread {_grouped(self.tick.text(ticks))} = {ticks}t · {points:.2f}bp · imb {imbalance}",
            f"spread {ticks}t · {points:.2f}bp · imb {imbalance}",
            f"{ticks}t · {points:.2f}bp · {imbalance}",
        )
        return next((form for form in forms if len(form) <= room), f"{ticks}t · {imbalance}")

    def row(self, group: int) -> Line:
        """One price with everything known at it."""
        picture, last = self.picture, self.picture.last
        source = (
            self.bids.get(group),
            self.asks.get(group),
            picture.own.get(group),
            picture.marks.get(group),
            picture.traded.get(group),
            picture.changes.get(group) if picture.changes else None,
            last.aggressor if last is not None and last.group == group else None,
            group == self.state.cursor,
            (group == self.bid_group, group == self.ask_group),
            self._is_beyond(group),
        )
        return self._drawn.row(group, source, lambda: self._row(group))

    def _row(self, group: int) -> Line:
        if group <= 0:
            return fit((), self.width)
        is_cursor = group == self.state.cursor
        spans = [*self._left(group, is_cursor), *self._change(group, self.bids), *self._bid(group), Span(" ")]
        spans += [*self._price(group), *self._ask(group), *self._change(group, self.asks), *self._traded(group)]
        line = fit(spans, self.width)
        if is_cursor:
            return tuple(Span(text, f"{style} cursor" if style[:4] != "own_" else style) for text, style in line)
        return line

    def _left(self, group: int, is_cursor: bool) -> tuple[Span, ...]:
        """The cursor's mark, then own orders and what else the trader has there."""
        mark = Span("»", "strong") if is_cursor else Span(self._touch_mark(group), "dim")
        cells = self.columns.own
        own, marks = self.picture.own.get(group), self.picture.marks.get(group, ())
        if own:
            spare = cells - sum(2 + min(_OWN_LEAST, len(self.step.format(level.quantity))) for level in own)
            glyphs = tuple(Span(each.glyph, each.style) for each in marks[: max(0, min(2, spare))])
            room = cells - len(glyphs) - (1 if self.columns.bar and not glyphs else 0)
            return (mark, *own_spans(own, self.step, room), *(glyphs or self._own_gap))
        if marks:
            text = marks[0].text if len(marks[0].text) <= cells else fitted_mark(marks[0], cells)
            glyphs = tuple(Span(each.glyph, each.style) for each in marks[1 : 1 + max(0, cells - len(text))])
            rest = Span(" " * (cells - len(text) - len(glyphs)))
            return (mark, Span(text, marks[0].style), *glyphs, rest)
        return (mark, Span(" " * cells))

    def _change(self, group: int, side: dict[int, int]) -> tuple[Span, ...]:
        """Lots pulled (▽) or stacked (△) lately at a level of this side."""
        cells = self.columns.change
        if not cells:
            return ()
        lots = (self.picture.changes or {}).get(group, 0)
        if not lots or (group not in side and side is self.asks) or (side is self.bids and group in self.asks):
            return (Span(" " * cells),)
        text = _separated(self.step.text(abs(lots)), cells - 2)
        return (Span(f"{'△' if lots > 0 else '▽'}{text}".rjust(cells), "up" if lots > 0 else "down"),)

    def _traded(self, group: int) -> tuple[Span, ...]:
        """Lots traded at a price, on a ground as long as they are many."""
        cells = self.columns.volume
        lots = self.picture.traded.get(group, 0) if cells else 0
        if not lots:
            return (Span(" " * cells),) if cells else ()
        text = _separated(self.step.text(lots), cells - 1).rjust(cells)
        length = eighths(lots, self.traded_scale, cells) + 7 >> 3
        return filled(text, length, "dim", "selected", from_right=True)

    def _touch_mark(self, group: int) -> str:
        return "›" if group in (self.bid_group, self.ask_group) else " "

    def _is_beyond(self, group: int) -> bool:
        """Whether the book is not known here, or not all of it."""
        return group < self.bids_whole or (self.asks_whole is not None and group > self.asks_whole)

    def _bid(self, group: int) -> tuple[Span, ...]:
        lots = self.bids.get(group, 0)
        bar, size = self.columns.bar, self.columns.size
        if not lots:
            told = "·" if group < self.bids_whole else ""
            return (Span(told.rjust(bar + size), "faint" if told else ""),)
        text = self.size_text(lots)
        if not bar:
            length = eighths(lots, self.scale, size) + 7 >> 3
            return filled(text, length, self._size_style("bid", lots), "fill_bid", from_right=True)
        return (*leftward(eighths(lots, self.scale, bar), bar, "bar_bid"), *self._size("bid", lots, text))

    def _ask(self, group: int) -> tuple[Span, ...]:
        lots = self.asks.get(group, 0)
        bar, size = self.columns.bar, self.columns.size
        if not lots:
            told = "·" if self.asks_whole is not None and group > self.asks_whole else ""
            return (Span(f"{told:>{size}}{'':{bar + 1}}", "faint" if told else ""),)
        text = self.size_text(lots)
        if not bar:
            length = eighths(lots, self.scale, size) + 7 >> 3
            return (*filled(text, length, self._size_style("ask", lots), "fill_ask", from_right=False), Span(" "))
        return (*self._size("ask", lots, text), Span(" "), *rightward(eighths(lots, self.scale, bar), bar, "bar_ask"))

    def _size_style(self, side: str, lots: int) -> str:
        return f"{side} big" if self.big and lots >= self.big else side

    def _size(self, side: str, lots: int, text: str) -> tuple[Span, ...]:
        """A size; one far above the others is underlined, its padding is not."""
        if not self.big or lots < self.big:
            return (Span(text, side),)
        number = text.lstrip()
        return (Span(text[: len(text) - len(number)]), Span(number, f"{side} big"))

    def _price(self, group: int) -> tuple[Span, Span]:
        text = self.price_text(group).rjust(self.columns.price)
        last = self.picture.last
        if last is not None and last.group == group:
            is_buy = last.aggressor is Side.BUY
            return Span(text, "last"), Span("▲ " if is_buy else "▼ ", "up" if is_buy else "down")
        style = "bid" if group == self.bid_group else "ask" if group == self.ask_group else ""
        return Span(text, style), Span("  ")


def own_spans(levels: tuple[OwnLevel, ...], step: Increment, cells: int) -> tuple[Span, ...]:
    """Own orders of one row in exactly `cells` cells: side, how sure they are, size."""
    spans: list[Span] = []
    share = cells // len(levels)
    for level in levels:
        letter, style = ("B", "own_buy") if level.side is Side.BUY else ("S", "own_sell")
        size = fitted(step.format(level.quantity), share - 2) if share > 2 else ""
        spans.append(Span(f"{letter}{level.mark or ' '}{size}", style))
    return fit(spans, cells)


def fitted_mark(mark: LevelMark, cells: int) -> str:
    """A mark's word without its size, or its glyph alone where even that has no room."""
    word = mark.text.partition(" ")[0]
    return word if len(word) <= cells else mark.glyph


def _sizes(picture: LadderPicture, is_cumulative: bool) -> tuple[dict[int, int], dict[int, int]]:
    """Lots by group of bids and of asks, summed outwards from the touch where asked."""
    sides = []
    for levels in (picture.levels.bids, picture.levels.asks):
        groups = [price // picture.ticks_per_group for price, _ in levels]
        sizes = [size for _, size in levels]
        sides.append(dict(zip(groups, accumulate(sizes) if is_cumulative else sizes, strict=True)))
    return sides[0], sides[1]


def common_decimals(step: Increment, largest: int, cells: int) -> int | None:
    """Decimals that let every size up to the largest fit the column; None when thousands must be abbreviated."""
    whole = len(step.text(largest).partition(".")[0])
    if whole > cells:
        return None
    return min(step.decimals, max(0, cells - whole - 1))


#: Texts of a few frames: more of them are memory that grows for hours and is not asked for again.
_SHOWN_AGAIN = 2_048
_rounded = lru_cache(_SHOWN_AGAIN)(rounded)
_fitted = lru_cache(_SHOWN_AGAIN)(fitted)
_separated = lru_cache(_SHOWN_AGAIN)(separated)
_grouped = lru_cache(_SHOWN_AGAIN)(grouped)
