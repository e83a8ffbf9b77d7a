"""COIN-M through ccxt and python-binance, with nothing changed but addresses. Runs where they are installed."""

import re
from typing import Any

import pytest
from exchange_for_clients import key_of

pytestmark = pytest.mark.filterwarnings("ignore")

CONTRACT = "BTC/USD:BTC"
SYMBOL = "BTCUSD_PERP"


def ccxt_client(ccxt: Any, ready: dict[str, Any], kind: str) -> Any:
    key = key_of(ready, kind)
    made = ccxt.binancecoinm(
        {
            "apiKey": key["api_key"],
            "secret": key.get("api_secret") or key["private_key"],
            "options": {"fetchMarkets": {"types": ["inverse"]}, "fetchCurrencies": False},
        }
    )
    rest = ready["coinm"]["rest"]
    for name, address in made.urls["api"].items():
        if isinstance(address, str) and name.startswith("dapi"):
            version = re.search(r"V(\d)$", name)
            path = "/futures/data" if name == "dapiData" else f"/dapi/v{version[1] if version else 1}"
            made.urls["api"][name] = rest + path
    return made


@pytest.mark.parametrize("kind", ["HMAC", "RSA", "ED25519"])
def test_ccxt_trades(ready: dict[str, Any], kind: str) -> None:
    ccxt = pytest.importorskip("ccxt", reason="ccxt is not installed")
    made = ccxt_client(ccxt, ready, kind)
    made.load_markets()
    assert made.market(CONTRACT)["contractSize"] == 100
    last = made.fetch_ticker(CONTRACT)["last"]
    assert made.fetch_order_book(CONTRACT, 10)["bids"][0][0] <= last * 1.01
    assert len(made.fetch_ohlcv(CONTRACT, "1m", limit=50)) == 50
    order = made.create_order(CONTRACT, "limit", "buy", 2, made.price_to_precision(CONTRACT, last * 0.98))
    assert [found["id"] for found in made.fetch_open_orders(CONTRACT)] == [order["id"]]
    assert made.cancel_order(order["id"], CONTRACT)["status"] == "canceled"
    bought = made.create_order(CONTRACT, "market", "buy", 3)
    assert made.fetch_order(bought["id"], CONTRACT)["status"] == "closed"
    assert made.fetch_my_trades(CONTRACT)[-1]["fee"]["currency"] == "BTC"
    (position,) = made.fetch_positions([CONTRACT])
    assert (position["contracts"], position["side"]) == (3, "long")
    trigger = {"stopPrice": made.price_to_precision(CONTRACT, last * 0.97)}
    stop = made.create_order(CONTRACT, "market", "sell", 3, None, trigger)
    assert [found["id"] for found in made.fetch_open_orders(CONTRACT, None, None, {"trigger": True})] == [stop["id"]]
    made.cancel_order(stop["id"], CONTRACT, {"trigger": True})
    made.create_order(CONTRACT, "market", "sell", 3, None, {"reduceOnly": True})
    assert made.fetch_positions([CONTRACT]) == []
    assert len(made.fetch_funding_rate_history(CONTRACT)) == 100
    assert made.set_leverage(5, CONTRACT)["leverage"] == 5


def test_python_binance_trades(ready: dict[str, Any]) -> None:
    client = pytest.importorskip("binance.client", reason="python-binance is not installed")
    key, rest = key_of(ready), ready["coinm"]["rest"]
    made = client.Client(key["api_key"], key["api_secret"], ping=False)
    made.FUTURES_COIN_URL, made.FUTURES_COIN_DATA_URL = rest + "/dapi", rest + "/futures/data"
    assert made.futures_coin_order_book(symbol=SYMBOL, limit=5)["pair"] == "BTCUSD"
    (mark,) = made.futures_coin_mark_price(symbol=SYMBOL)
    above = str(int(float(mark["markPrice"]) * 1.02))
    limit = {"symbol": SYMBOL, "side": "SELL", "type": "LIMIT", "timeInForce": "GTC", "quantity": 1, "price": above}
    order = made.futures_coin_create_order(**limit)
    assert made.futures_coin_get_open_orders(symbol=SYMBOL)[0]["orderId"] == order["orderId"]
    assert made.futures_coin_cancel_order(symbol=SYMBOL, orderId=order["orderId"])["status"] == "CANCELED"
    for side in ("BUY", "SELL"):
        made.futures_coin_create_order(symbol=SYMBOL, side=side, type="MARKET", quantity=1)
    assert {row["asset"] for row in made.futures_coin_income_history()} == {"BTC"}
    assert len(made.futures_coin_klines(symbol=SYMBOL, interval="1h")) == 500
    assert made.futures_coin_stream_get_listen_key()
    with pytest.raises(client.BinanceAPIException, match="-4120"):
        made.futures_coin_create_order(symbol=SYMBOL, side="SELL", type="STOP_MARKET", stopPrice="1", quantity=1)
