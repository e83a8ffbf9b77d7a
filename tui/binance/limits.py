"""Request weight and order counts, as the exchange counts them; no I/O.

Windows are aligned to the exchange's clock. The response headers state the absolute use; between them the book is
kept by adding what is sent (Binance spot API docs 2026-07-21, "Limits").
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tui.binance.errors import RateLimitedError

_HEADER = re.compile(r"x-mbx-(used-weight|order-count)-(\d{1,4})([smhd])", re.IGNORECASE)
_UNIT_MS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_INTERVAL_UNIT = {"SECOND": "s", "MINUTE": "m", "HOUR": "h", "DAY": "d"}
_BANNED_UNTIL = re.compile(r"banned until (\d{13})")

#: Share of each limit that only cancels may use.
_RESERVE = 0.1
#: Waited when the exchange limits without saying for how long.
_DEFAULT_WAIT_MS = 10_000
_LONGEST_WAIT_MS = 3 * 86_400_000
#: Digits of a count in a header, and windows of one kind, that are believed.
_LONGEST_COUNT = 18
_MOST_WINDOWS = 20


@dataclass(frozen=True, slots=True)
class RateLimit:
    """One entry of `rateLimits` in the exchange information."""

    kind: str
    interval: str
    interval_count: int
    limit: int


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

    def has_room(self, amount: int, now_ms: int, reserve: float) -> bool:
        return self.limit <= 0 or self.used(now_ms) + amount <= self.limit * (1 - reserve)

    def end_ms(self, now_ms: int) -> int:
        return (now_ms // self.length_ms + 1) * self.length_ms


class RateLimits:
    """All limits of one product's hosts. Times are the exchange's epoch milliseconds."""

    def __init__(self, weight_per_minute: int) -> None:
        self._weights: dict[int, _Window] = {60_000: _Window(60_000, weight_per_minute)}
        self._orders: dict[int, _Window] = {}
        self._blocked_until_ms = 0

    def configure(self, limits: Iterable[RateLimit]) -> None:
        """Take the limits of the exchange information; unknown kinds and intervals are left out."""
        for limit in limits:
            unit = _INTERVAL_UNIT.get(limit.interval)
            if unit is None or not 0 < limit.interval_count < 10_000:
                continue
            length_ms = _UNIT_MS[unit] * limit.interval_count
            if limit.kind == "REQUEST_WEIGHT":
                self._weights.setdefault(length_ms, _Window(length_ms)).limit = limit.limit
            elif limit.kind == "ORDERS":
                self._orders.setdefault(length_ms, _Window(length_ms)).limit = limit.limit

    def take_headers(self, headers: Mapping[str, str], now_ms: int) -> None:
        """Take the counts that a response states; values that are no numbers are left out."""
        for name, value in headers.items():
            match = _HEADER.fullmatch(name)
            if match is None or not value.isdecimal() or len(value) > _LONGEST_COUNT:
                continue
            windows = self._weights if match[1].lower() == "used-weight" else self._orders
            length_ms = _UNIT_MS[match[3].lower()] * max(1, int(match[2]))
            if length_ms not in windows and len(windows) >= _MOST_WINDOWS:
                continue
            windows.setdefault(length_ms, _Window(length_ms)).set(int(value), now_ms)

    def block(self, until_ms: int) -> None:
        """Send nothing before this time."""
        self._blocked_until_ms = max(self._blocked_until_ms, until_ms)

    def may_send(self, weight: int, now_ms: int, *, is_cancel: bool = False, is_order: bool = False) -> bool:
        """Whether a request has room; a tenth of each limit is kept for cancels."""
        return self._wait_until_ms(weight, now_ms, is_cancel=is_cancel, is_order=is_order) is None

    def spend(self, weight: int, now_ms: int, *, is_cancel: bool = False, is_order: bool = False) -> None:
        """Count a request about to be sent; raises RateLimitedError, counting nothing, when it has no room."""
        until_ms = self._wait_until_ms(weight, now_ms, is_cancel=is_cancel, is_order=is_order)
        if until_ms is not None:
            seconds = max(1, round((until_ms - now_ms) / 1000))
            raise RateLimitedError(f"not sent: the exchange's request limit is used up for {seconds} s", until_ms)
        for window in self._weights.values():
            window.add(weight, now_ms)
        if is_order:
            for window in self._orders.values():
                window.add(1, now_ms)

    def _wait_until_ms(self, weight: int, now_ms: int, *, is_cancel: bool, is_order: bool) -> int | None:
        if now_ms < self._blocked_until_ms:
            return self._blocked_until_ms
        reserve = 0.0 if is_cancel else _RESERVE
        full = [window for window in self._weights.values() if not window.has_room(weight, now_ms, reserve)]
        if is_order:
            full += [window for window in self._orders.values() if not window.has_room(1, now_ms, 0.0)]
        return max((window.end_ms(now_ms) for window in full), default=None)

    def used_weight(self, now_ms: int) -> tuple[int, int]:
        """Weight used in the current minute, and its limit."""
        window = self._weights[60_000]
        return window.used(now_ms), window.limit

    def used_orders(self, now_ms: int) -> tuple[int, int]:
        """Orders counted in the shortest window, and its limit; zeros while none is known."""
        if not self._orders:
            return 0, 0
        window = self._orders[min(self._orders)]
        return window.used(now_ms), window.limit


def limited_until_ms(headers: Mapping[str, str], text: str, now_ms: int) -> int:
    """When a 429 or 418 ends: the ban's own time, else `Retry-After`, else ten seconds from now."""
    banned = _BANNED_UNTIL.search(text)
    if banned:
        return min(int(banned[1]), now_ms + _LONGEST_WAIT_MS)
    seconds = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    is_count = seconds.isdecimal() and seconds.isascii()
    wait_ms = int(seconds[:_LONGEST_COUNT]) * 1000 if is_count else _DEFAULT_WAIT_MS
    return now_ms + min(wait_ms, _LONGEST_WAIT_MS)
