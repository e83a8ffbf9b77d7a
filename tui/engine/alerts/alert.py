"""What can be watched for, and how an alert stands."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class AlertKind(StrEnum):
    """What is watched: `level` is a price, a percentage, a value in quote units or a rate, as the kind says."""

    PRICE_ABOVE = "price above"
    PRICE_BELOW = "price below"
    #: Moved by `level` percent within `window_s`.
    MOVE = "move"
    #: One print of at least `level` in quote units.
    PRINT = "print"
    #: Funding rate of at least `level` percent, either way.
    FUNDING = "funding"
    #: An order of the symbol (or any, without symbol) filled, was rejected or expired.
    ORDER = "order"
    #: A link went down or stale.
    LINK = "link"


@dataclass(frozen=True, slots=True)
class AlertRequest:
    """An alert somebody wants; without `repeats` it is told once."""

    kind: AlertKind
    symbol: str = ""
    level: Decimal = Decimal(0)
    window_s: int = 0
    repeats: bool = False


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert and how it stands; one told once stays listed until removed."""

    number: int
    request: AlertRequest
    created_ms: int
    told_ms: int | None = None
    times_told: int = 0

    @property
    def is_active(self) -> bool:
        """Whether it can still be told."""
        return self.told_ms is None or self.request.repeats


@dataclass(frozen=True, slots=True)
class Told:
    """One telling of an alert, for whoever rings and notifies; `number` counts tellings."""

    number: int
    alert: int
    time_ms: int
    text: str
