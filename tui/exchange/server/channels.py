"""One channel per stream somebody listens to: it gathers what happens and says what to publish when asked."""

from collections.abc import Mapping

from tui.domain.order_terms import Side
from tui.exchange.candles import Candle
from tui.exchange.events import LevelChanged, OrderChanged, PublicTrade
from tui.exchange.server.desk import Desk
from tui.exchange.server.spot_streams import Levels, SpotStreams
from tui.exchange.server.stream_names import StreamRequest
from tui.exchange.tape import Aggregate


class Channel:
    """Gathers between two calls of `collect`. A period of 0 means: collected at the end of what is happening now."""

    is_depth = False

    def __init__(self, desk: Desk, request: StreamRequest, streams: SpotStreams) -> None:
        self.desk = desk
        self.request = request
        self.streams = streams
        #: The symbols whose events this channel wants.
        self.symbols = [request.symbol] if request.symbol else list(desk.venue.listings)

    @property
    def every_ms(self) -> int:
        """The period of the stream."""
        return self.request.every_ms

    def on_level(self, change: LevelChanged) -> None:
        """A level of one of the symbols changed."""

    def on_trade(self, trade: PublicTrade, aggregate: Aggregate) -> None:
        """One of the symbols traded."""

    def on_order(self, change: OrderChanged) -> None:
        """An order the exchange made for itself changed."""

    def collect(self, now_ms: int) -> list[object]:
        """Payloads to publish, and forget what was gathered."""
        raise NotImplementedError

    def close(self) -> None:
        """Nobody listens any more."""


class DepthChannel(Channel):
    """Levels that changed, in a chain without holes from the moment the channel opened."""

    is_depth = True

    def __init__(self, desk: Desk, request: StreamRequest, streams: SpotStreams) -> None:
        super().__init__(desk, request, streams)
        self._symbol = self.symbols[0]
        self._previous = desk.venue.depth(self._symbol, 1)[0]
        self._final = self._previous
        # Futures clients need a message with U <= snapshot <= u; the first one reaches back to the opening moment.
        self._first = self._previous + (0 if desk.product.is_futures else 1)
        self._sides: dict[Side, dict[int, int]] = {Side.BUY: {}, Side.SELL: {}}

    def on_level(self, change: LevelChanged) -> None:
        """Keep the newest size of the level."""
        self._sides[change.side][change.price_ticks] = change.lots
        self._final = change.update_id

    def collect(self, now_ms: int) -> list[object]:
        """One message covering all update ids since the last."""
        if self._final == self._previous:
            return []
        bids: Levels = sorted(self._sides[Side.BUY].items(), reverse=True)
        asks: Levels = sorted(self._sides[Side.SELL].items())
        notation = self.desk.notations[self._symbol]
        message = self.streams.depth(notation, now_ms, self._first, self._final, self._previous, bids, asks)
        self._previous, self._first = self._final, self._final + 1
        self._sides[Side.BUY].clear()
        self._sides[Side.SELL].clear()
        return [message]


class PartialDepthChannel(Channel):
    """The best levels whenever the book has changed."""

    def __init__(self, desk: Desk, request: StreamRequest, streams: SpotStreams) -> None:
        super().__init__(desk, request, streams)
        self._previous = -1

    def collect(self, now_ms: int) -> list[object]:
        """The best levels, unless nothing has changed."""
        symbol = self.symbols[0]
        update_id, bids, asks = self.desk.venue.depth(symbol, self.request.levels)
        if update_id == self._previous:
            return []
        previous = self._previous if self._previous >= 0 else update_id - 1
        self._previous = update_id
        return [self.streams.partial_depth(self.desk.notations[symbol], now_ms, update_id, previous, bids, asks)]


class BestChannel(Channel):
    """Best bid and ask when they change."""

    def __init__(self, desk: Desk, request: StreamRequest, streams: SpotStreams) -> None:
        super().__init__(desk, request, streams)
        self._touched = dict.fromkeys(self.symbols)
        self._last: dict[str, object] = {}

    def on_level(self, change: LevelChanged) -> None:
        """Look at this symbol's best when collecting."""
        self._touched[change.listing.symbol] = None

    def collect(self, now_ms: int) -> list[object]:
        """One message for each symbol whose best changed."""
        messages: list[object] = []
        for symbol in self._touched:
            best = self.desk.venue.best(symbol)
            if best != self._last.get(symbol):
                self._last[symbol] = best
                update_id = self.desk.venue.depth(symbol, 1)[0]
                messages.append(self.streams.best(self.desk.notations[symbol], now_ms, update_id, *best))
        self._touched.clear()
        return messages


class TradeChannel(Channel):
    """Every print."""

    def __init__(self, desk: Desk, request: StreamRequest, streams: SpotStreams) -> None:
        super().__init__(desk, request, streams)
        self._trades: list[PublicTrade] = []

    def on_trade(self, trade: PublicTrade, aggregate: Aggregate) -> None:
        """Keep the print."""
        self._trades.append(trade)

    def collect(self, now_ms: int) -> list[object]:
        """The prints since the last call."""
        trades, self._trades = self._trades, []
        notation = self.desk.notations[self.symbols[0]]
        return [self.streams.trade(notation, now_ms, trade) for trade in trades]


class AggregateChannel(Channel):
    """Aggregate trades; a taker's prints all happen before anything is collected."""

    def __init__(self, desk: Desk, request: StreamRequest, streams: SpotStreams) -> None:
        super().__init__(desk, request, streams)
        self._aggregates: list[Aggregate] = []

    def on_trade(self, trade: PublicTrade, aggregate: Aggregate) -> None:
        """Keep the aggregate the print went into, once."""
        if not self._aggregates or self._aggregates[-1] is not aggregate:
            self._aggregates.append(aggregate)

    def collect(self, now_ms: int) -> list[object]:
        """The aggregates since the last call."""
        aggregates, self._aggregates = self._aggregates, []
        notation = self.desk.notations[self.symbols[0]]
        return [self.streams.aggregate(notation, now_ms, aggregate) for aggregate in aggregates]


class CandleChannel(Channel):
    """The candle in progress when it changed, and every candle once more when it has closed."""

    def __init__(self, desk: Desk, request: StreamRequest, streams: SpotStreams) -> None:
        super().__init__(desk, request, streams)
        self._open_ms = -1
        self._trades = -1

    def collect(self, now_ms: int) -> list[object]:
        """Closed candles first, then the one in progress."""
        bars = self.bars(now_ms)
        current, messages = bars[-1], []
        if self._open_ms >= 0 and current.open_ms != self._open_ms:
            messages = [self._message(now_ms, bar, True) for bar in _closed_since(bars, self._open_ms)]
        elif current.trades == self._trades:
            return []
        self._open_ms, self._trades = current.open_ms, current.trades
        return [*messages, self._message(now_ms, current, False)]

    def bars(self, now_ms: int) -> list[Candle]:
        """The bars of the interval, oldest first."""
        return self.desk.tape[self.symbols[0]].series(self.request.interval, now_ms).bars

    def _message(self, now_ms: int, bar: Candle, is_closed: bool) -> object:
        say = self.streams.continuous_candle if self.request.kind == "continuousKline" else self.streams.candle
        return say(self.desk.notations[self.symbols[0]], now_ms, self.request.interval, bar, is_closed)


def _closed_since(bars: list[Candle], open_ms: int) -> list[Candle]:
    """Bars before the last, from the one opened at `open_ms` on."""
    first = len(bars) - 1
    while first > 0 and bars[first - 1].open_ms >= open_ms:
        first -= 1
    return bars[first:-1]


class TickerChannel(Channel):
    """Statistics of symbols that traded, of the rolling day, one by one or as an array."""

    def __init__(self, desk: Desk, request: StreamRequest, streams: SpotStreams) -> None:
        super().__init__(desk, request, streams)
        self._traded = dict.fromkeys(self.symbols)

    def on_trade(self, trade: PublicTrade, aggregate: Aggregate) -> None:
        """Tell of this symbol when collecting."""
        self._traded[trade.listing.symbol] = None

    def collect(self, now_ms: int) -> list[object]:
        """One message a symbol, or one array of them all."""
        found = [self.statistics(symbol, now_ms) for symbol in self._traded]
        self._traded.clear()
        if self.request.symbol is None:
            return [found] if found else []
        return found

    def statistics(self, symbol: str, now_ms: int) -> object:
        """One symbol's."""
        notation, day = self.desk.notations[symbol], self.desk.tape[symbol].day(now_ms)
        if self.request.kind == "miniTicker":
            return self.streams.mini_ticker(notation, now_ms, day)
        return self.streams.ticker(notation, now_ms, day, *self.desk.venue.best(symbol))


class MarkChannel(Channel):
    """Mark prices, of one contract or all in an array."""

    def collect(self, now_ms: int) -> list[object]:
        """What the marks are now."""
        known = self.desk.venue.marks
        marks: list[object] = [
            self.streams.mark(symbol, now_ms, known[symbol].values) for symbol in self.symbols if symbol in known
        ]
        return marks if self.request.symbol else [marks]


_KINDS: dict[str, type[Channel]] = {
    "depth": DepthChannel,
    "partialDepth": PartialDepthChannel,
    "bookTicker": BestChannel,
    "trade": TradeChannel,
    "aggTrade": AggregateChannel,
    "kline": CandleChannel,
    "continuousKline": CandleChannel,
    "ticker": TickerChannel,
    "miniTicker": TickerChannel,
    "markPrice": MarkChannel,
}


def open_channel(
    desk: Desk, request: StreamRequest, streams: SpotStreams, own: Mapping[str, type[Channel]]
) -> Channel | None:
    """The channel of a stream, `own` ones being its product's; None when its symbol is not listed."""
    if request.symbol is not None and request.symbol not in desk.venue.listings:
        return None
    return (own.get(request.kind) or _KINDS[request.kind])(desk, request, streams)
