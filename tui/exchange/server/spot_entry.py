"""Spot orders as clients write them, single ones and members of lists. What an order may be is the venue's to judge."""

from decimal import Decimal

from tui.domain.order_terms import Side
from tui.exchange.rejection import Rejection, missing
from tui.exchange.server.desk import Desk
from tui.exchange.server.order_entry import read_symbol
from tui.exchange.server.parameters import Parameters
from tui.exchange.spot.admission import check_client_id
from tui.exchange.spot.order import Peg, SpotEntry

_RESPONSE_TYPES = ("ACK", "RESULT", "FULL")


def read_spot_entry(desk: Desk, parameters: Parameters) -> SpotEntry:
    """A single new order; raises Binance's refusals for missing and malformed parameters."""
    symbol, side = read_symbol(desk, parameters), parameters.side()
    return SpotEntry(
        symbol=symbol,
        side=side,
        type=parameters.required("type"),
        time_in_force=parameters.get("timeInForce") or None,
        quantity=parameters.decimal("quantity"),
        quote_quantity=parameters.decimal("quoteOrderQty"),
        price=parameters.decimal("price"),
        client_order_id=parameters.get("newClientOrderId") or None,
        self_trade_prevention=parameters.get("selfTradePreventionMode") or None,
        stop_price=parameters.decimal("stopPrice"),
        trailing_delta=parameters.whole("trailingDelta"),
        iceberg_quantity=parameters.decimal("icebergQty") or None,
        strategy_id=parameters.whole("strategyId"),
        strategy_type=parameters.whole("strategyType"),
        peg=_peg(parameters, "peg"),
    )


def _peg(parameters: Parameters, prefix: str) -> Peg | None:
    """A peg, whose parameters begin with `peg`, `abovePeg`, `workingPeg` and the like."""
    price_type = parameters.get(prefix + "PriceType") or None
    offset_type = parameters.get(prefix + "OffsetType") or None
    offset = parameters.whole(prefix + "OffsetValue")
    if price_type is None:
        if offset_type is not None or offset is not None:
            raise missing(prefix + "PriceType")
        return None
    return Peg(price_type, offset_type, offset)


def read_member(desk: Desk, parameters: Parameters, prefix: str, side: Side, quantity: Decimal | None) -> SpotEntry:
    """A member of a list, whose parameters all begin with a prefix like `above`, `pendingBelow` or `working`."""
    client_id = parameters.get(prefix + "ClientOrderId") or None
    check_client_id(client_id, prefix + "ClientOrderId")
    return SpotEntry(
        symbol=read_symbol(desk, parameters),
        side=side,
        type=parameters.required(prefix + "Type"),
        time_in_force=parameters.get(prefix + "TimeInForce") or None,
        quantity=quantity,
        price=parameters.decimal(prefix + "Price"),
        client_order_id=client_id,
        self_trade_prevention=parameters.get("selfTradePreventionMode") or None,
        stop_price=parameters.decimal(prefix + "StopPrice"),
        trailing_delta=parameters.whole(prefix + "TrailingDelta"),
        iceberg_quantity=parameters.decimal(prefix + "IcebergQty") or None,
        strategy_id=parameters.whole(prefix + "StrategyId"),
        strategy_type=parameters.whole(prefix + "StrategyType"),
        peg=_peg(parameters, prefix + "Peg"),
    )


def read_side(parameters: Parameters, name: str) -> Side:
    """The side of a list's orders; raises -1102 or -1117."""
    text = parameters.required(name)
    if text not in ("BUY", "SELL"):
        raise Rejection(-1117, "Invalid side.")
    return Side(text)


def read_amount(parameters: Parameters, name: str) -> Decimal:
    """A mandatory number; raises -1102 or -1100."""
    value = parameters.decimal(name)
    if value is None:
        raise missing(name)
    return value


def response_type(parameters: Parameters, default: str) -> str:
    """ACK, RESULT or FULL; raises -1130."""
    wanted = parameters.get("newOrderRespType") or default
    if wanted not in _RESPONSE_TYPES:
        raise Rejection(-1130, "Data sent for parameter 'newOrderRespType' is not valid.")
    return wanted
