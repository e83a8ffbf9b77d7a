"""Binance's own SDK trades every kind of spot order here, with nothing changed but its addresses.

Runs where `binance-sdk-spot` is installed.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from tui.domain.order_terms import Side
from tui.domain.product import Product
from tui.exchange.exchange import Exchange
from tui.exchange.orders import OrderEntry
from tui.exchange.run import Ready, serving
from tui.exchange.venue import Venue

spot_sdk = pytest.importorskip("binance_sdk_spot.spot", reason="binance-sdk-spot is not installed")
configuration = pytest.importorskip("binance_common.configuration")

#: The SDK's own habits, which are not ours to mend.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")

SYMBOL = "BTCUSDT"


@dataclass
class Floor:
    """A client, and the exchange it does not know."""

    ready: Ready
    exchange: Exchange
    loop: asyncio.AbstractEventLoop

    @property
    def venue(self) -> Venue:
        return self.exchange.venues[Product.SPOT]

    def client(self, kind: str = "HMAC") -> Any:
        key = next(key for key in self.ready["keys"] if key["type"] == kind)
        secret = {name: key[name] for name in ("api_secret", "private_key") if name in key}
        spot = self.ready["spot"]
        return spot_sdk.Spot(
            config_rest_api=configuration.ConfigurationRestAPI(
                base_path=spot["rest"], api_key=key["api_key"], timeout=5000, **secret
            ),
            config_ws_api=configuration.ConfigurationWebSocketAPI(
                stream_url=spot["ws_api"], api_key=key["api_key"], **secret
            ),
            config_ws_streams=configuration.ConfigurationWebSocketStreams(stream_url=spot["ws"]),
        )

    def price(self, is_bid: bool, level: int = 0) -> Decimal:
        """The price of a level of the book."""
        side = self.venue.depth(SYMBOL, level + 1)[1 if is_bid else 2]
        return self.venue.listings[SYMBOL].tick.value(side[level][0])

    def sweep(self, side: Side, levels: int) -> None:
        """Somebody else trades through some levels of the book."""

        async def trade() -> None:
            book = self.venue.depth(SYMBOL, levels)[2 if side is Side.BUY else 1]
            lots = sum(found[1] for found in book)
            quantity = self.venue.listings[SYMBOL].step.value(lots)
            self.venue.place("somebody", OrderEntry(SYMBOL, side, "MARKET", quantity=quantity))

        asyncio.run_coroutine_threadsafe(trade(), self.loop).result(5)


@pytest.fixture
async def floor() -> AsyncIterator[Floor]:
    exchange = Exchange(seed=7)
    ledger = exchange.venues[Product.SPOT].spot
    assert ledger is not None
    for asset, amount in (("USDT", 10**9), ("BTC", 10**4)):
        ledger.deposit("somebody", asset, Decimal(amount))
    async with serving(exchange) as (ready, _):
        yield Floor(ready, exchange, asyncio.get_running_loop())
    exchange.close()


def parsed(answer: Any) -> Any:
    """The SDK's model of an answer; where an answer does not fit, the SDK hands out plain data instead."""
    data = answer.data()
    if isinstance(data, list):
        assert not any(isinstance(item, dict) for item in data), data
    assert not isinstance(data, dict), data
    return getattr(data, "actual_instance", None) or data


ORDERS: dict[str, Callable[[Floor], dict[str, Any]]] = {
    "LIMIT": lambda floor: {"price": floor.price(True) - 300, "time_in_force": "GTC"},
    "LIMIT_MAKER": lambda floor: {"price": floor.price(True) - 300},
    "STOP_LOSS": lambda floor: {"stop_price": floor.price(False, 9) + 300},
    "STOP_LOSS_LIMIT": lambda floor: {
        "stop_price": floor.price(False, 9) + 300,
        "price": floor.price(False, 9) + 310,
        "time_in_force": "GTC",
    },
    "TAKE_PROFIT": lambda floor: {"stop_price": floor.price(True, 9) - 300},
    "TAKE_PROFIT_LIMIT": lambda floor: {
        "stop_price": floor.price(True, 9) - 300,
        "price": floor.price(True, 9) - 310,
        "time_in_force": "GTC",
    },
    "iceberg LIMIT": lambda floor: {"price": floor.price(True) - 300, "time_in_force": "GTC", "iceberg_qty": 0.001},
    "trailing STOP_LOSS": lambda floor: {"trailing_delta": 100},
    "pegged LIMIT": lambda floor: {"peg_price_type": "PRIMARY_PEG", "time_in_force": "GTC"},
}


@pytest.mark.parametrize("name", ORDERS)
async def test_each_type_is_placed_amended_and_cancelled(floor: Floor, name: str) -> None:
    def trade() -> None:
        rest = floor.client().rest_api
        more = {
            key: float(value) if isinstance(value, Decimal) else value for key, value in ORDERS[name](floor).items()
        }
        kind = name.split()[-1]
        parsed(rest.order_test(SYMBOL, "BUY", kind, quantity=0.01, compute_commission_rates=True, **more))
        order = parsed(rest.new_order(SYMBOL, "BUY", kind, quantity=0.01, new_order_resp_type="FULL", **more))
        assert (order.status, order.type) == ("NEW", kind)
        amended = parsed(rest.order_amend_keep_priority(SYMBOL, 0.006, order_id=order.order_id))
        assert Decimal(amended.amended_order.qty) == Decimal("0.006")
        assert len(parsed(rest.order_amendments(SYMBOL, order.order_id))) == 1
        found = parsed(rest.get_order(SYMBOL, order_id=order.order_id))
        assert Decimal(found.orig_qty) == Decimal("0.006")
        assert parsed(rest.get_open_orders(SYMBOL))[0].order_id == order.order_id
        assert parsed(rest.delete_order(SYMBOL, order_id=order.order_id)).status == "CANCELED"

    await asyncio.to_thread(trade)


async def test_stops_fire_and_fill(floor: Floor) -> None:
    def trade() -> None:
        rest = floor.client().rest_api
        stop = float(floor.price(False, 2))
        market = parsed(rest.new_order(SYMBOL, "BUY", "STOP_LOSS", quantity=0.01, stop_price=stop))
        limit = parsed(rest.new_order(SYMBOL, "BUY", "STOP_LOSS_LIMIT", "GTC", 0.01, price=stop + 300, stop_price=stop))
        floor.sweep(Side.BUY, 3)
        for order in (market, limit):
            assert parsed(rest.get_order(SYMBOL, order_id=order.order_id)).status == "FILLED"
        assert len(parsed(rest.my_trades(SYMBOL))) >= 2

    await asyncio.to_thread(trade)


FILLING: dict[str, tuple[Side, Callable[[Floor], dict[str, Any]]]] = {
    "LIMIT": (Side.SELL, lambda floor: {"price": floor.price(True, 1), "time_in_force": "GTC"}),
    "LIMIT_MAKER": (Side.SELL, lambda floor: {"price": floor.price(True, 1)}),
    "TAKE_PROFIT": (Side.SELL, lambda floor: {"stop_price": floor.price(True, 2)}),
    "TAKE_PROFIT_LIMIT": (
        Side.SELL,
        lambda floor: {
            "stop_price": floor.price(True, 2), "price": floor.price(True, 2) + 400, "time_in_force": "GTC"
        },
    ),
    "iceberg LIMIT": (
        Side.SELL, lambda floor: {"price": floor.price(True, 1), "time_in_force": "GTC", "iceberg_qty": 0.001},
    ),
    "trailing STOP_LOSS": (Side.BUY, lambda floor: {"trailing_delta": 10}),
    "pegged LIMIT": (Side.SELL, lambda floor: {"peg_price_type": "PRIMARY_PEG", "time_in_force": "GTC"}),
}  # fmt: skip


@pytest.mark.parametrize("name", FILLING)
async def test_each_type_fills_when_the_market_comes(floor: Floor, name: str) -> None:
    def trade() -> None:
        rest, (side, chosen) = floor.client().rest_api, FILLING[name]
        more = {key: float(value) if isinstance(value, Decimal) else value for key, value in chosen(floor).items()}
        order = parsed(rest.new_order(SYMBOL, "BUY", name.split()[-1], quantity=0.004, **more))
        for _ in range(5 if "trailing" in name else 2):
            floor.sweep(side, 30 if "trailing" in name else 6)
        found = parsed(rest.get_order(SYMBOL, order_id=order.order_id))
        assert (found.status, Decimal(found.executed_qty)) == ("FILLED", Decimal("0.004"))

    await asyncio.to_thread(trade)


async def test_market_orders_by_quantity_and_by_amount(floor: Floor) -> None:
    def trade() -> None:
        rest = floor.client().rest_api
        assert parsed(rest.new_order(SYMBOL, "BUY", "MARKET", quantity=0.01)).fills
        assert parsed(rest.new_order(SYMBOL, "SELL", "MARKET", quote_order_qty=200)).status == "FILLED"
        routed = parsed(rest.sor_order(SYMBOL, "BUY", "MARKET", 0.01))
        assert routed.used_sor
        assert parsed(rest.my_allocations(SYMBOL))[0].order_id == routed.order_id
        parsed(rest.sor_order_test(SYMBOL, "BUY", "MARKET", 0.01))

    await asyncio.to_thread(trade)


async def test_a_replacement_and_its_failures(floor: Floor) -> None:
    def trade() -> None:
        rest = floor.client().rest_api
        price = float(floor.price(True) - 300)
        order = parsed(rest.new_order(SYMBOL, "BUY", "LIMIT", "GTC", 0.01, price=price))
        replaced = parsed(
            rest.order_cancel_replace(
                SYMBOL, "BUY", "LIMIT", "STOP_ON_FAILURE", "GTC", 0.01, price=price - 1, cancel_order_id=order.order_id
            )
        )
        assert (replaced.cancel_result, replaced.new_order_result) == ("SUCCESS", "SUCCESS")
        with pytest.raises(Exception, match="Order cancel-replace failed"):
            rest.order_cancel_replace(
                SYMBOL, "BUY", "LIMIT", "STOP_ON_FAILURE", "GTC", 0.01, price=price, cancel_order_id=order.order_id
            )
        with pytest.raises(Exception, match="Order cancel-replace partially failed"):
            rest.order_cancel_replace(
                SYMBOL, "BUY", "LIMIT", "ALLOW_FAILURE", "GTC", 0.01, price=price, cancel_order_id=order.order_id
            )
        assert len(parsed(rest.delete_open_orders(SYMBOL))) == 2

    await asyncio.to_thread(trade)


async def test_every_kind_of_list_is_placed_and_cancelled(floor: Floor) -> None:
    def trade() -> None:
        rest = floor.client().rest_api
        high, low = float(floor.price(False, 9) + 300), float(floor.price(True, 9) - 300)
        above = {"pending_above_type": "LIMIT_MAKER", "pending_above_price": high}
        below = {"pending_below_type": "STOP_LOSS", "pending_below_stop_price": low}
        working = ("LIMIT", "BUY", low, 0.01)
        made = [
            rest.order_list_oco(
                SYMBOL, "SELL", 0.01, "LIMIT_MAKER", "STOP_LOSS", above_price=high, below_stop_price=low
            ),
            rest.order_oco(SYMBOL, "SELL", 0.01, high, low, stop_limit_price=low - 10, stop_limit_time_in_force="GTC"),
            rest.order_list_oto(
                SYMBOL, *working, "LIMIT_MAKER", "SELL", 0.01, working_time_in_force="GTC", pending_price=high
            ),
            rest.order_list_otoco(
                SYMBOL,
                *working,
                "SELL",
                0.01,
                above["pending_above_type"],
                working_time_in_force="GTC",
                pending_above_price=high,
                **below,
            ),
            rest.order_list_opo(
                SYMBOL, *working, "LIMIT_MAKER", "SELL", working_time_in_force="GTC", pending_price=high
            ),
            rest.order_list_opoco(
                SYMBOL, *working, "SELL", "LIMIT_MAKER", working_time_in_force="GTC", pending_above_price=high, **below
            ),
        ]
        lists = [parsed(answer) for answer in made]
        assert [found.contingency_type for found in lists] == ["OCO", "OCO", "OTO", "OTO", "OTO", "OTO"]
        assert [len(found.order_reports) for found in lists] == [2, 2, 2, 3, 2, 3]
        assert len(parsed(rest.open_order_list())) == 6
        for found in lists[:5]:
            assert parsed(rest.get_order_list(order_list_id=found.order_list_id)).list_order_status == "EXECUTING"
            gone = parsed(rest.delete_order_list(SYMBOL, order_list_id=found.order_list_id))
            assert gone.list_order_status == "ALL_DONE"
        parsed(rest.delete_open_orders(SYMBOL))
        assert len(parsed(rest.all_order_list())) == 6

    await asyncio.to_thread(trade)


async def test_lists_fill(floor: Floor) -> None:
    def trade() -> None:
        rest = floor.client().rest_api
        low = float(floor.price(True, 2))
        oco = parsed(
            rest.order_list_oco(
                SYMBOL, "SELL", 0.01, "LIMIT_MAKER", "STOP_LOSS", above_price=low + 500, below_stop_price=low
            )
        )
        opo = parsed(
            rest.order_list_opo(
                SYMBOL,
                "LIMIT",
                "BUY",
                float(floor.price(False) + 10),
                0.01,
                "LIMIT_MAKER",
                "SELL",
                working_time_in_force="GTC",
                pending_price=low + 600,
            )
        )
        floor.sweep(Side.SELL, 3)
        states = {order.order_id: order for order in parsed(rest.all_orders(SYMBOL))}
        assert sorted(states[leg.order_id].status for leg in oco.orders) == ["EXPIRED", "FILLED"]
        working, pending = (states[leg.order_id] for leg in opo.orders)
        assert (working.status, pending.status) == ("FILLED", "NEW")
        assert Decimal(pending.orig_qty) == Decimal("0.00999")

    await asyncio.to_thread(trade)


async def test_self_trades_are_prevented_and_told(floor: Floor) -> None:
    def trade() -> None:
        rest = floor.client().rest_api
        floor.sweep(Side.BUY, 3)
        inside = float(floor.price(True) + Decimal("0.01"))
        resting = parsed(rest.new_order(SYMBOL, "SELL", "LIMIT_MAKER", quantity=0.01, price=inside))
        taking = parsed(
            rest.new_order(SYMBOL, "BUY", "LIMIT", "GTC", 0.004, price=inside, self_trade_prevention_mode="DECREMENT")
        )
        assert taking.status == "EXPIRED_IN_MATCH"
        rows = parsed(rest.my_prevented_matches(SYMBOL, order_id=resting.order_id))
        assert [row.taker_order_id for row in rows] == [taking.order_id]

    await asyncio.to_thread(trade)


async def test_the_account_and_the_market_parse(floor: Floor) -> None:
    def ask() -> None:
        rest = floor.client("RSA").rest_api
        answers = [
            rest.exchange_info(symbols=[SYMBOL, "ETHUSDT"]),
            rest.execution_rules(symbol=SYMBOL),
            rest.depth(SYMBOL, limit=5),
            rest.get_trades(SYMBOL),
            rest.historical_trades(SYMBOL),
            rest.historical_block_trades(SYMBOL, 1),
            rest.agg_trades(SYMBOL),
            rest.klines(SYMBOL, "1h", limit=3, time_zone="8"),
            rest.ui_klines(SYMBOL, "1d", limit=3),
            rest.avg_price(SYMBOL),
            rest.ticker24hr(symbol=SYMBOL),
            rest.ticker_trading_day(symbol=SYMBOL, time_zone="-3:30"),
            rest.ticker(symbol=SYMBOL, window_size="7d"),
            rest.ticker(symbols=[SYMBOL, "ETHUSDT"], window_size="1h", type="MINI"),
            rest.ticker_price(),
            rest.ticker_book_ticker(symbol=SYMBOL),
            rest.get_account(omit_zero_balances=True),
            rest.account_commission(SYMBOL),
            rest.my_filters(SYMBOL),
            rest.rate_limit_order(),
        ]
        for answer in answers:
            parsed(answer)

    await asyncio.to_thread(ask)


async def test_the_websocket_api_trades_and_tells(floor: Floor) -> None:
    connection = await floor.client("ED25519").websocket_api.create_connection()
    try:
        parsed(await connection.session_logon())
        heard: list[Any] = []
        told = asyncio.Event()

        def hear(event: Any) -> None:
            heard.append(event)
            told.set()

        subscribed = await connection.user_data_stream_subscribe()
        subscribed.stream.on("message", hear)
        high, low = float(floor.price(False, 9) + 300), float(floor.price(True, 9) - 300)
        order = parsed(await connection.order_place(SYMBOL, "BUY", "STOP_LOSS", quantity=0.01, stop_price=high))
        parsed(await connection.order_amend_keep_priority(SYMBOL, 0.005, order_id=order.result.order_id))
        replaced = await connection.order_cancel_replace(
            SYMBOL,
            "STOP_ON_FAILURE",
            "BUY",
            "LIMIT_MAKER",
            cancel_order_id=order.result.order_id,
            price=low,
            quantity=0.01,
        )
        assert parsed(replaced).result.new_order_result == "SUCCESS"
        made = await connection.order_list_place_oco(
            SYMBOL, "SELL", 0.01, "LIMIT_MAKER", "STOP_LOSS", above_price=high, below_stop_price=low
        )
        assert parsed(made).result.contingency_type == "OCO"
        assert len(parsed(await connection.open_order_lists_status()).result) == 1
        parsed(await connection.open_orders_cancel_all(SYMBOL))
        parsed(await connection.account_status())
        parsed(await connection.my_filters(SYMBOL))
        parsed(await connection.ticker(symbol=SYMBOL, window_size="4h"))
        async with asyncio.timeout(5):
            while len(heard) < 12:
                told.clear()
                await told.wait()
        kinds = {type(event.actual_instance).__name__ for event in heard}
        assert kinds == {"ExecutionReport", "ListStatus", "OutboundAccountPosition"}
    finally:
        await connection.close_connection(close_session=True)
