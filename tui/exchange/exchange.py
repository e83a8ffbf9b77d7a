"""The whole exchange: venues, participants, the demo account, and what keeps them going."""

import asyncio
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from tui.domain.product import Product
from tui.exchange.accounts.groups import TradeGroups
from tui.exchange.accounts.names import DEMO, HOUSE, INSURANCE
from tui.exchange.catalogue import coin_of, listings
from tui.exchange.clock import Clock
from tui.exchange.keys import ApiKey, new_keys
from tui.exchange.listing import Listing
from tui.exchange.margin import Margin
from tui.exchange.margin_liquidation import MarginWatch
from tui.exchange.mark import MarkPrice
from tui.exchange.market.history import Bar, bars
from tui.exchange.market.market import Market
from tui.exchange.market.mirror.mirror import Mirror
from tui.exchange.market.prices import STEP_SECONDS
from tui.exchange.risk import watch
from tui.exchange.state import State
from tui.exchange.venue import Venue

#: What every account starts with.
SPOT_DEPOSITS = {"USDT": Decimal(100_000), "BTC": Decimal(1), "ETH": Decimal(10), "BNB": Decimal(20)}
USDM_DEPOSITS = {"USDT": Decimal(50_000)}
COINM_DEPOSITS = {"BTC": Decimal("0.05"), "ETH": Decimal(2)}

_HOUSE_FUNDS = Decimal(10) ** 15
#: Less on futures, where amounts of an inverse contract have more decimals: sums stay within 28 digits.
_HOUSE_MARGIN = Decimal(10) ** 9
_INSURANCE_FUND = {"USDT": Decimal(10) ** 9}
_INSURANCE_COINS = Decimal(10_000)

#: One-minute candles that stand at the start.
HISTORY_MINUTES = 1_500

_PRODUCTS = (Product.SPOT, Product.USDM, Product.COINM)

#: Steps made up in one go after the loop was held up; older ones are skipped.
_CATCH_UP = 20
#: Steps between two saves while no account changes.
_SAVE_STEPS = 50


class Exchange:
    """One exchange in one thread; `run` keeps it alive, everything else is synchronous.

    A `mirror` that is prepared takes the place of the living market. With a `state_path` accounts, orders, keys and
    last prices continue where they were left; raises StateError when the file cannot be used.
    """

    def __init__(
        self,
        *,
        seed: int,
        speed: float = 1.0,
        state_path: Path | None = None,
        clock: Clock | None = None,
        mirror: Mirror | None = None,
    ) -> None:
        self.seed = seed
        self._mirror = mirror
        self.clock = clock or Clock(speed)
        self.opened_ms = self.clock.now_ms()
        self._state = State(state_path) if state_path is not None else None
        self.venues: dict[Product, Venue] = {
            product: Venue(product, self.clock, self._listings(product)) for product in _PRODUCTS
        }
        self.margin = Margin(self.venues[Product.SPOT])
        self.margin_watch = MarginWatch(self.margin)
        #: Which accounts self-trade prevention takes for one, on every product.
        self.groups = TradeGroups()
        for venue in self.venues.values():
            venue.dealer.groups = self.groups
        self._share_position_mode()
        self.keys: list[ApiKey] = []
        steps = self._continue() if self._state and not self._state.is_new else self._begin()
        self._fund_house()
        self.margin.open()
        self.market = mirror or Market(self.venues.values(), seed, steps)
        if mirror is not None:
            mirror.attach(self.venues.values(), steps)
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
        if self._mirror is not None:
            return self._mirror.bars(listing)
        return bars(listing, self.seed, self.opened_ms, HISTORY_MINUTES)

    @property
    def is_mirror(self) -> bool:
        """Whether the market is another exchange's: then nothing of it is made up."""
        return self._mirror is not None

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
                for listing in watch(venue, self.clock.now_ms()):
                    self._roll(venue, listing)
            self.margin_watch.look()

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
        """The catalogue of today, opening at the last prices of a former run."""
        prices = self._state.prices(product) if self._state is not None else {}
        if self._mirror is not None:
            prices = {**prices, **self._mirror.prices(product)}
        found = {listing.symbol: listing for listing in listings(product, self.opened_ms, prices)}
        return [self._opening(listing, found, prices) for listing in found.values()]

    @staticmethod
    def _opening(listing: Listing, found: dict[str, Listing], prices: dict[str, Decimal]) -> Listing:
        """A listing at its last price; a contract that is new since then at its perpetual's."""
        price = prices.get(listing.symbol)
        if price is None and listing.delivery_ms:
            like = next(other for other in found.values() if other.pair == listing.pair and not other.delivery_ms)
            price = listing.start_price * prices.get(like.symbol, like.start_price) / like.start_price
            price = listing.tick.round(price)
        return listing if price is None else replace(listing, start_price=price)

    def _roll(self, venue: Venue, delivered: Listing) -> None:
        """After a delivery: the participants leave the old contract, and the one after the next is listed."""
        self.market.drop(delivered)
        venue.marks.pop(delivered.symbol)
        now = self.clock.now_ms()
        prices = {symbol: book.last_price for symbol, book in venue.books.items()}
        found = {listing.symbol: listing for listing in listings(venue.product, now)}
        for listing in found.values():
            if listing.symbol not in venue.listings:
                venue.add_listing(self._opening(listing, found, prices))
                self.market.add(venue, listing.symbol)
                self._start_mark(venue, listing)

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
        self._fund(DEMO)
        for product in (Product.USDM, Product.COINM):
            self._fund_own(product)
        return 0

    def admit(self, account_id: str, group: int | None = None) -> None:
        """Open an account for somebody who has none, with what every account starts with; put it into a trade group."""
        spot = self.venues[Product.SPOT].spot
        assert spot is not None
        if account_id not in spot.accounts():
            self._fund(account_id)
        if group is not None:
            self.groups.put(account_id, group)

    def _fund(self, account_id: str) -> None:
        spot = self.venues[Product.SPOT].spot
        assert spot is not None
        for asset, amount in SPOT_DEPOSITS.items():
            spot.deposit(account_id, asset, amount)
        for product, deposits in ((Product.USDM, USDM_DEPOSITS), (Product.COINM, COINM_DEPOSITS)):
            ledger = self.venues[product].futures
            assert ledger is not None
            for asset, amount in deposits.items():
                ledger.credit(account_id, asset, amount)

    def _fund_house(self) -> None:
        """What participants need on spot; an asset may be new since a former run."""
        spot, traded = self.venues[Product.SPOT].spot, self.venues[Product.SPOT].listings.values()
        assert spot is not None
        held = spot.balances(HOUSE)
        for asset in sorted({asset for listing in traded for asset in (listing.base, listing.quote)}):
            if asset not in held:
                spot.deposit(HOUSE, asset, _HOUSE_FUNDS)

    def _fund_own(self, product: Product) -> None:
        """What participants and insurance need on a futures product."""
        ledger = self.venues[product].futures
        assert ledger is not None
        for asset in dict.fromkeys(listing.margin_asset for listing in self.venues[product].listings.values()):
            ledger.credit(HOUSE, asset, _HOUSE_MARGIN)
            ledger.credit(INSURANCE, asset, _INSURANCE_FUND.get(asset, _INSURANCE_COINS))

    def _share_position_mode(self) -> None:
        futures = [venue for venue in self.venues.values() if venue.futures is not None]
        hedged: set[str] = set()
        for venue in futures:
            assert venue.futures is not None
            venue.futures.hedged = hedged
            venue.same_mode = [other for other in futures if other is not venue]

    def _start_marks(self) -> None:
        for venue in self.venues.values():
            for listing in venue.listings.values():
                if listing.is_futures:
                    self._start_mark(venue, listing)

    def _start_mark(self, venue: Venue, listing: Listing) -> None:
        coin, multiple = coin_of(listing)
        book = self.venues[Product.SPOT].books[f"{coin}USDT"]
        venue.marks[listing.symbol] = MarkPrice(venue.books[listing.symbol], book, multiple, self.clock.now_ms())
