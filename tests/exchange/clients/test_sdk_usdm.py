"""USD-M through the official SDK: everything it asks parses into its own models. Runs where the SDK is installed."""

import asyncio
import json
import time
import warnings
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from exchange_for_clients import key_of
from sdk_methods import reading_methods
from sdk_streams import hear_each

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    sdk = pytest.importorskip(
        "binance_sdk_derivatives_trading_usds_futures", reason="the official SDK is not installed"
    )
    from binance_common.configuration import (
        ConfigurationRestAPI,
        ConfigurationWebSocketAPI,
        ConfigurationWebSocketStreams,
    )
    from binance_sdk_derivatives_trading_usds_futures.derivatives_trading_usds_futures import (
        DerivativesTradingUsdsFutures,
    )

pytestmark = [
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.timeout(60),
    pytest.mark.usefixtures("nothing_is_parsed_leniently"),
]

#: Arguments that reading methods need, whatever their name.
ARGUMENTS: dict[str, Any] = {
    "symbol": "BTCUSDT",
    "pair": "BTCUSDT",
    "interval": "1m",
    "contract_type": "PERPETUAL",
    "period": "5m",
    "start_time": 1,
    "end_time": 2,
}
#: Methods that change something, need an order, or belong to other products than futures trading.
APART = (
    "accept", "auto_cancel", "cancel", "change", "classic", "close", "futures_tradfi",
    "get_download_id", "get_futures", "keepalive", "list_all",
    "modify", "new_", "order_status", "place", "query_algo_order", "query_current_open_order", "query_order", "send",
    "start", "test_order", "toggle",
)  # fmt: skip


@pytest.fixture(scope="module")
def api(ready: dict[str, Any]) -> Any:
    key = key_of(ready)
    config = ConfigurationRestAPI(
        api_key=key["api_key"], api_secret=key["api_secret"], base_path=ready["usdm"]["rest"], timeout=10_000
    )
    return DerivativesTradingUsdsFutures(config_rest_api=config).rest_api


def test_every_reading_method_parses(api: Any) -> None:
    asked = 0
    for _, method, arguments in reading_methods(api, APART, ARGUMENTS):
        method(**arguments).data()
        asked += 1
    assert asked > 50


def best(api: Any) -> tuple[Decimal, Decimal]:
    book = api.order_book(symbol="BTCUSDT", limit=5).data()
    return Decimal(book.bids[0][0]), Decimal(book.asks[0][0])


def code_of(act: Callable[[], Any]) -> int:
    """The code with which a request was refused."""
    try:
        act()
    except Exception as error:  # noqa: BLE001 (the SDK has a class of its own for each status)
        return int(error.args[0] if isinstance(error.args[0], int) else error.args[0][0])
    raise AssertionError("the request was not refused")


def order(**more: Any) -> dict[str, Any]:
    return {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "time_in_force": "GTC", "quantity": 0.01} | more


def until(condition: Callable[[], Any]) -> Any:
    """What the condition says as soon as it says something."""
    for _ in range(200):
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError("it never happened")


def test_limit_orders_are_placed_changed_found_and_cancelled(api: Any) -> None:
    price = float(best(api)[0] - 2_000)
    made = api.new_order(**order(price=price, new_client_order_id="sdk-1")).data()
    assert (made.status, made.client_order_id, made.orig_qty) == ("NEW", "sdk-1", "0.010")
    changed = api.modify_order(
        symbol="BTCUSDT", side="BUY", order_id=made.order_id, quantity=0.02, price=price - 10, modify_id=5
    ).data()
    assert (changed.orig_qty, changed.modify_id) == ("0.020", 5)
    history = api.get_order_modify_history(symbol="BTCUSDT").data()
    assert history[0].amendment.orig_qty.after == "0.020"
    assert api.query_order(symbol="BTCUSDT", orig_client_order_id="sdk-1").data().orig_qty == "0.020"
    assert api.query_current_open_order(symbol="BTCUSDT", order_id=made.order_id).data().status == "NEW"
    assert [found.order_id for found in api.current_all_open_orders().data()] == [made.order_id]
    assert api.cancel_order(symbol="BTCUSDT", order_id=made.order_id).data().status == "CANCELED"
    assert code_of(lambda: api.cancel_order(symbol="BTCUSDT", order_id=made.order_id)) == -2011
    assert api.test_order(**order(price=price)).data().symbol == "BTCUSDT"


@pytest.mark.parametrize("tif", ["GTC", "GTX", "GTD"])
def test_resting_times_in_force(api: Any, tif: str) -> None:
    more = {"good_till_date": int(time.time() * 1000) + 3_600_000} if tif == "GTD" else {}
    made = api.new_order(**order(time_in_force=tif, price=float(best(api)[0] - 2_000), **more)).data()
    assert (made.time_in_force, made.status) == (tif, "NEW")
    assert bool(made.good_till_date) == (tif == "GTD")
    assert api.cancel_all_open_orders(symbol="BTCUSDT").data().code == 200


def test_taking_orders_fill_and_close(api: Any) -> None:
    for tif in ("IOC", "FOK"):
        price = float(best(api)[1] + 200)
        made = api.new_order(**order(time_in_force=tif, price=price, new_order_resp_type="RESULT")).data()
        assert made.status == "FILLED"
    bought = api.new_order(
        symbol="BTCUSDT", side="BUY", type="MARKET", quantity=0.01, new_order_resp_type="RESULT"
    ).data()
    assert (bought.status, bought.executed_qty) == ("FILLED", "0.010")
    (held,) = api.position_information_v3(symbol="BTCUSDT").data()
    assert held.position_amt == "0.030"
    closing = {"symbol": "BTCUSDT", "side": "SELL", "type": "MARKET", "reduce_only": "true"}
    api.new_order(**closing, quantity=0.5)
    assert api.position_information_v3(symbol="BTCUSDT").data() == []
    assert code_of(lambda: api.new_order(**closing, quantity=0.5)) == -2022
    trades = api.account_trade_list(symbol="BTCUSDT").data()
    assert sum(Decimal(trade.qty) for trade in trades if trade.buyer) == Decimal("0.03")
    kinds = {row.income_type for row in api.get_income_history().data()}
    assert {"COMMISSION", "REALIZED_PNL"} <= kinds
    assert code_of(lambda: api.new_order(**order(time_in_force="GTX", price=float(best(api)[1] + 100)))) == -5022


@pytest.mark.parametrize("mode", ["OPPONENT", "OPPONENT_5", "QUEUE", "QUEUE_5", "QUEUE_10", "QUEUE_20"])
def test_price_match(api: Any, mode: str) -> None:
    made = api.new_order(**order(price_match=mode)).data()
    assert made.price_match == mode
    assert abs(Decimal(made.price) - best(api)[0]) < 300
    api.cancel_all_open_orders(symbol="BTCUSDT")
    for held in api.position_information_v3(symbol="BTCUSDT").data():
        api.new_order(symbol="BTCUSDT", side="SELL", type="MARKET", quantity=float(held.position_amt))


def test_batches(api: Any) -> None:
    price = float(best(api)[0] - 2_000)
    items = [
        {"symbol": "BTCUSDT", "side": "BUY", "type": kind, "timeInForce": "GTC", "quantity": 0.01, "price": price}
        for kind in ("LIMIT", "STOP", "LIMIT")
    ]
    placed = api.place_multiple_orders(batch_orders=items).data()
    assert [item.code if getattr(item, "code", None) else item.status for item in placed] == ["NEW", -4120, "NEW"]
    ids = [placed[0].order_id, placed[2].order_id]
    changes = [
        {"orderId": order_id, "symbol": "BTCUSDT", "side": "BUY", "quantity": 0.02, "price": price} for order_id in ids
    ]
    assert [item.orig_qty for item in api.modify_multiple_orders(batch_orders=changes).data()] == ["0.020", "0.020"]
    gone = api.cancel_multiple_orders(symbol="BTCUSDT", order_id_list=ids).data()
    assert [item.status for item in gone] == ["CANCELED", "CANCELED"]


STOP = {"algo_type": "CONDITIONAL", "symbol": "BTCUSDT", "quantity": 0.01}


def test_conditional_orders_are_placed_found_and_cancelled(api: Any) -> None:
    bid, ask = best(api)
    kinds = [
        {"type": "STOP", "side": "SELL", "trigger_price": float(bid - 500), "price": float(bid - 510)},
        {"type": "STOP_MARKET", "side": "SELL", "trigger_price": float(bid - 500), "working_type": "MARK_PRICE"},
        {"type": "TAKE_PROFIT", "side": "SELL", "trigger_price": float(ask + 500), "price": float(ask + 490)},
        {"type": "TAKE_PROFIT_MARKET", "side": "SELL", "trigger_price": float(ask + 500), "price_protect": "true"},
        {"type": "TRAILING_STOP_MARKET", "side": "SELL", "callback_rate": 20, "activate_price": float(ask + 500)},
    ]
    made = [api.new_algo_order(**STOP, **kind).data() for kind in kinds]
    assert [item.algo_status for item in made] == ["NEW"] * 5
    assert [item.order_type for item in made] == [kind["type"] for kind in kinds]
    assert len(api.current_all_algo_open_orders().data()) == 5
    assert api.cancel_algo_order(algo_id=made[0].algo_id).data().code == "200"
    assert api.cancel_all_algo_open_orders(symbol="BTCUSDT").data().code == 200
    assert len(api.query_all_algo_orders(symbol="BTCUSDT").data()) >= 5


#: A symbol whose price a few thousand dollars move.
THIN = "LTCUSDT"


def push(api: Any, side: str, quantity: float = 1_500) -> None:
    """Trade through the book, so that the last price moves by more than a tenth of a percent."""
    api.new_order(symbol=THIN, side=side, type="MARKET", quantity=quantity)


def go_flat(api: Any) -> None:
    for held in api.position_information_v3(symbol=THIN).data():
        amount = float(held.position_amt)
        push(api, "SELL" if amount > 0 else "BUY", abs(amount))


@pytest.mark.parametrize(("kind", "side", "offset", "more"), [
    ("STOP_MARKET", "BUY", 0.05, {}),
    ("STOP", "BUY", 0.05, {"price": 2}),
    ("TAKE_PROFIT_MARKET", "SELL", 0.05, {}),
    ("TAKE_PROFIT", "SELL", 0.05, {"price": -2}),
    ("STOP_MARKET", "SELL", -0.05, {}),
    ("TRAILING_STOP_MARKET", "BUY", 0, {"callback_rate": 0.1}),
])  # fmt: skip
def test_conditional_orders_trigger_and_fill(
    api: Any, kind: str, side: str, offset: float, more: dict[str, float]
) -> None:
    book = api.order_book(symbol=THIN, limit=5).data()
    bid, ask = float(book.bids[0][0]), float(book.asks[0][0])
    wanted = {name: round(ask + value, 2) if name == "price" else value for name, value in more.items()}
    if offset:
        wanted["trigger_price"] = round((ask if offset > 0 else bid) + offset, 2)
    name = f"sdk-{kind}-{side}"
    stop = STOP | {"symbol": THIN, "quantity": 1}
    made = api.new_algo_order(**stop, type=kind, side=side, client_algo_id=name, **wanted).data()
    push(api, "BUY" if offset >= 0 else "SELL")
    done = until(lambda: finished(api, made.algo_id))
    child = api.query_order(symbol=THIN, order_id=int(done.actual_order_id)).data()
    assert (child.client_order_id, child.status) == (name, "FILLED")
    go_flat(api)


def test_close_position_closes_all_of_it(api: Any) -> None:
    push(api, "BUY", 2_000)
    (held,) = (row for row in api.position_information_v3(symbol=THIN).data() if float(row.position_amt))
    bid = float(api.order_book(symbol=THIN, limit=5).data().bids[0][0])
    closing = api.new_algo_order(algo_type="CONDITIONAL", symbol=THIN, type="STOP_MARKET", side="SELL",
                                 close_position="true", trigger_price=round(bid - 0.05, 2)).data()  # fmt: skip
    push(api, "SELL", round(float(held.position_amt) * 0.75))
    until(lambda: finished(api, closing.algo_id))
    assert not [row for row in api.position_information_v3(symbol=THIN).data() if float(row.position_amt)]


def test_histories_come_as_files(api: Any) -> None:
    now = int(time.time() * 1000)
    asked = api.get_download_id_for_futures_transaction_history(start_time=now - 86_400_000, end_time=now + 1).data()
    found = api.get_futures_transaction_history_download_link_by_id(download_id=asked.download_id).data()
    assert (found.status, found.url.startswith("http")) == ("completed", True)


def finished(api: Any, algo_id: int) -> Any:
    found = api.query_algo_order(algo_id=algo_id).data()
    assert found.algo_status != "REJECTED"
    return found if found.algo_status == "FINISHED" else None


def test_settings(api: Any) -> None:
    assert api.change_initial_leverage(symbol="ETHUSDT", leverage=7).data().leverage == 7
    assert api.change_margin_type(symbol="ETHUSDT", margin_type="ISOLATED").data().code == 200
    api.new_order(symbol="ETHUSDT", side="BUY", type="MARKET", quantity=0.1)
    assert api.modify_isolated_position_margin(symbol="ETHUSDT", amount=5, type="1").data().type == 1
    assert api.get_position_margin_change_history(symbol="ETHUSDT").data()[0].amount == "5.00000000"
    assert "ETHUSDT" in {row.symbol for row in api.position_adl_quantile_estimation().data()}
    api.new_order(symbol="ETHUSDT", side="SELL", type="MARKET", quantity=0.1)
    assert api.change_margin_type(symbol="ETHUSDT", margin_type="CROSSED").data().code == 200
    assert api.toggle_bnb_burn_on_futures_trade(fee_burn="true").data().code == 200
    assert api.get_bnb_burn_status().data().fee_burn is True
    assert api.change_multi_assets_mode(multi_assets_margin="true").data().code == 200
    assert code_of(lambda: api.change_margin_type(symbol="ETHUSDT", margin_type="ISOLATED")) == -4168
    assert api.change_multi_assets_mode(multi_assets_margin="false").data().code == 200
    assert api.auto_cancel_all_open_orders(symbol="BTCUSDT", countdown_time=0).data().countdown_time == "0"
    assert code_of(api.futures_tradfi_perps_contract) == -4084


def test_hedge_mode(api: Any) -> None:
    assert api.change_position_mode(dual_side_position="true").data().code == 200
    try:
        for side, position_side in (("BUY", "LONG"), ("SELL", "SHORT")):
            api.new_order(symbol="BTCUSDT", side=side, type="MARKET", quantity=0.01, position_side=position_side)
        held = api.position_information_v3(symbol="BTCUSDT").data()
        assert [(row.position_side, row.position_amt) for row in held] == [("LONG", "0.010"), ("SHORT", "-0.010")]
        assert code_of(lambda: api.new_order(symbol="BTCUSDT", side="BUY", type="MARKET", quantity=0.01)) == -4061
        for side, position_side in (("SELL", "LONG"), ("BUY", "SHORT")):
            api.new_order(symbol="BTCUSDT", side=side, type="MARKET", quantity=0.01, position_side=position_side)
    finally:
        assert api.change_position_mode(dual_side_position="false").data().code == 200


async def test_the_websocket_api(ready: dict[str, Any], api: Any) -> None:
    key = key_of(ready)
    config = ConfigurationWebSocketAPI(
        api_key=key["api_key"], api_secret=key["api_secret"], stream_url=ready["usdm"]["ws_api"]
    )
    socket = DerivativesTradingUsdsFutures(config_ws_api=config).websocket_api
    connection = await socket.create_connection()
    try:
        price = float(best(api)[0] - 2_000)
        made = (await connection.new_order(**order(price=price))).data()
        assert made.result.status == "NEW"
        change = {"symbol": "BTCUSDT", "side": "BUY", "quantity": 0.02, "price": price}
        changed = (await connection.modify_order(**change, order_id=made.result.order_id)).data()
        assert changed.result.orig_qty == "0.020"
        found = (await connection.query_order(symbol="BTCUSDT", order_id=made.result.order_id)).data()
        assert found.result.status == "NEW"
        gone = (await connection.cancel_order(symbol="BTCUSDT", order_id=made.result.order_id)).data()
        assert gone.result.status == "CANCELED"
        algo = {"algo_type": "CONDITIONAL", "symbol": "BTCUSDT", "side": "BUY", "type": "STOP_MARKET"}
        stop = (await connection.new_algo_order(**algo, quantity=0.01, trigger_price=price + 4_000)).data()
        assert stop.result.algo_status == "NEW"
        assert (await connection.cancel_algo_order(algo_id=stop.result.algo_id)).data().result.code == "200"
        for ask in ("account_information", "account_information_v2", "futures_account_balance",
                    "futures_account_balance_v2", "position_information", "position_information_v2",
                    "symbol_price_ticker", "symbol_order_book_ticker"):  # fmt: skip
            parsed = (await getattr(connection, ask)()).data()
            assert getattr(parsed, "actual_instance", parsed).status == 200
        assert (await connection.order_book(symbol="BTCUSDT")).data().result.last_update_id
        assert (await connection.start_user_data_stream()).data().result.listen_key
    finally:
        await connection.close_connection(close_session=True)


async def test_streams_parse_into_strict_models(ready: dict[str, Any], api: Any) -> None:
    config = ConfigurationWebSocketStreams(stream_url=ready["usdm"]["ws"])
    streams = DerivativesTradingUsdsFutures(config_ws_streams=config).websocket_streams
    connection = await streams.create_connection()
    try:
        subscriptions = {
            "aggregate": connection.aggregate_trade_streams(symbol="btcusdt"),
            "mark": connection.mark_price_stream(symbol="btcusdt", update_speed="1s"),
            "marks": connection.mark_price_stream_for_all_market(update_speed="1s"),
            "candle": connection.kline_candlestick_streams(symbol="btcusdt", interval="1m"),
            "continuous": connection.continuous_contract_kline_candlestick_streams(
                pair="btcusdt", contract_type="perpetual", interval="1m"
            ),
            "mini": connection.individual_symbol_mini_ticker_stream(symbol="btcusdt"),
            "minis": connection.all_market_mini_tickers_stream(),
            "ticker": connection.individual_symbol_ticker_streams(symbol="btcusdt"),
            "tickers": connection.all_market_tickers_streams(),
            "best": connection.individual_symbol_book_ticker_streams(symbol="btcusdt"),
            "bests": connection.all_book_tickers_stream(),
            "partial": connection.partial_book_depth_streams(symbol="btcusdt", levels=5, update_speed="100ms"),
            "depth": connection.diff_book_depth_streams(symbol="btcusdt", update_speed="100ms"),
            "rpi": connection.rpi_diff_book_depth_streams(symbol="btcusdt"),
            "assets": connection.asset_index(),
        }
        heard = await hear_each(subscriptions, at_once=4)
        assert [name for name, message in heard.items() if isinstance(message, dict)] == []
    finally:
        await connection.close_connection(close_session=True)


async def test_user_data(ready: dict[str, Any], api: Any) -> None:
    config = ConfigurationWebSocketStreams(stream_url=ready["usdm"]["ws"])
    streams = DerivativesTradingUsdsFutures(config_ws_streams=config).websocket_streams
    connection = await streams.create_connection()
    heard: list[Any] = []
    try:
        key = (await asyncio.to_thread(api.start_user_data_stream)).data().listen_key
        stream = await connection.user_data(key)
        stream.on("message", heard.append)
        await asyncio.to_thread(lambda: api.new_order(symbol="BTCUSDT", side="BUY", type="MARKET", quantity=0.01))
        await asyncio.to_thread(lambda: api.new_order(symbol="BTCUSDT", side="SELL", type="MARKET", quantity=0.01))
        await asyncio.to_thread(lambda: api.new_algo_order(
            algo_type="CONDITIONAL", symbol="BTCUSDT", side="BUY", type="STOP_MARKET", quantity=0.01,
            trigger_price=float(best(api)[1] + 2_000)))  # fmt: skip
        await asyncio.to_thread(lambda: api.change_initial_leverage(symbol="BTCUSDT", leverage=11))
        for _ in range(100):
            if any("AccountConfig" in type(getattr(message, "actual_instance", message)).__name__ for message in heard):
                break
            await asyncio.sleep(0.05)
        names = {type(getattr(message, "actual_instance", message)).__name__ for message in heard}
        assert {"OrderTradeUpdate", "TradeLite", "AccountUpdate", "AlgoUpdate", "AccountConfigUpdate"} <= names
        assert json.dumps(sorted(names))
    finally:
        await connection.close_connection(close_session=True)
        await asyncio.to_thread(lambda: api.cancel_all_algo_open_orders(symbol="BTCUSDT"))
