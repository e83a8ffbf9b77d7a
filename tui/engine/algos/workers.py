"""How each algo works, one step at a time: `step` looks at the moment, does at most one thing, and says how it stands.

A step never waits for a price; it is called again a moment later. Whatever is sent passes every guard, and a refusal
ends the algo with the guard's words, because a trader who set that limit meant algos too.
"""

from decimal import Decimal
from typing import Protocol

from tui.domain.instrument import Instrument
from tui.domain.order import Order, OrderRequest, OrderStatus
from tui.domain.order_terms import Side
from tui.engine.algos.hands import (
    Hands,
    StoppedError,
    better_for,
    is_in_doubt,
    is_smaller_than_an_order,
    rounded,
)
from tui.engine.algos.plan import AlgoPlan, ChasePlan, IcebergPlan, ScalePlan, TwapPlan
from tui.engine.commands.answers import Refusal, Result
from tui.engine.orders.outcome import Outcome
from tui.engine.store import Link

#: Post-only orders in a row that the market ran over before a chase gives up.
_MOST_MISSES = 20


class Worker(Protocol):
    """One algo at work."""

    async def step(self) -> str:
        """Do the next thing; the words say that it is done, or "" while it goes on. Raises StoppedError."""

    @property
    def next_ms(self) -> int | None:
        """When it acts next by itself, None when that depends on the market."""


def worker_of(hands: Hands, started_ms: int) -> Worker:
    """The worker of a plan."""
    plan = hands.plan
    match plan:
        case ScalePlan():
            return Scale(hands, plan)
        case ChasePlan():
            return Chase(hands, plan, started_ms)
        case TwapPlan():
            return Twap(hands, plan, started_ms)
        case IcebergPlan():
            return Iceberg(hands, plan)


def plan_refusal(hands: Hands) -> Refusal | None:
    """Why a plan cannot begin: its numbers, or what the guards say of its first order or of all its orders."""
    plan, instrument = hands.plan, hands.instrument
    if plan.quantity <= 0 or not plan.quantity.is_finite():
        return Refusal("plan", f"The size must be above zero, not {plan.quantity}")
    for size in (plan.quantity, plan.display_quantity if isinstance(plan, IcebergPlan) else plan.quantity):
        # What is off the step would be refused with the last slice, after all others have traded.
        if not instrument.step.fits(size):
            whole, step = instrument.quantity_text(rounded(size, instrument)), f"{instrument.step.size:f}"
            return Refusal("plan", f"The size {size:f} is not a multiple of {plan.symbol}'s step {step}: use {whole}")
    return hands.refusal_of_whole(_price_of_whole(hands)) or _own_refusal(hands)


def _price_of_whole(hands: Hands) -> Decimal | None:
    """The price that all orders of a plan together are judged at; None at market."""
    match hands.plan:
        case ScalePlan(first_price=first, last_price=last):
            return max(first, last)
        case ChasePlan():
            return None if hands.touch() is None else _joined(hands)
        case IcebergPlan(price=price):
            return price
        case TwapPlan():
            return None


def _own_refusal(hands: Hands) -> Refusal | None:
    """What the numbers of each kind of plan must be, and what the guards say of its first orders."""
    plan, instrument = hands.plan, hands.instrument
    match plan:
        case ScalePlan():
            requests = scale_requests(plan, hands)
            return requests if isinstance(requests, Refusal) else _first_refusal(requests, hands)
        case ChasePlan():
            if plan.for_s < 1 or plan.max_percent <= 0:
                return Refusal("plan", "A chase needs a time and a distance above zero: max 0.1% for 30s")
            return _no_book(hands) or _first_refusal(
                [hands.order(plan.quantity, _joined(hands), post_only=True)], hands
            )
        case TwapPlan():
            if plan.slices < 1 or plan.over_s < plan.slices:
                return Refusal("plan", f"{plan.slices} slices need at least as many seconds, not {plan.over_s}")
            each = rounded(plan.quantity / plan.slices, instrument)
            if each <= 0:
                return Refusal("plan", f"{plan.quantity:f} in {plan.slices} slices is less than the smallest size each")
            return _no_book(hands) or _first_refusal([hands.order(each, None)], hands)
        case IcebergPlan():
            if not 0 < plan.display_quantity < plan.quantity:
                return Refusal("plan", "The visible size must be above zero and less than the whole")
            return _first_refusal([hands.order(plan.display_quantity, plan.price)], hands)


def _first_refusal(requests: list[OrderRequest], hands: Hands) -> Refusal | None:
    return next((refusal for request in requests if (refusal := hands.refusal(request)) is not None), None)


def _no_book(hands: Hands) -> Refusal | None:
    if hands.touch() is None:
        return Refusal(
            "stale-market", f"The book of {hands.plan.symbol} is not live: look at it first, /{hands.plan.symbol}"
        )
    return None


def _joined(hands: Hands) -> Decimal:
    """The price that joins the own side of the book."""
    touch = hands.touch()
    assert touch is not None
    return touch[0] if hands.plan.side is Side.BUY else touch[1]


def scale_requests(plan: ScalePlan, hands: Hands) -> list[OrderRequest] | Refusal:
    """The orders of a scale; sizes grow or shrink evenly so that the last is `skew` times the first."""
    instrument: Instrument = hands.instrument
    if plan.count < 2 or plan.skew <= 0:
        return Refusal("plan", "A scale needs two orders or more, and a skew above zero")
    away = "down" if plan.side is Side.BUY else "up"
    width = plan.last_price - plan.first_price
    prices = [
        instrument.tick.round(plan.first_price + width * index / (plan.count - 1), away)  # type: ignore[arg-type]
        for index in range(plan.count)
    ]
    if len(set(prices)) < plan.count:
        return Refusal(
            "plan", f"{plan.count} orders do not fit between the two prices on ticks of their own: take fewer"
        )
    weights = [1 + (plan.skew - 1) * index / (plan.count - 1) for index in range(plan.count)]
    sizes = [rounded(plan.quantity * weight / sum(weights), instrument) for weight in weights]
    # What rounding left over goes to the largest order.
    sizes[sizes.index(max(sizes))] += rounded(plan.quantity - sum(sizes), instrument)
    if min(sizes) <= 0:
        return Refusal("plan", f"{plan.quantity:f} over {plan.count} orders leaves some without a size: take fewer")
    return [hands.order(size, price, post_only=plan.post_only) for size, price in zip(sizes, prices, strict=True)]


class Scale:
    """Sends all its orders at once, then watches them until none works any more."""

    def __init__(self, hands: Hands, plan: ScalePlan) -> None:
        self._hands, self._plan = hands, plan
        self._is_sent = False

    next_ms: int | None = None

    async def step(self) -> str:
        """Send, or say when all have ended."""
        if not self._is_sent:
            requests = scale_requests(self._plan, self._hands)
            if isinstance(requests, Refusal):
                raise StoppedError(requests.text)
            self._is_sent = True
            outcome = await self._hands.send_all(requests)
            if outcome.refusal is not None or (outcome.result is Result.REFUSED and not self._hands.orders()):
                raise StoppedError(outcome.text)
            return ""
        return "" if self._hands.open_orders() else "no order works any more"


class Chase:
    """Keeps one post-only order at the touch; never crosses, never goes farther than its bound."""

    def __init__(self, hands: Hands, plan: ChasePlan, started_ms: int) -> None:
        self._hands, self._plan = hands, plan
        self._until_ms = started_ms + plan.for_s * 1_000
        self._began: Decimal | None = None
        self._misses = 0
        #: Orders that it took back itself, because the touch had left them.
        self._taken_back: set[str] = set()

    @property
    def next_ms(self) -> int | None:
        """When its time is up."""
        return self._until_ms

    async def step(self) -> str:
        """Place at the touch, or take back an order that the touch has left."""
        hands = self._hands
        if hands.now_ms() >= self._until_ms:
            raise StoppedError(f"its {self._plan.for_s} s are over")
        working = hands.open_orders()
        touch = hands.touch()
        if touch is None or any(is_in_doubt(order) for order in working):
            return ""
        price = self._bounded(touch[0] if self._plan.side is Side.BUY else touch[1])
        if working:
            await self._follow(working, price)
            return ""
        left = rounded(hands.left(), hands.instrument)
        if is_smaller_than_an_order(left, price, hands.instrument, reduces=self._plan.reduce_only):
            return "filled" if left <= 0 else f"filled but for {left:f}, which is too small for an order"
        self._look_back()
        _check(await hands.send(hands.order(left, price, post_only=True)))
        return ""

    async def _follow(self, working: list[Order], price: Decimal) -> None:
        """An order that stands behind the touch is taken back; the next step places it anew."""
        for order in working:
            is_behind = order.price is not None and better_for(self._plan.side, price, order.price)
            if is_behind and not order.cancel_requested:
                self._taken_back.add(order.client_order_id)
                await self._hands.cancel()
                return

    def _bounded(self, touch: Decimal) -> Decimal:
        """The touch, but no farther from where the chase began than its bound."""
        if self._began is None:
            self._began = touch
        reach = self._began * self._plan.max_percent / 100
        if self._plan.side is Side.BUY:
            return min(touch, self._hands.instrument.tick.round(self._began + reach, "down"))
        return max(touch, self._hands.instrument.tick.round(self._began - reach, "up"))

    def _look_back(self) -> None:
        """How the last order ended: run over by the market it is placed anew, ended otherwise the chase is over."""
        orders = self._hands.orders()
        last = orders[-1] if orders else None
        if last is None or last.status is OrderStatus.FILLED or last.client_order_id in self._taken_back:
            self._misses = 0
            return
        if not last.would_take:
            raise StoppedError(f"its order was {last.status.value.lower()}: {last.reason}".rstrip(": "))
        self._misses += 1
        if self._misses >= _MOST_MISSES:
            raise StoppedError(f"the market ran over {_MOST_MISSES} orders in a row")


class Twap:
    """Sends what is due at each slice: what was due before and is neither traded nor on its way comes with it."""

    def __init__(self, hands: Hands, plan: TwapPlan, started_ms: int) -> None:
        self._hands, self._plan = hands, plan
        self._started_ms = started_ms
        self._next_slice = 0

    @property
    def next_ms(self) -> int | None:
        """When the next slice is due."""
        if self._next_slice >= self._plan.slices:
            return None
        return self._started_ms + self._next_slice * self._plan.over_s * 1_000 // self._plan.slices

    async def step(self) -> str:
        """Send a slice that is due, once nothing of the one before is in doubt."""
        hands, plan = self._hands, self._plan
        if any(is_in_doubt(order) for order in hands.open_orders()):
            return ""
        orders = hands.orders()
        if orders and orders[-1].status is OrderStatus.REJECTED:
            raise StoppedError(f"its slice was rejected: {orders[-1].reason}".rstrip(": "))
        due_ms = self.next_ms
        if due_ms is None:
            if hands.open_orders():
                return ""
            left = plan.quantity - hands.filled()
            return "filled" if left <= 0 else f"all slices sent, {left:f} did not trade"
        if hands.now_ms() < due_ms:
            return ""
        self._skip_missed()
        touch = hands.touch()
        if touch is None:
            return ""  # it comes as soon as there is a book again
        number = self._next_slice + 1
        due = rounded(plan.quantity * number / plan.slices, hands.instrument)
        if number == plan.slices:
            due = plan.quantity
        quantity = due - (plan.quantity - hands.left())
        if is_smaller_than_an_order(quantity, touch[0], hands.instrument, reduces=plan.reduce_only):
            self._next_slice = number  # it comes with the next slice
            return ""
        outcome = await hands.send(hands.order(quantity, None))
        if outcome is not None:
            self._next_slice = number
        _check(outcome)
        return ""

    def _skip_missed(self) -> None:
        """After a standstill the slices that were due meanwhile go out as one."""
        interval = self._plan.over_s * 1_000 / self._plan.slices
        due = int((self._hands.now_ms() - self._started_ms) / interval)
        self._next_slice = min(max(self._next_slice, due), self._plan.slices - 1)


class Iceberg:
    """Shows one slice at a time; the next one is sent when the one before has filled wholly."""

    def __init__(self, hands: Hands, plan: IcebergPlan) -> None:
        self._hands, self._plan = hands, plan

    next_ms: int | None = None

    async def step(self) -> str:
        """Send the next slice where none works."""
        hands, plan = self._hands, self._plan
        if hands.open_orders():
            return ""
        orders = hands.orders()
        if orders and orders[-1].status is not OrderStatus.FILLED:
            raise StoppedError(f"its slice was {orders[-1].status.value.lower()}: {orders[-1].reason}".rstrip(": "))
        left = hands.left()
        if is_smaller_than_an_order(left, plan.price, hands.instrument, reduces=plan.reduce_only):
            return "filled" if left <= 0 else f"filled but for {left:f}, which is too small for an order"
        quantity = min(plan.display_quantity, left)
        rest = left - quantity
        if rest > 0 and is_smaller_than_an_order(rest, plan.price, hands.instrument, reduces=plan.reduce_only):
            quantity = left
        _check(await hands.send(hands.order(quantity, plan.price)))
        return ""


def _check(outcome: Outcome | None) -> None:
    """A guard's refusal ends the algo; what the exchange refused shows in the order's own state."""
    if outcome is not None and outcome.refusal is not None:
        raise StoppedError(outcome.refusal.text)


def link_trouble(hands: Hands) -> str:
    """Why an algo must stop now: a link that is not live, or a halt; "" while all is well."""
    link = hands.link
    for name, state in (("market", link.market), ("account", link.user)):
        if state in (Link.DOWN, Link.STALE):
            return f"the {name} link of {hands.instrument.product.label} is {state.value}"
    return ""


def plan_word(plan: AlgoPlan) -> str:
    """What a trader calls the algo of a plan."""
    return type(plan).__name__.removesuffix("Plan").lower()
