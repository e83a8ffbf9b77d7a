"""One product's market data: subscribes what is looked at, keeps it true in the store."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

from tui.binance.client import LinkState, MarketListener, MarketStream, ProductClient, StreamKind, Subscription
from tui.binance.errors import BinanceError
from tui.config import DataOptions
from tui.domain.instrument import Instrument
from tui.domain.market import (
    BestQuote,
    BookChange,
    BookSnapshot,
    Candle,
    Liquidation,
    MarkPrice,
    Ticker,
    Trade,
)
from tui.domain.product import Product
from tui.engine.clock import Clock
from tui.engine.feeds.chart_feeds import ChartFeeds
from tui.engine.feeds.partial_book import PartialBookFeed
from tui.engine.feeds.quotes import Quotes
from tui.engine.feeds.series import SPARKLINE_POINTS, Sparkline, merge_trades
from tui.engine.feeds.snapshot_queue import SnapshotQueue
from tui.engine.feeds.symbol_feed import SymbolFeed, Wanted
from tui.engine.persistence import persist
from tui.engine.store import Link, Stamped, Store
from tui.engine.tasks import Tasks

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Interest:
    """What is being looked at, over all products."""

    focus: str | None = None
    watched: tuple[str, ...] = ()
    #: Symbols looked at in full beside the one in focus, candles apart.
    followed: tuple[str, ...] = ()
    #: Symbols that an algo trades: their books are kept whole whatever is looked at.
    traded: frozenset[str] = frozenset()
    #: Symbols with a position or an open order, and those that alerts watch: their prices are followed.
    held: frozenset[str] = frozenset()
    #: Symbols whose last prices say what wallets are worth.
    valued: frozenset[str] = frozenset()
    #: Symbols whose prints are wanted without their books.
    printed: frozenset[str] = frozenset()
    #: Interval of the focused symbol's candles, and what else is charted: symbols with intervals.
    interval: str = "5m"
    charts: frozenset[tuple[str, str]] = frozenset()
    #: Whether the tickers of all symbols are wanted, and the liquidations of all.
    all_tickers: bool = False
    liquidations: bool = False


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
        queue: SnapshotQueue | None = None,
        options: DataOptions | None = None,
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
        self._was_lost = False
        self._interest = Interest()
        #: Symbols looked at in full.
        self._symbols: dict[str, SymbolFeed] = {}
        self._charts = ChartFeeds(client, store, tasks, clock)
        self._queue = queue or SnapshotQueue()
        self._options = options or DataOptions()
        self._quotes = Quotes(store, clock)
        self._sparklines: dict[str, Sparkline] = {}
        #: Program symbols by Binance's names, made when first needed.
        self._by_native: dict[str, str] = {}

    @property
    def link(self) -> Link:
        """How the connection stands, silence apart; it is whole once the book in focus is."""
        if self._connection is not LinkState.LIVE:
            return Link.DOWN
        focused = self._symbols.get(self._interest.focus or "")
        return Link.SYNCING if focused is not None and not focused.book.is_live else Link.LIVE

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
        wanted = self._followed()
        for symbol in self._symbols.keys() - wanted.keys():
            self._symbols.pop(symbol).stop()
        fresh = []
        for symbol, one in wanted.items():
            if symbol in self._symbols and self._symbols[symbol].is_other(one):
                self._symbols.pop(symbol).stop()
            if symbol not in self._symbols:
                self._symbols[symbol] = self._open(one)
                fresh.append(self._symbols[symbol])
        held = (own for symbol in interest.held - wanted.keys() if (own := self._own(symbol)) is not None)
        self._quotes.want(held)
        self._charts.show(self._charted())
        self._stream.subscribe(self._wanted())
        if self._connection is LinkState.LIVE:
            for feed in fresh:
                feed.restart()
        for symbol in interest.watched:
            watched = self._own(symbol)
            if watched is not None and symbol not in self._sparklines:
                self._sparklines[symbol] = Sparkline()
                self._tasks.spawn(f"sparkline of {symbol}", self._seed_sparkline(watched))
        self._on_health()

    def rebuild_book(self, symbol: str | None = None) -> None:
        """Throw a book away and fetch it again, the one in focus where none is named."""
        feed = self._symbols.get(symbol or self._interest.focus or "")
        if feed is not None:
            feed.book.restart()

    def load_earlier(self, symbol: str, interval: str) -> bool:
        """Ask for the bars before the oldest one held; says whether there may be any."""
        feed = self._charts.feed(symbol, interval)
        return feed is not None and feed.load_earlier()

    def on_book_change(self, instrument: Instrument, change: BookChange) -> None:
        """Take one depth update."""
        feed = self._symbols.get(instrument.symbol)
        if feed is not None:
            feed.book.on_change(change)

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
        """Take the rolling day of a symbol; of two connections the one that lags is not heeded."""
        market = self._store.market(instrument.symbol)
        held = market.ticker
        if held is not None and ticker.time_ms < held.value.time_ms:
            return
        market.ticker = Stamped(ticker, held.revision + 1 if held else 1, ticker.time_ms, self._clock.monotonic_ns())
        sparkline = self._sparklines.get(instrument.symbol)
        if sparkline is not None:
            sparkline.add(ticker.last, ticker.time_ms)
            market.sparkline = sparkline.points()

    def on_mini_tickers(self, product: Product, tickers: list[tuple[str, Ticker]]) -> None:
        """Take what changed of all symbols; those with a ticker stream of their own know more already."""
        interest = self._interest
        streamed = {interest.focus, *interest.watched, *interest.held, *self._symbols, *self._charts.symbols}
        for native, ticker in tickers:
            instrument = self._instrument_of(native)
            if instrument is not None and instrument.symbol not in streamed:
                self.on_ticker(instrument, ticker)

    def on_liquidation(self, product: Product, native: str, liquidation: Liquidation) -> None:
        """Take a liquidation, once."""
        instrument = self._instrument_of(native)
        if instrument is None:
            return
        entry = (instrument.symbol, liquidation)
        if entry not in self._store.liquidations:
            self._store.liquidations.appendleft(entry)

    def on_quote(self, instrument: Instrument, quote: BestQuote) -> None:
        """Take best bid and ask of a symbol whose book is not followed."""
        self._quotes.take(instrument, quote)

    def on_partial_book(self, instrument: Instrument, book: BookSnapshot) -> None:
        """Take the top of a book beside the one in focus."""
        feed = self._symbols.get(instrument.symbol)
        if feed is not None and isinstance(feed.book, PartialBookFeed):
            feed.book.on_top(book)

    def on_rpi_change(self, instrument: Instrument, change: BookChange) -> None:
        """Take one update of the book with retail price improvement orders."""
        feed = self._symbols.get(instrument.symbol)
        if feed is not None and feed.rpi is not None:
            feed.rpi.on_change(change)

    def on_candle(self, instrument: Instrument, interval: str, candle: Candle) -> None:
        """Take one bar of a chart."""
        feed = self._charts.feed(instrument.symbol, interval)
        if feed is not None:
            feed.on_candle(candle)

    def on_mark_price(self, instrument: Instrument, mark: MarkPrice) -> None:
        """Take a mark price; of two connections the one that lags is not heeded."""
        market = self._store.market(instrument.symbol)
        held = market.mark
        if held is None or mark.time_ms >= held.value.time_ms:
            revision = held.revision + 1 if held else 1
            market.mark = Stamped(mark, revision, mark.time_ms, self._clock.monotonic_ns())

    def on_market_link(self, product: Product, state: LinkState, detail: str) -> None:
        """After each connection everything may have a hole: books are rebuilt, lists are filled again."""
        self._was_lost |= state is LinkState.DOWN
        if state is LinkState.LIVE and self._was_lost:
            self._was_lost = False
            self._tasks.spawn(f"clock of {self.product}", self._measure_clock())
        self._connection = state
        self.detail = detail
        for feed in self._symbols.values():
            if state is LinkState.LIVE:
                feed.restart()
            else:
                feed.stop_books()
        if state is LinkState.LIVE:
            self._charts.restart()
        else:
            self._quotes.forget()
        self._on_health()

    async def _measure_clock(self) -> None:
        """Where a connection was lost, a machine may have slept, or its clock been set."""
        try:
            await self._client.measure_clock()
        except BinanceError as error:
            logger.info("%s: the clock was not measured: %s", self.product, error)

    def _own(self, symbol: str | None) -> Instrument | None:
        instrument = self._store.instruments.get(symbol) if symbol else None
        return instrument if instrument is not None and instrument.product is self.product else None

    def _instrument_of(self, native: str) -> Instrument | None:
        """The instrument that Binance calls so; None for one that is not loaded."""
        symbol = self._by_native.get(native)
        if symbol is None:
            own = (one for one in self._store.instruments.values() if one.product is self.product)
            self._by_native = {one.native: one.symbol for one in own}
            symbol = self._by_native.setdefault(native, "")
        return self._own(symbol)

    def _followed(self) -> dict[str, Wanted]:
        """Symbols with a book: the whole of the one in focus and of those traded, of others as much as is wanted."""
        interest, data = self._interest, self._options
        focus, has_rpi = self._own(interest.focus), data.rpi_book and self.product is Product.USDM
        beside = [Wanted(one, data.levels_beside) for one in map(self._own, interest.followed) if one is not None]
        traded = [Wanted(one) for one in map(self._own, sorted(interest.traded)) if one is not None]
        focused = [] if focus is None else [Wanted(focus, rpi=has_rpi)]
        return {one.instrument.symbol: one for one in (*beside, *traded, *focused)}

    def _open(self, wanted: Wanted) -> SymbolFeed:
        return SymbolFeed(wanted, self._client, self._store, self._tasks, self._clock, self._queue, self._on_health)

    def _charted(self) -> set[tuple[Instrument, str]]:
        """This product's share of the candle series that are shown."""
        interest = self._interest
        shown = {(interest.focus or "", interest.interval), *interest.charts}
        return {(own, interval) for symbol, interval in shown if (own := self._own(symbol)) is not None}

    def _wanted(self) -> set[Subscription]:
        interest = self._interest
        wanted = self._charts.subscriptions | self._quotes.subscriptions
        for feed in self._symbols.values():
            wanted |= feed.subscriptions
        for symbol in (*self._symbols, *self._charts.symbols, *interest.watched, *interest.held, *interest.valued):
            instrument = self._own(symbol)
            if instrument is not None:
                wanted.add(Subscription(StreamKind.TICKER, instrument))
                if instrument.product.is_futures:
                    wanted.add(Subscription(StreamKind.MARK_PRICE, instrument))
        prints = (instrument for symbol in interest.printed if (instrument := self._own(symbol)) is not None)
        wanted |= {Subscription(StreamKind.TRADES, instrument) for instrument in prints}
        if interest.all_tickers:
            wanted.add(Subscription(StreamKind.ALL_MINI_TICKERS, None))
        # Alone it would be too quiet to tell whether the link lives.
        if interest.liquidations and self.product.is_futures and wanted:
            wanted.add(Subscription(StreamKind.ALL_LIQUIDATIONS, None))
        return wanted or self._sign_of_life()

    def _sign_of_life(self) -> set[Subscription]:
        """One quiet stream where nothing is looked at: the link stays up, and a switch to this product is instant."""
        own = (i for i in self._store.instruments.values() if i.product is self.product)
        return {Subscription(StreamKind.TICKER, instrument) for instrument in islice(own, 1)}

    async def _seed_sparkline(self, instrument: Instrument) -> None:
        def note(error: BinanceError) -> None:
            logger.info("%s: not answered: %s", instrument.symbol, error)

        past = await persist(
            lambda: self._client.candles(instrument, "1m", SPARKLINE_POINTS), self._clock, on_failure=note
        )
        sparkline = self._sparklines[instrument.symbol]
        sparkline.seed(past)
        self._store.market(instrument.symbol).sparkline = sparkline.points()
