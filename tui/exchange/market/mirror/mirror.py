"""The mirror in place of the living market: the house quotes what the live books show and prints what they print."""

import asyncio
from collections import deque
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import aiohttp

from tui.domain.product import Product
from tui.exchange.accounts.names import HOUSE
from tui.exchange.listing import Listing
from tui.exchange.market.desk import HouseDesk
from tui.exchange.market.history import Bar
from tui.exchange.market.mirror.reflection import Reflection
from tui.exchange.market.mirror.source import Address, Source, SourceError
from tui.exchange.venue import Venue

#: Minutes of the past that are fetched, and steps between two looks at levels that were traded against here.
HISTORY_MINUTES = 1_000
_LOOK_AGAIN_STEPS, _LOOK_AGAIN_LEVELS = 5, 50
_QUEUED = 20_000


class MirrorDesk(HouseDesk):
    """The house's hands on one mirrored symbol: levels are held at a size, whoever else rests there."""

    def hold(self, is_bid: bool, price: int, lots: int) -> None:
        """Let the house show exactly so many lots at a price; orders of others that stand in the way trade first."""
        level = self.side(is_bid).levels.get(price)
        held = sum(order.lots for order in level or () if order.owner == HOUSE)
        if lots > held:
            opposite = self.best(not is_bid)
            if opposite is not None and (price >= opposite if is_bid else price <= opposite):
                self.take(is_bid, lots - held, price)
            self.quote(is_bid, price, lots - held)
            return
        order = level.last if level is not None else None
        while order is not None and lots < held:
            before = order.before
            if order.owner == HOUSE:
                drop = min(order.lots, held - lots)
                held -= drop
                if drop == order.lots:
                    self._book.book.remove(order)
                else:
                    self._book.book.reduce(order, drop)
            order = before


class Mirror:
    """Every symbol of every venue that the source has too; the others stay without a market.

    `prepare` first, then hand it to the exchange, then let `run` follow for as long as the exchange lives.
    """

    def __init__(self, addresses: Mapping[Product, Address]) -> None:
        self._addresses = dict(addresses)
        self._prices: dict[Product, dict[str, Decimal]] = {}
        self._minutes: dict[tuple[Product, str], list[Any]] = {}
        self._reflections: dict[tuple[Product, str], Reflection] = {}
        self._desks: dict[tuple[Product, str], MirrorDesk] = {}
        self._heard: deque[tuple[Product, Any]] = deque(maxlen=_QUEUED)
        #: Steps made; the state file counts them.
        self.steps = 0

    async def prepare(self, symbols: Mapping[Product, Iterable[str]]) -> None:
        """Fetch last prices and the past of the symbols; raises SourceError when nothing can be asked."""
        async with aiohttp.ClientSession() as session:
            for product, address in self._addresses.items():
                source = Source(product, address, symbols.get(product, ()))
                self._prices[product] = await source.prices(session)
                minutes = await source.minutes(session, self._prices[product], HISTORY_MINUTES)
                self._minutes |= {(product, symbol): rows for symbol, rows in minutes.items()}

    def prices(self, product: Product) -> dict[str, Decimal]:
        """Last prices of the source when it was asked."""
        return self._prices.get(product, {})

    def bars(self, listing: Listing) -> list[Bar]:
        """The past of a symbol, as it was; nothing where the source has none."""
        tick, step = listing.tick.size, listing.step.size
        return [
            Bar(
                open_ms=int(row[0]),
                open=round(Decimal(row[1]) / tick),
                high=round(Decimal(row[2]) / tick),
                low=round(Decimal(row[3]) / tick),
                close=round(Decimal(row[4]) / tick),
                lots=int(Decimal(row[5]) / step),
                trades=int(row[8]),
                taker_buy_lots=int(Decimal(row[9]) / step),
                quote=Decimal(row[7]),
            )
            for row in self._minutes.get((listing.product, listing.symbol), [])
        ]

    def attach(self, venues: Iterable[Venue], steps: int) -> None:
        """Trade on these venues from now on."""
        self.steps = steps
        for venue in venues:
            for symbol in venue.listings:
                self.add(venue, symbol)

    def open(self) -> None:
        """Nothing is known yet: books fill as soon as the source speaks."""

    def add(self, venue: Venue, symbol: str) -> None:
        """Mirror one more symbol, if the source has it."""
        if symbol in self._prices.get(venue.product, {}):
            desk = MirrorDesk(venue, symbol)
            self._desks[venue.product, symbol] = desk
            self._reflections[venue.product, symbol] = Reflection(desk.listing)

    def drop(self, listing: Listing) -> None:
        """Mirror a symbol no longer."""
        reflection = self._reflections.pop((listing.product, listing.symbol), None)
        if reflection is not None:
            reflection.blank()
            self._settle(reflection, self._desks.pop((listing.product, listing.symbol)))

    def step(self) -> None:
        """Bring every book to where the live one is, in the order things were heard."""
        self.steps += 1
        while self._heard:
            self._take(*self._heard.popleft())
        for key, reflection in self._reflections.items():
            if self.steps % _LOOK_AGAIN_STEPS == 0:
                reflection.touch(_LOOK_AGAIN_LEVELS)
            self._settle(reflection, self._desks[key])

    async def run(self) -> None:
        """Follow the source; a link that is gone empties its books until it is back. Until cancelled."""
        async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as group:
            for product, address in self._addresses.items():
                source = Source(product, address, ())
                symbols = [symbol for each, symbol in self._reflections if each is product]
                if symbols:
                    group.create_task(self._listen(session, source, symbols))
                    group.create_task(self._fetch_books(session, source))

    async def _listen(self, session: aiohttp.ClientSession, source: Source, symbols: list[str]) -> None:
        def lost() -> None:
            for (product, _), reflection in self._reflections.items():
                if product is source.product:
                    reflection.blank()

        await source.listen(session, symbols, lambda event: self._heard.append((source.product, event)), lost)

    async def _fetch_books(self, session: aiohttp.ClientSession, source: Source) -> None:
        while True:
            for (product, symbol), reflection in list(self._reflections.items()):
                if product is source.product and reflection.needs_snapshot:
                    try:
                        reflection.on_snapshot(await source.snapshot(session, symbol))
                    except SourceError:
                        await asyncio.sleep(1.0)
            await asyncio.sleep(0.2)

    def _take(self, product: Product, event: Any) -> None:
        reflection = self._reflections.get((product, event["s"]))
        if reflection is None:
            return
        if event["e"] == "depthUpdate":
            reflection.on_depth(event)
        elif not reflection.needs_snapshot:
            self._print(reflection, self._desks[product, event["s"]], event)

    def _print(self, reflection: Reflection, desk: MirrorDesk, event: Any) -> None:
        """Trade here what was traded there, at the same price; orders of ours at that price or better are reached."""
        self._settle(reflection, desk)
        is_buy, price, lots = reflection.print_of(event)
        if lots <= 0:
            return
        side = desk.side(not is_buy)
        better = [at for at in side.prices if (at < price if is_buy else at > price)]
        for at in better:
            desk.withdraw(not is_buy, at)
        level = side.levels.get(price)
        held = sum(order.lots for order in level or () if order.owner == HOUSE)
        desk.hold(not is_buy, price, max(held, lots))
        desk.take(is_buy, lots, price)
        reflection.touch(len(better) + 2)

    @staticmethod
    def _settle(reflection: Reflection, desk: MirrorDesk) -> None:
        bids, asks = reflection.take_changed()
        for is_bid, prices, side in ((True, bids, reflection.bids), (False, asks, reflection.asks)):
            for price in prices:
                if price not in side:
                    desk.withdraw(is_bid, price)
        for is_bid, prices, side in ((True, bids, reflection.bids), (False, asks, reflection.asks)):
            for price in prices:
                if price in side:
                    desk.hold(is_bid, price, side[price])
