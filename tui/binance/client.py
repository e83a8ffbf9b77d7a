"""What the engine may ask of any product of Binance, and what it is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from tui.binance.errors import OutcomeUnknownError, RefusedError
from tui.domain.account import (
    Balance,
    Commission,
    Income,
    LeverageBracket,
    MarginLevel,
    Position,
    SymbolConfig,
)
from tui.domain.instrument import Instrument
from tui.domain.market import (
    BestQuote,
    BookChange,
    BookSnapshot,
    Candle,
    Liquidation,
    MarkPrice,
    OpenInterest,
    Ticker,
    Trade,
)
from tui.domain.order import ChangeKind, Fill, Order, OrderChange, OrderReport
from tui.domain.order_terms import PositionSide
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
    #: The best few levels, whole each time.
    PARTIAL_BOOK = "partial_book"
    #: The book with retail price improvement orders, USD-M only.
    RPI_BOOK = "rpi_book"
    MINI_TICKER = "mini_ticker"
    LIQUIDATIONS = "liquidations"
    #: Of every symbol of the product; no instrument.
    ALL_MINI_TICKERS = "all_mini_tickers"
    ALL_LIQUIDATIONS = "all_liquidations"


@dataclass(frozen=True, slots=True)
class Subscription:
    """One stream of one instrument, or of all (None); `interval` only for candles, in Binance's words (`1m`, `4h`).

    `levels` are 5, 10 or 20 a side, only for partial books.
    """

    kind: StreamKind
    instrument: Instrument | None
    interval: str = ""
    levels: int = 0

    @property
    def of(self) -> Instrument:
        """The instrument of a stream that has one; raises ValueError for one of all."""
        if self.instrument is None:
            raise ValueError(f"{self.kind.value} is of no single instrument")
        return self.instrument


@dataclass(frozen=True, slots=True)
class AccountState:
    """Everything one product's wallet holds: all non-zero balances and all open positions."""

    balances: list[Balance]
    positions: list[Position]
    margin_levels: tuple[MarginLevel, ...] = ()
    #: Whether the account may trade at all, as the exchange says.
    can_trade: bool = True


@dataclass(frozen=True, slots=True)
class Changed:
    """What became of changing an order.

    `order` is the order as it stands; where it was replaced, `replacement` is the new one, or `refusal` why there is
    none although the old one is gone.
    """

    order: OrderReport
    replacement: OrderReport | None = None
    refusal: RefusedError | None = None


#: What became of one order of several: the exchange's word, its refusal, or that nobody knows.
OrderAnswer = OrderReport | RefusedError | OutcomeUnknownError


class MarketListener(Protocol):
    """Called in the event loop as messages arrive; must return at once."""

    def on_book_change(self, instrument: Instrument, change: BookChange) -> None: ...
    def on_trade(self, instrument: Instrument, trade: Trade) -> None: ...
    def on_ticker(self, instrument: Instrument, ticker: Ticker) -> None: ...
    def on_quote(self, instrument: Instrument, quote: BestQuote) -> None: ...
    def on_candle(self, instrument: Instrument, interval: str, candle: Candle) -> None: ...
    def on_mark_price(self, instrument: Instrument, mark: MarkPrice) -> None: ...
    def on_partial_book(self, instrument: Instrument, book: BookSnapshot) -> None: ...
    def on_rpi_change(self, instrument: Instrument, change: BookChange) -> None: ...
    def on_mini_tickers(self, product: Product, tickers: list[tuple[str, Ticker]]) -> None:
        """What changed of all symbols of a product, by Binance's own names."""

    def on_liquidation(self, product: Product, native: str, liquidation: Liquidation) -> None:
        """A position was closed by the exchange; `native` is Binance's name of the symbol."""

    def on_market_link(self, product: Product, state: LinkState, detail: str) -> None: ...


class UserListener(Protocol):
    """Called in the event loop as the account's events arrive; must return at once."""

    def on_order_report(self, report: OrderReport) -> None: ...
    def on_balances(self, balances: list[Balance]) -> None: ...
    def on_positions(self, positions: list[Position]) -> None: ...
    def on_symbol_config(self, config: SymbolConfig) -> None: ...
    def on_multi_assets(self, product: Product, *, is_on: bool) -> None: ...
    def on_margin_call(self, product: Product, text: str) -> None: ...
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

    async def measure_clock(self) -> None:
        """Ask for the server's time again, as after a break."""

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
    def snapshot_share(self) -> float:
        """The part of a minute's request weight that one book costs."""

    @property
    def used_orders(self) -> tuple[int, int]:
        """Orders counted in the current short window, and its limit."""

    @property
    def blocked(self) -> str:
        """Why and until when the exchange takes nothing from this address; empty while it does."""

    async def instruments(self) -> list[Instrument]: ...
    async def funding_intervals(self) -> dict[str, int]:
        """Hours between two fundings by program symbol, of contracts for which the exchange states them."""

    async def open_interest(self, instrument: Instrument) -> OpenInterest | None:
        """What all traders together hold of a contract; None where there are no contracts."""

    async def tickers(self) -> dict[str, Ticker]:
        """24-hour tickers by program symbol."""

    async def last_prices(self) -> dict[str, Decimal]:
        """The last price by program symbol, of symbols that have one."""

    async def book_snapshot(self, instrument: Instrument) -> BookSnapshot: ...
    async def rpi_snapshot(self, instrument: Instrument) -> BookSnapshot:
        """The book with retail price improvement orders in it, where there is one (USD-M)."""

    async def recent_trades(self, instrument: Instrument, limit: int) -> list[Trade]: ...
    async def candles(
        self, instrument: Instrument, interval: str, limit: int, end_ms: int | None = None
    ) -> list[Candle]: ...

    async def place(self, order: Order) -> OrderReport: ...
    async def place_many(self, orders: Sequence[Order]) -> list[OrderAnswer]:
        """Send several orders in as few requests as the product allows, at most `batch_size` at once.

        The answers stand in the orders' order. Where one request for several has no answer, each of them is answered
        with the OutcomeUnknownError.
        """

    @property
    def batch_size(self) -> int:
        """How many orders `place_many` takes at once; 1 where the product has no batches."""

    async def test(self, order: Order) -> Commission | None:
        """Let the exchange judge an order without taking it; what it would cost, where the exchange says."""

    def change_kind(self, order: Order, change: OrderChange) -> ChangeKind:
        """How the exchange would make this change; raises RefusedError for one it cannot make."""

    async def change(self, order: Order, change: OrderChange, new_client_order_id: str) -> Changed:
        """Change a working order; `new_client_order_id` names its replacement where it has to be replaced.

        `change.quantity` is the new total, what has filled already included.
        """

    async def change_many(
        self, changes: Sequence[tuple[Order, OrderChange, str]]
    ) -> list[Changed | RefusedError | OutcomeUnknownError]:
        """Change several orders in as few requests as the product allows; answers as in `place_many`."""

    async def cancel(self, order: Order) -> OrderReport: ...
    async def cancel_many(self, orders: Sequence[Order]) -> list[OrderAnswer]:
        """Cancel several orders in as few requests as the product allows; answers as in `place_many`."""

    async def find_order(self, order: Order) -> OrderReport | None:
        """The exchange's record of an order by client id; None when the exchange says it does not exist."""

    async def open_orders(self, *, sparingly: bool = False) -> list[OrderReport]:
        """Every open order of the account, conditional ones and list legs included.

        Sparingly, only where the exchange says there are any, if it says so.
        """

    async def open_orders_of(self, instruments: Sequence[Instrument]) -> list[OrderReport]:
        """Every open order of these symbols, and of all where that weighs no more."""

    async def past_orders(self, instrument: Instrument, since_ms: int, limit: int = 500) -> list[OrderReport]:
        """Orders of one symbol from a time on, closed ones included, oldest first."""

    async def commission(self, instrument: Instrument) -> Commission: ...
    async def fills(self, instrument: Instrument, since_ms: int, limit: int = 500) -> list[Fill]: ...
    async def account(self) -> AccountState: ...

    def market_stream(self, listener: MarketListener) -> MarketStream: ...
    def user_stream(self, listener: UserListener) -> UserStream: ...

    @property
    def lists(self) -> "OrderLists | None":
        """Orders that depend on each other, where the exchange holds them itself."""

    @property
    def futures(self) -> "FuturesAccount | None":
        """What only futures accounts can do."""

    @property
    def margin(self) -> "MarginAccount | None":
        """What only margin accounts can do."""


class OrderLists(Protocol):
    """Order lists held by the exchange (spot and margin). Orders carry role and client ids already."""

    async def place(self, orders: Sequence[Order], list_client_id: str, *, sized_from_entry: bool) -> list[OrderReport]:
        """Send OCO (two legs), OTO (entry, leg) or OTOCO (entry, two legs), entry first; OPO and OPOCO when sized."""

    async def cancel(self, list_id: int, instrument: Instrument) -> list[OrderReport]: ...


class FuturesAccount(Protocol):
    """Leverage, margin, position mode and the dead-man switch of one futures account."""

    async def is_hedge_mode(self) -> bool: ...
    async def set_hedge_mode(self, hedge: bool) -> None: ...
    async def is_multi_assets(self) -> bool: ...
    async def set_multi_assets(self, multi: bool) -> None: ...
    async def configs(self) -> list[SymbolConfig]: ...
    async def set_leverage(self, instrument: Instrument, leverage: int) -> SymbolConfig: ...
    async def set_isolated(self, instrument: Instrument, isolated: bool) -> None:
        """Cross or isolated margin; asking for what is set already succeeds."""

    async def add_margin(self, instrument: Instrument, side: PositionSide, amount: Decimal) -> None:
        """Add to an isolated position's margin, or take from it where negative."""

    async def brackets(self, instrument: Instrument) -> list[LeverageBracket]: ...
    async def cancel_after(self, instrument: Instrument, countdown_ms: int) -> None:
        """Have the exchange cancel this symbol's orders unless called again in time; zero ends it."""

    async def income(self, since_ms: int, kind: str = "", limit: int = 1_000) -> list[Income]: ...
    async def forced_orders(self, since_ms: int, instrument: Instrument | None = None) -> list[OrderReport]:
        """Orders the exchange made itself, of one contract or of all: liquidations and deleveraging."""


class MarginAccount(Protocol):
    """Loans and transfers of one margin account; `pair` names the isolated wallet, empty for cross."""

    async def borrow(self, asset: str, amount: Decimal, pair: str = "") -> None: ...
    async def repay(self, asset: str, amount: Decimal, pair: str = "") -> None: ...
    async def transfer(self, asset: str, amount: Decimal, into_margin: bool, pair: str = "") -> None:
        """Move an asset between spot and margin."""

    async def max_borrowable(self, asset: str, pair: str = "") -> Decimal: ...
    async def level(self, pair: str = "") -> MarginLevel: ...
