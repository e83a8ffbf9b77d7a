"""Clients made by others leave loops and sockets behind; where they are installed, that is not held against us."""

import logging
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import pytest
from exchange_for_clients import running_exchange

_CLIENTS = ("binance", "binance_common", "ccxt")


def pytest_configure(config: pytest.Config) -> None:
    if find_spec("binance"):
        # python-binance waits so long for its own reading to end whenever a socket of it is closed.
        from binance.ws.reconnecting_websocket import ReconnectingWebsocket

        ReconnectingWebsocket.TIMEOUT = 1
    if any(find_spec(client) for client in _CLIENTS):
        for warning in ("ResourceWarning", "pytest.PytestUnraisableExceptionWarning"):
            config.addinivalue_line("filterwarnings", f"ignore::{warning}")


@pytest.fixture(scope="module")
def ready() -> Iterator[dict[str, Any]]:
    """The addresses and keys of an exchange in a process of its own."""
    with running_exchange() as ready:
        yield ready


@pytest.fixture
def nothing_is_parsed_leniently(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """The SDK warns when a reply is not of the types it declares."""
    caplog.set_level(logging.WARNING)
    yield
    assert [record.message for record in caplog.records if "did not match" in record.message] == []
