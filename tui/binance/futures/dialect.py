"""What one futures product has of its own on the wire: addresses, weights, and what it lacks."""

from dataclasses import dataclass, replace

import msgspec

from tui.binance.call import Call
from tui.binance.futures import parse, wire
from tui.binance.futures.symbols import Names
from tui.binance.rest_client import MarketCalls
from tui.domain.product import Product

_SYMBOL = msgspec.json.Decoder(wire.SymbolInfo)


@dataclass(frozen=True, slots=True)
class Dialect:
    """One product's way to speak (derivatives docs, November 2026, "UM versus CM").

    `root` stands before every path; `account`, `positions`, `brackets` and where the fee tier is told differ.
    `most_callback_bps` is the widest trailing stop. `has_algo_service` is False for exchanges before December 2025,
    which take conditional orders as ordinary ones. `trades_over_ws` says whether orders may go over the WebSocket API,
    whose `ws_api_path` stands behind addresses without one.
    """

    product: Product
    root: str
    account: str
    positions: str
    brackets: str
    fee_tier: str
    income_weight: int
    most_callback_bps: int
    has_gtd: bool
    has_test: bool
    has_multi_assets: bool
    has_symbol_config: bool
    has_trade_lite: bool
    trades_over_ws: bool
    ws_api_path: str
    #: Whether the rows of positions are of all contracts with a position or an ordinary order, and of no others.
    names_contracts_with_orders: bool = False
    has_algo_service: bool = True

    def market(self, max_candles: int) -> MarketCalls:
        """Where its market data is."""
        return MarketCalls(
            info=Call("GET", f"{self.root}/v1/exchangeInfo", weight=1),
            tickers=Call("GET", f"{self.root}/v1/ticker/24hr", weight=40),
            prices=Call("GET", f"{self.root}/v1/ticker/price", weight=2),
            depth=Call("GET", f"{self.root}/v1/depth", weight=20),
            trades=Call("GET", f"{self.root}/v1/aggTrades", weight=20),
            klines=Call("GET", f"{self.root}/v1/klines", weight=10),
            max_candles=max_candles,
            program_name=self.names.program,
            read_symbol=lambda raw: parse.instrument(_SYMBOL.decode(raw), self.names),
            funding=Call("GET", f"{self.root}/v1/fundingInfo", weight=0),
            open_interest=Call("GET", f"{self.root}/v1/openInterest", weight=1),
            depth_weights={50: 2, 100: 5, 500: 10, 1_000: 20},
            kline_weights={99: 1, 499: 2, 1_000: 5, 1_500: 10},
        )

    @property
    def names(self) -> Names:
        """Both names of its symbols."""
        return Names(self.product)

    def without_algo_service(self) -> "Dialect":
        """The same product on an exchange that takes conditional orders as ordinary ones."""
        return replace(self, has_algo_service=False)

    def ask(self, path: str, weight: int) -> Call:
        """A signed question."""
        return Call("GET", f"{self.root}{path}", weight, signed=True)

    def past(self, path: str, weight: int) -> Call:
        """A signed question about the past, which waits for room."""
        return replace(self.ask(path, weight), is_history=True)

    def set(self, path: str, weight: int = 1) -> Call:
        """A change of the account's settings."""
        return Call("POST", f"{self.root}{path}", weight, signed=True)

    def place(self, method: str, path: str) -> Call:
        """A new order or another price for one."""
        return Call(method, f"{self.root}{path}", 0, signed=True, is_order=True)

    def place_batch(self, method: str) -> Call:
        """Up to five of them, which count as one in a minute."""
        path = f"{self.root}/v1/batchOrders"
        return Call(method, path, 5, signed=True, is_order=True, orders=5, orders_per_minute=1)

    def cancel(self, path: str) -> Call:
        """Taking orders back."""
        return Call("DELETE", f"{self.root}{path}", 1, signed=True, is_cancel=True)

    def key(self, method: str) -> Call:
        """Listen keys, which need no signature."""
        return Call(method, f"{self.root}/v1/listenKey", 1, keyed=True)
