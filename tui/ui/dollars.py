"""What a unit of a quote asset is worth in dollars, so that a size preset means as much in every market."""

from decimal import Decimal

from tui.engine.store import Store

#: Assets that count as a dollar.
DOLLARS = frozenset({"USDT", "USDC", "USD", "FDUSD", "TUSD", "BUSD", "DAI", "USD1", "USDP"})


def in_dollars_alone(asset: str) -> Decimal | None:
    """One for a dollar; nothing is known of other assets."""
    return Decimal(1) if asset in DOLLARS else None


class DollarWorth:
    """Worth by the last prices of a store's spot markets, either way round."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __call__(self, asset: str) -> Decimal | None:
        """Dollars for one unit; None where no market says."""
        if asset in DOLLARS:
            return Decimal(1)
        for dollar in ("USDT", "USDC"):
            price = self._last(f"{asset}{dollar}")
            if price:
                return price
            price = self._last(f"{dollar}{asset}")
            if price:
                return 1 / price
        return None

    def _last(self, symbol: str) -> Decimal | None:
        market = self._store.markets.get(symbol)
        return market.last_price() if market is not None else None
