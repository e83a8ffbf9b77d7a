from decimal import Decimal as D

import pytest
from venues import limit, market, spot_venue

from tui.domain.order_terms import Side
from tui.exchange.orders import OrderEntry, OrderState
from tui.exchange.rejection import Rejection

BUY, SELL = Side.BUY, Side.SELL


def test_a_resting_buy_locks_its_value_and_a_cancel_returns_it():
    venue, told = spot_venue()
    order = venue.place("ann", limit(BUY, "0.5", "90000"))
    assert venue.spot.balances("ann")["USDT"] == (D(955_000), D(45_000))
    assert [change.execution_type for change in told.orders] == ["NEW"]
    assert told.accounts[-1].account_id == "ann"
    cancelled = venue.cancel("ann", "BTCUSDT", order.order_id, None, "my-cancel")
    assert cancelled.state is OrderState.CANCELED
    assert (cancelled.client_order_id, cancelled.original_client_order_id is None) == ("my-cancel", False)
    assert venue.spot.balances("ann")["USDT"] == (D(1_000_000), D(0))
    assert venue.depth("BTCUSDT", 5)[1] == []


def test_a_better_price_is_returned_and_commission_taken_from_what_is_received():
    venue, told = spot_venue()
    venue.place("bob", limit(SELL, "1", "90000"))
    order = venue.place("ann", limit(BUY, "1", "90100"))
    assert order.state is OrderState.FILLED
    assert order.filled_quote == 90_000
    assert venue.spot.balances("ann") == {
        "USDT": (D(910_000), D(0)),
        "BTC": (D("20.999"), D(0)),
        "ETH": (D(200), D(0)),
        "BNB": (D(50), D(0)),
    }
    assert venue.spot.balances("bob")["USDT"] == (D(1_089_910), D(0))
    assert venue.spot.free("fees", "BTC") == D("0.001")
    assert venue.spot.free("fees", "USDT") == 90
    assert [change.execution_type for change in told.orders] == ["NEW", "NEW", "TRADE", "TRADE"]
    assert (told.trades[0].is_buyer_maker, told.trades[0].trade_id) == (False, 1)


def test_commission_in_bnb_is_a_quarter_cheaper_while_bnb_lasts():
    venue, _ = spot_venue()
    venue.spot.pays_fees_in_bnb.add("ann")
    venue.place("bob", limit(SELL, "1", "884.2", symbol="BNBUSDT"))
    venue.place("ann", market(BUY, "1", symbol="BNBUSDT"))
    venue.place("bob", limit(BUY, "1", "88420"))
    order = venue.place("ann", market(SELL, "1"))
    assert order.executions[0].commission_asset == "BNB"
    assert order.executions[0].commission == D("0.075")
    assert venue.spot.free("ann", "USDT") == D(1_000_000) - D("884.2") + 88_420


def test_insufficient_balance_is_refused_and_changes_nothing():
    venue, told = spot_venue()
    for entry in (limit(BUY, "20", "91000"), limit(SELL, "20.1", "91000")):
        with pytest.raises(Rejection) as refused:
            venue.place("ann", entry)
        assert (refused.value.code, refused.value.msg) == (
            -2010,
            "Account has insufficient balance for requested action.",
        )
    assert told.orders == []
    assert venue.spot.balances("ann")["USDT"] == (D(1_000_000), D(0))


def test_a_market_order_by_quote_amount_spends_at_most_that():
    venue, _ = spot_venue()
    venue.place("bob", limit(SELL, "0.001", "90000"))
    venue.place("bob", limit(SELL, "1", "91000"))
    order = venue.place("ann", OrderEntry("BTCUSDT", BUY, "MARKET", quote_quantity=D(1001)))
    assert order.state is OrderState.FILLED
    assert D("1001") - D("0.91") < order.filled_quote <= 1001
    assert order.lots == order.filled_lots == 1_101


def test_a_market_order_by_quote_amount_expires_where_the_book_is_worth_less():
    venue, _ = spot_venue()
    venue.place("bob", limit(SELL, "0.3", "90000"))
    order = venue.place("ann", OrderEntry("BTCUSDT", BUY, "MARKET", quote_quantity=D(90_000)))
    assert (order.state, order.filled_quote, order.expiry_reason) == (
        OrderState.EXPIRED,
        27_000,
        "INSUFFICIENT_LIQUIDITY",
    )
    assert venue.spot.balances("ann")["USDT"] == (D(973_000), D(0))


def test_a_market_order_without_enough_book_expires():
    venue, told = spot_venue()
    venue.place("bob", limit(SELL, "0.3", "90000"))
    order = venue.place("ann", market(BUY, "0.5"))
    assert (order.state, order.filled_lots, order.expiry_reason) == (
        OrderState.EXPIRED,
        30_000,
        "INSUFFICIENT_LIQUIDITY",
    )
    assert told.orders[-1].execution_type == "EXPIRED"


def test_ioc_and_fok_never_rest():
    venue, _ = spot_venue()
    venue.place("bob", limit(SELL, "0.3", "90000"))
    killed = venue.place("ann", limit(BUY, "0.5", "90000", tif="FOK"))
    assert (killed.state, killed.filled_lots, killed.expiry_reason) == (
        OrderState.EXPIRED,
        0,
        "UNFILLED_FOK_ORDER_EXPIRED",
    )
    partly = venue.place("ann", limit(BUY, "0.5", "90000", tif="IOC"))
    assert (partly.state, partly.filled_lots, partly.expiry_reason) == (
        OrderState.EXPIRED,
        30_000,
        "UNFILLED_IOC_QUANTITY_EXPIRED",
    )
    assert venue.spot.balances("ann")["USDT"] == (D(973_000), D(0))
    assert venue.best("BTCUSDT") == (None, None)


def test_limit_maker_refuses_to_take():
    venue, _ = spot_venue()
    venue.place("bob", limit(SELL, "0.3", "90000"))
    with pytest.raises(Rejection, match=r"-2010 Order would immediately match and take."):
        venue.place("ann", OrderEntry("BTCUSDT", BUY, "LIMIT_MAKER", None, D("0.1"), None, D(90_000)))
    order = venue.place("ann", OrderEntry("BTCUSDT", BUY, "LIMIT_MAKER", None, D("0.1"), None, D("89999.99")))
    assert order.state is OrderState.NEW


def test_own_resting_order_expires_before_it_would_trade_with_its_owner():
    venue, told = spot_venue()
    own = venue.place("ann", limit(SELL, "1", "90000"))
    venue.place("bob", limit(SELL, "1", "90000"))
    taken = venue.place("ann", limit(BUY, "1", "90000"))
    assert own.state is OrderState.EXPIRED_IN_MATCH
    assert taken.state is OrderState.FILLED
    assert "TRADE_PREVENTION" in [change.execution_type for change in told.orders]
    assert venue.spot.locked("ann", "BTC") == 0


def test_unknown_orders_have_binances_words():
    venue, _ = spot_venue()
    with pytest.raises(Rejection, match=r"-2011 Unknown order sent."):
        venue.cancel("ann", "BTCUSDT", 7, None)
    with pytest.raises(Rejection, match=r"-2013 Order does not exist."):
        venue.order("ann", "BTCUSDT", None, "nothing")
    with pytest.raises(Rejection, match="-2011"):
        venue.cancel_all("ann", "BTCUSDT")
    with pytest.raises(Rejection, match=r"-1121 Invalid symbol."):
        venue.place("ann", limit(BUY, "1", "1", symbol="NOPE"))


def test_a_client_id_is_unique_among_open_orders_only():
    venue, _ = spot_venue()
    venue.place("ann", limit(BUY, "0.1", "90000", client_order_id="one"))
    with pytest.raises(Rejection, match=r"-2010 Duplicate order sent."):
        venue.place("ann", limit(BUY, "0.1", "90000", client_order_id="one"))
    venue.cancel("ann", "BTCUSDT", None, "one")
    again = venue.place("ann", limit(BUY, "0.1", "90000", client_order_id="one"))
    assert venue.order("ann", "BTCUSDT", None, "one") is again


def test_one_account_never_sees_another_ones_orders():
    venue, _ = spot_venue()
    order = venue.place("ann", limit(BUY, "0.1", "90000"))
    with pytest.raises(Rejection, match="-2011"):
        venue.cancel("bob", "BTCUSDT", order.order_id, None)
    assert venue.open_orders("bob", None) == []


def test_check_refuses_like_place_and_leaves_no_trace():
    venue, told = spot_venue()
    venue.check("ann", limit(BUY, "0.1", "90000"))
    with pytest.raises(Rejection, match="-1013 Filter failure: LOT_SIZE"):
        venue.check("ann", limit(BUY, "0.000001", "90000"))
    assert (told.orders, venue.orders("ann"), venue.last_order_id) == ([], [], 0)
