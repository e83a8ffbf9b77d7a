"""The depth curve of one market as a trader looks at it: how far it reaches, and words where it cannot be believed."""

from tui.engine.store import Store
from tui.ui.book.depth import REACHES, columns_for, depth_lines, group_for
from tui.ui.lines import Line, Span, fit
from tui.ui.staleness import book_staleness
from tui.ui.view_state import ViewState


class DepthView:
    """Looks half a percent to each side at first."""

    def __init__(self) -> None:
        self._reach = REACHES.index(50)

    def nearer(self) -> None:
        """A shorter way from the touch."""
        self._reach = max(0, self._reach - 1)

    def farther(self) -> None:
        """A longer way from the touch."""
        self._reach = min(len(REACHES) - 1, self._reach + 1)

    def lines(self, store: Store, view: ViewState, symbol: str, width: int, height: int) -> list[Line]:
        """The curve of a symbol's book."""
        market = store.market(symbol)
        words = book_staleness(store, symbol, view.clock.monotonic_ns(), view.stale_after_ms)
        touch = market.book.view(1)
        if words or touch.best_bid is None:
            return [fit((Span(f" {f'STALE {words}' if words else 'no orders'} ", "stale"),), width)]
        reach, columns = REACHES[self._reach], columns_for(width)
        group = group_for(touch.best_bid, reach, columns)
        return depth_lines(market.book.view(max(1, columns), group), market.instrument, group, width, height, reach)
