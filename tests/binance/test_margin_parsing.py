"""Margin payloads of the reference, ordinary and odd, as domain values; and the conditional fields of spot's."""

import json
from decimal import Decimal

import msgspec
import pytest
from test_binance_spot_events import EXECUTION
from test_binance_spot_parsing import ANSWER, SYMBOL, decode, order

from tui.binance.errors import OutcomeUnknownError
from tui.binance.margin import parse, wire
from tui.binance.spot import events
from tui.binance.spot import parse as spot_parse
from tui.binance.spot import wire as spot_wire
from tui.binance.spot.instruments import instrument
from tui.binance.spot.order_fields import fields
from tui.binance.spot.traits import UNTOLD, traits
from tui.binance.wire import answered
from tui.domain.instrument import TradingStatus
from tui.domain.order import OrderStatus
from tui.domain.order_terms import OrderType, PegPrice, SelfTradePrevention
from tui.domain.product import Product

D = Decimal

CROSS = {
    "created": True,
    "borrowEnabled": True,
    "marginLevel": "4.21",
    "collateralMarginLevel": "3.90",
    "totalAssetOfBtc": "0.52",
    "totalLiabilityOfBtc": "0.12",
    "totalNetAssetOfBtc": "0.40",
    "TotalCollateralValueInUSDT": "41000.5",
    "tradeEnabled": True,
    "accountType": "MARGIN_1",
    "userAssets": [
        {"asset": "USDT", "borrowed": "500", "free": "120", "interest": "0.02", "locked": "0", "netAsset": "-380.02"},
        {"asset": "BTC", "borrowed": "0", "free": "0", "interest": "0", "locked": "0", "netAsset": "0"},
    ],
}
PAIR = {
    "baseAsset": {"asset": "ETH", "borrowEnabled": True, "borrowed": "0", "free": "0.4", "interest": "0",
                  "locked": "0", "netAsset": "0.4", "totalAsset": "0.4"},
    "quoteAsset": {"asset": "USDT", "borrowed": "500", "free": "10", "interest": "0.01", "locked": "0"},
    "symbol": "ETHUSDT",
    "isolatedCreated": True,
    "enabled": True,
    "marginLevel": "2.34",
    "marginLevelStatus": "NORMAL",
    "marginRatio": "10.0",
    "indexPrice": "2910.1",
    "liquidatePrice": "1350.2",
    "liquidateRate": "1.05",
    "tradeEnabled": True,
}  # fmt: skip


def test_the_cross_account_with_what_it_owes():
    account = decode(CROSS, wire.CrossAccount)
    owing, empty = parse.cross_balances(account, 9)
    assert (owing.key, owing.free, owing.borrowed, owing.interest) == ((Product.MARGIN, "USDT"), 120, 500, D("0.02"))
    assert owing.net == D("-380.02")
    assert parse.is_empty(empty)
    assert not parse.is_empty(owing)
    level = parse.cross_level(account)
    assert (level.level, level.assets, level.debts, level.asset) == (D("4.21"), D("0.52"), D("0.12"), "BTC")


@pytest.mark.parametrize("changes", [{"totalLiabilityOfBtc": "0"}, {"marginLevel": "999.00000000"}])
def test_an_account_without_debts_has_no_level(changes):
    assert parse.cross_level(decode({**CROSS, **changes}, wire.CrossAccount)).level is None


def test_an_isolated_pair_is_two_wallets_valued_in_its_quote():
    account = decode({"assets": [PAIR], "totalAssetOfBtc": "0.012"}, wire.IsolatedAccount)
    base, quote = parse.isolated_balances(account, 9)
    assert (base.key, base.pair, base.free) == ((Product.ISOLATED_MARGIN, "ETHUSDT:ETH"), "ETHUSDT", D("0.4"))
    assert quote.borrowed == 500
    level = parse.isolated_level(account.assets[0])
    assert (level.pair, level.asset, level.level) == ("ETHUSDT", "USDT", D("2.34"))
    assert (level.assets, level.debts) == (D("0.4") * D("2910.1") + 10, D("500.01"))
    assert level.liquidation_price == D("1350.2")


@pytest.mark.parametrize(
    ("type_", "payload", "missing"),
    [
        (wire.CrossAccount, CROSS, "userAssets"),
        (wire.IsolatedAccount, {"assets": []}, "assets"),
        (wire.IsolatedPair, PAIR, "quoteAsset"),
        (wire.AssetRow, CROSS["userAssets"][0], "free"),
        (wire.ListenToken, {"token": "mt-abc", "expirationTime": 1795486400123}, "expirationTime"),
        (wire.Borrowable, {"amount": "1.69", "borrowLimit": "60"}, "amount"),
        (spot_wire.OrderAnswer, ANSWER, "orderId"),
        (spot_wire.SymbolCommission, {"standardCommission": {"maker": "0", "taker": "0"}}, "standardCommission"),
        (spot_wire.ReplaceAnswer, {"cancelResult": "SUCCESS", "newOrderResult": "FAILURE"}, "newOrderResult"),
        (spot_wire.ListAnswer, {"orderListId": 5, "symbol": "ETHUSDT", "orderReports": []}, "orderReports"),
    ],
)
def test_a_missing_field_is_named(type_, payload, missing):
    decoder = msgspec.json.Decoder(type_)
    assert decoder.decode(json.dumps(payload))
    rest = {name: value for name, value in payload.items() if name != missing}
    with pytest.raises(OutcomeUnknownError, match=f"`{missing}`"):
        answered(decoder, json.dumps(rest).encode(), "/asked", lambda told: told)


@pytest.mark.parametrize(("told", "amount"), [("1.69", D("1.69")), (1.5, D("1.5")), (3, 3), (None, 0)])
def test_amounts_come_as_text_or_as_numbers(told, amount):
    assert parse.amount(decode({"amount": told}, wire.Borrowable).amount) == amount


def test_margin_orders_lack_fields_and_have_numbers_in_text():
    sample = {"symbol": "ETHUSDT", "orderId": "810001", "clientOrderId": "m-1", "isIsolated": False,
              "transactTime": 1795400001000, "price": "0", "origQty": "0.4", "executedQty": "0.4",
              "cummulativeQuoteQty": "1164.16", "status": "FILLED", "timeInForce": "GTC", "type": "MARKET",
              "side": "BUY", "marginBuyBorrowAmount": 500, "marginBuyBorrowAsset": "USDT"}  # fmt: skip
    answer = msgspec.json.Decoder(spot_wire.OrderAnswer, strict=False).decode(json.dumps(sample))
    report = spot_parse.report(answer, product=Product.ISOLATED_MARGIN)
    assert (report.symbol, report.order_id, report.list_id) == ("ETHUSDT-I", 810001, None)
    assert report.average_price == D("2910.4")


def test_only_margin_pairs_are_listed_and_closed_ones_are_shown_closed():
    infos = [
        {**SYMBOL, "symbol": symbol, "isMarginTradingAllowed": True} for symbol in ("ETHUSDT", "BTCUSDT", "ADAUSDT")
    ]
    found = [instrument(decode(info, spot_wire.SymbolInfo), Product.MARGIN) for info in infos]
    pairs = [
        decode({"symbol": "ETHUSDT", "isMarginTrade": True, "base": "ETH", "quote": "USDT"}, wire.PairRow),
        decode({"symbol": "ADAUSDT", "isBuyAllowed": False, "isSellAllowed": False}, wire.PairRow),
    ]
    assert [(one.symbol, one.native, one.status) for one in parse.with_pairs(found, pairs)] == [
        ("ETHUSDT-X", "ETHUSDT", TradingStatus.TRADING),
        ("ADAUSDT-X", "ADAUSDT", TradingStatus.CLOSED),
    ]


# What spot tells only sometimes


def told(**changes):
    return events.report(decode({**EXECUTION, **changes}, events.ExecutionReport))


def test_an_amendment_names_the_order_by_its_former_id():
    report = told(x="REPLACED", X="PARTIALLY_FILLED", c="new-id", C="tui-7", q="0.6", l="0", L="0", t=-1)
    assert (report.client_order_id, report.is_amendment, report.quantity) == ("tui-7", True, D("0.6"))


def test_what_self_trade_prevention_took_is_told():
    report = told(x="TRADE_PREVENTION", X="EXPIRED_IN_MATCH", A="0.25", B="0.25", v=3, u=-1, U=9, l="0", L="0", t=-1)
    assert (report.status, report.prevented, report.fill) == (OrderStatus.CANCELED, D("0.25"), None)
    survivor = told(x="TRADE_PREVENTION", X="NEW", A="0.25", z="0", l="0", L="0", t=-1)
    assert (survivor.status, survivor.prevented) == (OrderStatus.NEW, D("0.25"))


@pytest.mark.parametrize(("reason", "would_take"), [("NONE", True), ("WOULD_MATCH_IMMEDIATELY", True), ("", True),
                                                    ("INSUFFICIENT_BALANCES", False)])  # fmt: skip
def test_a_refused_post_only_order_is_known_for_what_it_is(reason, would_take):
    report = told(o="LIMIT_MAKER", x="REJECTED", X="REJECTED", r=reason, l="0", L="0", t=-1, z="0", I=-1)
    assert (report.status, report.would_take) == (OrderStatus.REJECTED, would_take)
    assert not told(o="LIMIT", x="REJECTED", X="REJECTED", r="NONE", z="0").would_take


def test_a_stop_that_has_triggered_says_so():
    said = {"o": "STOP_LOSS_LIMIT", "P": "2900", "x": "NEW", "X": "NEW", "z": "0", "l": "0", "t": -1, "W": None}
    assert not told(**said, w=False).is_triggered
    assert told(**said, w=True).is_triggered
    assert told(**{**said, "o": "STOP_LOSS", "P": "0", "d": 100}, w=True).is_triggered
    assert not told(**{**said, "o": "LIMIT", "P": "0"}, w=True).is_triggered


def test_a_pending_leg_awaits_its_entry():
    report = told(x="NEW", X="PENDING_NEW", g=55, z="0", l="0", t=-1)
    assert (report.status, report.awaits_entry, report.list_id) == (OrderStatus.NEW, True, 55)
    assert told(g=-1).list_id is None


@pytest.mark.parametrize(
    ("raw", "bps", "stop", "type_"),
    [
        ("STOP_LOSS", 100, "0", OrderType.TRAILING_STOP_MARKET),
        ("TAKE_PROFIT", 100, "3000", OrderType.TRAILING_STOP_MARKET),
        ("STOP_LOSS", 100, "2900", OrderType.STOP_MARKET),
        ("TAKE_PROFIT", 100, "0", OrderType.MARKET_IF_TOUCHED),
        ("STOP_LOSS_LIMIT", 100, "0", OrderType.STOP_LIMIT),
        ("TAKE_PROFIT_LIMIT", None, "3000", OrderType.LIMIT_IF_TOUCHED),
    ],
)
def test_what_is_read_would_be_said_again_in_the_same_words(raw, bps, stop, type_):
    report = told(o=raw, d=bps, P=stop, f="GTC")
    assert report.type is type_
    said = fields(order(type=report.type, price=report.price if "LIMIT" in raw else None, terms=report.terms), UNTOLD)
    assert (said["type"], said.get("trailingDelta"), said.get("stopPrice", "0")) == (raw, bps, stop)


def test_pegs_and_icebergs_come_back():
    report = told(gP="PRIMARY_PEG", gOT="PRICE_LEVEL", gOV=3, gp="2909.1", p="0.00000000", F="0.05", V="DECREMENT")
    assert (report.terms.peg_price, report.terms.peg_levels, report.price) == (PegPrice.PRIMARY_PEG, 3, D("2909.1"))
    assert report.terms.display_quantity == D("0.05")
    assert report.terms.self_trade_prevention is SelfTradePrevention.DECREMENT


@pytest.mark.parametrize("word", [{"gP": "LUNAR_PEG"}, {"V": "EXPIRE_THE_MOON"}, {"o": "ICE_CREAM"}, {"X": "SLEEPING"},
                                  {"x": "DREAM"}, {"f": "SOMETIME"}, {"eR": "BOREDOM"}])  # fmt: skip
def test_words_not_known_here_still_load(word):
    assert told(**word).order_id == EXECUTION["i"]


@pytest.mark.parametrize("name", ["balanceUpdate", "externalLockUpdate", "USER_LIABILITY_CHANGE"])
def test_events_that_tell_a_difference_have_the_balances_read_again(name):
    assert not events.deliver(json.dumps({"e": name, "E": 1, "a": "USDT", "d": "1"}).encode(), None)


@pytest.mark.parametrize("name", ["listStatus", "anEventOf2027"])
def test_events_that_say_nothing_new_are_passed_over(name):
    assert events.deliver(json.dumps({"e": name, "E": 1}).encode(), None)


def test_what_an_older_host_does_not_name_is_not_offered():
    older, newer = decode(SYMBOL, spot_wire.SymbolInfo), decode({**SYMBOL, "amendAllowed": True}, spot_wire.SymbolInfo)
    assert not traits(older).amend
    assert not traits(older).oto
    assert traits(newer).amend


COMMISSION = {
    "symbol": "ETHUSDT",
    "standardCommission": {"maker": "0.0010", "taker": "0.0012", "buyer": "0.0001", "seller": "0.0000"},
    "specialCommission": {"maker": "0", "taker": "0", "buyer": "0", "seller": "0"},
    "taxCommission": {"maker": "0.0002", "taker": "0.0003", "buyer": "0", "seller": "0"},
    "discount": {"enabledForAccount": True, "enabledForSymbol": True, "discountAsset": "BNB", "discount": "0.75"},
}


def test_commission_is_all_that_a_trade_costs():
    found = spot_parse.commission(decode(COMMISSION, spot_wire.SymbolCommission), "ETHUSDT")
    assert (found.maker, found.taker, found.asset_discount) == (D("0.0013"), D("0.0016"), D("0.25"))
    off = {**COMMISSION, "discount": {"enabledForAccount": False, "discount": "0.75"}}
    assert spot_parse.commission(decode(off, spot_wire.SymbolCommission), "ETHUSDT").asset_discount == 0
