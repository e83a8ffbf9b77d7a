"""What margin orders say beyond those of spot, and what they cannot say (margin docs 2026, 10.2)."""

from collections.abc import Sequence

from tui.binance.order_parameters import Denial, DeniedError
from tui.binance.spot.list_requests import ListKind, ListRequest, list_kind, list_request, old_oco_request
from tui.binance.spot.order_fields import Fields
from tui.binance.spot.order_requests import order_parameters
from tui.binance.spot.traits import SymbolTraits
from tui.domain.order import Order
from tui.domain.order_terms import MarginEffect, SelfTradePrevention

_PREVENTIONS = frozenset(
    {
        SelfTradePrevention.NONE,
        SelfTradePrevention.EXPIRE_TAKER,
        SelfTradePrevention.EXPIRE_MAKER,
        SelfTradePrevention.EXPIRE_BOTH,
    }
)
#: What the legs of a margin bracket may be.
_BRACKET_TYPES = frozenset({"LIMIT_MAKER", "STOP_LOSS", "STOP_LOSS_LIMIT"})
_LIST_EFFECTS = frozenset({MarginEffect.NO_SIDE_EFFECT, MarginEffect.MARGIN_BUY, MarginEffect.AUTO_BORROW_REPAY})
_BORROWING = frozenset({MarginEffect.MARGIN_BUY, MarginEffect.AUTO_BORROW_REPAY})


def borrows(order: Order) -> bool:
    """Whether placing the order may take a loan, which makes the request dear."""
    return order.terms.margin_effect in _BORROWING


def margin_order_parameters(order: Order, traits: SymbolTraits) -> Fields:
    """A placement, without the account's fields; raises DeniedError for what margin cannot do."""
    _check(order)
    return order_parameters(order, traits) | _effect(order.terms.margin_effect)


def margin_list_request(orders: Sequence[Order], list_client_id: str, traits: SymbolTraits, sized: bool) -> ListRequest:
    """The request for a list; raises DeniedError for one that margin does not have.

    What becomes of the loan is said once for the list, by whichever of its orders says it.
    """
    for order in orders:
        _check(order)
    effects = {order.terms.margin_effect for order in orders} - {None}
    if len(effects) > 1:
        raise DeniedError(Denial.LISTS, "all orders of a list have the same effect on the loan")
    effect = next(iter(effects), None)
    kind = list_kind(orders, sized_from_entry=sized)
    if kind in (ListKind.OPO, ListKind.OPOCO):
        raise DeniedError(Denial.LISTS, "margin sizes no legs from what the entry bought: give them a size")
    if kind is not ListKind.OCO and (effect or MarginEffect.NO_SIDE_EFFECT) not in _LIST_EFFECTS:
        raise DeniedError(Denial.MARGIN_EFFECT, "a list cannot repay on its own: use MARGIN_BUY or AUTO_BORROW_REPAY")
    request = (
        old_oco_request(orders, list_client_id, traits)
        if kind is ListKind.OCO
        else list_request(orders, list_client_id, traits, sized_from_entry=False)
    )
    _check_legs(request)
    return ListRequest(request.kind, request.parameters | _effect(effect), request.orders)


def _check(order: Order) -> None:
    if order.terms.peg_price is not None:
        raise DeniedError(Denial.PEG, "margin takes no pegged orders: give a price")
    mode = order.terms.self_trade_prevention
    if mode is not None and mode not in _PREVENTIONS:
        raise DeniedError(
            Denial.SELF_TRADE_PREVENTION,
            f"margin does not offer {mode.value}; it offers {', '.join(sorted(each.value for each in _PREVENTIONS))}",
        )


def _check_legs(request: ListRequest) -> None:
    said = request.parameters
    if request.kind is ListKind.OTOCO:
        odd = {str(said["pendingAboveType"]), str(said["pendingBelowType"])} - _BRACKET_TYPES
        if odd:
            raise DeniedError(
                Denial.LISTS, "a bracket on margin takes profit with a LIMIT order and stops with a stop order"
            )
    if request.kind is ListKind.OCO and "trailingDelta" in said:
        raise DeniedError(Denial.LISTS, "the stop of an OCO does not trail on margin: give it a trigger price alone")
    if "pendingTrailingDelta" in said and "pendingPrice" not in said:
        raise DeniedError(Denial.LISTS, "a trailing leg on margin needs a limit price")


def _effect(effect: MarginEffect | None) -> Fields:
    return {} if effect is None else {"sideEffectType": effect.value}
