"""Market makers of one symbol: they keep two-sided depth around a moving fair price, touching only what changes."""

import random
from dataclasses import dataclass

from tui.exchange.market.desk import HouseDesk

#: Levels from the touch that are looked at for gaps.
_NEAR = 24
#: How much deeper than wanted a side may grow before its far end is trimmed.
_SLACK = 60


@dataclass(frozen=True, slots=True)
class Shape:
    """How a book should look.

    Levels on each side, usual gap near the touch in ticks and how much of it is added with every level away from there,
    usual lots of a quote.
    """

    levels: int
    gap: float
    widening: float
    lots: float

    def gap_at(self, rank: int) -> float:
        """Usual distance to the next level."""
        return self.gap + self.widening * rank

    def lots_at(self, rank: int, rng: random.Random) -> int:
        """A drawn size, larger away from the touch, sometimes far larger."""
        size = self.lots * (0.35 + min(rank, 120) / 24) * rng.lognormvariate(-0.5, 1.0)
        return max(1, round(size))


class MarketMakers:
    """Everybody who quotes one symbol."""

    def __init__(self, desk: HouseDesk, shape: Shape, rng: random.Random) -> None:
        self._desk = desk
        self._shape = shape
        self._rng = rng
        self._targets = {True: 0, False: 0}

    def open(self, fair_ticks: float) -> None:
        """Fill an empty book around a price."""
        self._aim(fair_ticks)
        for is_bid in (True, False):
            price, step = self._targets[is_bid], -1 if is_bid else 1
            for rank in range(self._shape.levels):
                self._desk.quote(is_bid, price, self._shape.lots_at(rank, self._rng))
                price += step * self._gap(rank)
                if price <= 0:
                    break

    def follow(self, fair_ticks: float) -> None:
        """Move the quotes to a new fair price; what stands in the way is traded away first."""
        self._aim(fair_ticks)
        for is_bid in (True, False):
            self._give_way(is_bid)
        self.tend()

    def tend(self) -> None:
        """Put the touch back where it was taken, fill some gaps near it, keep the far end."""
        for is_bid in (True, False):
            self._restore_touch(is_bid)
            self._fill_gaps(is_bid)
            self._keep_depth(is_bid)

    def breathe(self) -> None:
        """Change the size of one level, most often near the touch."""
        is_bid = self._rng.random() < 0.5
        prices = self._desk.side(is_bid).prices
        rank = int(self._rng.expovariate(1 / 10))
        if rank >= len(prices) - 1:
            return
        price = prices[-1 - rank] if is_bid else prices[rank]
        self._desk.resize(is_bid, price, self._shape.lots_at(rank, self._rng))

    def _aim(self, fair_ticks: float) -> None:
        bid = max(1, int(fair_ticks))
        wide = 1 if self._rng.random() < 0.8 else 1 + int(self._rng.expovariate(1.2))
        self._targets[True] = bid
        self._targets[False] = bid + wide

    def _give_way(self, is_bid: bool) -> None:
        """Clear a side's prices better than its target: the first few are traded, the rest withdrawn."""
        target, desk = self._targets[is_bid], self._desk
        better = self._better_than(is_bid, target)
        if not better:
            return
        limit = target + 1 if is_bid else target - 1
        levels = desk.side(is_bid).levels
        eaten = better[: 1 + int(self._rng.expovariate(1.1))]
        desk.take(not is_bid, max(1, sum(levels[price].lots for price in eaten)), limit)
        for price in self._better_than(is_bid, target):
            desk.withdraw(is_bid, price)
        # What still stands there belongs to accounts: it is traded against, but not without end.
        appetite = round(self._shape.lots * 40)
        if self._better_than(is_bid, target):
            desk.take(not is_bid, appetite, limit)

    def _better_than(self, is_bid: bool, target: int) -> list[int]:
        prices, found = self._desk.side(is_bid).prices, []
        for price in reversed(prices) if is_bid else prices:
            if (price <= target) if is_bid else (price >= target):
                break
            found.append(price)
        return found

    def _restore_touch(self, is_bid: bool) -> None:
        best, target = self._desk.best(is_bid), self._targets[is_bid]
        opposite = self._desk.best(not is_bid)
        if opposite is not None:
            target = min(target, opposite - 1) if is_bid else max(target, opposite + 1)
        if best is None or (best < target if is_bid else best > target):
            self._desk.quote(is_bid, target, self._shape.lots_at(0, self._rng))

    def _fill_gaps(self, is_bid: bool) -> None:
        """Insert up to two levels where neighbours near the touch stand too far apart."""
        prices = self._desk.side(is_bid).prices
        near = prices[: -_NEAR - 1 : -1] if is_bid else prices[:_NEAR]
        inserted = 0
        for rank in range(len(near) - 1):
            gap = abs(near[rank + 1] - near[rank])
            usual = self._shape.gap_at(rank)
            if gap > 1 and gap > 2.6 * usual:
                offset = min(gap - 1, self._gap(rank))
                price = near[rank] + (-offset if is_bid else offset)
                self._desk.quote(is_bid, price, self._shape.lots_at(rank, self._rng))
                inserted += 1
                if inserted == 2:
                    return

    def _keep_depth(self, is_bid: bool) -> None:
        """Add levels at the far end while there are too few, drop some while there are too many."""
        prices, wanted = self._desk.side(is_bid).prices, self._shape.levels
        if not prices:
            return
        missing = wanted - len(prices)
        for _ in range(min(missing, 5 + missing // 3)):
            far = prices[0 if is_bid else -1]
            price = far + (-self._gap(len(prices)) if is_bid else self._gap(len(prices)))
            self._desk.quote(is_bid, price, self._shape.lots_at(len(prices), self._rng))
        if len(prices) > wanted + _SLACK:
            for _ in range(4):
                self._desk.withdraw(is_bid, prices[0 if is_bid else -1])

    def _gap(self, rank: int) -> int:
        usual = self._shape.gap_at(rank)
        return 1 + int(self._rng.expovariate(1 / max(0.05, usual - 1))) if usual > 1.05 else 1
