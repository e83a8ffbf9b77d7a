"""From what a venue tells to what its streams say: encoded once, sent to all, and nothing for streams without ears."""

from collections.abc import Callable
from typing import Protocol

import msgspec

from tui.domain.product import Product
from tui.exchange.events import AccountChanged, LevelChanged, OrderChanged, PublicTrade
from tui.exchange.server.channels import Channel, open_channel
from tui.exchange.server.coinm_streams import CoinmStreams
from tui.exchange.server.desk import Desk
from tui.exchange.server.futures_channels import FUTURES_CHANNELS, resolve
from tui.exchange.server.spot_channels import SPOT_CHANNELS
from tui.exchange.server.spot_streams import SpotStreams
from tui.exchange.server.stream_names import parse_stream
from tui.exchange.server.time_units import in_microseconds
from tui.exchange.server.usdm_streams import UsdmStreams

_STREAMS = {Product.SPOT: SpotStreams, Product.USDM: UsdmStreams, Product.COINM: CoinmStreams}

#: How often `tick` wants to be called.
TICK_MS = 50


class Subscriber(Protocol):
    """A socket. `push` must return at once and must not fail."""

    @property
    def is_combined(self) -> bool: ...
    @property
    def in_microseconds(self) -> bool: ...
    def push(self, frame: bytes) -> None: ...
    def wants(self, stream: str, event: str) -> bool: ...


class Publisher:
    """The market streams of one venue. `soon` runs a function after what is happening now; `monotonic_ms` a clock."""

    def __init__(
        self, desk: Desk, soon: Callable[[Callable[[], None]], object], monotonic_ms: Callable[[], float]
    ) -> None:
        self._desk = desk
        self._soon = soon
        self._monotonic_ms = monotonic_ms
        self._streams: SpotStreams = _STREAMS[desk.product]()
        self._own_channels = FUTURES_CHANNELS if desk.product.is_futures else SPOT_CHANNELS
        #: Publishers of other products whose streams of all symbols are told here too.
        self.partners: list[Publisher] = []
        self._subscribers: dict[str, dict[Subscriber, None]] = {}
        self._channels: dict[str, Channel] = {}
        self._by_symbol: dict[str, dict[str, Channel]] = {}
        self._periods: dict[int, dict[str, Channel]] = {}
        self._due: dict[int, float] = {}
        self._touched: dict[str, Channel] = {}

    @property
    def is_futures(self) -> bool:
        """Whether it tells of contracts."""
        return self._desk.product.is_futures

    # Who listens

    def subscribe(self, name: str, subscriber: Subscriber) -> None:
        """Send a stream to a socket from now on; a name no stream has stays silent."""
        for publisher in (self, *self.partners) if name.startswith("!") else (self,):
            publisher._add(name, subscriber)

    def _add(self, name: str, subscriber: Subscriber) -> None:
        self._subscribers.setdefault(name, {})[subscriber] = None
        if name in self._channels:
            return
        request = parse_stream(name, is_futures=self._desk.product.is_futures)
        if request is not None and self._desk.product.is_futures:
            request = resolve(self._desk, request)
        channel = open_channel(self._desk, request, self._streams, self._own_channels) if request else None
        if channel is None:
            return
        self._channels[name] = channel
        for symbol in channel.symbols:
            self._by_symbol.setdefault(symbol, {})[name] = channel
        if channel.every_ms:
            self._periods.setdefault(channel.every_ms, {})[name] = channel
        else:
            self._touch(name, channel)

    def unsubscribe(self, name: str, subscriber: Subscriber) -> None:
        """Stop sending a stream to a socket; the last one to go closes the channel."""
        for publisher in (self, *self.partners) if name.startswith("!") else (self,):
            publisher._remove(name, subscriber)

    def _remove(self, name: str, subscriber: Subscriber) -> None:
        listeners = self._subscribers.get(name)
        if listeners is None or listeners.pop(subscriber, self) is self or listeners:
            return
        del self._subscribers[name]
        channel = self._channels.pop(name, None)
        if channel is None:
            return
        channel.close()
        for symbol in channel.symbols:
            del self._by_symbol[symbol][name]
        if channel.every_ms:
            del self._periods[channel.every_ms][name]
        self._touched.pop(name, None)

    # What happens

    def on_level(self, change: LevelChanged) -> None:
        """Hand a change of the book to whoever gathers it."""
        for name, channel in self._by_symbol.get(change.listing.symbol, {}).items():
            channel.on_level(change)
            if not channel.every_ms:
                self._touch(name, channel)

    def on_trade(self, trade: PublicTrade) -> None:
        """Put a print on the tape and hand it to whoever gathers it."""
        aggregate = self._desk.tape.record(trade)
        for name, channel in self._by_symbol.get(trade.listing.symbol, {}).items():
            channel.on_trade(trade, aggregate)
            if not channel.every_ms:
                self._touch(name, channel)

    def on_order(self, change: OrderChanged) -> None:
        """Orders are nobody's business but their account's; liquidations are told to all."""
        if change.order.is_forced:
            for channel in self._by_symbol.get(change.order.listing.symbol, {}).values():
                channel.on_order(change)

    def on_account(self, change: AccountChanged) -> None:
        """Accounts neither."""

    # What is said

    def _touch(self, name: str, channel: Channel) -> None:
        if not self._touched:
            self._soon(self.flush)
        self._touched[name] = channel

    def flush(self) -> None:
        """Publish the streams that are told as things happen."""
        touched, self._touched = self._touched, {}
        now = self._desk.now_ms()
        for name, channel in touched.items():
            self._publish(name, channel, now)

    def tick(self) -> None:
        """Publish the periodic streams that are due."""
        monotonic = self._monotonic_ms()
        now = self._desk.now_ms()
        for period, channels in self._periods.items():
            if not channels or monotonic < self._due.get(period, 0.0):
                continue
            self._due[period] = monotonic - monotonic % period + period
            for name, channel in list(channels.items()):
                self._publish(name, channel, now)

    def _publish(self, name: str, channel: Channel, now: int) -> None:
        for payload in channel.collect(now):
            if channel.is_depth and self._desk.faults.drops_depth():
                continue
            self.deliver(name, payload)

    def deliver(self, name: str, payload: object, event: str = "") -> None:
        """Send one payload to every socket that listens to this name; nothing while streams are stalled."""
        listeners = self._subscribers.get(name)
        if not listeners or self._monotonic_ms() < self._desk.faults.stalled_until_ms:
            return
        frames: dict[tuple[bool, bool], bytes] = {}
        for listener in list(listeners):
            if event and not listener.wants(name, event):
                continue
            form = listener.is_combined, listener.in_microseconds
            frame = frames.get(form)
            if frame is None:
                frame = frames[form] = self._frame(name, payload, *form)
            listener.push(frame)

    def _frame(self, name: str, payload: object, is_combined: bool, is_fine: bool) -> bytes:
        encoded = msgspec.json.encode(in_microseconds(payload) if is_fine else payload)
        raw = self._desk.faults.hostility.twist(encoded)
        if not is_combined:
            return raw
        return b'{"stream":' + msgspec.json.encode(name) + b',"data":' + raw + b"}"
