"""What is to be worked and watched from here: algos and alerts."""

from dataclasses import dataclass

from tui.engine.alerts.alert import AlertRequest
from tui.engine.algos.plan import AlgoPlan


@dataclass(frozen=True, slots=True)
class StartAlgo:
    """Begin a client-side algo: scale, chase or TWAP; bound by every guard."""

    plan: AlgoPlan
    reviewed: bool = False


@dataclass(frozen=True, slots=True)
class StopAlgo:
    """End an algo and cancel its working orders; an empty name ends all."""

    name: str = ""


@dataclass(frozen=True, slots=True)
class AddAlert:
    """Tell the trader when something happens."""

    request: AlertRequest


@dataclass(frozen=True, slots=True)
class RemoveAlert:
    """Forget an alert by its number; zero forgets all."""

    number: int


AlgoCommand = StartAlgo | StopAlgo


AlertCommand = AddAlert | RemoveAlert
