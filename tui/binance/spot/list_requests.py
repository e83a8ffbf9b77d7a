"""Requests for order lists: OCO, OTO, OTOCO, OPO, OPOCO (spot API docs 2026-07-21, "Order lists"; margin docs 2026)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from tui.binance.order_parameters import Denial, DeniedError
from tui.binance.spot.order_fields import Fields, fields
from tui.binance.spot.order_requests import quantity_text, self_trade_prevention
from tui.binance.spot.traits import SymbolTraits
from tui.domain.instrument import native_coin_symbol
from tui.domain.order import LegRole, Order
from tui.domain.order_terms import OrderType, Side, TimeInForce


class ListKind(StrEnum):
    """The lists the exchange holds itself, in the words of its addresses."""

    OCO = "oco"
    OTO = "oto"
    OTOCO = "otoco"
    OPO = "opo"
    OPOCO = "opoco"


@dataclass(frozen=True, slots=True)
class ListRequest:
    """A list about to be sent; `orders` as the exchange will hold them, in the order they were given."""

    kind: ListKind
    parameters: Fields
    orders: tuple[Order, ...]


_STOPS = frozenset({"STOP_LOSS", "STOP_LOSS_LIMIT"})
_PROFITS = frozenset({"LIMIT_MAKER", "TAKE_PROFIT", "TAKE_PROFIT_LIMIT"})


def list_kind(orders: Sequence[Order], *, sized_from_entry: bool) -> ListKind:
    """Which list these orders make, entry first where there is one; raises DeniedError for none.

    Two are OCO, or OTO where the first is an entry; without roles two of one side are OCO. Three are OTOCO.
    """
    if len(orders) == 3:
        return ListKind.OPOCO if sized_from_entry else ListKind.OTOCO
    if len(orders) != 2:
        raise _denied(f"a list holds two or three orders, not {len(orders)}")
    if sized_from_entry:
        return ListKind.OPO
    first, second = orders
    if first.role is LegRole.NONE:
        return ListKind.OCO if first.side is second.side else ListKind.OTO
    return ListKind.OTO if first.role is LegRole.ENTRY else ListKind.OCO


def list_request(
    orders: Sequence[Order], list_client_id: str, traits: SymbolTraits, *, sized_from_entry: bool
) -> ListRequest:
    """The request for a list on spot; raises DeniedError for one that cannot be sent."""
    kind = list_kind(orders, sized_from_entry=sized_from_entry)
    _check_offered(kind, orders[0].symbol, traits)
    held = _as_held(kind, orders)
    parameters = _common(held, list_client_id)
    if kind is ListKind.OCO:
        parameters |= {"side": held[0].side.value, "quantity": quantity_text(held[0])}
        parameters |= _pair(held, traits, ("above", "below"))
        return ListRequest(kind, parameters, held)
    entry, legs = held[0], held[1:]
    parameters |= _prefixed("working", fields(entry, traits), entry)
    parameters |= {"workingSide": entry.side.value, "workingQuantity": quantity_text(entry)}
    parameters["pendingSide"] = legs[0].side.value
    if not sized_from_entry:
        parameters["pendingQuantity"] = quantity_text(legs[0])
    if len(legs) == 2:
        parameters |= _pair(legs, traits, ("pendingAbove", "pendingBelow"))
    else:
        parameters |= _prefixed("pending", fields(legs[0], traits), legs[0])
    return ListRequest(kind, parameters, held)


def old_oco_request(orders: Sequence[Order], list_client_id: str, traits: SymbolTraits) -> ListRequest:
    """An OCO in the older words that margin and Binance US know: a limit order and a stop."""
    held = _as_held(ListKind.OCO, orders)
    _check_offered(ListKind.OCO, orders[0].symbol, traits)
    limit = next((order for order in held if _native(order, traits) == "LIMIT_MAKER"), None)
    stop = next((order for order in held if _native(order, traits) in _STOPS), None)
    if limit is None or stop is None:
        raise _denied("an OCO is a LIMIT order and a STOP_MARKET or STOP_LIMIT order here")
    limit_fields, stop_fields = fields(limit, traits), fields(stop, traits)
    if "stopPrice" not in stop_fields:
        raise _denied("the stop of an OCO needs a trigger price here")
    parameters = _common(held, list_client_id) | {
        "side": limit.side.value,
        "quantity": quantity_text(limit),
        "price": limit_fields["price"],
        "stopPrice": stop_fields["stopPrice"],
        "limitClientOrderId": limit.client_order_id,
        "stopClientOrderId": stop.client_order_id,
    }
    renamed = (
        (stop_fields, "price", "stopLimitPrice"),
        (stop_fields, "timeInForce", "stopLimitTimeInForce"),
        (stop_fields, "trailingDelta", "trailingDelta"),
        (stop_fields, "icebergQty", "stopIcebergQty"),
        (limit_fields, "icebergQty", "limitIcebergQty"),
    )
    parameters |= {new: said[old] for said, old, new in renamed if old in said}
    return ListRequest(ListKind.OCO, parameters, held)


def _check_offered(kind: ListKind, symbol: str, traits: SymbolTraits) -> None:
    needed = {
        ListKind.OCO: traits.oco,
        ListKind.OTO: traits.oto,
        ListKind.OTOCO: traits.oto and traits.oco,
        ListKind.OPO: traits.oto and traits.opo,
        ListKind.OPOCO: traits.oto and traits.oco and traits.opo,
    }
    if not needed[kind]:
        raise _denied(f"{symbol} takes no {kind.value.upper()} lists: send the orders one by one")


def _as_held(kind: ListKind, orders: Sequence[Order]) -> tuple[Order, ...]:
    """The orders as the exchange will hold them: a LIMIT leg of a pair becomes LIMIT_MAKER. Raises DeniedError."""
    if len({order.symbol for order in orders}) != 1:
        raise _denied("all orders of a list are of one symbol")
    if len({order.terms.self_trade_prevention for order in orders} - {None}) > 1:
        raise _denied("all orders of a list have the same self-trade prevention")
    if kind is ListKind.OCO:
        return _checked_pair(orders)
    entry, legs = orders[0], tuple(orders[1:])
    if entry.type is not OrderType.LIMIT:
        raise _denied(f"the entry of a list is a LIMIT order, not {entry.type.value}")
    if kind in (ListKind.OPO, ListKind.OPOCO) and (entry.side, legs[0].side) != (Side.BUY, Side.SELL):
        raise _denied("legs are sized from what the entry bought: the entry is a BUY and the legs are SELLs")
    if any(leg.quote_quantity is not None for leg in legs):
        raise _denied("a leg needs a size, not an amount of quote")
    return entry, *(_checked_pair(legs) if len(legs) == 2 else legs)


def _checked_pair(legs: Sequence[Order]) -> tuple[Order, ...]:
    first, second = legs
    if (first.side, first.quantity) != (second.side, second.quantity):
        raise _denied("both legs of a pair have the same side and size")
    return tuple(
        replace(leg, post_only=True, time_in_force=TimeInForce.GTC) if leg.type is OrderType.LIMIT else leg
        for leg in legs
    )


def _pair(legs: Sequence[Order], traits: SymbolTraits, prefixes: tuple[str, str]) -> Fields:
    """Two legs by where they lie: the profit of a SELL is above the market and its stop below, of a BUY the reverse."""
    profits = [leg for leg in legs if _native(leg, traits) in _PROFITS]
    stops = [leg for leg in legs if _native(leg, traits) in _STOPS]
    if len(profits) != 1 or len(stops) != 1:
        raise _denied("one leg takes profit (LIMIT, MARKET_IF_TOUCHED, LIMIT_IF_TOUCHED), the other stops the loss")
    above, below = (profits[0], stops[0]) if legs[0].side is Side.SELL else (stops[0], profits[0])
    upper, lower = prefixes
    return _prefixed(upper, fields(above, traits), above) | _prefixed(lower, fields(below, traits), below)


def _native(order: Order, traits: SymbolTraits) -> str:
    return str(fields(order, traits)["type"])


def _prefixed(prefix: str, said: Fields, order: Order) -> Fields:
    named = {f"{prefix}{name[0].upper()}{name[1:]}": value for name, value in said.items()}
    return {**named, f"{prefix}ClientOrderId": order.client_order_id}


def _common(orders: Sequence[Order], list_client_id: str) -> Fields:
    first = orders[0]
    # Said once for all of them, by whichever says it.
    prevention = next((order for order in orders if order.terms.self_trade_prevention is not None), first)
    return {
        "symbol": native_coin_symbol(first.product, first.symbol),
        "listClientOrderId": list_client_id,
        "newOrderRespType": "RESULT",
        **self_trade_prevention(prevention),
    }


def _denied(sentence: str) -> DeniedError:
    return DeniedError(Denial.LISTS, sentence)
