"""What waits for Enter: commands spelled out once, sent once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tui.engine.commands import REVIEWED, Command, Origin
from tui.engine.commands.automation import AddAlert, RemoveAlert, StopAlgo
from tui.engine.commands.safety import Arm, Halt, Lock, SetLimit

#: What Enter does where nothing is sent to the exchange, or where the word says more.
_VERBS: dict[type, str] = {
    AddAlert: "set",
    SetLimit: "set",
    RemoveAlert: "forget",
    StopAlgo: "stop",
    Arm: "arm",
    Lock: "lock",
    Halt: "HALT",
}


def verb_of(commands: Sequence[Command]) -> str:
    """What Enter does with these, in a word; a chain whose steps do several things is sent."""
    verbs = {_VERBS.get(type(command), "send") for command in commands}
    return verbs.pop() if len(verbs) == 1 else "send"


@dataclass(frozen=True, slots=True)
class Review:
    """Commands that one Enter sends; `text` says all of what they do, `note` what the guards think of it."""

    text: str
    commands: tuple[Command, ...]
    origin: Origin
    note: str = ""
    #: A word the screen obeys on Enter instead of sending: `quit`.
    screen: str = ""

    @property
    def verb(self) -> str:
        """What Enter does, in a word."""
        if self.screen:
            return self.screen
        return verb_of(self.commands)


class ReviewSlot:
    """Holds at most one review; taking it empties the slot, so that no second Enter finds it."""

    def __init__(self) -> None:
        self.waiting: Review | None = None

    def put(self, review: Review) -> None:
        """Wait for this one; an older one is dropped."""
        self.waiting = review

    def take(self) -> Review | None:
        """The review to send now, exactly once; its orders are marked as seen by the trader."""
        review, self.waiting = self.waiting, None
        if review is None:
            return None
        return replace(review, commands=tuple(reviewed(command) for command in review.commands))

    def drop(self) -> bool:
        """Forget what waits; False when nothing did."""
        was, self.waiting = self.waiting, None
        return was is not None


def reviewed(command: Command) -> Command:
    """The command with the mark that it was spelled out and confirmed."""
    return replace(command, reviewed=True) if isinstance(command, REVIEWED) else command
