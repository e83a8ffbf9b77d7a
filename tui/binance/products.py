"""The one place that knows which client serves which product."""

from typing import assert_never

from tui.binance.client import ProductClient
from tui.binance.coinm.client import CoinmClient
from tui.binance.environment import ProductUrls
from tui.binance.limits import LimitPools
from tui.binance.margin.client import MarginClient
from tui.binance.signing import Credentials
from tui.binance.spot.client import SpotClient
from tui.binance.tap import Tap
from tui.binance.usdm.client import UsdmClient
from tui.config import Options
from tui.domain.product import Product


def open_client(
    product: Product,
    urls: ProductUrls,
    credentials: Credentials | None,
    options: Options | None = None,
    tap: Tap | None = None,
    pools: LimitPools | None = None,
) -> ProductClient:
    """A client for one product, not yet connected; without credentials it serves market data only.

    `options` are those of the environment, the defaults when left out. `tap` is told of every frame of its streams and
    every answer with market data. `pools` are the limits that all clients of one environment share.
    """
    if product is Product.SPOT:
        spot = SpotClient(urls, credentials, options, pools)
        spot.rest.tap = tap
        return spot
    if product in (Product.MARGIN, Product.ISOLATED_MARGIN):
        margin = MarginClient(product, urls, credentials, options, pools)
        margin.rest.tap = tap
        return margin
    if product is Product.USDM:
        usdm = UsdmClient(urls, credentials, options, pools)
        usdm.rest.tap = tap
        return usdm
    if product is Product.COINM:
        coinm = CoinmClient(urls, credentials, options, pools)
        coinm.rest.tap = tap
        return coinm
    assert_never(product)
