"""What each market stream's payload becomes in the domain, and who is told of it."""

from collections.abc import Callable
from functools import partial
from typing import Annotated

import msgspec

from tui.binance.bounds import ROWS
from tui.binance.client import MarketListener, StreamKind, Subscription
from tui.binance.market_wire import (
    AggregateTrade,
    BookTicker,
    DayTicker,
    DepthUpdate,
    ForcedOrder,
    ForceOrder,
    Frame,
    FuturesDepthUpdate,
    Kline,
    KlineBar,
    MarkPriceUpdate,
    MiniTicker,
    PartialBook,
    SingleTrade,
)
from tui.binance.wire import name, number, price, size
from tui.domain.instrument import Instrument
from tui.domain.market import BestQuote, BookSnapshot, Candle, Liquidation, MarkPrice, Ticker, Trade
from tui.domain.order_terms import Side
from tui.domain.product import Product

Handler = Callable[[bytes], None]


#: What `st` says.
_PRODUCT_NUMBERS = {1: Product.USDM, 2: Product.COINM}

# Not strict: numbers in quotes become doubles while they are decoded, at no cost that could be measured.
_DEPTH = msgspec.json.Decoder(Frame[DepthUpdate], strict=False)
_FUTURES_DEPTH = msgspec.json.Decoder(Frame[FuturesDepthUpdate], strict=False)
_TRADE = msgspec.json.Decoder(Frame[AggregateTrade])
_SINGLE_TRADE = msgspec.json.Decoder(Frame[SingleTrade])
_PARTIAL = msgspec.json.Decoder(Frame[PartialBook], strict=False)
_TICKER = msgspec.json.Decoder(Frame[DayTicker])
_MINI = msgspec.json.Decoder(Frame[MiniTicker])
_MINIS = msgspec.json.Decoder(Frame[Annotated[list[MiniTicker], msgspec.Meta(max_length=ROWS)]])
_FORCED = msgspec.json.Decoder(Frame[ForceOrder])
_QUOTE = msgspec.json.Decoder(Frame[BookTicker])
_KLINE = msgspec.json.Decoder(Frame[Kline])
_MARK = msgspec.json.Decoder(Frame[MarkPriceUpdate])


def handler_for(
    subscription: Subscription, listener: MarketListener, product: Product | None = None, stream: str = ""
) -> Handler:
    """What takes each frame of the stream called `stream` to its listener.

    `product` is the instrument's where it is left out; prints come by taker order unless the name says otherwise. The
    handler raises one of `wire.MALFORMED` for a frame it cannot read.
    """
    product = product or subscription.of.product
    if subscription.kind is StreamKind.ALL_MINI_TICKERS:
        return partial(_take_mini_tickers, product, listener)
    if subscription.kind in (StreamKind.LIQUIDATIONS, StreamKind.ALL_LIQUIDATIONS):
        return partial(_take_liquidation, product, listener)
    if subscription.kind in (StreamKind.BOOK, StreamKind.RPI_BOOK):
        return _book_handler(subscription, listener)
    if subscription.kind is StreamKind.PARTIAL_BOOK:
        return partial(_take_partial_book, subscription.of, subscription.levels, listener)
    if stream.endswith("@trade"):
        return partial(_take_single_trade, subscription.of, listener)
    if subscription.kind is StreamKind.CANDLES:
        return partial(_take_candle, subscription.of, subscription.interval, listener)
    return partial(_TAKERS[subscription.kind], subscription.of, listener)


def _take_trade(of: Instrument, listener: MarketListener, frame: bytes) -> None:
    listener.on_trade(of, _trade(_TRADE.decode(frame).data))


def _take_single_trade(of: Instrument, listener: MarketListener, frame: bytes) -> None:
    listener.on_trade(of, _trade(_SINGLE_TRADE.decode(frame).data))


def _take_ticker(of: Instrument, listener: MarketListener, frame: bytes) -> None:
    listener.on_ticker(of, _ticker(_TICKER.decode(frame).data))


def _take_mini_ticker(of: Instrument, listener: MarketListener, frame: bytes) -> None:
    listener.on_ticker(of, _mini_ticker(_MINI.decode(frame).data))


def _take_quote(of: Instrument, listener: MarketListener, frame: bytes) -> None:
    listener.on_quote(of, _quote(_QUOTE.decode(frame).data))


def _take_candle(of: Instrument, interval: str, listener: MarketListener, frame: bytes) -> None:
    listener.on_candle(of, interval, _candle(_KLINE.decode(frame).data.bar))


def _take_mark(of: Instrument, listener: MarketListener, frame: bytes) -> None:
    listener.on_mark_price(of, _mark(_MARK.decode(frame).data))


def _take_partial_book(of: Instrument, levels: int, listener: MarketListener, frame: bytes) -> None:
    listener.on_partial_book(of, _partial_book(_PARTIAL.decode(frame).data, of, levels))


def _take_mini_tickers(product: Product, listener: MarketListener, frame: bytes) -> None:
    rows = [row for row in _MINIS.decode(frame).data if _is_of(product, row.product_number)]
    if rows:
        listener.on_mini_tickers(product, [(name(row.symbol), _mini_ticker(row)) for row in rows])


def _take_liquidation(product: Product, listener: MarketListener, frame: bytes) -> None:
    event = _FORCED.decode(frame).data
    if _is_of(product, event.product_number):
        listener.on_liquidation(product, name(event.order.symbol), _liquidation(event.order))


def _is_of(product: Product, number_said: int | None) -> bool:
    """Streams of all symbols carry both futures' on either host since 2026-06-30."""
    return number_said is None or _PRODUCT_NUMBERS.get(number_said, product) is product


_TAKERS: dict[StreamKind, Callable[[Instrument, MarketListener, bytes], None]] = {
    StreamKind.TRADES: _take_trade,
    StreamKind.TICKER: _take_ticker,
    StreamKind.MINI_TICKER: _take_mini_ticker,
    StreamKind.QUOTE: _take_quote,
    StreamKind.MARK_PRICE: _take_mark,
}


def _book_handler(subscription: Subscription, listener: MarketListener) -> Handler:
    instrument = subscription.of
    decode = _FUTURES_DEPTH.decode if instrument.product.is_futures else _DEPTH.decode
    deliver = listener.on_book_change if subscription.kind is StreamKind.BOOK else listener.on_rpi_change

    def handle(frame: bytes) -> None:
        deliver(instrument, decode(frame).data)

    return handle


def _trade(event: AggregateTrade | SingleTrade) -> Trade:
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
        weighted_average=size(event.weighted_average) if event.weighted_average else None,
        last_quantity=size(event.last_quantity) if event.last_quantity else None,
        open_ms=event.open_ms,
        first_id=event.first_id,
        last_id=event.last_id,
        trades=event.trades,
    )


def _mini_ticker(event: MiniTicker) -> Ticker:
    return Ticker(
        last=size(event.last),
        open=size(event.open),
        high=size(event.high),
        low=size(event.low),
        volume=size(event.volume),
        turnover=size(event.turnover),
        time_ms=event.event_ms,
    )


def _partial_book(event: PartialBook, of: Instrument, levels: int) -> BookSnapshot:
    is_spot = event.update_id is not None
    update_id = event.update_id if is_spot else event.final_id
    bids, asks = (event.spot_bids, event.spot_asks) if is_spot else (event.bids, event.asks)
    if update_id is None or bids is None or asks is None:
        said = zip(("lastUpdateId or u", "bids or b", "asks or a"), (update_id, bids, asks), strict=True)
        raise ValueError(f"a partial book lacks {', '.join(field for field, value in said if value is None)}")
    return BookSnapshot(update_id, bids, asks, event.engine_ms, (of.tick, of.step), levels)


def _liquidation(order: ForcedOrder) -> Liquidation:
    return Liquidation(
        side=Side(order.side),
        quantity=size(order.quantity),
        price=size(order.price),
        average_price=size(order.average_price),
        filled=size(order.filled),
        time_ms=order.time_ms,
    )


def _quote(event: BookTicker) -> BestQuote:
    return BestQuote(
        bid=size(event.bid),
        bid_quantity=size(event.bid_quantity),
        ask=size(event.ask),
        ask_quantity=size(event.ask_quantity),
        time_ms=event.engine_ms,
        update_id=event.update_id,
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
        turnover=size(bar.turnover) if bar.turnover else None,
        trades=bar.trades,
        taker_volume=size(bar.taker_volume) if bar.taker_volume else None,
        taker_turnover=size(bar.taker_turnover) if bar.taker_turnover else None,
    )


def _mark(event: MarkPriceUpdate) -> MarkPrice:
    return MarkPrice(
        mark=size(event.mark),
        index=number(event.index),
        funding_rate=number(event.funding_rate) if event.funding_rate else None,
        next_funding_ms=event.next_funding_ms or 0,
        time_ms=event.event_ms,
        settle=size(event.settle) if event.settle else None,
        average=size(event.average) if event.average else None,
    )
