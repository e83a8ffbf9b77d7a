"""Takers of one symbol: they come in clusters, keep to a side for a while, and most of them are small."""

import random

from tui.exchange.market.desk import HouseDesk
from tui.exchange.market.prices import STEP_SECONDS

#: Share of takers that are answers to other takers, and for how many seconds a taker excites others.
_BRANCHING = 0.55
_MEMORY_SECONDS = 4.0
_DECAY = 1 - STEP_SECONDS / _MEMORY_SECONDS

_SMALLEST_VALUE = 6.0
_TAIL = 1.08


class Takers:
    """A self-exciting stream of aggressive orders with power-law sizes."""

    def __init__(self, desk: HouseDesk, pace: float, largest_value: float, rng: random.Random) -> None:
        self._desk = desk
        self._base = pace * (1 - _BRANCHING)
        self._excitement = 0.0
        self._largest = largest_value
        self._smallest = max(_SMALLEST_VALUE, largest_value / 8_000)
        self._rng = rng
        self._buys = True

    def step(self, heat: float, lot_value: float) -> None:
        """Send the orders of one step; `lot_value` is the value of one lot in USDT."""
        self._excitement *= _DECAY
        expected = (self._base * heat + self._excitement) * STEP_SECONDS
        chance = self._rng.random()
        while chance < expected:
            self._send(lot_value)
            self._excitement += _BRANCHING / _MEMORY_SECONDS
            expected -= 1
            chance = self._rng.random()

    def _send(self, lot_value: float) -> None:
        if self._rng.random() < 0.3:
            self._buys = not self._buys
        value = min(self._largest, self._smallest * self._rng.paretovariate(_TAIL))
        best = self._desk.best(not self._buys)
        if best is None:
            return
        room = max(2, best // 1000)
        self._desk.take(self._buys, max(1, round(value / lot_value)), best + room if self._buys else best - room)
