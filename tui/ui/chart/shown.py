"""What candles the charts of the screen need beside those of the focused symbol, told to the engine on each change."""

from collections.abc import Callable, Sequence

from tui.domain.interval import OF_PRINTS
from tui.engine.commands import Desk, Origin
from tui.engine.commands.views import FollowCandles
from tui.ui.chart.view import ChartView
from tui.ui.view_state import ViewState


class ShownCandles:
    """Has the engine keep each chart's series; `is_laid_out` says whether a pane has a place even when covered."""

    def __init__(
        self, desk: Desk, view: ViewState, charts: Sequence[ChartView], is_laid_out: Callable[[str], bool]
    ) -> None:
        self._desk, self._view = desk, view
        self._charts = charts
        self._is_laid_out = is_laid_out
        self._followed: tuple[tuple[str, str], ...] = ()

    def look(self) -> None:
        """Compare what is shown with what is followed; called with each frame."""
        shown = (
            (chart.acting_symbol(), chart.look.interval)
            for chart in self._charts
            if chart.pinned or (not chart.is_main and (chart.is_on_screen or self._is_laid_out(chart.place_id)))
        )
        listed = self._desk.store.instruments
        wanted = tuple(sorted({one for one in shown if one[0] in listed and one[1] not in OF_PRINTS}))
        if wanted != self._followed:
            self._followed = wanted
            self._desk.send(FollowCandles(wanted), Origin.KEY)
