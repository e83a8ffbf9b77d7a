"""Lines that make orders: `b`, `s`, `oco`."""

from dataclasses import replace
from difflib import get_close_matches
from enum import StrEnum
from typing import TypeVar

from tui.domain.order_terms import (
    MarginEffect,
    PegPrice,
    PositionSide,
    PriceMatch,
    SelfTradePrevention,
    Side,
    TimeInForce,
)
from tui.domain.text import clean
from tui.ui.command.atoms import (
    GrammarError,
    IsSymbol,
    basis_points,
    is_plain,
    looks_like_symbol,
    parse_exit,
    parse_price,
    parse_size,
    seconds,
    whole,
)
from tui.ui.command.meanings import (
    Condition,
    Extras,
    OcoLine,
    OrderLine,
    Price,
    Size,
)

_TIFS = {"gtc": TimeInForce.GTC, "ioc": TimeInForce.IOC, "fok": TimeInForce.FOK, "gtd": TimeInForce.GTD}
POSITIONS = {"long": PositionSide.LONG, "short": PositionSide.SHORT}
_EFFECTS = {
    "borrow": MarginEffect.MARGIN_BUY,
    "repay": MarginEffect.AUTO_REPAY,
    "autoloan": MarginEffect.AUTO_BORROW_REPAY,
}
_PEGS = {"primary": PegPrice.PRIMARY_PEG, "market": PegPrice.MARKET_PEG}
_SIDES = {"b": Side.BUY, "buy": Side.BUY, "s": Side.SELL, "sell": Side.SELL}

Word = TypeVar("Word", bound=StrEnum)


class OrderWords:
    """The words after the size, taken one by one; what each says is gathered until the line ends."""

    def __init__(self, words: list[str], text: str, is_symbol: IsSymbol) -> None:
        self.rest = list(words)
        self.text = text.strip()
        self._is_symbol = is_symbol
        self.symbol: str | None = None
        self.said: set[str] = set()

    def once(self, what: str, complaint: str = "") -> None:
        """Note that something was said; raises GrammarError the second time."""
        if what in self.said:
            raise GrammarError(complaint or f"the line says {what} twice: keep one")
        self.said.add(what)

    def next(self, question: str, example: str) -> str:
        """The next word; raises GrammarError where there is none."""
        if not self.rest:
            raise GrammarError(f"{question} {example}", f"{self.text} {example.rpartition(' ')[2]}")
        return self.rest.pop(0)

    def take_symbol(self, word: str) -> bool:
        """Whether the word was the line's symbol."""
        if self.symbol is None and self._is_symbol(word.upper()):
            self.symbol = word.upper()
            return True
        return False


def order_line(side: Side, words: list[str], is_symbol: IsSymbol, text: str) -> OrderLine:
    """`b|s SIZE [SYMBOL] [@ PRICE | mkt] …`; raises GrammarError."""
    letter, join = ("b", "bid") if side is Side.BUY else ("s", "ask")
    if not words:
        raise GrammarError(f"how much? {letter} 0.1 @ bid", f"{text.strip()} 0.1 @ bid")
    size = parse_size(words[0])
    taking = OrderWords(words[1:], text, is_symbol)
    line = OrderLine(side, size, None, None)
    while taking.rest:
        word = taking.rest.pop(0)
        line = _said(line, word.lower(), taking) or _symbol_or_error(line, word, taking)
    has_price = taking.said & {"price", "stop", "touch", "trail", "match", "peg"}
    if not has_price:
        raise GrammarError("at what price? add @ PRICE, or mkt", f"{text.strip()} @ {join}")
    line = replace(line, symbol=taking.symbol, time_in_force=_time_in_force(taking.said))
    _check(line, taking)
    return line


def _said(line: OrderLine, low: str, taking: OrderWords) -> OrderLine | None:
    """The line with one more thing said; None for a word that says nothing here."""
    if low in ("@", "mkt"):
        taking.once("price", "the line names its price twice: keep one @ PRICE, or mkt")
        taking.said.add(low)
        if low == "mkt":
            return line
        return replace(line, price=parse_price(taking.next("@ what? write a price, bid, ask or mid:", "bid")))
    if low in ("po", "ro", *_TIFS):
        return _flagged(line, low, taking)
    if low in ("stop", "touch", "trail", "from"):
        return _conditional(line, low, taking)
    if low in ("sl", "tp"):
        taking.once(low)
        word = taking.next(f"{low} at what price?", f"{low} 1%")
        if low == "sl":
            return replace(line, stop_loss=parse_exit(word, "sl"))
        return replace(line, take_profit=parse_exit(word, "tp"))
    extras = _extra(line.extras, low, taking)
    return None if extras is None else replace(line, extras=extras)


def _flagged(line: OrderLine, low: str, taking: OrderWords) -> OrderLine:
    taking.said.add(low)
    if low == "gtd":
        length = seconds(taking.next("gtd for how long?", "gtd 30m"), "gtd")
        return replace(line, extras=replace(line.extras, good_for_s=length))
    if low == "po":
        return replace(line, post_only=True)
    return replace(line, reduce_only=True) if low == "ro" else line


def _conditional(line: OrderLine, low: str, taking: OrderWords) -> OrderLine:
    if low == "from":
        if line.condition is None or line.condition.kind != "trail":
            raise GrammarError("from belongs to trail: trail 0.5% from 64000")
        price = parse_price(taking.next("from what price?", "from bid"))
        return replace(line, condition=replace(line.condition, price=price))
    taking.once("condition", "the line waits for two things: keep one of stop, touch and trail")
    taking.said.add(low)
    if low == "trail":
        points = basis_points(taking.next("trail by how much?", "trail 0.5%"), "trail")
        return replace(line, condition=Condition("trail", None, points))
    price = parse_price(taking.next(f"{low} at what price?", f"{low} ask+0.5%"))
    return replace(line, condition=Condition("stop" if low == "stop" else "touch", price))


def _extra(extras: Extras, low: str, taking: OrderWords) -> Extras | None:
    match low:
        case "mark":
            return replace(extras, at_mark=True)
        case "protect":
            return replace(extras, protect=True)
        case "long" | "short":
            taking.once("position", "long or short: keep one")
            return replace(extras, position=POSITIONS[low])
        case "borrow" | "repay" | "autoloan":
            taking.once("loan", "borrow, repay or autoloan: keep one")
            return replace(extras, effect=_EFFECTS[low])
        case "show":
            return replace(extras, show=parse_size(taking.next("show how much?", "show 0.01")))
        case "match":
            taking.said.add("match")
            return replace(extras, match=_choice(taking.next("match what?", "match queue"), PriceMatch, "match"))
        case "stp":
            word = taking.next("stp how?", "stp expire_taker")
            return replace(extras, prevention=_choice(word, SelfTradePrevention, "stp"))
        case "peg":
            taking.said.add("peg")
            word = taking.next("peg to what?", "peg primary").lower()
            if word not in _PEGS:
                text = f"peg {clean(word, 20)!r}: primary (own side) or market (the other)"
                raise GrammarError(text, "primary", instead_of=word)
            levels = whole(taking.rest.pop(0), "levels", 100) if taking.rest and is_plain(taking.rest[0]) else None
            return replace(extras, peg=_PEGS[word], peg_levels=levels)
    return None


def _choice(word: str, choices: type[Word], what: str) -> Word:
    wanted = word.upper().replace("-", "_")
    for choice in choices:
        if wanted in (choice.value, choice.value.replace("_", "")):
            return choice
    names = " ".join(choice.value.lower() for choice in choices)
    near = get_close_matches(word.lower(), names.split(), n=1)
    offer = near[0] if near else ""
    raise GrammarError(f"{what} {clean(word, 20)!r}: one of {names}", offer, instead_of=word)


def _symbol_or_error(line: OrderLine, word: str, taking: OrderWords) -> OrderLine:
    if taking.take_symbol(word):
        return line
    raise unknown_word(word, "SYMBOL, @ PRICE, mkt, po, ro, ioc or fok; help b", "price" in taking.said)


def unknown_word(word: str, choices: str, has_price: bool = True) -> GrammarError:
    """The error for a word that says nothing where it stands."""
    if is_plain(word) and not has_price:
        return GrammarError(f"{word} is a second number: write @ before a price", f"@ {word}", instead_of=word)
    if looks_like_symbol(word) and len(word) > 4 and any(one.isdigit() or one in "-_" for one in word.upper()[4:]):
        return GrammarError(f"{clean(word, 24)!r} is not listed: find it with /")
    if looks_like_symbol(word) and len(word) > 5:
        return GrammarError(f"{clean(word, 24)!r} is not listed: find it with /")
    return GrammarError(f"{clean(word, 24)!r} means nothing here: {choices}")


def _time_in_force(said: set[str]) -> TimeInForce:
    chosen = [name for name in _TIFS if name in said]
    if len(chosen) > 1:
        raise GrammarError(f"{' and '.join(chosen[:2])} exclude each other: keep one")
    return _TIFS[chosen[0]] if chosen else TimeInForce.GTC


def _check(line: OrderLine, taking: OrderWords) -> None:
    """What cannot be meant together, whatever the product."""
    said, with_stop = taking.said, f"{taking.text} sl 1%"
    quick = line.time_in_force in (TimeInForce.IOC, TimeInForce.FOK)
    is_market = line.price is None and not said & {"match", "peg"}
    if is_market and (line.post_only or quick):
        raise GrammarError("a market order takes no po, ioc or fok: leave it out, or give a price with @")
    if line.post_only and quick:
        raise GrammarError("post-only waits, ioc and fok do not: keep one")
    if is_market and line.condition is None and line.time_in_force is TimeInForce.GTD:
        raise GrammarError("a market order trades at once: leave gtd out, or give a price with @")
    if line.condition is not None and line.condition.kind == "trail" and line.price is not None:
        raise GrammarError("a trailing stop trades at market: leave @ out; from P says where it starts")
    if line.size.unit == "risk" and line.stop_loss is None:
        raise GrammarError("a size of risk needs a stop: add sl PRICE", with_stop)
    if line.reduce_only and (line.stop_loss or line.take_profit):
        raise GrammarError("an order that only closes needs no sl or tp: leave ro out, or use oco")
    if line.take_profit is not None and line.take_profit.risks and line.stop_loss is None:
        raise GrammarError("R is the distance to the stop: add sl PRICE", with_stop)


def oco_line(words: list[str], is_symbol: IsSymbol, text: str) -> OcoLine:
    """`oco b|s SIZE [SYMBOL] tp P sl P`; raises GrammarError."""
    side, size = side_and_size("oco", words, text)
    taking = OrderWords(words[2:], text, is_symbol)
    profit: Price | None = None
    stop: Price | None = None
    while taking.rest:
        word = taking.rest.pop(0)
        low = word.lower()
        if low in ("tp", "sl"):
            taking.once(low)
            word = taking.next(f"{low} at what price?", f"{low} 1%")
            if low == "tp":
                profit = parse_exit(word, "tp")
            else:
                stop = parse_exit(word, "sl")
        elif not taking.take_symbol(word):
            raise unknown_word(word, "SYMBOL, tp PRICE, sl PRICE")
    if profit is None or stop is None:
        missing = "tp" if profit is None else "sl"
        raise GrammarError(f"oco needs both prices: add {missing} PRICE", f"{text.strip()} {missing} 1%")
    return OcoLine(side, size, taking.symbol, profit, stop)


def side_and_size(verb: str, words: list[str], text: str) -> tuple[Side, Size]:
    """What a line begins with after its verb: `b|s SIZE`; raises GrammarError."""
    side = _SIDES.get(words[0].lower()) if words else None
    if side is None:
        raise GrammarError(f"{verb} buys or sells? {verb} b 0.1 …", f"{verb} b {' '.join(words)}".strip())
    if len(words) < 2:
        raise GrammarError(f"how much? {text.strip()} 0.1", f"{text.strip()} 0.1")
    return side, parse_size(words[1])
