"""Which symbols a few typed letters mean, best first."""

from collections.abc import Iterable, Sequence

from tui.domain.instrument import Instrument


def rank(query: str, instruments: Iterable[Instrument], recent: Sequence[str]) -> list[Instrument]:
    """Instruments whose symbol holds the letters in order; whole starts first, then inner parts, then scattered
    letters, and within each the ones looked at lately. An empty query lists all, recent first."""
    wanted = "".join(ch for ch in query.upper() if ch.isalnum())
    scored = []
    for instrument in instruments:
        score = _score(wanted, instrument)
        if score is not None:
            place = recent.index(instrument.symbol) if instrument.symbol in recent else len(recent)
            scored.append((score, place, len(instrument.symbol), instrument.symbol, instrument))
    return [row[-1] for row in sorted(scored, key=lambda row: row[:-1])]


def _score(wanted: str, instrument: Instrument) -> int | None:
    """Smaller is better; None when the letters are not there in order."""
    if not wanted:
        return 0
    name = instrument.symbol.replace("-", "").replace("_", "")
    if name == wanted or instrument.base == wanted:
        return 0
    if name.startswith(wanted):
        return 1
    if wanted in name:
        return 2
    place = -1
    for letter in wanted:
        place = name.find(letter, place + 1)
        if place < 0:
            return None
    return 3
