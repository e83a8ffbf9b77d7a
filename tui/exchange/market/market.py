"""The living market: all participants on all symbols, one step at a time."""

import random
from collections.abc import Iterable

from tui.exchange.listing import Listing
from tui.exchange.market.blocks import BlockDealers
from tui.exchange.market.coins import Coin, behaviour_of
from tui.exchange.market.desk import HouseDesk
from tui.exchange.market.maker import MarketMakers, Shape
from tui.exchange.market.prices import STEP_SECONDS, Fundamentals
from tui.exchange.market.taker import Takers
from tui.exchange.venue import Venue

#: Usual relative distance between neighbouring levels near the touch, and from the touch to the far end of a side, for
#: a coin as calm as Bitcoin; wilder coins have wider books.
_RELATIVE_GAP = 0.000007
_RELATIVE_SPAN = 0.016
#: How often makers of a symbol look at the fair price, per second and unit of pace.
_LOOKS_PER_PACE = 0.45


class Market:
    """Makers and takers of every symbol of every venue; deterministic in seed, opening prices and number of steps."""

    def __init__(self, venues: Iterable[Venue], seed: int, steps: int = 0) -> None:
        venues = list(venues)
        now_ms = venues[0].clock.now_ms() if venues else 0
        desks = [HouseDesk(venue, symbol) for venue in venues for symbol in venue.listings]
        desks = [desk for desk in desks if not desk.listing.delivery_ms or desk.listing.delivery_ms > now_ms]
        self._seed = f"{seed}/{steps}"
        self._fundamentals = Fundamentals(
            [desk.listing for desk in desks], random.Random(f"{seed}/{steps}/prices"), now_ms
        )
        self._crowds = [_Crowd(desk, self._fundamentals, self._seed) for desk in desks]
        self._blocks = [
            BlockDealers(venue, random.Random(f"{self._seed}/{venue.product}/blocks"))
            for venue in venues
            if not venue.product.is_futures
        ]
        #: Steps made since the exchange was first opened; a continued market starts where the last one ended.
        self.steps = steps

    def open(self) -> None:
        """Fill every book."""
        for crowd in self._crowds:
            crowd.open()
        for dealers in self._blocks:
            dealers.open()

    def step(self) -> None:
        """One step of simulated time: prices move, makers follow, takers take."""
        self.steps += 1
        self._fundamentals.step()
        heat = self._fundamentals.heat
        for crowd in self._crowds:
            crowd.step(heat)
        for dealers in self._blocks:
            dealers.step(heat)

    def add(self, venue: Venue, symbol: str) -> None:
        """Let participants trade one more symbol, from its start price on."""
        desk = HouseDesk(venue, symbol)
        self._fundamentals.add(desk.listing, venue.clock.now_ms())
        self._crowds.append(_Crowd(desk, self._fundamentals, self._seed))
        self._crowds[-1].open()

    def drop(self, listing: Listing) -> None:
        """Let a symbol's participants go home, and take their quotes with them."""
        for crowd in [crowd for crowd in self._crowds if crowd.listing is listing]:
            self._crowds.remove(crowd)
            crowd.leave()
        self._fundamentals.drop(listing)


class _Crowd:
    """Everybody on one symbol."""

    def __init__(self, desk: HouseDesk, fundamentals: Fundamentals, seed: str) -> None:
        listing = desk.listing
        coin = behaviour_of(listing)
        self._desk = desk
        self._fundamentals = fundamentals
        self._rng = random.Random(f"{seed}/{listing.product}/{listing.symbol}")
        self._tick = float(listing.tick.size)
        self._makers = MarketMakers(desk, _shape(listing, coin, self._usdt()), self._rng)
        self._takers = Takers(desk, coin.pace, coin.quote_value * 9, self._rng)
        self._looks = min(0.25, (0.35 + coin.pace * _LOOKS_PER_PACE) * STEP_SECONDS)
        self._breaths = min(0.9, (0.5 + coin.pace * 2.2) * STEP_SECONDS)
        self._tends = min(0.6, (0.6 + coin.pace * 2.0) * STEP_SECONDS)

    @property
    def listing(self) -> Listing:
        """The symbol."""
        return self._desk.listing

    def open(self) -> None:
        """Fill the book."""
        self._makers.open(self._fair_ticks())

    def leave(self) -> None:
        """Empty the book of house quotes."""
        for is_bid in (True, False):
            for price in list(self._desk.side(is_bid).prices):
                self._desk.withdraw(is_bid, price)

    def step(self, heat: float) -> None:
        """One step of this symbol."""
        rng = self._rng
        if rng.random() < self._looks * min(3.0, heat):
            self._makers.follow(self._fair_ticks())
        elif rng.random() < self._tends:
            self._makers.tend()
        if rng.random() < self._breaths:
            self._makers.breathe()
        self._takers.step(min(4.0, heat), float(self._desk.listing.step.size) * self._usdt())

    def _fair_ticks(self) -> float:
        return self._fundamentals.price(self._desk.listing) / self._tick

    def _usdt(self) -> float:
        """Value of one unit in USDT."""
        return self._fundamentals.base_value(self._desk.listing)


def _shape(listing: Listing, coin: Coin, base_value: float) -> Shape:
    ticks = float(listing.start_price / listing.tick.size) * coin.wildness
    gap = max(1.0, ticks * _RELATIVE_GAP)
    widening = max(0.0, (ticks * _RELATIVE_SPAN / coin.levels - gap) * 2 / coin.levels)
    return Shape(coin.levels, gap, widening, coin.quote_value / (base_value * float(listing.step.size)))
