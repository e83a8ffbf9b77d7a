"""What may follow in the command line, for Tab."""

from collections.abc import Iterable, Mapping, Sequence

from tui.domain.interval import INTERVALS
from tui.engine.limit_names import NAMES
from tui.ui.command.vocabulary import SYMBOL_WORDS, WORDS
from tui.ui.layout.composition import LAYOUTS

#: Words that a command may go on with, symbols apart.
_FOLLOWING: dict[str, Sequence[str]] = {
    "b": ("@", "mkt", "po", "ro", "ioc", "fok", "gtd", "sl", "tp", "stop", "touch", "trail", "show", "match", "stp"),
    "oco": ("b", "s", "tp", "sl"),
    "x": ("all", "buy", "sell", "protective"),
    "close": ("25%", "50%", "@"),
    "sl": ("be", "-1%", "off"),
    "tp": ("+1R", "+2R", "+1%", "off"),
    "ts": ("0.5%", "from"),
    "scale": ("b", "s", "skew", "po", "ro"),
    "chase": ("b", "s", "max", "for", "ro"),
    "twap": ("b", "s", "over", "ro"),
    "ice": ("b", "s", "@", "show", "ro"),
    "margin": ("cross", "isolated"),
    "hedge": ("on", "off", "usdm", "coinm"),
    "multi": ("on", "off", "usdm", "coinm"),
    "transfer": ("in", "out"),
    "dead": ("60s", "off"),
    "alert": (">", "<", "move", "print", "funding", "order", "link", "every", "off"),
    "set": tuple(NAMES),
    "tf": INTERVALS,
    "ladder": ("off",),
    "book": ("off",),
    "chart": ("off", *INTERVALS),
    "layout": tuple(LAYOUTS),
    "ws": ("save", "drop"),
    "help": tuple(WORDS),
}
_FOLLOWING["s"] = _FOLLOWING["b"]
_PRICES = ("bid", "ask", "mid", "mark", "last", "entry")
_AFTER_PRICE_WORD = frozenset({"@", "stop", "touch", "from"})

MOST = 12


def completions(text: str, symbols: Iterable[str], aliases: Mapping[str, str] | None = None) -> list[str]:
    """Whole lines that the text could become by one more word, likeliest first; none where everything is said."""
    head, _, begun = text.rpartition(" ")
    step = head.rpartition(";")[2].replace("@", " @ ").split()
    before = f"{head} " if head or text.startswith(" ") else ""
    if not step:
        words: list[str] = [*WORDS, *(aliases or {})]
    else:
        name = WORDS.get(step[0].lower(), "")
        if step[-1].lower() in _AFTER_PRICE_WORD:
            words = list(_PRICES)
        else:
            words = list(_FOLLOWING.get(name, ()))
            if name in SYMBOL_WORDS and begun:
                words += sorted(symbols, key=lambda one: (len(one), one))
    low = begun.lower()
    found = [word for word in words if word.lower().startswith(low) and word.lower() != low]
    return [before + word for word in found[:MOST]]


class Completion:
    """Goes through the completions of what was typed, one a press."""

    def __init__(self) -> None:
        self._found: list[str] = []

    def next(self, text: str, symbols: Iterable[str], aliases: Mapping[str, str]) -> str:
        """The text with its next completion, the same text where there is none."""
        if text in self._found:
            return self._found[(self._found.index(text) + 1) % len(self._found)]
        self._found = completions(text, symbols, aliases)
        return self._found[0] if self._found else text
