"""Request weight and order counts: windows aligned to the UTC clock, as Binance counts them."""

from collections.abc import Sequence
from dataclasses import dataclass

from tui.exchange.rejection import Rejection

_UNIT_MS = {"SECOND": 1_000, "MINUTE": 60_000, "HOUR": 3_600_000, "DAY": 86_400_000}


@dataclass(frozen=True, slots=True)
class RateLimit:
    """One row of exchangeInfo's `rateLimits`."""

    kind: str
    interval: str
    count: int
    limit: int

    @property
    def window_ms(self) -> int:
        """Length of the window."""
        return _UNIT_MS[self.interval] * self.count

    @property
    def suffix(self) -> str:
        """The window as response headers name it: 1M, 10S, 1D."""
        return f"{self.count}{self.interval[0]}"

    def row(self) -> dict[str, object]:
        """The limit in Binance's words."""
        return {
            "rateLimitType": self.kind,
            "interval": self.interval,
            "intervalNum": self.count,
            "limit": self.limit,
        }


class RateLimitedRejection(Rejection):
    """Too much; `retry_at_ms` is the exchange time at which the window ends."""

    def __init__(self, code: int, msg: str, retry_at_ms: int, http: int = 429) -> None:
        super().__init__(code, msg, http)
        self.retry_at_ms = retry_at_ms


class Window:
    """A counter that starts anew whenever the clock enters the next window."""

    def __init__(self, limit: RateLimit) -> None:
        self.limit = limit
        self._index = -1
        self._used = 0

    def used(self, now_ms: int) -> int:
        """What the current window holds."""
        index = now_ms // self.limit.window_ms
        if index != self._index:
            self._index, self._used = index, 0
        return self._used

    def add(self, amount: int, now_ms: int) -> None:
        """Count; giving back never falls below zero."""
        self._used = max(0, self.used(now_ms) + amount)

    def end_ms(self, now_ms: int) -> int:
        """When the current window ends."""
        return (now_ms // self.limit.window_ms + 1) * self.limit.window_ms


#: Refused requests in one window after which an address is banned, and how long for: doubled each time.
PATIENCE = 20
FIRST_BAN_MS = 120_000
LONGEST_BAN_MS = 3 * 24 * 3_600_000

#: Budgets apart from the request weight. Each address below /sapi has its own, by IP or UID (Binance margin docs, SAPI
#: limits, 2026); futures' funding rates share one, their statistics another, and an account may ask for so many files a
#: month of each kind (Binance futures docs, rate limits, 2026).
POOL_LIMITS = {
    "IP": RateLimit("REQUEST_WEIGHT", "MINUTE", 1, 12_000),
    "UID": RateLimit("REQUEST_WEIGHT", "MINUTE", 1, 180_000),
    "FUNDING": RateLimit("REQUEST_WEIGHT", "MINUTE", 5, 500),
    "STATISTICS": RateLimit("REQUEST_WEIGHT", "MINUTE", 5, 1_000),
    "DOWNLOADS": RateLimit("REQUEST_WEIGHT", "DAY", 30, 100),
}
#: Pools whose use is told in the headers of answers.
TOLD_POOLS = ("IP", "UID")


@dataclass(frozen=True, slots=True)
class Words:
    """How a product says that too much was asked, and what to use instead; `limit` is filled with the limit."""

    excess: str
    limit: str
    remedy: str


SPOT_WORDS = Words("too much request weight used", "{limit} request weight per {count} {interval}", "WebSocket Streams")
#: Binance futures docs, error codes, -1003, 2026.
FUTURES_WORDS = Words("too many requests", "{limit} requests per minute", "the websocket")


class Bans:
    """What becomes of whoever does not heed 429: 418 for a time that doubles from two minutes to three days."""

    def __init__(self, words: "Words") -> None:
        self._words = words
        self._refused = 0
        self._window_end_ms = 0
        self._bans = 0
        self.until_ms = 0

    def check(self, now_ms: int) -> None:
        """Raise -1003 with status 418 while banned."""
        if now_ms < self.until_ms:
            raise RateLimitedRejection(
                -1003,
                f"Way {self._words.excess}; IP banned until {self.until_ms}. Please use {self._words.remedy} for live "
                "updates to avoid bans.",
                self.until_ms,
                418,
            )

    def note_refusal(self, now_ms: int, window_end_ms: int) -> None:
        """A request was refused with 429; too many of them before the window ends begin a ban."""
        if now_ms >= self._window_end_ms:
            self._refused, self._window_end_ms = 0, window_end_ms
        self._refused += 1
        if self._refused >= PATIENCE:
            self.until_ms = now_ms + min(LONGEST_BAN_MS, FIRST_BAN_MS << min(self._bans, 20))
            self._bans += 1
            self._refused = 0


class Budget:
    """The request weight of one address, its raw requests, and the orders of each account."""

    def __init__(
        self,
        weight: RateLimit,
        orders: Sequence[RateLimit],
        raw: RateLimit | None = None,
        words: Words = SPOT_WORDS,
    ) -> None:
        self.weight = Window(weight)
        self.bans = Bans(words)
        self._words = words
        self._raw = Window(raw) if raw else None
        self._pools: dict[tuple[str, str], Window] = {}
        self._order_limits = tuple(orders)
        self._orders: dict[str, tuple[Window, ...]] = {}

    def charge(self, weight: int, now_ms: int) -> None:
        """Count a request's weight; raises -1003 with status 429 when the window is full."""
        window, words = self.weight, self._words
        if window.used(now_ms) + weight > window.limit.limit:
            self.bans.note_refusal(now_ms, window.end_ms(now_ms))
            limit = window.limit
            most = words.limit.format(limit=limit.limit, count=limit.count, interval=limit.interval)
            raise RateLimitedRejection(
                -1003,
                f"{words.excess.capitalize()}; current limit is {most}. Please use {words.remedy} for live updates to "
                "avoid polling the API.",
                window.end_ms(now_ms),
            )
        window.add(weight, now_ms)

    def note_request(self, now_ms: int) -> None:
        """Count a REST request whatever it asks; raises -1003 with status 429, or 418 while banned."""
        self.bans.check(now_ms)
        raw = self._raw
        if raw is None:
            return
        if raw.used(now_ms) >= raw.limit.limit:
            self.bans.note_refusal(now_ms, raw.end_ms(now_ms))
            raise RateLimitedRejection(
                -1003,
                f"Too many requests; current limit is {raw.limit.limit} raw requests per {raw.limit.count} "
                f"{raw.limit.interval}. Please use WebSocket Streams for live updates to avoid polling the API.",
                raw.end_ms(now_ms),
            )
        raw.add(1, now_ms)

    def charge_pool(self, endpoint: str, pool: str, weight: int, now_ms: int) -> int:
        """Count against a budget apart: of one /sapi endpoint for an address or an account, or of a group of endpoints.

        Returns what the window holds; raises -1003 with status 429 when it is full.
        """
        window = self._pools.setdefault((endpoint, pool), Window(POOL_LIMITS[pool]))
        if window.used(now_ms) + weight > window.limit.limit:
            self.bans.note_refusal(now_ms, window.end_ms(now_ms))
            raise RateLimitedRejection(
                -1003,
                f"Too much request weight used; current limit is {window.limit.limit} request weight per "
                f"{window.limit.count} {window.limit.interval} for this {pool}.",
                window.end_ms(now_ms),
            )
        window.add(weight, now_ms)
        return window.used(now_ms)

    def orders(self, account_id: str) -> tuple[Window, ...]:
        """The order windows of an account."""
        windows = self._orders.get(account_id)
        if windows is None:
            windows = self._orders[account_id] = tuple(Window(limit) for limit in self._order_limits)
        return windows

    def charge_orders(self, account_id: str, count: int, now_ms: int) -> None:
        """Count new orders; raises -1015 with status 429 when a window is full."""
        windows = self.orders(account_id)
        for window in windows:
            if window.used(now_ms) + count > window.limit.limit:
                raise RateLimitedRejection(
                    -1015,
                    f"Too many new orders; current limit is {window.limit.limit} orders per "
                    f"{window.limit.count} {window.limit.interval}.",
                    window.end_ms(now_ms),
                )
        for window in windows:
            window.add(count, now_ms)

    def give_back(self, account_id: str, now_ms: int, count: int = 1) -> None:
        """An order traded for the first time: spot gives orders back on every window."""
        for window in self.orders(account_id):
            window.add(-count, now_ms)
