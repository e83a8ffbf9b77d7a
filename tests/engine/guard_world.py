"""A live market in which each test of the guards spoils one thing."""

from dataclasses import replace
from decimal import Decimal

from fake_client import BOOK, SPOT, TICKER

from tui.config import Limits
from tui.domain.order import OrderRequest, OrderStatus, order_from_request
from tui.domain.order_terms import OrderType, Side
from tui.engine.circumstances import Intent
from tui.engine.guards import Bench
from tui.engine.store import AccountSummary, Link, LinkHealth, Session, Stamped, Store

D = Decimal


class StillClock:
    """A clock that moves when told."""

    def __init__(self) -> None:
        self.ns = 10**12

    def now_ms(self) -> int:
        return self.ns // 1_000_000

    def monotonic_ns(self) -> int:
        return self.ns


class World:
    """A live store in which each test spoils one thing."""

    def __init__(self, one=SPOT, **limits) -> None:
        self.clock = StillClock()
        self.store = Store(Session("demo", "main", False, False))
        self.store.instruments[one.symbol] = one
        self.store.focus = one.symbol
        self.market = self.store.market(one.symbol)
        self.market.book.load(BOOK, [])
        self.market.ticker = Stamped(TICKER, 1, 1, self.clock.ns)
        self.heard(one.product)
        self.bench = Bench(self.store, Limits(**limits), self.clock)

    def heard(self, product, market=Link.LIVE, user=Link.LIVE) -> None:
        self.store.links[product] = LinkHealth(market, user, self.clock.ns, self.clock.ns)

    def link(self, **changes) -> None:
        product = self.market.instrument.product
        self.store.links[product] = replace(self.store.links[product], **changes)

    def working(self, request, name="1", **changes) -> None:
        product = self.market.instrument.product
        order = order_from_request(request, product, name, 1)
        self.store.orders[name] = replace(order, status=OrderStatus.NEW, **changes)

    def day(self, result) -> None:
        self.store.summary = AccountSummary("USDT", D(1000), D(900), D(0), result, D(0), D(0), D(0), 1)

    def trading(self, state, **changes) -> None:
        self.store.session = replace(self.store.session, trading=state, **changes)

    def refusal(self, request, reviewed=True):
        return self.bench.judge(Intent(request, reviewed)).refusal

    def rule(self, request, reviewed=True):
        refusal = self.refusal(request, reviewed)
        return refusal.rule if refusal else None


def market_order(quantity="1", side=Side.BUY, symbol="BTCUSDT", **changes):
    return OrderRequest(symbol, side, OrderType.MARKET, D(quantity), **changes)
