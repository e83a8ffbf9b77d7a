"""REST payloads that products share, with Binance's own field names, and what each becomes in the domain."""

import logging
from collections.abc import Callable, Iterable
from typing import Annotated

import msgspec

from tui.binance.bounds import ROWS, Id, Time
from tui.binance.limits import RateLimit
from tui.binance.wire import MALFORMED, Rows, price, size
from tui.domain.instrument import Instrument
from tui.domain.market import BookSnapshot, Candle, Ticker, Trade
from tui.domain.order import Side
from tui.domain.text import clean

_log = logging.getLogger(__name__)


class RateLimitRow(msgspec.Struct):
    """One entry of `rateLimits`."""

    rateLimitType: str
    interval: str
    intervalNum: int
    limit: int


class DayTickerRow(msgspec.Struct):
    """One row of `ticker/24hr`."""

    symbol: str
    lastPrice: str
    openPrice: str
    highPrice: str
    lowPrice: str
    volume: str
    quoteVolume: str
    closeTime: Time


class AggregateTradeRow(msgspec.Struct):
    """One row of `aggTrades`."""

    a: Id
    p: str
    q: str
    T: Time
    m: bool


class KlineRow(msgspec.Struct, array_like=True):
    """One row of `klines`; further columns are not read."""

    openTime: Time
    open: str
    high: str
    low: str
    close: str
    volume: str
    closeTime: Time


class ExchangeInfo(msgspec.Struct):
    """`exchangeInfo`; symbols stay raw so that one that cannot be read does not hide the others."""

    symbols: Annotated[list[msgspec.Raw], msgspec.Meta(max_length=ROWS)]
    rateLimits: Annotated[list[RateLimitRow], msgspec.Meta(max_length=100)] = []


class Depth(msgspec.Struct):
    """`depth`; `T`, the matching engine's time, only on futures."""

    lastUpdateId: Id
    bids: Rows
    asks: Rows
    T: Time | None = None


def rate_limits(rows: list[RateLimitRow]) -> list[RateLimit]:
    """The limits of the exchange information."""
    return [RateLimit(row.rateLimitType, row.interval, row.intervalNum, row.limit) for row in rows]


def readable_instruments(symbols: Iterable[msgspec.Raw], read: Callable[[msgspec.Raw], Instrument]) -> list[Instrument]:
    """Every symbol that can be read; the others are logged and left out."""
    found = []
    for raw in symbols:
        try:
            found.append(read(raw))
        except MALFORMED as error:
            _log.warning("symbol left out: %s in %s", clean(str(error)), clean(bytes(raw).decode(errors="replace"), 80))
    return found


def ticker(row: DayTickerRow) -> Ticker:
    """One 24-hour ticker."""
    return Ticker(
        last=size(row.lastPrice),
        open=size(row.openPrice),
        high=size(row.highPrice),
        low=size(row.lowPrice),
        volume=size(row.volume),
        turnover=size(row.quoteVolume),
        time_ms=row.closeTime,
    )


def trade(row: AggregateTradeRow) -> Trade:
    """One print."""
    return Trade(row.a, price(row.p), size(row.q), Side.SELL if row.m else Side.BUY, row.T)


def candle(row: KlineRow, now_ms: int) -> Candle:
    """One bar; the one that is still open ends after the exchange's present time."""
    return Candle(
        open_ms=row.openTime,
        close_ms=row.closeTime,
        open=size(row.open),
        high=size(row.high),
        low=size(row.low),
        close=size(row.close),
        volume=size(row.volume),
        closed=row.closeTime < now_ms,
    )


def snapshot(depth: Depth, of: Instrument) -> BookSnapshot:
    """The book, to be counted in the instrument's ticks and lots."""
    return BookSnapshot(depth.lastUpdateId, depth.bids, depth.asks, depth.T, (of.tick, of.step))
