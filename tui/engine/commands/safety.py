"""Whether, and within which limits, anything may be sent."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Arm:
    """Let keys send at once until disarmed or idle."""


@dataclass(frozen=True, slots=True)
class Lock:
    """Let nothing be sent without review; `why` is shown."""

    why: str = ""


@dataclass(frozen=True, slots=True)
class Halt:
    """Cancel entries everywhere, lock, and refuse new orders until armed again."""


@dataclass(frozen=True, slots=True)
class SetLimit:
    """Change one guard's number for this session: `max.order.notional`, `price.distance` (see `engine.limit_names`)."""

    name: str
    value: Decimal


@dataclass(frozen=True, slots=True)
class ConfirmEnvironment:
    """Say that real money is meant: `name` must be the environment's own, typed by the trader."""

    name: str


#: Whether, and within which limits, anything may be sent.
SafetyCommand = Arm | Lock | Halt | SetLimit | ConfirmEnvironment
