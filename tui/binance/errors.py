"""How a request to Binance can end other than well."""

from enum import StrEnum


class Outcome(StrEnum):
    """What is known of a failed request: REFUSED did not happen, UNKNOWN may have happened."""

    REFUSED = "refused"
    UNKNOWN = "unknown"


class BinanceError(Exception):
    """A request that failed; `code` and `text` are Binance's own where it gave any, cleaned of control characters."""

    outcome = Outcome.REFUSED

    def __init__(self, text: str, code: int | None = None, http_status: int | None = None) -> None:
        super().__init__(text if code is None else f"{code} {text}")
        self.text = text
        self.code = code
        self.http_status = http_status


class RefusedError(BinanceError):
    """Binance said no, or the request never left; nothing happened and nothing will."""


class RateLimitedError(RefusedError):
    """429 or 418: nothing was done; `until_ms` is the local epoch time before which nothing should be sent."""

    def __init__(self, text: str, until_ms: int, code: int | None = None, http_status: int | None = None) -> None:
        super().__init__(text, code, http_status)
        self.until_ms = until_ms


class OutcomeUnknownError(BinanceError):
    """Timeout, cut connection, 5xx: the request may or may not have been executed. Never resend an order after it."""

    outcome = Outcome.UNKNOWN
