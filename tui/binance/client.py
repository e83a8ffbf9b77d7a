"""What the engine may ask of any product of Binance, and what it is told."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from tui.domain.account import Balance, Position
from tui.domain.instrument import Instrument
from tui.domain.market import BestQuote, BookChange, BookSnapshot, Candle, MarkPrice, Ticker, Trade
from tui.domain.order import Fill, Order, OrderReport
from tui.domain.product import Product


class LinkState(StrEnum):
    """A stream connection as its owner sees it."""

    CONNECTING = "connecting"
    LIVE = "live"
    DOWN = "down"


class StreamKind(StrEnum):
    """The market streams the program uses."""

    BOOK = "book"
    TRADES = "trades"
    TICKER = "ticker"
    QUOTE = "quote"
    CANDLES = "candles"
    MARK_PRICE = "mark_price"


@dataclass(frozen=True, slots=True)
class Subscription:
    """One stream of one instrument; `interval` only for candles, in Binance's words (`1m`, `4h`)."""

    kind: StreamKind
    instrument: Instrument
    interval: str = ""


@dataclass(frozen=True, slots=True)
class AccountState:
    """Everything one product's wallet holds: all non-zero balances and all open positions."""

    balances: list[Balance]
    positions: list[Position]


class MarketListener(Protocol):
    """Called in the event loop as messages arrive; must return at once."""

    def on_book_change(self, instrument: Instrument, change: BookChange) -> None: ...
    def on_trade(self, instrument: Instrument, trade: Trade) -> None: ...
    def on_ticker(self, instrument: Instrument, ticker: Ticker) -> None: ...
    def on_quote(self, instrument: Instrument, quote: BestQuote) -> None: ...
    def on_candle(self, instrument: Instrument, interval: str, candle: Candle) -> None: ...
    def on_mark_price(self, instrument: Instrument, mark: MarkPrice) -> None: ...
    def on_market_link(self, product: Product, state: LinkState, detail: str) -> None: ...


class UserListener(Protocol):
    """Called in the event loop as the account's events arrive; must return at once."""

    def on_order_report(self, report: OrderReport) -> None: ...
    def on_balances(self, balances: list[Balance]) -> None: ...
    def on_positions(self, positions: list[Position]) -> None: ...
    def on_user_link(self, product: Product, state: LinkState, detail: str) -> None: ...


class MarketStream(Protocol):
    """The market data connection of one product; reconnects by itself until closed."""

    def subscribe(self, subscriptions: set[Subscription]) -> None:
        """Make this the wanted set; differences are sent to the exchange live."""

    async def run(self) -> None:
        """Stay connected until cancelled; LIVE is reported after each (re)connection, when books must be rebuilt."""

    @property
    def last_message_ns(self) -> int:
        """`time.monotonic_ns` of the last frame, ping or pong received; 0 before the first."""


class UserStream(Protocol):
    """The account's events of one product; reconnects by itself until closed."""

    async def run(self) -> None:
        """Stay connected until cancelled; LIVE is reported once events flow, when the account must be reconciled."""

    @property
    def last_message_ns(self) -> int:
        """`time.monotonic_ns` of the last frame, ping or pong received; 0 before the first."""


class ProductClient(Protocol):
    """One product of Binance. Every method raises RefusedError or OutcomeUnknownError (see `errors`)."""

    product: Product

    async def open(self) -> None:
        """Measure the server's clock and warm the connection."""

    async def close(self) -> None:
        """Close every connection."""

    @property
    def clock_offset_ms(self) -> int:
        """Server time minus local time."""

    @property
    def latency_ms(self) -> float | None:
        """Round trip of the last REST request."""

    @property
    def used_weight(self) -> tuple[int, int]:
        """Request weight used in the current minute, and its limit."""

    @property
    def used_orders(self) -> tuple[int, int]:
        """Orders counted in the current short window, and its limit."""

    async def instruments(self) -> list[Instrument]: ...
    async def tickers(self) -> dict[str, Ticker]:
        """24-hour tickers by program symbol."""

    async def book_snapshot(self, instrument: Instrument) -> BookSnapshot: ...
    async def recent_trades(self, instrument: Instrument, limit: int) -> list[Trade]: ...
    async def candles(
        self, instrument: Instrument, interval: str, limit: int, end_ms: int | None = None
    ) -> list[Candle]: ...

    async def place(self, order: Order) -> OrderReport: ...
    async def cancel(self, order: Order) -> OrderReport: ...
    async def find_order(self, order: Order) -> OrderReport | None:
        """The exchange's record of an order by client id; None when the exchange says it does not exist."""

    async def open_orders(self) -> list[OrderReport]: ...
    async def fills(self, instrument: Instrument, since_ms: int, limit: int = 500) -> list[Fill]: ...
    async def account(self) -> AccountState: ...

    def market_stream(self, listener: MarketListener) -> MarketStream: ...
    def user_stream(self, listener: UserListener) -> UserStream: ...
