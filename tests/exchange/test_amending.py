from decimal import Decimal as D

import pytest
from test_futures_venue import BUY, SELL, quoted
from venues import limit, market

from tui.exchange.amending import Change
from tui.exchange.orders import OrderState
from tui.exchange.rejection import Rejection


def change(order, quantity: str | None, price: str | None, **more) -> Change:
    return Change(
        order.listing.symbol,
        order.order_id,
        None,
        more.pop("side", order.side),
        D(quantity) if quantity else None,
        D(price) if price else None,
        **more,
    )


def test_a_changed_order_keeps_its_ids_and_loses_its_place():
    venue, told = quoted(bid="89000")
    first = venue.place("ann", limit(BUY, "0.5", "90000"))
    second = venue.place("bob", limit(BUY, "0.5", "90000"))
    venue.modify("ann", change(first, "0.6", "90000", modify_id="7"))
    assert told.orders[-1].execution_type == "AMENDMENT"
    assert (first.lots, first.modify_id, first.state) == (600, "7", OrderState.NEW)
    assert venue.futures.summary("ann").open_order_margin == D(54_000) / 20
    venue.place("bob", limit(SELL, "0.5", "90000", self_trade_prevention="NONE"))
    assert (second.state, first.filled_lots) == (OrderState.FILLED, 0)
    assert [entry.lots_before for entry in venue.amendments.of("ann", "BTCUSDT")] == [500]


def test_a_change_across_the_spread_trades_at_once():
    venue, told = quoted()
    order = venue.place("ann", limit(BUY, "0.5", "90000"))
    venue.modify("ann", change(order, "0.5", "91000.1"))
    assert order.state is OrderState.FILLED
    assert [told.execution_type for told in told.orders[-2:]] == ["AMENDMENT", "TRADE"]
    assert venue.futures.summary("ann").open_order_margin == 0


@pytest.mark.parametrize(
    ("quantity", "price", "more", "code"),
    [
        ("0.5", "90000", {}, -5027),
        ("0.5", "90000.05", {}, -4014),
        ("0.5", "99999", {}, -4016),
        ("0.001", "40000", {}, -5029),
        ("100", "90000", {}, -2019),
        ("0.5", None, {}, -1102),
        (None, "90000", {}, -1102),
        ("0.5", "90000", {"price_match": "QUEUE"}, -1106),
        ("0.4", "90000", {"reduce_only": True}, -5047),
        ("0.4", "90000", {"side": SELL}, -1130),
    ],
)
def test_a_refused_change_leaves_the_order_as_it_was(quantity, price, more, code):
    venue, _ = quoted()
    order = venue.place("ann", limit(BUY, "0.5", "90000"))
    margin, depth = venue.futures.summary("ann").open_order_margin, venue.depth("BTCUSDT", 5)
    with pytest.raises(Rejection) as refused:
        venue.modify("ann", change(order, quantity, price, **more))
    assert refused.value.code == code
    assert (order.lots, order.price_ticks, order.amendments) == (500, 900_000, 0)
    assert (venue.futures.summary("ann").open_order_margin, venue.depth("BTCUSDT", 5)) == (margin, depth)


def test_unknown_and_closed_orders_cannot_be_changed():
    venue, _ = quoted()
    order = venue.place("ann", market(BUY, "0.5"))
    with pytest.raises(Rejection, match="-2013"):
        venue.modify("ann", change(order, "0.6", "90000"))


def test_a_quantity_already_traded_cancels_the_order():
    venue, told = quoted(ask="92001")
    order = venue.place("ann", limit(SELL, "0.5", "92000"))
    venue.place("bob", market(BUY, "0.2"))
    assert order.filled_lots == 200
    venue.modify("ann", change(order, "0.2", "92001"))
    assert (order.state, told.orders[-1].execution_type) == (OrderState.CANCELED, "CANCELED")


def test_a_post_only_order_moved_across_the_spread_is_cancelled():
    venue, _ = quoted()
    order = venue.place("ann", limit(BUY, "0.5", "90000", tif="GTX"))
    venue.modify("ann", change(order, "0.5", "91000.1"))
    assert (order.state, order.filled_lots) == (OrderState.CANCELED, 0)


def test_a_changed_reduce_only_order_is_cut_to_its_position():
    venue, _ = quoted()
    venue.place("ann", market(BUY, "0.5"))
    order = venue.place("ann", limit(SELL, "0.3", "93000", reduce_only=True))
    venue.modify("ann", change(order, "2", "93000", reduce_only=True))
    assert order.lots == 500


def test_an_order_is_changed_at_most_9999_times():
    venue, _ = quoted()
    order = venue.place("ann", limit(BUY, "0.5", "90000"))
    order.amendments = 9_999
    with pytest.raises(Rejection, match="-5026"):
        venue.modify("ann", change(order, "0.6", "90000"))
