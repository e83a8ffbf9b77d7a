"""Whatever happens to a bracket, once it has settled its exits are exactly as large as what they protect."""

from dataclasses import dataclass, field, replace
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from tui.domain.order import LegRole, OrderRequest, OrderStatus, order_from_request
from tui.domain.order_terms import OrderType, Side, Terms
from tui.domain.product import Product
from tui.engine.orders.bracket import (
    Bracket,
    Close,
    GiveUp,
    Leg,
    Place,
    PlaceList,
    Resize,
    TakeBack,
    WriteOff,
    next_step,
)
from tui.engine.orders.ledger import TURNED_AWAY

D = Decimal
PERP = "BTCUSDT-PERP"
SIZE = D(10)
ZERO = D(0)


def request(type_, price=None, trigger=None, side=Side.SELL):
    return OrderRequest(PERP, side, type_, SIZE, price, terms=Terms(trigger_price=trigger))


LEGS = (
    Leg(LegRole.TAKE_PROFIT, request(OrderType.LIMIT, D(102))),
    Leg(LegRole.STOP_LOSS, request(OrderType.STOP_MARKET, None, D(98))),
)


@dataclass
class World:
    """The bracket's orders as the exchange has them, and the position; `covers` as in `Bracket.covers_position`."""

    covers: bool
    other: Decimal = ZERO
    orders: dict = field(default_factory=dict)
    position: Decimal = ZERO
    #: What of the entry's fills is still held, as far as anybody can tell.
    own: Decimal = ZERO
    crashes_before_cancel: bool = False
    #: So many of the next orders are turned away for a moment; of those that replace another, refused for good.
    refusals: int = 0
    #: The entry that works, or was the last to.
    entry: str = "entry"

    def __post_init__(self) -> None:
        entry = order_from_request(request(OrderType.LIMIT, D(100), side=Side.BUY), Product.USDM, "entry", 1)
        self.orders["entry"] = replace(entry, status=OrderStatus.NEW, role=LegRole.ENTRY, group="b")
        self.bracket = Bracket("b", Product.USDM, PERP, Side.BUY, "entry", LEGS, 1, covers_position=self.covers)
        self.position = self.other
        self.sent = 0

    def open(self, role):
        return [order for order in self.orders.values() if order.role is role and not order.status.is_closed]

    def trade(self, order, size) -> Decimal:
        """Fill some of an order; a closing order never turns the position round."""
        room = self.position if order.close_position else order.leaves
        if order.side is Side.SELL:
            room = min(room, self.position)
        size = min(size, room)
        if size <= 0:
            return D(0)
        filled = order.filled + size
        is_done = (self.position == size) if order.close_position else filled == order.quantity
        status = OrderStatus.FILLED if is_done else OrderStatus.PARTIALLY_FILLED
        self.orders[order.client_order_id] = replace(order, filled=filled, status=status)
        self.move(size if order.side is Side.BUY else -size, size if order.side is Side.BUY else -size)
        return size

    def move(self, by, own) -> None:
        self.position += by
        # Who sells a part by hand and buys again has it protected again; once flat, it was all the trader's own.
        self.own = self.own + own if self.position > 0 else ZERO

    def end(self, order, status=OrderStatus.CANCELED, reason="") -> None:
        self.orders[order.client_order_id] = replace(order, status=status, reason=reason)

    def send(self, role, quantity, closes_all, replaces="") -> None:
        self.sent += 1
        leg = self.bracket.leg(role).request
        order = order_from_request(replace(leg, quantity=quantity), Product.USDM, f"o{self.sent}", self.sent + 1)
        self.orders[order.client_order_id] = replace(
            order,
            quantity=D(0) if closes_all else quantity,
            close_position=closes_all,
            status=OrderStatus.NEW,
            role=role,
            group="b",
            replaces=replaces,
        )
        if self.refusals:
            self.refusals -= 1
            reason = "-2019 Margin is insufficient." if replaces else f"{TURNED_AWAY}-1008 overloaded"
            self.end(self.orders[order.client_order_id], OrderStatus.REJECTED, reason)

    def move_entry(self) -> None:
        """A stop entry is taken back, and another sent for what is left of it."""
        old = self.orders[self.entry]
        if old.status.is_closed:
            return
        self.sent += 1
        self.entry = f"entry {self.sent}"
        new = replace(
            old,
            client_order_id=self.entry,
            quantity=old.leaves,
            filled=ZERO,
            status=OrderStatus.INTENT,
            replaces=old.client_order_id,
        )
        self.orders[self.entry] = new
        self.end(old)
        self.settle()
        self.orders[self.entry] = replace(new, status=OrderStatus.NEW)

    def take(self, step) -> None:
        match step:
            case Place():
                self.send(step.role, step.quantity, step.closes_all)
            case Resize() if step.order.type is OrderType.LIMIT:
                total = step.order.filled + step.leaves
                self.orders[step.order.client_order_id] = replace(step.order, quantity=total)
            case Resize():
                refused = self.refusals
                self.send(step.order.role, step.leaves, False, step.order.client_order_id)
                if not self.crashes_before_cancel and not refused:
                    self.end(self.orders[step.order.client_order_id])
                self.crashes_before_cancel = False
            case TakeBack():
                taken = (*self.bracket.taken_back, step.order.client_order_id)
                self.bracket = replace(self.bracket, taken_back=taken)
                self.end(step.order)
            case GiveUp():
                self.bracket = replace(self.bracket, given_up=(*self.bracket.given_up, step.role))
            case WriteOff():
                self.bracket = replace(self.bracket, written_off=step.quantity, open_then=step.open_then)
            case Close():
                self.bracket = replace(self.bracket, is_closed=True)
            case PlaceList():
                raise AssertionError("futures exits never go as a list")

    def settle(self) -> None:
        for _ in range(60):
            held = max(self.position, ZERO)
            step = None if self.bracket.is_closed else next_step(self.bracket, list(self.orders.values()), held)
            if step is None:
                return
            had_stop = bool(self.open(LegRole.STOP_LOSS))
            self.take(step)
            is_needed = min(self.own, self.position) > 0 and LegRole.STOP_LOSS not in self.bracket.given_up
            assert self.open(LegRole.STOP_LOSS) or not (had_stop and is_needed), "for a moment nothing protected"
        raise AssertionError("never settles")


EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("entry"), st.integers(1, 4)),
        st.tuples(st.just("more"), st.integers(1, 6)),
        st.tuples(st.just("stop"), st.integers(1, 6)),
        st.tuples(st.just("target"), st.integers(1, 6)),
        st.tuples(st.just("by hand"), st.integers(1, 12)),
        st.tuples(st.just("refuse"), st.integers(1, 3)),
        st.tuples(
            st.sampled_from(["cancel entry", "move entry", "cancel target", "expire target", "crash"]), st.just(0)
        ),
    ),
    min_size=3,
    max_size=20,
)


def happen(world: World, what: str, number: int) -> None:
    entry = world.orders[world.entry]
    if what == "entry" and not entry.status.is_closed:
        world.trade(entry, D(number))
    elif what == "move entry":
        world.move_entry()
    elif what == "refuse":
        world.refusals = number
    elif what in ("stop", "target"):
        role = LegRole.STOP_LOSS if what == "stop" else LegRole.TAKE_PROFIT
        for order in world.open(role)[:1]:
            world.trade(order, D(number))
    elif what == "by hand":
        world.move(-min(D(number), world.position), ZERO)
    elif what == "more":
        world.move(D(number), ZERO)
    elif what == "cancel entry" and not entry.status.is_closed:
        world.end(entry)
    elif what in ("cancel target", "expire target"):
        for order in world.open(LegRole.TAKE_PROFIT)[:1]:
            world.end(order, OrderStatus.CANCELED if "cancel" in what else OrderStatus.EXPIRED)
    elif what == "crash":
        world.crashes_before_cancel = True


@settings(max_examples=400)
@given(st.booleans(), st.sampled_from([D(0), D(0), D(4)]), EVENTS)
def test_exits_are_as_large_as_what_they_protect_once_settled(covers, other, events) -> None:
    world = World(covers and not other, other)
    world.settle()
    for what, number in events:
        happen(world, what, number)
        world.settle()
        remaining = min(world.own, world.position)
        for role in (LegRole.STOP_LOSS, LegRole.TAKE_PROFIT):
            working = world.open(role)
            assert len(working) <= 1
            if not remaining or world.bracket.is_closed:
                assert working == [], "an exit without anything to protect"
            elif role not in world.bracket.given_up:
                [order] = working
                assert order.close_position or order.leaves == remaining
                assert not order.close_position or world.position <= world.own, "it would close more than its own"
        if world.bracket.is_closed:
            assert world.orders[world.entry].status.is_closed
            assert not remaining or set(world.bracket.given_up) == {LegRole.STOP_LOSS, LegRole.TAKE_PROFIT}


@given(EVENTS)
def test_a_second_look_changes_nothing(events) -> None:
    world = World(covers=True)
    for what, number in events:
        happen(world, what, number)
        world.settle()
        before = (dict(world.orders), world.bracket)
        world.settle()
        assert (dict(world.orders), world.bracket) == before


def test_what_was_bought_is_protected_before_the_position_is_known() -> None:
    world = World(covers=True)
    world.trade(world.orders["entry"], D(4))
    step = next_step(world.bracket, list(world.orders.values()), None)
    assert isinstance(step, Place)
    assert (step.role, step.quantity) == (LegRole.STOP_LOSS, D(4))


def test_a_stop_given_up_that_landed_after_all_stood_beside_the_one_placed_for_it() -> None:
    """Both would have sold what is held once: with more held than the bracket's own, of the rest as well."""
    world = World(covers=False, other=D(20))
    world.trade(world.orders["entry"], D(4))
    world.send(LegRole.STOP_LOSS, D(4), closes_all=False)
    world.send(LegRole.STOP_LOSS, D(4), closes_all=False)
    world.send(LegRole.TAKE_PROFIT, D(4), closes_all=False)
    step = next_step(world.bracket, list(world.orders.values()), D(24))
    assert step == TakeBack(world.orders["o1"])
    world.settle()
    assert [order.client_order_id for order in world.open(LegRole.STOP_LOSS)] == ["o2"]
