"""What an algo may see and do: its symbol's market, its own orders, sending through the one sender, cancelling."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from tui.domain.average import average_price
from tui.domain.instrument import Instrument
from tui.domain.order import Order, OrderRequest, OrderStatus
from tui.domain.order_terms import OrderType, Side, Terms
from tui.engine.algos.plan import AlgoPlan
from tui.engine.circumstances import Intent
from tui.engine.commands import Origin
from tui.engine.commands.answers import Refusal, Result
from tui.engine.orders.canceller import Canceller
from tui.engine.orders.floor import Floor
from tui.engine.orders.outcome import Outcome
from tui.engine.orders.sender import Asked, OrderSender
from tui.engine.orders.wire_form import completed
from tui.engine.store import LinkHealth
from tui.engine.virtual_guard import too_large

_ZERO = Decimal(0)
#: A clock that has gone on by so much more or less than time was set.
_SET_MS = 1_000


class StoppedError(Exception):
    """The algo cannot go on; the text says why. Its working orders are cancelled."""


@dataclass(slots=True)
class Hands:
    """The hands of one algo; `name` is the group of all its orders."""

    name: str
    plan: AlgoPlan
    floor: Floor
    sender: OrderSender
    canceller: Canceller
    _last: OrderRequest | None = None
    _last_ns: int = 0
    _began_ms: int = 0
    _began_ns: int = 0

    def __post_init__(self) -> None:
        self._began_ms, self._began_ns = self.floor.clock.now_ms(), self.floor.clock.monotonic_ns()

    @property
    def instrument(self) -> Instrument:
        """What is traded."""
        return self.floor.store.instruments[self.plan.symbol]

    @property
    def link(self) -> LinkHealth:
        """How the connections of the product stand."""
        return self.floor.store.links.get(self.instrument.product, LinkHealth())

    def now_ms(self) -> int:
        """The time the algo goes by: epoch milliseconds when it began, and those that have passed since.

        A clock that is set, or a machine that wakes from sleep, must not make it catch up all at once.
        """
        return self._began_ms + (self.floor.clock.monotonic_ns() - self._began_ns) // 1_000_000

    def told_ms(self, at_ms: int | None) -> int | None:
        """A moment of the algo's time as epoch milliseconds of our clock, to be shown."""
        set_by_ms = self.floor.clock.now_ms() - self.now_ms()
        return at_ms if at_ms is None or abs(set_by_ms) < _SET_MS else at_ms + set_by_ms

    def orders(self) -> list[Order]:
        """Every order of the algo, oldest first."""
        return [order for order in self.floor.store.orders.values() if order.group == self.name]

    def open_orders(self) -> list[Order]:
        """Orders that may still trade, those whose outcome is not known among them."""
        return [order for order in self.orders() if not order.status.is_closed]

    def filled(self) -> Decimal:
        """How much has traded."""
        return sum((order.filled for order in self.orders()), _ZERO)

    def average_price(self) -> Decimal | None:
        """What it has traded at."""
        traded = [(order.filled, order.average_price) for order in self.orders() if order.average_price]
        return average_price(self.instrument.product, traded)

    def left(self) -> Decimal:
        """How much is neither traded nor on its way."""
        out = sum((order.leaves for order in self.open_orders()), _ZERO)
        return max(_ZERO, self.plan.quantity - self.filled() - out)

    def touch(self) -> tuple[Decimal, Decimal] | None:
        """Best bid and ask of a live book, None while it is not known."""
        book = self.floor.store.market(self.plan.symbol).book
        view = book.view(1)
        if not book.is_live or view.best_bid is None or view.best_ask is None:
            return None
        return self.instrument.tick.value(view.best_bid), self.instrument.tick.value(view.best_ask)

    def order(self, quantity: Decimal, price: Decimal | None, *, post_only: bool = False) -> OrderRequest:
        """One child order: a limit at a price, else at market."""
        return OrderRequest(
            self.plan.symbol,
            self.plan.side,
            OrderType.MARKET if price is None else OrderType.LIMIT,
            quantity,
            price,
            post_only=post_only,
            reduce_only=self.plan.reduce_only,
            terms=Terms(position_side=self.plan.position_side),
        )

    def refusal(self, request: OrderRequest) -> Refusal | None:
        """What the guards say of an order now; sends nothing."""
        whole = completed(request, self.floor.store, self.floor.options.execution)
        if isinstance(whole, Refusal):
            return whole
        return self.floor.bench.judge(Intent(whole, reviewed=True)).refusal

    def refusal_of_whole(self, price: Decimal | None) -> Refusal | None:
        """What stands against all orders of the algo together, at this price or at market; sends nothing.

        No position may become larger than the trader allows, and of a virtual one no more is closed than is held.
        """
        store = self.floor.store
        whole = completed(self.order(self.plan.quantity, price), store, self.floor.options.execution)
        if isinstance(whole, Refusal):
            return whole
        refusal = too_large(whole, store) if store.is_virtual(self.instrument.product) else None
        return refusal or self.floor.bench.too_large(Intent(whole, reviewed=True))

    async def send(self, request: OrderRequest) -> Outcome | None:
        """Send one order; None while the same one was sent too short a time ago to be asked for again."""
        clock, window_ns = self.floor.clock, self.floor.bench.limits.duplicate_window_ms * 1_000_000
        if request == self._last and clock.monotonic_ns() - self._last_ns <= window_ns:
            return None
        outcome = await self.sender.submit(self._asked(request))
        # The guard against repetition counts from when it judged, which was before now.
        self._last, self._last_ns = request, clock.monotonic_ns()
        return outcome

    async def send_all(self, requests: Sequence[OrderRequest]) -> Outcome:
        """Send independent orders, in batches where the product has them."""
        return await self.sender.submit_many([self._asked(request) for request in requests])

    async def cancel(self) -> Outcome:
        """Cancel every order that still works."""
        orders = self.open_orders()
        if not orders:
            return Outcome(Result.DONE, "nothing works")
        return await self.canceller.cancel_all(orders)

    def _asked(self, request: OrderRequest) -> Asked:
        return Asked(request, reviewed=True, origin=Origin.ALGO, group=self.name)


def rounded(quantity: Decimal, instrument: Instrument) -> Decimal:
    """A size in whole lots, rounded down."""
    return instrument.step.round(quantity, "down")


def is_smaller_than_an_order(quantity: Decimal, price: Decimal, instrument: Instrument, *, reduces: bool) -> bool:
    """Whether what is left cannot be an order of its own any more."""
    if quantity <= 0 or quantity < instrument.min_quantity:
        return True
    return not reduces and instrument.notional(price, quantity) < instrument.min_notional


def is_in_doubt(order: Order) -> bool:
    """Whether the exchange has not yet said that it has the order."""
    return order.status in (OrderStatus.INTENT, OrderStatus.SUBMITTED, OrderStatus.UNKNOWN)


def better_for(side: Side, price: Decimal, than: Decimal) -> bool:
    """Whether a price stands nearer to the other side of the book: higher for a buy, lower for a sell."""
    return price > than if side is Side.BUY else price < than
