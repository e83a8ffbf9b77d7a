"""Every market stream: its name on each product, its route, and what becomes of its payload."""

import json
from decimal import Decimal

import pytest
from binance_listener import Listener
from test_binance_streams import instrument

from tui.binance.client import StreamKind, Subscription
from tui.binance.errors import RefusedError
from tui.binance.market_events import handler_for
from tui.binance.stream_names import StreamNames, lower, route_of
from tui.binance.wire import MALFORMED
from tui.domain.market import Liquidation
from tui.domain.order_terms import Side
from tui.domain.product import Product

K, D = StreamKind, Decimal
SPOT, USDM, COINM = (
    instrument(native, product)
    for native, product in (
        ("BTCUSDT", Product.SPOT),
        ("BTCUSDT", Product.USDM),
        ("BTCUSD_PERP", Product.COINM),
    )
)


@pytest.mark.parametrize(
    ("kind", "more", "spot", "usdm", "coinm"),
    [
        (K.BOOK, {}, "btcusdt@depth@100ms", "btcusdt@depth@100ms", "btcusd_perp@depth@100ms"),
        (K.TRADES, {}, "btcusdt@trade", "btcusdt@aggTrade", "btcusd_perp@aggTrade"),
        (K.TICKER, {}, "btcusdt@ticker", "btcusdt@ticker", "btcusd_perp@ticker"),
        (K.MINI_TICKER, {}, "btcusdt@miniTicker", "btcusdt@miniTicker", "btcusd_perp@miniTicker"),
        (K.ALL_MINI_TICKERS, {}, "!miniTicker@arr", "!miniTicker@arr", "!miniTicker@arr"),
        (K.QUOTE, {}, "btcusdt@bookTicker", "btcusdt@bookTicker", "btcusd_perp@bookTicker"),
        (K.CANDLES, {"interval": "1M"}, "btcusdt@kline_1M", "btcusdt@kline_1M", "btcusd_perp@kline_1M"),
        (K.PARTIAL_BOOK, {"levels": 5}, "btcusdt@depth5@100ms", "btcusdt@depth5@100ms", "btcusd_perp@depth5@100ms"),
        (K.PARTIAL_BOOK, {"levels": 20}, "btcusdt@depth20@100ms", "btcusdt@depth20@100ms", "btcusd_perp@depth20@100ms"),
        (K.MARK_PRICE, {}, None, "btcusdt@markPrice@1s", "btcusd_perp@markPrice@1s"),
        (K.LIQUIDATIONS, {}, None, "btcusdt@forceOrder", "btcusd_perp@forceOrder"),
        (K.ALL_LIQUIDATIONS, {}, None, "!forceOrder@arr", "!forceOrder@arr"),
        (K.RPI_BOOK, {}, None, "btcusdt@rpiDepth@500ms", None),
    ],
)
def test_names(kind, more, spot, usdm, coinm):
    for of, name in ((SPOT, spot), (USDM, usdm), (COINM, coinm)):
        subscription = Subscription(kind, None if kind.value.startswith("all") else of, **more)
        if name is None:
            with pytest.raises(RefusedError):
                StreamNames(of.product)(subscription)
        else:
            assert StreamNames(of.product)(subscription) == name


@pytest.mark.parametrize(
    ("interval_ms", "spot", "futures", "partial"),
    [
        (0, "depth@100ms", "depth@0ms", "depth10@100ms"),
        (100, "depth@100ms", "depth@100ms", "depth10@100ms"),
        (250, "depth@100ms", "depth", "depth10"),
        (500, "depth@100ms", "depth@500ms", "depth10@500ms"),
    ],
)
def test_the_speed_of_a_futures_book_is_chosen_and_spot_has_its_fastest(interval_ms, spot, futures, partial):
    assert StreamNames(Product.SPOT, interval_ms)(Subscription(K.BOOK, SPOT)) == f"btcusdt@{spot}"
    assert StreamNames(Product.USDM, interval_ms)(Subscription(K.BOOK, USDM)) == f"btcusdt@{futures}"
    assert StreamNames(Product.USDM, interval_ms)(Subscription(K.PARTIAL_BOOK, USDM, levels=10)) == f"btcusdt@{partial}"


def test_spot_prints_come_by_taker_order_where_the_option_says_so():
    assert StreamNames(Product.SPOT, aggregates=True)(Subscription(K.TRADES, SPOT)) == "btcusdt@aggTrade"


def test_partial_books_have_five_ten_or_twenty_levels():
    with pytest.raises(RefusedError, match="5, 10 or 20"):
        StreamNames(Product.SPOT)(Subscription(K.PARTIAL_BOOK, SPOT, levels=7))


def test_only_ascii_letters_have_a_lower_case_in_stream_names():
    assert lower("币安人生USDT") == "币安人生usdt"
    assert lower("İUSDT") == "İusdt"


def test_books_and_quotes_go_one_way_on_split_hosts_and_the_rest_another():
    public = {K.BOOK, K.QUOTE, K.PARTIAL_BOOK, K.RPI_BOOK}
    assert {kind: route_of(kind) for kind in K} == {kind: "/public" if kind in public else "/market" for kind in K}


def heard(kind, data, of=USDM, stream="", **more):
    listener = Listener()
    one = Subscription(kind, None if kind.value.startswith("all") else of, **more)
    handler_for(one, listener, of.product, stream)(json.dumps({"stream": stream, "data": data}).encode())
    return listener.notes


TRADE = {"e": "trade", "E": 1, "s": "BTCUSDT", "t": 9, "p": "1.50", "q": "2", "T": 3, "m": False, "M": True}
MINI = {"e": "24hrMiniTicker", "E": 7, "s": "BTCUSDT", "c": "3", "o": "2", "h": "4", "l": "1", "v": "10", "q": "30"}
FORCED = {
    "e": "forceOrder",
    "E": 2,
    "o": {
        "s": "ETHUSDT", "S": "SELL", "o": "LIMIT", "f": "IOC", "q": "4.000", "p": "3010.10", "ap": "3012.00",
        "X": "FILLED", "l": "4.000", "z": "3.000", "T": 1,
    },
    "ps": "ETHUSDT",
    "st": 1,
}  # fmt: skip


def test_single_trades():
    ((_, symbol, trade),) = heard(K.TRADES, TRADE, SPOT, "btcusdt@trade")
    assert (symbol, trade.trade_id, trade.price, trade.quantity) == ("BTCUSDT", 9, D("1.50"), 2)
    assert (trade.aggressor, trade.time_ms) == (Side.BUY, 3)


def test_mini_tickers_are_tickers_that_say_less():
    ((_, _, ticker),) = heard(K.MINI_TICKER, MINI)
    assert (ticker.last, ticker.change, ticker.change_percent) == (3, 1, 50)
    assert (ticker.turnover, ticker.time_ms, ticker.weighted_average) == (30, 7, None)


@pytest.mark.parametrize(("of", "symbols"), [(USDM, ["A", "C"]), (COINM, ["B", "C"])])
def test_of_all_tickers_each_product_takes_its_own(of, symbols):
    rows = [{**MINI, "s": "A", "st": 1}, {**MINI, "s": "B", "st": 2}, {**MINI, "s": "C"}]
    ((_, product, tickers),) = heard(K.ALL_MINI_TICKERS, rows, of)
    assert product is of.product
    assert [native for native, _ in tickers] == symbols


def test_liquidations_of_one_symbol_and_of_all():
    expected = Liquidation(Side.SELL, D(4), D("3010.10"), D(3012), D(3), 1)
    for kind in (K.LIQUIDATIONS, K.ALL_LIQUIDATIONS):
        assert heard(kind, FORCED) == [("liquidation", "ETHUSDT", expected)]
    assert heard(K.ALL_LIQUIDATIONS, FORCED, COINM) == [], "those of the other futures are told on its own host"


def test_partial_books_of_spot_have_no_symbol_and_those_of_futures_do():
    ((_, _, spot),) = heard(K.PARTIAL_BOOK, {"lastUpdateId": 5, "bids": [["1.5", "2"]], "asks": []}, SPOT, levels=5)
    assert (spot.update_id, spot.bids, spot.asks, spot.time_ms) == (5, [(1.5, 2.0)], [], None)
    update = {"e": "depthUpdate", "E": 9, "T": 8, "s": "BTCUSDT", "U": 1, "u": 4, "pu": 0, "b": [], "a": [["2", "1"]]}
    ((_, _, futures),) = heard(K.PARTIAL_BOOK, update, levels=5)
    assert (futures.update_id, futures.asks, futures.time_ms) == (4, [(2.0, 1.0)], 8)
    with pytest.raises(MALFORMED, match="lastUpdateId"):
        heard(K.PARTIAL_BOOK, {"bids": []}, levels=5)


def test_the_book_with_retail_price_improvement_is_told_apart():
    update = {"e": "depthUpdate", "E": 9, "T": 8, "s": "BTCUSDT", "U": 1, "u": 4, "pu": 0, "b": [], "a": [["2", "1"]]}
    ((kind, _, change),) = heard(K.RPI_BOOK, update)
    assert (kind, change.final_id, change.previous_id) == ("rpi", 4, 0)


def test_tickers_candles_and_mark_prices_say_all_that_binance_says():
    ticker = {
        "e": "24hrTicker", "E": 9, "s": "BTCUSDT", "p": "1", "P": "50", "w": "2.5", "c": "3", "Q": "0.4", "o": "2",
        "h": "4", "l": "1", "v": "10", "q": "25", "O": 1, "C": 9, "F": 5, "L": 8, "n": 4,
    }  # fmt: skip
    ((_, _, day),) = heard(K.TICKER, ticker)
    assert (day.weighted_average, day.last_quantity, day.open_ms) == (D("2.5"), D("0.4"), 1)
    assert (day.first_id, day.last_id, day.trades) == (5, 8, 4)
    bar = {
        "t": 0, "T": 59_999, "s": "BTCUSDT", "i": "1m", "f": 1, "L": 3, "o": "1", "c": "2", "h": "3", "l": "1",
        "v": "10", "n": 3, "x": True, "q": "20", "V": "4", "Q": "8", "B": "0",
    }  # fmt: skip
    ((_, interval, candle),) = heard(K.CANDLES, {"e": "kline", "E": 1, "s": "BTCUSDT", "k": bar}, interval="1m")
    assert (interval, candle.closed, candle.turnover, candle.trades) == ("1m", True, 20, 3)
    assert (candle.taker_volume, candle.taker_turnover) == (4, 8)
    mark = {
        "e": "markPriceUpdate", "E": 1, "s": "BTCUSDT", "p": "5", "ap": "5.2", "i": "5.1", "P": "4.9", "r": "0.0001",
        "T": 7, "st": 1,
    }  # fmt: skip
    ((_, _, price),) = heard(K.MARK_PRICE, mark)
    assert (price.mark, price.average, price.index, price.settle) == (5, D("5.2"), D("5.1"), D("4.9"))
    assert (price.funding_rate, price.next_funding_ms) == (D("0.0001"), 7)


@pytest.mark.parametrize(
    ("kind", "whole", "field"),
    [(K.TRADES, TRADE, "p"), (K.MINI_TICKER, MINI, "c"), (K.LIQUIDATIONS, FORCED, "o")],
)
def test_a_missing_field_is_named_and_unknown_ones_are_passed_over(kind, whole, field):
    stream = "btcusdt@trade" if kind is K.TRADES else ""
    assert heard(kind, {**whole, "future": {"x": 1}}, stream=stream)
    with pytest.raises(MALFORMED, match=f"`{field}`"):
        heard(kind, {name: value for name, value in whole.items() if name != field}, stream=stream)
