"""Futures payloads of both products, ordinary and odd, as domain values."""

import json
from decimal import Decimal

import msgspec
import pytest

from tui.binance.futures import parse, reports, wire
from tui.binance.futures.fees import with_fees
from tui.binance.futures.symbols import Names
from tui.binance.rows import NotListedError
from tui.domain.account import SymbolConfig
from tui.domain.instrument import ContractKind, TradingStatus
from tui.domain.order import Forced, OrderStatus
from tui.domain.order_terms import (
    OrderType,
    PositionSide,
    PriceMatch,
    SelfTradePrevention,
    Terms,
    TimeInForce,
    WorkingType,
)
from tui.domain.product import Product

USDM, COINM = Names(Product.USDM), Names(Product.COINM)

SYMBOL = {
    "symbol": "BTCUSDT", "pair": "BTCUSDT", "contractType": "PERPETUAL", "deliveryDate": 4133404800000,
    "status": "TRADING", "baseAsset": "BTC", "quoteAsset": "USDT", "marginAsset": "USDT", "pricePrecision": 2,
    "quantityPrecision": 3, "underlyingType": "COIN", "permissionSets": ["GRID"],
    "filters": [
        {"filterType": "PRICE_FILTER", "minPrice": "250.00", "maxPrice": "9000000", "tickSize": "0.10"},
        {"filterType": "LOT_SIZE", "minQty": "0.001", "maxQty": "1000", "stepSize": "0.001"},
        {"filterType": "MARKET_LOT_SIZE", "minQty": "0.001", "maxQty": "120", "stepSize": "0.001"},
        {"filterType": "MAX_NUM_ORDERS", "limit": 200},
        {"filterType": "NEVER_SEEN", "limit": {"deep": [1]}},
        {"filterType": "MIN_NOTIONAL", "notional": "50"},
        {"filterType": "PERCENT_PRICE", "multiplierUp": "1.05", "multiplierDown": "0.95", "multiplierDecimal": "4"},
    ],
}  # fmt: skip
COIN_SYMBOL = {
    "symbol": "BTCUSD_PERP", "pair": "BTCUSD", "contractType": "PERPETUAL", "contractStatus": "TRADING",
    "contractSize": 100, "baseAsset": "BTC", "quoteAsset": "USD", "marginAsset": "BTC", "pricePrecision": 1,
    "quantityPrecision": 0, "equalQtyPrecision": 4,
    "filters": [
        {"filterType": "PRICE_FILTER", "minPrice": "0.1", "maxPrice": "4000000", "tickSize": "0.1"},
        {"filterType": "LOT_SIZE", "minQty": "1", "maxQty": "1000000", "stepSize": "1"},
    ],
}  # fmt: skip


def decode(payload, type_):
    return msgspec.json.decode(json.dumps(payload), type=type_)


def test_contract_with_its_rules():
    one = parse.instrument(decode(SYMBOL, wire.SymbolInfo), USDM)
    assert (one.symbol, one.native, one.margin_asset) == ("BTCUSDT-PERP", "BTCUSDT", "USDT")
    assert (one.kind, one.contract_size, one.is_inverse) == (ContractKind.PERPETUAL, 1, False)
    assert (one.tick.size, one.step.size) == (Decimal("0.1"), Decimal("0.001"))
    assert (one.min_notional, one.max_market_quantity) == (50, 120)
    assert (one.price_up, one.price_down) == (Decimal("1.05"), Decimal("0.95"))


def test_inverse_contract_has_a_size_in_dollars():
    one = parse.instrument(decode(COIN_SYMBOL, wire.SymbolInfo), COINM)
    assert (one.symbol, one.native, one.margin_asset) == ("BTCUSD-PERP", "BTCUSD_PERP", "BTC")
    assert (one.contract_size, one.step.size, one.status) == (100, 1, TradingStatus.TRADING)
    assert one.notional(Decimal(90_000), Decimal(3)) == 300


@pytest.mark.parametrize("size", [None, 0, -5])
def test_an_inverse_contract_without_size_is_left_out(size):
    with pytest.raises(ValueError, match="contractSize of BTCUSD_PERP"):
        parse.instrument(decode({**COIN_SYMBOL, "contractSize": size}, wire.SymbolInfo), COINM)


@pytest.mark.parametrize("changes", [{"contractType": ""}, {"status": "PENDING_TRADING"}])
def test_contracts_in_name_only_are_not_listed(changes):
    with pytest.raises(NotListedError):
        parse.instrument(decode({**SYMBOL, **changes}, wire.SymbolInfo), USDM)


@pytest.mark.parametrize("contract_type", ["CURRENT_QUARTER", "CURRENT_QUARTER DELIVERING", "NEVER_SEEN"])
@pytest.mark.parametrize("status", ["PRE_SETTLE", "NEVER_SEEN"])
def test_delivery_is_told_by_the_name_and_new_words_break_nothing(contract_type, status):
    symbol = {**SYMBOL, "symbol": "BTCUSDT_270326", "contractType": contract_type, "status": status}
    one = parse.instrument(decode(symbol, wire.SymbolInfo), USDM)
    assert (one.symbol, one.kind) == ("BTCUSDT_270326", ContractKind.DELIVERY)
    assert one.status is not TradingStatus.TRADING


@pytest.mark.parametrize(
    ("names", "native", "symbol"),
    [
        (USDM, "BTCUSDT", "BTCUSDT-PERP"),
        (USDM, "1000PEPEUSDT", "1000PEPEUSDT-PERP"),
        (USDM, "BTCUSDT_270326", "BTCUSDT_270326"),
        (USDM, "测试USDT", "测试USDT-PERP"),
        (COINM, "BTCUSD_PERP", "BTCUSD-PERP"),
        (COINM, "DOTUSD_PERP", "DOTUSD-PERP"),
        (COINM, "BTCUSD_270326", "BTCUSD_270326"),
    ],
)
def test_names_go_both_ways(names, native, symbol):
    assert names.program(native) == symbol
    assert names.native(symbol) == native


@pytest.mark.parametrize(
    ("field", "of", "type_"),
    [
        ("baseAsset", SYMBOL, wire.SymbolInfo),
        ("marginAsset", COIN_SYMBOL, wire.SymbolInfo),
    ],
)
def test_a_missing_field_is_named(field, of, type_):
    with pytest.raises(msgspec.ValidationError, match=field):
        decode({name: value for name, value in of.items() if name != field}, type_)


ANSWER = {
    "orderId": 88900000123, "symbol": "BTCUSDT", "status": "NEW", "clientOrderId": "tui-000017", "price": "91000.00",
    "origQty": "0.010", "executedQty": "0.000", "cumQty": "0.000", "timeInForce": "GTC", "type": "LIMIT",
    "reduceOnly": False, "closePosition": False, "side": "BUY", "positionSide": "SHORT", "stopPrice": "0.00",
    "workingType": "CONTRACT_PRICE", "priceProtect": False, "origType": "LIMIT", "priceMatch": "QUEUE_5",
    "selfTradePreventionMode": "EXPIRE_MAKER", "goodTillDate": 0, "updateTime": 1795400010123,
}  # fmt: skip


def answered(names=USDM, **fields):
    return reports.report(decode({**ANSWER, **fields}, wire.OrderAnswer), names)


def test_placement_answer_has_no_average_price():
    filled = {"status": "FILLED", "executedQty": "0.010", "type": "MARKET", "origType": "MARKET", "price": "0"}
    report = answered(**filled)
    assert (report.symbol, report.status, report.filled) == ("BTCUSDT-PERP", OrderStatus.FILLED, Decimal("0.010"))
    assert (report.price, report.average_price) == (None, None)
    assert answered(**filled, avgPrice="91001.5").average_price == Decimal("91001.5")


def test_terms_of_an_order():
    terms = answered().terms
    assert (terms.position_side, terms.price_match) == (PositionSide.SHORT, PriceMatch.QUEUE_5)
    assert terms.self_trade_prevention is SelfTradePrevention.EXPIRE_MAKER


@pytest.mark.parametrize(
    ("raw", "type_", "time_in_force", "post_only"),
    [
        ({"timeInForce": "GTX"}, OrderType.LIMIT, TimeInForce.GTC, True),
        ({"timeInForce": "RPI"}, OrderType.LIMIT, TimeInForce.GTC, True),
        ({"timeInForce": "GTD", "goodTillDate": 1795500000000}, OrderType.LIMIT, TimeInForce.GTD, False),
        ({"timeInForce": "GTD"}, OrderType.LIMIT, TimeInForce.GTC, False),
        ({"timeInForce": "GTE_GTC", "origType": "STOP_MARKET"}, OrderType.STOP_MARKET, TimeInForce.GTC, False),
        ({"timeInForce": "NEW_TIF", "origType": "NEW_TYPE"}, OrderType.LIMIT, TimeInForce.GTC, False),
        ({"timeInForce": None, "origType": "LIQUIDATION", "price": "0"}, OrderType.MARKET, TimeInForce.GTC, False),
        ({"priceMatch": "NEW_MATCH", "positionSide": "UP", "workingType": "INDEX"}, OrderType.LIMIT, "GTC", False),
    ],
)
def test_words_of_the_exchange(raw, type_, time_in_force, post_only):
    report = answered(**raw)
    assert (report.type, report.time_in_force, report.post_only) == (type_, time_in_force, post_only)


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        ("EXPIRED_IN_MATCH", OrderStatus.CANCELED),
        ("NEW_ADL", OrderStatus.FILLED),
        ("NEVER_SEEN", OrderStatus.UNKNOWN),
    ],
)
def test_states_of_the_exchange(raw, status):
    assert answered(status=raw).status is status


def test_what_self_trade_prevention_took_away():
    assert answered(status="EXPIRED_IN_MATCH", executedQty="0.004").prevented == Decimal("0.006")


def test_an_order_of_the_exchange_is_known_by_its_name():
    assert answered(clientOrderId="adl_autoclose").forced is Forced.ADL
    assert answered(COINM, symbol="BTCUSD_270326", clientOrderId="delivery_autoclose-1").forced is Forced.DELIVERY


ALGO = {
    "algoId": 4000002200000017, "clientAlgoId": "tui-sl-9", "algoType": "CONDITIONAL", "orderType": "STOP_MARKET",
    "symbol": "BTCUSDT", "side": "SELL", "positionSide": "BOTH", "timeInForce": "GTC", "quantity": "0.010",
    "algoStatus": "NEW", "triggerPrice": "88000.00", "price": "0.00", "icebergQuantity": None,
    "selfTradePreventionMode": "EXPIRE_MAKER", "workingType": "MARK_PRICE", "priceMatch": "NONE",
    "closePosition": False, "priceProtect": True, "reduceOnly": True, "activatePrice": "", "callbackRate": "",
    "createTime": 1795400020000, "updateTime": 1795400020001, "triggerTime": 0, "goodTillDate": 0,
}  # fmt: skip


def conditional(**fields):
    return reports.algo_report(decode({**ALGO, **fields}, wire.AlgoAnswer), USDM)


def test_a_conditional_order_has_a_number_of_its_own():
    report = conditional()
    assert (report.algo_id, report.order_id, report.is_triggered) == (4000002200000017, 0, False)
    assert (report.type, report.status, report.price) == (OrderType.STOP_MARKET, OrderStatus.NEW, None)
    assert report.terms == Terms(
        trigger_price=Decimal(88_000),
        working_type=WorkingType.MARK_PRICE,
        price_protect=True,
        self_trade_prevention=SelfTradePrevention.EXPIRE_MAKER,
    )


@pytest.mark.parametrize(
    ("fields", "status", "filled"),
    [
        ({"algoStatus": "TRIGGERED", "actualOrderId": "889"}, OrderStatus.NEW, 0),
        ({"algoStatus": "FINISHED", "actualOrderId": "889", "actualQty": "0.01"}, OrderStatus.FILLED, Decimal("0.01")),
        ({"algoStatus": "FINISHED", "actualQty": "0.004"}, OrderStatus.PARTIALLY_FILLED, Decimal("0.004")),
        ({"algoStatus": "FINISHED", "actualQty": "0"}, OrderStatus.CANCELED, 0),
        ({"algoStatus": "EXPIRED"}, OrderStatus.EXPIRED, 0),
        ({"algoStatus": "NEVER_SEEN", "orderType": "NEVER_SEEN"}, OrderStatus.UNKNOWN, 0),
        (
            {"algoStatus": "FINISHED", "quantity": "0", "closePosition": True, "actualQty": "0.3"},
            OrderStatus.FILLED,
            Decimal("0.3"),
        ),
    ],
)
def test_states_of_conditional_orders(fields, status, filled):
    report = conditional(**fields)
    assert (report.status, report.filled) == (status, filled)
    assert report.is_triggered is ("actualOrderId" in fields)


@pytest.mark.parametrize(("rate", "bps"), [("1.0", 100), ("0.25", 25), (1, 100), (0.1, 10), ("", None), (None, None)])
def test_callback_rates_come_as_texts_and_numbers(rate, bps):
    assert conditional(orderType="TRAILING_STOP_MARKET", callbackRate=rate).terms.trailing_bps == bps


def test_both_halves_of_a_triggered_order_are_one():
    algo = conditional(algoStatus="TRIGGERED", actualOrderId="88900000123", clientAlgoId="tui-000017")
    waiting = conditional(algoId=2, clientAlgoId="tui-w")
    gone = conditional(algoId=3, clientAlgoId="tui-g", algoStatus="FINISHED", actualOrderId="77", actualQty="0.01")
    child = answered(type="MARKET", origType="MARKET", price="0", status="PARTIALLY_FILLED", executedQty="0.004")
    other = answered(orderId=5, clientOrderId="tui-o")
    merged = reports.merged([child, other], [algo, waiting, gone], keep_lonely=False)
    assert [report.client_order_id for report in merged] == ["tui-o", "tui-000017", "tui-w"]
    joined = merged[1]
    assert (joined.order_id, joined.algo_id, joined.filled) == (88900000123, algo.algo_id, Decimal("0.004"))
    assert (joined.type, joined.terms.trigger_price) == (OrderType.STOP_MARKET, 88_000)
    assert gone in reports.merged([child, other], [algo, waiting, gone], keep_lonely=True)


ACCOUNT = {
    "totalInitialMargin": "45.6", "canTrade": False,
    "assets": [
        {"asset": "USDT", "walletBalance": "5004.81", "availableBalance": "4959.20", "initialMargin": "45.61"},
        {"asset": "BNB", "walletBalance": "0.0000", "availableBalance": "0.1", "initialMargin": "0"},
    ],
    "positions": [],
}  # fmt: skip


def test_account_shows_free_and_margin():
    account = decode(ACCOUNT, wire.Account)
    (balance,) = parse.balances(account, Product.COINM)
    assert (balance.asset, balance.free, balance.locked) == ("USDT", Decimal("4959.20"), Decimal("45.61"))
    assert (balance.product, account.canTrade) == (Product.COINM, False)


V3 = {
    "symbol": "BTCUSDT", "positionSide": "LONG", "positionAmt": "0.010", "entryPrice": "91000.0",
    "breakEvenPrice": "91036.4", "markPrice": "91234.10000000", "unRealizedProfit": "2.34100000",
    "liquidationPrice": "0", "isolatedMargin": "0", "notional": "912.34100000", "marginAsset": "USDT",
    "isolatedWallet": "0", "initialMargin": "45.61705000", "maintMargin": "3.64936400",
    "positionInitialMargin": "45.61705000", "openOrderInitialMargin": "0", "adl": 2, "updateTime": 1795400030000,
}  # fmt: skip
CONFIG = {"BTCUSDT-PERP": SymbolConfig("BTCUSDT-PERP", 20, False)}


def test_linear_position_with_what_its_settings_say():
    position = parse.position(decode(V3, wire.PositionRow), USDM, CONFIG, {})
    assert (position.key, position.quantity, position.leverage) == ("BTCUSDT-PERP-LONG", Decimal("0.010"), 20)
    assert (position.liquidation_price, position.adl_quantile, position.contract_size) == (None, 2, None)
    assert (position.margin, position.maintenance_margin) == (Decimal("45.61705"), Decimal("3.649364"))
    assert position.break_even_price == Decimal("91036.4")


def test_isolated_position_without_known_settings_is_told_by_its_wallet():
    row = {**V3, "isolatedWallet": "12", "isolatedMargin": "12.5"}
    position = parse.position(decode(row, wire.PositionRow), USDM, {}, {})
    assert (position.leverage, position.margin, position.is_isolated) == (None, Decimal("12.5"), True)
    assert position.isolated_wallet == 12
    del row["isolatedWallet"]
    row |= {"unRealizedProfit": "-0.5", "marginType": "isolated"}
    assert parse.position(decode(row, wire.PositionRow), USDM, {}, {}).isolated_wallet == 13


COIN_ROW = {
    "symbol": "BTCUSD_PERP", "positionAmt": "-10", "entryPrice": "50000.00000000", "breakEvenPrice": "0",
    "markPrice": "40000.0", "unRealizedProfit": "0.005", "liquidationPrice": "61000", "leverage": "20", "maxQty": "50",
    "marginType": "cross", "isolatedMargin": "0", "isAutoAddMargin": "false", "positionSide": "BOTH",
    "notionalValue": "-0.025", "updateTime": 9,
}  # fmt: skip


def test_inverse_position_is_in_contracts_and_pays_in_coin():
    sizes = {"BTCUSD-PERP": Decimal(100)}
    position = parse.position(decode(COIN_ROW, wire.PositionRow), COINM, {}, sizes)
    assert (position.quantity, position.contract_size, position.leverage) == (-10, 100, 20)
    # futures reference 7.8: S·Q·C·(1/E - 1/M) = -10 · 100 · (1/50,000 - 1/40,000)
    assert position.profit(Decimal(40_000)) == Decimal("0.005")
    assert position.margin == Decimal("0.025") / 20


def test_coinm_positions_tell_how_contracts_are_set_up():
    rows = [COIN_ROW, {**COIN_ROW, "symbol": "ETHUSD_PERP", "positionAmt": "0", "marginType": "ISOLATED"}]
    configs = parse.position_configs(decode(rows, list[wire.PositionRow]), COINM)
    assert configs == [
        SymbolConfig("BTCUSD-PERP", 20, False, Decimal(50)),
        SymbolConfig("ETHUSD-PERP", 20, True, Decimal(50)),
    ]


def test_settings_of_a_linear_contract():
    row = {
        "symbol": "BTCUSDT", "marginType": "ISOLATED", "isAutoAddMargin": False, "leverage": 21,
        "maxNotionalValue": "1000000",
    }  # fmt: skip
    assert parse.config(decode(row, wire.SymbolConfigRow), USDM) == SymbolConfig(
        "BTCUSDT-PERP", 21, True, Decimal(1_000_000)
    )


@pytest.mark.parametrize(
    ("floor", "cap"), [({"notionalFloor": 0}, {"notionalCap": 300000}), ({"qtylFloor": 0.0}, {"qtyCap": 3e5})]
)
def test_tiers_of_both_products_are_exact(floor, cap):
    rows = {
        "symbol": "X", "notionalCoef": 1.0,
        "brackets": [
            {"bracket": 2, "initialLeverage": 100, "maintMarginRatio": 0.005, "cum": 300.1, "notionalFloor": 300000,
             "notionalCap": 800000},
            {"bracket": 1, "initialLeverage": 125, "maintMarginRatio": 0.004, "cum": 0.0, **floor, **cap},
        ],
    }  # fmt: skip
    first, second = parse.brackets(decode(rows, wire.Brackets))
    assert (first.notional_floor, first.notional_cap, first.max_leverage) == (0, 300_000, 125)
    assert (second.maintenance_rate, second.maintenance_amount) == (Decimal("0.005"), Decimal("300.1"))


@pytest.mark.parametrize("number", [9689322392, "9689322392"])
def test_income_numbers_are_whole_on_both_products(number):
    row = {
        "symbol": "", "incomeType": "FUNDING_FEE", "income": "-0.37500000", "asset": "BTC", "info": "", "time": 5,
        "tranId": number, "tradeId": "",
    }  # fmt: skip
    income = parse.income(decode(row, wire.IncomeRow), COINM)
    assert (income.symbol, income.amount, income.transaction_id) == ("", Decimal("-0.375"), 9689322392)


def test_place_in_the_queue_of_deleveraging():
    rows = [
        {"symbol": "BTCUSDT", "adlQuantile": {"LONG": 3, "SHORT": 3, "HEDGE": 0}},
        {"symbol": "ETHUSDT", "adlQuantile": {"LONG": 1, "SHORT": 2, "BOTH": 0}},
    ]
    found = parse.quantiles(decode(rows, list[wire.AdlRow]), USDM)
    assert found["BTCUSDT-PERP", PositionSide.LONG] == 3
    assert found["BTCUSDT-PERP", PositionSide.BOTH] == 0
    assert found["ETHUSDT-PERP", PositionSide.SHORT] == 2


def test_an_execution_of_the_past():
    row = {
        "symbol": "BTCUSD_PERP", "id": 7, "orderId": 8, "pair": "BTCUSD", "side": "SELL", "price": "91000.1",
        "qty": "2", "realizedPnl": "0.0001", "marginAsset": "BTC", "baseQty": "0.002", "commission": "0.0000011",
        "commissionAsset": "BTC", "time": 9, "positionSide": "SHORT", "buyer": False, "maker": True,
    }  # fmt: skip
    fill = parse.fill(decode(row, wire.TradeRow), COINM)
    assert (fill.symbol, fill.quantity, fill.position_side) == ("BTCUSD-PERP", 2, PositionSide.SHORT)
    assert (fill.commission, fill.commission_asset, fill.is_maker) == (Decimal("0.0000011"), "BTC", True)


@pytest.mark.parametrize(
    ("tier", "maker", "taker"), [(0, "0.0002", "0.0005"), (9, "0", "0.00017"), (None, None, None), (12, None, None)]
)
def test_fees_of_the_account_s_tier(tier, maker, taker):
    one = parse.instrument(decode(SYMBOL, wire.SymbolInfo), USDM)
    (found,) = with_fees([one], tier)
    assert found.maker_fee == (None if maker is None else Decimal(maker))
    assert found.taker_fee == (None if taker is None else Decimal(taker))
