"""A recording being read: its lines, and what is in it."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.parse import parse_qs, urlsplit

import msgspec

from tui.binance import bounds
from tui.binance.coinm.client import MARKET as COINM
from tui.binance.recording import RecordingError
from tui.binance.rest_client import MarketCalls
from tui.binance.spot.client import MARKET as SPOT
from tui.binance.stream_names import StreamNames
from tui.binance.tap import FrameKind
from tui.binance.usdm.client import MARKET as USDM
from tui.binance.wire import UNDECODABLE
from tui.domain.product import Product
from tui.domain.text import clean

#: The products whose recordings can be replayed, and where each keeps its market data.
CALLS: dict[Product, MarketCalls] = {Product.SPOT: SPOT, Product.USDM: USDM, Product.COINM: COINM}

#: How fast the changes of a book came; left out, every 250 ms on futures.
_BOOK_STREAM = re.compile(r"[^@]+@depth(?:@(0|100|250|500)ms)?")
_UNSAID_MS = 250


class RestKey(NamedTuple):
    """What one answer is about; symbol and interval are empty where it is about all."""

    path: str
    symbol: str = ""
    interval: str = ""


class _Line(msgspec.Struct):
    t: int
    product: Literal["spot", "usdm", "coinm"]
    kind: FrameKind
    url: str
    data: msgspec.Raw


class _Named(msgspec.Struct):
    stream: str = ""
    id: int | str | None = None


_LINE = msgspec.json.Decoder(_Line)
_NAMED = msgspec.json.Decoder(_Named)
_TEXT = msgspec.json.Decoder(str)


class RecordedFrame(NamedTuple):
    """One line of a recording.

    `stream` is the name of its stream, empty for an answer to a command, `?` for none; `key` is None for a stream.
    """

    time_ns: int
    product: Product
    stream: str
    key: RestKey | None
    data: bytes


@dataclass(slots=True)
class Contents:
    """What a recording holds: spans in ns, answers counted by what they are about, native symbols by product."""

    frames: int = 0
    first_ns: int = 0
    last_ns: int = 0
    answers: Counter[tuple[Product, RestKey]] = field(default_factory=Counter)
    #: The first instruments and tickers of each product, which are needed before anything else.
    beginnings: dict[tuple[Product, RestKey], bytes] = field(default_factory=dict)
    symbols: dict[Product, dict[str, None]] = field(default_factory=dict)
    #: When snapshots of each book came, by native symbol.
    snapshots: dict[tuple[Product, str], list[int]] = field(default_factory=dict)
    #: Products whose prints came one by one, and how fast each product's books came.
    single_prints: set[Product] = field(default_factory=set)
    book_intervals: dict[Product, int] = field(default_factory=dict)

    def names(self, product: Product) -> StreamNames:
        """What the streams of a product were called when they were recorded."""
        return StreamNames(product, self.book_intervals.get(product, 100), product not in self.single_prints)


def read_frames(path: Path) -> Iterator[RecordedFrame]:
    """The lines of a recording; of a last line that was cut off nothing is said.

    What the exchange said may be nonsense, as it was when it was recorded; nesting too deep to be read is passed over.
    Raises RecordingError for a file that cannot be read, and for any other line that is no frame, by its number.
    """
    try:
        with path.open("rb") as file:
            number = 0
            while raw := file.readline(bounds.BODY_BYTES + 65_536):
                number += 1
                if not raw.strip():
                    continue
                try:
                    yield _frame(_LINE.decode(raw))
                except RecursionError:
                    continue
                except (*UNDECODABLE, ValueError) as error:
                    if not raw.endswith(b"\n") and number > 1:
                        return
                    words = clean(str(error), 160)
                    raise RecordingError(f"{path}, line {number}: not a frame of a recording ({words})") from None
    except OSError as error:
        raise RecordingError(f"{path} cannot be read: {error.strerror}") from None


def _frame(line: _Line) -> RecordedFrame:
    product, data = Product(line.product), bytes(line.data)
    if line.kind == "rest":
        return RecordedFrame(line.t, product, "", _key(product, line.url), data)
    if data.startswith(b'"'):
        data = _TEXT.decode(data).encode()
        return RecordedFrame(line.t, product, _begun_name(data), None, data)
    try:
        named = _NAMED.decode(data)
    except UNDECODABLE:
        return RecordedFrame(line.t, product, "?", None, data)
    path = urlsplit(line.url).path
    if named.stream:
        return RecordedFrame(line.t, product, named.stream, None, data)
    if path.endswith("/stream"):
        return RecordedFrame(line.t, product, "" if named.id is not None else "?", None, data)
    # A single stream has its name in the address, and no envelope; events of an account have neither.
    _, mark, name = path.rpartition("/ws/")
    wrapped = b'{"stream":' + msgspec.json.encode(name) + b',"data":' + data + b"}"
    return RecordedFrame(line.t, product, name if mark and "@" in name else "?", None, wrapped)


def _begun_name(frame: bytes) -> str:
    """The stream's name in a frame that was broken off."""
    parts = frame[:200].split(b'"')
    return parts[3].decode(errors="replace") if len(parts) > 4 and parts[1] == b"stream" else "?"


def _key(product: Product, url: str) -> RestKey:
    address = urlsplit(url)
    query = parse_qs(address.query)
    path = address.path
    for call in _paths(product):
        if path.endswith(call):
            path = call
    return RestKey(path, query.get("symbol", [""])[0], query.get("interval", [""])[0])


def _paths(product: Product) -> list[str]:
    calls = CALLS.get(product)
    if calls is None:
        return []
    known = (calls.info, calls.tickers, calls.depth, calls.trades, calls.klines, calls.single_trades, calls.funding)
    return [call.path for call in known if call is not None]


def survey(path: Path) -> Contents:
    """Read a recording once and say what is in it; raises RecordingError, also for one that shows no market."""
    found = Contents()
    for frame in read_frames(path):
        calls = CALLS.get(frame.product)
        if calls is None:
            continue
        found.first_ns = found.first_ns or frame.time_ns
        found.last_ns = max(found.last_ns, frame.time_ns)
        found.frames += 1
        symbols = found.symbols.setdefault(frame.product, {})
        if frame.key is not None:
            found.answers[frame.product, frame.key] += 1
            if frame.key.path in (calls.info.path, calls.tickers.path) and not frame.key.symbol:
                found.beginnings.setdefault((frame.product, frame.key), frame.data)
            elif frame.key.path == calls.depth.path and frame.key.symbol:
                symbols[frame.key.symbol] = None
                found.snapshots.setdefault((frame.product, frame.key.symbol), []).append(frame.time_ns)
            elif calls.single_trades is not None and frame.key.path == calls.single_trades.path:
                found.single_prints.add(frame.product)
        elif "@" in frame.stream and not frame.stream.startswith("!"):
            symbols[frame.stream.partition("@")[0].upper()] = None
            if frame.stream.endswith("@trade"):
                found.single_prints.add(frame.product)
            elif (book := _BOOK_STREAM.fullmatch(frame.stream)) is not None:
                found.book_intervals.setdefault(frame.product, int(book[1]) if book[1] else _UNSAID_MS)
    if not found.frames:
        raise RecordingError(f"{path} holds no frame of a market that can be replayed")
    for product in found.symbols:
        if (product, RestKey(CALLS[product].info.path)) not in found.beginnings:
            raise RecordingError(f"{path} holds no list of {product.label} symbols ({CALLS[product].info.path})")
    return found
