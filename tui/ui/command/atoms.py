"""Numbers, sizes, prices, times and symbols of the command line: single words to what they mean."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Literal, get_args

from tui.domain.text import clean
from tui.ui.command.meanings import Anchor, Price, Size, Unit

_PLAIN = re.compile(r"(?:[0-9]{1,18}(?:\.[0-9]{0,18})?|\.[0-9]{1,18})\Z", re.ASCII)
_ANCHORS: dict[str, Anchor] = {anchor: anchor for anchor in get_args(Anchor)}
_ANCHOR = re.compile(rf"({'|'.join(filter(None, _ANCHORS))})?(?:([+-])([0-9.]{{1,18}})(t|%|r))?\Z", re.ASCII)
_SHARES: tuple[tuple[str, Unit], ...] = (("%bal", "balance"), ("%pos", "position"), ("%r", "risk"))
_DISTANCE = re.compile(r"[0-9.]{1,18}(?:t|%|r)\Z", re.ASCII)
_SYMBOL = re.compile(r"[A-Z0-9]{2,24}(?:[-_][A-Z0-9]{1,12})?\Z", re.ASCII)
_TIME = re.compile(r"([0-9]{1,5})(s|m|h|d)\Z", re.ASCII)
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_TIMES = {"k": Decimal(1_000), "m": Decimal(1_000_000)}

IsSymbol = Callable[[str], bool]


class GrammarError(Exception):
    """A line that means nothing: the text names the value and the remedy, `offer` is the line put right, or "".

    Where `instead_of` names a word of the line, `offer` is only what belongs in that word's place.
    """

    def __init__(self, text: str, offer: str = "", *, instead_of: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.offer = offer
        self.instead_of = instead_of

    def within(self, line: str) -> "GrammarError":
        """The same error with the whole line as its offer."""
        if not self.offer or not self.instead_of:
            return self
        wrong = re.escape(self.instead_of)
        whole = list(re.finditer(rf"(?<![^\s@]){wrong}(?![^\s@])", line, re.IGNORECASE))
        found = whole[-1] if whole else re.search(wrong, line, re.IGNORECASE)
        if found is None:
            return GrammarError(self.text)
        return GrammarError(self.text, f"{line[: found.start()]}{self.offer}{line[found.end() :]}".strip())


def is_plain(word: str) -> bool:
    """Whether a word is a plain number without sign."""
    return _PLAIN.match(word) is not None


def looks_like_symbol(word: str) -> bool:
    """Whether a word could be a symbol's name."""
    return _SYMBOL.match(word.upper()) is not None


def number(word: str, what: str) -> Decimal:
    """A plain positive number; raises GrammarError naming what it should have been."""
    if _PLAIN.match(word):
        value = Decimal(word)
        if value > 0:
            return value
        raise GrammarError(f"{what} {word} must be more than zero")
    shown = clean(word, 24)
    if "," in word and _PLAIN.match(word.replace(",", "")):
        plain = word.replace(",", "")
        raise GrammarError(f"{what} {shown!r} has a comma: write {plain}", plain, instead_of=word)
    if word[:1] in "+-" and _PLAIN.match(word[1:]):
        raise GrammarError(
            f"{what} {shown!r} has a sign: b buys and s sells, write {word[1:]}", word[1:], instead_of=word
        )
    raise GrammarError(f"{what} {shown!r} is not a plain number like 0.1")


def whole(word: str, what: str, most: int) -> int:
    """A whole number from 1 to `most`; raises GrammarError."""
    value = number(word, what)
    if value != int(value) or value > most:
        raise GrammarError(f"{what} {clean(word, 24)} is no whole number from 1 to {most}")
    return int(value)


def percentage(word: str, what: str, most: int = 100) -> Decimal:
    """`2%` as 2; raises GrammarError."""
    if not word.endswith("%"):
        shown = clean(word, 24)
        raise GrammarError(f"{what} {shown!r} is a percentage: write {shown}%", f"{word}%", instead_of=word)
    value = number(word[:-1], what)
    if value > most:
        raise GrammarError(f"{what} {clean(word, 24)} is more than {most}%")
    return value


def amount(word: str, what: str) -> Decimal:
    """A number that may end in k or m: `500k`; raises GrammarError."""
    low = word.lower()
    factor = _TIMES.get(low[-1:], Decimal(1))
    return number(low[:-1] if low[-1:] in _TIMES else low, what) * factor


def seconds(word: str, what: str) -> int:
    """`30s`, `15m`, `4h`, `1d` in seconds; raises GrammarError."""
    match = _TIME.match(word.lower())
    if match is None or int(match[1]) == 0:
        raise GrammarError(f"{what} {clean(word, 24)!r} is no time: write 30s, 15m, 4h or 1d")
    return int(match[1]) * _SECONDS[match[2]]


def basis_points(word: str, what: str) -> int:
    """`0.5%` or `50bp` in basis points; raises GrammarError."""
    low = word.lower()
    points = number(low[:-2], what) if low.endswith("bp") else percentage(low, what) * 100
    if points != int(points):
        raise GrammarError(f"{what} {clean(word, 24)} is no whole number of basis points: 0.01% is one")
    return int(points)


def parse_size(word: str) -> Size:
    """SIZE of the grammar; raises GrammarError."""
    low = word.lower()
    if low.endswith("$"):
        return Size(number(low[:-1], "size"), "dollars")
    for suffix, unit in _SHARES:
        if low.endswith(suffix):
            percent = number(low.removesuffix(suffix), "percentage")
            if percent > 100:
                most = f"100{suffix}"
                raise GrammarError(f"{word} is more than all of it: at most {most}", most, instead_of=word)
            return Size(percent, unit)
    if low.endswith("%"):
        text = f"{clean(word, 24)!r} of what? write {low}bal, {low}pos or {low}r"
        raise GrammarError(text, f"{low}bal", instead_of=word)
    if re.fullmatch(r"p[0-9]{1,2}", low):
        return Size(Decimal(low[1:]), "preset")
    return Size(number(low, "size"), "base")


def parse_price(word: str, *, from_entry: bool = False) -> Price:
    """PRICE of the grammar; raises GrammarError. With `from_entry`, `-1%`, `+20t` and `+2R` count from the entry."""
    low = word.lower()
    match = _ANCHOR.match(low)
    if match is None or (match[1] is None and not (from_entry and match[2])):
        begun = next((anchor for anchor in _ANCHORS if anchor and low.startswith(anchor)), "")
        if begun:
            text = f"price {clean(word, 24)!r}: after {begun} write -2t (ticks) or +0.1%"
            raise GrammarError(text, f"{begun}-2t", instead_of=word)
        try:
            return Price("", number(low, "price"))
        except GrammarError as error:
            text = f"{error.text}; or bid, ask, mid, bid-2t, ask+0.1%"
            raise GrammarError(text, error.offer, instead_of=error.instead_of) from None
    anchor, sign, moved_by, unit = _ANCHORS[match[1] or ""], match[2], match[3], match[4]
    if moved_by is None:
        return Price(anchor)
    moved = number(moved_by, "distance") * (-1 if sign == "-" else 1)
    if unit == "r":
        return Price(anchor, risks=moved)
    if unit == "t":
        if moved != int(moved):
            mended = f"{anchor}{sign}{round(abs(moved))}t"
            raise GrammarError(f"{moved_by}t is no whole number of ticks", mended, instead_of=word)
        return Price(anchor, ticks=int(moved))
    return Price(anchor, percent=moved)


def parse_exit(word: str, kind: Literal["sl", "tp"]) -> Price:
    """A price of `sl` or `tp`: a number, an anchor, or counted from the entry (`-1%`, `+2R`); raises GrammarError.

    A distance without its sign lies on the side where it belongs: `1%` is a loss in `sl` and a profit in `tp`.
    """
    low = word.lower()
    is_bare = _DISTANCE.match(low) is not None
    price = parse_price(f"{'-' if kind == 'sl' else '+'}{low}" if is_bare else low, from_entry=True)
    if kind == "sl" and price.risks:
        raise GrammarError("the stop itself makes R: give sl as a price, 1% or 20t", "1%", instead_of=word)
    return price


def parse_symbol(word: str, is_symbol: IsSymbol) -> str:
    """A listed symbol; raises GrammarError."""
    name = word.upper()
    if not _SYMBOL.match(name) or not is_symbol(name):
        raise GrammarError(f"{clean(word, 24)!r} is not listed: find it with /")
    return name
