"""Spot orders, order lists and own trades as spot's API tells them (Binance spot API docs, 2026-07-21)."""

from decimal import Decimal

from tui.domain.order_terms import Side
from tui.exchange.orders import ExchangeOrder, Execution, Prevention
from tui.exchange.server.notation import Notation, eight
from tui.exchange.spot.order import Amendment, SpotOrder, spot_order
from tui.exchange.spot.order_list import OrderList

Body = dict[str, object]

_ZERO = "0.00000000"
#: What Binance calls the fills of a smart order router.
MATCH_TYPE = "ONE_PARTY_TRADE_REPORT"


def is_allocation(order: ExchangeOrder, execution: Execution) -> bool:
    """Whether a fill came from the smart order router, and is an allocation instead of a trade."""
    return spot_order(order).uses_sor and not execution.is_maker


def working_floor(order: SpotOrder) -> str:
    """Where an order that used the router was last active: SOR while it was routed, EXCHANGE once it rests."""
    is_routed = order.is_market or (order.executions and not order.executions[-1].is_maker)
    return "SOR" if is_routed else "EXCHANGE"


def placed(notation: Notation, changed: ExchangeOrder, response_type: str, *, is_pending: bool = False) -> Body:
    """The reply to a new order: ACK, RESULT or FULL; a pending one is told as it was when its list was taken."""
    order = spot_order(changed)
    body: Body = {
        "symbol": order.listing.symbol,
        "orderId": order.order_id,
        "orderListId": order.list_id,
        "clientOrderId": order.client_order_id,
        "transactTime": order.created_ms if is_pending else order.updated_ms,
    }
    if response_type == "ACK":
        return body
    body |= _amounts(notation, order) | _conditions(notation, order)
    body["workingTime"] = order.working_ms
    if is_pending:
        body |= {"status": "PENDING_NEW", "executedQty": _ZERO, "cummulativeQuoteQty": _ZERO, "workingTime": -1}
    if response_type == "FULL":
        body["fills"] = [] if is_pending else [_fill(notation, order, execution) for execution in order.executions]
    body["selfTradePreventionMode"] = order.self_trade_prevention
    taken = [prevention for prevention in order.preventions if prevention.taker_order_id == order.order_id]
    if taken:
        body["preventedMatches"] = [_prevented(notation, prevention) for prevention in taken]
        if taken[0].trade_group >= 0:
            body["tradeGroupId"] = taken[0].trade_group
    return body | ({} if is_pending else _end(notation, order))


def _amounts(notation: Notation, order: SpotOrder) -> Body:
    sized: Body = {} if order.lacks_quantity else {"origQty": notation.size(order.lots)}
    return {
        "price": notation.price(order.stated_ticks),
        **sized,
        "executedQty": notation.size(order.filled_lots),
        "origQuoteOrderQty": eight(order.quote_budget or Decimal(0)),
        "cummulativeQuoteQty": eight(order.filled_quote),
        "status": order.state.value,
        "timeInForce": order.time_in_force,
        "type": order.type,
        "side": order.side.value,
    }


def _conditions(notation: Notation, order: SpotOrder) -> Body:
    """What only some orders have."""
    body: Body = {}
    if order.is_stop:
        body["stopPrice"] = notation.price(order.stop_ticks)
    if order.iceberg_lots:
        body["icebergQty"] = notation.size(order.iceberg_lots)
    if order.trailing_delta is not None:
        body |= {"trailingDelta": order.trailing_delta, "trailingTime": order.trailing_ms}
    if order.strategy_id is not None:
        body["strategyId"] = order.strategy_id
    if order.strategy_type is not None:
        body["strategyType"] = order.strategy_type
    if order.uses_sor:
        body |= {"workingFloor": working_floor(order), "usedSor": True}
    if order.peg is not None:
        body["pegPriceType"] = order.peg.price_type
        if order.peg.offset is not None:
            body |= {"pegOffsetType": order.peg.offset_type, "pegOffsetValue": order.peg.offset}
        body["peggedPrice"] = notation.price(order.price_ticks)
    return body


def _end(notation: Notation, order: SpotOrder) -> Body:
    """How an order that was prevented or expired came to its end."""
    body: Body = {}
    if order.prevented_lots:
        body["preventedMatchId"] = order.preventions[-1].prevention_id
        body["preventedQuantity"] = notation.size(order.prevented_lots)
    if order.expiry_reason != "NONE":
        body["expiryReason"] = order.expiry_reason
    return body


def _fill(notation: Notation, order: SpotOrder, execution: Execution) -> Body:
    routed = is_allocation(order, execution)
    matched: Body = {"matchType": MATCH_TYPE} if routed else {}
    allocated: Body = {"allocId": execution.trade_id} if routed else {}
    return {
        **matched,
        "price": notation.price(execution.price_ticks),
        "qty": notation.size(execution.lots),
        "commission": eight(execution.commission),
        "commissionAsset": execution.commission_asset,
        "tradeId": -1 if routed else execution.trade_id,
        **allocated,
    }


def _prevented(notation: Notation, prevention: Prevention) -> Body:
    body: Body = {
        "preventedMatchId": prevention.prevention_id,
        "makerOrderId": prevention.maker_order_id,
        "price": notation.price(prevention.price_ticks),
    }
    return body | _prevented_lots(notation, prevention)


def _prevented_lots(notation: Notation, prevention: Prevention) -> Body:
    sides = (("takerPreventedQuantity", prevention.taker_lots), ("makerPreventedQuantity", prevention.maker_lots))
    return {name: notation.size(lots) for name, lots in sides if lots}


def prevented_match(notation: Notation, prevention: Prevention) -> Body:
    """One row of `myPreventedMatches`."""
    return {
        "symbol": prevention.symbol,
        "preventedMatchId": prevention.prevention_id,
        "takerOrderId": prevention.taker_order_id,
        "makerSymbol": prevention.symbol,
        "makerOrderId": prevention.maker_order_id,
        "tradeGroupId": prevention.trade_group,
        "selfTradePreventionMode": prevention.mode,
        "price": notation.price(prevention.price_ticks),
        **_prevented_lots(notation, prevention),
        "transactTime": prevention.time_ms,
    }


def queried(notation: Notation, changed: ExchangeOrder) -> Body:
    """One order as `GET order`, `openOrders` and `allOrders` tell it."""
    order = spot_order(changed)
    return {
        "symbol": order.listing.symbol,
        "orderId": order.order_id,
        "orderListId": order.list_id,
        "clientOrderId": order.client_order_id,
        **_amounts(notation, order),
        "icebergQty": _ZERO,
        **_conditions(notation, order),
        "stopPrice": notation.price(order.stop_ticks),
        "time": order.created_ms,
        "updateTime": order.updated_ms,
        "isWorking": order.working_ms >= 0,
        "workingTime": order.working_ms,
        "selfTradePreventionMode": order.self_trade_prevention,
        **_end(notation, order),
    }


def cancelled(notation: Notation, changed: ExchangeOrder) -> Body:
    """The reply to a cancel; `clientOrderId` is the id of the cancel."""
    order = spot_order(changed)
    return {
        "symbol": order.listing.symbol,
        "origClientOrderId": order.original_client_order_id or order.client_order_id,
        "orderId": order.order_id,
        "orderListId": order.list_id,
        "clientOrderId": order.client_order_id,
        "transactTime": order.updated_ms,
        **_amounts(notation, order),
        **_conditions(notation, order),
        "selfTradePreventionMode": order.self_trade_prevention,
        **_end(notation, order),
    }


def own_trade(notation: Notation, order: ExchangeOrder, execution: Execution) -> Body:
    """One row of `myTrades`."""
    return {
        "symbol": order.listing.symbol,
        "id": execution.trade_id,
        "orderId": order.order_id,
        "orderListId": spot_order(order).list_id,
        "price": notation.price(execution.price_ticks),
        "qty": notation.size(execution.lots),
        "quoteQty": notation.turnover(execution.price_ticks * execution.lots),
        "commission": eight(execution.commission),
        "commissionAsset": execution.commission_asset,
        "time": execution.time_ms,
        "isBuyer": order.side is Side.BUY,
        "isMaker": execution.is_maker,
        "isBestMatch": True,
    }


def allocation(notation: Notation, order: ExchangeOrder, execution: Execution) -> Body:
    """One row of `myAllocations`."""
    body = own_trade(notation, order, execution)
    del body["id"], body["isBestMatch"]
    return {"allocationId": execution.trade_id, "allocationType": "SOR", **body, "isAllocator": False}


def amended(notation: Notation, order: SpotOrder, amendment: Amendment, found: OrderList | None) -> Body:
    """The reply to an amendment; here it is `qty`, and `cumulativeQuoteQty` with one m."""
    body: Body = {
        "symbol": order.listing.symbol,
        "orderId": order.order_id,
        "orderListId": order.list_id,
        "origClientOrderId": amendment.original_client_order_id,
        "clientOrderId": order.client_order_id,
        "price": notation.price(order.stated_ticks),
        "qty": notation.size(order.lots),
        "executedQty": notation.size(order.filled_lots),
        "preventedQty": notation.size(order.prevented_lots),
        "quoteOrderQty": eight(order.quote_budget or Decimal(0)),
        "cumulativeQuoteQty": eight(order.filled_quote),
        "status": order.state.value,
        "timeInForce": order.time_in_force,
        "type": order.type,
        "side": order.side.value,
        **_conditions(notation, order),
        "workingTime": order.working_ms,
        "selfTradePreventionMode": order.self_trade_prevention,
    }
    answer: Body = {
        "transactTime": amendment.time_ms,
        "executionId": amendment.execution_id,
        "amendedOrder": body,
    }
    if found is not None:
        answer["listStatus"] = {
            "orderListId": found.list_id,
            "contingencyType": found.contingency,
            "listOrderStatus": found.status,
            "listClientOrderId": found.client_list_id,
            "symbol": found.listing.symbol,
            "orders": _members(found),
        }
    return answer


def amendment_row(notation: Notation, order: SpotOrder, amendment: Amendment) -> Body:
    """One row of `order/amendments`."""
    return {
        "symbol": order.listing.symbol,
        "orderId": order.order_id,
        "executionId": amendment.execution_id,
        "origClientOrderId": amendment.original_client_order_id,
        "newClientOrderId": amendment.new_client_order_id,
        "origQty": notation.size(amendment.old_lots),
        "newQty": notation.size(amendment.new_lots),
        "time": amendment.time_ms,
    }


def _members(found: OrderList) -> list[Body]:
    return [
        {
            "symbol": order.listing.symbol,
            "orderId": order.order_id,
            "clientOrderId": order.original_client_order_id or order.client_order_id,
        }
        for order in found.orders
    ]


def queried_list(found: OrderList, status_type: str | None = None, status: str | None = None) -> Body:
    """A list as queries tell it."""
    return {
        "orderListId": found.list_id,
        "contingencyType": found.contingency,
        "listStatusType": status_type or ("ALL_DONE" if found.is_done else "EXEC_STARTED"),
        "listOrderStatus": status or found.status,
        "listClientOrderId": found.client_list_id,
        "transactionTime": found.time_ms,
        "symbol": found.listing.symbol,
        "orders": _members(found),
    }


def placed_list(notation: Notation, found: OrderList, response_type: str) -> Body:
    """The reply to a new list, with a report for each order."""
    pending = found.pending
    reports = [placed(notation, order, response_type, is_pending=order in pending) for order in found.orders]
    if found.sizes_by_proceeds:
        for report in reports[1:]:
            report.pop("origQty", None)
    return queried_list(found, "EXEC_STARTED", "EXECUTING") | {"orderReports": reports}


def cancelled_list(notation: Notation, found: OrderList) -> Body:
    """The reply to a cancelled list, with a report for each order."""
    return queried_list(found) | {"orderReports": [cancelled(notation, order) for order in found.orders]}


def cancelled_any(notation: Notation, found: SpotOrder | OrderList) -> Body:
    """The reply to a cancel, whatever was cancelled by it."""
    return cancelled_list(notation, found) if isinstance(found, OrderList) else cancelled(notation, found)
