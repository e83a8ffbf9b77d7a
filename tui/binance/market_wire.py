"""Market stream payloads with Binance's own field names, one struct each.

Spot and futures share the payloads; keys that only one has are optional (Binance spot API docs 2026-07-21, derivatives
docs November 2026).
"""

from typing import Generic, TypeVar

import msgspec

from tui.binance.bounds import Id, Time
from tui.binance.wire import Rows
from tui.domain.market import BookChange

Payload = TypeVar("Payload")


class Frame(msgspec.Struct, Generic[Payload]):
    """One message of a combined connection."""

    data: Payload


class DepthUpdate(BookChange, frozen=True, gc=False, kw_only=True):
    """`depthUpdate`: absolute sizes of changed levels, at the time of the event."""

    first_id: Id = msgspec.field(name="U")
    final_id: Id = msgspec.field(name="u")
    previous_id: Id | None = msgspec.field(name="pu", default=None)
    bids: Rows = msgspec.field(name="b")
    asks: Rows = msgspec.field(name="a")
    time_ms: Time = msgspec.field(name="E")


class FuturesDepthUpdate(DepthUpdate, frozen=True, gc=False, kw_only=True):
    """`depthUpdate` of futures, at the time of the matching engine."""

    time_ms: Time = msgspec.field(name="T")


class AggregateTrade(msgspec.Struct):
    """`aggTrade`: one taker order at one price."""

    trade_id: Id = msgspec.field(name="a")
    price: str = msgspec.field(name="p")
    quantity: str = msgspec.field(name="q")
    time_ms: Time = msgspec.field(name="T")
    buyer_is_maker: bool = msgspec.field(name="m")


class SingleTrade(msgspec.Struct):
    """`trade`: one maker order against one taker order."""

    trade_id: Id = msgspec.field(name="t")
    price: str = msgspec.field(name="p")
    quantity: str = msgspec.field(name="q")
    time_ms: Time = msgspec.field(name="T")
    buyer_is_maker: bool = msgspec.field(name="m")


class MiniTicker(msgspec.Struct):
    """`24hrMiniTicker`; `st` tells the products apart where all symbols of both futures come together."""

    event_ms: Time = msgspec.field(name="E")
    symbol: str = msgspec.field(name="s")
    last: str = msgspec.field(name="c")
    open: str = msgspec.field(name="o")
    high: str = msgspec.field(name="h")
    low: str = msgspec.field(name="l")
    volume: str = msgspec.field(name="v")
    turnover: str = msgspec.field(name="q")
    product_number: int | None = msgspec.field(name="st", default=None)


class DayTicker(msgspec.Struct):
    """`24hrTicker`."""

    event_ms: Time = msgspec.field(name="E")
    last: str = msgspec.field(name="c")
    open: str = msgspec.field(name="o")
    high: str = msgspec.field(name="h")
    low: str = msgspec.field(name="l")
    volume: str = msgspec.field(name="v")
    turnover: str = msgspec.field(name="q")
    weighted_average: str | None = msgspec.field(name="w", default=None)
    last_quantity: str | None = msgspec.field(name="Q", default=None)
    open_ms: Time | None = msgspec.field(name="O", default=None)
    first_id: Id | None = msgspec.field(name="F", default=None)
    last_id: Id | None = msgspec.field(name="L", default=None)
    trades: Id | None = msgspec.field(name="n", default=None)


class BookTicker(msgspec.Struct):
    """`bookTicker`; spot sends no time with it."""

    update_id: Id = msgspec.field(name="u")
    bid: str = msgspec.field(name="b")
    bid_quantity: str = msgspec.field(name="B")
    ask: str = msgspec.field(name="a")
    ask_quantity: str = msgspec.field(name="A")
    engine_ms: Time | None = msgspec.field(name="T", default=None)


class KlineBar(msgspec.Struct):
    """The bar inside a `kline` event."""

    open_ms: Time = msgspec.field(name="t")
    close_ms: Time = msgspec.field(name="T")
    open: str = msgspec.field(name="o")
    high: str = msgspec.field(name="h")
    low: str = msgspec.field(name="l")
    close: str = msgspec.field(name="c")
    volume: str = msgspec.field(name="v")
    is_closed: bool = msgspec.field(name="x")
    turnover: str | None = msgspec.field(name="q", default=None)
    trades: Id | None = msgspec.field(name="n", default=None)
    taker_volume: str | None = msgspec.field(name="V", default=None)
    taker_turnover: str | None = msgspec.field(name="Q", default=None)


class Kline(msgspec.Struct):
    """`kline`."""

    bar: KlineBar = msgspec.field(name="k")


class MarkPriceUpdate(msgspec.Struct):
    """`markPriceUpdate`; the rate is empty on delivery contracts."""

    event_ms: Time = msgspec.field(name="E")
    mark: str = msgspec.field(name="p")
    index: str | None = msgspec.field(name="i", default=None)
    funding_rate: str | None = msgspec.field(name="r", default=None)
    next_funding_ms: Time | None = msgspec.field(name="T", default=None)
    settle: str | None = msgspec.field(name="P", default=None)
    average: str | None = msgspec.field(name="ap", default=None)


class PartialBook(msgspec.Struct):
    """The best levels: spot names neither symbol nor event, futures send a `depthUpdate` with all of them."""

    update_id: Id | None = msgspec.field(name="lastUpdateId", default=None)
    spot_bids: Rows | None = msgspec.field(name="bids", default=None)
    spot_asks: Rows | None = msgspec.field(name="asks", default=None)
    final_id: Id | None = msgspec.field(name="u", default=None)
    bids: Rows | None = msgspec.field(name="b", default=None)
    asks: Rows | None = msgspec.field(name="a", default=None)
    engine_ms: Time | None = msgspec.field(name="T", default=None)


class ForcedOrder(msgspec.Struct):
    """The order inside a `forceOrder` event."""

    symbol: str = msgspec.field(name="s")
    side: str = msgspec.field(name="S")
    quantity: str = msgspec.field(name="q")
    price: str = msgspec.field(name="p")
    average_price: str = msgspec.field(name="ap")
    filled: str = msgspec.field(name="z")
    time_ms: Time = msgspec.field(name="T")


class ForceOrder(msgspec.Struct):
    """`forceOrder`: the largest liquidation of a symbol within a second."""

    order: ForcedOrder = msgspec.field(name="o")
    product_number: int | None = msgspec.field(name="st", default=None)
