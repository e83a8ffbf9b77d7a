"""Cross and isolated margin as the engine sees them; see `client.ProductClient` for what each method promises.

Market data is spot's. Orders, loans and events are the margin account's own, on the same host.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TypeVar

import msgspec

from tui.binance.call import Call
from tui.binance.client import (
    AccountState,
    Changed,
    MarginAccount,
    MarketListener,
    MarketStream,
    OrderLists,
    UserListener,
    UserStream,
)
from tui.binance.environment import ProductUrls
from tui.binance.errors import OutcomeUnknownError, RefusedError
from tui.binance.limits import UID_PER_IP, LimitPools
from tui.binance.margin import parse, wire
from tui.binance.margin.account import CoinMargin
from tui.binance.margin.order_requests import borrows, margin_list_request, margin_order_parameters
from tui.binance.margin.user_stream import LevelWatch, MarginUserStream
from tui.binance.market_stream import ProductMarketStream
from tui.binance.order_parameters import Denial, DeniedError
from tui.binance.order_route import OrderRoute
from tui.binance.rest_client import transport
from tui.binance.signing import Credentials
from tui.binance.spot import parse as spot_parse
from tui.binance.spot.client import MARKET, TIME_PATH
from tui.binance.spot.fees import commission
from tui.binance.spot.list_requests import ListKind, ListRequest
from tui.binance.spot.lists import CoinLists
from tui.binance.spot.order_fields import Fields
from tui.binance.spot.order_requests import changed_order, replacement, spent_meanwhile
from tui.binance.spot.trading import ORDERS, CoinOrders, OrderCalls, one_by_one
from tui.binance.wire import ZERO, answered
from tui.config import Options
from tui.domain.account import Balance, Commission, MarginLevel
from tui.domain.instrument import Instrument
from tui.domain.order import ChangeKind, Order, OrderChange, OrderReport
from tui.domain.product import Product

Answer = TypeVar("Answer")
Result = TypeVar("Result")

# Weights: margin docs 2026. Each address has a budget of its own, for the network address or for the account; those
# for the account are stated in parts of the others.
_ORDERS = OrderCalls(
    place=Call("POST", "/sapi/v1/margin/order", weight=1, signed=True, is_order=True),
    cancel=Call("DELETE", "/sapi/v1/margin/order", weight=10, signed=True, is_cancel=True),
    query=Call("GET", "/sapi/v1/margin/order", weight=10, signed=True),
    history=Call("GET", "/sapi/v1/margin/allOrders", weight=200, signed=True, is_history=True),
    fills=Call("GET", "/sapi/v1/margin/myTrades", weight=10, signed=True),
    max_orders=500,
    max_fills=1_000,
    span_ms=86_400_000 - 1,
)
_NO_ACCOUNT_CODE = -3003
_BORROWING_WEIGHT = 1_500 // UID_PER_IP
_LISTS = {
    ListKind.OCO: Call("POST", "/sapi/v1/margin/order/oco", weight=1, signed=True, is_order=True, orders=2),
    ListKind.OTO: Call("POST", "/sapi/v1/margin/order/oto", weight=1, signed=True, is_order=True, orders=2),
    ListKind.OTOCO: Call("POST", "/sapi/v1/margin/order/otoco", weight=1, signed=True, is_order=True, orders=3),
}
_CANCEL_LIST = Call("DELETE", "/sapi/v1/margin/orderList", weight=1, signed=True, is_cancel=True)
_OPEN = Call("GET", "/sapi/v1/margin/openOrders", weight=10, signed=True)
_ORDER_COUNTS = Call("GET", "/sapi/v1/margin/rateLimit/order", weight=20, signed=True)
_ACCOUNT = Call("GET", "/sapi/v1/margin/account", weight=10, signed=True)
_ISOLATED_ACCOUNT = Call("GET", "/sapi/v1/margin/isolated/account", weight=10, signed=True)
_PAIRS = Call("GET", "/sapi/v1/margin/allPairs", weight=1, keyed=True)
_ISOLATED_PAIRS = Call("GET", "/sapi/v1/margin/isolated/allPairs", weight=10, keyed=True)

_CROSS_ANSWER = msgspec.json.Decoder(wire.CrossAccount, strict=False)
_ISOLATED_ANSWER = msgspec.json.Decoder(wire.IsolatedAccount, strict=False)
_PAIRS_ANSWER = msgspec.json.Decoder(list[wire.PairRow])


class MarginClient(CoinOrders):
    """Trading and loans of one margin product, with spot's market data; market data only without credentials."""

    def __init__(
        self,
        product: Product,
        urls: ProductUrls,
        credentials: Credentials | None,
        options: Options | None = None,
        pools: LimitPools | None = None,
    ) -> None:
        if not product.is_margin:
            raise ValueError(f"{product.label} is no margin product")
        options, pools = options or Options(), pools or LimitPools()
        self.product = product
        self.sapi = transport(urls.rest, TIME_PATH, pools.sapi, credentials, options)
        rest = transport(urls.rest, TIME_PATH, pools.spot, credentials, options)
        # One clock: the hosts are the same.
        self.sapi.clock = rest.clock
        super().__init__(rest, MARKET, OrderRoute(self.sapi), _ORDERS, options.data)
        self._urls, self._credentials, self._options = urls, credentials, options
        self._is_isolated = product is Product.ISOLATED_MARGIN
        #: Pairs with an isolated account, by Binance's names, as last read; None before that.
        self._enabled: list[str] | None = None
        self._pair_count = 0
        #: What is owed, as last read, by pair and asset: principal and interest.
        self._owed: dict[tuple[str, str], tuple[Decimal, Decimal]] = {}
        self._watch = LevelWatch(product)

    async def close(self) -> None:
        """Close every connection."""
        await self.sapi.close()
        await super().close()

    @property
    def used_orders(self) -> tuple[int, int]:
        """Orders counted in the current short window of margin, and its limit."""
        return self.sapi.limits.used_orders(self.sapi.clock.now_ms())

    async def instruments(self) -> list[Instrument]:
        """The margin pairs with spot's rules; without a key all that spot calls tradable on margin."""
        found = await super().instruments()
        if self._credentials is None:
            return [each for each in found if self.traits_of(each).margin]
        call = _ISOLATED_PAIRS if self._is_isolated else _PAIRS
        pairs = await self._ask_sapi(call, {}, _PAIRS_ANSWER, lambda rows: rows)
        self._pair_count = len(pairs)
        return parse.with_pairs(found, pairs)

    def _account_fields(self) -> Fields:
        return {"isIsolated": "TRUE" if self._is_isolated else "FALSE"}

    def _placement(self, order: Order) -> Fields:
        return margin_order_parameters(order, self.traits_of(order))

    def _place_call(self, order: Order) -> Call:
        call = super()._place_call(order)
        return replace(call, weight=_BORROWING_WEIGHT) if borrows(order) else call

    async def place(self, order: Order) -> OrderReport:
        """Send an order; the answer holds what filled at once, executions come as events."""
        try:
            return await super().place(order)
        except RefusedError as error:
            if error.code == _NO_ACCOUNT_CODE:
                remedy = f"open the margin account of {order.symbol} on Binance first"
                raise RefusedError(f"{error.text} ({remedy})", error.code, error.http_status) from None
            raise

    async def test(self, order: Order) -> Commission | None:
        """Margin has no test orders: always denied."""
        raise DeniedError(Denial.TEST, "margin has no test orders: test it on spot")

    def change_kind(self, order: Order, change: OrderChange) -> ChangeKind:
        """Margin changes nothing in place: the order is cancelled and another placed; raises DeniedError."""
        changed_order(order, change)
        if order.list_id is not None:
            raise DeniedError(
                Denial.CHANGE, "a leg of a list cannot be changed on margin: cancel the list and place it anew"
            )
        return ChangeKind.REPLACES

    async def change(self, order: Order, change: OrderChange, new_client_order_id: str) -> Changed:
        """Cancel, then place what is left: exactly, since the cancel says how much had traded by then."""
        self.change_kind(order, change)
        wanted = replacement(order, change, new_client_order_id)
        self._placement(wanted)
        cancelled = await self.cancel(order)
        left = wanted.quantity - spent_meanwhile(order, cancelled)
        if left <= 0:
            return Changed(cancelled, refusal=RefusedError("as much as was wished for had traded before"))
        try:
            return Changed(cancelled, await self.place(replace(wanted, quantity=left)))
        except RefusedError as error:
            return Changed(cancelled, refusal=error)

    async def change_many(
        self, changes: Sequence[tuple[Order, OrderChange, str]]
    ) -> list[Changed | RefusedError | OutcomeUnknownError]:
        """Change orders side by side."""
        return await one_by_one(changes, lambda wish: self.change(*wish))

    async def open_orders(self, *, sparingly: bool = False) -> list[OrderReport]:
        """Every open order of the account, legs of lists included; of isolated accounts pair by pair."""
        if not self._is_isolated:
            # Asked of all symbols it weighs as much as there are.
            return await self._open_orders({}, max(_OPEN.weight, self._pair_count))
        answers = await one_by_one(await self.enabled_pairs(), lambda pair: self._open_orders({"symbol": pair}))
        found: list[OrderReport] = []
        for answer in answers:
            if isinstance(answer, RefusedError | OutcomeUnknownError):
                raise answer
            found += answer
        return found

    async def open_orders_of(self, instruments: Sequence[Instrument]) -> list[OrderReport]:
        """Every open order of these pairs, one pair after the other unless all at once weigh less."""
        if not self._is_isolated and len(instruments) * _OPEN.weight >= self._pair_count:
            return await self.open_orders()
        natives = [one.native for one in instruments]
        if self._is_isolated:
            # A pair without an account has no orders, and asking for them is an error.
            natives = [native for native in await self.enabled_pairs() if native in natives]
        found: list[OrderReport] = []
        for native in natives:
            found += await self._open_orders({"symbol": native})
        return found

    async def _open_orders(self, parameters: Fields, weight: int = _OPEN.weight) -> list[OrderReport]:
        return await self.send(
            replace(_OPEN, weight=weight),
            "",
            parameters,
            ORDERS,
            lambda rows: [spot_parse.report(row, product=self.product) for row in rows],
        )

    async def enabled_pairs(self) -> list[str]:
        """The pairs that have an isolated account, by Binance's names; one nameless account where there is cross."""
        if not self._is_isolated:
            return [""]
        if self._enabled is None:
            await self.account()
        return self._enabled or []

    async def commission(self, instrument: Instrument) -> Commission:
        """The account's rates for one symbol, which are those of spot."""
        return await commission(self.rest, instrument, is_us=False)

    async def account(self) -> AccountState:
        """All balances that are not empty with what is owed, and the levels; margin has no positions."""
        balances, levels, can_trade = await self._read_account()
        if not self._is_isolated:
            await self._count_orders(self.sapi, _ORDER_COUNTS)
        held = [balance for balance in balances if not parse.is_empty(balance)]
        return AccountState(held, [], tuple(levels), can_trade)

    async def _read_account(self) -> tuple[list[Balance], list[MarginLevel], bool]:
        balances, levels, can_trade = await self._ask_account()
        self._owed = {(each.pair, each.asset): (each.borrowed, each.interest) for each in balances}
        return balances, levels, can_trade

    async def _ask_account(self) -> tuple[list[Balance], list[MarginLevel], bool]:
        now_ms = self.rest.clock.now_ms()
        if not self._is_isolated:
            cross = await self._ask_sapi(_ACCOUNT, {}, _CROSS_ANSWER, lambda told: told)
            return parse.cross_balances(cross, now_ms), [parse.cross_level(cross)], cross.tradeEnabled
        told = await self._ask_sapi(_ISOLATED_ACCOUNT, {}, _ISOLATED_ANSWER, lambda answer: answer)
        self._enabled = [pair.symbol for pair in told.assets if pair.enabled]
        self._watch.note_pairs(told.assets)
        levels = [parse.isolated_level(pair) for pair in told.assets]
        return parse.isolated_balances(told, now_ms), levels, any(pair.tradeEnabled for pair in told.assets)

    async def _levels(self) -> list[MarginLevel]:
        return (await self._read_account())[1]

    async def _all_balances(self) -> list[Balance]:
        return (await self._read_account())[0]

    def _owed_of(self, pair: str, asset: str) -> tuple[Decimal, Decimal]:
        return self._owed.get((pair, asset), (ZERO, ZERO))

    async def _ask_sapi(
        self,
        call: Call,
        parameters: Fields,
        decoder: msgspec.json.Decoder[Answer],
        read: Callable[[Answer], Result],
    ) -> Result:
        return answered(decoder, await self.sapi.request(call, parameters), call.path, read)

    def market_stream(self, listener: MarketListener) -> MarketStream:
        """Spot's market data, to be run by the caller."""
        return ProductMarketStream(self.product, self._urls, listener, self._options.data, tap=self.rest.tap)

    def user_stream(self, listener: UserListener) -> UserStream:
        """The account's events, to be run by the caller; raises RefusedError without credentials."""
        if self._credentials is None:
            raise RefusedError("no API key: only market data can be asked for")
        return MarginUserStream(
            self.product,
            self.sapi,
            self._urls,
            self.enabled_pairs,
            self._all_balances,
            self._owed_of,
            listener,
            self._watch,
            self._options.data.proxy_url,
            most_failures=self._options.execution.listen_key_ping_max_failures,
        )

    @property
    def lists(self) -> OrderLists:
        """OCO, OTO and OTOCO, held by the exchange."""
        return CoinLists(self, _LISTS, _CANCEL_LIST, self._list_request)

    def _list_request(self, orders: Sequence[Order], list_client_id: str, sized_from_entry: bool) -> ListRequest:
        return margin_list_request(orders, list_client_id, self.traits_of(orders[0]), sized_from_entry)

    @property
    def margin(self) -> MarginAccount:
        """Loans and transfers."""
        return CoinMargin(self.sapi, self.product, self._levels)
