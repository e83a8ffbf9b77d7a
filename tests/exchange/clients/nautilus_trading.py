"""A trading node of nautilus_trader on USD-M, in a process of its own: the node keeps threads to its end.

Reads the exchange's ready line from standard input; says as one line of JSON what the node heard and what became of its
orders.
"""

import asyncio
import json
import os
import sys
from datetime import timedelta
from typing import Any

from nautilus_trader.adapters.binance.common.enums import BinanceAccountType
from nautilus_trader.adapters.binance.config import BinanceDataClientConfig, BinanceExecClientConfig
from nautilus_trader.adapters.binance.factories import BinanceLiveDataClientFactory, BinanceLiveExecClientFactory
from nautilus_trader.config import InstrumentProviderConfig, LoggingConfig, StrategyConfig, TradingNodeConfig
from nautilus_trader.live.node import TradingNode
from nautilus_trader.model.data import BarType
from nautilus_trader.model.enums import BookType, OrderSide, TimeInForce
from nautilus_trader.model.identifiers import InstrumentId, TraderId
from nautilus_trader.trading.strategy import Strategy

INSTRUMENT = "ETHUSDT-PERP.BINANCE"
HEARD = {"quote", "trade", "book", "mark", "bars"}
PATIENCE_S = 30


class Trading(Strategy):
    """Asks for everything, then sends one order of each kind."""

    def __init__(self) -> None:
        super().__init__(StrategyConfig())
        self.heard: set[str] = set()
        self.mine: dict[str, Any] = {}

    def on_start(self) -> None:
        """Subscribe."""
        self.about = InstrumentId.from_str(INSTRUMENT)
        self.instrument = self.cache.instrument(self.about)
        bars = BarType.from_str(f"{INSTRUMENT}-1-MINUTE-LAST-EXTERNAL")
        self.subscribe_quote_ticks(self.about)
        self.subscribe_trade_ticks(self.about)
        self.subscribe_order_book_deltas(self.about, BookType.L2_MBP)
        self.subscribe_mark_prices(self.about)
        self.request_bars(bars, start=self.clock.utc_now() - timedelta(hours=1))

    def on_historical_data(self, data: Any) -> None:
        """Bars of the past."""
        self.heard.add("bars")

    def on_trade_tick(self, tick: Any) -> None:
        """A print."""
        self.heard.add("trade")

    def on_order_book_deltas(self, deltas: Any) -> None:
        """Changes of the book."""
        self.heard.add("book")

    def on_mark_price(self, price: Any) -> None:
        """The mark."""
        self.heard.add("mark")

    def on_quote_tick(self, tick: Any) -> None:
        """The first quote sets off the orders."""
        self.heard.add("quote")
        if not self.mine:
            self.send(float(tick.bid_price))

    def send(self, bid: float) -> None:
        """One that rests, one that takes, one that must not take, and one that closes."""
        make, quantity = self.order_factory, self.instrument.make_qty(0.02)

        def limit(side: OrderSide, share: float, **more: Any) -> Any:
            return make.limit(self.about, side, quantity, self.instrument.make_price(bid * share), **more)

        self.mine = {
            "rests": limit(OrderSide.BUY, 0.98),
            "takes": make.market(self.about, OrderSide.BUY, quantity),
            "post_only": limit(OrderSide.BUY, 1.01, post_only=True),
            "closes": limit(OrderSide.SELL, 0.995, time_in_force=TimeInForce.IOC),
        }
        for order in self.mine.values():
            self.submit_order(order)

    def states(self) -> dict[str, str]:
        """What has become of each order."""
        return {name: order.status_string() for name, order in self.mine.items()}


async def told(is_so: Any) -> None:
    """Wait until something is so; TimeoutError when it takes too long."""
    async with asyncio.timeout(PATIENCE_S):
        while not is_so():  # noqa: ASYNC110, the node tells nobody
            await asyncio.sleep(0.02)


async def session(node: TradingNode, trading: Trading) -> None:
    """Trade, change and cancel."""
    running = asyncio.create_task(node.run_async())
    await told(lambda: trading.heard >= HEARD and trading.states().get("closes") == "FILLED")
    await told(lambda: trading.states()["rests"] == "ACCEPTED" and trading.states()["post_only"] == "REJECTED")
    resting = trading.mine["rests"]
    wanted = trading.instrument.make_price(float(resting.price) * 0.999)
    trading.modify_order(resting, price=wanted)
    await told(lambda: resting.price == wanted)
    trading.cancel_order(resting)
    await told(lambda: trading.states()["rests"] == "CANCELED")
    positions = [str(position.side.name) for position in node.cache.positions()]
    sys.stdout.write(json.dumps({"states": trading.states(), "positions": positions}) + "\n")
    sys.stdout.flush()
    running.cancel()


def main() -> None:
    """Run one session."""
    ready = json.loads(sys.stdin.readline())
    key = next(key for key in ready["keys"] if key["type"] == "HMAC")
    about = {
        "api_key": key["api_key"],
        "api_secret": key["api_secret"],
        "account_type": BinanceAccountType.USDT_FUTURES,
        "base_url_http": ready["usdm"]["rest"],
        "base_url_ws": ready["usdm"]["ws"],
        "instrument_provider": InstrumentProviderConfig(load_ids=frozenset([INSTRUMENT])),
    }
    node = TradingNode(
        TradingNodeConfig(
            trader_id=TraderId("EXCHANGE-001"),
            logging=LoggingConfig(log_level="ERROR"),
            data_clients={"BINANCE": BinanceDataClientConfig(**about)},
            exec_clients={"BINANCE": BinanceExecClientConfig(**about)},
        )
    )
    trading = Trading()
    node.trader.add_strategy(trading)
    node.add_data_client_factory("BINANCE", BinanceLiveDataClientFactory)
    node.add_exec_client_factory("BINANCE", BinanceLiveExecClientFactory)
    node.build()
    node.kernel.loop.run_until_complete(session(node, trading))
    # What the node started never ends by itself.
    os._exit(0)


if __name__ == "__main__":
    main()
