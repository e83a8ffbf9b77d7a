"""COIN-M through the official SDK: everything it asks parses into its own models. Runs where the SDK is installed."""

import asyncio
import time
import warnings
from decimal import Decimal
from typing import Any

import pytest
from exchange_for_clients import key_of
from sdk_methods import reading_methods
from sdk_streams import hear_each

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    sdk = pytest.importorskip(
        "binance_sdk_derivatives_trading_coin_futures", reason="the official SDK is not installed"
    )
    from binance_common.configuration import (
        ConfigurationRestAPI,
        ConfigurationWebSocketAPI,
        ConfigurationWebSocketStreams,
    )
    from binance_sdk_derivatives_trading_coin_futures.derivatives_trading_coin_futures import (
        DerivativesTradingCoinFutures,
    )

pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.usefixtures("nothing_is_parsed_leniently")]

SYMBOL = "BTCUSD_PERP"
#: Arguments that reading methods need, whatever their name.
ARGUMENTS: dict[str, Any] = {
    "symbol": SYMBOL,
    "pair": "BTCUSD",
    "interval": "1m",
    "contract_type": "PERPETUAL",
    "period": "5m",
    "start_time": 1,
    "end_time": 2,
}
#: Methods that change something or need an order.
APART = (
    "auto_cancel", "cancel", "change", "close", "keepalive", "modify", "new_", "place", "query_current_open_order",
    "query_order", "send", "start", "get_download_id", "get_futures",
)  # fmt: skip


@pytest.fixture(scope="module")
def api(ready: dict[str, Any]) -> Any:
    key = key_of(ready)
    config = ConfigurationRestAPI(
        api_key=key["api_key"], api_secret=key["api_secret"], base_path=ready["coinm"]["rest"], timeout=10_000
    )
    return DerivativesTradingCoinFutures(config_rest_api=config).rest_api


def test_every_reading_method_parses(api: Any) -> None:
    asked = 0
    for name, method, arguments in reading_methods(api, APART, ARGUMENTS):
        method(**arguments | ({"symbol": SYMBOL} if name in ("account_trade_list", "all_orders") else {})).data()
        asked += 1
    assert asked > 35


def best(api: Any, symbol: str = SYMBOL) -> tuple[Decimal, Decimal]:
    book = api.order_book(symbol=symbol, limit=5).data()
    return Decimal(book.bids[0][0]), Decimal(book.asks[0][0])


def order(**more: Any) -> dict[str, Any]:
    return {"symbol": SYMBOL, "side": "BUY", "type": "LIMIT", "time_in_force": "GTC", "quantity": 2} | more


def code_of(act: Any) -> int:
    """The code with which a request was refused."""
    try:
        act()
    except Exception as error:  # noqa: BLE001 (the SDK has a class of its own for each status)
        return int(error.args[0] if isinstance(error.args[0], int) else error.args[0][0])
    raise AssertionError("the request was not refused")


def test_contracts(api: Any) -> None:
    symbols = {found.symbol: found for found in api.exchange_information().data().symbols}
    assert symbols[SYMBOL].contract_size == 100
    assert symbols["ETHUSD_PERP"].contract_size == 10
    assert {found.contract_type for found in symbols.values()} == {"PERPETUAL", "CURRENT_QUARTER", "NEXT_QUARTER"}
    balances = {row.asset: row.balance for row in api.futures_account_balance().data()}
    assert balances["BTC"] == "0.05000000"


def test_limit_orders_are_placed_changed_found_and_cancelled(api: Any) -> None:
    price = float(best(api)[0] - 2_000)
    made = api.new_order(**order(price=price, new_client_order_id="sdk-1")).data()
    assert (made.status, made.client_order_id, made.orig_qty, made.pair) == ("NEW", "sdk-1", "2", "BTCUSD")
    changed = api.modify_order(symbol=SYMBOL, side="BUY", order_id=made.order_id, quantity=3, price=price - 10).data()
    assert changed.orig_qty == "3"
    assert api.get_order_modify_history(symbol=SYMBOL).data()[0].amendment.orig_qty.after == "3"
    assert api.query_order(symbol=SYMBOL, orig_client_order_id="sdk-1").data().orig_qty == "3"
    assert api.query_current_open_order(symbol=SYMBOL, order_id=made.order_id).data().status == "NEW"
    assert [found.order_id for found in api.current_all_open_orders(pair="BTCUSD").data()] == [made.order_id]
    assert api.cancel_order(symbol=SYMBOL, order_id=made.order_id).data().status == "CANCELED"
    assert code_of(lambda: api.cancel_order(symbol=SYMBOL, order_id=made.order_id)) == -2011
    assert code_of(lambda: api.new_order(**order(price=price, quantity=0.5))) == -1111
    assert api.auto_cancel_all_open_orders(symbol=SYMBOL, countdown_time=0).data().countdown_time == "0"


def test_a_round_trip_is_settled_in_the_coin(api: Any) -> None:
    for tif in ("IOC", "FOK"):
        price = float(best(api)[1] + 200)
        made = api.new_order(**order(time_in_force=tif, price=price, new_order_resp_type="RESULT")).data()
        assert made.status == "FILLED"
    held = next(row for row in api.position_information(pair="BTCUSD").data() if row.symbol == SYMBOL)
    assert held.position_amt == "4"
    assert api.position_adl_quantile_estimation(symbol=SYMBOL).data()[0].symbol == SYMBOL
    closing = {"symbol": SYMBOL, "side": "SELL", "type": "MARKET", "reduce_only": "true"}
    api.new_order(**closing, quantity=50)
    assert code_of(lambda: api.new_order(**closing, quantity=1)) == -2022
    trades = api.account_trade_list(symbol=SYMBOL).data()
    assert {trade.commission_asset for trade in trades} == {"BTC"}
    incomes = api.get_income_history().data()
    assert "COMMISSION" in {row.income_type for row in incomes}
    moved = sum(Decimal(row.income) for row in incomes if row.asset == "BTC")
    wallet = next(row for row in api.futures_account_balance().data() if row.asset == "BTC")
    assert Decimal(wallet.balance) == Decimal("0.05") + moved
    past = api.all_orders(pair="BTCUSD").data()
    assert Decimal(past[-1].cum_base) > 0
    assert code_of(lambda: api.new_order(**order(time_in_force="GTX", price=float(best(api)[1] + 100)))) == -5022


def test_batches_and_old_conditional_types(api: Any) -> None:
    price = float(best(api)[0] - 2_000)
    items = [
        {"symbol": SYMBOL, "side": "BUY", "type": kind, "timeInForce": "GTC", "quantity": 1, "price": price}
        for kind in ("LIMIT", "STOP", "LIMIT")
    ]
    placed = api.place_multiple_orders(batch_orders=items).data()
    assert [item.code if getattr(item, "code", None) else item.status for item in placed] == ["NEW", -4120, "NEW"]
    ids = [placed[0].order_id, placed[2].order_id]
    changes = [
        {"orderId": order_id, "symbol": SYMBOL, "side": "BUY", "quantity": 2, "price": price} for order_id in ids
    ]
    assert [item.orig_qty for item in api.modify_multiple_orders(batch_orders=changes).data()] == ["2", "2"]
    gone = api.cancel_multiple_orders(symbol=SYMBOL, order_id_list=ids).data()
    assert [item.status for item in gone] == ["CANCELED", "CANCELED"]
    assert code_of(lambda: api.new_order(symbol=SYMBOL, side="SELL", type="STOP_MARKET", stop_price=1.0)) == -4120


def test_settings_and_isolated_margin(api: Any) -> None:
    eth = "ETHUSD_PERP"
    assert api.change_initial_leverage(symbol=eth, leverage=7).data().leverage == 7
    assert api.change_margin_type(symbol=eth, margin_type="ISOLATED").data().code == 200
    assert code_of(lambda: api.modify_isolated_position_margin(symbol=eth, amount=0.01, type="1")) == -4054
    api.new_order(symbol=eth, side="BUY", type="MARKET", quantity=20)
    assert api.modify_isolated_position_margin(symbol=eth, amount=0.01, type="1").data().type == 1
    assert api.get_position_margin_change_history(symbol=eth).data()[0].amount == "0.01000000"
    assert code_of(lambda: api.modify_isolated_position_margin(symbol=eth, amount=50, type="1")) == -4050
    assert code_of(lambda: api.modify_isolated_position_margin(symbol=eth, amount=5, type="2")) == -4051
    held = next(row for row in api.position_information(margin_asset="ETH").data() if row.symbol == eth)
    assert 0 < Decimal(held.liquidation_price) < Decimal(held.mark_price)
    api.new_order(symbol=eth, side="SELL", type="MARKET", quantity=20)
    assert api.change_margin_type(symbol=eth, margin_type="CROSSED").data().code == 200


def test_histories_come_as_files(api: Any) -> None:
    now = int(time.time() * 1000)
    asked = api.get_download_id_for_futures_transaction_history(start_time=now - 86_400_000, end_time=now + 1).data()
    found = api.get_futures_transaction_history_download_link_by_id(download_id=asked.download_id).data()
    assert (found.status, found.url.startswith("http")) == ("completed", True)


@pytest.mark.parametrize("mode", ["OPPONENT", "OPPONENT_5", "QUEUE", "QUEUE_20"])
def test_price_match(api: Any, mode: str) -> None:
    made = api.new_order(**order(price_match=mode, quantity=1)).data()
    assert abs(Decimal(made.price) - best(api)[0]) < 300
    api.cancel_all_open_orders(symbol=SYMBOL)
    held = next(row for row in api.position_information(pair="BTCUSD").data() if row.symbol == SYMBOL)
    if float(held.position_amt):
        api.new_order(symbol=SYMBOL, side="SELL", type="MARKET", quantity=float(held.position_amt))


def test_dated_contracts_trade(api: Any) -> None:
    symbols = [found.symbol for found in api.exchange_information().data().symbols]
    dated = next(symbol for symbol in symbols if symbol.startswith("BTCUSD_2"))
    (mark,) = api.index_price_and_mark_price(symbol=dated).data()
    assert (mark.last_funding_rate, mark.next_funding_time) == ("", 0)
    assert best(api, dated)[0] > best(api)[1]
    for side in ("BUY", "SELL"):
        made = api.new_order(symbol=dated, side=side, type="MARKET", quantity=1, new_order_resp_type="RESULT").data()
        assert made.status == "FILLED"


async def test_the_websocket_api(ready: dict[str, Any], api: Any) -> None:
    key = key_of(ready)
    config = ConfigurationWebSocketAPI(
        api_key=key["api_key"], api_secret=key["api_secret"], stream_url=ready["coinm"]["ws_api"]
    )
    connection = await DerivativesTradingCoinFutures(config_ws_api=config).websocket_api.create_connection()
    try:
        price = float(best(api)[0] - 2_000)
        made = (await connection.new_order(**order(price=price))).data()
        assert made.result.status == "NEW"
        asked = {"symbol": SYMBOL, "order_id": made.result.order_id}
        changed = (await connection.modify_order(**asked, side="BUY", quantity=3, price=price)).data()
        assert changed.result.orig_qty == "3"
        assert (await connection.query_order(**asked)).data().result.status == "NEW"
        assert (await connection.cancel_order(**asked)).data().result.status == "CANCELED"
        for ask in ("account_information", "futures_account_balance", "position_information"):
            assert (await getattr(connection, ask)()).data().status == 200
        assert (await connection.start_user_data_stream()).data().result.listen_key
    finally:
        await connection.close_connection(close_session=True)


async def test_streams_parse_into_strict_models(ready: dict[str, Any]) -> None:
    config = ConfigurationWebSocketStreams(stream_url=ready["coinm"]["ws"])
    connection = await DerivativesTradingCoinFutures(config_ws_streams=config).websocket_streams.create_connection()
    symbol = "btcusd_perp"
    try:
        subscriptions = {
            "aggregate": connection.aggregate_trade_streams(symbol=symbol),
            "mark": connection.mark_price_stream(symbol=symbol, update_speed="1s"),
            "marks": connection.mark_price_of_all_symbols_of_a_pair(pair="btcusd", update_speed="1s"),
            "index": connection.index_price_stream(pair="btcusd", update_speed="1s"),
            "candle": connection.kline_candlestick_streams(symbol=symbol, interval="1m"),
            "index candle": connection.index_kline_candlestick_streams(pair="btcusd", interval="1m"),
            "mark candle": connection.mark_price_kline_candlestick_streams(symbol=symbol, interval="1m"),
            "continuous": connection.continuous_contract_kline_candlestick_streams(
                pair="btcusd", contract_type="next_quarter", interval="1m"
            ),
            "mini": connection.individual_symbol_mini_ticker_stream(symbol=symbol),
            "minis": connection.all_market_mini_tickers_stream(),
            "ticker": connection.individual_symbol_ticker_streams(symbol=symbol),
            "tickers": connection.all_market_tickers_streams(),
            "best": connection.individual_symbol_book_ticker_streams(symbol=symbol),
            "bests": connection.all_book_tickers_stream(),
            "partial": connection.partial_book_depth_streams(symbol=symbol, levels=5, update_speed="100ms"),
            "depth": connection.diff_book_depth_streams(symbol=symbol, update_speed="100ms"),
        }
        heard = await hear_each(subscriptions, at_once=4)
        assert [name for name, message in heard.items() if isinstance(message, dict)] == []
    finally:
        await connection.close_connection(close_session=True)


async def test_user_data(ready: dict[str, Any], api: Any) -> None:
    config = ConfigurationWebSocketStreams(stream_url=ready["coinm"]["ws"])
    connection = await DerivativesTradingCoinFutures(config_ws_streams=config).websocket_streams.create_connection()
    heard: list[Any] = []
    try:
        key = api.start_user_data_stream().data().listen_key
        (await connection.user_data(key)).on("message", heard.append)
        await asyncio.to_thread(
            lambda: [api.new_order(symbol=SYMBOL, side=side, type="MARKET", quantity=1) for side in ("BUY", "SELL")]
        )
        for _ in range(100):
            if len(heard) >= 6:
                break
            await asyncio.sleep(0.05)
        names = [type(getattr(event, "actual_instance", event)).__name__ for event in heard]
        assert {"OrderTradeUpdate", "AccountUpdate"} <= set(names)
        assert "TradeLite" not in names
    finally:
        await connection.close_connection(close_session=True)
