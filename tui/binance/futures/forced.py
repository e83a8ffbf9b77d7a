"""Orders that the exchange makes itself: how they are told (execution semantics 13.1)."""

from tui.domain.order import Forced

#: By the beginning of the client id, which is looked at before anything else.
_PREFIXES = (
    ("autoclose-", Forced.LIQUIDATION),
    ("adl_autoclose", Forced.ADL),
    ("settlement_autoclose-", Forced.SETTLEMENT),
    ("delivery_autoclose-", Forced.DELIVERY),
)
_TYPES = {"LIQUIDATION": Forced.LIQUIDATION, "ADL": Forced.ADL, "INSURANCE_FUND": Forced.INSURANCE}
_STATES = {"NEW_ADL": Forced.ADL, "NEW_INSURANCE": Forced.INSURANCE}


def forced_kind(client_id: str, execution: str = "", status: str = "", order_type: str = "") -> Forced | None:
    """Why the exchange made an order, None for one that it did not make.

    Binance's words are taken in this order: client id, execution type, state and order type.
    """
    for prefix, kind in _PREFIXES:
        if client_id.startswith(prefix):
            return kind
    told = _STATES.get(status) or _TYPES.get(order_type)
    if execution == "CALCULATED":
        return told or Forced.LIQUIDATION
    return told
