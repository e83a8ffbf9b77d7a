"""Moving funding between the holders of a contract."""

from decimal import ROUND_HALF_EVEN, Decimal

from tui.exchange.accounts.futures import AMOUNT_UNIT, FuturesLedger
from tui.exchange.accounts.names import ROUNDING

ZERO = Decimal(0)


def charge_funding(ledger: FuturesLedger, symbol: str, rate: Decimal) -> list[tuple[str, str, Decimal]]:
    """Move funding between the holders of a symbol at the mark price; returns account, side and what it received.

    What rounding leaves over goes to the account that collects it.
    """
    asset, left = ledger.margin_asset(symbol), ZERO
    paid: list[tuple[str, str, Decimal]] = []
    held_by = ((account, *leg) for account in ledger.holders() for leg in ledger.open_legs(account))
    holders = [(account, side) for account, name, side in held_by if name == symbol]
    for account_id, side in holders:
        payment = -(ledger.notional(account_id, symbol, side) * rate).quantize(AMOUNT_UNIT, ROUND_HALF_EVEN)
        ledger.credit(account_id, asset, payment)
        held = ledger.held(account_id, symbol, side)
        if held.is_isolated:
            held.isolated_wallet += payment
        paid.append((account_id, side, payment))
        left -= payment
    if left:
        ledger.credit(ROUNDING, asset, left)
    return paid
