"""What the ladder has in sight: pictures of one symbol's book, and the window that stays still under the cursor."""

from collections.abc import Mapping
from decimal import Decimal

from tui.domain.instrument import Instrument
from tui.domain.order_terms import Side
from tui.engine.store import TRADES_KEPT, Market, Store
from tui.ui.ladder.changes import SizeChanges
from tui.ui.ladder.lines import LadderState
from tui.ui.ladder.picture import (
    LadderPicture,
    LevelMark,
    OwnLevel,
    group_of,
    last_print,
    level_marks,
    own_levels,
    own_marks,
)
from tui.ui.ladder.traded import TradedSizes
from tui.ui.ladder.window import LadderWindow, centred, following, pin_between, regrouped, showing, touch_groups

#: No ladder looks farther from the touch than this many groups.
_FARTHEST = 2_000


class Pictures:
    """Takes pictures of one market; begin anew for another symbol."""

    def __init__(self) -> None:
        self._traded = TradedSizes()
        self._trades_revision = 0
        self._changes = SizeChanges()
        self._own: Mapping[int, tuple[OwnLevel, ...]] = {}
        self._marks: Mapping[int, tuple[LevelMark, ...]] = {}
        self._own_source: object = None

    def take(
        self, store: Store, market: Market, group: int, sight: "Sight", *, with_changes: bool, now_ns: int
    ) -> LadderPicture:
        """The picture of this moment, as deep as the window reaches."""
        instrument, touch = market.instrument, market.book.view(10)
        trades = market.recent_trades(1)
        self._count_trades(market)
        self._collect_own(store, instrument, group)
        levels = market.book.view(sight.depth(touch.best_bid, touch.best_ask, group), group)
        traded = self._traded.by_group(group)
        return LadderPicture(
            instrument,
            group,
            levels,
            touch,
            self._own,
            last_print(trades[0] if trades else None, instrument.tick, group),
            traded,
            self._marks,
            dict(self._changes.take(levels, group, traded, now_ns)) if with_changes else None,
        )

    def _collect_own(self, store: Store, instrument: Instrument, group: int) -> None:
        """Own orders and marks, collected anew only when the account or an alert changed."""
        source = (store.revision, group, tuple(store.alerts.values()))
        if source != self._own_source:
            self._own_source = source
            self._own = own_levels(store.orders.values(), instrument.symbol, instrument.tick, group)
            self._marks = level_marks(own_marks(store, instrument), instrument, group)

    def _count_trades(self, market: Market) -> None:
        revision = market.trades_revision
        if revision != self._trades_revision:
            fresh = min(TRADES_KEPT, max(0, revision - self._trades_revision)) or TRADES_KEPT
            self._traded.take(market.recent_trades(fresh + 8), market.instrument)
            self._trades_revision = revision


class Sight:
    """Which rows show: a window that follows the touch, or stands still for a cursor or where it was scrolled to."""

    def __init__(self) -> None:
        self.window: LadderWindow | None = None
        self.rows = 1
        #: Scrolled away from the cursor and the touch; it stands until the cursor moves or the touch is asked for.
        self.is_scrolled = False
        self._group = 1
        self._cursor: int | None = None

    def depth(self, bid: int | None, ask: int | None, group: int) -> int:
        """Groups a side that reach from the touch to the far end of the window."""
        window, rows = self.window, self.rows
        if window is None:
            return rows + 2
        above = 0 if ask is None else window.top - ask // group
        below = 0 if bid is None else bid // group - (window.top - rows)
        return min(_FARTHEST, max(rows, above, below) + 2)

    def place(self, picture: LadderPicture, cursor: int | None, *, is_cumulative: bool) -> LadderState:
        """Where the window is now: at the touch while following, still while the cursor has a price of its own."""
        group, rows, window = picture.ticks_per_group, self.rows, self.window
        pin = pin_between(*touch_groups(picture.levels, group))
        if pin is None:
            pin = window.pin if window else 0
        is_regrouped = self._group != group
        if window is None or (cursor is None and is_regrouped):
            window, self.is_scrolled = centred(pin, rows), False
        if self.is_scrolled and not is_regrouped:
            window = window._replace()
        elif cursor is None:
            window = following(window, pin, rows)
        elif is_regrouped:
            before = cursor * group // self._group if self._cursor is None else self._cursor
            window = regrouped(window, pin, cursor, before, rows)
        else:
            window = showing(window, cursor, rows)
        self.window, self._group, self._cursor = window, group, cursor
        return LadderState(window, cursor, is_cumulative)

    def centre(self) -> None:
        """Follow the touch again."""
        self.window, self.is_scrolled = None, False

    def scroll(self, rows: int) -> None:
        """Show so many rows higher, or lower when negative, without moving the cursor."""
        if self.window is not None:
            top = max(1, self.window.top + rows)
            self.window, self.is_scrolled = self.window._replace(top=top), True

    def group_at(self, y: int) -> int | None:
        """The group on a row of the pane; None for the heading, the spread line and below."""
        if self.window is None:
            return None
        split = self.window.split(self.rows)
        if not 1 <= y <= self.rows + 1 or y == split + 1:
            return None
        return self.window.top - (y - 1 - (y > split + 1))


def cursor_group(price: Decimal | None, instrument: Instrument, group: int) -> int | None:
    """The row of the cursor's price."""
    return None if price is None else group_of(price, Side.BUY, instrument.tick, group)
