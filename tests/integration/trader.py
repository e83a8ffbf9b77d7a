"""A trader over real sockets: what a screen would do, in words."""

import asyncio
import json
import time
import urllib.request
from decimal import Decimal

from exchange_process import ExchangeProcess

from tui.binance.environment import ProductUrls
from tui.binance.products import open_client
from tui.binance.signing import Credentials, signer_for
from tui.config import Settings
from tui.domain.order import OrderRequest
from tui.domain.order_terms import OrderType
from tui.domain.product import Product
from tui.engine.commands import Origin
from tui.engine.commands.answers import Result
from tui.engine.commands.orders import SubmitOrder
from tui.engine.commands.views import FocusSymbol
from tui.engine.orders.floor import Patience
from tui.engine.runtime import Runtime
from tui.engine.store import Link, Session

D = Decimal
PRODUCTS = (Product.SPOT, Product.USDM, Product.COINM)
SYMBOLS = ["BTCUSDT", "BTCUSDT-PERP", "BTCUSD-PERP"]
DEPTH = {"BTCUSDT": "/api/v3/depth", "BTCUSDT-PERP": "/fapi/v1/depth", "BTCUSD-PERP": "/dapi/v1/depth"}
SIZES = {"BTCUSDT": D("0.01"), "BTCUSDT-PERP": D("0.01"), "BTCUSD-PERP": D(1), "ETHUSDT-PERP": D("0.1")}


def wait(condition, timeout=30.0):
    deadline = time.monotonic() + timeout
    while not (met := condition()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)
    return met


class Trader:
    """What a screen would do, in words.

    `answer_s` is how long it waits for an answer, `patience` how long it asks about an order that has none.
    """

    def __init__(
        self,
        exchange: ExchangeProcess,
        journal,
        *,
        settings: Settings | None = None,
        answer_s: float | None = None,
        patience: Patience | None = None,
        products=PRODUCTS,
        secret: str = "",
    ) -> None:
        """`secret` takes the place of the right one."""
        key = next(key for key in exchange.ready["keys"] if key["type"] == "HMAC")
        self._credentials = Credentials(key["api_key"], signer_for(secret or key["api_secret"]))
        self._addresses = {product: ProductUrls(**exchange.ready[product.value]) for product in PRODUCTS}
        self._addresses[Product.MARGIN] = self._addresses[Product.SPOT]
        self._answer_s = answer_s
        self._products = products
        factories = [lambda p=p: self.client(p) for p in products]
        self.exchange = exchange
        session = Session("demo", "main", False, False)
        self.runtime = Runtime(factories, settings or Settings(), session, journal, patience=patience)
        self.store = self.runtime.store

    def client(self, product):
        """A client of the product, as the session has one."""
        client = open_client(product, self._addresses[product], self._credentials)
        if self._answer_s is not None:
            client.rest.answer_s = self._answer_s
        return client

    def outside(self, symbol, ask):
        """What a client of its own is told, or does, as the phone would."""

        async def asked():
            client = self.client(self.store.instruments[symbol].product)
            try:
                await client.open()
                await client.instruments()
                return await ask(client)
            finally:
                await client.close()

        return asyncio.run(asked())

    def ask(self, command):
        number = self.runtime.send(command, Origin.COMMAND_LINE)
        taken = []
        wait(lambda: taken.extend(self.runtime.replies()) or any(one.command_id == number for one in taken))
        return next(one for one in taken if one.command_id == number)

    def wait_for_focus(self) -> None:
        wait(lambda: self.store.focus)

    def focus(self, symbol):
        assert self.ask(FocusSymbol(symbol)).result is Result.DONE
        wait(lambda: self.store.market(symbol).book.is_live and self.is_live())

    def is_live(self) -> bool:
        links = [self.store.links.get(product) for product in self._products]
        return all(link is not None and link.market is link.user is Link.LIVE for link in links)

    def limit(self, symbol, side, away="0"):
        """A small limit order some way from the middle of the book."""
        instrument, view = self.store.instruments[symbol], self.store.market(symbol).book.view(1)
        middle = instrument.tick.value(view.best_bid + view.best_ask) / 2
        price = instrument.tick.round(middle * (1 + D(away)))
        return OrderRequest(symbol, side, OrderType.LIMIT, SIZES[symbol], price)

    def submit(self, request):
        return self.ask(SubmitOrder(request, reviewed=True))

    def order(self, reply):
        return self.store.orders[reply.client_order_id]

    def same_books(self, symbol) -> bool:
        """Whether the book kept from diffs equals the exchange's own at the moment of a snapshot."""
        instrument = self.store.instruments[symbol]
        address = self.exchange.ready[instrument.product.value]["rest"] + DEPTH[symbol]
        with urllib.request.urlopen(f"{address}?symbol={instrument.native}&limit=100") as answer:
            said = json.load(answer)
        for _ in range(200):
            view = self.store.market(symbol).book.view(100)
            if view.update_id >= said["lastUpdateId"]:
                break
            time.sleep(0.002)
        if view.update_id != said["lastUpdateId"]:
            return False
        for side, levels in (("bids", view.bids), ("asks", view.asks)):
            assert [(instrument.tick.count(p), instrument.step.count(q)) for p, q in said[side]] == list(levels)
        return True
