"""Stream names as clients write them, and what they ask for."""

import re
from dataclasses import dataclass, replace

from tui.exchange.candles import INTERVALS

_NAME = re.compile(r"(?P<symbol>[a-z0-9_\u0080-\uffff]+)@(?P<rest>[A-Za-z0-9_]+)(?:@(?P<speed>[A-Za-z0-9+:]+))?")
_ALL = re.compile(r"!(?P<kind>[A-Za-z]+)(?:_(?P<window>1h|4h|1d))?(?:@arr)?(?:@(?P<speed>[a-z0-9]+))?")

SPOT_SPEEDS = {None: 1_000, "1000ms": 1_000, "100ms": 100}
_EIGHT_HOURS_MS = 8 * 3_600_000
FUTURES_SPEEDS = {None: 250, "250ms": 250, "500ms": 500, "100ms": 100, "0ms": 0}


@dataclass(frozen=True, slots=True)
class StreamRequest:
    """A stream: its kind, one symbol in upper case or None for all, an interval or a count of levels, its period.

    A period of 0 means: as it happens.
    """

    kind: str
    symbol: str | None
    every_ms: int
    interval: str = ""
    levels: int = 0
    #: Milliseconds east of UTC by which candles open.
    zone_ms: int = 0
    #: Of continuous candles, whose symbol is a pair: the type of contract.
    contract: str = ""


def parse_stream(name: str, *, is_futures: bool) -> StreamRequest | None:
    """What a name asks for; None for a name that no stream has, which Binance acknowledges and never serves."""
    if name.startswith("!"):
        return _all_symbols(name, is_futures)
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    symbol, rest, speed = found["symbol"].upper(), found["rest"], found["speed"]
    if rest.startswith("depth"):
        return _depth(symbol, rest, speed, is_futures)
    if rest == "markPrice" and is_futures and speed in (None, "1s"):
        return StreamRequest("markPrice", symbol, 1_000 if speed else 3_000)
    if not is_futures:
        own = _spot_only(symbol, rest, speed)
        if own is not None:
            return own
    if is_futures and rest == "indexPrice" and speed in (None, "1s"):
        return StreamRequest("indexPrice", symbol, 1_000)
    if is_futures and rest == "rpiDepth" and speed == "500ms":
        return StreamRequest("depth", symbol, 500)
    if speed is not None:
        return None
    if is_futures and rest == "assetIndex":
        return StreamRequest("assetIndex", None, 1_000, interval=symbol)
    if is_futures and rest == "forceOrder":
        return StreamRequest("forceOrder", symbol, 1_000)
    if rest in ("trade", "bookTicker"):
        return StreamRequest(rest, symbol, 0)
    if rest == "aggTrade":
        return StreamRequest(rest, symbol, 100 if is_futures else 0)
    if rest in ("ticker", "miniTicker"):
        return StreamRequest(rest, symbol, 2_000 if is_futures else 1_000)
    return _candles(symbol, rest, is_futures)


def _spot_only(symbol: str, rest: str, speed: str | None) -> StreamRequest | None:
    if rest.startswith("kline_") and speed == "+08:00":
        plain = _candles(symbol, rest, False)
        zoned = plain is not None and plain.interval != "1s"
        return replace(plain, kind="zonedKline", zone_ms=_EIGHT_HOURS_MS) if plain is not None and zoned else plain
    if speed is not None:
        return None
    if rest in ("avgPrice", "referencePrice", "blockTrade"):
        return StreamRequest(rest, symbol, 1_000)
    if rest in ("ticker_1h", "ticker_4h", "ticker_1d"):
        return StreamRequest("windowTicker", symbol, 1_000, interval=rest.removeprefix("ticker_"))
    return None


def _depth(symbol: str, rest: str, speed: str | None, is_futures: bool) -> StreamRequest | None:
    period = (FUTURES_SPEEDS if is_futures else SPOT_SPEEDS).get(speed)
    if period is None:
        return None
    if rest == "depth":
        return StreamRequest("depth", symbol, period)
    levels = rest.removeprefix("depth")
    if levels not in ("5", "10", "20") or period == 0:
        return None
    return StreamRequest("partialDepth", symbol, period, levels=int(levels))


def _candles(symbol: str, rest: str, is_futures: bool) -> StreamRequest | None:
    kind, _, interval = rest.partition("_")
    contract = ""
    if kind == "continuousKline" and is_futures:
        symbol, _, contract = symbol.partition("_")
    elif kind != "kline" and not (is_futures and kind in ("indexPriceKline", "markPriceKline")):
        return None
    if interval not in INTERVALS or (is_futures and interval == "1s"):
        return None
    period = 250 if is_futures else 1_000 if interval == "1s" else 2_000
    return StreamRequest(kind, symbol, period, interval=interval, contract=contract)


def _all_symbols(name: str, is_futures: bool) -> StreamRequest | None:
    """Spot's `!ticker@arr` ended on 2026-03-26 and its `!bookTicker` in 2022."""
    found = _ALL.fullmatch(name)
    if found is None:
        return None
    kind, speed = found["kind"], found["speed"]
    if found["window"] is not None:
        return None if is_futures or kind != "ticker" else StreamRequest("windowTicker", None, 1_000, found["window"])
    if kind == "miniTicker":
        return StreamRequest("miniTicker", None, 1_000)
    if not is_futures:
        return None
    if kind == "ticker":
        return StreamRequest("ticker", None, 1_000)
    if kind == "bookTicker":
        return StreamRequest("bookTicker", None, 5_000)
    if kind == "markPrice" and speed in (None, "1s"):
        return StreamRequest("markPrice", None, 1_000 if speed else 3_000)
    if kind in ("forceOrder", "contractInfo", "assetIndex"):
        return StreamRequest(kind, None, 1_000)
    return None
