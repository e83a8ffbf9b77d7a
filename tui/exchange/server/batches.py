"""Several orders in one request: a JSON list of parameters, and an outcome for each of them."""

from collections.abc import Callable

import msgspec

from tui.exchange.rejection import Rejection, invalid, missing
from tui.exchange.server.parameters import Parameters

LARGEST_BATCH = 5


def items_of(parameters: Parameters) -> list[Parameters]:
    """The parameters of each order of `batchOrders`; raises -1102 or -1130."""
    text = parameters.get("batchOrders")
    if not text:
        raise missing("batchOrders")
    try:
        items = msgspec.json.decode(text, type=list[dict[str, str | int | float | bool | None]])
    except (msgspec.DecodeError, msgspec.ValidationError):
        raise invalid("batchOrders") from None
    return [
        Parameters({name: _text(value) for name, value in item.items() if value is not None}, scientific=True)
        for item in items
    ]


def _text(value: str | int | float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def outcome(act: Callable[[], object]) -> object:
    """What an order came to, or why it was refused."""
    try:
        return act()
    except Rejection as rejection:
        return {"code": rejection.code, "msg": rejection.msg}
