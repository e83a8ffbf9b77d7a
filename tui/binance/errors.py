"""How a request to Binance can end other than well."""

import os
import socket
import ssl
from enum import StrEnum

from tui.domain.text import clean
from tui.keys.redaction import redact


class Outcome(StrEnum):
    """What is known of a failed request: REFUSED did not happen, UNKNOWN may have happened."""

    REFUSED = "refused"
    UNKNOWN = "unknown"


class BinanceError(Exception):
    """A request that failed; `code` and `text` are Binance's own where it gave any, cleaned and redacted."""

    outcome = Outcome.REFUSED

    def __init__(self, text: str, code: int | None = None, http_status: int | None = None) -> None:
        super().__init__(text if code is None else f"{code} {text}")
        self.text = text
        self.code = code
        self.http_status = http_status
        #: The answer as it came, where it says more than code and text; empty when there was none.
        self.body = b""


class RefusedError(BinanceError):
    """Binance said no, or the request never left; nothing happened and nothing will."""


class UnsentError(RefusedError):
    """The request never left: nothing to send it on, or nothing to sign it with at this moment."""


class RateLimitedError(RefusedError):
    """429 or 418: nothing was done; `until_ms` is the local epoch time before which nothing should be sent."""

    def __init__(self, text: str, until_ms: int, code: int | None = None, http_status: int | None = None) -> None:
        super().__init__(text, code, http_status)
        self.until_ms = until_ms


class OutcomeUnknownError(BinanceError):
    """Timeout, cut connection, 5xx: the request may or may not have been executed. Never resend an order after it."""

    outcome = Outcome.UNKNOWN


#: Words for the reasons of spot orders that were more than the wallet holds: refused when sent, or when they were due.
BALANCE_TOO_SMALL, REFUSED_WHEN_DUE = "the balance is too small", "refused when it was to start working"

# Binance spot API docs 2026-07-21, "Errors"; derivatives docs November 2026. -1000 and -1001 are internal errors that
# say nothing of the order; -1006 and -1007 state that the execution status is unknown.
_UNKNOWN_CODES = frozenset({-1000, -1001, -1006, -1007})
# Answered with a 5xx status, yet stated to be refusals: overload protection throws the request away unread.
_REFUSED_CODES = frozenset({-1003, -1008, -1015, -1016})
# 503 with this body is a definite failure on futures; every other 503 without a code is not.
_REFUSED_503_TEXT = "service unavailable."

#: Too many requests, too many orders.
TOO_MANY_ORDERS_CODE = -1015
LIMIT_CODES = frozenset({-1003, TOO_MANY_ORDERS_CODE})
#: The clock of the request was wrong.
CLOCK_CODE = -1021
#: The order, or the listen key, does not exist.
NO_SUCH_ORDER_CODE = -2013
NO_SUCH_LISTEN_KEY_CODE = -1125
#: Key, address or permission refused; asking again does not help.
CREDENTIAL_CODES = frozenset({-1002, -1022, -2008, -2014, -2015})
#: How the reason of a link begins whose key the exchange does not take: waiting does not help.
KEY_REFUSED = "API key refused"

# Too many requests or orders, overload, and a clock that was wrong (futures' matching engine has a code of its own).
_MOMENTARY_CODES = frozenset({*LIMIT_CODES, -1008, -1016, CLOCK_CODE, -5028})

_STATUS_TEXT = {
    401: "the API key was refused",
    403: "the request was blocked by the firewall",
    404: "HTTP status 404, no such path here",
    408: "the exchange timed out",
    410: "this address was removed by the exchange",
    418: "this address is banned for sending too much",
    429: "too many requests",
    451: "the service is not available from this location",
}


def outcome_of(http_status: int, code: int | None, text: str) -> Outcome:
    """What is known of a request that was answered with an error: refused for certain, or perhaps executed."""
    if code in _UNKNOWN_CODES:
        return Outcome.UNKNOWN
    if code in _REFUSED_CODES or http_status in (418, 429):
        return Outcome.REFUSED
    if http_status == 408:
        return Outcome.UNKNOWN
    if http_status >= 500:
        is_refusal = http_status == 503 and code is None and text.strip().lower() == _REFUSED_503_TEXT
        return Outcome.REFUSED if is_refusal else Outcome.UNKNOWN
    # Below 400 an answer that is no answer of Binance (a redirect, an unreadable body) proves nothing.
    return Outcome.REFUSED if http_status >= 400 else Outcome.UNKNOWN


def failure(
    http_status: int, code: int | None, text: str, limited_until_ms: int | None = None
) -> RefusedError | OutcomeUnknownError:
    """The exception for an error answer; `limited_until_ms` is needed where the answer is a rate limit."""
    words = clean(redact(text)).strip() or _STATUS_TEXT.get(http_status, f"HTTP status {http_status}")
    if http_status in (418, 429) or code in LIMIT_CODES:
        return RateLimitedError(words, limited_until_ms or 0, code, http_status)
    if outcome_of(http_status, code, text) is Outcome.UNKNOWN:
        return OutcomeUnknownError(words, code, http_status)
    return RefusedError(words, code, http_status)


def reason_of(error: BaseException) -> str:
    """Why a connection failed, in a few words and without its address, which may hold a key or a signature."""
    cause = getattr(error, "certificate_error", None) or getattr(error, "os_error", None) or error
    if isinstance(cause, ssl.CertificateError):
        return "its certificate is not trusted: is this the exchange, and is this machine's clock right?"
    if isinstance(cause, ssl.SSLError):
        return "no encrypted connection could be made"
    if isinstance(cause, TimeoutError):
        return "no answer in time"
    if isinstance(cause, socket.gaierror):
        return "its name cannot be looked up"
    number = getattr(cause, "errno", None)
    if isinstance(number, int) and number > 0:
        return os.strerror(number).lower()
    return type(cause).__name__


def is_momentary(error: BinanceError) -> bool:
    """Whether a request was turned away for a reason that passes: nothing was done, and it may be asked for anew."""
    if not isinstance(error, RefusedError):
        return False
    if isinstance(error, UnsentError | RateLimitedError) or error.code in _MOMENTARY_CODES:
        return True
    # The firewall lets the address in again after a while, and a futures host that is out of service comes back.
    return error.code is None and error.http_status in (403, 503)
