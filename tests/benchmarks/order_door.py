"""A door of plain sockets before one product's requests, which notes when the bytes of an order were on the socket.

Nothing is read but the first words of a request, and the time is the kernel's own of the arrival where it tells one:
neither a server that understands the order nor the scheduling of whoever listens is measured.

`Floor` is the least that a key can take: a program that does nothing but send a fixed order of the same size, on a
terminal and a socket of the same kind.
"""

import os
import pty
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from urllib.parse import urlsplit

#: `SO_TIMESTAMPNS` of Linux, which Python has no name for; the answer is seconds and nanoseconds since the epoch.
_ARRIVAL = 35
_STAMP = struct.Struct("qq")
_ORDER = (b"POST /fapi/v1/order", b"POST /dapi/v1/order", b"POST /api/v3/order")


class OrderDoor:
    """Relays every connection to `upstream` (`http://host:port`); `url` is where to knock instead."""

    def __init__(self, upstream: str) -> None:
        address = urlsplit(upstream)
        self._upstream = (address.hostname or "", address.port or 80)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._orders: list[float] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def orders(self) -> list[float]:
        """Times of the orders since the last time this was asked, on `time.perf_counter`."""
        noted, self._orders = self._orders, []
        return noted

    def close(self) -> None:
        """Let nobody in any more."""
        self._socket.close()

    def _accept(self) -> None:
        while True:
            try:
                here, _ = self._socket.accept()
            except OSError:
                return
            if sys.platform == "linux":
                here.setsockopt(socket.SOL_SOCKET, _ARRIVAL, 1)
            there = socket.create_connection(self._upstream)
            for each in (here, there):
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._relay(here, there, self._note)
            self._relay(there, here, lambda data, arrived: None)

    def _note(self, data: bytes, arrived: float) -> None:
        if data.startswith(_ORDER):
            self._orders.append(arrived)

    @staticmethod
    def _relay(source: socket.socket, target: socket.socket, note: Callable[[bytes, float], None]) -> None:
        def run() -> None:
            try:
                while True:
                    data, told, *_ = source.recvmsg(65_536, 128)
                    if not data:
                        break
                    note(data, _arrival(told))
                    target.sendall(data)
            except OSError:
                pass
            finally:
                source.close()
                target.close()

        threading.Thread(target=run, daemon=True).start()


class Floor:
    """The bare program, its terminal, and the socket it sends to."""

    _PROGRAM = """
import os, socket, sys, tty
tty.setraw(0)
door = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
while os.read(0, 1):
    door.sendall(b"POST /fapi/v1/order?floor HTTP/1.1" + b"x" * 600)
"""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._fd, inside = pty.openpty()
        words = [sys.executable, "-c", self._PROGRAM, str(self._listener.getsockname()[1])]
        self._process = subprocess.Popen(words, stdin=inside, start_new_session=True)
        os.close(inside)
        self._socket, _ = self._listener.accept()
        if sys.platform == "linux":
            self._socket.setsockopt(socket.SOL_SOCKET, _ARRIVAL, 1)

    def seconds(self) -> float:
        """Press the key once: seconds until its order is on the socket."""
        pressed = time.perf_counter()
        os.write(self._fd, b"q")
        _, told, *_ = self._socket.recvmsg(65_536, 128)
        return _arrival(told) - pressed

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
        os.close(self._fd)
        self._socket.close()
        self._listener.close()


def _arrival(told: list[tuple[int, int, bytes]]) -> float:
    """When what was received had arrived, on `time.perf_counter`: as the kernel told, else now."""
    now, now_ns = time.perf_counter(), time.time_ns()
    for level, kind, data in told:
        if (level, kind) == (socket.SOL_SOCKET, _ARRIVAL):
            seconds, nanoseconds = _STAMP.unpack(data[: _STAMP.size])
            return now - (now_ns - seconds * 1_000_000_000 - nanoseconds) / 1e9
    return now
