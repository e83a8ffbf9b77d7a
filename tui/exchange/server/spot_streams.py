"""What spot's market streams say (Binance spot API docs, WebSocket streams, 2026-07-21)."""

from collections.abc import Sequence

from tui.exchange.blocks import BlockTrade
from tui.exchange.candles import Candle
from tui.exchange.events import PublicTrade
from tui.exchange.mark import MarkValues
from tui.exchange.server.market import levels
from tui.exchange.server.notation import Notation
from tui.exchange.server.spot_shapes import change_percent
from tui.exchange.tape import Aggregate, Day

Body = dict[str, object]
Levels = Sequence[tuple[int, int]]
Best = tuple[int, int] | None


class SpotStreams:
    """Payloads by stream; `now` is the event time, prices in ticks, sizes in lots."""

    def depth(
        self, notation: Notation, now: int, first: int, final: int, previous: int, bids: Levels, asks: Levels
    ) -> Body:
        """Levels that changed."""
        return {
            "e": "depthUpdate",
            "E": now,
            "s": notation.listing.symbol,
            "U": first,
            "u": final,
            "b": levels(notation, bids),
            "a": levels(notation, asks),
        }

    def partial_depth(
        self, notation: Notation, now: int, update_id: int, previous: int, bids: Levels, asks: Levels
    ) -> Body:
        """The best levels; says neither its symbol nor the time."""
        return {"lastUpdateId": update_id, "bids": levels(notation, bids), "asks": levels(notation, asks)}

    def best(self, notation: Notation, now: int, update_id: int, bid: Best, ask: Best) -> Body:
        """Best bid and ask; has no event type and no time."""
        bid_price, bid_size = notation.level(bid or (0, 0))
        ask_price, ask_size = notation.level(ask or (0, 0))
        return {
            "u": update_id,
            "s": notation.listing.symbol,
            "b": bid_price,
            "B": bid_size,
            "a": ask_price,
            "A": ask_size,
        }

    def trade(self, notation: Notation, now: int, trade: PublicTrade) -> Body:
        """One print."""
        return {
            "e": "trade",
            "E": now,
            "s": notation.listing.symbol,
            "t": trade.trade_id,
            "p": notation.price(trade.price_ticks),
            "q": notation.size(trade.lots),
            "T": trade.time_ms,
            "m": trade.is_buyer_maker,
            "M": True,
        }

    def aggregate(self, notation: Notation, now: int, aggregate: Aggregate) -> Body:
        """Prints of one taker at one price."""
        return {
            "e": "aggTrade",
            "E": now,
            "s": notation.listing.symbol,
            "a": aggregate.aggregate_id,
            "p": notation.price(aggregate.price_ticks),
            "q": notation.size(aggregate.lots),
            "f": aggregate.first_id,
            "l": aggregate.last_id,
            "T": aggregate.time_ms,
            "m": aggregate.is_buyer_maker,
            "M": True,
        }

    def candle(self, notation: Notation, now: int, interval: str, bar: Candle, is_closed: bool) -> Body:
        """One candle."""
        symbol = notation.listing.symbol
        return {"e": "kline", "E": now, "s": symbol, "k": candle_body(notation, symbol, interval, bar, is_closed)}

    def continuous_candle(self, notation: Notation, now: int, interval: str, bar: Candle, is_closed: bool) -> Body:
        """Spot has no such stream."""
        raise NotImplementedError

    def mini_ticker(self, notation: Notation, now: int, day: Day) -> Body:
        """The rolling day in short."""
        return {"e": "24hrMiniTicker", "E": now, "s": notation.listing.symbol, **day_range(notation, day)}

    def ticker(self, notation: Notation, now: int, day: Day, bid: Best, ask: Best) -> Body:
        """The rolling day."""
        bid_price, bid_size = notation.level(bid or (0, 0))
        ask_price, ask_size = notation.level(ask or (0, 0))
        return {
            "e": "24hrTicker",
            "E": now,
            "s": notation.listing.symbol,
            **day_change(notation, day),
            "x": notation.price(day.previous_close),
            "Q": notation.size(day.last_lots),
            "b": bid_price,
            "B": bid_size,
            "a": ask_price,
            "A": ask_size,
            **day_range(notation, day),
            **day_window(day),
        }

    def window_ticker(self, notation: Notation, now: int, size: str, day: Day) -> Body:
        """A rolling window."""
        change, extent = day_change(notation, day), day_range(notation, day)
        return {
            "e": f"{size}Ticker",
            "E": now,
            "s": notation.listing.symbol,
            "p": change["p"],
            "P": change["P"],
            "o": extent["o"],
            "h": extent["h"],
            "l": extent["l"],
            "c": extent["c"],
            "w": change["w"],
            "v": extent["v"],
            "q": extent["q"],
            **day_window(day),
        }

    def average_price(self, symbol: str, now: int, price: str, traded_ms: int) -> Body:
        """The average price of five minutes."""
        return {"e": "avgPrice", "E": now, "s": symbol, "i": "5m", "w": price, "T": traded_ms}

    def reference_price(self, symbol: str, now: int, price: str | None) -> Body:
        """The reference price, null while nothing trades; has no event time."""
        return {"e": "referencePrice", "s": symbol, "r": price, "t": now}

    def block_trade(self, notation: Notation, now: int, block: BlockTrade) -> Body:
        """One block trade."""
        return {
            "e": "blockTrade",
            "E": now,
            "s": notation.listing.symbol,
            "t": block.block_id,
            "p": notation.price(block.price_ticks),
            "q": notation.size(block.lots),
            "T": block.time_ms,
            "m": block.is_buyer_maker,
        }

    def mark(self, symbol: str, now: int, values: MarkValues) -> Body:
        """Spot has no such stream."""
        raise NotImplementedError


def candle_body(notation: Notation, symbol: str | None, interval: str, bar: Candle, is_closed: bool) -> Body:
    """The `k` of candle streams; a bar without trades has ids of -1."""
    named: Body = {"s": symbol} if symbol else {}
    return {
        "t": bar.open_ms,
        "T": bar.close_ms,
        **named,
        "i": interval,
        "f": bar.first_id,
        "L": bar.last_id,
        "o": notation.price(bar.open),
        "c": notation.price(bar.close),
        "h": notation.price(bar.high),
        "l": notation.price(bar.low),
        "v": notation.size(bar.lots),
        "n": bar.trades,
        "x": is_closed,
        "q": notation.turnover(bar.units, bar.lots),
        "V": notation.size(bar.taker_lots),
        "Q": notation.turnover(bar.taker_units, bar.taker_lots),
        "B": "0",
    }


def day_range(notation: Notation, day: Day) -> Body:
    """Last, first and extreme prices with volume and turnover."""
    return {
        "c": notation.price(day.last),
        "o": notation.price(day.open),
        "h": notation.price(day.high),
        "l": notation.price(day.low),
        "v": notation.size(day.lots),
        "q": notation.turnover(day.units, day.lots),
    }


def day_change(notation: Notation, day: Day) -> Body:
    """Change, change in percent, and the weighted average."""
    return {
        "p": notation.price(day.last - day.open),
        "P": change_percent(day),
        "w": notation.average(day.units, day.lots),
    }


def day_window(day: Day) -> Body:
    """Times, ids and count of the window."""
    return {"O": day.open_ms, "C": day.close_ms, "F": day.first_id, "L": day.last_id, "n": day.trades}
