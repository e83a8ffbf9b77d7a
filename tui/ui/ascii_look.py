"""What stands for the drawn characters where a terminal has letters only; each keeps its width."""

import unicodedata

from rich.cells import cell_len

_PAIRS = (
    # words and numbers
    ("·", "."), ("…", "~"), ("—", "-"), ("–", "-"), ("−", "-"), ("≈", "~"), ("≥", ">"), ("≤", "<"), ("×", "x"),
    ("±", "~"), ("•", "*"), ("›", ">"), ("‹", "<"), ("»", ">"), ("«", "<"), ("µ", "u"), ("Σ", "S"),
    # signs
    ("▲", "^"), ("▼", "v"), ("▴", "^"), ("▾", "v"), ("△", "^"), ("▽", "v"), ("▶", ">"), ("▸", ">"), ("◀", "<"),
    ("◂", "<"), ("↑", "^"), ("↓", "v"), ("←", "<"), ("→", ">"), ("✓", "+"), ("✗", "x"), ("⏎", "<"), ("␠", "_"),
    ("↻", "@"), ("⟳", "@"),
    # lights
    ("●", "*"), ("○", "o"), ("◌", "o"), ("◐", "o"), ("◆", "*"), ("◇", "o"), ("■", "#"), ("□", "o"),
    # frames and lines
    ("─", "-"), ("│", "|"), ("┄", "-"), ("┈", "-"), ("╌", "-"), ("┊", "|"), ("┆", "|"), ("╷", "|"), ("╵", "|"),
    ("━", "="),
    # candles that rise
    ("┃", ":"), ("╻", ","), ("╹", "'"), ("╽", ":"), ("╿", ":"), ("▔", "="),
    # bars: by height, then by width
    ("▁", "_"), ("▂", "."), ("▃", "-"), ("▄", "="), ("▅", "+"), ("▆", "*"), ("▇", "%"), ("█", "#"), ("▀", "#"),
    ("▏", "|"), ("▎", "-"), ("▍", "-"), ("▌", "-"), ("▋", "="), ("▊", "="), ("▉", "#"), ("░", ":"), ("▒", "%"),
    ("▓", "#"),
)  # fmt: skip

_UNKNOWN = "?"


class _Letters(dict[int, str]):
    """One letter, or as many as it took cells, for each character beyond ASCII."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        self[code] = found = character if character.isascii() else _nearest(character)
        return found


def _nearest(character: str) -> str:
    base = unicodedata.normalize("NFKD", character)[:1]
    if base.isascii() and base.isprintable() and cell_len(character) == 1:
        return base
    code = ord(character)
    if 0x2500 <= code < 0x2580:
        return "+"
    if 0x2580 <= code < 0x25A0:
        return "#"
    if 0x2800 <= code < 0x2900:
        return "." if code > 0x2800 else " "
    return _UNKNOWN * cell_len(character)


_LETTERS = _Letters({ord(drawn): letter for drawn, letter in _PAIRS})


def in_ascii(text: str) -> str:
    """The text in ASCII, exactly as many cells wide."""
    return text if text.isascii() else text.translate(_LETTERS)
