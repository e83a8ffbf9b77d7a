"""Clients of one embedded exchange and what they heard, for the tests of both futures products over sockets."""

from dataclasses import replace
from decimal import Decimal

import account_desk

from tui.binance.environment import ProductUrls
from tui.config import DataOptions, ExecutionOptions, Options
from tui.domain.order import OrderRequest, order_from_request
from tui.domain.order_state import apply_report
from tui.domain.order_terms import OrderType, Side, Terms
from tui.domain.product import Product

D = Decimal
SYMBOLS = {Product.USDM: "BTCUSDT-PERP", Product.COINM: "BTCUSD-PERP"}
NATIVE = {Product.USDM: "BTCUSDT", Product.COINM: "BTCUSD_PERP"}
SIZES = {Product.USDM: D("0.01"), Product.COINM: D(2)}


class Account(account_desk.Account):
    """What a user listener of contracts was told."""

    def now(self, order):
        """The order after everything that was told of it, kept as the engine would."""
        for report in self.reports:
            if report.client_order_id == order.client_order_id:
                order = apply_report(order, report)
        return order


class ContractDesk(account_desk.Desk):
    """Both futures of one exchange."""

    def __init__(self, exchange, ready):
        super().__init__(exchange, ready, Account)

    async def client(self, product, *, kind="HMAC", credentials=None, load_ids=(), **execution):
        """A client, connected and with its instruments known."""
        options = Options(DataOptions(load_ids=load_ids), ExecutionOptions(**execution))
        urls = ProductUrls(**self.ready[product.value])
        return await self.opened(product, urls, credentials or self.credentials(kind), options)

    async def fault(self, product, **fault):
        await account_desk.make_fail(self.ready[product.value]["rest"], **fault)

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
