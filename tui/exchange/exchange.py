"""The whole exchange: venues, participants, the demo account, and what keeps them going."""

import asyncio
import time
from decimal import Decimal
from pathlib import Path

from tui.domain.product import Product
from tui.exchange.accounts.names import DEMO, HOUSE
from tui.exchange.catalogue import coin_of, listings
from tui.exchange.clock import Clock
from tui.exchange.keys import ApiKey, new_keys
from tui.exchange.mark import MarkPrice
from tui.exchange.market.history import Bar, bars
from tui.exchange.market.market import Market
from tui.exchange.market.prices import STEP_SECONDS
from tui.exchange.venue import Venue

#: What the demo account starts with.
SPOT_DEPOSITS = {"USDT": Decimal(100_000), "BTC": Decimal(1), "ETH": Decimal(10), "BNB": Decimal(20)}
USDM_DEPOSIT = Decimal(50_000)

_HOUSE_FUNDS = Decimal(10) ** 15

#: One-minute candles that stand at the start.
HISTORY_MINUTES = 1_500

#: Steps made up in one go after the loop was held up; older ones are skipped.
_CATCH_UP = 20


class Exchange:
    """One exchange in one thread; `run` keeps it alive, everything else is synchronous."""

    def __init__(self, *, seed: int, speed: float = 1.0, state_path: Path | None = None) -> None:
        self.seed = seed
        self.clock = Clock(speed)
        self.opened_ms = self.clock.now_ms()
        self.venues: dict[Product, Venue] = {
            product: Venue(product, self.clock, listings(product)) for product in (Product.SPOT, Product.USDM)
        }
        self.keys: list[ApiKey] = new_keys(DEMO)
        self._deposit()
        self.market = Market(self.venues.values(), seed)
        self.market.open()
        self._start_marks()

    def history(self, product: Product, symbol: str) -> list[Bar]:
        """One-minute candles that end where the market opened."""
        listing = self.venues[product].listings[symbol]
        return bars(listing, self.seed, self.opened_ms, HISTORY_MINUTES)

    async def run(self) -> None:
        """Let participants trade, keep marks and funding, save now and then; until cancelled."""
        loop = asyncio.get_running_loop()
        interval = STEP_SECONDS / self.clock.speed
        due = loop.time()
        second = 0.0
        while True:
            await asyncio.sleep(max(0.0, due - loop.time()))
            behind = int((loop.time() - due) / interval) + 1
            for _ in range(min(behind, _CATCH_UP)):
                self.market.step()
            due += behind * interval
            if time.monotonic() - second >= min(1.0, 10 * interval):
                second = time.monotonic()
                self.tick()

    def tick(self) -> None:
        """What happens once a second: marks, funding, liquidation."""
        now = self.clock.now_ms()
        for venue in self.venues.values():
            for mark in venue.marks.values():
                mark.update(now)

    def close(self) -> None:
        """Save for the last time."""

    def _deposit(self) -> None:
        spot, usdm = self.venues[Product.SPOT], self.venues[Product.USDM]
        assert spot.spot is not None
        assert usdm.futures is not None
        for asset, amount in SPOT_DEPOSITS.items():
            spot.spot.deposit(DEMO, asset, amount)
        usdm.futures.credit(DEMO, "USDT", USDM_DEPOSIT)
        for asset in {asset for listing in spot.listings.values() for asset in (listing.base, listing.quote)}:
            spot.spot.deposit(HOUSE, asset, _HOUSE_FUNDS)
        usdm.futures.credit(HOUSE, "USDT", _HOUSE_FUNDS)

    def _start_marks(self) -> None:
        spot, usdm = self.venues[Product.SPOT], self.venues[Product.USDM]
        for symbol, listing in usdm.listings.items():
            coin, multiple = coin_of(listing)
            index = spot.books[f"{coin}USDT"]
            contract = usdm.books[symbol]
            usdm.marks[symbol] = MarkPrice(
                lambda contract=contract: contract.mid_price,
                lambda index=index, multiple=multiple: index.mid_price * multiple,
                self.opened_ms,
            )
