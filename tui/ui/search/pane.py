"""Symbol search as a pane that opens over the chart and leaves with the choice."""

from collections.abc import Callable

from tui.domain.instrument import Instrument
from tui.engine.commands import Desk
from tui.ui.figures import UNKNOWN, price, signed
from tui.ui.lines import Line, Span, spread
from tui.ui.picker import PickerPane
from tui.ui.search.ranking import rank
from tui.ui.staleness import market_staleness
from tui.ui.view_state import ViewState

#: From this width on there is room for the last price.
_WITH_PRICE = 59


class SearchPane(PickerPane[Instrument]):
    """Typed letters above, symbols below; Enter shows the chosen one in every linked pane."""

    CONTEXT = "search"
    LABEL = "Find a symbol"
    PROMPT = " / "
    NOTHING = " no symbol holds these letters in this order"

    def __init__(self, desk: Desk, view: ViewState) -> None:
        super().__init__(desk, view)
        self._recent: list[str] = []
        self._then: Callable[[str], None] | None = None
        self._found_for: object = None
        self._found: list[Instrument] = []

    def begin(self, query: str = "", title: str = "", then: Callable[[str], None] | None = None) -> None:
        """Start with this typed; with `then` the choice goes there instead of into the focus."""
        self._then = then
        self.set_title(title)
        super().begin(query)

    def found(self) -> list[Instrument]:
        """What the typed letters mean, best first."""
        listed = self.desk.store.instruments
        # What is watched is what one goes to, but seldom what one adds to something.
        watched = self.desk.store.watched if self._then is None else ()
        known = tuple(dict.fromkeys((*self._recent, *watched)))
        source = (self.query_line.text, len(listed), known)
        if source != self._found_for:
            self._found_for, self._found = source, rank(self.query_line.text, listed.values(), known)
        return self._found

    def row(self, item: Instrument, width: int) -> Line:
        """A symbol, its market, its price where there is room, and what the day has done to it."""
        ticker = self.desk.store.market(item.symbol).ticker
        now_ns, stale_after_ms = self.view.clock.monotonic_ns(), self.view.stale_after_ms
        is_old = ticker is not None and bool(market_staleness(self.desk.store, item.symbol, now_ns, stale_after_ms))
        last = f"{'?' * is_old}{price(item.tick, ticker.value.last)}" if ticker else UNKNOWN
        change = ticker.value.change_percent if ticker and not is_old else None
        left = [
            Span(f"{item.symbol:<{18 if width >= _WITH_PRICE else 16}} ", "strong"),
            Span(f"{item.product.label:<15}", "dim"),
        ]
        tone = "dim" if not change else "up" if change > 0 else "down"
        right = [Span(f"{signed(change, 2, '%'):>8} ", tone)]
        # What kind of market it is goes before its price: one name stands for several.
        if width >= _WITH_PRICE:
            right.insert(0, Span(f"{last:>14} "))
        return spread(left, right, width)

    def choose(self, item: Instrument) -> None:
        """Leave, and look at it or hand it to who asked."""
        self._recent = [item.symbol, *(other for other in self._recent if other != item.symbol)][:20]
        self.view.intents.leave()
        (self._then or self.view.intents.focus_symbol)(item.symbol)
