"""Orders and clients of both futures products, for their tests."""

from decimal import Decimal

from tui.binance.coinm.client import DIALECT as COINM
from tui.binance.coinm.client import CoinmClient
from tui.binance.environment import ProductUrls
from tui.binance.usdm.client import DIALECT as USDM
from tui.binance.usdm.client import UsdmClient
from tui.domain.order import OrderRequest, order_from_request
from tui.domain.order_terms import OrderType, Side, Terms
from tui.domain.product import Product

D = Decimal
DIALECTS = {Product.USDM: USDM, Product.COINM: COINM}
SYMBOLS = {Product.USDM: "BTCUSDT-PERP", Product.COINM: "BTCUSD-PERP"}
NATIVE = {Product.USDM: "BTCUSDT", Product.COINM: "BTCUSD_PERP"}
URLS = ProductUrls("http://127.0.0.1:1", "ws://127.0.0.1:1", "ws://127.0.0.1:1")
CLIENTS = {Product.USDM: UsdmClient, Product.COINM: CoinmClient}


def client(product, options=None):
    """A client that is connected to nothing."""
    return CLIENTS[product](URLS, None, options)


def order(type_=OrderType.LIMIT, side=Side.SELL, *, product=Product.USDM, price="91000.0", terms=None, **changes):
    """An order of ten contracts or coins; conditional ones and market orders have a price only where one belongs."""
    has_price = type_ in (OrderType.LIMIT, OrderType.STOP_LIMIT, OrderType.LIMIT_IF_TOUCHED)
    request = OrderRequest(
        symbol=changes.pop("symbol", SYMBOLS[product]),
        side=side,
        type=type_,
        quantity=changes.pop("quantity", D(10)),
        price=D(price) if has_price and price is not None else None,
        terms=terms or Terms(),
        **changes,
    )
    return order_from_request(request, product, "tui-7", 1)
