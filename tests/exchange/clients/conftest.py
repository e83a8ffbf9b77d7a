"""Clients made by others leave loops and sockets behind; where they are installed, that is not held against us."""

from importlib.util import find_spec

import pytest

_CLIENTS = ("binance", "binance_common", "ccxt")


def pytest_configure(config: pytest.Config) -> None:
    if find_spec("binance"):
        # python-binance waits so long for its own reading to end whenever a socket of it is closed.
        from binance.ws.reconnecting_websocket import ReconnectingWebsocket

        ReconnectingWebsocket.TIMEOUT = 1
    if any(find_spec(client) for client in _CLIENTS):
        for warning in ("ResourceWarning", "pytest.PytestUnraisableExceptionWarning"):
            config.addinivalue_line("filterwarnings", f"ignore::{warning}")
