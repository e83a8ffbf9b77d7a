"""One WebSocket connection: reading, writing, pings and its end. What is said on it is its speaker's business."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from itertools import count

from aiohttp import WSCloseCode, WSMsgType, web

from tui.exchange.server.heartbeat import Heartbeat, Rhythm
from tui.exchange.server.outbox import Outbox


class Connection:
    """A socket that is open. `heard` is called with each text frame; `closed` once, however it ended."""

    _numbers = count(1)

    def __init__(self, socket: web.WebSocketResponse, request: web.Request, rhythm: Rhythm, speed: float = 1.0) -> None:
        self._socket = socket
        #: Tells sockets apart in the order they were opened.
        self.number = next(self._numbers)
        #: The streams this socket hears.
        self.streams: Callable[[], list[str]] = list
        self._speed = speed
        self.outbox = Outbox(socket, request.transport)
        self._heartbeat = Heartbeat(rhythm, time.monotonic())

    def beat(self) -> None:
        """Ping when it is time; cut a connection that has stopped answering, or has lasted a day."""
        now, payload = time.monotonic(), str(int(time.time() * 1000)).encode()
        if self._heartbeat.is_dead(now) or self._heartbeat.is_old(now, self._speed):
            self.outbox.cut()
        elif self._heartbeat.ping_due(now, payload):
            self.outbox.push(payload, WSMsgType.PING)

    async def serve(self, heard: Callable[[str], None]) -> None:
        """Read until the other side goes, misbehaves, or this side cuts."""
        writer = asyncio.create_task(self.outbox.run())
        try:
            await self._read(heard)
        finally:
            writer.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await writer

    async def _read(self, heard: Callable[[str], None]) -> None:
        while True:
            message = await self._socket.receive()
            if message.type is WSMsgType.PONG:
                self._heartbeat.pong(time.monotonic(), message.data)
            elif message.type is WSMsgType.PING:
                self.outbox.push(message.data, WSMsgType.PONG)
            elif message.type is not WSMsgType.TEXT:
                return
            if self._heartbeat.is_flooded(time.monotonic()):
                await self._socket.close(code=WSCloseCode.POLICY_VIOLATION, message=b"Too many requests")
                return
            if message.type is WSMsgType.TEXT:
                heard(message.data)


async def accept(request: web.Request) -> web.WebSocketResponse:
    """Answer the upgrade; pings are answered by us, and nothing is compressed on loopback."""
    socket = web.WebSocketResponse(autoping=False, compress=False, max_msg_size=1 << 20)
    await socket.prepare(request)
    return socket
