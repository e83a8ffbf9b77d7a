"""Microseconds a depth message costs the books of other projects; runs in an environment that has them installed.

Reads JSON lines from standard input: first the snapshot `[bids, asks]`, then one frame a line. Prints one JSON object:
`floor` and, for each peer found, its figure, and in `missing` the peers that cannot be imported.
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


def ccxt_reader(bids, asks):
    """ccxt.pro's order book and Binance message handling; the best 20 are slices of its sides."""
    import ccxt.pro

    exchange = ccxt.pro.binance()

    def take():
        book = exchange.order_book(
            {"bids": [list(map(float, row)) for row in bids], "asks": [list(map(float, row)) for row in asks]}
        )

        def read(frame):
            exchange.handle_order_book_message(None, json.loads(frame)["data"], book)
            return book["bids"][:20], book["asks"][:20]

        return read

    return take


def nautilus_reader(bids, asks):
    """nautilus_trader's Rust book behind its pyo3 objects; the best 20 are lists of its levels."""
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
            return book.bids(20), book.asks(20)

        return read

    return take


def main():
    """Measure every peer that is there."""
    bids, asks = json.loads(sys.stdin.buffer.readline())
    frames = sys.stdin.buffer.read().splitlines()
    decode = msgspec.json.Decoder(Frame).decode
    figures = {"floor": microseconds(lambda: decode, frames), "missing": []}
    for name, make in (("ccxt", ccxt_reader), ("nautilus_trader", nautilus_reader)):
        try:
            take = make(bids, asks)
        except ImportError:
            figures["missing"].append(name)
            continue
        figures[name] = microseconds(take, frames)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
