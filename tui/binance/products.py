"""The one place that knows which client serves which product."""

from tui.binance.client import ProductClient
from tui.binance.environment import ProductUrls
from tui.binance.signing import Credentials
from tui.binance.spot.client import SpotClient
from tui.binance.usdm.client import UsdmClient
from tui.domain.product import Product


def open_client(
    product: Product, urls: ProductUrls, credentials: Credentials | None, recv_window_ms: int = 5_000
) -> ProductClient:
    """A client for one product, not yet connected; without credentials it serves market data only.

    Raises ValueError for a product that has no client.
    """
    if product is Product.SPOT:
        return SpotClient(urls, credentials, recv_window_ms)
    if product is Product.USDM:
        return UsdmClient(urls, credentials, recv_window_ms)
    raise ValueError(f"{product.label} cannot be traded with this program yet")
