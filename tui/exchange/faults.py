"""Things that go wrong at a real exchange, switched on by whoever wants to see them: scripted, and over by themselves.

`POST /fault` of any product takes one `FaultOrder` as JSON, `GET /fault` lists the open sockets by number. The exchange
must have been started with `--faults`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from tui.exchange.hostile import Attack, Hostility


class FaultOrder(msgspec.Struct, forbid_unknown_fields=True):
    """What is to go wrong; everything left out stays as it is, zero switches off.

    Sockets, all of them, or only the one numbered `connection`, or only those that hear the stream `stream`:
    `cut` closes them. `stall_ms` silences them; what would have been said is lost. `slow_ms` delays each frame.
    `gap` loses, `duplicate` doubles, `reorder` swaps with the next, `corrupt` truncates that many frames.
    `shutdown_ms` announces `serverShutdown` and closes them so much later.

    Everywhere: `drop_depth` loses that many depth messages of all who listen. `expire_listen_keys` ends every listen
    key and listen token. `rest_delay_ms` delays every REST reply. `stale_depth` answers that many REST snapshots from
    the books of this moment. `too_many` answers that many requests with 429, `ban_ms` all with 418 for so long,
    `errors` that many with 500. `clock_skew_ms` sets the exchange's clock off: -1021 until the client asks the time.

    Order calls: `order_errors` answers that many with 503 -1008 and does nothing, `order_errors_executed` with 503
    -1007 after executing. `order_timeouts` never answers that many and does nothing, `order_timeouts_executed` never
    answers after executing.

    `hostile` twists everything that is said (see `Attack`), `honest` ends that.
    """

    connection: int | None = None
    stream: str | None = None
    cut: bool = False
    stall_ms: int | None = None
    slow_ms: int | None = None
    gap: int | None = None
    duplicate: int | None = None
    reorder: int | None = None
    corrupt: int | None = None
    shutdown_ms: int | None = None
    drop_depth: int | None = None
    expire_listen_keys: bool = False
    rest_delay_ms: int | None = None
    stale_depth: int | None = None
    too_many: int | None = None
    ban_ms: int | None = None
    errors: int | None = None
    clock_skew_ms: int | None = None
    order_errors: int | None = None
    order_errors_executed: int | None = None
    order_timeouts: int | None = None
    order_timeouts_executed: int | None = None
    hostile: Attack | None = None
    honest: bool = False

    @property
    def is_for_some(self) -> bool:
        """Whether only some sockets are meant."""
        return self.connection is not None or self.stream is not None


class Unanswered(Exception):
    """A request that gets no answer."""


class FrameScript:
    """What happens to the text frames of one socket; times are of the monotonic clock, in milliseconds."""

    __slots__ = ("corrupt", "duplicate", "gap", "held", "is_idle", "reorder", "slow_ms", "stalled_until_ms")

    def __init__(self) -> None:
        self.stalled_until_ms = 0.0
        self.slow_ms = self.gap = self.duplicate = self.reorder = self.corrupt = 0
        self.held: bytes | None = None
        #: Nothing to do: asked for each frame, so it is kept as one flag.
        self.is_idle = True

    def take(self, order: FaultOrder, monotonic_ms: float) -> None:
        """Put an order in force."""
        if order.stall_ms is not None and order.is_for_some:
            self.stalled_until_ms = monotonic_ms + order.stall_ms
        for name in ("slow_ms", "gap", "duplicate", "reorder", "corrupt"):
            value = getattr(order, name)
            if value is not None:
                setattr(self, name, value)
        self.is_idle = False

    def frames(self, frame: bytes, monotonic_ms: float) -> list[bytes]:
        """What is really sent in place of a frame."""
        if monotonic_ms < self.stalled_until_ms:
            return []
        if self.gap > 0:
            self.gap -= 1
            return []
        if self.corrupt > 0:
            self.corrupt -= 1
            frame = frame[: len(frame) // 2]
        if self.reorder > 0 and self.held is None:
            self.reorder -= 1
            self.held = frame
            return []
        sent = [frame]
        if self.held is not None:
            sent.append(self.held)
            self.held = None
        if self.duplicate > 0:
            self.duplicate -= 1
            sent.append(frame)
        if not (self.gap or self.corrupt or self.reorder or self.duplicate or self.slow_ms):
            self.is_idle = True
        return sent


#: A book as it was: update id, bids, asks.
Snapshot = tuple[int, list[tuple[int, int]], list[tuple[int, int]]]

_COUNTERS = (
    "drop_depth",
    "too_many",
    "errors",
    "order_errors",
    "order_errors_executed",
    "order_timeouts",
    "order_timeouts_executed",
    "stale_depth",
)


@dataclass(slots=True)
class Faults:
    """The faults in force at one product; times are of the monotonic clock, in milliseconds."""

    rest_delay_ms: int = 0
    stalled_until_ms: float = 0.0
    clock_skew_ms: int = 0
    stale_books: dict[str, Snapshot] = field(default_factory=dict)
    hostility: Hostility = field(default_factory=Hostility)
    _left: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_COUNTERS, 0))

    def take(self, order: FaultOrder, monotonic_ms: float) -> None:
        """Put an order in force."""
        if order.rest_delay_ms is not None:
            self.rest_delay_ms = order.rest_delay_ms
        if order.stall_ms is not None and not order.is_for_some:
            self.stalled_until_ms = monotonic_ms + order.stall_ms
        if order.clock_skew_ms is not None:
            self.clock_skew_ms = order.clock_skew_ms
        for name in _COUNTERS:
            value = getattr(order, name)
            if value is not None:
                self._left[name] = value
        if order.honest or order.hostile is not None:
            self.hostility.attack = order.hostile

    def refuses_request(self) -> bool:
        """Whether this request is answered with 429."""
        return self._uses("too_many")

    def fails_request(self) -> bool:
        """Whether this request is answered with 500."""
        return self._uses("errors")

    def fails_order(self) -> bool:
        """Whether this order call fails before anything is done."""
        return self._uses("order_errors")

    def loses_reply(self) -> bool:
        """Whether this order call is executed and its reply replaced by an error."""
        return self._uses("order_errors_executed")

    def ignores_order(self) -> bool:
        """Whether nothing is done and nothing answered."""
        return self._uses("order_timeouts")

    def swallows_reply(self) -> bool:
        """Whether this order call is executed and never answered."""
        return self._uses("order_timeouts_executed")

    def drops_depth(self) -> bool:
        """Whether this depth message is lost."""
        return self._uses("drop_depth")

    def snapshot(self, symbol: str, read: Callable[[], Snapshot], limit: int) -> Snapshot:
        """The book as it is, or as it was while stale snapshots are due."""
        if symbol in self.stale_books and self._uses("stale_depth"):
            update_id, bids, asks = self.stale_books[symbol]
            return update_id, bids[:limit], asks[:limit]
        return read()

    def _uses(self, name: str) -> bool:
        left = self._left[name]
        if left > 0:
            self._left[name] = left - 1
        return left > 0
