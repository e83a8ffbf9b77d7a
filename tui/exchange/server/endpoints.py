"""What a request may ask, who may ask it and what it weighs; REST and WebSocket API share it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from tui.exchange.auth import DEFAULT_WINDOW_MS, MAX_WINDOW_MS, AccountKey, check_time
from tui.exchange.faults import Unanswered
from tui.exchange.limits import TOLD_POOLS, RateLimitedRejection
from tui.exchange.rejection import Rejection, illegal, missing
from tui.exchange.server.desk import Desk
from tui.exchange.server.parameters import Parameters
from tui.exchange.state import StateError


class Security(Enum):
    """What a request must carry: nothing, an API key, or a key, a time and a signature."""

    NONE = "none"
    KEY = "key"
    SIGNED = "signed"


@dataclass(frozen=True, slots=True)
class Call:
    """One request, already authenticated; `account_id` is empty on public ones. `used` takes the weight of a pool.

    `key` is whose signature a REST request bore.
    """

    parameters: Parameters
    account_id: str = ""
    used: dict[str, int] = field(default_factory=dict)
    key: AccountKey | None = None


Handler = Callable[[Desk, Call], object]
Weight = int | Callable[[Parameters], int]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A handler with its rules. `free` requests weigh nothing when they succeed; `orders` are counted per account.

    `is_free` looks at what was done and tells whether it weighs nothing. A handler that `counts_orders` does so itself.

    `pool` names the budget it is charged to instead of the request weight (see POOL_LIMITS), `pool_kind` tells budgets
    of one pool apart, `weight_besides` is what it weighs all the same. `permission` is what a key must be allowed
    besides what follows from the other rules.
    """

    handler: Handler
    weight: Weight = 1
    security: Security = Security.NONE
    orders: int = 0
    free: bool = False
    is_order: bool = False
    pool: str = ""
    pool_kind: str = ""
    weight_besides: int = 0
    permission: str = ""
    is_free: Callable[[object], bool] | None = None
    counts_orders: bool = False

    @property
    def tells_orders(self) -> bool:
        """Whether its answer tells how many orders the account has placed."""
        return self.orders > 0 or self.counts_orders

    def needs(self, *, is_futures: bool) -> str:
        """The permission a signed request needs."""
        if self.permission:
            return self.permission
        if not self.is_order:
            return "read"
        return "futures" if is_futures else "trade"


def public(handler: Handler, weight: Weight = 1) -> Endpoint:
    """An endpoint for everybody."""
    return Endpoint(handler, weight)


def signed(handler: Handler, weight: Weight = 1) -> Endpoint:
    """An endpoint that reads or sets an account."""
    return Endpoint(handler, weight, Security.SIGNED)


def trading(handler: Handler, *, orders: int = 0, weight: Weight = 1) -> Endpoint:
    """An endpoint that changes orders; weighs only when it fails (Binance spot changelog, 2026-04-02)."""
    return Endpoint(handler, weight, Security.SIGNED, orders, free=True, is_order=True)


def _pool_key(endpoint: Endpoint, call: Call) -> str:
    """What shares one budget: /sapi's are each endpoint's own, the others those of a kind."""
    if endpoint.pool == "IP":
        return str(id(endpoint.handler))
    return f"{endpoint.pool_kind or id(endpoint.handler)}/{call.account_id}"


def perform(desk: Desk, endpoint: Endpoint, call: Call) -> object:
    """Charge and carry out a call; raises Rejection."""
    now = desk.now_ms()
    if desk.faults.fails_request():
        raise Rejection(-1000, "An unknown error occurred while processing the request.", 500)
    if desk.faults.refuses_request():
        raise RateLimitedRejection(-1003, "Too many requests queued.", now + 1_000)
    weight = endpoint.weight if isinstance(endpoint.weight, int) else endpoint.weight(call.parameters)
    if endpoint.pool:
        used = desk.budget.charge_pool(_pool_key(endpoint, call), endpoint.pool, weight, now)
        if endpoint.pool in TOLD_POOLS:
            call.used[endpoint.pool] = used
            weight = 0
        else:
            weight = endpoint.weight_besides
    if not endpoint.free and not endpoint.is_order:
        desk.budget.charge(weight, now)
        result = endpoint.handler(desk, call)
        _keep(desk)
        return result
    if not endpoint.free:
        desk.budget.charge(weight, now)
    if endpoint.is_order and desk.faults.ignores_order():
        raise Unanswered
    if endpoint.is_order and desk.faults.fails_order():
        raise Rejection(-1008, "Service Unavailable.", 503)
    if endpoint.orders:
        desk.budget.charge_orders(call.account_id, endpoint.orders, now)
    try:
        result = endpoint.handler(desk, call)
    except Rejection:
        if endpoint.free:
            desk.budget.charge(weight, now)
        raise
    finally:
        _keep(desk)
    if endpoint.is_free is not None and endpoint.is_free(result):
        desk.budget.weight.add(-weight, now)
    if endpoint.is_order and desk.faults.swallows_reply():
        raise Unanswered
    if endpoint.is_order and desk.faults.loses_reply():
        raise Rejection(
            -1007,
            "Timeout waiting for response from backend server. Send status unknown; execution status unknown.",
            503,
        )
    return result


def _keep(desk: Desk) -> None:
    """Write down what was done; where that fails nobody can be told it happened, and the market ends by itself."""
    try:
        desk.keep()
    except StateError:
        raise Rejection(-1000, "An unknown error occurred while processing the request.", 500) from None


def check_clock(desk: Desk, parameters: Parameters) -> None:
    """Hold `timestamp` and `recvWindow` to the clock rule; raises -1102, -1100, -1111, -1131 or -1021."""
    text = parameters.get("timestamp")
    if not text:
        raise missing("timestamp")
    if not text.isascii() or not text.isdigit() or len(text) > 20:
        raise illegal("timestamp", "^[0-9]{1,20}$")
    timestamp = int(text)
    # Futures know milliseconds alone.
    in_microseconds = timestamp > 10**14 and not desk.product.is_futures
    window = parameters.decimal("recvWindow")
    if window is not None and window > MAX_WINDOW_MS:
        if desk.product.is_futures:
            raise Rejection(-1131, "recvWindow must be less than 60000")
        raise Rejection(-1102, "'recvWindow' contains unexpected value. Cannot be greater than 60000.")
    if window is not None and not desk.product.is_futures and window != round(window, 3):
        raise Rejection(-1111, "Parameter 'recvWindow' has too much precision.")
    milliseconds = timestamp / 1000 if in_microseconds else timestamp
    check_time(milliseconds, DEFAULT_WINDOW_MS if window is None else float(window), *_clocks(desk))


def _clocks(desk: Desk) -> list[int]:
    return [clock + desk.faults.clock_skew_ms for clock in desk.clocks()]
