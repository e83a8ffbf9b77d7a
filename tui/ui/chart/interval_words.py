"""The intervals around the one shown, for a title of any width."""

from tui.domain.interval import INTERVALS


def interval_words(shown: str, room: int) -> str:
    """The intervals around the one shown, which stands in brackets, as far as there is room."""
    names = [f"[{each}]" if each == shown else each for each in INTERVALS]
    at = INTERVALS.index(shown) if shown in INTERVALS else 0
    first = last = at
    used = len(names[at])
    for far in range(1, len(names)):
        for index in (at - far, at + far):
            if 0 <= index < len(names) and used + len(names[index]) + 1 <= room:
                first, last, used = min(first, index), max(last, index), used + len(names[index]) + 1
    return " ".join(names[first : last + 1])
