"""One product's market data: subscribes what is looked at, keeps it true in the store."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from tui.binance.client import LinkState, MarketListener, MarketStream, ProductClient, StreamKind, Subscription
from tui.binance.errors import BinanceError
from tui.domain.instrument import Instrument
from tui.domain.market import BestQuote, BookChange, Candle, MarkPrice, Ticker, Trade
from tui.domain.product import Product
from tui.engine.clock import Clock
from tui.engine.feeds.book_feed import BookFeed
from tui.engine.feeds.candle_feed import CandleFeed
from tui.engine.feeds.series import SPARKLINE_POINTS, Sparkline, merge_trades
from tui.engine.persistence import persist
from tui.engine.store import Link, Stamped, Store
from tui.engine.tasks import Tasks

logger = logging.getLogger(__name__)

Row = TypeVar("Row")

#: Prints asked for when a symbol comes into focus.
TRADES_ASKED = 500


@dataclass(frozen=True, slots=True)
class Interest:
    """What is being looked at, over all products."""

    focus: str | None = None
    watched: tuple[str, ...] = ()
    #: Symbols with an open position: their mark price values it.
    held: frozenset[str] = frozenset()
    interval: str = "5m"


class MarketFeed:
    """Listens to one product's market stream (`MarketListener`) and writes what it hears to the store."""

    def __init__(
        self,
        client: ProductClient,
        store: Store,
        tasks: Tasks,
        clock: Clock,
        on_health: Callable[[], None],
        open_stream: Callable[[MarketListener], MarketStream] | None = None,
    ) -> None:
        self.product = client.product
        self.detail = ""
        self._client = client
        self._store = store
        self._tasks = tasks
        self._clock = clock
        self._on_health = on_health
        self._stream = (open_stream or client.market_stream)(self)
        self._connection = LinkState.CONNECTING
        self._interest = Interest()
        self._book: BookFeed | None = None
        self._candles: CandleFeed | None = None
        self._sparklines: dict[str, Sparkline] = {}
        self._filling: asyncio.Task[None] | None = None

    @property
    def link(self) -> Link:
        """How the connection stands, silence apart."""
        if self._connection is not LinkState.LIVE:
            return Link.DOWN
        return Link.SYNCING if self._book is not None and not self._book.is_live else Link.LIVE

    @property
    def heard_ns(self) -> int:
        """When the stream was last heard, on the monotonic clock."""
        return self._stream.last_message_ns

    async def run(self) -> None:
        """Stay connected until cancelled."""
        await self._stream.run()

    def follow(self, interest: Interest) -> None:
        """Look at this from now on; symbols of other products are not this feed's."""
        self._interest = interest
        self._stream.subscribe(self._wanted())
        focus = self._own(interest.focus)
        self._follow_book(focus)
        self._follow_candles(focus)
        for symbol in interest.watched:
            instrument = self._own(symbol)
            if instrument is not None and symbol not in self._sparklines:
                self._sparklines[symbol] = Sparkline()
                self._tasks.spawn(f"sparkline of {symbol}", self._seed_sparkline(instrument))

    def rebuild_book(self) -> None:
        """Throw the focused book away and fetch it again."""
        if self._book is not None:
            self._book.restart()

    def on_book_change(self, instrument: Instrument, change: BookChange) -> None:
        """Take one depth update."""
        if self._book is not None and self._book.instrument.symbol == instrument.symbol:
            self._book.on_change(change)

    def on_trade(self, instrument: Instrument, trade: Trade) -> None:
        """Take one print, once."""
        market = self._store.market(instrument.symbol)
        if not market.trades or trade.trade_id > market.trades[0].trade_id:
            market.trades.appendleft(trade)
        else:
            merged = merge_trades(market.trades, [trade])
            if len(merged) == len(market.trades):
                return
            market.trades = merged
        market.trades_revision += 1

    def on_ticker(self, instrument: Instrument, ticker: Ticker) -> None:
        """Take the rolling day of a symbol."""
        market = self._store.market(instrument.symbol)
        revision = market.ticker.revision + 1 if market.ticker else 1
        market.ticker = Stamped(ticker, revision, ticker.time_ms, self._clock.monotonic_ns())
        sparkline = self._sparklines.get(instrument.symbol)
        if sparkline is not None:
            sparkline.add(ticker.last, ticker.time_ms)
            market.sparkline = sparkline.points()

    def on_quote(self, instrument: Instrument, quote: BestQuote) -> None:
        """Best bid and ask are read from the book; this stream is not subscribed."""

    def on_candle(self, instrument: Instrument, interval: str, candle: Candle) -> None:
        """Take one bar of the chart."""
        candles = self._candles
        if candles is None or candles.interval != interval:
            return
        if candles.market.instrument.symbol == instrument.symbol:
            candles.on_candle(candle)

    def on_mark_price(self, instrument: Instrument, mark: MarkPrice) -> None:
        """Take a mark price."""
        market = self._store.market(instrument.symbol)
        revision = market.mark.revision + 1 if market.mark else 1
        market.mark = Stamped(mark, revision, mark.time_ms, self._clock.monotonic_ns())

    def on_market_link(self, product: Product, state: LinkState, detail: str) -> None:
        """After each connection everything may have a hole: books are rebuilt, lists are filled again."""
        self._connection = state
        self.detail = detail
        if state is LinkState.LIVE:
            if self._book is not None:
                self._book.restart()
                self._fill_trades(self._book.instrument)
            if self._candles is not None:
                self._candles.load()
        elif self._book is not None:
            self._book.stop()
        self._on_health()

    def _own(self, symbol: str | None) -> Instrument | None:
        instrument = self._store.instruments.get(symbol) if symbol else None
        return instrument if instrument is not None and instrument.product is self.product else None

    def _wanted(self) -> set[Subscription]:
        interest = self._interest
        wanted: set[Subscription] = set()
        focus = self._own(interest.focus)
        if focus is not None:
            wanted |= {Subscription(StreamKind.BOOK, focus), Subscription(StreamKind.TRADES, focus)}
            wanted.add(Subscription(StreamKind.CANDLES, focus, interest.interval))
        for symbol in (interest.focus, *interest.watched, *interest.held):
            instrument = self._own(symbol)
            if instrument is not None:
                wanted.add(Subscription(StreamKind.TICKER, instrument))
                if instrument.product.is_futures:
                    wanted.add(Subscription(StreamKind.MARK_PRICE, instrument))
        return wanted or self._sign_of_life()

    def _sign_of_life(self) -> set[Subscription]:
        """One quiet stream where nothing is looked at: the link stays up, and a switch to this product is instant."""
        own = (i for i in self._store.instruments.values() if i.product is self.product)
        return {Subscription(StreamKind.TICKER, instrument) for instrument in islice(own, 1)}

    def _follow_book(self, focus: Instrument | None) -> None:
        if self._book is not None:
            if focus is not None and self._book.instrument.symbol == focus.symbol:
                return
            self._book.stop()
            self._book = None
        if focus is None:
            self._on_health()
            return
        keeper = self._store.market(focus.symbol).book
        self._book = BookFeed(focus, keeper, self._client, self._tasks, self._clock, self._on_health)
        if self._connection is LinkState.LIVE:
            self._book.restart()
            self._fill_trades(focus)

    def _follow_candles(self, focus: Instrument | None) -> None:
        held, interval = self._candles, self._interest.interval
        if held is not None:
            if focus is not None and held.market.instrument.symbol == focus.symbol and held.interval == interval:
                return
            held.stop()
            self._candles = None
        if focus is not None:
            market = self._store.market(focus.symbol)
            self._candles = CandleFeed(market, interval, self._client, self._tasks, self._clock)
            self._candles.load()

    def _fill_trades(self, instrument: Instrument) -> None:
        if self._filling is not None:
            self._filling.cancel()
        self._filling = self._tasks.spawn(f"trades of {instrument.symbol}", self._ask_trades(instrument))

    async def _ask_trades(self, instrument: Instrument) -> None:
        past = await self._persist(lambda: self._client.recent_trades(instrument, TRADES_ASKED), instrument)
        market = self._store.market(instrument.symbol)
        market.trades = merge_trades(past, market.trades)
        market.trades_revision += 1

    async def _seed_sparkline(self, instrument: Instrument) -> None:
        past = await self._persist(lambda: self._client.candles(instrument, "1m", SPARKLINE_POINTS), instrument)
        sparkline = self._sparklines[instrument.symbol]
        sparkline.seed(past)
        self._store.market(instrument.symbol).sparkline = sparkline.points()

    async def _persist(self, ask: Callable[[], Awaitable[list[Row]]], instrument: Instrument) -> list[Row]:
        def note(error: BinanceError) -> None:
            logger.info("%s: not answered: %s", instrument.symbol, error)

        return await persist(ask, self._clock, on_failure=note)
