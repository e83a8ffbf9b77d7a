"""The names under which a trader sets a guard's number: `set max.order.notional 20000`."""

import difflib
from decimal import Decimal

import msgspec

from tui.config import MOST_RESERVE, Limits

#: Name on the command line, and the field of `Limits` it sets.
NAMES = {
    "max.order.notional": "max_order_notional",
    "max.order.quantity": "max_order_quantity",
    "max.position": "max_position_notional",
    "max.open.orders": "max_open_orders",
    "day.loss": "day_loss",
    "rate.reserve": "rate_reserve_percent",
    "price.distance": "price_distance_percent",
    "slippage": "slippage_percent",
    "duplicate.window": "duplicate_window_ms",
    "stale.after": "stale_after_ms",
    "armed.for": "armed_for_s",
}

_WHOLE = frozenset({"duplicate_window_ms", "stale_after_ms", "armed_for_s", "max_open_orders"})


def with_limit(limits: Limits, name: str, value: Decimal) -> Limits:
    """The limits with one number changed; raises ValueError with a sentence for a wrong name or number."""
    field = NAMES.get(name)
    if field is None:
        nearest = difflib.get_close_matches(name, NAMES, n=1)
        hint = f": did you mean {nearest[0]}?" if nearest else f": choose one of {', '.join(NAMES)}"
        raise ValueError(f"There is no limit {name}{hint}")
    if not value.is_finite() or value < 0:
        raise ValueError(f"{name} cannot be {value}: give a number of zero (off) or more")
    if field == "rate_reserve_percent" and value > MOST_RESERVE:
        raise ValueError(f"{name} is at most {MOST_RESERVE} percent, not {value:f}")
    if field in _WHOLE:
        if value != value.to_integral_value():
            raise ValueError(f"{name} is a whole number, not {value:f}")
        if field == "armed_for_s" and value == 0:
            raise ValueError("armed.for must be at least 1 second")
        return msgspec.structs.replace(limits, **{field: int(value)})
    return msgspec.structs.replace(limits, **{field: value})
