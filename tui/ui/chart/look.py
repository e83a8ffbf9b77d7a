"""How one chart is drawn, as a value that a workspace keeps."""

from collections.abc import Mapping
from dataclasses import dataclass

from tui.domain.interval import INTERVALS
from tui.ui.chart.picture import ZOOMS
from tui.ui.chart.studies import USUAL, known_letters
from tui.ui.state_file import Json, table

#: The pane whose interval is that of the focused symbol's candles.
MAIN_CHART = "chart"


@dataclass(frozen=True, slots=True)
class ChartLook:
    """`zoom` indexes ZOOMS; `studies` are the letters of those shown; `is_line` draws closes in place of candles."""

    interval: str = "5m"
    zoom: int = 1
    studies: str = USUAL
    is_line: bool = False

    def as_json(self) -> Json:
        """As it is written."""
        return {"interval": self.interval, "zoom": self.zoom, "studies": self.studies, "line": self.is_line}


#: How charts are drawn at first.
FIRST_LOOKS: Mapping[str, ChartLook] = {MAIN_CHART: ChartLook(), "chart2": ChartLook("1h")}


def look_of(value: Json, first: ChartLook) -> ChartLook:
    """A look from what was written; parts that mean nothing stay as they were at `first`."""
    known = table(value)
    interval, zoom, studies = known.get("interval"), known.get("zoom"), known.get("studies")
    return ChartLook(
        interval if isinstance(interval, str) and interval in INTERVALS else first.interval,
        zoom if isinstance(zoom, int) and not isinstance(zoom, bool) and 0 <= zoom < len(ZOOMS) else first.zoom,
        known_letters(studies) if isinstance(studies, str) else first.studies,
        known.get("line") is True,
    )
