"""The names of futures symbols here and there."""

from dataclasses import dataclass
from functools import lru_cache

from tui.binance.wire import name
from tui.domain.instrument import ContractKind, program_symbol
from tui.domain.product import Product


def contract_kind(native: str) -> ContractKind:
    """Perpetual or delivery, by the name alone, because events may come before the exchange information.

    Delivery contracts carry a date behind an underscore (`BTCUSDT_270326`); COIN-M's perpetuals end in `_PERP`.
    """
    _, underscore, ending = native.rpartition("_")
    return ContractKind.DELIVERY if underscore and ending != "PERP" else ContractKind.PERPETUAL


@lru_cache(maxsize=4_096)
def _program(product: Product, native: str) -> str:
    return program_symbol(product, name(native), contract_kind(native))


@dataclass(frozen=True, slots=True)
class Names:
    """Both names of one product's symbols; each way is the inverse of the other."""

    product: Product

    def program(self, native: str) -> str:
        """`BTCUSDT-PERP` for `BTCUSDT`, `BTCUSD-PERP` for `BTCUSD_PERP`; delivery contracts keep their name."""
        return _program(self.product, native)

    def native(self, symbol: str) -> str:
        """What Binance calls it."""
        stem = symbol.removesuffix("-PERP")
        return f"{stem}_PERP" if self.product is Product.COINM and stem != symbol else stem
