"""Words of the command line that only arrange the screen: workspaces, panes, accounts, themes, settings."""

from dataclasses import dataclass
from typing import Literal

from tui.domain.text import clean


class ScreenWordError(Exception):
    """A line of these words that means nothing; `offer` is the line put right, or ""."""

    def __init__(self, text: str, offer: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.offer = offer


@dataclass(frozen=True, slots=True)
class ArrangeLine:
    """What the screen is asked to do, and with what."""

    word: str
    what: str = ""
    name: str = ""

    @property
    def words(self) -> str:
        """What Enter will do, spelled out."""
        match self.word, self.what:
            case "ws", "save":
                return f"keep this arrangement as workspace {self.name}"
            case "ws", "drop":
                return f"forget workspace {self.name}"
            case "ws", "go":
                return f"show workspace {self.name}"
            case "ws", _:
                return "name the workspaces"
            case "acct", _ if self.name:
                return f"lock, leave this account and open {self.name}"
            case "acct", _:
                return "name the accounts"
            case "settings", _:
                return "open the settings" + (f" at {self.name}" if self.name else "")
        return f"{self.word} {self.name}"


Kind = Literal["ladder", "book", "chart"]

_CALLED = {"ladder": "ladder", "book": "order book", "chart": "chart"}


@dataclass(frozen=True, slots=True)
class PaneLine:
    """A pane of a kind to add, or to close; without a symbol it follows the focus, or is the one in use."""

    kind: Kind
    symbol: str = ""
    interval: str = ""
    is_off: bool = False

    @property
    def words(self) -> str:
        """What Enter will do, spelled out."""
        name = _CALLED[self.kind]
        if self.is_off:
            return f"close the {name} of {self.symbol}" if self.symbol else f"close the {name} in use, or the last one"
        interval = f", {self.interval}" if self.interval else ""
        if self.symbol:
            return f"one more {name}, which stays with {self.symbol}{interval}"
        return f"one more {name}, of the symbol in focus{interval}"


#: Each word with how it is written and what it does.
SCREEN_COMMANDS: tuple[tuple[str, str, str], ...] = (
    ("ws", "ws [NAME | save NAME | drop NAME]", "workspaces: show, keep, forget; F5 shows the next"),
    (
        "ladder",
        "ladder [SYMBOL] [off]",
        "one more ladder, pinned to a symbol or following the focus; off closes it",
    ),
    ("book", "book [SYMBOL] [off]", "one more order book, likewise; up to three ladders and books in all"),
    ("chart", "chart [SYMBOL] [5m] [off]", "a second chart, likewise, at an interval of its own"),
    (
        "layout",
        "layout standard | ladders | charts | wall",
        "the usual panes, two ladders, two charts, or three and two",
    ),
    ("acct", "acct [NAME]", "change to another account of yours; locks first"),
    ("theme", "theme NAME", "colours, for this run; the settings keep them"),
    ("settings", "settings [WORD]", "every option, its value and where it comes from"),
)


def parse_screen_words(word: str, rest: list[str]) -> ArrangeLine:
    """What one of these words means with what follows it; raises ScreenWordError."""
    if len(rest) > (2 if word == "ws" else 1):
        raise ScreenWordError(f"{word}: {clean(rest[-1], 20)!r} is too much", " ".join([word, *rest[:-1]]))
    if word == "ws":
        return _workspace(rest)
    if not rest and word in ("layout", "theme"):
        usage = next(usage for name, usage, _ in SCREEN_COMMANDS if name == word)
        raise ScreenWordError(f"{word} what? {usage}")
    return ArrangeLine(word, "go", rest[0]) if rest else ArrangeLine(word)


def _workspace(rest: list[str]) -> ArrangeLine:
    match rest:
        case []:
            return ArrangeLine("ws")
        case ["save" | "drop" as what]:
            raise ScreenWordError(f"ws {what} what? name the workspace", f"ws {what} day")
        case ["save" | "drop" as what, name]:
            return ArrangeLine("ws", what, name)
        case [name]:
            return ArrangeLine("ws", "go", name)
    raise ScreenWordError(f"ws {clean(rest[0], 20)!r}: write ws NAME, ws save NAME or ws drop NAME", f"ws {rest[1]}")
