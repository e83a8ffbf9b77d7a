"""What the coins are worth: a common factor, each coin's own noise, and each symbol's small distance from its coin.

Simulation only: floats here never touch an order, a balance or a position; participants round to ticks and lots.
"""

import math
import random
from collections.abc import Iterable

from tui.exchange.catalogue import coin_of
from tui.exchange.listing import Listing
from tui.exchange.market.coins import MARKET_VOLATILITY, coin_named

#: Simulated seconds of one step.
STEP_SECONDS = 0.1

_PER_STEP = math.sqrt(STEP_SECONDS / 60)
#: Mood of the whole market: log volatility wanders around zero and comes back within about ten minutes.
_MOOD_DECAY = STEP_SECONDS / 600
_MOOD_SPREAD = 0.45
#: Bursts: about one in ten minutes, gone within half a minute.
_BURST_CHANCE = STEP_SECONDS / 600
_BURST_DECAY = 1 - STEP_SECONDS / 12
#: Drift, as a share of volatility per minute, turns over within about eight minutes.
_DRIFT_DECAY = STEP_SECONDS / 480
_DRIFT_SPREAD = 0.18
#: Distance of a symbol from its coin: contracts and crosses wander a few hundredths of a percent.
_BASIS_DECAY = STEP_SECONDS / 240
_BASIS_SPREAD = 0.00022
#: Distance of a dated contract from its coin for each second until its delivery: five percent a year.
_CARRY = 0.05 / (365 * 86_400)


class Fundamentals:
    """Fair prices of all symbols, moved one step at a time; the same seed and opening give the same path."""

    def __init__(self, listings: Iterable[Listing], rng: random.Random, now_ms: int = 0) -> None:
        listings = list(listings)
        self._rng = rng
        #: Seconds until delivery.
        self._left: dict[tuple[str, str], float] = {}
        self._coins: dict[str, float] = {}
        for listing in listings:
            coin, _ = coin_of(listing)
            if listing.in_dollars and coin not in self._coins and not listing.is_futures:
                self._coins[coin] = math.log(float(listing.start_price))
        for listing in listings:
            coin, multiple = coin_of(listing)
            if listing.in_dollars and coin not in self._coins:
                self._coins[coin] = math.log(float(listing.start_price) / multiple)
        self._basis: dict[tuple[str, str], float] = {}
        self._spreads: dict[tuple[str, str], float] = {}
        for listing in listings:
            self.add(listing, now_ms)
        self._mood = 0.0
        self._burst = 0.0
        self._drift = 0.0

    def add(self, listing: Listing, now_ms: int) -> None:
        """Price one more symbol from its start price on."""
        key = (listing.product, listing.symbol)
        if listing.delivery_ms:
            self._left[key] = (listing.delivery_ms - now_ms) / 1_000
        self._basis[key] = math.log(float(listing.start_price)) - self._anchor(listing) - self._carry(key)
        if listing.is_futures or not listing.in_dollars:
            scale = _BASIS_SPREAD * math.sqrt(2 * _BASIS_DECAY)
            self._spreads[key] = scale * coin_named(coin_of(listing)[0]).wildness

    def drop(self, listing: Listing) -> None:
        """Price a symbol no longer."""
        key = (listing.product, listing.symbol)
        for known in (self._left, self._basis, self._spreads):
            known.pop(key, None)

    @property
    def heat(self) -> float:
        """How lively the market is; one in ordinary times."""
        return math.exp(self._mood) * (1 + self._burst)

    def price(self, listing: Listing) -> float:
        """Fair price of a symbol now."""
        key = (listing.product, listing.symbol)
        return math.exp(self._anchor(listing) + self._basis[key] + self._carry(key))

    def base_value(self, listing: Listing) -> float:
        """Value of one unit in USDT, whatever the symbol is quoted in."""
        if listing.contract_size is not None:
            return float(listing.contract_size)
        coin, multiple = coin_of(listing)
        return math.exp(self._coins[coin]) * multiple

    def step(self) -> None:
        """Move on by one step."""
        gauss = self._rng.gauss
        self._mood += -self._mood * _MOOD_DECAY + _MOOD_SPREAD * math.sqrt(2 * _MOOD_DECAY) * gauss(0, 1)
        self._drift += -self._drift * _DRIFT_DECAY + _DRIFT_SPREAD * math.sqrt(2 * _DRIFT_DECAY) * gauss(0, 1)
        self._burst *= _BURST_DECAY
        if self._rng.random() < _BURST_CHANCE:
            self._burst += self._rng.expovariate(1) + 0.5
        heat = self.heat
        scale = heat * _PER_STEP
        common = MARKET_VOLATILITY * (scale * gauss(0, 1) + self._drift * STEP_SECONDS / 60)
        for name in self._coins:
            coin = coin_named(name)
            self._coins[name] += coin.beta * common + coin.volatility * scale * gauss(0, 1)
        for key, spread in self._spreads.items():
            self._basis[key] += spread * gauss(0, 1) - self._basis[key] * _BASIS_DECAY

        for key in self._left:
            self._left[key] -= STEP_SECONDS

    def _carry(self, key: tuple[str, str]) -> float:
        return max(0.0, self._left.get(key, 0.0)) * _CARRY

    def _anchor(self, listing: Listing) -> float:
        coin, multiple = coin_of(listing)
        anchor = self._coins[coin] + math.log(multiple)
        return anchor if listing.in_dollars else anchor - self._coins[listing.quote]
