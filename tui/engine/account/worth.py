"""What assets are worth in USDT, from the prices at hand."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from tui.domain.instrument import Instrument
from tui.domain.product import Product
from tui.engine.dollars import DOLLARS
from tui.engine.store import Store

CURRENCY = "USDT"

#: Assets that are taken for a dollar where no market says better.
_DOLLARS = DOLLARS | {"BNFCR", "BFUSD"}
_ONE = Decimal(1)

#: Coins that others are priced in where no dollar prices them, the best known first.
_BRIDGES = ("BTC", "ETH", "BNB")


@dataclass(frozen=True, slots=True)
class Worth:
    """The price of an asset, and the symbols whose markets say so."""

    price: Decimal
    by: tuple[str, ...] = ()


def prices(store: Store) -> dict[str, Decimal]:
    """The price of every asset that has one."""
    return {asset: worth.price for asset, worth in worths(store).items()}


def worths(store: Store) -> dict[str, Worth]:
    """Every asset that has a price: against USDT, else against a dollar, else over another asset that has one."""
    against: dict[tuple[str, str], Worth] = {}
    for instrument, price in _last_prices(store):
        against.setdefault((instrument.base, instrument.quote), Worth(price, (instrument.symbol,)))
    found = {base: worth for (base, quote), worth in against.items() if quote == CURRENCY}
    for (base, quote), worth in against.items():
        if quote in _DOLLARS:
            found.setdefault(base, worth)
    for (base, quote), worth in against.items():
        if base in _DOLLARS and quote not in _DOLLARS:  # a currency that prices the dollar
            found.setdefault(quote, Worth(1 / worth.price, worth.by))
    for quote in dict.fromkeys((*_BRIDGES, *(quote for _, quote in against))):
        _cross(found, against, quote)
    for asset in _DOLLARS:
        found.setdefault(asset, Worth(_ONE))
    found[CURRENCY] = Worth(_ONE)
    return found


def _cross(found: dict[str, Worth], against: Mapping[tuple[str, str], Worth], bridge: str) -> None:
    """Price what is quoted in an asset that has a price."""
    over = found.get(bridge)
    if over is None:
        return
    for (base, quote), worth in against.items():
        if quote == bridge:
            found.setdefault(base, Worth(worth.price * over.price, (*worth.by, *over.by)))


def _last_prices(store: Store) -> list[tuple[Instrument, Decimal]]:
    """Spot prices first, contracts after, so that a coin is valued where it can be sold."""
    listed = []
    for symbol, market in tuple(store.markets.items()):
        instrument = store.instruments.get(symbol)
        price = market.last_price()
        if instrument is not None and price:
            listed.append((instrument, price))
    return sorted(listed, key=lambda one: one[0].product is not Product.SPOT)


def worth(amount: Decimal, asset: str, known: Mapping[str, Decimal]) -> Decimal | None:
    """An amount in USDT; None where the asset has no price, unless there is nothing to value."""
    if not amount:
        return Decimal(0)
    price = known.get(asset)
    return None if price is None else amount * price
