"""Keys as Textual calls them and as a person writes them; which of them every terminal delivers."""

import re

#: Textual's names beside the ones a person writes.
_TEXT = {
    "question_mark": "?",
    "colon": ":",
    "semicolon": ";",
    "slash": "/",
    "backslash": "\\",
    "comma": ",",
    "full_stop": ".",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "left_parenthesis": "(",
    "right_parenthesis": ")",
    "left_curly_bracket": "{",
    "right_curly_bracket": "}",
    "plus": "+",
    "equals_sign": "=",
    "minus": "-",
    "underscore": "_",
    "apostrophe": "'",
    "quotation_mark": '"',
    "grave_accent": "`",
    "tilde": "~",
    "exclamation_mark": "!",
    "at": "@",
    "number_sign": "#",
    "dollar_sign": "$",
    "percent_sign": "%",
    "circumflex_accent": "^",
    "ampersand": "&",
    "asterisk": "*",
    "vertical_line": "|",
    "space": "Space",
    "enter": "Enter",
    "escape": "Esc",
    "backspace": "Backspace",
    "delete": "Del",
    "insert": "Ins",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "home": "Home",
    "end": "End",
    "tab": "Tab",
    "shift+tab": "Shift+Tab",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
}

_WRITTEN = {text.lower(): name for name, text in _TEXT.items()} | {
    "esc": "escape",
    "return": "enter",
    "del": "delete",
    "page_up": "pageup",
    "page_down": "pagedown",
}

_CTRL = re.compile(r"(?:\^|ctrl\+|c-)(.)\Z", re.IGNORECASE)

#: What terminals and the programs around them make of a key; measured on a plain xterm stream.
_UNUSABLE = {
    "f10": "desktop terminals keep F10 for their menu",
    "f11": "desktop terminals keep F11 for full screen",
    "ctrl+a": "screen keeps ^a",
    "ctrl+b": "tmux keeps ^b",
    "ctrl+c": "terminals interrupt with ^c",
    "ctrl+s": "^s stops the terminal's output",
    "ctrl+z": "^z would stop the program and its connections",
    "ctrl+i": "a terminal sends ^i as Tab",
    "ctrl+j": "a terminal sends ^j as Enter",
    "ctrl+m": "a terminal sends ^m as Enter",
    "ctrl+h": "a terminal sends ^h as Backspace",
    "escape": "Esc always locks; it cannot mean anything else",
}


class UnusableKeyError(Exception):
    """A key that cannot be bound; the text names it and says why."""


def key_text(key: str) -> str:
    """A key as a person writes it: `F8`, `^q`, `[`."""
    if key.startswith("ctrl+"):
        return "^" + key_text(key.removeprefix("ctrl+"))
    if key in _TEXT:
        return _TEXT[key]
    return key.upper() if len(key) > 1 and key.startswith("f") and key[1:].isdigit() else key


def keys_text(keys: tuple[str, ...]) -> str:
    """Several keys as a person writes them."""
    return " ".join(key_text(key) for key in keys) or "unbound"


def parse_key(written: str) -> str:
    """Textual's name of a key a person wrote (`F4`, `^k`, `[`, `space`); raises UnusableKeyError."""
    name = _name(written.strip())
    if name in _UNUSABLE:
        raise UnusableKeyError(f"{written!r} cannot be used: {_UNUSABLE[name]}")
    return name


def _name(text: str) -> str:
    low = text.lower()
    if low in _TEXT or low in _WRITTEN:
        return low if low in _TEXT else _WRITTEN[low]
    if len(text) == 1 and text.isascii() and text.isalnum():
        return text
    if re.fullmatch(r"f([1-9]|1[0-2])", low):
        return low
    control = _CTRL.fullmatch(text)
    if control is not None and control[1].isascii() and control[1].isalpha():
        return f"ctrl+{control[1].lower()}"
    if low.startswith(("alt+", "meta+", "m-")):
        raise UnusableKeyError(f"{text!r} cannot be used: a terminal sends Alt as Esc and a key, and Esc locks")
    if low.startswith(("ctrl+", "shift+", "super+", "cmd+")):
        raise UnusableKeyError(f"{text!r} cannot be used: plain terminals do not deliver it")
    raise UnusableKeyError(f"{text!r} is no key: write a letter, digit, sign, F1 to F9, F12, ^letter, Space, Enter …")
