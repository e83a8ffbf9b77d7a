"""What USD-M's market streams say (Binance USD-M futures docs, WebSocket streams, 2026)."""

from tui.exchange.candles import Candle
from tui.exchange.delivery import contract_type
from tui.exchange.events import PublicTrade
from tui.exchange.mark import MarkValues
from tui.exchange.server.market import levels
from tui.exchange.server.notation import Notation, eight
from tui.exchange.server.spot_streams import (
    Best,
    Body,
    Levels,
    SpotStreams,
    candle_body,
    day_change,
    day_range,
    day_window,
)
from tui.exchange.tape import Aggregate, Day


class UsdmStreams(SpotStreams):
    """Payloads by stream, with transaction time, product mark and pair."""

    #: The `st` of all payloads since 2026-06-30: 1 for USD-M, 2 for COIN-M.
    product_mark = 1

    def depth(
        self, notation: Notation, now: int, first: int, final: int, previous: int, bids: Levels, asks: Levels
    ) -> Body:
        """Levels that changed; `pu` names the message before."""
        symbol = notation.listing.symbol
        return {
            "e": "depthUpdate",
            "E": now,
            "T": now,
            "s": symbol,
            "ps": notation.listing.pair,
            "U": first,
            "u": final,
            "pu": previous,
            "b": levels(notation, bids),
            "a": levels(notation, asks),
            "st": self.product_mark,
        }

    def partial_depth(
        self, notation: Notation, now: int, update_id: int, previous: int, bids: Levels, asks: Levels
    ) -> Body:
        """The best levels, in the shape of a change."""
        return self.depth(notation, now, min(previous + 1, update_id), update_id, previous, bids, asks)

    def best(self, notation: Notation, now: int, update_id: int, bid: Best, ask: Best) -> Body:
        """Best bid and ask."""
        body = super().best(notation, now, update_id, bid, ask)
        return {"e": "bookTicker", "E": now, "T": now, **body, "ps": notation.listing.pair, "st": self.product_mark}

    def trade(self, notation: Notation, now: int, trade: PublicTrade) -> Body:
        """One print; undocumented on futures, and used by clients."""
        symbol = notation.listing.symbol
        return {
            "e": "trade",
            "E": now,
            "T": trade.time_ms,
            "s": symbol,
            "ps": notation.listing.pair,
            "t": trade.trade_id,
            "p": notation.price(trade.price_ticks),
            "q": notation.size(trade.lots),
            "X": "MARKET",
            "m": trade.is_buyer_maker,
            "st": self.product_mark,
        }

    def aggregate(self, notation: Notation, now: int, aggregate: Aggregate) -> Body:
        """Prints of one taker at one price."""
        body = super().aggregate(notation, now, aggregate)
        del body["M"]
        return body | {"nq": body["q"], "st": self.product_mark}

    def continuous_candle(self, notation: Notation, now: int, interval: str, bar: Candle, is_closed: bool) -> Body:
        """One candle of a pair's contract of a type."""
        return {
            "e": "continuous_kline",
            "E": now,
            "ps": notation.listing.pair,
            "ct": contract_type(notation.listing, now),
            "k": candle_body(notation, None, interval, bar, is_closed),
            "st": self.product_mark,
        }

    def candle(self, notation: Notation, now: int, interval: str, bar: Candle, is_closed: bool) -> Body:
        """One candle."""
        return super().candle(notation, now, interval, bar, is_closed) | {"st": self.product_mark}

    def mini_ticker(self, notation: Notation, now: int, day: Day) -> Body:
        """The rolling day in short."""
        return super().mini_ticker(notation, now, day) | {"ps": notation.listing.pair, "st": self.product_mark}

    def ticker(self, notation: Notation, now: int, day: Day, bid: Best, ask: Best) -> Body:
        """The rolling day; futures have no best prices in it."""
        symbol = notation.listing.symbol
        return {
            "e": "24hrTicker",
            "E": now,
            "s": symbol,
            **day_change(notation, day),
            "Q": notation.size(day.last_lots),
            **day_range(notation, day),
            **day_window(day),
            "ps": notation.listing.pair,
            "st": self.product_mark,
        }

    def mark(self, symbol: str, now: int, values: MarkValues) -> Body:
        """Mark price, index and the funding to come."""
        mark = eight(values.mark)
        return {
            "e": "markPriceUpdate",
            "E": now,
            "s": symbol,
            "p": mark,
            "ap": mark,
            "i": eight(values.index),
            "P": eight(values.estimated_settle),
            "r": eight(values.funding_rate),
            "T": values.next_funding_ms,
            "st": self.product_mark,
        }
