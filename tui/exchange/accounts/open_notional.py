"""What open orders may still cost, by account, symbol and position side."""

from decimal import Decimal

from tui.exchange.listing import Listing

ZERO = Decimal(0)


class OpenNotional:
    """Values of open orders that are not reduce-only; exactly nothing where none are open."""

    def __init__(self) -> None:
        self._sums: dict[tuple[str, str, str], list[Decimal]] = {}

    def add(
        self, account_id: str, listing: Listing, is_buy: bool, quantity: Decimal, price: Decimal, side: str
    ) -> None:
        """Count an order's value; a negative quantity takes it back."""
        sums = self._sums.setdefault((account_id, listing.symbol, side), [ZERO, ZERO, ZERO, ZERO])
        at = 0 if is_buy else 1
        sums[at + 2] += quantity
        # The value of an inverse order in parts is not that of the whole, to the last digit.
        sums[at] = sums[at] + listing.turnover(quantity, price) if sums[at + 2] else ZERO

    def of(self, account_id: str, symbol: str, side: str) -> tuple[Decimal, Decimal]:
        """Value of buy and sell orders."""
        sums = self._sums.get((account_id, symbol, side))
        return (sums[0], sums[1]) if sums else (ZERO, ZERO)

    def legs(self, account_id: str) -> set[tuple[str, str]]:
        """Symbols and sides with open orders."""
        return {
            (symbol, side) for (owner, symbol, side), sums in self._sums.items() if owner == account_id and any(sums)
        }
