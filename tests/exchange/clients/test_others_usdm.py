"""USD-M through python-binance and ccxt, with nothing changed but their addresses. Runs where they are installed."""

import asyncio
import time
import warnings
from typing import Any

import pytest
from exchange_for_clients import key_of

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    ccxt = pytest.importorskip("ccxt", reason="ccxt is not installed")
    binance = pytest.importorskip("binance", reason="python-binance is not installed")
    from binance.ws.depthcache import FuturesDepthCacheManager

pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.timeout(60)]


@pytest.fixture(scope="module")
def client(ready: dict[str, Any]) -> Any:
    key = key_of(ready)
    made = binance.Client(key["api_key"], key["api_secret"], ping=False)
    made.FUTURES_URL = ready["usdm"]["rest"] + "/fapi"
    made.FUTURES_DATA_URL = ready["usdm"]["rest"] + "/futures/data"
    return made


def bid_of(client: Any) -> float:
    return float(client.futures_order_book(symbol="BTCUSDT", limit=5)["bids"][0][0])


def test_python_binance_trades(client: Any) -> None:
    price = bid_of(client) - 1_000
    entry = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": 0.01}
    order = client.futures_create_order(**entry, price=price)
    change = {"symbol": "BTCUSDT", "side": "BUY", "orderId": order["orderId"], "quantity": 0.02}
    assert client.futures_modify_order(**change, price=price - 10)["origQty"] == "0.020"
    assert client.futures_cancel_order(symbol="BTCUSDT", orderId=order["orderId"])["status"] == "CANCELED"
    item = {name: str(value) for name, value in (entry | {"price": price}).items()}
    (first, second) = client.futures_place_batch_order(batchOrders=[item, item | {"type": "STOP"}])
    assert (first["status"], second["code"]) == ("NEW", -4120)
    gone = client.futures_cancel_orders(symbol="BTCUSDT", orderidlist=[first["orderId"]])
    assert [row["status"] for row in gone] == ["CANCELED"]
    taker = {"symbol": "BTCUSDT", "type": "MARKET", "quantity": 0.01, "newOrderRespType": "RESULT"}
    assert client.futures_create_order(**taker, side="BUY")["status"] == "FILLED"
    assert client.futures_position_information(symbol="BTCUSDT")[0]["positionAmt"] == "0.010"
    assert client.futures_create_order(**taker, side="SELL", reduceOnly="true")["status"] == "FILLED"
    assert len(client.futures_account_trades(symbol="BTCUSDT")) >= 2


def test_python_binance_sends_its_old_stops_to_the_algo_service(client: Any) -> None:
    stop = {"symbol": "BTCUSDT", "side": "SELL", "type": "STOP_MARKET", "quantity": 0.01}
    made = client.futures_create_order(**stop, stopPrice=round(bid_of(client) - 500, 1))
    assert (made["algoStatus"], made["orderType"]) == ("NEW", "STOP_MARKET")
    assert [order["algoId"] for order in client.futures_get_open_algo_orders()] == [made["algoId"]]
    assert client.futures_cancel_algo_order(algoId=made["algoId"])["code"] == "200"


async def asynchronous(ready: dict[str, Any]) -> Any:
    key = key_of(ready)
    made = binance.AsyncClient(key["api_key"], key["api_secret"])
    made.FUTURES_URL = ready["usdm"]["rest"] + "/fapi"
    return made


async def test_python_binance_keeps_a_futures_book(ready: dict[str, Any]) -> None:
    client = await asynchronous(ready)
    manager = FuturesDepthCacheManager(client, symbol="BTCUSDT")
    manager._bm.FSTREAM_URL = ready["usdm"]["ws"] + "/"
    try:
        async with manager as cache:
            for _ in range(5):
                book = await asyncio.wait_for(cache.recv(), 10)
                assert not isinstance(book, dict), book
            bids, asks = book.get_bids(), book.get_asks()
            assert bids[0][0] < asks[0][0]
            assert len(bids) >= 10
    finally:
        await client.close_connection()


async def test_python_binance_hears_its_account(ready: dict[str, Any], client: Any) -> None:
    listener = await asynchronous(ready)
    manager = binance.BinanceSocketManager(listener)
    manager.FSTREAM_URL = ready["usdm"]["ws"] + "/"
    heard: list[str] = []
    try:
        async with manager.futures_user_socket() as socket:
            taker = {"symbol": "BTCUSDT", "type": "MARKET", "quantity": 0.01}
            for side in ("BUY", "SELL"):
                await asyncio.to_thread(lambda side=side: client.futures_create_order(**taker, side=side))
            while heard.count("ACCOUNT_UPDATE") < 2:
                heard.append((await asyncio.wait_for(socket.recv(), 10))["e"])
        assert heard[0] == "ORDER_TRADE_UPDATE"
        assert "TRADE_LITE" in heard
    finally:
        await listener.close_connection()


@pytest.fixture(scope="module")
def market(ready: dict[str, Any]) -> Any:
    key = key_of(ready)
    made = ccxt.binanceusdm(
        {"apiKey": key["api_key"], "secret": key["api_secret"], "options": {"fetchCurrencies": False}}
    )
    made.options["fetchMarkets"] = {"types": ["linear"]}
    for name, address in made.urls["api"].items():
        if name.startswith("fapi") and isinstance(address, str):
            version = name[-1] if name[-2] == "V" else "1"
            path = "/futures/data" if name == "fapiData" else f"/fapi/v{version}"
            made.urls["api"][name] = ready["usdm"]["rest"] + path
    return made


SYMBOL = "BTC/USDT:USDT"


def test_ccxt_trades(market: Any) -> None:
    bid = market.fetch_order_book(SYMBOL, 5)["bids"][0][0]
    order = market.create_order(SYMBOL, "limit", "buy", 0.01, bid - 1_000)
    assert order["status"] == "open"
    edited = market.edit_order(order["id"], SYMBOL, "limit", "buy", 0.02, bid - 1_010)
    assert edited["amount"] == 0.02
    assert [row["id"] for row in market.fetch_open_orders(SYMBOL)] == [order["id"]]
    assert market.cancel_order(order["id"], SYMBOL)["status"] == "canceled"
    many = market.create_orders([{"symbol": SYMBOL, "type": "limit", "side": "buy", "amount": 0.01,
                                  "price": bid - 1_000 - step} for step in range(3)])  # fmt: skip
    assert [row["status"] for row in many] == ["open"] * 3
    market.cancel_orders([row["id"] for row in many], SYMBOL)
    assert market.create_order(SYMBOL, "market", "buy", 0.01)["status"] == "closed"
    (position,) = market.fetch_positions([SYMBOL])
    assert (position["contracts"], position["side"]) == (0.01, "long")
    assert market.create_order(SYMBOL, "market", "sell", 0.01, params={"reduceOnly": True})["status"] == "closed"
    with pytest.raises(ccxt.InvalidOrder):
        market.create_order(SYMBOL, "limit", "buy", 0.01, bid + 1_000, {"postOnly": True})


def test_ccxt_places_stops_and_trails(market: Any) -> None:
    bid = market.fetch_order_book(SYMBOL, 5)["bids"][0][0]
    stop = market.create_order(SYMBOL, "market", "sell", 0.01, params={"stopLossPrice": bid - 500})
    trail = market.create_order(SYMBOL, "market", "sell", 0.01, params={
        "trailingPercent": 1, "trailingTriggerPrice": bid + 500})  # fmt: skip
    waiting = market.fetch_open_orders(SYMBOL, params={"trigger": True})
    assert {row["id"] for row in waiting} == {stop["id"], trail["id"]}
    market.cancel_all_orders(SYMBOL, params={"trigger": True})
    assert market.fetch_open_orders(SYMBOL, params={"trigger": True}) == []


def test_ccxt_reads_everything(market: Any) -> None:
    since = int(time.time() * 1000) - 3_600_000
    assert market.fetch_ticker(SYMBOL)["last"] > 0
    assert len(market.fetch_ohlcv(SYMBOL, "1m", limit=10)) == 10
    assert market.fetch_trades(SYMBOL, limit=5)
    assert market.fetch_funding_rate(SYMBOL)["markPrice"] > 0
    assert len(market.fetch_funding_rate_history(SYMBOL, limit=10)) == 10
    assert market.fetch_open_interest(SYMBOL)["openInterestAmount"] is not None
    assert market.fetch_open_interest_history(SYMBOL, "5m", limit=5)
    assert market.fetch_balance()["USDT"]["total"] > 0
    assert market.fetch_my_trades(SYMBOL, since)
    assert market.fetch_ledger("USDT", since)
    assert market.fetch_leverage_tiers([SYMBOL])[SYMBOL]
    assert market.set_leverage(9, SYMBOL)["leverage"] == 9
    assert market.fetch_leverages([SYMBOL])[SYMBOL]["longLeverage"] == 9
    assert market.set_margin_mode("isolated", SYMBOL)["code"] == 200
    assert market.set_margin_mode("cross", SYMBOL)["code"] == 200
    assert market.set_position_mode(True)["code"] == 200
    assert market.fetch_position_mode()["hedged"] is True
    assert market.set_position_mode(False)["code"] == 200
    assert market.fetch_trading_fee(SYMBOL)["taker"] == 0.0005
