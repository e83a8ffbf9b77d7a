"""Which ladders, order books and charts stand on a workspace, as a value.

A ladder and an order book share one place, the one used last shows; up to three such places stand beside each other,
and up to two charts. The first ladder is always there.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

#: The ladder of each place for one, with the order book that takes turns with it.
BOOK_OF: Mapping[str, str] = {"ladder": "book", "ladder2": "book2", "ladder3": "book3"}

CHART_PANES = ("chart", "chart2")

#: Every pane that may stand on a workspace more than once, by kind.
KINDS: Mapping[str, tuple[str, ...]] = {
    "ladder": tuple(BOOK_OF),
    "book": tuple(BOOK_OF.values()),
    "chart": CHART_PANES,
}

_LADDER_OF = {book: ladder for ladder, book in BOOK_OF.items()}


class CompositionError(Exception):
    """A pane that cannot be added or closed; the text says why and what to do."""


def slot_of(pane_id: str) -> str:
    """The place that a pane belongs to: an order book shares its ladder's, with the symbol that is pinned there."""
    return _LADDER_OF.get(pane_id, pane_id)


def kind_of(pane_id: str) -> str:
    """What kind of pane this is, "" for those that stand once."""
    return next((kind for kind, panes in KINDS.items() if pane_id in panes), "")


@dataclass(frozen=True, slots=True)
class Composition:
    """The places for ladders or books, the first one first, and the charts; a workspace has at least two of them."""

    ladders: tuple[str, ...] = ("ladder",)
    charts: tuple[str, ...] = ("chart",)

    @property
    def panes(self) -> tuple[str, ...]:
        """Charts and ladders by id, as they are written down."""
        return self.charts + self.ladders

    def __contains__(self, pane_id: str) -> bool:
        return slot_of(pane_id) in self.panes

    def free(self, kind: str) -> str:
        """The next pane of a kind that does not stand yet; raises CompositionError when all do."""
        found = next((pane for pane in KINDS[kind] if pane not in self), "")
        if not found:
            words = "two charts stand" if kind == "chart" else "three ladders and books stand"
            raise CompositionError(f"{words} already: {kind} SYMBOL off closes one, p pins another symbol")
        return found

    def with_pane(self, pane_id: str) -> "Composition":
        """One more ladder, book or chart."""
        return composition_of((*self.panes, slot_of(pane_id))) or self

    def without(self, pane_id: str) -> "Composition":
        """The composition without a pane; raises CompositionError where that pane must stay."""
        slot = slot_of(pane_id)
        if not kind_of(pane_id):
            raise CompositionError("ladders, books and charts can be closed, other panes have their place")
        if slot == "ladder":
            raise CompositionError("the first ladder stays: go to another one to close that")
        if slot not in self.panes:
            raise CompositionError("it stands over others only until another pane is gone to")
        left = composition_of(each for each in self.panes if each != slot)
        if left is None:
            raise CompositionError("the chart stays while there is no second ladder or book")
        return left


def composition_of(panes: Iterable[str]) -> Composition | None:
    """The composition of these panes, None where they are none; panes that stand only once are not asked about."""
    slots = {slot_of(pane) for pane in panes} | {"ladder"}
    ladders = tuple(ladder for ladder in BOOK_OF if ladder in slots)
    charts = tuple(chart for chart in CHART_PANES if chart in slots)
    return Composition(ladders, charts) if len(ladders) + len(charts) > 1 else None


STANDARD = Composition()

#: Compositions that have a name: `layout NAME`.
LAYOUTS: Mapping[str, Composition] = {
    "standard": STANDARD,
    "ladders": Composition(ladders=("ladder", "ladder2")),
    "charts": Composition(charts=("chart", "chart2")),
    "wall": Composition(tuple(BOOK_OF), CHART_PANES),
}
