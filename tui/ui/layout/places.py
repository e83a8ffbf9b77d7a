"""Where each pane is: one pure function from size, composition and recent use to rectangles.

The same panes stand at every size; what differs is how many have a place of their own. A place shared by several shows
the one used last, so a pane without a place of its own opens over others when it is gone to, and makes room again.
Plain TCSS cannot say this: its grid fills cells in the order of the widgets, which would have to differ by size.

From 100 columns on, the market stands in columns: charts, further ladders, the first ladder, the tape. Where not all of
a composition fits, the tape gives its column up first, then the second chart its half, then the last ladder its column;
each of them then takes turns with the chart (the tape with the account where that shows) and is named on the border.
A narrower screen has the first ladder and one place beside it, where everything else takes turns.
"""

from collections.abc import Sequence
from typing import NamedTuple

from tui.ui.layout.composition import BOOK_OF, CHART_PANES, STANDARD, Composition, kind_of, slot_of

SMALLEST = (80, 24)

#: Rows of the screen that are not panes: two of header, the command row and the hints.
FIXED_ROWS = 4

WIDE, MID, TALL = 160, 100, 40

#: Rows of the screen below which positions and ticket have no place of their own.
_LOW = 30

#: Reading order, which Tab follows.
PANE_ORDER = (
    "watchlist",
    "account",
    "chart",
    "chart2",
    "search",
    "help",
    "history",
    "keys",
    "palette",
    "settings",
    "ladder2",
    "book2",
    "ladder3",
    "book3",
    "ladder",
    "book",
    "tape",
    "positions",
    "orders",
    "fills",
    "messages",
    "alerts",
    "algos",
    "ticket",
)

#: Panes that only stand where they were called to, and go when they are left.
CALLED = frozenset({"search", "help", "history", "keys", "palette", "settings"})

#: Narrower than this a chart or a ladder is not worth a place of its own.
LEAST_CHART, LEAST_LADDER = 40, 34

#: Two charts stand side by side from twice the roomy width on, one over the other from twice the low height on.
_ROOMY_CHART, LOW_CHART = 60, 10

_LISTS = ("orders", "fills", "messages", "alerts", "algos")


class Rect(NamedTuple):
    """Cells of the pane area."""

    x: int
    y: int
    width: int
    height: int


class Arrangement(NamedTuple):
    """Where the visible panes are, and for each of them which panes share its place (tabs, in order)."""

    rects: dict[str, Rect]
    tabs: dict[str, tuple[str, ...]]


def is_too_small(width: int, height: int) -> bool:
    """Whether a terminal of this size cannot hold even the narrow layout."""
    return width < SMALLEST[0] or height < SMALLEST[1]


def arrange(
    width: int, height: int, recent: Sequence[str], zoomed: str = "", composition: Composition = STANDARD
) -> Arrangement:
    """Places of a pane area of `width` x `height` (the terminal's height less FIXED_ROWS); `recent` has the pane used
    last first."""
    if zoomed:
        return Arrangement({zoomed: Rect(0, 0, width, height)}, {})
    built = _Builder(recent, composition)
    if width >= WIDE:
        _wide(built, width, height)
    elif width >= MID:
        _mid(built, width, height)
    else:
        _narrow(built, width, height)
    return Arrangement(built.rects, built.tabs)


class _Builder:
    """Collects rectangles and tabs of one arrangement."""

    def __init__(self, recent: Sequence[str], composition: Composition) -> None:
        self._recent = recent
        self.composition = composition
        self.rects: dict[str, Rect] = {}
        self.tabs: dict[str, tuple[str, ...]] = {}

    def front(self, panes: Sequence[str]) -> str:
        """The pane of a shared place that shows: the one used last, the first when none was."""
        return next((pane for pane in self._recent if pane in panes), panes[0])

    def place(self, panes: Sequence[str], rect: Rect, named: Sequence[str] = ()) -> None:
        """Show the pane of this place that was used last; its border names those of `named`, if it is one of them."""
        front = self.front(panes)
        self.rects[front] = rect
        if front in named and len(named) > 1:
            self.tabs[front] = tuple(named)

    def ladder(self, ladder: str, rect: Rect) -> None:
        """Show a ladder, or the book that takes turns with it."""
        self.place([ladder, BOOK_OF[ladder]], rect)

    def shown_of(self, pane: str) -> str:
        """The pane itself, or the book that takes turns with a ladder, if that was used last."""
        return self.front(_with_books([pane]))


class _Columns(NamedTuple):
    """How the width of the market is shared out: to so many ladders of so many cells, and to the tape if it has any."""

    ladders: int
    ladder_cells: int
    tape_cells: int


def _columns(rect: Rect, composition: Composition, tape: int, usual_ladder: int) -> _Columns:
    """The columns of this area; what matters more is tried to the last before what matters less."""
    least = [LEAST_CHART if composition.charts else 0]
    if len(composition.charts) > 1 and rect.height < 2 * LOW_CHART:
        least.insert(0, 2 * LEAST_CHART)
    for count in range(len(composition.ladders), 0, -1):
        for chart in least:
            for tape_cells in (tape, 0):
                cells = (rect.width - chart - tape_cells) // count
                if cells >= LEAST_LADDER:
                    return _Columns(count, min(cells, usual_ladder) if chart else cells, tape_cells)
    raise AssertionError(f"{rect.width} columns are not for this layout")


def _market(built: _Builder, rect: Rect, tape: int, usual_ladder: int, over: Sequence[str]) -> None:
    """Charts, ladders and tape in their columns; `over` opens over the leftmost one.

    A tape without a column of its own takes turns in the leftmost one, if it is among `over`. The first ladder stands
    at the right, so that it does not move when others come.
    """
    charts, ladders = built.composition.charts, built.composition.ladders
    columns = _columns(rect, built.composition, tape, usual_ladder)
    right = rect.x + rect.width - columns.tape_cells
    if columns.tape_cells:
        built.place(["tape"], Rect(right, rect.y, columns.tape_cells, rect.height))
    further, folded = ladders[1 : columns.ladders], ladders[columns.ladders :]
    for ladder in ("ladder", *reversed(further if charts else further[1:])):
        right -= columns.ladder_cells
        built.ladder(ladder, Rect(right, rect.y, columns.ladder_cells, rect.height))
    regular = [*(charts or further[:1]), *folded]
    _turns(built, rect._replace(width=right - rect.x), regular, [each for each in over if each not in built.rects])


def _turns(built: _Builder, rect: Rect, regular: Sequence[str], over: Sequence[str]) -> None:
    """The place that charts, ladders without a column and whatever opens over them take turns in."""
    elsewhere = {slot_of(pane) for pane in built.rects}
    others = [pane for pane in (*CHART_PANES, *BOOK_OF) if pane not in regular and pane not in elsewhere]
    everything = [*_with_books(regular), *over, *_with_books(others)]
    named = [*(built.shown_of(pane) for pane in regular), *(["tape"] if "tape" in over else [])]
    halves = _halves(rect) if tuple(regular[:2]) == CHART_PANES else None
    if halves is None or kind_of(built.front(everything)) not in ("chart", ""):
        built.place(everything, rect, named)
    else:
        built.place([pane for pane in everything if pane != "chart2"], halves[0], [n for n in named if n != "chart2"])
        built.place(["chart2"], halves[1])


def _halves(rect: Rect) -> tuple[Rect, Rect] | None:
    """Room for two charts in the place of one: beside each other, or else one over the other; None without room."""
    x, y, width, height = rect
    if width >= 2 * _ROOMY_CHART or (height < 2 * LOW_CHART and width >= 2 * LEAST_CHART):
        left = width - width // 2
        return rect._replace(width=left), Rect(x + left, y, width - left, height)
    if height >= 2 * LOW_CHART:
        upper = height - height // 2
        return rect._replace(height=upper), Rect(x, y + upper, width, height - upper)
    return None


def _with_books(panes: Sequence[str]) -> list[str]:
    """The panes, each ladder followed by the book that takes turns with it."""
    return [each for pane in panes for each in (pane, BOOK_OF.get(pane)) if each is not None]


def _wide(built: _Builder, width: int, height: int) -> None:
    rows = height + FIXED_ROWS
    positions, lists = (7, 9) if rows >= TALL else (5, 8) if rows >= _LOW else (0, 8)
    top, left, ticket = height - positions - lists, 38, 53 if positions else 0
    account = min(10, top // 2)
    over = [*CALLED] if ticket else [*CALLED, "ticket"]
    _market(built, Rect(left, 0, width - left, top), 28, 47, over)
    built.place(["watchlist"], Rect(0, 0, left, top - account))
    beside_account = [] if "tape" in built.rects else ["tape"]
    built.place(["account", *beside_account], Rect(0, top - account, left, account), ["account", *beside_account])
    _lists(built, Rect(0, top, width - ticket, positions + lists), positions)
    if ticket:
        built.place(["ticket"], Rect(width - ticket, top, ticket, positions + lists))


def _mid(built: _Builder, width: int, height: int) -> None:
    rows = height + FIXED_ROWS
    positions, lists = (7, 10) if rows >= TALL else (5, 8) if rows >= _LOW else (0, 8)
    top = height - positions - lists
    _market(built, Rect(0, 0, width, top), 26, 37, [*CALLED, "watchlist", "ticket", "account", "tape"])
    _lists(built, Rect(0, top, width, positions + lists), positions)


def _lists(built: _Builder, rect: Rect, positions: int) -> None:
    """Positions over the lists, or among them where they have no rows of their own."""
    if positions:
        built.place(["positions"], rect._replace(height=positions))
        built.place(_LISTS, Rect(rect.x, rect.y + positions, rect.width, rect.height - positions), _LISTS)
    else:
        tabs = ("orders", "positions", *_LISTS[1:])
        built.place(tabs, rect, tabs)


def _narrow(built: _Builder, width: int, height: int) -> None:
    lists = 10 if height + FIXED_ROWS >= TALL else 6
    top, ladder, tape = height - lists, LEAST_LADDER, 24
    built.ladder("ladder", Rect(0, 0, ladder, top))
    pair = ["tape", "watchlist"]
    regular = [*built.composition.ladders[1:], *built.composition.charts]
    over = ["ticket", "account", *CALLED]
    first = pair if built.composition == STANDARD else regular[:1]
    markets = [pane for pane in _with_books([*CHART_PANES, *BOOK_OF]) if slot_of(pane) != "ladder"]
    front = built.front([*first, *pair, *over, *markets])
    if front in pair:
        built.place(["tape"], Rect(ladder, 0, tape, top))
        built.place(["watchlist"], Rect(ladder + tape, 0, width - ladder - tape, top))
    else:
        _turns(built, Rect(ladder, 0, width - ladder, top), regular, over)
    _lists(built, Rect(0, top, width, lists), 0)
