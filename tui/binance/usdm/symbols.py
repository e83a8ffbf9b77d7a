"""The names of USD-M symbols here and there."""

from tui.binance.wire import name
from tui.domain.instrument import ContractKind, program_symbol
from tui.domain.product import Product


def contract_kind(native: str) -> ContractKind:
    """Perpetual or delivery: only delivery contracts carry a date after an underscore (`BTCUSDT_270326`)."""
    return ContractKind.DELIVERY if "_" in native else ContractKind.PERPETUAL


def program_name(native: str) -> str:
    """`BTCUSDT-PERP` for `BTCUSDT`; delivery contracts keep their name."""
    return program_symbol(Product.USDM, name(native), contract_kind(native))


def native_name(symbol: str) -> str:
    """The inverse of `program_name`."""
    return symbol.removesuffix("-PERP")
