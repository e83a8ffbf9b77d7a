"""Lines about what works and what is held: `x`, `m`, `close`, `rev`, `sl`, `tp`, `ts`, `stop`, `dead`."""

from dataclasses import replace
from typing import Literal

from tui.domain.order_terms import PositionSide, Side
from tui.domain.text import clean
from tui.ui.command.atoms import (
    GrammarError,
    IsSymbol,
    basis_points,
    is_plain,
    number,
    parse_exit,
    parse_price,
    parse_size,
    parse_symbol,
    seconds,
)
from tui.ui.command.meanings import (
    CancelLine,
    ChangeLine,
    CloseLine,
    CountdownLine,
    ProtectLine,
    ReverseLine,
    StopLine,
    TrailLine,
)
from tui.ui.command.order_lines import POSITIONS

_SIDES = {"buy": Side.BUY, "b": Side.BUY, "sell": Side.SELL, "s": Side.SELL}
_OFF = ("off", "none", "0")


def cancel_line(words: list[str], is_symbol: IsSymbol) -> CancelLine:
    """`x [N | side | all | SYMBOL | @>P] [protective]`; raises GrammarError."""
    protective = bool(words) and words[-1].lower() == "protective"
    rest = words[:-1] if protective else words
    line = CancelLine(protective=protective)
    if rest and rest[0] == "@":
        return _cancel_beyond(line, rest[1:])
    if not rest:
        return line
    if len(rest) > 1:
        raise GrammarError(f"x takes one thing: {clean(rest[1], 20)!r} is too much", f"x {rest[0]}")
    low = rest[0].lower()
    if low == "all":
        return replace(line, everything=True)
    if low in _SIDES:
        return replace(line, side=_SIDES[low])
    if low.isascii() and low.isdigit() and len(low) <= 4:
        if protective:
            raise GrammarError(f"x {low} cancels that order whatever it is: leave protective out", f"x {low}")
        return replace(line, number=int(low))
    return replace(line, symbol=parse_symbol(rest[0], is_symbol))


def _cancel_beyond(line: CancelLine, rest: list[str]) -> CancelLine:
    text = "".join(rest)
    if text[:1] not in (">", "<") or len(rest) > 2:
        raise GrammarError("x @ what? x @>64500 cancels what stands above, x @<64000 what stands below", "x @>64500")
    price = parse_price(text[1:])
    return replace(line, above=price) if text[0] == ">" else replace(line, below=price)


def change_line(words: list[str]) -> ChangeLine:
    """`m N PRICE | qSIZE | tPRICE`, one or several; raises GrammarError."""
    if not words or not words[0].isdecimal() or len(words[0]) > 4:
        raise GrammarError("m which order? m 2 64100 changes its price, m 2 q0.2 its size", "m 1 ")
    line = ChangeLine(int(words[0]))
    for word in words[1:]:
        low = word.lower()
        if low == "@":
            continue
        if low[:1] == "q":
            line = replace(line, size=parse_size(low[1:]))
        elif low[:1] == "t" and low[1:2]:
            line = replace(line, trigger=parse_price(low[1:]))
        elif line.price is None:
            line = replace(line, price=parse_price(low))
        else:
            raise GrammarError(f"m {words[0]} has two prices: write q{clean(word, 20)} for a size")
    if line.price is None and line.size is None and line.trigger is None:
        raise GrammarError(f"change what of order {line.number}? a price, qSIZE or tPRICE", f"m {line.number} bid")
    return line


def close_line(words: list[str], is_symbol: IsSymbol) -> CloseLine:
    """`close [50%] [SYMBOL] [@ PRICE] [long|short|unassigned]`; raises GrammarError."""
    line = CloseLine()
    rest = list(words)
    while rest:
        word = rest.pop(0)
        low = word.lower()
        if word == "@":
            if not rest:
                raise GrammarError("@ what? write a price, bid, ask or mid", f"close {' '.join(words)} ask")
            line = replace(line, price=parse_price(rest.pop(0)))
        elif low == "mkt":
            continue
        elif word.endswith("%"):
            percent = number(word[:-1], "percentage")
            if percent > 100:
                raise GrammarError(f"{word} is more than the position: at most 100%", "100%", instead_of=word)
            line = replace(line, fraction=percent / 100)
        elif is_plain(word):
            raise GrammarError(f"close takes a percentage: {word}%", f"{word}%", instead_of=word)
        elif low in POSITIONS:
            line = replace(line, position=POSITIONS[low])
        elif low == "unassigned":
            line = replace(line, unassigned=True)
        else:
            line = replace(line, symbol=parse_symbol(word, is_symbol))
    return line


def reverse_line(words: list[str], is_symbol: IsSymbol) -> ReverseLine:
    """`rev [SYMBOL] [long|short]`; raises GrammarError."""
    symbol, position, rest = _held(words, is_symbol)
    if rest:
        raise GrammarError(f"rev turns a whole position: {clean(rest[0], 20)!r} is too much", "rev")
    return ReverseLine(symbol, position)


def protect_line(kind: Literal["sl", "tp"], words: list[str], is_symbol: IsSymbol) -> ProtectLine:
    """`sl PRICE|be|-1%|off [SYMBOL]`, `tp PRICE|+2R|off [SYMBOL]`; raises GrammarError."""
    if not words:
        example = "sl 63400, sl be, sl 1%" if kind == "sl" else "tp 65200, tp 2R, tp 1%"
        raise GrammarError(f"{kind} at what price? {example}; {kind} off takes it away", f"{kind} be")
    symbol, position, rest = _held(words[1:], is_symbol)
    if rest:
        raise GrammarError(f"{kind} takes a price and a symbol: {clean(rest[0], 20)!r} is too much")
    word = words[0].lower()
    price = None if word in _OFF else parse_exit(word, kind)
    return ProtectLine(kind, price, symbol, position)


def trail_line(words: list[str], is_symbol: IsSymbol) -> TrailLine:
    """`ts 0.5% [SYMBOL] [from PRICE]`; raises GrammarError."""
    if not words:
        raise GrammarError("ts by how much? ts 0.5%", "ts 0.5%")
    points, rest, start = basis_points(words[0], "ts"), list(words[1:]), None
    if "from" in [word.lower() for word in rest]:
        at = [word.lower() for word in rest].index("from")
        if len(rest) <= at + 1:
            raise GrammarError("from what price? ts 0.5% from 64500")
        start = parse_price(rest[at + 1])
        rest = rest[:at] + rest[at + 2 :]
    symbol, position, left = _held(rest, is_symbol)
    if left:
        raise GrammarError(f"ts takes a distance, a symbol and from PRICE: {clean(left[0], 20)!r} is too much")
    return TrailLine(points, symbol, start, position)


def stop_line(words: list[str]) -> StopLine:
    """`stop [NAME]`; raises GrammarError."""
    if len(words) > 1:
        raise GrammarError("stop takes the name of one algo, or none for all of them", f"stop {words[0]}")
    if words and is_plain(words[0]):
        raise GrammarError(f"stop ends an algo; a stop order is b 0.1 stop {words[0]}, a position's is sl {words[0]}")
    return StopLine("" if not words or words[0].lower() == "all" else clean(words[0], 40))


def countdown_line(words: list[str], is_symbol: IsSymbol) -> CountdownLine:
    """`dead 60s [SYMBOL]`, `dead off [SYMBOL]`; raises GrammarError."""
    if not words:
        raise GrammarError("dead after how long? dead 60s, or dead off", "dead 60s")
    length = 0 if words[0].lower() in _OFF else seconds(words[0], "dead")
    symbol, _, rest = _held(words[1:], is_symbol)
    if rest:
        raise GrammarError(f"dead takes a time and a symbol: {clean(rest[0], 20)!r} is too much")
    return CountdownLine(length, symbol)


def _held(words: list[str], is_symbol: IsSymbol) -> tuple[str | None, PositionSide, list[str]]:
    """The symbol and the side of a position, in any order, and what is left over."""
    symbol, position, rest = None, PositionSide.BOTH, []
    for word in words:
        if word.lower() in POSITIONS:
            position = POSITIONS[word.lower()]
        elif symbol is None and not is_plain(word):
            symbol = parse_symbol(word, is_symbol)
        else:
            rest.append(word)
    return symbol, position, rest
