"""Where each product of each Binance environment lives."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from ipaddress import ip_address
from urllib.parse import urlsplit

from tui.config import Environment, Hosts, Options, Settings
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

    `routed` says that streams are split into `/public`, `/market` and `/private` (Binance's own USD-M hosts since
    2026-04-23; an unrouted subscription there is acknowledged and stays silent); left out, the host decides. `ws_user`
    is where account streams are (of spot: margin's risk stream), empty for the same place as the market's. Raises
    AddressError for anything but TLS, loopback apart.
    """

    rest: str
    ws: str
    ws_api: str = ""
    routed: bool | None = None
    ws_user: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "rest", _checked(self.rest, "https"))
        object.__setattr__(self, "ws", _without_stream_path(_checked(self.ws, "wss")))
        if self.ws_api:
            object.__setattr__(self, "ws_api", _checked(self.ws_api, "wss"))
        if self.ws_user:
            object.__setattr__(self, "ws_user", _without_stream_path(_checked(self.ws_user, "wss")))
        if self.routed is None:
            object.__setattr__(self, "routed", _is_split(self.ws))

    @property
    def ws_private(self) -> str:
        """Where account streams are, without `/ws` and the listen key."""
        base = self.ws_user or self.ws
        is_split = _is_split(base) if self.ws_user else self.routed
        return f"{base}/private" if is_split and not base.endswith("/private") else base

    @property
    def is_loopback(self) -> bool:
        """Whether every address stays on this machine."""
        return all(is_loopback(url) for url in (self.rest, self.ws, self.ws_api, self.ws_user) if url)


@dataclass(frozen=True, slots=True)
class EnvironmentUrls:
    """One exchange to connect to; a product that it lacks is None. Margin lives on the spot hosts, where it exists."""

    spot: ProductUrls | None = None
    usdm: ProductUrls | None = None
    coinm: ProductUrls | None = None
    real_money: bool = True
    has_margin: bool = True

    def of(self, product: Product) -> ProductUrls | None:
        """The addresses of one product."""
        if product is Product.USDM:
            return self.usdm
        if product is Product.COINM:
            return self.coinm
        return self.spot if product is Product.SPOT or self.has_margin else None


def environment_urls(name: str, settings: Settings) -> EnvironmentUrls | None:
    """Where an environment lives: Binance's own table, overridden by the settings; None for an unknown name.

    Raises AddressError for an address that cannot be used or is missing, and for a product asked for that is not there.
    """
    own, known = settings.environments.get(name), ENVIRONMENTS.get(name)
    if own is None and known is None:
        return None
    own = own or Environment()
    if known is None and not own.base_url and not (own.spot or own.usdm or own.coinm):
        raise AddressError(f"[environments.{name}] names no address: give it base_url, or spot.rest and spot.ws")
    options = settings.options_of(name)
    products = {
        key: _product_urls(f"{name}.{key}", getattr(known, key, None), getattr(own, key), own.base_url, options)
        for key in ("spot", "usdm", "coinm")
    }
    real_money = own.real_money if own.real_money is not None else _may_be_real(known, products)
    urls = EnvironmentUrls(**products, real_money=real_money, has_margin=known is None or known.has_margin)
    for product in options.data.products:
        if urls.of(product) is None:
            raise AddressError(f"{name} has no {product.label}: take {product.account_type} out of account_type")
    return urls


def _may_be_real(known: EnvironmentUrls | None, products: Mapping[str, ProductUrls | None]) -> bool:
    """Whether orders may move real money; a test network whose addresses were changed may be anything."""
    if known is None or known.real_money:
        return True
    changed = [urls for key, urls in products.items() if urls is not None and urls != getattr(known, key)]
    return not all(urls.is_loopback for urls in changed)


def _product_urls(
    name: str, known: ProductUrls | None, hosts: Hosts | None, base_url: str, options: Options
) -> ProductUrls | None:
    """One product's addresses; the nearer wins: `base_url_*`, the product's own hosts, `base_url`, Binance's table."""
    if known is None and hosts is None and not base_url:
        return None
    hosts = hosts or Hosts()
    socket_base = base_url.replace("http", "ws", 1) if base_url.startswith("http") else base_url
    rest = options.data.base_url_http or hosts.rest or base_url or (known.rest if known else "")
    ws = options.data.base_url_ws or hosts.ws or socket_base or (known.ws if known else "")
    ws_api = options.execution.base_url_ws_api or hosts.ws_api or socket_base or (known.ws_api if known else "")
    for key, value in (("rest", rest), ("ws", ws)):
        if not value:
            raise AddressError(f"[environments.{name}] has no {key}")
    ws_user = hosts.ws_user
    if not name.endswith(".spot"):
        ws_user = options.execution.base_url_ws_user or ws_user
    if not ws_user and known is not None and ws == known.ws:
        ws_user = known.ws_user
    return ProductUrls(rest, ws, ws_api, ws_user=ws_user)


def _is_split(url: str) -> bool:
    """Whether a host is one of Binance's for USD-M streams, which alone are split; any other is used as it is."""
    host = urlsplit(url).hostname or ""
    return "fstream" in host.partition(".")[0] and host.endswith(".binance.com")


def _without_stream_path(url: str) -> str:
    """Stream addresses are often written with the path of one kind of connection behind them."""
    return url.removesuffix("/ws").removesuffix("/stream")


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


_USDM_DEMO = ProductUrls("https://demo-fapi.binance.com", "wss://demo-fstream.binance.com")
_COINM_DEMO = ProductUrls("https://demo-dapi.binance.com", "wss://demo-dstream.binance.com")

#: Binance spot API docs 2026-07-21; Binance derivatives docs, November 2026: the futures test network is the demo host.
ENVIRONMENTS: dict[str, EnvironmentUrls] = {
    "live": EnvironmentUrls(
        spot=ProductUrls(
            "https://api.binance.com",
            "wss://stream.binance.com:9443",
            "wss://ws-api.binance.com:443/ws-api/v3",
            ws_user="wss://margin-stream.binance.com",
        ),
        usdm=ProductUrls(
            "https://fapi.binance.com", "wss://fstream.binance.com", "wss://ws-fapi.binance.com/ws-fapi/v1"
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
        usdm=replace(_USDM_DEMO, ws_api="wss://testnet.binancefuture.com/ws-fapi/v1"),
        coinm=replace(_COINM_DEMO, ws_api="wss://testnet.binancefuture.com/ws-dapi/v1"),
        real_money=False,
        has_margin=False,
    ),
    "demo-binance": EnvironmentUrls(
        spot=ProductUrls(
            "https://demo-api.binance.com",
            "wss://demo-stream.binance.com:9443",
            "wss://demo-ws-api.binance.com/ws-api/v3",
        ),
        usdm=_USDM_DEMO,
        coinm=_COINM_DEMO,
        real_money=False,
        has_margin=False,
    ),
    "us": EnvironmentUrls(
        spot=ProductUrls(
            "https://api.binance.us", "wss://stream.binance.us:9443", "wss://ws-api.binance.us:443/ws-api/v3"
        ),
        has_margin=False,
    ),
}
