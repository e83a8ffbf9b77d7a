"""One workspace as a value, and as it stands in the state file."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tui.domain.text import clean
from tui.ui.chart.look import FIRST_LOOKS, ChartLook, look_of
from tui.ui.layout.composition import LAYOUTS, STANDARD, Composition, composition_of
from tui.ui.layout.places import PANE_ORDER
from tui.ui.state_file import Json, table, texts

LONGEST_NAME = 24
_MOST_GROUPINGS, _MOST_PINS = 500, 8


@dataclass(frozen=True, slots=True)
class Workspace:
    """What is shown and where. Empty texts leave things as they are: a new workspace changes only its layout."""

    name: str
    composition: Composition = STANDARD
    symbol: str = ""
    #: How charts are drawn, by pane id.
    charts: Mapping[str, ChartLook] = field(default_factory=dict)
    #: Panes by how lately they were used, those that share a place show the first.
    recent: tuple[str, ...] = ()
    zoomed: str = ""
    #: Ticks in a row of the ladder, by symbol.
    grouping: Mapping[str, int] = field(default_factory=dict)
    #: Symbols of their own that panes show, by pane id.
    pins: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    watchlist: str = ""

    def as_json(self) -> Json:
        """As it is written."""
        return {
            "name": self.name,
            "layout": list(self.composition.panes),
            "symbol": self.symbol,
            "charts": {pane_id: look.as_json() for pane_id, look in self.charts.items()},
            "recent": list(self.recent),
            "zoomed": self.zoomed,
            "grouping": dict(self.grouping),
            "pins": {pane_id: list(symbols) for pane_id, symbols in self.pins.items()},
            "watchlist": self.watchlist,
        }


#: Where a trader begins who has saved nothing.
BUILT_IN = (
    Workspace("trade"),
    Workspace("ladders", LAYOUTS["ladders"]),
    Workspace("charts", LAYOUTS["charts"]),
    Workspace("wall", LAYOUTS["wall"], recent=("ladder", "book2")),
)


def workspace_of(value: Json) -> Workspace | None:
    """A workspace from what was written; parts that mean nothing are left out, None when it has no usable name."""
    known = table(value)
    name = _text(known.get("name"))
    if not is_name(name):
        return None
    zoomed = _text(known.get("zoomed"))
    charts, pins = table(known.get("charts")), table(known.get("pins"))
    grouping = {
        clean(symbol, 40): ticks
        for symbol, ticks in list(table(known.get("grouping")).items())[:_MOST_GROUPINGS]
        if isinstance(ticks, int) and not isinstance(ticks, bool) and 0 < ticks <= 1_000_000
    }
    return Workspace(
        name,
        _composition(known.get("layout")),
        _text(known.get("symbol")),
        {pane_id: look_of(charts[pane_id], first) for pane_id, first in FIRST_LOOKS.items() if pane_id in charts},
        tuple(pane for pane in dict.fromkeys(texts(known.get("recent"))) if pane in PANE_ORDER),
        zoomed if zoomed in PANE_ORDER else "",
        grouping,
        {pane: tuple(texts(symbols, _MOST_PINS)) for pane, symbols in pins.items() if pane in PANE_ORDER},
        _text(known.get("watchlist")),
    )


def _composition(value: Json) -> Composition:
    """What was written: ids of panes, or the name of a layout."""
    if isinstance(value, str):
        return LAYOUTS.get(value, STANDARD)
    return composition_of(texts(value)) or STANDARD


def is_name(name: str) -> bool:
    """Whether a workspace can be called this: one word of letters, digits, - and _."""
    return 0 < len(name) <= LONGEST_NAME and name.isascii() and name.replace("-", "").replace("_", "").isalnum()


def _text(value: Json) -> str:
    return clean(value, 60) if isinstance(value, str) else ""
