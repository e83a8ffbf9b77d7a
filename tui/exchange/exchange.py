"""The whole exchange: venues, participants, the demo account, and what keeps them going."""

import asyncio
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from tui.domain.product import Product
from tui.exchange.accounts.names import DEMO, HOUSE, INSURANCE
from tui.exchange.catalogue import coin_of, listings
from tui.exchange.clock import Clock
from tui.exchange.keys import ApiKey, new_keys
from tui.exchange.listing import Listing
from tui.exchange.mark import MarkPrice
from tui.exchange.market.history import Bar, bars
from tui.exchange.market.market import Market
from tui.exchange.market.prices import STEP_SECONDS
from tui.exchange.risk import liquidate, update_marks
from tui.exchange.state import State
from tui.exchange.venue import Venue

#: What the demo account starts with.
SPOT_DEPOSITS = {"USDT": Decimal(100_000), "BTC": Decimal(1), "ETH": Decimal(10), "BNB": Decimal(20)}
USDM_DEPOSIT = Decimal(50_000)

_HOUSE_FUNDS = Decimal(10) ** 15
_INSURANCE_FUND = Decimal(10) ** 9

#: One-minute candles that stand at the start.
HISTORY_MINUTES = 1_500

_PRODUCTS = (Product.SPOT, Product.USDM)

#: Steps made up in one go after the loop was held up; older ones are skipped.
_CATCH_UP = 20
#: Steps between two saves while no account changes.
_SAVE_STEPS = 50


class Exchange:
    """One exchange in one thread; `run` keeps it alive, everything else is synchronous.

    With a `state_path` accounts, orders, keys and last prices continue where they were left; raises StateError when
    the file cannot be used.
    """

    def __init__(
        self, *, seed: int, speed: float = 1.0, state_path: Path | None = None, clock: Clock | None = None
    ) -> None:
        self.seed = seed
        self.clock = clock or Clock(speed)
        self.opened_ms = self.clock.now_ms()
        self._state = State(state_path) if state_path is not None else None
        self.venues: dict[Product, Venue] = {
            product: Venue(product, self.clock, self._listings(product)) for product in _PRODUCTS
        }
        self.keys: list[ApiKey] = []
        steps = self._continue() if self._state and not self._state.is_new else self._begin()
        self.market = Market(self.venues.values(), seed, steps)
        self.market.open()
        self._start_marks()
        self._saved_step = 0
        if self._state is not None:
            for venue in self.venues.values():
                self._state.watch(venue)
            self._save()

    def history(self, product: Product, symbol: str) -> list[Bar]:
        """One-minute candles that end where the market opened."""
        listing = self.venues[product].listings[symbol]
        return bars(listing, self.seed, self.opened_ms, HISTORY_MINUTES)

    async def run(self) -> None:
        """Let participants trade, keep marks and funding, save what changed; until cancelled."""
        loop = asyncio.get_running_loop()
        interval = STEP_SECONDS / self.clock.speed
        due = loop.time()
        while True:
            await asyncio.sleep(max(0.0, due - loop.time()))
            behind = int((loop.time() - due) / interval) + 1
            for _ in range(min(behind, _CATCH_UP)):
                self.step()
            due += behind * interval
            self.keep()
            if self._state is not None and self.market.steps >= self._saved_step + _SAVE_STEPS:
                self._save()

    def step(self) -> None:
        """One step of the market, and once a second what the clock does to marks and futures accounts."""
        self.market.step()
        for venue in self.venues.values():
            venue.turn()
        if self.market.steps % round(1 / STEP_SECONDS) == 0:
            for venue in self.venues.values():
                update_marks(venue, self.clock.now_ms())
                liquidate(venue)

    def keep(self) -> None:
        """Save now if an account changed; done before a request is answered, so that what was promised survives."""
        if self._state is not None and self._state.is_dirty:
            self._save()

    def close(self) -> None:
        """Save for the last time and let go of the file."""
        if self._state is not None:
            self._save()
            self._state.close()
            self._state = None

    def _save(self) -> None:
        assert self._state is not None
        self._state.save(list(self.venues.values()), self.keys, self.market.steps, self.clock.now_ms())
        self._saved_step = self.market.steps

    def _listings(self, product: Product) -> list[Listing]:
        """The catalogue, opening at the last prices of a former run."""
        prices = self._state.prices(product) if self._state is not None else {}
        return [
            replace(listing, start_price=prices.get(listing.symbol, listing.start_price))
            for listing in listings(product)
        ]

    def _continue(self) -> int:
        """Take accounts and orders from the state file; returns the steps made so far."""
        assert self._state is not None
        self.keys = self._state.keys()
        for venue in self.venues.values():
            self._state.load(venue)
        return self._state.steps()

    def _begin(self) -> int:
        """Fresh keys and first deposits."""
        self.keys = new_keys(DEMO)
        spot, futures = self.venues[Product.SPOT].spot, self.venues[Product.USDM].futures
        assert spot is not None
        assert futures is not None
        for asset, amount in SPOT_DEPOSITS.items():
            spot.deposit(DEMO, asset, amount)
        futures.credit(DEMO, "USDT", USDM_DEPOSIT)
        traded = self.venues[Product.SPOT].listings.values()
        for asset in sorted({asset for listing in traded for asset in (listing.base, listing.quote)}):
            spot.deposit(HOUSE, asset, _HOUSE_FUNDS)
        futures.credit(HOUSE, "USDT", _HOUSE_FUNDS)
        futures.credit(INSURANCE, "USDT", _INSURANCE_FUND)
        return 0

    def _start_marks(self) -> None:
        spot, usdm = self.venues[Product.SPOT], self.venues[Product.USDM]
        for symbol, listing in usdm.listings.items():
            coin, multiple = coin_of(listing)
            usdm.marks[symbol] = MarkPrice(usdm.books[symbol], spot.books[f"{coin}USDT"], multiple, self.opened_ms)
