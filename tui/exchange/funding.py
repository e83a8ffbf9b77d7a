"""Funding rates that were charged; kept between runs, and made up for the time before the exchange opened."""

import random
from collections import deque
from decimal import Decimal

import msgspec

from tui.exchange.documents import Documents
from tui.exchange.mark import FUNDING_INTERVAL_MS

_KIND = "funding"
_REMEMBERED = 5_000
_RATE_UNIT = Decimal("0.00000001")


class FundingRate(msgspec.Struct, frozen=True):
    """One charge of one contract."""

    number: int
    symbol: str
    time_ms: int
    rate: Decimal
    mark: Decimal


class FundingLog:
    """The charges of one venue, oldest first."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._log: deque[FundingRate] = deque()

    def restore(self) -> None:
        """Take the charges of a former run."""
        self._log.extend(self._documents.found(_KIND, FundingRate))

    def note(self, symbol: str, rate: Decimal, mark: Decimal, due_ms: int) -> None:
        """Write down a charge that was due at this time."""
        number = self._log[-1].number + 1 if self._log else 1
        charge = FundingRate(number, symbol, due_ms, rate, mark)
        self._log.append(charge)
        self._documents.put(_KIND, number, charge)
        if len(self._log) > _REMEMBERED:
            self._documents.drop(_KIND, self._log.popleft().number)

    def of(self, symbol: str) -> list[FundingRate]:
        """The charges of one contract."""
        return [charge for charge in self._log if charge.symbol == symbol]


def rate_before(seed: int, symbol: str, time_ms: int) -> Decimal:
    """The rate of a time before there was an exchange: near the interest rate, always the same one."""
    chance = random.Random(f"{seed}:{symbol}:{time_ms // FUNDING_INTERVAL_MS}")
    return Decimal(chance.gauss(0.00008, 0.00005)).quantize(_RATE_UNIT)
