"""python-binance trades spot here, keeps a depth cache and hears its user socket. Runs where it is installed."""

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from tui.domain.product import Product
from tui.exchange.exchange import Exchange
from tui.exchange.run import Ready, serving

binance = pytest.importorskip("binance", reason="python-binance is not installed")

#: The library's own habits, which are not ours to mend.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")

SYMBOL = "BTCUSDT"


@pytest.fixture
async def served() -> AsyncIterator[tuple[Ready, Exchange]]:
    exchange = Exchange(seed=7)
    async with serving(exchange) as (ready, _):
        yield ready, exchange
    exchange.close()


def key(ready: Ready) -> dict[str, str]:
    return next(key for key in ready["keys"] if key["type"] == "HMAC")


def client(ready: Ready) -> Any:
    made = binance.Client(key(ready)["api_key"], key(ready)["api_secret"], ping=False)
    made.API_URL = ready["spot"]["rest"] + "/api"
    return made


async def test_every_type_is_placed_amended_replaced_and_cancelled(served: tuple[Ready, Exchange]) -> None:
    ready, exchange = served
    bid, ask = exchange.venues[Product.SPOT].best(SYMBOL)
    tick = exchange.venues[Product.SPOT].listings[SYMBOL].tick
    high, low = str(tick.value(ask[0]) + 400), str(tick.value(bid[0]) - 400)
    entries = [
        {"type": "LIMIT", "price": low, "timeInForce": "GTC"},
        {"type": "LIMIT_MAKER", "price": low},
        {"type": "STOP_LOSS", "stopPrice": high},
        {"type": "STOP_LOSS_LIMIT", "stopPrice": high, "price": high, "timeInForce": "GTC"},
        {"type": "TAKE_PROFIT", "stopPrice": low},
        {"type": "TAKE_PROFIT_LIMIT", "stopPrice": low, "price": low, "timeInForce": "GTC"},
        {"type": "LIMIT", "price": low, "timeInForce": "GTC", "icebergQty": "0.001"},
        {"type": "STOP_LOSS", "trailingDelta": 50},
        {"type": "LIMIT", "pegPriceType": "PRIMARY_PEG", "timeInForce": "GTC"},
    ]

    def trade() -> None:
        made = client(ready)
        for entry in entries:
            common = {"symbol": SYMBOL, "side": "BUY", "quantity": "0.01"}
            made.create_test_order(**common, **entry)
            order = made.create_order(**common, **entry)
            wanted = {"symbol": SYMBOL, "orderId": order["orderId"]}
            assert made.get_order(**wanted)["type"] == entry["type"]
            assert made.cancel_order(**wanted)["status"] == "CANCELED"
        assert made.order_market_buy(symbol=SYMBOL, quoteOrderQty="100")["status"] == "FILLED"
        pair = made.create_oco_order(
            symbol=SYMBOL,
            side="SELL",
            quantity="0.01",
            aboveType="LIMIT_MAKER",
            abovePrice=high,
            belowType="STOP_LOSS",
            belowStopPrice=low,
        )
        assert pair["contingencyType"] == "OCO"
        assert len(made.get_open_orders(symbol=SYMBOL)) == 2
        made.cancel_order(symbol=SYMBOL, orderId=pair["orders"][0]["orderId"])
        assert made.get_open_orders() == []
        with pytest.raises(binance.exceptions.BinanceAPIException, match="Order would trigger immediately"):
            made.create_order(symbol=SYMBOL, side="BUY", type="STOP_LOSS", quantity="0.01", stopPrice=low)

    await asyncio.to_thread(trade)


async def test_the_depth_cache_and_the_user_socket(served: tuple[Ready, Exchange]) -> None:
    ready, exchange = served
    made = binance.AsyncClient(key(ready)["api_key"], key(ready)["api_secret"])
    made.API_URL = ready["spot"]["rest"] + "/api"
    made.ws_api._url = ready["spot"]["ws_api"]
    manager = binance.BinanceSocketManager(made)
    manager.STREAM_URL = manager._stream_url = ready["spot"]["ws"] + "/"
    try:
        async with manager.user_socket() as user, asyncio.timeout(20):
            order = await made.create_order(symbol=SYMBOL, side="BUY", type="MARKET", quantity="0.01")
            heard = [await user.recv() for _ in range(3)]
            assert {event["e"] for event in heard} == {"executionReport", "outboundAccountPosition"}
            assert {event["i"] for event in heard if "i" in event} == {order["orderId"]}
        cache = binance.DepthCacheManager(made, SYMBOL, bm=manager)
        async with cache as kept, asyncio.timeout(20):
            for _ in range(3):
                exchange.step()
                book = await kept.recv()
            best = exchange.venues[Product.SPOT].best(SYMBOL)[0]
            assert Decimal(str(book.get_bids()[0][0])) == exchange.venues[Product.SPOT].listings[SYMBOL].tick.value(
                best[0]
            )
    finally:
        await made.close_connection()
