"""The markets a symbol can belong to."""

from enum import StrEnum


class Product(StrEnum):
    """One wallet and one set of rules at Binance; every order, position and log line carries it."""

    SPOT = "spot"
    MARGIN = "margin"
    ISOLATED_MARGIN = "isolated_margin"
    USDM = "usdm"
    COINM = "coinm"

    @property
    def is_futures(self) -> bool:
        """Whether positions, leverage and reduce-only exist here."""
        return self in (Product.USDM, Product.COINM)

    @property
    def label(self) -> str:
        """The name a trader knows it by."""
        return _LABELS[self]


_LABELS = {
    Product.SPOT: "Spot",
    Product.MARGIN: "Cross margin",
    Product.ISOLATED_MARGIN: "Isolated margin",
    Product.USDM: "USD-M Futures",
    Product.COINM: "COIN-M Futures",
}
