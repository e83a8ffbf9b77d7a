"""What each product takes and refuses: a row of the execution semantics' tables each, on every product."""

from dataclasses import replace
from decimal import Decimal

import pytest
from fake_client import PERP, SPOT

from tui.domain.instrument import Permits
from tui.domain.order import OrderRequest
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
from tui.engine.product_rules import Setting, denial, exchange_keeps_gtd
from tui.engine.store import Market
from tui.engine.symbol_rules import symbol_rules

D = Decimal
T = OrderType
NOW = 1_800_000_000_000
SETTING = Setting(now_ms=NOW)
HEDGED = replace(SETTING, is_hedged=True)

INSTRUMENTS = {
    Product.SPOT: SPOT,
    Product.MARGIN: replace(SPOT, product=Product.MARGIN, symbol="BTCUSDT-X", permits=Permits(peg=False)),
    Product.ISOLATED_MARGIN: replace(
        SPOT, product=Product.ISOLATED_MARGIN, symbol="BTCUSDT-I", permits=Permits(peg=False)
    ),
    Product.USDM: PERP,
    Product.COINM: replace(PERP, product=Product.COINM, symbol="BTCUSD-PERP", contract_size=D(100)),
}
COINS = (Product.SPOT, Product.MARGIN, Product.ISOLATED_MARGIN)
FUTURES = (Product.USDM, Product.COINM)
ALL = COINS + FUTURES
MARGIN = (Product.MARGIN, Product.ISOLATED_MARGIN)


def order(kind=T.LIMIT, terms=None, side=Side.BUY, **changes) -> OrderRequest:
    """An order of a type with what it needs, and nothing else."""
    said = dict(terms or {})
    if kind in (T.STOP_MARKET, T.STOP_LIMIT, T.MARKET_IF_TOUCHED, T.LIMIT_IF_TOUCHED):
        said.setdefault("trigger_price", D(100))
    if kind is T.TRAILING_STOP_MARKET:
        said.setdefault("trailing_bps", 100)
    price = D(100) if kind in (T.LIMIT, T.STOP_LIMIT, T.LIMIT_IF_TOUCHED) else None
    request = OrderRequest("SYMBOL", side, kind, D(1), price, terms=Terms(**said))
    return replace(request, **changes)


GTD = TimeInForce.GTD
CLOSE = {"close_position": True, "side": Side.SELL}

#: Row of the tables: name, order, products that take it, and the code with which the others deny it.
ROWS = [
    ("market", order(T.MARKET), ALL, ""),
    ("market by quote", order(T.MARKET, quantity=None, quote_quantity=D(50)), COINS, "UNSUPPORTED_QUOTE_QUANTITY"),
    ("limit", order(), ALL, ""),
    ("stop market", order(T.STOP_MARKET), ALL, ""),
    ("stop limit", order(T.STOP_LIMIT), ALL, ""),
    ("market if touched", order(T.MARKET_IF_TOUCHED), ALL, ""),
    ("limit if touched", order(T.LIMIT_IF_TOUCHED), ALL, ""),
    ("trailing", order(T.TRAILING_STOP_MARKET), ALL, ""),
    ("trailing from a price", order(T.TRAILING_STOP_MARKET, {"activation_price": D(100)}), ALL, ""),
    ("trailing by 15 %", order(T.TRAILING_STOP_MARKET, {"trailing_bps": 1500}), (*COINS, Product.USDM), "*OFFSET"),
    ("trailing by 25 %", order(T.TRAILING_STOP_MARKET, {"trailing_bps": 2500}), COINS, "INVALID_TRAILING_OFFSET"),
    ("trailing by 0.05 %", order(T.TRAILING_STOP_MARKET, {"trailing_bps": 5}), COINS, "INVALID_TRAILING_OFFSET"),
    ("trailing without offset", order(T.TRAILING_STOP_MARKET, {"trailing_bps": None}), (), "INVALID_TRAILING_OFFSET"),
    ("trailing with trigger", order(T.TRAILING_STOP_MARKET, {"trigger_price": D(9)}), (), "INVALID_TRIGGER_PRICE"),
    ("stop that trails", order(T.STOP_LIMIT, {"trailing_bps": 50}), COINS, "INVALID_TRAILING_OFFSET"),
    ("limit that trails", order(T.LIMIT, {"trailing_bps": 50}), (), "INVALID_TRAILING_OFFSET"),
    ("limit with trigger", order(T.LIMIT, {"trigger_price": D(9)}), (), "INVALID_TRIGGER_PRICE"),
    ("limit with activation", order(T.LIMIT, {"activation_price": D(9)}), (), "INVALID_TRIGGER_PRICE"),
    ("stop without trigger", order(T.STOP_MARKET, {"trigger_price": None}), (), "INVALID_TRIGGER_PRICE"),
    ("limit without price", order(price=None), (), "INVALID_PRICE"),
    ("market with price", order(T.MARKET, price=D(9)), (), "INVALID_PRICE"),
    ("trigger at the mark", order(T.STOP_MARKET, {"working_type": WorkingType.MARK_PRICE}), FUTURES, "*TRIGGER_TYPE"),
    ("post-only", order(post_only=True), ALL, ""),
    ("post-only stop limit", order(T.STOP_LIMIT, post_only=True), FUTURES, "UNSUPPORTED_POST_ONLY"),
    ("post-only if touched", order(T.LIMIT_IF_TOUCHED, post_only=True), FUTURES, "UNSUPPORTED_POST_ONLY"),
    ("post-only market", order(T.MARKET, post_only=True), (), "UNSUPPORTED_POST_ONLY"),
    ("post-only stop", order(T.STOP_MARKET, post_only=True), (), "UNSUPPORTED_POST_ONLY"),
    ("post-only ioc", order(post_only=True, time_in_force=TimeInForce.IOC), (), "UNSUPPORTED_POST_ONLY"),
    ("ioc", order(time_in_force=TimeInForce.IOC), ALL, ""),
    ("fok", order(time_in_force=TimeInForce.FOK), ALL, ""),
    ("market ioc", order(T.MARKET, time_in_force=TimeInForce.IOC), (), "UNSUPPORTED_TIME_IN_FORCE"),
    ("stop market fok", order(T.STOP_MARKET, time_in_force=TimeInForce.FOK), (), "UNSUPPORTED_TIME_IN_FORCE"),
    ("gtd of 11 minutes", order(terms={"good_till_ms": NOW + 660_000}, time_in_force=GTD), ALL, ""),
    (
        "gtd of 10 minutes",
        order(terms={"good_till_ms": NOW + 600_000}, time_in_force=GTD),
        (*COINS, FUTURES[1]),
        "*TILL",
    ),
    ("gtd in the past", order(terms={"good_till_ms": NOW}, time_in_force=GTD), (), "INVALID_GOOD_TILL"),
    ("gtd without end", order(time_in_force=GTD), (), "INVALID_GOOD_TILL"),
    ("gtc with an end", order(terms={"good_till_ms": NOW + 660_000}), (), "INVALID_GOOD_TILL"),
    ("reduce-only", order(reduce_only=True), FUTURES, "UNSUPPORTED_REDUCE_ONLY"),
    ("close position by stop", order(T.STOP_MARKET, **CLOSE), FUTURES, "UNSUPPORTED_CLOSE_POSITION"),
    ("close position at profit", order(T.MARKET_IF_TOUCHED, **CLOSE), FUTURES, "UNSUPPORTED_CLOSE_POSITION"),
    ("close position by limit", order(T.LIMIT, **CLOSE), (), "UNSUPPORTED_CLOSE_POSITION"),
    ("close position by trailing", order(T.TRAILING_STOP_MARKET, **CLOSE), (), "UNSUPPORTED_CLOSE_POSITION"),
    ("close and reduce", order(T.STOP_MARKET, reduce_only=True, **CLOSE), (), "UNSUPPORTED_*"),
    ("iceberg", order(terms={"display_quantity": D("0.1")}), COINS, "UNSUPPORTED_DISPLAY_QUANTITY"),
    ("iceberg stop limit", order(T.STOP_LIMIT, {"display_quantity": D("0.1")}), COINS, "UNSUPPORTED_DISPLAY_QUANTITY"),
    ("iceberg maker", order(terms={"display_quantity": D("0.1")}, post_only=True), COINS, "*DISPLAY_QUANTITY"),
    ("iceberg market", order(T.MARKET, {"display_quantity": D("0.1")}), (), "UNSUPPORTED_DISPLAY_QUANTITY"),
    ("iceberg all shown", order(terms={"display_quantity": D(1)}), (), "UNSUPPORTED_DISPLAY_QUANTITY"),
    (
        "iceberg ioc",
        order(terms={"display_quantity": D("0.1")}, time_in_force=TimeInForce.IOC),
        (),
        "UNSUPPORTED_DISPLAY_QUANTITY",
    ),
    ("price match", order(terms={"price_match": PriceMatch.QUEUE_5}), FUTURES, "UNSUPPORTED_PRICE_MATCH"),
    ("price match alone", order(terms={"price_match": PriceMatch.QUEUE}, price=None), FUTURES, "*PRICE_MATCH"),
    ("price match of a stop", order(T.STOP_LIMIT, {"price_match": PriceMatch.OPPONENT}), FUTURES, "*PRICE_MATCH"),
    ("price match at market", order(T.MARKET, {"price_match": PriceMatch.QUEUE}), (), "UNSUPPORTED_PRICE_MATCH"),
    (
        "price match post-only",
        order(terms={"price_match": PriceMatch.QUEUE}, post_only=True),
        (),
        "UNSUPPORTED_PRICE_MATCH",
    ),
    ("price protection", order(T.STOP_MARKET, {"price_protect": True}), FUTURES, "UNSUPPORTED_PRICE_PROTECT"),
    ("price protection of a limit", order(terms={"price_protect": True}), (), "UNSUPPORTED_PRICE_PROTECT"),
    ("peg", order(terms={"peg_price": PegPrice.PRIMARY_PEG}, price=None), (Product.SPOT,), "UNSUPPORTED_PEG"),
    ("peg five behind", order(terms={"peg_price": PegPrice.PRIMARY_PEG, "peg_levels": 5}), (Product.SPOT,), "*PEG"),
    ("peg 101 behind", order(terms={"peg_price": PegPrice.PRIMARY_PEG, "peg_levels": 101}), (), "UNSUPPORTED_PEG"),
    ("peg at market", order(T.MARKET, {"peg_price": PegPrice.MARKET_PEG}), (), "UNSUPPORTED_PEG"),
    ("peg to the other side", order(terms={"peg_price": PegPrice.MARKET_PEG}, post_only=True), (), "UNSUPPORTED_PEG"),
    (
        "prevention",
        order(terms={"self_trade_prevention": SelfTradePrevention.EXPIRE_BOTH}),
        ALL,
        "",
    ),
    (
        "prevention by decrement",
        order(terms={"self_trade_prevention": SelfTradePrevention.DECREMENT}),
        COINS,
        "UNSUPPORTED_SELF_TRADE_PREVENTION",
    ),
    ("borrowing", order(terms={"margin_effect": MarginEffect.MARGIN_BUY}), MARGIN, "UNSUPPORTED_MARGIN_EFFECT"),
    ("repaying", order(terms={"margin_effect": MarginEffect.AUTO_REPAY}), MARGIN, "UNSUPPORTED_MARGIN_EFFECT"),
    ("nothing", order(quantity=D(0)), (), "INVALID_QUANTITY"),
    ("less than nothing", order(quantity=D(-1)), (), "INVALID_QUANTITY"),
]


@pytest.mark.parametrize("product", ALL)
@pytest.mark.parametrize(("name", "request_", "taken_by", "code"), ROWS, ids=[row[0] for row in ROWS])
def test_a_row_of_the_tables(name, request_, taken_by, code, product) -> None:
    denied = denial(request_, INSTRUMENTS[product], SETTING)
    if product in taken_by:
        assert denied is None
        return
    assert denied is not None
    assert denied[0].value.startswith(("UNSUPPORTED_", "INVALID_"))
    assert len(denied[1]) > 30
    assert _matches(code, denied[0].value)


def _matches(pattern: str, code: str) -> bool:
    head, star, tail = pattern.partition("*")
    return code.startswith(head) and code.endswith(tail) if star else code == pattern


@pytest.mark.parametrize("product", FUTURES)
@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (order(terms={"position_side": PositionSide.LONG}), ""),
        (order(side=Side.SELL, terms={"position_side": PositionSide.SHORT}), ""),
        (order(), "UNSUPPORTED_POSITION_SIDE"),
        (order(terms={"position_side": PositionSide.SHORT}, reduce_only=True), "UNSUPPORTED_REDUCE_ONLY"),
        (order(T.STOP_MARKET, {"position_side": PositionSide.LONG}, **CLOSE), ""),
        (order(T.STOP_MARKET, {"position_side": PositionSide.SHORT}, **CLOSE), "UNSUPPORTED_CLOSE_POSITION"),
        (
            order(T.STOP_MARKET, {"position_side": PositionSide.SHORT}, side=Side.BUY, close_position=True),
            "",
        ),
    ],
)
def test_where_long_and_short_are_held_apart(product, request_, code) -> None:
    denied = denial(request_, INSTRUMENTS[product], HEDGED)
    assert (denied[0].value if denied else "") == code


def test_a_net_position_has_no_sides() -> None:
    denied = denial(order(terms={"position_side": PositionSide.LONG}), PERP, SETTING)
    assert denied[0].value == "UNSUPPORTED_POSITION_SIDE"
    assert denial(order(terms={"position_side": PositionSide.LONG}), SPOT, SETTING)[0].value == denied[0].value


def test_the_end_of_gtd_is_kept_where_the_exchange_does_not() -> None:
    soon = order(terms={"good_till_ms": NOW + 1_000}, time_in_force=GTD)
    here = replace(SETTING, keeps_gtd=False)
    assert denial(soon, PERP, here) is None
    assert not exchange_keeps_gtd(PERP, here)
    assert exchange_keeps_gtd(PERP, SETTING)
    assert "08:10:01" in denial(soon, PERP, replace(SETTING, now_ms=1_800_000_000_000))[1]
    assert denial(replace(soon, post_only=True, terms=Terms(good_till_ms=NOW + 700_000)), PERP, SETTING)[0].value == (
        "UNSUPPORTED_POST_ONLY"
    )


@pytest.mark.parametrize(
    ("side", "activation", "fits"),
    [(Side.BUY, None, 150), (Side.SELL, None, 250), (Side.BUY, D(9), 250), (Side.SELL, D(9), 150)],
)
def test_spot_bounds_trailing_offsets_by_side_and_kind(side, activation, fits) -> None:
    one = replace(SPOT, permits=Permits(trailing_above=(100, 200), trailing_below=(201, 300)))
    terms = {"trailing_bps": fits, "activation_price": activation}
    assert denial(order(T.TRAILING_STOP_MARKET, terms, side), one, SETTING) is None
    terms["trailing_bps"] = 400 - fits
    assert denial(order(T.TRAILING_STOP_MARKET, terms, side), one, SETTING)[0].value == "INVALID_TRAILING_OFFSET"


def test_a_symbol_that_lists_its_types_takes_no_others() -> None:
    one = replace(SPOT, permits=Permits(order_types=frozenset({T.LIMIT, T.MARKET}), iceberg=False, trailing=False))
    code, said = denial(order(T.STOP_LIMIT), one, SETTING)
    assert code.value == "UNSUPPORTED_ORDER_TYPE"
    assert "it takes LIMIT, MARKET" in said
    assert denial(order(terms={"display_quantity": D("0.1")}), one, SETTING)[0].value == "UNSUPPORTED_DISPLAY_QUANTITY"


def test_icebergs_are_cut_into_so_many_parts_at_most() -> None:
    one = replace(SPOT, permits=Permits(iceberg_parts=10))
    assert denial(order(terms={"display_quantity": D("0.1")}), one, SETTING) is None
    assert "show 0.1 or more" in denial(order(terms={"display_quantity": D("0.099")}), one, SETTING)[1]


@pytest.mark.parametrize(
    ("request_", "code", "field"),
    [
        (order(T.STOP_MARKET, {"trigger_price": D("100.05")}), "FILTER_PRICE", "trigger_price"),
        (order(T.TRAILING_STOP_MARKET, {"activation_price": D("100.05")}), "FILTER_PRICE", "activation_price"),
        (order(terms={"display_quantity": D("0.0105")}), "FILTER_LOT_SIZE", "display_quantity"),
    ],
)
def test_what_is_off_its_increment_is_offered_rounded(request_, code, field) -> None:
    refusal = symbol_rules(request_, SPOT, Market(SPOT), SETTING)
    assert refusal.rule == code
    mended = refusal.offer
    assert getattr(mended.terms, field) != getattr(request_.terms, field)
    assert symbol_rules(mended, SPOT, Market(SPOT), SETTING) is None


def test_values_beyond_the_largest_are_refused_and_whole_positions_have_none() -> None:
    one = replace(SPOT, permits=Permits(max_notional=D(150)))
    refusal = symbol_rules(order(quantity=D(2)), one, Market(one), SETTING)
    assert (refusal.rule, refusal.offer.quantity) == ("FILTER_NOTIONAL", D("1.5"))
    whole = order(T.STOP_MARKET, side=Side.SELL, close_position=True, quantity=D(10_000))
    assert symbol_rules(whole, PERP, Market(PERP), SETTING) is None


def test_contracts_are_valued_by_their_size() -> None:
    coin = replace(INSTRUMENTS[Product.COINM], min_notional=D(250))
    refusal = symbol_rules(order(quantity=D(2)), coin, Market(coin), SETTING)
    assert (refusal.rule, refusal.offer.quantity) == ("FILTER_NOTIONAL", D("2.5"))
