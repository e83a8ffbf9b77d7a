"""The store as plain documents for programs: decimals as text, times in epoch ms, each row with its product."""

import time
from decimal import Decimal

from tui.domain.account import Balance, Position
from tui.domain.order import Order
from tui.engine.store import DayResult, LinkHealth, Store

Json = dict[str, object]


def status_document(store: Store) -> Json:
    """Who is connected where, how the links stand, and how much of everything there is."""
    session = store.session
    return {
        "environment": session.environment,
        "hosts": list(session.hosts),
        "account": session.account,
        "real_money": session.is_real_money,
        "read_only": session.read_only,
        "trading": session.trading.value,
        "links": [{"product": product.value, **_link(health)} for product, health in store.links.items()],
        "open_orders": len(store.open_orders()),
        "positions": len(store.positions),
        "instruments": len(store.instruments),
        "summary": _summary(store),
        "messages": [{"time_ms": m.time_ms, "severity": m.severity.value, "text": m.text} for m in store.messages],
    }


def orders_document(store: Store, *, include_closed: bool = False) -> Json:
    """Open orders, oldest first; closed ones of this session as well when asked for."""
    orders = list(store.orders.values()) if include_closed else store.open_orders()
    return {"orders": [_order(order) for order in orders]}


def positions_document(store: Store) -> Json:
    """Open positions, with the profit at the newest mark price known, in their margin asset."""
    return {"positions": [_position(store, position) for position in store.positions.values()]}


def balances_document(store: Store) -> Json:
    """All balances that are not zero."""
    return {"balances": [_balance(balance) for balance in store.balances.values()]}


def order_document(order: Order) -> Json:
    """One order with everything a script needs of it."""
    return _order(order)


def _link(health: LinkHealth) -> Json:
    now_ns = time.monotonic_ns()
    return {
        "market": health.market.value,
        "user": health.user.value,
        "market_age_ms": _age(health.market_heard_ns, now_ns),
        "user_age_ms": _age(health.user_heard_ns, now_ns),
        "latency_ms": None if health.latency_ms is None else round(health.latency_ms, 1),
        "clock_offset_ms": health.clock_offset_ms,
        "weight_used": health.weight[0],
        "weight_limit": health.weight[1],
        "orders_used": health.orders[0],
        "orders_limit": health.orders[1],
        "detail": health.detail,
    }


def _age(heard_ns: int, now_ns: int) -> int | None:
    return (now_ns - heard_ns) // 1_000_000 if heard_ns else None


def _order(order: Order) -> Json:
    return {
        "product": order.product.value,
        "symbol": order.symbol,
        "client_order_id": order.client_order_id,
        "order_id": order.order_id,
        "side": order.side.value,
        "type": order.type.value,
        "time_in_force": order.time_in_force.value,
        "quantity": _text(order.quantity),
        "quote_quantity": _text(order.quote_quantity),
        "filled": _text(order.filled),
        "price": _text(order.price),
        "average_price": _text(order.average_price),
        "status": order.status.value,
        "post_only": order.post_only,
        "reduce_only": order.reduce_only,
        "close_position": order.close_position,
        "position_side": order.position_side.value,
        "trigger_price": _text(order.trigger_price),
        "working_type": order.terms.working_type.value,
        "activation_price": _text(order.terms.activation_price),
        "trailing_bps": order.terms.trailing_bps,
        "display_quantity": _text(order.terms.display_quantity),
        "good_till_ms": order.terms.good_till_ms,
        "algo_id": order.algo_id,
        "list_id": order.list_id,
        "group": order.group,
        "role": order.role.value,
        "placed_elsewhere": order.is_foreign,
        "reason": order.reason,
        "created_ms": order.created_ms,
        "updated_ms": order.updated_ms,
    }


def _position(store: Store, position: Position) -> Json:
    mark = position.mark_price
    market = store.markets.get(position.symbol)
    if market is not None and market.mark is not None:
        mark = market.mark.value.mark
    instrument = store.instruments.get(position.symbol)
    return {
        "product": position.product.value,
        "symbol": position.symbol,
        "position_side": position.position_side.value,
        "quantity": _text(position.quantity),
        "entry_price": _text(position.entry_price),
        "mark_price": _text(mark),
        "unrealized_profit": None if mark is None else _text(position.profit(mark)),
        "margin_asset": instrument.margin_asset if instrument is not None else None,
        "realized_profit": _text(position.realized),
        "maintenance_margin": _text(position.maintenance_margin),
        "adl_quantile": position.adl_quantile,
        "today": _day(store.results.get(position.symbol)),
        "liquidation_price": _text(position.liquidation_price),
        "leverage": position.leverage,
        "margin": _text(position.margin),
        "isolated": position.is_isolated,
        "time_ms": position.time_ms,
    }


def _day(result: DayResult | None) -> Json | None:
    """What a symbol has brought since midnight UTC, in the summary's currency."""
    if result is None:
        return None
    return {"result": _text(result.result), "fees": _text(result.fees), "funding": _text(result.funding)}


def _summary(store: Store) -> Json | None:
    """The account in one currency."""
    said = store.summary
    if said is None:
        return None
    return {
        "currency": said.currency,
        "equity": _text(said.equity),
        "free": _text(said.free),
        "unrealized": _text(said.unrealized),
        "day_result": _text(said.day_result),
        "day_fees": _text(said.day_fees),
        "day_funding": _text(said.day_funding),
        "margin_percent": _text(said.margin_percent),
        "as_of_ms": said.as_of_ms,
        "unread": [product.value for product in said.unread],
    }


def _balance(balance: Balance) -> Json:
    return {
        "product": balance.product.value,
        "asset": balance.asset,
        "free": _text(balance.free),
        "locked": _text(balance.locked),
        "total": _text(balance.total),
        "borrowed": _text(balance.borrowed),
        "interest": _text(balance.interest),
        "wallet": _text(balance.wallet),
        "pair": balance.pair,
        "time_ms": balance.time_ms,
    }


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"
