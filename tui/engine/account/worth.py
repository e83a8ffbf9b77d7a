"""What assets are worth in USDT, from the prices at hand."""

from collections.abc import Iterator, Mapping
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


class Pairs:
    """Which symbol prices an asset in what: spot before contracts, so that a coin is valued where it can be sold."""

    def __init__(self, instruments: Mapping[str, Instrument]) -> None:
        self.instruments = instruments
        #: Symbols by base and quote, and those that price a dollar by their quote.
        self.of: dict[str, dict[str, str]] = {}
        self.of_dollars: dict[str, str] = {}
        for one in sorted(instruments.values(), key=lambda one: one.product is not Product.SPOT):
            self.of.setdefault(one.base, {}).setdefault(one.quote, one.symbol)
            if one.base in _DOLLARS:
                self.of_dollars.setdefault(one.quote, one.symbol)


@dataclass(frozen=True, slots=True)
class Worth:
    """The price of an asset, and the symbols whose markets say so."""

    price: Decimal
    by: tuple[str, ...] = ()


class Prices(Mapping[str, Decimal]):
    """The price of every asset that has one, of the moment in which it is first asked for.

    Against USDT, else against a dollar, else over another asset that has a price so.
    """

    def __init__(self, store: Store, pairs: Pairs | None = None) -> None:
        self._store = store
        self._pairs = pairs or Pairs(store.instruments)
        self._found: dict[str, Worth | None] = {CURRENCY: Worth(_ONE)}

    def __getitem__(self, asset: str) -> Decimal:
        worth = self._worth(asset)
        if worth is None:
            raise KeyError(asset)
        return worth.price

    def __iter__(self) -> Iterator[str]:
        return (asset for asset in {**self._pairs.of, **self._pairs.of_dollars} if self._worth(asset))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def by(self, asset: str) -> tuple[str, ...]:
        """The symbols whose markets say what an asset is worth."""
        worth = self._worth(asset)
        return () if worth is None else worth.by

    def _worth(self, asset: str) -> Worth | None:
        if asset not in self._found:
            worth = self._in_dollars(asset) or self._over_another(asset)
            self._found[asset] = worth or (Worth(_ONE) if asset in _DOLLARS else None)
        return self._found[asset]

    def _in_dollars(self, asset: str) -> Worth | None:
        quotes = self._pairs.of.get(asset, {})
        for quote in (CURRENCY, *quotes):
            if quote in _DOLLARS and (told := self._told(quotes.get(quote))):
                return told
        if asset in _DOLLARS or (told := self._told(self._pairs.of_dollars.get(asset))) is None:
            return None
        return Worth(1 / told.price, told.by)

    def _over_another(self, asset: str) -> Worth | None:
        quotes = self._pairs.of.get(asset, {})
        for quote in (*_BRIDGES, *quotes):
            told, over = self._told(quotes.get(quote)), self._in_dollars(quote)
            if told is not None and over is not None:
                return Worth(told.price * over.price, (*told.by, *over.by))
        return None

    def _told(self, symbol: str | None) -> Worth | None:
        market = self._store.markets.get(symbol) if symbol else None
        price = market.last_price() if market is not None else None
        return Worth(price, (symbol,)) if symbol and price else None


def worth(amount: Decimal, asset: str, known: Mapping[str, Decimal]) -> Decimal | None:
    """An amount in USDT; None where the asset has no price, unless there is nothing to value."""
    if not amount:
        return Decimal(0)
    price = known.get(asset)
    return None if price is None else amount * price
