"""What a unit of a quote asset is worth in dollars, so that a limit or a size means as much in every market."""

from decimal import Decimal

from tui.engine.store import Store

#: Assets that count as a dollar.
DOLLARS = frozenset({"USDT", "USDC", "USD", "FDUSD", "TUSD", "BUSD", "DAI", "USD1", "USDP"})


class DollarWorth:
    """Worth by the last prices of a store's markets, either way round: of spot, else of perpetual contracts."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __call__(self, asset: str) -> Decimal | None:
        """Dollars for one unit; None where no market says."""
        if asset in DOLLARS:
            return Decimal(1)
        for ending in ("", "-PERP"):
            for dollar in ("USDT", "USDC"):
                price = self._last(f"{asset}{dollar}{ending}")
                if price:
                    return price
                price = self._last(f"{dollar}{asset}{ending}")
                if price:
                    return 1 / price
        return None

    def _last(self, symbol: str) -> Decimal | None:
        market = self._store.markets.get(symbol)
        if market is None:
            return None
        return market.last_price()
