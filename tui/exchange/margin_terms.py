"""The terms of margin trading: which pairs, how much, at which levels (shaped after Binance's own, November 2026)."""

from dataclasses import dataclass
from decimal import Decimal

from tui.exchange.listing import Listing

#: A level that no debt presses on is told as 999.
NO_DEBT = Decimal(999)

#: What an asset counts as collateral of a cross account.
_COLLATERAL_RATES = {"USDT": Decimal(1), "BTC": Decimal("0.95"), "ETH": Decimal("0.95"), "BNB": Decimal("0.9")}
_USUAL_COLLATERAL = Decimal("0.8")

#: Pairs whose limit orders in cross accounts must be priced near the index, and how near.
LIMIT_PRICE_PAIRS = ("LINKUSDT", "AVAXUSDT", "SUIUSDT")
LIMIT_PRICE_RANGE = Decimal("0.15")

#: The most one account may owe of an asset, in USDT.
BORROW_LIMIT_USDT = Decimal(2_000_000)
#: Assets may leave a cross account while its collateral is worth more than so many times its debt.
TRANSFER_OUT_LEVEL = Decimal(2)


@dataclass(frozen=True, slots=True)
class Terms:
    """Levels of an account: borrowing starts, the warning comes, liquidation comes; the largest leverage."""

    initial: Decimal
    margin_call: Decimal
    liquidation: Decimal
    leverage: int

    def status(self, level: Decimal) -> str:
        """Binance's word for a margin level."""
        if level <= self.liquidation:
            return "FORCE_LIQUIDATION"
        if level <= (self.liquidation + self.margin_call) / 2:
            return "PRE_LIQUIDATION"
        if level <= self.margin_call:
            return "MARGIN_CALL"
        return "NORMAL" if level <= TRANSFER_OUT_LEVEL else "EXCESSIVE"


CROSS = {
    3: Terms(Decimal("1.5"), Decimal("1.3"), Decimal("1.1"), 3),
    5: Terms(Decimal("1.25"), Decimal("1.2"), Decimal("1.1"), 5),
}
_ISOLATED_TEN = Terms(Decimal("1.11111111"), Decimal("1.09"), Decimal("1.05"), 10)
_ISOLATED_FIVE = Terms(Decimal("1.25"), Decimal("1.18"), Decimal("1.15"), 5)


def isolated_terms(listing: Listing) -> Terms:
    """The terms of a pair's isolated account."""
    return _ISOLATED_TEN if listing.base in ("BTC", "ETH") else _ISOLATED_FIVE


def collateral_rate(asset: str) -> Decimal:
    """The part of an asset's value that counts as collateral."""
    return _COLLATERAL_RATES.get(asset, _USUAL_COLLATERAL)
