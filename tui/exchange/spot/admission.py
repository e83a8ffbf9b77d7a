"""Whether a spot order is well formed: which parameters its type needs, and which it does not take."""

import re

from tui.exchange.matching.match import SPOT_PREVENTION_MODES
from tui.exchange.rejection import Rejection, missing, not_required
from tui.exchange.spot.order import LIMIT_TYPES, STOP_TYPES, Peg, SpotEntry

_CLIENT_ID = re.compile(r"[a-zA-Z0-9-_]{1,36}")
_TYPES = ("MARKET", *LIMIT_TYPES, "STOP_LOSS", "TAKE_PROFIT")
_LEAST_STRATEGY_TYPE = 1_000_000
_DEEPEST_PEG = 100


def admit(entry: SpotEntry, *, is_sized: bool = True) -> None:
    """Check an order's shape (Binance spot API docs, "New order", 2026-07-21); one not `is_sized` has no quantity yet.

    Raises Rejection -1100, -1102, -1106, -1115, -1116, -1134, -1210, -1211, -1013 or -2010.
    """
    check_client_id(entry.client_order_id, "newClientOrderId")
    if entry.type not in _TYPES:
        raise Rejection(-1116, "Invalid orderType.")
    _time_in_force(entry)
    if entry.type == "MARKET":
        _one_amount(entry, is_sized=is_sized)
    else:
        _amounts(entry, is_sized=is_sized)
    _stop(entry)
    _iceberg(entry)
    if entry.peg is not None:
        _peg(entry, entry.peg)
    if entry.strategy_type is not None and entry.strategy_type < _LEAST_STRATEGY_TYPE:
        raise Rejection(-1134, "strategyType was less than 1000000.")
    if entry.self_trade_prevention not in (None, *SPOT_PREVENTION_MODES):
        raise Rejection(-1013, "This symbol does not allow the specified self-trade prevention mode.")


def check_client_id(client_id: str | None, name: str) -> None:
    """-1100 for a client id Binance would not take."""
    if client_id is not None and not _CLIENT_ID.fullmatch(client_id):
        raise Rejection(
            -1100, f"Illegal characters found in parameter '{name}'; legal range is '^[a-zA-Z0-9-_]{{1,36}}$'."
        )


def _time_in_force(entry: SpotEntry) -> None:
    if entry.type in LIMIT_TYPES and entry.type != "LIMIT_MAKER":
        if entry.time_in_force is None:
            raise missing("timeInForce")
        if entry.time_in_force not in ("GTC", "IOC", "FOK"):
            raise Rejection(-1115, "Invalid timeInForce.")
    elif entry.time_in_force is not None:
        raise not_required("timeInForce")


def _one_amount(entry: SpotEntry, *, is_sized: bool) -> None:
    if entry.price is not None:
        raise not_required("price")
    if is_sized and entry.quantity is None and entry.quote_quantity is None:
        raise missing("quantity")
    if entry.quantity is not None and entry.quote_quantity is not None:
        raise not_required("quoteOrderQty")


def _amounts(entry: SpotEntry, *, is_sized: bool) -> None:
    if is_sized and entry.quantity is None:
        raise missing("quantity")
    if entry.quote_quantity is not None:
        raise not_required("quoteOrderQty")
    if entry.type not in LIMIT_TYPES:
        if entry.price is not None:
            raise not_required("price")
    elif entry.price is None and entry.peg is None:
        raise missing("price")


def _stop(entry: SpotEntry) -> None:
    if entry.type in STOP_TYPES:
        if entry.stop_price is None and entry.trailing_delta is None:
            raise Rejection(-1102, "Param 'stopPrice' or 'trailingDelta' must be sent, but both were empty/null!")
        return
    if entry.stop_price is not None:
        raise not_required("stopPrice")
    if entry.trailing_delta is not None:
        raise not_required("trailingDelta")


def _iceberg(entry: SpotEntry) -> None:
    if entry.iceberg_quantity is None:
        return
    if entry.type not in LIMIT_TYPES or entry.time_in_force not in (None, "GTC"):
        raise not_required("icebergQty")
    if entry.quantity is not None and entry.iceberg_quantity > entry.quantity:
        raise Rejection(-2010, "IcebergQty exceeds QTY.")


def _peg(entry: SpotEntry, peg: Peg) -> None:
    if peg.price_type not in ("PRIMARY_PEG", "MARKET_PEG"):
        raise Rejection(-1210, "Invalid pegPriceType.")
    if peg.offset_type not in (None, "PRICE_LEVEL"):
        raise Rejection(-1211, "Invalid pegOffsetType.")
    if (peg.offset_type is None) != (peg.offset is None):
        raise Rejection(-1128, "Combination of optional parameters invalid.")
    if peg.offset is not None and not 1 <= peg.offset <= _DEEPEST_PEG:
        raise Rejection(-1130, "Data sent for parameter 'pegOffsetValue' is not valid.")
    if entry.type not in LIMIT_TYPES:
        raise Rejection(-2010, "This order type may not use pegged price.")
    is_primary = peg.price_type == "PRIMARY_PEG"
    if (entry.type == "LIMIT_MAKER" and not is_primary) or (
        entry.type == "LIMIT" and is_primary and entry.time_in_force != "GTC"
    ):
        raise Rejection(-2010, "This price peg cannot be used with this order type.")
