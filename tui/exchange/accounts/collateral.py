"""What margin assets are worth in dollars to accounts in multi-assets mode (Binance futures docs, "Multi-assets mode").

An asset counts by its index less a buffer; what is owed of one counts by its index plus the buffer. Ratios and the
threshold of the automatic exchange are those of Binance's table of margin assets.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from tui.exchange.listing import DOLLARS

#: Buffers by asset: for margin, and for the automatic exchange.
_BUFFERS = {
    "USDT": (Decimal("0.0001"), Decimal("0.001")),
    "USDC": (Decimal("0.0001"), Decimal("0.001")),
    "BTC": (Decimal("0.05"), Decimal("0.025")),
    "ETH": (Decimal("0.05"), Decimal("0.025")),
    "BNB": (Decimal("0.05"), Decimal("0.025")),
}
#: Every asset that may be in a wallet of USD-M futures.
MARGIN_ASSETS = tuple(_BUFFERS)
#: A wallet that owes more dollars than this is balanced by the automatic exchange.
EXCHANGE_THRESHOLD = Decimal(10_000)


@dataclass(frozen=True, slots=True)
class AssetRate:
    """An asset in dollars: its index, and what is reckoned for having it (bid) and for owing it (ask)."""

    index: Decimal
    buffer: Decimal
    exchange_buffer: Decimal

    @property
    def bid(self) -> Decimal:
        """The value of a unit that one has."""
        return self.index * (1 - self.buffer)

    @property
    def ask(self) -> Decimal:
        """The value of a unit that one owes."""
        return self.index * (1 + self.buffer)

    @property
    def exchange_bid(self) -> Decimal:
        """What the automatic exchange gives for a unit."""
        return self.index * (1 - self.exchange_buffer)

    @property
    def exchange_ask(self) -> Decimal:
        """What the automatic exchange takes for a unit."""
        return self.index * (1 + self.exchange_buffer)

    def value(self, amount: Decimal) -> Decimal:
        """An amount in dollars, had or owed."""
        return amount * (self.bid if amount >= 0 else self.ask)


class Collateral:
    """The rates of margin assets; `index_of` gives a coin's index in dollars, None while it is unknown."""

    def __init__(self, index_of: Callable[[str], Decimal | None]) -> None:
        self._index_of = index_of

    def rate(self, asset: str) -> AssetRate | None:
        """The rate of an asset; None for what is no margin asset, or has no index now."""
        buffers = _BUFFERS.get(asset)
        index = Decimal(1) if asset in DOLLARS else self._index_of(asset)
        return AssetRate(index, *buffers) if buffers is not None and index is not None else None

    def value(self, asset: str, amount: Decimal) -> Decimal:
        """An amount of an asset in dollars; what has no rate is worth nothing."""
        rate = self.rate(asset)
        return rate.value(amount) if rate is not None else Decimal(0)
