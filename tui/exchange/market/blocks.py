"""Dealers who trade large blocks beside the book, on the busiest spot symbols.

Both sides are participants of the market, so no account is moved by a block.
"""

import random

from tui.exchange.listing import Listing
from tui.exchange.market.prices import STEP_SECONDS
from tui.exchange.venue import Venue

_BASES = ("BTC", "ETH", "BNB", "SOL", "XRP")
#: Usual seconds between two blocks of a symbol, and how many have traded when the market opens.
_EVERY_S = 90.0
_PAST = 12
#: Usual value of a block in dollars, and its usual distance from the last price.
_VALUE, _DISTANCE = 400_000.0, 0.0006


class BlockDealers:
    """Everybody who trades blocks on one venue."""

    def __init__(self, venue: Venue, rng: random.Random) -> None:
        self._venue = venue
        self._rng = rng
        self._listings = [row for row in venue.listings.values() if row.base in _BASES and row.quote == "USDT"]

    def open(self) -> None:
        """The blocks of the hour before the market opens."""
        now = self._venue.clock.now_ms()
        for listing in self._listings:
            times = sorted(now - int(self._rng.uniform(0, 3_600_000)) for _ in range(_PAST))
            for time_ms in times:
                self._trade(listing, time_ms)

    def step(self, heat: float) -> None:
        """One step of simulated time."""
        for listing in self._listings:
            if self._rng.random() < heat * STEP_SECONDS / _EVERY_S:
                self._trade(listing, self._venue.clock.now_ms())

    def _trade(self, listing: Listing, time_ms: int) -> None:
        last = self._venue.books[listing.symbol].last_ticks
        price = max(1, round(last * (1 + self._rng.gauss(0, _DISTANCE))))
        unit = float(listing.tick.size * listing.step.size) * price
        lots = max(1, round(_VALUE * self._rng.lognormvariate(0, 0.7) / unit))
        self._venue.blocks.print(listing, price, lots, self._rng.random() < 0.5, time_ms)
