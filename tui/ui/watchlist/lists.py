"""Named lists of symbols, kept in the state file; until one is changed, the engine's choice is the only one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tui.domain.text import clean
from tui.ui.state_file import Json, StateFile, table, texts

SECTION = "watchlists"

#: Lists, symbols of one, letters of a name.
MOST_LISTS, MOST_SYMBOLS, LONGEST_NAME = 20, 300, 20

#: How a list can be ordered: as it was arranged, or by a column.
ORDERS = ("", "change", "volume", "funding", "symbol")


class WatchlistError(Exception):
    """A list that cannot be had or changed; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Watchlist:
    """One list; `order` is one of ORDERS."""

    name: str
    symbols: tuple[str, ...] = ()
    order: str = ""


class Watchlists:
    """All lists in their order; `current` is the one shown. Each change is written down at once."""

    def __init__(self, state: StateFile) -> None:
        self._state = state
        written = table(state.section(SECTION))
        listed = written.get("lists")
        found = [made for value in (listed if isinstance(listed, list) else []) if (made := _list_of(value))]
        self._lists = list({each.name: each for each in found}.values())[:MOST_LISTS]
        #: Whether the trader has lists of his own; if not, the only one is the engine's choice.
        self.is_own = bool(self._lists)
        names = [each.name for each in self._lists]
        current = written.get("current")
        self._at = names.index(current) if current in names else 0
        if not self._lists:
            self._lists = [Watchlist("main")]

    @property
    def current(self) -> Watchlist:
        """The list that is shown."""
        return self._lists[self._at]

    @property
    def names(self) -> tuple[str, ...]:
        """Names in order."""
        return tuple(each.name for each in self._lists)

    def adopt(self, symbols: Sequence[str]) -> None:
        """Let the engine's choice be the list, while the trader has none of his own."""
        if not self.is_own and self.current.symbols != tuple(symbols):
            self._lists[self._at] = replace(self.current, symbols=tuple(symbols))

    def add(self, symbol: str) -> None:
        """Put a symbol at the end; raises WatchlistError when it is there already or the list is full."""
        shown = self.current
        if symbol in shown.symbols:
            raise WatchlistError(f"{symbol} is in {shown.name} already")
        if len(shown.symbols) >= MOST_SYMBOLS:
            raise WatchlistError(f"{shown.name} holds {MOST_SYMBOLS} symbols; make another list with n")
        self._put(replace(shown, symbols=(*shown.symbols, symbol)))

    def remove(self, symbol: str) -> None:
        """Take a symbol out."""
        shown = self.current
        self._put(replace(shown, symbols=tuple(each for each in shown.symbols if each != symbol)))

    def move(self, symbol: str, by: int) -> None:
        """Move a symbol so many rows down, or up when negative; the list is then in the trader's own order."""
        symbols = list(self.current.symbols)
        if symbol not in symbols:
            return
        at = symbols.index(symbol)
        symbols.insert(min(len(symbols) - 1, max(0, at + by)), symbols.pop(at))
        self._put(replace(self.current, symbols=tuple(symbols), order=""))

    def arrange(self, symbols: Sequence[str]) -> None:
        """Take an order of the same symbols as the trader's own."""
        self._put(replace(self.current, symbols=tuple(symbols), order=""))

    def next_order(self) -> str:
        """Order the list by the next column, and say which."""
        order = ORDERS[(ORDERS.index(self.current.order) + 1) % len(ORDERS)]
        self._put(replace(self.current, order=order), keeps_choice=True)
        return order

    def step(self, by: int) -> None:
        """To the next list, or the previous."""
        self._at = (self._at + by) % len(self._lists)
        self._keep()

    def show(self, name: str) -> None:
        """To a list by name; raises WatchlistError."""
        if name not in self.names:
            raise WatchlistError(f"there is no list {name!r}: {', '.join(self.names)}")
        self._at = self.names.index(name)
        self._keep()

    def begin(self, name: str) -> None:
        """Make an empty list and show it; raises WatchlistError."""
        name = self._new_name(name)
        if len(self._lists) >= MOST_LISTS:
            raise WatchlistError(f"there are {MOST_LISTS} lists already: d on an empty one takes it away")
        self._lists.insert(self._at + 1, Watchlist(name))
        self._at += 1
        self._keep(is_own=True)

    def rename(self, name: str) -> None:
        """Call the list shown otherwise; raises WatchlistError."""
        if name.strip() != self.current.name:
            self._put(replace(self.current, name=self._new_name(name)))

    def drop(self) -> None:
        """Forget the list shown; raises WatchlistError when it is the last."""
        if len(self._lists) == 1:
            raise WatchlistError("the last list stays: i adds symbols to it")
        del self._lists[self._at]
        self._at = max(0, self._at - 1)
        self._keep()

    def _new_name(self, name: str) -> str:
        name = clean(name.strip(), LONGEST_NAME)
        if not name:
            raise WatchlistError("a list needs a name")
        if name in self.names:
            raise WatchlistError(f"there is a list {name!r} already")
        return name

    def _put(self, changed: Watchlist, *, keeps_choice: bool = False) -> None:
        self._lists[self._at] = changed
        self._keep(is_own=self.is_own or not keeps_choice)

    def _keep(self, *, is_own: bool | None = None) -> None:
        self.is_own = self.is_own if is_own is None else is_own
        if self.is_own:
            lists: list[Json] = [
                {"name": each.name, "symbols": list(each.symbols), "order": each.order} for each in self._lists
            ]
            self._state.put(SECTION, {"current": self.current.name, "lists": lists})


def _list_of(value: Json) -> Watchlist | None:
    """A list as it was written; None for what is none."""
    written = table(value)
    name, order = written.get("name"), written.get("order")
    if not isinstance(name, str) or not (name := clean(name.strip(), LONGEST_NAME)):
        return None
    symbols = tuple(dict.fromkeys(texts(written.get("symbols"), MOST_SYMBOLS)))
    return Watchlist(name, symbols, order if isinstance(order, str) and order in ORDERS else "")
