"""How well a few typed letters mean a text."""


def fuzzy_score(query: str, text: str) -> int | None:
    """Smaller is better; None when a word of the query is not in the text, in order and letter by letter."""
    total = 0
    name = text.lower()
    for word in query.lower().split():
        score = _word_score(word, name)
        if score is None:
            return None
        total += score
    return total


def _word_score(word: str, name: str) -> int | None:
    at = name.find(word)
    if at == 0:
        return 0
    if at > 0:
        return 1 if not name[at - 1].isalnum() else 2
    place, gaps = -1, 0
    for letter in word:
        found = name.find(letter, place + 1)
        if found < 0:
            return None
        gaps += found - place - 1 if place >= 0 else 0
        place = found
    return 3 + gaps
