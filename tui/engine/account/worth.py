"""What assets are worth in USDT, from the prices at hand."""

from collections.abc import Mapping
from decimal import Decimal

from tui.domain.instrument import Instrument
from tui.domain.product import Product
from tui.engine.store import Store

CURRENCY = "USDT"

#: Assets that are taken for a dollar where no market says better.
_DOLLARS = frozenset({CURRENCY, "USD", "USDC", "FDUSD", "TUSD", "DAI", "BUSD", "BNFCR", "BFUSD"})
_ONE = Decimal(1)


def prices(store: Store) -> dict[str, Decimal]:
    """The price of every asset that has one: against USDT, else against a dollar, else over BTC."""
    against: dict[tuple[str, str], Decimal] = {}
    for instrument, price in _last_prices(store):
        against.setdefault((instrument.base, instrument.quote), price)
    found = {base: price for (base, quote), price in against.items() if quote == CURRENCY}
    for (base, quote), price in against.items():
        if quote in _DOLLARS:
            found.setdefault(base, price)
    for (base, quote), price in against.items():
        if quote == "BTC" and "BTC" in found:
            found.setdefault(base, price * found["BTC"])
    for asset in _DOLLARS:
        found.setdefault(asset, _ONE)
    found[CURRENCY] = _ONE
    return found


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
