"""What each order of the semantics tables becomes on the wire, and what is denied with which code."""

import re
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from tui.binance.order_parameters import CONDITIONAL_TYPES, LIMIT_TYPES, Denial, DeniedError
from tui.binance.spot.order_requests import (
    amend_parameters,
    change_kind,
    changed_order,
    order_parameters,
    replace_parameters,
    replacement,
)
from tui.binance.spot.traits import UNTOLD, SymbolTraits
from tui.domain.order import ChangeKind, OrderChange, OrderRequest, order_from_request
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

D = Decimal
BUY, SELL = Side.BUY, Side.SELL
STOP, TOUCH, TRAIL = OrderType.STOP_MARKET, OrderType.MARKET_IF_TOUCHED, OrderType.TRAILING_STOP_MARKET
STOP_LIMIT, TOUCH_LIMIT = OrderType.STOP_LIMIT, OrderType.LIMIT_IF_TOUCHED


def order(type_=OrderType.LIMIT, side=SELL, *, price="2910.40", terms=None, product=Product.SPOT, **changes):
    request = OrderRequest(
        symbol="ETHUSDT",
        side=side,
        type=type_,
        quantity=changes.pop("quantity", D("0.75")),
        price=None if price is None else D(price),
        terms=terms or Terms(),
        **changes,
    )
    return order_from_request(request, product, "tui-7", 1)


def said(one, traits=UNTOLD):
    """The parameters besides those that every order has."""
    parameters = order_parameters(one, traits)
    assert (parameters.pop("symbol"), parameters.pop("newOrderRespType")) == ("ETHUSDT", "FULL")
    assert (parameters.pop("newClientOrderId"), parameters.pop("side")) == ("tui-7", one.side.value)
    return parameters


def test_numbers_are_plain_text():
    parameters = said(order(quantity=D("1E+1"), price="0.00000120"))
    assert parameters == {"type": "LIMIT", "timeInForce": "GTC", "quantity": "10", "price": "0.0000012"}


@pytest.mark.parametrize(
    ("one", "wire"),
    [
        (order(), {"type": "LIMIT", "timeInForce": "GTC", "price": "2910.4"}),
        (order(time_in_force=TimeInForce.IOC), {"type": "LIMIT", "timeInForce": "IOC", "price": "2910.4"}),
        (order(time_in_force=TimeInForce.FOK), {"type": "LIMIT", "timeInForce": "FOK", "price": "2910.4"}),
        (
            order(time_in_force=TimeInForce.GTD, terms=Terms(good_till_ms=9)),
            {"type": "LIMIT", "timeInForce": "GTC", "price": "2910.4"},
        ),
        (order(post_only=True), {"type": "LIMIT_MAKER", "price": "2910.4"}),
        (order(post_only=True, time_in_force=TimeInForce.GTD), {"type": "LIMIT_MAKER", "price": "2910.4"}),
        (order(OrderType.MARKET, price=None), {"type": "MARKET"}),
        (
            order(STOP, price=None, terms=Terms(trigger_price=D(2900))),
            {"type": "STOP_LOSS", "stopPrice": "2900"},
        ),
        (
            order(STOP_LIMIT, terms=Terms(trigger_price=D(2900)), time_in_force=TimeInForce.IOC),
            {"type": "STOP_LOSS_LIMIT", "stopPrice": "2900", "price": "2910.4", "timeInForce": "IOC"},
        ),
        (
            order(TOUCH, price=None, terms=Terms(trigger_price=D(3000))),
            {"type": "TAKE_PROFIT", "stopPrice": "3000"},
        ),
        (
            order(TOUCH_LIMIT, terms=Terms(trigger_price=D(3000))),
            {"type": "TAKE_PROFIT_LIMIT", "stopPrice": "3000", "price": "2910.4", "timeInForce": "GTC"},
        ),
        (order(TRAIL, price=None, terms=Terms(trailing_bps=100)), {"type": "STOP_LOSS", "trailingDelta": 100}),
        (
            order(TRAIL, price=None, terms=Terms(trailing_bps=100, activation_price=D(3000))),
            {"type": "TAKE_PROFIT", "trailingDelta": 100, "stopPrice": "3000"},
        ),
        (
            order(STOP_LIMIT, terms=Terms(trailing_bps=50)),
            {"type": "STOP_LOSS_LIMIT", "trailingDelta": 50, "price": "2910.4", "timeInForce": "GTC"},
        ),
        (
            order(STOP, price=None, terms=Terms(trailing_bps=50, trigger_price=D(2900))),
            {"type": "STOP_LOSS", "trailingDelta": 50, "stopPrice": "2900"},
        ),
        (
            order(terms=Terms(display_quantity=D("0.05"))),
            {"type": "LIMIT", "timeInForce": "GTC", "price": "2910.4", "icebergQty": "0.05"},
        ),
        (
            order(post_only=True, terms=Terms(display_quantity=D("0.05"))),
            {"type": "LIMIT_MAKER", "price": "2910.4", "icebergQty": "0.05"},
        ),
        (
            order(terms=Terms(self_trade_prevention=SelfTradePrevention.DECREMENT)),
            {"type": "LIMIT", "timeInForce": "GTC", "price": "2910.4", "selfTradePreventionMode": "DECREMENT"},
        ),
        (
            order(price=None, terms=Terms(peg_price=PegPrice.PRIMARY_PEG)),
            {"type": "LIMIT", "timeInForce": "GTC", "pegPriceType": "PRIMARY_PEG"},
        ),
        (
            order(price=None, terms=Terms(peg_price=PegPrice.MARKET_PEG, peg_levels=3), time_in_force=TimeInForce.IOC),
            {
                "type": "LIMIT",
                "timeInForce": "IOC",
                "pegPriceType": "MARKET_PEG",
                "pegOffsetType": "PRICE_LEVEL",
                "pegOffsetValue": 3,
            },
        ),
        (
            order(post_only=True, terms=Terms(peg_price=PegPrice.PRIMARY_PEG)),
            {"type": "LIMIT_MAKER", "price": "2910.4", "pegPriceType": "PRIMARY_PEG"},
        ),
    ],
)
def test_each_type_and_instruction_on_the_wire(one, wire):
    assert said(one) == {**wire, "quantity": "0.75"}


def test_a_market_order_by_quote_names_no_quantity():
    one = order(OrderType.MARKET, price=None, quantity=None, quote_quantity=D(100))
    assert said(one) == {"type": "MARKET", "quoteOrderQty": "100"}


TRIGGER = Terms(trigger_price=D(2900))
NARROW = SymbolTraits(trailing_above=(10, 2000), trailing_below=(20, 500))


@pytest.mark.parametrize(
    ("one", "traits", "code"),
    [
        (order(price=None), UNTOLD, Denial.PRICE),
        (order(price="0"), UNTOLD, Denial.PRICE),
        (order(OrderType.MARKET), UNTOLD, Denial.PRICE),
        (order(STOP, terms=TRIGGER), UNTOLD, Denial.PRICE),
        (order(quantity=D(0)), UNTOLD, Denial.QUANTITY),
        (order(STOP_LIMIT), UNTOLD, Denial.TRIGGER_PRICE),
        (order(STOP, price=None), UNTOLD, Denial.TRIGGER_PRICE),
        (order(terms=TRIGGER), UNTOLD, Denial.TRIGGER_PRICE),
        (order(STOP_LIMIT, terms=Terms(D(1), activation_price=D(1))), UNTOLD, Denial.TRIGGER_PRICE),
        (order(TRAIL, price=None, terms=Terms(D(1), trailing_bps=100)), UNTOLD, Denial.TRIGGER_PRICE),
        (order(TRAIL, price=None), UNTOLD, Denial.TRAILING_OFFSET),
        (order(TRAIL, price=None, terms=Terms(trailing_bps=0)), UNTOLD, Denial.TRAILING_OFFSET),
        # SELL stops and BUY take-profits have the bounds below, the others those above.
        (order(TRAIL, SELL, price=None, terms=Terms(trailing_bps=19)), NARROW, Denial.TRAILING_OFFSET),
        (order(TRAIL, BUY, price=None, terms=Terms(trailing_bps=9)), NARROW, Denial.TRAILING_OFFSET),
        (order(TRAIL, BUY, price=None, terms=Terms(None, activation_price=D(1), trailing_bps=600)), NARROW,
         Denial.TRAILING_OFFSET),
        (order(TRAIL, price=None, terms=Terms(trailing_bps=100)), SymbolTraits(trailing=False), Denial.ORDER_TYPE),
        (order(STOP, price=None, terms=TRIGGER), SymbolTraits(order_types=frozenset({"LIMIT"})), Denial.ORDER_TYPE),
        (order(STOP_LIMIT, terms=TRIGGER, post_only=True), UNTOLD, Denial.POST_ONLY),
        (order(OrderType.MARKET, price=None, post_only=True), UNTOLD, Denial.POST_ONLY),
        (order(post_only=True, time_in_force=TimeInForce.IOC), UNTOLD, Denial.POST_ONLY),
        (order(reduce_only=True), UNTOLD, Denial.REDUCE_ONLY),
        (order(STOP, price=None, terms=TRIGGER, close_position=True), UNTOLD, Denial.CLOSE_POSITION),
        (order(terms=Terms(position_side=PositionSide.LONG)), UNTOLD, Denial.POSITION_SIDE),
        (order(STOP_LIMIT, terms=Terms(D(1), WorkingType.MARK_PRICE)), UNTOLD, Denial.TRIGGER_TYPE),
        (order(terms=Terms(price_match=PriceMatch.QUEUE)), UNTOLD, Denial.PRICE_MATCH),
        (order(terms=Terms(price_protect=True)), UNTOLD, Denial.PRICE_PROTECT),
        (order(terms=Terms(margin_effect=MarginEffect.MARGIN_BUY)), UNTOLD, Denial.MARGIN_EFFECT),
        (order(quote_quantity=D(5)), UNTOLD, Denial.QUOTE_QUANTITY),
        (order(OrderType.MARKET, price=None, quote_quantity=D(5)), SymbolTraits(quote_quantity=False),
         Denial.QUOTE_QUANTITY),
        (order(terms=Terms(display_quantity=D(1))), UNTOLD, Denial.DISPLAY_QUANTITY),
        (order(terms=Terms(display_quantity=D("0.1")), time_in_force=TimeInForce.FOK), UNTOLD, Denial.DISPLAY_QUANTITY),
        (order(terms=Terms(display_quantity=D("0.1"))), SymbolTraits(iceberg=False), Denial.DISPLAY_QUANTITY),
        (order(STOP, price=None, terms=Terms(D(1), display_quantity=D("0.1"))), UNTOLD, Denial.DISPLAY_QUANTITY),
        (order(terms=Terms(peg_levels=1)), UNTOLD, Denial.PEG),
        (order(terms=Terms(peg_price=PegPrice.PRIMARY_PEG, peg_levels=101)), UNTOLD, Denial.PEG),
        (order(terms=Terms(peg_price=PegPrice.PRIMARY_PEG), time_in_force=TimeInForce.IOC), UNTOLD, Denial.PEG),
        (order(terms=Terms(peg_price=PegPrice.MARKET_PEG), post_only=True), UNTOLD, Denial.PEG),
        (order(terms=Terms(peg_price=PegPrice.PRIMARY_PEG)), SymbolTraits(peg=False), Denial.PEG),
        (order(terms=Terms(self_trade_prevention=SelfTradePrevention.TRANSFER)),
         SymbolTraits(self_trade_preventions=frozenset({"NONE"})), Denial.SELF_TRADE_PREVENTION),
    ],
)  # fmt: skip
def test_what_spot_cannot_do_is_denied_with_its_stable_code(one, traits, code):
    with pytest.raises(DeniedError) as denied:
        order_parameters(one, traits)
    assert denied.value.rule is code
    assert str(denied.value).startswith(f"{code.value}: ")


@pytest.mark.parametrize(
    ("change", "traits", "kind"),
    [
        (OrderChange(quantity=D("0.5")), UNTOLD, ChangeKind.KEEPS_QUEUE),
        (OrderChange(quantity=D("0.5"), price=D("2910.40")), UNTOLD, ChangeKind.KEEPS_QUEUE),
        (OrderChange(quantity=D("0.5")), SymbolTraits(amend=False), ChangeKind.REPLACES),
        (OrderChange(quantity=D("0.5"), price=D(2911)), UNTOLD, ChangeKind.REPLACES),
        (OrderChange(quantity=D(1)), UNTOLD, ChangeKind.REPLACES),
        (OrderChange(price=D(2911)), UNTOLD, ChangeKind.REPLACES),
    ],
)
def test_only_a_smaller_size_keeps_the_place(change, traits, kind):
    assert change_kind(order(), change, traits) is kind


def listed(**changes):
    return replace(order(**changes), list_id=55)


def filled(amount, **changes):
    return replace(order(**changes), filled=D(amount), order_id=9)


@pytest.mark.parametrize(
    ("one", "change", "traits"),
    [
        (order(), OrderChange(), UNTOLD),
        (order(), OrderChange(quantity=D("0.75"), price=D("2910.4")), UNTOLD),
        (filled("0.5"), OrderChange(quantity=D("0.5")), UNTOLD),
        (order(OrderType.MARKET, price=None), OrderChange(quantity=D(1)), UNTOLD),
        (order(STOP, price=None, terms=TRIGGER), OrderChange(price=D(1)), UNTOLD),
        (order(), OrderChange(trigger_price=D(1)), UNTOLD),
        (order(), OrderChange(price=D(1)), SymbolTraits(cancel_replace=False)),
        (listed(), OrderChange(price=D(2911)), UNTOLD),
        (listed(), OrderChange(quantity=D("0.5")), SymbolTraits(amend=False)),
    ],
)
def test_changes_that_cannot_be_made_are_denied(one, change, traits):
    with pytest.raises(DeniedError) as denied:
        change_kind(one, change, traits)
    assert denied.value.rule is Denial.CHANGE


def test_a_leg_of_a_list_can_be_made_smaller():
    assert change_kind(listed(), OrderChange(quantity=D("0.5")), UNTOLD) is ChangeKind.KEEPS_QUEUE


def test_an_amendment_keeps_the_client_id():
    assert amend_parameters(order(), D("0.50")) == {
        "symbol": "ETHUSDT",
        "origClientOrderId": "tui-7",
        "newQty": "0.5",
        "newClientOrderId": "tui-7",
    }


@pytest.mark.parametrize(
    ("one", "kept"),
    [
        (order(post_only=True), {"type": "LIMIT_MAKER"}),
        (order(time_in_force=TimeInForce.GTD), {"timeInForce": "GTC"}),
        (order(terms=Terms(display_quantity=D("0.05"))), {"icebergQty": "0.05"}),
        (order(STOP_LIMIT, terms=TRIGGER), {"type": "STOP_LOSS_LIMIT", "stopPrice": "2900"}),
        (order(STOP_LIMIT, terms=Terms(trailing_bps=50)), {"trailingDelta": 50}),
        (order(terms=Terms(self_trade_prevention=SelfTradePrevention.NONE)), {"selfTradePreventionMode": "NONE"}),
    ],
)
def test_a_replacement_says_everything_the_order_said(one, kept):
    wanted = replacement(one, OrderChange(price=D(2911)), "tui-8")
    parameters = replace_parameters(one, wanted, UNTOLD)
    assert parameters.items() >= kept.items()
    assert (
        parameters.items()
        >= {
            "symbol": "ETHUSDT",
            "cancelReplaceMode": "STOP_ON_FAILURE",
            "cancelOrigClientOrderId": "tui-7",
            "cancelRestrictions": "ONLY_NEW",
            "newClientOrderId": "tui-8",
            "side": "SELL",
            "price": "2911",
            "quantity": "0.75",
        }.items()
    )


def test_a_replacement_is_for_what_is_left_and_an_order_that_traded_is_cancelled_all_the_same():
    one = filled("0.25")
    parameters = replace_parameters(one, replacement(one, OrderChange(quantity=D(1)), "tui-8"), UNTOLD)
    assert (parameters["quantity"], parameters["price"], parameters["cancelOrderId"]) == ("0.75", "2910.4", 9)
    assert "cancelRestrictions" not in parameters


def test_an_iceberg_too_small_to_hide_shows_itself():
    one = filled("0.70", terms=Terms(display_quantity=D("0.05")))
    assert changed_order(one, OrderChange(price=D(1))).terms.display_quantity is None


# A law for every order that can be written down

PLAIN_NUMBER = re.compile(r"[0-9]{1,20}(\.[0-9]{1,20})?")
NUMBERS = ("price", "stopPrice", "quantity", "quoteOrderQty", "icebergQty")
#: By type what must be sent, what one of must be, and what may be (spot API docs 2026-07-21, "New order").
_PEG = {"pegPriceType", "pegOffsetType", "pegOffsetValue"}
_TRIGGERS = {"stopPrice", "trailingDelta"}
RULES = {
    "LIMIT": ({"timeInForce", "quantity"}, {"price", "pegPriceType"}, {"icebergQty", *_PEG}),
    "LIMIT_MAKER": ({"quantity"}, {"price", "pegPriceType"}, {"icebergQty", *_PEG}),
    "MARKET": (set(), {"quantity", "quoteOrderQty"}, set()),
    "STOP_LOSS": ({"quantity"}, _TRIGGERS, set()),
    "TAKE_PROFIT": ({"quantity"}, _TRIGGERS, set()),
    "STOP_LOSS_LIMIT": ({"timeInForce", "quantity"}, _TRIGGERS, {"price", "icebergQty", *_PEG}),
    "TAKE_PROFIT_LIMIT": ({"timeInForce", "quantity"}, _TRIGGERS, {"price", "icebergQty", *_PEG}),
}
ALWAYS = {"symbol", "side", "type", "newClientOrderId", "newOrderRespType"}

some = st.decimals("0.00000001", "1000000", places=8)
amounts = st.none() | some | st.just(D(0))


def rarely(strategy):
    """Mostly left out: an order that says everything at once is always denied."""
    return st.integers(0, 5).flatmap(lambda turn: strategy if turn == 0 else st.none())


terms = st.builds(
    Terms,
    trigger_price=st.none() | some,
    activation_price=rarely(some),
    trailing_bps=st.none() | st.integers(-5, 12_000),
    display_quantity=rarely(some),
    peg_price=rarely(st.sampled_from(PegPrice)),
    peg_levels=rarely(st.integers(-1, 120)),
    self_trade_prevention=rarely(st.sampled_from(SelfTradePrevention)),
)


@st.composite
def requests(draw):
    """Orders of which about a third can be sent."""
    type_ = draw(st.sampled_from(OrderType))
    is_odd = draw(st.integers(0, 5)) == 0
    price = draw(amounts if is_odd else some if type_ in LIMIT_TYPES else st.none())
    said = draw(terms)
    if type_ not in CONDITIONAL_TYPES and not is_odd:
        said = replace(said, trigger_price=None, activation_price=None, trailing_bps=None)
    return OrderRequest(
        "ETHUSDT",
        draw(st.sampled_from(Side)),
        type_,
        draw(some),
        price,
        draw(rarely(some)),
        draw(st.sampled_from(TimeInForce)),
        post_only=draw(rarely(st.just(True))) or False,
        terms=said,
    )


@settings(max_examples=300)
@given(requests())
def test_whatever_is_asked_for_is_denied_or_said_as_the_exchange_reads_it(request):
    try:
        parameters = order_parameters(order_from_request(request, Product.SPOT, "tui-7", 1), UNTOLD)
    except DeniedError as denied:
        event(denied.rule.value)
        return
    event(f"sent as {parameters['type']}")
    must, one_of, may = RULES[parameters["type"]]
    names = set(parameters) - ALWAYS - {"selfTradePreventionMode"}
    assert must <= names
    assert names & one_of
    assert names <= must | one_of | may
    assert all(PLAIN_NUMBER.fullmatch(parameters[name]) for name in NUMBERS if name in parameters)
    assert all(D(parameters[name]) > 0 for name in NUMBERS if name in parameters)
    assert parameters.get("timeInForce", "GTC") in ("GTC", "IOC", "FOK")
    assert len(names & {"quantity", "quoteOrderQty"}) == 1
    if "icebergQty" in names:
        assert parameters.get("timeInForce", "GTC") == "GTC"
