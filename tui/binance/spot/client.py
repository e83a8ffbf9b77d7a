"""Spot as the engine sees it; see `client.ProductClient` for what each method promises."""

import asyncio

import msgspec

from tui.binance.client import (
    AccountState,
    LinkState,
    MarketListener,
    MarketStream,
    StreamKind,
    Subscription,
    UserListener,
    UserStream,
)
from tui.binance.environment import ProductUrls
from tui.binance.errors import NO_SUCH_ORDER_CODE, RefusedError
from tui.binance.http import Call
from tui.binance.limits import LimitPools
from tui.binance.link import timing_for
from tui.binance.market_events import stream_name
from tui.binance.order_parameters import check_type, limit_price
from tui.binance.refetch import Refetch
from tui.binance.rest_client import MarketCalls, RestClient, transport
from tui.binance.signing import Credentials, ParameterValue
from tui.binance.spot import events, parse, wire
from tui.binance.streams import ProductMarketStream
from tui.binance.untraded import Untraded
from tui.binance.wire import name, plain
from tui.binance.ws_api import UserDataSession
from tui.config import Options
from tui.domain.instrument import Instrument
from tui.domain.order import Fill, Order, OrderReport, OrderType
from tui.domain.product import Product

_SYMBOL = msgspec.json.Decoder(wire.SymbolInfo)

_TIME_PATH = "/api/v3/time"

# Weights: spot API docs 2026-07-21. Orders and cancels cost nothing when they succeed, but are counted.
MARKET = MarketCalls(
    info=Call("GET", "/api/v3/exchangeInfo", weight=20),
    tickers=Call("GET", "/api/v3/ticker/24hr", weight=80),
    depth=Call("GET", "/api/v3/depth", weight=50),
    trades=Call("GET", "/api/v3/aggTrades", weight=4),
    klines=Call("GET", "/api/v3/klines", weight=2),
    max_candles=1_000,
    program_name=name,
    read_symbol=lambda raw: parse.instrument(_SYMBOL.decode(raw)),
)
_PLACE = Call("POST", "/api/v3/order", weight=1, signed=True, is_order=True)
_CANCEL = Call("DELETE", "/api/v3/order", weight=1, signed=True, is_cancel=True)
_QUERY = Call("GET", "/api/v3/order", weight=4, signed=True)
_OPEN = Call("GET", "/api/v3/openOrders", weight=80, signed=True)
_FILLS = Call("GET", "/api/v3/myTrades", weight=20, signed=True)
_ACCOUNT = Call("GET", "/api/v3/account", weight=20, signed=True)

_MAX_ROWS = 1_000

_ORDER_ANSWER = msgspec.json.Decoder(wire.OrderAnswer)
_CANCEL_ANSWER = msgspec.json.Decoder(wire.CancelAnswer)
_ORDERS_ANSWER = msgspec.json.Decoder(list[wire.OrderAnswer])
_FILLS_ANSWER = msgspec.json.Decoder(list[wire.TradeRow])
_ACCOUNT_ANSWER = msgspec.json.Decoder(wire.Account)


class SpotClient(RestClient, Untraded):
    """Spot trading and market data; market data only without credentials."""

    product = Product.SPOT

    def __init__(
        self,
        urls: ProductUrls,
        credentials: Credentials | None,
        options: Options | None = None,
        pools: LimitPools | None = None,
    ) -> None:
        options, limits = options or Options(), (pools or LimitPools()).spot
        super().__init__(transport(urls.rest, _TIME_PATH, limits, credentials, options), MARKET)
        self._options = options
        self._urls = urls
        self._credentials = credentials

    async def place(self, order: Order) -> OrderReport:
        """Send an order; the answer holds what filled at once, executions come as events."""
        parameters = order_parameters(order)
        return await self._ask(_PLACE, parameters, _ORDER_ANSWER, lambda answer: parse.report(answer, order))

    async def cancel(self, order: Order) -> OrderReport:
        """Cancel an order by the exchange's id where it is known, else by ours."""
        parameters = {"symbol": order.symbol, **_identity(order)}
        return await self._ask(
            _CANCEL,
            parameters,
            _CANCEL_ANSWER,
            lambda answer: parse.cancel_report(answer, answer.orderReports, order),
        )

    async def find_order(self, order: Order) -> OrderReport | None:
        """The exchange's record of an order; None when the exchange says it does not exist."""
        parameters = {"symbol": order.symbol, **_identity(order)}
        try:
            return await self._ask(_QUERY, parameters, _ORDER_ANSWER, lambda answer: parse.report(answer, order))
        except RefusedError as error:
            if error.code == NO_SUCH_ORDER_CODE:
                return None
            raise

    async def open_orders(self) -> list[OrderReport]:
        """Every open order of the account."""
        return await self._ask(_OPEN, {}, _ORDERS_ANSWER, lambda rows: [parse.report(row) for row in rows])

    async def fills(self, instrument: Instrument, since_ms: int, limit: int = 500) -> list[Fill]:
        """Executions of one symbol from a time on, oldest first; from zero on, the newest."""
        parameters: dict[str, ParameterValue] = {"symbol": instrument.native, "limit": min(limit, _MAX_ROWS)}
        if since_ms > 0:
            parameters["startTime"] = since_ms
        return await self._ask(_FILLS, parameters, _FILLS_ANSWER, lambda rows: [parse.fill(row) for row in rows])

    async def account(self) -> AccountState:
        """All balances that are not zero; spot has no positions."""
        parameters: dict[str, ParameterValue] = {"omitZeroBalances": True}
        balances = await self._ask(_ACCOUNT, parameters, _ACCOUNT_ANSWER, parse.balances)
        return AccountState(balances, [])

    def market_stream(self, listener: MarketListener) -> MarketStream:
        """A market data connection, to be run by the caller."""
        return ProductMarketStream(
            self.product, self._urls, listener, spot_stream_name, lambda _kind: "", tap=self.rest.tap
        )

    def user_stream(self, listener: UserListener) -> UserStream:
        """The account's events, to be run by the caller; raises RefusedError without credentials."""
        if self._credentials is None:
            raise RefusedError("no API key: only market data can be asked for")
        return SpotUserStream(
            self, self._urls.ws_api, self._credentials, self._options.execution.recv_window_ms, listener
        )


def order_parameters(order: Order) -> dict[str, ParameterValue]:
    """A placement as spot wants it; raises RefusedError for what spot cannot do."""
    check_type(order)
    if order.reduce_only:
        raise RefusedError("reduce-only does not exist on spot")
    parameters: dict[str, ParameterValue] = {"symbol": order.symbol, "side": order.side.value}
    if order.type is OrderType.MARKET:
        parameters["type"] = "MARKET"
        if order.quote_quantity is not None:
            parameters["quoteOrderQty"] = plain(order.quote_quantity)
        else:
            parameters["quantity"] = plain(order.quantity)
    else:
        parameters["type"] = "LIMIT_MAKER" if order.post_only else "LIMIT"
        if not order.post_only:
            parameters["timeInForce"] = order.time_in_force.value
        parameters["quantity"] = plain(order.quantity)
        parameters["price"] = limit_price(order)
    return {**parameters, "newClientOrderId": order.client_order_id, "newOrderRespType": "FULL"}


def _identity(order: Order) -> dict[str, ParameterValue]:
    """How an order is named: a cancel changes its client id, never the exchange's."""
    return {"orderId": order.order_id} if order.order_id else {"origClientOrderId": order.client_order_id}


def spot_stream_name(subscription: Subscription) -> str:
    """Binance's name of a stream; raises RefusedError for one that spot lacks."""
    if subscription.kind is StreamKind.MARK_PRICE:
        raise RefusedError("spot has no mark price")
    return stream_name(subscription)


class SpotUserStream:
    """The account's events of spot. See `client.UserStream`."""

    def __init__(
        self, client: SpotClient, url: str, credentials: Credentials, recv_window_ms: int, listener: UserListener
    ) -> None:
        self._client = client
        self._listener = listener
        self._refetch = Refetch(self._read_balances, every_s=2.0)
        self._session = UserDataSession(
            url=url,
            credentials=credentials,
            clock=client.rest.clock,
            recv_window_ms=recv_window_ms,
            deliver=self._deliver,
            report_state=self._report_state,
            measure_clock=client.rest.measure_clock,
            timing=timing_for(url),
        )
        self._session.tap = client.rest.tap

    async def run(self) -> None:
        """Stay connected until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._session.run(), name="spot user events")
            group.create_task(self._refetch.run(), name="spot balances")

    @property
    def last_message_ns(self) -> int:
        """`time.monotonic_ns` of the last sign of life."""
        return self._session.last_message_ns

    @property
    def malformed(self) -> int:
        """Events that could not be read so far."""
        return self._session.malformed

    def _deliver(self, event: msgspec.Raw) -> None:
        if not events.deliver(event, self._listener):
            self._refetch.want()

    async def _read_balances(self) -> None:
        self._listener.on_balances((await self._client.account()).balances)

    def _report_state(self, state: LinkState, detail: str) -> None:
        self._listener.on_user_link(Product.SPOT, state, detail)
