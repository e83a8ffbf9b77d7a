"""Everything the screen shows: written by the engine's thread, read by any other.

Values are immutable and replaced whole, so a reader needs no lock; books change in place and are read through
`BookKeeper.view`, which takes its lock for microseconds. Each item carries a revision, the exchange's time where there
is one, and the time it was received (`time.monotonic_ns`).
"""

from collections import deque
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from itertools import islice
from typing import Generic, TypeVar

from tui.domain.account import Balance, Commission, LeverageBracket, MarginLevel, Position, SymbolConfig
from tui.domain.instrument import Instrument
from tui.domain.market import BestQuote, Candle, Liquidation, MarkPrice, OpenInterest, Ticker, Trade
from tui.domain.order import Fill, Order
from tui.domain.product import Product
from tui.engine.alerts.alert import Alert, Told
from tui.engine.algos.plan import Algo
from tui.engine.book_keeper import BookKeeper
from tui.engine.order_history import OrderHistory

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Stamped(Generic[T]):
    """A value with its revision and times; `source_ms` is the exchange's epoch time, None where it gives none."""

    value: T
    revision: int
    source_ms: int | None
    received_ns: int

    def age_ms(self, now_ns: int) -> float:
        """Milliseconds since it was received."""
        return (now_ns - self.received_ns) / 1e6


class Link(StrEnum):
    """A connection as the trader sees it. SYNCING: connected, but the picture is not yet rebuilt or reconciled."""

    DOWN = "down"
    SYNCING = "syncing"
    LIVE = "live"
    STALE = "stale"


class TradingState(StrEnum):
    """Whether keys may send."""

    LOCKED = "LOCKED"
    ARMED = "ARMED"
    HALTED = "HALTED"


@dataclass(frozen=True, slots=True)
class LinkHealth:
    """One product's connections: states, and `monotonic_ns` of what was last heard; latency and limits from REST."""

    market: Link = Link.DOWN
    user: Link = Link.DOWN
    market_heard_ns: int = 0
    user_heard_ns: int = 0
    latency_ms: float | None = None
    clock_offset_ms: int = 0
    weight: tuple[int, int] = (0, 0)
    orders: tuple[int, int] = (0, 0)
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Session:
    """Who trades where, and whether keys may send. `armed_until_ns` is on the monotonic clock."""

    environment: str
    account: str
    is_real_money: bool
    read_only: bool
    trading: TradingState = TradingState.LOCKED
    armed_until_ns: int = 0
    trading_reason: str = ""
    #: Real money: nothing can be sent until the environment's name was typed, once per start.
    awaits_confirmation: bool = False
    #: Names of the machines that orders go to.
    hosts: tuple[str, ...] = ()
    #: The exchange's name in what is exported.
    venue: str = "BINANCE"


class Severity(StrEnum):
    """How loud a message is."""

    INFO = "info"
    SUCCESS = "success"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Message:
    """One line of the log pane; `time_ms` is local epoch time, `text` is already cleaned."""

    number: int
    time_ms: int
    severity: Severity
    text: str


@dataclass(frozen=True, slots=True)
class CandleSeries:
    """Candles of one interval, oldest first; the last one may still be open."""

    interval: str
    candles: tuple[Candle, ...]


@dataclass(frozen=True, slots=True)
class AccountSummary:
    """The account in one currency, all products together; None where a figure is not known.

    `free` is what nothing holds, less what is owed; `day_result` is realised profit, fees and funding since midnight
    UTC; `margin_percent` the share of equity held as margin. `as_of_ms` is the exchange's time of the newest figure.
    Equity and what is free are without the accounts of the `unread` products, which have not answered yet.
    """

    currency: str
    equity: Decimal | None
    free: Decimal | None
    unrealized: Decimal | None
    day_result: Decimal | None
    day_fees: Decimal | None
    day_funding: Decimal | None
    margin_percent: Decimal | None
    as_of_ms: int
    unread: tuple[Product, ...] = ()


@dataclass(frozen=True, slots=True)
class DayResult:
    """What came of a day since midnight UTC, in the summary's currency.

    `result` is everything: `fees` (positive when paid) are taken off, `funding` (positive when received) is added.
    """

    result: Decimal
    fees: Decimal
    funding: Decimal


@dataclass(frozen=True, slots=True)
class Work:
    """Something long under way, for a progress line; `total` is None where the end is not known."""

    number: int
    title: str
    done: int
    total: int | None
    can_stop: bool = True


TRADES_KEPT = 2_000
MESSAGES_KEPT = 1_000
FILLS_KEPT = 2_000
LIQUIDATIONS_KEPT = 500


@dataclass(slots=True)
class Market:
    """Everything known of one symbol's market."""

    instrument: Instrument
    book: BookKeeper = field(default_factory=BookKeeper)
    #: The book with retail price improvement orders, of the contract in focus alone and where it is wanted. They stand
    #: in no other book, so no order is judged by it.
    rpi_book: BookKeeper = field(default_factory=BookKeeper)
    ticker: Stamped[Ticker] | None = None
    #: Last price as it was when the program started, where no ticker tells it.
    price_at_start: Decimal | None = None
    #: Best bid and ask where something is held or ordered and no book is followed; None as soon as it may be old.
    quote: Stamped[BestQuote] | None = None
    mark: Stamped[MarkPrice] | None = None
    #: Of the contract in focus alone.
    open_interest: Stamped[OpenInterest] | None = None
    #: Candles by interval, of those alone that are shown.
    series: dict[str, Stamped[CandleSeries]] = field(default_factory=dict)
    #: Newest first; `trades_revision` rises with each print.
    trades: deque[Trade] = field(default_factory=lambda: deque(maxlen=TRADES_KEPT))
    trades_revision: int = 0
    #: Recent last prices, oldest first, sampled for the watchlist's sparkline.
    sparkline: tuple[Decimal, ...] = ()

    def recent_trades(self, count: int) -> list[Trade]:
        """The newest prints, newest first."""
        for _ in range(8):
            try:
                return list(islice(self.trades, count))
            except RuntimeError:  # the engine's thread added a print meanwhile
                continue
        return []

    def touch(self) -> tuple[Decimal | None, Decimal | None]:
        """Best bid and ask of the live book, else of the quote; None for a side that is empty or not known now."""
        if self.book.is_live:
            view, tick = self.book.view(1), self.instrument.tick
            bid, ask = view.best_bid, view.best_ask
            return None if bid is None else tick.value(bid), None if ask is None else tick.value(ask)
        quote = self.quote
        return (None, None) if quote is None else (quote.value.bid or None, quote.value.ask or None)

    def last_price(self) -> Decimal | None:
        """The newest traded price known: prints of a symbol that is not followed any more are older than its ticker."""
        trades, ticker = self.recent_trades(1), self.ticker.value if self.ticker else None
        if trades and (ticker is None or trades[0].time_ms >= ticker.time_ms):
            return trades[0].price
        return ticker.last if ticker is not None else self.price_at_start


def wallet_key(instrument: Instrument, asset: str) -> tuple[Product, str]:
    """The key of an asset's balance in the wallet that a symbol is traded from: see `Balance.key`."""
    is_own = instrument.product is Product.ISOLATED_MARGIN
    return instrument.product, f"{instrument.native}:{asset}" if is_own else asset


class Store:
    """The state of one session. Only the engine writes."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.instruments: dict[str, Instrument] = {}
        self.markets: dict[str, Market] = {}
        self.links: dict[Product, LinkHealth] = {}
        #: All orders known in this session by client order id, closed ones included; replaced whole on each change.
        self.orders: dict[str, Order] = {}
        #: Products whose account is followed in this session, and whether its orders, positions and balances have been
        #: read; what has not been read is not zero but unknown. Replaced whole on each change.
        self.accounts: dict[Product, bool] = {}
        #: By `Position.key`: the symbol, in hedge mode with `-LONG` or `-SHORT`.
        self.positions: dict[str, Position] = {}
        #: By `Balance.key`.
        self.balances: dict[tuple[Product, str], Balance] = {}
        #: By product, and pair where isolated (empty for cross).
        self.margin_levels: dict[tuple[Product, str], MarginLevel] = {}
        #: How contracts are set up, their risk tiers, and what symbols cost, by symbol; only those asked for.
        self.configs: dict[str, SymbolConfig] = {}
        self.brackets: dict[str, tuple[LeverageBracket, ...]] = {}
        self.commissions: dict[str, Commission] = {}
        #: Futures products that hold long and short apart, and those whose whole wallet is margin.
        self.hedge_modes: frozenset[Product] = frozenset()
        self.multi_assets: frozenset[Product] = frozenset()
        #: Positions of our own over the exchange's net one: whether the settings want them, and those of products that
        #: are live, by `Position.key`. Replaced whole on each change.
        self.keeps_virtual = False
        self.virtual: dict[str, Position] = {}
        #: Contracts that are not traded in this session, and why: they could not be set up as the settings want.
        self.barred: dict[str, str] = {}
        self.summary: AccountSummary | None = None
        #: What each symbol has brought since midnight UTC; only those with something to tell.
        self.results: dict[str, DayResult] = {}
        #: Client-side algos by name, ended ones included; alerts by number.
        self.algos: dict[str, Algo] = {}
        self.alerts: dict[int, Alert] = {}
        #: What alerts have told, newest first; `number` rises by one each time.
        self.told: deque[Told] = deque(maxlen=100)
        #: Futures symbols with a running countdown: epoch ms of our clock at which the exchange would cancel.
        self.countdowns: dict[str, int] = {}
        #: Replaced whole on each change.
        self.work: dict[int, Work] = {}
        #: Symbols whose past the trader gave up reading, and since when it is unread (the exchange's epoch ms): orders
        #: that ended and executions may be missing. Replaced whole on each change.
        self.unread: dict[str, int] = {}
        #: Positions closed by the exchange, all traders', by symbol; newest first.
        self.liquidations: deque[tuple[str, Liquidation]] = deque(maxlen=LIQUIDATIONS_KEPT)
        #: Newest first.
        self.fills: deque[Fill] = deque(maxlen=FILLS_KEPT)
        #: Of the order whose history was asked for last. Replaced whole on each change.
        self.order_history: OrderHistory | None = None
        self.messages: deque[Message] = deque(maxlen=MESSAGES_KEPT)
        self.focus: str | None = None
        #: Symbols whose books and trades are kept true besides the focused one.
        self.followed: tuple[str, ...] = ()
        self.watched: tuple[str, ...] = ()
        #: Rises with each change of orders, positions, balances, fills, session or messages.
        self.revision = 0

    def market(self, symbol: str) -> Market:
        """The market of a known symbol; raises KeyError for an unknown one."""
        market = self.markets.get(symbol)
        if market is None:
            market = self.markets[symbol] = Market(self.instruments[symbol])
        return market

    def positions_of(self, symbol: str) -> list[Position]:
        """The positions of a symbol: at most one, in hedge mode up to two."""
        return [position for position in self.positions.values() if position.symbol == symbol]

    def is_virtual(self, product: Product) -> bool:
        """Whether the program itself holds long and short apart, over the net position of one-way mode."""
        return self.keeps_virtual and product.is_futures and product not in self.hedge_modes

    def holds_apart(self, product: Product) -> bool:
        """Whether long and short of one contract are two positions, the exchange's own or virtual ones."""
        return product in self.hedge_modes or self.is_virtual(product)

    def held(self, symbol: str | None = None) -> list[Position]:
        """What the trader trades with, of one symbol or of all: virtual positions where they are kept."""
        real = (one for one in self.positions.values() if not self.is_virtual(one.product))
        return [one for one in (*real, *self.virtual.values()) if one.quantity and symbol in (None, one.symbol)]

    def net(self, symbol: str) -> Decimal:
        """What the exchange holds of a symbol in one-way mode, signed."""
        return sum((one.quantity for one in self.positions_of(symbol)), Decimal(0))

    def wallet(self, instrument: Instrument, asset: str) -> Balance | None:
        """An asset in the wallet that a symbol is traded from: the product's, or the pair's own where isolated."""
        return self.balances.get(wallet_key(instrument, asset))

    def open_orders(self, symbol: str | None = None) -> list[Order]:
        """Orders that are not closed, oldest first."""
        return [o for o in self.orders.values() if not o.status.is_closed and symbol in (None, o.symbol)]
