"""Spot payloads, ordinary and odd, as domain values."""

import json
from decimal import Decimal

import msgspec
import pytest

from tui.binance.errors import OutcomeUnknownError
from tui.binance.rows import Depth, ExchangeInfo, readable_instruments, snapshot
from tui.binance.spot import parse, wire
from tui.binance.spot.instruments import instrument
from tui.domain.book import OrderBook
from tui.domain.instrument import TradingStatus
from tui.domain.order import OrderRequest, OrderStatus, order_from_request
from tui.domain.order_terms import OrderType, Side, TimeInForce
from tui.domain.product import Product

SYMBOL = {
    "symbol": "ETHUSDT",
    "status": "TRADING",
    "baseAsset": "ETH",
    "baseAssetPrecision": 8,
    "quoteAsset": "USDT",
    "quotePrecision": 8,
    "isSpotTradingAllowed": True,
    "quoteOrderQtyMarketAllowed": True,
    "permissions": [],
    "someFutureField": {"x": [1]},
    "filters": [
        {"filterType": "PRICE_FILTER", "minPrice": "0.01", "maxPrice": "1000000.00", "tickSize": "0.01000000"},
        {"filterType": "LOT_SIZE", "minQty": "0.00010000", "maxQty": "9000.00000000", "stepSize": "0.00010000"},
        {"filterType": "MARKET_LOT_SIZE", "minQty": "0.0", "maxQty": "1200.5", "stepSize": "0.00000000"},
        {"filterType": "NOTIONAL", "minNotional": "5.00000000", "applyMinToMarket": True},
        {
            "filterType": "PERCENT_PRICE_BY_SIDE",
            "bidMultiplierUp": "5",
            "bidMultiplierDown": "0.2",
            "askMultiplierUp": "4",
            "askMultiplierDown": "0.1",
            "avgPriceMins": 5,
        },
        {"filterType": "T_PLUS_SELL", "endTime": 1},
        {"filterType": "MAX_NUM_ORDERS", "maxNumOrders": 200},
    ],
}


def read(raw):
    return instrument(msgspec.json.decode(raw, type=wire.SymbolInfo))


def info_of(*symbols):
    body = json.dumps({"timezone": "UTC", "rateLimits": [], "symbols": symbols})
    return msgspec.json.decode(body, type=ExchangeInfo)


@pytest.fixture
def ether():
    return readable_instruments(info_of(SYMBOL).symbols, read)[0]


def decode(payload, type_):
    return msgspec.json.decode(json.dumps(payload), type=type_)


def test_symbol_with_its_rules(ether):
    assert (ether.symbol, ether.native, ether.base, ether.quote) == ("ETHUSDT", "ETHUSDT", "ETH", "USDT")
    assert (ether.tick.size, ether.step.size) == (Decimal("0.01"), Decimal("0.0001"))
    assert (ether.min_quantity, ether.max_quantity) == (Decimal("0.0001"), 9000)
    assert ether.max_market_quantity == Decimal("1200.5")
    assert ether.min_notional == 5
    assert (ether.price_up, ether.price_down) == (5, Decimal("0.1"))
    assert ether.quote_quantity_allowed
    assert ether.status is TradingStatus.TRADING


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"status": "CANCEL_ONLY"}, TradingStatus.CANCEL_ONLY),
        ({"status": "BREAK"}, TradingStatus.PAUSE),
        ({"status": "SOMETHING_NEW"}, TradingStatus.OTHER),
        ({"isSpotTradingAllowed": False}, TradingStatus.CLOSED),
    ],
)
def test_every_status_loads(change, status):
    one = readable_instruments(info_of({**SYMBOL, **change}).symbols, read)[0]
    assert (one.status, one.raw_status) == (status, change.get("status", "TRADING"))


def test_one_bad_symbol_does_not_hide_the_others(caplog):
    bad_number = {**SYMBOL, "symbol": "BAD", "filters": [{"filterType": "PRICE_FILTER", "tickSize": "NaN"}]}
    found = readable_instruments(info_of({"symbol": 7}, bad_number, SYMBOL).symbols, read)
    assert [one.symbol for one in found] == ["ETHUSDT"]
    assert len(caplog.records) == 2


def test_missing_filters_fall_back_to_precision():
    bare = {"symbol": "NEWUSDT", "status": "TRADING", "baseAsset": "NEW", "quoteAsset": "USDT", "quotePrecision": 4}
    bare["filters"] = []
    one = readable_instruments(info_of(bare).symbols, read)[0]
    assert one.tick.size == Decimal("0.0001")
    assert one.step.size == Decimal("1E-8")
    assert one.min_notional == 0
    assert (one.price_up, one.price_down) == (None, None)


def book_of(instrument, bids, asks=()):
    book = OrderBook()
    raw = json.dumps({"lastUpdateId": 9001, "bids": bids, "asks": asks})
    book.load(snapshot(msgspec.json.decode(raw, type=Depth, strict=False), instrument))
    return book.view(10)


def test_book_in_ticks_and_lots(ether):
    book = book_of(ether, [["2910.40000000", "1.50000000"]], [["2910.41000000", "0.30000000"]])
    assert (book.update_id, book.bids, book.asks) == (9001, ((291040, 15000),), ((291041, 3000),))


def test_levels_off_the_increments_are_rounded_up_or_left_out(ether):
    rows = [["2910.40", "0.00001"], ["2910.405", "1"], ["2910.39", "2.00015"], ["2910.38", "0"]]
    assert book_of(ether, rows).bids == ((291040, 1), (291039, 20002))


@pytest.mark.parametrize(
    "row", [["0", "1"], ["-1", "1"], ["1", "-1"], ["nan", "1"], ["1", "inf"], ["1", "x"], ["1e30", "1"]]
)
def test_a_level_that_cannot_be_is_refused(ether, row):
    with pytest.raises(msgspec.ValidationError):
        book_of(ether, [row])


ANSWER = {
    "symbol": "ETHUSDT",
    "orderId": 700001,
    "orderListId": -1,
    "clientOrderId": "tui-7",
    "transactTime": 1795400000200,
    "price": "2910.40000000",
    "origQty": "0.75000000",
    "executedQty": "0.50000000",
    "origQuoteOrderQty": "0.00000000",
    "cummulativeQuoteQty": "1455.20000000",
    "status": "PARTIALLY_FILLED",
    "timeInForce": "GTC",
    "type": "LIMIT",
    "side": "SELL",
    "workingTime": 1795400000200,
    "fills": [{"price": "2910.4", "qty": "0.5", "commission": "1.4", "commissionAsset": "USDT", "tradeId": 88101}],
    "selfTradePreventionMode": "EXPIRE_MAKER",
}


def order(**changes):
    request = OrderRequest(
        **{
            "symbol": "ETHUSDT",
            "side": Side.SELL,
            "type": OrderType.LIMIT,
            "quantity": Decimal("0.75"),
            "price": Decimal("2910.40"),
            **changes,
        }
    )
    return order_from_request(request, Product.SPOT, "tui-7", 1)


def test_placement_answer():
    report = parse.report(decode(ANSWER, wire.OrderAnswer), order())
    assert (report.status, report.filled, report.quantity) == (
        OrderStatus.PARTIALLY_FILLED,
        Decimal("0.5"),
        Decimal("0.75"),
    )
    assert report.average_price == Decimal("2910.4")
    assert report.fill is None
    assert report.time_ms == 1795400000200


def test_acknowledgement_without_a_status_means_taken():
    ack = {"symbol": "ETHUSDT", "orderId": 5, "orderListId": -1, "clientOrderId": "tui-7", "transactTime": 9}
    report = parse.report(decode(ack, wire.OrderAnswer), order())
    assert (report.status, report.side, report.quantity) == (OrderStatus.NEW, Side.SELL, Decimal("0.75"))


def test_words_not_known_here_still_load():
    odd = {**ANSWER, "status": "HIBERNATING", "type": "ICE_CREAM", "timeInForce": "FOREVER", "expiryReason": None}
    report = parse.report(decode(odd, wire.OrderAnswer))
    assert (report.status, report.type, report.time_in_force) == (
        OrderStatus.UNKNOWN,
        OrderType.LIMIT,
        TimeInForce.GTC,
    )


def test_turnover_unknown_of_old_orders_gives_no_average():
    old = {**ANSWER, "cummulativeQuoteQty": "-1.00000000"}
    assert parse.report(decode(old, wire.OrderAnswer)).average_price is None


def test_post_only_comes_back_as_limit():
    maker = parse.report(decode({**ANSWER, "type": "LIMIT_MAKER"}, wire.OrderAnswer))
    assert (maker.type, maker.post_only) == (OrderType.LIMIT, True)


CANCEL = {
    **ANSWER,
    "origClientOrderId": "tui-7",
    "clientOrderId": "id-of-the-cancel",
    "status": "CANCELED",
    "executedQty": "0.00000000",
    "cummulativeQuoteQty": "0.00000000",
}


def test_a_cancel_is_reported_under_the_id_that_placed():
    answer = decode(CANCEL, wire.CancelAnswer)
    assert parse.report(answer).client_order_id == "tui-7"
    assert parse.cancel_report(answer, answer.orderReports, order()).client_order_id == "tui-7"


def test_cancelling_a_leg_answers_with_the_whole_list():
    body = {
        "orderListId": 55,
        "contingencyType": "OCO",
        "symbol": "ETHUSDT",
        "orders": [],
        "orderReports": [{**CANCEL, "orderId": 1, "origClientOrderId": "other"}, CANCEL],
    }
    answer = decode(body, wire.CancelAnswer)
    report = parse.cancel_report(answer, answer.orderReports, order())
    assert (report.order_id, report.status) == (700001, OrderStatus.CANCELED)
    stranger = decode({**body, "orderReports": [{**CANCEL, "orderId": 1, "origClientOrderId": "x"}]}, wire.CancelAnswer)
    with pytest.raises(OutcomeUnknownError):
        parse.cancel_report(stranger, stranger.orderReports, order())


def test_fill_with_null_commission():
    row = {
        "symbol": "ETHUSDT",
        "id": 88101,
        "orderId": 700001,
        "price": "2910.4",
        "qty": "0.5",
        "quoteQty": "1455.2",
        "commission": None,
        "commissionAsset": None,
        "time": 7,
        "isBuyer": False,
        "isMaker": True,
        "isBestMatch": True,
    }
    fill = parse.fill(decode(row, wire.TradeRow))
    assert (fill.commission, fill.commission_asset, fill.side, fill.is_maker) == (0, "", Side.SELL, True)
