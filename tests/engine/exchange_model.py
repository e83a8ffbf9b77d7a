"""An exchange on a bad day, for one account and one symbol: it keeps the truth, and tells it late or not at all.

Requests and answers get lost, orders are not to be found at first, limits fill under their cancel, and the stream of
the account goes down with what was on its way. Every chance is drawn from one `random.Random`, so that a seed is a
day; `steps` is what happened on it, for reading.
"""

import asyncio
import time
from collections import Counter, defaultdict, deque
from dataclasses import replace
from decimal import Decimal
from random import Random

from fake_client import PERP, FakeClient, position, report

from tui.binance.client import AccountState, Changed, LinkState
from tui.binance.errors import OutcomeUnknownError, RefusedError
from tui.domain.account import Balance
from tui.domain.instrument import Instrument
from tui.domain.order import Fill, Order, OrderChange, OrderReport, OrderStatus
from tui.domain.order_change import is_conditional
from tui.domain.order_terms import OrderType, PositionSide, Side
from tui.domain.product import Product

D = Decimal
PRICE = D(100)
#: A request without an answer may still arrive for so long: within what the session waits for.
LATE_S = 0.1
NO_ROOM = RefusedError("ReduceOnly Order is rejected.", -2022)
UNKNOWN_ORDER = RefusedError("Unknown order sent.", -2011)


class ExchangeModel(FakeClient):
    """Takes, fills and reports orders; what one may do with them is the product's, in the subclasses."""

    def __init__(self, one: Instrument, chance: Random) -> None:
        super().__init__(one)
        self.random = chance
        self.orders: dict[str, Order] = {}
        self.trades_done: list[Fill] = []
        self.steps: list[str] = []
        #: What the program must never do, whatever it was told.
        self.faults: list[str] = []
        self.is_calm = False
        self.is_halted = False
        self._is_cut = False
        self._numbers = iter(range(5_000, 1_000_000))
        self._asked_for: Counter[str] = Counter()
        self._on_the_way: dict[str, deque] = defaultdict(deque)
        self._last_ms = 0

    # What the day does to the account.

    @property
    def live(self) -> list[Order]:
        return [order for order in self.orders.values() if not order.status.is_closed]

    def note(self, *words) -> None:
        """Add one line to the steps, after the milliseconds of its moment."""
        self.steps.append(f"{time.time_ns() // 1_000_000 % 1_000_000:>7} " + " ".join(map(str, words)))

    def hang_up(self) -> None:
        """Nobody hears it any more, not what is on its way either."""
        self._is_cut = True
        for waiting in self._on_the_way.values():
            waiting.clear()

    def cut(self) -> None:
        """The account's stream goes down."""
        self.hang_up()
        self.user_link.say(LinkState.DOWN, "cut")

    def answer(self) -> None:
        """Whoever connects is heard and told."""
        self._is_cut = False

    def mend(self) -> None:
        """The account's stream is up again."""
        self.answer()
        self.user_link.say(LinkState.LIVE, "")

    def end(self, order: Order, status=OrderStatus.CANCELED, reason="") -> Order:
        return self._put(replace(order, status=status, reason=reason))

    def trade(self, order: Order, quantity: Decimal) -> Order:
        """As much of it trades as it leaves, and as the product lets it."""
        raise NotImplementedError

    def trigger(self, order: Order) -> None:
        """Its trigger price is reached."""
        raise NotImplementedError

    def opens(self, order: Order) -> bool:
        """Whether it can make the account hold more than it does."""
        raise NotImplementedError

    # What the program asks.

    async def place(self, order: Order) -> OrderReport:
        self._sent(order)
        await self._travel()
        if self._happens(0.03):
            asyncio.get_running_loop().call_later(self.random.random() * LATE_S, self._arrives_late, order)
            raise OutcomeUnknownError("the request is late")
        self._may_be_lost("request", 0.03)
        if self._happens(0.03):
            raise RefusedError("System is busy.", -1008, 503)
        taken = self._take(order)
        await self._travel()
        self._may_be_lost("answer", 0.06)
        return self._said(self.orders[order.client_order_id] if self.random.random() < 0.5 else taken)

    async def place_many(self, orders):
        return [await self._or_error(self.place(order)) for order in orders]

    async def cancel_many(self, orders):
        return [await self._or_error(self.cancel(order)) for order in orders]

    async def change_many(self, changes):
        return [await self._or_error(self.change(*one)) for one in changes]

    async def cancel(self, order: Order) -> OrderReport:
        self.note("cancel", order.client_order_id)
        await self._travel()
        self._may_be_lost("request", 0.05)
        known = self.orders.get(order.client_order_id)
        if known is not None and self._can_fill(known) and self._happens(0.25):
            known = self.trade(known, known.quantity)
        if known is None or known.status.is_closed:
            raise UNKNOWN_ORDER
        said = self._said(self.end(known))
        await self._travel()
        self._may_be_lost("answer", 0.05)
        return said

    async def change(self, order: Order, change: OrderChange, new_client_order_id: str) -> Changed:
        self.note("change", order.client_order_id, change)
        await self._travel()
        self._may_be_lost("request", 0.05)
        changed = self._change(order, change, new_client_order_id)
        await self._travel()
        self._may_be_lost("answer", 0.05)
        return changed

    async def find_order(self, order: Order) -> OrderReport | None:
        await self._travel()
        known = self.orders.get(order.client_order_id)
        if known is None or self._happens(0.25):
            return None
        return await self._late(self._said(known))

    async def open_orders(self, *, sparingly: bool = False) -> list[OrderReport]:
        await self._travel()
        return await self._late([self._said(order) for order in self.live])

    async def open_orders_of(self, instruments) -> list[OrderReport]:
        return await self.open_orders()

    async def past_orders(self, one, since_ms, limit=500):
        return await self._late([self._said(order) for order in self.orders.values()])

    async def fills(self, one, since_ms, limit=500) -> list[Fill]:
        return await self._late(list(self.trades_done))

    async def account(self) -> AccountState:
        return await self._late(self._account())

    # How it goes about it.

    def _account(self) -> AccountState:
        raise NotImplementedError

    def _take(self, order: Order) -> Order:
        """The order as it stands in the books, or RefusedError."""
        raise NotImplementedError

    def _change(self, order: Order, change: OrderChange, new_client_order_id: str) -> Changed:
        raise NotImplementedError

    def _arrives_late(self, order: Order) -> None:
        try:
            self._take(order)
        except RefusedError as error:
            self.note("   ", order.client_order_id, "refused, late:", error)

    def _can_fill(self, order: Order) -> bool:
        return not order.status.is_closed and order.type is OrderType.LIMIT and not order.awaits_entry

    def _sent(self, order: Order) -> None:
        role, group = order.role.value, order.group[-6:]
        self.note("place", order.client_order_id, order.side.value, order.quantity, order.type.value, role, group)
        self.placed.append(order)
        self._asked_for[order.client_order_id] += 1
        if self._asked_for[order.client_order_id] > 1:
            self.faults.append(f"{order.client_order_id} was sent twice")
        if self.is_halted and self.opens(order):
            self.faults.append(f"{order.client_order_id} was sent after the halt, and opens")

    def _put(self, order: Order, fill: Fill | None = None, **changes) -> Order:
        self.orders[order.client_order_id] = order
        filled = f"{order.filled}/{order.quantity}"
        self.note("   ", order.client_order_id, order.status.value, filled, order.reason)
        self._tell(self.user.on_order_report, self._said(order, fill, **changes))
        return order

    def _fill(self, order: Order, quantity: Decimal, fee="0.01", fee_asset="USDT") -> Order:
        fill = Fill(
            order.product,
            order.symbol,
            next(self._numbers),
            order.order_id or 0,
            order.client_order_id,
            order.side,
            PRICE,
            quantity,
            D(fee),
            fee_asset,
            False,
            self._now_ms(),
        )
        self.trades_done.append(fill)
        filled = order.filled + quantity
        status = OrderStatus.FILLED if filled >= order.quantity else OrderStatus.PARTIALLY_FILLED
        return self._put(replace(order, filled=filled, status=status), fill)

    def _said(self, order: Order, fill: Fill | None = None, **changes) -> OrderReport:
        told = {
            "order_id": order.order_id or 0,
            "algo_id": order.algo_id,
            "is_triggered": order.is_triggered,
            "average_price": PRICE if order.filled else None,
            "close_position": order.close_position,
            "list_id": order.list_id,
            "awaits_entry": order.awaits_entry,
            "quantity": order.quantity,
            "terms": order.terms,
            "reason": order.reason,
            "fill": fill,
        }
        return report(order, order.status, str(order.filled), time_ms=self._now_ms(), **(told | changes))

    def _now_ms(self) -> int:
        self._last_ms = max(self._last_ms + 1, time.time_ns() // 1_000_000)
        return self._last_ms

    def _tell(self, listener, what) -> None:
        """Send an event; those of one kind arrive in their order."""
        if self._is_cut:
            return
        waiting = self._on_the_way[listener.__name__]
        waiting.append(what)
        delay_s = 0 if self.is_calm else self.random.choice([0, 0, 0.003, 0.02])
        asyncio.get_running_loop().call_later(delay_s, lambda: waiting and listener(waiting.popleft()))

    async def _travel(self) -> None:
        if not self.is_calm:
            slowest_s = self.random.choices([0, 0.01, 0.06], [5, 4, 1])[0]
            await asyncio.sleep(self.random.random() * slowest_s)

    async def _late(self, said):
        await self._travel()
        return said

    def _happens(self, probability: float) -> bool:
        return not self.is_calm and self.random.random() < probability

    def _may_be_lost(self, what: str, probability: float) -> None:
        if self._happens(probability):
            self.note("    the", what, "is lost")
            raise OutcomeUnknownError(f"the {what} was lost")

    @staticmethod
    async def _or_error(asked):
        try:
            return await asked
        except (RefusedError, OutcomeUnknownError) as error:
            return error


class FuturesModel(ExchangeModel):
    """A contract's account: one position, or one a side in hedge mode; orders that only shrink it."""

    batch_size = 5

    def __init__(self, chance: Random, is_hedge: bool) -> None:
        super().__init__(PERP, chance)
        self.futures.hedge = is_hedge
        sides = [PositionSide.LONG, PositionSide.SHORT] if is_hedge else [PositionSide.BOTH]
        #: Contracts held, negative where short.
        self.held = dict.fromkeys(sides, D(0))
        self._held_ms = 1

    def shrinks(self, order: Order) -> bool:
        """Whether it can only make the position smaller."""
        side = order.terms.position_side
        if side is PositionSide.BOTH:
            return order.reduce_only or order.close_position
        return (side is PositionSide.LONG) == (order.side is Side.SELL)

    def opens(self, order: Order) -> bool:
        return not self.shrinks(order)

    def room(self, order: Order) -> Decimal:
        """What it could close, not above zero where there is nothing."""
        held = self.held[order.terms.position_side]
        return held if order.side is Side.SELL else -held

    def trade(self, order: Order, quantity: Decimal) -> Order:
        if self.shrinks(order):
            room = self.room(order)
            if room <= 0:
                return self.end(order, OrderStatus.EXPIRED, "reduce only")
            order = replace(order, quantity=min(order.quantity, order.filled + room))
        quantity = min(quantity, order.quantity - order.filled)
        self.held[order.terms.position_side] += quantity if order.side is Side.BUY else -quantity
        order = self._fill(order, quantity)
        self._tell_positions()
        return order

    def trigger(self, order: Order) -> None:
        if order.is_triggered:
            return
        quantity = abs(self.room(order)) if order.close_position else order.quantity
        order = replace(order, is_triggered=True, order_id=next(self._numbers), quantity=quantity)
        if self.shrinks(order) and self.room(order) <= 0:
            self.end(order, OrderStatus.EXPIRED, "reduce only")
        else:
            self.trade(self._put(order), quantity)

    def _tell_positions(self) -> None:
        self._held_ms = self._now_ms()
        self._tell(self.user.on_positions, self._positions())
        for order in self.live:
            if order.close_position and not self.held[order.terms.position_side]:
                self.end(order, reason="nothing left to close")

    def _positions(self):
        return [
            replace(position(str(held)), time_ms=self._held_ms, position_side=side) for side, held in self.held.items()
        ]

    def _account(self) -> AccountState:
        balance = Balance(Product.USDM, "USDT", D(100_000), D(0), 1)
        return AccountState([balance], [held for held in self._positions() if held.quantity])

    def _take(self, order: Order) -> Order:
        self._check_mode(order)
        order = replace(order, status=OrderStatus.NEW, filled=D(0))
        if is_conditional(order):
            self._check_trigger(order)
            return self._put(replace(order, algo_id=next(self._numbers), order_id=None))
        room = self.room(order) if self.shrinks(order) else None
        if order.reduce_only and room <= 0:
            raise NO_ROOM
        is_market = order.type is OrderType.MARKET
        if room is not None and not order.reduce_only and is_market and room < order.quantity:
            raise NO_ROOM
        order = self._put(replace(order, order_id=next(self._numbers)))
        return self.trade(order, order.quantity) if is_market else order

    def _check_mode(self, order: Order) -> None:
        is_both = order.terms.position_side is PositionSide.BOTH
        if self.futures.hedge == is_both or (self.futures.hedge and order.reduce_only):
            self.faults.append(f"{order.client_order_id} is not one of this position mode")

    def _check_trigger(self, order: Order) -> None:
        twins = [one for one in self.live if one.close_position and (one.side, one.type) == (order.side, order.type)]
        if order.close_position and twins:
            raise RefusedError("An open stop or take profit order closes the position already.", -4130)
        if self._happens(0.05):
            raise RefusedError("Order would immediately trigger.", -2021)

    def _change(self, order: Order, change: OrderChange, new_client_order_id: str) -> Changed:
        known = self.orders.get(order.client_order_id)
        if known is None or known.status.is_closed:
            raise RefusedError("Order does not exist.", -2013)
        quantity = change.quantity or order.quantity
        if quantity <= known.filled:
            return Changed(self._said(self.end(known)))
        known = self._put(replace(known, price=change.price or known.price, quantity=quantity), is_amendment=True)
        return Changed(self._said(known, is_amendment=True))
