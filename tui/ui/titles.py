"""What stands in the border of a pane: its name or the tabs of its place, what it shows, and a last word."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from rich.cells import cell_len

#: Cells of the border before its text.
_FROM = 3


class Tab(NamedTuple):
    """One pane of a place that several share, as its border names it; `key` stands for it where there is no room."""

    text: str
    is_shown: bool
    pane_id: str = ""
    key: str = ""


class Part(NamedTuple):
    """Some text of a title, in a style of Textual's, and the tab that it is."""

    text: str
    style: str = ""
    tab: Tab | None = None


@dataclass(frozen=True, slots=True)
class Title:
    """All that a border can say; `letter` is that of the jump while one is waited for.

    `kept` stands before the detail where there is no room for the right end.
    """

    name: str = ""
    tabs: tuple[Tab, ...] = ()
    detail: str = ""
    right: str = ""
    letter: str = ""
    kept: str = ""

    def parts(self, room: int) -> list[Part]:
        """The texts from the left in `room` cells: covered tabs shrink to their keys, the right end is left out."""
        left, short = self._left(is_short=False), self._left(is_short=True)
        end = cell_len(self.right) + 3 if self.right else 0
        if _cells(left) + end > room and (self.kept or _cells(left) > room):
            left = short
        if self.kept and _cells(left) + end > room:
            return replace(self, detail=f"{self.kept} {self.detail}", right="", kept="").parts(room)
        used = _cells(left)
        if self.right and used + end <= room:
            left.append(Part(f" {'─' * (room - used - cell_len(self.right) - 2)} ", "not bold $pane-border"))
            left.append(Part(self.right))
        return left

    def _left(self, *, is_short: bool) -> list[Part]:
        left = [Part(f" {self.letter} ", "bold reverse"), Part(" ")] if self.letter else []
        left += self._tabs(is_short=is_short) or [Part(self.name, "bold")]
        return [*left, Part(f" · {self.detail}")] if self.detail else left

    def _tabs(self, *, is_short: bool) -> list[Part]:
        parts: list[Part] = []
        for tab in self.tabs:
            covered = tab.key if is_short and tab.key else f" {tab.text}"
            parts.append(Part(f"▸{tab.text}", "bold", tab) if tab.is_shown else Part(covered, "", tab))
            parts.append(Part(" "))
        return parts[:-1]


def tab_at(parts: Sequence[Part], x: int) -> Tab | None:
    """The tab under a cell of the border, counted from its left corner."""
    end = _FROM
    for part in parts:
        end += cell_len(part.text)
        if x < end:
            return part.tab
    return None


def _cells(parts: Sequence[Part]) -> int:
    return sum(cell_len(part.text) for part in parts)
