"""However the statements about one order arrive, the order ends where the exchange had it end."""

from dataclasses import dataclass, replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tui.domain.order import Fill, OrderReport, OrderRequest, OrderStatus, order_from_request
from tui.domain.order_state import apply_report, fill_alone, objection, reopened
from tui.domain.order_terms import OrderType, Side, TimeInForce
from tui.domain.product import Product

D = Decimal
ZERO, TEN, HUNDRED = D(0), D(10), D(100)
ENDS = (OrderStatus.CANCELED, OrderStatus.EXPIRED)


def new_order():
    request = OrderRequest("BTCUSDT-PERP", Side.BUY, OrderType.LIMIT, D(10), D(100))
    return order_from_request(request, Product.USDM, "c1", 500)


@dataclass
class Venue:
    """An order as the exchange has it, and all it said of it."""

    said: list[OrderReport]
    filled: Decimal = ZERO
    quantity: Decimal = TEN
    price: Decimal = HUNDRED
    paid: Decimal = ZERO
    status: OrderStatus = OrderStatus.NEW
    now: int = 1_000

    def say(self, fill=None, **changes) -> None:
        report = OrderReport(
            Product.USDM,
            "BTCUSDT-PERP",
            "c1",
            7,
            self.status,
            Side.BUY,
            OrderType.LIMIT,
            TimeInForce.GTC,
            self.quantity,
            self.filled,
            self.price,
            self.paid / self.filled if self.filled else None,
            self.now,
            fill=fill,
            **changes,
        )
        self.said.append(report)
        if fill is not None:
            self.said.append(replace(fill_alone(fill, new_order()), time_ms=self.now))

    def trade(self, size) -> None:
        size = min(D(size), self.quantity - self.filled)
        self.filled += size
        self.paid += size * self.price
        self.status = OrderStatus.FILLED if self.filled == self.quantity else OrderStatus.PARTIALLY_FILLED
        number = len(self.said)
        fill = Fill(
            Product.USDM, "BTCUSDT-PERP", number, 7, "c1", Side.BUY, self.price, size, D(0), "USDT", True, self.now
        )
        self.say(fill)

    def amend(self, quantity) -> None:
        self.quantity = max(D(quantity), self.filled + 1)
        self.price += 1
        self.say(is_amendment=True)

    def end(self, status) -> None:
        self.status = status
        self.say()


@st.composite
def histories(draw):
    venue = Venue([])
    venue.quantity -= draw(st.sampled_from([0, 0, 3]))  # reduce-only may shrink an order as it arrives
    venue.say()
    for kind, number in draw(st.lists(st.tuples(st.sampled_from("tta"), st.integers(1, 15)), max_size=5)):
        if venue.status is OrderStatus.FILLED:
            break
        venue.now += draw(st.integers(0, 1)) if kind == "t" else 1
        venue.trade(number) if kind == "t" else venue.amend(number)
    if venue.status is not OrderStatus.FILLED and draw(st.booleans()):
        venue.now += 1
        venue.end(draw(st.sampled_from(ENDS)))
    return venue


def hear(reports, last):
    """What becomes of the order: contradictions are dropped, and answered by a query that tells the last state."""
    order, doubts = new_order(), 0
    for report in reports:
        if objection(order, report) is not None:
            doubts += 1
            continue
        after = apply_report(order, report)
        assert after.filled >= order.filled
        assert after.counted_fills >= order.counted_fills
        assert not order.status.is_closed or after.status in (order.status, OrderStatus.FILLED)
        order = after
    if doubts:
        order = apply_report(reopened(order, last), last)
        for report in reports:  # the executions are asked for as well
            if report.is_lite:
                order = apply_report(order, report)
    return order


@given(histories(), st.data())
def test_statements_in_any_order_and_number_end_where_the_exchange_ended(venue, data) -> None:
    last = next(report for report in reversed(venue.said) if not report.is_lite)
    heard = data.draw(st.permutations(venue.said + data.draw(st.lists(st.sampled_from(venue.said), max_size=4))))
    order = hear(heard, last)
    assert order.status is venue.status
    assert (order.filled, order.quantity, order.price) == (venue.filled, venue.quantity, venue.price)
    assert order.counted_quantity == venue.filled
    if venue.filled:
        assert abs(order.average_price - venue.paid / venue.filled) < D("0.0000001")


@given(histories(), st.data())
def test_an_order_of_which_only_some_is_heard_is_never_ahead_of_the_exchange(venue, data) -> None:
    some = [report for report in data.draw(st.permutations(venue.said)) if data.draw(st.booleans())]
    order = hear(some, next(report for report in reversed(venue.said) if not report.is_lite))
    assert order.filled <= venue.filled
    assert not order.status.is_closed or venue.status.is_closed


def test_executions_told_alone_are_not_added_to_a_sum_that_holds_them() -> None:
    venue = Venue([])
    venue.say()
    venue.trade(4)
    venue.now += 1
    venue.trade(3)
    _, _, first_alone, whole, second_alone = venue.said
    order = new_order()
    for report in (whole, first_alone, second_alone, first_alone):
        order = apply_report(order, report)
    assert (order.filled, order.counted_quantity) == (D(7), D(7))


def test_more_than_was_ordered_is_not_believed_at_once() -> None:
    venue = Venue([])
    venue.say()
    order = apply_report(new_order(), venue.said[0])
    said = replace(venue.said[0], filled=D(12), status=OrderStatus.PARTIALLY_FILLED)
    assert objection(order, said) == "12 filled of 10"


def test_a_closed_order_that_works_again_is_not_believed_at_once_but_when_asked_for() -> None:
    venue = Venue([])
    venue.say()
    working = venue.said[0]
    order = apply_report(new_order(), replace(working, status=OrderStatus.CANCELED))
    assert objection(order, working) is None, "a late statement is no contradiction"
    later = replace(working, time_ms=2_000)
    assert objection(order, later) == "CANCELED and then NEW"
    assert apply_report(reopened(order, later), later).status is OrderStatus.NEW


def test_an_inferred_execution_is_counted_but_adds_nothing() -> None:
    venue = Venue([])
    venue.say()
    venue.trade(4)
    order = apply_report(new_order(), replace(venue.said[1], fill=None))
    inferred = replace(venue.said[1].fill, trade_id=-5, is_estimated=True)
    after = apply_report(order, fill_alone(inferred, order))
    assert (after.filled, after.counted_quantity, after.counted_fills) == (D(4), D(0), {-5})


def test_an_order_that_was_refused_and_works_all_the_same_is_shown_working_when_asked_for() -> None:
    venue = Venue([])
    venue.say()
    refused = replace(new_order(), status=OrderStatus.REJECTED, reason="-2010", updated_ms=9_999_999)
    assert objection(refused, venue.said[0]) == "REJECTED and then NEW"
    assert apply_report(reopened(refused, venue.said[0]), venue.said[0]).status is OrderStatus.NEW
