"""USD-M futures as the engine sees them; see `client.ProductClient` for what each method promises."""

import msgspec

from tui.binance.client import (
    AccountState,
    MarketListener,
    MarketStream,
    UserListener,
    UserStream,
)
from tui.binance.environment import ProductUrls
from tui.binance.errors import NO_SUCH_ORDER_CODE, RefusedError
from tui.binance.http import Call
from tui.binance.limits import LimitPools
from tui.binance.market_stream import ProductMarketStream
from tui.binance.order_parameters import check_type, limit_price
from tui.binance.rest_client import MarketCalls, RestClient, transport
from tui.binance.signing import Credentials, ParameterValue
from tui.binance.untraded import Untraded
from tui.binance.usdm import parse, wire
from tui.binance.usdm.symbols import native_name, program_name
from tui.binance.usdm.user_stream import UsdmUserStream
from tui.binance.wire import plain
from tui.config import Options
from tui.domain.account import Position
from tui.domain.instrument import Instrument
from tui.domain.order import Fill, Order, OrderReport, OrderType
from tui.domain.product import Product

_SYMBOL = msgspec.json.Decoder(wire.SymbolInfo)

_TIME_PATH = "/fapi/v1/time"

# Weights: derivatives docs, November 2026.
MARKET = MarketCalls(
    info=Call("GET", "/fapi/v1/exchangeInfo", weight=1),
    tickers=Call("GET", "/fapi/v1/ticker/24hr", weight=40),
    depth=Call("GET", "/fapi/v1/depth", weight=20),
    trades=Call("GET", "/fapi/v1/aggTrades", weight=20),
    klines=Call("GET", "/fapi/v1/klines", weight=10),
    max_candles=1_500,
    program_name=program_name,
    funding=Call("GET", "/fapi/v1/fundingInfo", weight=0),
    depth_weights={50: 2, 100: 5, 500: 10, 1_000: 20},
    read_symbol=lambda raw: parse.instrument(_SYMBOL.decode(raw)),
)
_PLACE = Call("POST", "/fapi/v1/order", weight=0, signed=True, is_order=True)
_CANCEL = Call("DELETE", "/fapi/v1/order", weight=1, signed=True, is_cancel=True)
_QUERY = Call("GET", "/fapi/v1/order", weight=1, signed=True)
_OPEN = Call("GET", "/fapi/v1/openOrders", weight=40, signed=True)
_FILLS = Call("GET", "/fapi/v1/userTrades", weight=5, signed=True)
_ACCOUNT = Call("GET", "/fapi/v3/account", weight=5, signed=True)
_POSITIONS = Call("GET", "/fapi/v2/positionRisk", weight=5, signed=True)

_MAX_ROWS = 1_000
#: `userTrades` reaches this far at once, and this far back at all.
_FILLS_WINDOW_MS = 7 * 86_400_000 - 1
_FILLS_HISTORY_MS = 89 * 86_400_000

_ORDER_ANSWER = msgspec.json.Decoder(wire.OrderAnswer)
_ORDERS_ANSWER = msgspec.json.Decoder(list[wire.OrderAnswer])
_FILLS_ANSWER = msgspec.json.Decoder(list[wire.TradeRow])
_ACCOUNT_ANSWER = msgspec.json.Decoder(wire.Account)
_POSITIONS_ANSWER = msgspec.json.Decoder(list[wire.PositionRow])


class UsdmClient(RestClient, Untraded):
    """USD-M trading in one-way mode, and market data; market data only without credentials."""

    product = Product.USDM

    def __init__(
        self,
        urls: ProductUrls,
        credentials: Credentials | None,
        options: Options | None = None,
        pools: LimitPools | None = None,
    ) -> None:
        options, limits = options or Options(), (pools or LimitPools()).futures
        super().__init__(transport(urls.rest, _TIME_PATH, limits, credentials, options), MARKET, options.data)
        self._options = options
        self._urls = urls
        self._leverages: dict[str, int] = {}

    async def place(self, order: Order) -> OrderReport:
        """Send an order; the answer waits for the end of a market, IOC or FOK order but states no average price."""
        parameters = order_parameters(order)
        return await self._ask(_PLACE, parameters, _ORDER_ANSWER, lambda answer: parse.report(answer, order))

    async def cancel(self, order: Order) -> OrderReport:
        """Cancel an order by the exchange's id where it is known, else by ours."""
        return await self._ask(_CANCEL, _identity(order), _ORDER_ANSWER, lambda answer: parse.report(answer, order))

    async def find_order(self, order: Order) -> OrderReport | None:
        """The exchange's record of an order; None when the exchange says it does not exist."""
        try:
            return await self._ask(_QUERY, _identity(order), _ORDER_ANSWER, lambda answer: parse.report(answer, order))
        except RefusedError as error:
            if error.code == NO_SUCH_ORDER_CODE:
                return None
            raise

    async def open_orders(self) -> list[OrderReport]:
        """Every open order of the account, conditional ones apart: they live in a service of their own."""
        return await self._ask(_OPEN, {}, _ORDERS_ANSWER, lambda rows: [parse.report(row) for row in rows])

    async def fills(self, instrument: Instrument, since_ms: int, limit: int = 500) -> list[Fill]:
        """Executions of one contract from a time on, oldest first; from zero on, the newest of the last week."""
        wanted = min(limit, _MAX_ROWS)
        if since_ms <= 0:
            return await self._fills(instrument, {"limit": wanted})
        now_ms = self.rest.clock.now_ms()
        start_ms = max(since_ms, now_ms - _FILLS_HISTORY_MS)
        found: list[Fill] = []
        while start_ms <= now_ms and len(found) < wanted:
            end_ms = start_ms + _FILLS_WINDOW_MS
            bounds = {"startTime": start_ms, "limit": wanted - len(found)}
            if end_ms < now_ms:
                bounds["endTime"] = end_ms
            found += await self._fills(instrument, bounds)
            start_ms = end_ms + 1
        return found

    async def _fills(self, instrument: Instrument, bounds: dict[str, int]) -> list[Fill]:
        parameters: dict[str, ParameterValue] = {"symbol": instrument.native, **bounds}
        return await self._ask(_FILLS, parameters, _FILLS_ANSWER, lambda rows: [parse.fill(row) for row in rows])

    async def account(self) -> AccountState:
        """All assets held and all open positions."""
        balances = await self._ask(_ACCOUNT, {}, _ACCOUNT_ANSWER, parse.balances)
        positions = await self._ask(_POSITIONS, {}, _POSITIONS_ANSWER, self._positions)
        return AccountState(balances, positions)

    def _positions(self, rows: list[wire.PositionRow]) -> list[Position]:
        self._leverages.update(parse.leverages(rows))
        return parse.positions(rows)

    def market_stream(self, listener: MarketListener) -> MarketStream:
        """A market data connection, or one for each route, to be run by the caller."""
        return ProductMarketStream(self.product, self._urls, listener, self._options.data, tap=self.rest.tap)

    def user_stream(self, listener: UserListener) -> UserStream:
        """The account's events, to be run by the caller; raises RefusedError without credentials."""
        if not self.rest.has_credentials:
            raise RefusedError("no API key: only market data can be asked for")
        return UsdmUserStream(self.rest, self._urls, self.account, self._leverages, listener)


def order_parameters(order: Order) -> dict[str, ParameterValue]:
    """A placement as USD-M wants it, for one-way mode; raises RefusedError for what it cannot do."""
    check_type(order)
    if order.quote_quantity is not None:
        raise RefusedError("an order by quote amount exists only on spot")
    parameters: dict[str, ParameterValue] = {
        "symbol": native_name(order.symbol),
        "side": order.side.value,
        "type": order.type.value,
        "quantity": plain(order.quantity),
    }
    if order.type is OrderType.LIMIT:
        parameters["price"] = limit_price(order)
        parameters["timeInForce"] = "GTX" if order.post_only else order.time_in_force.value
    if order.reduce_only:
        parameters["reduceOnly"] = True
    return {**parameters, "newClientOrderId": order.client_order_id, "newOrderRespType": "RESULT"}


def _identity(order: Order) -> dict[str, ParameterValue]:
    named: dict[str, ParameterValue] = {"symbol": native_name(order.symbol)}
    if order.order_id:
        return {**named, "orderId": order.order_id}
    return {**named, "origClientOrderId": order.client_order_id}
