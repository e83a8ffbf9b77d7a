"""Whether an order is well formed: types, times in force and parameters that belong together."""

import re
import secrets

from tui.domain.order_terms import Side
from tui.exchange.futures_entry import check_price_match
from tui.exchange.matching.match import PREVENTION_MODES
from tui.exchange.orders import OrderEntry
from tui.exchange.rejection import Rejection, missing, not_required

_FUTURES_CLIENT_ID = re.compile(r"[.A-Z:/a-z0-9_-]{1,36}")

_CONDITIONAL = ("STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET")

DEFAULT_PREVENTION = "EXPIRE_MAKER"


def make_client_order_id() -> str:
    """A client id for an order that came without one: 22 characters, like Binance's own."""
    return secrets.token_urlsafe(16)


def is_futures_client_id(text: str) -> bool:
    """Whether futures take this as a client id."""
    return _FUTURES_CLIENT_ID.fullmatch(text) is not None


def closes(position_side: str, side: Side) -> bool:
    """Whether an order of hedge mode closes its side: LONG is closed by selling, SHORT by buying."""
    return (position_side, side) in (("LONG", Side.SELL), ("SHORT", Side.BUY))


def check_position_side(position_side: str, *, is_hedged: bool) -> None:
    """Hold a position side to the account's mode: Rejection -4060 or -4061."""
    if position_side not in ("BOTH", "LONG", "SHORT"):
        raise Rejection(-4060, "Invalid position side.")
    if (position_side != "BOTH") != is_hedged:
        raise Rejection(-4061, "Order's position side does not match user's setting.")


def admit_futures(entry: OrderEntry, *, is_hedged: bool = False) -> None:
    """Check a futures order's shape; Rejection -4015, -4060, -4061, -4120, -1102, -1106, -1115, -1116 or -5039."""
    if entry.client_order_id is not None and not is_futures_client_id(entry.client_order_id):
        raise Rejection(-4015, "Client order id is not valid.")
    if entry.type in _CONDITIONAL:
        raise Rejection(
            -4120, "Order type not supported for this endpoint. Please use the Algo Order API endpoints instead."
        )
    if entry.type not in ("LIMIT", "MARKET"):
        raise Rejection(-1116, "Invalid orderType.")
    check_position_side(entry.position_side, is_hedged=is_hedged)
    if entry.reduce_only and is_hedged:
        raise not_required("reduceonly")
    if entry.quote_quantity is not None:
        raise not_required("quoteOrderQty")
    if entry.type == "MARKET":
        if entry.time_in_force is not None:
            raise not_required("timeInForce")
        check_price_match(entry.price_match, has_price=False, is_priced_type=False)
        _market_amounts(entry)
    else:
        _time_in_force(entry, ("GTC", "IOC", "FOK", "GTX", "GTD"))
        check_price_match(entry.price_match, has_price=entry.price is not None, is_priced_type=True)
        _limit_amounts(entry)
    if entry.self_trade_prevention not in (None, *PREVENTION_MODES):
        raise Rejection(-5039, "Invalid self trade prevention mode")


def _time_in_force(entry: OrderEntry, allowed: tuple[str, ...]) -> None:
    if entry.time_in_force is None:
        raise missing("timeInForce")
    if entry.time_in_force not in allowed:
        raise Rejection(-1115, "Invalid timeInForce.")


def _limit_amounts(entry: OrderEntry) -> None:
    if entry.quantity is None:
        raise missing("quantity")
    if entry.price is None and entry.price_match == "NONE":
        raise missing("price")


def _market_amounts(entry: OrderEntry) -> None:
    if entry.price is not None:
        raise not_required("price")
    if entry.quantity is None:
        raise missing("quantity")
