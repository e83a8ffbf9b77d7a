"""Where each pane is: the three layouts as one pure function from size and recent use to rectangles.

The same panes stand at every size; what differs is how many have a place of their own. A place shared by several shows
the one used last, so a pane without a place of its own opens over others when it is gone to, and makes room again.
Plain TCSS cannot say this: its grid fills cells in the order of the widgets, which would have to differ by size.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

SMALLEST = (80, 24)

#: Rows of the screen that are not panes: two of header, the command row and the hints.
FIXED_ROWS = 4

WIDE, MID, TALL = 160, 100, 40

#: Reading order, which Tab follows.
PANE_ORDER = (
    "watchlist",
    "account",
    "chart",
    "chart2",
    "search",
    "help",
    "keys",
    "palette",
    "settings",
    "ladder",
    "ladder2",
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
CALLED = frozenset({"search", "help", "keys", "palette", "settings"})

STANDARD, LADDERS, CHARTS = "standard", "ladders", "charts"

#: What a trader may choose to see beside the usual: nothing, a second ladder, or a second chart; and the pane it is.
LAYOUTS: Mapping[str, tuple[str, ...]] = {STANDARD: (), LADDERS: ("ladder2",), CHARTS: ("chart2",)}

#: Narrower than this a chart or a ladder is not worth a place of its own; two charts stand side by side from twice the
#: roomy width on, one over the other from twice the low height on.
_LEAST_CHART, _LADDER = 40, 47
_ROOMY_CHART, _LOW_CHART = 60, 10


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


def arrange(width: int, height: int, recent: Sequence[str], zoomed: str = "", layout: str = STANDARD) -> Arrangement:
    """Places of a pane area of `width` x `height` (the terminal's height less FIXED_ROWS); `recent` has the pane used
    last first."""
    if zoomed:
        return Arrangement({zoomed: Rect(0, 0, width, height)}, {})
    tall = height + FIXED_ROWS >= TALL
    if width >= WIDE:
        return _wide(width, height, tall, recent, layout)
    if width >= MID:
        return _mid(width, height, tall, recent, layout)
    return _narrow(width, height, tall, recent, layout)


def _front(panes: Sequence[str], recent: Sequence[str]) -> str:
    """The pane of a shared place that shows: the one used last, the first when none was."""
    return next((pane for pane in recent if pane in panes), panes[0])


class _Builder:
    """Collects rectangles and tabs of one arrangement."""

    def __init__(self, recent: Sequence[str]) -> None:
        self._recent = recent
        self.rects: dict[str, Rect] = {}
        self.tabs: dict[str, tuple[str, ...]] = {}

    def place(self, panes: Sequence[str], rect: Rect, *, named: bool = False) -> None:
        """Show the pane of this place that was used last; `named` places draw all their panes as tabs."""
        front = _front(panes, self._recent)
        self.rects[front] = rect
        if named:
            self.tabs[front] = tuple(panes)

    def done(self) -> Arrangement:
        """What was collected."""
        return Arrangement(self.rects, self.tabs)


_LISTS = ("orders", "fills", "messages", "alerts", "algos")


def _over_chart(layout: str) -> list[str]:
    """The panes that share the chart's place, the one to begin with first."""
    both = ("ladder2", "chart", "chart2") if layout == LADDERS else ("chart", "chart2", "ladder2")
    return [*both, *CALLED]


def _centre(built: _Builder, rect: Rect, layout: str) -> None:
    """The chart's place of a wide screen, divided where the layout has a second pane in it."""
    x, y, width, height = rect
    if layout == LADDERS and width - _LADDER >= _LEAST_CHART:
        built.place(["chart", "chart2", *CALLED], Rect(x, y, width - _LADDER, height))
        built.place(["ladder2"], Rect(x + width - _LADDER, y, _LADDER, height))
    elif layout == CHARTS and width >= 2 * _ROOMY_CHART:
        built.place(["chart", "ladder2", *CALLED], Rect(x, y, width - width // 2, height))
        built.place(["chart2"], Rect(x + width - width // 2, y, width // 2, height))
    elif layout == CHARTS and height >= 2 * _LOW_CHART:
        built.place(["chart", "ladder2", *CALLED], Rect(x, y, width, height - height // 2))
        built.place(["chart2"], Rect(x, y + height - height // 2, width, height // 2))
    else:
        built.place(_over_chart(layout), rect)


def _wide(width: int, height: int, tall: bool, recent: Sequence[str], layout: str) -> Arrangement:
    positions, lists = (7, 9) if tall else (5, 8)
    top = height - positions - lists
    left, tape, ladder, ticket = 38, 28, _LADDER, 53
    account = min(10, top // 2)
    centre = width - left - ladder - tape
    built = _Builder(recent)
    built.place(["watchlist"], Rect(0, 0, left, top - account))
    built.place(["account"], Rect(0, top - account, left, account))
    _centre(built, Rect(left, 0, centre, top), layout)
    built.place(["ladder", "book"], Rect(left + centre, 0, ladder, top))
    built.place(["tape"], Rect(width - tape, 0, tape, top))
    built.place(["positions"], Rect(0, top, width - ticket, positions))
    built.place(_LISTS, Rect(0, top + positions, width - ticket, lists), named=True)
    built.place(["ticket"], Rect(width - ticket, top, ticket, positions + lists))
    return built.done()


def _mid(width: int, height: int, tall: bool, recent: Sequence[str], layout: str) -> Arrangement:
    positions, lists = (7, 10) if tall else (5, 8)
    top = height - positions - lists
    ladder, tape = 37, 26
    centre = width - ladder - tape
    built = _Builder(recent)
    built.place([*_over_chart(layout), "watchlist", "ticket", "account"], Rect(0, 0, centre, top))
    built.place(["ladder", "book"], Rect(centre, 0, ladder, top))
    built.place(["tape"], Rect(width - tape, 0, tape, top))
    built.place(["positions"], Rect(0, top, width, positions))
    built.place(_LISTS, Rect(0, top + positions, width, lists), named=True)
    return built.done()


def _narrow(width: int, height: int, tall: bool, recent: Sequence[str], layout: str) -> Arrangement:
    lists = 10 if tall else 6
    top = height - lists
    ladder, tape = 34, 24
    built = _Builder(recent)
    built.place(["ladder", "book"], Rect(0, 0, ladder, top))
    over = ["tape", "watchlist", "ticket", "account", *_over_chart(layout)]
    if layout != STANDARD:
        over = [_over_chart(layout)[0], *over]
    front = _front(over, recent)
    if front in ("tape", "watchlist"):
        built.place(["tape"], Rect(ladder, 0, tape, top))
        built.place(["watchlist"], Rect(ladder + tape, 0, width - ladder - tape, top))
    else:
        built.place([front], Rect(ladder, 0, width - ladder, top))
    built.place(["orders", "positions", *_LISTS[1:]], Rect(0, top, width, lists), named=True)
    return built.done()
