"""How one product writes its numbers."""

from decimal import Decimal

from tui.domain.increment import Increment
from tui.exchange.listing import Listing

#: Spot writes every price, size and balance with eight decimals (Binance spot API docs, samples, 2026-07-21).
SPOT_DECIMALS = 8


class Notation:
    """Ticks and lots of one listing as the wire's texts: eight decimals on spot, the symbol's precision on futures."""

    __slots__ = ("_lot_pad", "_price_pad", "_step", "_tick", "listing")

    def __init__(self, listing: Listing) -> None:
        self.listing = listing
        self._tick, self._step = listing.tick, listing.step
        prices = listing.price_precision if listing.is_futures else SPOT_DECIMALS
        lots = listing.quantity_precision if listing.is_futures else SPOT_DECIMALS
        self._price_pad = _padding(listing.tick, prices)
        self._lot_pad = _padding(listing.step, lots)

    def price(self, ticks: int) -> str:
        """A price in ticks."""
        return self._tick.text(ticks) + self._price_pad

    def size(self, lots: int) -> str:
        """A size in lots."""
        return self._step.text(lots) + self._lot_pad

    def level(self, level: tuple[int, int]) -> tuple[str, str]:
        """Price and size of one level."""
        return self.price(level[0]), self.size(level[1])

    def turnover(self, units: int, lots: int = 0) -> str:
        """An amount in ticks times lots, as quote currency; of inverse contracts these lots, in the base coin."""
        size = self.listing.contract_size
        if size is None:
            return eight(self._tick.size * self._step.size * units)
        return eight(size * lots * lots / (self._tick.size * units)) if units else eight(Decimal(0))

    def average(self, units: int, lots: int) -> str:
        """The average price of an amount in ticks times lots; zero without lots."""
        return eight(self._tick.size * units / lots) if lots else eight(Decimal(0))


def _padding(increment: Increment, decimals: int) -> str:
    """What has to follow the increment's own decimals."""
    wanted = max(0, decimals - increment.decimals)
    return ("" if increment.decimals else "." if wanted else "") + "0" * wanted


def eight(value: Decimal) -> str:
    """A value with eight decimals."""
    return f"{value:.8f}"


def short(value: Decimal) -> str:
    """A value without needless zeros, zero as `0`."""
    text = f"{value.normalize():f}"
    return "0" if text in ("-0", "0") else text
