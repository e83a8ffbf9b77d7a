"""`ladder`, `book` and `chart`: one more of them beside the others, or one less."""

from tui.domain.interval import INTERVALS, named_interval
from tui.domain.text import clean
from tui.ui.command.atoms import GrammarError, IsSymbol, parse_symbol
from tui.ui.command.screen_words import Kind, PaneLine


def pane_line(kind: Kind, words: list[str], is_symbol: IsSymbol) -> PaneLine:
    """What `ladder`, `book` or `chart` means with what follows; raises GrammarError."""
    symbol, interval, is_off = "", "", False
    for word in words:
        if word.lower() == "off" and not is_off:
            is_off = True
        elif kind == "chart" and not interval and named_interval(word) is not None:
            interval = named_interval(word) or ""
        elif not symbol and not interval:
            symbol = parse_symbol(word, is_symbol)
        else:
            intervals = f", {' '.join(INTERVALS)}" if kind == "chart" else ""
            raise GrammarError(f"{kind}: {clean(word, 20)!r} is too much: write {kind} SYMBOL{intervals} or off", kind)
    if is_off and interval:
        raise GrammarError(f"{kind} {symbol} off takes no interval", f"{kind} {symbol} off".replace("  ", " "))
    return PaneLine(kind, symbol, interval, is_off)
