"""One side of a book: cheap to change, put in order only when and where it is read.

A price is held as one double: that nearest to the exchange's text, times the number of smallest decimals in a unit,
negative on the bid side. So every key is whole or nearly so (dicts find those fastest, fractions collide in them), keys
ascend from the best level to the worst on both sides, two spellings of a price are one key, and up to 15 digits a key
names its text exactly. What is read is counted from keys and sizes in whole ticks and lots, each count proven; no
double leaves this module.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Mapping
from decimal import Decimal
from itertools import islice
from math import floor, inf
from typing import Any

from tui.domain.increment import DOUBLES_COUNT_TO, Increment, OffIncrementError
from tui.domain.market import Level, Row

#: Levels of one side; beyond it the half farthest from the touch is forgotten, which no screen reaches.
MOST_LEVELS = 20_000

#: Levels looked at beyond those asked for, because some of the best are likely to have been taken away; they often come
#: back, so they are forgotten only when there are more of them.
_SPARE = 5

#: Levels kept near the touch, at least: the touch seldom runs through so many. Beyond the most the rest is put away.
_NEAR = 120
_NEAR_MOST = 1_200

#: More new prices than this are sorted in at once.
_MANY = 24

#: Levels taken away but still in a dict, beyond which they are swept out.
_SWEPT_FROM = 2_000

_ONE = Increment(Decimal(1))


class BookSide:
    """Price levels of one side.

    Every level is in one dict. The keys near the touch are kept in order apart from the many that nobody reads.
    """

    __slots__ = (
        "_countable",
        "_edge",
        "_far",
        "_held",
        "_increments",
        "_late",
        "_lots_per_unit",
        "_near",
        "_placed",
        "_scale",
        "_swept",
        "_ticks",
        "known_to",
    )

    def __init__(self, is_bid: bool) -> None:
        self._scale = -1.0 if is_bid else 1.0
        self.replace((), None)

    def replace(
        self, rows: Iterable[Row], increments: tuple[Increment, Increment] | None, is_whole: bool = True
    ) -> None:
        """Forget everything and take these levels, to be counted in tick and lot; None: they are counts already."""
        self._increments = tick, step = increments or (_ONE, _ONE)
        self._scale = scale = (-1.0 if self._scale < 0 else 1.0) * 10**tick.decimals
        #: Lots in a unit, and the size up to which they can be counted by it: 0 where it is no whole number.
        self._lots_per_unit = step.per_unit
        self._countable = DOUBLES_COUNT_TO / step.per_unit if step.per_unit else 0.0
        #: Ticks of keys that have been read.
        self._ticks: dict[float, int] = {}
        #: The farthest price in ticks up to which every level is known; None where there is no such end.
        self.known_to: int | None = None
        #: By key: the size as it came, or the finished level once it has been read; zero sizes stay until met.
        self._held: dict[float, float | Level] = {price * scale: size for price, size in rows}
        self._sweep()
        if not is_whole and self._far:
            self.known_to = self._ticks_of(self._far[-1])

    def apply(self, rows: Iterable[Row]) -> None:
        """Set each level to its absolute size; zero removes it, removing an absent level is normal."""
        held, scale = self._held, self._scale
        # No look at what is near: a branch that cannot be foreseen costs each message more than it saves the reader.
        for price, size in rows:
            held[price * scale] = size
        if len(held) > self._swept:
            self._sweep()

    def best(self, count: int) -> list[Level]:
        """The `count` best levels, best first."""
        self._place()
        near, looked_at = self._near, count + _SPARE
        while True:
            levels = self._counted(near[:looked_at])
            if len(levels) >= count or not (self._forget_gone(looked_at) or self._fetch(2 * count)):
                break
        if len(near) > _NEAR_MOST:
            self._put_away(max(2 * count, _NEAR))
        return levels[:count]

    def between(self, low: int, high: int) -> list[Level]:
        """Levels with low <= price < high in ticks, best first."""
        first, last = self._key(low), self._key(high)
        find = bisect_left
        if self._scale < 0:
            first, last, find = last, first, bisect_right
        self._place()
        keys = self._near[find(self._near, first) : find(self._near, last)]
        if last > self._edge:
            far = self._settled_far()
            keys += far[find(far, first) : find(far, last)]
        return self._counted(keys)

    @property
    def sizes(self) -> Mapping[int, int]:
        """Every level: lots by ticks."""
        self._place()
        return dict(self._counted(self._near + self._settled_far()))

    def __len__(self) -> int:
        return len(self.sizes)

    def _counted(self, keys: list[float]) -> list[Level]:
        """The levels at these keys that are there."""
        held, ticks, per_unit, countable = self._held, self._ticks, self._lots_per_unit, self._countable
        levels: list[Level] = []
        for key in keys:
            level: Any = held[key]
            if level.__class__ is tuple:
                levels.append(level)
            elif level:
                # Counted once, when first read; the next change of this price puts a bare size in its place. What
                # `_level` would find, without its calls, where the price has been read before and the lot divides one.
                if level < countable and key in ticks and (lots := floor(level * per_unit + 0.5)) / per_unit == level:
                    counted: Level | None = (ticks[key], lots)
                else:
                    counted = self._level(key, level)
                if counted is None:
                    held[key] = 0
                else:
                    held[key] = counted
                    levels.append(counted)
        return levels

    def _level(self, key: float, size: float) -> Level | None:
        """Price and size in ticks and lots; None where there is nothing, or nothing that can be shown.

        Increments can be made coarser while older orders rest: a size between two lots counts as the greater, and a
        price between two ticks is left out.
        """
        ticks = self._ticks_of(key)
        if size < 0 or ticks is None:
            return None
        self._ticks[key] = ticks
        step = self._increments[1]
        try:
            return ticks, step.count_double(size)
        except OffIncrementError as error:
            return ticks, step.count_of(step.round(Decimal(error.value), "up"))

    def _ticks_of(self, key: float) -> int | None:
        """The price in ticks; None for one between two. Fifteen digits are what survives multiplying and dividing."""
        try:
            return self._increments[0].count_double(float(f"{key / self._scale:.15g}"))
        except OffIncrementError:
            return None

    def _key(self, ticks: int) -> float:
        return float(self._increments[0].value(ticks)) * self._scale

    def _place(self) -> None:
        """Tell near from far among the keys that came since the last time: the dict keeps them last."""
        fresh = len(self._held) - self._placed
        if fresh:
            self._placed += fresh
            near, late, edge = self._near, self._late, self._edge
            for key in islice(reversed(self._held), fresh):
                if key > edge:
                    late.append(key)
                else:
                    insort(near, key)

    def _settled_far(self) -> list[float]:
        """The keys that are far, in order; a few are cheaper to sort in one by one."""
        if len(self._late) > _MANY:
            self._far += self._late
            self._far.sort()
        else:
            for key in self._late:
                insort(self._far, key)
        self._late.clear()
        return self._far

    def _forget_gone(self, count: int) -> bool:
        """Drop levels of size zero from the first so many; whether there were any."""
        held, first = self._held, self._near[:count]
        gone = [key for key in first if not held[key]]
        for key in gone:
            del held[key]
        if gone:
            self._near[:count] = [key for key in first if key in held]
            self._placed -= len(gone)
        # They often come back, so that their ticks are worth keeping, but not for ever.
        if len(self._ticks) > _SWEPT_FROM:
            self._ticks.clear()
        return bool(gone)

    def _fetch(self, count: int) -> bool:
        """Have at least `count` more keys near the touch; False where no more are far."""
        near, far = self._near, self._settled_far()
        if not far:
            return False
        near += far[: max(count, _NEAR)]
        del far[: max(count, _NEAR)]
        self._edge = near[-1] if far else inf
        return True

    def _put_away(self, count: int) -> None:
        """Leave so many keys near the touch."""
        self._far[:0] = self._near[count:]
        del self._near[count:]
        self._edge = self._near[-1]

    def _sweep(self) -> None:
        """Drop levels that were taken away where nobody reads, and those beyond the most; all others are far."""
        held = self._held = {key: size for key, size in self._held.items() if size}
        far = sorted(held)
        if len(far) > MOST_LEVELS:
            for key in far[MOST_LEVELS // 2 :]:
                del held[key]
            del far[MOST_LEVELS // 2 :]
            reach = self._ticks_of(far[-1])
            if self.known_to is None or (reach is not None and (reach > self.known_to) == (self._scale < 0)):
                self.known_to = reach
        #: Keys in order up to the edge, keys in order beyond it, and those beyond it that are not in order yet. What is
        #: read is fetched near when it is.
        self._near: list[float] = []
        self._far, self._edge = far, -inf
        self._late: list[float] = []
        #: So many keys of the dict are in one of those; the others came since.
        self._placed = len(far)
        self._ticks.clear()
        self._swept = min(2 * len(far), MOST_LEVELS) + _SWEPT_FROM
