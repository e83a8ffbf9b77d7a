"""A client made by others, with nothing changed but its addresses. Runs where ccxt is installed."""

import asyncio
import re
from typing import Any

import pytest
from exchange_caller import Caller

ccxt = pytest.importorskip("ccxt", reason="ccxt is not installed")


def client(caller: Caller, kind: str, product: str) -> Any:
    """ccxt's own class for the product, pointed at this exchange."""
    key = caller.key(kind)
    made = (ccxt.binance if product == "spot" else ccxt.binanceusdm)(
        {
            "apiKey": key["api_key"],
            "secret": key.get("api_secret") or key["private_key"],
            "options": {"fetchMarkets": {"types": ["spot" if product == "spot" else "linear"]}},
        }
    )
    for name, address in made.urls["api"].items():
        version = re.search(r"V(\d)$", name)
        number = version[1] if version else "1"
        if name in ("public", "private", "v1"):
            made.urls["api"][name] = caller.ready["spot"]["rest"] + "/api/v3"
        elif name.startswith("sapi") and isinstance(address, str):
            made.urls["api"][name] = caller.ready["spot"]["rest"] + "/sapi/v" + number
        elif name.startswith("fapi") and isinstance(address, str):
            made.urls["api"][name] = caller.ready["usdm"]["rest"] + "/fapi/v" + number
    return made


@pytest.mark.parametrize("kind", ["HMAC", "ED25519"])
@pytest.mark.parametrize(("product", "symbol"), [("spot", "BTC/USDT"), ("usdm", "BTC/USDT:USDT")])
async def test_ccxt_trades(caller: Caller, kind: str, product: str, symbol: str) -> None:
    def trade() -> None:
        made = client(caller, kind, product)
        made.load_markets()
        last = made.fetch_ticker(symbol)["last"]
        assert made.fetch_order_book(symbol, 10)["bids"][0][0] <= last * 1.01
        assert len(made.fetch_ohlcv(symbol, "1m", limit=50)) == 50
        held = made.fetch_balance()["USDT"]["total"]
        order = made.create_order(symbol, "limit", "buy", 0.01, made.price_to_precision(symbol, last * 0.98))
        assert [found["id"] for found in made.fetch_open_orders(symbol)] == [order["id"]]
        assert made.cancel_order(order["id"], symbol)["status"] == "canceled"
        bought = made.create_order(symbol, "market", "buy", 0.01)
        assert made.fetch_order(bought["id"], symbol)["status"] == "closed"
        assert made.fetch_my_trades(symbol)[-1]["order"] == bought["id"]
        assert made.fetch_balance()["USDT"]["total"] < held
        with pytest.raises(ccxt.ExchangeError):
            made.create_order(symbol, "limit", "buy", 0.01, 1e9)

    await asyncio.to_thread(trade)
