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
    def is_margin(self) -> bool:
        """Whether it is traded on spot's markets from a wallet of its own that may borrow."""
        return self in (Product.MARGIN, Product.ISOLATED_MARGIN)

    @property
    def label(self) -> str:
        """The name a trader knows it by."""
        return _LABELS[self]

    @property
    def account_type(self) -> str:
        """Its name in settings, as other programs for Binance have it."""
        return _ACCOUNT_TYPES[self][0].upper()


def product_of(account_type: str) -> Product:
    """The product an account type names, in any case; raises ValueError naming the choices for an unknown one."""
    wanted = account_type.strip().lower()
    for product, names in _ACCOUNT_TYPES.items():
        if wanted in names:
            return product
    known = ", ".join(product.account_type for product in _ACCOUNT_TYPES)
    raise ValueError(f"{account_type!r} is no account type; choose one of {known}")


_LABELS = {
    Product.SPOT: "Spot",
    Product.MARGIN: "Cross margin",
    Product.ISOLATED_MARGIN: "Isolated margin",
    Product.USDM: "USD-M Futures",
    Product.COINM: "COIN-M Futures",
}

#: By product, the first is the one that is shown; the others are spellings that stand in settings of other programs.
_ACCOUNT_TYPES = {
    Product.SPOT: ("spot",),
    Product.MARGIN: ("margin", "cross_margin"),
    Product.ISOLATED_MARGIN: ("isolated_margin",),
    Product.USDM: ("usdt_futures", "usdt_future", "usdm", "usdm_futures"),
    Product.COINM: ("coin_futures", "coin_future", "coinm", "coinm_futures"),
}
