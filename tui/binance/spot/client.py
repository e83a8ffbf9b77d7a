"""Spot as the engine sees it; see `client.ProductClient` for what each method promises."""

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlsplit

import msgspec

from tui.binance.call import Call
from tui.binance.client import (
    AccountState,
    Changed,
    MarketListener,
    MarketStream,
    OrderLists,
    UserListener,
    UserStream,
)
from tui.binance.environment import ProductUrls
from tui.binance.errors import OutcomeUnknownError, RefusedError
from tui.binance.http import RestTransport
from tui.binance.key_events import KeyCalls, KeyEvents
from tui.binance.limits import LimitPools
from tui.binance.link import SocketLink, timing_for
from tui.binance.market_stream import ProductMarketStream
from tui.binance.order_route import OrderRoute
from tui.binance.rest_client import MarketCalls, transport
from tui.binance.signing import Credentials
from tui.binance.spot import changes, parse, wire
from tui.binance.spot.fees import commission
from tui.binance.spot.instruments import instrument
from tui.binance.spot.list_requests import ListKind, ListRequest, list_request, old_oco_request
from tui.binance.spot.lists import CoinLists
from tui.binance.spot.order_fields import Fields
from tui.binance.spot.order_requests import change_kind, order_parameters
from tui.binance.spot.trading import ORDERS, CoinOrders, OrderCalls, one_by_one
from tui.binance.spot.user_stream import Deliver, ReportState, SpotUserStream
from tui.binance.wire import answered, name
from tui.binance.ws_api import UserDataSession
from tui.binance.ws_calls import WsCalls
from tui.config import Options
from tui.domain.account import Balance, Commission
from tui.domain.instrument import Instrument
from tui.domain.order import ChangeKind, Order, OrderChange, OrderReport
from tui.domain.product import Product

_SYMBOL = msgspec.json.Decoder(wire.SymbolInfo)

TIME_PATH = "/api/v3/time"

# Weights: spot API docs 2026-07-21. Orders and cancels cost nothing when they succeed, but are counted.
MARKET = MarketCalls(
    info=Call("GET", "/api/v3/exchangeInfo", weight=20),
    tickers=Call("GET", "/api/v3/ticker/24hr", weight=80),
    prices=Call("GET", "/api/v3/ticker/price", weight=4),
    depth=Call("GET", "/api/v3/depth", weight=50),
    trades=Call("GET", "/api/v3/aggTrades", weight=4),
    klines=Call("GET", "/api/v3/klines", weight=2),
    max_candles=1_000,
    program_name=name,
    read_symbol=lambda raw: instrument(_SYMBOL.decode(raw)),
    single_trades=Call("GET", "/api/v3/trades", weight=25),
    depth_weights={100: 5, 500: 25, 1_000: 50, 5_000: 250},
)
_ORDERS = OrderCalls(
    place=Call("POST", "/api/v3/order", weight=1, signed=True, is_order=True),
    cancel=Call("DELETE", "/api/v3/order", weight=1, signed=True, is_cancel=True),
    query=Call("GET", "/api/v3/order", weight=4, signed=True),
    history=Call("GET", "/api/v3/allOrders", weight=20, signed=True),
    fills=Call("GET", "/api/v3/myTrades", weight=20, signed=True),
    max_orders=1_000,
    max_fills=1_000,
)
_LISTS = {
    kind: Call("POST", f"/api/v3/orderList/{kind.value}", weight=1, signed=True, is_order=True, orders=orders)
    for kind, orders in (
        (ListKind.OCO, 2),
        (ListKind.OTO, 2),
        (ListKind.OTOCO, 3),
        (ListKind.OPO, 2),
        (ListKind.OPOCO, 3),
    )
}
#: All that Binance US knows of lists.
_LISTS_US = {ListKind.OCO: Call("POST", "/api/v3/order/oco", weight=1, signed=True, is_order=True, orders=2)}
_CANCEL_LIST = Call("DELETE", "/api/v3/orderList", weight=1, signed=True, is_cancel=True)
_OPEN = Call("GET", "/api/v3/openOrders", weight=80, signed=True)
_OPEN_OF_ONE = replace(_OPEN, weight=6)
_TEST = Call("POST", "/api/v3/order/test", weight=20, signed=True)
_ACCOUNT = Call("GET", "/api/v3/account", weight=20, signed=True)
_ORDER_COUNTS = Call("GET", "/api/v3/rateLimit/order", weight=40, signed=True)
_KEY_US = KeyCalls(
    start=Call("POST", "/api/v3/userDataStream", weight=1, keyed=True),
    renew=Call("PUT", "/api/v3/userDataStream", weight=1, keyed=True),
)

_ACCOUNT_ANSWER = msgspec.json.Decoder(wire.Account)
_TEST_ANSWER = msgspec.json.Decoder(wire.OrderCommission)


class SpotClient(CoinOrders):
    """Spot trading and market data; market data only without credentials."""

    product = Product.SPOT

    def __init__(
        self,
        urls: ProductUrls,
        credentials: Credentials | None,
        options: Options | None = None,
        pools: LimitPools | None = None,
    ) -> None:
        options = options or Options()
        rest = transport(urls.rest, TIME_PATH, (pools or LimitPools()).spot, credentials, options)
        #: Binance US serves the interface of 2023: listen keys, no amendments, of the lists only OCO.
        self.is_us = options.data.us or is_us_host(urls.rest)
        route = OrderRoute(rest, self._calls_of(urls, rest, credentials, options))
        super().__init__(rest, MARKET, route, _ORDERS, options.data)
        self._urls, self._credentials, self._options = urls, credentials, options

    def _calls_of(
        self, urls: ProductUrls, rest: RestTransport, credentials: Credentials | None, options: Options
    ) -> WsCalls | None:
        """The WebSocket API for orders, where it is wished for and there is one."""
        if not options.execution.use_ws_trading or not urls.ws_api or credentials is None or self.is_us:
            return None
        calls = WsCalls(
            urls.ws_api,
            credentials,
            rest.clock,
            rest.limits,
            options.execution.recv_window_ms,
            rest.measure_clock,
            timing_for(urls.ws_api),
        )
        calls.proxy_url = options.data.proxy_url
        return calls

    async def open(self) -> None:
        """Measure the server's clock and warm the connections; raises RefusedError or OutcomeUnknownError."""
        await super().open()
        self.route.start()

    async def close(self) -> None:
        """Close every connection."""
        await self.route.close()
        await super().close()

    async def test(self, order: Order) -> Commission | None:
        """Let the exchange judge an order without taking it; what it would cost, where the exchange says."""
        parameters = order_parameters(order, self.traits_of(order))
        if not self.is_us:
            parameters["computeCommissionRates"] = True
        body = await self.rest.request(_TEST, parameters)
        return answered(_TEST_ANSWER, body, _TEST.path, lambda told: parse.order_commission(told, order.symbol))

    def change_kind(self, order: Order, change: OrderChange) -> ChangeKind:
        """A smaller size alone keeps the order's place, anything else replaces it; raises DeniedError."""
        return change_kind(order, change, self.traits_of(order))

    async def change(self, order: Order, change: OrderChange, new_client_order_id: str) -> Changed:
        """Amend or replace; a replacement carries everything the order said, and what is left to trade."""
        return await changes.change(self, order, change, new_client_order_id)

    async def change_many(
        self, wishes: Sequence[tuple[Order, OrderChange, str]]
    ) -> list[Changed | RefusedError | OutcomeUnknownError]:
        """Change orders side by side, each in a request of its own."""
        return await one_by_one(wishes, lambda wish: self.change(*wish))

    async def open_orders(self, *, sparingly: bool = False) -> list[OrderReport]:
        """Every open order of the account, legs of lists included."""
        return await self._open_orders(_OPEN, {})

    async def open_orders_of(self, instruments: Sequence[Instrument]) -> list[OrderReport]:
        """Every open order of these symbols, one symbol after the other unless all at once weigh less."""
        if len(instruments) * _OPEN_OF_ONE.weight >= _OPEN.weight:
            return await self.open_orders()
        found: list[OrderReport] = []
        for one in instruments:
            found += await self._open_orders(_OPEN_OF_ONE, {"symbol": one.native})
        return found

    async def _open_orders(self, call: Call, parameters: Fields) -> list[OrderReport]:
        return await self.send(
            call, "", parameters, ORDERS, lambda rows: [parse.report(row, product=self.product) for row in rows]
        )

    async def commission(self, instrument: Instrument) -> Commission:
        """The account's rates for one symbol."""
        return await commission(self.rest, instrument, is_us=self.is_us)

    async def account(self) -> AccountState:
        """All balances that are not zero; spot has no positions."""
        # Binance US has no such parameter.
        parameters: Fields = {} if self.is_us else {"omitZeroBalances": True}
        told = await self._ask(_ACCOUNT, parameters, _ACCOUNT_ANSWER, lambda answer: answer)
        await self._count_orders(self.rest, _ORDER_COUNTS)
        held = [balance for balance in parse.balances(told) if balance.total]
        return AccountState(held, [], can_trade=told.canTrade)

    async def _all_balances(self) -> list[Balance]:
        return await self._ask(_ACCOUNT, {}, _ACCOUNT_ANSWER, parse.balances)

    def market_stream(self, listener: MarketListener) -> MarketStream:
        """A market data connection, to be run by the caller."""
        return ProductMarketStream(self.product, self._urls, listener, self._options.data, tap=self.rest.tap)

    def user_stream(self, listener: UserListener) -> UserStream:
        """The account's events, to be run by the caller; raises RefusedError without credentials."""
        if self._credentials is None:
            raise RefusedError("no API key: only market data can be asked for")
        make_link = self._us_link if self.is_us else self._ws_api_link
        return SpotUserStream(make_link, self._all_balances, listener)

    def _ws_api_link(self, deliver: Deliver, report_state: ReportState) -> SocketLink:
        assert self._credentials is not None
        link = UserDataSession(
            url=self._urls.ws_api,
            credentials=self._credentials,
            clock=self.rest.clock,
            recv_window_ms=self._options.execution.recv_window_ms,
            deliver=deliver,
            report_state=report_state,
            measure_clock=self.rest.measure_clock,
            timing=timing_for(self._urls.ws_api),
        )
        return self._joined(link)

    def _us_link(self, deliver: Deliver, report_state: ReportState) -> SocketLink:
        timing = timing_for(self._urls.ws)
        calls = replace(_KEY_US, most_failures=self._options.execution.listen_key_ping_max_failures)
        return self._joined(KeyEvents(self.rest, self._urls.ws, calls, deliver, report_state, timing))

    def _joined(self, link: SocketLink) -> SocketLink:
        link.tap, link.proxy_url = self.rest.tap, self._options.data.proxy_url
        return link

    @property
    def lists(self) -> OrderLists:
        """OCO, OTO, OTOCO, OPO and OPOCO, held by the exchange; on Binance US only OCO."""
        return CoinLists(self, _LISTS_US if self.is_us else _LISTS, _CANCEL_LIST, self._list_request)

    def _list_request(self, orders: Sequence[Order], list_client_id: str, sized_from_entry: bool) -> ListRequest:
        traits = self.traits_of(orders[0])
        if self.is_us and len(orders) == 2 and orders[0].side is orders[1].side:
            return old_oco_request(orders, list_client_id, traits)
        return list_request(orders, list_client_id, traits, sized_from_entry=sized_from_entry)


def is_us_host(url: str) -> bool:
    """Whether an address is one of Binance US."""
    host = urlsplit(url).hostname or ""
    return host == "binance.us" or host.endswith(".binance.us")
