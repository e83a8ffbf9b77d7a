"""The journal under load: order events a second, and opening one that has a hundred thousand behind it."""

import time
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from tui.domain.order import Order, OrderRequest, OrderStatus, order_from_request
from tui.domain.order_terms import OrderType, Side
from tui.domain.product import Product
from tui.engine.clock import Clock
from tui.engine.journal import Journal


def an_order(number: int) -> Order:
    """A limit order as the ladder sends it."""
    request = OrderRequest("BTCUSDT", Side.BUY, OrderType.LIMIT, Decimal("0.5"), Decimal("64000.01"))
    return order_from_request(request, Product.SPOT, f"btui-1-{number}", 1_795_400_000_000 + number)


def write_orders(journal: Journal, first: int, count: int) -> int:
    """Write the life of `count` orders: intent, working, filled, each with its event; returns statements written."""
    for number in range(first, first + count):
        order = an_order(number)
        journal.write_intent(order, "ladder", False, ("read-only", "locked", "stale-market", "price"))
        for status in (OrderStatus.NEW, OrderStatus.FILLED):
            journal.write_event("report", order.client_order_id, f'{{"status":"{status.value}","order_id":{number}}}')
            journal.write_known(replace(order, status=status, order_id=number))
    return 5 * count


def events_a_second(folder: Path, orders: int = 4_000) -> float:
    """Order events committed in a second of wall time."""
    with Journal(folder / "written.sqlite", "demo", "main", Clock()) as journal:
        begun = time.perf_counter()
        written = write_orders(journal, 0, orders)
        return written / (time.perf_counter() - begun)


def open_seconds(folder: Path, events: int = 100_000) -> float:
    """Seconds until a journal with that many old events is open and has told what is unfinished."""
    path = folder / "old.sqlite"
    with Journal(path, "demo", "main", Clock()) as journal:
        write_orders(journal, 0, events // 5)
        journal.write_intent(an_order(events), "ladder", False, ())
    begun = time.perf_counter()
    with Journal(path, "demo", "main", Clock()) as journal:
        assert [order.client_order_id for order in journal.unfinished()] == [f"btui-1-{events}"]
        return time.perf_counter() - begun
