"""The tape pane."""



from tui.engine.commands import Desk
from tui.engine.store import TRADES_KEPT, Market
from tui.ui.figures import fitted
from tui.ui.line_pane import LinePane
from tui.ui.lines import Line, Span
from tui.ui.staleness import market_staleness
from tui.ui.tape.lines import THRESHOLDS, Print, at_least, merged, tape_lines
from tui.ui.view_state import ViewState

#: Trades looked at while every print is shown; a threshold looks through all that are kept.
_RECENT = 300


class TapePane(LinePane):
    """Prints of the focused symbol, newest first."""

    CONTEXT = "tape"
    NUMBER = "4"
    LABEL = "Tape"

    def __init__(self, desk: Desk, view: ViewState) -> None:
        super().__init__(desk, view)
        self._threshold = 0
        self._is_held = False
        self._source: tuple[str, int, int] = ("", -1, 0)
        self._prints: list[Print] = []

    def lines(self, width: int, height: int) -> list[Line]:
        """The tape of this moment, or the held one."""
        store, symbol = self.desk.store, self.view.symbol
        if symbol not in store.instruments:
            return [(Span(" no symbol", "dim"),)]
        market = store.market(symbol)
        self._take(market, symbol)
        worth = fitted(f"{THRESHOLDS[self._threshold]:f}", 4)
        self.set_title(f"≥{worth}", "HELD · h" if self._is_held else "")
        words = market_staleness(store, symbol, self.view.clock.monotonic_ns(), self.view.stale_after_ms)
        note = f"STALE {words}" if words else ""
        return tape_lines(self._prints, market.instrument, width, height, note)

    def action_more(self) -> None:
        """Only larger prints."""
        self._threshold = min(len(THRESHOLDS) - 1, self._threshold + 1)

    def action_less(self) -> None:
        """Smaller prints too."""
        self._threshold = max(0, self._threshold - 1)

    def action_hold(self) -> None:
        """Freeze the tape, or let it run again."""
        self._is_held = not self._is_held

    def _take(self, market: Market, symbol: str) -> None:
        source = (symbol, market.trades_revision, self._threshold)
        is_other = symbol != self._source[0]
        if source == self._source or (self._is_held and not is_other):
            return
        self._is_held = self._is_held and not is_other
        trades = market.recent_trades(TRADES_KEPT if self._threshold else _RECENT)
        self._prints = at_least(merged(trades), THRESHOLDS[self._threshold], market.instrument)
        self._source = source
