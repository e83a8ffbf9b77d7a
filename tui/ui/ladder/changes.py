"""Sizes pulled and stacked: what was taken from a level or put to it without being traded."""

from collections.abc import Mapping

from tui.domain.book import BookView

#: A level that stood still for so long has nothing to tell any more.
FORGOTTEN_AFTER_NS = 5_000_000_000


class SizeChanges:
    """Net lots by group, from one picture of the book to the next.

    Levels that only came into sight, and those whose price changed sides, begin at nothing.
    """

    def __init__(self) -> None:
        self._before: tuple[dict[int, int], dict[int, int]] | None = None
        self._traded: dict[int, int] = {}
        self._source: tuple[int, int] = (-1, 0)
        self._net: dict[int, int] = {}
        self._moved_ns: dict[int, int] = {}

    def take(self, view: BookView, ticks_per_group: int, traded: Mapping[int, int], now_ns: int) -> Mapping[int, int]:
        """Compare with the picture taken before; `traded` are lots by group since the symbol came into view."""
        source = (view.update_id, ticks_per_group)
        if source != self._source:
            now = _by_group(view.bids, ticks_per_group), _by_group(view.asks, ticks_per_group)
            if self._before is not None and ticks_per_group == self._source[1]:
                self._compare(self._before[0], now[0], now[1], -1, traded, now_ns)
                self._compare(self._before[1], now[1], now[0], 1, traded, now_ns)
            else:
                self._net, self._moved_ns = {}, {}
            self._before, self._source, self._traded = now, source, dict(traded)
        for group in [group for group, at in self._moved_ns.items() if now_ns - at > FORGOTTEN_AFTER_NS]:
            del self._net[group], self._moved_ns[group]
        return self._net

    def _compare(
        self,
        before: dict[int, int],
        now: dict[int, int],
        other_side: dict[int, int],
        outwards: int,
        traded: Mapping[int, int],
        now_ns: int,
    ) -> None:
        """Count one side, as far out as both pictures reach."""
        if not before or not now:
            return
        farthest = min(max(each * outwards for each in before), max(each * outwards for each in now))
        for group in before.keys() | now.keys():
            if group * outwards > farthest:
                continue
            if group in other_side and group not in now:
                self._net.pop(group, None)
                self._moved_ns.pop(group, None)
                continue
            change = now.get(group, 0) - before.get(group, 0) + traded.get(group, 0) - self._traded.get(group, 0)
            if change:
                self._net[group] = self._net.get(group, 0) + change
                self._moved_ns[group] = now_ns


def _by_group(levels: tuple[tuple[int, int], ...], ticks_per_group: int) -> dict[int, int]:
    return {price // ticks_per_group: lots for price, lots in levels}
