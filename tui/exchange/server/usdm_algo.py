"""Futures' private REST: conditional orders, which live in a service of their own (futures reference, 6.9)."""

from decimal import Decimal

from tui.exchange.conditional import PRICED, TRAILING, AlgoOrder, AlgoState
from tui.exchange.conditional_service import AlgoService
from tui.exchange.rejection import Rejection, invalid
from tui.exchange.server.desk import Desk
from tui.exchange.server.endpoints import Call, Endpoint, signed, trading
from tui.exchange.server.notation import eight, short
from tui.exchange.server.order_entry import read_symbol
from tui.exchange.server.parameters import Parameters
from tui.exchange.server.spans import within_week

Body = dict[str, object]

_PRICE_UNIT = Decimal("0.00000001")


def algos_of(desk: Desk) -> AlgoService:
    """The venue's conditional orders."""
    assert desk.venue.algos is not None
    return desk.venue.algos


def place_algo(desk: Desk, call: Call) -> object:
    """A new conditional order."""
    order = read_algo(desk, call)
    if (call.parameters.get("newOrderRespType") or "ACK") not in ("ACK", "RESULT"):
        raise Rejection(-1136, "Invalid newOrderRespType.")
    return algo_body(desk, algos_of(desk).place(order))


def read_algo(desk: Desk, call: Call) -> AlgoOrder:
    """A conditional order as a client wrote it; raises Binance's refusals for malformed parameters."""
    parameters = call.parameters
    if parameters.required("algoType") != "CONDITIONAL":
        raise invalid("algoType")
    close_position = parameters.flag("closePosition")
    if close_position and parameters.has("reduceOnly") and not parameters.flag("reduceOnly"):
        raise Rejection(-4138, "Reduce only must be true with closePosition equals true")
    return AlgoOrder(
        symbol=read_symbol(desk, parameters),
        side=parameters.side(),
        type=parameters.required("type"),
        account_id=call.account_id,
        client_algo_id=parameters.get("clientAlgoId") or "",
        position_side=parameters.get("positionSide") or "BOTH",
        time_in_force=parameters.get("timeInForce") or "GTC",
        quantity=parameters.decimal("quantity"),
        price=parameters.decimal("price"),
        trigger_price=parameters.decimal("triggerPrice"),
        working_type=parameters.get("workingType") or "CONTRACT_PRICE",
        price_match=parameters.get("priceMatch") or "NONE",
        close_position=close_position,
        price_protect=parameters.flag("priceProtect"),
        reduce_only=parameters.flag("reduceOnly"),
        activate_price=parameters.decimal("activatePrice"),
        callback_rate=parameters.decimal("callbackRate"),
        self_trade_prevention=parameters.get("selfTradePreventionMode") or "EXPIRE_MAKER",
        good_till_ms=parameters.whole("goodTillDate") or 0,
    )


def algo_body(desk: Desk, order: AlgoOrder) -> Body:
    """A conditional order as the reply to placing it."""
    listing = desk.listing(order.symbol)

    def price(value: Decimal | None) -> str:
        return desk.notations[order.symbol].price(0 if value is None else listing.tick.count_of(value))

    trails = order.type == TRAILING
    return {
        "algoId": order.algo_id,
        "clientAlgoId": order.client_algo_id,
        "algoType": "CONDITIONAL",
        "orderType": order.type,
        "symbol": order.symbol,
        "side": order.side.value,
        "positionSide": order.position_side,
        "timeInForce": order.time_in_force,
        "quantity": desk.notations[order.symbol].size(listing.step.count_of(order.quantity or Decimal(0))),
        "algoStatus": order.state.value,
        "triggerPrice": price(order.trigger_price),
        "price": price(order.price),
        "icebergQuantity": None,
        "selfTradePreventionMode": order.self_trade_prevention,
        "workingType": order.working_type,
        "priceMatch": order.price_match,
        "closePosition": order.close_position,
        "priceProtect": order.price_protect,
        "reduceOnly": order.reduce_only,
        "activatePrice": price(order.activate_price) if trails and order.activate_price is not None else "",
        "callbackRate": short(order.callback_rate) if order.callback_rate is not None else "",
        "createTime": order.created_ms,
        "updateTime": order.updated_ms,
        "triggerTime": order.triggered_ms,
        "goodTillDate": order.good_till_ms,
    }


def queried_algo(desk: Desk, order: AlgoOrder) -> Body:
    """A conditional order with what became of it."""
    return algo_body(desk, order) | {
        "actualOrderId": str(order.actual_order_id) if order.actual_order_id else "",
        "actualPrice": eight(order.actual_price),
        "actualType": order.actual_type,
        "actualQty": short(order.actual_quantity),
        "tpTriggerPrice": "",
        "tpPrice": "",
        "slTriggerPrice": "",
        "slPrice": "",
        "tpOrderType": "",
    }


def _which(parameters: Parameters) -> tuple[int | None, str | None]:
    algo_id, client_id = parameters.whole("algoId"), parameters.get("clientAlgoId") or None
    if algo_id is None and client_id is None:
        raise Rejection(-1102, "Param 'algoId' or 'clientAlgoId' must be sent, but both were empty/null!")
    return algo_id, client_id


def cancel_algo(desk: Desk, call: Call) -> object:
    """Take back one conditional order; mind that the code is a text here."""
    order = algos_of(desk).cancel(call.account_id, *_which(call.parameters))
    return {"algoId": order.algo_id, "clientAlgoId": order.client_algo_id, "code": "200", "msg": "success"}


def cancel_open_algos(desk: Desk, call: Call) -> object:
    """Take back all conditional orders of a symbol; there may be none."""
    algos_of(desk).cancel_all(call.account_id, read_symbol(desk, call.parameters))
    return {"code": 200, "msg": "The operation of cancel all open order is done."}


def get_algo(desk: Desk, call: Call) -> object:
    """One conditional order by either id."""
    return queried_algo(desk, algos_of(desk).order(call.account_id, *_which(call.parameters)))


def open_algos(desk: Desk, call: Call) -> object:
    """Conditional orders that wait, of one symbol or all."""
    parameters = call.parameters
    symbol = read_symbol(desk, parameters) if parameters.has("symbol") else None
    if parameters.has("algoType") and parameters["algoType"] != "CONDITIONAL":
        raise invalid("algoType")
    algo_id = parameters.whole("algoId")
    found = algos_of(desk).open_orders(call.account_id, symbol)
    return [queried_algo(desk, order) for order in found if algo_id in (None, order.algo_id)]


def all_algos(desk: Desk, call: Call) -> object:
    """Conditional orders of a symbol in any state."""
    parameters = call.parameters
    found = algos_of(desk).orders(call.account_id, read_symbol(desk, parameters))
    limit, from_id = parameters.limit(500, 1000), parameters.whole("algoId")
    if from_id is not None:
        return [queried_algo(desk, order) for order in found if order.algo_id >= from_id][:limit]
    start, end = within_week(desk, parameters)
    chosen = [order for order in found if start <= order.created_ms <= end]
    chosen = chosen[:limit] if parameters.has("startTime") else chosen[-limit:]
    return [queried_algo(desk, order) for order in chosen]


def algo_update(desk: Desk, order: AlgoOrder) -> Body:
    """The event of a conditional order (futures reference, 8.6)."""
    body = algo_body(desk, order)
    act: Body = {}
    if order.state in (AlgoState.TRIGGERED, AlgoState.FINISHED):
        price = order.actual_price.quantize(_PRICE_UNIT)
        act = {"ap": short(price), "aq": short(order.actual_quantity), "act": order.actual_type}
    update: Body = {
        "caid": order.client_algo_id,
        "aid": order.algo_id,
        "at": "CONDITIONAL",
        "o": order.type,
        "s": order.symbol,
        "S": order.side.value,
        "ps": order.position_side,
        "f": order.time_in_force,
        "q": body["quantity"],
        "X": order.state.value,
        "ai": str(order.actual_order_id) if order.actual_order_id else "",
        **act,
        "tp": body["triggerPrice"],
        "p": body["price"] if order.type in PRICED else "0",
        "V": order.self_trade_prevention,
        "wt": order.working_type,
        "pm": order.price_match,
        "cp": order.close_position,
        "pP": order.price_protect,
        "R": order.reduce_only,
        "tt": order.triggered_ms,
        "gtd": order.good_till_ms,
        "rm": order.reject_reason,
        "ia": order.is_activated,
    }
    return {"e": "ALGO_UPDATE", "T": order.updated_ms, "E": desk.now_ms(), "o": update}


def _open_weight(parameters: Parameters) -> int:
    return 1 if parameters.has("symbol") else 40


#: Binance USD-M futures docs, algo orders and their weights, 2026.
ENDPOINTS: dict[tuple[str, str], Endpoint] = {
    ("POST", "v1/algoOrder"): trading(place_algo, orders=1, weight=0),
    ("DELETE", "v1/algoOrder"): trading(cancel_algo),
    ("DELETE", "v1/algoOpenOrders"): trading(cancel_open_algos),
    ("GET", "v1/algoOrder"): signed(get_algo),
    ("GET", "v1/openAlgoOrders"): signed(open_algos, _open_weight),
    ("GET", "v1/allAlgoOrders"): signed(all_algos, 5),
}
