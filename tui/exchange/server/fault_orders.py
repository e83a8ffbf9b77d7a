"""`/fault`: which sockets a fault is for, and what is done at once."""

import asyncio
import time
from collections.abc import Callable, Collection

import msgspec
from aiohttp import web

from tui.exchange.faults import FaultOrder
from tui.exchange.server.connection import Connection
from tui.exchange.server.desk import Desk

#: Clients give up long before a request that is never answered is dropped.
NEVER_S = 75.0


def list_connections(connections: Collection[Connection]) -> list[dict[str, object]]:
    """The open sockets: their numbers, and the streams they hear."""
    ordered = sorted(connections, key=lambda connection: connection.number)
    return [{"connection": each.number, "streams": each.streams()} for each in ordered]


def read_order(body: bytes) -> FaultOrder:
    """What is to go wrong; raises msgspec.ValidationError or msgspec.DecodeError."""
    return msgspec.json.decode(body, type=FaultOrder)


def carry_out(
    desk: Desk, order: FaultOrder, connections: Collection[Connection], farewells: Callable[[Connection], None]
) -> int:
    """Put a fault in force; returns how many sockets it is for."""
    now = time.monotonic() * 1000
    desk.faults.take(order, now)
    if order.stale_depth is not None:
        desk.faults.stale_books = {symbol: desk.venue.depth(symbol, 5_000) for symbol in desk.venue.listings}
    if order.ban_ms is not None:
        desk.budget.bans.until_ms = desk.now_ms() + order.ban_ms
    if order.expire_listen_keys:
        desk.listen_keys.expire_all()
        if desk.margin is not None:
            desk.margin.tokens.expire_all()
    meant = [connection for connection in connections if _is_meant(connection, order)]
    for connection in meant:
        connection.outbox.script.take(order, now)
        if order.shutdown_ms is not None:
            farewells(connection)
            asyncio.get_running_loop().call_later(order.shutdown_ms / 1000, connection.outbox.cut)
        if order.cut:
            connection.outbox.cut()
    return len(meant)


def _is_meant(connection: Connection, order: FaultOrder) -> bool:
    if order.connection is not None and connection.number != order.connection:
        return False
    return order.stream is None or order.stream in connection.streams()


async def never(request: web.Request) -> web.Response:
    """No answer; the connection ends when every client has given up."""
    await asyncio.sleep(NEVER_S)
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=504)
