"""Mark price, index and funding of perpetuals; mark, index and settlement price of dated contracts.

Formulas: Binance futures reference, "Margin maths" (public FAQ): the index is the spot price, the mark follows it with
the average premium of the contract, funding is the premium and interest, clamped, every eight hours. Dated contracts
have no funding; they settle at the index averaged over the last hour, which their mark is then.
"""

from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Decimal

from tui.exchange.delivery import AVERAGED_MS
from tui.exchange.symbol_book import SymbolBook

FUNDING_INTERVAL_MS = 8 * 3_600_000
INTEREST_RATE = Decimal("0.0001")

_PRICE_UNIT = Decimal("0.00000001")
_CLAMP = Decimal("0.0005")
_CAP = Decimal("0.02")
#: Weight of the newest second in the average basis and the average premium.
_BASIS_WEIGHT = Decimal(1) / 30
_PREMIUM_WEIGHT = Decimal(1) / 600


@dataclass(frozen=True, slots=True)
class MarkValues:
    """What `premiumIndex` says of one contract."""

    mark: Decimal
    index: Decimal
    estimated_settle: Decimal
    funding_rate: Decimal
    next_funding_ms: int
    time_ms: int
    interest_rate: Decimal = INTEREST_RATE


class MarkPrice:
    """One contract's mark, kept by looking at the contract's book and its coin's spot book once a second.

    `multiple` is how many coins one contract unit is.
    """

    def __init__(self, contract: SymbolBook, coin: SymbolBook, multiple: int, now_ms: int) -> None:
        self._contract = contract
        self._coin = coin
        self._multiple = multiple
        self._delivery_ms = contract.listing.delivery_ms
        self._settle_sum, self._settle_looks = Decimal(0), 0
        self._basis = contract.mid_price - self._index()
        self._premium = self._basis / self._index()
        due = (now_ms // FUNDING_INTERVAL_MS + 1) * FUNDING_INTERVAL_MS
        self.values = self._values(now_ms, 0 if self._delivery_ms else due)

    def update(self, now_ms: int) -> None:
        """Take one second's look."""
        index = self._index()
        basis = self._contract.mid_price - index
        self._basis = (self._basis + (basis - self._basis) * _BASIS_WEIGHT).quantize(_PRICE_UNIT)
        self._premium += (basis / index - self._premium) * _PREMIUM_WEIGHT
        self._premium = self._premium.quantize(Decimal("0.000000000001"))
        if 0 < self._delivery_ms - now_ms <= AVERAGED_MS:
            self._settle_sum += index
            self._settle_looks += 1
        self.values = self._values(now_ms, self.values.next_funding_ms)

    def is_due(self, now_ms: int) -> bool:
        """Whether funding is to be charged."""
        return 0 < self.values.next_funding_ms <= now_ms

    def charged(self, now_ms: int) -> None:
        """Funding has been charged; the next one is at the next full interval."""
        due = (now_ms // FUNDING_INTERVAL_MS + 1) * FUNDING_INTERVAL_MS
        self.values = replace(self.values, next_funding_ms=due)

    def _index(self) -> Decimal:
        return self._coin.mid_price * self._multiple

    def _values(self, now_ms: int, next_funding_ms: int) -> MarkValues:
        index = self._index().quantize(_PRICE_UNIT, ROUND_HALF_EVEN)
        correction = max(-_CLAMP, min(_CLAMP, INTEREST_RATE - self._premium))
        if self._delivery_ms:
            settle = self._settle_sum / self._settle_looks if self._settle_looks else index
            settle = settle.quantize(_PRICE_UNIT, ROUND_HALF_EVEN)
            mark = settle if self._settle_looks else (index + self._basis).quantize(_PRICE_UNIT, ROUND_HALF_EVEN)
            return MarkValues(mark, index, settle, Decimal(0), 0, now_ms, Decimal(0))
        rate = max(-_CAP, min(_CAP, self._premium + correction)).quantize(_PRICE_UNIT, ROUND_HALF_EVEN)
        mark = (index + self._basis).quantize(_PRICE_UNIT, ROUND_HALF_EVEN)
        return MarkValues(mark, index, index, rate, next_funding_ms, now_ms)
