"""Where each product of each Binance environment lives."""

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from tui.domain.product import Product


class AddressError(ValueError):
    """An address that cannot be used; the text says why."""


def is_loopback(url: str) -> bool:
    """Whether an address stays on this machine."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class ProductUrls:
    """Base addresses of one product, without a path; `ws_api` with or without its path, empty where not used.

    `routed` says that market streams are split into `/public`, `/market` and `/private` (Binance's own USD-M hosts
    since 2026-04-23; an unrouted subscription there is acknowledged and stays silent). Raises AddressError for anything
    but TLS, loopback apart.
    """

    rest: str
    ws: str
    ws_api: str = ""
    routed: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "rest", _checked(self.rest, "https"))
        object.__setattr__(self, "ws", _checked(self.ws, "wss"))
        if self.ws_api:
            object.__setattr__(self, "ws_api", _checked(self.ws_api, "wss"))

    @property
    def is_loopback(self) -> bool:
        """Whether every address stays on this machine."""
        return all(is_loopback(url) for url in (self.rest, self.ws, self.ws_api) if url)


@dataclass(frozen=True, slots=True)
class EnvironmentUrls:
    """One exchange to connect to; a product that it lacks is None."""

    spot: ProductUrls | None = None
    usdm: ProductUrls | None = None
    coinm: ProductUrls | None = None
    real_money: bool = True

    def of(self, product: Product) -> ProductUrls | None:
        """The addresses of one product; margin lives on the spot hosts."""
        if product is Product.USDM:
            return self.usdm
        if product is Product.COINM:
            return self.coinm
        return self.spot


def _checked(url: str, secure_scheme: str) -> str:
    plain_scheme = secure_scheme.removesuffix("s")
    try:
        parts = urlsplit(url)
        port_is_valid = parts.port is None or parts.port > 0
    except ValueError:
        raise AddressError(f"{url!r} is not an address") from None
    if parts.scheme not in (secure_scheme, plain_scheme) or not parts.hostname or not port_is_valid:
        raise AddressError(f"{url!r} is not a {secure_scheme}:// address")
    if parts.query or parts.fragment or parts.username or parts.password:
        raise AddressError("an address may not carry a query, a fragment or a password")
    if parts.scheme == plain_scheme and not is_loopback(url):
        raise AddressError(f"{url!r} is not encrypted; {plain_scheme}:// is only for this machine")
    return url.rstrip("/")


_FUTURES_DEMO = ProductUrls("https://demo-fapi.binance.com", "wss://demo-fstream.binance.com", routed=True)

#: Binance spot API docs 2026-07-21; Binance derivatives docs, November 2026: the futures test network is the demo host.
ENVIRONMENTS: dict[str, EnvironmentUrls] = {
    "live": EnvironmentUrls(
        spot=ProductUrls(
            "https://api.binance.com", "wss://stream.binance.com:9443", "wss://ws-api.binance.com:443/ws-api/v3"
        ),
        usdm=ProductUrls(
            "https://fapi.binance.com",
            "wss://fstream.binance.com",
            "wss://ws-fapi.binance.com/ws-fapi/v1",
            routed=True,
        ),
        coinm=ProductUrls(
            "https://dapi.binance.com", "wss://dstream.binance.com", "wss://ws-dapi.binance.com/ws-dapi/v1"
        ),
    ),
    "testnet": EnvironmentUrls(
        spot=ProductUrls(
            "https://testnet.binance.vision",
            "wss://stream.testnet.binance.vision",
            "wss://ws-api.testnet.binance.vision/ws-api/v3",
        ),
        usdm=_FUTURES_DEMO,
        coinm=ProductUrls("https://demo-dapi.binance.com", "wss://demo-dstream.binance.com"),
        real_money=False,
    ),
    "demo-binance": EnvironmentUrls(
        spot=ProductUrls(
            "https://demo-api.binance.com",
            "wss://demo-stream.binance.com:9443",
            "wss://demo-ws-api.binance.com/ws-api/v3",
        ),
        usdm=_FUTURES_DEMO,
        coinm=ProductUrls("https://demo-dapi.binance.com", "wss://demo-dstream.binance.com"),
        real_money=False,
    ),
    "us": EnvironmentUrls(
        spot=ProductUrls(
            "https://api.binance.us", "wss://stream.binance.us:9443", "wss://ws-api.binance.us:443/ws-api/v3"
        ),
    ),
}
