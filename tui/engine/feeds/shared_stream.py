"""One market connection shared by several feeds, each of which follows one symbol."""

from tui.binance.client import LinkState, MarketListener, ProductClient, Subscription
from tui.domain.instrument import Instrument
from tui.domain.market import BestQuote, BookChange, BookSnapshot, Candle, Liquidation, MarkPrice, Ticker, Trade
from tui.domain.product import Product


class SharedStream:
    """Passes each event of a product's stream on to the feed of its symbol (`MarketListener`)."""

    def __init__(self, client: ProductClient) -> None:
        self._stream = client.market_stream(self)
        self._listeners: dict[str, MarketListener] = {}
        self._wanted: dict[str, set[Subscription]] = {}

    def share(self, symbol: str, listener: MarketListener) -> "Share":
        """The stream as the feed of one symbol sees it."""
        self._listeners[symbol] = listener
        return Share(self, symbol)

    async def run(self) -> None:
        """Stay connected until cancelled."""
        await self._stream.run()

    @property
    def last_message_ns(self) -> int:
        """`time.monotonic_ns` of the last sign of life."""
        return self._stream.last_message_ns

    def subscribe(self, symbol: str, subscriptions: set[Subscription]) -> None:
        """Make this what one symbol wants."""
        self._wanted[symbol] = subscriptions
        self._stream.subscribe(set().union(*self._wanted.values()))

    def on_book_change(self, instrument: Instrument, change: BookChange) -> None:
        """Pass it on."""
        self._listeners[instrument.symbol].on_book_change(instrument, change)

    def on_trade(self, instrument: Instrument, trade: Trade) -> None:
        """Pass it on."""
        self._listeners[instrument.symbol].on_trade(instrument, trade)

    def on_ticker(self, instrument: Instrument, ticker: Ticker) -> None:
        """Pass it on."""
        self._listeners[instrument.symbol].on_ticker(instrument, ticker)

    def on_quote(self, instrument: Instrument, quote: BestQuote) -> None:
        """Pass it on."""
        self._listeners[instrument.symbol].on_quote(instrument, quote)

    def on_candle(self, instrument: Instrument, interval: str, candle: Candle) -> None:
        """Pass it on."""
        self._listeners[instrument.symbol].on_candle(instrument, interval, candle)

    def on_mark_price(self, instrument: Instrument, mark: MarkPrice) -> None:
        """Pass it on."""
        self._listeners[instrument.symbol].on_mark_price(instrument, mark)

    def on_partial_book(self, instrument: Instrument, book: BookSnapshot) -> None:
        """Pass it on."""
        self._listeners[instrument.symbol].on_partial_book(instrument, book)

    def on_rpi_change(self, instrument: Instrument, change: BookChange) -> None:
        """Pass it on."""
        self._listeners[instrument.symbol].on_rpi_change(instrument, change)

    def on_mini_tickers(self, product: Product, tickers: list[tuple[str, Ticker]]) -> None:
        """Tell every feed."""
        for listener in self._listeners.values():
            listener.on_mini_tickers(product, tickers)

    def on_liquidation(self, product: Product, native: str, liquidation: Liquidation) -> None:
        """Tell every feed."""
        for listener in self._listeners.values():
            listener.on_liquidation(product, native, liquidation)

    def on_market_link(self, product: Product, state: LinkState, detail: str) -> None:
        """Tell every feed."""
        for listener in self._listeners.values():
            listener.on_market_link(product, state, detail)


class Share:
    """One symbol's part of a shared stream. See `client.MarketStream`."""

    def __init__(self, stream: SharedStream, symbol: str) -> None:
        self._stream = stream
        self._symbol = symbol

    def subscribe(self, subscriptions: set[Subscription]) -> None:
        """Make this what the symbol wants."""
        self._stream.subscribe(self._symbol, subscriptions)

    async def run(self) -> None:
        """Nothing: the shared stream runs by itself."""

    @property
    def last_message_ns(self) -> int:
        """`time.monotonic_ns` of the last sign of life."""
        return self._stream.last_message_ns
