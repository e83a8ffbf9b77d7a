"""Keeps virtual positions (`execution.use_position_ids = false`): long and short of our own over one net position.

Each order names the virtual position it is for, in the journal and nowhere else; its executions are booked there, and
written down with what they make in one step. What the exchange holds beyond that (orders placed elsewhere,
liquidations, a journal that was lost) is shown as unassigned, so that the sum is always the exchange's net position.
"""

import asyncio
import logging
from collections import deque
from decimal import Decimal

from tui.domain.account import Position
from tui.domain.order import Fill, Order
from tui.domain.order_terms import PositionSide
from tui.domain.product import Product
from tui.domain.virtual import Share, VirtualPositions
from tui.engine.account.exposure import leverage_of, mark_of
from tui.engine.journal import JournalError
from tui.engine.orders.closing import FLATTEN
from tui.engine.orders.floor import Floor
from tui.engine.orders.inference import RECONCILIATION, signed

logger = logging.getLogger(__name__)

#: Position and execution of one trade come as two events: a difference is believed when it stands for this long.
GRACE_S = 1.0

#: How many times as long executions are waited for that an order is known to have.
_FOR_EXECUTIONS = 30

#: Executions remembered whose order is not known yet.
_MOST_LOOSE = 1_000

_SIDES = (PositionSide.LONG, PositionSide.SHORT, PositionSide.BOTH)


class VirtualBook:
    """Writes `store.virtual`, and what is held on each side into `floor.holdings`."""

    def __init__(self, floor: Floor) -> None:
        self._floor, self._store = floor, floor.store
        self._books: dict[str, VirtualPositions] = {}
        self._live: set[Product] = set()
        #: When each product went live last, on the exchange's clock: what others traded before is in its position.
        self._since_ms: dict[Product, int] = {}
        self._loose: deque[Fill] = deque(maxlen=_MOST_LOOSE)
        self._differing: set[str] = set()
        floor.ledger.watchers.append(self.order_changed)
        floor.news.live.insert(0, self.product_live)
        floor.news.down.append(self._live.discard)
        floor.news.positions.append(self.positions_changed)

    def take_up(self) -> None:
        """Know again what the journal holds. Raises JournalError."""
        if self._store.keeps_virtual:
            self._books = {book.symbol: book for book in self._floor.journal.virtual()}

    def of(self, symbol: str) -> VirtualPositions:
        """The virtual positions of a contract, as they are booked."""
        book = self._books.get(symbol)
        return book or VirtualPositions(self._store.instruments[symbol].product, symbol)

    def executed(self, fill: Fill) -> None:
        """Write down an execution, and book it if it is a new one. Raises JournalError."""
        if not self._store.is_virtual(fill.product) or fill.symbol not in self._store.instruments:
            self._floor.journal.write_fill(fill)
            return
        is_known = self._floor.journal.has_fill(fill)
        order = self._floor.ledger.order_of(fill)
        side = _side(order)
        is_in_net = side is PositionSide.BOTH and self._is_settled(fill)
        if is_known or is_in_net or fill.price <= 0 or _is_made_up(order):
            self._floor.journal.write_fill(fill)
            return
        if order is None:
            self._loose.append(fill)
        after = self.of(fill.symbol).booked(signed(fill), fill.price, side, fill.time_ms)
        if order is not None and order.group == FLATTEN and not after.net:
            after = after.crossed(fill.price)
        self._keep(after, fill)

    def taken_back(self, fill: Fill) -> None:
        """An execution that was inferred gives way to those that the exchange tells. Raises JournalError."""
        was_known = self._floor.journal.has_fill(fill)
        self._floor.journal.remove_fill(fill)
        order = self._floor.ledger.order_of(fill)
        if was_known and self._store.is_virtual(fill.product) and fill.symbol in self._books and not _is_made_up(order):
            self._keep(self._books[fill.symbol].taken_back(signed(fill), fill.price, _side(order)))

    def order_changed(self, before: Order | None, after: Order) -> None:
        """An order got its number: executions that came before it can be booked where they belong."""
        side = _side(after)
        if side is PositionSide.BOTH or not self._loose or not self._store.is_virtual(after.product):
            return
        key = (after.product, after.symbol, after.order_id)
        for fill in [one for one in self._loose if (one.product, one.symbol, one.order_id) == key]:
            self._loose.remove(fill)
            self._keep(self.of(fill.symbol).moved(signed(fill), fill.price, side))

    def product_live(self, product: Product) -> None:
        """Orders, executions and positions agree with the exchange: what is left over is unassigned."""
        if not self._store.is_virtual(product):
            self._forget(product)
            return
        self._since_ms[product] = self._now_ms(product)
        self._live.add(product)
        for symbol in self._symbols(product):
            self._settle(symbol)
        self._publish(product)

    def positions_changed(self, product: Product) -> None:
        """The exchange stated positions: what stays different is unassigned."""
        if product not in self._live or not self._store.is_virtual(product):
            return
        for symbol in self._symbols(product):
            if self._difference(symbol) and symbol not in self._differing:
                self._differing.add(symbol)
                self._floor.tasks.spawn(f"unassigned {symbol}", self._settle_soon(symbol))

    def cross(self) -> list[str]:
        """Close opposites against each other where the exchange holds nothing; returns the symbols, sends nothing."""
        crossed = []
        for symbol, book in tuple(self._books.items()):
            price = mark_of(self._store, symbol)
            is_ours = self._store.is_virtual(book.product) and book.product in self._live
            if is_ours and price and not book.is_flat and not book.net and not self._store.net(symbol):
                self._keep(book.crossed(price))
                crossed.append(symbol)
        return crossed

    def _is_settled(self, fill: Fill) -> bool:
        """Whether the exchange's position, when it was last taken for the sum, had this execution in it already."""
        if fill.product in self._live:
            return fill.time_ms <= self._since_ms[fill.product]
        return fill.product not in self._since_ms and fill.symbol not in self._books

    def _symbols(self, product: Product) -> list[str]:
        held = [one.symbol for one in self._store.positions.values() if one.product is product]
        return list(dict.fromkeys([*held, *(book.symbol for book in self._books.values() if book.product is product)]))

    def _difference(self, symbol: str) -> Decimal:
        return self._store.net(symbol) - self.of(symbol).net

    async def _settle_soon(self, symbol: str) -> None:
        """Believe a difference that is the same after a while; executions that are on their way are waited for."""
        try:
            before, rounds = self._difference(symbol), 0
            while before:
                await asyncio.sleep(GRACE_S)
                now, rounds = self._difference(symbol), rounds + 1
                is_live = self._store.instruments[symbol].product in self._live
                is_told = rounds > _FOR_EXECUTIONS or not self._lacks_executions(symbol)
                if now == before and is_live and is_told:
                    self._settle(symbol)
                    return
                before = now
        finally:
            self._differing.discard(symbol)

    def _lacks_executions(self, symbol: str) -> bool:
        """Whether an order of ours has traded more than is told of."""
        mine = (order for order in self._store.orders.values() if order.symbol == symbol and not order.is_foreign)
        return any(order.filled > order.counted_quantity for order in mine)

    def _settle(self, symbol: str) -> None:
        book, difference = self.of(symbol), self._difference(symbol)
        price = self._price(symbol, is_first=book.is_flat)
        if not difference or not price:
            return
        if not book.is_flat or symbol in self._books:
            self._floor.messages.warning(
                f"{symbol}: the exchange holds {self._store.net(symbol):f}, the virtual positions add up to"
                f" {book.net:f}: {difference:+f} is unassigned, at {price:f}"
            )
        self._keep(book.settled(self._store.net(symbol), price))

    def _price(self, symbol: str, *, is_first: bool) -> Decimal | None:
        """What a difference is booked at: a position found at the start at its entry, others at the mark."""
        entry = next((one.entry_price for one in self._store.positions_of(symbol)), None)
        mark = mark_of(self._store, symbol)
        return (entry or mark) if is_first else (mark or entry)

    def _keep(self, book: VirtualPositions, fill: Fill | None = None) -> None:
        self._books[book.symbol] = book
        try:
            self._floor.journal.write_virtual(book, fill)
        except JournalError as error:
            self._floor.messages.error(str(error))
        if book.product in self._live:
            self._publish(book.product)
            for hear in self._floor.news.positions:
                hear(book.product)

    def _publish(self, product: Product) -> None:
        elsewhere = {key: held for key, held in self._store.virtual.items() if held.product is not product}
        mine = [
            self._position(book, side)
            for book in self._books.values()
            if book.product is product and book.symbol in self._store.instruments
            for side in _SIDES
            if book.share(side).quantity
        ]
        self._store.virtual = elsewhere | {one.key: one for one in mine}
        self._floor.holdings.virtual[product] = {one.key: one.quantity for one in mine}
        self._store.revision += 1

    def _forget(self, product: Product) -> None:
        """The exchange holds long and short apart now, or nobody wants virtual positions."""
        self._floor.holdings.virtual.pop(product, None)
        if any(held.product is product for held in self._store.virtual.values()):
            self._store.virtual = {k: held for k, held in self._store.virtual.items() if held.product is not product}

    def _position(self, book: VirtualPositions, side: PositionSide) -> Position:
        """One of them as the screen and the guards see it; liquidation and margin are the net position's alone."""
        share: Share = book.share(side)
        instrument = self._store.instruments[book.symbol]
        size = instrument.contract_size if instrument.is_inverse else None
        net = next(iter(self._store.positions_of(book.symbol)), None)
        return Position(
            product=book.product,
            symbol=book.symbol,
            quantity=share.quantity,
            entry_price=share.entry_price(book.product),
            time_ms=book.time_ms,
            leverage=leverage_of(self._store, book.symbol),
            is_isolated=net is not None and net.is_isolated,
            position_side=side,
            realized=share.realized * (size or 1),
            contract_size=size,
            is_virtual=True,
        )

    def _now_ms(self, product: Product) -> int:
        return self._floor.clock.now_ms() + self._floor.clients[product].clock_offset_ms


def _side(order: Order | None) -> PositionSide:
    """The virtual position an order is for; orders placed elsewhere are for none."""
    return PositionSide.BOTH if order is None or order.is_foreign else order.position_side


def _is_made_up(order: Order | None) -> bool:
    """Whether an order only stands for a difference of positions, which is unassigned here anyway."""
    return order is not None and order.is_foreign and order.reason.startswith(RECONCILIATION)
