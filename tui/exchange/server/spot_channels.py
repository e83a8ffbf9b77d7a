"""Spot's own streams: rolling windows, the average price, candles of another zone."""

from tui.exchange.blocks import BlockTrade
from tui.exchange.candles import DAY_MS, MINUTE_MS, Candle
from tui.exchange.server.channels import CandleChannel, Channel, TickerChannel
from tui.exchange.server.desk import Desk
from tui.exchange.server.spot_rules import reference_now
from tui.exchange.server.spot_streams import SpotStreams
from tui.exchange.server.spot_windows import average, window, zoned_bars
from tui.exchange.server.stream_names import StreamRequest
from tui.exchange.spot.reference_price import has_range

_WINDOWS = {"1h": 60 * MINUTE_MS, "4h": 240 * MINUTE_MS, "1d": DAY_MS}
#: Bars looked at for those that have just closed.
_NEWEST = 3


class WindowChannel(TickerChannel):
    """Statistics of a rolling window instead of the day."""

    def statistics(self, symbol: str, now_ms: int) -> object:
        """One symbol's, of the window that is asked for."""
        size = self.request.interval
        seen = window(self.desk, symbol, now_ms - _WINDOWS[size], now_ms)
        return self.streams.window_ticker(self.desk.notations[symbol], now_ms, size, seen)


class AveragePriceChannel(Channel):
    """The average price, every second."""

    def collect(self, now_ms: int) -> list[object]:
        """What it is now."""
        symbol = self.symbols[0]
        return [self.streams.average_price(symbol, now_ms, *average(self.desk, symbol))]


class ZonedCandleChannel(CandleChannel):
    """Candles that open by another zone's clock."""

    def bars(self, now_ms: int) -> list[Candle]:
        """The newest bars, oldest first."""
        return zoned_bars(self.desk, self.symbols[0], self.request.interval, self.request.zone_ms, _NEWEST)


class ReferencePriceChannel(Channel):
    """The reference price, every second; nothing for symbols that never have one."""

    def collect(self, now_ms: int) -> list[object]:
        """What it is now."""
        listing = self.desk.venue.listings[self.symbols[0]]
        if not has_range(listing):
            return []
        return [self.streams.reference_price(listing.symbol, now_ms, reference_now(self.desk, listing, now_ms))]


class BlockTradeChannel(Channel):
    """Every block trade."""

    def __init__(self, desk: Desk, request: StreamRequest, streams: SpotStreams) -> None:
        super().__init__(desk, request, streams)
        self._blocks: list[BlockTrade] = []
        desk.venue.blocks.listeners.append(self._hear)

    def _hear(self, block: BlockTrade) -> None:
        if block.listing.symbol == self.symbols[0]:
            self._blocks.append(block)

    def collect(self, now_ms: int) -> list[object]:
        """The block trades since the last call."""
        blocks, self._blocks = self._blocks, []
        notation = self.desk.notations[self.symbols[0]]
        return [self.streams.block_trade(notation, now_ms, block) for block in blocks]

    def close(self) -> None:
        """Hear no more."""
        self.desk.venue.blocks.listeners.remove(self._hear)


#: What only spot has.
SPOT_CHANNELS: dict[str, type[Channel]] = {
    "windowTicker": WindowChannel,
    "avgPrice": AveragePriceChannel,
    "zonedKline": ZonedCandleChannel,
    "referencePrice": ReferencePriceChannel,
    "blockTrade": BlockTradeChannel,
}
