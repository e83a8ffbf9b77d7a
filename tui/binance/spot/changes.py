"""Changing a working spot order: a smaller size in place, anything else by cancelling it and placing another.

Spot API docs 2026-07-21, "Order amend keep priority" and "cancelReplace"; execution semantics 8.
"""

from dataclasses import replace
from decimal import Decimal

import msgspec

from tui.binance.call import Call
from tui.binance.client import Changed
from tui.binance.errors import Outcome, OutcomeUnknownError, RefusedError, outcome_of
from tui.binance.spot import parse, wire
from tui.binance.spot.order_requests import (
    amend_parameters,
    change_kind,
    changed_order,
    replace_parameters,
    replacement,
    spent_meanwhile,
)
from tui.binance.spot.trading import CANCEL, ORDER, CoinOrders
from tui.binance.wire import answered
from tui.domain.order import ChangeKind, Order, OrderChange, OrderReport

# Weights: spot API docs 2026-07-21. An amendment is not counted as an order.
_AMEND = Call("PUT", "/api/v3/order/amend/keepPriority", weight=4, signed=True, is_order=True, orders=0)
_REPLACE = Call("POST", "/api/v3/order/cancelReplace", weight=1, signed=True, is_order=True)

#: One of both halves was done; neither was.
_HALF_DONE_CODE, _NEITHER_DONE_CODE = -2021, -2022

_AMENDED = msgspec.json.Decoder(wire.AmendAnswer)
_REPLACED = msgspec.json.Decoder(wire.ReplaceAnswer)
_SPLIT = msgspec.json.Decoder(wire.ReplaceRefusal)
_REFUSAL = msgspec.json.Decoder(wire.Refusal)


async def change(orders: CoinOrders, order: Order, wish: OrderChange, new_client_order_id: str) -> Changed:
    """Make a change; raises DeniedError, RefusedError where the order stands as it was, or OutcomeUnknownError."""
    if change_kind(order, wish, orders.traits_of(order)) is ChangeKind.KEEPS_QUEUE:
        return Changed(await _amend(orders, order, changed_order(order, wish).quantity))
    return await _replace(orders, order, replacement(order, wish, new_client_order_id))


async def _amend(orders: CoinOrders, order: Order, quantity: Decimal) -> OrderReport:
    return await orders.send(
        _AMEND,
        "order.amend.keepPriority",
        amend_parameters(order, quantity),
        _AMENDED,
        lambda told: parse.amended_report(told, order),
    )


async def _replace(orders: CoinOrders, order: Order, wanted: Order) -> Changed:
    parameters = replace_parameters(order, wanted, orders.traits_of(order))
    call = _REPLACE.reducing(order.is_protective)
    try:
        both = await orders.send(call, "order.cancelReplace", parameters, _REPLACED, lambda told: told)
    except RefusedError as error:
        return _split(error, order, wanted)
    cancelled, placed = _cancelled(both, order), _placed(both, wanted)
    too_much = spent_meanwhile(order, cancelled)
    if too_much > 0 and placed.status.is_working:
        placed = await _trim(orders, wanted, placed, too_much)
    return Changed(cancelled, placed)


async def _trim(orders: CoinOrders, wanted: Order, placed: OrderReport, too_much: Decimal) -> OrderReport:
    """Take from a replacement what its forerunner still traded on the way out; what cannot be, or may not be, ends."""
    standing = replace(wanted, order_id=placed.order_id, filled=placed.filled)
    left = wanted.quantity - too_much
    try:
        if left > placed.filled:
            return await _amend(orders, standing, left)
    except (RefusedError, OutcomeUnknownError):
        pass
    try:
        return await orders.cancel(standing)
    except RefusedError:
        # It has ended meanwhile: how, the exchange says. Its refusal is none of the change's.
        return await orders.find_order(standing) or placed


def _split(error: RefusedError, order: Order, wanted: Order) -> Changed:
    """What a refusal leaves: the order as it was (raised), or cancelled without a replacement."""
    if error.code not in (_HALF_DONE_CODE, _NEITHER_DONE_CODE) or not error.body:
        raise error
    half = answered(_SPLIT, error.body, _REPLACE.path, lambda told: told.data)
    if half.cancelResult != "SUCCESS":
        if half.newOrderResult == "SUCCESS":
            raise OutcomeUnknownError(f"{_REPLACE.path}: the order was not cancelled, yet another was placed")
        raise _refusal(half.cancelResponse, error)
    return Changed(_cancelled(half, order), refusal=_refusal(half.newOrderResponse, error))


def _cancelled(both: wire.ReplaceAnswer, order: Order) -> OrderReport:
    return answered(
        CANCEL,
        bytes(both.cancelResponse),
        _REPLACE.path,
        lambda told: parse.cancel_report(told, told.orderReports, order, order.product),
    )


def _placed(both: wire.ReplaceAnswer, wanted: Order) -> OrderReport:
    return answered(
        ORDER, bytes(both.newOrderResponse), _REPLACE.path, lambda told: parse.report(told, wanted, wanted.product)
    )


def _refusal(half: msgspec.Raw, error: RefusedError) -> RefusedError:
    """Why one half was refused; raises OutcomeUnknownError where its code says that nobody knows."""
    told = answered(_REFUSAL, bytes(half), _REPLACE.path, lambda each: each)
    status, text = error.http_status or 400, parse.words(told.msg) or error.text
    if outcome_of(status, told.code or None, text) is Outcome.UNKNOWN:
        raise OutcomeUnknownError(text, told.code, status)
    return RefusedError(text, told.code or error.code, error.http_status)
