"""ccxt over sockets: books, prints, orders and the account of every product. Runs where it is installed."""

import asyncio
import re
import warnings
from typing import Any

import pytest
from exchange_for_clients import key_of

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    pro = pytest.importorskip("ccxt.pro", reason="ccxt is not installed")

pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.timeout(90)]

#: The product of an address, by a part of Binance's host.
HOSTS = {"fapi": "usdm", "fstream": "usdm", "dapi": "coinm", "dstream": "coinm", "api": "spot", "stream": "spot"}
MARKETS = {
    "spot": ("binance", "spot", "ETH/USDT", 0.02),
    "usdm": ("binanceusdm", "linear", "ETH/USDT:USDT", 0.02),
    "coinm": ("binancecoinm", "inverse", "BTC/USD:BTC", 2),
}


def redirect(addresses: dict[str, Any], ready: dict[str, Any], transport: str) -> None:
    """Put the exchange's host in the place of Binance's, in addresses that may hold more of them."""
    for name, address in addresses.items():
        if isinstance(address, dict):
            redirect(address, ready, "ws")
            continue
        product = next((HOSTS[part] for part in HOSTS if re.search(rf"//(ws-)?{part}\.", str(address))), None)
        if product is not None:
            addresses[name] = ready[product][transport] + re.split(r"\.com(?::\d+)?", address)[1]


def made_for(product: str, ready: dict[str, Any]) -> Any:
    """A client with nothing changed but its addresses."""
    name, kind, *_ = MARKETS[product]
    key = key_of(ready)
    options = {"fetchCurrencies": False, "fetchMargins": False, "fetchMarkets": {"types": [kind]}}
    made = getattr(pro, name)({"apiKey": key["api_key"], "secret": key["api_secret"], "options": options})
    redirect(made.urls["api"], ready, "rest")
    return made


@pytest.mark.parametrize("product", MARKETS)
async def test_market_and_account_are_heard_and_orders_sent_over_sockets(product: str, ready: dict[str, Any]) -> None:
    *_, symbol, amount = MARKETS[product]
    client = made_for(product, ready)
    try:
        async with asyncio.timeout(60):
            await client.load_markets()
            book = await client.watch_order_book(symbol, 10)
            assert book["bids"][0][0] < book["asks"][0][0]
            assert (await client.watch_trades(symbol))[-1]["symbol"] == symbol
            assert (await client.watch_ticker(symbol))["last"] > 0
            assert await client.watch_ohlcv(symbol, "1m")
            assert symbol in await client.watch_bids_asks([symbol])
            if product != "spot":
                assert (await client.watch_mark_price(symbol))["markPrice"] > 0
            price = float(client.price_to_precision(symbol, book["bids"][0][0] * 0.98))
            order = await client.create_order_ws(symbol, "limit", "buy", amount, price)
            assert (await client.fetch_order_ws(order["id"], symbol))["status"] == "open"
            assert (await client.cancel_order_ws(order["id"], symbol))["status"] == "canceled"
            orders, mine, balance = await heard_of(client, symbol, amount)
            assert {row["status"] for row in orders} <= {"open", "closed"}
            assert {row["amount"] for row in mine} == {amount}
            assert balance["info"]["e"] in ("outboundAccountPosition", "ACCOUNT_UPDATE")
    finally:
        await client.close()


async def heard_of(client: Any, symbol: str, amount: float) -> list[Any]:
    """What the account's socket says of orders, fills and balances; ccxt tells nobody when that socket is open."""
    waiting = [client.watch_orders(symbol), client.watch_my_trades(symbol), client.watch_balance()]
    tasks = [asyncio.ensure_future(hearing) for hearing in waiting]
    while not all(task.done() for task in tasks):
        await client.create_order(symbol, "market", "buy", amount)
        await asyncio.wait(tasks, timeout=1)
    return [task.result() for task in tasks]
