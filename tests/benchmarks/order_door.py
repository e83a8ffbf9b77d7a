"""A door of plain sockets before one product's requests, which notes when the bytes of an order arrive.

Nothing is read but the first words of a request, so what is noted is when the bytes were on the socket, not when some
server had understood them.
"""

import socket
import threading
import time
from collections.abc import Callable
from urllib.parse import urlsplit

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
            there = socket.create_connection(self._upstream)
            for each in (here, there):
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._relay(here, there, self._note)
            self._relay(there, here, lambda data: None)

    def _note(self, data: bytes) -> None:
        if data.startswith(_ORDER):
            self._orders.append(time.perf_counter())

    @staticmethod
    def _relay(source: socket.socket, target: socket.socket, note: Callable[[bytes], None]) -> None:
        def run() -> None:
            try:
                while data := source.recv(65_536):
                    note(data)
                    target.sendall(data)
            except OSError:
                pass
            finally:
                source.close()
                target.close()

        threading.Thread(target=run, daemon=True).start()
