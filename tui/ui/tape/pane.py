"""The tape pane."""

from collections.abc import Iterable

from tui.domain.market import Liquidation
from tui.engine.commands import Desk
from tui.engine.store import TRADES_KEPT, Market
from tui.ui.line_pane import LinePane
from tui.ui.lines import Line, Span, fit
from tui.ui.staleness import market_staleness
from tui.ui.tape.lines import THRESHOLDS, tape_lines, threshold_text
from tui.ui.tape.prints import Entry, at_least, entries_of, with_liquidations
from tui.ui.view_state import ViewState

#: Trades looked at while every print is shown; a threshold looks through all that are kept.
_RECENT = 300


class TapePane(LinePane):
    """Prints of the focused symbol, or of the one it is pinned to, newest first."""

    CONTEXT = "tape"
    NUMBER = "4"
    LABEL = "Tape"

    def __init__(self, desk: Desk, view: ViewState) -> None:
        super().__init__(desk, view)
        self._threshold = 0
        self._is_held = False
        self._is_merging = True
        self._source: tuple[str, int, int, bool, int] = ("", -1, 0, True, 0)
        self._entries: list[Entry] = []
        self._drawn_from: object = None
        self._lines: list[Line] = []

    def lines(self, width: int, height: int) -> list[Line]:
        """The tape of this moment, or the held one; drawn anew only when something on it changed."""
        store, symbol = self.desk.store, self.acting_symbol()
        if symbol not in store.instruments:
            return [fit((Span(" no symbol", "dim"),), width)]
        market = store.market(symbol)
        self._take(market, symbol)
        self._name_state()
        words = market_staleness(store, symbol, self.view.clock.monotonic_ns(), self.view.stale_after_ms)
        note = f"STALE {words}" if words else ""
        source = (self._source, width, height, note)
        if source != self._drawn_from:
            self._drawn_from = source
            self._lines = tape_lines(self._entries, market.instrument, width, height, note)
        return self._lines

    def action_more(self) -> None:
        """Only larger prints."""
        self._threshold = min(len(THRESHOLDS) - 1, self._threshold + 1)

    def action_less(self) -> None:
        """Smaller prints too."""
        self._threshold = max(0, self._threshold - 1)

    def action_merge(self) -> None:
        """One line a taker, or one a trade."""
        self._is_merging = not self._is_merging

    def action_hold(self) -> None:
        """Freeze the tape, or let it run again."""
        self._is_held = not self._is_held

    def action_pin(self) -> None:
        """Stay with this symbol whatever has the focus, or be linked again."""
        symbol = self.acting_symbol()
        if self.pinned:
            self.view.intents.pin(self.place_id, ())
            self.view.intents.say("the tape follows the focused symbol again")
        elif symbol in self.desk.store.instruments:
            self.view.intents.pin(self.place_id, (symbol,))
            self.view.intents.say(f"the tape stays with {symbol}; p links it again")

    def _name_state(self) -> None:
        worth = threshold_text(THRESHOLDS[self._threshold])
        words = f"≥{worth}" if self._is_merging else f"≥{worth} single"
        held = ("HELD · h lets go", "HELD") if self._is_held else ("", "")
        self.set_title(f"{self.pinned} {words}" if self.pinned else words, *held)

    def _take(self, market: Market, symbol: str) -> None:
        lost = list(self._liquidations(symbol))
        source = (symbol, market.trades_revision, self._threshold, self._is_merging, lost[0].time_ms if lost else 0)
        is_other = symbol != self._source[0]
        if source == self._source or (self._is_held and not is_other):
            return
        self._is_held = self._is_held and not is_other
        trades = market.recent_trades(TRADES_KEPT if self._threshold else _RECENT)
        entries = entries_of(trades, is_merging=self._is_merging)
        large = at_least(entries, THRESHOLDS[self._threshold], market.instrument)
        self._entries = with_liquidations(large, lost)
        self._source = source

    def _liquidations(self, symbol: str) -> Iterable[Liquidation]:
        return (each for of, each in self.desk.store.liquidations.copy() if of == symbol)
