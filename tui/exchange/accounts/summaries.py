"""An account's margin at one moment: by margin asset, or of all assets together in dollars."""

from decimal import Decimal
from typing import TYPE_CHECKING

from tui.exchange.accounts.positions import AccountSummary

if TYPE_CHECKING:
    from tui.exchange.accounts.futures import FuturesLedger

ZERO = Decimal(0)


def summarize(ledger: "FuturesLedger", account_id: str, asset: str) -> AccountSummary:
    """All that has this margin asset; of accounts in multi-assets mode everything is available to each asset."""
    wallet = ledger.wallet(account_id, asset)
    unrealized = position = orders = maintenance = isolated = crossed_profit = crossed_margin = ZERO
    for symbol, side in ledger.touched(account_id):
        if asset != ledger.margin_asset(symbol):
            continue
        held = ledger.held(account_id, symbol, side)
        profit = ledger.unrealized_profit(account_id, symbol, side)
        margin = ledger.position_margin(account_id, symbol, side)
        unrealized += profit
        position += margin
        orders += ledger.open_order_margin(account_id, symbol, side=side)
        maintenance += ledger.maintenance_margin(account_id, symbol, side)
        if held.is_isolated:
            isolated += held.isolated_wallet
        else:
            crossed_profit += profit
            crossed_margin += margin
    available = max(ZERO, wallet - isolated + crossed_profit - crossed_margin - orders)
    if account_id in ledger.multi_assets and ledger.collateral is not None:
        rate = ledger.collateral.rate(asset)
        available = total_in_dollars(ledger, account_id).available / rate.index if rate is not None else ZERO
    return AccountSummary(
        wallet=wallet,
        unrealized_profit=unrealized,
        margin_balance=wallet + unrealized,
        initial_margin=position + orders,
        position_margin=position,
        open_order_margin=orders,
        maintenance_margin=maintenance,
        available=available,
    )


def total_in_dollars(ledger: "FuturesLedger", account_id: str) -> AccountSummary:
    """The whole of an account in multi-assets mode, whose positions are all crossed."""
    assert ledger.collateral is not None
    value = ledger.collateral.value
    wallet = sum((value(asset, ledger.wallet(account_id, asset)) for asset in ledger.assets(account_id)), ZERO)
    unrealized = position = orders = maintenance = ZERO
    legs = ledger.touched(account_id)
    for symbol, side in legs:
        asset = ledger.margin_asset(symbol)
        rate = ledger.collateral.rate(asset)
        index = rate.index if rate is not None else ZERO
        unrealized += value(asset, ledger.unrealized_profit(account_id, symbol, side))
        position += ledger.position_margin(account_id, symbol, side) * index
        orders += ledger.open_order_margin(account_id, symbol, side=side) * index
        maintenance += ledger.maintenance_margin(account_id, symbol, side) * index
    balance = worth_in_dollars(ledger, account_id, list(legs))
    return AccountSummary(
        wallet=wallet,
        unrealized_profit=unrealized,
        margin_balance=balance,
        initial_margin=position + orders,
        position_margin=position,
        open_order_margin=orders,
        maintenance_margin=maintenance,
        available=max(ZERO, balance - position - orders),
    )


def worth_in_dollars(ledger: "FuturesLedger", account_id: str, legs: list[tuple[str, str]]) -> Decimal:
    """All wallets with the profit of some positions, each asset by its own balance."""
    assert ledger.collateral is not None
    amounts = {asset: ledger.wallet(account_id, asset) for asset in ledger.assets(account_id)}
    for leg in legs:
        asset = ledger.margin_asset(leg[0])
        amounts[asset] = amounts.get(asset, ZERO) + ledger.unrealized_profit(account_id, *leg)
    return sum((ledger.collateral.value(asset, amount) for asset, amount in amounts.items()), ZERO)
