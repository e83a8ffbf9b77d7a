"""User data events of spot and margin (spot API docs 2026-07-21, "User Data Streams"; margin docs 2026).

All rules of one order's event are here: which client id names it, which status counts, what is a fill and what is not.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Annotated

import msgspec

from tui.binance.bounds import ROWS, Id, Time
from tui.binance.client import UserListener
from tui.binance.link import ReconnectNow, RenewLink
from tui.binance.order_parameters import CONDITIONAL_TYPES
from tui.binance.spot.parse import ORDER_TYPES, average, reason_text, status_of, symbol_of, terms_of, trader_type
from tui.binance.wire import name, number, positive, prevention_text, time_in_force, unfamiliar
from tui.domain.account import Balance
from tui.domain.order import Fill, OrderReport, OrderStatus
from tui.domain.order_terms import Side
from tui.domain.product import Product


class EventName(msgspec.Struct):
    """What kind of event it is."""

    name: str = msgspec.field(name="e", default="")


class ExecutionReport(msgspec.Struct):
    """`executionReport`: one change of one order. Binance US leaves some of it out, or blank."""

    symbol: str = msgspec.field(name="s")
    side: str = msgspec.field(name="S")
    type: str = msgspec.field(name="o")
    quantity: str = msgspec.field(name="q")
    price: str = msgspec.field(name="p")
    execution: str = msgspec.field(name="x")
    status: str = msgspec.field(name="X")
    order_id: Id = msgspec.field(name="i")
    filled: str = msgspec.field(name="z")
    time_ms: Time = msgspec.field(name="T")
    client_id: str | None = msgspec.field(name="c", default=None)
    time_in_force: str | None = msgspec.field(name="f", default=None)
    stop_price: str | None = msgspec.field(name="P", default=None)
    display_quantity: str | None = msgspec.field(name="F", default=None)
    trailing_bps: Id | None = msgspec.field(name="d", default=None)
    peg_price: str | None = msgspec.field(name="gP", default=None)
    peg_levels: Id | None = msgspec.field(name="gOV", default=None)
    pegged_price: str | None = msgspec.field(name="gp", default=None)
    list_id: Id | None = msgspec.field(name="g", default=None)
    original_client_id: str | None = msgspec.field(name="C", default=None)
    reject_reason: str | None = msgspec.field(name="r", default=None)
    last_quantity: str | None = msgspec.field(name="l", default=None)
    last_price: str | None = msgspec.field(name="L", default=None)
    commission: str | None = msgspec.field(name="n", default=None)
    commission_asset: str | None = msgspec.field(name="N", default=None)
    trade_id: Id = msgspec.field(name="t", default=-1)
    is_working: bool = msgspec.field(name="w", default=False)
    is_maker: bool = msgspec.field(name="m", default=False)
    quote_filled: str | None = msgspec.field(name="Z", default=None)
    quote_quantity: str | None = msgspec.field(name="Q", default=None)
    working_ms: Time | None = msgspec.field(name="W", default=None)
    prevention: str | None = msgspec.field(name="V", default=None)
    prevented: str | None = msgspec.field(name="A", default=None)
    expiry_reason: str | None = msgspec.field(name="eR", default=None)


class AssetRow(msgspec.Struct):
    """One asset of `outboundAccountPosition`."""

    asset: str = msgspec.field(name="a")
    free: str = msgspec.field(name="f")
    locked: str = msgspec.field(name="l")


class AccountPosition(msgspec.Struct):
    """`outboundAccountPosition`: absolute balances of the assets that may have changed."""

    time_ms: Time = msgspec.field(name="u")
    rows: Annotated[list[AssetRow], msgspec.Meta(max_length=ROWS)] = msgspec.field(name="B")


_NAME = msgspec.json.Decoder(EventName)
_EXECUTION = msgspec.json.Decoder(ExecutionReport)
_POSITION = msgspec.json.Decoder(AccountPosition)

_ENDED = {
    "eventStreamTerminated": "the exchange ended the account's events",
    "listenKeyExpired": "the account's events expired",
}
#: Balances moved by an amount; the absolute ones have to be asked for.
_MOVED = frozenset({"balanceUpdate", "externalLockUpdate", "USER_LIABILITY_CHANGE"})
_POST_ONLY_REASONS = frozenset({None, "", "NONE", "WOULD_MATCH_IMMEDIATELY"})

#: What turns an asset's free and locked amounts at a time into a balance; margin adds what is owed.
BalanceOf = Callable[[str, Decimal, Decimal, int], Balance]


def spot_balance(asset: str, free: Decimal, locked: Decimal, time_ms: int) -> Balance:
    """One asset of the spot wallet."""
    return Balance(Product.SPOT, asset, free, locked, time_ms)


def name_of(event: bytes | msgspec.Raw) -> str:
    """What kind of event it is; raises one of `wire.MALFORMED` for one that cannot be read."""
    return _NAME.decode(event).name


def deliver(
    event: bytes | msgspec.Raw,
    listener: UserListener,
    product: Product = Product.SPOT,
    balance_of: BalanceOf = spot_balance,
) -> bool:
    """Take one event to the listener; returns False for one that says balances changed without saying to what.

    Raises ReconnectNow when the exchange has ended the events, RenewLink when it soon will, one of `wire.MALFORMED` for
    an event that cannot be read. Events not known here are passed over, `listStatus` among them: each leg's own event
    says the same and more.
    """
    name = name_of(event)
    if name == "executionReport":
        listener.on_order_report(report(_EXECUTION.decode(event), product))
    elif name == "outboundAccountPosition":
        listener.on_balances(balances(_POSITION.decode(event), balance_of))
    elif name in _MOVED:
        return False
    elif name == "serverShutdown":
        raise RenewLink("the exchange is restarting")
    elif name in _ENDED:
        raise ReconnectNow(_ENDED[name])
    return True


def report(event: ExecutionReport, product: Product = Product.SPOT) -> OrderReport:
    """The event as a report under the client id that placed the order.

    A cancel carries its own id in `c` and the order's in `C`, an amendment the new one and the old one.
    """
    client_id = event.client_id or ""
    if event.execution in ("CANCELED", "REPLACED") and event.original_client_id:
        client_id = event.original_client_id
    filled, price, stop_price = number(event.filled), positive(event.price), positive(event.stop_price)
    kind = trader_type(event.type, event.trailing_bps, stop_price, price)
    status = status_of(event.status, event.expiry_reason)
    return OrderReport(
        product=product,
        symbol=symbol_of(product, event.symbol),
        client_order_id=name(client_id),
        order_id=event.order_id,
        status=status,
        side=Side(event.side),
        type=kind,
        time_in_force=time_in_force(event.time_in_force),
        quantity=number(event.quantity),
        filled=filled,
        price=positive(event.pegged_price) or price,
        average_price=average(event.quote_filled, filled),
        time_ms=event.time_ms,
        post_only=event.type == "LIMIT_MAKER",
        terms=terms_of(
            kind,
            stop_price,
            event.trailing_bps,
            positive(event.display_quantity),
            event.peg_price,
            event.peg_levels,
            event.prevention,
        ),
        reason=_reason(event),
        fill=_fill(event, product, name(client_id)),
        quote_quantity=positive(event.quote_quantity),
        is_triggered=kind in CONDITIONAL_TYPES and (event.is_working or (event.working_ms or 0) > 0),
        awaits_entry=event.status == "PENDING_NEW",
        prevented=number(event.prevented),
        list_id=event.list_id if event.list_id is not None and event.list_id >= 0 else None,
        would_take=(
            status is OrderStatus.REJECTED and event.type == "LIMIT_MAKER" and event.reject_reason in _POST_ONLY_REASONS
        ),
        is_amendment=event.execution == "REPLACED",
        unfamiliar=unfamiliar(event.status, event.time_in_force, event.type, ORDER_TYPES),
    )


def _reason(event: ExecutionReport) -> str:
    said = reason_text(event.reject_reason, event.expiry_reason)
    if said or event.execution != "TRADE_PREVENTION":
        return said or prevention_text(event.status)
    return "self-trade prevention"


def _fill(event: ExecutionReport, product: Product, client_id: str) -> Fill | None:
    """The execution of a TRADE event; one without size or price is a status, not a fill."""
    quantity, price = number(event.last_quantity), number(event.last_price)
    if event.execution != "TRADE" or quantity <= 0 or price <= 0 or event.trade_id < 0:
        return None
    return Fill(
        product=product,
        symbol=symbol_of(product, event.symbol),
        trade_id=event.trade_id,
        order_id=event.order_id,
        client_order_id=client_id,
        side=Side(event.side),
        price=price,
        quantity=quantity,
        commission=number(event.commission),
        commission_asset=name(event.commission_asset or ""),
        is_maker=event.is_maker,
        time_ms=event.time_ms,
        is_estimated=event.commission is None,
    )


def balances(position: AccountPosition, balance_of: BalanceOf = spot_balance) -> list[Balance]:
    """The stated assets, empty ones included: they may just have become so."""
    return [
        balance_of(name(row.asset), number(row.free), number(row.locked), position.time_ms) for row in position.rows
    ]
