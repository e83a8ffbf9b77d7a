"""What one message of each stream and one request costs: `pytest tests/benchmarks --benchmark-only`.

Every block takes 200 messages through the same path as in the program, from the bytes of a frame to the listener.
"""

import json
from decimal import Decimal

import pytest
from depth_stream import DepthStream, instrument

from tui.binance.call import Call
from tui.binance.client import StreamKind, Subscription
from tui.binance.limits import LimitPools
from tui.binance.market_events import handler_for
from tui.binance.signing import Credentials, encode, sign_query, signer_for
from tui.binance.streams import MarketConnection
from tui.domain.market import BookSnapshot
from tui.domain.product import Product
from tui.engine.feeds.book_sync import BookSync, Step
from tui.keys.key_material import KeyKind, generate

BLOCK = 200
T = 1_795_400_000_000
OF = instrument(Product.USDM)
K = StreamKind

MINI = {
    "e": "24hrMiniTicker", "E": T, "s": "BTCUSDT", "c": "91234.50", "o": "90000.00", "h": "92000.00", "l": "89000.00",
    "v": "12345.678", "q": "1123456789.12", "st": 1,
}  # fmt: skip
PAYLOADS = {
    K.TRADES: {
        "e": "aggTrade", "E": T, "s": "BTCUSDT", "a": 3200000001, "p": "91234.50", "q": "0.250", "nq": "0.200",
        "f": 7000000001, "l": 7000000003, "T": T, "m": False, "st": 1,
    },
    K.TICKER: {
        "e": "24hrTicker", "E": T, "s": "BTCUSDT", "p": "1234.50", "P": "1.37", "w": "90500.12", "c": "91234.50",
        "Q": "0.250", "o": "90000.00", "h": "92000.00", "l": "89000.00", "v": "12345.678", "q": "1123456789.12",
        "O": T, "C": T, "F": 1, "L": 2, "n": 3, "st": 1,
    },
    K.QUOTE: {
        "e": "bookTicker", "u": 9000000000141, "E": T, "T": T, "s": "BTCUSDT", "ps": "BTCUSDT", "b": "91234.40",
        "B": "1.500", "a": "91234.50", "A": "0.020", "st": 1,
    },
    K.CANDLES: {
        "e": "kline", "E": T, "s": "BTCUSDT",
        "k": {
            "t": T, "T": T, "s": "BTCUSDT", "i": "1m", "f": 501, "L": 530, "o": "91000.00", "c": "91234.50",
            "h": "91300.00", "l": "90900.00", "v": "41.200", "n": 30, "x": False, "q": "3751190.1", "V": "20.000",
            "Q": "1820400.0", "B": "0",
        },
    },
    K.MARK_PRICE: {
        "e": "markPriceUpdate", "E": T, "s": "BTCUSDT", "p": "91233.10000000", "ap": "91232.80000000",
        "i": "91231.00000000", "P": "91200.00000000", "r": "0.00010000", "T": T, "st": 1,
    },
    K.MINI_TICKER: MINI,
    K.LIQUIDATIONS: {
        "e": "forceOrder", "E": T, "ps": "BTCUSDT", "st": 1,
        "o": {
            "s": "BTCUSDT", "S": "SELL", "o": "LIMIT", "f": "IOC", "q": "4.000", "p": "91010.10", "ap": "91012.00",
            "X": "FILLED", "l": "4.000", "z": "4.000", "T": T,
        },
    },
}  # fmt: skip


class Deaf:
    """Hears everything and keeps nothing."""

    def __getattr__(self, name):
        return lambda *values: None


@pytest.mark.parametrize("kind", list(PAYLOADS))
def test_a_message_from_its_frame_to_the_listener(benchmark, kind) -> None:
    name = f"btcusdt@{kind.value}"
    frame = json.dumps({"stream": name, "data": PAYLOADS[kind]}, separators=(",", ":")).encode()
    connection = MarketConnection("ws://127.0.0.1", lambda link, state, detail: None, None)  # type: ignore[arg-type]
    connection.want({name: handler_for(Subscription(kind, OF, "1m"), Deaf(), Product.USDM)})

    def take() -> None:
        for _ in range(BLOCK):
            connection.received(frame)

    benchmark(take)


def test_the_tickers_of_six_hundred_symbols_in_one_message(benchmark) -> None:
    rows = [{**MINI, "s": f"S{number}USDT"} for number in range(600)]
    frame = json.dumps({"stream": "!miniTicker@arr", "data": rows}, separators=(",", ":")).encode()
    take = handler_for(Subscription(K.ALL_MINI_TICKERS, None), Deaf(), Product.USDM)
    benchmark(lambda: take(frame))


@pytest.mark.parametrize("is_doubled", [False, True], ids=["once", "twice, while connections change"])
def test_whether_a_change_follows_the_last(benchmark, is_doubled) -> None:
    stream = DepthStream(Product.USDM, BLOCK)
    changes = []
    hears = Deaf()
    hears.on_book_change = lambda of, change: changes.extend([change] * (2 if is_doubled else 1))
    take = handler_for(Subscription(K.BOOK, OF), hears)
    for frame in stream.frames:
        take(frame)

    def judge() -> None:
        sync = BookSync()
        sync.on_snapshot(BookSnapshot(changes[0].previous_id, [], []))
        applied = sum(sync.on_change(change) is Step.APPLY for change in changes)
        assert applied == BLOCK

    benchmark(judge)


def test_a_request_is_foreseen_and_counted(benchmark) -> None:
    limits = LimitPools().futures
    call = Call("POST", "/fapi/v1/order", 0, signed=True, is_order=True)
    headers = {"X-MBX-USED-WEIGHT-1M": "17", "X-MBX-ORDER-COUNT-10S": "3", "Date": "now", "Server": "x"}
    moments = iter(range(T, T + 10**12, 250))

    def ask() -> None:
        for _ in range(BLOCK):
            now_ms = next(moments)
            limits.spend(call, now_ms)
            limits.take_headers(headers, now_ms)

    benchmark(ask)


@pytest.mark.parametrize("kind", list(KeyKind))
def test_an_order_is_encoded_and_signed(benchmark, kind) -> None:
    secret = "a1B2" * 16 if kind is KeyKind.HMAC else generate(kind).secret.reveal()
    credentials = Credentials("k" * 64, signer_for(secret))
    order = {
        "symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": str(Decimal("0.75")),
        "price": "2910.40", "newClientOrderId": "tui-7", "recvWindow": 5000, "timestamp": T,
    }  # fmt: skip
    benchmark(lambda: sign_query(credentials, encode(order)))
