"""A book that lives: depth messages as the exchange writes them, and the book they must leave behind.

Two thousand levels a side, 5 to 80 changed levels a message. Half of the changes lie about 40 levels from the touch on
average, half about 400, so that of the best 20 levels of a side some 4 change with each message; of four changes two
resize a level, one takes a level away and one makes a level that was not there. One message in ten tells of a taker
who went through the best levels of a side. These shares are assumed, not counted on a live market: the more of the
changes lie near the touch, the more costs a book that is read each time.
"""

import random
from bisect import bisect_left, insort
from dataclasses import dataclass, field
from decimal import Decimal

import msgspec

from tui.domain.increment import Increment
from tui.domain.instrument import ContractKind, Instrument
from tui.domain.product import Product

Row = tuple[str, str]
NEAR, FAR = 40.0, 400.0


def instrument(product: Product) -> Instrument:
    """Bitcoin with the ticks and lots it has on Binance."""
    is_futures = product.is_futures
    return Instrument(
        product=product,
        symbol="BTCUSDT-PERP" if is_futures else "BTCUSDT",
        native="BTCUSDT",
        base="BTC",
        quote="USDT",
        margin_asset="USDT",
        tick=Increment(Decimal("0.1" if is_futures else "0.01")),
        step=Increment(Decimal("0.001" if is_futures else "0.00001")),
        min_quantity=Decimal("0.001"),
        max_quantity=Decimal(1000),
        max_market_quantity=Decimal(100),
        min_notional=Decimal(5),
        kind=ContractKind.PERPETUAL if is_futures else ContractKind.COIN,
    )


@dataclass(slots=True)
class Half:
    """One side: sizes by distance-ordered price in ticks; `towards` is +1 where better prices are higher."""

    towards: int
    sizes: dict[int, int] = field(default_factory=dict)
    order: list[int] = field(default_factory=list)

    def put(self, tick: int, lots: int) -> None:
        key = -self.towards * tick
        if lots and tick not in self.sizes:
            insort(self.order, key)
        if lots:
            self.sizes[tick] = lots
        elif self.sizes.pop(tick, 0):
            del self.order[bisect_left(self.order, key)]

    def at(self, rank: int) -> int:
        return -self.towards * self.order[min(rank, len(self.order) - 1)]


class DepthStream:
    """Frames of one symbol's combined stream, `frames`, from the snapshot `bids` and `asks` on (text rows)."""

    def __init__(self, product: Product, messages: int, levels: int = 2_000, seed: int = 1) -> None:
        self.instrument = instrument(product)
        self._random = random.Random(seed)
        self._futures = product.is_futures
        self._bid, self._ask, self._levels = Half(1), Half(-1), levels
        middle = 640_000 if self._futures else 6_400_000
        for half in (self._bid, self._ask):
            tick = middle
            for _ in range(levels):
                tick -= half.towards * self._random.choice((1, 1, 1, 2, 3))
                half.put(tick, self._lots())
        self.bids, self.asks = self._rows(self._bid), self._rows(self._ask)
        self.first_id = self._id = 1_000
        self.frames = [self._frame() for _ in range(messages)]

    @property
    def final(self) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
        """The book after the last frame, best first, in ticks and lots."""
        return tuple(
            [(half.at(n), half.sizes[half.at(n)]) for n in range(len(half.order))] for half in (self._bid, self._ask)
        )

    def _lots(self) -> int:
        return int(self._random.expovariate(1 / 40_000)) + 1

    def _row(self, tick: int, lots: int) -> Row:
        price, size = self.instrument.tick.text(tick), self.instrument.step.text(lots)
        return (price, size) if self._futures else (price + "000000", size + "000")

    def _rows(self, half: Half) -> list[Row]:
        return [self._row(tick, half.sizes[tick]) for tick in (half.at(n) for n in range(len(half.order)))]

    def _frame(self) -> bytes:
        count = self._random.randint(5, 80)
        changed: tuple[dict[int, int], dict[int, int]] = ({}, {})
        while len(changed[0]) + len(changed[1]) < count:
            side = self._random.randrange(2)
            self._change((self._bid, self._ask)[side], (self._ask, self._bid)[side], changed[side])
        if self._random.random() < 0.1:
            self._take_best(*self._random.choice(((self._bid, changed[0]), (self._ask, changed[1]))))
        before, self._id = self._id, self._id + count
        data = {"e": "depthUpdate", "E": 1_795_400_000_202, "s": "BTCUSDT", "U": before + 1, "u": self._id}
        if self._futures:
            data |= {"T": 1_795_400_000_200, "pu": before, "ps": "BTCUSDT"}
        for name, rows in zip("ba", changed, strict=True):
            data[name] = [self._row(tick, lots) for tick, lots in rows.items()]
        return msgspec.json.encode({"stream": "btcusdt@depth@100ms", "data": data})

    def _take_best(self, half: Half, changed: dict[int, int]) -> None:
        for _ in range(self._random.randint(1, 5)):
            tick = half.at(0)
            half.put(tick, 0)
            changed[tick] = 0

    def _change(self, half: Half, other: Half, changed: dict[int, int]) -> None:
        near = self._random.random() < 0.5
        tick = half.at(int(self._random.expovariate(1 / (NEAR if near else FAR))))
        lots, kind = self._lots(), self._random.random()
        if kind < 0.25:
            direction = self._random.choice((-1, 1))
            while tick in half.sizes:
                tick += direction
            if half.towards * (tick - other.at(0)) >= 0:
                return
        elif kind < 0.5 and len(half.order) > self._levels:
            lots = 0
        half.put(tick, lots)
        changed[tick] = lots
