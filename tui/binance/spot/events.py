"""Spot user data events (spot API docs 2026-07-21, "User Data Streams")."""

from decimal import Decimal
from typing import Annotated

import msgspec

from tui.binance.bounds import ROWS, Id, Time
from tui.binance.client import UserListener
from tui.binance.link import ReconnectNow
from tui.binance.spot.parse import ORDER_TYPES, average
from tui.binance.wire import name, number, order_status, order_type, positive, time_in_force
from tui.domain.account import Balance
from tui.domain.order import Fill, OrderReport, Side, Terms
from tui.domain.product import Product
from tui.domain.text import clean


class EventName(msgspec.Struct):
    """What kind of event it is."""

    name: str = msgspec.field(name="e", default="")


class ExecutionReport(msgspec.Struct):
    """`executionReport`: one change of one order."""

    symbol: str = msgspec.field(name="s")
    client_id: str = msgspec.field(name="c")
    side: str = msgspec.field(name="S")
    type: str = msgspec.field(name="o")
    quantity: str = msgspec.field(name="q")
    price: str = msgspec.field(name="p")
    execution: str = msgspec.field(name="x")
    status: str = msgspec.field(name="X")
    order_id: Id = msgspec.field(name="i")
    filled: str = msgspec.field(name="z")
    time_ms: Time = msgspec.field(name="T")
    time_in_force: str | None = msgspec.field(name="f", default=None)
    stop_price: str | None = msgspec.field(name="P", default=None)
    original_client_id: str | None = msgspec.field(name="C", default=None)
    reject_reason: str | None = msgspec.field(name="r", default=None)
    last_quantity: str | None = msgspec.field(name="l", default=None)
    last_price: str | None = msgspec.field(name="L", default=None)
    commission: str | None = msgspec.field(name="n", default=None)
    commission_asset: str | None = msgspec.field(name="N", default=None)
    trade_id: Id = msgspec.field(name="t", default=-1)
    is_maker: bool = msgspec.field(name="m", default=False)
    quote_quantity: str | None = msgspec.field(name="Z", default=None)
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
    "serverShutdown": "the exchange is restarting",
    "listenKeyExpired": "the account's events expired",
}


def deliver(event: bytes | msgspec.Raw, listener: UserListener) -> bool:
    """Take one event to the listener; returns False for one that says balances changed without saying to what.

    Raises ReconnectNow when the exchange ends the events, one of `wire.MALFORMED` for an event that cannot be read.
    Events not known here are passed over.
    """
    name = _NAME.decode(event).name
    if name == "executionReport":
        listener.on_order_report(report(_EXECUTION.decode(event)))
    elif name == "outboundAccountPosition":
        listener.on_balances(balances(_POSITION.decode(event)))
    elif name in ("balanceUpdate", "externalLockUpdate"):
        return False
    elif name in _ENDED:
        raise ReconnectNow(_ENDED[name])
    return True


def report(event: ExecutionReport) -> OrderReport:
    """The event as a report under the client id that placed the order: a cancel carries its own id in `c`."""
    client_id = event.client_id
    if event.execution == "CANCELED" and event.original_client_id:
        client_id = event.original_client_id
    filled, price = number(event.filled), positive(event.price)
    return OrderReport(
        product=Product.SPOT,
        symbol=name(event.symbol),
        client_order_id=name(client_id),
        order_id=event.order_id,
        status=order_status(event.status),
        side=Side(event.side),
        type=order_type(event.type, ORDER_TYPES, price),
        time_in_force=time_in_force(event.time_in_force),
        quantity=number(event.quantity),
        filled=filled,
        price=price,
        average_price=average(event.quote_quantity, filled),
        time_ms=event.time_ms,
        post_only=event.type == "LIMIT_MAKER",
        terms=Terms(trigger_price=positive(event.stop_price)),
        reason=_reason(event),
        fill=_fill(event, name(client_id)),
    )


def _reason(event: ExecutionReport) -> str:
    for raw in (event.reject_reason, event.expiry_reason):
        if raw and raw != "NONE":
            return clean(raw)
    return ""


def _fill(event: ExecutionReport, client_id: str) -> Fill | None:
    """The execution of a TRADE event; one without size or price is a status, not a fill."""
    quantity, price = number(event.last_quantity), number(event.last_price)
    if event.execution != "TRADE" or quantity <= 0 or price <= 0 or event.trade_id < 0:
        return None
    return Fill(
        product=Product.SPOT,
        symbol=name(event.symbol),
        trade_id=event.trade_id,
        order_id=event.order_id,
        client_order_id=client_id,
        side=Side(event.side),
        price=price,
        quantity=quantity,
        commission=number(event.commission) if event.commission else Decimal(0),
        commission_asset=name(event.commission_asset or ""),
        is_maker=event.is_maker,
        time_ms=event.time_ms,
    )


def balances(event: AccountPosition) -> list[Balance]:
    """The stated assets, zero ones included: they may just have become so."""
    return [
        Balance(Product.SPOT, name(row.asset), number(row.free), number(row.locked), event.time_ms)
        for row in event.rows
    ]
