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

#: Levels kept beyond those asked for, because some of the best are likely to be taken away; and at most, because each
#: costs the messages that change it.
_SPARE = 4
_SPARE_MOST = 12

#: Levels put in order near the touch at a time: it seldom runs through so many.
_NEAR = 120

#: Levels that were taken away often come back, so they are forgotten only where more of them than this are met.
_GONE = 8

#: More new prices than this are sorted in at once.
_MANY = 24

#: Levels taken away but still in a dict, beyond which they are swept out.
_SWEPT_FROM = 2_000

_ONE = Increment(Decimal(1))


class BookSide:
    """Price levels of one side.

    Every level is in one dict. The keys near the touch are kept in order apart from the many that nobody reads. The
    best levels, its top, are kept counted and in order as long as they are read after each change.
    """

    __slots__ = (
        "_countable",
        "_edge",
        "_far",
        "_held",
        "_increments",
        "_is_followed",
        "_late",
        "_lots_per_unit",
        "_near",
        "_placed",
        "_scale",
        "_swept",
        "_ticks",
        "_top",
        "_top_ends",
        "_top_keys",
        "known_to",
    )

    _is_followed: bool
    _swept: int
    _top_ends: float

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
        if not self._is_followed:
            self._apply_unread(rows)
            return
        self._is_followed = False
        # The top is kept in step: counting what changed there costs less than looking at all of it again.
        held, scale, ends, ticks = self._held, self._scale, self._top_ends, self._ticks
        top, keys, per_unit, countable = self._top, self._top_keys, self._lots_per_unit, self._countable
        for price, size in rows:
            key = price * scale
            held[key] = size
            if key > ends:
                continue
            at = bisect_left(keys, key)
            if not size:
                if keys[at] == key:
                    del keys[at], top[at]
                continue
            # What `_lots` and `_ticks_of` would find, without their calls.
            if not (size < countable and (lots := floor(size * per_unit + 0.5)) / per_unit == size):
                lots = self._lots(size)
            if keys[at] == key:
                top[at] = top[at][0], lots
            elif (price_ticks := ticks[key] if key in ticks else self._ticks_of(key)) is not None:
                keys.insert(at, key)
                top.insert(at, (price_ticks, lots))
        if len(held) > self._swept:
            self._sweep()

    def best(self, count: int) -> tuple[Level, ...]:
        """The `count` best levels, best first."""
        self._is_followed = True
        kept = len(self._top)
        if kept < count and self._top_ends < inf:
            self._lengthen_top(count + _SPARE)
        elif kept > count + _SPARE_MOST:
            self._shorten_top(count + _SPARE)
        return tuple(self._top[:count])

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

        Increments can be made coarser while older orders rest: a price between two ticks is left out.
        """
        ticks = self._ticks_of(key)
        return None if size < 0 or ticks is None else (ticks, self._lots(size))

    def _lots(self, size: float) -> int:
        """The size in lots; one between two counts as the greater."""
        step = self._increments[1]
        try:
            return step.count_double(size)
        except OffIncrementError as error:
            return step.count_of(step.round(Decimal(error.value), "up"))

    def _ticks_of(self, key: float) -> int | None:
        """The price in ticks; None for one between two."""
        if key not in self._ticks:
            scale = self._scale
            price = round(key) / scale
            if price * scale != key:
                # Not a whole number of smallest decimals. Fifteen digits are what survives multiplying and dividing.
                price = float(f"{key / scale:.15g}")
            try:
                self._ticks[key] = self._increments[0].count_double(price)
            except OffIncrementError:
                return None
        return self._ticks[key]

    def _key(self, ticks: int) -> float:
        return float(self._increments[0].value(ticks)) * self._scale

    def _apply_unread(self, rows: Iterable[Row]) -> None:
        """Apply where nobody reads each change: a look at what is near would cost too much for every row."""
        held, scale = self._held, self._scale
        if self._top_ends > -inf:
            self._lose_top()
        for price, size in rows:
            held[price * scale] = size
        if len(held) > self._swept:
            self._sweep()

    def _lengthen_top(self, count: int) -> None:
        """Have at least `count` levels in the top, or all there are."""
        self._place()
        near, held, top, keys = self._near, self._held, self._top, self._top_keys
        beyond_all = keys.pop()
        at = bisect_right(near, self._top_ends)
        while len(top) < count:
            looked_at = near[at : at + count - len(top) + _SPARE]
            if looked_at:
                top += self._counted(looked_at)
                there = [key for key in looked_at if held[key]]
                keys += there
                self._top_ends = looked_at[-1]
                if len(looked_at) - len(there) > _GONE:
                    self._forget_gone(at, at + len(looked_at))
                    looked_at = there
                at += len(looked_at)
            elif not self._fetch(2 * count):
                self._top_ends = inf
                break
        keys.append(beyond_all)

    def _shorten_top(self, count: int) -> None:
        """Keep no more than `count` levels in the top; what is cut off need not be counted again."""
        top, keys = self._top, self._top_keys
        self._held.update(zip(keys[count:-1], top[count:], strict=True))
        del top[count:], keys[count:]
        self._top_ends = keys[-1]
        keys.append(inf)

    def _lose_top(self) -> None:
        """Have no top, until it is read."""
        #: Levels, best first, and their keys, with one more beyond all; and the key up to which every level is there.
        self._top: list[Level] = []
        self._top_keys = [inf]
        self._top_ends = -inf

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

    def _forget_gone(self, start: int, end: int) -> None:
        """Drop levels of size zero from these that are near."""
        held, near = self._held, self._near
        for key in near[start:end]:
            if not held[key]:
                del held[key]
                self._placed -= 1
        near[start:end] = [key for key in near[start:end] if key in held]
        # They often come back, so that their ticks are worth keeping, but not for ever.
        if len(self._ticks) > _SWEPT_FROM:
            self._ticks.clear()

    def _fetch(self, count: int) -> bool:
        """Have at least `count` more keys near the touch; False where no more are far."""
        near, far = self._near, self._settled_far()
        if not far:
            self._edge = inf
            return False
        near += far[: max(count, _NEAR)]
        del far[: max(count, _NEAR)]
        self._edge = near[-1] if far else inf
        return True

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
        self._lose_top()
        self._is_followed = False
        self._swept = min(2 * len(far), MOST_LEVELS) + _SWEPT_FROM
