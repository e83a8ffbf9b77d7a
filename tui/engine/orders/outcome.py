"""How a command ended, before it becomes the reply to somebody."""

from dataclasses import dataclass

from tui.engine.commands import Refusal, Result


@dataclass(frozen=True, slots=True)
class Outcome:
    """The substance of a reply."""

    result: Result
    text: str
    refusal: Refusal | None = None
    client_order_id: str | None = None


def refused(refusal: Refusal) -> Outcome:
    """The outcome of a command that a guard stopped."""
    return Outcome(Result.REFUSED, refusal.text, refusal)
