"""Clients of one embedded exchange and what they heard, for the tests of both futures products over sockets."""

import asyncio
from dataclasses import replace
from decimal import Decimal
from itertools import count

import aiohttp

from tui.binance.client import LinkState
from tui.binance.environment import ProductUrls
from tui.binance.products import open_client
from tui.binance.signing import Credentials, signer_for
from tui.config import ExecutionOptions, Options
from tui.domain.order import OrderRequest, OrderType, Side, Terms, order_from_request
from tui.domain.order_state import apply_report
from tui.domain.product import Product

D = Decimal
SYMBOLS = {Product.USDM: "BTCUSDT-PERP", Product.COINM: "BTCUSD-PERP"}
NATIVE = {Product.USDM: "BTCUSDT", Product.COINM: "BTCUSD_PERP"}
SIZES = {Product.USDM: D("0.01"), Product.COINM: D(2)}


class Account:
    """What a user listener was told; orders are kept as the engine would."""

    def __init__(self):
        self.reports, self.balances, self.positions = [], {}, {}
        self.links, self.configs, self.calls = [], [], []
        self._more = asyncio.Event()

    def on_order_report(self, report):
        self.reports.append(report)
        self._more.set()

    def on_balances(self, balances):
        self.balances |= {balance.asset: balance for balance in balances}
        self._more.set()

    def on_positions(self, positions):
        self.positions |= {position.key: position for position in positions}
        self._more.set()

    def on_symbol_config(self, config):
        self.configs.append(config)
        self._more.set()

    def on_margin_call(self, product, text):
        self.calls.append(text)
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

    async def report(self, order, **wanted):
        """The first report about an order with these fields."""

        def found():
            said = [one for one in self.reports if one.client_order_id == order.client_order_id]
            return next((one for one in said if all(getattr(one, k) == v for k, v in wanted.items())), None)

        return await self.until(found)

    def now(self, order):
        """The order after everything that was told of it."""
        for report in self.reports:
            if report.client_order_id == order.client_order_id:
                order = apply_report(order, report)
        return order


class ContractDesk:
    """One exchange, its instruments, and clients of it that are closed at the end."""

    def __init__(self, exchange, ready):
        self.exchange, self.ready = exchange, ready
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

    async def client(self, product, *, kind="HMAC", credentials=None, **execution):
        """A client, connected and with its instruments known."""
        options = Options(execution=ExecutionOptions(**execution))
        urls = ProductUrls(**self.ready[product.value])
        client = open_client(product, urls, credentials or self.credentials(kind), options)
        self._clients.append(client)
        await client.open()
        self.instruments |= {one.symbol: one for one in await client.instruments()}
        return client

    async def follow(self, client):
        """The account's events, live."""
        account = Account()
        self._tasks.append(asyncio.create_task(client.user_stream(account).run()))
        await account.live()
        return account

    async def fault(self, product, **fault):
        url = self.ready[product.value]["rest"] + "/fault"
        async with aiohttp.ClientSession() as session, session.post(url, json=fault) as answer:
            assert answer.status == 200

    def venue(self, product):
        return self.exchange.venues[product]

    def instrument(self, product):
        return self.instruments[SYMBOLS[product]]

    def price(self, product, away="0"):
        """A price so many percent away from the middle of the book."""
        bid, ask = self.venue(product).best(NATIVE[product])
        tick = self.venue(product).listings[NATIVE[product]].tick
        middle = tick.value(bid[0] + ask[0]) / 2
        return tick.round(middle * (100 + D(away)) / 100)

    def order(self, product, type_=OrderType.LIMIT, side=Side.BUY, *, away="-2", terms=None, **changes):
        """An order away from the market by so many percent, sized small."""
        has_price = type_ in (OrderType.LIMIT, OrderType.STOP_LIMIT, OrderType.LIMIT_IF_TOUCHED)
        request = OrderRequest(
            symbol=SYMBOLS[product],
            side=side,
            type=type_,
            quantity=changes.pop("quantity", SIZES[product]),
            price=changes.pop("price", self.price(product, away) if has_price else None),
            terms=terms or Terms(),
            **changes,
        )
        return order_from_request(request, product, f"btui-test-{next(self._numbers)}", 1)

    def stop(self, product, away="-3", side=Side.SELL, type_=OrderType.STOP_MARKET, **changes):
        """A conditional order with its trigger away from the market by so many percent."""
        terms = replace(changes.pop("terms", Terms()), trigger_price=self.price(product, away))
        return self.order(product, type_, side, terms=terms, **changes)

    def touch(self, product, price):
        """Let the last price be this for a moment: what waits for it triggers."""
        venue = self.venue(product)
        venue.algos._prices[NATIVE[product]] = [venue.listings[NATIVE[product]].tick.count_of(price)]
        venue.turn()
