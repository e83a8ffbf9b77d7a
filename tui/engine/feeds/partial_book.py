"""The best few levels of a symbol's book, whole with each message: enough to look at beside the book in focus."""

from collections.abc import Callable

from tui.domain.instrument import Instrument
from tui.domain.market import BookChange, BookSnapshot
from tui.engine.book_keeper import BookKeeper


class PartialBookFeed:
    """Keeps the top of one book true, or blank; no request is made for it. See `book_feed.BookFeed`."""

    def __init__(
        self, instrument: Instrument, keeper: BookKeeper, levels: int, on_change_of_state: Callable[[], None]
    ) -> None:
        self.instrument = instrument
        self.keeper = keeper
        self.gaps = 0
        self._levels = levels
        self._changed = on_change_of_state
        self._update_id = 0

    @property
    def is_live(self) -> bool:
        """Whether the top of the book is known to be true."""
        return self.keeper.is_live

    def restart(self) -> None:
        """Blank the book until the next message, as after a reconnect."""
        self.stop()

    def stop(self) -> None:
        """Follow the symbol no longer; the book becomes blank."""
        self._update_id = 0
        self.keeper.blank()
        self._changed()

    def on_change(self, change: BookChange) -> None:
        """Changes belong to a whole book, which this is not."""

    def on_top(self, top: BookSnapshot) -> None:
        """Take the best levels as they are now; of two connections the one that lags is not heeded."""
        if top.update_id < self._update_id:
            return
        self._update_id = top.update_id
        was_live = self.keeper.is_live
        self.keeper.load(top, [], only_best=self._levels)
        if not was_live:
            self._changed()
