"""Make the pictures of the README from a living demo: `python3 dev.py screenshots`.

Starts the embedded exchange with a fixed seed, trades a little, and photographs the screen at several sizes.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from tui.cli.exchange_process import ExchangeProcess
from tui.cli.folders import folders
from tui.cli.options import Context
from tui.cli.places import place_of_demo
from tui.cli.session import open_runtime
from tui.config import Screen, Settings
from tui.domain.order import OrderListRequest, OrderRequest
from tui.domain.order_terms import OrderType, Side, Terms
from tui.domain.product import Product
from tui.engine.commands import Origin
from tui.engine.commands.orders import SubmitOrder, SubmitOrderList
from tui.engine.runtime import Runtime
from tui.engine.store import Link
from tui.ui.app import TradingApp

HERE = Path(__file__).resolve().parent
SYMBOL = "BTCUSDT-PERP"
SIZES = {"demo": (200, 50), "demo-120x36": (120, 36), "demo-80x24": (80, 24)}

#: Long enough for the watchlist's sparklines to have a shape.
_LIVE_FOR_S = 45.0


def main() -> int:
    """Write one SVG per size; returns the exit status."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        exchange = ExchangeProcess.start(folder / "exchange.sqlite", seed=3)
        try:
            settings = Settings(screen=Screen(symbol=SYMBOL))
            context = Context(folders(None, folder, None), settings, read_only=False)
            runtime = open_runtime(context, place_of_demo(exchange.ready(), "demo"))
            runtime.start()
            try:
                asyncio.run(photograph(runtime, settings))
            finally:
                runtime.stop()
        finally:
            exchange.stop()
    return 0


async def photograph(runtime: Runtime, settings: Settings) -> None:
    """Trade as a newcomer would, then draw every size."""
    await until(lambda: runtime.store.focus == SYMBOL)
    market = runtime.store.market(SYMBOL)
    await until(lambda: market.book.is_live and runtime.store.links[Product.USDM].user is Link.LIVE)
    bracket, *entries = orders(runtime)
    runtime.send(SubmitOrderList(protected(bracket, runtime), reviewed=True), Origin.SCRIPT)
    for request in entries:
        runtime.send(SubmitOrder(request, reviewed=True), Origin.SCRIPT)
        await asyncio.sleep(0.2)
    await asyncio.sleep(_LIVE_FOR_S)
    for name, size in SIZES.items():
        app = TradingApp(runtime, settings)
        async with app.run_test(size=size) as pilot:
            await until(lambda: bool(market.series))
            await pilot.pause(1.5)
            (HERE / f"{name}.svg").write_text(app.export_screenshot(title="binance-tui demo"), encoding="utf-8")


def orders(runtime: Runtime) -> list[OrderRequest]:
    """A position, and limit orders a few rows from the touch."""
    instrument, view = runtime.store.instruments[SYMBOL], runtime.store.market(SYMBOL).book.view(1)
    assert view.best_bid is not None
    assert view.best_ask is not None
    bid, ask = instrument.tick.value(view.best_bid), instrument.tick.value(view.best_ask)

    def limit(side: Side, quantity: str, price: Decimal) -> OrderRequest:
        return OrderRequest(SYMBOL, side, OrderType.LIMIT, Decimal(quantity), price, post_only=True)

    return [
        OrderRequest(SYMBOL, Side.BUY, OrderType.MARKET, Decimal("0.250")),
        limit(Side.BUY, "0.100", bid - 8),
        limit(Side.BUY, "0.150", bid - 45),
        limit(Side.SELL, "0.050", ask + 9),
        limit(Side.SELL, "0.120", ask + 60),
    ]


def protected(entry: OrderRequest, runtime: Runtime) -> OrderListRequest:
    """The entry with a target and a stop."""
    last = runtime.store.market(SYMBOL).last_price()
    assert last is not None

    def leg(kind: OrderType, away: int) -> OrderRequest:
        terms = Terms(trigger_price=last + away)
        return OrderRequest(SYMBOL, Side.SELL, kind, entry.quantity, reduce_only=True, terms=terms)

    legs = leg(OrderType.MARKET_IF_TOUCHED, 420), leg(OrderType.STOP_MARKET, -260)
    return OrderListRequest(entry, legs)


async def until(condition: Callable[[], bool], within_s: float = 20.0) -> None:
    """Wait for something the engine's thread brings about."""
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("the demo did not come to life")
        await asyncio.sleep(0.05)


if __name__ == "__main__":
    sys.exit(main())
