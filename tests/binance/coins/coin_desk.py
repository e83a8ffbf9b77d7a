"""Clients of one embedded exchange and what they heard, for the tests of spot and margin over sockets."""

import asyncio
import inspect
from dataclasses import replace
from decimal import Decimal
from itertools import count

import aiohttp

from tui.binance.client import LinkState
from tui.binance.environment import ProductUrls
from tui.binance.products import open_client
from tui.binance.signing import Credentials, signer_for
from tui.config import DataOptions, ExecutionOptions, Options
from tui.domain.order import LegRole, OrderRequest, OrderType, Side, Terms, order_from_request
from tui.domain.product import Product
from tui.exchange.accounts.names import DEMO

D = Decimal
SUFFIX = {Product.SPOT: "", Product.MARGIN: "-X", Product.ISOLATED_MARGIN: "-I"}


class Account:
    """What a user listener was told."""

    def __init__(self):
        self.reports, self.balances, self.links, self.margin_calls = [], {}, [], []
        self._more = asyncio.Event()

    def on_order_report(self, report):
        self.reports.append(report)
        self._more.set()

    def on_balances(self, balances):
        self.balances |= {balance.key[1]: balance for balance in balances}
        self._more.set()

    def on_positions(self, positions):
        raise AssertionError("coins have no positions")

    on_symbol_config = on_positions

    def on_margin_call(self, product, text):
        self.margin_calls.append(text)
        self._more.set()

    def on_user_link(self, product, state, detail):
        self.links.append((state, detail))
        self._more.set()

    async def until(self, met):
        """Wait until something that was told satisfies this; returns what `met` gave."""

        async def wait():
            while not (found := met()):
                self._more.clear()
                await self._more.wait()
            return found

        return await asyncio.wait_for(wait(), 10)

    async def live(self, times=1):
        await self.until(lambda: sum(state is LinkState.LIVE for state, _ in self.links) >= times)

    async def report(self, order, status):
        """The first report that gives an order this status."""

        def found():
            said = [one for one in self.reports if one.client_order_id == order.client_order_id]
            return next((one for one in said if one.status.value == status), None)

        return await self.until(found)


class CoinDesk:
    """One exchange, its instruments, and clients of it that are closed at the end."""

    def __init__(self, exchange, ready, servers):
        self.exchange, self.ready, self._servers = exchange, ready, servers
        self.urls = ProductUrls(**ready["spot"])
        self._numbers = count(1)
        self._clients, self._tasks = [], []
        self.instruments = {}

    async def close(self):
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for client in self._clients:
            await client.close()

    def credentials(self, kind="HMAC"):
        key = next(key for key in self.ready["keys"] if key["type"] == kind)
        return Credentials(key["api_key"], signer_for(key.get("api_secret") or key["private_key"]))

    async def client(self, product=Product.SPOT, *, kind="HMAC", credentials=None, urls=None, **options):
        """A client, connected and with its instruments known; options are those of execution, and `us`."""
        data = DataOptions(us=options.pop("us", False))
        chosen = Options(data=data, execution=ExecutionOptions(**options))
        client = open_client(product, urls or self.urls, credentials or self.credentials(kind), chosen)
        self._clients.append(client)
        await client.open()
        self.instruments |= {one.symbol: one for one in await client.instruments()}
        return client

    async def follow(self, client):
        """The account's events, live."""
        account = Account()
        stream = client.user_stream(account)
        self._tasks.append(asyncio.create_task(stream.run()))
        await account.live()
        return account

    async def fault(self, **fault):
        async with aiohttp.ClientSession() as session, session.post(self.urls.rest + "/fault", json=fault) as answer:
            assert answer.status == 200

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
    async with asyncio.timeout(10):
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
