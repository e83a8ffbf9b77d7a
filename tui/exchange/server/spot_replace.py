"""Cancelling an order and placing another in its stead (Binance spot API docs, "cancelReplace", 2026-07-21)."""

from dataclasses import dataclass

from tui.exchange.limits import RateLimitedRejection
from tui.exchange.rejection import Rejection, invalid
from tui.exchange.server.desk import Desk
from tui.exchange.server.endpoints import Call, Endpoint, Security
from tui.exchange.server.parameters import Parameters
from tui.exchange.server.spot_entry import read_spot_entry, response_type
from tui.exchange.server.spot_order_shapes import cancelled_any, placed
from tui.exchange.server.spot_orders import check_restriction, spot_desk
from tui.exchange.spot.order import SpotEntry

_FULL_BY_DEFAULT = ("LIMIT", "MARKET")
_PARTIALLY = (-2021, "Order cancel-replace partially failed.")
_FAILED = (-2022, "Order cancel-replace failed.")


@dataclass(frozen=True, slots=True)
class _Wish:
    stops_on_failure: bool
    order_id: int | None
    client_id: str | None
    cancel_client_id: str | None
    entry: SpotEntry
    response_type: str


def cancel_replace(desk: Desk, call: Call) -> object:
    """Cancel one order, then place another; a refusal tells in `data` which of the two was done.

    The new order is held to the filters, and counted, before anything is cancelled.
    """
    wish = _read(desk, call.parameters)
    spot_desk(desk).trading.check_rules(call.account_id, wish.entry)
    too_many = _count(desk, call)
    cancel_result, cancel_response = _cancel(desk, call, wish)
    if cancel_result == "FAILURE" and wish.stops_on_failure:
        raise _refusal(_FAILED, 429 if too_many else 400, "FAILURE", "NOT_ATTEMPTED", cancel_response, None)
    new_result, new_response = ("FAILURE", _error(too_many)) if too_many else _place(desk, call, wish)
    if cancel_result == new_result == "SUCCESS":
        return _results(cancel_result, new_result, cancel_response, new_response)
    if cancel_result == new_result:
        raise _refusal(_FAILED, 400, cancel_result, new_result, cancel_response, new_response)
    status = 429 if too_many is not None and wish.stops_on_failure else 409
    raise _refusal(_PARTIALLY, status, cancel_result, new_result, cancel_response, new_response)


def _read(desk: Desk, parameters: Parameters) -> _Wish:
    mode = parameters.required("cancelReplaceMode")
    if mode not in ("STOP_ON_FAILURE", "ALLOW_FAILURE"):
        raise invalid("cancelReplaceMode")
    order_id = parameters.whole("cancelOrderId")
    client_id = parameters.get("cancelOrigClientOrderId") or None
    if order_id is None and client_id is None:
        raise Rejection(
            -1102, "Param 'cancelOrigClientOrderId' or 'cancelOrderId' must be sent, but both were empty/null!"
        )
    if parameters.get("orderRateLimitExceededMode") not in (None, "", "DO_NOTHING", "CANCEL_ONLY"):
        raise invalid("orderRateLimitExceededMode")
    if parameters.get("cancelRestrictions") not in (None, "", "ONLY_NEW", "ONLY_PARTIALLY_FILLED"):
        raise Rejection(-1145, "Invalid cancelRestrictions")
    entry = read_spot_entry(desk, parameters)
    return _Wish(
        mode == "STOP_ON_FAILURE",
        order_id,
        client_id,
        parameters.get("cancelNewClientOrderId") or None,
        entry,
        response_type(parameters, "FULL" if entry.type in _FULL_BY_DEFAULT else "ACK"),
    )


def _count(desk: Desk, call: Call) -> RateLimitedRejection | None:
    """Count the new order; the refusal when there are too many and the cancel is wanted all the same."""
    try:
        desk.budget.charge_orders(call.account_id, 1, desk.now_ms())
    except RateLimitedRejection as rejection:
        if call.parameters.get("orderRateLimitExceededMode") != "CANCEL_ONLY":
            raise
        return rejection
    return None


def _cancel(desk: Desk, call: Call, wish: _Wish) -> tuple[str, object]:
    orders, symbol = spot_desk(desk), wish.entry.symbol
    try:
        check_restriction(desk, call, symbol, wish.order_id, wish.client_id)
        order = orders.open_order(call.account_id, symbol, wish.order_id, wish.client_id)
    except Rejection as rejection:
        return "FAILURE", _error(rejection)
    return "SUCCESS", cancelled_any(desk.notations[symbol], orders.cancel(order, wish.cancel_client_id))


def _place(desk: Desk, call: Call, wish: _Wish) -> tuple[str, object]:
    try:
        order = spot_desk(desk).trading.place(call.account_id, wish.entry)
    except Rejection as rejection:
        return "FAILURE", _error(rejection)
    return "SUCCESS", placed(desk.notations[wish.entry.symbol], order, wish.response_type)


def _error(rejection: Rejection) -> object:
    return {"code": rejection.code, "msg": rejection.msg}


def _results(cancel_result: str, new_result: str, cancel_response: object, new_response: object) -> dict[str, object]:
    return {
        "cancelResult": cancel_result,
        "newOrderResult": new_result,
        "cancelResponse": cancel_response,
        "newOrderResponse": new_response,
    }


def _refusal(
    reason: tuple[int, str], http: int, cancel_result: str, new_result: str, cancelled: object, placed: object
) -> Rejection:
    return Rejection(*reason, http, _results(cancel_result, new_result, cancelled, placed))


ENDPOINTS: dict[tuple[str, str], Endpoint] = {
    ("POST", "order/cancelReplace"): Endpoint(
        cancel_replace, 1, Security.SIGNED, free=True, is_order=True, counts_orders=True
    )
}
