"""How a command ended, before it becomes the reply to somebody."""

from collections.abc import Sequence
from dataclasses import dataclass

from tui.engine.commands.answers import Refusal, Result


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


def together(outcomes: Sequence[Outcome], done: str) -> Outcome:
    """One answer for several orders: how many went well (`done` in a word), and what became of each of the others."""
    if len(outcomes) == 1:
        return outcomes[0]
    others = [outcome for outcome in outcomes if outcome.result is not Result.DONE]
    text = f"{len(outcomes) - len(others)} of {len(outcomes)} orders {done}"
    if not others:
        return Outcome(Result.DONE, text)
    told = "; ".join(outcome.text for outcome in others)
    unknown = any(outcome.result is Result.UNKNOWN for outcome in others)
    refusal = next((outcome.refusal for outcome in others if outcome.refusal is not None), None)
    return Outcome(Result.UNKNOWN if unknown else Result.REFUSED, f"{text}; {told}", refusal)


def side_by_side(outcomes: Sequence[Outcome]) -> Outcome:
    """One answer for several things done at the same time, each told in its own words."""
    if len(outcomes) == 1:
        return outcomes[0]
    worst = (Result.UNKNOWN, Result.REFUSED, Result.DONE)
    result = min((outcome.result for outcome in outcomes), key=worst.index)
    refusal = next((outcome.refusal for outcome in outcomes if outcome.refusal is not None), None)
    return Outcome(result, "; ".join(outcome.text for outcome in outcomes), refusal)
