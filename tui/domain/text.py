"""Text from outside, made harmless before it reaches a screen, a log or a file."""

import unicodedata

MAX_TEXT = 500

#: Controls, formats (bidirectional, zero-width, tags), surrogates, private and unassigned characters, which terminals
#: obey, hide or measure differently; marks that are drawn over their neighbours, also in other rows; line separators.
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Mc", "Me", "Zl", "Zp"})
#: Letters that are drawn as nothing, or melt into the one before: parts of Hangul syllables, flags and skin tones.
_MELTING = frozenset(
    "\u115f\u17b4\u17b5\u2800\u3164\uffa0"
    + "".join(map(chr, (*range(0x1160, 0x1200), *range(0xD7B0, 0xD800))))
    + "".join(map(chr, (*range(0x1F1E6, 0x1F200), *range(0x1F3FB, 0x1F400))))
)
_SPACES = str.maketrans({"\t": " ", "\n": " ", "\r": None})


def clean(text: str, limit: int = MAX_TEXT) -> str:
    """Text of visible characters that stay in their own cell, at most `limit` of them; whitespace becomes spaces.

    Accents are kept where one character holds letter and accent.
    """
    if not (text.isascii() and text.isprintable()):
        text = _visible(text[: 4 * limit])
    return text if len(text) <= limit else text[: limit - 1] + "…"


def is_clean(text: str) -> bool:
    """Whether `clean` would leave every character as it is."""
    return text.isprintable() if text.isascii() else all(_shown(character) == character for character in text)


def _visible(text: str) -> str:
    return "".join(_shown(character) for character in unicodedata.normalize("NFC", text.translate(_SPACES)))


def _shown(character: str) -> str:
    category = unicodedata.category(character)
    if category in _UNSAFE or character in _MELTING:
        return ""
    return " " if category == "Zs" else character
