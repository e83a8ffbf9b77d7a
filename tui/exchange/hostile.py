"""An exchange that has turned against its clients: what it says is twisted, one part of each message after another.

Each message keeps most of what makes it readable, so that the twisted part reaches as deep into a client as it can.
"""

from collections.abc import Callable, Iterator
from enum import StrEnum
from itertools import count

import msgspec


class Attack(StrEnum):
    """What a hostile exchange does to its messages."""

    #: Terminal escape sequences, bells, cursor movements in every kind of text.
    ESCAPES = "escapes"
    #: What terminals and toolkits take for links, buttons and colours.
    MARKUP = "markup"
    #: Letters that run backwards, hide, or are drawn over their neighbours.
    BIDI = "bidi"
    #: Numbers of thousands of digits.
    HUGE = "huge"
    #: NaN, infinities and exponents, as text and bare.
    NOT_NUMBERS = "not_numbers"
    NEGATIVE = "negative"
    ZERO = "zero"
    #: Nesting deeper than any stack.
    DEEP = "deep"
    #: Messages of a megabyte.
    MEGABYTE = "megabyte"
    #: Texts where numbers belong, lists where texts belong, nothing where something belongs.
    TYPES = "types"
    #: Messages that end in their middle.
    TRUNCATED = "truncated"
    #: Answers that arrive byte by byte.
    SLOW = "slow"
    #: Refusals that repeat the whole request, its key and its signature.
    ECHO = "echo"


#: A mark by which tests find on a screen what must not have been obeyed.
OWNED = "OWNED"

_ESCAPES = (
    f"\x1b]0;{OWNED}\x07",
    f"\x1b[2J\x1b[H{OWNED}",
    f"\x9b1;1H{OWNED}\x9b2J",
    f"\x1b]52;c;T1dORUQ=\x07\x1b[?1049l{OWNED}",
    f"\r\n\x08\x08\x08\x07\x1b#8\x1bc{OWNED}",
    f"\x1bP+q544e\x1b\\\x1b[8;5;5t\x1b[21t{OWNED}",
)
_MARKUP = (
    f"[@click=app.quit]{OWNED}[/]",
    f"[link=http://127.0.0.1/]{OWNED}[/link]",
    f"[bold red on blink]{OWNED}[/close]",
    f"[/]{OWNED}[$accent",
    f"<b>{OWNED}</b>&lt;",
)
_BIDI = (
    f"\u202e{OWNED}\u2066",
    f"\u200b\u200f{OWNED}\u00ad\ufeff",
    f"{OWNED[0]}{chr(0x0338) * 40}{OWNED[1:]}{chr(0x030D) * 40}",
    f"\u2067{OWNED}\u3164\u115f\U000e0041",
)
_HUGE = ("9" * 30, "9" * 5_000, "0." + "1" * 3_000, "1" + "0" * 17, "0.00000000000000000001")
_NOT_NUMBERS = ("NaN", "Infinity", "-Infinity", "1e400", "-1e-400", "0x10", "١٢٣", "1_000", "")
_TYPES: tuple[object, ...] = (None, True, [], {}, "", -1, "x", [[]], {"a": None}, 1.5)
#: Written without quotation marks, which makes the whole message unreadable.
_BARE = "@@bare@@"

Leaf = Callable[[object, int], object]

#: Of so many parts of a message one is twisted.
_ONE_IN = 7
_DEPTH = 100_000
_PAD = b"x" * 1_000_000
#: Every so many messages carry the padding, or what cannot be parsed.
_RARELY = 25
#: Told by name, not to be twisted: what a message is about, without which nobody would read on.
_KEPT = frozenset({"e", "stream", "listenKey", "serverTime"})
#: Always twisted: what a client shows as it is.
_SHOWN = frozenset({"msg", "reason", "r"})


class Hostility:
    """Twists messages in one way until told otherwise; `attack` is None for an honest exchange."""

    def __init__(self) -> None:
        self.attack: Attack | None = None
        self._turns = count()

    def twist(self, message: bytes) -> bytes:
        """The message as it is sent."""
        if self.attack is None or self.attack in (Attack.SLOW, Attack.ECHO):
            return message
        turn = next(self._turns)
        if self.attack is Attack.TRUNCATED:
            return message[: len(message) * (turn % 10) // 10]
        if self.attack is Attack.DEEP:
            depth = _DEPTH if turn % 2 else 900
            return b'{"e":' + b'{"a":[' * depth + b"]}" * depth + b"}" if turn % 4 else message
        if self.attack is Attack.MEGABYTE:
            padded = message.startswith(b"{") and len(message) > 2 and not turn % _RARELY
            return b'{"pad":"' + _PAD + b'",' + message[1:] if padded else message
        return _twisted(message, _LEAVES[self.attack], turn)

    def refusal_text(self, text: str, request: str) -> str:
        """What a refusal says."""
        return f"{text} {request}" if self.attack is Attack.ECHO else text


def _twisted(message: bytes, leaf: Leaf, turn: int) -> bytes:
    try:
        content = msgspec.json.decode(message)
    except msgspec.DecodeError:
        return message
    twisted = msgspec.json.encode(_walk(content, "", leaf, count(turn)))
    return twisted.replace(f'"{_BARE}"'.encode(), b"NaN" if turn % 2 else b"1e400")


def _walk(content: object, key: str, leaf: Leaf, numbers: Iterator[int]) -> object:
    if isinstance(content, dict):
        return {name: _walk(value, name, leaf, numbers) for name, value in content.items()}
    if isinstance(content, list):
        return [_walk(value, key, leaf, numbers) for value in content]
    number = next(numbers)
    if key in _KEPT or (key not in _SHOWN and number % _ONE_IN):
        return content
    return leaf(content, number // _ONE_IN)


def _is_number(content: object) -> bool:
    if isinstance(content, str):
        return content[:1].isdigit() or content[:1] == "-"
    return isinstance(content, int) and not isinstance(content, bool)


def _text(payloads: tuple[str, ...]) -> Leaf:
    def leaf(content: object, turn: int) -> object:
        if not isinstance(content, str) or _is_number(content):
            return content
        return content + payloads[turn % len(payloads)]

    return leaf


def _number(payloads: tuple[str, ...], whole: int) -> Leaf:
    def leaf(content: object, turn: int) -> object:
        if not _is_number(content):
            return content
        return payloads[turn % len(payloads)] if isinstance(content, str) else whole

    return leaf


def _not_number(content: object, turn: int) -> object:
    if not _is_number(content):
        return content
    if not turn % _RARELY:
        return _BARE
    return _NOT_NUMBERS[turn % len(_NOT_NUMBERS)] if isinstance(content, str) else content


def _negative(content: object, turn: int) -> object:
    if isinstance(content, str):
        return f"-{content}" if _is_number(content) else content
    return -content if isinstance(content, int) and not isinstance(content, bool) else content


_LEAVES: dict[Attack, Leaf] = {
    Attack.ESCAPES: _text(_ESCAPES),
    Attack.MARKUP: _text(_MARKUP),
    Attack.BIDI: _text(_BIDI),
    Attack.HUGE: _number(_HUGE, 2**63 - 1),
    Attack.NOT_NUMBERS: _not_number,
    Attack.NEGATIVE: _negative,
    Attack.ZERO: _number(("0", "0.00000000"), 0),
    Attack.TYPES: lambda content, turn: _TYPES[turn % len(_TYPES)],
}
