"""USD-M payloads, ordinary and odd, as domain values."""

import json
from decimal import Decimal

import msgspec
import pytest

from tui.binance.client import StreamKind
from tui.binance.errors import RefusedError
from tui.binance.link import ReconnectNow
from tui.binance.stream_names import route_of
from tui.binance.usdm import events, parse, wire
from tui.binance.usdm.client import order_parameters
from tui.binance.usdm.symbols import native_name, program_name
from tui.domain.instrument import ContractKind, TradingStatus
from tui.domain.order import OrderRequest, OrderStatus, OrderType, Side, TimeInForce, order_from_request
from tui.domain.product import Product

SYMBOL = {
    "symbol": "BTCUSDT",
    "pair": "BTCUSDT",
    "contractType": "PERPETUAL",
    "deliveryDate": 4133404800000,
    "status": "TRADING",
    "baseAsset": "BTC",
    "quoteAsset": "USDT",
    "marginAsset": "USDT",
    "pricePrecision": 2,
    "quantityPrecision": 3,
    "filters": [
        {"filterType": "PRICE_FILTER", "minPrice": "250.00", "maxPrice": "9000000", "tickSize": "0.10"},
        {"filterType": "LOT_SIZE", "minQty": "0.001", "maxQty": "1000", "stepSize": "0.001"},
        {"filterType": "MARKET_LOT_SIZE", "minQty": "0.001", "maxQty": "120", "stepSize": "0.001"},
        {"filterType": "MAX_NUM_ORDERS", "limit": 200},
        {"filterType": "MIN_NOTIONAL", "notional": "50"},
        {"filterType": "PERCENT_PRICE", "multiplierUp": "1.0500", "multiplierDown": "0.9500", "multiplierDecimal": "4"},
    ],
}


def decode(payload, type_):
    return msgspec.json.decode(json.dumps(payload), type=type_)


def test_contract_with_its_rules():
    one = parse.instrument(decode(SYMBOL, wire.SymbolInfo))
    assert (one.symbol, one.native, one.margin_asset, one.kind) == (
        "BTCUSDT-PERP",
        "BTCUSDT",
        "USDT",
        ContractKind.PERPETUAL,
    )
    assert (one.tick.size, one.step.size) == (Decimal("0.1"), Decimal("0.001"))
    assert (one.min_notional, one.max_market_quantity) == (50, 120)
    assert (one.price_up, one.price_down) == (Decimal("1.05"), Decimal("0.95"))


@pytest.mark.parametrize("contract_type", ["", "CURRENT_QUARTER DELIVERING", "NEVER_SEEN"])
def test_delivery_is_told_by_the_name_whatever_the_type_says(contract_type):
    symbol = {**SYMBOL, "symbol": "BTCUSDT_270326", "contractType": contract_type, "status": "PRE_SETTLE"}
    one = parse.instrument(decode(symbol, wire.SymbolInfo))
    assert (one.symbol, one.kind, one.status) == ("BTCUSDT_270326", ContractKind.DELIVERY, TradingStatus.CLOSED)


@pytest.mark.parametrize("native", ["BTCUSDT", "1000PEPEUSDT", "BTCUSDT_270326", "测试USDT"])
def test_names_go_both_ways(native):
    assert native_name(program_name(native)) == native


ANSWER = {
    "orderId": 88900000123,
    "symbol": "BTCUSDT",
    "status": "NEW",
    "clientOrderId": "tui-000017",
    "price": "91000.00",
    "origQty": "0.010",
    "executedQty": "0.000",
    "cumQty": "0.000",
    "timeInForce": "GTC",
    "type": "LIMIT",
    "reduceOnly": False,
    "closePosition": False,
    "side": "BUY",
    "positionSide": "BOTH",
    "stopPrice": "0.00",
    "origType": "LIMIT",
    "priceMatch": "NONE",
    "goodTillDate": 0,
    "updateTime": 1795400010123,
}


def test_placement_answer_has_no_average_price():
    filled = {
        **ANSWER,
        "status": "FILLED",
        "executedQty": "0.010",
        "type": "MARKET",
        "origType": "MARKET",
        "price": "0",
    }
    report = parse.report(decode(filled, wire.OrderAnswer))
    assert (report.symbol, report.status, report.filled) == ("BTCUSDT-PERP", OrderStatus.FILLED, Decimal("0.010"))
    assert (report.price, report.average_price) == (None, None)
    assert parse.report(decode({**filled, "avgPrice": "91001.5"}, wire.OrderAnswer)).average_price == Decimal("91001.5")


@pytest.mark.parametrize(
    ("raw", "type_", "time_in_force", "post_only"),
    [
        ({"timeInForce": "GTX"}, OrderType.LIMIT, TimeInForce.GTC, True),
        ({"timeInForce": "GTE_GTC", "origType": "STOP_MARKET"}, OrderType.STOP_MARKET, TimeInForce.GTC, False),
        ({"timeInForce": "NEW_TIF", "origType": "NEW_TYPE"}, OrderType.LIMIT, TimeInForce.GTC, False),
        ({"timeInForce": None, "origType": "LIQUIDATION", "price": "0"}, OrderType.MARKET, TimeInForce.GTC, False),
    ],
)
def test_words_of_the_exchange(raw, type_, time_in_force, post_only):
    report = parse.report(decode({**ANSWER, **raw}, wire.OrderAnswer))
    assert (report.type, report.time_in_force, report.post_only) == (type_, time_in_force, post_only)


def test_account_shows_free_and_margin():
    account = decode(
        {
            "totalInitialMargin": "45.6",
            "assets": [
                {
                    "asset": "USDT",
                    "walletBalance": "5004.81",
                    "availableBalance": "4959.20",
                    "initialMargin": "45.61",
                    "updateTime": 7,
                },
                {"asset": "BNB", "walletBalance": "0.0000", "availableBalance": "0.1", "initialMargin": "0"},
            ],
            "positions": [],
        },
        wire.Account,
    )
    (balance,) = parse.balances(account)
    assert (balance.asset, balance.free, balance.locked) == ("USDT", Decimal("4959.20"), Decimal("45.61"))


POSITION = {
    "symbol": "BTCUSDT",
    "positionAmt": "-0.010",
    "entryPrice": "91000.0",
    "markPrice": "91234.1",
    "unRealizedProfit": "-2.3",
    "liquidationPrice": "0",
    "leverage": "20",
    "marginType": "cross",
    "isolatedMargin": "0",
    "notional": "-912.341",
    "positionSide": "BOTH",
    "updateTime": 9,
}


def test_positions_that_are_open():
    rows = [POSITION, {**POSITION, "symbol": "ETHUSDT", "positionAmt": "0.000"}]
    (position,) = parse.positions(decode(rows, list[wire.PositionRow]))
    assert (position.symbol, position.quantity, position.leverage) == ("BTCUSDT-PERP", Decimal("-0.010"), 20)
    assert parse.leverages(decode(rows, list[wire.PositionRow])) == {"BTCUSDT-PERP": 20, "ETHUSDT-PERP": 20}
    assert position.liquidation_price is None
    assert position.margin == Decimal("912.341") / 20
    assert not position.is_isolated


def test_position_without_leverage_and_with_isolated_margin():
    row = {
        **POSITION,
        "marginType": "ISOLATED",
        "isolatedMargin": "12.5",
        "leverage": None,
        "liquidationPrice": "88000",
    }
    position = parse.position(decode(row, wire.PositionRow))
    assert (position.leverage, position.margin, position.is_isolated) == (None, Decimal("12.5"), True)
    assert position.liquidation_price == 88000


class Heard:
    """A user listener that remembers."""

    def __init__(self):
        self.reports = []
        self.positions = []

    def on_order_report(self, report):
        self.reports.append(report)

    def on_positions(self, positions):
        self.positions += positions

    def on_balances(self, balances):
        raise AssertionError("events state no free balance")

    def on_user_link(self, product, state, detail):
        raise AssertionError("events do not change the link")


def heard(event):
    listener = Heard()
    return listener, events.deliver(json.dumps(event).encode(), listener, {"BTCUSDT-PERP": 20})


UPDATE = {
    "e": "ORDER_TRADE_UPDATE",
    "E": 1795400050012,
    "T": 1795400050009,
    "st": 1,
    "o": {
        "s": "BTCUSDT",
        "c": "tui-000018",
        "S": "SELL",
        "o": "LIMIT",
        "f": "GTC",
        "q": "0.010",
        "p": "91500.00",
        "ap": "91500.00",
        "sp": "0",
        "x": "TRADE",
        "X": "FILLED",
        "i": 88900000130,
        "l": "0.010",
        "z": "0.010",
        "L": "91500.00",
        "N": "USDT",
        "n": "0.18300000",
        "T": 1795400050009,
        "t": 7000000123,
        "m": True,
        "R": False,
        "ot": "LIMIT",
        "ps": "BOTH",
        "cp": False,
        "rp": "5.00000000",
        "er": "0",
    },
}


def changed(**fields):
    return {**UPDATE, "o": {**UPDATE["o"], **fields}}


def test_order_update_with_its_fill():
    listener, is_complete = heard(UPDATE)
    (report,) = listener.reports
    assert (report.symbol, report.status, report.average_price) == (
        "BTCUSDT-PERP",
        OrderStatus.FILLED,
        Decimal("91500"),
    )
    assert (report.fill.trade_id, report.fill.realized_profit, report.fill.commission) == (
        7000000123,
        5,
        Decimal("0.183"),
    )
    assert not is_complete, "margin changed, and the event does not say to what"


def test_new_order_without_commission_keys():
    fields = {key: value for key, value in UPDATE["o"].items() if key not in ("N", "n", "rp", "er")}
    event = {**UPDATE, "o": {**fields, "x": "NEW", "X": "NEW", "l": "0", "z": "0", "L": "0", "t": 0, "ap": "0"}}
    (report,) = heard(event)[0].reports
    assert (report.status, report.fill, report.average_price, report.reason) == (OrderStatus.NEW, None, None, "")


def test_early_fill_hint_is_not_counted():
    lite = {"e": "TRADE_LITE", "E": 1, "T": 1, "s": "BTCUSDT", "q": "0.01", "p": "0", "l": "0.01", "t": 1, "i": 2}
    listener, is_complete = heard(lite)
    assert (listener.reports, is_complete) == ([], True)


def test_liquidation_is_named_and_counted():
    (report,) = heard(
        changed(c="autoclose-1795400", x="CALCULATED", X="NEW_INSURANCE", o="LIQUIDATION", ot="LIQUIDATION")
    )[0].reports
    assert (report.reason, report.status) == ("liquidation", OrderStatus.FILLED)
    assert report.fill is not None


@pytest.mark.parametrize(("code", "words"), [("9", "rest of a market order"), (4, "reduce-only"), ("77", "77")])
def test_expiry_says_why(code, words):
    assert words in heard(changed(x="EXPIRED", X="EXPIRED", er=code, l="0"))[0].reports[0].reason


def account_update(**position):
    row = {"s": "BTCUSDT", "pa": "0", "ep": "0", "cr": "5.0", "up": "0", "mt": "cross", "iw": "0", "ps": "BOTH"}
    return {
        "e": "ACCOUNT_UPDATE",
        "E": 2,
        "T": 1,
        "a": {
            "m": "ORDER",
            "B": [{"a": "USDT", "wb": "5004.8", "cw": "5004.8", "bc": "0"}],
            "P": [{**row, **position}],
        },
    }


def test_a_position_that_closed_is_told_as_zero():
    (position,) = heard(account_update())[0].positions
    assert (position.symbol, position.quantity, position.leverage) == ("BTCUSDT-PERP", 0, 20)


def test_flat_hedge_entries_do_not_hide_the_other_side():
    assert heard(account_update(ps="SHORT"))[0].positions == []
    assert heard(account_update(ps="LONG", pa="1", ep="5"))[0].positions[0].quantity == 1


def test_funding_without_positions():
    event = {"e": "ACCOUNT_UPDATE", "E": 2, "T": 1, "a": {"m": "FUNDING_FEE", "B": [], "S": "BTCUSDT"}}
    listener, is_complete = heard(event)
    assert (listener.positions, is_complete) == ([], False)


@pytest.mark.parametrize(
    "event",
    [
        {"e": "listenKeyExpired", "E": "1795400040000", "listenKey": "x"},
        {"event": {"e": "serverShutdown", "E": 1}},
        {"e": "serverShutdown", "E": 1},
    ],
)
def test_the_end_of_events_reconnects(event):
    with pytest.raises(ReconnectNow) as caught:
        heard(event)
    assert "x" not in str(caught.value).split()


@pytest.mark.parametrize("event", [{"e": "GRID_UPDATE", "gu": {}}, {"e": "NEVER_SEEN"}, {}])
def test_unknown_events_are_passed_over(event):
    assert heard(event)[1] is True


def order(**changes):
    request = OrderRequest(
        **{
            "symbol": "BTCUSDT-PERP",
            "side": Side.BUY,
            "type": OrderType.LIMIT,
            "quantity": Decimal("0.010"),
            "price": Decimal("91000.0"),
            **changes,
        }
    )
    return order_from_request(request, Product.USDM, "tui-1", 1)


def test_limit_order_on_the_wire():
    assert order_parameters(order(reduce_only=True)) == {
        "symbol": "BTCUSDT",
        "side": "BUY",
        "type": "LIMIT",
        "quantity": "0.01",
        "price": "91000",
        "timeInForce": "GTC",
        "reduceOnly": True,
        "newClientOrderId": "tui-1",
        "newOrderRespType": "RESULT",
    }


def test_post_only_is_gtx_and_market_has_neither_price_nor_time():
    assert order_parameters(order(post_only=True))["timeInForce"] == "GTX"
    market = order_parameters(order(type=OrderType.MARKET, price=None))
    assert not {"price", "timeInForce", "reduceOnly"} & market.keys()


def test_quote_amounts_are_refused():
    with pytest.raises(RefusedError):
        order_parameters(order(type=OrderType.MARKET, price=None, quantity=None, quote_quantity=Decimal(5)))


def test_streams_are_split_as_binances_hosts_are():
    routes = {kind: route_of(kind) for kind in StreamKind}
    assert {kind for kind, route in routes.items() if route == "/public"} == {
        StreamKind.BOOK,
        StreamKind.QUOTE,
        StreamKind.PARTIAL_BOOK,
        StreamKind.RPI_BOOK,
    }
    assert set(routes.values()) == {"/public", "/market"}
