"""What trading on spot costs an account, in Binance's words."""

from decimal import Decimal

from tui.exchange.accounts.spot import BNB_DISCOUNT
from tui.exchange.server.desk import Desk
from tui.exchange.server.notation import eight

Body = dict[str, object]

_ZERO = eight(Decimal(0))


def rates(maker: Decimal, taker: Decimal) -> Body:
    """Maker and taker; buying and selling cost nothing on top."""
    return {"maker": eight(maker), "taker": eight(taker), "buyer": _ZERO, "seller": _ZERO}


def standard_rates(desk: Desk, account_id: str, symbol: str) -> Body:
    """The rates of a symbol."""
    assert desk.venue.spot is not None
    return rates(*desk.venue.spot.commission_rates(account_id, symbol))


def discount(desk: Desk, account_id: str) -> Body:
    """Whether commission is paid in BNB, and which part of it then remains."""
    assert desk.venue.spot is not None
    return {
        "enabledForAccount": account_id in desk.venue.spot.pays_fees_in_bnb,
        "enabledForSymbol": True,
        "discountAsset": "BNB",
        "discount": eight(BNB_DISCOUNT),
    }


def commission_for_order(desk: Desk, account_id: str, symbol: str) -> Body:
    """What `order/test` adds with `computeCommissionRates`."""
    standard = standard_rates(desk, account_id, symbol)
    return {
        "standardCommissionForOrder": {"maker": standard["maker"], "taker": standard["taker"]},
        "specialCommissionForOrder": {"maker": _ZERO, "taker": _ZERO},
        "taxCommissionForOrder": {"maker": _ZERO, "taker": _ZERO},
        "discount": discount(desk, account_id),
    }


def commission_of_account(desk: Desk, account_id: str, symbol: str) -> Body:
    """What `account/commission` tells."""
    none = rates(Decimal(0), Decimal(0))
    return {
        "symbol": symbol,
        "standardCommission": standard_rates(desk, account_id, symbol),
        "specialCommission": none,
        "taxCommission": none,
        "discount": discount(desk, account_id),
    }
