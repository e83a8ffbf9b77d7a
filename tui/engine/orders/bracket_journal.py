"""Brackets as the journal keeps them."""

import msgspec

from tui.engine.journal import Journal
from tui.engine.orders.bracket import Bracket


def read_brackets(journal: Journal) -> list[Bracket]:
    """The brackets that are not closed, oldest first; raises JournalError, also for one that cannot be read."""
    return [journal.decoded(text, Bracket) for text in journal.open_brackets()]


def write_bracket(journal: Journal, bracket: Bracket) -> None:
    """Write down how a bracket stands; raises JournalError."""
    journal.write_bracket(bracket.name, msgspec.json.encode(bracket).decode(), bracket.is_closed)
