"""The language of the command line: text to what is meant, without a market or a screen.

One line, one intent:

    b|s SIZE [SYMBOL] @ PRICE | mkt  [po] [ro] [ioc|fok]
    SIZE   0.1 (base)  500$ (quote)  25%bal  50%pos  p3 (preset)
    PRICE  64200  bid  ask  mid  bid-2t  ask+0.1%
    x [N | all | SYMBOL | buy | sell]     close [50%] [SYMBOL] [@ PRICE]
    sym SYMBOL   group N   tf 5m   arm   lock   halt   away   keys   help [WORD]   q
    ws [NAME | save NAME | drop NAME]   layout NAME   acct [NAME]   theme NAME   settings [WORD]
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from typing import Literal

from tui.domain.interval import INTERVALS, named_interval
from tui.domain.order import Side, TimeInForce
from tui.domain.text import clean
from tui.ui.command.screen_words import SCREEN_COMMANDS, ArrangeLine, ScreenWordError, parse_screen_words

MAX_LENGTH = 160


class GrammarError(Exception):
    """A line that means nothing: the text names the value and the remedy, `offer` is the line put right, or ""."""

    def __init__(self, text: str, offer: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.offer = offer


Unit = Literal["base", "quote", "balance", "position", "preset"]


@dataclass(frozen=True, slots=True)
class Size:
    """How much: base or quote units, percent of the free balance or of the position, or a preset's number."""

    amount: Decimal
    unit: Unit


@dataclass(frozen=True, slots=True)
class Price:
    """Which price: a number (`anchor` empty), or an anchor of the live book moved by ticks and percent."""

    anchor: Literal["", "bid", "ask", "mid"]
    number: Decimal = Decimal(0)
    ticks: int = 0
    percent: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class OrderLine:
    """`b` or `s`; no price means market."""

    side: Side
    size: Size
    symbol: str | None
    price: Price | None
    post_only: bool = False
    reduce_only: bool = False
    time_in_force: TimeInForce = TimeInForce.GTC


@dataclass(frozen=True, slots=True)
class CancelLine:
    """`x`: one order by its number, a side or all entries of a symbol (None: the focused one), or of the account."""

    number: int | None = None
    everything: bool = False
    symbol: str | None = None
    side: Side | None = None


@dataclass(frozen=True, slots=True)
class CloseLine:
    """`close`: a fraction of a position, at market or at a price."""

    fraction: Decimal = Decimal(1)
    symbol: str | None = None
    price: Price | None = None


@dataclass(frozen=True, slots=True)
class SymbolLine:
    """`sym`: look at another symbol."""

    symbol: str


@dataclass(frozen=True, slots=True)
class GroupLine:
    """`group`: ticks in one row of the ladder."""

    ticks: int


@dataclass(frozen=True, slots=True)
class IntervalLine:
    """`tf`: the candles' interval."""

    interval: str


@dataclass(frozen=True, slots=True)
class WordLine:
    """A word that stands alone: arm, lock, halt, away, keys, q; or help with what about."""

    word: Literal["arm", "lock", "halt", "away", "keys", "help", "q"]
    about: str = ""


ParsedLine = OrderLine | CancelLine | CloseLine | SymbolLine | GroupLine | IntervalLine | WordLine | ArrangeLine

#: Each command with how it is written; help is made from it.
COMMANDS: tuple[tuple[str, str, str], ...] = (
    ("b", "b SIZE [SYMBOL] @ PRICE | mkt  [po] [ro] [ioc|fok]", "buy: b 0.1 @ bid po · b 500$ mkt · b 25%bal @ ask-2t"),
    ("s", "s SIZE [SYMBOL] @ PRICE | mkt  [po] [ro] [ioc|fok]", "sell: s 0.1 @ ask · s 50%pos mkt ro · s p3 @ 64200"),
    ("x", "x [N | all | SYMBOL | buy | sell]", "cancel order N, or entries of all, a symbol, a side"),
    ("close", "close [50%] [SYMBOL] [@ PRICE]", "close a position or part of it, reduce-only"),
    ("sym", "sym SYMBOL", "show another symbol"),
    ("group", "group N", "ticks in one row of the ladder"),
    ("tf", "tf 5m", "interval of the chart: " + " ".join(INTERVALS)),
    ("arm", "arm", "let ladder keys send at once"),
    ("lock", "lock", "let nothing be sent without review"),
    ("halt", "halt", "cancel entries, lock, refuse new orders"),
    ("away", "away", "lock the screen and forget the secret until you are back"),
    ("keys", "keys", "API keys: list, add, make, check, choose, remove"),
    *SCREEN_COMMANDS,
    ("help", "help [WORD]", "this list, or one command"),
    ("q", "q", "quit"),
)

#: Commands that a read-only session does not have.
WRITE_WORDS = frozenset({"b", "s", "x", "close", "arm", "halt"})

_WORDS = {name: name for name, _, _ in COMMANDS} | {"buy": "b", "sell": "s", "cancel": "x", "quit": "q"}
_PLAIN = re.compile(r"(?:[0-9]{1,18}(?:\.[0-9]{0,18})?|\.[0-9]{1,18})\Z", re.ASCII)
_ANCHOR = re.compile(r"(bid|ask|mid)(?:([+-])([0-9.]{1,18})(t|%))?\Z", re.ASCII)
_SYMBOL = re.compile(r"[A-Z0-9]{2,24}(?:[-_][A-Z0-9]{1,12})?\Z", re.ASCII)


def parse(text: str, is_symbol: Callable[[str], bool]) -> ParsedLine:
    """What a line means; raises GrammarError. `is_symbol` says whether an upper-case name is listed."""
    if len(text) > MAX_LENGTH:
        raise GrammarError(f"the line has {len(text)} characters: shorten it to {MAX_LENGTH}")
    if clean(text, MAX_LENGTH + 1) != text:
        raise GrammarError("the line holds invisible characters: type it anew")
    words = text.replace("@", " @ ").split()
    if not words:
        raise GrammarError("nothing to do: type a command, or help")
    name = _WORDS.get(words[0].lower())
    if name is None:
        near = get_close_matches(words[0].lower(), _WORDS, n=1, cutoff=0.5)
        offer = " ".join([near[0], *words[1:]]) if near else ""
        raise GrammarError(f"{clean(words[0], 20)!r} is no command: {' '.join(n for n, _, _ in COMMANDS)}", offer)
    rest = words[1:]
    match name:
        case "b" | "s":
            return _order(Side.BUY if name == "b" else Side.SELL, rest, is_symbol, text)
        case "x":
            return _cancel(rest, is_symbol)
        case "close":
            return _close(rest, is_symbol)
        case "sym" | "group" | "tf":
            return _look(name, rest, is_symbol)
        case "ws" | "layout" | "acct" | "theme" | "settings":
            return _arrange(name, rest)
        case "help":
            return WordLine("help", rest[0].lower() if rest else "")
        case _:
            if rest:
                raise GrammarError(f"{name} stands alone: {clean(rest[0], 20)!r} is too much", name)
            return WordLine(name)  # type: ignore[arg-type]


def _arrange(word: str, rest: list[str]) -> ArrangeLine:
    try:
        return parse_screen_words(word, rest)
    except ScreenWordError as error:
        raise GrammarError(error.text, error.offer) from None


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
        raise GrammarError(f"{what} {shown!r} has a comma: write {plain}", plain)
    if word[:1] in "+-" and _PLAIN.match(word[1:]):
        raise GrammarError(f"{what} {shown!r} has a sign: b buys and s sells, write {word[1:]}", word[1:])
    raise GrammarError(f"{what} {shown!r} is not a plain number like 0.1")


def parse_size(word: str) -> Size:
    """SIZE of the grammar; raises GrammarError."""
    low = word.lower()
    if low.endswith("$"):
        return Size(number(low[:-1], "size"), "quote")
    for suffix, unit in (("%bal", "balance"), ("%pos", "position")):
        if low.endswith(suffix):
            percent = number(low.removesuffix(suffix), "percentage")
            if percent > 100:
                raise GrammarError(f"{word} is more than all of it: at most 100{suffix}", f"100{suffix}")
            return Size(percent, unit)  # type: ignore[arg-type]
    if low.endswith("%"):
        raise GrammarError(f"{clean(word, 24)!r} of what? write {low}bal or {low}pos", f"{low}bal")
    if re.fullmatch(r"p[0-9]{1,2}", low):
        return Size(Decimal(low[1:]), "preset")
    return Size(number(low, "size"), "base")


def parse_price(word: str) -> Price:
    """PRICE of the grammar; raises GrammarError."""
    low = word.lower()
    match = _ANCHOR.match(low)
    if match is None:
        if low[:3] in ("bid", "ask", "mid"):
            raise GrammarError(
                f"price {clean(word, 24)!r}: after {low[:3]} write -2t (ticks) or +0.1%", f"{low[:3]}-2t"
            )
        try:
            return Price("", number(low, "price"))
        except GrammarError as error:
            raise GrammarError(f"{error.text}; or bid, ask, mid, bid-2t, ask+0.1%", error.offer) from None
    anchor, sign, amount, unit = match.groups()
    if amount is None:
        return Price(anchor)  # type: ignore[arg-type]
    moved = number(amount, "distance") * (-1 if sign == "-" else 1)
    if unit == "t":
        if moved != int(moved):
            raise GrammarError(f"{amount}t is no whole number of ticks", f"{anchor}{sign}{round(abs(moved))}t")
        return Price(anchor, ticks=int(moved))  # type: ignore[arg-type]
    return Price(anchor, percent=moved)  # type: ignore[arg-type]


def parse_symbol(word: str, is_symbol: Callable[[str], bool]) -> str:
    """A listed symbol; raises GrammarError."""
    name = word.upper()
    if not _SYMBOL.match(name) or not is_symbol(name):
        raise GrammarError(f"{clean(word, 24)!r} is not listed: find it with /")
    return name


def _order(side: Side, words: list[str], is_symbol: Callable[[str], bool], text: str) -> OrderLine:
    if not words:
        raise GrammarError(f"how much? {'b' if side is Side.BUY else 's'} 0.1 @ bid", f"{text.strip()} 0.1 @ bid")
    size, rest = _sized(words, text), words[1:]
    symbol: str | None = None
    price: Price | None = None
    kind = ""
    flags: set[str] = set()
    while rest:
        word = rest.pop(0)
        low = word.lower()
        if low in ("@", "mkt"):
            if kind:
                raise GrammarError("the line names its price twice: keep one @ PRICE, or mkt")
            kind = low
            if low == "@":
                if not rest:
                    raise GrammarError("@ what? write a price, bid, ask or mid", f"{text.strip()} bid")
                price = parse_price(rest.pop(0))
        elif low in ("po", "ro", "ioc", "fok"):
            flags.add(low)
        elif symbol is None and is_symbol(word.upper()):
            symbol = word.upper()
        else:
            raise _unknown_word(word, bool(kind), text)
    if not kind:
        raise GrammarError(
            "at what price? add @ PRICE, or mkt", f"{text.strip()} @ {'bid' if side is Side.BUY else 'ask'}"
        )
    return OrderLine(side, size, symbol, price, "po" in flags, "ro" in flags, _time_in_force(flags, price))


def _sized(words: list[str], text: str) -> Size:
    """The size of an order line; an error offers the whole line with the size put right."""
    try:
        return parse_size(words[0])
    except GrammarError as error:
        if not error.offer:
            raise
        raise GrammarError(error.text, text.replace(words[0], error.offer, 1).strip()) from None


def _unknown_word(word: str, has_price: bool, text: str) -> GrammarError:
    if _PLAIN.match(word) and not has_price:
        return GrammarError(f"{word} is a second number: write @ before a price", text.replace(word, f"@ {word}", 1))
    if _SYMBOL.match(word.upper()) and len(word) > 4:
        return GrammarError(f"{clean(word, 24)!r} is not listed: find it with /")
    return GrammarError(f"{clean(word, 24)!r} means nothing here: SYMBOL, @ PRICE, mkt, po, ro, ioc or fok")


def _time_in_force(flags: set[str], price: Price | None) -> TimeInForce:
    if {"ioc", "fok"} <= flags:
        raise GrammarError("ioc and fok exclude each other: keep one")
    if price is None and flags & {"po", "ioc", "fok"}:
        raise GrammarError("a market order takes no po, ioc or fok: leave it out, or give a price with @")
    if "po" in flags and flags & {"ioc", "fok"}:
        raise GrammarError("post-only waits, ioc and fok do not: keep one")
    if "ioc" in flags:
        return TimeInForce.IOC
    return TimeInForce.FOK if "fok" in flags else TimeInForce.GTC


def _cancel(words: list[str], is_symbol: Callable[[str], bool]) -> CancelLine:
    if not words:
        return CancelLine()
    if len(words) > 1:
        raise GrammarError(f"x takes one thing: {clean(words[1], 20)!r} is too much", f"x {words[0]}")
    low = words[0].lower()
    if low == "all":
        return CancelLine(everything=True)
    if low in ("buy", "b", "sell", "s"):
        return CancelLine(side=Side.BUY if low[0] == "b" else Side.SELL)
    if low.isascii() and low.isdigit() and len(low) <= 4:
        return CancelLine(number=int(low))
    return CancelLine(symbol=parse_symbol(words[0], is_symbol))


def _close(words: list[str], is_symbol: Callable[[str], bool]) -> CloseLine:
    fraction, symbol, price = Decimal(1), None, None
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word == "@":
            if not rest:
                raise GrammarError("@ what? write a price, bid, ask or mid", f"close {' '.join(words)} ask")
            price = parse_price(rest.pop(0))
        elif word.endswith("%"):
            percent = number(word[:-1], "percentage")
            if percent > 100:
                raise GrammarError(f"{word} is more than the position: at most 100%", "close")
            fraction = percent / 100
        elif _PLAIN.match(word):
            raise GrammarError(f"close takes a percentage: {word}%", f"close {word}%")
        else:
            symbol = parse_symbol(word, is_symbol)
    return CloseLine(fraction, symbol, price)


def _look(name: str, words: list[str], is_symbol: Callable[[str], bool]) -> ParsedLine:
    if len(words) != 1:
        usage = next(usage for command, usage, _ in COMMANDS if command == name)
        raise GrammarError(f"{name} takes one thing: {usage}", f"{name} {words[0]}" if words else "")
    word = words[0]
    if name == "sym":
        return SymbolLine(parse_symbol(word, is_symbol))
    if name == "tf":
        interval = named_interval(word)
        if interval is None:
            raise GrammarError(f"{clean(word, 20)!r} is no interval: {' '.join(INTERVALS)}", "tf 5m")
        return IntervalLine(interval)
    ticks = number(word, "group")
    if ticks != int(ticks) or ticks > 100_000:
        raise GrammarError(f"group {word} is no whole number of ticks up to 100000", "group 10")
    return GroupLine(int(ticks))
