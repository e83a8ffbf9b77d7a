"""Clients of one embedded exchange and what they heard, for the tests of spot and margin over sockets."""

import asyncio
import inspect
from dataclasses import replace
from decimal import Decimal

import account_desk

from tui.binance.environment import ProductUrls
from tui.config import DataOptions, ExecutionOptions, Options
from tui.domain.order import LegRole, OrderRequest, OrderStatus, order_from_request
from tui.domain.order_terms import OrderType, Side, Terms
from tui.domain.product import Product
from tui.exchange.accounts.names import DEMO

D = Decimal
SUFFIX = {Product.SPOT: "", Product.MARGIN: "-X", Product.ISOLATED_MARGIN: "-I"}


class Account(account_desk.Account):
    """What a user listener of coins was told."""

    def on_positions(self, positions):
        raise AssertionError("coins have no positions")

    on_symbol_config = on_positions

    async def report(self, order, status):
        """The first report that gives an order this status."""
        return await super().report(order, status=OrderStatus[status])


class CoinDesk(account_desk.Desk):
    """Spot and margin of one exchange."""

    def __init__(self, exchange, ready, servers):
        super().__init__(exchange, ready, Account)
        self._servers = servers
        self.urls = ProductUrls(**ready["spot"])

    async def client(self, product=Product.SPOT, *, kind="HMAC", credentials=None, urls=None, **options):
        """A client, connected and with its instruments known; options are those of execution, and `us`."""
        data = DataOptions(us=options.pop("us", False))
        chosen = Options(data=data, execution=ExecutionOptions(**options))
        return await self.opened(product, urls or self.urls, credentials or self.credentials(kind), chosen)

    async def fault(self, **fault):
        await account_desk.make_fail(self.urls.rest, **fault)

    def exchange_tokens(self):
        """The listen tokens in force."""
        return self._servers[0].desk.margin.tokens

    def tell_risk(self, event):
        """Say something on the risk stream of the cross account; whether there is one."""
        server = self._servers[0]
        server._tell_key(DEMO, event)
        return server.desk.listen_keys.of(DEMO) is not None

    def give(self, asset, amount):
        """Put play money into the spot wallet."""
        self.exchange.venues[Product.SPOT].spot.deposit(DEMO, asset, D(amount))

    def best(self, symbol="BTCUSDT"):
        """Best bid and ask."""
        venue = self.exchange.venues[Product.SPOT]
        tick = venue.listings[symbol].tick
        bid, ask = venue.best(symbol)
        return D(tick.text(bid[0])), D(tick.text(ask[0]))

    def offered(self, symbol="BTCUSDT"):
        """How much is offered at the best ask."""
        venue = self.exchange.venues[Product.SPOT]
        return venue.listings[symbol].step.value(venue.best(symbol)[1][1])

    def price(self, away, symbol="BTCUSDT"):
        """A price so many percent away from the middle of the book."""
        middle = sum(self.best(symbol)) / 2
        return self.exchange.venues[Product.SPOT].listings[symbol].tick.round(middle * (100 + D(away)) / 100)

    def order(self, product=Product.SPOT, type_=OrderType.LIMIT, side=Side.BUY, *, price=None, terms=None,
              quantity="0.01", role=LegRole.NONE, **changes):  # fmt: skip
        request = OrderRequest(
            symbol="BTCUSDT" + SUFFIX[product],
            side=side,
            type=type_,
            quantity=None if quantity is None else D(quantity),
            price=price,
            terms=terms or Terms(),
            **changes,
        )
        placed = order_from_request(request, product, f"tui-{next(self._numbers)}", 1)
        return replace(placed, role=role)


async def until(met):
    """Wait until this holds; returns what it gave. For what announces itself to nobody."""
    async with asyncio.timeout(30):
        while True:
            found = met()
            found = await found if inspect.isawaitable(found) else found
            if found:
                return found
            await asyncio.sleep(0.01)


def known(order, report):
    """The order as it stands after a report."""
    return replace(
        order,
        order_id=report.order_id,
        status=report.status,
        filled=report.filled,
        quantity=report.quantity or order.quantity,
        list_id=report.list_id,
    )
