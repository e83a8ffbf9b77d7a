"""Clients of one embedded exchange and what their accounts heard, the part that coins and contracts share."""

import asyncio
from itertools import count

import aiohttp

from tui.binance.client import LinkState
from tui.binance.products import open_client
from tui.binance.signing import Credentials, signer_for


class Account:
    """What a user listener was told."""

    def __init__(self):
        self.reports, self.balances, self.positions = [], {}, {}
        self.links, self.configs, self.margin_calls = [], [], []
        self._more = asyncio.Event()

    def on_order_report(self, report):
        self.reports.append(report)
        self._more.set()

    def on_balances(self, balances):
        self.balances |= {balance.key[1]: balance for balance in balances}
        self._more.set()

    def on_positions(self, positions):
        self.positions |= {position.key: position for position in positions}
        self._more.set()

    def on_symbol_config(self, config):
        self.configs.append(config)
        self._more.set()

    def on_multi_assets(self, product, *, is_on):
        self._more.set()

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

        return await asyncio.wait_for(wait(), 30)

    async def live(self, times=1):
        await self.until(lambda: sum(state is LinkState.LIVE for state, _ in self.links) >= times)

    async def report(self, order, **wanted):
        """The first report about an order with these fields."""

        def found():
            said = [one for one in self.reports if one.client_order_id == order.client_order_id]
            return next((one for one in said if all(getattr(one, k) == v for k, v in wanted.items())), None)

        return await self.until(found)


class Desk:
    """One exchange, its instruments, and clients of it that are closed at the end."""

    def __init__(self, exchange, ready, heard=Account):
        self.exchange, self.ready = exchange, ready
        self.instruments = {}
        self._heard = heard
        self._numbers = count(1)
        self._clients, self._tasks = [], []

    async def close(self):
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for client in self._clients:
            await client.close()

    def credentials(self, kind="HMAC"):
        key = next(key for key in self.ready["keys"] if key["type"] == kind)
        return Credentials(key["api_key"], signer_for(key.get("api_secret") or key["private_key"]))

    async def opened(self, product, urls, credentials, options):
        """A client, connected and with its instruments known."""
        client = open_client(product, urls, credentials, options)
        self._clients.append(client)
        await client.open()
        self.instruments |= {one.symbol: one for one in await client.instruments()}
        return client

    async def follow(self, client):
        """The account's events, live."""
        account = self._heard()
        self._tasks.append(asyncio.create_task(client.user_stream(account).run()))
        await account.live()
        return account


async def make_fail(rest_url, **fault):
    """Have the exchange go wrong in this way."""
    async with aiohttp.ClientSession() as session, session.post(rest_url + "/fault", json=fault) as answer:
        assert answer.status == 200
