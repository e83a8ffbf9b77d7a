"""What stands for the drawn characters where a terminal has letters only; each keeps its width."""

import unicodedata

from rich.cells import cell_len

from tui.ui.lines import Span

_PAIRS = (
    # words and numbers
    ("·", "."), ("…", "~"), ("—", "-"), ("–", "-"), ("−", "-"), ("≈", "~"), ("≥", ">"), ("≤", "<"), ("×", "x"),
    ("±", "~"), ("•", "*"), ("›", ">"), ("‹", "<"), ("»", ">"), ("«", "<"), ("µ", "u"), ("Σ", "S"),
    # signs
    ("▲", "^"), ("▼", "v"), ("▴", "^"), ("▾", "v"), ("△", "^"), ("▽", "v"), ("▶", ">"), ("▸", ">"), ("◀", "<"),
    ("◂", "<"), ("↑", "^"), ("↓", "v"), ("←", "<"), ("→", ">"), ("✓", "+"), ("✗", "x"), ("⏎", "<"), ("␣", "_"),
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

#: Signs that one letter cannot stand for.
_SIGNS = {"≥": ">=", "≤": "<="}
_TITLE_SIGNS = str.maketrans({**_SIGNS, "⏎": "Enter", "␣": "Space"})

#: Broken cells of bars, to be drawn in reverse: a letter cannot be, so its other part is drawn.
_PARTS = "▏▎▍▌▋▊▉"
_OTHER_PARTS = str.maketrans(_PARTS, _PARTS[::-1])


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


def span_in_ascii(span: Span) -> Span:
    """A part of a line in ASCII; a sign that needs two letters takes a space behind it, where one is to spare."""
    text, style = span
    if text.isascii():
        return span
    if " reverse" in style and not text.strip(_PARTS):
        return Span(in_ascii(text.translate(_OTHER_PARTS)), style.replace(" reverse", ""))
    at = -1
    while (at := next((i for i in range(at + 1, len(text)) if text[i] in _SIGNS), -1)) >= 0:
        rest = _shorter(text[at + 1 :])
        if rest is not None:
            text = f"{text[:at]}{_SIGNS[text[at]]}{rest}"
    return Span(in_ascii(text), style)


def _shorter(text: str) -> str | None:
    """One space fewer, where it is missed least: of a gap between columns, of the beginning, of the end."""
    before, gap, after = text.partition("  ")
    if gap:
        return f"{before} {after}"
    if text.startswith(" "):
        return text[1:]
    return text[:-1] if text.endswith(" ") else None


def title_in_ascii(text: str) -> str:
    """Words of a border in ASCII, as wide as they need."""
    return in_ascii(text.translate(_TITLE_SIGNS))
