"""What waits to be written to one socket: bounded, so that a stalled reader costs a connection and not the memory."""

import asyncio
import time
from collections import deque

from aiohttp import ClientConnectionResetError, WSMsgType, web

from tui.exchange.faults import FrameScript

#: A reader this far behind is cut off; a burst of everything on every symbol is far smaller.
MOST_BYTES = 4 * 1024 * 1024
MOST_FRAMES = 20_000


class Outbox:
    """Frames of one socket in order, and the task that writes them."""

    def __init__(self, socket: web.WebSocketResponse, transport: asyncio.Transport | None) -> None:
        self._socket = socket
        self._transport = transport
        self._frames: deque[tuple[bytes, WSMsgType]] = deque()
        self._bytes = 0
        self._ready = asyncio.Event()
        self.is_overrun = False
        self.script = FrameScript()

    def push(self, frame: bytes, kind: WSMsgType = WSMsgType.TEXT) -> None:
        """Queue a frame; cuts the connection when too much is waiting."""
        if self.is_overrun:
            return
        if self.script.is_idle or kind is not WSMsgType.TEXT:
            self._queue(frame, kind)
            return
        for sent in self.script.frames(frame, time.monotonic() * 1000):
            self._queue(sent, kind)

    def _queue(self, frame: bytes, kind: WSMsgType) -> None:
        self._frames.append((frame, kind))
        self._bytes += len(frame)
        if self._bytes > MOST_BYTES or len(self._frames) > MOST_FRAMES:
            self.cut()
            return
        self._ready.set()

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits to be written."""
        return not self._frames

    def cut(self) -> None:
        """Drop the connection and everything that waits."""
        self.is_overrun = True
        self._frames.clear()
        self._ready.set()
        if self._transport is not None:
            self._transport.abort()

    async def run(self) -> None:
        """Write until the connection is gone or cancelled."""
        try:
            while not self.is_overrun:
                await self._ready.wait()
                self._ready.clear()
                while self._frames:
                    frame, kind = self._frames.popleft()
                    self._bytes -= len(frame)
                    if self.script.slow_ms:
                        await asyncio.sleep(self.script.slow_ms / 1000)
                    await self._socket.send_frame(frame, kind)
        except (ClientConnectionResetError, ConnectionError):
            return
