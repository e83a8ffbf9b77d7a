"""What each order of the semantics tables becomes on the wire of futures, and what is denied with which code."""

import json
from dataclasses import replace

import pytest
from futures_orders import DIALECTS, NATIVE, D, client, order

from tui.binance.futures.requests import (
    algo_identity,
    batch,
    callback_rate,
    identity,
    modification,
    placement,
)
from tui.binance.order_parameters import Denial, DeniedError
from tui.domain.order import ChangeKind, OrderChange
from tui.domain.order_terms import (
    MarginEffect,
    OrderType,
    PegPrice,
    PositionSide,
    PriceMatch,
    SelfTradePrevention,
    Side,
    Terms,
    TimeInForce,
    WorkingType,
)
from tui.domain.product import Product

NOW_MS = 1_795_400_000_000
BOTH_PRODUCTS = (Product.USDM, Product.COINM)
STOP, TOUCH, TRAIL = OrderType.STOP_MARKET, OrderType.MARKET_IF_TOUCHED, OrderType.TRAILING_STOP_MARKET
STOP_LIMIT, TOUCH_LIMIT = OrderType.STOP_LIMIT, OrderType.LIMIT_IF_TOUCHED
AT = Terms(trigger_price=D("90000.0"))
HOUR = Terms(good_till_ms=NOW_MS + 3_600_123)
TRAILING = Terms(trailing_bps=25)


def said(one, product=Product.USDM, **dialect):
    """The parameters besides those that every order has."""
    parameters = placement(one, replace(DIALECTS[product], **dialect), NOW_MS)
    name = "clientAlgoId" if "algoType" in parameters else "newClientOrderId"
    assert parameters.pop(name) == "tui-7"
    assert parameters.pop("symbol") == NATIVE[product]
    assert parameters.pop("side") == one.side.value
    assert parameters.pop("positionSide") == one.terms.position_side.value
    if name == "newClientOrderId":
        assert parameters.pop("newOrderRespType") == "RESULT"
    return parameters


def algo(**fields):
    return {"algoType": "CONDITIONAL", "quantity": "10", "workingType": "CONTRACT_PRICE", "reduceOnly": False, **fields}


PLAIN = {"type": "LIMIT", "quantity": "10", "price": "91000", "timeInForce": "GTC", "reduceOnly": False}

TABLE = [
    (order(), PLAIN),
    (order(time_in_force=TimeInForce.IOC), {**PLAIN, "timeInForce": "IOC"}),
    (order(time_in_force=TimeInForce.FOK), {**PLAIN, "timeInForce": "FOK"}),
    (order(post_only=True), {**PLAIN, "timeInForce": "GTX"}),
    (order(reduce_only=True), {**PLAIN, "reduceOnly": True}),
    (
        order(terms=Terms(self_trade_prevention=SelfTradePrevention.EXPIRE_BOTH)),
        {**PLAIN, "selfTradePreventionMode": "EXPIRE_BOTH"},
    ),
    (order(OrderType.MARKET), {"type": "MARKET", "quantity": "10", "reduceOnly": False}),
    (order(STOP, terms=AT), algo(type="STOP_MARKET", triggerPrice="90000", timeInForce="GTC")),
    (order(TOUCH, terms=AT), algo(type="TAKE_PROFIT_MARKET", triggerPrice="90000", timeInForce="GTC")),
    (order(STOP_LIMIT, terms=AT), algo(type="STOP", triggerPrice="90000", price="91000", timeInForce="GTC")),
    (order(TOUCH_LIMIT, terms=AT), algo(type="TAKE_PROFIT", triggerPrice="90000", price="91000", timeInForce="GTC")),
    (
        order(STOP_LIMIT, terms=AT, post_only=True),
        algo(type="STOP", triggerPrice="90000", price="91000", timeInForce="GTX"),
    ),
    (
        order(STOP, terms=replace(AT, working_type=WorkingType.MARK_PRICE, price_protect=True), reduce_only=True),
        algo(
            type="STOP_MARKET",
            triggerPrice="90000",
            timeInForce="GTC",
            workingType="MARK_PRICE",
            priceProtect=True,
            reduceOnly=True,
        ),
    ),
    (
        order(STOP, terms=AT, close_position=True),
        {
            "algoType": "CONDITIONAL",
            "type": "STOP_MARKET",
            "closePosition": True,
            "triggerPrice": "90000",
            "workingType": "CONTRACT_PRICE",
            "timeInForce": "GTC",
        },
    ),
    (order(TRAIL, terms=TRAILING), algo(type="TRAILING_STOP_MARKET", callbackRate="0.25")),
    (
        order(TRAIL, terms=Terms(trailing_bps=100, activation_price=D("92000.5"))),
        algo(type="TRAILING_STOP_MARKET", callbackRate="1.0", activatePrice="92000.5"),
    ),
]


@pytest.mark.parametrize("product", BOTH_PRODUCTS)
@pytest.mark.parametrize(("one", "wire"), TABLE)
def test_each_order_on_the_wire(product, one, wire):
    assert said(replace(one, symbol=order(product=product).symbol), product) == wire


@pytest.mark.parametrize("mode", PriceMatch)
@pytest.mark.parametrize("kind", [OrderType.LIMIT, STOP_LIMIT, TOUCH_LIMIT])
def test_price_match_is_sent_in_place_of_the_reference_price(mode, kind):
    terms = Terms(price_match=mode, trigger_price=None if kind is OrderType.LIMIT else D(90_000))
    parameters = said(order(kind, terms=terms))
    assert parameters["priceMatch"] == mode.value
    assert "price" not in parameters


def test_gtd_is_told_in_whole_seconds():
    parameters = said(order(time_in_force=TimeInForce.GTD, terms=HOUR))
    assert (parameters["timeInForce"], parameters["goodTillDate"]) == ("GTD", NOW_MS + 3_600_000)


@pytest.mark.parametrize("product", BOTH_PRODUCTS)
@pytest.mark.parametrize(
    ("kind", "terms"), [(OrderType.LIMIT, Terms()), (STOP, AT), (TRAIL, TRAILING), (OrderType.MARKET, Terms())]
)
def test_hedge_mode_names_the_side_and_never_reduce_only(product, kind, terms):
    one = order(kind, product=product, terms=replace(terms, position_side=PositionSide.LONG))
    parameters = placement(one, DIALECTS[product], NOW_MS)
    assert parameters["positionSide"] == "LONG"
    assert "reduceOnly" not in parameters


@pytest.mark.parametrize(
    ("one", "wire"),
    [
        (order(STOP, terms=AT), {"type": "STOP_MARKET", "stopPrice": "90000", "timeInForce": "GTC"}),
        (
            order(TRAIL, terms=Terms(trailing_bps=300, activation_price=D(95_000))),
            {"type": "TRAILING_STOP_MARKET", "callbackRate": "3.0", "activationPrice": "95000"},
        ),
    ],
)
def test_exchanges_without_the_service_take_conditional_orders_as_ordinary_ones(one, wire):
    expected = {"quantity": "10", "workingType": "CONTRACT_PRICE", "reduceOnly": False, **wire}
    assert said(one, has_algo_service=False) == expected


@pytest.mark.parametrize(
    ("bps", "text"), [(10, "0.1"), (25, "0.25"), (100, "1.0"), (101, "1.01"), (1_000, "10.0"), (2_000, "20.0")]
)
def test_callback_rate_is_a_percentage(bps, text):
    assert callback_rate(bps) == text


DENIED = [
    (order(OrderType.MARKET, quantity=None, quote_quantity=D(50)), "UNSUPPORTED_QUOTE_QUANTITY"),
    (order(terms=Terms(display_quantity=D(1))), "UNSUPPORTED_DISPLAY_QUANTITY"),
    (order(terms=Terms(peg_price=PegPrice.PRIMARY_PEG)), "UNSUPPORTED_PEG"),
    (order(terms=Terms(margin_effect=MarginEffect.AUTO_REPAY)), "UNSUPPORTED_MARGIN_EFFECT"),
    (
        order(terms=Terms(self_trade_prevention=SelfTradePrevention.DECREMENT)),
        "UNSUPPORTED_SELF_TRADE_PREVENTION",
    ),
    (order(OrderType.MARKET, post_only=True), "UNSUPPORTED_POST_ONLY"),
    (order(STOP, terms=AT, post_only=True), "UNSUPPORTED_POST_ONLY"),
    (order(post_only=True, time_in_force=TimeInForce.IOC), "UNSUPPORTED_POST_ONLY"),
    (order(OrderType.MARKET, terms=Terms(price_match=PriceMatch.QUEUE)), "UNSUPPORTED_PRICE_MATCH"),
    (order(post_only=True, terms=Terms(price_match=PriceMatch.QUEUE)), "UNSUPPORTED_PRICE_MATCH"),
    (order(price=None), "INVALID_PRICE"),
    (order(price="-5"), "INVALID_PRICE"),
    (order(quantity=D(0)), "INVALID_QUANTITY"),
    (order(terms=AT), "INVALID_TRIGGER_PRICE"),
    (order(STOP), "INVALID_TRIGGER_PRICE"),
    (order(STOP_LIMIT, terms=Terms(trigger_price=D(0))), "INVALID_TRIGGER_PRICE"),
    (order(TRAIL, terms=replace(TRAILING, trigger_price=D(9))), "INVALID_TRIGGER_PRICE"),
    (order(TRAIL, terms=replace(TRAILING, activation_price=D(-1))), "INVALID_TRIGGER_PRICE"),
    (order(STOP, terms=replace(AT, trailing_bps=10)), "INVALID_TRAILING_OFFSET"),
    (order(TRAIL), "INVALID_TRAILING_OFFSET"),
    (order(TRAIL, terms=Terms(trailing_bps=9)), "INVALID_TRAILING_OFFSET"),
    (order(TRAIL, terms=Terms(trailing_bps=2_001)), "INVALID_TRAILING_OFFSET"),
    (order(terms=Terms(price_protect=True)), "UNSUPPORTED_PRICE_PROTECT"),
    (order(close_position=True), "UNSUPPORTED_CLOSE_POSITION"),
    (order(STOP_LIMIT, terms=AT, close_position=True), "UNSUPPORTED_CLOSE_POSITION"),
    (order(STOP, terms=AT, close_position=True, reduce_only=True), "UNSUPPORTED_CLOSE_POSITION"),
    (
        order(STOP, Side.BUY, terms=replace(AT, position_side=PositionSide.LONG), close_position=True),
        "UNSUPPORTED_CLOSE_POSITION",
    ),
    (order(OrderType.MARKET, time_in_force=TimeInForce.GTD, terms=HOUR), "UNSUPPORTED_TIME_IN_FORCE"),
    (order(time_in_force=TimeInForce.GTD), "INVALID_GOOD_TILL"),
    (order(time_in_force=TimeInForce.GTD, terms=Terms(good_till_ms=NOW_MS + 600_999)), "INVALID_GOOD_TILL"),
    (order(time_in_force=TimeInForce.GTD, terms=Terms(good_till_ms=253_402_300_799_000)), "INVALID_GOOD_TILL"),
]


@pytest.mark.parametrize(("one", "code"), DENIED)
def test_what_the_wire_has_no_words_for_is_denied_by_its_code(one, code):
    with pytest.raises(DeniedError) as caught:
        placement(one, DIALECTS[Product.USDM], NOW_MS)
    assert caught.value.rule == Denial(code)
    assert len(caught.value.sentence) > 20


def test_coinm_keeps_no_gtd_and_trails_ten_percent_at_most():
    for one, rule in (
        (order(product=Product.COINM, time_in_force=TimeInForce.GTD, terms=HOUR), Denial.TIME_IN_FORCE),
        (order(TRAIL, product=Product.COINM, terms=Terms(trailing_bps=1_001)), Denial.TRAILING_OFFSET),
    ):
        with pytest.raises(DeniedError) as caught:
            placement(one, DIALECTS[Product.COINM], NOW_MS)
        assert caught.value.rule is rule


@pytest.mark.parametrize("product", BOTH_PRODUCTS)
def test_a_change_always_says_both(product):
    one = replace(order(product=product), order_id=5)
    wire = {"symbol": NATIVE[product], "orderId": 5, "side": "SELL", "quantity": "10", "price": "91000.1"}
    assert modification(one, OrderChange(price=D("91000.10")), DIALECTS[product]) == wire
    assert modification(one, OrderChange(quantity=D(7)), DIALECTS[product]) == {
        **wire,
        "quantity": "7",
        "price": "91000",
    }


def test_orders_are_named_by_the_exchange_where_it_has_named_them():
    dialect = DIALECTS[Product.COINM]
    assert identity(order(product=Product.COINM), dialect) == {"symbol": "BTCUSD_PERP", "origClientOrderId": "tui-7"}
    assert algo_identity(order(STOP, terms=AT)) == {"clientAlgoId": "tui-7"}
    assert algo_identity(replace(order(STOP, terms=AT), algo_id=4)) == {"algoId": 4}


def test_a_batch_is_json_of_texts():
    items = [placement(order(reduce_only=True), DIALECTS[Product.USDM], NOW_MS)]
    (row,) = json.loads(batch(items)["batchOrders"])
    assert (row["reduceOnly"], row["quantity"], row["price"]) == ("true", "10", "91000")


@pytest.mark.parametrize(
    ("one", "change", "kind"),
    [
        (order(), OrderChange(price=D(1)), ChangeKind.LOSES_QUEUE),
        (order(STOP, terms=AT), OrderChange(trigger_price=D(1)), ChangeKind.REPLACES),
        (order(TRAIL, terms=TRAILING), OrderChange(quantity=D(1)), ChangeKind.REPLACES),
        (replace(order(STOP_LIMIT, terms=AT), is_triggered=True), OrderChange(price=D(1)), ChangeKind.LOSES_QUEUE),
    ],
)
def test_how_a_change_is_made(one, change, kind):
    assert client(Product.USDM).change_kind(one, change) is kind


@pytest.mark.parametrize(
    ("one", "change"),
    [
        (order(OrderType.MARKET), OrderChange(quantity=D(1))),
        (order(), OrderChange(trigger_price=D(1))),
        (order(), OrderChange()),
        (replace(order(STOP, terms=AT), is_triggered=True), OrderChange(quantity=D(1))),
    ],
)
def test_changes_that_cannot_be_made(one, change):
    with pytest.raises(DeniedError, match="UNSUPPORTED_CHANGE"):
        client(Product.COINM).change_kind(one, change)
