"""Market stream payloads, one struct each, and what each becomes in the domain.

Spot and futures share the payloads; keys that only one has are optional (Binance spot API docs 2026-07-21, derivatives
docs November 2026).
"""

from collections.abc import Callable
from typing import Generic, TypeVar

import msgspec

from tui.binance.bounds import Id, Time
from tui.binance.client import MarketListener, StreamKind, Subscription
from tui.binance.wire import Rows, number, price, size
from tui.domain.market import BestQuote, BookChange, Candle, MarkPrice, Ticker, Trade
from tui.domain.order import Side

Payload = TypeVar("Payload")
Handler = Callable[[bytes], None]


class Frame(msgspec.Struct, Generic[Payload]):
    """One message of a combined connection."""

    data: Payload


class DepthUpdate(msgspec.Struct):
    """`depthUpdate`: absolute sizes of changed levels."""

    event_ms: Time = msgspec.field(name="E")
    first_id: Id = msgspec.field(name="U")
    final_id: Id = msgspec.field(name="u")
    bids: Rows = msgspec.field(name="b")
    asks: Rows = msgspec.field(name="a")
    previous_id: Id | None = msgspec.field(name="pu", default=None)
    engine_ms: Time | None = msgspec.field(name="T", default=None)


class AggregateTrade(msgspec.Struct):
    """`aggTrade`: one taker order at one price."""

    trade_id: Id = msgspec.field(name="a")
    price: str = msgspec.field(name="p")
    quantity: str = msgspec.field(name="q")
    time_ms: Time = msgspec.field(name="T")
    buyer_is_maker: bool = msgspec.field(name="m")


class DayTicker(msgspec.Struct):
    """`24hrTicker`."""

    event_ms: Time = msgspec.field(name="E")
    last: str = msgspec.field(name="c")
    open: str = msgspec.field(name="o")
    high: str = msgspec.field(name="h")
    low: str = msgspec.field(name="l")
    volume: str = msgspec.field(name="v")
    turnover: str = msgspec.field(name="q")


class BookTicker(msgspec.Struct):
    """`bookTicker`; spot sends no time with it."""

    bid: str = msgspec.field(name="b")
    bid_quantity: str = msgspec.field(name="B")
    ask: str = msgspec.field(name="a")
    ask_quantity: str = msgspec.field(name="A")
    engine_ms: Time | None = msgspec.field(name="T", default=None)


class KlineBar(msgspec.Struct):
    """The bar inside a `kline` event."""

    open_ms: Time = msgspec.field(name="t")
    close_ms: Time = msgspec.field(name="T")
    open: str = msgspec.field(name="o")
    high: str = msgspec.field(name="h")
    low: str = msgspec.field(name="l")
    close: str = msgspec.field(name="c")
    volume: str = msgspec.field(name="v")
    is_closed: bool = msgspec.field(name="x")


class Kline(msgspec.Struct):
    """`kline`."""

    bar: KlineBar = msgspec.field(name="k")


class MarkPriceUpdate(msgspec.Struct):
    """`markPriceUpdate`; the rate is empty on delivery contracts."""

    event_ms: Time = msgspec.field(name="E")
    mark: str = msgspec.field(name="p")
    index: str | None = msgspec.field(name="i", default=None)
    funding_rate: str | None = msgspec.field(name="r", default=None)
    next_funding_ms: Time | None = msgspec.field(name="T", default=None)


# Not strict: numbers in quotes become doubles while they are decoded, at no cost that could be measured.
_DEPTH = msgspec.json.Decoder(Frame[DepthUpdate], strict=False)
_TRADE = msgspec.json.Decoder(Frame[AggregateTrade])
_TICKER = msgspec.json.Decoder(Frame[DayTicker])
_QUOTE = msgspec.json.Decoder(Frame[BookTicker])
_KLINE = msgspec.json.Decoder(Frame[Kline])
_MARK = msgspec.json.Decoder(Frame[MarkPriceUpdate])


def stream_name(subscription: Subscription) -> str:
    """Binance's name of a stream, the same on spot and futures."""
    symbol = subscription.instrument.native.lower()
    match subscription.kind:
        case StreamKind.BOOK:
            return f"{symbol}@depth@100ms"
        case StreamKind.TRADES:
            return f"{symbol}@aggTrade"
        case StreamKind.TICKER:
            return f"{symbol}@ticker"
        case StreamKind.QUOTE:
            return f"{symbol}@bookTicker"
        case StreamKind.CANDLES:
            return f"{symbol}@kline_{subscription.interval}"
        case StreamKind.MARK_PRICE:
            return f"{symbol}@markPrice@1s"


def handler_for(subscription: Subscription, listener: MarketListener) -> Handler:
    """What takes each frame of a stream to its listener; raises one of `wire.MALFORMED` for a frame it cannot read."""
    kind = subscription.kind
    if kind is StreamKind.BOOK:
        return _book_handler(subscription, listener)
    if kind is StreamKind.TRADES:
        return lambda frame: listener.on_trade(subscription.instrument, _trade(_TRADE.decode(frame).data))
    if kind is StreamKind.TICKER:
        return lambda frame: listener.on_ticker(subscription.instrument, _ticker(_TICKER.decode(frame).data))
    if kind is StreamKind.QUOTE:
        return lambda frame: listener.on_quote(subscription.instrument, _quote(_QUOTE.decode(frame).data))
    if kind is StreamKind.CANDLES:
        return lambda frame: listener.on_candle(
            subscription.instrument, subscription.interval, _candle(_KLINE.decode(frame).data.bar)
        )
    return lambda frame: listener.on_mark_price(subscription.instrument, _mark(_MARK.decode(frame).data))


def _book_handler(subscription: Subscription, listener: MarketListener) -> Handler:
    instrument, decode, deliver = subscription.instrument, _DEPTH.decode, listener.on_book_change

    def handle(frame: bytes) -> None:
        update = decode(frame).data
        time_ms = update.engine_ms or update.event_ms
        deliver(
            instrument,
            BookChange(update.first_id, update.final_id, update.previous_id, update.bids, update.asks, time_ms),
        )

    return handle


def _trade(event: AggregateTrade) -> Trade:
    return Trade(
        trade_id=event.trade_id,
        price=price(event.price),
        quantity=size(event.quantity),
        aggressor=Side.SELL if event.buyer_is_maker else Side.BUY,
        time_ms=event.time_ms,
    )


def _ticker(event: DayTicker) -> Ticker:
    return Ticker(
        last=size(event.last),
        open=size(event.open),
        high=size(event.high),
        low=size(event.low),
        volume=size(event.volume),
        turnover=size(event.turnover),
        time_ms=event.event_ms,
    )


def _quote(event: BookTicker) -> BestQuote:
    return BestQuote(
        bid=size(event.bid),
        bid_quantity=size(event.bid_quantity),
        ask=size(event.ask),
        ask_quantity=size(event.ask_quantity),
        time_ms=event.engine_ms,
    )


def _candle(bar: KlineBar) -> Candle:
    return Candle(
        open_ms=bar.open_ms,
        close_ms=bar.close_ms,
        open=size(bar.open),
        high=size(bar.high),
        low=size(bar.low),
        close=number(bar.close),
        volume=size(bar.volume),
        closed=bar.is_closed,
    )


def _mark(event: MarkPriceUpdate) -> MarkPrice:
    return MarkPrice(
        mark=size(event.mark),
        index=number(event.index),
        funding_rate=number(event.funding_rate) if event.funding_rate else None,
        next_funding_ms=event.next_funding_ms or 0,
        time_ms=event.event_ms,
    )
