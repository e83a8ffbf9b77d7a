"""Microseconds a depth message costs the books of other projects; runs in an environment that has them installed.

Reads JSON lines from standard input: first `[bids, asks, update id, whether futures]`, then one frame a line. Prints
one JSON object: `floor` and, for each peer found, its figure, and in `missing` the peers that cannot be imported.
"""

import json
import sys
import time

import msgspec


class Depth(msgspec.Struct):
    """The fields any reader of depth messages needs."""

    E: int
    U: int
    u: int
    b: list[tuple[str, str]]
    a: list[tuple[str, str]]
    pu: int | None = None
    T: int | None = None


class Frame(msgspec.Struct):
    """One message of a combined stream."""

    data: Depth


def microseconds(take, frames, rounds=3):
    """The best of some rounds; `take()` returns a fresh reader of frames for each."""
    best = float("inf")
    for _ in range(rounds):
        read = take()
        begun = time.process_time()
        for frame in frames:
            read(frame)
        best = min(best, (time.process_time() - begun) / len(frames) * 1e6)
    return best


class _SilentClient:
    """Stands for ccxt's WebSocket client: nobody waits for the book."""

    def __init__(self, is_futures):
        self.url = "wss://fstream.binance.com/ws" if is_futures else "wss://stream.binance.com:9443/ws"

    def resolve(self, *_said):
        pass


def ccxt_reader(bids, asks, first_id, is_futures):
    """ccxt.pro's order book and Binance message handling, decoded as ccxt does; the best 20 are slices of its sides.

    `limit` is what `watch_order_book` does before it hands the book out.
    """
    import ccxt.pro
    from ccxt.async_support.base.ws import client as parser

    loads, exchange = parser.json_parser.loads, ccxt.pro.binance()
    market = {"id": "BTCUSDT", "base": "BTC", "quote": "USDT", "spot": not is_futures, "swap": is_futures}
    market |= {"symbol": "BTC/USDT:USDT" if is_futures else "BTC/USDT", "type": "swap" if is_futures else "spot"}
    market |= {"linear": is_futures, "inverse": False, "precision": {}, "limits": {}, "info": {}}
    exchange.set_markets([market])
    client, symbol = _SilentClient(is_futures), market["symbol"]

    def take():
        start = {"bids": [list(map(float, row)) for row in bids], "asks": [list(map(float, row)) for row in asks]}
        book = exchange.orderbooks[symbol] = exchange.order_book(start | {"nonce": first_id, "symbol": symbol})

        def read(frame):
            exchange.handle_order_book(client, loads(frame)["data"])
            book.limit()
            return book["bids"][:20], book["asks"][:20]

        return read

    return take


def nautilus_reader(bids, asks, _first_id, _is_futures):
    """nautilus_trader's Rust book behind its pyo3 objects; the best 20 are price and size of its levels."""
    from nautilus_trader.core import nautilus_pyo3 as nautilus

    of = nautilus.InstrumentId.from_str("BTCUSDT.BINANCE")
    price, quantity = nautilus.Price.from_str, nautilus.Quantity.from_str
    update, delete = nautilus.BookAction.UPDATE, nautilus.BookAction.DELETE
    buy, sell = nautilus.OrderSide.BUY, nautilus.OrderSide.SELL
    decode = msgspec.json.Decoder(Frame).decode

    def delta(side, row, sequence):
        size = quantity(row[1])
        order = nautilus.BookOrder(side, price(row[0]), size, 0)
        return nautilus.OrderBookDelta(of, update if size.raw else delete, order, 0, sequence, 0, 0)

    def take():
        book = nautilus.OrderBook(of, nautilus.BookType.L2_MBP)
        rows = [delta(buy, row, 0) for row in bids] + [delta(sell, row, 0) for row in asks]
        book.apply_deltas(nautilus.OrderBookDeltas(of, rows))

        def read(frame):
            said = decode(frame).data
            rows = [delta(buy, row, said.u) for row in said.b] + [delta(sell, row, said.u) for row in said.a]
            book.apply_deltas(nautilus.OrderBookDeltas(of, rows))
            return [[(level.price, level.size()) for level in side] for side in (book.bids(20), book.asks(20))]

        return read

    return take


def main():
    """Measure every peer that is there."""
    start = json.loads(sys.stdin.buffer.readline())
    frames = sys.stdin.buffer.read().splitlines()
    decode = msgspec.json.Decoder(Frame).decode
    figures = {"floor": microseconds(lambda: decode, frames), "missing": []}
    for name, make in (("ccxt", ccxt_reader), ("nautilus_trader", nautilus_reader)):
        try:
            take = make(*start)
        except ImportError:
            figures["missing"].append(name)
            continue
        figures[name] = microseconds(take, frames)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
