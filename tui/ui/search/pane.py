"""Symbol search as a pane that opens over the chart and leaves with the choice."""

from collections.abc import Callable

from textual import events

from tui.domain.instrument import Instrument
from tui.engine.commands import Desk
from tui.ui.command.line_edit import LineEdit
from tui.ui.figures import UNKNOWN, price, signed
from tui.ui.line_pane import LinePane
from tui.ui.lines import Line, Span, spread
from tui.ui.search.ranking import rank
from tui.ui.staleness import market_staleness
from tui.ui.view_state import ViewState

#: From this width on there is room for the last price.
_WITH_PRICE = 62


class SearchPane(LinePane):
    """Typed letters above, symbols below; Enter shows the chosen one in every linked pane."""

    CONTEXT = "search"
    LABEL = "Find a symbol"

    def __init__(self, desk: Desk, view: ViewState) -> None:
        super().__init__(desk, view)
        self.query_line = LineEdit()
        self._recent: list[str] = []
        self._then: Callable[[str], None] | None = None
        self._cursor = 0
        self._found_for: object = None
        self._found: list[Instrument] = []

    @property
    def is_typing(self) -> bool:
        """Printable keys are always the query."""
        return True

    def begin(self, title: str = "", then: Callable[[str], None] | None = None) -> None:
        """Start with nothing typed; with `then` the choice goes there instead of into the focus."""
        self._then = then
        self.set_title(title)
        self.query_line.text = ""
        self._cursor = 0
        self.paint()

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

    def lines(self, width: int, height: int) -> list[Line]:
        """The query and what it finds."""
        found = self.found()
        self._cursor = max(0, min(self._cursor, len(found) - 1))
        rows = height - 2
        top = max(0, self._cursor - rows + 1)
        shown = [
            self._row(instrument, top + y == self._cursor, width)
            for y, instrument in enumerate(found[top : top + rows])
        ]
        if not found:
            shown = [(Span(" no symbol holds these letters in this order", "warn"),)]
        count = Span(f"{len(found)} found ", "dim")
        return [spread([Span(" / ", "key"), *self.query_line.spans("strong")], [count], width), (), *shown]

    def _row(self, instrument: Instrument, is_under_cursor: bool, width: int) -> Line:
        ground = " cursor" if is_under_cursor else ""
        ticker = self.desk.store.market(instrument.symbol).ticker
        now_ns, stale_after_ms = self.view.clock.monotonic_ns(), self.view.stale_after_ms
        is_old = ticker is not None and bool(
            market_staleness(self.desk.store, instrument.symbol, now_ns, stale_after_ms)
        )
        last = f"{'?' * is_old}{price(instrument.tick, ticker.value.last)}" if ticker else UNKNOWN
        change = ticker.value.change_percent if ticker and not is_old else None
        left = [
            Span(f" {'▶' if is_under_cursor else ' '} ", f"key{ground}"),
            Span(f"{instrument.symbol:<{18 if width >= _WITH_PRICE else 16}} ", f"strong{ground}"),
            Span(f"{instrument.product.label:<15}", f"dim{ground}"),
        ]
        tone = "dim" if not change else "up" if change > 0 else "down"
        right = [Span(f"{signed(change, 2, '%'):>8} ", f"{tone}{ground}")]
        # What kind of market it is goes before its price: one name stands for several.
        if width >= _WITH_PRICE:
            right.insert(0, Span(f"{last:>14} ", ground.strip()))
        line = spread(left, right, width)
        return tuple(span if span.style else Span(span.text, ground.strip()) for span in line)

    def take_key(self, event: events.Key) -> bool:
        """Letters narrow the list, arrows move in it, Enter chooses."""
        match event.key:
            case "up" | "down" | "tab" | "shift+tab":
                self._cursor += -1 if event.key in ("up", "shift+tab") else 1
            case "pageup" | "pagedown":
                self._cursor += -10 if event.key == "pageup" else 10
            case "enter":
                self._choose()
            case _:
                if not self.query_line.press(event.key, event.character):
                    return False
                self._cursor = 0
        self.paint()
        return True

    def on_paste(self, event: events.Paste) -> None:
        """Pasted letters are letters."""
        event.stop()
        self.query_line.insert(event.text.partition("\n")[0])
        self.paint()

    def _choose(self) -> None:
        found = self.found()
        if not found:
            return
        symbol = found[self._cursor].symbol
        self._recent = [symbol, *(other for other in self._recent if other != symbol)][:20]
        self.view.intents.leave()
        (self._then or self.view.intents.focus_symbol)(symbol)
