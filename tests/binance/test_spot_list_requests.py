"""Order lists on the wire: which leg lies above, what is sized from what, what is denied; and margin's older words."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tui.binance.margin.order_requests import margin_list_request, margin_order_parameters
from tui.binance.order_parameters import Denial, DeniedError
from tui.binance.spot.list_requests import ListKind, list_request, old_oco_request
from tui.binance.spot.traits import UNTOLD, SymbolTraits
from tui.domain.order import LegRole, OrderRequest, order_from_request
from tui.domain.order_terms import MarginEffect, OrderType, PegPrice, SelfTradePrevention, Side, Terms, TimeInForce
from tui.domain.product import Product

D = Decimal
BUY, SELL = Side.BUY, Side.SELL
LIMIT, STOP, STOP_LIMIT = OrderType.LIMIT, OrderType.STOP_MARKET, OrderType.STOP_LIMIT
TOUCH, TOUCH_LIMIT = OrderType.MARKET_IF_TOUCHED, OrderType.LIMIT_IF_TOUCHED


def order(name, type_=LIMIT, side=SELL, price=None, role=LegRole.NONE, *, product=Product.SPOT, **terms):
    symbol = {Product.MARGIN: "ETHUSDT-X", Product.ISOLATED_MARGIN: "ETHUSDT-I"}.get(product, "ETHUSDT")
    request = OrderRequest(symbol, side, type_, D("0.5"), None if price is None else D(price), terms=Terms(**terms))
    return replace(order_from_request(request, product, name, 1), role=role)


def entry(**changes):
    return order("e", LIMIT, BUY, "2900", LegRole.ENTRY, **changes)


def profit(side=SELL, price="3000", **changes):
    return order("p", LIMIT, side, price, LegRole.TAKE_PROFIT, **changes)


def stop(side=SELL, trigger="2800", **changes):
    return order("s", STOP, side, None, LegRole.STOP_LOSS, trigger_price=D(trigger), **changes)


def sent(*orders, sized=False, traits=UNTOLD):
    request = list_request(orders, "tui-list", traits, sized_from_entry=sized)
    said = dict(request.parameters)
    common = {"symbol": "ETHUSDT", "listClientOrderId": "tui-list", "newOrderRespType": "RESULT"}
    assert said.items() >= common.items()
    return request.kind, {name: value for name, value in said.items() if name not in common}


def test_the_profit_of_a_sell_is_above_and_its_stop_below():
    assert sent(profit(), stop()) == (
        ListKind.OCO,
        {
            "side": "SELL",
            "quantity": "0.5",
            "aboveType": "LIMIT_MAKER",
            "abovePrice": "3000",
            "aboveClientOrderId": "p",
            "belowType": "STOP_LOSS",
            "belowStopPrice": "2800",
            "belowClientOrderId": "s",
        },
    )


def test_the_profit_of_a_buy_is_below_and_its_stop_above():
    stop_limit = order("s", STOP_LIMIT, BUY, "3010", trigger_price=D(3000))
    touched = order("p", TOUCH_LIMIT, BUY, "2700", trigger_price=D(2710))
    kind, said = sent(touched, stop_limit)
    assert kind is ListKind.OCO
    assert said == {
        "side": "BUY",
        "quantity": "0.5",
        "aboveType": "STOP_LOSS_LIMIT",
        "aboveTimeInForce": "GTC",
        "abovePrice": "3010",
        "aboveStopPrice": "3000",
        "aboveClientOrderId": "s",
        "belowType": "TAKE_PROFIT_LIMIT",
        "belowTimeInForce": "GTC",
        "belowPrice": "2700",
        "belowStopPrice": "2710",
        "belowClientOrderId": "p",
    }


def test_a_trailing_stop_and_an_iceberg_in_an_oco():
    hidden = profit(display_quantity=D("0.1"))
    trail = order("s", OrderType.TRAILING_STOP_MARKET, SELL, trailing_bps=100)
    _, said = sent(hidden, trail)
    assert (said["aboveIcebergQty"], said["belowTrailingDelta"]) == ("0.1", 100)
    assert "belowStopPrice" not in said


def test_an_entry_and_one_leg():
    kind, said = sent(entry(), replace(stop(), quantity=D("0.4")))
    assert kind is ListKind.OTO
    assert said == {
        "workingType": "LIMIT",
        "workingTimeInForce": "GTC",
        "workingPrice": "2900",
        "workingClientOrderId": "e",
        "workingSide": "BUY",
        "workingQuantity": "0.5",
        "pendingSide": "SELL",
        "pendingQuantity": "0.4",
        "pendingType": "STOP_LOSS",
        "pendingStopPrice": "2800",
        "pendingClientOrderId": "s",
    }


def test_a_bracket():
    kind, said = sent(replace(entry(), post_only=True), profit(), stop())
    assert kind is ListKind.OTOCO
    assert (said["workingType"], said["pendingQuantity"], said["pendingSide"]) == ("LIMIT_MAKER", "0.5", "SELL")
    assert (said["pendingAboveType"], said["pendingAboveClientOrderId"]) == ("LIMIT_MAKER", "p")
    assert (said["pendingBelowType"], said["pendingBelowStopPrice"]) == ("STOP_LOSS", "2800")


@pytest.mark.parametrize(("legs", "kind"), [((stop(),), ListKind.OPO), ((profit(), stop()), ListKind.OPOCO)])
def test_legs_sized_from_the_entry_name_no_quantity(legs, kind):
    found, said = sent(entry(), *legs, sized=True)
    assert found is kind
    assert "pendingQuantity" not in said


@pytest.mark.parametrize(
    "orders",
    [
        (profit(),),
        (profit(), profit()),
        (stop(), stop()),
        (profit(), replace(stop(), quantity=D(1))),
        (profit(), stop(side=BUY)),
        (profit(), replace(stop(), symbol="BTCUSDT")),
        (
            profit(self_trade_prevention=SelfTradePrevention.NONE),
            stop(self_trade_prevention=SelfTradePrevention.EXPIRE_BOTH),
        ),
        (order("e", OrderType.MARKET, BUY, role=LegRole.ENTRY), profit(), stop()),
        (entry(), replace(order("p", OrderType.MARKET), quote_quantity=D(5))),
    ],
)
def test_what_is_no_list_is_denied(orders):
    with pytest.raises(DeniedError) as denied:
        sent(*orders)
    assert denied.value.rule is Denial.LISTS


def test_legs_are_sized_only_from_a_purchase():
    with pytest.raises(DeniedError):
        sent(replace(entry(), side=SELL), stop(side=BUY), sized=True)


@pytest.mark.parametrize(
    ("orders", "sized", "lacking"),
    [
        ((profit(), stop()), False, "oco"),
        ((entry(), stop()), False, "oto"),
        ((entry(), profit(), stop()), False, "oco"),
        ((entry(), stop()), True, "opo"),
    ],
)
def test_a_symbol_without_such_lists_is_left_alone(orders, sized, lacking):
    with pytest.raises(DeniedError):
        sent(*orders, sized=sized, traits=replace(SymbolTraits(), **{lacking: False}))


# Margin


def on_margin(product=Product.MARGIN, effect=None):
    said = {"product": product} | ({} if effect is None else {"margin_effect": effect})
    return entry(**said), profit(**said), stop(**said)


@pytest.mark.parametrize("product", [Product.MARGIN, Product.ISOLATED_MARGIN])
@pytest.mark.parametrize("effect", [None, *MarginEffect])
def test_a_margin_order_says_what_becomes_of_the_loan(product, effect):
    one = order("m", LIMIT, BUY, "2900", product=product, **({} if effect is None else {"margin_effect": effect}))
    said = margin_order_parameters(one, UNTOLD)
    assert said["symbol"] == "ETHUSDT"
    assert said.get("sideEffectType") == (effect.value if effect else None)


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ({"peg_price": PegPrice.PRIMARY_PEG}, Denial.PEG),
        ({"self_trade_prevention": SelfTradePrevention.DECREMENT}, Denial.SELF_TRADE_PREVENTION),
    ],
)
def test_what_margin_cannot_say_is_denied(terms, code):
    with pytest.raises(DeniedError) as denied:
        margin_order_parameters(order("m", LIMIT, BUY, "2900", product=Product.MARGIN, **terms), UNTOLD)
    assert denied.value.rule is code


def test_an_oco_on_margin_is_said_in_the_older_words():
    _, profit_leg, _ = on_margin(effect=MarginEffect.AUTO_REPAY)
    stop_leg = order("s", STOP_LIMIT, SELL, "2790", LegRole.STOP_LOSS, product=Product.MARGIN,
                     trigger_price=D(2800), margin_effect=MarginEffect.AUTO_REPAY)  # fmt: skip
    request = margin_list_request([profit_leg, replace(stop_leg, time_in_force=TimeInForce.IOC)], "l", UNTOLD, False)
    assert request.parameters == {
        "symbol": "ETHUSDT",
        "listClientOrderId": "l",
        "newOrderRespType": "RESULT",
        "side": "SELL",
        "quantity": "0.5",
        "price": "3000",
        "stopPrice": "2800",
        "stopLimitPrice": "2790",
        "stopLimitTimeInForce": "IOC",
        "limitClientOrderId": "p",
        "stopClientOrderId": "s",
        "sideEffectType": "AUTO_REPAY",
    }


@pytest.mark.parametrize("number", [2, 3])
def test_lists_with_an_entry_on_margin(number):
    orders = on_margin(effect=MarginEffect.MARGIN_BUY)
    legs = orders[1:] if number == 3 else orders[2:]
    request = margin_list_request([orders[0], *legs], "l", UNTOLD, False)
    assert request.kind is (ListKind.OTOCO if number == 3 else ListKind.OTO)
    assert request.parameters["sideEffectType"] == "MARGIN_BUY"


def test_what_one_order_of_a_list_says_holds_for_the_list():
    borrowing = on_margin(effect=MarginEffect.MARGIN_BUY)[0]
    request = margin_list_request([borrowing, *on_margin()[1:]], "l", UNTOLD, False)
    assert request.parameters["sideEffectType"] == "MARGIN_BUY"
    _, said = sent(profit(), stop(self_trade_prevention=SelfTradePrevention.NONE))
    assert said["selfTradePreventionMode"] == "NONE"


def touched(product):
    return order("p", TOUCH, SELL, None, LegRole.TAKE_PROFIT, product=product, trigger_price=D(3000))


def trailing(product):
    return order("s", OrderType.TRAILING_STOP_MARKET, SELL, None, LegRole.STOP_LOSS, product=product, trailing_bps=9)


@pytest.mark.parametrize(
    ("orders", "sized"),
    [
        (on_margin(), True),
        (on_margin(effect=MarginEffect.AUTO_REPAY), False),
        ((*on_margin(effect=MarginEffect.AUTO_BORROW_REPAY)[:2], on_margin(effect=MarginEffect.MARGIN_BUY)[2]), False),
        ((on_margin()[0], touched(Product.MARGIN), on_margin()[2]), False),
        ((on_margin()[0], trailing(Product.MARGIN)), False),
        ((on_margin()[1], trailing(Product.MARGIN)), False),
        ((on_margin()[1], stop(product=Product.MARGIN, trailing_bps=50)), False),
        ((touched(Product.MARGIN), on_margin()[2]), False),
    ],
)
def test_lists_that_margin_does_not_have_are_denied(orders, sized):
    with pytest.raises(DeniedError):
        margin_list_request(orders, "l", UNTOLD, sized)


def test_the_older_words_for_an_oco_can_trail():
    trail = order("s", STOP, SELL, None, trigger_price=D(2800), trailing_bps=50)
    said = old_oco_request([profit(), trail], "l", UNTOLD).parameters
    assert (said["stopPrice"], said["trailingDelta"]) == ("2800", 50)
    assert "stopLimitPrice" not in said
