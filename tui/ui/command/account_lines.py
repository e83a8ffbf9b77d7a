"""Lines about the account and the program: leverage, margin, loans, transfers, alerts, limits, aliases."""

import re
from dataclasses import replace
from decimal import Decimal
from typing import Literal

from tui.domain.product import Product, product_of
from tui.domain.text import clean
from tui.engine.alerts.alert import AlertKind, AlertRequest
from tui.engine.limit_names import NAMES
from tui.ui.command.atoms import (
    GrammarError,
    IsSymbol,
    amount,
    is_plain,
    number,
    parse_symbol,
    percentage,
    seconds,
    whole,
)
from tui.ui.command.meanings import (
    AlertLine,
    AlertOffLine,
    AliasLine,
    LeverageLine,
    LimitLine,
    LoanLine,
    MarginLine,
    ModeLine,
    TransferLine,
)
from tui.ui.command.order_lines import POSITIONS

_ASSET = re.compile(r"[A-Z0-9]{1,24}\Z", re.ASCII)
_ALIAS = re.compile(r"[a-z][a-z0-9_-]{0,15}\Z", re.ASCII)
_SWITCH = {"on": True, "off": False}
_INTO = {"in": True, "into": True, "out": False}
_MOST_LEVERAGE = 125
_LONGEST_ALIAS = 120


def leverage_line(words: list[str], is_symbol: IsSymbol) -> LeverageLine:
    """`lev N [SYMBOL]`; raises GrammarError."""
    if not words or len(words) > 2:
        raise GrammarError("lev takes a leverage and a symbol: lev 10, lev 10 BTCUSDT-PERP", "lev 10")
    leverage = whole(words[0].lower().removesuffix("x"), "leverage", _MOST_LEVERAGE)
    return LeverageLine(leverage, parse_symbol(words[1], is_symbol) if len(words) > 1 else None)


def margin_line(words: list[str], is_symbol: IsSymbol) -> MarginLine:
    """`margin cross|isolated|+AMOUNT|-AMOUNT [SYMBOL] [long|short]`; raises GrammarError."""
    if not words:
        raise GrammarError("margin how? margin isolated, margin cross, margin +100, margin -50", "margin cross")
    line, low = MarginLine(), words[0].lower()
    if low in ("cross", "crossed", "isolated", "iso"):
        line = replace(line, isolated=low.startswith("iso"))
    elif low[:1] in ("+", "-"):
        line = replace(line, amount=number(low[1:], "margin") * (1 if low[0] == "+" else -1))
    else:
        offer = f"margin +{low}" if is_plain(low) else ""
        raise GrammarError(f"margin {clean(words[0], 20)!r}: isolated, cross, +AMOUNT or -AMOUNT", offer)
    for word in words[1:]:
        if word.lower() in POSITIONS:
            line = replace(line, position=POSITIONS[word.lower()])
        else:
            line = replace(line, symbol=parse_symbol(word, is_symbol))
    return line


def mode_line(kind: Literal["hedge", "multi"], words: list[str]) -> ModeLine:
    """`hedge on|off [usdm|coinm]`, `multi on|off`; raises GrammarError."""
    if not words or words[0].lower() not in _SWITCH or len(words) > 2:
        raise GrammarError(f"{kind} on or off? {kind} on, {kind} off usdm", f"{kind} on")
    product: Product | None = None
    if len(words) > 1:
        try:
            product = product_of(words[1])
        except ValueError:
            product = None
        if product is None or not product.is_futures:
            raise GrammarError(f"{kind} {clean(words[1], 20)!r}: usdm or coinm", f"{kind} {words[0].lower()} usdm")
    return ModeLine(kind, _SWITCH[words[0].lower()], product)


def loan_line(repays: bool, words: list[str], is_symbol: IsSymbol) -> LoanLine:
    """`borrow|repay AMOUNT ASSET [SYMBOL]`; raises GrammarError."""
    verb = "repay" if repays else "borrow"
    if len(words) < 2 or len(words) > 3:
        raise GrammarError(f"{verb} what? {verb} 100 USDT, or {verb} 100 USDT BTCUSDT-I", f"{verb} 100 USDT")
    pair = parse_symbol(words[2], is_symbol) if len(words) > 2 else ""
    return LoanLine(repays, amount(words[0], "amount"), _asset(words[1]), pair)


def transfer_line(words: list[str], is_symbol: IsSymbol) -> TransferLine:
    """`transfer AMOUNT ASSET in|out [SYMBOL]`; raises GrammarError."""
    if len(words) < 3 or len(words) > 4 or words[2].lower() not in _INTO:
        text = "transfer 100 USDT in moves it from spot into margin, out brings it back"
        raise GrammarError(f"transfer what, which way? {text}", "transfer 100 USDT in")
    pair = parse_symbol(words[3], is_symbol) if len(words) > 3 else ""
    return TransferLine(amount(words[0], "amount"), _asset(words[1]), _INTO[words[2].lower()], pair)


def _asset(word: str) -> str:
    name = word.upper()
    if _ASSET.match(name) is None or is_plain(name):
        raise GrammarError(f"{clean(word, 20)!r} is no asset: write USDT, BTC …")
    return name


def alert_line(words: list[str], is_symbol: IsSymbol) -> AlertLine | AlertOffLine:
    """`alert [SYMBOL] > P | < P | move 2% 15m | print 500k | funding 0.05% | order | link [every]`, `alert off N`."""
    rest = list(words)
    if rest and rest[0].lower() == "off":
        return _alert_off(rest[1:])
    symbol = ""
    if rest and is_symbol(rest[0].upper()):
        symbol = rest.pop(0).upper()
    repeats = bool(rest) and rest[-1].lower() in ("every", "each")
    if repeats:
        rest.pop()
    if not rest:
        text = "alert > 65000, < 60000, move 2% 15m, print 500k, funding 0.05%, order, link; every repeats"
        raise GrammarError(f"alert of what? {text}", "alert > ")
    return AlertLine(replace(_alert(rest), symbol=symbol, repeats=repeats))


def _alert(rest: list[str]) -> AlertRequest:
    kind = rest[0].lower()
    if kind[:1] in (">", "<"):
        price = kind[1:] or (rest[1] if len(rest) > 1 else "")
        _no_more(rest, 1 if kind[1:] else 2)
        above = kind[0] == ">"
        return AlertRequest(AlertKind.PRICE_ABOVE if above else AlertKind.PRICE_BELOW, level=number(price, "price"))
    match kind:
        case "move":
            if len(rest) != 3:
                raise GrammarError("move how far, within what time? alert move 2% 15m", "alert move 2% 15m")
            return AlertRequest(
                AlertKind.MOVE, level=percentage(rest[1], "move", 1_000), window_s=seconds(rest[2], "move")
            )
        case "print" | "funding" if len(rest) != 2:
            example = "alert print 500k" if kind == "print" else "alert funding 0.05%"
            raise GrammarError(f"{kind} of what size? {example}", example)
        case "print":
            return AlertRequest(AlertKind.PRINT, level=amount(rest[1], "print"))
        case "funding":
            return AlertRequest(AlertKind.FUNDING, level=percentage(rest[1], "funding"))
        case "order" | "link":
            _no_more(rest, 1)
            return AlertRequest(AlertKind.ORDER if kind == "order" else AlertKind.LINK)
    raise GrammarError(f"alert {clean(rest[0], 20)!r}: > < move print funding order link", "alert > ")


def _no_more(rest: list[str], most: int) -> None:
    if len(rest) > most:
        raise GrammarError(f"alert: {clean(rest[most], 20)!r} is too much; every, at the end, repeats it")


def _alert_off(rest: list[str]) -> AlertOffLine:
    if len(rest) != 1:
        raise GrammarError("alert off which? its number, or all", "alert off all")
    return AlertOffLine(0 if rest[0].lower() == "all" else whole(rest[0], "alert", 9_999))


def limit_line(words: list[str]) -> LimitLine:
    """`set NAME VALUE`; raises GrammarError."""
    if len(words) != 2 or words[0].lower() not in NAMES:
        names = " ".join(NAMES)
        raise GrammarError(f"set what to what? {names}", "set max.order.notional 20000")
    value = Decimal(0) if words[1].lower() in ("0", "off") else amount(words[1], words[0].lower())
    return LimitLine(words[0].lower(), value)


def alias_line(text: str, commands: frozenset[str]) -> AliasLine:
    """`alias NAME "LINE"`, `alias NAME` forgets it, `alias` lists them; raises GrammarError."""
    rest = text.strip().partition(" ")[2].strip()
    name, _, body = rest.partition(" ")
    body = body.strip()
    if not name:
        return AliasLine()
    name = name.lower()
    if _ALIAS.match(name) is None:
        raise GrammarError(f"{clean(name, 20)!r} is no name: up to 16 letters and digits", 'alias zz "x all; close"')
    if name in commands:
        raise GrammarError(f"{name} is a command already: choose another name")
    if body[:1] == '"':
        if len(body) < 2 or body[-1] != '"' or '"' in body[1:-1]:
            raise GrammarError('the line stands between two quotation marks: alias zz "x all; close"')
        body = body[1:-1].strip()
    if len(body) > _LONGEST_ALIAS:
        raise GrammarError(f"the line has {len(body)} characters: shorten it to {_LONGEST_ALIAS}")
    return AliasLine(name, body)
