"""Which symbols a few typed letters mean, best first."""

from collections.abc import Iterable, Sequence

from tui.domain.instrument import Instrument

#: Quotes that are meant when none is typed, the likeliest first.
_QUOTES = {"USDT": 0, "USDC": 1, "USD": 2}


def rank(query: str, instruments: Iterable[Instrument], recent: Sequence[str]) -> list[Instrument]:
    """Instruments whose symbol holds the letters in order: whole starts first, then inner parts, then letters scattered
    in the coin's name, then anywhere. Within each, those of `recent` come first, in its order, then what is quoted in
    dollars, then the shortest. An empty query lists all."""
    places = {symbol: place for place, symbol in enumerate(recent)}
    wanted = "".join(ch for ch in query.upper() if ch.isalnum())
    scored = []
    for instrument in instruments:
        score = _score(wanted, instrument)
        if score is not None:
            place = places.get(instrument.symbol, len(places))
            symbol, quote = instrument.symbol, _QUOTES.get(instrument.quote, len(_QUOTES))
            scored.append((score, place, quote, len(symbol), symbol, instrument))
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
    if _holds(instrument.base, wanted):
        return 3
    return 4 if _holds(name, wanted) else None


def _holds(name: str, wanted: str) -> bool:
    """Whether the letters are in a name, in order."""
    letters = iter(name)
    return all(letter in letters for letter in wanted)
