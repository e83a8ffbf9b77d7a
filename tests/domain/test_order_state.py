"""The life of an order under any sequence of statements."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tui.domain.order import Fill, OrderReport, OrderRequest, OrderStatus, order_from_request
from tui.domain.order_state import apply_report, fill_alone, order_from_report
from tui.domain.order_terms import OrderType, Side, TimeInForce
from tui.domain.product import Product

D = Decimal
QUANTITY = D(10)
SAID = [
    OrderStatus.NEW,
    OrderStatus.PARTIALLY_FILLED,
    OrderStatus.FILLED,
    OrderStatus.CANCELED,
    OrderStatus.EXPIRED,
    OrderStatus.REJECTED,
]


def new_order():
    request = OrderRequest("BTCUSDT", Side.BUY, OrderType.LIMIT, QUANTITY, D(100))
    return order_from_request(request, Product.SPOT, "c1", 1_000)


def said(status=OrderStatus.NEW, filled="0", time_ms=2_000, average=None, fill=None, quantity=QUANTITY, order_id=5):
    return OrderReport(
        Product.SPOT,
        "BTCUSDT",
        "c1",
        order_id,
        status,
        Side.BUY,
        OrderType.LIMIT,
        TimeInForce.GTC,
        quantity,
        D(filled),
        D(100),
        average,
        time_ms,
        fill=fill,
    )


def fill(trade_id, price, quantity):
    return Fill(Product.SPOT, "BTCUSDT", trade_id, 5, "c1", Side.BUY, D(price), D(quantity), D(0), "BNB", True, 2_000)


REPORTS = st.builds(
    said,
    st.sampled_from(SAID),
    st.integers(0, 10),
    st.integers(0, 5_000),
    st.none() | st.decimals(90, 110, places=1),
    st.none() | st.builds(fill, st.integers(1, 4), st.integers(90, 110), st.integers(1, 5)),
    st.just(QUANTITY) | st.just(D(0)) | st.just(D(8)),
    st.sampled_from([0, 5]),
)


@given(st.lists(REPORTS, max_size=12))
def test_whatever_is_said_an_order_only_goes_forward(reports) -> None:
    order = new_order()
    for report in reports:
        after = apply_report(order, report)
        assert after.filled >= order.filled
        assert after.counted_fills >= order.counted_fills
        assert after.updated_ms >= order.updated_ms
        if order.status.is_closed:
            assert after.status in (order.status, OrderStatus.FILLED)
        if order.order_id is not None:
            assert after.order_id == order.order_id
        if after.status is OrderStatus.NEW:
            assert after.filled == 0
        assert 0 <= after.leaves <= after.quantity
        order = after


@given(st.lists(REPORTS, max_size=8))
def test_hearing_the_same_again_changes_nothing(reports) -> None:
    order = new_order()
    for report in reports:
        order = apply_report(order, report)
        assert apply_report(order, report) is order


@given(st.permutations([("2", 1), ("5", 2), ("10", 3)]))
def test_executions_in_any_order_end_filled(parts) -> None:
    order = new_order()
    for filled, trade_id in parts:
        status = OrderStatus.FILLED if filled == "10" else OrderStatus.PARTIALLY_FILLED
        order = apply_report(order, said(status, filled, fill=fill(trade_id, 100, 1), average=D(100)))
    assert (order.status, order.filled, order.counted_fills) == (OrderStatus.FILLED, QUANTITY, {1, 2, 3})


def test_a_fill_racing_a_cancel_still_counts() -> None:
    order = apply_report(new_order(), said(OrderStatus.CANCELED))
    order = apply_report(order, said(OrderStatus.PARTIALLY_FILLED, "4"))
    assert (order.status, order.filled, order.leaves) == (OrderStatus.CANCELED, D(4), D(0))
    assert apply_report(order, said(OrderStatus.FILLED, "10")).status is OrderStatus.FILLED


def test_the_average_of_contracts_is_that_of_their_worth_in_coin() -> None:
    order = replace(new_order(), product=Product.COINM)
    for number, price in enumerate((50, 100), 1):
        order = apply_report(order, fill_alone(fill(number, price, 5), order))
    assert (order.filled, order.average_price) == (10, D(200) / 3)


def test_the_average_is_reckoned_from_executions_where_none_is_stated() -> None:
    order = apply_report(new_order(), said(OrderStatus.PARTIALLY_FILLED, "2", fill=fill(1, 100, 2)))
    order = apply_report(order, said(OrderStatus.PARTIALLY_FILLED, "4", fill=fill(2, 110, 2)))
    assert order.average_price == D(105)


def test_an_order_first_heard_of_is_foreign_and_complete() -> None:
    order = order_from_report(said(OrderStatus.PARTIALLY_FILLED, "4", fill=fill(9, 100, 4), average=D(100)))
    assert order.is_foreign
    assert (order.filled, order.counted_fills, order.order_id) == (D(4), {9}, 5)


def test_a_cancel_request_ends_with_the_order() -> None:
    order = replace(new_order(), cancel_requested=True)
    assert apply_report(order, said()).cancel_requested
    assert not apply_report(order, said(OrderStatus.CANCELED)).cancel_requested
