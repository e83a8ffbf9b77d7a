"""A line of several steps on its way: each is sent when the one before it was accepted, else the rest is dropped."""

from dataclasses import dataclass

from tui.engine.commands import Command, Origin
from tui.engine.commands.answers import Reply, Result


@dataclass(slots=True)
class Chain:
    """The steps not sent yet, and the number of the command that is waited for."""

    rest: tuple[Command, ...]
    origin: Origin
    awaited: int
    sent: int = 1

    @property
    def total(self) -> int:
        """How many steps the line has."""
        return self.sent + len(self.rest)


class Chains:
    """All chains under way; `follow` a reply, then send what it gives back and `expect` its answer."""

    def __init__(self) -> None:
        self._waiting: dict[int, Chain] = {}

    def begin(self, first: int, rest: tuple[Command, ...], origin: Origin) -> None:
        """The first step was sent as command `first`; the rest waits for its answer."""
        if rest:
            self._waiting[first] = Chain(rest, origin, first)

    def follow(self, reply: Reply) -> tuple[Chain, Command] | str | None:
        """The next step after this answer, or why the rest is dropped; None where no chain waited for it."""
        chain = self._waiting.pop(reply.command_id, None)
        if chain is None:
            return None
        if reply.result is not Result.DONE:
            why = "was not accepted" if reply.result is Result.REFUSED else "has no known outcome"
            return f"step {chain.sent} of {chain.total} {why}, the rest is not sent: {reply.text}"
        return chain, chain.rest[0]

    def expect(self, chain: Chain, number: int) -> None:
        """The next step was sent as command `number`."""
        if len(chain.rest) > 1:
            self._waiting[number] = Chain(chain.rest[1:], chain.origin, number, chain.sent + 1)

    def drop(self) -> bool:
        """Send nothing more of any chain; whether there was something."""
        dropped = bool(self._waiting)
        self._waiting.clear()
        return dropped
