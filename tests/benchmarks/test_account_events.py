"""Futures account events from bytes to the engine's orders: `pytest tests/benchmarks --benchmark-only`.

An execution costs about twenty times what decoding alone does, 33 µs: 500 are taken within a sixtieth of a second.
"""

import json
from decimal import Decimal

import msgspec
import pytest

from tui.binance.environment import ProductUrls
from tui.binance.futures.event_wire import Event
from tui.binance.futures.user_events import UserEvents
from tui.binance.usdm.client import UsdmClient

EVENTS = 500
URLS = ProductUrls("http://127.0.0.1:1", "ws://127.0.0.1:1")


class Deaf:
    """Listens to nothing."""

    def on_order_report(self, report) -> None: ...
    def on_balances(self, balances) -> None: ...
    def on_positions(self, positions) -> None: ...


def order_frames() -> list[bytes]:
    """An order that trades a lot each time, as USD-M tells it."""
    frames = []
    for number in range(1, EVENTS + 1):
        order = {
            "s": "BTCUSDT", "c": "btui-abc-1", "S": "SELL", "o": "LIMIT", "f": "GTC", "q": "500.000", "p": "91500.00",
            "ap": "91500.00", "sp": "0", "x": "TRADE", "X": "PARTIALLY_FILLED", "i": 88900000130, "l": "0.001",
            "z": str(Decimal(number) / 1_000), "L": "91500.00", "N": "USDT", "n": "0.0183", "T": 1795400050009 + number,
            "t": number, "b": "0", "a": "0", "m": True, "R": False, "wt": "CONTRACT_PRICE", "ot": "LIMIT", "ps": "BOTH",
            "cp": False, "AP": "0", "cr": "0", "pP": False, "si": 0, "ss": 0, "rp": "5.0", "V": "EXPIRE_MAKER",
            "pm": "NONE", "gtd": 0, "er": "0",
        }  # fmt: skip
        event = {"e": "ORDER_TRADE_UPDATE", "E": 1795400050012, "T": 1795400050009, "o": order}
        frames.append(json.dumps(event, separators=(",", ":")).encode())
    return frames


def account_frames() -> list[bytes]:
    """Wallet and position after each of them."""
    row = {"s": "BTCUSDT", "pa": "0.5", "ep": "91500", "bep": "91536", "cr": "5", "mt": "cross", "ps": "BOTH"}
    change = {"m": "ORDER", "B": [{"a": "USDT", "wb": "5004.8", "cw": "5004.8", "bc": "0"}], "P": [row]}
    event = {"e": "ACCOUNT_UPDATE", "E": 2, "T": 1, "a": change}
    return [json.dumps(event, separators=(",", ":")).encode()] * EVENTS


def taken(frames: list[bytes]):
    """Something that takes all of them."""
    events = UserEvents(UsdmClient(URLS, None), Deaf(), lambda: None)

    def take() -> None:
        for frame in frames:
            events.take(frame)

    return take


def decoded(frames: list[bytes]):
    """Something that only decodes them."""
    decode = msgspec.json.Decoder(Event).decode

    def take() -> None:
        for frame in frames:
            decode(frame)

    return take


@pytest.mark.parametrize("frames", [order_frames(), account_frames()], ids=["orders", "account"])
@pytest.mark.parametrize("how", [decoded, taken])
def test_events_of_an_account(benchmark, frames, how) -> None:
    benchmark(how(frames))
