"""All that Binance's own spot SDK can ask or hear: every method and every stream parses into its own models.

Runs where `binance-sdk-spot` is installed.
"""

import asyncio
from decimal import Decimal
from typing import Any

import pytest
from exchange_for_clients import key_of
from sdk_methods import reading_methods
from sdk_streams import hear_each

spot_sdk = pytest.importorskip("binance_sdk_spot.spot", reason="binance-sdk-spot is not installed")
configuration = pytest.importorskip("binance_common.configuration")
send_request = pytest.importorskip("binance_common.utils").send_request

pytestmark = [
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.timeout(60),
    pytest.mark.usefixtures("nothing_is_parsed_leniently"),
]

SYMBOL = "BTCUSDT"
#: Arguments that methods need, whatever their name.
ARGUMENTS: dict[str, Any] = {
    "symbol": SYMBOL, "interval": "1m", "from_id": 1, "side": "BUY", "type": "MARKET", "quantity": 0.001,
    "order_id": 1, "subscription_id": 0,
}  # fmt: skip
#: Methods that need an order or a list of somebody's, tried in tests of their own.
APART = (
    "send", "new_order", "delete", "order_amend", "order_cancel", "order_list", "order_oco", "get_order", "close",
    "order_amendments", "my_prevented", "order_status", "order_place", "order_test", "open_orders_cancel", "session",
    "user_data", "create_connection", "connect", "ping_server", "on", "subscribe", "unsubscribe", "list_subscribe",
)  # fmt: skip
#: One of several arguments has to be sent, which the SDK leaves to its users.
ONE_OF = {"ticker": {"symbol": SYMBOL}, "ticker_trading_day": {"symbol": SYMBOL}}


def client(ready: dict[str, Any], kind: str = "HMAC") -> Any:
    key, spot = key_of(ready, kind), ready["spot"]
    secret = {name: key[name] for name in ("api_secret", "private_key") if name in key}
    return spot_sdk.Spot(
        config_rest_api=configuration.ConfigurationRestAPI(
            base_path=spot["rest"], api_key=key["api_key"], timeout=5000, **secret
        ),
        config_ws_api=configuration.ConfigurationWebSocketAPI(
            stream_url=spot["ws_api"], api_key=key["api_key"], **secret
        ),
        config_ws_streams=configuration.ConfigurationWebSocketStreams(stream_url=spot["ws"]),
    )


def methods(api: Any) -> list[tuple[str, Any, dict[str, Any]]]:
    """Name, method and the arguments it needs."""
    return [
        (name, method, arguments | ONE_OF.get(name, {}))
        for name, method, arguments in reading_methods(api, APART, ARGUMENTS)
    ]


@pytest.mark.parametrize("kind", ["HMAC", "RSA", "ED25519"])
def test_every_rest_method_parses(ready: dict[str, Any], kind: str) -> None:
    found = methods(client(ready, kind).rest_api)
    for name, method, arguments in found:
        parsed = method(**arguments).data()
        assert not isinstance(parsed, dict) or parsed == {}, name
    assert len(found) > 30


async def test_every_call_parses(ready: dict[str, Any]) -> None:
    connection = await client(ready, "ED25519").websocket_api.create_connection()
    try:
        await connection.session_logon()
        found = methods(connection)
        for name, method, arguments in found:
            parsed = (await method(**arguments)).data()
            assert not isinstance(parsed, dict), name
        assert len(found) > 30
        for name in ("session_status", "session_subscriptions", "session_logout"):
            assert (await getattr(connection, name)()).data().status == 200
    finally:
        await connection.close_connection(close_session=True)


async def test_every_stream_parses(ready: dict[str, Any]) -> None:
    spot = client(ready)
    connection = await spot.websocket_streams.create_connection()
    symbol = SYMBOL.lower()
    subscriptions = {
        "aggregate": connection.agg_trade(symbol=symbol),
        "trade": connection.trade(symbol=symbol),
        "windows": connection.all_market_rolling_window_ticker(window_size="1h"),
        "window": connection.rolling_window_ticker(symbol=symbol, window_size="4h"),
        "minis": connection.all_mini_ticker(),
        "mini": connection.mini_ticker(symbol=symbol),
        "ticker": connection.ticker(symbol=symbol),
        "average": connection.avg_price(symbol=symbol),
        "reference": connection.reference_price(symbol=symbol),
        "best": connection.book_ticker(symbol=symbol),
        "depth": connection.diff_book_depth(symbol=symbol, update_speed="100ms"),
        "partial": connection.partial_book_depth(symbol=symbol, levels="5", update_speed="100ms"),
        "candle": connection.kline(symbol=symbol, interval="1m"),
        "zoned": connection.kline_offset(symbol=symbol, interval="1d"),
    }
    try:
        heard = await hear_each(subscriptions, at_once=2)
        # Blocks are rare: only that they may be asked for is tried here.
        await connection.block_trade(symbol=symbol)
        assert [name for name, message in heard.items() if isinstance(message, dict)] == []
    finally:
        await connection.close_connection(close_session=True)


async def test_two_subscriptions_and_both_ways_to_begin_one(ready: dict[str, Any]) -> None:
    connection = await client(ready).websocket_api.create_connection()
    try:
        subscribed = await connection.user_data_stream_subscribe_signature()
        heard: asyncio.Queue[Any] = asyncio.Queue()
        subscribed.stream.on("message", heard.put_nowait)
        order = {"symbol": SYMBOL, "side": "BUY", "type": "MARKET", "quantity": 0.001}
        placed = (await connection.order_place(**order)).data()
        event = (await asyncio.wait_for(heard.get(), 5)).actual_instance
        assert event.i == placed.result.order_id
        assert (await connection.user_data_stream_unsubscribe(subscription_id=0)).data().status == 200
    finally:
        await connection.close_connection(close_session=True)


def test_routed_orders_and_reference_prices(ready: dict[str, Any]) -> None:
    rest = client(ready).rest_api
    made = rest.sor_order(SYMBOL, "BUY", "MARKET", 0.5).data()
    assert (made.status, made.used_sor, made.working_floor) == ("FILLED", True, "SOR")
    assert {fill.match_type for fill in made.fills} == {"ONE_PARTY_TRADE_REPORT"}
    taken = sum(Decimal(row.qty) for row in rest.my_allocations(SYMBOL, order_id=made.order_id).data())
    assert taken == Decimal("0.5")
    rest.new_order(SYMBOL, "SELL", "MARKET", quantity=0.4)
    (rule,) = rest.execution_rules(symbol=SYMBOL).data().symbol_rules[0].rules
    assert rule.rule_type == "PRICE_RANGE"
    now = rest.reference_price(SYMBOL).data()
    assert abs(Decimal(now.reference_price) / Decimal(rest.avg_price(SYMBOL).data().price) - 1) < Decimal("0.01")
    assert rest.reference_price_calculation(SYMBOL).data().calculation_type == "ARITHMETIC_MEAN"
    assert rest.historical_block_trades(SYMBOL, 1).data()[0].quote_qty


def test_commission_in_bnb_is_cheaper(ready: dict[str, Any]) -> None:
    rest = client(ready).rest_api
    burn = ("POST", "/sapi/v1/bnbBurn", {"spotBNBBurn": "true"})
    send_request(rest._session, rest.configuration, *burn, is_signed=True, signer=rest._signer)
    made = rest.new_order(SYMBOL, "BUY", "MARKET", quantity=0.01).data()
    assert {fill.commission_asset for fill in made.fills} == {"BNB"}
    price = Decimal(rest.ticker_price(symbol="BNBUSDT").data().actual_instance.price)
    paid = sum(Decimal(fill.commission) for fill in made.fills) * price
    assert abs(paid / (Decimal(made.cummulative_quote_qty) * Decimal("0.00075")) - 1) < Decimal("0.01")
