"""Changing between single-asset and multi-assets mode (Binance USD-M futures docs, error codes -4167 to -4172)."""

from decimal import Decimal

from tui.exchange.accounts.futures import FuturesLedger
from tui.exchange.rejection import Rejection


def set_multi_assets(ledger: FuturesLedger, account_id: str, wanted: bool, *, has_orders: bool) -> None:
    """Change an account's mode; Rejection -4167, -4169, -4170, -4171 or -4172 when it cannot be."""
    if (account_id in ledger.multi_assets) == wanted:
        raise Rejection(-4171, "No need to change multi-assets mode.")
    if wanted and any(held.is_isolated for _, _, held in ledger.configurations(account_id)):
        raise Rejection(
            -4167, "Unable to adjust to Multi-Assets mode with symbols of USDⓈ-M Futures under isolated-margin mode."
        )
    if has_orders:
        raise Rejection(-4170, "Unable to adjust Multi-Assets Mode with open orders in USDⓈ-M Futures")
    if any(ledger.wallet(account_id, asset) < 0 for asset in ledger.assets(account_id)):
        raise Rejection(-4172, "Unable to adjust Multi-Assets Mode with negative balance in USDⓈ-M Futures")
    change = ledger.multi_assets.add if wanted else ledger.multi_assets.discard
    change(account_id)
    after = ledger.summary(account_id)
    if after.initial_margin > max(Decimal(0), after.margin_balance):
        (ledger.multi_assets.discard if wanted else ledger.multi_assets.add)(account_id)
        raise Rejection(-4169, "Unable to adjust Multi-Assets Mode with insufficient margin balance in USDⓈ-M Futures")
