"""The life of an order under any sequence of statements."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.domain.order import Fill, Forced, OrderReport, OrderRequest, OrderStatus, order_from_request
from tui.domain.order_state import apply_report, fill_alone, objection, order_from_report, reopened
from tui.domain.order_terms import OrderType, Side, Terms, TimeInForce
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


def said(
    status=OrderStatus.NEW, filled="0", time_ms=2_000, average=None, fill=None, quantity=QUANTITY, order_id=5, **more
):
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
        **more,
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


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("algo_id", 7),
        ("list_id", 8),
        ("is_triggered", True),
        ("is_trailing", True),
        ("prevented", D(2)),
        ("forced", Forced.LIQUIDATION),
        ("would_take", True),
    ],
)
def test_what_was_told_once_stays_though_later_statements_leave_it_out(name, value) -> None:
    order = apply_report(new_order(), said(**{name: value}))
    assert getattr(order, name) == value
    assert getattr(apply_report(order, said(time_ms=3_000)), name) == value


def test_the_newest_statement_says_which_of_its_words_are_unfamiliar() -> None:
    strange = (("tif", "GTE_GTC"),)
    order = apply_report(new_order(), said(unfamiliar=strange))
    assert order.unfamiliar == strange
    assert apply_report(order, said(time_ms=1_500)).unfamiliar == strange
    assert apply_report(order, said(time_ms=3_000)).unfamiliar == ()


def test_only_the_terms_of_an_order_placed_elsewhere_are_the_exchange_s_to_say() -> None:
    first, later = Terms(trigger_price=D(90)), Terms(trigger_price=D(95))
    foreign = order_from_report(said(terms=first))
    assert foreign.terms == first
    assert apply_report(foreign, said(time_ms=3_000)).terms == first, "a statement without terms takes none away"
    assert apply_report(foreign, said(time_ms=3_000, terms=later)).terms == later
    assert apply_report(foreign, said(time_ms=1_000, terms=later)).terms == first
    ours = replace(new_order(), terms=first)
    assert apply_report(ours, said(terms=later)).terms == first


@pytest.mark.parametrize("status", [OrderStatus.PARTIALLY_FILLED, OrderStatus.EXPIRED, OrderStatus.CANCELED])
def test_an_order_of_which_all_has_traded_has_filled_whatever_its_end_is_called(status) -> None:
    assert apply_report(new_order(), said(status, "10")).status is OrderStatus.FILLED
    less = apply_report(new_order(), said(status, "9"))
    assert less.status is status


def test_an_order_whose_size_nobody_knows_yet_has_not_filled_by_being_placed() -> None:
    """`close_position` has no quantity until it trades, an amount of quote none that could be compared."""
    closing = replace(new_order(), quantity=D(0), close_position=True)
    assert apply_report(closing, said(quantity=D(0))).status is OrderStatus.NEW
    spending = replace(new_order(), quantity=D(0), quote_quantity=D(500))
    working = apply_report(spending, said(OrderStatus.PARTIALLY_FILLED, "3", quantity=D(3)))
    assert working.status is OrderStatus.PARTIALLY_FILLED
    assert objection(working, said(OrderStatus.PARTIALLY_FILLED, "4", 3_000, quantity=D(3))) is None
    assert objection(closing, said(OrderStatus.PARTIALLY_FILLED, "4", 3_000, quantity=D(0))) is None


def test_the_first_print_of_a_market_counts_and_what_is_inferred_adds_nothing() -> None:
    first = apply_report(new_order(), fill_alone(fill(0, 100, 4), new_order()))
    assert (first.filled, first.counted_quantity) == (D(4), D(4))


def test_a_leg_waits_for_its_entry_until_it_is_in_the_book_and_never_again() -> None:
    waiting = apply_report(new_order(), said(awaits_entry=True))
    assert waiting.awaits_entry
    assert apply_report(waiting, fill_alone(fill(1, 100, 1), waiting)).awaits_entry is False
    assert apply_report(waiting, replace(said(), is_lite=True)).awaits_entry, "nothing was said of it"
    working = apply_report(waiting, said(time_ms=3_000))
    assert not working.awaits_entry
    assert not apply_report(working, said(time_ms=4_000, awaits_entry=True)).awaits_entry
    assert not apply_report(waiting, said(OrderStatus.CANCELED, time_ms=3_000, awaits_entry=True)).awaits_entry


def test_the_reason_is_that_of_the_end() -> None:
    order = apply_report(new_order(), said(reason="waits"))
    assert order.reason == "waits"
    assert apply_report(order, said(time_ms=3_000, reason="still waits")).reason == "waits"
    ended = apply_report(order, said(OrderStatus.EXPIRED, time_ms=3_000, reason="self-trade"))
    assert ended.reason == "self-trade"
    assert apply_report(ended, said(OrderStatus.CANCELED, time_ms=4_000, reason="else")).reason == "self-trade"


def test_of_a_closed_order_only_another_end_or_work_is_doubted() -> None:
    ended = apply_report(new_order(), said(OrderStatus.CANCELED))
    assert objection(ended, said(OrderStatus.CANCELED, time_ms=3_000)) is None
    assert objection(ended, said(OrderStatus.PARTIALLY_FILLED, "4", 3_000)) is None, "an execution that raced the end"
    assert objection(ended, said(OrderStatus.EXPIRED, "4", 3_000)) == "CANCELED and then EXPIRED"
    filled = apply_report(new_order(), said(OrderStatus.FILLED, "10"))
    assert objection(filled, said(OrderStatus.PARTIALLY_FILLED, "4", 3_000)) == "FILLED and then PARTIALLY_FILLED"


def test_only_a_newer_statement_that_it_works_opens_an_order_again() -> None:
    ended = apply_report(new_order(), said(OrderStatus.CANCELED))
    assert reopened(ended, said()) is ended
    assert reopened(ended, said(OrderStatus.EXPIRED, time_ms=3_000)) is ended
    assert reopened(ended, said(time_ms=3_000)).status is OrderStatus.UNKNOWN
    working = apply_report(new_order(), said())
    assert reopened(working, said(time_ms=3_000)) is working
