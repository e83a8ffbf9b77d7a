"""A product client whose answers are scripted; it keeps what it is told and says what it is told to say."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from itertools import count

from tui.binance.client import AccountState, Changed, LinkState
from tui.binance.errors import RefusedError
from tui.binance.untraded import Untraded
from tui.domain.account import Balance, Position, SymbolConfig
from tui.domain.increment import Increment
from tui.domain.instrument import ContractKind, Instrument
from tui.domain.market import BookSnapshot, Candle, OpenInterest, Ticker, Trade
from tui.domain.order import ChangeKind, Fill, Order, OrderChange, OrderReport, OrderStatus
from tui.domain.order_change import change_kind
from tui.domain.product import Product

D = Decimal


def instrument(product=Product.SPOT, symbol="BTCUSDT", **changes) -> Instrument:
    values = {
        "product": product,
        "symbol": symbol,
        "native": "BTCUSDT",
        "base": "BTC",
        "quote": "USDT",
        "margin_asset": "USDT",
        "tick": Increment(D("0.1")),
        "step": Increment(D("0.001")),
        "min_quantity": D("0.001"),
        "max_quantity": D(100),
        "max_market_quantity": D(50),
        "min_notional": D(5),
        "kind": ContractKind.PERPETUAL if product.is_futures else ContractKind.COIN,
        "quote_quantity_allowed": not product.is_futures,
        "maker_fee": D("0.001"),
        "taker_fee": D("0.001"),
    }
    return Instrument(**(values | changes))


SPOT = instrument()
PERP = instrument(Product.USDM, "BTCUSDT-PERP")
TICKER = Ticker(D(100), D(90), D(110), D(80), D(1000), D(100_000), 1)

#: 100 levels a side around 100.0, one coin each, ticks of 0.1.
BOOK = BookSnapshot(50, [(1000 - 1 - n, 1000) for n in range(100)], [(1000 + 1 + n, 1000) for n in range(100)], 1)


def report(order: Order, status=OrderStatus.NEW, filled="0", time_ms=None, **changes) -> OrderReport:
    values = {
        "product": order.product,
        "symbol": order.symbol,
        "client_order_id": order.client_order_id,
        "order_id": order.order_id or 1,
        "status": status,
        "side": order.side,
        "type": order.type,
        "time_in_force": order.time_in_force,
        "quantity": order.quantity or D(1),
        "filled": D(filled),
        "price": order.price,
        "average_price": order.price if D(filled) else None,
        "time_ms": time_ms or time.time_ns() // 1_000_000,
        "reduce_only": order.reduce_only,
    }
    return OrderReport(**(values | changes))


def fill_of(order: Order, trade_id=1, quantity="0.5", price="100") -> Fill:
    return Fill(
        order.product,
        order.symbol,
        trade_id,
        order.order_id or 1,
        order.client_order_id,
        order.side,
        D(price),
        D(quantity),
        D("0.01"),
        "USDT",
        False,
        time.time_ns() // 1_000_000,
    )


class FakeStream:
    """Live as soon as it runs; `silent_ns` makes it look unheard of."""

    def __init__(self, say: Callable[[LinkState, str], None]) -> None:
        self.say = say
        self.wanted = set()
        self.silent_since_ns = 0

    def subscribe(self, subscriptions) -> None:
        self.wanted = subscriptions

    async def run(self) -> None:
        self.say(LinkState.LIVE, "")
        await asyncio.Event().wait()

    @property
    def last_message_ns(self) -> int:
        return self.silent_since_ns or time.monotonic_ns()


class FakeFutures:
    """A futures account whose answers are scripted."""

    def __init__(self) -> None:
        self.countdowns: list[tuple[str, int]] = []
        self.countdown_script: deque = deque()
        self.hedge = False
        self.leverages: list[tuple[str, int]] = []
        self.margins: list[tuple[str, bool]] = []
        self.refuses: dict[str, RefusedError] = {}
        self.set_up: dict[str, SymbolConfig] = {}
        #: Contracts whose forced orders were asked for, None for those of all.
        self.asked_forced: list[str | None] = []

    async def cancel_after(self, one, countdown_ms) -> None:
        self.countdowns.append((one.symbol, countdown_ms))
        if self.countdown_script:
            raise self.countdown_script.popleft()

    async def is_hedge_mode(self) -> bool:
        return self.hedge

    async def is_multi_assets(self) -> bool:
        return False

    async def configs(self):
        return list(self.set_up.values())

    async def set_leverage(self, one, leverage) -> SymbolConfig:
        self.leverages.append((one.symbol, leverage))
        if "leverage" in self.refuses:
            raise self.refuses["leverage"]
        self.set_up[one.symbol] = SymbolConfig(one.symbol, leverage, False)
        return self.set_up[one.symbol]

    async def set_isolated(self, one, isolated) -> None:
        self.margins.append((one.symbol, isolated))
        if "margin" in self.refuses:
            raise self.refuses["margin"]

    async def brackets(self, one):
        return []

    async def income(self, since_ms, kind="", limit=1_000):
        return []

    async def forced_orders(self, since_ms, of=None):
        self.asked_forced.append(of and of.symbol)
        return []


#: Numbers that no two orders share, also across clients of one test.
_ORDER_IDS = count(1_000)


class FakeClient(Untraded):
    batch_size = 1
    futures = None
    clock_offset_ms = 0
    latency_ms = 1.0
    used_weight = (1, 6000)
    snapshot_share = 0.001
    used_orders = (0, 100)
    blocked = ""

    def __init__(self, one: Instrument = SPOT) -> None:
        self.product = one.product
        self.one = one
        self.futures = FakeFutures() if one.product.is_futures else None
        self.placed: list[Order] = []
        self.cancelled: list[Order] = []
        self.queried: list[Order] = []
        self.snapshots = self.tickers_asked = 0
        self.clocks = 0
        #: Answers the question for a book in the place of the usual one.
        self.answer_book = None
        #: What `place`, `cancel` and `find_order` do next: a report maker, an exception, or an awaitable maker.
        self.place_script: deque = deque()
        self.cancel_script: deque = deque()
        self.find_script: deque = deque()
        self.change_script: deque = deque()
        self.batch_script: deque = deque()
        self.changed: list[tuple[Order, OrderChange]] = []
        #: Sizes of requests for several orders, negative for cancels.
        self.batches: list[int] = []
        self.past: list[OrderReport] = []
        self.known: dict[str, OrderReport] = {}
        self.working: list[OrderReport] = []
        #: Symbols of each question about the open orders of some.
        self.asked_orders_of: list[list[str]] = []
        self.trades_done: list[Fill] = []
        self.state = AccountState([Balance(one.product, "USDT", D(1000), D(0), 1)], [])
        self.account_script: deque = deque()
        self.interest: OpenInterest | None = None
        self.closed = False
        self._order_ids = _ORDER_IDS

    async def open(self) -> None: ...

    async def close(self) -> None:
        self.closed = True

    async def measure_clock(self) -> None:
        self.clocks += 1

    async def instruments(self):
        return [self.one]

    async def funding_intervals(self):
        return {}

    async def open_interest(self, one):
        return self.interest

    async def last_prices(self):
        return {self.one.symbol: TICKER.last}

    async def tickers(self):
        self.tickers_asked += 1
        return {self.one.symbol: TICKER}

    async def book_snapshot(self, one) -> BookSnapshot:
        self.snapshots += 1
        return BOOK if self.answer_book is None else await self.answer_book(one)

    async def recent_trades(self, one, limit) -> list[Trade]:
        return []

    async def candles(self, one, interval, limit, end_ms=None) -> list[Candle]:
        return []

    async def place(self, order: Order) -> OrderReport:
        self.placed.append(order)
        numbered = replace(order, order_id=next(self._order_ids))
        said = await self._play(self.place_script, numbered, lambda: report(numbered))
        self.known[order.client_order_id] = said
        return said

    async def place_many(self, orders):
        self.batches.append(len(orders))
        if self.batch_script:
            return await self._play(self.batch_script, orders, list)
        return [await self._or_refusal(self.place(order)) for order in orders]

    async def cancel_many(self, orders):
        self.batches.append(-len(orders))
        return [await self._or_refusal(self.cancel(order)) for order in orders]

    def change_kind(self, order: Order, change: OrderChange) -> ChangeKind:
        return change_kind(order, change)

    async def change(self, order: Order, change: OrderChange, new_client_order_id: str) -> Changed:
        self.changed.append((order, change))
        if self.change_kind(order, change) is not ChangeKind.REPLACES:
            after = replace(order, quantity=change.quantity or order.quantity, price=change.price or order.price)
            made = Changed(report(after, order.status, str(order.filled), is_amendment=True))
        else:
            leaves = (change.quantity or order.quantity) - order.spent
            number = next(self._order_ids)
            new = replace(order, client_order_id=new_client_order_id, quantity=leaves, filled=D(0), order_id=number)
            made = Changed(report(order, OrderStatus.CANCELED, str(order.filled)), report(new, price=change.price))
        said = await self._play(self.change_script, order, lambda: made)
        for one in (said.order, said.replacement):
            if one is not None:
                self.known[one.client_order_id] = one
        return said

    async def past_orders(self, one, since_ms, limit=500):
        return [said for said in self.past if said.symbol == one.symbol]

    @staticmethod
    async def _or_refusal(asked):
        try:
            return await asked
        except RefusedError as error:
            return error

    async def cancel(self, order: Order) -> OrderReport:
        self.cancelled.append(order)
        return await self._play(self.cancel_script, order, lambda: report(order, OrderStatus.CANCELED))

    async def find_order(self, order: Order) -> OrderReport | None:
        self.queried.append(order)
        return await self._play(self.find_script, order, lambda: self.known.get(order.client_order_id))

    async def open_orders(self, *, sparingly: bool = False) -> list[OrderReport]:
        return list(self.working)

    async def open_orders_of(self, instruments) -> list[OrderReport]:
        self.asked_orders_of.append([one.symbol for one in instruments])
        symbols = {one.symbol for one in instruments}
        return [report for report in self.working if report.symbol in symbols]

    async def fills(self, one, since_ms, limit=500) -> list[Fill]:
        return list(self.trades_done)

    async def account(self) -> AccountState:
        if self.account_script:
            return await self._play(self.account_script, None, lambda: self.state)
        return self.state

    def market_stream(self, listener):
        self.market = listener
        self.market_link = FakeStream(lambda state, why: listener.on_market_link(self.product, state, why))
        return self.market_link

    def user_stream(self, listener):
        self.user = listener
        self.user_link = FakeStream(lambda state, why: listener.on_user_link(self.product, state, why))
        return self.user_link

    async def _play(self, script: deque, order, otherwise):
        if not script:
            return otherwise()
        act = script.popleft()
        if isinstance(act, Exception):
            raise act
        result = act(order) if callable(act) else act
        return await result if asyncio.iscoroutine(result) else result


def position(quantity="1", symbol="BTCUSDT-PERP") -> Position:
    return Position(Product.USDM, symbol, D(quantity), D(100), 1, leverage=10)


REFUSED = RefusedError("Account has insufficient balance for requested action.", -2010, 400)
