"""The language of the command line: text to what is meant, without a market or a screen.

One line, one intent; `;` puts several lines into a chain. `vocabulary` lists the commands, `help b` the sizes and
prices.
"""

from collections.abc import Mapping
from difflib import get_close_matches

from tui.domain.interval import INTERVALS, named_interval
from tui.domain.order_terms import Side
from tui.domain.text import clean
from tui.ui.command.account_lines import (
    alert_line,
    alias_line,
    leverage_line,
    limit_line,
    loan_line,
    margin_line,
    mode_line,
    transfer_line,
)
from tui.ui.command.algo_lines import chase_line, iceberg_line, scale_line, twap_line
from tui.ui.command.atoms import GrammarError, IsSymbol, number, parse_price, parse_size, parse_symbol
from tui.ui.command.meanings import (
    CancelLine,
    CloseLine,
    GroupLine,
    IntervalLine,
    OrderLine,
    ParsedLine,
    Price,
    Size,
    SymbolLine,
    WordLine,
)
from tui.ui.command.order_lines import oco_line, order_line
from tui.ui.command.pane_lines import pane_line
from tui.ui.command.position_lines import (
    cancel_line,
    change_line,
    close_line,
    countdown_line,
    protect_line,
    reverse_line,
    stop_line,
    trail_line,
)
from tui.ui.command.screen_words import ArrangeLine, ScreenWordError, parse_screen_words
from tui.ui.command.vocabulary import COMMANDS, WORDS, WRITE_WORDS

__all__ = [
    "COMMANDS",
    "WRITE_WORDS",
    "CancelLine",
    "CloseLine",
    "GrammarError",
    "GroupLine",
    "IntervalLine",
    "OrderLine",
    "ParsedLine",
    "Price",
    "Size",
    "SymbolLine",
    "WordLine",
    "parse",
    "parse_chain",
    "parse_price",
    "parse_size",
    "parse_symbol",
]

MAX_LENGTH = 240
_MOST_STEPS = 8
_MOST_EXPANSIONS = 4


def parse_chain(text: str, is_symbol: IsSymbol, aliases: Mapping[str, str] | None = None) -> tuple[ParsedLine, ...]:
    """What the steps of a line mean, aliases replaced by what they stand for; raises GrammarError."""
    _check_text(text)
    steps = _expanded(text, aliases or {}, _MOST_EXPANSIONS)
    if len(steps) > _MOST_STEPS:
        raise GrammarError(f"the chain has {len(steps)} steps: at most {_MOST_STEPS}")
    try:
        return tuple(parse(step, is_symbol) for step in steps)
    except GrammarError as error:
        # An offer mends one step; the whole line is only known to be mended where there is but one.
        raise GrammarError(error.text, error.offer if len(steps) == 1 else "") from None


def parse(text: str, is_symbol: IsSymbol) -> ParsedLine:
    """What one step means; raises GrammarError. `is_symbol` says whether an upper-case name is listed."""
    _check_text(text)
    words = text.replace("@", " @ ").split()
    if not words:
        raise GrammarError("nothing to do: type a command, or help")
    try:
        return _parsed(words, is_symbol, text)
    except GrammarError as error:
        raise error.within(text) from None


def _parsed(words: list[str], is_symbol: IsSymbol, text: str) -> ParsedLine:
    name = WORDS.get(words[0].lower())
    if name is None:
        near = get_close_matches(words[0].lower(), WORDS, n=1, cutoff=0.5)
        offer = " ".join([near[0], *words[1:]]) if near else ""
        raise GrammarError(f"{clean(words[0], 20)!r} is no command: {' '.join(n for n, _, _ in COMMANDS)}", offer)
    return _order(name, words[1:], is_symbol, text) or _rest(name, words[1:], is_symbol, text)


def _check_text(text: str) -> None:
    if len(text) > MAX_LENGTH:
        raise GrammarError(f"the line has {len(text)} characters: shorten it to {MAX_LENGTH}")
    if clean(text, MAX_LENGTH + 1) != text:
        raise GrammarError("the line holds invisible characters: type it anew")


def steps_of(text: str) -> list[str]:
    """A line cut at its `;`, but not within quotation marks; empty steps are left out."""
    steps, step, is_quoted = [], "", False
    for character in text:
        is_quoted ^= character == '"'
        if character == ";" and not is_quoted:
            steps.append(step)
            step = ""
        else:
            step += character
    return [one.strip() for one in [*steps, step] if one.strip()] or [""]


def _expanded(text: str, aliases: Mapping[str, str], depth: int) -> list[str]:
    expanded: list[str] = []
    for step in steps_of(text):
        word, _, rest = step.partition(" ")
        body = aliases.get(word.lower()) if word.lower() not in WORDS else None
        if body is None:
            expanded.append(step)
        elif depth == 0:
            raise GrammarError(f"the alias {clean(word, 20)} stands for itself: alias {clean(word, 20)} forgets it")
        else:
            expanded += _expanded(f"{body} {rest}".strip(), aliases, depth - 1)
    return expanded


def _order(name: str, rest: list[str], is_symbol: IsSymbol, text: str) -> ParsedLine | None:
    match name:
        case "b" | "s":
            return order_line(Side.BUY if name == "b" else Side.SELL, rest, is_symbol, text)
        case "oco":
            return oco_line(rest, is_symbol, text)
        case "scale":
            return scale_line(rest, is_symbol, text)
        case "chase":
            return chase_line(rest, is_symbol, text)
        case "twap":
            return twap_line(rest, is_symbol, text)
        case "ice":
            return iceberg_line(rest, is_symbol, text)
        case "x":
            return cancel_line(rest, is_symbol)
        case "m":
            return change_line(rest)
        case "close":
            return close_line(rest, is_symbol)
        case "rev":
            return reverse_line(rest, is_symbol)
        case "sl" | "tp":
            return protect_line(name, rest, is_symbol)
        case "ts":
            return trail_line(rest, is_symbol)
        case "stop":
            return stop_line(rest)
        case "dead":
            return countdown_line(rest, is_symbol)
    return None


def _rest(name: str, rest: list[str], is_symbol: IsSymbol, text: str) -> ParsedLine:
    match name:
        case "lev":
            return leverage_line(rest, is_symbol)
        case "margin":
            return margin_line(rest, is_symbol)
        case "hedge" | "multi":
            return mode_line(name, rest)
        case "borrow" | "repay":
            return loan_line(name == "repay", rest, is_symbol)
        case "transfer":
            return transfer_line(rest, is_symbol)
        case "alert":
            return alert_line(rest, is_symbol)
        case "set":
            return limit_line(rest)
        case "alias":
            return alias_line(text, frozenset(WORDS))
        case "sym" | "group" | "tf":
            return _look(name, rest, is_symbol)
        case "ladder" | "book" | "chart":
            return pane_line(name, rest, is_symbol)
        case "ws" | "layout" | "acct" | "theme" | "settings":
            return _arrange(name, rest)
        case "help":
            return WordLine("help", rest[0].lower() if rest else "")
    if rest:
        raise GrammarError(f"{name} stands alone: {clean(rest[0], 20)!r} is too much", name)
    return WordLine(name)  # type: ignore[arg-type]


def _arrange(word: str, rest: list[str]) -> ArrangeLine:
    try:
        return parse_screen_words(word, rest)
    except ScreenWordError as error:
        raise GrammarError(error.text, error.offer) from None


def _look(name: str, words: list[str], is_symbol: IsSymbol) -> ParsedLine:
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
