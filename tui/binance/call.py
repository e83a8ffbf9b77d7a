"""One REST request as a plan: what it costs, how urgent it is, and whether it may be asked twice."""

from dataclasses import dataclass, replace
from enum import IntEnum

from tui.binance.errors import CLOCK_CODE, CREDENTIAL_CODES, BinanceError, Outcome, RateLimitedError

#: The matching engine found the request too old; nothing was done (futures).
_ENGINE_CLOCK_CODE = -5028
#: Refused unread, for reasons that pass: overload, too many requests.
_PASSING_CODES = frozenset({-1003, -1008})
#: A futures host that answers 503 with these words did nothing (see `errors`).
_OUT_OF_SERVICE = 503
_FORBIDDEN = (401, 403)


class Priority(IntEnum):
    """Who goes first when the limits get tight; the lower the more urgent."""

    CANCEL = 0
    REDUCE = 1
    ORDER = 2
    QUERY = 3
    #: The past, asked for in the background: waits for room and takes no more than half of it.
    HISTORY = 4


@dataclass(frozen=True, slots=True)
class Call:
    """One REST request; `signed` adds timestamp and signature, `keyed` only the key's header.

    `orders` is what it adds to the order counts, `orders_per_minute` what it adds to those of a minute and longer where
    that is less (a futures batch of five counts 5 in ten seconds and 1 in a minute).
    """

    method: str
    path: str
    weight: int
    signed: bool = False
    keyed: bool = False
    is_order: bool = False
    is_cancel: bool = False
    reduces: bool = False
    is_history: bool = False
    orders: int = 1
    orders_per_minute: int | None = None

    @property
    def is_repeatable(self) -> bool:
        """Whether asking twice is as good as asking once: questions, listen keys, and cancels that place nothing."""
        return self.method == "GET" or (self.keyed and not self.signed) or (self.is_cancel and not self.is_order)

    @property
    def priority(self) -> Priority:
        """Where it stands when the limits get tight."""
        if self.is_order:
            return Priority.REDUCE if self.reduces else Priority.ORDER
        if self.is_cancel:
            return Priority.CANCEL
        return Priority.HISTORY if self.is_history else Priority.QUERY

    def reducing(self, reduces: bool) -> "Call":
        """The same request for an order that lowers the risk, which goes before others."""
        return replace(self, reduces=True) if reduces else self


def may_retry(call: Call, error: BinanceError) -> bool:
    """Whether a failed request may be sent again by itself.

    What creates or changes anything only where it certainly was not executed and the reason passes; questions and
    cancels also where nobody knows. Never after a refusal of key, signature or firewall (execution semantics 15.3).
    """
    if error.code in CREDENTIAL_CODES or error.http_status in _FORBIDDEN:
        return False
    if call.is_repeatable:
        is_out_of_reach = error.http_status is None or error.http_status == _OUT_OF_SERVICE
        return (
            error.outcome is Outcome.UNKNOWN or isinstance(error, RateLimitedError) or _passes(error) or is_out_of_reach
        )
    if call.method == "PUT":
        # A change may have been made by an earlier try, and asking is the only way to know.
        return False
    return error.outcome is Outcome.REFUSED and (_passes(error) or error.http_status == _OUT_OF_SERVICE)


def _passes(error: BinanceError) -> bool:
    return error.code in _PASSING_CODES or is_clock_error(error)


def is_clock_error(error: BinanceError) -> bool:
    """Whether the request's time was wrong, which measuring the clock again may mend."""
    return error.code in (CLOCK_CODE, _ENGINE_CLOCK_CODE)
