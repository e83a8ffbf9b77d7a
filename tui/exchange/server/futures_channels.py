"""Streams that only futures have: index and mark candles, liquidations, contracts that change."""

from dataclasses import replace

from tui.exchange.candles import Candle
from tui.exchange.delivery import NEVER_MS, contract_status, contract_type
from tui.exchange.events import OrderChanged
from tui.exchange.liquidation import CLIENT_ID
from tui.exchange.listing import Listing
from tui.exchange.server.asset_index_channel import AssetIndexChannel
from tui.exchange.server.channels import CandleChannel, Channel, MarkChannel
from tui.exchange.server.desk import Desk
from tui.exchange.server.futures_pairs import contract_of, of_pair
from tui.exchange.server.notation import eight
from tui.exchange.server.spot_streams import Body, SpotStreams
from tui.exchange.server.stream_names import StreamRequest
from tui.exchange.server.usdm_shapes import average_price


def mark_number(desk: Desk) -> int:
    """The `st` of payloads: 1 for USD-M, 2 for COIN-M."""
    return 1 if desk.product.value == "usdm" else 2


class PairMarkChannel(MarkChannel):
    """Marks of all contracts of a pair, in an array."""

    def __init__(self, desk: Desk, request: StreamRequest, streams: SpotStreams) -> None:
        super().__init__(desk, request, streams)
        assert request.symbol is not None
        self.symbols = of_pair(desk, desk.venue.listings[request.symbol].pair)

    def collect(self, now_ms: int) -> list[object]:
        """What the marks are now."""
        known = self.desk.venue.marks
        return [[self.streams.mark(name, now_ms, known[name].values) for name in self.symbols if name in known]]


class IndexChannel(Channel):
    """The index of a pair."""

    def collect(self, now_ms: int) -> list[object]:
        """What it is now; the pair goes by both names it has had."""
        symbol = self.symbols[0]
        pair, price = self.desk.venue.listings[symbol].pair, eight(self.desk.venue.mark(symbol).index)
        return [{"e": "indexPriceUpdate", "E": now_ms, "i": pair, "s": pair, "p": price, "st": mark_number(self.desk)}]


class _PriceCandleChannel(CandleChannel):
    """Candles without volume; the contract's own bars stand for the price that it follows."""

    event = ""

    def _message(self, now_ms: int, bar: Candle, is_closed: bool) -> object:
        symbol = self.symbols[0]
        listing, price = self.desk.venue.listings[symbol], self.desk.notations[symbol].price
        named: Body = {"s": symbol} if self.event == "markPrice_kline" else {}
        body: Body = {
            "t": bar.open_ms,
            "T": bar.close_ms,
            **named,
            "i": self.request.interval,
            "f": bar.first_id,
            "L": bar.last_id,
            "o": price(bar.open),
            "c": price(bar.close),
            "h": price(bar.high),
            "l": price(bar.low),
            "v": "0",
            "n": bar.trades,
            "x": is_closed,
            "q": "0",
            "V": "0",
            "Q": "0",
            "B": "0",
        }
        return {"e": self.event, "E": now_ms, "ps": listing.pair, "k": body, "st": mark_number(self.desk)}


class IndexCandleChannel(_PriceCandleChannel):
    """Candles of a pair's index."""

    event = "indexPrice_kline"


class MarkCandleChannel(_PriceCandleChannel):
    """Candles of a contract's mark."""

    event = "markPrice_kline"


class ForceOrderChannel(Channel):
    """The largest liquidation of each symbol in a second, one to a frame."""

    def __init__(self, desk: Desk, request: StreamRequest, streams: SpotStreams) -> None:
        super().__init__(desk, request, streams)
        self._largest: dict[str, OrderChanged] = {}

    def on_order(self, change: OrderChanged) -> None:
        """Keep a liquidation that is larger than the others."""
        order, symbol = change.order, change.order.listing.symbol
        if not order.is_forced or not order.client_order_id.startswith(CLIENT_ID) or order.leaves:
            return
        known = self._largest.get(symbol)
        if known is None or order.lots >= known.order.lots:
            self._largest[symbol] = change

    def collect(self, now_ms: int) -> list[object]:
        """The liquidations since the last call."""
        found, self._largest = self._largest, {}
        return [self._message(now_ms, change) for change in found.values()]

    def _message(self, now_ms: int, change: OrderChanged) -> object:
        order, number = change.order, mark_number(self.desk)
        notation, execution = self.desk.notations[order.listing.symbol], change.execution
        body: Body = {
            "s": order.listing.symbol,
            "S": order.side.value,
            "o": "LIMIT",
            "f": "IOC",
            "q": notation.size(order.lots),
            "p": notation.price(order.price_ticks),
            "ap": average_price(notation, order.filled_quote, order.filled_lots),
            "X": "FILLED",
            "l": notation.size(execution.lots if execution else 0),
            "z": notation.size(order.filled_lots),
            "T": change.time_ms,
        }
        if number == 2:
            body["ps"] = order.listing.pair
        return {"e": "forceOrder", "E": now_ms, "o": body, "ps": order.listing.pair, "st": number}


class ContractChannel(Channel):
    """Contracts that are new, and those that entered another stage of their life."""

    def __init__(self, desk: Desk, request: StreamRequest, streams: SpotStreams) -> None:
        super().__init__(desk, request, streams)
        self._changed: list[Listing] = []
        desk.venue.life.on_listed.append(self._changed.append)
        desk.venue.life.on_stage.append(self._changed.append)

    def collect(self, now_ms: int) -> list[object]:
        """The contracts since the last call."""
        found = list(self._changed)
        self._changed.clear()
        return [contract_event(listing, now_ms, mark_number(self.desk)) for listing in found]

    def close(self) -> None:
        """Ask no longer."""
        for hearers in (self.desk.venue.life.on_listed, self.desk.venue.life.on_stage):
            hearers[:] = [hear for hear in hearers if getattr(hear, "__self__", None) is not self._changed]


def contract_event(listing: Listing, now_ms: int, product_mark: int) -> Body:
    """The `contractInfo` event."""
    return {
        "e": "contractInfo",
        "E": now_ms,
        "s": listing.symbol,
        "ps": listing.pair,
        "ct": contract_type(listing, now_ms),
        "dt": listing.delivery_ms or NEVER_MS,
        "ot": now_ms,
        "cs": contract_status(listing, now_ms),
        "st": product_mark,
    }


FUTURES_CHANNELS: dict[str, type[Channel]] = {
    "pairMark": PairMarkChannel,
    "indexPrice": IndexChannel,
    "indexPriceKline": IndexCandleChannel,
    "markPriceKline": MarkCandleChannel,
    "forceOrder": ForceOrderChannel,
    "contractInfo": ContractChannel,
    "assetIndex": AssetIndexChannel,
}

_OF_PAIRS = ("indexPrice", "indexPriceKline")


def resolve(desk: Desk, request: StreamRequest) -> StreamRequest | None:
    """Put a stream of a pair as one of a symbol; None when neither is listed."""
    name = request.symbol
    if name is None:
        return request
    if request.kind == "continuousKline":
        symbol = contract_of(desk, name, request.contract)
        return replace(request, symbol=symbol) if symbol else None
    if name in desk.venue.listings and (request.kind not in _OF_PAIRS or desk.venue.listings[name].pair == name):
        return request
    symbol = contract_of(desk, name, "PERPETUAL")
    if symbol is None or request.kind not in (*_OF_PAIRS, "markPrice"):
        return None
    return replace(request, symbol=symbol, kind="pairMark" if request.kind == "markPrice" else request.kind)
