"""Request weight and order counts, as the exchange counts them; no I/O.

Windows are aligned to the exchange's clock. The response headers state the absolute use; between them the book is
kept by adding what is sent (Binance spot API docs 2026-07-21, "Limits"; derivatives docs November 2026).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from tui.binance.call import Call, Priority
from tui.binance.errors import RateLimitedError
from tui.domain.product import Product

_HEADER = re.compile(
    r"x-(?:mbx-(used-weight|order-count)|sapi-(used-ip-weight|used-uid-weight))-(\d{1,4})([smhd])", re.IGNORECASE
)
_UNIT_MS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_INTERVAL_UNIT = {"SECOND": "s", "MINUTE": "m", "HOUR": "h", "DAY": "d"}
_BANNED_UNTIL = re.compile(r"banned until (\d{13})")
_MINUTE_MS = 60_000

#: How much of each weight limit may be used, by urgency: the last tenth is for cancels, half is for the past.
_SHARE = {
    Priority.CANCEL: 1.0,
    Priority.REDUCE: 0.9,
    Priority.ORDER: 0.88,
    Priority.QUERY: 0.85,
    Priority.HISTORY: 0.5,
}
#: Of the order counts a tenth is for what lowers the risk; cancels are not counted.
_ORDER_SHARE = {Priority.ORDER: 0.9}

#: `sapi` allows 12,000 of weight a minute for each address or 180,000 for each account: so many of the second count as
#: one of the first (margin docs 2026, 10.1).
UID_PER_IP = 15

#: Waited when the exchange limits without saying for how long.
_DEFAULT_WAIT_MS = 10_000
_LONGEST_WAIT_MS = 3 * 86_400_000
#: Digits of a count in a header, and windows of one kind, that are believed.
_LONGEST_COUNT = 18
_MOST_WINDOWS = 20

#: Requests a minute to one path, held to whatever its weight (execution semantics 21.1).
PATH_LIMITS = {
    "/api/v3/order": 3_000,
    "/api/v3/allOrders": 150,
    "/api/v3/klines": 600,
    "/fapi/v1/order": 1_200,
    "/fapi/v1/allOrders": 60,
    "/fapi/v1/klines": 600,
    "/fapi/v1/commissionRate": 120,
    "/dapi/v1/order": 1_200,
    "/dapi/v1/allOrders": 60,
    "/dapi/v1/klines": 600,
    "/dapi/v1/commissionRate": 120,
}


@dataclass(frozen=True, slots=True)
class RateLimit:
    """One entry of `rateLimits`; answers of the WebSocket API state the present `count` as well."""

    kind: str
    interval: str
    interval_count: int
    limit: int
    count: int | None = None

    @property
    def length_ms(self) -> int | None:
        """How long its window is; None where that is not understood."""
        unit = _INTERVAL_UNIT.get(self.interval)
        return _UNIT_MS[unit] * self.interval_count if unit and 0 < self.interval_count < 10_000 else None


class _Window:
    """Use of one limit in its current window."""

    __slots__ = ("_index", "_used", "length_ms", "limit")

    def __init__(self, length_ms: int, limit: int = 0) -> None:
        self.length_ms = length_ms
        self.limit = limit
        self._index = 0
        self._used = 0

    def used(self, now_ms: int) -> int:
        return self._used if now_ms // self.length_ms == self._index else 0

    def set(self, used: int, now_ms: int) -> None:
        self._index, self._used = now_ms // self.length_ms, used

    def add(self, amount: int, now_ms: int) -> None:
        self.set(self.used(now_ms) + amount, now_ms)

    def has_room(self, amount: int, now_ms: int, share: float) -> bool:
        """What costs nothing always has room."""
        return self.limit <= 0 or amount <= 0 or self.used(now_ms) + amount <= self.limit * share

    def end_ms(self, now_ms: int) -> int:
        return (now_ms // self.length_ms + 1) * self.length_ms


class RateLimits:
    """All limits that one pool of hosts shares. Times are the exchange's epoch milliseconds."""

    def __init__(self, weight_per_minute: int, orders: Mapping[int, int] | None = None) -> None:
        """`orders` are order limits by the length of their window in ms, until the exchange states its own."""
        self._weights: dict[int, _Window] = {_MINUTE_MS: _Window(_MINUTE_MS, weight_per_minute)}
        self._orders = {length_ms: _Window(length_ms, limit) for length_ms, limit in (orders or {}).items()}
        self._raw: dict[int, _Window] = {}
        self._paths = {path: _Window(_MINUTE_MS, limit) for path, limit in PATH_LIMITS.items()}
        self._blocked_until_ms = 0
        self._orders_blocked_until_ms = 0
        self._why = ""

    def configure(self, limits: Iterable[RateLimit], now_ms: int = 0) -> None:
        """Take the limits, and counts where stated, that the exchange names; unknown kinds are left out."""
        kinds = {"REQUEST_WEIGHT": self._weights, "ORDERS": self._orders, "RAW_REQUESTS": self._raw}
        for limit in limits:
            windows, length_ms = kinds.get(limit.kind), limit.length_ms
            if windows is None or length_ms is None:
                continue
            window = windows.setdefault(length_ms, _Window(length_ms))
            window.limit = limit.limit
            if limit.count is not None:
                window.set(limit.count, now_ms)

    def take_headers(self, headers: Mapping[str, str], now_ms: int) -> None:
        """Take the counts that a response states; values that are no numbers are left out."""
        for name, value in headers.items():
            match = _HEADER.fullmatch(name)
            if match is None or not value.isdecimal() or len(value) > _LONGEST_COUNT:
                continue
            windows = self._orders if (match[1] or "").lower() == "order-count" else self._weights
            length_ms = _UNIT_MS[match[4].lower()] * max(1, int(match[3]))
            used = int(value) // (UID_PER_IP if (match[2] or "").lower() == "used-uid-weight" else 1)
            if length_ms not in windows and len(windows) >= _MOST_WINDOWS:
                continue
            windows.setdefault(length_ms, _Window(length_ms)).set(used, now_ms)

    def block(self, until_ms: int, why: str = "") -> None:
        """Send nothing before this time."""
        if until_ms > self._blocked_until_ms:
            self._blocked_until_ms, self._why = until_ms, why

    def block_orders(self, until_ms: int) -> None:
        """Place nothing before this time; questions and cancels go on."""
        self._orders_blocked_until_ms = max(self._orders_blocked_until_ms, until_ms)

    def blocked(self, now_ms: int) -> tuple[int, str]:
        """Until when nothing is sent, and why; zero while all is sent."""
        return (self._blocked_until_ms, self._why) if now_ms < self._blocked_until_ms else (0, "")

    def spend(self, call: Call, now_ms: int) -> None:
        """Count a request about to be sent; raises RateLimitedError, counting nothing, when it has no room."""
        until_ms = self.room_at_ms(call, now_ms)
        if until_ms is not None:
            raise RateLimitedError(self._words(until_ms, now_ms), until_ms)
        for window in self._weights.values():
            window.add(call.weight, now_ms)
        for window in self._raw.values():
            window.add(1, now_ms)
        if call.path in self._paths:
            self._paths[call.path].add(1, now_ms)
        if call.is_order:
            for window in self._orders.values():
                window.add(_orders(call, window), now_ms)

    def room_at_ms(self, call: Call, now_ms: int) -> int | None:
        """When a request will have room; None when it has room now."""
        if now_ms < self._blocked_until_ms:
            return self._blocked_until_ms
        if call.is_order and now_ms < self._orders_blocked_until_ms:
            return self._orders_blocked_until_ms
        priority = call.priority
        share = _SHARE[priority]
        full = [window for window in self._weights.values() if not window.has_room(call.weight, now_ms, share)]
        full += [window for window in self._raw.values() if not window.has_room(1, now_ms, share)]
        path = self._paths.get(call.path)
        # The limit of a path is held to by us, not by the exchange: no cancel waits for it.
        if path is not None and not call.is_cancel and not path.has_room(1, now_ms, 1.0):
            full.append(path)
        if call.is_order:
            orders_share = _ORDER_SHARE.get(priority, 1.0)
            full += [
                window
                for window in self._orders.values()
                if not window.has_room(_orders(call, window), now_ms, orders_share)
            ]
        return max((window.end_ms(now_ms) for window in full), default=None)

    def used_weight(self, now_ms: int) -> tuple[int, int]:
        """Weight used in the current minute, and its limit."""
        window = self._weights[_MINUTE_MS]
        return window.used(now_ms), window.limit

    def used_orders(self, now_ms: int) -> tuple[int, int]:
        """Orders counted in the shortest window, and its limit; zeros while none is known."""
        if not self._orders:
            return 0, 0
        window = self._orders[min(self._orders)]
        return window.used(now_ms), window.limit

    def _words(self, until_ms: int, now_ms: int) -> str:
        if until_ms == self._blocked_until_ms and self._why:
            return f"not sent: {self._why} until {clock_text(until_ms)}"
        return f"not sent: the exchange's request limit is used up for {max(1, round((until_ms - now_ms) / 1000))} s"


def _orders(call: Call, window: _Window) -> int:
    """What a request adds to one order count."""
    is_long = window.length_ms >= _MINUTE_MS
    return call.orders_per_minute if is_long and call.orders_per_minute is not None else call.orders


class LimitPools:
    """The limits of one environment: USD-M and COIN-M share a pool (since 2026-06-30), `sapi` has one of its own."""

    def __init__(self) -> None:
        self.spot = RateLimits(6_000)
        self.sapi = RateLimits(12_000)
        self.futures = RateLimits(2_400, {10_000: 300, _MINUTE_MS: 1_200})

    def of(self, product: Product) -> RateLimits:
        """The pool that a product's orders are counted in."""
        if product.is_futures:
            return self.futures
        return self.spot if product is Product.SPOT else self.sapi


def clock_text(epoch_ms: int) -> str:
    """A moment as a trader reads it: the time of day in UTC, with the date where it is not today's."""
    moment, now = datetime.fromtimestamp(epoch_ms / 1000, UTC), datetime.now(UTC)
    return f"{moment:%H:%M:%S} UTC" if moment.date() == now.date() else f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def limited_until_ms(headers: Mapping[str, str], text: str, now_ms: int) -> int:
    """When a 429 or 418 ends: the ban's own time, else `Retry-After`, else ten seconds from now."""
    banned = _BANNED_UNTIL.search(text)
    if banned:
        return min(int(banned[1]), now_ms + _LONGEST_WAIT_MS)
    seconds = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    is_count = seconds.isdecimal() and seconds.isascii()
    wait_ms = int(seconds[:_LONGEST_COUNT]) * 1000 if is_count else _DEFAULT_WAIT_MS
    return now_ms + min(wait_ms, _LONGEST_WAIT_MS)
