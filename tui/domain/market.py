"""What the market says: prints, candles, tickers, mark prices, and changes of a book."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import msgspec

from tui.domain.increment import Increment
from tui.domain.order_terms import Side

#: Price in ticks and absolute size in lots; a size of zero removes the level.
Level = tuple[int, int]

#: A level as a feed gives it, price and size as the doubles nearest to the exchange's texts, which name them exactly up
#: to 15 digits; read by `tui.domain.book` alone, which makes levels of them.
Row = tuple[float, float]


@dataclass(frozen=True, slots=True)
class BookSnapshot:
    """A whole book at one update id, levels in any order.

    `increments` are the tick and the lot that its rows and those of later changes are to be counted in; None where they
    are whole counts already.
    """

    update_id: int
    bids: Sequence[Row]
    asks: Sequence[Row]
    time_ms: int | None = None
    increments: tuple[Increment, Increment] | None = None
    #: Levels asked for: a side with that many may go on beyond its last; 0 asked for all.
    levels_asked: int = 0


class BookChange(msgspec.Struct, frozen=True, gc=False):
    """One depth update. `previous_id` is set where the exchange chains updates by it (futures), None elsewhere.

    A struct, because then the decoder of a message makes it itself, with nothing in between.
    """

    first_id: int
    final_id: int
    previous_id: int | None
    bids: Sequence[Row]
    asks: Sequence[Row]
    time_ms: int


@dataclass(frozen=True, slots=True)
class Trade:
    """One print; `aggressor` is the side that took."""

    trade_id: int
    price: Decimal
    quantity: Decimal
    aggressor: Side
    time_ms: int


@dataclass(frozen=True, slots=True)
class Ticker:
    """Rolling 24 hours of one symbol; volume in base units, turnover in quote units.

    Inverse contracts have their volume in contracts and their turnover in the coin. What only the full ticker says is
    None in a short one.
    """

    last: Decimal
    open: Decimal
    high: Decimal
    low: Decimal
    volume: Decimal
    turnover: Decimal
    time_ms: int
    weighted_average: Decimal | None = None
    last_quantity: Decimal | None = None
    #: When the window began, and its first and last trade; count of trades in it.
    open_ms: int | None = None
    first_id: int | None = None
    last_id: int | None = None
    trades: int | None = None

    @property
    def change(self) -> Decimal:
        """Change over the window in price."""
        return self.last - self.open

    @property
    def change_percent(self) -> Decimal:
        """Change over the window in percent; zero when there was no opening price."""
        return (self.last - self.open) / self.open * 100 if self.open else Decimal(0)


@dataclass(frozen=True, slots=True)
class BestQuote:
    """Best bid and ask with their sizes; `update_id` is the book's at that moment."""

    bid: Decimal
    bid_quantity: Decimal
    ask: Decimal
    ask_quantity: Decimal
    time_ms: int | None
    update_id: int


@dataclass(frozen=True, slots=True)
class MarkPrice:
    """Mark and index price of a contract, with the funding rate now expected (a fraction) and when it is charged."""

    mark: Decimal
    index: Decimal
    funding_rate: Decimal | None
    next_funding_ms: int
    time_ms: int
    #: What a delivery would be settled at now, and the moving average of the mark price, where they are said.
    settle: Decimal | None = None
    average: Decimal | None = None


@dataclass(frozen=True, slots=True)
class OpenInterest:
    """What all traders together hold of a contract, counted as the exchange counts its orders."""

    quantity: Decimal
    time_ms: int


@dataclass(frozen=True, slots=True)
class Liquidation:
    """An order by which the exchange closed somebody's position; `side` is the order's."""

    side: Side
    quantity: Decimal
    price: Decimal
    average_price: Decimal
    filled: Decimal
    time_ms: int


@dataclass(frozen=True, slots=True)
class Candle:
    """One bar; times in epoch milliseconds, `close_ms` is the last millisecond that belongs to it."""

    open_ms: int
    close_ms: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    closed: bool
    #: Quote volume (the coin's where inverse), number of trades, and of both volumes what takers bought.
    turnover: Decimal | None = None
    trades: int | None = None
    taker_volume: Decimal | None = None
    taker_turnover: Decimal | None = None
