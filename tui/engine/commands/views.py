"""What is looked at, and what is done so that it can be shown."""

from dataclasses import dataclass

from tui.engine.order_history import OrderKey


@dataclass(frozen=True, slots=True)
class FollowSymbols:
    """Keep the books and trades of these symbols true as well, beside the focused one (replaces the former set)."""

    symbols: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LoadEarlierCandles:
    """Fetch candles before the oldest one held of a series that is shown."""

    symbol: str
    interval: str


@dataclass(frozen=True, slots=True)
class StopWork:
    """Give up long work that `store.work` shows."""

    number: int


@dataclass(frozen=True, slots=True)
class ShowOrderHistory:
    """Read all the journal has of an order into `store.order_history`, and keep it true until another is asked for."""

    which: OrderKey


@dataclass(frozen=True, slots=True)
class FocusSymbol:
    """Keep book, trades, ticker, mark price and candles of this symbol true from now on."""

    symbol: str


@dataclass(frozen=True, slots=True)
class WatchSymbols:
    """Keep the tickers of these symbols true from now on (replaces the former list)."""

    symbols: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShowCandles:
    """Load and follow candles of the focused symbol at this interval."""

    symbol: str
    interval: str


@dataclass(frozen=True, slots=True)
class FollowCandles:
    """Load and follow these candles as well, beside those of the focused symbol (replaces the former set).

    Each is a symbol and an interval; the focus stays where it is.
    """

    wanted: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class RebuildBook:
    """Throw the focused book away and fetch it again."""


#: What is looked at.
ViewCommand = (
    FocusSymbol
    | FollowSymbols
    | WatchSymbols
    | ShowCandles
    | FollowCandles
    | LoadEarlierCandles
    | StopWork
    | RebuildBook
)
