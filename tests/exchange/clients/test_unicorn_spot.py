"""unicorn-binance-websocket-api hears spot, trades over its sockets, hears its account. Runs where it is installed."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from exchange_for_clients import key_of

ubwa = pytest.importorskip("unicorn_binance_websocket_api", reason="unicorn-binance-websocket-api is not installed")

pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.timeout(60)]


@pytest.fixture
def manager(ready: dict[str, Any]) -> Iterator[Any]:
    made = ubwa.BinanceWebSocketApiManager(
        exchange="binance.com",
        output_default="dict",
        warn_on_update=False,
        websocket_base_uri=ready["spot"]["ws"] + "/",
        websocket_api_base_uri=ready["spot"]["ws_api"],
        restful_base_uri=ready["spot"]["rest"] + "/",
    )
    yield made
    made.stop_manager()


def heard(manager: Any, is_enough: Callable[[list[dict[str, Any]]], bool]) -> list[dict[str, Any]]:
    """Everything the manager has heard once it is enough."""
    said: list[dict[str, Any]] = []
    deadline = time.monotonic() + 30
    while not is_enough(said) and time.monotonic() < deadline:
        message = manager.pop_stream_data_from_stream_buffer()
        if isinstance(message, dict):
            said.append(message)
        elif not message:
            time.sleep(0.02)
    assert is_enough(said), said[-3:]
    return said


def test_market_streams(manager: Any) -> None:
    kinds = ("trade", "kline_1m", "depth5", "bookTicker")
    number = manager.create_stream(list(kinds), ["ETHUSDT", "btcusdt"])
    wanted = {f"{symbol}@{kind}" for symbol in ("ethusdt", "btcusdt") for kind in kinds}
    heard(manager, lambda said: wanted <= {message.get("stream") for message in said})
    manager.subscribe_to_stream(number, channels=["aggTrade"])
    heard(manager, lambda said: any(message.get("stream") == "btcusdt@aggTrade" for message in said))


def test_orders_over_the_socket_and_what_the_account_hears(manager: Any, ready: dict[str, Any]) -> None:
    key = key_of(ready)
    keys = {"api_key": key["api_key"], "api_secret": key["api_secret"]}
    account = manager.create_stream(["arr"], ["!userData"], **keys)
    calls = manager.create_stream(api=True, **keys)
    assert manager.wait_till_stream_has_started(account)
    assert manager.wait_till_stream_has_started(calls)
    api = manager.api.spot
    best = api.get_order_book(stream_id=calls, symbol="ETHUSDT", limit=5, return_response=True)["result"]["bids"][0]
    entry = {"symbol": "ETHUSDT", "side": "BUY", "order_type": "LIMIT", "time_in_force": "GTC", "quantity": 0.01}
    price = round(float(best[0]) * 0.98, 2)
    name, placed = api.create_order(stream_id=calls, price=price, return_response=True, **entry)
    assert (placed["status"], placed["result"]["clientOrderId"]) == (200, name)
    number = placed["result"]["orderId"]
    listed = api.get_open_orders(stream_id=calls, symbol="ETHUSDT", return_response=True)["result"]
    assert [order["orderId"] for order in listed] == [number]
    gone = api.cancel_order(stream_id=calls, symbol="ETHUSDT", order_id=number, return_response=True)
    assert gone["result"]["status"] == "CANCELED"

    def both(said: list[dict[str, Any]]) -> bool:
        events = [message["event"] for message in said if "event" in message]
        return {event["X"] for event in events if event.get("i") == number} == {"NEW", "CANCELED"}

    heard(manager, both)
