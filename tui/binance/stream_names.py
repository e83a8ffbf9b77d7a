"""What Binance calls each market stream, and which of its routes carries it.

Sources: spot API docs 2026-07-21 "WebSocket streams", derivatives docs November 2026 "Websocket market streams".
"""

from dataclasses import dataclass

from tui.binance.client import StreamKind, Subscription
from tui.binance.errors import RefusedError
from tui.domain.product import Product

#: Only contracts have these.
_FUTURES_ONLY = frozenset({StreamKind.MARK_PRICE, StreamKind.LIQUIDATIONS, StreamKind.ALL_LIQUIDATIONS})
#: USD-M hosts that are split carry books and quotes on one route, everything else on another (since 2026-04-23).
_PUBLIC_KINDS = frozenset({StreamKind.BOOK, StreamKind.QUOTE, StreamKind.PARTIAL_BOOK, StreamKind.RPI_BOOK})
PARTIAL_LEVELS = (5, 10, 20)


@dataclass(frozen=True, slots=True)
class StreamNames:
    """The names of one product's streams.

    `book_interval_ms` is 0, 100, 250 or 500 on futures; spot takes 100, its fastest. Spot prints come one by one, or by
    taker order with `aggregates`; futures have only the latter (execution semantics 20.1, 20.3).
    """

    product: Product
    book_interval_ms: int = 100
    aggregates: bool = False

    def __call__(self, subscription: Subscription) -> str:
        """The name of a stream; raises RefusedError for one that the product lacks."""
        kind = subscription.kind
        if kind is StreamKind.RPI_BOOK and self.product is not Product.USDM:
            raise RefusedError(f"{self.product.label} has no book with retail price improvement orders")
        if kind in _FUTURES_ONLY and not self.product.is_futures:
            what = "mark price" if kind is StreamKind.MARK_PRICE else "liquidations"
            raise RefusedError(f"{self.product.label} has no {what}")
        if kind is StreamKind.ALL_MINI_TICKERS:
            return "!miniTicker@arr"
        if kind is StreamKind.ALL_LIQUIDATIONS:
            return "!forceOrder@arr"
        return f"{lower(subscription.of.native)}@{self._suffix(subscription)}"

    @property
    def book_suffix(self) -> str:
        """What follows the symbol in the name of a book's changes."""
        return f"depth{self._speed(self.book_interval_ms)}"

    def _suffix(self, subscription: Subscription) -> str:
        match subscription.kind:
            case StreamKind.BOOK:
                return self.book_suffix
            case StreamKind.PARTIAL_BOOK:
                if subscription.levels not in PARTIAL_LEVELS:
                    raise RefusedError(f"{subscription.levels} levels: partial books have 5, 10 or 20")
                return f"depth{subscription.levels}{self._speed(self.book_interval_ms or 100)}"
            case StreamKind.TRADES:
                return "aggTrade" if self.aggregates or self.product.is_futures else "trade"
            case StreamKind.CANDLES:
                return f"kline_{subscription.interval}"
            case StreamKind.MARK_PRICE:
                return "markPrice@1s"
            case StreamKind.RPI_BOOK:
                return "rpiDepth@500ms"
            case StreamKind.MINI_TICKER:
                return "miniTicker"
            case StreamKind.LIQUIDATIONS:
                return "forceOrder"
            case StreamKind.QUOTE:
                return "bookTicker"
            case _:
                return "ticker"

    def _speed(self, interval_ms: int) -> str:
        """Futures send every 250 ms where nothing is said."""
        if not self.product.is_futures:
            return "@100ms"
        return "" if interval_ms == 250 else f"@{interval_ms}ms"


def lower(native: str) -> str:
    """A symbol as stream names have it: only ASCII letters have a lower case there."""
    return "".join(ch.lower() if ch.isascii() else ch for ch in native)


def route_of(kind: StreamKind) -> str:
    """The path that carries a kind of stream on hosts that are split."""
    return "/public" if kind in _PUBLIC_KINDS else "/market"
