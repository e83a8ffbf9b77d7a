"""A mirror made ready from what the command line says of its source."""

import asyncio

import msgspec

from tui.domain.product import Product
from tui.exchange.catalogue import listings
from tui.exchange.clock import Clock
from tui.exchange.market.mirror.mirror import Mirror
from tui.exchange.market.mirror.source import Address, SourceError


class _Hosts(msgspec.Struct, frozen=True):
    rest: str
    ws: str
    routed: bool = False


def prepared(text: str) -> Mirror:
    """A mirror that knows prices and past of its source; raises SourceError.

    `text` is JSON: `{"spot": {"rest": URL, "ws": URL}, "usdm": {"rest": URL, "ws": URL, "routed": true}, "coinm": …}`,
    any of the products.
    """
    try:
        named = msgspec.json.decode(text, type=dict[str, _Hosts])
        addresses = {Product(name): Address(hosts.rest, hosts.ws, hosts.routed) for name, hosts in named.items()}
    except (msgspec.DecodeError, ValueError) as error:
        raise SourceError(f"--mirror cannot be read: {error}") from error
    now_ms = Clock().now_ms()
    symbols = {product: [listing.symbol for listing in listings(product, now_ms)] for product in addresses}
    mirror = Mirror(addresses)
    asyncio.run(mirror.prepare(symbols))
    return mirror
