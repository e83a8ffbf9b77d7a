"""USD-M user data events (derivatives docs, November 2026, "User Data Streams").

`TRADE_LITE` tells a fill early and thinly; the same fill follows in full as `ORDER_TRADE_UPDATE`, so it is passed over.
"""

from collections.abc import Mapping
from typing import Annotated

import msgspec

from tui.binance.bounds import ROWS, Id, Time
from tui.binance.client import UserListener
from tui.binance.link import ReconnectNow
from tui.binance.usdm.parse import ORDER_TYPES, POST_ONLY
from tui.binance.usdm.symbols import program_name
from tui.binance.wire import name, number, order_status, order_type, positive, time_in_force
from tui.domain.account import Position
from tui.domain.order import Fill, OrderReport, OrderStatus, Side, Terms
from tui.domain.product import Product
from tui.domain.text import clean


class EventName(msgspec.Struct):
    """What kind of event it is; a restart is announced one level deeper."""

    name: str = msgspec.field(name="e", default="")
    event: "EventName | None" = None


class OrderUpdate(msgspec.Struct):
    """The `o` of `ORDER_TRADE_UPDATE`."""

    symbol: str = msgspec.field(name="s")
    client_id: str = msgspec.field(name="c")
    side: str = msgspec.field(name="S")
    type: str = msgspec.field(name="o")
    quantity: str = msgspec.field(name="q")
    execution: str = msgspec.field(name="x")
    status: str = msgspec.field(name="X")
    order_id: Id = msgspec.field(name="i")
    filled: str = msgspec.field(name="z")
    time_ms: Time = msgspec.field(name="T")
    time_in_force: str | None = msgspec.field(name="f", default=None)
    price: str | None = msgspec.field(name="p", default=None)
    average_price: str | None = msgspec.field(name="ap", default=None)
    stop_price: str | None = msgspec.field(name="sp", default=None)
    original_type: str | None = msgspec.field(name="ot", default=None)
    last_quantity: str | None = msgspec.field(name="l", default=None)
    last_price: str | None = msgspec.field(name="L", default=None)
    commission: str | None = msgspec.field(name="n", default=None)
    commission_asset: str | None = msgspec.field(name="N", default=None)
    trade_id: Id = msgspec.field(name="t", default=0)
    is_maker: bool = msgspec.field(name="m", default=False)
    reduce_only: bool = msgspec.field(name="R", default=False)
    close_position: bool = msgspec.field(name="cp", default=False)
    realized_profit: str | None = msgspec.field(name="rp", default=None)
    expiry_reason: str | int | None = msgspec.field(name="er", default=None)


class OrderTradeUpdate(msgspec.Struct):
    """`ORDER_TRADE_UPDATE`."""

    order: OrderUpdate = msgspec.field(name="o")


class PositionUpdate(msgspec.Struct):
    """One entry of `P` in `ACCOUNT_UPDATE`."""

    symbol: str = msgspec.field(name="s")
    quantity: str = msgspec.field(name="pa")
    entry_price: str | None = msgspec.field(name="ep", default=None)
    margin_type: str | None = msgspec.field(name="mt", default=None)
    position_side: str | None = msgspec.field(name="ps", default=None)


_Positions = Annotated[list[PositionUpdate], msgspec.Meta(max_length=ROWS)]


class AccountChange(msgspec.Struct):
    """The `a` of `ACCOUNT_UPDATE`: absolute values of what changed."""

    reason: str = msgspec.field(name="m", default="")
    positions: _Positions = msgspec.field(name="P", default_factory=list)


class AccountUpdate(msgspec.Struct):
    """`ACCOUNT_UPDATE`."""

    time_ms: Time = msgspec.field(name="T")
    change: AccountChange = msgspec.field(name="a")


_NAME = msgspec.json.Decoder(EventName)
_ORDER = msgspec.json.Decoder(OrderTradeUpdate)
_ACCOUNT = msgspec.json.Decoder(AccountUpdate)

_ENDED = {
    "listenKeyExpired": "the listen key expired",
    "serverShutdown": "the exchange is restarting",
}

_EXPIRY = {
    "1": "self-trade prevention",
    "2": "rest of an IOC order",
    "3": "self-trade prevention of an IOC order",
    "4": "reduce-only would have reversed the position",
    "5": "the account was liquidated",
    "6": "its condition no longer holds",
    "7": "the symbol was delisted",
    "8": "the order that triggered it expired",
    "9": "rest of a market order",
}


def deliver(event: bytes, listener: UserListener, leverages: Mapping[str, int]) -> bool:
    """Take one event to the listener; returns False where the wallet changed and must be asked for.

    `leverages` by program symbol fill in what events about positions leave out.
    Raises ReconnectNow when the exchange ends the events, one of `wire.MALFORMED` for an event that cannot be read.
    Events not known here are passed over.
    """
    head = _NAME.decode(event)
    name = head.name or (head.event.name if head.event else "")
    if name == "ORDER_TRADE_UPDATE":
        update = report(_ORDER.decode(event).order)
        listener.on_order_report(update)
        # What an open order holds back changes with it, and no event says so.
        return False
    if name == "ACCOUNT_UPDATE":
        listener.on_positions(positions(_ACCOUNT.decode(event), leverages))
        return False
    if name in ("ACCOUNT_CONFIG_UPDATE", "MARGIN_CALL"):
        return False
    if name in _ENDED:
        raise ReconnectNow(_ENDED[name])
    return True


def report(order: OrderUpdate) -> OrderReport:
    """The event as a report."""
    price = positive(order.price)
    status = order_status(order.status)
    return OrderReport(
        product=Product.USDM,
        symbol=program_name(order.symbol),
        client_order_id=name(order.client_id),
        order_id=order.order_id,
        status=status,
        side=Side(order.side),
        type=order_type(order.original_type or order.type, ORDER_TYPES, price),
        time_in_force=time_in_force(order.time_in_force),
        quantity=number(order.quantity),
        filled=number(order.filled),
        price=price,
        average_price=positive(order.average_price),
        time_ms=order.time_ms,
        post_only=order.time_in_force in POST_ONLY,
        reduce_only=order.reduce_only,
        close_position=order.close_position,
        terms=Terms(trigger_price=positive(order.stop_price)),
        reason=_reason(order, status),
        fill=_fill(order),
    )


def _reason(order: OrderUpdate, status: OrderStatus) -> str:
    if order.client_id.startswith("autoclose-"):
        return "liquidation"
    if order.client_id.startswith("adl_autoclose"):
        return "auto-deleveraging"
    if order.client_id.startswith(("settlement_autoclose-", "delivery_autoclose-")):
        return "settlement"
    code = str(order.expiry_reason or "0")
    if status not in (OrderStatus.EXPIRED, OrderStatus.CANCELED) or code == "0":
        return ""
    return _EXPIRY.get(code, clean(f"expiry reason {code}"))


def _fill(order: OrderUpdate) -> Fill | None:
    """The execution of a TRADE or CALCULATED (liquidation, deleveraging) event; without size or price it is none."""
    quantity, price = number(order.last_quantity), number(order.last_price)
    if order.execution not in ("TRADE", "CALCULATED") or quantity <= 0 or price <= 0 or order.trade_id <= 0:
        return None
    return Fill(
        product=Product.USDM,
        symbol=program_name(order.symbol),
        trade_id=order.trade_id,
        order_id=order.order_id,
        client_order_id=name(order.client_id),
        side=Side(order.side),
        price=price,
        quantity=quantity,
        commission=number(order.commission),
        commission_asset=name(order.commission_asset or ""),
        is_maker=order.is_maker,
        time_ms=order.time_ms,
        realized_profit=number(order.realized_profit),
    )


def positions(update: AccountUpdate, leverages: Mapping[str, int]) -> list[Position]:
    """The stated positions, flat ones included: they may just have become so. Margin is not stated.

    Entries of hedge mode that are flat are left out: they would hide the other side.
    """
    return [
        Position(
            product=Product.USDM,
            symbol=program_name(row.symbol),
            quantity=number(row.quantity),
            entry_price=number(row.entry_price),
            time_ms=update.time_ms,
            leverage=leverages.get(program_name(row.symbol)),
            is_isolated=(row.margin_type or "").lower() == "isolated",
        )
        for row in update.change.positions
        if number(row.quantity) or row.position_side in (None, "BOTH")
    ]
