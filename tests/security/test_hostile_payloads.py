"""Every reader of what the exchange sends, on real messages twisted in every way a hostile exchange knows."""

import dataclasses
import json
from collections.abc import Iterator
from decimal import Decimal

import msgspec
import pytest

from tui.binance.client import StreamKind, Subscription
from tui.binance.environment import ProductUrls
from tui.binance.errors import BinanceError, OutcomeUnknownError
from tui.binance.futures.user_events import UserEvents
from tui.binance.link import ReconnectNow, RenewLink
from tui.binance.margin import parse as margin_parse
from tui.binance.margin import wire as margin_wire
from tui.binance.market_events import handler_for
from tui.binance.rows import readable_instruments
from tui.binance.spot import events as spot_events
from tui.binance.spot import parse as spot_parse
from tui.binance.spot import wire as spot_wire
from tui.binance.spot.instruments import instrument
from tui.binance.streams import MarketConnection
from tui.binance.usdm.client import UsdmClient
from tui.binance.wire import MALFORMED, answered, decode_answer, increment, listed_name, number
from tui.config import ExecutionOptions, Options
from tui.domain.product import Product
from tui.domain.text import is_clean
from tui.exchange.hostile import Attack, Hostility

TURNS = 60
TIME = 1_795_400_000_000

INFO = {
    "symbol": "BTCUSDT", "status": "TRADING", "baseAsset": "BTC", "quoteAsset": "USDT", "baseAssetPrecision": 8,
    "quotePrecision": 8, "isSpotTradingAllowed": True, "quoteOrderQtyMarketAllowed": True,
    "filters": [
        {"filterType": "PRICE_FILTER", "minPrice": "0.01", "maxPrice": "1000000", "tickSize": "0.01000000"},
        {"filterType": "LOT_SIZE", "minQty": "0.00001", "maxQty": "9000.0", "stepSize": "0.00001000"},
        {"filterType": "NOTIONAL", "minNotional": "5.00000000"},
        {"filterType": "PERCENT_PRICE_BY_SIDE", "bidMultiplierUp": "5", "bidMultiplierDown": "0.2"},
    ],
}  # fmt: skip
INSTRUMENT = instrument(msgspec.convert(INFO, spot_wire.SymbolInfo))

STREAMS = {
    (StreamKind.BOOK, ""): {
        "e": "depthUpdate", "E": TIME, "U": 1, "u": 3, "pu": 0, "T": TIME,
        "b": [["64000.10", "0.5"], ["64000.00", "0"]], "a": [["64001.00", "1.00000"]],
    },
    (StreamKind.TRADES, ""): {"e": "aggTrade", "a": 5, "p": "64000.10", "q": "0.5", "T": TIME, "m": True},
    (StreamKind.TICKER, ""): {
        "e": "24hrTicker", "E": TIME, "c": "64000.1", "o": "63000", "h": "65000", "l": "62000", "v": "10", "q": "1",
    },
    (StreamKind.QUOTE, ""): {"b": "64000.10", "B": "0.5", "a": "64001.00", "A": "2", "T": TIME},
    (StreamKind.CANDLES, ""): {
        "e": "kline",
        "k": {"t": TIME, "T": TIME + 1, "o": "1", "h": "3", "l": "1", "c": "2", "v": "9", "x": False},
    },
    (StreamKind.MARK_PRICE, ""): {
        "e": "markPriceUpdate", "E": TIME, "p": "64000.1", "i": "64000", "r": "0.0001", "T": TIME,
        "P": "64001", "ap": "64000.5",
    },
    (StreamKind.TRADES, "btcusdt@trade"): {"e": "trade", "t": 5, "p": "64000.10", "q": "0.5", "T": TIME, "m": True},
    (StreamKind.PARTIAL_BOOK, ""): {
        "lastUpdateId": 7, "bids": [["64000.10", "0.5"]], "asks": [["64001.00", "1.00000"]],
    },
    (StreamKind.ALL_MINI_TICKERS, ""): [
        {
            "e": "24hrMiniTicker", "E": TIME, "s": "BTCUSDT", "c": "64000.1", "o": "63000", "h": "65000", "l": "62000",
            "v": "10", "q": "1", "st": 1,
        },
    ],
    (StreamKind.LIQUIDATIONS, ""): {
        "e": "forceOrder", "E": TIME, "st": 1,
        "o": {"s": "BTCUSDT", "S": "SELL", "q": "4", "p": "64000", "ap": "64001", "z": "4", "T": TIME},
    },
}  # fmt: skip

EXECUTION = {
    "e": "executionReport", "s": "BTCUSDT", "c": "btui-1", "S": "SELL", "o": "LIMIT", "f": "GTC", "q": "0.75",
    "p": "64000.1", "P": "0", "C": "", "x": "TRADE", "X": "PARTIALLY_FILLED", "r": "NONE", "i": 700001, "l": "0.5",
    "z": "0.5", "L": "64000.1", "n": "1.4", "N": "USDT", "T": TIME, "t": 88101, "m": False, "Z": "32000",
    "g": 5, "F": "0.1", "d": 100, "gP": "PRIMARY_PEG", "gOV": 3, "gp": "64000.2", "A": "0.1", "V": "NONE", "Q": "0",
    "W": TIME, "w": True,
}  # fmt: skip
BALANCES = {
    "e": "outboundAccountPosition", "u": TIME,
    "B": [{"a": asset, "f": "1.5", "l": "0.5"} for asset in ("BTC", "USDT", "BNB", "ETH")],
}  # fmt: skip
FUTURES_ORDER = {
    "e": "ORDER_TRADE_UPDATE",
    "o": {
        "s": "BTCUSDT", "c": "btui-1", "S": "BUY", "o": "LIMIT", "q": "0.1", "x": "TRADE", "X": "FILLED", "i": 7,
        "z": "0.1", "T": TIME, "f": "GTC", "p": "64000", "ap": "64000", "sp": "0", "l": "0.1", "L": "64000",
        "n": "0.1", "N": "USDT", "t": 9, "rp": "-0.5", "er": "0",
    },
}  # fmt: skip
FUTURES_ACCOUNT = {
    "e": "ACCOUNT_UPDATE", "T": TIME,
    "a": {"m": "ORDER", "P": [{"s": "BTCUSDT", "pa": "0.1", "ep": "64000", "mt": "cross", "ps": "BOTH"}]},
}  # fmt: skip

FUTURES_ALGO = {
    "e": "ALGO_UPDATE", "T": TIME, "E": TIME,
    "o": {
        "caid": "x-1", "aid": 4000000000000001, "o": "STOP", "s": "BTCUSDT", "S": "SELL", "ps": "LONG", "f": "GTC",
        "q": "0.010", "X": "REJECTED", "ai": "5", "ap": "0", "aq": "0.001", "tp": "88000.00", "p": "87000", "cp": False,
        "rm": "Margin is insufficient.", "gtd": 0,
    },
}  # fmt: skip
FUTURES_LITE = {
    "e": "TRADE_LITE", "T": TIME, "s": "BTCUSDT", "q": "0.010", "p": "91500.00", "m": True, "c": "x-1", "S": "SELL",
    "L": "91500.00", "l": "0.010", "t": 7, "i": 8,
}  # fmt: skip
FUTURES_CALL = {
    "e": "MARGIN_CALL", "E": TIME, "cw": "3.1",
    "p": [{"s": "BTCUSDT", "ps": "LONG", "pa": "1.327", "mp": "187.1", "mm": "1.6"}],
}  # fmt: skip
URLS = ProductUrls("http://127.0.0.1:1", "ws://127.0.0.1:1")
LITE = Options(execution=ExecutionOptions(use_trade_lite=True))


class Heard:
    """Keeps whatever it is told."""

    def __init__(self) -> None:
        self.values: list[object] = []

    def __getattr__(self, name: str):
        if not name.startswith("on_"):
            raise AttributeError(name)
        return lambda *values: self.values.extend(values)


def twisted(message: dict, attack: Attack) -> Iterator[bytes]:
    hostility = Hostility()
    hostility.attack = attack
    honest = json.dumps(message).encode()
    for _ in range(TURNS):
        yield hostility.twist(honest)


def check(value: object) -> None:
    """What a screen may be given: clean text of some length, numbers that can be drawn, times that exist."""
    if dataclasses.is_dataclass(value):
        if value is INSTRUMENT:
            return
        for field in dataclasses.fields(value):
            inner = getattr(value, field.name)
            if field.name.endswith("_ms") and inner is not None:
                assert -1 <= inner < 10**13, field.name
            check(inner)
    elif isinstance(value, Decimal):
        assert value.is_finite()
        assert abs(value) < 10**30
    elif isinstance(value, float):
        assert 0 <= value < 1e18
    elif isinstance(value, str):
        assert is_clean(value)
        assert len(value) <= 500
    elif isinstance(value, list | tuple):
        for inner in value:
            check(inner)


@pytest.mark.parametrize("attack", [a for a in Attack if a is not Attack.SLOW])
def test_market_messages(attack: Attack) -> None:
    for (kind, stream), payload in STREAMS.items():
        heard = Heard()
        handle = handler_for(Subscription(kind, INSTRUMENT, "1m"), heard, Product.USDM, stream)
        for raw in twisted(payload, attack):
            try:
                handle(b'{"stream":"btcusdt@x","data":' + raw + b"}")
            except MALFORMED:
                continue
        check(heard.values)


@pytest.mark.parametrize("attack", [a for a in Attack if a is not Attack.SLOW])
def test_account_events(attack: Attack) -> None:
    heard = Heard()
    for message in (EXECUTION, BALANCES):
        for raw in twisted(message, attack):
            try:
                spot_events.deliver(raw, heard)
            except (*MALFORMED, ReconnectNow):
                continue
    futures = UserEvents(UsdmClient(URLS, None, LITE), heard, lambda: None)
    for message in (FUTURES_ORDER, FUTURES_ACCOUNT, FUTURES_ALGO, FUTURES_LITE, FUTURES_CALL):
        for raw in twisted(message, attack):
            try:
                futures.take(raw)
            except (*MALFORMED, ReconnectNow, RenewLink):
                continue
    if attack in (Attack.ESCAPES, Attack.MARKUP, Attack.BIDI):
        assert heard.values
    check(heard.values)


SPOT_ORDER = {
    "symbol": "BTCUSDT", "orderId": 7, "orderListId": 5, "clientOrderId": "btui-1", "transactTime": TIME,
    "price": "64000.1", "origQty": "0.75", "executedQty": "0.5", "cummulativeQuoteQty": "32000", "status": "NEW",
    "timeInForce": "GTC", "type": "STOP_LOSS_LIMIT", "side": "SELL", "stopPrice": "63000", "icebergQty": "0.1",
    "trailingDelta": 100, "pegPriceType": "PRIMARY_PEG", "pegOffsetValue": 3, "expiryReason": "NONE",
}  # fmt: skip
WALLET = {"asset": "BTC", "borrowed": "1", "free": "0.4", "interest": "0.1", "locked": "0"}
ISOLATED = {
    "assets": [{"symbol": "BTCUSDT", "baseAsset": WALLET, "quoteAsset": WALLET, "marginLevel": "2.3",
                "marginLevelStatus": "NORMAL", "indexPrice": "64000", "liquidatePrice": "50000"}],
}  # fmt: skip
#: How each answer of the spot host is read, margin's among them.
COIN_ANSWERS = [
    (SPOT_ORDER, spot_wire.OrderAnswer, spot_parse.report),
    (
        {"orderListId": 5, "symbol": "BTCUSDT", "orderReports": [SPOT_ORDER]},
        spot_wire.ListAnswer,
        lambda told: [spot_parse.report(row) for row in told.orderReports],
    ),
    (
        {"userAssets": [WALLET], "marginLevel": "4.2", "totalAssetOfBtc": "1", "totalLiabilityOfBtc": "0.2"},
        margin_wire.CrossAccount,
        lambda told: [*margin_parse.cross_balances(told, TIME), margin_parse.cross_level(told)],
    ),
    (
        ISOLATED,
        margin_wire.IsolatedAccount,
        lambda told: [*margin_parse.isolated_balances(told, TIME), *map(margin_parse.isolated_level, told.assets)],
    ),
]


@pytest.mark.parametrize("attack", [a for a in Attack if a is not Attack.SLOW])
def test_answers_about_coins(attack: Attack) -> None:
    for honest, type_, read in COIN_ANSWERS:
        for raw in twisted(honest, attack):
            try:
                found = answered(msgspec.json.Decoder(type_, strict=False), raw, "/asked", read)
            except OutcomeUnknownError as error:
                check(error.text)
                continue
            check(found)


@pytest.mark.parametrize("attack", [a for a in Attack if a is not Attack.SLOW])
def test_symbols(attack: Attack) -> None:
    """A symbol that cannot be read hides no other, and its name is never taken for something else's."""
    decoder = msgspec.json.Decoder(spot_wire.SymbolInfo)
    for raw in twisted(INFO, attack):
        found = readable_instruments([msgspec.Raw(raw)], lambda one: instrument(decoder.decode(one)))
        for one in found:
            assert all(ch.isalnum() or ch in "-_." for ch in one.symbol)
            assert Decimal("1e-10") <= one.tick.size <= Decimal("1e9")
            one.price_text(Decimal("123456789012345678"))
            check([one.symbol, one.base, one.min_quantity, one.max_quantity])


@pytest.mark.parametrize("attack", [a for a in Attack if a is not Attack.SLOW])
async def test_frames_of_a_connection(attack: Attack) -> None:
    """Answers, errors and events without a stream; names that are no names."""
    connection = MarketConnection("ws://127.0.0.1", lambda link, state, detail: None, None)  # type: ignore[arg-type]
    for message in (
        {"result": None, "id": 1},
        {"error": {"code": 2, "msg": "no"}, "id": 2},
        {"stream": "x" * 100, "data": {"e": "kline"}},
        {"e": "other", "msg": "said"},
    ):
        for raw in twisted(message, attack):
            try:
                connection.received(raw)
            except (*MALFORMED, ReconnectNow):
                continue


@pytest.mark.parametrize(
    "text",
    ["NaN", "nan", "Infinity", "1e400", "1e5", "-1e-400", "9" * 19, "9" * 5_000, "1" * 41, "0x1", "١", "1_0", " 1"],
)
def test_no_number(text: str) -> None:
    with pytest.raises(ValueError, match="number"):
        number(text)
    book = json.dumps({"E": TIME, "U": 1, "u": 1, "b": [[text, "1"]], "a": [["1", text]]}).encode()
    heard = Heard()
    handle = handler_for(Subscription(StreamKind.BOOK, INSTRUMENT), heard)
    try:
        handle(b'{"stream":"x","data":' + book + b"}")
    except MALFORMED:
        return
    check([[tuple(level) for level in (*change.bids, *change.asks)] for change in heard.values[1:]])


@pytest.mark.parametrize(
    "text", ["", "BTC USDT", "BTC\x1b[2J", "BTC[red]", "A" * 41, "BTC\u202e", "BTC\u0301", "x;y", "../x"]
)
def test_no_name(text: str) -> None:
    with pytest.raises(ValueError, match="not a name"):
        listed_name(text)


def test_names_of_other_scripts_are_names() -> None:
    assert [listed_name(name) for name in ("币安人生USDT", "1000SATS", "BTCUSDT_270326", "A.B-C")]


@pytest.mark.parametrize("text", ["0.00000000001", "1" + "0" * 12, "NaN", "1e-3"])
def test_no_step(text: str) -> None:
    with pytest.raises(ValueError, match=r"step|number"):
        increment(text, 8)


def test_an_answer_of_too_many_rows_or_too_deep_is_no_answer() -> None:
    rows = msgspec.json.Decoder(list[int])
    with pytest.raises(BinanceError, match="rows"):
        decode_answer(rows, b"[" + b"1," * 20_000 + b"1]", "/x")
    with pytest.raises(BinanceError, match="cannot be read"):
        decode_answer(msgspec.json.Decoder(list[object]), b"[" * 100_000, "/x")
