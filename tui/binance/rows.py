"""REST payloads that products share, with Binance's own field names, and what each becomes in the domain."""

import logging
from collections.abc import Callable, Iterable
from typing import Annotated

import msgspec

from tui.binance.bounds import ROWS, Id, Time
from tui.binance.limits import RateLimit
from tui.binance.wire import MALFORMED, UNDECODABLE, Rows, price, size
from tui.domain.instrument import Instrument
from tui.domain.market import BookSnapshot, Candle, OpenInterest, Ticker, Trade
from tui.domain.order_terms import Side
from tui.domain.text import clean

_log = logging.getLogger(__name__)


class RateLimitRow(msgspec.Struct):
    """One entry of `rateLimits`."""

    rateLimitType: str
    interval: str
    intervalNum: int
    limit: int


class PriceRow(msgspec.Struct):
    """One row of `ticker/price`."""

    symbol: str
    price: str


class DayTickerRow(msgspec.Struct):
    """One row of `ticker/24hr`."""

    symbol: str
    lastPrice: str
    openPrice: str
    highPrice: str
    lowPrice: str
    volume: str
    closeTime: Time
    #: COIN-M has its turnover in the coin, under a name of its own.
    quoteVolume: str = ""
    baseVolume: str = ""
    weightedAvgPrice: str = ""
    lastQty: str = ""
    openTime: Time | None = None
    firstId: Id | None = None
    lastId: Id | None = None
    count: Id | None = None


class AggregateTradeRow(msgspec.Struct):
    """One row of `aggTrades`."""

    a: Id
    p: str
    q: str
    T: Time
    m: bool


class SingleTradeRow(msgspec.Struct):
    """One row of `trades`."""

    id: Id
    price: str
    qty: str
    time: Time
    isBuyerMaker: bool


class KlineRow(msgspec.Struct, array_like=True):
    """One row of `klines`; further columns are not read."""

    openTime: Time
    open: str
    high: str
    low: str
    close: str
    volume: str
    closeTime: Time
    turnover: str | None = None
    trades: Id | None = None
    takerVolume: str | None = None
    takerTurnover: str | None = None


class ExchangeInfo(msgspec.Struct):
    """`exchangeInfo`; symbols stay raw so that one that cannot be read does not hide the others."""

    symbols: Annotated[list[msgspec.Raw], msgspec.Meta(max_length=ROWS)]
    rateLimits: Annotated[list[RateLimitRow], msgspec.Meta(max_length=100)] = []


class FundingRow(msgspec.Struct):
    """One row of `fundingInfo`; only symbols that differ from the usual eight hours or caps are listed."""

    symbol: str
    fundingIntervalHours: int | None = None


class OpenInterestRow(msgspec.Struct):
    """`openInterest`; coins on USD-M, contracts on COIN-M."""

    openInterest: str
    time: Time


class Depth(msgspec.Struct):
    """`depth`; `T`, the matching engine's time, only on futures."""

    lastUpdateId: Id
    bids: Rows
    asks: Rows
    T: Time | None = None


def open_interest(row: OpenInterestRow) -> OpenInterest:
    """What is held of a contract."""
    return OpenInterest(size(row.openInterest), row.time)


def rate_limits(rows: list[RateLimitRow]) -> list[RateLimit]:
    """The limits of the exchange information."""
    return [RateLimit(row.rateLimitType, row.interval, row.intervalNum, row.limit) for row in rows]


def _warn_of(symbol: str, why: str) -> None:
    _log.warning("%s left out: %s", symbol, why)


def readable_instruments(
    symbols: Iterable[msgspec.Raw],
    read: Callable[[msgspec.Raw], Instrument],
    warn: Callable[[str, str], None] = _warn_of,
) -> list[Instrument]:
    """Every symbol that can be read; `warn` hears the names of the others and why.

    Contracts without a kind are those that exist in name only, and nothing is said of them.
    """
    found = []
    for raw in symbols:
        try:
            found.append(read(raw))
        except NotListedError:
            continue
        except MALFORMED as error:
            warn(_name_of(raw), clean(str(error), 160))
    return found


class NotListedError(Exception):
    """A symbol that stands in the exchange information and cannot be traded yet."""


def _name_of(raw: msgspec.Raw) -> str:
    try:
        return clean(_NAMED.decode(raw).symbol, 60)
    except UNDECODABLE:
        return clean(bytes(raw).decode(errors="replace"), 60)


class _Named(msgspec.Struct):
    symbol: str


_NAMED = msgspec.json.Decoder(_Named)


def ticker(row: DayTickerRow) -> Ticker:
    """One 24-hour ticker; raises ValueError for one without turnover."""
    turnover = row.quoteVolume or row.baseVolume
    if not turnover:
        raise ValueError("the ticker has no quoteVolume")
    return Ticker(
        last=size(row.lastPrice),
        open=size(row.openPrice),
        high=size(row.highPrice),
        low=size(row.lowPrice),
        volume=size(row.volume),
        turnover=size(turnover),
        time_ms=row.closeTime,
        weighted_average=size(row.weightedAvgPrice) if row.weightedAvgPrice else None,
        last_quantity=size(row.lastQty) if row.lastQty else None,
        open_ms=row.openTime,
        first_id=row.firstId,
        last_id=row.lastId,
        trades=row.count,
    )


def trade(row: AggregateTradeRow) -> Trade:
    """One print."""
    return Trade(row.a, price(row.p), size(row.q), Side.SELL if row.m else Side.BUY, row.T)


def single_trade(row: SingleTradeRow) -> Trade:
    """One print, of one maker order."""
    return Trade(row.id, price(row.price), size(row.qty), Side.SELL if row.isBuyerMaker else Side.BUY, row.time)


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
        turnover=size(row.turnover) if row.turnover else None,
        trades=row.trades,
        taker_volume=size(row.takerVolume) if row.takerVolume else None,
        taker_turnover=size(row.takerTurnover) if row.takerTurnover else None,
    )


def snapshot(depth: Depth, of: Instrument, levels_asked: int = 0) -> BookSnapshot:
    """The book, to be counted in the instrument's ticks and lots."""
    return BookSnapshot(depth.lastUpdateId, depth.bids, depth.asks, depth.T, (of.tick, of.step), levels_asked)
