"""Orders as clients write them, read into the exchange's types. What an order may be is the venue's to judge."""

import re

from tui.exchange.orders import OrderEntry
from tui.exchange.rejection import Rejection, illegal
from tui.exchange.server.desk import Desk
from tui.exchange.server.parameters import Parameters

_SYMBOL = re.compile(r"[A-Z0-9-_.]{1,20}")


def read_symbol(desk: Desk, parameters: Parameters) -> str:
    """The mandatory symbol; raises -1102, -1100 or -1121."""
    symbol = parameters.required("symbol")
    if not _SYMBOL.fullmatch(symbol):
        raise illegal("symbol", "^[A-Z0-9-_.]{1,20}$")
    return desk.listing(symbol).symbol


def read_entry(desk: Desk, parameters: Parameters) -> OrderEntry:
    """A new order; raises Binance's refusals for missing and malformed parameters."""
    symbol = read_symbol(desk, parameters)
    side = parameters.side()
    is_futures = desk.product.is_futures
    return OrderEntry(
        symbol=symbol,
        side=side,
        type=parameters.required("type"),
        time_in_force=parameters.get("timeInForce") or None,
        quantity=parameters.decimal("quantity"),
        quote_quantity=parameters.decimal("quoteOrderQty"),
        price=parameters.decimal("price"),
        client_order_id=parameters.get("newClientOrderId") or None,
        reduce_only=parameters.flag("reduceOnly") if is_futures else False,
        position_side=parameters.get("positionSide") or "BOTH",
        self_trade_prevention=parameters.get("selfTradePreventionMode") or None,
        price_match=(parameters.get("priceMatch") or "NONE") if is_futures else "NONE",
        good_till_ms=(parameters.whole("goodTillDate") or 0) if is_futures else 0,
    )


def which_order(parameters: Parameters) -> tuple[int | None, str | None]:
    """Order id and client id of the order meant; raises -1102 when neither was sent."""
    order_id, client_id = parameters.whole("orderId"), parameters.get("origClientOrderId") or None
    if order_id is None and client_id is None:
        raise Rejection(-1102, "Param 'orderId' or 'origClientOrderId' must be sent, but both were empty/null!")
    return order_id, client_id
